"""Channels: the Choi matrix, Kraus operators of any size, and a Stinespring dilation."""

from __future__ import annotations

from collections.abc import Sequence

import sympy
from sympy import Expr

from symtherm.dynamics.pivots import pivots
from symtherm.errors import MissingTrait, OutsideClosedForm
from symtherm.quantum.operator import Operator, tensor
from symtherm.quantum.space import HilbertSpace
from symtherm.quantum.superoperator import Superoperator

__all__ = ["choi", "kraus", "stinespring"]


def choi(channel: Superoperator, *, space: HilbertSpace | None = None) -> Operator:
    """C = sum_ij |i><j| x Phi(|i><j|) on two copies of the space; Phi is CP iff C >= 0.

    Source: Choi, Linear Algebra Appl. 10, 285 (1975).

    >>> from symtherm.quantum.superoperator import Superoperator
    >>> one = Superoperator(2, {(k, k): sympy.Integer(1) for k in range(4)})
    >>> print(choi(one))
    |00><00| + |00><11| + |11><00| + |11><11|
    """
    d = channel.dim
    home = HilbertSpace("system", d) if space is None else space
    entries = {}
    for (row, column), v in channel.entries.items():
        (b, a), (j, i) = divmod(row, d), divmod(column, d)
        entries[i * d + a, j * d + b] = v
    return Operator.of(home * home, entries)


def kraus(
    channel: Superoperator,
    *,
    space: HilbertSpace | None = None,
    positive: Sequence[Expr] = (),
) -> tuple[tuple[Expr, Operator], ...]:
    """Pairs (d_k, A_k) with Phi(rho) = sum_k d_k A_k rho A_k^+ and d_k > 0, of any size.

    The Kraus operators are sqrt(d_k) A_k; the weight is kept apart so that they stay rational.
    Raises MissingTrait naming the pivots of the Choi matrix that are not proved nonnegative.

    >>> p = sympy.Symbol("p", positive=True)
    >>> from symtherm import sigmaz, qeye
    >>> from symtherm.quantum.superoperator import Superoperator
    >>> shrink = {(0, 0): 1, (1, 1): p, (2, 2): p, (3, 3): 1}
    >>> flip = Superoperator(2, {k: sympy.S(v) for k, v in shrink.items()})
    >>> [w for w, _ in kraus(flip, positive=[1 - p])]
    [1, (1 - p)*(p + 1)]
    """
    home = HilbertSpace("system", channel.dim) if space is None else space
    matrix = choi(channel, space=home)
    found = pivots(matrix.entries, matrix.space.dim, positive=positive)
    if found.verdict is not True:
        raise MissingTrait(
            "Kraus operators need a completely positive map",
            found="; ".join(f"{c} >= 0 is not proved" for c in found.conditions),
            advice="declare what makes it so with positive=[...]",
        )
    d = channel.dim
    return tuple(
        (value, Operator.of(home, {(k % d, k // d): v for k, v in vector.items()}))
        for value, vector in zip(found.values, found.vectors, strict=True)
    )


def stinespring(operators: Sequence[tuple[Expr, Operator]]) -> Operator:
    """The isometry V = sum_k sqrt(d_k) A_k x |k>: Phi(rho) = Tr_E[V rho V^+], V^+ V = 1.

    Raises OutsideClosedForm for no Kraus operator at all.

    >>> from symtherm import qeye
    >>> stinespring([(sympy.Integer(1), qeye(2))]).shape
    (2, 2)
    """
    if not operators:
        raise OutsideClosedForm("A dilation", found="no Kraus operators")
    ancilla = HilbertSpace("environment", len(operators))
    space = operators[0][1].space
    d, total = len(operators), {}
    for k, (weight, A) in enumerate(operators):
        root = sympy.sqrt(weight)
        for i, j, v in A.data:
            total[i * d + k, j] = root * v
    if d == 1:
        return Operator.of(space, {(i, j): v for (i, j), v in total.items()})
    return Operator.of(tensor(space, ancilla), total, space)
