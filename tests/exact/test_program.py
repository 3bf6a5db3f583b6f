"""Straight-line programs give the null vector exactly, without expansion."""

from __future__ import annotations

from fractions import Fraction as Rational
from random import Random

import pytest

from symtherm import gkls, parameters, qeye, sigmam, tensor
from symtherm.errors import NotUnique
from symtherm.exact.alphabet import alphabet
from symtherm.exact.fraction import Fraction, ring
from symtherm.exact.kernel import kernel
from symtherm.exact.matrix import SparseMatrix, connected_blocks
from symtherm.exact.program import null_program
from symtherm.quantum.superoperator import real_generator


def complete_network(n: int) -> SparseMatrix:
    edges = [(i, j) for i in range(n) for j in range(n) if i != j]
    base = ring(len(edges))
    entries: dict[tuple[int, int], Fraction] = {}
    for k, (i, j) in enumerate(edges):
        rate = Fraction.of(base, base.gen(k))
        entries[i, j] = rate
        entries[j, j] = entries.get((j, j), Fraction.of(base, 0)) - rate
    return SparseMatrix(base, n, entries)


def chain_block(n: int) -> tuple[SparseMatrix, list[int]]:
    """The block of the populations of n qubits in a row with a bath at each end."""
    w = [parameters(f"w{k}") for k in range(n)]
    g = [parameters(f"g{k}") for k in range(n - 1)]
    G1, G2, n1, n2 = parameters("G1 G2 n1 n2")
    s = [tensor(*(sigmam() if i == k else qeye(2) for i in range(n))) for k in range(n)]
    H = 0 * (s[0].dag() * s[0])
    for k in range(n):
        H = H + w[k] * s[k].dag() * s[k]
    for k in range(n - 1):
        H = H + g[k] * (s[k].dag() * s[k + 1] + s[k + 1].dag() * s[k])
    L = gkls(
        H,
        [
            (s[0], G1 * (n1 + 1)),
            (s[0].dag(), G1 * n1),
            (s[-1], G2 * (n2 + 1)),
            (s[-1].dag(), G2 * n2),
        ],
    )
    space = alphabet(L.expressions)
    matrix = real_generator(space, L.hamiltonian, [(j.operator, j.rate) for j in L.jumps])
    (block,) = [b for b in connected_blocks(matrix) if b[0] < 2**n]
    return matrix.block(block), [k for k, i in enumerate(block) if i < 2**n]


def at_random_point(size: int, seed: int):
    random = Random(seed)
    point = [Rational(random.randint(1, 50), random.randint(1, 20)) for _ in range(size)]

    def poly(p) -> Rational:
        total = Rational(0)
        for exponents, coefficient in p.to_dict().items():
            term = Rational(int(coefficient))
            for g, k in zip(point, exponents, strict=True):
                term *= g ** int(k)
            total += term
        return total

    return lambda f: poly(f.num) / poly(f.den)


def assert_stationary(matrix: SparseMatrix, output, value, populations) -> None:
    residual: dict[int, Rational] = {}
    for (i, j), entry in matrix.entries.items():
        residual[i] = residual.get(i, Rational(0)) + value(entry) * output.get(j, 0)
    assert not any(residual.values())
    assert sum(output[p] for p in populations) == 1


@pytest.mark.parametrize("n", [2, 3, 5])
def test_networks_agree_with_the_expanded_form(n):
    matrix = complete_network(n)
    value = at_random_point(matrix.base.size, n)
    output = null_program(matrix, range(n)).run(value)
    (vector,) = kernel(matrix, range(n))
    weights = {k: value(v) for k, v in vector.items()}
    total = sum(weights.values())
    assert {k: w / total for k, w in weights.items()} == output


def test_networks_are_solved_without_subtraction():
    """GTH: every population to full relative accuracy, however stiff the rates."""
    program = null_program(complete_network(6), range(6))
    assert all(operation != "-" for operation, _, _ in program.steps)


def test_a_complete_network_of_twelve_states():
    """12^11 terms when expanded; about 1300 steps as a program."""
    matrix = complete_network(12)
    program = null_program(matrix, range(12))
    assert len(program) < 2000
    value = at_random_point(matrix.base.size, 3)
    assert_stationary(matrix, program.run(value), value, range(12))


@pytest.mark.parametrize("n", [2, 3, 4])
def test_open_chains_of_qubits(n):
    """Four qubits: 256 x 256 in full, a block of 70."""
    matrix, populations = chain_block(n)
    assert matrix.size == {2: 6, 3: 20, 4: 70}[n]
    value = at_random_point(matrix.base.size, n)
    assert_stationary(matrix, null_program(matrix, populations).run(value), value, populations)


def test_a_larger_kernel_is_refused():
    base = ring(2)
    a, b = (Fraction.of(base, g) for g in base.gens())
    split = {(0, 0): -a, (1, 0): a, (2, 2): -b, (3, 2): b}
    with pytest.raises(NotUnique):
        null_program(SparseMatrix(base, 4, split), range(4))
