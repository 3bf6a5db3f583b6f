"""Entropies and entropy production of states of any size, as balls at a point.

The closed forms of ``thermo`` stop at connected blocks of two levels; these functions take the same
operators and give numbers with proved error bounds instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sympy

from symtherm.dynamics.generator import Generator
from symtherm.exact.alphabet import alphabet
from symtherm.exact.balls import Enclosure
from symtherm.exact.complex import pair
from symtherm.exact.letters import is_complex
from symtherm.exact.matrix_balls import Cells, enclose_log_traces
from symtherm.exact.writer import readable
from symtherm.quantum.operator import Operator
from symtherm.quantum.state import gibbs_state
from symtherm.thermo.decomposition import Decomposition, pinching
from symtherm.thermo.entropy import real_and_imaginary, reference_state, require_stationary
from symtherm.thermo.nonsecular import NonsecularBalance

__all__ = [
    "enclose_entropy",
    "enclose_log_sum",
    "enclose_log_sums",
    "enclose_parts",
    "enclose_relative_entropy",
    "enclose_spohn_rate",
    "enclose_total_rate",
]

Terms = Sequence[tuple[Operator, Operator]]


def _cells(operator: Operator) -> Cells:
    """Real and imaginary parts as they are written; in normal form only with complex letters."""
    found: dict[tuple[int, int], tuple[sympy.Expr, sympy.Expr]] = {}
    for i, j, v in operator.data:
        parts = None if is_complex(v) else real_and_imaginary(v)
        if parts is None:
            space = alphabet([v])
            re, im = pair(space, v)
            parts = readable(space, re), readable(space, im)
        found[i, j] = parts
    return found


def enclose_log_sum(terms: Terms, at: Mapping[Any, Any], digits: int = 30) -> Enclosure:
    """sum_k Tr[A_k ln B_k] for positive B_k of any size; raises as ``enclose_log_traces``.

    >>> from symtherm import Operator, sigmaz
    >>> half = Operator.of(sigmaz().space, {(0, 0): sympy.S(1) / 2, (1, 1): sympy.S(1) / 4})
    >>> print(enclose_log_sum([(half, half)], {}, 5))
    -0.69315 +/- 2.9e-6
    """
    return enclose_log_sums({"": terms}, at, digits)[""]


def enclose_log_sums(
    sums: Mapping[str, Terms], at: Mapping[Any, Any], digits: int = 30
) -> dict[str, Enclosure]:
    """Several sums at once: an operator that occurs in many is enclosed, and its logarithm taken,
    once.

    >>> from symtherm import qeye
    >>> one = qeye(2)
    >>> print(enclose_log_sums({"zero": [(one, one)], "two": [(one, 3 * one)]}, {}, 5)["two"])
    2.1972 +/- 2.5e-5
    """
    known: dict[Operator, Cells] = {}

    def cells(operator: Operator) -> Cells:
        if operator not in known:
            known[operator] = _cells(operator)
        return known[operator]

    found = {name: [(cells(A), cells(B)) for A, B in terms] for name, terms in sums.items()}
    dims = {A.space.dim for terms in sums.values() for A, _ in terms}
    return enclose_log_traces(found, max(dims, default=1), at, digits)


def enclose_entropy(rho: Operator, at: Mapping[Any, Any], digits: int = 30) -> Enclosure:
    """S(rho) = -Tr rho ln rho of a state of any size, in nats.

    >>> from symtherm import Operator, HilbertSpace
    >>> p = [sympy.Rational(k, 6) for k in (1, 2, 3)]
    >>> rho = Operator.of(HilbertSpace("n", 3), {(i, i): v for i, v in enumerate(p)})
    >>> print(enclose_entropy(rho, {}, 8))
    1.0114043 +/- 3.6e-8
    """
    return enclose_log_sum([(-rho, rho)], at, digits)


def enclose_relative_entropy(
    rho: Operator, sigma: Operator, at: Mapping[Any, Any], digits: int = 30
) -> Enclosure:
    """S(rho||sigma) of states of any size, in nats; sigma must be of full rank.

    >>> from symtherm import Operator, sigmaz
    >>> a = Operator.of(sigmaz().space, {(0, 0): sympy.S(3) / 4, (1, 1): sympy.S(1) / 4})
    >>> b = Operator.of(sigmaz().space, {(0, 0): sympy.S(1) / 3, (1, 1): sympy.S(2) / 3})
    >>> enclose_relative_entropy(a, b, {}, 8).sign
    1
    """
    return enclose_log_sum([(rho, rho), (-rho, sigma)], at, digits)


def enclose_spohn_rate(
    part: Any, rho: Operator, pi: Operator, at: Mapping[Any, Any], digits: int = 30
) -> Enclosure:
    """-Tr[L(rho)(ln rho - ln pi)] for a generator or dissipator and states of any size.

    ``pi`` must be stationary under ``part``; ``spohn_rate`` checks that exactly, this function
    takes it from ``steady_state`` or ``gibbs_state`` as given.

    >>> from symtherm import Operator, ThermalBath, gibbs_state, gkls, parameters, sigmam, sigmaz
    >>> w, g, T = parameters("omega gamma T")
    >>> L = gkls(w * sigmaz(), [ThermalBath("b", T).jumps(sigmam(), frequency=2 * w, rate=g)])
    >>> rho = Operator.of(L.space, {(0, 0): sympy.S(1) / 3, (1, 1): sympy.S(2) / 3})
    >>> enclose_spohn_rate(L, rho, gibbs_state(w * sigmaz(), T), {w: 1, g: 1, T: 1}, 8).sign
    1
    """
    change = part(rho)
    return enclose_log_sum([(-change, rho), (change, pi)], at, digits)


def enclose_total_rate(
    generator: Generator,
    rho: Operator,
    energy: Operator,
    at: Mapping[Any, Any],
    digits: int = 30,
    *,
    number: Operator | None = None,
) -> Enclosure:
    """sum_a -Tr[D_a(rho)(ln rho - ln pi_a)] over all dissipators, for states of any size.

    The references pi_a are those of :func:`symtherm.thermo.entropy.reference_state`; NotThermal is
    raised unless they are stationary.

    >>> from symtherm import Operator, ThermalBath, gkls, parameters, sigmam, sigmaz
    >>> w, g, T = parameters("omega gamma T")
    >>> H = w * sigmaz()
    >>> L = gkls(H, [ThermalBath("b", T).jumps(sigmam(), frequency=2 * w, rate=g)])
    >>> rho = Operator.of(L.space, {(0, 0): sympy.S(1) / 3, (1, 1): sympy.S(2) / 3})
    >>> enclose_total_rate(L, rho, H, {w: 1, g: 1, T: 1}, 8).sign
    1
    """
    return enclose_log_sum(_total(generator, rho, energy, number), at, digits)


def _total(
    generator: Generator, rho: Operator, energy: Operator, number: Operator | None
) -> list[tuple[Operator, Operator]]:
    changes = []
    for dissipator in generator.dissipators:
        reference = reference_state(dissipator, energy, number)
        require_stationary(dissipator, reference)
        changes.append((dissipator(rho), reference))
    return [*((-change, rho) for change, _ in changes), *changes]


def enclose_parts(
    parts: Decomposition | NonsecularBalance, at: Mapping[Any, Any], digits: int = 30
) -> dict[str, Enclosure]:
    """The parts of the entropy production of one state at a point, in balls; nats per time.

    Of a decomposition ``total``, ``adiabatic`` and ``nonadiabatic``; with an energy that is
    diagonal in the levels also ``populations``, ``coherences`` and ``cross``, which add up to
    ``nonadiabatic``. Of a Redfield balance ``production`` and its ``populations``, ``coherences``
    and ``cross``. Each is a trace of its own, for states of any size and degeneracy, also where
    there is no closed form. :func:`symtherm.certify` calls this.

    >>> from symtherm import ThermalBath, decompose, gkls, parameters, sigmam, sigmaz
    >>> w, g, T = parameters("omega gamma T")
    >>> H = w * sigmaz()
    >>> L = gkls(H, [ThermalBath("b", T).jumps(sigmam(), frequency=2 * w, rate=g)])
    >>> half = sympy.Rational(1, 2)
    >>> rho = Operator.of(L.space, {(0, 0): half, (1, 1): half, (0, 1): half / 2, (1, 0): half / 2})
    >>> found = enclose_parts(decompose(L, rho), {w: 1, g: 1, T: 1}, 5)
    >>> print(found["total"], "=", found["populations"], "+", found["coherences"])
    1.1803 +/- 1.5e-5 = 1.0000 +/- 3.0e-18 + 0.18031 +/- 4.6e-6
    """
    found = _sums(parts) if isinstance(parts, Decomposition) else _nonsecular_sums(parts)
    return enclose_log_sums(found, at, digits)


def _sums(parts: Decomposition) -> dict[str, Terms]:
    L, rho, pi, energy = parts.generator, parts.rho, parts.pi, parts.energy
    change, total = L(rho), _total(L, rho, energy, parts.number)
    sums: dict[str, Terms] = {
        "total": total,
        "adiabatic": [*total[len(total) // 2 :], (-change, pi)],
        "nonadiabatic": [(-change, rho), (change, pi)],
    }
    if all(i == j for i, j, _ in energy.data):
        flat, kept = pinching(rho, energy), pinching(change, energy)
        bare = L(flat)
        sums["populations"] = [(-bare, flat), (bare, pi)]
        sums["coherences"] = [(-change, rho), (kept, flat)]
        sums["cross"] = [(change, pi), (-kept, flat), (bare, flat), (-bare, pi)]
    return sums


def _nonsecular_sums(balance: NonsecularBalance) -> dict[str, Terms]:
    """L_a(x) is traceless, so -beta_a Tr[H L_a(x)] = Tr[L_a(x) ln pi_a] with Gibbs' pi_a."""
    L, rho, flat = balance.generator, balance.rho, balance.diagonal
    baths = [(x, gibbs_state(L.hamiltonian, T)) for x, T in L.temperatures.items()]
    change, bare = L(rho), L(flat)
    crossing = [(L.dissipate(x, balance.coherent), pi) for x, pi in baths]
    return {
        "production": [(-change, rho), *((L.dissipate(x, rho), pi) for x, pi in baths)],
        "populations": [(-bare, flat), *((L.dissipate(x, flat), pi) for x, pi in baths)],
        "coherences": [(-change, rho), (pinching(change, L.hamiltonian), flat)],
        "cross": [*((-chi, flat) for chi, _ in crossing), *crossing],
    }
