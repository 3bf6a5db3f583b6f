"""Traces with logarithms of Hermitian matrices of any size, in balls.

Entries are enclosed first, then logarithms by :mod:`symtherm.exact.hermitian`, which needs no
isolated eigenvalues. Every step is a ball operation, so the result contains Tr[A ln B] for every
matrix in the balls. Tr[B ln B] is minus an entropy and finite for a B without full rank, too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sympy
from flint import acb, arb

from symtherm.errors import OutOfDomain
from symtherm.exact.balls import Enclosure, _expression
from symtherm.exact.hermitian import eigenvalue_balls, entropy_ball, log_balls
from symtherm.exact.refine import NotYet, refine, scalars

__all__ = ["enclose_log_traces"]

Cells = Mapping[tuple[int, int], tuple[sympy.Expr, sympy.Expr]]  # Re and Im of each entry

BITS = 4096


def enclose_log_traces(
    sums: Mapping[str, Sequence[tuple[Cells, Cells]]],
    dim: int,
    at: Mapping[sympy.Symbol, Any],
    digits: int = 30,
) -> dict[str, Enclosure]:
    """Each sum_k Tr[A_k ln B_k] at an exact point, with ``digits`` digits and a proved radius.

    ``sums`` holds pairs (A, B) by entries (Re, Im); every B is Hermitian and positive. A sum that
    cannot be told from zero is 0 with a radius below 10^-(2 digits + 20). Raises OutOfDomain for a
    B with a negative eigenvalue, and Undecided for one that may be singular (unless A = B or -B).

    >>> half, zero = sympy.Rational(1, 2), sympy.Integer(0)
    >>> A = {(0, 0): (half, zero), (1, 1): (half, zero)}
    >>> B = {(0, 0): (half, zero), (1, 1): (sympy.Rational(1, 8), zero)}
    >>> print(enclose_log_traces({"x": [(A, B)]}, 2, {}, 10)["x"])  # -2 ln 2
    -1.386294361 +/- 1.2e-10
    """
    cells = [side for pairs in sums.values() for both in pairs for side in both]
    entries = {_expression(e): None for cell in cells for parts in cell.values() for e in parts}
    values = scalars(tuple(entries), at)

    def compute() -> dict[str, Any]:
        table = values()

        def matrix(cell: Cells) -> list[list[Any]]:
            out = [[acb(0)] * dim for _ in range(dim)]
            for (i, j), (re, im) in cell.items():
                out[i][j] = acb(table[_expression(re)], table[_expression(im)])
            return out

        logs: dict[int, list[list[Any]]] = {}
        found = {}
        for name, pairs in sums.items():
            total = arb(0)
            for A, B in pairs:
                sign = _multiple(A, B)
                if sign:
                    total -= sign * entropy_ball(matrix(B))
                    continue
                if id(B) not in logs:
                    logs[id(B)] = _logarithm(matrix(B))
                left, right = matrix(A), logs[id(B)]
                for i, j in A:
                    total += (left[i][j] * right[j][i]).real
            found[name] = total
        return found

    return refine(compute, digits, "a trace with logarithms", cap=max(BITS, 8 * digits))


def _multiple(A: Cells, B: Cells) -> int:
    """1 for A = B, -1 for A = -B, otherwise 0."""
    if A.keys() != B.keys():
        return 0
    for sign in (1, -1):
        if all(A[k] == (sign * B[k][0], sign * B[k][1]) for k in B):
            return sign
    return 0


def _logarithm(matrix: list[list[Any]]) -> list[list[Any]]:
    try:
        return log_balls(matrix)
    except NotYet:
        if any(value < 0 for value in eigenvalue_balls(matrix)):
            raise OutOfDomain(
                "The logarithm of a matrix", found="a negative eigenvalue", advice="give a state"
            ) from None
        raise
