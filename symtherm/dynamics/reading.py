"""How a closed form is written: with the names of a structure, the shortest form found."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import sympy
from sympy import Expr

from symtherm.dynamics.structure import Definition
from symtherm.errors import OutsideClosedForm
from symtherm.exact import writer
from symtherm.exact.alphabet import Alphabet, lift
from symtherm.exact.fraction import Fraction, Poly
from symtherm.exact.rewrite import extend, shortest, size

__all__ = ["is_long", "readable"]

# Beyond so many terms nobody reads a form, and finding a short one takes minutes.
READ_TERMS = 1000


def is_long(value: Fraction) -> bool:
    """Whether a fraction is written as the product of its factors, none of them nested."""
    return len(value.num) + len(value.den) > READ_TERMS


def readable(
    value: Fraction, space: Alphabet, names: Sequence[Definition], *, regular: bool = False
) -> Expr:
    """Write a fraction with occupations as symbols and with effective rates where they help."""
    if is_long(value):
        table = {d.atom: d.symbol for d in names if d.kind in ("occupation", "root")}
        return writer.factored(space, value, [table.get(a.expr, a.expr) for a in space.atoms])
    known = [d for d in names if d.kind == "rate"]
    if known:
        larger = extend(space, [d.symbol for d in known])
        start = lift(value, space, larger)
        rules = [(d.symbol, d.explicit) for d in known]
        best = shortest(start, larger, rules, regular=regular)
        if size(best) < size(start):
            value, space = best, larger
    table = {d.atom: d.symbol for d in names if d.kind in ("occupation", "root")}
    shown = [table.get(a.expr, a.expr) for a in space.atoms]
    if regular:
        return writer.readable(space, value, shown)
    aliases = _aliases(space, names)
    quotients = []
    for d in names:
        if d.kind == "exponent":
            with suppress(OutsideClosedForm):  # an exponent of no importance to this quantity
                quotients.append((space.fraction(d.explicit), d.symbol))
    plain = writer.readable(space, value, shown, aliases, quotients)
    series = writer.over_resistances(space, value, shown, aliases, quotients)
    return plain if series is None else writer.shorter(plain, series)


def _aliases(space: Alphabet, names: Sequence[Definition]) -> list[tuple[Poly, Expr]]:
    """Polynomials that have a name, up to a number: decay rates, detunings, resonance denominators.

    With Gamma = p/2 the factor p is 2 Gamma; the denominator of W is written Gamma^2 + Delta^2.
    """
    table = {d.symbol: d.explicit for d in names if d.kind in ("decay", "detuning")}
    pairs = list(table.items())
    table |= {d.symbol: d.atom for d in names if d.kind == "occupation"}
    for d in names:
        if d.kind == "rate":
            below = [f.base for f in sympy.Mul.make_args(d.expr) if f.is_Pow and f.exp == -1]
            pairs += [(base, base.xreplace(table)) for base in below if base.is_Add]
    found = []
    for name, explicit in pairs:
        meaning = space.fraction(explicit)
        content, factors = meaning.num.factor()
        if len(factors) == 1 and factors[0][1] == 1 and meaning.den.is_constant():
            ratio = sympy.Rational(int(meaning.den.leading_coefficient()), int(content))
            found.append(
                (
                    factors[0][0],
                    ratio * name if ratio == 1 else sympy.Mul(ratio, name, evaluate=False),
                )
            )
    return found
