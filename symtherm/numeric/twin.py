"""Every quantity of a reference row by mpmath, from the operators: the route that checks balls.

Steady states and constant generators by :mod:`symtherm.numeric.integrate`, driven ones by
:mod:`symtherm.numeric.taylor`. Nothing here uses FLINT or a closed form; operators are taken as
matrices of numbers, superoperators by applying them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from mpmath import mp
from sympy import Expr, Symbol

from symtherm.errors import OutOfDomain
from symtherm.numeric import integrate
from symtherm.numeric.generator import (
    Entries,
    NumericGenerator,
    columns_of,
    coordinates_of,
    state_of,
)
from symtherm.numeric.initial import Coordinates
from symtherm.numeric.operators import number
from symtherm.numeric.system import System
from symtherm.numeric.taylor import jet_of, taylor_evolve

__all__ = ["state_twin", "steady_twin"]

Values = dict[str, Any]


def _entries(entries: Sequence[tuple[int, int, Expr]], at: Mapping[Any, Any], dps: int) -> Entries:
    return tuple(((i, j), number(v, at, dps)) for i, j, v in entries)


def _generator(system: System, at: Mapping[Any, Any], dps: int) -> NumericGenerator:
    jumps = tuple(
        (j.label, number(j.rate, at, dps), _entries(j.operator, at, dps)) for j in system.jumps
    )
    return NumericGenerator(_entries(system.hamiltonian, at, dps), jumps, system.dim)


def steady_twin(system: System, at: Mapping[Symbol, Any], digits: int = 60) -> Values:
    """All steady-state quantities, absolute errors about 10^-digits.

    >>> from symtherm import model
    >>> from symtherm.numeric.system import system_of
    >>> m = model("qubit")
    >>> mp.nprint(steady_twin(system_of(m.generator, m.energy), m.point, 20)["population[e]"], 10)
    0.2314752165
    """
    dps = digits + 15
    gen = _generator(system, at, dps + 15)
    with mp.workdps(dps):
        rho = integrate.steady_state(gen, dps)
        out = _currents(system, gen, rho, at, dps)
        total = mp.zero
        for bath in system.baths:
            total -= out[f"heat[{bath.label}]"] / number(bath.T, at, dps)
        out["entropy_production"] = total
        out["entropy"] = integrate.von_neumann_entropy(rho, digits + 5)
        if system.hot:
            T = {b.label: b.T.xreplace(dict(at)) for b in system.baths}
            heat = out[f"heat[{max(system.hot, key=lambda label: T[label])}]"]
            if abs(heat) > mp.mpf(10) ** -digits:
                out["efficiency"] = -out["power"] / heat
    return out


def _currents(
    system: System, gen: NumericGenerator, rho: Any, at: Mapping[Any, Any], dps: int
) -> Values:
    """Heats, currents, power, populations and coherences of a state."""
    energy = _entries(system.energy, at, dps)
    out: Values = {}
    power = integrate.power(gen, rho, energy)
    if system.time is not None:
        for i, j, v in system.energy:
            if v.has(system.time):
                power += mp.re(number(v.diff(system.time), at, dps) * rho[j, i])
    for label in system.labels:
        heat = integrate.energy_current(gen, rho, label, energy)
        bath = system.bath(label)
        if bath is not None and system.number is not None:
            current = integrate.energy_current(gen, rho, label, _entries(system.number, at, dps))
            mu = number(bath.mu, at, dps)
            heat -= mu * current
            power += mu * current
            out[f"current[{label}]"] = current
        out[f"heat[{label}]"] = heat
    out["power"] = power
    for i, a in enumerate(system.levels):
        out[f"population[{a}]"] = mp.re(rho[i, i])
        for j in range(i + 1, system.dim):
            out[f"re[{a},{system.levels[j]}]"] = mp.re(rho[i, j])
            out[f"im[{a},{system.levels[j]}]"] = mp.im(rho[i, j])
    return out


def state_twin(
    system: System,
    at: Mapping[Symbol, Any],
    initial: Coordinates,
    t: Fraction,
    digits: int = 60,
    names: Sequence[str] | None = None,
) -> Values:
    """All quantities of rho(t), absolute errors about 10^-digits.

    The integral of the entropy production is Delta S - sum beta Q with the heats integrated along.
    Quantities that do not exist (ln of a singular state) are left out; so are those that cost and
    are not in ``names``.
    """
    dps = digits + 20
    with mp.workdps(dps + 10):
        start = [mp.mpf(c.numerator) / c.denominator for c in initial]
        rho0 = state_of(start, system.dim)
        time = mp.mpf(t.numerator) / t.denominator
        heats = dict.fromkeys(system.labels, mp.zero)
        if system.time is None:
            now: Mapping[Any, Any] = at
            gen = _generator(system, at, dps + 15)
            rho, heats = _constant(system, gen, rho0, time, at, dps)
        else:
            from sympy import Rational

            now = {**at, system.time: Rational(t.numerator, t.denominator)}
            gen = _generator(system, now, dps + 15)
            rho, heats = _driven(system, start, time, at, dps)
        out = _currents(system, gen, rho, now, dps)
        beta = {b.label: 1 / number(b.T, now, dps) for b in system.baths}
        out["entropy"] = integrate.von_neumann_entropy(rho, digits + 8)
        total = out["entropy"] - integrate.von_neumann_entropy(rho0, digits + 8)
        for label, heat in heats.items():
            out[f"heat_integral[{label}]"] = heat
            total -= beta.get(label, mp.zero) * heat
        out["entropy_production_integral"] = total
        if names is None or "relative_entropy" in names:
            _relative(system, gen, rho, out, digits)
        if names is None or "entropy_production" in names:
            try:
                change = integrate.entropy_production_rate(gen, rho, (), {}, digits + 8)
            except OutOfDomain:
                return out
            out["entropy_production"] = change - mp.fsum(
                beta[label] * out[f"heat[{label}]"] for label in beta
            )
    return out


def _relative(system: System, gen: NumericGenerator, rho: Any, out: Values, digits: int) -> None:
    if system.time is not None:
        return
    pi = integrate.steady_state(gen, digits + 15)
    values, vectors = mp.eighe(pi)
    if min(values) <= mp.mpf(10) ** -(digits + 4):
        return
    log_pi = vectors * mp.diag([mp.log(v) for v in values]) * vectors.transpose_conj()
    product = rho * log_pi
    cross = mp.fsum(mp.re(product[i, i]) for i in range(system.dim))
    out["relative_entropy"] = -out["entropy"] - cross


def _constant(
    system: System, gen: NumericGenerator, rho0: Any, t: Any, at: Mapping[Any, Any], dps: int
) -> tuple[Any, Values]:
    if t == 0:
        return rho0, dict.fromkeys(system.labels, mp.zero)
    from symtherm.numeric.propagate import propagate

    start = coordinates_of(rho0, system.dim, mp.mpf(10) ** -dps)
    final, mean = propagate(columns_of(gen), start, t, int(dps * 3.33) + 8)
    integrated = state_of([c * t for c in mean], system.dim)
    heats = _currents(system, gen, integrated, at, dps)
    return state_of(final, system.dim), {x: heats[f"heat[{x}]"] for x in system.labels}


def _driven(
    system: System, start: Sequence[Any], t: Any, at: Mapping[Any, Any], dps: int
) -> tuple[Any, Values]:
    """rho(t) and the heats, with jets of the distinct coefficients of L(t) and of the currents."""
    from symtherm.numeric.system import dissipator_terms, functional_terms, hamiltonian_terms

    assert system.time is not None
    d, size = system.dim, len(start)
    terms = list(hamiltonian_terms(system.hamiltonian, d))
    for k, label in enumerate(system.labels):
        part = dissipator_terms(tuple(j for j in system.jumps if j.label == label), d)
        terms += part
        flows = functional_terms(system.energy, part, d, size + k)
        bath = system.bath(label)
        if bath is not None and system.number is not None:
            for e, places in functional_terms(system.number, part, d, size + k):
                flows.append((-bath.mu * e, places))
        terms += flows
    values = {s: number(s, at, dps) for s in system.symbols}
    # Time-free coefficients act on the last coefficient only, the others by convolution.
    still = [(number(e, at, dps), p) for e, p in terms if not e.has(system.time)]
    moving = [(e, p) for e, p in terms if e.has(system.time)]
    jets: list[Any] = []

    def prepare(now: Any, length: int) -> None:
        jets[:] = [jet_of(e, system.time, now, length, values) for e, _ in moving]

    def apply(n: int, ys: Sequence[Sequence[Any]]) -> Sequence[Any]:
        out = [mp.zero] * (size + len(system.labels))
        for value, places in still:
            for r, c, q in places:
                out[r] += value * ys[n][c] * q.numerator / q.denominator
        for jet, (_, places) in zip(jets, moving, strict=True):
            mixed: dict[int, Any] = {}
            for r, c, q in places:
                if c not in mixed:
                    mixed[c] = mp.fdot(jet[: n + 1], [ys[n - j][c] for j in range(n + 1)])
                out[r] += mixed[c] * q.numerator / q.denominator
        return out

    zero = [mp.zero] * len(system.labels)
    found = taylor_evolve(apply, prepare, [*start, *zero], mp.zero, t, dps)
    heats = dict(zip(system.labels, found[size:], strict=True))
    return state_of(found[:size], d), heats
