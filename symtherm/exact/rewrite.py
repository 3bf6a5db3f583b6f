"""Shorter forms through named quantities: replace a parameter by the name that stands for it.

With W = w(eps, Delta, ...) and eps occurring only as eps^2, the definition is solved for eps^2 and
substituted; where the result no longer contains what W hides, the expression got shorter.
"""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Expr, Symbol

from symtherm.exact.alphabet import Alphabet, alphabet
from symtherm.exact.fraction import Fraction, Poly, evaluate, split

__all__ = ["extend", "shortest", "size", "through_roots"]

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
            if zero + name * definition.den:
                continue  # not a coupling in front of W: solving for a rate hides what W is made of
            lead = (relation - zero) / space.base.gen(index) ** power
            image = Fraction.of(space.base, -zero, lead)
            candidate = _substitute(best, index, power, image, space)
            if candidate is None or size(candidate) >= size(candidate_best):
                continue
            if not regular or _monomial(candidate.den) <= allowed:
                candidate_best = candidate
        best = candidate_best
    return best


def through_roots(
    value: Fraction, space: Alphabet, roots: Sequence[tuple[Expr, Symbol]]
) -> tuple[Fraction, Alphabet]:
    """The shortest form with each root written as a symbol R and R^2 for its radicand.

    With R^2 = delta^2 + g^2 either of delta^2 and g^2 may be eliminated; the form without a choice
    is the one with the fewest terms. ``roots`` pairs root atoms of ``space`` with symbols; nested
    roots are left alone. Returns the fraction and the alphabet it is over.

    >>> from symtherm.exact.alphabet import parameters
    >>> from sympy import sqrt
    >>> d, g, R = parameters("delta g R")
    >>> A = alphabet([sqrt(d**2 + g**2)])
    >>> value = A.fraction((d**2 + g**2 + d * sqrt(d**2 + g**2)) / (d**2 + g**2))
    >>> found, larger = through_roots(value, A, [(sqrt(d**2 + g**2), R)])
    >>> larger.poly_expr(found.num) / larger.poly_expr(found.den)
    (R + delta)/R
    """
    places = {a.expr: i for i, a in enumerate(space.atoms) if a.kind == "root"}
    radicands = dict(space.base.roots)
    plain = [
        (places[e], s)
        for e, s in roots
        if e in places and not any(radicands[places[e]].degrees()[i] for i in radicands)
    ]
    if not plain:
        return value, space
    larger = extend(space, [s for _, s in plain])
    table = {i: larger.fraction(s) for i, s in plain}
    images = [table.get(i, larger.fraction(a.expr)) for i, a in enumerate(space.atoms)]
    best = evaluate(value.num, images, larger.base) / evaluate(value.den, images, larger.base)
    for index, symbol in plain:
        radicand = evaluate(radicands[index], images, larger.base).num
        relation = radicand - larger.fraction(symbol).num ** 2
        candidates = [best]
        for g, atom in enumerate(larger.atoms):
            if atom.kind != "symbol" or atom.expr == symbol:
                continue
            powers = _powers_of(relation, g) - {0}
            if powers != {2}:
                continue
            zero = larger.base.ctx.from_dict(
                {m: c for m, c in relation.to_dict().items() if not m[g]}
            )
            lead = (relation - zero) / larger.base.gen(g) ** 2
            image = Fraction.of(larger.base, -zero, lead)
            found = _eliminated(best, g, image, larger)
            if found is not None:
                candidates.append(found)
        best = min(candidates, key=size)
    return best, larger


def _eliminated(value: Fraction, index: int, image: Fraction, space: Alphabet) -> Fraction | None:
    """value with every even power of a generator replaced, g^(2k+e) = image^k g^e."""
    images = [Fraction.of(space.base, g) for g in space.base.gens()]
    parts = []
    for poly in (value.num, value.den):
        total = Fraction.of(space.base, 0)
        for power, part in enumerate(split(space.base, poly, index)):
            if part:
                term = Fraction.of(space.base, part) * image ** (power // 2)
                total = total + (term * images[index] if power % 2 else term)
        parts.append(total)
    return parts[0] / parts[1] if parts[1] else None
