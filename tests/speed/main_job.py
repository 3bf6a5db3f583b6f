"""How fast the main job is, as ratios within one run: ``python -m tests.speed.main_job``.

Each figure is the median of several runs; the yardstick (``import sympy``, SymPy's DomainMatrix)
is timed alternately with ours on the same machine. ``--json FILE`` writes the rows.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from statistics import median

import sympy as sp
from sympy.polys.matrices import DomainMatrix

from symtherm import model
from symtherm.exact.alphabet import alphabet
from symtherm.exact.kernel import kernel
from symtherm.exact.matrix import connected_blocks
from symtherm.quantum.superoperator import real_generator

REPEATS = 7


def process(*arguments: str, cwd: str | None = None) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True, cwd=cwd)
    return time.perf_counter() - start


def processes() -> list[dict[str, object]]:
    """Whole processes: the derivation and the bare import, against ``import sympy``."""
    times: dict[str, list[float]] = {"import sympy": [], "import symtherm": [], "derive": []}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(REPEATS):
            times["import sympy"].append(process("-c", "import sympy"))
            times["import symtherm"].append(process("-c", "import symtherm"))
            times["derive"].append(
                process("-m", "symtherm.cli", "derive", "three-level-maser", cwd=folder)
            )
    base = median(times["import sympy"])
    return [
        {"task": name, "seconds": median(t), "ratio": median(t) / base, "yardstick": "import sympy"}
        for name, t in times.items()
    ]


def maser_matrix():
    """The maser's 9x9 generator in Hermitian coordinates, occupations as symbols of their own."""
    m = model("three-level-maser")
    L = m.generator
    names = {}
    for pair in L.pairs:
        names[pair.occupation] = sp.Symbol(f"n_{pair.bath.label}", positive=True)
    jumps = [(j.operator, j.rate.xreplace(names)) for j in L.jumps]
    space = alphabet([*(r for _, r in jumps), *(v for _, _, v in L.hamiltonian.data)])
    return space, real_generator(space, L.hamiltonian, jumps)


def ours(matrix, dim: int) -> float:
    start = time.perf_counter()
    found = []
    for block in connected_blocks(matrix):
        populations = [k for k, index in enumerate(block) if index < dim]
        found += kernel(matrix.block(block), populations) if populations else []
    elapsed = time.perf_counter() - start
    assert len(found) == 1
    return elapsed


def domain_matrix_routes(space, matrix) -> dict[str, float]:
    """SymPy's own null spaces of the same matrix, dense and sparse."""
    dense = sp.zeros(matrix.size)
    for (i, j), value in matrix.entries.items():
        dense[i, j] = space.poly_expr(value.num) / space.poly_expr(value.den)
    field = DomainMatrix.from_Matrix(dense).to_field()
    times = {}
    ring = DomainMatrix.from_Matrix(2 * dense)
    routes = {
        "field nullspace": field.to_dense().nullspace,
        "sparse field nullspace": field.to_sparse().nullspace,
        "ring nullspace": ring.to_dense().nullspace,
        "sparse ring nullspace": ring.to_sparse().nullspace,
        "sparse field rref GJ": lambda: field.to_sparse().rref(method="GJ"),
        "sparse ring rref GJ": lambda: ring.to_sparse().rref_den(method="GJ"),
    }
    for name, route in routes.items():
        start = time.perf_counter()
        route()
        times[name] = time.perf_counter() - start
    return times


def kernels() -> list[dict[str, object]]:
    space, matrix = maser_matrix()
    mine = median(ours(matrix, 3) for _ in range(25))
    routes: dict[str, list[float]] = {}
    for _ in range(3):
        for name, seconds in domain_matrix_routes(space, matrix).items():
            routes.setdefault(name, []).append(seconds)
    rows: list[dict[str, object]] = [
        {"task": "maser 9x9 kernel, ours", "seconds": mine, "ratio": 1.0, "yardstick": "ours"}
    ]
    for name, seconds in routes.items():
        rows.append(
            {
                "task": f"maser 9x9 kernel, DomainMatrix {name}",
                "seconds": median(seconds),
                "ratio": median(seconds) / mine,
                "yardstick": "ours",
            }
        )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json")
    options = parser.parse_args()
    rows = processes() + kernels()
    width = max(len(str(r["task"])) for r in rows)
    for r in rows:
        print(
            f"{r['task']!s:<{width}}  {r['seconds']:>10.5f} s   {r['ratio']:>9.2f} x {r['yardstick']}"
        )
    if options.json:
        with open(options.json, "w") as stream:
            json.dump(rows, stream, indent=1)


if __name__ == "__main__":
    main()
