"""Thermal baths of bosons and leads of fermions, and the pairs of jumps they cause."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy
from sympy import Expr

from symtherm.baths.statistics import bose, fermi
from symtherm.errors import OutOfDomain, require
from symtherm.exact.scalar import scalar
from symtherm.exact.show import shortened
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

    def __repr__(self) -> str:
        label = f"{self.label!r}: " if self.label else ""
        return f"Jump({label}rate {shortened(str(self.rate))}, L = {shortened(str(self.operator))})"


def _temperature(label: Any, T: Any) -> Expr:
    require(
        label,
        str,
        "The label of a bath is text",
        {"": 'write the label first: ThermalBath("h", T_h), Lead("l", T_l, mu_l)'},
    )
    if not label:
        raise OutOfDomain("The label of a bath", found="none", advice='give one, such as "h"')
    value = scalar(T, f"The temperature of bath {label!r}")
    if value.is_nonpositive or (value.is_number and not value.is_positive):
        raise OutOfDomain(
            f"Bath {label!r} at temperature {value}",
            found="T <= 0" if value.is_real else "no real number",
            advice="use T > 0",
        )
    return value


def _jump_operator(operator: Any, what: str) -> Operator:
    require(
        operator,
        Operator,
        f"{what} is an Operator",
        "give the operator first, and frequency=..., energy=... or rate=... by name",
    )
    found: Operator = operator
    return found


@dataclass(frozen=True, slots=True, init=False)
class ThermalBath:
    """Bosons at temperature T (k_B = 1); ``label`` names its heat in the ledger.

    >>> omega, T = sympy.symbols("omega T", positive=True)
    >>> ThermalBath("h", T).occupation(omega)
    1/(exp(omega/T) - 1)

    Raises OutOfDomain for a temperature that is not positive, BadExpression for one that is no
    exact scalar (a float, or text), and WrongArgument for a label that is no text.
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
        what = f"of a jump of bath {self.label!r}"
        return ThermalPair(
            self,
            _jump_operator(operator, f"The operator {what}"),
            scalar(frequency, f"The frequency {what}"),
            scalar(rate, f"The rate {what}"),
        )

    def dephasing(self, operator: Operator, *, rate: Any) -> Jump:
        """rate D[operator] for a Hermitian operator that exchanges no energy with the bath."""
        what = f"of the dephasing by bath {self.label!r}"
        operator = _jump_operator(operator, f"The operator {what}")
        return Jump(operator, scalar(rate, f"The rate {what}"), self.label, self)


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
        object.__setattr__(self, "mu", scalar(mu, f"The chemical potential of lead {label!r}"))

    @property
    def statistics(self) -> str:
        return "fermi"

    def occupation(self, energy: Expr) -> Expr:
        """f = 1/(e^((energy - mu)/T) + 1)."""
        return fermi((energy - self.mu) / self.T)

    def jumps(self, operator: Operator, *, energy: Any, rate: Any) -> ThermalPair:
        """rate (1 - f) D[operator] + rate f D[operator^+]; ``operator`` removes one electron."""
        what = f"of a jump of lead {self.label!r}"
        return ThermalPair(
            self,
            _jump_operator(operator, f"The operator {what}"),
            scalar(energy, f"The energy {what}"),
            scalar(rate, f"The rate {what}"),
        )


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

    def __repr__(self) -> str:
        return (
            f"ThermalPair(bath {self.bath.label!r}, frequency {shortened(str(self.frequency))}, "
            f"rate {shortened(str(self.rate))}, L = {shortened(str(self.operator))})"
        )

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
