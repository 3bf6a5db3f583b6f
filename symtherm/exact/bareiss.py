"""Elimination with exact division: the echelon form, rank and null space of a sparse matrix.

Fractions in normal form make every division exact. Pivots are chosen after Markowitz, weighted by
the number of terms, so that fill-in and swelling stay small.
"""

from __future__ import annotations

from symtherm.errors import TooLong
from symtherm.exact.fraction import Fraction
from symtherm.exact.matrix import SparseMatrix

__all__ = ["echelon", "null_space"]


def echelon(
    matrix: SparseMatrix, max_terms: int | None = None
) -> tuple[list[dict[int, Fraction]], list[tuple[int, int]]]:
    """(rows, pivots): reduced rows with unit pivots, each pivot column zero elsewhere.

    Raises TooLong as soon as one entry has more than ``max_terms`` terms.
    """
    rows = [dict(row) for row in matrix.rows()]
    pivots: list[tuple[int, int]] = []
    free = {r for r, row in enumerate(rows) if row}
    while True:
        counts: dict[int, int] = {}
        for r in free:
            for c in rows[r]:
                counts[c] = counts.get(c, 0) + 1
        choices = [
            ((len(rows[r]) - 1) * (counts[c] - 1), len(v.num) + len(v.den), r, c)
            for r in free
            for c, v in rows[r].items()
        ]
        if not choices:
            return rows, pivots
        _, _, r, c = min(choices)
        head = rows[r][c]
        pivot_row = {j: v / head for j, v in rows[r].items()}
        rows[r] = pivot_row
        free.discard(r)
        for other, row in enumerate(rows):
            if other == r or c not in row:
                continue
            factor = row[c]
            for j, v in pivot_row.items():
                value = (row[j] if j in row else Fraction.of(matrix.base, 0)) - factor * v
                if value:
                    if max_terms is not None and len(value.num) + len(value.den) > max_terms:
                        raise TooLong(
                            f"The elimination of a block of {matrix.size}",
                            found=f"an entry of more than {max_terms} terms",
                            advice="use the straight-line program, or raise max_terms",
                        )
                    row[j] = value
                else:
                    row.pop(j, None)
        pivots.append((r, c))


def null_space(matrix: SparseMatrix, max_terms: int | None = None) -> list[dict[int, Fraction]]:
    """A basis of the right null space, one vector for each column without pivot.

    Raises TooLong beyond ``max_terms``; see :func:`echelon`.

    >>> from symtherm.exact.fraction import ring
    >>> R = ring(1)
    >>> one = Fraction.of(R, 1)
    >>> null_space(SparseMatrix(R, 2, {(0, 0): one, (0, 1): -one}))
    [{1: (1)/(1), 0: (1)/(1)}]
    """
    rows, pivots = echelon(matrix, max_terms)
    pivot_columns = {c for _, c in pivots}
    result = []
    for free in range(matrix.size):
        if free in pivot_columns:
            continue
        vector = {free: Fraction.of(matrix.base, 1)}
        for r, c in pivots:
            value = rows[r].get(free)
            if value:
                vector[c] = -value
        result.append(vector)
    return result
