"""Uniqueness for all parameters at once, from the jump operators alone.

Theorem (Spohn, Lett. Math. Phys. 2, 33 (1977)): if the span of the jump operators contains their
adjoints, and only multiples of the identity commute with all of them, every state relaxes to one
and the same stationary state, whatever the Hamiltonian and the positive rates are.
"""

from __future__ import annotations

from fractions import Fraction as Rational

from symtherm.dynamics.generator import Generator
from symtherm.exact.alphabet import alphabet
from symtherm.exact.fraction import Fraction, ring
from symtherm.exact.matrix import SparseMatrix, rank
from symtherm.quantum.operator import Operator

__all__ = ["is_relaxing"]

# Beyond this many levels the commutant is not computed.
LEVELS = 9

Entries = dict[tuple[int, int], Rational]


def is_relaxing(generator: Generator) -> bool:
    """Whether the theorem's hypotheses hold, decided exactly; False says nothing.

    Asked of jump operators with rational matrix elements and rates that are visibly positive.

    >>> from symtherm import model
    >>> is_relaxing(model("three-level-maser").generator)
    True
    """
    dim = generator.space.dim
    if dim > LEVELS or not generator.jumps:
        return False
    space = alphabet(generator.expressions, positive=generator.positive)
    operators: list[Entries] = []
    for jump in generator.jumps:
        entries = _rational(jump.operator)
        if entries is None or space.fraction_sign(space.fraction(jump.rate)) != 1:
            return False
        if entries not in operators:
            operators.append(entries)
    rays = [_ray(op) for op in operators]
    if any(_ray({(j, i): v for (i, j), v in op.items()}) not in rays for op in operators):
        return False
    return _commutant_is_trivial(operators, dim)


def _rational(operator: Operator) -> Entries | None:
    found = {}
    for i, j, v in operator.data:
        if not v.is_Rational:
            return None
        found[i, j] = Rational(int(v.p), int(v.q))
    return found or None


def _ray(entries: Entries) -> Entries:
    head = entries[min(entries)]
    return {k: v / head for k, v in entries.items()}


def _commutant_is_trivial(operators: list[Entries], dim: int) -> bool:
    """Whether [X, L] = 0 for all L leaves one dimension: the rank of M^T M is that of M."""
    rows: list[dict[int, Rational]] = []
    for op in operators:
        equations: dict[tuple[int, int], dict[int, Rational]] = {}
        for (i, j), v in op.items():
            for k in range(dim):
                # (X L)_kj has X_ki L_ij, (L X)_ik has L_ij X_jk.
                for place, unknown, sign in (((k, j), (k, i), 1), ((i, k), (j, k), -1)):
                    row = equations.setdefault(place, {})
                    index = unknown[0] * dim + unknown[1]
                    row[index] = row.get(index, Rational(0)) + sign * v
        rows += equations.values()
    gram: dict[tuple[int, int], Rational] = {}
    for row in rows:
        for a, x in row.items():
            for b, y in row.items():
                gram[a, b] = gram.get((a, b), Rational(0)) + x * y
    base = ring(1)
    entries = {k: Fraction.of(base, v.numerator, v.denominator) for k, v in gram.items() if v}
    return rank(SparseMatrix(base, dim * dim, entries)) == dim * dim - 1
