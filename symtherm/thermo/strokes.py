"""Isothermal steps: quenches of the energy levels, each followed by (partial) relaxation.

A quench E_{k-1} -> E_k at fixed state is work Tr[(E_k - E_{k-1}) rho]; a relaxation
rho -> pi_k + memory (rho - pi_k) towards pi_k = e^{-E_k/T}/Z is heat Tr[E_k (rho' - rho)]. With
memory = 0 the step produces S(rho||pi_k); with memory = e^{-Gamma tau} it is what a reset channel
of rate Gamma leaves after a time tau, and the step produces S(rho||pi_k) - S(rho'||pi_k).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import sympy
from sympy import Expr

from symtherm.errors import BadExpression, DimensionMismatch, require
from symtherm.exact.scalar import scalar
from symtherm.quantum.operator import Operator
from symtherm.quantum.state import expect, gibbs_state, require_state
from symtherm.thermo.claim import Claim
from symtherm.thermo.entropy import relative_entropy, von_neumann_entropy

__all__ = ["IsothermalProcess", "isothermal_steps"]


@dataclass(frozen=True, slots=True)
class IsothermalProcess:
    """``work`` and ``heat`` into the system, its states, and the steps' entropy production."""

    states: tuple[Operator, ...]
    energies: tuple[Operator, ...]
    T: Expr
    work: Expr
    heat: Expr
    productions: tuple[Expr, ...]

    @property
    def production(self) -> Expr:
        """Sigma = sum over steps of S(rho||pi_k) - S(rho'||pi_k), >= 0 term by term."""
        return sympy.Add(*self.productions)

    @property
    def released(self) -> Expr:
        """Q_out = -Q, heat that the bath received; beta Q_out = -Delta S + Sigma."""
        return -self.heat

    @property
    def entropy_change(self) -> Expr:
        """S(end) - S(start)."""
        return von_neumann_entropy(self.states[-1]) - von_neumann_entropy(self.states[0])

    @property
    def landauer(self) -> Claim:
        """beta Q_out + Delta S == Sigma, heats on one side and relative entropies on the other."""
        left = self.released / self.T + self.entropy_change
        return Claim(left, "==", self.production, "Landauer")


def isothermal_steps(
    rho: Operator, energies: Sequence[Operator], T: Any, *, memory: Any = 0
) -> IsothermalProcess:
    """Quench from energies[k-1] to energies[k] and relax there, for k = 1, 2, ...

    The first of ``energies`` is that of the start; they need not commute. ``memory`` is the
    fraction of rho - pi_k that a relaxation leaves, one for all steps or a list with one for each
    (a bath may relax at a rate that depends on the gap). Raises DimensionMismatch for a list of
    another length, BadExpression for a start of another trace than 1, and as ``gibbs_state`` and
    ``relative_entropy``.

    >>> from symtherm import is_zero, parameters, qeye, sigmap, sigmam
    >>> w, T = parameters("omega T")
    >>> n = sigmap() * sigmam()
    >>> p = isothermal_steps(qeye(n.space) / 2, [0 * n, w * n], T)
    >>> from symtherm import prove
    >>> is_zero(p.work - w / 2), prove(p.landauer).verdict.name
    (True, 'PROVED')
    """
    T = scalar(T, "The temperature")
    require_state(rho, "The start of a process")
    of = "write [E_0, E_1, ...], the first being that of the start"
    require(energies, (list, tuple), "The energies of a process are a list", of)
    if not energies:
        raise BadExpression("The energies of a process", found="an empty list", advice=of)
    given = list(memory) if isinstance(memory, (list, tuple)) else [memory] * (len(energies) - 1)
    if len(given) != len(energies) - 1:
        raise DimensionMismatch(
            f"An isothermal process of {len(energies) - 1} steps", found=f"{len(given)} memories"
        )
    memories = [scalar(m, "The memory of a relaxation") for m in given]
    states, productions = [rho], []
    work = heat = sympy.Integer(0)
    for (before, after), kept in zip(pairwise(energies), memories, strict=True):
        pi = gibbs_state(after, T)
        work = work + expect(after - before, rho)
        target = pi + kept * (rho - pi)
        heat = heat + expect(after, target - rho)
        step = relative_entropy(rho, pi)
        if kept != 0:
            step = step - relative_entropy(target, pi)
        productions.append(step)
        rho = target
        states.append(rho)
    return IsothermalProcess(tuple(states), tuple(energies), T, work, heat, tuple(productions))
