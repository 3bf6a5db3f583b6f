"""In which order the factors of a product and the terms of a sum are printed.

The conventions are those of a physics paper: numbers, then symbols (energies before rates before
the rest), then sums, then functions; in a sum the highest degree first. Expressions are taken
apart, never rewritten, except that a sum whose terms are all negative gives its sign away.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

import sympy as sp

from .spelling import spelled_out

__all__ = ["ENERGY", "FUNCTION", "IMAGINARY", "Factor", "Product", "degree", "place_of", "split"]

# Symbols in a product: hbar, inverse temperatures, energies, effective rates, bare rates, the rest.
_CLASSES = (
    frozenset({"hbar"}),
    frozenset({"beta"}),
    frozenset({"omega", "Omega", "epsilon", "varepsilon", "E", "g", "Delta", "delta", "mu"}),
    frozenset({"W"}),
    frozenset({"Gamma", "gamma", "kappa"}),
)
ENERGY = 2
# Places of other factors that the order in a sum, or the parentheses, depend on.
IMAGINARY, FUNCTION = 1, 6


class Factor(NamedTuple):
    """``base**exponent``, where ``flip`` asks for the negative of the sum ``base``."""

    base: sp.Expr
    exponent: sp.Expr
    flip: bool


class Product(NamedTuple):
    """``(-1)**negative * p/q * prod(over) / prod(under)``."""

    negative: bool
    p: int
    q: int
    over: list[Factor]
    under: list[Factor]


def split(expr: sp.Basic, flip: bool = False) -> Product:
    """Sign, rational coefficient, numerator and denominator of a product (or of anything)."""
    negative, p, q = flip, 1, 1
    over: list[Factor] = []
    under: list[Factor] = []
    stack = list(reversed(expr.args)) if isinstance(expr, sp.Mul) else [expr]
    while stack:
        arg = stack.pop()
        if isinstance(arg, sp.Rational):
            negative ^= bool(arg.p < 0)
            p, q = p * abs(arg.p), q * arg.q
            continue
        if isinstance(arg, sp.Mul):
            stack.extend(reversed(arg.args))
            continue
        base, exponent, side = arg, sp.S.One, over
        if isinstance(arg, sp.Float) and arg.is_negative:
            negative, base = not negative, -arg
        elif isinstance(arg, sp.Pow):
            base, exponent = arg.args
            if isinstance(exponent, sp.Rational) and exponent < 0:
                exponent, side = -exponent, under
        turn = False
        if isinstance(base, sp.Add) and isinstance(exponent, sp.Integer):
            turn = all(_is_negative(term) for term in base.args)
            negative ^= turn and bool(exponent.p % 2)
        side.append(Factor(base, exponent, turn))
    return Product(negative, p, q, over, under)


def _is_negative(term: sp.Basic) -> bool:
    if isinstance(term, sp.Number):
        return bool(term.is_negative)
    if not isinstance(term, sp.Mul):
        return False
    return bool(isinstance(term.args[0], sp.Number) and term.args[0].is_negative)


def place_of(factor: Factor) -> tuple[int, tuple[int, str, str]]:
    """The class of a factor in a product, and the order of symbols within theirs."""
    base = factor.base
    if isinstance(base, sp.Symbol):
        return 2, _rank(base.name)
    if base is sp.S.ImaginaryUnit:
        return IMAGINARY, (0, "", "")
    if isinstance(base, (sp.Number, sp.NumberSymbol)):
        return 0, (0, "", "")
    if isinstance(base, sp.exp):
        return 4, (0, "", "")
    if isinstance(base, sp.Add):
        return 5, (len(base.args), "", "")
    if isinstance(base, sp.Function):
        return FUNCTION, (0, type(base).__name__, "")
    return 3, (0, "", "")


def degree(expr: sp.Basic) -> float:
    """The degree in all symbols together, for the order of terms in a sum."""
    if isinstance(expr, sp.Symbol):
        return 1
    if isinstance(expr, sp.Add):
        return max(degree(arg) for arg in expr.args)
    if isinstance(expr, sp.Mul):
        return sum(degree(arg) for arg in expr.args)
    if isinstance(expr, sp.Pow) and isinstance(expr.exp, sp.Rational):
        return degree(expr.base) * float(expr.exp)
    return 0


@lru_cache(maxsize=4096)
def _rank(name: str) -> tuple[int, str, str]:
    """The class of a symbol in a product, and the alphabet within the class."""
    name = spelled_out(name)
    root = re.split(r"[_^0-9]", name, maxsplit=1)[0]
    for place, roots in enumerate(_CLASSES):
        if root in roots:
            return place, root.lower(), name
    return len(_CLASSES), root.lower(), name
