"""Schnakenberg's entropy production of a Pauli master equation: sum of flux times force."""

from __future__ import annotations

from collections.abc import Mapping

import sympy
from sympy import Expr

from symtherm.dynamics.generator import Generator
from symtherm.dynamics.pauli import pauli
from symtherm.errors import MissingTrait, NotThermal, OutOfDomain
from symtherm.exact.decide import is_zero
from symtherm.quantum.operator import Operator
from symtherm.quantum.state import require_operator

__all__ = ["schnakenberg_rate"]


def schnakenberg_rate(generator: Generator, rho: Operator) -> Expr:
    """sum over dissipators a and levels i > j of (W_ij p_j - W_ji p_i) ln(W_ij p_j / (W_ji p_i)).

    For a state of populations, rho diagonal in the levels, this is the entropy production: every
    term is >= 0. Source: Schnakenberg, Rev. Mod. Phys. 48, 571 (1976). Raises MissingTrait when
    populations do not decouple and for a state with coherences (these produce entropy too),
    OutOfDomain for an empty level that fills and NotThermal for a transition without its reverse:
    their forces are infinite.

    >>> from symtherm import ThermalBath, gkls, is_zero, parameters, qeye, sigmam, sigmaz
    >>> w, g, T = parameters("omega gamma T")
    >>> L = gkls(w/2*sigmaz(), [ThermalBath("b", T).jumps(sigmam(), frequency=w, rate=g)])
    >>> is_zero(schnakenberg_rate(L, qeye(2) / 2) - g * w / (2 * T))
    True
    """
    require_operator(rho, "The state")
    if any(i != j for i, j, _ in rho.data):
        raise MissingTrait(
            "Schnakenberg's entropy production",
            found="a state with coherences",
            advice="entropy_production(L, rho) has their part too",
        )
    empty = {i for i in range(rho.space.dim) if is_zero(rho[i, i]) is True}
    pauli(generator)  # populations must decouple for the sum to be the entropy production
    total: Expr = sympy.Integer(0)
    for d in generator.dissipators:
        rates = _rates(d.jumps)
        for (i, j), forward in sorted(rates.items()):
            backward = rates.get((j, i))
            if backward is None:
                raise NotThermal(
                    f"The force on the transition {j} -> {i} of {d.label!r}",
                    found="no reverse transition",
                )
            if i > j and {i, j} & empty:
                if {i, j} <= empty:
                    continue  # nothing flows between empty levels
                raise OutOfDomain(
                    "Schnakenberg's entropy production",
                    found=f"an empty level {rho.space.levels[i if i in empty else j]}, into which "
                    "the force is infinite",
                )
            if i > j:
                there, back = forward * rho[j, j], backward * rho[i, i]
                total = total + (there - back) * sympy.log(there / back)
    return total


def _rates(jumps: object) -> Mapping[tuple[int, int], Expr]:
    found: dict[tuple[int, int], Expr] = {}
    for jump in jumps:  # type: ignore[attr-defined]
        for i, j, v in jump.operator.data:
            if i != j:
                weight = jump.rate * v * sympy.conjugate(v)
                found[i, j] = found.get((i, j), sympy.Integer(0)) + weight
    return found
