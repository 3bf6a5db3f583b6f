"""Small blocks without a gcd in between: the ray, the rank and the content of the slow routes."""

from __future__ import annotations

from random import Random

import pytest

from symtherm.errors import TooLong
from symtherm.exact.bareiss import null_space
from symtherm.exact.content import primitive_vector
from symtherm.exact.fraction import Fraction, ring
from symtherm.exact.kernel import kernel
from symtherm.exact.matrix import SparseMatrix, rank
from symtherm.exact.minors import null_vector
from symtherm.exact.small import null_vector_without_gcd, small_kernel
from tests.exact.test_reduction import (
    assert_same_ray,
    content,
    local_sites,
    random_polynomial,
    random_rows,
)


def minors(base):
    return lambda rows, size: null_vector(base, rows, size)


def polynomials(base, vector):
    return [base.constant(0) if p is None else p for p in vector]


def matrix_with_redundant_rows(base, random, n, count, filling, fractions=False):
    """n x n, the first ``count`` rows summing to zero; entries polynomials or quotients of them."""
    rows = random_rows(base, random, n, filling)
    entries = {}
    for r, row in enumerate(rows, start=1):
        for c, v in row.items():
            den = 1
            if fractions:
                den = random.choice([1, 2, 3, base.gen(0), base.gen(0) + base.gen(1)])
            entries[r, c] = Fraction.of(base, v, den)
    for r in range(1, count):
        for c in range(n):
            if (r, c) in entries:
                entries[0, c] = entries.get((0, c), Fraction.of(base, 0)) - entries[r, c]
    return SparseMatrix(base, n, {k: v for k, v in entries.items() if v})


@pytest.mark.parametrize("filling", [2, 3, 4, 6])
@pytest.mark.parametrize("seed", range(40))
def test_random_rows_give_the_ray_of_the_minors(seed, filling):
    """Sparse and dense, of full and of lower rank, with columns of zeros: never a wrong vector."""
    random = Random(1000 * filling + seed)
    base = ring(3)
    n = random.randint(2, 6)
    rows = random_rows(base, random, n, filling)
    slow = null_vector(base, rows, n)
    fast = null_vector_without_gcd([dict(row) for row in rows], n, minors(base))
    if fast is None:
        return
    fast = polynomials(base, fast)
    assert_same_ray(slow, fast)
    assert content(fast).is_one()


@pytest.mark.parametrize("fractions", [False, True])
@pytest.mark.parametrize("seed", range(60))
def test_the_kernel_is_that_of_elimination(seed, fractions):
    """Any rank, quotients or not, connected or not: the same space, and no common factor."""
    random = Random(seed)
    base = ring(3)
    n = random.randint(2, 5)
    count = random.randint(2, n)
    matrix = matrix_with_redundant_rows(base, random, n, count, random.choice([2, 3, 5]), fractions)
    found = kernel(matrix, range(count))
    twins = null_space(matrix)
    assert len(found) == len(twins) == n - rank(matrix)
    if len(found) == 1:
        assert found[0].keys() == twins[0].keys()
        k = min(found[0])
        assert all(twins[0][j] * found[0][k] == twins[0][k] * found[0][j] for j in found[0])
        assert content([v.num for v in found[0].values()]).is_one()


def test_rules_reach_a_decision_on_what_they_are_made_for():
    """A line of levels, a coherence, a complete network: without the general route."""
    base = ring(4)
    a, b, c, d = base.gens()
    line = [{0: a, 1: -b}, {0: -a, 1: b + c, 2: -d}]
    coherence = [{0: a, 1: -b, 3: c}, {2: -d, 3: 2 * a}, {2: -2 * a, 3: -d, 0: c, 1: -c}]
    full = [{j: random_polynomial(base, Random(7 * i + j), 2) for j in range(4)} for i in range(3)]
    one_owner = [{0: a, 1: b, 2: c}, {1: b, 2: c, 3: d}, {1: a, 2: d, 3: b + c}]
    for rows in (line, coherence, full, one_owner):
        n = len(rows) + 1
        fast = null_vector_without_gcd([dict(row) for row in rows], n, minors(base))
        assert fast is not None
        assert_same_ray(null_vector(base, rows, n), polynomials(base, fast))
        assert content([p for p in fast if p]).is_one()


def test_entries_that_are_equal_up_to_sign_in_every_place():
    """Products are shared where two entries of a row agree: each place and sign, both rows."""
    base = ring(5)
    a, b, c, d, e = base.gens()
    for sign in (1, -1):
        for place in range(3):
            plain = {0: a + b, 1: c, 2: d}
            equal = {place: e, (place + 1) % 3: e, (place + 2) % 3: sign * (a + e)}
            other = {place: e, (place + 1) % 3: sign * e, (place + 2) % 3: b - d}
            for rows in ([plain, equal], [equal, plain], [plain, other], [other, plain]):
                fast = null_vector_without_gcd([dict(row) for row in rows], 3, minors(base))
                assert_same_ray(null_vector(base, rows, 3), polynomials(base, fast))
            # Proportional rows have no cross product.
            twice = {j: v * (a + 2) for j, v in other.items()}
            assert null_vector_without_gcd([dict(other), twice], 3, minors(base)) is None


@pytest.mark.parametrize("seed", range(8))
def test_special_values_of_the_parameters(seed):
    """Parameters set equal or to zero before or after: the same ray, if its rank is the same."""
    random = Random(seed)
    generic = local_sites(random, 2, empty=seed > 3)
    base = generic.base
    gens = list(base.gens())
    i, j = random.sample(range(base.size), 2)
    images = list(gens)
    images[i] = gens[j] if seed % 2 else base.constant(0)

    def special(p):
        return p.compose(*images, ctx=base.ctx)

    entries = {
        k: Fraction.of(base, special(v.num), special(v.den)) for k, v in generic.entries.items()
    }
    matrix = SparseMatrix(base, generic.size, {k: v for k, v in entries.items() if v})
    found, twins = kernel(matrix, range(4)), null_space(matrix)
    assert len(found) == len(twins)
    if len(found) == 1:
        k = min(found[0])
        assert found[0].keys() == twins[0].keys()
        assert all(twins[0][j] * found[0][k] == twins[0][k] * found[0][j] for j in twins[0])
        (before,) = kernel(generic, range(4))
        values = [special(before[j].num) if j in before else 0 for j in range(matrix.size)]
        if any(values):
            zero = base.constant(0)
            assert_same_ray(
                [zero + v for v in values],
                [found[0][j].num if j in found[0] else zero for j in range(matrix.size)],
            )


def test_lower_ranks_are_left_to_the_general_route():
    """No vector is better than a wrong one."""
    base = ring(2)
    a, b = (Fraction.of(base, g) for g in base.gens())
    absorbing = {(0, 1): a, (1, 1): -a}
    split = {(0, 0): -a, (1, 0): a, (0, 1): b, (1, 1): -b, (2, 3): a, (3, 3): -a}
    assert small_kernel(SparseMatrix(base, 2, absorbing), (0, 1), minors(base)) is None
    assert small_kernel(SparseMatrix(base, 4, split), range(4), minors(base)) is None
    assert kernel(SparseMatrix(base, 2, absorbing), (0, 1)) == [{0: 1}]
    assert len(kernel(SparseMatrix(base, 4, split), range(4))) == 2


def test_the_budget_of_terms_holds_in_small_blocks():
    base = ring(12)
    entries = {}
    for k, (i, j) in enumerate((i, j) for i in range(4) for j in range(4) if i != j):
        rate = Fraction.of(base, base.gen(k))
        entries[i, j] = rate
        entries[j, j] = entries.get((j, j), Fraction.of(base, 0)) - rate
    matrix = SparseMatrix(base, 4, entries)
    (vector,) = kernel(matrix, range(4), 64)
    assert sum(len(v.num) for v in vector.values()) == 64
    with pytest.raises(TooLong):
        kernel(matrix, range(4), 20)


@pytest.mark.parametrize("seed", range(30))
def test_primitive_vectors_have_no_common_factor(seed):
    """With factors that are monomials, linear, quadratic or none, in two entries or more."""
    random = Random(seed)
    base = ring(4)
    a, b, c, d = base.gens()
    vector = [random_polynomial(base, random, random.randint(1, 6)) for _ in range(4)]
    factor = random.choice([a / a, 6 * a * b**2, a - b, (a - b) * (c + d), a * b - c * d, 2 * a])
    scaled = [v * factor for v in vector]
    scaled[random.randrange(4)] = None
    found = primitive_vector(scaled)
    assert [p is None for p in found] == [p is None for p in scaled]
    kept = [(p, q) for p, q in zip(scaled, found, strict=True) if p]
    if kept:
        assert abs(content([q for _, q in kept]).leading_coefficient()) == 1
        assert content([q for _, q in kept]).is_constant()
        assert all(p * kept[0][1] == q * kept[0][0] for p, q in kept)
