"""A qubit in contact with one thermal bath."""

from __future__ import annotations

from sympy import Rational

from symtherm import Model, ThermalBath, gkls, parameters, sigmam, sigmaz

__all__ = ["qubit"]


def qubit() -> Model:
    """H = (omega/2) sigma_z; gamma (n + 1) D[sigma_-] + gamma n D[sigma_+]; levels e, g."""
    omega, gamma, T = parameters("omega gamma T")
    H = omega / 2 * sigmaz()
    bath = ThermalBath("b", T)
    return Model(
        name="qubit",
        title="A qubit and one thermal bath",
        parameters=(omega, gamma, T),
        generator=gkls(H, [bath.jumps(sigmam(), frequency=omega, rate=gamma)]),
        energy=H,
        source="Breuer and Petruccione, The Theory of Open Quantum Systems (2002)",
        point={omega: Rational(3, 2), gamma: Rational(2, 5), T: Rational(5, 4)},
    )
