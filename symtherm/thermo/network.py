"""Schnakenberg's entropy production of a Pauli master equation: sum of flux times force."""

from __future__ import annotations

from collections.abc import Mapping

import sympy
from sympy import Expr

from symtherm.dynamics.generator import Generator
from symtherm.dynamics.pauli import pauli
from symtherm.errors import NotThermal
from symtherm.quantum.operator import Operator

__all__ = ["schnakenberg_rate"]


def schnakenberg_rate(generator: Generator, rho: Operator) -> Expr:
    """sum over dissipators a and levels i > j of (W_ij p_j - W_ji p_i) ln(W_ij p_j / (W_ji p_i)).

    Source: Schnakenberg, Rev. Mod. Phys. 48, 571 (1976). Raises MissingTrait when populations do
    not decouple, and NotThermal for a transition without its reverse (an infinite force).
    """
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
