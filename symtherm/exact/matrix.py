"""Sparse exact matrices and their connected blocks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from flint import fmpz, nmod_mat
from flint.utils.flint_exceptions import DomainError

from symtherm.exact.fraction import Fraction, Poly, Ring

__all__ = [
    "Residues",
    "SparseMatrix",
    "annihilates",
    "clear_rows",
    "components",
    "connected_blocks",
    "primitive_row",
    "rank",
    "rank_modulo",
]

# Ranks modulo this prime are lower bounds of the true rank. It is 3 modulo 4, and every prime up to
# 73 is a square modulo it: so are the numbers under the roots of operators such as destroy(n).
# Modulo 2^61 - 1 there is no square root of 3.
PRIME = 2**61 - 62398881
# Polynomials of this many terms count as long: a gcd takes more than some divisions.
LONG = 200


@dataclass(frozen=True, slots=True)
class SparseMatrix:
    """Nonzero entries by (row, column); ``size`` rows and columns.

    >>> from symtherm.exact.fraction import ring
    >>> R = ring(1)
    >>> M = SparseMatrix(R, 2, {(0, 0): Fraction.of(R, -1), (1, 0): Fraction.of(R, 1)})
    >>> M.column(0)
    {0: (-1)/(1), 1: (1)/(1)}
    """

    base: Ring
    size: int
    entries: Mapping[tuple[int, int], Fraction]

    def column(self, j: int) -> dict[int, Fraction]:
        return {r: v for (r, c), v in self.entries.items() if c == j}

    def block(self, indices: Iterable[int]) -> SparseMatrix:
        """The square submatrix on ``indices``, renumbered in their order."""
        place = [-1] * self.size
        size = 0
        for index in indices:
            place[index] = size
            size += 1
        kept = {}
        for (r, c), v in self.entries.items():
            i = place[r]
            if i >= 0:
                j = place[c]
                if j >= 0:
                    kept[i, j] = v
        return SparseMatrix(self.base, size, kept)

    def rows(self) -> list[dict[int, Fraction]]:
        result: list[dict[int, Fraction]] = [{} for _ in range(self.size)]
        for (r, c), v in self.entries.items():
            result[r][c] = v
        return result


def connected_blocks(matrix: SparseMatrix) -> list[list[int]]:
    """Index sets that no entry connects: the matrix is block diagonal over them."""
    return components(matrix.size, matrix.entries)


def components(size: int, places: Iterable[tuple[int, int]]) -> list[list[int]]:
    """The connected components of the indices below ``size`` that (row, column) pairs join.

    >>> components(4, [(0, 2), (3, 3)])
    [[0, 2], [1], [3]]
    """
    label = list(range(size))
    groups = [[i] for i in range(size)]
    for r, c in places:
        a, b = label[r], label[c]
        if a != b:
            # The smaller group joins the larger: every index changes its label log(size) times.
            if len(groups[a]) < len(groups[b]):
                a, b = b, a
            for i in groups[b]:
                label[i] = a
            groups[a] += groups[b]
            groups[b] = []
    return sorted(sorted(group) for group in groups if group)


def clear_rows(matrix: SparseMatrix, first: int = 0) -> list[dict[int, Poly]]:
    """The rows from ``first`` on, times their common denominators and without common factors."""
    rows: list[dict[int, Poly]] = [{} for _ in range(first, matrix.size)]
    dens: dict[int, dict[int, Poly]] = {}
    for (r, c), v in matrix.entries.items():
        r -= first
        if r < 0:
            continue
        rows[r][c] = v.num
        if not v.den.is_one():
            dens.setdefault(r, {})[c] = v.den
    for r, own in dens.items():
        common: Poly = None
        for den in own.values():
            common = den if common is None or common == den else common / common.gcd(den) * den
        row = rows[r]
        for c, value in row.items():
            den = own.get(c)
            if den is None:
                row[c] = value * common
            elif den != common:
                row[c] = value * (common / den)
    return rows if matrix.base.roots else [primitive_row(row) for row in rows]


def primitive_row(row: dict[int, Poly], known: Sequence[Poly] = ()) -> dict[int, Poly]:
    """The row without the common factor of its entries, shortest entries first.

    ``known`` are factors that may divide a long row: trying them is cheaper than a gcd, which then
    has nothing left to find.
    """
    ordered = sorted(row.values(), key=len)
    if not ordered:
        return row
    if known and len(ordered[-1]) > LONG:
        row = _divided(row, known)
        ordered = sorted(row.values(), key=len)
    content = ordered[0]
    for v in ordered[1:]:
        content = content.gcd(v) if len(v) < LONG else common_factor(content, v)
        if content.is_one():
            return row
    return row if content.is_one() else {c: v / content for c, v in row.items()}


def _divided(row: dict[int, Poly], factors: Sequence[Poly]) -> dict[int, Poly]:
    """The row divided by each factor as often as it divides all entries, tried on short ones."""
    ordered = sorted(row.items(), key=lambda item: len(item[1]))
    for factor in factors:
        if not factor.is_constant():
            with suppress(DomainError):
                while True:
                    ordered = [(c, v / factor) for c, v in ordered]
    return dict(ordered)


def common_factor(a: Poly, b: Poly) -> Poly:
    """The gcd; of long polynomials without their monomials, several times faster than with them.

    >>> from symtherm.exact.fraction import ring
    >>> x, y = ring(2).gens()
    >>> str(common_factor(x**2 * y - x**2, x * y**2 - x))
    'g0*g1 - g0'
    """
    left, right = a.term_content(), b.term_content()
    return (a / left).gcd(b / right) * left.gcd(right)


class Residues(NamedTuple):
    """A point modulo a prime: one residue for each generator."""

    prime: int
    values: list[int]


def modular_point(base: Ring, seed: int, largest: int = PRIME) -> Residues:
    """A random point modulo a prime at which every root has a value; others are below ``largest``.

    Where the radicands are squares, sending the roots to their square roots is a homomorphism of
    the ring with its relations, so a rank found at the image is a lower bound. The prime is 3
    modulo 4, where the square root of a square r is r^((p + 1)/4): PRIME, or the first below it
    modulo which the numbers under the roots are squares.

    >>> from symtherm.exact.fraction import ring
    >>> R = ring(2)
    >>> modular_point(Ring(R.ctx, 2, ((1, R.constant(79)),)), 1).prime < PRIME
    True
    """
    random = Random(seed)
    roots = dict(base.roots)
    prime = PRIME
    while True:
        point: list[int] = []
        for index in range(base.size):
            if index not in roots:
                point.append(random.randrange(1, largest))
                continue
            known = Residues(prime, [*point, *[0] * (base.size - index)])
            radicand = modular_value(roots[index], known)
            root = pow(radicand, (prime + 1) // 4, prime)
            if root * root % prime != radicand:
                if _is_number(roots[index], roots):
                    prime = _prime_below(prime)
                break
            point.append(root)
        else:
            return Residues(prime, point)


def _is_number(radicand: Poly, roots: Mapping[int, Poly]) -> bool:
    """Whether a radicand holds no symbol, so that another point has the same one."""
    used = [i for i, k in enumerate(radicand.degrees()) if k]
    return all(i in roots and _is_number(roots[i], roots) for i in used)


def _prime_below(prime: int) -> int:
    """The next smaller prime that is 3 modulo 4."""
    prime -= 4
    while not fmpz(prime).is_prime():
        prime -= 4
    return prime


def modular_value(poly: Poly, at: Residues) -> int:
    """A polynomial at a point modulo a prime."""
    prime, total = at.prime, 0
    for exponents, coefficient in poly.to_dict().items():
        term = int(coefficient) % prime
        for g, k in zip(at.values, exponents, strict=True):
            if k:
                term = term * pow(g, int(k), prime) % prime
        total += term
    return total % prime


def annihilates(matrix: SparseMatrix, vector: Mapping[int, Fraction], seed: int = 1) -> bool:
    """Whether M v = 0 at one random point modulo a prime: False proves that v is no null vector.

    True proves nothing, but a wrong v of degree n passes with a probability of about n/10^6 only.
    It shares no code with elimination. At the point every radicand is a square, so that the values
    obey the relations of the roots. Where the point is on a pole, the answer is True.

    >>> from symtherm.exact.fraction import ring
    >>> R = ring(1)
    >>> x, one = Fraction.of(R, R.gen(0)), Fraction.of(R, 1)
    >>> matrix = SparseMatrix(R, 2, {(0, 0): x, (0, 1): -one})
    >>> annihilates(matrix, {0: one, 1: x}), annihilates(matrix, {0: one, 1: 2 * x})
    (True, False)
    """
    # Small numbers, so that FLINT can take polynomials of thousands of terms there as they are.
    prime, point = modular_point(matrix.base, seed, 10**6)

    def value(f: Fraction) -> int:
        return int(f.num(*point)) * pow(int(f.den(*point)), -1, prime) % prime

    residual = dict[int, int]()
    try:
        values = {j: value(f) for j, f in vector.items()}
        for (r, c), f in matrix.entries.items():
            if c in values:
                residual[r] = (residual.get(r, 0) + value(f) * values[c]) % prime
    except ValueError:
        return True  # the point is on a pole
    return not any(residual.values())


def rank_modulo(rows: list[dict[int, Poly]], columns: int, base: Ring, seed: int) -> int:
    """The rank at one random point modulo a prime: never above the generic rank."""
    point = modular_point(base, seed)
    flat = []
    for row in rows:
        values = [0] * columns
        for c, poly in row.items():
            values[c] = modular_value(poly, point)
        flat.extend(values)
    return int(nmod_mat(len(rows), columns, flat, point.prime).rank())


def rank(matrix: SparseMatrix) -> int:
    """The generic rank, exactly.

    A rank found modulo a prime at a point is a lower bound; when it is full, that is a proof.
    Otherwise elimination decides.
    """
    if rank_modulo(clear_rows(matrix), matrix.size, matrix.base, seed=1) == matrix.size:
        return matrix.size
    from symtherm.exact.bareiss import echelon

    return len(echelon(matrix)[1])
