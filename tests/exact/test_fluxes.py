"""Driving forces as differences of products, and the column sets that cofactors need."""

from __future__ import annotations

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from symtherm import is_zero, parameters
from symtherm.exact.alphabet import alphabet
from symtherm.exact.fluxes import flux_difference
from symtherm.exact.fraction import Fraction, ring
from symtherm.exact.matrix import SparseMatrix, clear_rows
from symtherm.exact.minors import count_subsets

S = parameters("s_1 s_2 s_3 s_4")
T, W = parameters("T omega")


@settings(max_examples=40, deadline=None)
@given(st.lists(st.booleans(), min_size=4, max_size=4), st.integers(1, 5))
def test_products_forward_and_backward_are_found(forward, factor):
    """Any s or 1 - s forward, the other one backward."""
    space = alphabet(S, positive=[1 - s for s in S])
    ahead = sp.Mul(*(s if way else 1 - s for s, way in zip(S, forward, strict=True)))
    back = sp.Mul(*(1 - s if way else s for s, way in zip(S, forward, strict=True)))
    value = space.fraction(factor * (ahead - back))
    found = flux_difference(space, value.num, S)
    assert found is not None and len(found.args) == 2
    assert is_zero(found - factor * (ahead - back))


def test_occupations_of_bosons():
    """n_1 n_2 (n_3 + 1) - (n_1 + 1)(n_2 + 1) n_3, whatever the order of the atoms."""
    n = [1 / (sp.exp(k * W / t) - 1) for k, t in ((1, S[0]), (1, S[1]), (1, S[2]))]
    force = n[0] * n[1] * (n[2] + 1) - (n[0] + 1) * (n[1] + 1) * n[2]
    space = alphabet(n)
    found = flux_difference(space, space.fraction(force).num, [a.expr for a in space.atoms])
    assert found is not None and len(found.args) == 2
    assert is_zero(found - force) or is_zero(found + force)


def test_what_is_no_such_difference_is_left_alone():
    space = alphabet(S, positive=[1 - s for s in S])
    for expr in (S[0] - S[1], S[0] * S[1] * S[2] + 1, S[0] * S[1] + S[2], S[0] ** 2 * S[1] - S[2]):
        assert flux_difference(space, space.fraction(expr).num, S) is None
    # Without the declaration below one there is no 1 - s to speak of.
    plain = alphabet(S)
    force = S[0] * S[1] * (1 - S[2]) - (1 - S[0]) * (1 - S[1]) * S[2]
    assert flux_difference(plain, plain.fraction(force).num, S) is None


@pytest.mark.parametrize("n", [10, 20, 40])
def test_a_ring_needs_quadratically_many_column_sets(n):
    """A set that misses two closed columns leads to no cofactor, and is not made."""
    base = ring(2 * n)
    entries: dict[tuple[int, int], Fraction] = {}
    for i in range(n):
        for k, j in ((i, (i + 1) % n), (n + i, (i - 1) % n)):
            rate = Fraction.of(base, base.gen(k))
            entries[j, i] = entries.get((j, i), Fraction.of(base, 0)) + rate
            entries[i, i] = entries.get((i, i), Fraction.of(base, 0)) - rate
    rows = clear_rows(SparseMatrix(base, n, entries))[:-1]
    assert count_subsets(rows, 10**6) <= 2 * n**2
