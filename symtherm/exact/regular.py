"""Nonsingularity of a matrix at an exact point, proved by the ball of its determinant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import flint
from sympy import Expr

from symtherm.exact.matrix import components
from symtherm.exact.plan import compiled, entered, exact_values, run

__all__ = ["nonsingular"]


def nonsingular(
    entries: Mapping[tuple[int, int], Expr], size: int, at: Mapping[Any, Any], max_bits: int = 4096
) -> bool:
    """True when the determinant at the point is proved nonzero; False when that was not decided.

    It is the product of the determinants of the connected blocks.

    No common base of the exponentials is formed, so the cost does not depend on the numerators and
    denominators of the point.

    >>> import sympy
    >>> x = sympy.Symbol("x", positive=True)
    >>> nonsingular({(0, 0): sympy.exp(x), (1, 1): x}, 2, {x: 2})
    True
    >>> nonsingular({(0, 0): sympy.exp(x)}, 2, {x: 2})
    False
    """
    keys = list(entries)
    exprs, at = entered((entries[k] for k in keys), at)
    plan = compiled(exprs)
    values = exact_values(plan, at)
    blocks = components(size, keys)
    bits = 128
    while bits <= max_bits:
        with flint.ctx.workprec(bits):
            balls = run(plan, values, bits * 2 > max_bits)
            if balls is not None:
                found = {key: balls[root] for key, root in zip(keys, plan.roots, strict=True)}
                if all(_regular(found, block) for block in blocks):
                    return True
        bits *= 2
    return False


def _regular(entries: Mapping[tuple[int, int], Any], block: list[int]) -> bool:
    place = {index: k for k, index in enumerate(block)}
    rows = [[flint.arb(0)] * len(block) for _ in block]
    for (i, j), ball in entries.items():
        if i in place:
            rows[place[i]][place[j]] = ball
    return not flint.arb_mat(rows).det().contains(0)
