"""Populations as a network: coherences eliminated, so that populations come without subtraction.

With populations p and coherences c of one block, p' = A p + B c and 0 = C p + D c give
p' = (A - B D^-1 C) p. Where all off-diagonal entries are visibly positive this is a rate matrix,
and the elimination of Grassmann, Taksar and Heyman (Oper. Res. 33, 1107 (1985)) computes every
population to full relative accuracy, however stiff the rates.
"""

from __future__ import annotations

from collections.abc import Mapping

from sympy import Expr

from symtherm.dynamics.steady import SteadyState
from symtherm.dynamics.structure import effective_rates
from symtherm.errors import NotUnique
from symtherm.exact.fraction import Fraction
from symtherm.exact.matrix import SparseMatrix
from symtherm.exact.program import Program, null_program

__all__ = ["NETWORK_LIMIT", "population_program"]

NETWORK_LIMIT = 64  # levels
COHERENCES = 6


def population_program(state: SteadyState) -> tuple[Program, Mapping[int, Expr]] | None:
    """A subtraction-free program for the populations, and its leaves as readable expressions.

    The outputs of the program are numbered as the levels. None where coherences give rates of
    either sign, or where there are too many of them to be eliminated.

    >>> from symtherm import model
    >>> program, leaves = population_program(model("three-level-maser").steady_state)
    >>> sorted(map(str, leaves.values()))[:3], {step[0] for step in program.steps} - {"in"}
    (['1', 'W', 'gamma_c*(n_c + 1)'], {'/', '*', '+'})
    """
    dim = state.generator.space.dim
    (block,) = [b for b in state.blocks if b[0] < dim]
    populations = [k for k in block if k < dim]
    coherences = [k for k in block if k >= dim]
    if len(populations) < 2 or len(populations) > NETWORK_LIMIT or len(coherences) > COHERENCES:
        return None
    space, matrix = state.alphabet, state.matrix
    indirect = effective_rates(matrix, space, space, populations, coherences, {})
    if coherences and not indirect:
        return None
    number = {k: n for n, k in enumerate(populations)}
    zero = Fraction.of(space.base, 0)
    entries: dict[tuple[int, int], Fraction] = {}
    for i in populations:
        for j in populations:
            rate = matrix.entries.get((i, j), zero) + indirect.get((i, j), zero)
            if i == j or not rate:
                continue
            if (i, j) in indirect and not _visibly_positive(rate):
                return None
            entries[number[i], number[j]] = rate
    size = len(populations)
    for j in range(size):
        total = zero
        for i in range(size):
            total = total - entries.get((i, j), zero) if i != j else total
        entries[j, j] = total
    try:
        found = null_program(SparseMatrix(space.base, size, entries), range(size), scaled=True)
    except NotUnique:
        return None
    found = found.pruned()
    outputs = {populations[k]: node for k, node in found.outputs.items()}
    used = {a for operation, a, _ in found.steps if operation == "in"}
    leaves = {a: state.readable(found.leaves[a]) for a in sorted(used)}
    return Program(found.steps, found.leaves, outputs), leaves


# A direct rate is a sum of jump rates, which are nonnegative where the generator is GKLS.


def _visibly_positive(value: Fraction) -> bool:
    return all(int(c) > 0 for poly in (value.num, value.den) for c in poly.coeffs())
