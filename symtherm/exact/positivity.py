"""The sign of a polynomial, read off its form.

A polynomial in positive generators whose coefficients are all positive is positive. Before
reading, occupations are written in generators that range over all of (0, oo): f in (0, 1) becomes
y/(1 + y), and a declared order such as omega_h > omega_c becomes omega_h = omega_c + delta.
Nothing is sampled: when the form does not show the sign, the answer is None.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from symtherm.exact.fraction import Fraction, Poly, Ring, evaluate

__all__ = ["Ranges", "coefficient_sign", "visible_form"]


@dataclass(frozen=True, slots=True)
class Ranges:
    """What is known of each generator: ``signs`` holds "positive", "unit" (0 < y < 1) or "real".

    ``orders`` lists substitutions (generator, slack-shifted polynomial): generator = poly, where
    in poly the generator itself stands for the new positive slack variable.
    """

    signs: tuple[str, ...]
    orders: tuple[tuple[int, Poly], ...] = ()


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
    found, strict = 0, False
    for exponents, coefficient in poly.to_dict().items():
        real = [int(k) for k, s in zip(exponents, signs, strict=True) if s == "real" and k]
        if any(k % 2 for k in real):
            return None
        sign = 1 if coefficient > 0 else -1
        if found and sign != found:
            return None
        found = sign
        strict = strict or not real
    return found if strict else None


def visible_form(base: Ring, poly: Poly, ranges: Ranges) -> tuple[Poly, tuple[str, ...]]:
    """(q, signs): ``poly`` after the substitutions, up to a positive factor.

    With y = f/(1 - f), that is f = y/(1 + y), p(f) (1 + y)^deg is a polynomial in y > 0; with an
    order, the generator is replaced by smaller one plus slack.
    """
    images = [Fraction.of(base, g) for g in base.gens()]
    degrees = poly.degrees()
    changed = False
    for index, image in ranges.orders:
        if degrees[index]:
            images[index] = Fraction.of(base, image)
            changed = True
    for index, sign in enumerate(ranges.signs):
        if sign == "unit" and degrees[index]:
            y = base.gen(index)
            images[index] = Fraction.of(base, y, y + 1)
            changed = True
    signs: list[Any] = ["positive" if s == "unit" else s for s in ranges.signs]
    for index, _ in ranges.orders:
        signs[index] = "positive"
    if not changed:
        return poly, tuple(signs)
    # The denominator is a product of (1 + y)'s, hence positive.
    return evaluate(poly, images, base).num, tuple(signs)
