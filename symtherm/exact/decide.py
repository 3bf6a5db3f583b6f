"""Exact zero tests of SymPy expressions: True, False, or None when undecided."""

from __future__ import annotations

from collections.abc import Iterable

from sympy import Expr

from symtherm.exact.alphabet import alphabet
from symtherm.exact.complex import pair

__all__ = ["all_zero", "is_zero"]


def is_zero(expr: Expr, *, positive: Iterable[Expr] = ()) -> bool | None:
    """Whether an expression vanishes identically in its parameters.

    A decision for rational expressions in declared symbols, exponentials of rational exponents,
    square roots and logarithms; None where several logarithms of sums with radicals may hide a
    relation. Roots and logarithms are read as real: their arguments are taken to be positive where
    the expression is used. Raises OutsideClosedForm for other functions.

    >>> from symtherm.exact.alphabet import parameters
    >>> from sympy import exp, log
    >>> w, T = parameters("omega T")
    >>> n = 1 / (exp(w / T) - 1)
    >>> is_zero(log((n + 1) / n) - w / T)
    True
    """
    space = alphabet([expr], positive=positive)
    re, im = pair(space, expr)
    if not re and not im:
        return True
    return False if space.independent else None


def all_zero(exprs: Iterable[Expr]) -> bool:
    """Whether all expressions vanish; an undecided one counts as not proved zero."""
    pending = [e for e in exprs if e != 0]
    if not pending:
        return True
    space = alphabet(pending)
    return all(not a and not b for a, b in (pair(space, e) for e in pending))
