"""Fractions in letters, and what the letters mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sympy
from sympy import Expr, Symbol

from symtherm.dynamics.naming import Letter
from symtherm.exact.alphabet import Alphabet, alphabet
from symtherm.exact.fraction import Fraction, Poly, evaluate
from symtherm.exact.matrix import SparseMatrix

__all__ = ["Degenerate", "Meaning", "in_parameters", "in_variances"]


class Degenerate(Exception):
    """The trace of the null vector vanishes for what the letters mean."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """Fractions with the letters replaced by what they mean, for the decisions about zero."""

    images: list[Fraction]
    target: Alphabet

    @staticmethod
    def of(space: Alphabet, table: Mapping[Symbol, Expr], positive: tuple[Expr, ...]) -> Meaning:
        known = [table.get(a.expr, a.expr) for a in space.atoms]
        target = alphabet(known, positive=positive)
        return Meaning([target.fraction(e) for e in known], target)

    def __call__(self, value: Fraction) -> Fraction:
        base = self.target.base
        return evaluate(value.num, self.images, base) / evaluate(value.den, self.images, base)

    def expr(self, poly: Poly) -> Expr:
        """A polynomial in letters, written in what they mean."""
        known = evaluate(poly, self.images, self.target.base)
        return self.target.poly_expr(known.num) / self.target.poly_expr(known.den)

    def matrix(self, part: SparseMatrix) -> SparseMatrix:
        entries = {k: self(v) for k, v in part.entries.items()}
        return SparseMatrix(self.target.base, part.size, {k: v for k, v in entries.items() if v})


def in_parameters(
    space: Alphabet, letters: Sequence[Letter], positive: tuple[Expr, ...]
) -> Meaning:
    """The letters replaced by what they mean in the parameters alone."""
    return Meaning.of(space, {x.symbol: x.explicit for x in letters}, positive)


def in_variances(
    value: Fraction, space: Alphabet, letters: Sequence[Letter]
) -> tuple[Fraction, Alphabet]:
    """A fraction with N + 1/2 - S for every M, see ``squeezing``."""
    table = {
        M.symbol: N.symbol + sympy.Rational(1, 2) - S.symbol
        for N, M, S in zip(letters, letters[1:], letters[2:], strict=False)
        if S.kind == "variance"
    }
    if not value or not any(a.expr in table for a in space.atoms):
        return value, space
    meaning = Meaning.of(space, table, space.positive)
    return meaning(value), meaning.target
