"""A qubit between two thermal baths: the smallest heat conductor."""

from __future__ import annotations

from sympy import Rational

from symtherm import Model, ThermalBath, gkls, parameters, sigmam, sigmaz

__all__ = ["two_bath_qubit"]


def two_bath_qubit() -> Model:
    """H = (omega/2) sigma_z with a thermal pair from each of the baths h and c; levels e, g."""
    omega, gamma_h, gamma_c, T_h, T_c = parameters("omega gamma_h gamma_c T_h T_c")
    H = omega / 2 * sigmaz()
    baths = [(ThermalBath("h", T_h), gamma_h), (ThermalBath("c", T_c), gamma_c)]
    return Model(
        name="two-bath-qubit",
        title="A qubit between two thermal baths",
        parameters=(omega, gamma_h, gamma_c, T_h, T_c),
        generator=gkls(
            H, [bath.jumps(sigmam(), frequency=omega, rate=rate) for bath, rate in baths]
        ),
        energy=H,
        source="Breuer and Petruccione, The Theory of Open Quantum Systems (2002)",
        point={
            omega: Rational(1),
            gamma_h: Rational(3, 10),
            gamma_c: Rational(1, 5),
            T_h: Rational(2),
            T_c: Rational(1),
        },
    )
