"""Fractions in letters, and what the letters mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sympy import Expr

from symtherm.dynamics.generator import Generator
from symtherm.dynamics.naming import Letter
from symtherm.exact.alphabet import Alphabet, alphabet
from symtherm.exact.fraction import Fraction, Poly, evaluate
from symtherm.exact.matrix import SparseMatrix

__all__ = ["Degenerate", "Meaning"]


class Degenerate(Exception):
    """The trace of the null vector vanishes for what the letters mean."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """Fractions with the letters replaced by what they mean, for the decisions about zero."""

    images: list[Fraction]
    target: Alphabet

    @staticmethod
    def of(space: Alphabet, letters: Sequence[Letter], generator: Generator) -> Meaning:
        table = {x.symbol: x.explicit for x in letters}
        known = [table.get(a.expr, a.expr) for a in space.atoms]
        target = alphabet(known, positive=generator.positive)
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
