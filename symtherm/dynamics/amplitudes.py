"""The amplitude that is taken out of a secular operator, A = v (E_1 + r E_2 + ...), into its rate.

In an eigenbasis |v|^2 and the ratios r are rational in the square roots of the spectrum, v is not.
Where v may vanish for special parameters the ratios have poles there, although A has none: that is
a condition on what is derived from them.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy
from sympy import Expr

from symtherm.exact.alphabet import alphabet
from symtherm.exact.fraction import split
from symtherm.quantum.eigen import short
from symtherm.quantum.operator import Operator

__all__ = ["scaled", "zeros"]


def scaled(A: Operator) -> tuple[Expr, Operator]:
    """(|v|^2, A/v) for a matrix element v: D[A] = |v|^2 D[A/v].

    v is the first element that visibly never vanishes, or the first of all (see :func:`zeros`). The
    mixing angles of an eigenbasis then enter as the weights cos^2(theta/2) = (1 + delta/R)/2 of
    rates, which are rational in R, and no longer as nested roots in operators.

    >>> from symtherm import parameters, sigmam
    >>> rate, A = scaled(sympy.sqrt(parameters("gamma")) * sigmam())
    >>> rate, print(A)
    |g><e|
    (gamma, None)
    """
    if A.data[0][2].is_Rational:
        return sympy.Integer(1), A
    squares = [(short(v * sympy.conjugate(v)), v) for _, _, v in A.data]
    square, v = next((pair for pair in squares if _is_positive(pair[0])), squares[0])
    return square, (A / v).apply(short)


def _is_positive(square: Expr) -> bool:
    space = alphabet([square])
    return space.fraction_sign(space.fraction(square)) == 1


def zeros(square: Expr, A: Operator, positive: Sequence[Expr] = ()) -> tuple[Expr, ...]:
    """Expressions one of which vanishes wherever |v|^2 does; () where that makes no pole in A/v.

    |v|^2 = (a + b R)/c vanishes only where its norm a^2 - b^2 R^2 does, root by root.

    >>> from symtherm import parameters, HilbertSpace
    >>> x, y = parameters("x y")
    >>> g, s, e = HilbertSpace("q", levels="gse").kets
    >>> square, A = scaled((x - y) * g * e.dag() + y * y / x * s * e.dag() + (x - y) * e * s.dag())
    >>> zeros(square, A), zeros((x - y) ** 2, g * e.dag()), zeros((x - y) ** 2, A)
    ((), (), (x - y,))
    """
    if len(A.data) == 1:
        return ()
    space = alphabet([square], positive=positive)
    rest = [space.fraction(square).num]
    for index, radicand in reversed(space.base.roots):
        for k, poly in enumerate(rest):
            if poly.degrees()[index]:
                a, b = split(space.base, poly, index)
                rest[k] = space.base.reduce(a * a - b * b * radicand)
    factors = [p for poly in rest for p, _ in poly.factor()[1]]
    return tuple(space.poly_expr(p) for p in factors if space.sign(p) is None)
