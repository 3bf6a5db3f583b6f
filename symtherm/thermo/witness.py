"""Points at which an expression is proved not to vanish, so that no normal form has to be made.

A ball at one point of the declared domain that does not hold zero is a proof that the expression is
not identically zero. That it is, no point can show: then a normal form decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from sympy import Expr, Rational

from symtherm.errors import SymthermError
from symtherm.exact.balls import decide_sign
from symtherm.exact.decide import all_zero, is_zero
from symtherm.thermo.entropy import real_and_imaginary

__all__ = ["differs", "nonzero", "vanish"]

TRIALS = 20  # points that are tried for the declared orders
BITS = 256


def _points(symbols: Iterable[Any], positive: Iterable[Expr]) -> Iterator[Mapping[Any, Rational]]:
    """Rational points in the declared domain, always the same."""
    ordered, orders = sorted(symbols, key=str), tuple(positive)
    for trial in range(TRIALS):
        point = {
            s: Rational(7 + (5 * k + 3 * trial * (k + 2)) % 23, 11) for k, s in enumerate(ordered)
        }
        if all(decide_sign(e, point, BITS) == 1 for e in orders):
            yield point


def differs(expr: Expr, positive: Iterable[Expr] = ()) -> bool:
    """Whether a point shows that an expression is not identically zero; False says nothing.

    >>> import sympy
    >>> from symtherm import parameters
    >>> x, y = parameters("x y")
    >>> differs(x - sympy.I * y), differs((x + y) ** 2 - x**2 - 2 * x * y - y**2)
    (True, False)
    """
    parts = real_and_imaginary(expr)
    declared = tuple(positive)
    if parts is None or expr == 0:
        return False
    symbols = set().union(*(e.free_symbols for e in (expr, *declared)))
    try:
        return any(
            decide_sign(part, point, BITS) in (1, -1)
            for point in islice(_points(symbols, declared), 2)
            for part in parts
            if part != 0
        )
    except SymthermError:
        return False  # a function of time, or a root that is not real there


def nonzero(expr: Expr, positive: Iterable[Expr] = ()) -> bool:
    """Whether an expression is not proved to vanish identically."""
    return expr != 0 and (differs(expr, positive) or is_zero(expr) is not True)


def vanish(exprs: Iterable[Expr], positive: Iterable[Expr] = ()) -> bool:
    """Whether all expressions vanish, as ``all_zero``, which is asked where no point decides."""
    pending, declared = [e for e in exprs if e != 0], tuple(positive)
    return not any(differs(e, declared) for e in pending) and all_zero(pending)
