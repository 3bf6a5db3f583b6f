"""How fast and how accurate evaluators are: ``python -m tests.speed.evaluators``.

Nanoseconds of the processor per point, all threads added up, so that other work on the machine is
left out: medians of rounds in which all tools run one after the other, and medians of the ratios
within a round, to ours on one thread. What runs on all cores has the shortest time on the wall,
with which the others' processor time is compared. ``--json FILE`` writes rows of model, tool,
ns_per_point and first_result_seconds; ``--accuracy`` prints errors in units in the last place
instead, ``--sweep`` the time per point and the memory of sweeps of 1e6 and 1e8 points.

The first number of ours is that of a fresh process: from a ledger whose quantities were derived in
structured form to the values at a thousand points, with an empty cache of compiled code.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from statistics import median

import numpy as np
import sympy as sp

from symtherm import Axis, evaluator, sweep
from symtherm.numeric.evaluator import Evaluator
from symtherm.numeric.tape import Instruction, Tape
from symtherm.numeric.threads import available, shared
from tests.numeric.machines import MACHINES, machine_points
from tests.numeric.regimes import MODELS, REGIMES, Case, compared, points, ulps

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


def timed(run: Callable[[int], object], count: int) -> tuple[float, float]:
    """Nanoseconds per point: of the processor, all threads, and on the wall."""
    wall, start = time.perf_counter(), time.process_time()
    run(count)
    own, all_ = time.process_time() - start, time.perf_counter() - wall
    return own / count * 1e9, all_ / count * 1e9


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

    book = case.make()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CACHE_HOME"] = folder
        for backend in ("numpy", "c", "array_api"):
            f = evaluator(book, names, quantities=case.timed, backend=backend, threads=1)
            f(**part(1000))
            first[f"symtherm {backend}"] = fresh_process("--first", case.name, backend)["seconds"]
            yield f"symtherm {backend}", POINTS, lambda n, f=f: f(**part(n))
            if backend != "array_api":
                every = f.with_threads(None)
                yield f"{backend}, all cores", POINTS, lambda n, f=every: f(**part(n))
                bare = uncompensated(f)
                yield f"{backend}, bare", POINTS, lambda n, f=bare: f(**part(n))
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


def fresh_process(*arguments: str) -> dict[str, float]:
    """What this module prints as its last line for these arguments, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-m", "tests.speed.evaluators", *arguments],
            check=True, capture_output=True, text=True,
            env={**os.environ, "XDG_CACHE_HOME": folder},
        )  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1])


def first_number(name: str, backend: str) -> dict[str, float]:
    case = MODELS[name]
    values = points(case, "generic", 1000, seed=1)
    case.book.structured(*(q for q in case.timed if not q.startswith("population")))
    start = time.perf_counter()
    evaluator(case.book, list(values), quantities=case.timed, backend=backend)(**values)
    return {"seconds": time.perf_counter() - start}


def uncompensated(function: Evaluator) -> Evaluator:
    """The same program without the low halves of exponents and affinities: what they cost."""
    tape = Tape(len(function.parameters))
    place: list[int] = list(range(tape.offset))
    zero = tape.constant(0.0)
    for op, args, value in function.program:
        x = [place[a] for a in args]
        if op in ("mulerr", "residual") or (op == "mul" and zero in x):
            place.append(zero)
        elif op == "add" and zero in x:
            place.append(x[0] if x[1] == zero else x[1])
        elif op == "sub" and x[1] == zero:
            place.append(x[0])
        else:
            place.append(tape.emit(Instruction(op, tuple(x), value)))
    program, outputs = tape.pruned([place[k] for k in function.outputs])
    return replace(function, program=program, outputs=outputs, _cache={}, _schedules={})


class Timed:
    """An evaluator that adds up the seconds of the processor that it takes."""

    def __init__(self, function: Evaluator) -> None:
        self.function, self.seconds = function, 0.0

    def __getattr__(self, name: str) -> object:
        return getattr(self.function, name)

    def __call__(self, **values: object) -> object:
        start = time.thread_time()
        found = self.function(**values)
        self.seconds += time.thread_time() - start
        return found


def one_sweep(side: int, backend: str) -> dict[str, float]:
    """The largest entropy production of the maser on a grid of side^2 temperatures, one thread."""
    case = MODELS["maser"]
    at = {name: float(v[0]) for name, v in points(case, "generic", 1, seed=1).items()}
    f = Timed(evaluator(case.book, list(at), quantities=case.timed, backend=backend, threads=1))
    grid = {**at, "T_h": Axis(1, 20, side), "T_c": Axis(0.1, 1, side)}

    def largest(best: float, where: object, out: dict[str, np.ndarray]) -> float:
        return max(best, float(out["entropy_production"].max()))

    own, whole = [], []
    for _ in range(max(1, 15 * 1000**2 // side**2)):  # a short sweep is repeated
        f.seconds = 0.0
        start = time.thread_time()
        sweep(f, grid, reduce=largest, initial=0.0)
        whole.append((time.thread_time() - start) / side**2 * 1e9)
        own.append(f.seconds / side**2 * 1e9)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"ns": median(own), "with_reduction_ns": median(whole), "MB": peak}


def sweeps() -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    print(f"{'backend':<10}{'points':>8}{'ns/point':>10}{'all':>8}{'MB':>8}  time per point to 1e6")
    for backend in ("numpy", "c"):
        found = {}
        for side in (1000, 10_000):  # medians of processes of their own
            runs = [fresh_process("--one-sweep", str(side), backend) for _ in range(3)]
            found[side] = {key: median(r[key] for r in runs) for key in runs[0]}
            ratio = found[side]["ns"] / found[1000]["ns"]
            print(
                f"{backend:<10}{side**2:>8.0e}{found[side]['ns']:>10.2f}"
                f"{found[side]['with_reduction_ns']:>8.2f}{found[side]['MB']:>8.0f}  {ratio:.2f}"
            )
            rows.append({"backend": backend, "points": side**2, "ratio": ratio, **found[side]})
    return rows


def roof(case: Case) -> dict[str, tuple[float, float]]:
    """ns per point of reading the parameters and writing the outputs, and of one exp."""
    arrays = len(case.symbols) + len(case.timed)
    a, b = np.random.default_rng(0).random((2, POINTS * 4))
    out = np.empty_like(a)
    cores = available(None)
    step = a.size // (8 * cores)

    def part(blocks: Iterator[int]) -> None:
        for k in blocks:
            np.add(a[k : k + step], b[k : k + step], out=out[k : k + step])

    triad = min(timed(lambda n: np.add(a, b, out=out), a.size) for _ in range(5))
    every = min(
        (timed(lambda n: shared(range(0, a.size, step), part, cores), a.size) for _ in range(5)),
        key=lambda pair: pair[1],
    )
    near, target = a[:8192], out[:8192]
    exp = min(timed(lambda n: np.exp(near, out=target), near.size) for _ in range(50))
    return {
        "memory roof": (triad[0] / 3 * arrays, triad[1] / 3 * arrays),
        "memory roof, all cores": (every[0] / 3 * arrays, every[1] / 3 * arrays),
        "exp in cache": exp,
    }


def speed(rounds: int) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    print(f"{available(None)} cores")
    for case in MODELS.values():
        if not case.timed:
            continue
        values = points(case, "generic", POINTS, seed=1)
        first: dict[str, float] = {}
        found = list(tools(case, values, first))
        times: dict[str, list[tuple[float, float]]] = {name: [] for name, _, _ in found}
        for _ in range(rounds):
            for name, count, run in found:
                times[name].append(timed(run, count))
            for name, value in roof(case).items():
                times.setdefault(name, []).append(value)
        print(f"\n{case.name}: parameters {', '.join(values)}; outputs {', '.join(case.timed)}")
        print(
            f"{'tool':<24}{'ns/point':>10}{'x numpy':>10}{'x c':>10}{'all: x numpy':>14}{'x c':>8}"
            f"{'first, s':>10}  target"
        )
        best = {name: min(wall for _, wall in series) for name, series in times.items()}
        for name, series in times.items():
            ratios = [
                median(t[0] / u[0] for t, u in zip(series, times[ours], strict=True))
                for ours in ("symtherm numpy", "symtherm c")
            ]
            own = best[name] if "all cores" in name else median(t for t, _ in series)
            ratios += [own / best[f"{ours}, all cores"] for ours in ("numpy", "c")]
            start = first.get(name.split(" (")[0].split(" jit")[0], float("nan"))
            target = TARGETS.get((case.name, name))
            aim = "" if target is None else f"{target[0]:g} {target[1]:g}"
            print(
                f"{name:<24}{own:>10.4g}{ratios[0]:>10.3g}{ratios[1]:>10.3g}{ratios[2]:>14.3g}"
                f"{ratios[3]:>8.3g}{start:>10.3f}  {aim}"
            )
            rows.append(
                {
                    "model": case.name,
                    "tool": name,
                    "ns_per_point": own,
                    "first_result_seconds": None if start != start else start,
                }
            )
    return rows


def accuracy(count: int) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    print(f"{'model':<16}{'regime':<25}{'tool':<14}{'median':>9}{'worst':>9}  ulp")
    for case in (*MODELS.values(), *MACHINES.values()):
        own = case.name in MACHINES
        for regime in REGIMES:
            values = (machine_points if own else points)(case, regime, count)
            # Chemical potentials count as rates: exponents of 1e5 where rates are stiff.
            lost = 1500 if regime.startswith("beta omega") else 400 if own else 60
            for tool, function in _accurate_tools(case, list(values), own):
                backend = tool if function is None else "numpy"
                found = np.array([
                    ulps(got[name], want[name])
                    for got, want in compared(case, values, backend, lost, function)
                    for name in want
                ])  # fmt: skip
                middle, worst = float(np.median(found)), float(np.max(found))
                rows.append({"model": case.name, "regime": regime, "backend": tool,
                             "median": middle, "worst": worst})  # fmt: skip
                print(f"{case.name:<16}{regime:<25}{tool:<14}{middle:>9.3g}{worst:>9.3g}")
    return rows


def _accurate_tools(case: Case, names: list[str], own: bool) -> Iterator[tuple[str, object]]:
    """Backends, and for the timed models the same closed forms by ``lambdify`` and JAX."""
    yield "numpy", None
    yield "c", None
    if own or not case.timed:
        return
    exprs = [case.book.expression(q) for q in case.book.quantities]
    symbols = [case.symbols[name] for name in names]

    def named(function: Callable[..., Sequence[object]]) -> Callable[..., dict[str, np.ndarray]]:
        def call(**values: np.ndarray) -> dict[str, np.ndarray]:
            size = len(next(iter(values.values())))
            with np.errstate(all="ignore"):
                found = function(**values)
            return {
                q: np.broadcast_to(np.asarray(v, dtype=float), size)
                for q, v in zip(case.book.quantities, found, strict=True)
            }

        return call

    yield "lambdify cse", named(sp.lambdify(symbols, exprs, "numpy", cse=True))
    if importlib.util.find_spec("jax"):
        import jax

        jax.config.update("jax_enable_x64", True)
        yield "jax jit", named(jax.jit(sp.lambdify(symbols, exprs, "jax", cse=True)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json")
    parser.add_argument("--accuracy", action="store_true")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--points", type=int, default=100, help="per regime, with --accuracy")
    parser.add_argument("--sweep", action="store_true")
    parser.add_argument("--first", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--one-sweep", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.first or options.one_sweep:
        name, backend = options.first or options.one_sweep
        print(json.dumps(
            first_number(name, backend) if options.first else one_sweep(int(name), backend)
        ))  # fmt: skip
        return
    if options.sweep:
        rows = sweeps()
        _write(options.json, rows)
        return
    rows = accuracy(options.points) if options.accuracy else speed(options.rounds)
    _write(options.json, rows)


def _write(path: str | None, rows: list[dict[str, object]]) -> None:
    if path:
        with open(path, "w") as stream:
            json.dump(rows, stream, indent=1)


if __name__ == "__main__":
    main()
