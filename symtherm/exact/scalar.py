"""What a person gives as a number: exact SymPy expressions, or a named error."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from numbers import Number
from numbers import Rational as PythonRational
from typing import Any

import sympy
from sympy import Expr, Rational, Symbol

from symtherm.errors import BadExpression, kind_of

__all__ = ["by_symbol", "order_text", "scalar"]


# Asked of every entry of every product; SymPy caches the answers.
_ODD = (sympy.Float, sympy.oo, -sympy.oo, sympy.nan, sympy.zoo)


def scalar(value: Any, what: str) -> Expr:
    """``value`` as an exact SymPy expression; ``what`` says in errors what it is for.

    Integers and fractions of Python and NumPy are taken as they are. Raises BadExpression for
    floating-point numbers, for infinite or undefined values, and for what is no scalar, text
    included: it is never read as an expression.

    >>> scalar(Fraction(1, 2), "A rate")
    1/2
    >>> scalar(0.1, "A rate")
    Traceback (most recent call last):
    ...
    symtherm.errors.BadExpression: A rate, 0.1. Found: a floating-point number, which is not \
exact. To do: write Rational(1, 10).
    """
    if isinstance(value, Expr):
        odd = _odd_leaf(value) if value.has(*_ODD) else None
        if odd is None:
            return value
        if not odd.is_Float:
            raise BadExpression(
                f"{what}, {value}",
                found="an infinite or undefined value",
                advice="use finite expressions",
            )
        raise _inexact(f"{what}, {value}", odd)
    if isinstance(value, PythonRational) and not isinstance(value, bool):
        return Rational(int(value.numerator), int(value.denominator))
    if isinstance(value, Number) and not isinstance(value, bool):
        raise _inexact(f"{what}, {value}", value)
    if isinstance(value, str):
        advice = "declare symbols with parameters(...) and write the expression with them"
    else:
        advice = "use a SymPy expression of symbols declared with parameters(...)"
    raise BadExpression(what + " is a scalar", found=kind_of(value), advice=advice)


def _odd_leaf(expr: Expr) -> Any:
    """A float, infinity or nan in an expression."""
    stack: list[Any] = [expr]
    while stack:
        node = stack.pop()
        if node.args:
            stack.extend(node.args)
        elif (node.is_Number and not node.is_Rational) or node is sympy.zoo:
            return node
    return None


def _inexact(asked: str, number: Any) -> BadExpression:
    try:
        near = Fraction(str(number) if not isinstance(number, sympy.Float) else repr(float(number)))
        advice = f"write Rational({near.numerator}, {near.denominator})"
    except (ValueError, TypeError, OverflowError):
        advice = "write exact numbers, such as Rational(1, 10)"
    return BadExpression(asked, found="a floating-point number, which is not exact", advice=advice)


def by_symbol(table: Mapping[Any, Any], symbols: Iterable[Symbol]) -> dict[Any, Any]:
    """The table with the names among its keys replaced by the symbols that they name.

    >>> x = Symbol("x", positive=True)
    >>> by_symbol({"x": 3}, [x])[x]
    3
    """
    known = {s.name: s for s in symbols}
    result: dict[Any, Any] = {}
    for key, value in table.items():
        symbol = known.get(key, key) if isinstance(key, str) else key
        if symbol in result:
            raise BadExpression(f"The value of {symbol}", found="it is given twice")
        result[symbol] = value
    return result


def order_text(expr: Expr) -> str:
    """``expr > 0`` as a person writes it.

    >>> a, b = sympy.symbols("omega_c omega_h", positive=True)
    >>> order_text(b - a), order_text(a)
    ('omega_h > omega_c', 'omega_c > 0')
    """
    terms = sympy.Add.make_args(expr)
    below = [t for t in terms if t.could_extract_minus_sign()]
    above = [t for t in terms if t not in below]
    return f"{sympy.Add(*above)} > {sympy.Add(*(-t for t in below))}"
