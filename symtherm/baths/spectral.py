"""Spectral densities: the rate of a coupling as a function of the Bohr frequency."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import Expr

from symtherm.errors import OutsideClosedForm
from symtherm.exact.scalar import scalar

__all__ = ["Flat", "Ohmic", "SpectralDensity", "flat", "ohmic"]


@dataclass(frozen=True, slots=True)
class Flat:
    """The same rate at every frequency: gamma(omega) = gamma (n + 1)."""

    gamma: Expr

    def rate(self, omega: Expr) -> Expr:
        return self.gamma

    def at_zero(self, T: Expr) -> Expr:
        """gamma (n(omega) + 1) grows like gamma T/omega: refused."""
        raise OutsideClosedForm(
            "The dephasing rate gamma(0) of a flat spectral density",
            found="gamma (n(omega) + 1) diverges as omega -> 0, and the coupling has a diagonal "
            "part A(0)",
            advice="use ohmic(eta), whose gamma(0) = eta T, or a coupling without diagonal part",
        )


@dataclass(frozen=True, slots=True)
class Ohmic:
    """A rate proportional to the frequency: gamma(omega) = eta omega (n + 1)."""

    eta: Expr

    def rate(self, omega: Expr) -> Expr:
        return self.eta * omega

    def at_zero(self, T: Expr) -> Expr:
        """lim of eta omega (n + 1) = eta T."""
        return self.eta * T


SpectralDensity = Flat | Ohmic


def flat(gamma: Any) -> Flat:
    """A flat spectral density.

    >>> import sympy
    >>> flat(sympy.Symbol("gamma", positive=True)).rate(sympy.Symbol("omega"))
    gamma
    """
    return Flat(scalar(gamma, "The rate of a flat spectral density"))


def ohmic(eta: Any) -> Ohmic:
    """An Ohmic spectral density without cutoff; gamma(0) = eta T is finite.

    >>> import sympy
    >>> eta, omega, T = sympy.symbols("eta omega T", positive=True)
    >>> ohmic(eta).rate(omega), ohmic(eta).at_zero(T)
    (eta*omega, T*eta)
    """
    return Ohmic(scalar(eta, "The coefficient of an Ohmic spectral density"))
