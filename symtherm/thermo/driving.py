"""Entropy production in finite time: slow driving, and processes that are solved exactly.

Slow driving. Let pi be the stationary populations at the value x of a parameter, and
rho = pi + delta with x' small. Then rho' = W rho gives W delta = x' d pi/dx to first order, and the
nonadiabatic rate -sum_i (W rho)_i (ln rho_i - ln pi_i) is, with ln rho_i - ln pi_i = delta_i/pi_i,

    sigma = zeta x'^2,    zeta = -sum_i (d ln pi_i/dx) (W^{-1} d pi/dx)_i >= 0,

where W^{-1} acts on vectors of sum zero. Over a time t_f the excess is
(1/t_f) int_0^1 zeta (dx/ds)^2 ds, up to 1/t_f^2 (Sivak and Crooks, Phys. Rev. Lett. 108, 190602
(2012)).

Straight processes. A bath that resets all populations at one rate, rho' = Gamma (pi_t - rho),
moves them along the straight line rho_s = rho_0 + s D, s = t/t_f, D = rho_1 - rho_0, iff
pi_t = rho_{s + a} with a = 1/(Gamma t_f). Since d/ds S(rho_s) = -sum_i D_i ln rho_{s,i},

    Q/T = -int_0^1 ds sum_i D_i ln rho_{s + a, i} = S(rho_{1 + a}) - S(rho_a),
    Sigma(a) = Delta S - Q/T = S(rho_1) - S(rho_0) - S(rho_{1 + a}) + S(rho_a),
    dSigma/da = sum_i (ln rho_{1 + a, i} - ln rho_{a, i}) D_i >= 0,    Sigma(0) = 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sympy
from sympy import Expr, Symbol

from symtherm.dynamics.generator import Generator
from symtherm.dynamics.pauli import pauli
from symtherm.dynamics.steady import steady_state
from symtherm.errors import MissingTrait, OutOfDomain, UnknownSymbol, require
from symtherm.exact.alphabet import alphabet
from symtherm.exact.bareiss import null_space
from symtherm.exact.fraction import Fraction
from symtherm.exact.matrix import SparseMatrix
from symtherm.exact.scalar import scalar
from symtherm.exact.writer import readable
from symtherm.quantum.operator import Operator
from symtherm.quantum.state import require_state
from symtherm.thermo.claim import Claim
from symtherm.thermo.entropy import von_neumann_entropy
from symtherm.thermo.visible import Visible

__all__ = ["StraightProcess", "friction", "straight_process"]


def friction(generator: Generator, parameter: Symbol) -> Expr:
    """zeta with sigma = zeta (d parameter/dt)^2 for slow driving, in time units per parameter^2.

    ``parameter`` may stand in energies, rates and temperatures alike; with several baths zeta is
    that of the nonadiabatic part. Raises MissingTrait where coherences feed populations, NotUnique,
    UnknownSymbol for a parameter that the generator does not hold (nothing would be driven).

    >>> from symtherm import Lead, gkls, is_zero, parameters, sigmam, sigmap
    >>> w, T, G = parameters("omega T Gamma")
    >>> bit = gkls(w*sigmap()*sigmam(), [Lead("b", T, 0).jumps(sigmam(), energy=w, rate=G)])
    >>> f = 1 / (sympy.exp(w / T) + 1)
    >>> is_zero(friction(bit, w) - f * (1 - f) / (G * T**2))
    True
    """
    require(parameter, Symbol, "The parameter that is driven is a symbol", "declare it")
    rates = pauli(generator)
    if parameter not in set().union(*(e.free_symbols for e in generator.expressions)):
        raise UnknownSymbol(
            f"Driving {parameter}", found="a generator without it", advice="give one of its letters"
        )
    pi = steady_state(generator).rho
    d = generator.space.dim
    slopes = [sympy.diff(pi[i, i], parameter) for i in range(d)]
    populations = [pi[i, i] for i in range(d)]
    space = alphabet([*rates.values(), *slopes, *populations], positive=generator.positive)
    # (W, -dpi; 1, 0) (delta, s) = 0 has one solution up to scale; s = 1 then.
    zero = Fraction.of(space.base, 0)
    entries: dict[tuple[int, int], Fraction] = {}
    for (m, n), rate in rates.items():
        value = space.fraction(rate)
        entries[m, n] = entries.get((m, n), zero) + value
        entries[n, n] = entries.get((n, n), zero) - value
    for i, slope in enumerate(slopes):
        entries[i, d] = -space.fraction(slope)
        entries[d, i] = Fraction.of(space.base, 1)
    (vector,) = null_space(SparseMatrix(space.base, d + 1, {k: v for k, v in entries.items() if v}))
    total = zero
    for i, p in enumerate(populations):
        if i in vector:
            total = total - space.fraction(slopes[i]) / space.fraction(p) * vector[i] / vector[d]
    return readable(space, total)


@dataclass(frozen=True, slots=True)
class StraightProcess:
    """Populations that move from ``start`` to ``end`` along a line; ``lag`` is a = 1/(Gamma t_f).

    Exact for every duration for which the last target ``target(1)`` is a state.
    """

    start: Operator
    end: Operator
    T: Expr
    lag: Expr

    def state(self, s: Any) -> Operator:
        """rho_s = start + s (end - start), the populations at the time s t_f."""
        moved: Operator = self.start + scalar(s, "A fraction of the time") * (self.end - self.start)
        return moved

    def target(self, s: Any) -> Operator:
        """rho_{s + a}, the Gibbs state of the energy at the time s t_f."""
        return self.state(scalar(s, "A fraction of the time") + self.lag)

    def energy(self, s: Any) -> Operator:
        """H = T ln(p_last/p_i) with p the target: its Gibbs state at T, the last level at 0."""
        p = self.target(s)
        last = p.space.dim - 1
        levels = {(i, i): self.T * sympy.log(p[last, last] / p[i, i]) for i in range(last)}
        return Operator.of(p.space, levels)

    @property
    def entropy_change(self) -> Expr:
        """S(end) - S(start)."""
        return von_neumann_entropy(self.end) - von_neumann_entropy(self.start)

    @property
    def released(self) -> Expr:
        """Q_out = T [S(rho_a) - S(rho_{1 + a})], heat that the bath received."""
        ends = von_neumann_entropy(self.target(0)) - von_neumann_entropy(self.target(1))
        return self.T * ends

    @property
    def production(self) -> Expr:
        """Sigma = Q_out/T + Delta S."""
        return self.entropy_change + self.released / self.T

    @property
    def growth(self) -> Expr:
        """dSigma/da = sum_i (v_i - u_i)(ln v_i - ln u_i), u and v the first and last target."""
        u, v = self.target(0), self.target(1)
        return _gap([u[i, i] for i in range(len(u.data))], [v[i, i] for i in range(len(v.data))])

    @property
    def claim(self) -> Claim:
        """``growth`` >= 0 for all positive u_i and v_i as letters.

        With Sigma(0) = 0 this is the second law for every duration.
        """
        u, v = (
            [sympy.Symbol(f"{x}_{i}", positive=True) for i in self.start.space.levels] for x in "uv"
        )
        return Claim(_gap(u, v), ">=", sympy.Integer(0), "Cost of haste")

    @property
    def visible(self) -> Visible:
        """Sigma as relative entropies, sum of K [x ln(x/y) - x + y], for every lag at once.

        rho_1 and rho_a lie between rho_0 and rho_{1+a}, as mixtures of these with the weights
        (a, 1)/(1 + a) and (1, a)/(1 + a). What mixing adds to the entropy is the mean of relative
        entropies to the mixture, and Sigma is the sum of both:

            (1 + a) Sigma = a S(rho_0||rho_1) + S(rho_{1+a}||rho_1)
                            + S(rho_0||rho_a) + a S(rho_{1+a}||rho_a).
        """
        a, first, last = self.lag, self.target(0), self.target(1)
        ends = (
            (a, self.start, self.end),
            (sympy.Integer(1), last, self.end),
            (sympy.Integer(1), self.start, first),
            (a, last, first),
        )
        levels = range(self.start.space.dim)
        terms = tuple((K / (1 + a), x[i, i], y[i, i]) for K, x, y in ends for i in levels)
        return Visible("Excess", terms, True)

    @property
    def slow(self) -> Expr:
        """dSigma/da at a = 0: Sigma = slow/(Gamma t_f) up to 1/t_f^2."""
        change = self.end - self.start
        return sympy.Add(
            *(
                change[i, i] * (sympy.log(self.end[i, i]) - sympy.log(self.start[i, i]))
                for i in range(change.space.dim)
            )
        )


def _gap(u: Sequence[Expr], v: Sequence[Expr]) -> Expr:
    pairs = zip(u, v, strict=True)
    return sympy.Add(*((y - x) * (sympy.log(y) - sympy.log(x)) for x, y in pairs))


def straight_process(start: Operator, end: Operator, T: Any, lag: Any) -> StraightProcess:
    """The process whose populations go straight from ``start`` to ``end`` in a time 1/(Gamma lag).

    Raises MissingTrait for states that are not diagonal, OutOfDomain for a level that is empty at
    one end (it would need infinite energy), a negative lag, or one so large that the last target is
    no state; BadExpression and DimensionMismatch for what are no states of one space.

    >>> from symtherm import Operator, is_zero, parameters, qeye
    >>> p, a, T = parameters("p a T")
    >>> half = qeye(2) / 2
    >>> done = Operator.of(half.space, {(0, 0): p, (1, 1): 1 - p})
    >>> reset = straight_process(half, done, T, a)
    >>> is_zero(reset.production.subs(a, 0))
    True
    >>> is_zero(reset.slow - (sympy.Rational(1, 2) - p) * sympy.log((1 - p) / p))
    True
    """
    a, T = scalar(lag, "The lag of a process"), scalar(T, "The temperature")
    if a.is_negative:
        raise OutOfDomain(f"A process with the lag {a}", advice="use 1/(Gamma t_f) > 0")
    if T.is_nonpositive:
        raise OutOfDomain(f"A process at T = {T}", found="T <= 0", advice="use T > 0")
    require_state(start, "The start of a process")
    for rho in (start, require_state(end, "The end of a process", start.space)):
        if any(i != j for i, j, _ in rho.data):
            raise MissingTrait(
                "A straight process of populations",
                found="a state with coherences",
                advice="give states that are diagonal in the levels",
            )
        if len(rho.data) < rho.space.dim:
            raise OutOfDomain("An end of a straight process", found="an empty level")
    process = StraightProcess(start, end, T, a)
    for i, _, value in process.target(1).data:
        space = alphabet([value])
        if space.fraction_sign(space.fraction(value)) == -1:
            raise OutOfDomain(
                f"A straight process with the lag {a}",
                found=f"a last target with the population {value} of {start.space.levels[i]}",
                advice="take more time, a smaller lag",
            )
    return process
