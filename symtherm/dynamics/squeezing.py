"""The letters N and M of a squeezed bath.

With R = cosh(r) A + e^{i phi} sinh(r) A^+ and n the occupation,

    (n + 1) D[R] + n D[R^+] = (N + 1 - M) D[A] + (N - M) D[A^+] + M D[A + e^{i phi} A^+],
    N = n cosh(2r) + sinh(r)^2,    M = (2n + 1) sinh(r) cosh(r),

because D is a Hermitian form in its operator: D[c A + s A^+] has c^2 and s^2 times those of A and
A^+ and c s times the mixed terms, and D[A + e^{i phi} A^+] holds each of these once. So the
generator is linear in N and M, where it is of second degree in e^r and of first in n. N - M may be
negative, which does not matter: an identity in N and M holds for what they mean.

With S = N + 1/2 - M = (n + 1/2) e^{-2r}, the variance of the squeezed quadrature, explicit forms
lose no digits where r is large: N + 1/2 - M is S, and N + 1/2 + M = 2N + 1 - S >= N + 1/2.

N is the mean number of quanta and M the modulus of the anomalous correlation <b b> of the bath
(Breuer and Petruccione, section 3.4.3, where M has the opposite sign).
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy
from sympy import Expr

from symtherm.baths.bath import Jump
from symtherm.exact.alphabet import alphabet
from symtherm.exact.decide import all_zero, is_zero
from symtherm.exact.fraction import Fraction
from symtherm.exact.writer import readable
from symtherm.quantum.operator import Operator

__all__ = ["SqueezedPair", "squeezed_pair"]


@dataclass(frozen=True, slots=True)
class SqueezedPair:
    """gamma (n + 1) D[R] + gamma n D[R^+] with R = cosh(r) A + turn sinh(r) A^+, |turn| = 1."""

    operator: Operator
    turn: Expr
    r: Expr
    gamma: Expr
    n: Expr

    def quanta(self, n: Expr) -> Expr:
        """N for the occupation written as ``n``."""
        return n * sympy.cosh(2 * self.r) + sympy.sinh(self.r) ** 2

    def anomalous(self, n: Expr) -> Expr:
        """M for the occupation written as ``n``."""
        return (2 * n + 1) * sympy.sinh(self.r) * sympy.cosh(self.r)

    def variance(self, n: Expr) -> Expr:
        """S for the occupation written as ``n``."""
        return (2 * n + 1) * sympy.exp(-2 * self.r) / 2

    def jumps(self, first: Jump, gamma: Expr, N: Expr, M: Expr) -> list[Jump]:
        """The same dissipator as formal jumps that are linear in N and M."""
        A, label = self.operator, first.label
        mixed = A + self.turn * A.dag()
        return [
            Jump(A, gamma * (N + 1 - M), label),
            Jump(A.dag(), gamma * (N - M), label),
            Jump(mixed, gamma * M, label),
        ]


def squeezed_pair(first: Jump, second: Jump) -> SqueezedPair | None:
    """What two jumps R and R^+ of a squeezed bath are made of; None if they are no such pair.

    >>> from symtherm import SqueezedBath, parameters, sigmam
    >>> w, T, r, g = parameters("omega T r gamma")
    >>> pair = squeezed_pair(*SqueezedBath("s", T, r).jumps(sigmam(), frequency=w, rate=g))
    >>> print(pair.operator, pair.turn, pair.r, pair.gamma, pair.n)
    |g><e| 1 r gamma 1/(exp(omega/T) - 1)
    """
    entries = first.operator.entries
    hyperbolic = set().union(*(v.atoms(sympy.cosh, sympy.sinh) for v in entries.values()))
    arguments = {h.args[0] for h in hyperbolic}
    if first.bath is not None or second.bath is not None or len(arguments) != 1:
        return None
    (r,) = arguments
    if not r.is_positive or second.operator != first.operator.dag():
        return None
    spread = {k: sympy.expand(v) for k, v in entries.items()}
    A, B = (
        Operator.of(first.operator.space, {k: v.coeff(f(r)) for k, v in spread.items()})
        for f in (sympy.cosh, sympy.sinh)
    )
    rest = first.operator - sympy.cosh(r) * A - sympy.sinh(r) * B
    if any(sympy.expand(v) != 0 for _, _, v in rest.data) or not A.data or not B.data:
        return None
    if any(v.has(sympy.cosh, sympy.sinh) for o in (A, B) for _, _, v in o.data):
        return None
    i, j, value = B.data[0]
    if A[j, i] == 0:
        return None
    turn = sympy.expand(value / sympy.conjugate(A[j, i]))
    parallel = (B - turn * A.dag()).entries.values()
    if not all_zero(parallel) or is_zero(turn * sympy.conjugate(turn) - 1) is not True:
        return None
    found = _rates(first.rate, second.rate)
    return None if found is None else SqueezedPair(A, turn, r, *found)


def _rates(down: Expr, up: Expr) -> tuple[Expr, Expr] | None:
    """(gamma, n) with down = gamma (n + 1), up = gamma n and a Bose occupation n."""
    space = alphabet([down, up])
    gamma = space.fraction(down) - space.fraction(up)
    if space.fraction_sign(gamma) != 1:
        return None
    n = space.fraction(up) / gamma
    for index, atom in enumerate(space.atoms):
        if atom.chart == "bose" and n == Fraction.of(space.base, space.base.gen(index)):
            return readable(space, gamma), atom.expr
    return None
