"""The part of a vector that belongs to each factor of a characteristic polynomial.

Let p = prod_i f_i^k_i be the characteristic polynomial of M, factored over the entries' field.
With c_i = p/f_i^k_i and b_i the inverse of c_i modulo f_i^k_i, the polynomials b_i c_i are 1 modulo
f_i^k_i and 0 modulo the others. By Cayley and Hamilton the w_i = b_i(M) c_i(M) v add up to v, and
f_i(M)^k_i w_i = 0 (primary decomposition). Nothing is diagonalised, and coinciding eigenvalues are
nothing special. Polynomials are lists of coefficients, by ascending power.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from symtherm.errors import OutsideClosedForm
from symtherm.exact.fraction import Fraction, Ring, split
from symtherm.exact.matrix import SparseMatrix

__all__ = ["Mode", "Vector", "apply", "characteristic", "combine", "factors", "modes", "reachable"]

Vector = dict[int, Fraction]
Polynomial = list[Fraction]

# Longer coefficients make modes that nobody reads, and gcds that nobody waits for.
TERMS = 2000


@dataclass(frozen=True, slots=True)
class Mode:
    """An irreducible monic factor f and the vectors w, f(M) w, f(M)^2 w, ... that do not vanish."""

    factor: tuple[Fraction, ...]
    vectors: tuple[Vector, ...]


def reachable(matrix: SparseMatrix, start: set[int]) -> list[int]:
    """The smallest invariant set of coordinates that holds ``start``.

    >>> from symtherm.exact.fraction import ring
    >>> one = Fraction.of(ring(1), 1)
    >>> reachable(SparseMatrix(ring(1), 3, {(1, 0): one, (1, 2): one}), {0})
    [0, 1]
    """
    after: dict[int, list[int]] = {}
    for r, c in matrix.entries:
        after.setdefault(c, []).append(r)
    found, new = set(start), list(start)
    while new:
        for r in after.get(new.pop(), ()):
            if r not in found:
                found.add(r)
                new.append(r)
    return sorted(found)


def apply(matrix: SparseMatrix, vector: Vector) -> Vector:
    """M v, without its zeros."""
    total: Vector = {}
    for (r, c), v in matrix.entries.items():
        if c in vector:
            part = v * vector[c]
            total[r] = total[r] + part if r in total else part
    return {k: v for k, v in total.items() if v}


def combine(a: Vector, b: Vector, factor: Fraction | int) -> Vector:
    """a + factor b, without its zeros."""
    total = dict(a)
    for k, v in b.items():
        part = v * factor
        total[k] = total[k] + part if k in total else part
    return {k: v for k, v in total.items() if v}


def characteristic(matrix: SparseMatrix) -> Polynomial:
    """det(x - M) by Faddeev and LeVerrier.

    B_1 = 1, c_(n-k) = -Tr(M B_k)/k, B_(k+1) = M B_k + c_(n-k).
    Raises OutsideClosedForm where a coefficient has more than some thousand terms.

    >>> from symtherm.exact.fraction import ring
    >>> R = ring(1)
    >>> a = Fraction.of(R, R.gen(0))
    >>> characteristic(SparseMatrix(R, 2, {(0, 1): a, (1, 0): a}))
    [(-g0^2)/(1), (0)/(1), (1)/(1)]
    """
    n, base = matrix.size, matrix.base
    columns: list[Vector] = [{j: Fraction.of(base, 1)} for j in range(n)]
    found = [Fraction.of(base, 1)]
    for k in range(1, n + 1):
        columns = [apply(matrix, column) for column in columns]
        trace = Fraction.of(base, 0)
        for j, column in enumerate(columns):
            if j in column:
                trace = trace + column[j]
        if max((len(v.num) for column in columns for v in column.values()), default=0) > TERMS:
            raise OutsideClosedForm(
                f"The eigenvalues of a block of {n} coordinates",
                found=f"coefficients of more than {TERMS} terms",
                advice="use numbers or equal rates for some parameters, or the numeric integration",
            )
        found.append(-trace / k)
        if k < n:
            columns = [combine(c, {j: found[-1]}, 1) for j, c in enumerate(columns)]
    return found[::-1]


def factors(base: Ring, polynomial: Polynomial) -> list[tuple[Polynomial, int]]:
    """The monic factors of a monic polynomial that FLINT finds, with their multiplicities.

    Where the ring has square roots a factor may split further; the product is right in any case.

    >>> from symtherm.exact.fraction import ring
    >>> R = ring(1)
    >>> a = Fraction.of(R, R.gen(0))
    >>> factors(R, [-a * a, a * 0, a / a])
    [([(-g0)/(1), (1)/(1)], 1), ([(g0)/(1), (1)/(1)], 1)]
    """
    larger = base.enlarged(1)
    common = base.constant(1)
    for c in polynomial:
        common = common / common.gcd(c.den) * c.den
    whole = larger.constant(0)
    for k, c in enumerate(polynomial):
        cleared = (c.num * (common / c.den)).project_to_context(larger.ctx)
        whole += cleared * larger.gen(base.size) ** k
    found = []
    for factor, power in whole.factor()[1]:
        parts = [p.project_to_context(base.ctx) for p in split(larger, factor, base.size)]
        if len(parts) > 1:
            found.append(([Fraction.of(base, p, parts[-1]) for p in parts], int(power)))
    return sorted(found, key=lambda f: (len(f[0]), str(f[0])))


def _times(a: Polynomial, b: Polynomial) -> Polynomial:
    total = [a[0] * 0] * (len(a) + len(b) - 1)
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            total[i + j] = total[i + j] + x * y
    return total


def _divide(a: Polynomial, b: Polynomial) -> tuple[Polynomial, Polynomial]:
    """Quotient and remainder; the remainder has no zeros in front, and 0 is []."""
    rest, quotient = list(a), [b[-1] * 0] * max(len(a) - len(b) + 1, 1)
    for k in range(len(a) - len(b), -1, -1):
        quotient[k] = rest[k + len(b) - 1] / b[-1]
        for i, c in enumerate(b):
            rest[k + i] = rest[k + i] - quotient[k] * c
    while rest and not rest[-1]:
        rest.pop()
    return quotient, rest


def _inverse(a: Polynomial, modulus: Polynomial) -> Polynomial:
    """b with a b = 1 modulo ``modulus``, by Euclid's algorithm."""
    one = modulus[-1] / modulus[-1]
    r, s = (modulus, _divide(a, modulus)[1]), ([one * 0], [one])
    while len(r[1]) > 1:
        quotient, rest = _divide(*r)
        product = _times(quotient, s[1])
        size = max(len(product), len(s[0]))
        pad = [*s[0], *[one * 0] * (size - len(s[0]))]
        minus = [*product, *[one * 0] * (size - len(product))]
        r, s = (r[1], rest), (s[1], [x - y for x, y in zip(pad, minus, strict=True)])
    if not r[1]:
        # Coprime as polynomials, but not in the field with its square roots.
        raise OutsideClosedForm(
            "The modes of a generator",
            found="eigenvalues that coincide only by a relation between square roots",
            advice="write the model in parameters without square roots",
        )
    return [x / r[1][0] for x in s[1]]


def _value(matrix: SparseMatrix, polynomial: Polynomial, vector: Vector) -> Vector:
    """f(M) v by Horner's scheme."""
    total: Vector = {}
    for c in reversed(polynomial):
        total = combine(apply(matrix, total), vector, c)
    return total


def modes(matrix: SparseMatrix, vectors: Mapping[int, Vector]) -> dict[int, list[Mode]]:
    """The modes of each of some vectors; those that a vector does not excite are left out.

    >>> from symtherm.exact.fraction import ring
    >>> R = ring(1)
    >>> a = Fraction.of(R, R.gen(0))
    >>> M = SparseMatrix(R, 2, {(0, 0): -a, (1, 0): a})
    >>> [(m.factor[0], m.vectors) for m in modes(M, {0: {0: a / a}})[0]]
    [((0)/(1), ({1: (1)/(1)},)), ((g0)/(1), ({0: (1)/(1), 1: (-1)/(1)},))]
    """
    base = matrix.base
    polynomial = characteristic(matrix)
    found: dict[int, list[Mode]] = {name: [] for name in vectors}
    for factor, power in factors(base, polynomial):
        whole = factor
        for _ in range(power - 1):
            whole = _times(whole, factor)
        rest = _divide(polynomial, whole)[0]
        inverse = _inverse(rest, whole) if len(rest) > 1 else [Fraction.of(base, 1)]
        for name, vector in vectors.items():
            part = _value(matrix, inverse, _value(matrix, rest, vector))
            chain = []
            while part:
                chain.append(part)
                part = _value(matrix, factor, part)
            if chain:
                found[name].append(Mode(tuple(factor), tuple(chain)))
    return found
