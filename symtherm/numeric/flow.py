"""States along rho(t) in balls, with the heats integrated on the way."""

from __future__ import annotations

from fractions import Fraction
from functools import cached_property
from typing import Any

from sympy import Expr, Symbol

from symtherm.exact.driven import Driven, evolve_driven
from symtherm.exact.rational_flow import evolve_exact
from symtherm.exact.refine import ball_of, scalars
from symtherm.exact.semigroup import apply_sparse, assemble, evolve_balls, exact_number
from symtherm.numeric.initial import Coordinates
from symtherm.numeric.system import Term

__all__ = ["Flow"]


class Flow:
    """The state and the integrated heats at rising times."""

    def __init__(self, owner: Any, values: Any, initial: Coordinates, heated: bool) -> None:
        self.owner, self.values, self.heated = owner, values, heated
        self.initial, self.now = initial, Fraction(0)
        self.state = [ball_of(c) for c in initial]
        s, self.size = owner.system, len(initial)
        self.heats = [ball_of(Fraction(0)) for _ in s.labels]
        if s.time is None:
            self.rows = [
                assemble(owner.linear[f"heat[{x}]"], values) if heated else {} for x in s.labels
            ]
            return
        terms = [t for part in owner.parts.values() for t in part]
        for k, label in enumerate(s.labels if heated else ()):
            terms += [
                (e, tuple((self.size + k, c, q) for _, c, q in places))
                for e, places in owner.functionals[f"heat[{label}]"]
            ]
        still = [t for t in terms if not owner.moves(t[0])]
        moving, rest = _merged([t for t in terms if owner.moves(t[0])], s.time)
        self.driven = Driven((*still, *rest), moving, s.time, self.size + len(s.labels))
        self.values = {**values, **scalars(tuple(e for e, _ in rest), dict(owner.at))()}
        symbols = tuple(s.symbols)
        self.parameters = scalars(symbols, dict(owner.at))()

    def to(self, t: Fraction) -> tuple[list[Any], list[Any]]:
        if t == self.now:
            return self.state, self.heats
        if self.owner.system.time is None:
            ends, mean = self._constant(t)
            self.heats = [
                old + apply_sparse(row, mean, 1)[0]
                for old, row in zip(self.heats, self.rows, strict=True)
            ]
            self.state = ends
        else:
            full = evolve_driven(
                self.driven,
                [*self.state, *self.heats],
                exact_number(self.now.numerator, self.now.denominator),
                exact_number(t.numerator, t.denominator),
                self.values,
                self.parameters,
            )
            self.state, self.heats = full[: self.size], full[self.size :]
        self.now = t
        return self.state, self.heats

    def _constant(self, t: Fraction) -> tuple[list[Any], list[Any]]:
        """The state at t and its integral over [now, t] for a constant generator."""
        if self.now == 0 and self.owner.blocks is not None:
            start = [exact_number(c.numerator, c.denominator) for c in self.initial]
            return evolve_exact(self.owner.blocks, start, t, self.heated)
        return evolve_balls(self._matrix, self.state, ball_of(t - self.now), self.heated)

    @cached_property
    def _matrix(self) -> Any:
        return self.owner.still(self.values)


def _merged(terms: list[Term], time: Symbol) -> tuple[tuple[Term, ...], tuple[Term, ...]]:
    """Terms with the same dependence on time as one, so that fewer jets are made, and the rest.

    f(t)/2 - 3/8 and -f(t) depend on time in the same way: up to a number and what is constant.
    """
    moving: dict[Expr, dict[tuple[int, int], Fraction]] = {}
    still: dict[Expr, dict[tuple[int, int], Fraction]] = {}
    for expr, places in terms:
        constant, rest = expr.as_independent(time, as_Add=True)
        factor, rest = rest.as_coeff_Mul(rational=True)
        for table, part, q in (
            (moving, rest, Fraction(int(factor.p), int(factor.q))),
            (still, constant, Fraction(1)),
        ):
            if part == 0:
                continue
            row = table.setdefault(part, {})
            for r, c, weight in places:
                row[r, c] = row.get((r, c), Fraction(0)) + q * weight
    first, second = (
        tuple((e, tuple((r, c, q) for (r, c), q in row.items() if q)) for e, row in table.items())
        for table in (moving, still)
    )
    return first, second
