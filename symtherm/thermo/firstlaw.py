"""The first law with a time-dependent Hamiltonian: U' = W' + sum_a Q_a'.

H depends on time through its parameters: each parameter x(t) is an atom, a symbol x with its own
symbol (or expression) for dx/dt. Then dH/dt = sum_x (dH/dx) x', the power is W' = Tr[(dH/dt) rho],
the heat Q_a' = Tr[H D_a(rho)] (Alicki, J. Phys. A 12, L103 (1979)), and
U' = d/dt Tr[H rho] = W' + Tr[H L(rho)], where -i Tr(H [H, rho]) = 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sympy
from sympy import Expr, Symbol

from symtherm.dynamics.generator import Generator
from symtherm.exact.scalar import scalar
from symtherm.quantum.operator import Operator
from symtherm.quantum.state import expect
from symtherm.thermo.claim import Claim
from symtherm.thermo.entropy import without_units

__all__ = ["FirstLaw", "first_law", "time_derivative"]


@dataclass(frozen=True, slots=True)
class FirstLaw:
    """Rates into the system: ``energy`` = U', ``power`` = W', ``heat`` by label."""

    energy: Expr
    power: Expr
    heat: Mapping[str, Expr]

    @property
    def identity(self) -> Claim:
        """U' == W' + sum_a Q_a'."""
        return Claim(self.energy, "==", sympy.Add(self.power, *self.heat.values()), "First law")


def time_derivative(operator: Operator, drive: Mapping[Symbol, Any]) -> Operator:
    """dA/dt = sum_x (dA/dx) x' for ``drive`` = {x: x'}.

    >>> from symtherm import parameters, sigmaz
    >>> w, v = parameters("omega v")
    >>> print(time_derivative(w * sigmaz(), {w: v}))
    v*|e><e| - v*|g><g|
    """
    rates = {x: scalar(v, f"The rate of {x}") for x, v in drive.items()}

    def slope(entry: Expr) -> Expr:
        return sympy.Add(*(sympy.diff(entry, x) * v for x, v in rates.items()))

    return operator.apply(slope)


def first_law(
    generator: Generator,
    rho: Operator,
    drive: Mapping[Symbol, Any],
    *,
    energy: Operator | None = None,
) -> FirstLaw:
    """U', W' and the heats of a state at one instant, H(t) given by its parameters and rates.

    ``energy`` defaults to the Hamiltonian. U' is computed from d/dt Tr[E rho] as a whole, not as
    the sum of the other two; the identity then holds iff [E, H] = 0.

    >>> from symtherm import ThermalBath, gkls, is_zero, parameters, qeye, sigmam, sigmaz
    >>> w, g, T, v = parameters("omega gamma T v")
    >>> L = gkls(w/2*sigmaz(), [ThermalBath("b", T).jumps(sigmam(), frequency=w, rate=g)])
    >>> is_zero(first_law(L, qeye(L.space) / 2, {w: v}).identity.difference)
    True
    """
    E = generator.hamiltonian if energy is None else energy
    motion = time_derivative(E, drive)
    power = without_units(expect(motion, rho))
    heat = {d.label: without_units(expect(E, d(rho))) for d in generator.dissipators}
    total = without_units(expect(motion, rho) + expect(E, generator(rho)))
    return FirstLaw(total, power, heat)
