"""Bose and Fermi occupations, and the KMS ratio of the two rates of a thermal pair."""

from __future__ import annotations

import sympy
from sympy import Expr

from symtherm.exact.scalar import scalar

__all__ = ["bose", "fermi"]


def bose(x: Expr) -> Expr:
    """n(x) = 1/(e^x - 1), the mean number of quanta at x = omega/T.

    >>> bose(sympy.Symbol("x", positive=True))
    1/(exp(x) - 1)
    """
    return 1 / (sympy.exp(scalar(x, "The argument of bose")) - 1)


def fermi(x: Expr) -> Expr:
    """f(x) = 1/(e^x + 1), the mean occupation at x = (epsilon - mu)/T.

    >>> fermi(sympy.Symbol("x", positive=True))
    1/(exp(x) + 1)
    """
    return 1 / (sympy.exp(scalar(x, "The argument of fermi")) + 1)
