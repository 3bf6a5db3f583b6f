"""Sparse exact matrices and their connected blocks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from random import Random

from flint import nmod_mat

from symtherm.errors import OutsideClosedForm
from symtherm.exact.fraction import Fraction, Poly, Ring

__all__ = ["SparseMatrix", "clear_rows", "connected_blocks", "rank", "rank_modulo"]

# Ranks modulo this prime are lower bounds of the true rank. It is 3 modulo 4, and every prime up to
# 73 is a square modulo it: so are the numbers under the roots of operators such as destroy(n).
# Modulo 2^61 - 1 there is no square root of 3.
PRIME = 2**61 - 62398881


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
        place = {old: new for new, old in enumerate(indices)}
        kept = {
            (place[r], place[c]): v
            for (r, c), v in self.entries.items()
            if r in place and c in place
        }
        return SparseMatrix(self.base, len(place), kept)

    def rows(self) -> list[dict[int, Fraction]]:
        result: list[dict[int, Fraction]] = [{} for _ in range(self.size)]
        for (r, c), v in self.entries.items():
            result[r][c] = v
        return result


def connected_blocks(matrix: SparseMatrix) -> list[list[int]]:
    """Index sets that no entry connects: the matrix is block diagonal over them."""
    parent = list(range(matrix.size))

    def find(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for r, c in matrix.entries:
        parent[find(r)] = find(c)
    groups: dict[int, list[int]] = {}
    for i in range(matrix.size):
        groups.setdefault(find(i), []).append(i)
    return sorted(groups.values())


def clear_rows(matrix: SparseMatrix) -> list[dict[int, Poly]]:
    """The rows times their least common denominators, divided by their contents."""
    result = []
    for row in matrix.rows():
        dens = [v.den for v in row.values() if not v.den.is_one()]
        if dens:
            common = dens[0]
            for den in dens[1:]:
                common = common / common.gcd(den) * den
            cleared = {c: v.num * (common / v.den) for c, v in row.items()}
        else:
            cleared = {c: v.num for c, v in row.items()}
        result.append(cleared if matrix.base.roots else _primitive(cleared))
    return result


def _primitive(row: dict[int, Poly]) -> dict[int, Poly]:
    """The row without the common factor of its entries, shortest entries first."""
    ordered = sorted(row.values(), key=len)
    if not ordered:
        return row
    content = ordered[0]
    for v in ordered[1:]:
        if content.is_one():
            return row
        content = content.gcd(v)
    return row if content.is_one() else {c: v / content for c, v in row.items()}


def modular_point(base: Ring, seed: int) -> list[int]:
    """A random point modulo PRIME at which every root has a value.

    Where the radicands are squares, sending the roots to their square roots is a homomorphism of
    the ring with its relations, so a rank found at the image is a lower bound. PRIME is 3 modulo 4,
    where the square root of a square r is r^((PRIME + 1)/4).
    """
    random = Random(seed)
    roots = dict(base.roots)
    while True:
        point: list[int] = []
        for index in range(base.size):
            if index not in roots:
                point.append(random.randrange(1, PRIME))
                continue
            radicand = modular_value(roots[index], [*point, *[0] * (base.size - len(point))])
            root = pow(radicand, (PRIME + 1) // 4, PRIME)
            if root * root % PRIME != radicand:
                if roots[index].is_constant():
                    raise OutsideClosedForm(
                        f"A random point for the square root of {roots[index]}",
                        found=f"no square modulo {PRIME}",
                        advice="name the root by a parameter, or certify from the operators",
                    )
                break
            point.append(root)
        else:
            return point


def modular_value(poly: Poly, point: list[int]) -> int:
    """A polynomial at a point modulo PRIME."""
    total = 0
    for exponents, coefficient in poly.to_dict().items():
        term = int(coefficient) % PRIME
        for g, k in zip(point, exponents, strict=True):
            if k:
                term = term * pow(g, int(k), PRIME) % PRIME
        total += term
    return total % PRIME


def rank_modulo(rows: list[dict[int, Poly]], columns: int, base: Ring, seed: int) -> int:
    """The rank at one random point modulo a prime: never above the generic rank."""
    point = modular_point(base, seed)
    flat = []
    for row in rows:
        values = [0] * columns
        for c, poly in row.items():
            values[c] = modular_value(poly, point)
        flat.extend(values)
    return int(nmod_mat(len(rows), columns, flat, PRIME).rank())


def rank(matrix: SparseMatrix) -> int:
    """The generic rank, exactly.

    A rank found modulo a prime at a point is a lower bound; when it is full, that is a proof.
    Otherwise elimination decides.
    """
    if rank_modulo(clear_rows(matrix), matrix.size, matrix.base, seed=1) == matrix.size:
        return matrix.size
    from symtherm.exact.bareiss import echelon

    return len(echelon(matrix)[1])
