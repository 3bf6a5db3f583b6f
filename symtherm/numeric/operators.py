"""From symbols to numbers, by the route of the operators: the second opinion on every closed form.

Hamiltonian, jump operators and rates are evaluated at a point and handed to the high-precision
integration; closed forms are never used here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import mpmath as mp
from sympy import Expr, Rational, Symbol

from symtherm.dynamics.generator import Generator
from symtherm.errors import UnknownSymbol
from symtherm.numeric import integrate
from symtherm.numeric.integrate import Entries, NumericGenerator
from symtherm.quantum.operator import Operator
from symtherm.thermo.model import Model

__all__ = ["integrated_quantities", "number", "numeric_entries", "numeric_generator"]

Point = Mapping[Symbol, Rational]


def number(expr: Expr, at: Point, digits: int) -> Any:
    """An expression at a point as an mpmath number; raises UnknownSymbol for a missing value."""
    value = expr.xreplace(dict(at))
    if value.free_symbols:
        missing = ", ".join(sorted(str(s) for s in value.free_symbols))
        raise UnknownSymbol(f"The value of {expr}", found=f"no value for {missing}")
    with mp.workdps(digits):
        result = mp.mpmathify(value.evalf(digits)._to_mpmath(int(digits * 3.33) + 8))
    return result


def numeric_entries(operator: Operator, at: Point, digits: int) -> Entries:
    """The entries of an operator at a point."""
    return tuple(((i, j), number(v, at, digits)) for i, j, v in operator.data)


def numeric_generator(generator: Generator, at: Point, digits: int = 50) -> NumericGenerator:
    """Hamiltonian, jump operators and rates at a point, with guard digits."""
    dps = digits + 25
    jumps = tuple(
        (j.label, number(j.rate, at, dps), numeric_entries(j.operator, at, dps))
        for j in generator.jumps
    )
    hamiltonian = numeric_entries(generator.hamiltonian, at, dps)
    return NumericGenerator(hamiltonian, jumps, generator.space.dim)


def integrated_quantities(model: Model, at: Point, digits: int = 50) -> dict[str, Any]:
    """Populations, heats, currents, power and entropy production by integrating from the operators.

    The steady state is the limit of e^{tL} (repeated squaring at high precision); every current is
    a trace with the dissipator applied to it. Values are mpmath numbers.

    >>> from symtherm import model
    >>> m = model("two-bath-qubit")
    >>> values = integrated_quantities(m, m.point, 20)
    >>> abs(values["heat[h]"] + values["heat[c]"]) < 1e-20
    True
    """
    gen = numeric_generator(model.generator, at, digits)
    dps = digits + 15
    with mp.workdps(dps):
        rho = integrate.steady_state(gen, dps)
        energy = numeric_entries(model.energy, at, dps + 10)
        counts = () if model.number is None else numeric_entries(model.number, at, dps + 10)
        values: dict[str, Any] = {}
        power = integrate.power(gen, rho, energy)
        sigma = mp.mpf(0)
        for d in model.generator.dissipators:
            heat = integrate.energy_current(gen, rho, d.label, energy)
            if d.bath is not None and counts:
                current = integrate.energy_current(gen, rho, d.label, counts)
                mu = number(d.bath.mu, at, dps + 10)
                heat -= mu * current
                power += mu * current
                if d.bath.statistics == "fermi":
                    values[f"current[{d.label}]"] = current
            values[f"heat[{d.label}]"] = heat
            if d.bath is not None:
                sigma -= heat / number(d.bath.T, at, dps + 10)
        values["power"] = power
        values["entropy_production"] = sigma
        for i, label in enumerate(model.generator.space.levels):
            values[f"population[{label}]"] = mp.re(rho[i, i])
        if "efficiency" in model.quantities:
            hot = values[f"heat[{model.source_bath(at)}]"]
            if abs(hot) > mp.mpf(10) ** (-digits):
                values["efficiency"] = -power / hot
    return values
