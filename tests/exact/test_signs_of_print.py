"""Readable forms: the value is kept, whatever is done to the signs."""

from __future__ import annotations

import random

import pytest
import sympy as sp

from symtherm import is_zero
from symtherm.exact.alphabet import alphabet, parameters
from symtherm.exact.writer import nested, readable

a, b, c, T, S = parameters("a b c T S")
mu, nu = parameters("mu nu", real=True)
f = 1 / (sp.exp((a - mu) / T) + 1)
g = 1 / (sp.exp((b - nu) / S) + 1)
n = 1 / (sp.exp(c / T) - 1)


@pytest.mark.parametrize("seed", range(40))
def test_readable_has_the_value_of_the_fraction(seed: int) -> None:
    source = random.Random(seed)
    atoms = [f, g, n, a, b, c, mu, nu, sp.Integer(1)]

    def combination(size: int) -> sp.Expr:
        return sp.Add(
            *(
                source.choice([-2, -1, 1, 3]) * source.choice(atoms) * source.choice(atoms)
                for _ in range(size)
            )
        )

    expr = combination(3) * combination(2) / (combination(2) ** 2 + a) - combination(4)
    space = alphabet([expr, f, g, n])
    value = space.fraction(expr)
    assert is_zero(readable(space, value) - expr)
    assert is_zero(nested(value.num, [x.expr for x in space.atoms]) - space.poly_expr(value.num))


@pytest.mark.parametrize(
    ("expr", "text"),
    [
        ((1 - f) * a, "a*(1 - f)"),
        (a * f - a, "-a*(1 - f)"),
        ((f - 1) * (g - 1), "(1 - f)*(1 - g)"),
        (f - g, "f - g"),
        ((g - f) * a, "a*(-f + g)"),
        (a * n + a, "a*(n + 1)"),
        (a * (b - c) * (f - 1), "a*(1 - f)*(-b + c)"),
    ],
)
def test_empty_states_are_one_minus_f(expr: sp.Expr, text: str) -> None:
    space = alphabet([expr, f, g, n])
    names = {f: sp.Symbol("f"), g: sp.Symbol("g"), n: sp.Symbol("n")}
    shown = readable(space, space.fraction(expr), [names.get(x.expr, x.expr) for x in space.atoms])
    assert str(shown) == text
