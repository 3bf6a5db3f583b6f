"""Rational generators: steady states and e^{tL} rho_0 in integers, rounded once at the end.

Every connected block of coordinates is L = Z/s with a matrix Z and a number s of integers.

*Steady state.* Z with one population row replaced by the trace, solved exactly.

*Evolution.* The first N terms of the exponential series are a polynomial in Z,
P(Z) = sum_{k<N} x^k Z^k/k! with x = t/s. By the Cayley-Hamilton theorem P(Z) = R(Z), where R is the
remainder of P upon division by the characteristic polynomial of Z, so that n - 1 products with a
vector do the work of N - 1. All this is exact; the rest of the series is bounded as in
:mod:`symtherm.exact.semigroup`, which is the slow twin. The integers grow with N times the bits of
the numerator and denominator of x: where that is much more than the precision asked, or N is not
large against n, the series in balls is faster and is taken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lgamma, log
from typing import Any

import flint
from flint import arb, fmpq, fmpq_mat, fmpz, fmpz_mat, fmpz_poly

from symtherm.errors import NotUnique
from symtherm.exact.semigroup import MAX_NORM, blocks_of, evolve_balls, not_unique

__all__ = ["ExactBlock", "evolve_exact", "exact_blocks", "steady_exact", "terms_needed"]


@dataclass(frozen=True)
class ExactBlock:
    """L = matrix/scale on the coordinates ``nodes``, of which the first are populations.

    ``steady`` is the same with its first row replaced by the trace, None without populations;
    ``norm`` is the largest column sum of |matrix|.
    """

    nodes: tuple[int, ...]
    matrix: Any
    scale: Any
    steady: Any
    norm: int


def exact_blocks(matrix: Mapping[tuple[int, int], Any], d: int, size: int) -> list[ExactBlock]:
    """The connected blocks of a rational generator {(row, column): fmpq}.

    >>> [b.nodes for b in exact_blocks({(0, 1): fmpq(1, 2), (1, 1): fmpq(-1, 2)}, 2, 4)]
    [(0, 1), (2,), (3,)]
    """
    found = []
    for nodes in blocks_of(matrix, size):
        place = {node: k for k, node in enumerate(nodes)}
        rational = fmpq_mat(len(nodes), len(nodes))
        for (r, c), value in matrix.items():
            if r in place:
                rational[place[r], place[c]] = value
        whole, scale = rational.numer_denom()
        columns = zip(*whole.tolist(), strict=True)
        norm = max(int(sum(abs(v) for v in column)) for column in columns)
        populations = sum(node < d for node in nodes)
        steady = None
        if populations:
            steady = fmpz_mat(whole)
            for k in range(len(nodes)):
                steady[0, k] = int(k < populations)
        found.append(ExactBlock(tuple(nodes), whole, scale, steady, norm))
    return found


def steady_exact(blocks: Sequence[ExactBlock], size: int) -> list[Any]:
    """The exact coordinates (fmpq) of the unique steady state.

    Raises NotUnique where populations fall into two blocks, and where a block is singular: then
    the steady state is not unique, or a coherence survives.

    >>> rates = {(0, 1): fmpq(1), (0, 0): fmpq(-3), (1, 0): fmpq(3), (1, 1): fmpq(-1)}
    >>> steady_exact(exact_blocks(rates, 2, 2), 2)
    [1/4, 3/4]
    """
    result = [fmpq(0)] * size
    if sum(block.steady is not None for block in blocks) > 1:
        raise not_unique("populations that fall into sectors which do not exchange anything")
    for block in blocks:
        count = len(block.nodes)
        if block.steady is None:
            if block.matrix.det() == 0:
                raise _singular()
            continue
        try:
            found = block.steady.solve(fmpz_mat(count, 1, [1] + [0] * (count - 1)))
        except ZeroDivisionError:
            raise _singular() from None
        for node, value in zip(block.nodes, found.entries(), strict=True):
            result[node] = value
    return result


def _singular() -> NotUnique:
    return not_unique("a singular block of the generator")


def terms_needed(a: float, bits: int) -> int:
    """The least N > 2a - 1 with 2 a^N/N! below 2^-(bits + 7): the terms of exp to sum.

    A guess in doubles: whoever uses it bounds the rest by balls.

    >>> terms_needed(1.0, 50)
    20
    """

    def enough(n: int) -> bool:
        return n * log(a + 1e-300) - lgamma(n + 1) <= -(bits + 8) * log(2)

    low = high = int(2 * a) + 2
    while not enough(high):
        low, high = high + 1, 2 * high
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle + 1, high)
    return low


def evolve_exact(
    blocks: Sequence[ExactBlock], start: Sequence[Any], t: Fraction, integral: bool = True
) -> tuple[list[Any], list[Any]]:
    """e^{tL} start and int_0^t e^{sL} start ds in balls, for a rational start and t >= 0.

    As :func:`symtherm.exact.semigroup.evolve_balls`, which takes what is not for integers.

    >>> blocks = exact_blocks({(0, 0): fmpq(-1)}, 1, 1)
    >>> ends, means = evolve_exact(blocks, [fmpq(1)], Fraction(2))
    >>> bool(ends[0].overlaps(arb(-2).exp())), bool(means[0].overlaps(1 - arb(-2).exp()))
    (True, True)
    """
    size, bits = len(start), flint.ctx.prec
    final, mean = [arb(0)] * size, [arb(0)] * size
    left: dict[tuple[int, int], Any] = {}
    rest = [arb(0)] * size
    for block in blocks:
        vector = fmpq_mat(len(block.nodes), 1, [start[node] for node in block.nodes])
        if all(v == 0 for v in vector.entries()):
            continue
        x = fmpq(t.numerator, t.denominator) / block.scale
        bound = float(arb(x * block.norm).abs_upper())
        terms = terms_needed(bound, bits) if bound < MAX_NORM else 0
        height = max(int(x.p).bit_length(), int(x.q).bit_length())
        if terms < 2 * len(block.nodes) or terms * height > 16 * bits:
            for r, row in zip(block.nodes, block.matrix.tolist(), strict=True):
                rest[r] = arb(start[r])
                left.update(
                    ((r, c), arb(fmpq(v, block.scale)))
                    for c, v in zip(block.nodes, row, strict=True)
                    if v != 0
                )
            continue
        ends, means = _polynomials(block, vector, x, terms, integral)
        for k, node in enumerate(block.nodes):
            final[node] = ends[k]
            mean[node] = means[k] * arb(fmpq(t.numerator, t.denominator)) if integral else means[k]
    if left:
        ends, means = evolve_balls(left, rest, arb(fmpq(t.numerator, t.denominator)), integral)
        final = [a + b for a, b in zip(final, ends, strict=True)]
        mean = [a + b for a, b in zip(mean, means, strict=True)]
    return final, mean


def _polynomials(
    block: ExactBlock, start: Any, x: Any, terms: int, integral: bool
) -> tuple[list[Any], list[Any]]:
    characteristic = block.matrix.charpoly()
    powers, below = start.numer_denom()
    count = len(block.nodes)
    krylov = [powers]
    for _ in range(count - 1):
        krylov.append(block.matrix * krylov[-1])
    length = sum((abs(v) for v in start.entries()), fmpq(0))
    bound = arb(x * block.norm)
    # As terms + 1 > 2 a the rest is at most 1 + 1/2 + 1/4 + ... times its first term.
    error = arb(0, (2 * arb(length) * bound**terms / arb(terms).fac()).abs_upper())
    out = []
    for shift in (0, 1) if integral else (0,):
        # x^k/(k + shift)! over the common denominator of all terms
        top, weights = fmpz(1), []
        for k in range(terms - 1, 0, -1):
            weights.append(top)
            top *= (k + shift) * x.q
        weights.append(top)
        weights.reverse()
        if x.p != 1:
            power = fmpz(1)
            for k in range(1, terms):
                power *= x.p
                weights[k] *= power
        rest = fmpz_poly(weights) % characteristic
        total = krylov[0] * rest[0]
        for j in range(1, count):
            total += krylov[j] * rest[j]
        scale = arb(top * below)
        out.append([arb(v) / scale + error for v in total.entries()])
    return out[0], out[-1]
