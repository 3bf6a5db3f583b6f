"""What a generator conserves, when its steady state is not unique."""

from __future__ import annotations

from symtherm.dynamics.generator import Generator
from symtherm.errors import NotUnique
from symtherm.exact.bareiss import null_space
from symtherm.exact.fraction import Fraction
from symtherm.exact.matrix import SparseMatrix
from symtherm.quantum.superoperator import Coordinate, coordinates

__all__ = ["not_unique"]


def _describe(generator: Generator, vector: dict[int, Fraction], names: list[Coordinate]) -> str:
    """A conserved observable, from a left null vector, as text."""
    levels = generator.space.levels
    terms = []
    for k in sorted(vector):
        i, j, part = names[k]
        unit = (
            f"|{levels[i]}><{levels[i]}|"
            if i == j
            else f"{part.capitalize()} |{levels[i]}><{levels[j]}|"
        )
        value = vector[k]
        terms.append(unit if value == 1 else f"(...) {unit}")
    return " + ".join(terms)


def not_unique(
    generator: Generator,
    matrix: SparseMatrix,
    blocks: list[list[int]],
    count: int,
) -> NotUnique:
    """The error that names the observables a generator conserves: its left null vectors."""
    names = coordinates(generator.space.dim)
    transposed = SparseMatrix(
        matrix.base, matrix.size, {(c, r): v for (r, c), v in matrix.entries.items()}
    )
    conserved = []
    for block in blocks:
        for vector in null_space(transposed.block(block)):
            conserved.append(_describe(generator, {block[k]: v for k, v in vector.items()}, names))
    return NotUnique(
        f"The steady state of a generator on {generator.space.name}",
        found=f"{count} independent stationary matrices; conserved: " + "; ".join(conserved),
        advice="couple the separate parts, restrict the space to one of them, or follow one state: "
        "evolve(L, rho, t)",
    )
