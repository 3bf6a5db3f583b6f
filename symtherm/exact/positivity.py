"""The sign of a polynomial, read off its form.

A polynomial in positive generators whose coefficients are all positive is positive. Before
reading, occupations are written in generators that range over all of (0, oo): f in (0, 1) becomes
y/(1 + y), and a declared order such as omega_h > omega_c becomes omega_h = omega_c + delta.
Nothing is sampled: when the form does not show the sign, the answer is None.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import dist
from typing import Any

from symtherm.exact.fraction import Fraction as Quotient
from symtherm.exact.fraction import Poly, Ring, evaluate

__all__ = ["Ranges", "Squares", "coefficient_sign", "squares", "visible_form"]


Monomial = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Ranges:
    """What is known of each generator: ``signs`` holds "positive", "unit" (0 < y < 1) or "real".

    ``orders`` lists substitutions (generator, image) with a number below: generator = image, where
    in the image the generator itself stands for the new positive slack variable.
    """

    signs: tuple[str, ...]
    orders: tuple[tuple[int, Quotient], ...] = ()


def coefficient_sign(poly: Poly, signs: Sequence[str]) -> int | None:
    """+1 or -1 when every term is visibly of that sign and one never vanishes; otherwise None.

    A term is visible when its real generators occur in even powers.

    >>> from symtherm.exact.fraction import ring
    >>> x, y = ring(2).gens()
    >>> coefficient_sign(x * y**2 + x, ("positive", "real"))
    1
    >>> coefficient_sign(x * y + x, ("positive", "real")) is None
    True
    """
    coefficients = poly.coeffs()
    if not coefficients:
        return None
    found = 1 if coefficients[0] > 0 else -1
    if not all(c > 0 if found > 0 else c < 0 for c in coefficients):
        return None
    real = [
        i for i, (s, k) in enumerate(zip(signs, poly.degrees(), strict=True)) if s == "real" and k
    ]
    if not real:
        return found
    strict = False
    for exponents in poly.monoms():
        powers = [int(exponents[i]) for i in real]
        if any(k % 2 for k in powers):
            return None
        strict = strict or not any(powers)
    return found if strict else None


@dataclass(frozen=True, slots=True)
class Squares:
    """A sum sum_k c_k u_k (x_k - r_k y_k)^2 + rest; monomials u, x, y are exponent tuples.

    Every c_k > 0, u_k is nonnegative, and ``rest`` has visibly nonnegative terms only.
    """

    terms: tuple[tuple[Fraction, Monomial, Monomial, Fraction, Monomial], ...]
    rest: tuple[tuple[Fraction, Monomial], ...]
    strict: bool


def squares(poly: Poly, signs: Sequence[str]) -> Squares | None:
    """``poly`` as binomial squares and positive terms, when every negative term finds its pair.

    A negative term -k m is absorbed by two positive terms a m_1, b m_2 with m_1 m_2 = m^2 and
    k^2 <= 4ab: with m_1 = u x^2, m_2 = u y^2, m = u x y,
    a m_1 - k m + b m_2 = a u (x - k/(2a) y)^2 + (b - k^2/(4a)) u y^2.
    Pairs near to m come first: those of (x - y)^2 (A + B + ...) are then found for each term.

    >>> from symtherm.exact.fraction import ring
    >>> a, b, g = ring(3).gens()
    >>> found = squares(a**2 - 2 * a * b + b**2 + 4 * g**2, ("positive",) * 3)
    >>> found is not None and found.strict
    True
    >>> squares(a**2 - 3 * a * b + b**2, ("positive",) * 3) is None
    True
    """
    left = {tuple(map(int, m)): Fraction(int(c)) for m, c in poly.to_dict().items()}
    real = [i for i, s in enumerate(signs) if s == "real"]

    def shown(m: Monomial) -> bool:
        return not any(m[i] % 2 for i in real)

    # Of either sign are the terms with an odd power of a real generator.
    open_terms = [m for m, c in left.items() if c < 0 or not shown(m)]
    found = []
    for m in sorted(open_terms):
        k = left.pop(m)
        nearest = sorted((dist(n, m), n) for n, c in left.items() if c > 0 and shown(n))
        for _, one in nearest:
            other = tuple(2 * p - q for p, q in zip(m, one, strict=True))
            a, b = left.get(one, Fraction(0)), left.get(other, Fraction(0))
            if one == other or b <= 0 or not shown(other) or k * k > 4 * a * b:
                continue
            u = tuple(min(p, q) for p, q in zip(one, other, strict=True))
            if not shown(u):
                continue
            x = tuple((p - q) // 2 for p, q in zip(one, u, strict=True))
            y = tuple((p - q) // 2 for p, q in zip(other, u, strict=True))
            found.append((a, u, x, -k / (2 * a), y))
            del left[one]
            remainder = b - k * k / (4 * a)
            if remainder:
                left[other] = remainder
            else:
                del left[other]
            break
        else:
            return None
    strict = any(not any(m[i] for i in real) for m in left)
    return Squares(tuple(found), tuple((c, m) for m, c in sorted(left.items())), strict)


def visible_form(base: Ring, poly: Poly, ranges: Ranges) -> tuple[Poly, tuple[str, ...]]:
    """(q, signs): ``poly`` after the substitutions, up to a positive factor.

    With y = f/(1 - f), that is f = y/(1 + y), p(f) (1 + y)^deg is a polynomial in y > 0; with an
    order, the generator is replaced by smaller one plus slack.
    """
    degrees = poly.degrees()
    signs: list[Any] = ["positive" if s == "unit" else s for s in ranges.signs]
    for index, _ in ranges.orders:
        signs[index] = "positive"
    moved = {index: image for index, image in ranges.orders if degrees[index]}
    for index, sign in enumerate(ranges.signs):
        if sign == "unit" and degrees[index]:
            y = base.gen(index)
            moved[index] = Quotient.of(base, y, y + 1)
    if not moved:
        return poly, tuple(signs)
    one = base.constant(1)
    images = [moved.get(i) or Quotient(base, g, one) for i, g in enumerate(base.gens())]
    # The denominator is a product of (1 + y)'s, hence positive.
    return evaluate(poly, images, base).num, tuple(signs)
