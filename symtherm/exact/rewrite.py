"""Shorter forms through named quantities: replace a parameter by the name that stands for it.

With W = w(eps, Delta, ...) and eps occurring only as eps^2, the definition is solved for eps^2 and
substituted; where the result no longer contains what W hides, the expression got shorter.
"""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Expr, Symbol

from symtherm.exact.alphabet import Alphabet, alphabet
from symtherm.exact.fraction import Fraction, Poly, evaluate

__all__ = ["extend", "shortest", "size"]

# A name whose meaning has more terms than this abbreviates nothing that is worth reading.
LENGTHY = 40


def size(value: Fraction) -> int:
    """A measure of length: total number of terms and powers of the irreducible factors."""
    total = 0
    for poly in (value.num, value.den):
        _, factors = poly.factor()
        for p, _ in factors:
            total += sum(1 + sum(1 for k in m if k) for m in p.to_dict())
    return total


def extend(space: Alphabet, names: Sequence[Symbol]) -> Alphabet:
    """The alphabet with more symbols; declared orders are kept."""
    return alphabet([*(a.expr for a in space.atoms), *names], positive=space.positive)


def _powers_of(poly: Poly, index: int) -> set[int]:
    return {int(m[index]) for m in poly.to_dict()}


def _substitute(
    value: Fraction, index: int, power: int, image: Fraction, space: Alphabet
) -> Fraction | None:
    """value with g^power = image, when the powers of g agree modulo that power."""
    images = [Fraction.of(space.base, g) for g in space.base.gens()]
    images[index] = image
    parts = []
    for poly in (value.num, value.den):
        left = {k % power for k in _powers_of(poly, index)}
        if len(left) != 1:
            return None
        terms = {
            (*m[:index], int(m[index]) // power, *m[index + 1 :]): c
            for m, c in poly.to_dict().items()
        }
        outside = Fraction.of(space.base, space.base.gen(index) ** left.pop())
        parts.append(outside * evaluate(space.base.ctx.from_dict(terms), images, space.base))
    return parts[0] / parts[1] if parts[1] else None


def _monomial(poly: Poly) -> set[int]:
    """The generators that divide a polynomial."""
    return {i for i, k in enumerate(poly.term_content().degrees()) if k}


def shortest(
    value: Fraction,
    space: Alphabet,
    names: Sequence[tuple[Symbol, Expr]],
    *,
    regular: bool = False,
) -> Fraction:
    """The shortest of ``value`` and its rewritings by each name, taken one after the other.

    ``value`` and ``names`` live in ``space``, which must contain the symbols themselves. With
    ``regular`` a rewriting may not divide by a parameter that did not divide before, so that the
    result can be evaluated wherever ``value`` can (W/epsilon cannot at epsilon = 0).
    """
    allowed = _monomial(value.den)
    best = value
    for symbol, meaning in names:
        definition = space.fraction(meaning)
        if len(definition.num) + len(definition.den) > LENGTHY:
            continue
        name = space.fraction(symbol).num
        relation = definition.num - name * definition.den
        candidate_best = best
        for index, atom in enumerate(space.atoms):
            if atom.kind != "symbol" or atom.expr == symbol:
                continue
            powers = _powers_of(relation, index) - {0}
            if len(powers) != 1 or (power := powers.pop()) > 2:
                continue
            # relation = q0 + q1 g^power
            zero = space.base.ctx.from_dict(
                {m: c for m, c in relation.to_dict().items() if not m[index]}
            )
            lead = (relation - zero) / space.base.gen(index) ** power
            image = Fraction.of(space.base, -zero, lead)
            candidate = _substitute(best, index, power, image, space)
            if candidate is None or size(candidate) >= size(candidate_best):
                continue
            if not regular or _monomial(candidate.den) <= allowed:
                candidate_best = candidate
        best = candidate_best
    return best
