"""Where a generic rank may drop: the factors whose vanishing would make it smaller.

A block M of size n whose rows, on some index set, sum to zero has rank n - 1 exactly where the
cofactors of the other n - 1 rows do not all vanish. They are g v with g their common factor, so
the rank is n - 1 wherever neither g nor the sum of v over the index set vanishes. A block without
such rows has full rank exactly where its determinant does not vanish. Denominators that were
cleared belong to the conditions too: where one vanishes the matrix itself is not defined.
"""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Expr

from symtherm.exact.fraction import Poly
from symtherm.exact.letters import Alphabet
from symtherm.exact.matrix import SparseMatrix
from symtherm.exact.minors import count_subsets, null_vector

__all__ = ["rank_conditions"]

# Blocks whose expansion would visit more column sets than this are not examined.
LIMIT = 4000


def rank_conditions(
    space: Alphabet, matrix: SparseMatrix, redundant: Sequence[int]
) -> tuple[Expr, ...] | None:
    """Expressions, none of visible sign, such that the rank is generic where none vanishes.

    Sufficient, not necessary. None when the block is too large to say, or holds square roots.

    >>> from symtherm.exact.alphabet import parameters
    >>> from symtherm.exact.alphabet import alphabet
    >>> a, d = parameters("a"), parameters("delta", real=True)
    >>> A = alphabet([a, d])
    >>> entries = {(0, 0): A.fraction(a), (1, 1): A.fraction(d)}
    >>> rank_conditions(A, SparseMatrix(A.base, 2, entries), ())
    (delta,)
    """
    if matrix.base.roots:
        return None
    rows, factors = [], []
    for row in matrix.rows():
        common = matrix.base.constant(1)
        for value in row.values():
            common = common / common.gcd(value.den) * value.den
        factors.append(common)
        rows.append({c: v.num * (common / v.den) for c, v in row.items()})
    n = matrix.size
    if redundant:
        drop = max(redundant, key=lambda r: (sum(len(p) for p in rows[r].values()), r))
        kept, columns = [row for r, row in enumerate(rows) if r != drop], n
    else:
        # One more column than rows: the determinant is the cofactor that belongs to it.
        kept, columns = rows, n + 1
    if count_subsets(kept, LIMIT) > LIMIT:
        return None
    vector = null_vector(matrix.base, kept, columns)
    if redundant:
        common = matrix.base.constant(0)
        for p in sorted(vector, key=len):
            common = common.gcd(p)
        trace = sum((vector[k] / common for k in redundant), matrix.base.constant(0))
        factors += [common, trace]
    else:
        factors.append(vector[n])
    return _open_factors(space, factors)


def _open_factors(space: Alphabet, polys: Sequence[Poly]) -> tuple[Expr, ...]:
    found: list[Expr] = []
    for poly in polys:
        for p, _ in poly.factor()[1]:
            if space.sign(p) is None:
                expr = space.poly_expr(p)
                if expr not in found and -expr not in found:
                    found.append(expr)
    return tuple(found)
