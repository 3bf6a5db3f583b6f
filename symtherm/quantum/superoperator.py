"""Superoperators: exact and real in Hermitian coordinates, column-stacked for the user.

The coordinates of a Hermitian matrix are its populations rho_ii and, for i < j, Re rho_ij and
Im rho_ij. In them the generator is a real matrix, and its entries lie in the real alphabet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sympy

from symtherm.errors import require
from symtherm.exact.alphabet import Alphabet
from symtherm.exact.complex import Pair, add, conjugate, multiply, pair, scale
from symtherm.exact.fraction import Fraction
from symtherm.exact.matrix import SparseMatrix
from symtherm.quantum.operator import Operator

__all__ = [
    "Coordinate",
    "PairMatrix",
    "adjoint_dissipator",
    "coordinates",
    "liouvillian",
    "pair_matrix",
    "product_trace",
    "real_generator",
]

# A coordinate of a Hermitian matrix: row, column, and part ("", "re" or "im").
Coordinate = tuple[int, int, str]
PairMatrix = dict[tuple[int, int], Pair]


def coordinates(dim: int) -> list[Coordinate]:
    """Populations first, then Re and Im of each coherence above the diagonal.

    >>> coordinates(2)
    [(0, 0, ''), (1, 1, ''), (0, 1, 're'), (0, 1, 'im')]
    """
    found: list[Coordinate] = [(i, i, "") for i in range(dim)]
    for i in range(dim):
        for j in range(i + 1, dim):
            found += [(i, j, "re"), (i, j, "im")]
    return found


def pair_matrix(space: Alphabet, operator: Operator) -> PairMatrix:
    """The entries of an operator as exact (Re, Im) pairs."""
    return {(i, j): pair(space, v) for i, j, v in operator.data}


def _accumulate(total: dict[Any, Pair], key: Any, value: Pair) -> None:
    total[key] = add(total[key], value) if key in total else value


def matrix_product(a: PairMatrix, b: PairMatrix) -> PairMatrix:
    by_row: dict[int, list[tuple[int, Pair]]] = {}
    for (k, j), v in b.items():
        by_row.setdefault(k, []).append((j, v))
    total: PairMatrix = {}
    for (i, k), v in a.items():
        for j, w in by_row.get(k, ()):
            _accumulate(total, (i, j), multiply(v, w))
    return total


def adjoint(a: PairMatrix) -> PairMatrix:
    return {(j, i): conjugate(v) for (i, j), v in a.items()}


def product_trace(a: PairMatrix, b: PairMatrix, zero: Fraction) -> Pair:
    """Tr(a b)."""
    total: Pair = (zero, zero)
    for (i, j), v in a.items():
        if (j, i) in b:
            total = add(total, multiply(v, b[j, i]))
    return total


def adjoint_dissipator(
    jumps: Iterable[tuple[PairMatrix, Fraction]], observable: PairMatrix
) -> PairMatrix:
    """sum_k r_k (L^+ X L - (1/2){L^+ L, X}): the Heisenberg form of a dissipator."""
    total: PairMatrix = {}
    for jump, rate in jumps:
        dagger = adjoint(jump)
        sandwich = matrix_product(matrix_product(dagger, observable), jump)
        square = matrix_product(dagger, jump)
        loss = matrix_product(square, observable), matrix_product(observable, square)
        for key, v in sandwich.items():
            _accumulate(total, key, scale(v, rate))
        half = -rate / 2
        for part in loss:
            for key, v in part.items():
                _accumulate(total, key, scale(v, half))
    return total


def complex_columns(
    hamiltonian: PairMatrix, jumps: Sequence[tuple[PairMatrix, Fraction]], dim: int
) -> dict[tuple[tuple[int, int], tuple[int, int]], Pair]:
    """C[(a, b), (i, j)] with L(rho)_ab = sum C rho_ij, for -i[H, .] + sum r D[L]."""
    total: dict[tuple[tuple[int, int], tuple[int, int]], Pair] = {}

    def left_right(operator: PairMatrix, left: Pair, right: Pair) -> None:
        # left * (X rho) + right * (rho X)
        for (a, i), v in operator.items():
            for b in range(dim):
                _accumulate(total, ((a, b), (i, b)), multiply(left, v))
                _accumulate(total, ((b, i), (b, a)), multiply(right, v))

    for jump, rate in jumps:
        zero = Fraction.of(rate.base, 0)
        entries = [(a, i, v, conjugate(v)) for (a, i), v in jump.items()]
        for a, i, v, _ in entries:
            scaled = scale(v, rate)
            for b, j, _, w in entries:
                _accumulate(total, ((a, b), (i, j)), multiply(scaled, w))
        half = (-rate / 2, zero)
        left_right(matrix_product(adjoint(jump), jump), half, half)
    for v in hamiltonian.values():
        zero = v[0] * 0
        one = zero + 1
        left_right(hamiltonian, (zero, -one), (zero, one))
        break
    return total


def real_generator(
    space: Alphabet,
    hamiltonian: Operator,
    jumps: Sequence[tuple[Operator, sympy.Expr]],
) -> SparseMatrix:
    """The generator as a real sparse matrix in the order of :func:`coordinates`.

    With rho_ij = x + iy and rho_ji = x - iy, a row C1 rho_ij + C2 rho_ji is
    (C1 + C2) x + i (C1 - C2) y; its real and imaginary parts are the rows of Re and Im.
    """
    dim = hamiltonian.space.dim
    numbers = {c: k for k, c in enumerate(coordinates(dim))}
    columns = complex_columns(
        pair_matrix(space, hamiltonian),
        [(pair_matrix(space, L), space.fraction(r)) for L, r in jumps],
        dim,
    )
    entries: dict[tuple[int, int], Fraction] = {}

    def put(row: Coordinate, column: Coordinate, value: Fraction) -> None:
        if value:
            key = numbers[row], numbers[column]
            total = entries[key] + value if key in entries else value
            if total:
                entries[key] = total
            else:
                entries.pop(key, None)

    for ((a, b), (i, j)), (re, im) in columns.items():
        if a > b:
            continue
        rows: list[tuple[Coordinate, Fraction, Fraction]]
        # The coefficient of (x, y) in the real and in the imaginary part of C rho_ij.
        sign = 1 if i <= j else -1
        if a == b:
            rows = [((a, a, ""), re, -im * sign)]
        else:
            rows = [((a, b, "re"), re, -im * sign), ((a, b, "im"), im, re * sign)]
        for row, x, y in rows:
            if i == j:
                put(row, (i, i, ""), x)
            else:
                low, high = min(i, j), max(i, j)
                put(row, (low, high, "re"), x)
                put(row, (low, high, "im"), y)
    return SparseMatrix(space.base, dim * dim, entries)


@dataclass(frozen=True, slots=True)
class Superoperator:
    """A sparse d^2 x d^2 matrix acting on column-stacked density matrices (QuTiP's order)."""

    dim: int
    entries: Mapping[tuple[int, int], sympy.Expr]

    def full(self) -> Any:
        """The dense SymPy matrix."""
        n = self.dim**2
        return sympy.SparseMatrix(n, n, dict(self.entries)).as_mutable().as_immutable()

    def __getitem__(self, key: tuple[int, int]) -> sympy.Expr:
        return self.entries.get(key, sympy.Integer(0))


def liouvillian(
    hamiltonian: Operator | None, c_ops: Sequence[Operator | tuple[Operator, Any]] = ()
) -> Superoperator:
    """The column-stacked matrix of -i[H, .] + sum_k r_k D[L_k].

    ``c_ops`` holds collapse operators (rate 1, as in QuTiP) or pairs (operator, rate).
    vec(A rho B) = (B^T kron A) vec(rho), entry (i, j) of rho standing at position i + d j.

    >>> from symtherm.quantum.standard import sigmam
    >>> liouvillian(None, [sigmam()])[3, 0]
    1
    """
    pairs = [(c, sympy.Integer(1)) if isinstance(c, Operator) else c for c in c_ops]
    for operator in [*([hamiltonian] if hamiltonian is not None else []), *(c for c, _ in pairs)]:
        require(operator, Operator, "The Hamiltonian or a collapse operator is an Operator")
    operators = [c for c, _ in pairs] + ([hamiltonian] if hamiltonian is not None else [])
    dim = operators[0].space.dim
    total: dict[tuple[int, int], Any] = {}

    def sandwich(left: Operator, right: Operator, factor: Any) -> None:
        for a, i, v in left.data:
            for j, b, w in right.data:
                key = a + dim * b, i + dim * j
                total[key] = total.get(key, 0) + factor * v * w

    one = Operator.of(operators[0].space, {(i, i): sympy.Integer(1) for i in range(dim)})
    if hamiltonian is not None:
        sandwich(hamiltonian, one, -sympy.I)
        sandwich(one, hamiltonian, sympy.I)
    for operator, rate in pairs:
        square = operator.dag() * operator
        sandwich(operator, operator.dag(), rate)
        sandwich(square, one, -sympy.Rational(1, 2) * rate)
        sandwich(one, square, -sympy.Rational(1, 2) * rate)
    return Superoperator(dim, {k: v for k, v in sorted(total.items()) if v != 0})
