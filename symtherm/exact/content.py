"""The common factor of the entries of a vector of polynomials."""

from __future__ import annotations

from collections.abc import Sequence

from flint.utils.flint_exceptions import DomainError

from symtherm.exact.fraction import Poly

__all__ = ["primitive_vector"]


def primitive_vector(vector: list[Poly]) -> list[Poly]:
    """The vector without the common factor of its entries; zeros may be None.

    >>> from symtherm.exact.fraction import ring
    >>> x, y = ring(2).gens()
    >>> [str(p) for p in primitive_vector([x**2 - y**2, None, 2 * (x + y)])]
    ['g0 - g1', 'None', '2']
    """
    # The gcd of the two shortest (coherences, as a rule), without their monomials, is small and
    # close to the common factor; those of its irreducible factors that divide an entry of middle
    # length (a population) are nearly always all. The divisions that are needed in any case tell
    # whether a gcd has to be taken after all.
    ordered = sorted([p for p in vector if p], key=len)
    if not ordered:
        return vector
    head = ordered[0]
    monomial = head.term_content()
    common = None
    if len(head) > 1:
        common = _common(head if monomial.is_one() else head / monomial, ordered)
    for p in ordered[1:]:
        if monomial.is_one():
            break
        other = p.term_content()
        monomial = other if other.is_one() else monomial.gcd(other)
    if common is None:
        return vector if monomial.is_one() else [p / monomial if p else p for p in vector]
    while True:
        divisor = common * monomial
        try:
            return [p / divisor if p else p for p in vector]
        except DomainError:
            for p in ordered:
                common = common.gcd(p)


def _common(head: Poly, ordered: Sequence[Poly]) -> Poly | None:
    """Nearly the common factor, from the first entry without its monomial; None for one."""
    if len(ordered) == 1:
        return head
    second = ordered[1]
    if head.total_degree() == 1:
        # Irreducible: a division that fails proves that there is none, and beats a gcd.
        try:
            second / head
        except DomainError:
            return None
        return head
    common = head.gcd(second / second.term_content())
    if len(common) == 1:
        return None
    middle = ordered[len(ordered) // 2]
    if len(common) < 4:
        common = common.gcd(middle)
        return None if len(common) == 1 else common
    return _shared_factors(common.factor()[1], middle)


def _shared_factors(factors: Sequence[tuple[Poly, int]], other: Poly) -> Poly | None:
    """The product of those irreducible factors that divide ``other``, by trial division."""
    result = None
    for factor, power in factors:
        for _ in range(int(power)):
            try:
                other = other / factor
            except DomainError:
                break
            result = factor if result is None else result * factor
    return result
