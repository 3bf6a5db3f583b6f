"""Symbolic programs lowered to a tape: every node of the expressions becomes instructions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any

import sympy

from symtherm.errors import OutsideClosedForm
from symtherm.exact.plan import walk
from symtherm.numeric.pairs import Pair, Pairs
from symtherm.numeric.precise import Clamped, Force, GuardedLog, Inverse, Occupation, Work
from symtherm.numeric.signs import signs
from symtherm.numeric.tape import Tape

__all__ = ["lowered_tape"]

MANY = 40  # operands of a sum or product beyond which no common pairs are searched for

TINY = 2.2250738585072014e-308  # the smallest normal number

_DIRECT: dict[Any, str] = {
    sympy.exp: "exp",
    sympy.log: "log",
    sympy.tanh: "tanh",
    sympy.cosh: "cosh",
    sympy.sinh: "sinh",
    sympy.atanh: "atanh",
    sympy.acosh: "acosh",
    sympy.asinh: "asinh",
    sympy.sin: "sin",
    sympy.cos: "cos",
    sympy.Abs: "abs",
}
_RECIPROCAL: dict[Any, str] = {sympy.coth: "tanh", sympy.sech: "cosh", sympy.csch: "sinh"}


def lowered_tape(
    roots: Sequence[Any],
    names: Mapping[Any, int],
    definitions: Mapping[Any, Any],
    recipes: Mapping[Any, Any],
) -> tuple[Tape, list[int]]:
    """The tape, with its sums and occupations, and the positions of the roots.

    ``recipes`` are those of a :class:`~symtherm.numeric.precise.Rewriter`, made before the
    definitions, which come in order.
    """
    tape = Tape(len(names))
    resolved: dict[Any, int] = dict(names)
    pairs = Pairs(tape, dict(names))
    positive = [place for symbol, place in names.items() if symbol.is_positive]
    zero = tape.constant(0.0)
    frequent = _frequent_pairs([*definitions.values(), *roots])

    def visit(node: Any, done: list[int]) -> int:
        func = node.func
        if node.is_Symbol:
            return resolved[node]
        if func is sympy.Add:
            total = tape.sum([done[k] for k in _ordered(node, frequent)])
            if len(done) <= MANY:
                # What products with it take is its magnitude: signs are pushed outwards.
                tape.sums.append((tape.signed(total)[1], tuple(done)))
            return total
        if func is sympy.Mul:
            factors = []
            for k in _ordered(node, frequent):
                arg, index = node.args[k], done[k]
                if arg.is_Pow and arg.exp.is_Integer and arg.exp.is_negative:
                    factors.append((lowered[arg.base], int(arg.exp)))
                elif arg.is_Symbol:
                    # Shared: 1/x exists anyway, and a product is cheaper than a second division.
                    factors.append((index, 1))
                else:
                    factors.append(_as_reciprocal(tape, index))
            return tape.quotient(factors)
        if func is sympy.Pow:
            return _lowered_power(tape, node, done)
        if node.is_Rational:
            # Integer true division is correctly rounded whatever the sizes.
            index = tape.constant(int(node.p) / int(node.q))
            if int(node.q) & (int(node.q) - 1):
                rest = node - sympy.Rational(int(node.p) / int(node.q))
                tape.rests[index] = int(rest.p) / int(rest.q)
            return index
        if node.is_Float or node.is_NumberSymbol:
            return tape.constant(float(node))
        if func in _RECIPROCAL:
            return tape.div(tape.constant(1.0), tape.apply(_RECIPROCAL[func], done[0]))
        if func is GuardedLog:
            return _guarded_log(tape, done[0])
        if func is sympy.log and len(done) == 1:
            return tape.log(done[0])
        if func in (sympy.Max, sympy.Min):
            name, total = ("max" if func is sympy.Max else "min"), done[0]
            for other in done[1:]:
                total = tape.apply(name, total, other)
            return total
        if func in _DIRECT:
            return tape.apply(_DIRECT[func], done[0])
        if func is Clamped:
            known = signs(tape.offset, tape.code, positive, tape.occupations)
            return done[0] if known[done[0]] > 0 else tape.apply("max", done[0], zero)
        if func is Inverse:
            return tape.div(tape.constant(1.0), tape.apply("max", done[0], tape.constant(TINY)))
        if func in (Force, Work):
            return force(tape, done[:2], done[2], func is Work)
        raise OutsideClosedForm(
            "a NumPy function of an expression",
            found=str(node)[:120],
            advice="use rationals, powers, exp, log and hyperbolic functions of real symbols",
        )

    lowered: dict[Any, int] = {}

    def remember(node: Any, done: list[int]) -> int:
        lowered[node] = visit(node, done)
        return lowered[node]

    for symbol, recipe in recipes.items():
        if isinstance(recipe, Occupation):
            value = occupation(tape, recipe.kind, pairs.pair(recipe.exponent))
            resolved[symbol] = value
            if recipe.kind != "expm1":
                tape.occupations.add(value)
        else:
            resolved[symbol] = pairs.rounded(recipe.expr)
    for symbol, expr in definitions.items():
        resolved[symbol] = walk([expr], remember)[0]
    return tape, walk(roots, remember)


def occupation(tape: Tape, kind: str, exponent: Pair) -> int:
    """An occupation at high + low, from e^(high + low) or that less 1.

    With E = e^high - 1, e^(high + low) - 1 = E (1 + low) + low; the next term is low^2 e^high,
    at most 1e-26 of it below high = 745.
    """
    apply, one = tape.apply, tape.constant(1.0)
    q, low = exponent
    if kind == "hole":
        q, low = tape.neg(q), None if low is None else tape.neg(low)
    shifted = kind in ("bose", "expm1")
    power = apply("expm1" if shifted else "exp", q)
    if low is not None:
        power = apply("mul", power, apply("add", one, low))
        if shifted:
            power = apply("add", power, low)
    if kind in ("exp", "expm1"):
        return power
    return apply("div", one, power if shifted else apply("add", power, one))


def force(tape: Tape, products: Sequence[int], affinity: int, times_affinity: bool) -> int:
    """P - Q, or |A| |P - Q|, with P/Q = e^A: see :mod:`symtherm.numeric.precise`."""
    apply = tape.apply
    below = tape.neg(apply("abs", affinity))
    larger = apply("max", *products)
    fall = apply("mul", larger, apply("expm1", below))
    if times_affinity:
        return apply("mul", fall, below)
    return apply("copysign", fall, affinity)


def _guarded_log(tape: Tape, x: int) -> int:
    """ln x, finite with its derivative at x = 0; the same for x above 2^53 TINY = 2e-292."""
    plain = tape.log(x)
    shifted = tape.operand("log1p", plain)
    if shifted is not None:  # x = 1 + y
        return tape.apply("log1p", tape.apply("max", shifted, tape.constant(2.0**-53 - 1)))
    if tape.operand("log", plain) is not None:
        return tape.apply("log", tape.apply("add", x, tape.constant(TINY)))
    return plain


def _as_reciprocal(tape: Tape, index: int) -> tuple[int, int]:
    """A factor that was lowered to 1/x joins the denominator, so only one division is made."""
    opened = tape.reciprocal_of(index)
    return (index, 1) if opened is None else (opened, -1)


def _lowered_power(tape: Tape, node: Any, done: list[int]) -> int:
    exponent = node.args[1]
    if exponent.is_Integer:
        return tape.quotient([(done[0], int(exponent))])
    if exponent.is_Rational and exponent.q == 2:
        # x^(p/2) = sqrt(x)^p; sqrt is correctly rounded, pow is not.
        return tape.quotient([(tape.apply("sqrt", done[0]), int(exponent.p))])
    return tape.apply("pow", done[0], done[1])


def _frequent_pairs(exprs: Iterable[Any]) -> Counter[tuple[Any, Any]]:
    """How often two operands stand in one sum, or in one product, of three or more."""
    found: Counter[tuple[Any, Any]] = Counter()
    seen: set[Any] = set()
    stack = list(exprs)
    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        stack.extend(node.args)
        if (node.is_Add or node.is_Mul) and len(node.args) <= MANY:
            found.update(combinations(node.args, 2))
    return found


def _ordered(node: Any, pairs: Counter[tuple[Any, Any]]) -> list[int]:
    """The order of operands in which the pair that occurs most often comes first.

    Equal instructions are one, so a pair that several sums or products begin with is computed once.
    SymPy's operands are in canonical order, hence so are those of a pair.
    """
    places = list(range(len(node.args)))
    if not 2 < len(places) <= MANY:
        return places
    best = max(combinations(places, 2), key=lambda p: (pairs[node.args[p[0]], node.args[p[1]]],
                                                       -p[0], -p[1]))  # fmt: skip
    if pairs[node.args[best[0]], node.args[best[1]]] < 2:
        return places
    return [*best, *(k for k in places if k not in best)]
