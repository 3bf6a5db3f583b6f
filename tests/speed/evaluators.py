"""How fast and how accurate evaluators are: ``python -m tests.speed.evaluators``.

Nanoseconds per point, medians of rounds in which all tools run one after the other; the ratios are
medians of the ratios within a round. ``--json FILE`` writes rows of model, tool, ns_per_point and
first_result_seconds; ``--accuracy`` prints errors in units in the last place instead.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from statistics import median

import numpy as np
import sympy as sp

from symtherm import evaluator
from tests.numeric.regimes import MODELS, REGIMES, Case, errors, points

POINTS = 1_000_000
TARGETS = {  # (model, tool): smallest ratio of the tool's time to ours by (numpy, c)
    ("maser", "qutip svd"): (5e3, 2e4),
    ("refrigerator", "qutip svd"): (1e4, 4e4),
    ("maser", "qthermo"): (1e5, 1e5),
    ("refrigerator", "qthermo"): (5e4, 5e4),
    ("maser", "lambdify"): (8, 40),
    ("refrigerator", "lambdify cse"): (40, 150),
}

Tool = tuple[str, int, Callable[[int], object]]


def timed(run: Callable[[int], object], count: int) -> float:
    start = time.perf_counter()
    run(count)
    return (time.perf_counter() - start) / count * 1e9


def tools(case: Case, values: dict[str, np.ndarray], first: dict[str, float]) -> Iterator[Tool]:
    """(name, points per run, run); ``first`` gets the seconds to a first number."""
    names = list(values)

    def part(count: int) -> dict[str, np.ndarray]:
        return {name: value[:count] for name, value in values.items()}

    def made(tool: str, make: Callable[[], Callable[..., object]]) -> Callable[..., object]:
        start = time.perf_counter()
        function = make()
        function(**part(1000))
        first[tool] = time.perf_counter() - start
        return function

    book = case.make()  # a fresh ledger: nothing of the structured form is cached
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CACHE_HOME"] = folder
        for backend in ("numpy", "c", "array_api"):
            book = case.make()
            f = made(
                f"symtherm {backend}",
                lambda b=backend, k=book: evaluator(k, names, quantities=case.timed, backend=b),
            )
            yield f"symtherm {backend}", POINTS, lambda n, f=f: f(**part(n))
            if backend == "numpy":
                one = {name: float(value[0]) for name, value in values.items()}
                f(**one)
                yield "symtherm single", 1000, lambda n, f=f, one=one: [f(**one) for _ in range(n)]
    exprs = [book.expression(name) for name in case.timed]
    symbols = [case.symbols[name] for name in names]
    for tool, cse in (("lambdify", False), ("lambdify cse", True)):
        if tool == "lambdify" and case.name == "refrigerator":
            continue
        f = made(tool, lambda cse=cse: sp.lambdify(symbols, exprs, "numpy", cse=cse))
        yield tool, POINTS, lambda n, f=f: f(**part(n))
    if importlib.util.find_spec("numba"):
        f = made(
            "numba",
            lambda: _numba(symbols, exprs),
        )
        yield "numba (lambdify cse)", POINTS // 4, lambda n, f=f: f(**part(n))
    if importlib.util.find_spec("jax"):
        import jax

        jax.config.update("jax_enable_x64", True)
        f = made("jax", lambda: jax.jit(sp.lambdify(symbols, exprs, "jax", cse=True)))
        yield (
            "jax jit (lambdify cse)",
            POINTS // 4,
            lambda n, f=f: [x.block_until_ready() for x in f(**part(n))],
        )
    yield "batched solve", 2000, case.batched(values)
    yield "qutip default", 3, case.qutip(values, "direct")
    yield "qutip svd", 30, case.qutip(values, "svd")
    if importlib.util.find_spec("qthermo"):
        yield "qthermo", 10, case.qthermo(values)


def _numba(symbols: list[sp.Symbol], exprs: list[sp.Expr]) -> Callable[..., object]:
    """The loop over points around the ``lambdify`` function, both compiled."""
    import numba

    inner = numba.njit(sp.lambdify(symbols, exprs, "math", cse=True))
    count = len(exprs)

    @numba.njit
    def loop(table: np.ndarray) -> np.ndarray:
        result = np.empty((count, table.shape[1]))
        for i in range(table.shape[1]):
            row = inner(*_row(table, i))
            for k in range(count):
                result[k, i] = row[k]
        return result

    size = len(symbols)

    @numba.njit
    def _row(table: np.ndarray, i: int) -> tuple[float, ...]:
        return numba.np.unsafe.ndarray.to_fixed_tuple(table[:, i].copy(), size)

    return lambda **values: loop(np.array([values[str(s)] for s in symbols]))


def roof(case: Case) -> dict[str, float]:
    """ns per point of reading the parameters and writing the outputs, and of one exp."""
    arrays = len(case.symbols) + len(case.timed)
    a, b = np.random.default_rng(0).random((2, POINTS * 4))
    out = np.empty_like(a)
    triad = min(timed(lambda n: np.add(a, b, out=out), a.size) for _ in range(5)) / 3
    part, target = a[:8192], out[:8192]
    exp = min(timed(lambda n: np.exp(part, out=target), part.size) for _ in range(50))
    return {"memory roof": triad * arrays, "exp in cache": exp}


def speed(rounds: int) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for case in MODELS.values():
        if not case.timed:
            continue
        values = points(case, "generic", POINTS, seed=1)
        first: dict[str, float] = {}
        found = list(tools(case, values, first))
        times: dict[str, list[float]] = {name: [] for name, _, _ in found}
        for _ in range(rounds):
            for name, count, run in found:
                times[name].append(timed(run, count))
            for name, value in roof(case).items():
                times.setdefault(name, []).append(value)
        print(f"\n{case.name}: parameters {', '.join(values)}; outputs {', '.join(case.timed)}")
        print(f"{'tool':<24}{'ns/point':>12}{'x numpy':>10}{'x c':>10}{'first, s':>10}  target")
        for name, series in times.items():
            ratio = [
                median(t / u for t, u in zip(series, times[ours], strict=True))
                for ours in ("symtherm numpy", "symtherm c")
            ]
            start = first.get(name.split(" (")[0].split(" jit")[0], float("nan"))
            target = TARGETS.get((case.name, name))
            aim = "" if target is None else f"{target[0]:g} {target[1]:g}"
            print(
                f"{name:<24}{median(series):>12.4g}{ratio[0]:>10.3g}{ratio[1]:>10.3g}"
                f"{start:>10.3f}  {aim}"
            )
            rows.append(
                {
                    "model": case.name,
                    "tool": name,
                    "ns_per_point": median(series),
                    "first_result_seconds": None if start != start else start,
                }
            )
    return rows


def accuracy(count: int) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    print(f"{'model':<16}{'regime':<25}{'backend':<11}{'median':>8}{'worst':>8}  ulp")
    for case in MODELS.values():
        for regime in REGIMES:
            for backend in ("numpy", "c"):
                found = errors(case, regime, count, backend)
                row = {
                    "model": case.name,
                    "regime": regime,
                    "backend": backend,
                    "median": float(np.median(found)),
                    "worst": float(np.max(found)),
                }
                rows.append(row)
                print(
                    f"{case.name:<16}{regime:<25}{backend:<11}"
                    f"{row['median']:>8.2f}{row['worst']:>8.2f}"
                )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json")
    parser.add_argument("--accuracy", action="store_true")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--points", type=int, default=100, help="per regime, with --accuracy")
    options = parser.parse_args()
    rows = accuracy(options.points) if options.accuracy else speed(options.rounds)
    if options.json:
        with open(options.json, "w") as stream:
            json.dump(rows, stream, indent=1)


if __name__ == "__main__":
    main()
