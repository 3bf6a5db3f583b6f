"""The null vector of a block whose rows, on some index set, sum to zero.

Independent sites are written in occupation numbers first (``sites``). Unknowns that few rows hold
are taken out by hand: in blocks of a few rows without division (``small``), in larger ones with a
gcd at each step (``reduction``). What is left goes to memoised minors when the number of
reachable column sets is moderate (sparse blocks with many symbols), to elimination otherwise (dense
blocks with few symbols, or roots in many places).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from symtherm.errors import TooLong
from symtherm.exact.bareiss import null_space
from symtherm.exact.content import primitive_vector
from symtherm.exact.fraction import Fraction, Poly, Ring
from symtherm.exact.gauge import scaled
from symtherm.exact.matrix import SparseMatrix, clear_rows
from symtherm.exact.minors import count_subsets, null_vector
from symtherm.exact.reduction import reduced_null_vector
from symtherm.exact.sites import sites_of
from symtherm.exact.small import small_kernel

__all__ = ["kernel"]

SUBSET_LIMIT = 20_000
SMALL = 10
# Blocks of at most so many rows are taken without a gcd in between.
TINY = 8
# Elimination takes a gcd for each step, so its entries are held to this fraction of the budget:
# past some thousand terms a gcd takes seconds.
GCD_SHARE = 500


def kernel(
    matrix: SparseMatrix, redundant: Sequence[int] = (), max_terms: int | None = None
) -> list[dict[int, Fraction]]:
    """A basis of the null space.

    ``redundant`` names rows of which one may be dropped because they sum to zero (the population
    rows of a generator). When a cofactor of the rest is nonzero, the null space is the line of
    cofactors; otherwise elimination decides. Raises TooLong when more than ``max_terms`` terms
    would have to be held (or a five-hundredth of that in one entry of an elimination).
    """
    n = matrix.size
    if n == 1:
        return [] if matrix.entries else [{0: Fraction.of(matrix.base, 1)}]
    if matrix.base.roots:
        found = scaled(matrix)
        if found is not None:
            plain, scales = found
            return [
                {j: Fraction.of(matrix.base, v.num * scales[j], v.den) for j, v in vector.items()}
                for vector in kernel(plain, _unscaled(redundant, scales), max_terms)
            ]
    if redundant and n <= TINY and not matrix.base.roots:
        try:
            small = small_kernel(
                matrix,
                redundant,
                lambda rows, size: null_vector(matrix.base, rows, size, max_terms),
            )
        except TooLong:
            small = None
        if small is not None and (max_terms is None or _terms(small) <= max_terms):
            return [small]
    if redundant:
        sites = None if matrix.base.roots else sites_of(matrix, redundant)
        if sites is not None:
            kept = sites.rows(matrix)
        else:
            rows = clear_rows(matrix)
            # Drop the longest of the redundant rows.
            drop = max(redundant, key=lambda r: (sum(len(p) for p in rows[r].values()), r))
            kept = [row for r, row in enumerate(rows) if r != drop]
        with suppress(_TooManySubsets):
            vector = _line(matrix.base, kept, n, max_terms)
            # A nonzero cofactor proves that the kept rows are independent.
            if any(vector):
                vector = vector if sites is None else sites.populations(vector)
                one = matrix.base.constant(1)
                return [{j: Fraction(matrix.base, p, one) for j, p in enumerate(vector) if p}]
    return null_space(matrix, None if max_terms is None else max(max_terms // GCD_SHARE, 1))


def _terms(vector: dict[int, Fraction]) -> int:
    return sum(len(v.num) for v in vector.values())


def _unscaled(redundant: Sequence[int], scales: Sequence[Poly]) -> Sequence[int]:
    """The redundant rows when their scaling is trivial, so that they still sum to zero."""
    return redundant if all(scales[r].is_one() for r in redundant) else ()


class _TooManySubsets(Exception):
    """The minors of what is left would visit too many sets of columns."""


def _line(
    base: Ring, rows: list[dict[int, Poly]], columns: int, max_terms: int | None
) -> list[Poly]:
    """A null vector of one row less than columns, without common factor; zero if rank is lower."""

    def core(left: list[dict[int, Poly]], size: int) -> list[Poly]:
        # Up to this size the subsets need no counting.
        if size > SMALL and count_subsets(left, SUBSET_LIMIT) > SUBSET_LIMIT:
            raise _TooManySubsets
        vector = null_vector(base, left, size, max_terms)
        return vector if base.roots else primitive_vector(vector)

    if base.roots:
        return core(rows, columns)
    return reduced_null_vector(base, rows, columns, core, max_terms)
