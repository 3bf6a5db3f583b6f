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

from symtherm.exact.scalar import scalar
from symtherm.quantum.operator import Operator
from symtherm.quantum.state import expect, gibbs_state
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


def isothermal_steps(
    rho: Operator, energies: Sequence[Operator], T: Any, *, memory: Any = 0
) -> IsothermalProcess:
    """Quench from energies[k-1] to energies[k] and relax there, for k = 1, 2, ...

    The first of ``energies`` is that of the start; they need not commute. ``memory`` is the
    fraction of rho - pi_k that a relaxation leaves. Raises as ``gibbs_state`` and
    ``relative_entropy``.

    >>> from symtherm import is_zero, parameters, qeye, sigmap, sigmam
    >>> w, T = parameters("omega T")
    >>> n = sigmap() * sigmam()
    >>> p = isothermal_steps(qeye(n.space) / 2, [0 * n, w * n], T)
    >>> is_zero(p.work - w / 2), is_zero(p.released / T + p.entropy_change - p.production)
    (True, True)
    """
    T, kept = scalar(T, "The temperature"), scalar(memory, "The memory of a relaxation")
    states, productions = [rho], []
    work = heat = sympy.Integer(0)
    for before, after in pairwise(energies):
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
