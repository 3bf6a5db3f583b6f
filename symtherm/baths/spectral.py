"""Spectral densities: the rate of a coupling as a function of the Bohr frequency.

gamma(omega) = 2 pi J(omega) (n + 1) is the Fourier transform of the bath's correlation function
C(t) = int_0^oo d omega' J(omega') [(n' + 1) e^{-i omega' t} + n' e^{i omega' t}], and
S(omega) = PV int_0^oo d omega' J(omega') [(n' + 1)/(omega - omega') + n'/(omega + omega')]
the imaginary part of its one-sided transform gamma/2 + i S. ``rate`` is 2 pi J; ``flat`` and
``ohmic`` without cutoff are given by their rate, and their S diverges.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy
from sympy import Expr

from symtherm.errors import OutsideClosedForm
from symtherm.exact.scalar import scalar

__all__ = [
    "Drude",
    "Flat",
    "Ohmic",
    "OhmicCutoff",
    "SpectralDensity",
    "drude",
    "flat",
    "mode_correlation",
    "ohmic",
    "ohmic_cutoff",
]


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
            found="gamma (n(omega) + 1) diverges as omega -> 0, and the coupling has a part A(0), "
            "diagonal or between levels of one energy",
            advice="use ohmic(eta), whose gamma(0) = eta T, or a coupling with A(0) = 0",
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


@dataclass(frozen=True, slots=True)
class OhmicCutoff:
    """J(omega) = eta omega e^{-omega/omega_c}; the rate is 2 pi J."""

    eta: Expr
    cutoff: Expr

    def density(self, omega: Expr) -> Expr:
        """J(omega)."""
        return self.eta * omega * sympy.exp(-omega / self.cutoff)

    def rate(self, omega: Expr) -> Expr:
        return 2 * sympy.pi * self.density(omega)

    def at_zero(self, T: Expr) -> Expr:
        """lim of 2 pi J (n + 1) = 2 pi eta T."""
        return 2 * sympy.pi * self.eta * T

    def lamb(self, omega: Expr, T: Expr | int = 0) -> Expr:
        """S(omega) = eta (-omega_c + omega e^{-u} Ei(u)), u = omega/omega_c, at T = 0.

        Proof: PV int_0^oo x e^{-x/c}/(omega - x) dx = -c + omega PV int_0^oo e^{-x/c}/(omega - x),
        and the last integral is e^{-u} Ei(u) by the definition of Ei. The formula holds for both
        signs of omega. Raises OutsideClosedForm at T > 0.

        >>> eta, w, c = sympy.symbols("eta omega omega_c", positive=True)
        >>> OhmicCutoff(eta, c).lamb(w)
        eta*(omega*exp(-omega/omega_c)*Ei(omega/omega_c) - omega_c)
        """
        if T != 0:
            raise OutsideClosedForm(
                "The Lamb shift of an exponential cutoff at T > 0",
                advice="use drude(eta, cutoff), which has a closed form at any T",
            )
        u = omega / self.cutoff
        return self.eta * (omega * sympy.exp(-u) * sympy.Ei(u) - self.cutoff)


@dataclass(frozen=True, slots=True)
class Drude:
    """J(omega) = eta omega omega_c^2/(omega^2 + omega_c^2); the rate is 2 pi J."""

    eta: Expr
    cutoff: Expr

    def density(self, omega: Expr) -> Expr:
        """J(omega)."""
        return self.eta * omega * self.cutoff**2 / (omega**2 + self.cutoff**2)

    def rate(self, omega: Expr) -> Expr:
        return 2 * sympy.pi * self.density(omega)

    def at_zero(self, T: Expr) -> Expr:
        """lim of 2 pi J (n + 1) = 2 pi eta T."""
        return 2 * sympy.pi * self.eta * T

    def lamb(self, omega: Expr, T: Expr) -> Expr:
        """S(omega) in closed form at any T > 0, for omega of either sign, a = omega_c:

        S = eta a^2/(omega^2 + a^2) {omega [pi T/a + Re psi(1 + i omega/(2 pi T))
        - psi(1 + a/(2 pi T))] - pi a/2}.

        Proof: J is odd and n(-x) = -(n + 1), so S = PV int_R J (n + 1)/(omega - x) dx with
        n + 1 = (coth(x/(2T)) + 1)/2. The 1 gives -pi eta a^3/(2 (omega^2 + a^2)). With
        coth(x/(2T)) = 2T [1/x + sum_k 2x/(x^2 + nu_k^2)], nu_k = 2 pi k T, and
        PV int dx/((x^2 + b^2)(omega - x)) = pi omega/(b (omega^2 + b^2)), the k-th term is
        [1/(a + nu_k) - nu_k/(omega^2 + nu_k^2)] up to common factors, and the sum over k is
        (Re psi(1 + i omega/(2 pi T)) - psi(1 + a/(2 pi T)))/(2 pi T).

        >>> eta, w, c, T = sympy.symbols("eta omega omega_c T", positive=True)
        >>> Drude(eta, c).lamb(sympy.Integer(0), T)
        -pi*eta*omega_c/2
        """
        if scalar(T, "The temperature").is_nonpositive:
            raise OutsideClosedForm(
                f"The Lamb shift of a Drude density at T = {T}", advice="use T > 0"
            )
        a, scale = self.cutoff, 2 * sympy.pi * T
        psi = sympy.re(sympy.digamma(1 + sympy.I * omega / scale)) - sympy.digamma(1 + a / scale)
        bracket = omega * (sympy.pi * T / a + psi) - sympy.pi * a / 2
        return self.eta * a**2 / (omega**2 + a**2) * bracket


SpectralDensity = Flat | Ohmic | OhmicCutoff | Drude


def mode_correlation(weight: Any, omega: Any, T: Any, t: Any) -> Expr:
    """weight [(n + 1) e^{-i omega t} + n e^{i omega t}], the correlation function of one mode.

    It obeys the KMS condition C(-t) = C(t - i/T); a bath is a sum of such modes with weights
    J(omega) d omega, so its correlation function obeys it too, and gamma(-omega) =
    e^{-omega/T} gamma(omega) follows by shifting the contour of the Fourier integral.

    >>> from symtherm import is_zero, parameters
    >>> w, T, t = parameters("omega T t")
    >>> C = lambda time: mode_correlation(1, w, T, time)
    >>> is_zero(C(-t) - C(t - sympy.I / T))
    True
    """
    n = 1 / (sympy.exp(omega / T) - 1)
    turn = sympy.I * omega * t
    up, down = sympy.exp(sympy.expand(-turn)), sympy.exp(sympy.expand(turn))
    return scalar(weight, "The weight of a mode") * ((n + 1) * up + n * down)


def ohmic_cutoff(eta: Any, cutoff: Any) -> OhmicCutoff:
    """An Ohmic spectral density with an exponential cutoff, J = eta omega e^{-omega/cutoff}.

    >>> ohmic_cutoff(1, 5).rate(sympy.Integer(5))
    10*pi*exp(-1)
    """
    return OhmicCutoff(scalar(eta, "The coefficient eta"), scalar(cutoff, "The cutoff"))


def drude(eta: Any, cutoff: Any) -> Drude:
    """An Ohmic spectral density with a Drude cutoff, J = eta omega c^2/(omega^2 + c^2).

    >>> drude(1, 5).density(sympy.Integer(5))
    5/2
    """
    return Drude(scalar(eta, "The coefficient eta"), scalar(cutoff, "The cutoff"))


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
