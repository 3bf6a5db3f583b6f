"""The entropy that is produced until a system is at rest: a relative entropy, without an integral.

Let rho_t = e^{tL} rho with a unique stationary state pi of full rank. Since Tr[L(rho)] = 0,

    d/dt S(rho_t||pi) = Tr[L(rho_t)(ln rho_t - ln pi)] = -(Spohn's rate of L at rho_t),

and rho_t -> pi, where S(.||pi) is continuous. So the nonadiabatic part of the entropy production
integrates to S(rho||pi) from 0 to oo, and to S(rho||pi) - S(rho_t||pi) until t. If every
dissipator leaves pi stationary on its own (one bath, or several of one temperature), the adiabatic
part is zero and this is all of the entropy production: Delta S - sum_a beta_a Q_a. Otherwise the
steady state goes on producing, and the whole is infinite.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import sympy
from sympy import Expr

from symtherm.dynamics.generator import Generator, Trait
from symtherm.dynamics.steady import steady_state
from symtherm.errors import require
from symtherm.exact.alphabet import alphabet
from symtherm.exact.complex import pair
from symtherm.exact.decide import all_zero
from symtherm.exact.writer import readable
from symtherm.quantum.eigen import connected_blocks
from symtherm.quantum.operator import Operator
from symtherm.quantum.state import require_state
from symtherm.thermo.claim import Claim
from symtherm.thermo.entropy import (
    logm,
    relative_entropy,
    spohn_rate,
    von_neumann_entropy,
    without_units,
)
from symtherm.thermo.theorem import klein_inequality

__all__ = ["Relaxation", "relaxation"]


@dataclass(frozen=True, slots=True)
class Relaxation:
    """The way of a state ``rho`` under a generator to its stationary state ``pi``."""

    generator: Generator
    rho: Operator
    pi: Operator

    @property
    def at_rest(self) -> bool:
        """Whether every dissipator alone leaves pi stationary, so that nothing keeps producing."""
        parts = self.generator.dissipators
        return all(all_zero(part(self.pi).entries.values()) for part in parts)

    @property
    def nonadiabatic(self) -> Expr:
        """int_0^oo of the nonadiabatic part = S(rho||pi), in nats."""
        return relative_entropy(self.rho, self.pi)

    @property
    def production(self) -> Expr:
        """int_0^oo of the entropy production: S(rho||pi) if ``at_rest``, else oo.

        Raises MissingTrait unless the rates of every bath are in detailed balance.
        """
        needed = "use thermal pairs in detailed balance"
        self.generator.require(Trait.KMS, "The entropy production of a relaxation", needed)
        return self.nonadiabatic if self.at_rest else sympy.oo

    def until(self, later: Operator) -> Expr:
        """int_0^t of the nonadiabatic part = S(rho||pi) - S(rho_t||pi), rho_t being ``later``."""
        return self.nonadiabatic - relative_entropy(later, self.pi)

    @property
    def slope(self) -> Claim:
        """d/dt S(rho_t||pi) == -(Spohn's rate) at rho, as an identity in the letters of rho.

        On the left -dS/dt is the derivative of the closed form of the entropy along L(rho), on the
        right stands a trace of logarithms of operators.
        """
        change = self.generator(self.rho)
        drift: Operator = change * logm(self.pi)
        left = -_entropy_slope(self.rho, change) - without_units(drift.tr())
        right = -spohn_rate(self.generator, self.rho, self.pi)
        return Claim(left, "==", right, "Slope of the relative entropy", self.generator.positive)

    @property
    def law(self) -> Claim:
        """S(rho||pi) >= 0, zero iff the state is at rest already, by Klein's inequality."""
        return replace(klein_inequality(self.rho, self.pi), positive=self.generator.positive)


def _entropy_slope(rho: Operator, change: Operator) -> Expr:
    """d/ds S(rho + s change) at s = 0, by differentiating the closed form.

    Entries between blocks of rho count in second order only, since f(rho + sX) has the trace
    Tr f(rho) + s Tr[X f'(rho)] and f'(rho) has the blocks of rho. Those within get letters, so that
    the square roots that are differentiated are those of rho.
    """
    s = sympy.Dummy("s", real=True)
    values: dict[Expr, Expr] = {}
    entries: dict[tuple[int, int], Expr] = {}
    for block in connected_blocks(rho):
        for i in block:
            for j in block:
                if j < i or change[i, j] == 0:
                    continue
                u = sympy.Dummy(f"u_{i}_{j}", real=True)
                values[u], entries[i, j] = change[i, j], u
                if i != j:
                    v, (re, im) = sympy.Dummy(f"v_{i}_{j}", real=True), _parts(change[i, j])
                    values |= {u: re, v: im}
                    entries |= {(i, j): u + sympy.I * v, (j, i): u - sympy.I * v}
    moved: Operator = rho + s * Operator.of(rho.space, entries)
    slope: Expr = sympy.diff(von_neumann_entropy(moved), s).subs(s, 0)
    return slope.xreplace(values)


def _parts(expr: Expr) -> tuple[Expr, Expr]:
    re, im = pair(space := alphabet([expr]), expr)
    return readable(space, re), readable(space, im)


def relaxation(generator: Generator, rho: Operator) -> Relaxation:
    """What a state's relaxation under e^{tL} produces, in closed form and without an integral.

    For connected blocks of rho and pi up to 2 x 2; beyond, S(rho||pi) comes in balls from
    ``symtherm.numeric.entropies.enclose_relative_entropy``. Raises NotUnique where there are
    several stationary states, MissingTrait for a generator that is not GKLS, and for what is no
    state of its space NotHermitian, BadExpression or DimensionMismatch; the quantities raise
    OutsideClosedForm for larger blocks.

    >>> from symtherm import Operator, ThermalBath, gkls, is_zero, parameters, prove
    >>> from symtherm import free_energy, sigmam, sigmaz
    >>> w, g, T, p = parameters("omega gamma T p")
    >>> H = w/2*sigmaz()
    >>> L = gkls(H, [ThermalBath("b", T).jumps(sigmam(), frequency=w, rate=g)])
    >>> way = relaxation(L, Operator.of(H.space, {(0, 0): p, (1, 1): 1 - p}))
    >>> is_zero(way.production - (free_energy(way.rho, H, T) - free_energy(way.pi, H, T)) / T)
    True
    >>> prove(way.slope).verdict.name
    'PROVED'
    """
    needed = "build the generator with gkls or davies"
    require(generator, Generator, "A relaxation is under a Generator", needed)
    require_state(rho, "A state that relaxes", generator.space)
    generator.require(Trait.GKLS, "The entropy production of a relaxation", needed)
    return Relaxation(generator, rho, steady_state(generator).rho)
