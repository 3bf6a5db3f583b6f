"""The rules before the minors, and occupation numbers: the same ray as the minors alone give."""

from __future__ import annotations

from random import Random

import pytest

from symtherm.exact.bareiss import null_space
from symtherm.exact.fraction import Fraction, ring
from symtherm.exact.kernel import kernel
from symtherm.exact.matrix import SparseMatrix, clear_rows, common_factor, primitive_row
from symtherm.exact.minors import null_vector
from symtherm.exact.reduction import reduced_null_vector
from symtherm.exact.sites import sites_of


def assert_same_ray(left, right):
    """All 2 x 2 minors of two nonzero vectors vanish."""
    assert any(left) and any(right)
    k = next(j for j, v in enumerate(left) if v)
    for a, b in zip(left, right, strict=True):
        assert a * right[k] == b * left[k]


def content(vector):
    common = None
    for v in vector:
        if v:
            common = v if common is None else common.gcd(v)
    return common


def random_polynomial(base, random, terms):
    total = base.constant(0)
    for _ in range(terms):
        term = base.constant(random.choice([-3, -2, -1, 1, 2, 4]))
        for k in range(base.size):
            term = term * base.gen(k) ** random.choice([0, 0, 0, 1, 2])
        total = total + term
    return total


def random_rows(base, random, n, filling):
    """n - 1 rows with ``filling`` random entries each, without common factors."""
    rows = []
    for _ in range(n - 1):
        row = {}
        for c in random.sample(range(n), min(n, random.randint(1, filling))):
            value = random_polynomial(base, random, random.randint(1, 3))
            if value:
                row[c] = value
        rows.append(primitive_row(row))
    return rows


@pytest.mark.parametrize("filling", [2, 3, 4])
@pytest.mark.parametrize("seed", range(40))
def test_rules_and_minors_give_the_same_ray(seed, filling):
    """Also where the rank is lower: both are zero, or both are not."""
    random = Random(100 * filling + seed)
    base = ring(3)
    n = random.randint(2, 6)
    rows = random_rows(base, random, n, filling)
    before = [dict(row) for row in rows]
    slow = null_vector(base, rows, n)
    fast = reduced_null_vector(base, rows, n, lambda left, size: null_vector(base, left, size))
    assert rows == before
    if any(slow):
        assert_same_ray(slow, fast)
        for row in rows:
            total = base.constant(0)
            for c, v in row.items():
                total = total + v * fast[c]
            assert not total
    else:
        assert not any(fast)


def network(base, edges, n):
    entries = {}
    for (i, j), rate in edges.items():
        entries[i, j] = entries.get((i, j), Fraction.of(base, 0)) + rate
        entries[j, j] = entries.get((j, j), Fraction.of(base, 0)) - rate
    return SparseMatrix(base, n, {k: v for k, v in entries.items() if v})


def local_sites(random, k, empty=False):
    """k sites, and a coherence between two of their levels that are chosen at random.

    Site b is occupied where bit b of the index is set; ``empty`` swaps that for some sites.
    """
    base = ring(2 * k + 3)
    gen = [Fraction.of(base, g) for g in base.gens()]
    edges = {}
    for b in range(k):
        up, down = gen[2 * b], gen[2 * b] + gen[2 * b + 1]
        if empty and random.random() < 0.5:
            up, down = down, up
        for s in range(1 << k):
            if not s >> b & 1:
                edges[s | 1 << b, s] = up
                edges[s, s | 1 << b] = down
    n = 1 << k
    plain = network(base, edges, n)
    x, y = n, n + 1
    entries = dict(plain.entries)
    one, other = random.sample(range(n), 2)
    g, width, shift = gen[2 * k : 2 * k + 3]
    # A coherence between two levels: p' = -+ 2 g y, and y' = g (p - p') - width y + shift x.
    for level, sign in ((one, -1), (other, 1)):
        entries[level, y] = sign * 2 * g
        entries[y, level] = -sign * g
    entries[y, y] = entries[x, x] = -width / 2
    entries[y, x], entries[x, y] = shift, -shift
    return SparseMatrix(base, n + 2, entries)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("k", [2, 3])
def test_occupation_numbers_give_the_same_ray(k, seed):
    """Against the minors of the populations themselves."""
    random = Random(seed)
    matrix = local_sites(random, k, empty=seed > 2)
    populations = range(1 << k)
    assert sites_of(matrix, populations) is not None
    (found,) = kernel(matrix, populations)
    zero = matrix.base.constant(0)
    fast = [found[j].num if j in found else zero for j in range(matrix.size)]
    slow = null_vector(matrix.base, clear_rows(matrix)[1:], matrix.size)
    assert_same_ray(slow, fast)
    assert content(fast).is_one()
    if k == 2:
        (twin,) = null_space(matrix)
        assert all(twin[j] * found[0] == twin[0] * found[j] for j in twin)


@pytest.mark.parametrize("seed", range(4))
def test_occupation_numbers_with_couplings_that_have_denominators(seed):
    """Of a coupling g/4 or g/(a + b), the equations of the populations hold a quotient."""
    random = Random(seed)
    matrix = local_sites(random, 2)
    a, b = matrix.base.gens()[:2]
    den = matrix.base.constant(4) if seed < 2 else a + b
    entries = {}
    for (r, c), v in matrix.entries.items():
        g = (r < 4) != (c < 4)
        entries[r, c] = Fraction.of(matrix.base, v.num, v.den * den) if g else v
    changed = SparseMatrix(matrix.base, matrix.size, entries)
    assert sites_of(changed, range(4)) is not None
    (found,) = kernel(changed, range(4))
    (twin,) = null_space(changed)
    assert twin.keys() == found.keys()
    assert all(twin[j] * found[0] == twin[0] * found[j] for j in twin)


def test_sites_with_one_rate_of_their_own_are_not_taken_for_independent():
    """Every rate of the square changed once: a model whose sites are not independent after all."""
    matrix = local_sites(Random(1), 2)
    extra = Fraction.of(matrix.base, matrix.base.gen(0))
    for i in range(4):
        for j in range(4):
            if i != j:
                entries = dict(matrix.entries)
                entries[i, j] = entries.get((i, j), 0 * extra) + extra
                entries[j, j] = entries[j, j] - extra
                changed = SparseMatrix(matrix.base, matrix.size, entries)
                assert sites_of(changed, range(4)) is None
                (found,) = kernel(changed, range(4))
                slow = null_vector(matrix.base, clear_rows(changed)[1:], matrix.size)
                zero = matrix.base.constant(0)
                assert_same_ray(slow, [found[k].num if k in found else zero for k in range(6)])
    assert sites_of(matrix, range(3)) is None and sites_of(matrix, (1, 2, 3, 4)) is None


def test_long_rows_lose_all_of_their_common_factor():
    """With the factors that are known, and with those that are not."""
    random = Random(3)
    base = ring(5)
    a, b, c, d, e = base.gens()
    known, unknown = a + 2 * b - c, d * e + 3
    tails = [random_polynomial(base, random, 120), random_polynomial(base, random, 90) + a]
    row = {k: tail * known**2 * unknown * b for k, tail in enumerate(tails)}
    found = primitive_row(row, [base.constant(1), known, a])
    assert content(found.values()).is_one()
    assert found[0] * tails[1] == found[1] * tails[0]
    left, right = row[0], row[1] * a
    assert common_factor(left, right) == left.gcd(right)
