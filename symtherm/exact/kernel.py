"""The null vector of a block whose rows, on some index set, sum to zero.

Plans first: memoised minors when the number of reachable column sets is moderate (sparse blocks
with many symbols), elimination otherwise (dense blocks with few symbols, or roots in many places).
"""

from __future__ import annotations

from collections.abc import Sequence

from symtherm.exact.bareiss import null_space
from symtherm.exact.fraction import Fraction
from symtherm.exact.matrix import SparseMatrix, clear_rows, rank_modulo
from symtherm.exact.minors import count_subsets, null_vector

__all__ = ["kernel"]

SUBSET_LIMIT = 20_000


def kernel(matrix: SparseMatrix, redundant: Sequence[int] = ()) -> list[dict[int, Fraction]]:
    """A basis of the null space.

    ``redundant`` names rows of which one may be dropped because they sum to zero (the population
    rows of a generator). When the rest has full rank, which one random point modulo a prime
    proves, the null space is the line of cofactors; otherwise elimination decides.
    """
    n = matrix.size
    if n == 1:
        return [] if matrix.entries else [{0: Fraction.of(matrix.base, 1)}]
    if redundant:
        rows = clear_rows(matrix)
        # Drop the longest of the redundant rows.
        drop = max(redundant, key=lambda r: (sum(len(p) for p in rows[r].values()), r))
        kept = [row for r, row in enumerate(rows) if r != drop]
        full = rank_modulo(kept, n, matrix.base.size, seed=2) == n - 1
        if matrix.base.roots:
            # Roots are evaluated as free generators there, which proves nothing.
            full = all(kept)
        if full and count_subsets(kept, SUBSET_LIMIT) <= SUBSET_LIMIT:
            vector = null_vector(matrix.base, kept, n)
            if any(vector):
                one = matrix.base.constant(1)
                common = matrix.base.constant(0)
                for p in vector:
                    common = common.gcd(p)
                if matrix.base.roots:
                    common = one
                return [
                    {j: Fraction.of(matrix.base, p / common) for j, p in enumerate(vector) if p}
                ]
    return null_space(matrix)
