"""The master equation in balls: steady states and e^{tL} rho_0 with proved errors.

A generator is a sparse real matrix {(row, column): ball} on Hermitian coordinates, the first
``d`` of which are the populations.

*Steady state.* On each connected block of coordinates: a block without populations must be
nonsingular (its coherences vanish), and exactly one block may hold populations. There one
population row is replaced by the trace. A solution of the linear system by balls proves that the
matrix is nonsingular for every point of them, so that pi is unique.

*Evolution.* exp of [[Lt, t y], [0, 0]] is [[e^{Lt}, int_0^t e^{Ls} y ds], [0, 1]] [Van Loan, IEEE
Trans. Autom. Control 23, 395 (1978)]. Its action on a vector is summed term by term,
y(t) = sum_k (Lt)^k y/k! and int_0^t y ds = t sum_k (Lt)^k y/(k+1)!. With a = ||Lt||_1 the terms
from k = N on add up to less than ||y||_1 a^N/N! / (1 - a/(N+1)) once N + 1 > a, for both. Beyond
a = MAX_NORM the matrix is exponentiated as a whole, by FLINT's scaling and squaring.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from math import lgamma, log
from typing import Any

import flint
from flint import arb, arb_mat

from symtherm.errors import NotUnique
from symtherm.exact.refine import NotYet

__all__ = [
    "apply_sparse",
    "assemble",
    "ball_of_exact",
    "blocks_of",
    "evolve_balls",
    "exact_number",
    "exponential_balls",
    "not_unique",
    "prepared",
    "steady_balls",
]

MAX_NORM = 256
Sparse = dict[tuple[int, int], Any]
Prepared = list[tuple[Any, list[tuple[Any, list[tuple[int, int]]]]]]


def prepared(terms: Iterable[Any]) -> Prepared:
    """Terms (expression, ((row, column, rational), ...)) with their places grouped by the rational.

    Done once, so that :func:`assemble` multiplies each value by each distinct rational once.
    """
    out = []
    for expr, places in terms:
        groups: dict[Any, list[tuple[int, int]]] = {}
        for r, c, q in places:
            groups.setdefault(q, []).append((r, c))
        rationals = [(flint.fmpq(q.numerator, q.denominator), keys) for q, keys in groups.items()]
        out.append((expr, rationals))
    return out


def assemble(terms: Prepared, values: Mapping[Any, Any]) -> Sparse:
    """sum_k value_k M_k of prepared terms; entries that are exactly zero are left out.

    >>> from fractions import Fraction
    >>> assemble(prepared([("g", ((0, 1, Fraction(1, 2)),))]), {"g": arb(3)})
    {(0, 1): 1.50000000000000}
    """
    out: Sparse = {}
    for expr, groups in terms:
        ball = values[expr]
        if ball == 0:
            continue
        for q, keys in groups:
            part = ball * q
            for key in keys:
                old = out.get(key)
                out[key] = part if old is None else old + part
    return {key: ball for key, ball in out.items() if ball != 0}


def exact_number(numerator: int, denominator: int = 1) -> Any:
    """A rational as FLINT's exact number.

    >>> exact_number(2, 4)
    1/2
    """
    return flint.fmpq(numerator, denominator)


def ball_of_exact(value: Any) -> Any:
    """FLINT's exact rational as a ball at the working precision.

    >>> ball_of_exact(exact_number(1, 2))
    0.500000000000000
    """
    return arb(value)


def apply_sparse(matrix: Sparse, vector: Sequence[Any], size: int) -> list[Any]:
    """The product with a vector.

    >>> apply_sparse({(0, 1): arb(2)}, [arb(0), arb(3)], 2)
    [6.00000000000000, 0]
    """
    out = [arb(0)] * size
    for (r, c), ball in matrix.items():
        out[r] = out[r] + ball * vector[c]
    return out


def blocks_of(keys: Iterable[tuple[int, int]], size: int) -> list[list[int]]:
    """The connected sets of coordinates, in the order of their first member (union-find).

    >>> blocks_of([(0, 2)], 3)
    [[0, 2], [1]]
    """
    parent = list(range(size))

    def find(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for r, c in keys:
        parent[find(r)] = find(c)
    groups: dict[int, list[int]] = {}
    for node in range(size):
        groups.setdefault(find(node), []).append(node)
    return list(groups.values())


Block = tuple[tuple[int, ...], tuple[tuple[tuple[int, int], int, int], ...]]


@lru_cache(maxsize=256)
def _layout(keys: tuple[tuple[int, int], ...], size: int) -> tuple[Block, ...]:
    """The blocks of these keys, each with its keys and where they lie in it; known by the zeros."""
    found = []
    for block in blocks_of(keys, size):
        place = {node: k for k, node in enumerate(block)}
        inside = tuple((key, place[key[0]], place[key[1]]) for key in keys if key[0] in place)
        found.append((tuple(block), inside))
    return tuple(found)


# --- steady states ------------------------------------------------------------------------------


def not_unique(found: str) -> NotUnique:
    return NotUnique(
        "The steady state at the point asked",
        found=found,
        advice="couple the disconnected sectors, or evolve from an initial state",
    )


def steady_balls(matrix: Sparse, d: int, size: int) -> list[Any]:
    """The coordinates of the unique steady state; raises NotUnique, and NotYet to ask for bits."""
    try:
        return _solved(matrix, d, size)
    except ZeroDivisionError:
        raise NotYet(
            "a block of the generator may be singular, and the steady state not unique"
        ) from None


def _solved(matrix: Sparse, d: int, size: int) -> list[Any]:
    """One solve per block; ZeroDivisionError where one is not proved to be nonsingular."""
    zero, one = arb(0), arb(1)
    result = [zero] * size
    seen = 0
    for block, inside in _layout(tuple(matrix), size):
        count = len(block)
        populations = [k for k, node in enumerate(block) if node < d]
        entries = [zero] * count**2
        for key, r, c in inside:
            entries[r * count + c] = matrix[key]
        if not populations:
            arb_mat(count, count, entries).solve(arb_mat([[one]] * count))
            continue
        seen += 1
        if seen > 1:
            raise not_unique("populations that fall into sectors which do not exchange anything")
        entries[:count] = [one if k in populations else zero for k in range(count)]
        unit = arb_mat(count, 1, [one] + [zero] * (count - 1))
        found = arb_mat(count, count, entries).solve(unit)
        for k, node in enumerate(block):
            result[node] = found[k, 0]
    return result


# --- evolution ----------------------------------------------------------------------------------


def _norm(matrix: Sparse, size: int) -> Any:
    """An upper bound of the 1-norm: the largest column sum of absolute values."""
    sums = [arb(0)] * size
    for (_, c), ball in matrix.items():
        sums[c] = sums[c] + ball.abs_upper()
    return max((s.abs_upper() for s in sums), key=float)


def evolve_balls(
    matrix: Sparse, start: Sequence[Any], t: Any, integral: bool = True
) -> tuple[list[Any], list[Any]]:
    """e^{tL} start and int_0^t e^{sL} start ds for an exact or ball t >= 0.

    Blocks on which ``start`` vanishes are left out. Chooses the method by ||Lt||. Without
    ``integral`` the second result means nothing.
    """
    size = len(start)
    final, mean = [arb(0)] * size, [arb(0)] * size
    if t == 0:
        return list(start), mean
    for block, places in _layout(tuple(matrix), size):
        vector = [start[node] for node in block]
        if all(v == 0 for v in vector):
            continue
        inside = {(r, c): matrix[key] * t for key, r, c in places}
        bound = _norm(inside, len(block)) if inside else arb(0)
        method = _series if bound < MAX_NORM else exponential_balls
        ends, integrals = method(inside, vector, bound, integral)
        for k, node in enumerate(block):
            final[node], mean[node] = ends[k], integrals[k] * t
    return final, mean


def _series(
    matrix: Sparse, start: list[Any], bound: Any, integral: bool
) -> tuple[list[Any], list[Any]]:
    size, a = len(start), float(bound)
    dense = arb_mat(size, size)
    for (r, c), ball in matrix.items():
        dense[r, c] = ball
    base = flint.ctx.prec
    # The number of terms is a guess in doubles; the bound on the rest is then a ball.
    terms = int(2 * a) + 2
    while terms * log(a + 1e-300) - lgamma(terms + 1) > -(base + 8) * log(2):
        terms += 1
    # Terms grow to e^a before they fall: that many bits are lost to cancellation.
    with flint.ctx.workprec(base + int(a * 1.45) + 4):
        term = arb_mat(size, 1, start)
        total, mean = term, term
        for k in range(1, terms):
            term = dense * term / k
            total = total + term
            if integral:
                mean = mean + term / (k + 1)
        length = sum((v.abs_upper() for v in start), arb(0))
        # As terms + 1 > 2 a the rest is at most 1 + 1/2 + 1/4 + ... times its first term.
        error = arb(0, (2 * length * bound**terms / arb(terms).fac()).abs_upper())
        return (
            [total[i, 0] + error for i in range(size)],
            [mean[i, 0] + error for i in range(size)],
        )


def exponential_balls(
    matrix: Sparse, start: list[Any], bound: Any, integral: bool = True
) -> tuple[list[Any], list[Any]]:
    """The same by the exponential of the whole augmented matrix (the slow twin, for long times).

    ``matrix`` holds Lt; the integrals are those over the unit interval.

    >>> ends, means = exponential_balls({(0, 0): arb(-1)}, [arb(1)], arb(1))
    >>> bool(ends[0].overlaps((-arb(1)).exp())), bool(means[0].overlaps(1 - (-arb(1)).exp()))
    (True, True)
    """
    size = len(start)
    dense = arb_mat(size + 1, size + 1)
    for (r, c), ball in matrix.items():
        dense[r, c] = ball
    for r, ball in enumerate(start):
        dense[r, size] = ball
    full = dense.exp()
    ends = []
    for r in range(size):
        total = arb(0)
        for c, ball in enumerate(start):
            total = total + full[r, c] * ball
        ends.append(total)
    return ends, [full[r, size] for r in range(size)]
