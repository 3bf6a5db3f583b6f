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
from symtherm.exact.fraction import Fraction, split
from symtherm.exact.writer import readable
from symtherm.quantum.eigen import short
from symtherm.quantum.operator import Operator

__all__ = ["poles", "scaled", "zeros"]


def scaled(A: Operator) -> tuple[Expr, Operator]:
    """(|v|^2, A/v) for a matrix element v: D[A] = |v|^2 D[A/v].

    v is the first element that visibly never vanishes, or the first of all (see :func:`poles`). The
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
    return square, (A / v).apply(_regular)


def _is_positive(square: Expr) -> bool:
    space = alphabet([square])
    return space.fraction_sign(space.fraction(square)) == 1


def _regular(value: Expr) -> Expr:
    """A ratio written short, with its roots in the denominator where that leaves no pole.

    (a + b R)/d = (a^2 - b^2 R^2)/(d (a - b R)): of (4 R - 5 g)/(4 x - 3 g) with R^2 = x^2 + g^2
    it makes (4 x + 3 g)/(4 R + 5 g).
    """
    written = short(value)
    if not _poles(written, ()) or value.has(sympy.I):
        return written
    space = alphabet([value])
    known = space.fraction(value)
    for index, _ in space.base.roots:
        parts = split(space.base, known.num, index)
        if len(parts) == 2:
            a, b = parts
            norm = Fraction.of(space.base, space.base.norm(a, b, index), known.den)
            other = Fraction.of(space.base, a - b * space.base.gen(index))
            form: Expr = readable(space, norm) / readable(space, other)
            if not _poles(form, ()):
                return form
    return written


def poles(A: Operator, positive: Sequence[Expr] = ()) -> tuple[Expr, ...]:
    """Expressions one of which vanishes wherever an element of A, as it is written, has a pole.

    >>> from symtherm import parameters, HilbertSpace
    >>> x, y = parameters("x y")
    >>> g, s, e = HilbertSpace("q", levels="gse").kets
    >>> square, A = scaled((x - y) * g * e.dag() + (x - 2 * y) * e * s.dag())
    >>> poles(A), poles(g * e.dag() / (x + y))
    ((x - y,), ())
    """
    return tuple(dict.fromkeys(z for _, _, v in A.data for z in _poles(v, positive)))


def _poles(value: Expr, positive: Sequence[Expr]) -> list[Expr]:
    below = (p.base for p in value.atoms(sympy.Pow) if p.exp.is_negative)
    return [z for base in below for z in zeros(base, positive)]


def zeros(value: Expr, positive: Sequence[Expr] = ()) -> tuple[Expr, ...]:
    """Expressions one of which vanishes wherever ``value`` does; () if it visibly does nowhere.

    a + b R vanishes only where its norm a^2 - b^2 R^2 does, root by root.

    >>> from symtherm import parameters
    >>> x, y = parameters("x y")
    >>> zeros(5 * sympy.sqrt(x**2 + y**2) - 3 * x - 4 * y), zeros(x + y)
    ((4*x - 3*y,), ())
    """
    space = alphabet([value], positive=positive)
    left = [p for p, _ in space.fraction(value).num.factor()[1] if space.sign(p) is None]
    for index, _ in reversed(space.base.roots):
        for k, poly in enumerate(left):
            if poly.degrees()[index]:
                a, b = split(space.base, poly, index)
                left[k] = space.base.norm(a, b, index)
    factors = [p for poly in left for p, _ in poly.factor()[1]]
    return tuple(space.poly_expr(p) for p in factors if space.sign(p) is None)
