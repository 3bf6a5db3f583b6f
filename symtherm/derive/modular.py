"""Equality in the second law as equations between exponents.

Entropy production vanishes in a unique stationary state pi iff L_k pi = e^-x_k pi L_k for every
jump (see ``spohn``). That is so iff a Hermitian K solves the linear equations

    [K, L_k] = -x_k L_k for every jump k,    [K, H] = 0.

Let pi have these properties. The projector on its kernel commutes with every L_k and L_k^+, and
with H, so if it were neither 0 nor 1 there were a second stationary state; hence K = -ln pi exists.
L_k pi = e^-x_k pi L_k is [K, L_k] = -x_k L_k in the eigenbasis of pi, and every dissipator vanishes
at pi, so [H, pi] = 0. Conversely e^-K is stationary, hence pi up to its trace. The adjoint of a
solution solves the same equations (both jumps of a pair, and L^+ with every L without exponent, are
among them), so K need not be asked to be Hermitian.

The equations are solvable iff their left sides' linear dependences hold for the right sides: linear
equations between the x_k, found by elimination with pivots that visibly never vanish. Where there
is none, a real symbol that divides one is taken to be apart from zero first, and then to be zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import sympy
from sympy import Expr, Rational

from symtherm.derive.derivation import Formula
from symtherm.derive.equality import all_of, any_of, jointly, open_factors, vanishing_factor
from symtherm.derive.network import letters
from symtherm.exact.alphabet import Alphabet
from symtherm.exact.complex import pair
from symtherm.exact.fraction import Fraction, Poly, split
from symtherm.quantum.operator import Operator
from symtherm.thermo.ledger import Ledger

__all__ = ["modular_condition"]

LEVELS = 64
SPLITS = 4  # symbols that are taken to be zero or apart from it
ZERO = sympy.Integer(0)

Place = tuple[int, int, int]
Row = dict[tuple[str, int, int], Fraction]  # coefficients of the real and imaginary parts of K
Side = dict[int, Fraction]  # coefficients of the exponents
Numbers = tuple[Rational, ...]
Key = TypeVar("Key")


def modular_condition(book: Ledger) -> Formula | None:
    """The equations between exponents that say when a ledger's entropy production vanishes.

    None for rates that are not visibly positive, for pivots that may vanish otherwise than by one
    symbol, and for more than 64 levels.

    >>> from symtherm import model
    >>> modular_condition(model("three-level-maser").ledger).text
    'ω_h/T_h = ω_c/T_c'
    """
    generator, space = book.state.frame.generator, book.state.alphabet
    parts: list[tuple[Operator, Expr, int]] = [(generator.hamiltonian, ZERO, 1)]
    for d in generator.dissipators:
        jumps = d.jumps[2 * len(d.pairs) :]
        given = [(p.operator, p.exponent) for p in d.pairs] + [(j.operator, ZERO) for j in jumps]
        parts += [(A, x, sign) for L, x in given for A, sign in ((L, 1), (L.dag(), -1))]
    positive = all(space.fraction_sign(space.fraction(j.rate)) == 1 for j in generator.jumps)
    if generator.space.dim > LEVELS or not positive:
        return None
    exponents = list(dict.fromkeys(p.exponent for p in generator.pairs))
    real = not any(pair(space, v)[1] for A, *_ in parts for _, _, v in A.data)
    equations = [eq for part in parts for eq in _equations(space, exponents, real, *part)]
    try:
        cases = _cases(space, equations, len(exponents), frozenset(), SPLITS)
    except _Undecided:
        return None
    found: list[Formula | None] = []
    for case in cases:
        zeros = [vanishing_factor(space, space.base.gen(k), letters(book)) for k in case.zeros]
        sides = [_sides(exponents, row) for row in case.rows]
        found.append(all_of([*zeros, jointly(book.alphabet, sides)]))
    return any_of(found)


def _sides(exponents: Sequence[Expr], row: Numbers) -> tuple[Expr, Expr]:
    """sum c x = 0 as an equation between what has positive coefficients and the rest."""
    sides: list[list[Expr]] = [[], []]
    for x, c in zip(exponents, row, strict=True):
        sides[bool(c.is_negative)].append(abs(c) * x)
    return sympy.Add(*sides[0]), sympy.Add(*sides[1])


def _equations(
    space: Alphabet, exponents: Sequence[Expr], real: bool, A: Operator, x: Expr, sign: int
) -> Iterator[tuple[Row, Side]]:
    """Real and imaginary part of [K, A] = -sign x A, entry by entry, of K = X + i Y.

    Where all entries are ``real``, Y solves equations of its own without right sides: it is left
    out.
    """
    rows: dict[Place, Row] = {}
    sides: dict[Place, Side] = {}
    for i, j, entry in A.data:
        re, im = pair(space, entry)
        # Part of the equation, part of K, coefficient.
        parts = ((0, "X", re), (0, "Y", -im), (1, "X", im), (1, "Y", re))
        for part, own, v in parts[:1] if real else parts:
            for k in range(A.space.dim) if v else ():
                _add(rows.setdefault((part, k, j), {}), (own, k, i), v)
                _add(rows.setdefault((part, i, k), {}), (own, j, k), -v)
        for part, v in enumerate((re, im)):
            if v and x != 0:
                sides[part, i, j] = {exponents.index(x): -sign * v}
    for place, row in rows.items():
        yield row, sides.get(place, {})


def _add(row: dict[Key, Fraction], key: Key, value: Fraction) -> None:
    total = row[key] + value if key in row else value
    if total:
        row[key] = total
    else:
        row.pop(key, None)


class _Undecided(Exception):
    """Something may vanish, and it is no symbol."""


class _Divides(Exception):
    """A generator that may vanish divides all pivots that are left."""


@dataclass(frozen=True, slots=True)
class _Case:
    """Generators that are zero, and the linear equations between exponents, in echelon form."""

    zeros: frozenset[int]
    rows: tuple[Numbers, ...]

    def implies(self, other: _Case) -> bool:
        together = _echelon((*self.rows, *other.rows))
        return other.zeros <= self.zeros and len(together) == len(self.rows)


def _echelon(rows: Sequence[Numbers]) -> tuple[Numbers, ...]:
    if not rows:
        return ()
    reduced, pivots = sympy.Matrix([list(row) for row in rows]).rref()
    return tuple(tuple(row) for row in reduced.tolist()[: len(pivots)])


def _cases(
    space: Alphabet,
    equations: Sequence[tuple[Row, Side]],
    exponents: int,
    apart: frozenset[int],
    splits: int,
) -> list[_Case]:
    """The equations are solvable iff one of the cases holds, where ``apart`` are not zero.

    With g apart from zero they are iff a case A holds, with g = 0 iff a case B does. Where every A
    implies a B when g = 0, they are iff A holds, or g = 0 and B.
    """
    try:
        sides = _eliminated(space, equations, apart)
        rows = [_numbers(space, side, exponents, apart) for side in sides]
        return [_Case(frozenset(), _echelon(rows))]
    except _Divides as found:
        (g,) = found.args
    if not splits:
        raise _Undecided
    here = _cases(space, equations, exponents, apart | {g}, splits - 1)
    zero = [_at_zero(space, *equation, g) for equation in equations]
    there = _cases(space, zero, exponents, apart, splits - 1)
    if not all(any(_Case(a.zeros | {g}, a.rows).implies(b) for b in there) for a in here):
        raise _Undecided
    more = [_Case(b.zeros | {g}, b.rows) for b in there]
    return here + [b for b in more if not any(b.implies(a) for a in here)]


def _at_zero(space: Alphabet, row: Row, side: Side, g: int) -> tuple[Row, Side]:
    """An equation where a generator is zero."""

    def known(terms: Mapping[Key, Fraction]) -> dict[Key, Fraction]:
        parts = {k: [split(space.base, p, g)[0] for p in (v.num, v.den)] for k, v in terms.items()}
        if not all(below for _, below in parts.values()):
            raise _Undecided  # a pole
        return {k: Fraction.of(space.base, *pair) for k, pair in parts.items() if pair[0]}

    return known(row), known(side)


def _eliminated(
    space: Alphabet, equations: Iterable[tuple[Row, Side]], apart: frozenset[int]
) -> list[Side]:
    """The right sides that have to vanish."""
    pivots: dict[tuple[str, int, int], tuple[Row, Side]] = {}
    conditions: list[Side] = []
    left = sorted(equations, key=lambda equation: len(equation[0]))
    while left:
        waiting: list[tuple[Row, Side]] = []
        for equation in left:
            row, side = _reduced(*equation, pivots)
            place = next((k for k, v in row.items() if not _open(space, v, apart)), None)
            if place is not None:
                value = row.pop(place)
                pivots[place] = _scaled(row, value), _scaled(side, value)
            elif row:
                waiting.append((row, side))
            elif side:
                conditions.append(side)
        if len(waiting) == len(left):
            raise _divisor(space, [v for row, _ in waiting for v in row.values()], apart)
        left = waiting
    return conditions


def _scaled(terms: Mapping[Key, Fraction], value: Fraction) -> dict[Key, Fraction]:
    return {k: v / value for k, v in terms.items()}


def _reduced(
    row: Row, side: Side, pivots: dict[tuple[str, int, int], tuple[Row, Side]]
) -> tuple[Row, Side]:
    row, side = dict(row), dict(side)
    while known := [k for k in row if k in pivots]:
        for place in known:
            value = row.pop(place, None)
            if value is not None:
                other, right = pivots[place]
                for key, v in other.items():
                    _add(row, key, -value * v)
                for number, v in right.items():
                    _add(side, number, -value * v)
    return row, side


def _open(space: Alphabet, value: Fraction, apart: frozenset[int]) -> list[Poly]:
    """The factors of a fraction that may vanish."""
    known = [space.base.gen(k) for k in apart]
    return [p for p in open_factors(space, value.num) if p not in known and -p not in known]


def _divisor(space: Alphabet, values: Iterable[Fraction], apart: frozenset[int]) -> Exception:
    real = [k for k, sign in enumerate(space.ranges.signs) if sign == "real"]
    for value in values:
        for poly in _open(space, value, apart):
            for k in real:
                if space.base.gen(k) in (poly, -poly):
                    return _Divides(k)
    return _Undecided()


def _numbers(space: Alphabet, side: Side, count: int, apart: frozenset[int]) -> Numbers:
    """The coefficients up to a factor that never vanishes, if they are numbers then."""
    first = next((v for v in side.values() if not _open(space, v, apart)), None)
    if first is None:
        raise _divisor(space, side.values(), apart)
    scaled = _scaled(side, first)
    if not all(v.is_constant for v in scaled.values()):
        raise _Undecided
    return tuple(
        Rational(int(v.num.leading_coefficient()), int(v.den.leading_coefficient())) if v else ZERO
        for v in (scaled.get(k, first - first) for k in range(count))
    )
