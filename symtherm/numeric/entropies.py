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
from symtherm.exact.matrix_balls import Cells, enclose_log_traces
from symtherm.exact.writer import readable
from symtherm.quantum.operator import Operator
from symtherm.thermo.entropy import reference_state

__all__ = [
    "enclose_entropy",
    "enclose_log_sum",
    "enclose_relative_entropy",
    "enclose_spohn_rate",
    "enclose_total_rate",
]


def _cells(operator: Operator) -> Cells:
    found: dict[tuple[int, int], tuple[sympy.Expr, sympy.Expr]] = {}
    space = alphabet([v for _, _, v in operator.data])
    for i, j, v in operator.data:
        re, im = pair(space, v)
        found[i, j] = (readable(space, re), readable(space, im))
    return found


def enclose_log_sum(
    terms: Sequence[tuple[Operator, Operator]], at: Mapping[Any, Any], digits: int = 30
) -> Enclosure:
    """sum_k Tr[A_k ln B_k] for positive B_k of any size; raises as ``enclose_log_traces``.

    >>> from symtherm import Operator, sigmaz
    >>> half = Operator.of(sigmaz().space, {(0, 0): sympy.S(1) / 2, (1, 1): sympy.S(1) / 4})
    >>> print(enclose_log_sum([(half, half)], {}, 5))
    -0.69315 +/- 2.9e-6
    """
    cells = [(_cells(A), _cells(B)) for A, B in terms]
    return enclose_log_traces(cells, terms[0][0].space.dim, at, digits)


def enclose_entropy(rho: Operator, at: Mapping[Any, Any], digits: int = 30) -> Enclosure:
    """S(rho) = -Tr rho ln rho of a full-rank state of any size, in nats.

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
    """S(rho||sigma) of full-rank states of any size, in nats.

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
) -> Enclosure:
    """sum_a -Tr[D_a(rho)(ln rho - ln pi_a)] over all dissipators, for states of any size.

    >>> from symtherm import Operator, ThermalBath, gkls, parameters, sigmam, sigmaz
    >>> w, g, T = parameters("omega gamma T")
    >>> H = w * sigmaz()
    >>> L = gkls(H, [ThermalBath("b", T).jumps(sigmam(), frequency=2 * w, rate=g)])
    >>> rho = Operator.of(L.space, {(0, 0): sympy.S(1) / 3, (1, 1): sympy.S(2) / 3})
    >>> enclose_total_rate(L, rho, H, {w: 1, g: 1, T: 1}, 8).sign
    1
    """
    terms: list[tuple[Operator, Operator]] = []
    for d in generator.dissipators:
        change = d(rho)
        terms.append((-change, rho))
        if d.bath is not None:  # ln(1/d) meets a traceless matrix and drops out
            terms.append((change, reference_state(d, energy)))
    return enclose_log_sum(terms, at, digits)
