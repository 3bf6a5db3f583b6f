"""Exact evolution of rational generators against the series in balls and against mpmath."""

import random
from fractions import Fraction

import flint
import pytest
from flint import arb, fmpq
from mpmath import mp

from symtherm.errors import NotUnique
from symtherm.exact import rational_flow
from symtherm.exact.driven import _halved, _straight
from symtherm.exact.rational_flow import evolve_exact, exact_blocks, steady_exact
from symtherm.exact.semigroup import evolve_balls, steady_balls


def rates(size, rng, density=0.6, height=9):
    """A random rational rate matrix: columns sum to zero, so that its norm stays moderate."""
    out = {}
    for r in range(size):
        for c in range(size):
            if r != c and rng.random() < density:
                q = fmpq(rng.randint(1, height), rng.randint(1, height))
                out[r, c] = q
                out[c, c] = out.get((c, c), fmpq(0)) - q
    return out


def balls(matrix):
    return {key: arb(v) for key, v in matrix.items()}


@pytest.mark.parametrize("seed", range(12))
def test_both_routes_overlap_and_the_exact_one_is_no_wider(seed):
    rng = random.Random(seed)
    size = rng.choice([1, 2, 3, 5, 9])
    matrix = rates(size, rng, rng.choice([0.2, 0.9]))
    start = [fmpq(rng.randint(-3, 5), rng.randint(1, 7)) for _ in range(size)]
    t = Fraction(rng.randint(1, 40), rng.randint(1, 20))
    with flint.ctx.workprec(rng.choice([120, 400])):
        exact = evolve_exact(exact_blocks(matrix, size, size), start, t)
        series = evolve_balls(balls(matrix), [arb(v) for v in start], arb(fmpq(*_parts(t))))
        for one, other in zip(exact, series, strict=True):
            for a, b in zip(one, other, strict=True):
                assert a.overlaps(b)
                assert a.rad() < 2 * b.rad() + arb(2) ** (20 - flint.ctx.prec)


def _parts(t):
    return t.numerator, t.denominator


def test_the_enclosure_contains_the_hundred_digit_value_of_an_exponential():
    rng = random.Random(5)
    matrix = rates(4, rng, 1.0)
    with flint.ctx.workprec(300):
        ends, _ = evolve_exact(
            exact_blocks(matrix, 4, 4), [fmpq(1), *[fmpq(0)] * 3], Fraction(3, 2)
        )
    with mp.workdps(120):
        dense = mp.zeros(4)
        for (r, c), q in matrix.items():
            dense[r, c] = mp.mpf(int(q.p)) / int(q.q)
        column = mp.expm(dense * mp.mpf(3) / 2)[:, 0]
        for ball, value in zip(ends, column, strict=True):
            with flint.ctx.workprec(400):
                other = arb(mp.nstr(value, 100, strip_zeros=False)) + arb(0, arb(10) ** -98)
                assert ball.overlaps(other)
                assert ball.rad() < arb(10) ** -80


def test_rationals_of_great_height_and_long_times_take_the_series(monkeypatch):
    def refuse(*_):
        raise AssertionError("integers of this size are slower than balls")

    monkeypatch.setattr(rational_flow, "_polynomials", refuse)
    high = {(0, 0): -fmpq(10**40 + 1, 10**40), (1, 0): fmpq(10**40 + 1, 10**40)}
    for matrix, t in ((high, Fraction(1)), ({(0, 0): fmpq(-1)}, Fraction(1000))):
        size = 1 + max(matrix)[0]
        start = [fmpq(1), *[fmpq(0)] * (size - 1)]
        ends, means = evolve_exact(exact_blocks(matrix, size, size), start, t)
        decay = (arb(matrix[0, 0]) * arb(fmpq(*_parts(t)))).exp()
        assert ends[0].overlaps(decay)
        assert means[0].overlaps((decay - 1) / arb(matrix[0, 0]))


def test_one_block_in_integers_and_one_in_balls_add_up():
    height = fmpq(10**40 + 1, 10**40)
    matrix = {(0, 0): -height, (1, 1): fmpq(-2)}
    ends, means = evolve_exact(exact_blocks(matrix, 2, 2), [fmpq(1), fmpq(3)], Fraction(1))
    assert ends[0].overlaps((-arb(height)).exp())
    assert ends[1].overlaps(3 * (-arb(2)).exp())
    assert means[1].overlaps(3 * (1 - (-arb(2)).exp()) / 2)


@pytest.mark.parametrize("seed", range(6))
def test_steady_states_in_integers_lie_in_those_of_balls(seed):
    matrix = rates(5, random.Random(seed), 1.0)
    exact = steady_exact(exact_blocks(matrix, 5, 5), 5)
    assert sum(exact) == 1
    for r in range(5):
        assert sum((q * exact[c] for (row, c), q in matrix.items() if row == r), fmpq(0)) == 0
    for value, ball in zip(exact, steady_balls(balls(matrix), 5, 5), strict=True):
        assert ball.contains(arb(value))


def test_a_surviving_coherence_and_separate_sectors_are_not_unique():
    one = {(0, 1): fmpq(1), (1, 1): fmpq(-1)}
    with pytest.raises(NotUnique, match="singular block"):
        steady_exact(exact_blocks(one, 2, 3), 3)  # the third coordinate never decays
    with pytest.raises(NotUnique, match="sectors"):
        steady_exact(exact_blocks({**one, (2, 2): fmpq(-1), (3, 2): fmpq(1)}, 4, 4), 4)


@pytest.mark.parametrize("used", [1, 7, 16, 17, 40])
def test_three_products_for_four(used):
    rng = random.Random(used)
    with flint.ctx.workprec(700):
        jet = [arb(rng.randint(-9, 9)) / (1 + j) for j in range(used + 18)]
        lines = [[arb(rng.randint(-9, 9)).sin() for _ in range(used)] for _ in range(3)]
        slow, fast = (f(jet, lines, used, 16) for f in (_straight, _halved))
        for a, b in zip(slow.entries(), fast.entries(), strict=True):
            assert a.overlaps(b)
            assert b.rad() < arb(2) ** -680
        direct = sum((jet[j + 3] * lines[1][-j] for j in range(1, used + 1)), arb(0))
        assert direct.overlaps(fast[1, 3])


def test_a_driven_state_to_250_digits_is_the_same_with_either_product(monkeypatch):
    """The products for many digits against the plain ones, which are tested to 100 digits."""
    from symtherm.exact import driven
    from symtherm.numeric.enclosure import Enclosed
    from symtherm.numeric.initial import initial_coordinates
    from tests.speed.reference import dense

    at, start = Enclosed(dense(3, driven=True), {}), initial_coordinates("0", ("0", "1", "2"))
    names = ["population[1]", "re[0,2]"]
    seen = []
    halved = driven._halved
    monkeypatch.setattr(driven, "_halved", lambda *a: seen.append(1) or halved(*a))
    fast = at.state(start, Fraction(1, 2), 250, names)
    assert seen
    monkeypatch.setattr(driven, "LARGE", 10**9)
    for name, slow in at.state(start, Fraction(1, 2), 250, names).items():
        assert slow.value == fast[name].value
        assert len(slow.value) > 250
