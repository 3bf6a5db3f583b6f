"""Positivity of Hermitian matrices with symbols, by rational elimination.

matrix = sum_k d_k v_k v_k^+ with rational d_k and v_k, any size; by Sylvester's law as many pivots
d_k are negative as eigenvalues are, so matrix >= 0 iff every d_k >= 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import sympy
from sympy import Expr

from symtherm.errors import NotHermitian
from symtherm.exact.alphabet import Alphabet, alphabet
from symtherm.exact.complex import Pair, add, conjugate, multiply, pair, scale
from symtherm.exact.fraction import Fraction
from symtherm.exact.writer import readable

__all__ = ["Pivots", "pivots", "written"]

Matrix = dict[tuple[int, int], Pair]


@dataclass(frozen=True, slots=True)
class Pivots:
    """matrix = sum_k d_k v_k v_k^+; ``values`` holds the d_k, ``vectors`` the v_k by index.

    ``verdict`` is True when every pivot is >= 0 for all declared values, False when one is negative
    for all of them but those where it vanishes, None when signs depend on the parameters;
    ``conditions`` lists the pivots that are not visibly nonnegative (each must be >= 0).
    """

    values: tuple[Expr, ...]
    vectors: tuple[Mapping[int, Expr], ...]
    conditions: tuple[Expr, ...]
    verdict: bool | None


def _hermitian(space: Alphabet, entries: Mapping[tuple[int, int], Expr]) -> Matrix:
    matrix = {k: pair(space, v) for k, v in entries.items() if v != 0}
    return {k: v for k, v in matrix.items() if v[0] or v[1]}


def written(space: Alphabet, value: Pair) -> Expr:
    """An exact (Re, Im) pair as a SymPy expression.

    >>> x = sympy.Symbol("x", positive=True)
    >>> A = alphabet([x])
    >>> written(A, pair(A, 1 + sympy.I * x))
    I*x + 1
    """
    real: Expr = readable(space, value[0])
    return real + sympy.I * readable(space, value[1]) if value[1] else real


def pivots(
    entries: Mapping[tuple[int, int], Expr], size: int, *, positive: Sequence[Expr] = ()
) -> Pivots:
    """The elimination of a Hermitian matrix, sum_k d_k v_k v_k^+, exact and of any size.

    A pivot is a diagonal entry that is not identically zero, one of known sign first. Where the
    diagonal is exhausted and an entry b = K_ij is left, [[0, b], [b*, 0]] has the determinant
    -|b|^2: it is recorded as the last pivot, and the elimination stops. Pivots may vanish for
    special parameters; positivity carries over to them, because the positive matrices are closed.
    Raises NotHermitian.

    >>> a, b = sympy.symbols("a b", positive=True)
    >>> found = pivots({(0, 0): a, (0, 1): b, (1, 0): b, (1, 1): a}, 2)
    >>> found.values, found.verdict, found.conditions
    ((a, (a - b)*(a + b)/a), None, ((a - b)*(a + b)/a,))
    >>> pivots({(0, 1): b, (1, 0): b}, 2).verdict
    False

    Exponents with several terms, as in e^{-(a + b) t}, may hide the sign of a pivot; then each term
    is made an exponent of its own.
    """
    found = _eliminated(entries, size, positive)
    if found.verdict is None:
        terms = _terms_of_exponents(entries.values())
        if terms:
            again = _eliminated(entries, size, (*positive, *terms))
            found = found if again.verdict is None else again
    return found


def _terms_of_exponents(values: Iterable[Expr]) -> tuple[Expr, ...]:
    """e^{-s} for each positive term s of an exponent that has several."""
    found: dict[Expr, None] = {}
    for value in values:
        for e in value.atoms(sympy.exp):
            real = sympy.expand(e.args[0])
            for term in real.args if real.is_Add else ():
                if not term.has(sympy.I) and term.is_extended_real and term.is_nonzero:
                    found[sympy.exp(term if term.is_negative else -term)] = None
    return tuple(found)


def _eliminated(
    entries: Mapping[tuple[int, int], Expr], size: int, positive: Sequence[Expr]
) -> Pivots:
    space = alphabet(list(entries.values()), positive=positive)
    matrix = _hermitian(space, entries)
    for (i, j), v in matrix.items():
        other = matrix.get((j, i))
        if other is None or (v[0] - other[0]) or (v[1] + other[1]):
            raise NotHermitian(f"A matrix with real pivots, at ({i}, {j})")
    values: list[Expr] = []
    vectors: list[Mapping[int, Expr]] = []
    conditions: list[Expr] = []
    signs: list[int | None] = []

    def strip(column: dict[int, Pair], d: Fraction) -> None:
        for i, x in column.items():
            for j, y in column.items():
                term = scale(multiply(x, conjugate(y)), -d)
                total = add(matrix[i, j], term) if (i, j) in matrix else term
                if total[0] or total[1]:
                    matrix[i, j] = total
                else:
                    matrix.pop((i, j), None)

    def record(column: dict[int, Pair], d: Fraction) -> None:
        sign = space.fraction_sign(d, weak=True)
        values.append(readable(space, d))
        vectors.append({i: written(space, x) for i, x in sorted(column.items())})
        signs.append(sign)
        if sign is None or sign < 0:
            conditions.append(values[-1])

    while matrix:
        diagonal = [i for i in range(size) if (i, i) in matrix]
        if not diagonal:
            (i, j), b = min(matrix.items())
            norm = b[0] * b[0] + b[1] * b[1]
            # A witness of -|b|^2 < 0; nothing below is needed for the verdict.
            values.append(-readable(space, norm))
            vectors.append({i: sympy.Integer(1), j: sympy.Integer(1)})
            conditions.append(values[-1])
            signs.append(-1)
            break
        known = [i for i in diagonal if space.fraction_sign(matrix[i, i][0]) is not None]
        best = min(known or diagonal, key=lambda i: len(matrix[i, i][0].num))
        d = matrix[best, best][0]
        column = {i: scale(v, 1 / d) for (i, j), v in matrix.items() if j == best}
        strip(column, d)
        record(column, d)
    verdict = False if -1 in signs else None if None in signs else True
    return Pivots(tuple(values), tuple(vectors), tuple(conditions), verdict)
