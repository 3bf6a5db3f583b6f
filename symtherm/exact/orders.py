"""Declared orders as substitutions: a > b becomes a = b + slack, x < 1 becomes x = y/(1 + y)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from sympy import Expr

from symtherm.errors import OutsideClosedForm, UnorderedSpectrum
from symtherm.exact.fraction import Fraction, Poly, evaluate, split
from symtherm.exact.positivity import coefficient_sign

if TYPE_CHECKING:
    from symtherm.exact.letters import Alphabet

__all__ = ["declared_polynomials", "order_images", "require_consistent", "unit_signs"]

# Longer cycles of declared orders are not looked for.
CYCLE_LIMIT = 6


def declared_polynomials(plain: Alphabet, positive: Sequence[Expr]) -> tuple[Poly, ...]:
    """Numerators of the declared expressions that this alphabet can write already."""
    found = []
    for expr in positive:
        try:
            value = plain.fraction(expr)
        except OutsideClosedForm:
            continue  # it contains a root that is added later
        if plain.sign(value.den) == 1:
            found.append(value.num)
    return tuple(found)


def order_images(plain: Alphabet, declared: Sequence[Poly]) -> tuple[tuple[int, Fraction], ...]:
    """Turn each declared ``p > 0`` into a substitution that makes the slack a generator.

    For p = c g + rest with c > 0 a number and g a positive symbol not used before, set
    g = (slack - rest)/c, which keeps g > 0 visible when rest <= 0 is a sum of negative terms.
    The orders are composed, so a chain a < b < c unfolds to its lowest member. What is positive
    by its form, as R - J with R^2 = J^2 + h^2, needs no slack. Where c has to be a polynomial in
    other symbols, as in T_h omega_c > T_c omega_h, a g is taken that closes no cycle.

    >>> from symtherm.exact.alphabet import alphabet, parameters
    >>> a, b, c, d = parameters("a b c d")
    >>> space = alphabet([a, b, c, d], positive=[a / b - c / d])
    >>> space.fraction_sign(space.fraction(a * d / (b * c) - 1))
    1
    """
    base = plain.base
    found: dict[int, tuple[Poly, Poly]] = {}  # g = (slack + lower)/c, by g: (lower, c)
    later: list[Poly] = []
    for poly in declared:
        rooted = any(poly.degrees()[i] for i, _ in base.roots)
        # A radicand is positive by its root only where the root is taken: that is no order.
        form = plain.sign(poly) if rooted else coefficient_sign(poly, plain.ranges.signs)
        if form is not None:
            continue
        for exponents, coefficient in poly.to_dict().items():
            hot = [i for i, k in enumerate(exponents) if k]
            if coefficient < 1 or len(hot) != 1 or exponents[hot[0]] != 1 or hot[0] in found:
                continue
            g = hot[0]
            lower = int(coefficient) * base.gen(g) - poly
            if plain.atoms[g].kind != "symbol" or lower.degrees()[g]:
                continue
            if coefficient_sign(lower, plain.ranges.signs) == 1:
                found[g] = lower, base.constant(int(coefficient))
                break
        else:
            later.append(poly)
    for poly in later:
        for g, degree in enumerate(poly.degrees()):
            if degree != 1 or g in found or plain.atoms[g].kind != "symbol":
                continue
            rest, c = split(base, poly, g)
            signs = [coefficient_sign(p, plain.ranges.signs) for p in (rest, c)]
            if signs == [-1, 1] and not _closes(found, g, (rest, c)):
                found[g] = -rest, c
                break
    require_consistent(plain, declared)
    # Unfold: always the original lower bounds are composed, since inside an unfolded image a
    # generator already stands for its slack. Cyclic orders (such as a > b^2, b > a^2) never settle
    # and are left out.
    gens = [Fraction.of(base, g) for g in base.gens()]
    images = {g: Fraction.of(base, base.gen(g) + low, c) for g, (low, c) in found.items()}
    for _ in range(len(found) + 1):
        table = [images.get(i, g) for i, g in enumerate(gens)]
        unfolded = {
            g: (gens[g] + evaluate(low, table, base)) / evaluate(c, table, base)
            for g, (low, c) in found.items()
        }
        if unfolded == images:
            break
        images = unfolded
    else:
        return ()
    return tuple(images.items())


def _closes(found: Mapping[int, tuple[Poly, Poly]], g: int, image: Iterable[Poly]) -> bool:
    """Whether an image of g would depend on g, directly or by the images found before."""
    pending, seen = list(image), set[int]()
    while pending:
        used = {i for i, d in enumerate(pending.pop().degrees()) if d} - seen
        if g in used:
            return True
        seen |= used
        pending += [p for i in used for p in found.get(i, ())]
    return False


def unit_signs(
    plain: Alphabet, declared: Sequence[Poly], orders: Sequence[tuple[int, Fraction]]
) -> tuple[str, ...]:
    """The signs, with "unit" for a positive symbol x declared below 1 that no order contains."""
    signs = list(plain.ranges.signs)
    for index, atom in enumerate(plain.atoms):
        x = plain.base.gen(index)
        if atom.kind != "symbol" or atom.sign != "positive" or 1 - x not in declared:
            continue
        if all(index != i and not image.num.degrees()[index] for i, image in orders):
            signs[index] = "unit"
    return tuple(signs)


def require_consistent(plain: Alphabet, declared: Sequence[Poly]) -> None:
    """Refuse declarations that visibly contradict one another, such as a > b, b > c and c > a.

    Positive expressions cannot add up to zero or less. The sums tried are those of cycles of
    comparisons g > r, g a symbol, in which r contains the next one's g.
    """
    signs = plain.ranges.signs
    greater: list[tuple[int, Poly]] = []
    for poly in declared:
        for exponents, coefficient in poly.to_dict().items():
            if coefficient > 0 and (sum(exponents) == 1 or len(poly) == 2):
                greater += [(i, poly) for i, k in enumerate(exponents) if k]

    def follow(path: list[Poly], total: Poly) -> None:
        if not total or coefficient_sign(total, signs) == -1:
            found = ", ".join(f"{plain.poly_expr(p)} > 0" for p in path)
            raise UnorderedSpectrum(
                "Declared orders that hold together",
                found=f"{found}, which no parameters satisfy",
                advice="declare each comparison one way round",
            )
        for g, poly in greater:
            if poly not in path and len(path) < CYCLE_LIMIT and _negative(total, g):
                follow([*path, poly], total + poly)

    for _, poly in greater:
        if coefficient_sign(poly, signs) is None:
            follow([poly], poly)


def _negative(poly: Poly, index: int) -> bool:
    return any(m[index] and c < 0 for m, c in poly.to_dict().items())
