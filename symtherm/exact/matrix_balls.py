"""Traces with logarithms of Hermitian matrices of any size, in balls.

Entries are enclosed first; FLINT's ``acb_mat.eig`` isolates the eigenvalues of the ball matrix B
with eigenvectors R, and ln B = R diag(ln s_k) R^{-1}. Every step is a ball operation, so the result
contains Tr[A ln B] for every matrix in the balls. Eigenvectors of equal eigenvalues cannot be
isolated: then Undecided is raised.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import flint
import sympy

from symtherm.errors import OutOfDomain, Undecided
from symtherm.exact.balls import Enclosure, _expression, decimal
from symtherm.exact.plan import compiled, exact_values, run

__all__ = ["enclose_log_traces"]

Cells = Mapping[tuple[int, int], tuple[sympy.Expr, sympy.Expr]]  # Re and Im of each entry

BITS = 4096


def enclose_log_traces(
    pairs: Sequence[tuple[Cells, Cells]],
    dim: int,
    at: Mapping[sympy.Symbol, Any],
    digits: int = 30,
) -> Enclosure:
    """sum_k Tr[A_k ln B_k] at an exact point, with ``digits`` digits and a proved radius.

    ``pairs`` holds (A, B) by entries (Re, Im); every B is Hermitian and positive. Raises Undecided
    for equal or unresolved eigenvalues of a B, or when the sum cannot be told from zero, and
    OutOfDomain for a B with an eigenvalue that is not positive.

    >>> half, zero = sympy.Rational(1, 2), sympy.Integer(0)
    >>> A = {(0, 0): (half, zero), (1, 1): (half, zero)}
    >>> B = {(0, 0): (half, zero), (1, 1): (sympy.Rational(1, 8), zero)}
    >>> print(enclose_log_traces([(A, B)], 2, {}, 10))  # -2 ln 2
    -1.386294361 +/- 1.2e-10
    """
    order: list[tuple[int, int, tuple[int, int], int]] = []
    exprs: list[Any] = []
    for k, both in enumerate(pairs):
        for side, cells in enumerate(both):
            for place, parts in cells.items():
                for part, expr in enumerate(parts):
                    if expr != 0:
                        order.append((2 * k + side, part, place, len(exprs)))
                        exprs.append(_expression(expr))
    plan = compiled(tuple(exprs))
    values = exact_values(plan, at)
    bits = int(digits * 3.33) + 96
    while True:
        last = 2 * bits > BITS
        with flint.ctx.workprec(bits):
            found = _attempt(plan, values, order, len(pairs), dim, last)
            wanted = digits * 10 // 3 + 4
            if found is not None and not found.contains(0) and found.rel_accuracy_bits() >= wanted:
                return decimal(found, digits)
        if last:
            raise Undecided(
                f"{digits} digits of a trace with logarithms",
                found="eigenvalues that coincide, or a value that may be zero",
                advice="use the closed form where blocks are at most 2 x 2, or another point",
            )
        bits *= 2


def _attempt(plan: Any, values: Any, order: Any, count: int, dim: int, last: bool) -> Any:
    balls = run(plan, values, last)
    if balls is None:
        return None
    matrices = [flint.acb_mat(dim, dim) for _ in range(2 * count)]
    unit = flint.acb(0, 1)
    for number, part, (i, j), k in order:
        value = balls[plan.roots[k]]
        matrices[number][i, j] += unit * value if part else value
    total = flint.arb(0)
    for k in range(count):
        A, B = matrices[2 * k], matrices[2 * k + 1]
        try:
            eigenvalues, right = B.eig(right=True)
            inverse = right.inv()
        except (ValueError, ZeroDivisionError):
            return None
        logs = flint.acb_mat(dim, dim)
        for i, s in enumerate(eigenvalues):
            if s.real < 0 or s.real == 0:
                raise OutOfDomain("The logarithm of a matrix", found="an eigenvalue <= 0")
            if not s.real > 0:
                return None
            logs[i, i] = flint.acb(s.real).log()  # B is Hermitian: the eigenvalue is real
        product = A * (right * logs * inverse)
        for i in range(dim):
            total += product[i, i].real
    return total
