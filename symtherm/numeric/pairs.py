"""Exponents and affinities in doubled precision: pairs high + low on a tape.

A Bose factor exp(-omega/T) multiplies the rounding error of omega/T by omega/T, and an affinity
omega_c/T_c - omega_h/T_h near equilibrium is all rounding error. Both are cured by carrying the
error of every step (Dekker, Numer. Math. 18, 224 (1971); Knuth, TAOCP 2, 4.2.2):

    s = fl(a + b),  z = fl(s - a):   a + b = s + ((a - (s - z)) + (b - z))        exactly
    p = fl(a b):                     a b   = p + mulerr(a, b)                     exactly
    q = fl(a fl(1/b)):               a/b   = q + residual(a, q, b)/b + O(u^2),  residual = a - q b

The residual is one fused multiply-add, or a sum of products of halves (``expanded``). Lows
are themselves rounded, so the value high + low has a relative error of about u^2 times the number
of steps, u = 2^-53.
"""

from __future__ import annotations

from typing import Any

import sympy

from symtherm.errors import OutsideClosedForm
from symtherm.numeric.tape import Tape

__all__ = ["Pair", "Pairs", "is_arithmetic"]

Pair = tuple[int, int | None]  # positions of high and low; None for an exact value


def is_arithmetic(expr: Any) -> bool:
    """Whether an expression is made of symbols and rationals by sums, products and powers.

    Powers are integers or square roots.
    """
    stack = [expr]
    while stack:
        node = stack.pop()
        if node.is_Symbol or node.is_Rational:
            continue
        if node.is_Pow:
            exponent = node.exp
            if not (exponent.is_Integer or (exponent.is_Rational and exponent.q == 2)):
                return False
            stack.append(node.base)
        elif node.is_Add or node.is_Mul:
            stack.extend(node.args)
        else:
            return False
    return True


class Pairs:
    """Lowers arithmetic expressions of parameters to pairs on a tape."""

    def __init__(self, tape: Tape, names: dict[Any, int]) -> None:
        self.tape, self.names = tape, names
        self.known: dict[Any, Pair] = {}

    def pair(self, expr: Any) -> Pair:
        """high + low of an expression for which :func:`is_arithmetic` holds."""
        found = self.known.get(expr)
        if found is None:
            found = self.known[expr] = self._lowered(expr)
        return found

    def rounded(self, expr: Any) -> int:
        """The value of an expression, rounded once at the end."""
        if expr.is_Add:
            high, low = self._sum([self.pair(arg) for arg in expr.args], final=True)
        else:
            high, low = self.pair(expr)
        return high if low is None else self.tape.apply("add", high, low)

    def _lowered(self, expr: Any) -> Pair:
        if expr.is_Symbol:
            return self.names[expr], None
        if expr.is_Rational:
            high = int(expr.p) / int(expr.q)
            low = expr - sympy.Rational(high)
            rest = None if low == 0 else self.tape.constant(int(low.p) / int(low.q))
            return self.tape.constant(high), rest
        if expr.is_Add:
            return self._sum([self.pair(arg) for arg in expr.args], final=False)
        if expr.is_Pow or expr.is_Mul:
            return self._product(sympy.Mul.make_args(expr))
        raise OutsideClosedForm("arithmetic in doubled precision", found=str(expr)[:80])

    def _sum(self, terms: list[Pair], final: bool) -> Pair:
        """The sum; of a ``final`` sum the last rounding is the rounding of the result."""
        apply = self.tape.apply
        high, low = terms[0]
        for k, (x, x_low) in enumerate(terms[1:], 2):
            total = self._plus(high, x)
            low = self._together(low, x_low)
            if not (final and k == len(terms)):
                z = apply("sub", total, high)
                error = apply("add", apply("sub", high, apply("sub", total, z)), apply("sub", x, z))
                low = self._together(low, error)
            high = total
        return high, low

    def _plus(self, x: int, y: int) -> int:
        """x + y; a negated term is subtracted."""
        tape = self.tape
        minus_x, minus_y = tape.operand("neg", x), tape.operand("neg", y)
        if minus_y is not None:
            return tape.apply("sub", x, minus_y)
        return tape.apply("sub", y, minus_x) if minus_x is not None else tape.apply("add", x, y)

    def _together(self, x: int | None, y: int | None) -> int | None:
        if x is None or y is None:
            return y if x is None else x
        return self._plus(x, y)

    def _product(self, factors: Any) -> Pair:
        above: list[Pair] = []
        below: list[Pair] = []
        sign, scale = 1, sympy.Integer(1)
        for factor in factors:
            if factor.is_Rational:
                sign, scale = (-sign if factor < 0 else sign), scale * abs(factor)
                continue
            base, exponent = factor.as_base_exp()
            value = self.pair(base)
            if exponent.q == 2:
                value = self._root(value)
            (above if exponent > 0 else below).extend([value] * abs(int(exponent.p)))
        if scale.p != 1:
            above.append(self.pair(sympy.Integer(scale.p)))
        if scale.q != 1:
            below.append(self.pair(sympy.Integer(scale.q)))
        total = self._multiplied(above)
        if below:
            total = self._quotient(total, self._multiplied(below))
        high, low = total if total is not None else (self.tape.constant(1.0), None)
        if sign < 0:
            low = None if low is None else self.tape.neg(low)
            return self.tape.neg(high), low
        return high, low

    def _multiplied(self, factors: list[Pair]) -> Pair | None:
        apply = self.tape.apply
        if not factors:
            return None
        a, a_low = factors[0]
        for b, b_low in factors[1:]:
            low = apply("mulerr", a, b)
            for x, x_low in ((a, b_low), (b, a_low)):
                if x_low is not None:
                    low = apply("add", low, apply("mul", x, x_low))
            a, a_low = apply("mul", a, b), low
        return a, a_low

    def _quotient(self, above: Pair | None, below: Pair | None) -> Pair:
        assert below is not None
        apply, (b, b_low) = self.tape.apply, below
        a, a_low = above if above is not None else (self.tape.constant(1.0), None)
        inverse = apply("div", self.tape.constant(1.0), b)
        q = inverse if above is None else apply("mul", a, inverse)
        rest = apply("residual", a, q, b)
        if a_low is not None:
            rest = apply("add", rest, a_low)
        if b_low is not None:
            rest = apply("sub", rest, apply("mul", q, b_low))
        return q, apply("mul", rest, inverse)

    def _root(self, value: Pair) -> Pair:
        """sqrt(a) = s + (a - s^2)/(2 s) + O(u^2)."""
        apply, (a, a_low) = self.tape.apply, value
        s = apply("sqrt", a)
        rest = apply("residual", a, s, s)
        if a_low is not None:
            rest = apply("add", rest, a_low)
        return s, apply("div", rest, apply("add", s, s))
