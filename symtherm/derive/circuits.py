"""Polynomials as sums of weighted arithmetic minus geometric means, found by exact linear programs.

For X_i > 0, weights mu_i >= 0 and m = prod X_i^(mu_i/mu), mu = sum mu_i, sum mu_i X_i >= mu m. With
X_i = (x/u)^alpha_i at a point u > 0 the mean m is (x/u)^beta for mu beta = sum mu_i alpha_i. So

    p = sum_i c_i x^alpha_i - sum_beta d_beta x^beta >= 0    (c, d > 0)

wherever mu_(beta, i) >= 0 exist with sum_i mu_(beta, i) (1, alpha_i) = d_beta u^beta (1, beta) and
sum_beta mu_(beta, i) <= c_i u^alpha_i: a linear program, solved in rational numbers. All circuits
are tight at u, so where p vanishes at a positive point u has to be that one; it is looked for where
p is least beside its positive terms (Reznick, Math. Ann. 283, 431 (1989); Iliman and de Wolff, Res.
Math. Sci. 3, 9 (2016); Chandrasekaran and Shah, SIAM J. Optim. 26, 1147 (2016)). As

    sum_i mu_i (m ln(m/X_i) - m + X_i) = sum_i mu_i X_i - mu m,

the certificate needs Klein's inequality only. A monomial x^beta that may be negative is the cross
term of two squares where it can, (x^(alpha_1/2) -+ x^(alpha_2/2))^2, and else is below |x|^beta.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import exp, log, prod
from operator import mul

__all__ = ["Circuit", "Circuits", "circuits", "nonnegative_solution"]

Monomial = tuple[int, ...]
# Sizes of the linear program beyond which none is made.
COLUMNS = 400
ROWS = 80
# Denominators tried for the point u.
DENOMINATORS = (1, 2, 12, 120, 5040)


@dataclass(frozen=True, slots=True)
class Circuit:
    """sum_i mu_i (X_i - s m) >= 0: vertices (alpha_i, mu_i), inner monomial beta, sign s of m.

    With ``square`` there are two vertices of one weight, and it is mu (X_1^(1/2) - s X_2^(1/2))^2.
    """

    inner: Monomial
    sign: int
    vertices: tuple[tuple[Monomial, Fraction], ...]
    square: bool


@dataclass(frozen=True, slots=True)
class Circuits:
    """p = sum of circuits in x/u + ``rest``: visibly nonnegative terms (coefficient, monomial)."""

    point: tuple[Fraction, ...]
    found: tuple[Circuit, ...]
    rest: tuple[tuple[Fraction, Monomial], ...]


def circuits(terms: Mapping[Monomial, int], real: Sequence[bool]) -> Circuits | None:
    """A polynomial {exponents: coefficient} as a sum of circuits; None if none is found.

    ``real`` says which variables may be negative; the others are positive.

    >>> found = circuits({(4, 2): 1, (2, 4): 1, (0, 0): 1, (2, 2): -3}, (True, True))
    >>> found.found[0].inner, [mu for _, mu in found.found[0].vertices]
    ((2, 2), [Fraction(1, 1), Fraction(1, 1), Fraction(1, 1)])
    >>> circuits({(4, 2): 1, (2, 4): 1, (0, 0): 1, (2, 2): -4}, (True, True)) is None
    True
    """

    def even(m: Monomial) -> bool:
        return not any(k % 2 for k, r in zip(m, real, strict=True) if r)

    up = {m: c for m, c in terms.items() if c > 0 and even(m)}
    down = {m: c for m, c in terms.items() if m not in up}
    if not up or not down or len(up) * len(down) > COLUMNS:
        return None
    if len(up) + len(down) * (len(real) + 1) > ROWS:
        return None
    tried = set[tuple[Fraction, ...]]()
    for u in _points(up, down, len(real)):
        if u not in tried:
            tried.add(u)
            if sum((c if m in up else -abs(c)) * _power(u, m) for m, c in terms.items()) < 0:
                return None
            found = _program(up, down, even, u)
            if found is not None:
                return found
    return None


def _power(u: Sequence[Fraction], m: Monomial) -> Fraction:
    return prod((x**k for x, k in zip(u, m, strict=True)), start=Fraction(1))


def _points(
    up: Mapping[Monomial, int], down: Mapping[Monomial, int], size: int
) -> Iterator[tuple[Fraction, ...]]:
    yield (Fraction(1),) * size
    z = _least(up, down, size)
    for denominator in DENOMINATORS:
        u = tuple(Fraction(exp(x)).limit_denominator(denominator) for x in z)
        if all(u):
            yield u


def _least(up: Mapping[Monomial, int], down: Mapping[Monomial, int], size: int) -> list[float]:
    """Logarithms of a point where the ratio of negative to positive terms is large, by steps."""

    def total(part: Mapping[Monomial, int], z: Sequence[float]) -> float:
        sizes = [log(abs(c)) + sum(map(mul, m, z)) for m, c in part.items()]
        return float(max(sizes) + log(sum(exp(s - max(sizes)) for s in sizes)))

    def ratio(z: Sequence[float]) -> float:
        return total(down, z) - total(up, z)

    z, step = [0.0] * size, 1.0
    best = ratio(z)
    while step > 1e-9:
        moved = False
        for k in range(size):
            for move in (step, -step):
                other = [*z[:k], z[k] + move, *z[k + 1 :]]
                value = ratio(other)
                if value > best and max(map(abs, other)) < 20:
                    z, best, moved = other, value, True
                    break
        step = step if moved else step / 2
    return z


def _program(
    up: Mapping[Monomial, int],
    down: Mapping[Monomial, int],
    even: Callable[[Monomial], bool],
    u: tuple[Fraction, ...],
) -> Circuits | None:
    vertices = list(up)
    columns: list[tuple[Monomial, tuple[Monomial, ...]]] = []  # pairs first, they need no means
    for beta in down:
        for m in vertices if not even(beta) else ():
            other = tuple(2 * b - a for a, b in zip(m, beta, strict=True))
            if m < other and other in up:
                columns.append((beta, (m, other)))
    columns += [(beta, (m,)) for beta in down for m in vertices]
    rows, rhs = list[list[Fraction]](), list[Fraction]()
    for beta, d in down.items():
        weight = abs(d) * _power(u, beta)
        for j in (-1, *range(len(u))):
            row = [Fraction(0)] * (len(columns) + len(vertices))
            for k, (inner, ms) in enumerate(columns):
                if inner == beta:
                    row[k] = Fraction(len(ms) if j < 0 else sum(m[j] for m in ms))
            rows.append(row)
            rhs.append(weight * (1 if j < 0 else beta[j]))
    for i, m in enumerate(vertices):
        row = [Fraction(int(m in ms)) for _, ms in columns]
        row += [Fraction(int(i == k)) for k in range(len(vertices))]
        rows.append(row)
        rhs.append(up[m] * _power(u, m))
    x = nonnegative_solution(rows, rhs)
    if x is None:
        return None
    found = list[Circuit]()
    for beta, d in down.items():
        sign = -1 if d > 0 else 1
        chosen = [(ms, x[k]) for k, (b, ms) in enumerate(columns) if b == beta and x[k]]
        single = tuple((ms[0], w) for ms, w in chosen if len(ms) == 1)
        found += [Circuit(beta, sign, single, False)] if single else []
        for ms, w in chosen:
            if len(ms) == 2:
                found.append(Circuit(beta, sign, tuple((m, w) for m in ms), True))
    rest = [(x[len(columns) + i] / _power(u, m), m) for i, m in enumerate(vertices)]
    return Circuits(tuple(u), tuple(found), tuple((c, m) for c, m in rest if c))


def nonnegative_solution(
    rows: Sequence[Sequence[Fraction]], rhs: Sequence[Fraction]
) -> list[Fraction] | None:
    """x >= 0 with A x = b for b >= 0, by the simplex method in fractions; None if there is none.

    The first phase: minimise the sum of b - A x from x = 0 on. By Bland's rule (the first column
    that helps, the first basic variable that may leave) it does not cycle.

    >>> one, two = Fraction(1), Fraction(2)
    >>> nonnegative_solution([[one, one], [one, -one]], [two, one])
    [Fraction(3, 2), Fraction(1, 2)]
    >>> nonnegative_solution([[one, one], [one, one]], [two, one]) is None
    True
    """
    table = [[*row, b] for row, b in zip(rows, rhs, strict=True)]
    basis = [-1] * len(table)  # -1 for what is left of b
    width = len(table[0])
    goal = [sum((row[k] for row in table), start=Fraction(0)) for k in range(width)]
    while (column := next((k for k in range(width - 1) if goal[k] > 0), -1)) >= 0:
        ratios = [(r[-1] / r[column], basis[i], i) for i, r in enumerate(table) if r[column] > 0]
        i = min(ratios)[2]
        pivot = table[i] = [v / table[i][column] for v in table[i]]
        for row in (*(r for k, r in enumerate(table) if k != i), goal):
            factor = row[column]
            if factor:
                row[:] = [v - factor * w if w else v for v, w in zip(row, pivot, strict=True)]
        basis[i] = column
    if goal[-1]:
        return None
    found = [Fraction(0)] * (width - 1)
    for i, k in enumerate(basis):
        if k >= 0:
            found[k] = table[i][-1]
    return found
