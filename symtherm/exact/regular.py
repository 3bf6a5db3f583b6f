"""Nonsingularity of a matrix at an exact point, proved by the ball of its determinant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import flint
from sympy import Expr

from symtherm.exact.plan import compiled, entered, exact_values, run

__all__ = ["nonsingular"]


def nonsingular(
    entries: Mapping[tuple[int, int], Expr], size: int, at: Mapping[Any, Any], max_bits: int = 4096
) -> bool:
    """True when the determinant at the point is proved nonzero; False when that was not decided.

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
    bits = 128
    while bits <= max_bits:
        with flint.ctx.workprec(bits):
            balls = run(plan, values, bits * 2 > max_bits)
            if balls is not None:
                rows = [[flint.arb(0)] * size for _ in range(size)]
                for (i, j), root in zip(keys, plan.roots, strict=True):
                    rows[i][j] = balls[root]
                if not flint.arb_mat(rows).det().contains(0):
                    return True
        bits *= 2
    return False
