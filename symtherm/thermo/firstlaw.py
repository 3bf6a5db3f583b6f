"""The first law with a time-dependent Hamiltonian: U' = W' + sum_a Q_a'.

H depends on time through undetermined functions of t (:func:`symtherm.functions`), each of which is
an atom, and so is its derivative; or through parameters x, each with its own expression for dx/dt.
Then the power is W' = Tr[(dH/dt) rho], the heat Q_a' = Tr[H D_a(rho)] (Alicki, J. Phys. A 12, L103
(1979)), and U' = d/dt Tr[H rho] = W' + Tr[H L(rho)], where -i Tr(H [H, rho]) = 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import sympy
from sympy import Expr, Symbol
from sympy.core.function import AppliedUndef

from symtherm.dynamics.generator import Generator
from symtherm.errors import BadExpression, require
from symtherm.exact.scalar import scalar
from symtherm.quantum.operator import Operator
from symtherm.quantum.state import expect, require_hermitian
from symtherm.thermo.claim import Claim
from symtherm.thermo.entropy import without_units

__all__ = ["Drive", "FirstLaw", "first_law", "in_letters", "time_derivative"]

Drive: TypeAlias = (
    Symbol | Mapping[Symbol, Any]
)  # the time, or the rate of every parameter that moves


@dataclass(frozen=True, slots=True)
class FirstLaw:
    """Rates into the system: ``energy`` = U', ``power`` = W', ``heat`` by label."""

    energy: Expr
    power: Expr
    heat: Mapping[str, Expr]

    @property
    def identity(self) -> Claim:
        """U' == W' + sum_a Q_a', functions of time and their derivatives being letters."""
        left, right = in_letters(self.energy, sympy.Add(self.power, *self.heat.values()))
        return Claim(left, "==", right, "First law")


def in_letters(*exprs: Expr) -> tuple[Expr, ...]:
    """Every f(t) and its derivatives as symbols f, f_dot, f_ddot of the same signs.

    An identity between undetermined functions and their derivatives holds iff it holds between
    these letters, because at any one time their values can be anything.

    >>> from symtherm import functions, parameters
    >>> t = parameters("t", real=True)
    >>> omega = functions("omega", t)
    >>> in_letters(sympy.diff(omega**2, t))
    (2*omega*omega_dot,)
    """
    taken = {s.name for e in exprs for s in e.free_symbols}
    table: dict[Expr, Symbol] = {}
    found = set().union(*(e.atoms(AppliedUndef, sympy.Derivative) for e in exprs))
    for atom in sorted(found, key=str):
        if not isinstance(atom, sympy.Derivative):
            name, sign = atom.func.__name__, {"positive": True} if atom.is_positive else {}
        else:
            order = sum(int(n) for _, n in atom.variable_count)
            name, sign = f"{atom.args[0].func.__name__}_{'d' * order}ot", {}
        while name in taken:
            name += "_t"
        taken.add(name)
        table[atom] = Symbol(name, **(sign or {"real": True}))
    return tuple(e.xreplace(table) for e in exprs)


def time_derivative(operator: Operator, drive: Drive) -> Operator:
    """dA/dt of an operator with functions of time, or sum_x (dA/dx) x' for ``drive`` = {x: x'}.

    >>> from symtherm import functions, parameters, sigmaz
    >>> w, v = parameters("omega v")
    >>> print(time_derivative(w * sigmaz(), {w: v}))
    v*|e><e| - v*|g><g|
    >>> t = parameters("t", real=True)
    >>> print(time_derivative(functions("Omega", t) * sigmaz(), t))
    Derivative(Omega(t), t)*|e><e| - Derivative(Omega(t), t)*|g><g|
    """
    require(
        drive,
        (Symbol, Mapping),
        "The drive is the time, or a mapping of parameters to their rates",
        'write parameters("t", real=True), or {omega: v}',
    )
    if isinstance(drive, Symbol):
        moving = [f for _, _, v in operator.data for f in v.atoms(AppliedUndef)]
        for f in moving:
            if drive not in f.args:
                raise BadExpression(
                    f"The derivative of {f} by {drive}",
                    found=f"a function of {', '.join(map(str, f.args))}",
                    advice="give the time that the functions were declared with",
                )
        return operator.apply(lambda entry: sympy.diff(entry, drive))
    rates = {x: scalar(v, f"The rate of {x}") for x, v in drive.items()}

    def slope(entry: Expr) -> Expr:
        return sympy.Add(*(sympy.diff(entry, x) * v for x, v in rates.items()))

    return operator.apply(slope)


def first_law(
    generator: Generator,
    rho: Operator,
    drive: Drive,
    *,
    energy: Operator | None = None,
) -> FirstLaw:
    """U', W' and the heats of a state at one instant, for any dependence of H on time.

    ``drive`` is the time t of undetermined functions f(t) in the generator, or a mapping of the
    parameters that move to their rates. ``energy`` defaults to the Hamiltonian. U' is computed from
    d/dt Tr[E rho] as a whole, not as the sum of the other two; the identity holds iff
    Tr(E [H, rho]) = 0, for instance for every state iff [E, H] = 0.

    >>> from symtherm import ThermalBath, gkls, is_zero, parameters, qeye, sigmam, sigmaz
    >>> w, g, T, v = parameters("omega gamma T v")
    >>> L = gkls(w/2*sigmaz(), [ThermalBath("b", T).jumps(sigmam(), frequency=w, rate=g)])
    >>> is_zero(first_law(L, qeye(L.space) / 2, {w: v}).identity.difference)
    True

    Raises BadExpression for a rate that is no exact expression and for functions of another time,
    NotHermitian, WrongArgument.
    """
    require_hermitian(rho, "A density operator")
    E = generator.hamiltonian if energy is None else require_hermitian(energy, "The energy")
    motion = time_derivative(E, drive)
    power = without_units(expect(motion, rho))
    heat = {d.label: without_units(expect(E, d(rho))) for d in generator.dissipators}
    total = without_units(expect(motion, rho) + expect(E, generator(rho)))
    return FirstLaw(total, power, heat)
