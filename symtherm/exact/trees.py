"""Stationary weights of a rate matrix as sums over spanning trees.

Matrix-tree theorem (Kirchhoff; Hill, 1966): for M with columns summing to zero, the stationary
weight of state i is the sum over all spanning trees directed towards i of the product of their
rates. Every term is visibly positive. Slow, and therefore the twin that checks the others.
"""

from __future__ import annotations

from itertools import product

from symtherm.exact.fraction import Fraction
from symtherm.exact.matrix import SparseMatrix

__all__ = ["tree_weights"]


def tree_weights(matrix: SparseMatrix) -> list[Fraction]:
    """The weights w_i with M w = 0, M[i, j] being the rate from j to i.

    Every state but the root chooses one exit; the choice is a tree when no choices form a cycle.
    """
    exits: list[list[tuple[int, Fraction]]] = [[] for _ in range(matrix.size)]
    for (i, j), rate in matrix.entries.items():
        if i != j:
            exits[j].append((i, rate))
    weights = []
    for root in range(matrix.size):
        others = [s for s in range(matrix.size) if s != root]
        total = Fraction.of(matrix.base, 0)
        for choice in product(*(exits[s] for s in others)):
            target = {s: t for s, (t, _) in zip(others, choice, strict=True)}
            if all(_reaches(target, s, root) for s in others):
                weight = Fraction.of(matrix.base, 1)
                for _, rate in choice:
                    weight = weight * rate
                total = total + weight
        weights.append(total)
    return weights


def _reaches(target: dict[int, int], start: int, root: int) -> bool:
    seen = set()
    while start != root:
        if start in seen:
            return False
        seen.add(start)
        start = target[start]
    return True
