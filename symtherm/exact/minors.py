"""Null vectors by memoised minors: division-free, all cofactors at once.

For an (n - 1) x n matrix M of rank n - 1 the null vector is v_j = (-1)^j det(M without column j).
Laplace expansion along the rows, shared between all j, is a dynamic programme over column sets:
with f_k(S) the minor of the first k rows on the columns S, |S| = k,

    f_k(S) = sum over j in S of (-1)^(k - 1 - pos(j, S)) M[k - 1, j] f_(k - 1)(S without j),

where pos(j, S) counts the members of S below j. Only sets that nonzero entries reach are made, and
of these only such as lead to a cofactor: a column that no later row meets is closed, and a cofactor
leaves out one column in all, so a set may miss at most one closed column.
Rows are taken in an order that keeps the number of reachable sets small; a permutation of rows
changes all cofactors by one common sign, which does not matter for a null vector.
"""

from __future__ import annotations

from typing import Any

from symtherm.errors import TooLong
from symtherm.exact.fraction import Poly, Ring

__all__ = ["count_subsets", "null_vector", "row_order"]


def row_order(rows: list[dict[int, Poly]]) -> list[int]:
    """Greedy order: next the row that brings the fewest new columns, then the sparsest."""
    left = set(range(len(rows)))
    open_columns: set[int] = set()
    order = []
    while left:
        best = min(left, key=lambda r: (len(rows[r].keys() - open_columns), len(rows[r]), r))
        order.append(best)
        open_columns |= rows[best].keys()
        left.remove(best)
    return order


def _closed(rows: list[dict[int, Poly]], order: list[int]) -> list[int]:
    """After each row of the order, the columns that no later row meets, as a bit mask."""
    result, seen, met = [], 0, 0
    for r in reversed(order):
        result.append(seen)
        for j in rows[r]:
            seen |= 1 << j
    met = seen
    return [met & ~later for later in reversed(result)]


def count_subsets(rows: list[dict[int, Poly]], limit: int) -> int:
    """How many column sets the programme would visit, stopping once ``limit`` is passed."""
    level, total = {0}, 0
    order = row_order(rows)
    for r, closed in zip(order, _closed(rows, order), strict=True):
        level = {
            s | (1 << j)
            for s in level
            for j in rows[r]
            if not s >> j & 1 and (closed & ~s & ~(1 << j)).bit_count() < 2
        }
        total += len(level)
        if total > limit:
            break
    return total


def null_vector(
    base: Ring, rows: list[dict[int, Poly]], columns: int, max_terms: int | None = None
) -> list[Poly]:
    """All cofactors of ``columns - 1`` rows: a polynomial null vector (zero if rank is lower).

    Raises TooLong as soon as one level of the expansion holds more than ``max_terms`` terms.

    >>> from symtherm.exact.fraction import ring
    >>> R = ring(2)
    >>> a, b = R.gens()
    >>> [str(p) for p in null_vector(R, [{0: a, 1: -b}], 2)]
    ['g1', 'g0']
    """
    if len(rows) != columns - 1:
        raise ValueError("null_vector takes one row less than columns")
    level: dict[int, Any] = {0: base.constant(1)}
    order = row_order(rows)
    for r, closed in zip(order, _closed(rows, order), strict=True):
        following: dict[int, Any] = {}
        terms = 0
        entries = sorted(rows[r].items())
        if level.keys() == {0}:
            # The first row: its entries are the minors.
            level = {1 << j: v for j, v in entries if (closed & ~(1 << j)).bit_count() < 2}
            continue
        for columns_used, value in level.items():
            for j, entry in entries:
                bit = 1 << j
                if columns_used & bit or (closed & ~(columns_used | bit)).bit_count() > 1:
                    continue
                term = entry * value
                # The new row is the last one: moving column j there passes the larger columns.
                if (columns_used >> (j + 1)).bit_count() % 2:
                    term = -term
                grown = columns_used | bit
                present = following.get(grown)
                following[grown] = term if present is None else present + term
                if max_terms is not None:
                    terms += len(following[grown]) - (0 if present is None else len(present))
                    if terms > max_terms:
                        raise TooLong(
                            f"The cofactors of a block of {columns}",
                            found=f"more than {max_terms} terms",
                            advice="use the straight-line program, or raise max_terms",
                        )
        level = {s: base.reduce(v) if base.roots else v for s, v in following.items() if v}
    full = (1 << columns) - 1
    zero = base.constant(0)
    result = []
    for j in range(columns):
        minor: Any = level.get(full ^ (1 << j), zero)
        result.append(-minor if (columns - 1 - j) % 2 else minor)
    return result
