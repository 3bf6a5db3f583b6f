"""Parts of the entropy production of populations as sums of terms that are visibly nonnegative.

Rates W^a_mn of bath a from level n to m, populations p, stationary pi, W = sum_a W^a, W pi = 0 in
the sense sum_n (W_mn pi_n - W_nm pi_m) = 0. With u_n = p_n/pi_n:

    total        = sum_a sum_{m<n} (W^a_mn p_n - W^a_nm p_m)(ln W^a_mn p_n - ln W^a_nm p_m),
    nonadiabatic = sum_{m!=n} W_mn pi_n [u_n ln(u_n/u_m) - u_n + u_m],
    adiabatic    = sum_a sum_{m!=n} u_n [A ln(A/B) - A + B],  A = W^a_mn pi_n, B = W^a_nm pi_m.

The first is Schnakenberg's form. In the others the terms without logarithm add up to zero: over m
and n they are sum_m u_m (sum_n W_mn pi_n - sum_n W_nm pi_m) = 0 and minus the same. Every bracket
is >= 0 by Klein's inequality or because ln is increasing (Esposito and Van den Broeck, Phys. Rev.
Lett. 104, 090601 (2010)).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sympy
from sympy import Expr

from symtherm.dynamics.generator import Dissipator, Generator
from symtherm.dynamics.pauli import pauli
from symtherm.errors import MissingTrait
from symtherm.quantum.operator import Operator
from symtherm.thermo.claim import Claim

__all__ = ["Visible", "visible_parts"]

Rates = Mapping[tuple[int, int], Expr]
Term = tuple[Expr, Expr, Expr]


@dataclass(frozen=True, slots=True)
class Visible:
    """sum of K [a ln(a/b) - a + b], or of K (a - b)(ln a - ln b), over ``terms`` (K, a, b)."""

    name: str
    terms: tuple[Term, ...]
    klein: bool
    positive: tuple[Expr, ...] = ()

    @property
    def expression(self) -> Expr:
        """The sum in the parameters of the model."""
        return sympy.Add(*(self._term(*t) for t in self.terms))

    @property
    def inequality(self) -> Claim:
        """The sum >= 0 for all positive K_i, a_i, b_i as letters; the model's is a case of it."""
        names = ("K", "a", "b")
        letters = [
            [sympy.Symbol(f"{x}_{i + 1}", positive=True) for x in names]
            for i in range(len(self.terms))
        ]
        total = sympy.Add(*(self._term(*t) for t in letters))
        return Claim(total, ">=", sympy.Integer(0), f"{self.name}, term by term")

    def identity(self, value: Expr) -> Claim:
        """``value`` == ``expression``."""
        title = f"{self.name} as a sum of terms"
        return Claim(value, "==", self.expression, title, self.positive)

    def _term(self, K: Expr, a: Expr, b: Expr) -> Expr:
        if self.klein:
            return K * (a * sympy.log(a / b) - a + b)
        return K * (a - b) * (sympy.log(a) - sympy.log(b))


def visible_parts(generator: Generator, rho: Operator, pi: Operator) -> dict[str, Visible]:
    """``total``, ``nonadiabatic`` and ``adiabatic`` of a state of populations, visibly >= 0.

    For thermal pairs whose rates join single levels both ways; a part whose transitions lack a way
    back is left out. Empty for states with coherences and where coherences feed populations.

    >>> from symtherm import ThermalBath, gibbs_state, gkls, parameters, sigmam, sigmaz, Operator
    >>> w, g, T, p = parameters("omega gamma T p")
    >>> L = gkls(w/2*sigmaz(), [ThermalBath("b", T).jumps(sigmam(), frequency=w, rate=g)])
    >>> rho = Operator.of(L.space, {(0, 0): p, (1, 1): 1 - p})
    >>> sorted(visible_parts(L, rho, gibbs_state(w/2*sigmaz(), T)))
    ['adiabatic', 'nonadiabatic', 'total']
    """
    if any(i != j for x in (rho, pi) for i, j, _ in x.data):
        return {}
    d = generator.space.dim
    p, q = [rho[i, i] for i in range(d)], [pi[i, i] for i in range(d)]
    try:
        each = [pauli(_alone(generator, part)) for part in generator.dissipators]
        together = pauli(generator)
    except MissingTrait:
        return {}
    known = (*generator.positive, *(e for e in p if e.free_symbols and not e.is_Symbol))
    u = [a / b for a, b in zip(p, q, strict=True)]
    one = sympy.Integer(1)
    found = {
        "nonadiabatic": Visible(
            "Nonadiabatic part",
            tuple((r * q[n], u[n], u[m]) for (m, n), r in together.items()),
            True,
            known,
        )
    }
    if all((n, m) in W for W in each for m, n in W):
        found["total"] = Visible("Entropy production", tuple(_pairs(each, p, one)), False, known)
        terms = ((u[n], r * q[n], W[n, m] * q[m]) for W in each for (m, n), r in W.items())
        found["adiabatic"] = Visible("Adiabatic part", tuple(terms), True, known)
    return found


def _alone(generator: Generator, part: Dissipator) -> Generator:
    return Generator(generator.hamiltonian, (part,), positive=generator.positive)


def _pairs(each: Sequence[Rates], p: Sequence[Expr], one: Expr) -> list[Term]:
    return [(one, r * p[n], W[n, m] * p[m]) for W in each for (m, n), r in W.items() if m < n]
