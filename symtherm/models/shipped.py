"""The points of the shipped reference set: every library model and some driven ones, in regimes.

Ordinary points are spread around a model's own point; stiff ones have rates and couplings over
many decades; near equilibrium the temperatures and potentials differ by 10^-k; cold ones have
occupations down to e^-60. Driven models are near equilibrium when a weak drive has acted for long.
All numbers are exact rationals of a fixed series: the set is the same on every machine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from random import Random
from typing import Any

import sympy
from sympy import Integer, Rational, Symbol

from symtherm.baths.bath import Lead, ThermalBath
from symtherm.dynamics.gkls import gkls
from symtherm.errors import SymthermError
from symtherm.exact.alphabet import parameters
from symtherm.models.library import NAMES, model
from symtherm.quantum.operator import tensor
from symtherm.quantum.space import HilbertSpace
from symtherm.quantum.standard import qeye, sigmam, sigmax, sigmaz
from symtherm.reference.build import Job, row_of
from symtherm.reference.closed import check_point
from symtherm.reference.document import Row
from symtherm.thermo.model import Model

__all__ = ["REGIMES", "driven_models", "jobs", "shipped_model", "work"]

REGIMES = ("ordinary", "stiff", "near-equilibrium", "cold")
TRIES = 200


# --- models beyond the library ----------------------------------------------------------------


def coupled_qubits() -> Model:
    """Two detuned qubits with an exchange coupling g, each with a local bath."""
    omega, delta, g, gamma_h, gamma_c, T_h, T_c = parameters(
        "omega delta g gamma_h gamma_c T_h T_c"
    )
    one, lower = qeye(2), sigmam()
    a, b = tensor(lower, one), tensor(one, lower)
    H_0 = omega / 2 * (tensor(sigmaz(), one) + tensor(one, sigmaz()))
    H = H_0 + delta / 2 * tensor(sigmaz(), one) + g * (a.dag() * b + b.dag() * a)
    return Model(
        name="coupled-qubits",
        title="Two detuned qubits with exchange coupling between two baths",
        parameters=(omega, delta, g, gamma_h, gamma_c, T_h, T_c),
        generator=gkls(
            H,
            [
                ThermalBath("h", T_h).jumps(a, frequency=omega, rate=gamma_h),
                ThermalBath("c", T_c).jumps(b, frequency=omega, rate=gamma_c),
            ],
        ),
        energy=H_0,
        point={
            omega: Rational(1),
            delta: Rational(1, 20),
            g: Rational(1, 10),
            gamma_h: Rational(1, 20),
            gamma_c: Rational(1, 15),
            T_h: Rational(2),
            T_c: Rational(1, 2),
        },
    )


def _driven_qubit(drive: Any, name: str, title: str, extra: Mapping[Symbol, Any]) -> Model:
    omega, gamma, T, epsilon = parameters("omega gamma T epsilon")
    H_0 = omega / 2 * sigmaz()
    point = {
        omega: Rational(1), gamma: Rational(1, 5), T: Rational(1, 2), epsilon: Rational(1, 4),
    }  # fmt: skip
    t = parameters("t", real=True)
    return Model(
        name=name,
        title=title,
        parameters=(omega, gamma, T, epsilon, *extra, t),
        generator=gkls(
            H_0 + epsilon * drive * sigmax(),
            [ThermalBath("b", T).jumps(sigmam(), frequency=omega, rate=gamma)],
        ),
        energy=H_0,
        point={**point, **extra},
    )


def _ramped_dot() -> Model:
    epsilon, v, mu = parameters("epsilon v mu", real=True)
    t = parameters("t", real=True)
    T, Gamma = parameters("T Gamma")
    empty, full = HilbertSpace("dot", levels="01").kets
    N = full * full.dag()
    level = epsilon + v * t
    lead = Lead("l", T, mu)
    return Model(
        name="ramped-dot",
        title="A quantum dot whose level is ramped, with one lead",
        parameters=(epsilon, v, mu, T, Gamma, t),
        generator=gkls(level * N, [lead.jumps(empty * full.dag(), energy=level, rate=Gamma)]),
        energy=level * N,
        number=N,
        point={
            epsilon: Rational(-1),
            v: Rational(1, 2),
            mu: Rational(0),
            T: Rational(1, 2),
            Gamma: Rational(1),
        },
    )


@lru_cache(maxsize=1)
def driven_models() -> dict[str, Model]:
    """Models with a time ``t``: sine, ramp, Fourier sum, pulse polynomial, and a ramped level.

    >>> sorted(driven_models())[0]
    'bichromatic-qubit'
    """
    t = parameters("t", real=True)
    nu = parameters("nu")
    frequency = {nu: Rational(3, 2)}
    two = sympy.cos(nu * t) + sympy.sin(2 * nu * t) / 3
    found = [
        _driven_qubit(sympy.sin(nu * t), "sine-qubit", "A qubit under a sine", frequency),
        _driven_qubit(t, "ramped-qubit", "A qubit under a linear ramp", {}),
        _driven_qubit(two, "bichromatic-qubit", "A qubit under two harmonics", frequency),
        _driven_qubit(t * (1 - t), "pulsed-qubit", "A qubit under a parabolic pulse", {}),
        _ramped_dot(),
    ]
    return {m.name: m for m in found}


@lru_cache(maxsize=64)
def shipped_model(name: str) -> tuple[Model, Symbol | None]:
    """A model of the set and the symbol of its time, if it is driven."""
    if name in driven_models():
        found = driven_models()[name]
        return found, next(s for s in found.parameters if s.name == "t")
    return (coupled_qubits() if name == "coupled-qubits" else model(name)), None


# --- points -----------------------------------------------------------------------------------


def _spread(random: Random, value: Rational) -> Rational:
    return value * Rational(random.randint(40, 250), 100)


def _point(m: Model, regime: str, random: Random) -> dict[Symbol, Rational]:
    base = {s: Rational(v) for s, v in m.point.items()}
    baths = m.generator.baths
    temperatures = {s for b in baths for s in b.T.free_symbols}
    potentials = {s for b in baths for s in b.mu.free_symbols}
    energies = set().union(*(p.frequency.free_symbols for p in m.generator.pairs))
    out = {s: _spread(random, v) for s, v in base.items()}
    if regime == "stiff":
        for s in base:
            if s not in temperatures | potentials | energies:
                out[s] = out[s] * Rational(10) ** random.randint(-9, 2)
    elif regime == "near-equilibrium":
        T = next((out[s] for s in base if s in temperatures), Integer(1))
        mu = next((out[s] for s in base if s in potentials), Integer(0))
        for s in base:
            shift = Rational(random.randint(1, 9), 10 ** random.randint(3, 15))
            if s in temperatures:
                out[s] = T * (1 + shift)
            elif s in potentials:
                out[s] = mu + shift
    elif regime == "cold":
        scale = Rational(1, random.randint(5, 30))
        for s in temperatures & set(base):
            out[s] = out[s] * scale
    return out


def _points(m: Model, regime: str, count: int, seed: str) -> Iterator[dict[Symbol, Rational]]:
    random, found = Random(seed), 0
    for _ in range(TRIES * count):
        if found == count:
            return
        point = _point(m, regime, random)
        try:
            if not any(s.name == "t" for s in m.parameters):
                check_point(m.generator, point)
        except SymthermError:
            continue
        found += 1
        yield point


def _driven_points(m: Model, regime: str, count: int) -> Iterator[dict[Symbol, Rational]]:
    """Points of a driven model. Only the amplitude of the drive decides how far from equilibrium.

    A stiff point changes rates and amplitudes, not the frequency nu of the drive: 10^-9 of it would
    be no drive, and 10^2 only many periods.
    """
    random = Random(f"{m.name}{regime}size")
    for point in _points(m, regime, count, m.name if regime == "ordinary" else m.name + regime):
        kept = {s: Rational(v) for s, v in m.point.items() if s.name == "nu" and regime == "stiff"}
        if regime == "near-equilibrium":
            weak = Rational(1, 10 ** random.randint(2, 12))
            size = "v" if m.number is not None else "epsilon"
            kept = {s: v * weak for s, v in point.items() if s.name == size}
        yield {**point, **kept}


def jobs(steady: int = 80, transient: int = 26, driven: int = 13, digits: int = 50) -> list[Job]:
    """The jobs of the set: counts are per model and regime.

    >>> len(jobs(1, 1, 1)) == 8 * (len(NAMES) + 1) + 4 * len(driven_models())
    True
    """
    out: list[Job] = []
    for name in (*NAMES, "coupled-qubits"):
        m, _ = shipped_model(name)
        levels = m.generator.space.levels
        for regime in REGIMES:
            for kind, count in (("steady", steady), ("transient", transient)):
                for k, point in enumerate(_points(m, regime, count, f"{name}{regime}{kind}")):
                    key = f"{name}/{kind}/{regime}/{k}"
                    t = str(Rational(3**k % 97 + 1, 7)) if kind == "transient" else ""
                    start = (*levels, "mixed")[k % (len(levels) + 1)] if t else ""
                    out.append(Job(key, name, _texts(point), digits, regime, t, start))
    for name, m in driven_models().items():
        levels = m.generator.space.levels
        for regime in REGIMES:
            slow = 8 if regime == "near-equilibrium" else 1
            for k, point in enumerate(_driven_points(m, regime, driven)):
                t, start = Rational(k % 13 + 1, 4), (*levels, "mixed")[k % (len(levels) + 1)]
                key = f"{name}/driven/{regime}/{k}"
                out.append(Job(key, name, _texts(point), digits, regime, str(t * slow), start))
    return out


def _texts(point: Mapping[Symbol, Rational]) -> tuple[tuple[str, str], ...]:
    return tuple((s.name, str(v)) for s, v in point.items())


def work(chunk: Sequence[Job]) -> list[Row]:
    """The rows of some jobs; can be sent to another process."""
    return [row_of(job, *shipped_model(job.model)) for job in chunk]
