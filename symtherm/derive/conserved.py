"""What one dissipator conserves: the left null space of its matrix, as observables."""

from __future__ import annotations

from math import prod

import sympy

from symtherm.derive.derivation import Formula
from symtherm.derive.notation import operator_formula
from symtherm.dynamics.generator import Dissipator, Generator
from symtherm.exact.alphabet import alphabet
from symtherm.exact.bareiss import null_space
from symtherm.exact.fraction import TooLarge
from symtherm.exact.matrix import SparseMatrix, connected_blocks
from symtherm.exact.writer import readable
from symtherm.quantum.operator import Operator
from symtherm.quantum.superoperator import coordinates, real_generator

__all__ = ["conserved", "conserved_words"]

# Of more conserved observables than that, only some are listed.
LISTED = 4


def conserved_words(generator: Generator, d: Dissipator) -> list[str | Formula]:
    """What one dissipator conserves, as sentences; in a product space by its factors."""
    try:
        others = conserved(generator, d)
    except TooLarge:
        return [" What else it conserves is too long to print, with these square roots."]
    if not others:
        return [" Besides the trace it conserves nothing."]
    space = generator.space
    moved = {k for jump in d.jumps for k in _support(jump.operator)}
    rest = prod(dim for k, dim in enumerate(space.dims) if k not in moved)
    if len(space.parts) > 1 and len(others) + 1 == rest**2:
        names = " and ".join(space.parts[k].name for k in sorted(moved))
        return [f" It acts on {names} only and conserves just the observables of the rest."]
    words: list[str | Formula] = [" Besides the trace it conserves "]
    shown = others if len(others) <= LISTED else others[:LISTED]
    if len(others) > len(shown):
        words[0] = f" Besides the trace it conserves {len(others)} observables, such as "
    for k, operator in enumerate(shown):
        words += [", ", operator] if k else [operator]
    return [*words, "."]


def _support(operator: Operator) -> set[int]:
    """The factors of a product space on which an operator is not the identity."""
    dims = operator.space.dims
    entries = operator.entries
    found = set()
    for k, dim in enumerate(dims):
        step = prod(dims[k + 1 :])
        for (i, j), v in entries.items():
            a, b = i // step % dim, j // step % dim
            alike = [(i + (c - a) * step, j + (c - a) * step) for c in range(dim)]
            if a != b or any(entries.get(key) != v for key in alike):
                found.add(k)
                break
    return found


def conserved(generator: Generator, d: Dissipator) -> list[Formula]:
    """Observables X with D^+(X) = 0, besides the identity: the left null space of one dissipator.

    A left null vector v over Hermitian coordinates is the observable X, Tr(X rho) = sum v_k rho_k.
    Of the vectors on the populations, which span the identity, the longest is left out.
    """
    dim = generator.space.dim
    space = alphabet(generator.expressions, positive=generator.positive)
    zero = 0 * generator.hamiltonian
    matrix = real_generator(space, zero, [(j.operator, j.rate) for j in d.jumps])
    flipped = {(c, r): v for (r, c), v in matrix.entries.items()}
    transposed = SparseMatrix(matrix.base, matrix.size, flipped)
    names = coordinates(dim)
    populations: list[Operator] = []
    coherences: list[Operator] = []
    for block in connected_blocks(transposed):
        for vector in null_space(transposed.block(block)):
            entries: dict[tuple[int, int], sympy.Expr] = {}
            for k, value in vector.items():
                i, j, part = names[block[k]]
                v = readable(space, value)
                if not part:
                    entries[i, i] = v
                else:
                    unit = sympy.Integer(1) if part == "re" else sympy.I
                    entries[i, j] = entries.get((i, j), sympy.Integer(0)) + v * unit
                    entries[j, i] = entries.get((j, i), sympy.Integer(0)) + v * sympy.conjugate(
                        unit
                    )
            family = populations if block[0] < dim else coherences
            family.append(Operator.of(generator.space, entries))
    if populations:
        populations.remove(max(populations, key=lambda x: len(x.data)))
    return [operator_formula(x) for x in (*populations, *coherences)]
