"""Exact objects back to SymPy: canonical sums, and products of irreducible factors."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import sympy
from sympy import Expr

from symtherm.exact.alphabet import Alphabet
from symtherm.exact.fraction import Fraction, Poly

__all__ = ["expanded", "explicit", "factored", "nested", "poly_expr", "readable"]


def poly_expr(poly: Poly, names: Sequence[Expr]) -> Expr:
    """A polynomial as a SymPy sum of monomials in ``names``."""
    terms = []
    for exponents, coefficient in poly.to_dict().items():
        factors = [names[i] ** int(k) for i, k in enumerate(exponents) if k]
        terms.append(sympy.Mul(sympy.Integer(int(coefficient)), *factors))
    return sympy.Add(*terms)


def expanded(space: Alphabet, value: Fraction, names: Sequence[Expr] | None = None) -> Expr:
    """Numerator over denominator, both expanded."""
    names = names or [a.expr for a in space.atoms]
    return poly_expr(value.num, names) / poly_expr(value.den, names)


def factored(space: Alphabet, value: Fraction, names: Sequence[Expr] | None = None) -> Expr:
    """The product of irreducible factors, each with its power.

    >>> from symtherm.exact.alphabet import alphabet, parameters
    >>> x, y = parameters("x y")
    >>> A = alphabet([x, y])
    >>> factored(A, A.fraction((x**2 - y**2) / (x**2 + x * y)))
    (x - y)/x
    """
    names = names or [a.expr for a in space.atoms]
    return _product(value, lambda p: poly_expr(p, names))


def _product(value: Fraction, write: Callable[[Poly], Expr]) -> Expr:
    if not value:
        return sympy.Integer(0)
    above, factors = value.num.factor()
    below, divisors = value.den.factor()
    result: list[Expr] = [sympy.Rational(int(above), int(below))]
    for sign, pairs in ((1, factors), (-1, divisors)):
        for p, k in pairs:
            result.append(write(p) ** (sign * int(k)))
    if len(result) > 1 and result[0] != 1 and result[0] != -1:
        # Keep 2*(a + b) as a product; SymPy would distribute the number over a lone sum.
        rest = sympy.Mul(*result[1:])
        return sympy.Mul(result[0], rest, evaluate=not rest.is_Add)
    return sympy.Mul(*result)


def nested(poly: Poly, names: Sequence[Expr]) -> Expr:
    """A polynomial in nested form, a person's way of collecting: W (a + b) + c (d + e).

    Greedy multivariate Horner scheme: the name shared by most terms is taken out, again and again.

    >>> from symtherm.exact.alphabet import alphabet, parameters
    >>> a, b, c = parameters("a b c")
    >>> A = alphabet([a, b, c])
    >>> nested(A.fraction(a * b + a * c + b).num, (a, b, c))
    a*(b + c) + b
    """
    content, factors = poly.factor()
    if len(factors) == 1 and factors[0][1] == 1:
        return _nest(poly, names)
    parts = [_nest(p, names) ** int(k) for p, k in factors]
    return _times(int(content), parts)


def _times(content: int, parts: list[Expr]) -> Expr:
    """A product; a number in front of a lone sum stays in front of it."""
    if content != 1 and len(parts) == 1 and parts[0].is_Add:
        return sympy.Mul(sympy.Integer(content), parts[0], evaluate=False)
    return sympy.Mul(sympy.Integer(content), *parts)


def _nest(poly: Poly, names: Sequence[Expr]) -> Expr:
    terms = {tuple(map(int, m)): int(c) for m, c in poly.to_dict().items()}
    counts = [0] * len(names)
    for m in terms:
        for i, k in enumerate(m):
            counts[i] += k > 0
    best = max(range(len(names)), key=lambda i: counts[i], default=-1)
    if len(terms) == 1 or best < 0 or counts[best] < 2:
        return poly_expr(poly, names)
    power = min(m[best] for m in terms if m[best])
    context = poly.context()
    inside = context.from_dict(
        {(*m[:best], m[best] - power, *m[best + 1 :]): c for m, c in terms.items() if m[best]}
    )
    outside = context.from_dict({m: c for m, c in terms.items() if not m[best]})
    product = names[best] ** power * nested(inside, names)
    return product + nested(outside, names) if outside else product


def readable(space: Alphabet, value: Fraction, names: Sequence[Expr] | None = None) -> Expr:
    """Like :func:`factored`, with every factor in nested form."""
    names = names or [a.expr for a in space.atoms]
    return _product(value, lambda p: nested(p, names))
