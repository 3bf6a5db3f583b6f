"""The Pauli master equation: rates between populations where these decouple from coherences."""

from __future__ import annotations

import sympy
from sympy import Expr

from symtherm.dynamics.generator import Generator
from symtherm.errors import MissingTrait, require
from symtherm.exact.alphabet import alphabet
from symtherm.exact.writer import readable
from symtherm.quantum.superoperator import coordinates, real_generator

__all__ = ["pauli"]


def pauli(generator: Generator, label: str | None = None) -> dict[tuple[int, int], Expr]:
    """W[m, n], the rate from level n to level m != n: p_m' = sum_n (W_mn p_n - W_nm p_m).

    With a ``label`` those of one bath alone, for which W_mn/W_nm = e^{-(E_m - E_n)/T}; the sum over
    baths does not show whether each is in balance. Raises MissingTrait when a coherence couples to
    a population, naming it, and UnknownQuantity for a label that the generator does not have.

    >>> from symtherm import gkls, parameters, sigmam, sigmaz
    >>> gamma = parameters("gamma")
    >>> pauli(gkls(0 * sigmaz(), [(sigmam(), gamma)]))
    {(1, 0): gamma}
    >>> both = gkls(0 * sigmaz(), [(sigmam(), gamma, "a"), (sigmam().dag(), 2 * gamma, "b")])
    >>> pauli(both, "b")
    {(0, 1): 2*gamma}
    """
    require(generator, Generator, "The Pauli equation of a Generator", "build it with gkls(...)")
    if label is not None:
        pauli(generator)  # the populations of all must decouple
        alone = (generator.dissipator(label),)
        generator = Generator(generator.hamiltonian, alone, positive=generator.positive)
    space = alphabet(generator.expressions, positive=generator.positive)
    matrix = real_generator(
        space, generator.hamiltonian, [(j.operator, j.rate) for j in generator.jumps]
    )
    names = coordinates(generator.space.dim)
    dim = generator.space.dim
    rates: dict[tuple[int, int], Expr] = {}
    for (row, column), value in sorted(matrix.entries.items()):
        if row < dim <= column:
            i, j, part = names[column]
            levels = generator.space.levels
            raise MissingTrait(
                "The Pauli equation needs populations that decouple from coherences",
                found=f"d/dt p_{levels[row]} depends on {part.capitalize()} "
                f"rho_{levels[i]}{levels[j]}",
                advice="use steady_state, which eliminates coherences exactly",
            )
        if row < dim and column < dim and row != column:
            rates[row, column] = readable(space, value)
    return {k: v for k, v in rates.items() if v != sympy.Integer(0)}
