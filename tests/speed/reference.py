"""How fast certified values are, within one run: ``python -m tests.speed.reference``.

Ours prove every digit; mpmath's do not. The generator is a dense random GKLS generator with
rational entries, and t = 1; both are printed. Each figure is the processor time of the fastest of several
runs (half a second of them at least), of one for mp.quad: the machine may be shared.
``--json FILE`` writes rows {task, tool, digits, dimension, seconds}; ``--quick`` leaves out mp.quad.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from fractions import Fraction
from math import log

import sympy
from mpmath import mp

from symtherm.numeric.enclosure import Enclosed
from symtherm.numeric.generator import NumericGenerator, superoperator
from symtherm.numeric.initial import initial_coordinates
from symtherm.numeric.integrate import entropy_production_rate, evolve
from symtherm.numeric.system import BathData, JumpData, System

T = sympy.Symbol("t", real=True)
BETA = {"h": Fraction(1, 2), "c": Fraction(1)}
TIME = Fraction(1)
DIGITS = 50


def dense(d: int, seed: int = 1, driven: bool = False) -> System:
    """A dense H and two dense jump operators with entries in multiples of 1/8; E = diag(0..d-1)."""
    rng = random.Random(seed)

    def entry() -> sympy.Expr:
        return sympy.Rational(rng.randint(-4, 4), 8)

    h = {}
    for i in range(d):
        h[i, i] = entry()
        for j in range(i + 1, d):
            v = entry() + sympy.I * entry()
            h[i, j], h[j, i] = v, sympy.conjugate(v)
    if driven:
        for i in range(d - 1):
            for a, b in ((i, i + 1), (i + 1, i)):
                h[a, b] = h[a, b] + sympy.sin(3 * T / 2) / 2
    jumps = tuple(
        JumpData(
            label,
            sympy.Rational(rng.randint(1, 4), 8),
            tuple((i, j, entry() + sympy.I * entry()) for i in range(d) for j in range(d)),
        )
        for label in BETA
    )
    baths = tuple(
        BathData(k, "bath", sympy.Rational(b.denominator, b.numerator), sympy.Integer(0))
        for k, b in BETA.items()
    )
    return System(
        tuple(map(str, range(d))),
        tuple((i, j, v) for (i, j), v in sorted(h.items()) if v != 0),
        jumps,
        baths,
        tuple((i, i, sympy.Integer(i)) for i in range(1, d)),
        None,
        (),
        T if driven else None,
    )


def numbers(system: System, t=None) -> NumericGenerator:
    """The same generator for mpmath."""

    def at(v):
        re, im = (v.subs(T, t) if t is not None else v).as_real_imag()
        return mp.mpc(*(mp.mpf(x.p) / x.q if x.is_Rational else mp.mpmathify(x) for x in (re, im)))

    return NumericGenerator(
        tuple(((i, j), at(v)) for i, j, v in system.hamiltonian),
        tuple(
            (k.label, at(k.rate).real, tuple(((i, j), at(v)) for i, j, v in k.operator))
            for k in system.jumps
        ),
        system.dim,
    )


def timed(function, repeats: int = 25) -> float:
    """The fastest of ``repeats`` runs, and of as many as fit into half a second."""
    times: list[float] = []
    while len(times) < repeats or sum(times) < 0.5:
        start = time.process_time()
        function()
        times.append(time.process_time() - start)
    return min(times)


def ours(task: str, d: int, digits: int, repeats: int = 25) -> float:
    system = dense(d, driven=task == "driven")
    at, start = Enclosed(system, {}), initial_coordinates("0", tuple(map(str, range(d))))
    levels = [f"population[{k}]" for k in range(d)]
    pairs = [f"{p}[{a},{b}]" for a in range(d) for b in range(a + 1, d) for p in ("re", "im")]
    if task == "steady":
        run = lambda: at.steady(digits, levels + pairs)  # noqa: E731
    elif task == "sigma":
        run = lambda: at.state(start, TIME, digits, ["entropy_production_integral"])  # noqa: E731
    else:
        run = lambda: at.state(start, TIME, digits, levels + pairs)  # noqa: E731
    run()  # the derivation; of a value nothing is kept
    return timed(run, repeats)


def odefun(d: int) -> float:
    system = dense(d)
    with mp.workdps(DIGITS):
        matrix = superoperator(numbers(system), DIGITS)
        y0 = [mp.one] + [mp.zero] * (d * d - 1)
        flow = lambda: mp.odefun(lambda _, y: list(matrix * mp.matrix(y)), 0, y0)(mp.one)  # noqa: E731
        return timed(flow, 3)


def odefun_driven(d: int) -> float:
    system = dense(d, driven=True)
    with mp.workdps(DIGITS):
        zero = superoperator(numbers(system, 0), DIGITS)
        half = superoperator(numbers(system, sympy.pi / 3), DIGITS) - zero  # sin = 1 there
        y0 = [mp.one] + [mp.zero] * (d * d - 1)

        def slope(t, y):
            y = mp.matrix(y)
            return list(zero * y + mp.sin(3 * t / 2) * (half * y))

        return timed(lambda: mp.odefun(slope, 0, y0)(mp.one), 2)


def quad(d: int) -> float:
    system = dense(d)
    with mp.workdps(DIGITS + 10):
        gen = numbers(system)
        rho0 = mp.zeros(d)
        for i in range(d):
            rho0[i, i] = mp.mpf(i + 1) / (d * (d + 1) // 2)
        energy = tuple(((i, i), mp.mpf(i)) for i in range(1, d))
        beta = {k: mp.mpf(b.numerator) / b.denominator for k, b in BETA.items()}
        return timed(
            lambda: mp.quad(
                lambda t: entropy_production_rate(
                    gen, evolve(gen, rho0, t, DIGITS + 5), energy, beta, DIGITS + 3
                ),
                [0, 1],
            ),
            1,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json")
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    rows = []

    def add(task, tool, digits, d, seconds):
        rows.append(
            {"task": task, "tool": tool, "digits": digits, "dimension": d, "seconds": seconds}
        )
        print(
            f"{task:<24} {tool:<12} {digits:>5} digits  d = {d}  {seconds * 1e3:>12.3f} ms",
            flush=True,
        )
        return seconds

    print(
        f"generator: tests.speed.reference.dense(d, seed=1), dense H and two dense jumps; t = {TIME}"
        f"; driven: sin(3 t/2)/2 on neighbours"
    )
    d = 4
    a = add("steady state", "symtherm", DIGITS, d, ours("steady", d, DIGITS))
    b = add("e^(tL) rho", "symtherm", DIGITS, d, ours("evolve", d, DIGITS))
    c = add("e^(tL) rho", "mp.odefun", DIGITS, d, odefun(d))
    print(f"  ratio {c / b:.0f} (target 500)")
    b = add("driven (sine)", "symtherm", DIGITS, d, ours("driven", d, DIGITS, 5))
    c = add("driven (sine)", "mp.odefun", DIGITS, d, odefun_driven(d))
    print(f"  ratio {c / b:.0f} (target 20)")
    b = add("integral of sigma", "symtherm", DIGITS, d, ours("sigma", d, DIGITS))
    if not options.quick:
        c = add("integral of sigma", "mp.quad", DIGITS, d, quad(d))
        print(f"  ratio {c / b:.0f} (target 1000)")
    print(f"  steady state {a * 1e3:.3f} ms (target 0.2)")
    for task in ("steady", "evolve", "sigma", "driven"):
        few = add(f"{task}, digits", "symtherm", 50, d, ours(task, d, 50, 5))
        many = add(f"{task}, digits", "symtherm", 1000, d, ours(task, d, 1000, 2))
        print(f"  grows as digits^{log(many / few) / log(20):.2f} (target 1.3)")
        small = add(f"{task}, dimension", "symtherm", 50, 4, few)
        large = add(f"{task}, dimension", "symtherm", 50, 8, ours(task, 8, 50, 3))
        print(f"  grows as d^{log(large / small) / log(2):.2f} (target 6.5)")
    if options.json:
        with open(options.json, "w") as stream:
            json.dump(rows, stream, indent=1)


if __name__ == "__main__":
    main()
