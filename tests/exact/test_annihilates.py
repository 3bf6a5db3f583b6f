"""The check of a null vector at a point modulo a prime: right ones pass, wrong ones do not."""

from random import Random

import pytest

from symtherm.exact.bareiss import null_space
from symtherm.exact.fraction import Fraction, Ring, ring
from symtherm.exact.kernel import kernel
from symtherm.exact.matrix import SparseMatrix, annihilates


def nested_roots() -> Ring:
    """Z[a, b, c] with r^2 = a^2 + b, s^2 = 2 and t^2 = r + c."""
    plain = ring(6)
    a, b, c, r, _, _ = plain.gens()
    return Ring(plain.ctx, 6, ((3, a**2 + b), (4, plain.constant(2)), (5, r + c)))


def entry(base, random):
    total = base.constant(random.choice([-2, 1, 3]))
    for _ in range(2):
        total = total + random.choice([-1, 1, 2]) * base.gen(random.randrange(base.size))
    return total


@pytest.mark.parametrize("roots", [False, True])
@pytest.mark.parametrize("seed", range(8))
def test_null_vectors_pass_and_altered_ones_do_not(roots, seed):
    random = Random(seed)
    base = nested_roots() if roots else ring(4)
    p, q = ([entry(base, random) for _ in range(3)] for _ in range(2))
    under = [Fraction.of(base, 1, base.gen(k) + 1) for k in range(2)]
    rows = [[Fraction.of(base, x) * u for x in row] for row, u in zip((p, q), under, strict=True)]
    rows.append([-a - b for a, b in zip(*rows, strict=True)])
    matrix = SparseMatrix(
        base, 3, {(r, c): v for r, row in enumerate(rows) for c, v in enumerate(row) if v.num}
    )
    cross = {
        k: Fraction.of(base, p[k - 2] * q[k - 1] - p[k - 1] * q[k - 2]) for k in range(3)
    }  # the indices k + 1 and k + 2 modulo 3
    vectors = [cross] if roots else [cross, *kernel(matrix, (0, 1, 2)), *null_space(matrix)]
    for vector in vectors:
        assert all(annihilates(matrix, vector, k) for k in range(5))
        for j, value in vector.items():
            if any((r, j) in matrix.entries for r in range(3)):
                for wrong in (value + 1, value * Fraction.of(base, base.gen(1))):
                    assert wrong == value or not annihilates(matrix, {**vector, j: wrong})


def test_a_root_of_the_other_sign_is_no_null_vector():
    base = nested_roots()
    a, b, _, r, _, _ = (Fraction.of(base, g) for g in base.gens())
    # (a, b; 1, -a) has the eigenvalue r = sqrt(a^2 + b) with the eigenvector (a + r, 1).
    matrix = SparseMatrix(
        base, 2, {(0, 0): a - r, (0, 1): b, (1, 0): Fraction.of(base, 1), (1, 1): -a - r}
    )
    assert annihilates(matrix, {0: a + r, 1: Fraction.of(base, 1)})
    assert not annihilates(matrix, {0: a - r, 1: Fraction.of(base, 1)})
