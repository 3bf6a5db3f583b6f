"""Monotone pairs: (e^a - e^b)(a - b) >= 0 and (a - b)(ln a - ln b) >= 0 inside an expression."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import gcd, lcm

import sympy
from sympy import Expr

from symtherm.exact.alphabet import Alphabet
from symtherm.exact.basis import coordinates
from symtherm.exact.fraction import Fraction, Poly, TooLarge, evaluate, split

__all__ = ["Pair", "boltzmann_binomials", "exponent_sides", "monotone_pairs", "written_pairs"]


# Powers of the ratio a/b tried in Klein's inequality.
POWERS = 4


@dataclass(frozen=True, slots=True)
class Pair:
    """value = factor (f(a) - f(b))(a - b) identically, with f the exponential or the logarithm.

    With the function "klein" it is value = factor (a (ln a - ln b) - a + b), which is nonnegative
    because ln is concave: ln(b/a) <= b/a - 1. The logarithmic mean (a - b)/(ln a - ln b) lies
    between the arithmetic and the geometric one (tanh t <= t <= sinh t for t >= 0):

        "arithmetic": value = factor (a - b) ((a + b)(ln a - ln b) - 2 (a - b)),
        "geometric":  value = factor (a - b) (a^2 - b^2 - 2 a b (ln a - ln b)), for a^2 and b^2.

    All vanish iff a = b.
    """

    factor: Fraction
    a: Expr
    b: Expr
    function: str


def monotone_pairs(space: Alphabet, value: Fraction) -> Iterator[Pair]:
    """Every way that the factors of ``value`` suggest to write it as a factor times a pair."""
    for p, power in value.num.factor()[1]:
        if power % 2 == 0 or space.sign(p) is not None:
            continue
        for powers, _ in boltzmann_binomials(space, p):
            a, b = exponent_sides(space, powers)
            force = space.fraction(a) - space.fraction(b)
            flux = space.fraction(sympy.exp(a)) - space.fraction(sympy.exp(b))
            if force and flux:
                yield from _divided(value, (flux, force), a, b, "exp")
        sides = _logarithm_sides(space, p, homogeneous=True)
        if sides is not None:
            a, b = sides
            A, B = space.fraction(a), space.fraction(b)
            force = space.fraction(sympy.log(a)) - space.fraction(sympy.log(b))
            if force and A - B:
                yield from _divided(value, (A - B, force), a, b, "log")
            continue
        sides = _logarithm_sides(space, p, homogeneous=False)
        for a, b in _powers(sides) if sides is not None else ():
            force = space.fraction(sympy.log(a)) - space.fraction(sympy.log(b))
            yield from _between(value, space.fraction(a), space.fraction(b), force, (a, b))
    terms = [a.exponent for a in space.atoms if a.kind == "occupation" and a.exponent is not None]
    zero, one = sympy.Integer(0), sympy.Integer(1)
    unit = Fraction.of(space.base, 1)
    for u in [
        k * (x - y) for k in (1, 2) for x in (*terms, zero) for y in (*terms, zero) if x != y
    ]:
        sides = one, sympy.exp(u)
        yield from _between(value, unit, space.fraction(sides[1]), -space.fraction(u), sides)


def _between(
    value: Fraction, a: Fraction, b: Fraction, force: Fraction, sides: tuple[Expr, Expr]
) -> Iterator[Pair]:
    """Klein's inequality and those of the means that divide ``value``; force = ln a - ln b."""
    one, difference = a / a, a - b
    for function, outer, bracket in (
        ("klein", one, a * force - difference),
        ("arithmetic", difference, (a + b) * force - 2 * difference),
        ("geometric", difference, (a + b) * difference - 2 * a * b * force),
    ):
        if outer and bracket and not value.num % bracket.num.primitive()[1]:
            yield Pair(value / (outer * bracket), *sides, function)


def _divided(
    value: Fraction, brackets: tuple[Fraction, Fraction], a: Expr, b: Expr, function: str
) -> Iterator[Pair]:
    factor = value
    try:
        for bracket in brackets:
            factor = factor / bracket
    except TooLarge:
        return
    yield Pair(factor, a, b, function)


def written_pairs(space: Alphabet, expr: Expr) -> Iterator[Pair]:
    """The pairs that a product is written with: one factor f(a) - f(b), and one a - b.

    No division is needed then, which with square roots in a and b may be a large one.
    """
    factors = sympy.Mul.make_args(expr)
    for i, bracket in enumerate(factors):
        sides = _difference(bracket)
        if sides is None:
            continue
        a, b, function = sides
        for j, other in enumerate(factors):
            if j == i or not other.is_Add:
                continue
            for sign in (1, -1):
                if sympy.expand(other - sign * (a - b)) == 0:
                    rest = sympy.Mul(sign, *(f for k, f in enumerate(factors) if k not in (i, j)))
                    yield Pair(space.fraction(rest), a, b, function)


def _difference(expr: Expr) -> tuple[Expr, Expr, str] | None:
    """(a, b, f) for an expression f(a) - f(b), with f the exponential or the logarithm."""
    if not expr.is_Add or len(expr.args) != 2:
        return None
    for up, low in (expr.args, expr.args[::-1]):
        for function, name in ((sympy.exp, "exp"), (sympy.log, "log")):
            if isinstance(up, function) and isinstance(-low, function):
                return up.args[0], (-low).args[0], name
    return None


def _powers(sides: tuple[Expr, Expr]) -> Iterator[tuple[Expr, Expr]]:
    """What a/b may be a power of, either way round: ln(a^2) - a^2 + 1 is written with 2 ln a."""
    for power in range(1, POWERS + 1):
        a, b = (side**power for side in sides)
        yield a, b
        yield b, a


def boltzmann_binomials(space: Alphabet, poly: Poly) -> Iterator[tuple[tuple[int, ...], Poly]]:
    """Factors X^alpha - X^beta of a polynomial once occupations are written as X = exp(-e).

    Yields beta - alpha (so that exp(-alpha.e) = exp((beta - alpha).e) exp(-beta.e)).
    """
    images = []
    for index, atom in enumerate(space.atoms):
        g = space.base.gen(index)
        if atom.chart == "bose":
            images.append(Fraction.of(space.base, g, 1 - g))
        elif atom.chart == "fermi":
            images.append(Fraction.of(space.base, g, g + 1))
        else:
            images.append(Fraction.of(space.base, g))
    first, last = space.symbols, space.symbols + len(space.exponents)
    for p, _ in evaluate(poly, images, space.base).num.factor()[1]:
        terms = list(p.to_dict().items())
        if len(terms) != 2 or {int(c) for _, c in terms} != {1, -1}:
            continue
        (m, c), (k, _) = terms
        if int(c) < 0:
            m, k = k, m
        if any(m[i] or k[i] for i in range(len(m)) if not first <= i < last):
            continue
        yield tuple(int(k[i]) - int(m[i]) for i in range(first, last)), p


def exponent_sides(space: Alphabet, powers: tuple[int, ...]) -> tuple[Expr, Expr]:
    """(a, b) with a - b proportional to sum powers_j e_j: its positive and its negative part."""
    parts: list[Expr] = [sympy.Integer(0), sympy.Integer(0)]
    common = gcd(*powers)  # 2 a = 2 b says no more than a = b
    powers = tuple(k // common for k in powers)
    for power, atom in zip(powers, space.atoms[space.symbols :], strict=False):
        if power:
            assert atom.exponent is not None
            parts[power < 0] += abs(power) * atom.exponent
    return parts[0], parts[1]


def _logarithm_sides(space: Alphabet, poly: Poly, *, homogeneous: bool) -> tuple[Expr, Expr] | None:
    """(a, b) for a polynomial q (sum m_k ln p_k + sum n_j e_j) = q (ln a - ln b), m and n integers.

    The weight q is a polynomial without logarithms; its sign does not matter here. What has no
    logarithm must be of this form, or is ignored unless ``homogeneous``.
    """
    places = [i for i in space.logs.values() if poly.degrees()[i]]
    weights: dict[int, Fraction] = {}
    rest = poly
    for i in places:
        parts = split(space.base, rest, i)
        if len(parts) != 2 or any(parts[1].degrees()[j] for j in places):
            return None
        weights[i], rest = Fraction.of(space.base, parts[1]), parts[0]
    if not weights:
        return None
    unit = weights[min(weights)]
    ratios = {i: w / unit for i, w in weights.items()}
    constant = Fraction.of(space.base, rest) / unit
    if any(not r.is_constant for r in ratios.values()):
        return None
    numbers = {
        i: sympy.Rational(int(r.num.leading_coefficient()), int(r.den.leading_coefficient()))
        for i, r in ratios.items()
    }
    scale = lcm(*(int(n.q) for n in numbers.values()))
    scaled = constant * scale
    powers: tuple[int, ...] = ()
    if scaled and homogeneous:
        small = space.exponents[0].base if space.exponents else None
        degrees = [*scaled.num.degrees()], [*scaled.den.degrees()]
        if small is None or any(d for part in degrees for d in part[small.size :]):
            return None
        num, den = (p.project_to_context(small.ctx) for p in (scaled.num, scaled.den))
        found = coordinates(space.exponents, Fraction(small, num, den))
        if found is None:
            return None
        powers = found
    sides: list[Expr] = [sympy.Integer(1), sympy.Integer(1)]
    for i, n in numbers.items():
        power = int(n * scale)
        argument = space.atoms[i].expr.args[0]
        if argument.has(sympy.Abs):
            return None
        sides[power < 0] *= argument ** abs(power)
    for power, atom in zip(powers, space.atoms[space.symbols :], strict=False):
        if power:
            assert atom.exponent is not None
            sides[power < 0] *= sympy.exp(abs(power) * atom.exponent)
    return sides[0], sides[1]
