"""Exponentials of a superoperator in fixed point, with known absolute errors.

Matrices are lists of rows of Python integers, entry = integer / 2^bits. For a GKLS generator
e^(tL) contracts the trace norm [Lindblad, Commun. Math. Phys. 48, 119 (1976)], so on Hermitian
coordinates its entries stay below 2 for all t >= 0 and a single scale serves.

Errors. One product of N x N matrices with entries below 2 adds an error below (N + 1) 2^-bits to
each entry. Squaring doubles the error it inherits: with E_k the error of e^(2^k t0 L),
M (M + d) differs from M M by propagated copies of d that semigroup contraction bounds, hence
E_K <= 2^K C (E_0 + (N + 1) 2^-bits) with C <= 4 N. After K squarings the guard must therefore
hold K + log2(4 N (N + 2)) bits beyond those asked. The number of squarings a limit needs is only
known afterwards (it is log2 of the stiffness), so the guard is checked and, if it was too small,
the run is repeated with more.

A superoperator is given by its columns: for each coordinate the nonzero coordinates of its image.
Everything is done on its connected blocks one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, log2
from operator import mul
from typing import Any

from mpmath import mp
from mpmath.libmp import from_man_exp, to_fixed

from symtherm.errors import OutOfDomain

__all__ = [
    "MAX_REACH",
    "Columns",
    "Fixed",
    "connected_blocks",
    "limit",
    "propagate",
    "rank_of",
    "reach_of",
    "to_real",
]

Fixed = list[list[int]]
Columns = list[dict[int, Any]]

# Rates are taken as disconnected when relaxation is slower than 2^-MAX_REACH of the fastest.
MAX_REACH = 4096


def connected_blocks(columns: Columns) -> list[list[int]]:
    """The sets of coordinates that L does not couple to one another (union-find)."""
    parent = list(range(len(columns)))

    def find(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for c, column in enumerate(columns):
        for r in column:
            parent[find(r)] = find(c)
    groups: dict[int, list[int]] = {}
    for node in range(len(columns)):
        groups.setdefault(find(node), []).append(node)
    return list(groups.values())


# --- fixed-point matrices -----------------------------------------------------------------------


def _fixed(value: Any, bits: int) -> int:
    return int(to_fixed(value._mpf_, bits))


def to_real(value: int, bits: int) -> Any:
    """value / 2^bits, rounded to the ambient precision."""
    return mp.make_mpf(from_man_exp(value, -bits, mp.prec, "n"))


def rank_of(matrix: Fixed, bits: int) -> int:
    """The trace of a projector is its rank (rounded to nearest)."""
    return (sum(matrix[i][i] for i in range(len(matrix))) + (1 << (bits - 1))) >> bits


def _matmul(left: Fixed, right: Fixed, bits: int) -> Fixed:
    """left * right, each entry one exact dot product and one rounding (towards -infinity)."""
    columns = list(zip(*right, strict=True))
    return [[sum(map(mul, row, column)) >> bits for column in columns] for row in left]


def _block_matrix(columns: Columns, block: list[int], bits: int, factor: Any) -> Fixed:
    """``factor`` times one block of L, in fixed point."""
    place = {node: k for k, node in enumerate(block)}
    out = [[0] * len(block) for _ in block]
    for node in block:
        for row, value in columns[node].items():
            out[place[row]][place[node]] = _fixed(factor * value, bits)
    return out


def _norm(columns: Columns, block: list[int]) -> Any:
    """The one-norm of a block: the largest column sum."""
    return max(mp.fsum(abs(v) for v in columns[node].values()) for node in block)


def _halvings(norm: Any) -> int:
    """h with norm / 2^h below 2^-6, so that the Taylor series ends quickly."""
    return int(mp.frexp(norm)[1]) + 6 if norm else 0


def _taylor(small: Fixed, bits: int) -> Fixed:
    """exp of a matrix of one-norm below 2^-6: the term after n is below 2^(-6n)/n!.

    Terms are added until they round to zero; each term carries one rounding per entry.
    """
    size = len(small)
    one = 1 << bits
    total = [[one if i == j else 0 for j in range(size)] for i in range(size)]
    term, n = total, 0
    while True:
        n += 1
        term = [[entry // n for entry in row] for row in _matmul(term, small, bits)]
        # Floor rounding leaves -1 forever: stop when nothing but rounding remains.
        if all(-1 <= entry <= 0 for row in term for entry in row):
            return total
        total = [
            [a + b for a, b in zip(r, s, strict=True)] for r, s in zip(total, term, strict=True)
        ]


def _check_bounded(matrix: Fixed, bits: int) -> None:
    if any(abs(entry) >> (bits + 20) for row in matrix for entry in row):
        raise OutOfDomain(
            "the semigroup of a generator",
            found="e^(tL) grows without bound",
            advice="check the rates: a GKLS generator has only non-negative ones",
        )


def _overhead(size: int) -> int:
    """log2 of 4 N (N + 2), the constant in front of 2^squarings in the error bound."""
    return ceil(log2(4 * size * (size + 2))) + 2


# --- the limit of long times --------------------------------------------------------------------


def limit(
    columns: Columns, block: list[int], target: int, reach: int, rank: int
) -> tuple[Fixed, int] | None:
    """lim e^(tL) on one block to 2^-target, with its scale; None if it does not settle.

    Repeated squaring M -> M^2. With M = P + R, P the limit and R the decaying rest, P R = R P = 0
    gives M^2 = P + R^2: the change R - R^2 falls below 2^-target only when every mode of R is
    within 2^-target of 0 or of 1. The former are squared once more and are then far below the
    target; the latter have not moved yet, or never will, and count in the trace. ``rank`` is the
    least rank the block must have: as soon as the trace says so the limit is complete, otherwise
    time is extended by ``reach`` squarings before unmoved modes are called conserved.
    """
    guard = 64
    factor = mp.ldexp(1, -_halvings(_norm(columns, block)))
    overhead = _overhead(len(block))
    # `reach` squarings beyond the fastest time scale resolve rates of relative size 2^-reach.
    most = reach + target.bit_length() + 12
    while True:
        bits = target + guard + overhead
        with mp.workprec(bits + 64):
            matrix = _taylor(_block_matrix(columns, block, bits, factor), bits)
        tolerance = 1 << (bits - target)
        for squarings in range(1, min(guard, most) + 1):
            squared = _matmul(matrix, matrix, bits)
            _check_bounded(squared, bits)
            change = max(
                abs(a - b)
                for r, s in zip(squared, matrix, strict=True)
                for a, b in zip(r, s, strict=True)
            )
            matrix = squared
            if change < tolerance and (squarings >= reach or rank_of(matrix, bits) <= rank):
                return matrix, bits
        if guard > most:
            return None
        guard *= 2


def reach_of(columns: Columns) -> int:
    """Squarings after which a mode that has not moved is called conserved.

    A relaxation rate that is not zero is rarely slower than a few powers of the smallest
    coefficient (an effective rate g^2/gamma is the second power): four powers are allowed.
    """
    sizes = [abs(value) for column in columns for value in column.values()]
    if not sizes:
        return 0
    spread = int(mp.ceil(mp.log(max(sizes) / min(sizes), 2)))
    return min(MAX_REACH, 128 + 4 * spread)


# --- finite times -------------------------------------------------------------------------------


def propagate(
    columns: Columns, start: Sequence[Any], t: Any, target: int
) -> tuple[list[Any], list[Any]]:
    """e^(Lt) start and the mean (1/t) int_0^t e^(Ls) start ds, to 2^-target.

    exp of [[L t, start], [0, 0]] is [[e^(Lt), mean], [0, 1]] [Van Loan, IEEE Trans. Autom. Control
    23, 395 (1978)], exponentiated as one matrix on the blocks where ``start`` does not vanish. All
    its entries stay bounded: the mean of states is a state.

    Raises OutOfDomain if e^(Lt) is unbounded.
    """
    final, mean = list(start), list(start)
    for block in connected_blocks(columns):
        norm = _norm(columns, block) * t
        scale = max(abs(start[node]) for node in block)
        if not norm or not scale:
            continue
        squarings = max(0, _halvings(norm + 1))
        bits = target + squarings + _overhead(len(block) + 1)
        with mp.workprec(bits + 64):
            matrix = _block_matrix(columns, block, bits, mp.ldexp(t, -squarings))
            for row, node in zip(matrix, block, strict=True):
                row.append(_fixed(mp.ldexp(start[node] / scale, -squarings), bits))
            matrix.append([0] * (len(block) + 1))
            matrix = _taylor(matrix, bits)
            for _ in range(squarings):
                matrix = _matmul(matrix, matrix, bits)
                _check_bounded(matrix, bits)
            # The last row of the matrix is that of the constant 1.
            for row, node in zip(matrix, block, strict=False):
                final[node] = mp.fsum(
                    to_real(row[j], bits) * start[other] for j, other in enumerate(block)
                )
                mean[node] = to_real(row[-1], bits) * scale
    return final, mean
