"""Operators as sums of |i><j| in LaTeX."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sympy
from sympy import Expr

from symtherm.quantum.space import SCALARS

if TYPE_CHECKING:
    from symtherm.quantum.operator import Operator

__all__ = ["operator_latex"]


def operator_latex(operator: Operator) -> str:
    """An operator as a sum of coefficients times |i><j|, in LaTeX.

    >>> from symtherm.quantum.space import HilbertSpace
    >>> from symtherm.quantum.operator import ket
    >>> space = HilbertSpace("q", levels="eg")
    >>> operator_latex(ket(space, "e") * ket(space, "g").dag())
    '|e\\\\rangle\\\\langle g|'
    """
    if not operator.data:
        return "0"
    groups: dict[Expr, list[str]] = {}
    for i, j, v in operator.data:
        ket_ = f"|{operator.space.levels[i]}\\rangle" if operator.space != SCALARS else ""
        bra_ = f"\\langle {operator.domain.levels[j]}|" if operator.domain != SCALARS else ""
        groups.setdefault(v, []).append(ket_ + bra_)
    text = ""
    for value, units in groups.items():
        body = " + ".join(units)
        if len(units) > 1 and value not in (1,):
            body = f"\\left({body}\\right)"
        negative = value.could_extract_minus_sign()
        size = -value if negative else value
        coefficient = "" if size == 1 else sympy.latex(size)
        if size.is_Add:
            coefficient = f"\\left({coefficient}\\right)"
        if negative and len(units) > 1 and size == 1:
            body = f"\\left({body}\\right)"
        text += (" - " if negative else " + ") + (
            f"{coefficient}\\, {body}" if coefficient else body
        )
    return text[3:] if text.startswith(" + ") else "-" + text[3:]
