"""Scaling roots away: a diagonal similarity that leaves a matrix without square roots.

The generator of a truncated oscillator holds sqrt(2), sqrt(3), sqrt(6), ... although its physics
is rational: in the coordinates x_i = d_i y_i with root monomials d_i the matrix is
d_i^-1 M_ij d_j. Modulo squares a root monomial is a vector over GF(2), and the entry becomes free
of roots iff class(M_ij) = class(d_i) + class(d_j). One walk over the graph of entries finds such
classes or a contradiction.
"""

from __future__ import annotations

from symtherm.exact.fraction import Fraction, Poly, Ring
from symtherm.exact.matrix import SparseMatrix

__all__ = ["root_classes", "scaled"]


def _class(base: Ring, value: Fraction) -> int | None:
    """The root monomial of a fraction as a bit mask; None when several occur."""
    found: set[int] = set()
    for exponents in value.num.monoms():
        mask = 0
        for bit, (index, _) in enumerate(base.roots):
            if exponents[index]:
                mask |= 1 << bit
        found.add(mask)
        if len(found) > 1:
            return None
    return found.pop() if found else 0


def root_classes(matrix: SparseMatrix) -> list[int] | None:
    """The classes of d_i, one for each index; None when no diagonal scaling removes the roots."""
    edges: list[list[tuple[int, int]]] = [[] for _ in range(matrix.size)]
    for (i, j), value in matrix.entries.items():
        mask = _class(matrix.base, value)
        if mask is None or (i == j and mask):
            return None
        edges[i].append((j, mask))
        edges[j].append((i, mask))
    classes: list[int | None] = [None] * matrix.size
    for start in range(matrix.size):
        if classes[start] is not None:
            continue
        classes[start] = 0
        stack = [start]
        while stack:
            i = stack.pop()
            here = classes[i]
            assert here is not None
            for j, mask in edges[i]:
                known = classes[j]
                if known is None:
                    classes[j] = here ^ mask
                    stack.append(j)
                elif known != here ^ mask:
                    return None
    return [c or 0 for c in classes]


def _monomial(base: Ring, mask: int) -> Poly:
    result = base.constant(1)
    for bit, (index, _) in enumerate(base.roots):
        if mask >> bit & 1:
            result = result * base.gen(index)
    return result


def scaled(matrix: SparseMatrix) -> tuple[SparseMatrix, list[Poly]] | None:
    """(d^-1 M d over the ring without relations, d), or None when the roots cannot be removed.

    >>> from symtherm.exact.fraction import ring
    >>> R = ring(1)
    >>> R = Ring(R.ctx, 1, ((0, R.constant(2)),))
    >>> root, one = Fraction.of(R, R.gen(0)), Fraction.of(R, 1)
    >>> M = SparseMatrix(R, 2, {(0, 0): one, (0, 1): root, (1, 0): root})
    >>> found = scaled(M)
    >>> found is not None and dict(found[0].entries)
    {(0, 0): (1)/(1), (0, 1): (2)/(1), (1, 0): (1)/(1)}
    """
    classes = root_classes(matrix)
    if classes is None:
        return None
    base = matrix.base
    plain = Ring(base.ctx, base.size)
    scales = [_monomial(base, c) for c in classes]
    entries = {}
    for (i, j), value in matrix.entries.items():
        free = Fraction.of(base, value.num * scales[j], value.den * scales[i])
        entries[i, j] = Fraction(plain, free.num, free.den)
    return SparseMatrix(plain, matrix.size, entries), scales
