"""Null vectors of generators and rate matrices: ``python -m tests.speed.steady_states``.

Prints problem, terms, our seconds (exact kernel, expanded; structured program; end to end from
operators to reduced fractions; conversion to SymPy), SymPy's DomainMatrix routes and its
unsimplified ``LUsolve``, Singular and FriCAS where installed, and ratios to our kernel, in one run.
Every tool runs in a process of its own with a limit (``--limit`` seconds); ``--json FILE`` writes
the rows. All times are processor time, so that other work on the machine does not change the
ratios, and medians of repeated calls; what SymPy remembers of an expression is cleared before each
of its calls.
Singular is given the block of the populations, which we find ourselves, and also the whole matrix.
It takes turns with us, warm, in one process each, and the median of the ratios is what counts; its
first call, which takes a few tenths of a millisecond more, is shown beside it.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import multiprocessing
import os
import shutil
import signal
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import sympy as sp
from sympy.core.cache import clear_cache

from symtherm.exact.kernel import kernel
from symtherm.exact.matrix import SparseMatrix, connected_blocks
from symtherm.exact.program import null_program
from symtherm.exact.writer import poly_expr
from tests.speed.fricas import null_space_seconds
from tests.speed.problems import GENERATORS, PROBLEMS, matrix_of
from tests.speed.singular import in_turns

__all__ = ["main"]


def _timed(function: Callable[[], Any], least: int = 3, forget: bool = False) -> tuple[float, Any]:
    """The median of calls; ``forget`` clears what SymPy remembers of the one before."""
    times, result, start = [], None, time.perf_counter()
    while len(times) < least or (time.perf_counter() - start < 0.2 and len(times) < 2000):
        if forget:
            clear_cache()
        tick = time.process_time()
        result = function()
        times.append(time.process_time() - tick)
        if times[-1] > 2:
            break
    return median(times), result


def _population_block(matrix: SparseMatrix, dim: int) -> tuple[SparseMatrix, list[int]]:
    (block,) = [b for b in connected_blocks(matrix) if b[0] < dim]
    return matrix.block(block), [k for k, i in enumerate(block) if i < dim]


def _kernel(matrix: SparseMatrix, dim: int) -> list[Any]:
    block, populations = _population_block(matrix, dim)
    return kernel(block, populations)


def ours(name: str) -> dict[str, Any]:
    matrix, dim = PROBLEMS[name]()
    seconds, (vector,) = _timed(lambda: _kernel(matrix, dim))
    row: dict[str, Any] = {"kernel": seconds, "terms": sum(len(v.num) for v in vector.values())}
    given = _population_block(matrix, dim)
    row["kernel of the block"], _ = _timed(lambda: kernel(*given))
    if not matrix.base.roots:
        block, populations = _population_block(matrix, dim)
        row["program"], program = _timed(lambda: null_program(block, populations))
        row["steps"] = len(program)
    if name in GENERATORS:

        def whole() -> list[Any]:
            _, fresh = matrix_of(GENERATORS[name]())
            (found,) = _kernel(fresh, dim)
            trace = sum((v for k, v in found.items() if k < dim), next(iter(found.values())) * 0)
            return [v / trace for v in found.values()]

        row["end to end"], _ = _timed(whole, least=1)
    if row["terms"] < 20_000:
        names = [sp.Symbol(f"g{i}") for i in range(matrix.base.size)]
        polys = [v.num for v in vector.values()]
        row["to SymPy"], _ = _timed(lambda: [poly_expr(p, names) for p in polys], least=1)
    return row


def _symbolic(name: str) -> sp.Matrix:
    matrix, _ = PROBLEMS[name]()
    names = [sp.Symbol(f"g{i}") for i in range(matrix.base.size)]
    for index, radicand in matrix.base.roots:
        names[index] = sp.sqrt(poly_expr(radicand, names))
    dense = sp.zeros(matrix.size)
    for (i, j), v in matrix.entries.items():
        dense[i, j] = poly_expr(v.num, names) / poly_expr(v.den, names)
    return dense


def domain_matrix(name: str, route: str) -> float:
    from sympy.polys.matrices import DomainMatrix

    dense = _symbolic(name)
    field = DomainMatrix.from_Matrix(dense, extension=True).to_field().to_sparse()
    whole = DomainMatrix.from_Matrix(2 * dense, extension=True).to_sparse()
    calls: dict[str, Callable[[], Any]] = {
        "nullspace": field.nullspace,
        "ring nullspace": whole.nullspace,
        "rref": lambda: field.rref(method="GJ"),
    }
    return _timed(calls[route], least=1, forget=True)[0]


def lu_solve(name: str) -> float:
    """SymPy's LUsolve of the normalised system, without any simplification of its answer."""
    dense = _symbolic(name)
    _, dim = PROBLEMS[name]()
    right = sp.zeros(dense.rows, 1)
    dense[0, :] = sp.Matrix([[1 if j < dim else 0 for j in range(dense.cols)]])
    right[0] = 1
    return _timed(lambda: dense.LUsolve(right), least=1, forget=True)[0]


def singular(name: str, whole: bool = False) -> dict[str, float]:
    """Singular's syz of the columns, in turns with ours; the first call of its process beside it.

    Of the block of the populations, which is found for it, against our kernel of the block, or of
    the whole matrix against our kernel with the split.
    """
    matrix, dim = PROBLEMS[name]()
    if whole:
        return in_turns(matrix, lambda: _kernel(matrix, dim))
    given = _population_block(matrix, dim)
    return in_turns(given[0], lambda: kernel(*given))


def fricas(name: str) -> float:
    """FriCAS's nullSpace of the population block over the field of fractions, its own timer."""
    matrix, dim = PROBLEMS[name]()
    return null_space_seconds(_population_block(matrix, dim)[0])


# Given the block of the populations, not the whole matrix.
BLOCK = ("Singular syz", "FriCAS nullSpace")


def _worker(queue: Any, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    os.setsid()
    try:
        queue.put(function(*arguments))
    except Exception as error:
        queue.put(f"{type(error).__name__}")


def limited(limit: float, function: Callable[..., Any], *arguments: Any) -> Any:
    """The result, ``None`` past the limit, or the name of an error."""
    queue: Any = multiprocessing.Queue()
    process = multiprocessing.Process(target=_worker, args=(queue, function, arguments))
    process.start()
    try:
        return queue.get(timeout=limit)
    except Exception:
        return None
    finally:
        # The group, so that what the tool started ends with it.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.join()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json")
    parser.add_argument("--limit", type=float, default=30)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    tools: list[tuple[str, Callable[..., Any], tuple[Any, ...]]] = [
        ("DomainMatrix nullspace", domain_matrix, ("nullspace",)),
        ("DomainMatrix ring nullspace", domain_matrix, ("ring nullspace",)),
        ("DomainMatrix rref GJ", domain_matrix, ("rref",)),
        ("LUsolve, unsimplified", lu_solve, ()),
    ]
    if shutil.which("Singular"):
        tools.append(("Singular syz", singular, ()))
        tools.append(("Singular syz, whole matrix", singular, (True,)))
    if shutil.which("fricas"):
        tools.append(("FriCAS nullSpace", fricas, ()))
    rows = []
    for name in PROBLEMS:
        if options.only not in name:
            continue
        mine = limited(300, ours, name)
        print(f"{name}: {mine['terms']} terms")
        for stage in ("kernel", "kernel of the block", "program", "end to end", "to SymPy"):
            if stage in mine:
                print(f"    ours, {stage:<28} {mine[stage]:>11.6f} s")
                rows.append(
                    {
                        "problem": name,
                        "tool": "symtherm",
                        "stage": stage,
                        "seconds": mine[stage],
                        "terms": mine["terms"],
                    }
                )
        for tool, function, extra in tools:
            seconds = limited(options.limit, function, name, *extra)
            own = mine["kernel of the block" if tool in BLOCK else "kernel"]
            more: dict[str, float] = {}
            if isinstance(seconds, dict):
                more, seconds = seconds, seconds["singular"]
                shown = f"{seconds:>11.6f} s  {more['ratio']:>10.2f} x our kernel"
                shown += f" ({more['ours']:.6f} s in turns; its first call {more['first']:.6f} s)"
            elif isinstance(seconds, float):
                shown = f"{seconds:>11.6f} s  {seconds / own:>10.1f} x our kernel"
            elif seconds is None:
                floor = options.limit / own
                shown = f"   > {options.limit:.0f} s    > {floor:.0f} x our kernel"
            else:
                shown = f"   {seconds}"
            print(f"    {tool:<34} {shown}", flush=True)
            rows.append(
                {
                    "problem": name,
                    "tool": tool,
                    "stage": "kernel",
                    "seconds": seconds if isinstance(seconds, float) else None,
                    "terms": mine["terms"],
                    **({"in turns": more} if more else {}),
                }
            )
    if options.json:
        with open(options.json, "w") as stream:
            json.dump(rows, stream, indent=1)


if __name__ == "__main__":
    main()
