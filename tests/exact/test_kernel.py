"""Every method for null vectors gives the same ray: minors, elimination, spanning trees."""

from __future__ import annotations

from random import Random

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from symtherm import parameters
from symtherm.exact.alphabet import alphabet, lift
from symtherm.exact.bareiss import echelon, null_space
from symtherm.exact.fraction import Fraction, ring
from symtherm.exact.kernel import kernel
from symtherm.exact.matrix import (
    SparseMatrix,
    clear_rows,
    components,
    connected_blocks,
    rank,
)
from symtherm.exact.minors import null_vector
from symtherm.exact.trees import tree_weights
from symtherm.exact.writer import expanded, factored, nested, poly_expr, readable


def rate_matrix(n: int, edges: list[tuple[int, int]]) -> SparseMatrix:
    """A rate matrix with one symbol for each edge (to, from), columns summing to zero."""
    base = ring(len(edges))
    entries: dict[tuple[int, int], Fraction] = {}
    for k, (i, j) in enumerate(edges):
        rate = Fraction.of(base, base.gen(k))
        entries[i, j] = rate
        entries[j, j] = entries.get((j, j), Fraction.of(base, 0)) - rate
    return SparseMatrix(base, n, entries)


def random_network(n: int, seed: int) -> SparseMatrix:
    random = Random(seed)
    edges = [(k, (k + 1) % n) for k in range(n)] + [((k + 1) % n, k) for k in range(n)]
    for _ in range(2):
        i, j = random.sample(range(n), 2)
        if (i, j) not in edges:
            edges.append((i, j))
    return rate_matrix(n, edges)


def ratios(vector: list[Fraction]) -> list[Fraction]:
    return [v / vector[0] for v in vector]


@pytest.mark.parametrize(("n", "seed"), [(3, 1), (3, 2), (4, 3), (4, 4), (5, 5)])
def test_minors_elimination_and_trees_agree(n, seed):
    matrix = random_network(n, seed)
    trees = tree_weights(matrix)
    minors = [
        Fraction.of(matrix.base, p) for p in null_vector(matrix.base, clear_rows(matrix)[1:], n)
    ]
    (space,) = null_space(matrix)
    eliminated = [space[i] for i in range(n)]
    (planned,) = kernel(matrix, range(n))
    expected = ratios(trees)
    assert ratios(minors) == expected
    assert ratios(eliminated) == expected
    assert ratios([planned[i] for i in range(n)]) == expected


def test_tree_weights_of_a_complete_network_count_cayleys_trees():
    """n^(n - 2) rooted spanning trees for each of n states."""
    n = 4
    matrix = rate_matrix(n, [(i, j) for i in range(n) for j in range(n) if i != j])
    assert [len(w.num) for w in tree_weights(matrix)] == [n ** (n - 2)] * n


@given(st.lists(st.integers(-3, 3), min_size=12, max_size=12))
@settings(max_examples=50, deadline=None)
def test_null_vectors_of_random_rational_matrices(numbers):
    base = ring(1)
    entries = {
        (i, j): Fraction.of(base, numbers[4 * i + j])
        for i in range(3)
        for j in range(4)
        if numbers[4 * i + j]
    }
    matrix = SparseMatrix(base, 4, entries)
    exact = sp.Matrix(4, 4, lambda i, j: numbers[4 * i + j] if i < 3 else 0)
    assert rank(matrix) == exact.rank() == len(echelon(matrix)[1])
    for vector in null_space(matrix):
        for i in range(3):
            total = Fraction.of(base, 0)
            for j, v in vector.items():
                total = total + v * numbers[4 * i + j]
            assert not total
    assert len(null_space(matrix)) == 4 - exact.rank()


def test_blocks_are_the_connected_components():
    matrix = rate_matrix(5, [(0, 1), (1, 0), (2, 3)])
    assert connected_blocks(matrix) == [[0, 1], [2, 3], [4]]


@pytest.mark.parametrize("seed", range(20))
def test_components_are_what_a_walk_reaches(seed):
    random = Random(seed)
    n = random.randint(1, 12)
    places = [(random.randrange(n), random.randrange(n)) for _ in range(random.randint(0, n))]
    found = components(n, places)
    assert sorted(i for group in found for i in group) == list(range(n))
    assert found == sorted(sorted(group) for group in found)
    for group in found:
        reached = {group[0]}
        for _ in range(n):
            reached |= {j for i, j in places if i in reached} | {
                i for i, j in places if j in reached
            }
        assert reached == set(group)


def test_a_submatrix_is_numbered_in_the_order_of_its_indices():
    matrix = rate_matrix(4, [(0, 1), (1, 2), (2, 0), (3, 1)])
    part = matrix.block((2, 0))
    assert part.size == 2
    assert part.entries == {
        (i, j): matrix.entries[old, other]
        for i, old in enumerate((2, 0))
        for j, other in enumerate((2, 0))
        if (old, other) in matrix.entries
    }


def test_fractions_have_one_normal_form():
    a, b, c = parameters("a b c")
    space = alphabet([a, b, c])
    first = space.fraction((a**2 - b**2) / (c * a + c * b))
    second = space.fraction(a / c - b / c)
    assert first == second and hash(first) == hash(second)
    assert space.fraction((a - b) / (b - a)) == -1


def test_roots_reduce_by_their_relation():
    a, b = parameters("a b")
    r = sp.sqrt(a**2 + b**2)
    space = alphabet([r])
    assert space.fraction(r**2 - a**2 - b**2).is_zero
    inverse = space.fraction(1 / (a + r))
    assert (inverse * space.fraction(a + r)) == 1
    assert not any(d for d in inverse.den.degrees()[2:])


def test_lifting_to_a_larger_alphabet_changes_nothing():
    w, T, g = parameters("omega T gamma")
    small = alphabet([sp.exp(2 * w / T), g])
    large = alphabet([sp.exp(w / T), g, w])
    value = g / (1 - sp.exp(-2 * w / T))
    assert lift(small.fraction(value), small, large) == large.fraction(value)


@given(st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_all_ways_of_writing_a_fraction_mean_the_same(seed):
    random = Random(seed)
    a, b, c = parameters("a b c")
    space = alphabet([a, b, c])

    def polynomial():
        return sum(
            random.randint(-4, 4)
            * a ** random.randint(0, 2)
            * b ** random.randint(0, 2)
            * c ** random.randint(0, 1)
            for _ in range(4)
        )

    value = space.fraction(polynomial() / (a + b * polynomial() ** 2))
    for write in (expanded, factored, readable):
        assert space.fraction(write(space, value)) == value, write.__name__
    names = [a, b, c]
    assert space.fraction(nested(value.num, names)) == space.fraction(poly_expr(value.num, names))


@given(st.integers(0, 10_000))
@settings(max_examples=60, deadline=None)
def test_fast_conversion_is_sympys_own_canonical_form(seed):
    """Equal, and of equal hash, to the expression that SymPy evaluates; arguments in its order."""
    random = Random(seed)
    a, b, c, T = parameters("a beta_1 Zeta T")
    n = 1 / (sp.exp(a / T) - 1)
    names = [a, b, c, n]
    base = ring(4)
    poly = base.constant(0)
    for _ in range(random.randint(1, 12)):
        term = base.constant(random.choice([-7, -2, -1, 1, 1, 2, 3, 12]))
        for k in range(4):
            term = term * base.gen(k) ** random.choice([0, 0, 1, 2, 3])
        poly = poly + term
    slow = sp.Add(
        *(
            sp.Mul(
                sp.Integer(int(coefficient)), *(x ** int(k) for x, k in zip(names, m, strict=True))
            )
            for m, coefficient in poly.to_dict().items()
        )
    )
    fast = poly_expr(poly, names)
    assert fast == slow and hash(fast) == hash(slow)
    assert fast.args == slow.args


@pytest.mark.parametrize("n", [3, 6, 12])
def test_conversion_of_a_ring_is_canonical(n):
    """Products of n - 1 rates: as SymPy evaluates them, in its order of arguments, of equal hash.

    The order of the powers is kept between calls, so each population meets it in another state.
    """
    base = ring(2 * n)
    names = [sp.Symbol(f"g{(11 * k) % (2 * n + 1)}", positive=True) for k in range(2 * n)]
    entries: dict[tuple[int, int], Fraction] = {}
    for k in range(n):
        for i, j, index in ((k, (k + 1) % n, k), ((k + 1) % n, k, n + k)):
            rate = Fraction.of(base, base.gen(index))
            entries[i, j] = entries.get((i, j), Fraction.of(base, 0)) + rate
            entries[j, j] = entries.get((j, j), Fraction.of(base, 0)) - rate
    (vector,) = kernel(SparseMatrix(base, n, entries), range(n))
    for value in vector.values():
        fast = poly_expr(value.num, names)
        slow = sp.Add(
            *(
                sp.Mul(int(c), *(x ** int(k) for x, k in zip(names, m, strict=True)))
                for m, c in value.num.to_dict().items()
            )
        )
        assert fast == slow and hash(fast) == hash(slow) and fast.args == slow.args
        for term, evaluated in zip(fast.args, slow.args, strict=True):
            assert term.args == evaluated.args and term.is_commutative is True
