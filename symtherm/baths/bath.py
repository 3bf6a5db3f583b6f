"""Thermal baths of bosons and leads of fermions, and the pairs of jumps they cause."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy
from sympy import Expr

from symtherm.baths.statistics import bose, fermi
from symtherm.errors import OutOfDomain
from symtherm.quantum.operator import Operator

__all__ = ["Bath", "Jump", "Lead", "ThermalBath", "ThermalPair"]


@dataclass(frozen=True, slots=True)
class Jump:
    """A jump operator L with its rate r, contributing r (L rho L^+ - (1/2){L^+ L, rho}).

    ``bath`` is set for a jump that belongs to a bath without exchanging energy with it, such as
    the zero-frequency part of a coupling.
    """

    operator: Operator
    rate: Expr
    label: str = ""
    bath: Bath | None = None


def _temperature(label: str, T: Any) -> Expr:
    value = sympy.S(T)
    if value.is_number and not value.is_positive:
        raise OutOfDomain(
            f"Bath {label!r} at temperature {value}",
            found="T <= 0" if value.is_real else "no real number",
            advice="use T > 0",
        )
    return value


@dataclass(frozen=True, slots=True, init=False)
class ThermalBath:
    """Bosons at temperature T (k_B = 1); ``label`` names its heat in the ledger.

    >>> omega, T = sympy.symbols("omega T", positive=True)
    >>> ThermalBath("h", T).occupation(omega)
    1/(exp(omega/T) - 1)

    Raises OutOfDomain for a temperature that is not positive.
    """

    label: str
    T: Expr

    def __init__(self, label: str, T: Any) -> None:
        object.__setattr__(self, "label", label)
        object.__setattr__(self, "T", _temperature(label, T))

    @property
    def mu(self) -> Expr:
        return sympy.Integer(0)

    @property
    def statistics(self) -> str:
        return "bose"

    def occupation(self, omega: Expr) -> Expr:
        """n = 1/(e^(omega/T) - 1)."""
        return bose(omega / self.T)

    def jumps(self, operator: Operator, *, frequency: Any, rate: Any) -> ThermalPair:
        """rate (n + 1) D[operator] + rate n D[operator^+]; ``operator`` lowers by ``frequency``."""
        return ThermalPair(self, operator, sympy.S(frequency), sympy.S(rate))

    def dephasing(self, operator: Operator, *, rate: Any) -> Jump:
        """rate D[operator] for a Hermitian operator that exchanges no energy with the bath."""
        return Jump(operator, sympy.S(rate), self.label, self)


@dataclass(frozen=True, slots=True, init=False)
class Lead:
    """Free electrons at temperature T and chemical potential mu.

    >>> epsilon, T = sympy.symbols("epsilon T", positive=True)
    >>> Lead("l", T, 0).occupation(epsilon)
    1/(exp(epsilon/T) + 1)
    """

    label: str
    T: Expr
    mu: Expr

    def __init__(self, label: str, T: Any, mu: Any) -> None:
        object.__setattr__(self, "label", label)
        object.__setattr__(self, "T", _temperature(label, T))
        object.__setattr__(self, "mu", sympy.S(mu))

    @property
    def statistics(self) -> str:
        return "fermi"

    def occupation(self, energy: Expr) -> Expr:
        """f = 1/(e^((energy - mu)/T) + 1)."""
        return fermi((energy - self.mu) / self.T)

    def jumps(self, operator: Operator, *, energy: Any, rate: Any) -> ThermalPair:
        """rate (1 - f) D[operator] + rate f D[operator^+]; ``operator`` removes one electron."""
        return ThermalPair(self, operator, sympy.S(energy), sympy.S(rate))


Bath = ThermalBath | Lead


@dataclass(frozen=True, slots=True)
class ThermalPair:
    """A lowering operator and its adjoint with rates in detailed balance.

    The frequency is the energy the lowering operator takes from the system; with a lead it also
    takes one electron. down/up = e^x with x = (frequency - mu)/T.
    """

    bath: Bath
    operator: Operator
    frequency: Expr
    rate: Expr

    @property
    def exponent(self) -> Expr:
        """x = (omega - mu)/T, so that down = e^x up."""
        return (self.frequency - self.bath.mu) / self.bath.T

    @property
    def occupation(self) -> Expr:
        return self.bath.occupation(self.frequency)

    @property
    def down(self) -> Jump:
        """Emission: rate (n + 1), or rate (1 - f)."""
        n = self.occupation
        factor = n + 1 if self.bath.statistics == "bose" else 1 - n
        return Jump(self.operator, self.rate * factor, self.bath.label)

    @property
    def up(self) -> Jump:
        """Absorption: rate n, or rate f."""
        return Jump(self.operator.dag(), self.rate * self.occupation, self.bath.label)
