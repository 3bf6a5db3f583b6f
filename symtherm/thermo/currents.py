"""Heat, particle and energy currents and power, as functions of any state.

Signs: energy, heat and power are positive into the system.
"""

from __future__ import annotations

import sympy
from sympy import Expr

from symtherm.dynamics.generator import Generator
from symtherm.quantum.operator import Operator, commutator
from symtherm.thermo.entropy import without_units

__all__ = ["energy_current", "heat_current", "particle_current", "power"]


def energy_current(generator: Generator, rho: Operator, label: str, observable: Operator) -> Expr:
    """Tr[X D_label(rho)], the rate at which one dissipator changes <X>."""
    product: Operator = observable * generator.dissipator(label)(rho)
    return product.tr()


def heat_current(
    generator: Generator,
    rho: Operator,
    label: str,
    energy: Operator,
    number: Operator | None = None,
) -> Expr:
    """J_a = Tr[(E - mu_a N) D_a(rho)], the heat from bath a into the system per unit time.

    >>> from symtherm import ThermalBath, gkls, ket2dm, parameters, sigmam, sigmaz
    >>> w, g, T = parameters("omega gamma T")
    >>> H = w / 2 * sigmaz()
    >>> L = gkls(H, [ThermalBath("b", T).jumps(sigmam(), frequency=w, rate=g)])
    >>> excited = ket2dm(L.space.ket("e"))
    >>> heat_current(L, excited, "b", H)
    -gamma*omega*(1 + 1/(exp(omega/T) - 1))
    """
    total = energy_current(generator, rho, label, energy)
    bath = generator.dissipator(label).bath
    if bath is not None and number is not None and bath.mu != 0:
        total = total - bath.mu * energy_current(generator, rho, label, number)
    return total


def particle_current(generator: Generator, rho: Operator, label: str, number: Operator) -> Expr:
    """Tr[N D_a(rho)], particles entering from lead a per unit time."""
    return energy_current(generator, rho, label, number)


def power(
    generator: Generator, rho: Operator, energy: Operator, number: Operator | None = None
) -> Expr:
    """-i Tr(E [H, rho]) + sum_a mu_a Tr[N D_a(rho)]: work done on the system per unit time."""
    total = -sympy.I * (energy * commutator(generator.hamiltonian, rho)).tr()
    if number is not None:
        for bath in generator.baths:
            if bath.mu != 0:
                total = total + bath.mu * particle_current(generator, rho, bath.label, number)
    return without_units(total)
