"""The texts of certificates: how tightly they bind, and long sums with few products."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import sympy
from sympy import Expr

from symtherm.derive.visible import added

__all__ = ["collected", "exponent", "is_closed"]


def is_closed(expr: Expr) -> bool:
    """Whether the text of an expression binds more tightly than a product."""
    if expr.is_Symbol:
        return bool(expr.is_real)
    if expr.is_Pow:
        return expr.exp.is_Rational and not expr.base.is_Rational
    functions = (sympy.exp, sympy.log, sympy.cos, sympy.sin, sympy.Abs, sympy.arg)
    return isinstance(expr, functions) and not expr.has(sympy.I)


def exponent(power: int) -> str:
    """The text of an exponent."""
    return str(power) if power >= 0 else f"({power})"


def collected(terms: Sequence[tuple[Any, dict[str, int]]]) -> str:
    """A sum in powers of the factor that most of its terms have, the coefficients likewise.

    Terms are numbers with the powers of their factors, whose texts bind as tightly as names. A sum
    of N products of n powers takes about N products instead of n N. It does not show its sign.

    >>> collected([(1, {"a": 2, "b": 1}), (1, {"a": 2, "c": 1}), (-1, {"a": 1}), (2, {"c": -1})])
    'a**2*(b + c) - a + 2*c**(-1)'
    """
    counts = Counter(name for _, powers in terms for name in powers)
    name, most = max(counts.items(), key=lambda item: item[1], default=("", 0))
    if most < 2:
        return added([_product(number, powers) for number, powers in terms]) or "0"
    groups: dict[int, list[tuple[Any, dict[str, int]]]] = {}
    for term in terms:
        groups.setdefault(term[1].get(name, 0), []).append(term)
    parts = []
    for power, part in groups.items():
        if len(part) == 1:
            parts.append(_product(*part[0]))
        elif power:
            rest = [(c, {n: k for n, k in p.items() if n != name}) for c, p in part]
            parts.append(f"{_power(name, power)}*({collected(rest)})")
        else:
            parts.append(collected(part))
    return added(parts)


def _product(number: Any, powers: dict[str, int]) -> str:
    factors = [_power(name, k) for name, k in powers.items()]
    if not factors:
        return str(number)
    text = "*".join(factors)
    return text if number == 1 else f"-{text}" if number == -1 else f"{number}*{text}"


def _power(name: str, k: int) -> str:
    return name if k == 1 else f"{name}**{exponent(k)}"
