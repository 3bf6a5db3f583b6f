"""Real and imaginary parts of complex expressions, as pairs of real fractions."""

from __future__ import annotations

from functools import reduce

import sympy
from sympy import Expr

from symtherm.errors import OutsideClosedForm
from symtherm.exact.alphabet import Alphabet
from symtherm.exact.fraction import Fraction
from symtherm.exact.letters import exponent_parts, is_complex

__all__ = ["Pair", "add", "conjugate", "multiply", "pair", "scale"]

# Functions that are real whatever complex symbols occur in them.
_REAL = (sympy.Abs, sympy.arg, sympy.re, sympy.im, sympy.cos, sympy.sin)

Pair = tuple[Fraction, Fraction]


def add(a: Pair, b: Pair) -> Pair:
    return a[0] + b[0], a[1] + b[1]


def multiply(a: Pair, b: Pair) -> Pair:
    if not a[1] and not b[1]:
        return a[0] * b[0], a[1]
    return a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]


def conjugate(a: Pair) -> Pair:
    return a[0], -a[1]


def scale(a: Pair, factor: Fraction | int) -> Pair:
    return a[0] * factor, a[1] * factor


def pair(space: Alphabet, expr: Expr) -> Pair:
    """(Re, Im) of an expression in which the imaginary unit occurs rationally.

    >>> from symtherm.exact.alphabet import alphabet, parameters
    >>> g = parameters("g")
    >>> A = alphabet([g])
    >>> pair(A, 1 / (g + sympy.I))
    ((g0)/(g0^2 + 1), (-1)/(g0^2 + 1))
    """
    zero = Fraction.of(space.base, 0)
    if isinstance(expr, sympy.conjugate):
        return conjugate(pair(space, expr.args[0]))
    if isinstance(expr, _REAL) or not (expr.has(sympy.I) or is_complex(expr)):
        return space.fraction(expr), zero
    if expr.is_Symbol:
        return scale(space.unit(sympy.arg(expr)), space.fraction(sympy.Abs(expr)))
    if isinstance(expr, sympy.exp):
        real, angle = exponent_parts(expr.args[0])
        return scale(space.unit(angle), space.fraction(sympy.exp(real)))
    if expr is sympy.I:
        return zero, Fraction.of(space.base, 1)
    if expr.is_Add:
        return reduce(add, (pair(space, a) for a in expr.args))
    if expr.is_Mul:
        return reduce(multiply, (pair(space, a) for a in expr.args))
    if expr.is_Pow and expr.exp.is_Integer:
        power = int(expr.exp)
        value = pair(space, expr.base)
        if power < 0:
            norm = value[0] * value[0] + value[1] * value[1]
            value, power = (value[0] / norm, -value[1] / norm), -power
        result = (Fraction.of(space.base, 1), zero)
        for _ in range(power):
            result = multiply(result, value)
        return result
    if not expr.has(sympy.I):
        return space.fraction(expr), zero
    raise OutsideClosedForm(
        f"The real and imaginary part of {expr}",
        found=f"the imaginary unit inside {type(expr).__name__}",
        advice="write complex coefficients as a + I*b with real a and b",
    )
