"""What the generators of an alphabet are in base variables (``certificate``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from symtherm.derive.declared import NoCertificate
from symtherm.derive.radicands import sum_of_squares
from symtherm.exact.alphabet import Alphabet
from symtherm.exact.fraction import Fraction, evaluate

if TYPE_CHECKING:
    from symtherm.derive.certificate import BaseVariables

__all__ = ["by_dependence", "image_of"]


def by_dependence(space: Alphabet, orders: dict[int, Fraction]) -> list[int]:
    """Generators after those that their images are made of."""
    radicands = dict(space.base.roots)
    result: list[int] = []
    pending = list(range(len(space.atoms)))
    while pending:
        later: list[int] = []
        for index in pending:
            order = orders.get(index)
            poly = radicands.get(index) if order is None else order.num * order.den
            needs = [i for i, d in enumerate(poly.degrees()) if d and i != index] if poly else []
            if index in orders:
                needs = [i for i in needs if i in radicands]
            (later if set(needs) & set(pending) else result).append(index)
        if len(later) == len(pending):
            raise NoCertificate("an order between a symbol and a root of itself")
        pending = later
    return result


def image_of(
    base: BaseVariables, index: int, orders: dict[int, Fraction], squares: Any
) -> Fraction | None:
    """A generator in base variables; None where its sign cannot be shown."""
    space, plain, atom = base.space, base.plain, base.space.atoms[index]
    g = Fraction.of(plain, plain.gen(index))
    if atom.kind == "symbol":
        if index in orders:
            images = [
                base.images[i] if a.kind == "root" else Fraction.of(plain, plain.gen(i))
                for i, a in enumerate(space.atoms)
            ]
            above, below = (
                evaluate(p, [i or g for i in images], plain)
                for p in (orders[index].num, orders[index].den)
            )
            return above / below
        return g / (g + 1) if space.ranges.signs[index] == "unit" else g
    if atom.kind == "occupation":
        return g / (g + 1) if atom.chart == "fermi" else g  # f = z/(1 + z), z = exp(-e)
    if atom.kind == "cosine":
        return (1 - g * g) / (1 + g * g)
    if atom.kind == "sine":
        t = Fraction.of(plain, plain.gen(index - 1))
        return 2 * t / (1 + t * t)
    if atom.kind == "log":
        return g
    radicand = base._evaluate(dict(space.base.roots)[index])
    poly = radicand.num * radicand.den
    if not base.shown.add_root(index, poly):
        form = sum_of_squares(base, poly, squares)
        if form is None:
            return None  # not visibly positive: the checker cannot tell that the root is real
        base.shown.roots[index], base.shown.forms[index] = poly, form
    return g / Fraction.of(plain, radicand.den)
