"""Rates between levels, cycle affinities, and Kolmogorov's criterion for detailed balance.

For a network with W_mn > 0 iff W_nm > 0 and connected: a distribution with W_mn p_n = W_nm p_m on
every edge exists iff prod W(forward)/prod W(backward) = 1 around every cycle (Kolmogorov, Math.
Ann. 112, 155 (1936)). Proof: along a spanning tree the edges fix p up to a factor; an edge outside
the tree closes one cycle and is balanced iff the product around that cycle is 1. So the fundamental
cycles of any spanning tree suffice, |E| - |V| + 1 of them (Schnakenberg, Rev. Mod. Phys. 48, 571).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sympy
from sympy import Expr

from symtherm.errors import (
    DimensionMismatch,
    NotThermal,
    NotUnique,
    OutOfDomain,
    OutsideClosedForm,
    require,
)
from symtherm.exact.alphabet import alphabet
from symtherm.exact.decide import is_zero
from symtherm.exact.scalar import scalar
from symtherm.exact.writer import readable
from symtherm.quantum.eigen import short

__all__ = ["Cycle", "cycle_affinities", "detailed_balance", "equilibrium_populations"]

Rates = Mapping[tuple[int, int], Expr]


@dataclass(frozen=True, slots=True)
class Cycle:
    """``levels`` v_0 -> v_1 -> ... -> v_0, with the products of rates along it and against it."""

    levels: tuple[int, ...]
    forward: Expr
    backward: Expr

    @property
    def affinity(self) -> Expr:
        """ln(forward/backward), the entropy produced per turn; zero in detailed balance.

        In normal form: ln of a Boltzmann factor is an exponent, so thermal rates leave a sum of
        frequencies over temperatures.

        >>> w, T = sympy.symbols("omega T", positive=True)
        >>> a, b = sympy.symbols("a b", positive=True)
        >>> Cycle((0, 1, 2), a * sympy.exp(-w / T), a).affinity
        -omega/T
        >>> Cycle((0, 1, 2), a, b).affinity
        log(a) - log(b)
        """
        whole = sympy.log(self.forward / self.backward)
        try:
            return short(whole)
        except OutsideClosedForm:  # roots inside the logarithm
            return whole

    @property
    def condition(self) -> Expr:
        """forward - backward, which vanishes iff the affinity does; a polynomial in the rates."""
        space = alphabet([self.forward, self.backward])
        return readable(space, space.fraction(self.forward) - space.fraction(self.backward))

    @property
    def balanced(self) -> bool:
        """Whether the condition is zero in normal form."""
        return is_zero(self.forward - self.backward) is True


def _table(rates: Rates, levels: int) -> dict[tuple[int, int], Expr]:
    """The rates that are not zero, as expressions of known sign."""
    require(rates, Mapping, "Rates are a mapping (m, n) -> rate from n to m", "write pauli(L)")
    if not isinstance(levels, int) or levels < 1:
        raise DimensionMismatch("The number of levels of a network", found=str(levels))
    table = {}
    for (m, n), given in rates.items():
        if not (0 <= m < levels and 0 <= n < levels) or m == n:
            raise DimensionMismatch(
                f"A network of {levels} levels",
                found=f"a rate from {n} to {m}",
                advice=f"levels are numbered 0 to {levels - 1}",
            )
        rate = scalar(given, f"The rate from {n} to {m}")
        space = alphabet([rate])
        value = space.fraction(rate)
        if space.fraction_sign(value) == -1:
            raise OutOfDomain(f"The rate from {n} to {m}", found=f"{rate} < 0")
        if value:
            table[m, n] = rate
    return table


def _edges(rates: Rates) -> list[tuple[int, int]]:
    found = []
    for m, n in sorted(rates):
        if (n, m) not in rates:
            raise NotThermal(
                f"The transition {n} -> {m}",
                found="no reverse transition",
                advice="cycle affinities need W_mn > 0 iff W_nm > 0",
            )
        if m > n:
            found.append((n, m))
    return found


def _tree(rates: Rates, levels: int) -> tuple[dict[int, int | None], list[tuple[int, int]]]:
    """A spanning tree by breadth first search (child -> parent), and the edges outside it."""
    edges = _edges(rates)
    near: dict[int, list[int]] = {}
    for a, b in edges:
        near.setdefault(a, []).append(b)
        near.setdefault(b, []).append(a)
    parent: dict[int, int | None] = {0: None}
    queue = [0]
    for node in queue:
        for other in near.get(node, ()):
            if other not in parent:
                parent[other] = node
                queue.append(other)
    if len(parent) < levels:
        raise NotUnique(
            "Detailed balance of a network",
            found=f"{len(parent)} of {levels} levels connected to the first",
            advice="treat each connected part on its own",
        )
    inside = {frozenset((a, b)) for a, b in parent.items() if b is not None}
    return parent, [e for e in edges if frozenset(e) not in inside]


def _path(parent: Mapping[int, int | None], node: int) -> list[int]:
    found = [node]
    above = parent[node]
    while above is not None:
        found.append(above)
        above = parent[above]
    return found


def cycle_affinities(rates: Rates, levels: int) -> tuple[Cycle, ...]:
    """The fundamental cycles of W[m, n] (rate from n to m), as ``pauli`` gives it.

    Raises NotThermal for a transition without its reverse, NotUnique for a network in parts,
    DimensionMismatch for a rate between levels that there are not, OutOfDomain for a negative one.

    >>> a, b, c = sympy.symbols("a b c", positive=True)
    >>> ring = {(1, 0): a, (0, 1): 1, (2, 1): b, (1, 2): 1, (0, 2): c, (2, 0): 1}
    >>> [(x.levels, x.condition) for x in cycle_affinities(ring, 3)]
    [((1, 2, 0), -(-a*b*c + 1))]
    """
    table = _table(rates, levels)
    parent, outside = _tree(table, levels)
    cycles = []
    for a, b in outside:
        up, down = _path(parent, a), _path(parent, b)
        while len(up) > 1 and len(down) > 1 and up[-2] == down[-2]:
            up.pop()
            down.pop()
        # a -> b along the edge, then from b up to the common ancestor and down to a.
        loop = [a, *down, *reversed(up[1:-1])]
        forward, backward = sympy.Integer(1), sympy.Integer(1)
        for start, end in zip(loop, [*loop[1:], loop[0]], strict=True):
            forward, backward = forward * table[end, start], backward * table[start, end]
        cycles.append(Cycle(tuple(loop), forward, backward))
    return tuple(cycles)


def detailed_balance(rates: Rates, levels: int) -> tuple[Expr, ...]:
    """The conditions forward - backward = 0 that are not met identically; () iff balanced.

    >>> a = sympy.Symbol("a", positive=True)
    >>> detailed_balance({(1, 0): a, (0, 1): 1}, 2)
    ()
    """
    return tuple(c.condition for c in cycle_affinities(rates, levels) if not c.balanced)


def equilibrium_populations(rates: Rates, levels: int) -> tuple[Expr, ...]:
    """p with W_mn p_n = W_nm p_m on every edge, from products of ratios along a spanning tree.

    Raises NotThermal naming the cycle whose affinity does not vanish.

    >>> a, b = sympy.symbols("a b", positive=True)
    >>> equilibrium_populations({(1, 0): a, (0, 1): b}, 2)
    (b/(a + b), a/(a + b))
    """
    for cycle in cycle_affinities(rates, levels):
        if not cycle.balanced:
            raise NotThermal(
                "Populations in detailed balance",
                found=f"the cycle {cycle.levels} has the affinity {cycle.affinity}",
                advice="detailed balance needs every affinity to vanish; where one does not, "
                "steady_state has the populations",
            )
    table = _table(rates, levels)
    parent, _ = _tree(table, levels)
    weights = {0: sympy.Integer(1)}
    for node, above in parent.items():
        if above is not None:
            weights[node] = weights[above] * table[node, above] / table[above, node]
    space = alphabet(list(weights.values()))
    values = [space.fraction(weights[k]) for k in range(levels)]
    total = sum(values[1:], values[0])
    return tuple(readable(space, v / total) for v in values)
