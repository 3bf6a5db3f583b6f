"""Short forms for people at a prompt or in a notebook."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sympy

__all__ = ["aligned", "shortened", "tex_label"]


def shortened(text: str, limit: int = 160) -> str:
    """The beginning of a text that is too long for a prompt.

    >>> shortened("abcdefghij", 8)
    'abcd ...'
    """
    return text if len(text) <= limit else text[: limit - 4] + " ..."


def tex_label(label: str) -> str:
    """A level or bath label as an index in LaTeX.

    >>> tex_label("h"), tex_label("cold_1")
    ('h', '\\\\mathrm{cold\\\\_1}')
    """
    if len(label) == 1 and label.isalnum():
        return label
    escaped = "".join("\\" + c if c in "_#$%&{}" else c for c in label if c not in "\\^~")
    return f"\\mathrm{{{escaped}}}"


def aligned(rows: Iterable[tuple[str, Any]], relation: str = "=") -> str:
    """Display mathematics, ``left relation right`` line by line; right sides are expressions.

    >>> print(aligned([("P", sympy.Symbol("x") / 2)]))
    $\\displaystyle \\begin{aligned}P &= \\frac{x}{2}\\end{aligned}$
    """
    lines = (f"{left} &{relation} {sympy.latex(right)}" for left, right in rows)
    body = r" \\ ".join(lines)
    return rf"$\displaystyle \begin{{aligned}}{body}\end{{aligned}}$"
