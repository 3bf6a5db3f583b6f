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

from symtherm.dynamics.generator import Generator
from symtherm.dynamics.pauli import pauli
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


@dataclass(frozen=True, slots=True)
class _Network:
    """Rates of each channel, a spanning tree, and the edges (n, m, channel) outside it.

    ``parent`` maps a level to its parent and the channel of the edge between them.
    """

    rates: dict[str, dict[tuple[int, int], Expr]]
    levels: int
    parent: dict[int, tuple[int, str] | None]
    outside: list[tuple[int, int, str]]


def _network(rates: Rates | Generator, levels: int | None) -> _Network:
    if isinstance(rates, Generator):
        space = rates.space
        pauli(rates)  # the populations of all dissipators together must decouple
        given = {d.label: pauli(rates, d.label) for d in rates.dissipators}
        return _spanned({k: _table(v, space.dim) for k, v in given.items()}, space.dim)
    require(
        rates, Mapping, "Rates are a mapping (m, n) -> rate from n to m", "write pauli(L), or L"
    )
    if levels is None:
        levels = 1 + max((k for pair in rates for k in pair), default=0)
    return _spanned({"": _table(rates, levels)}, levels)


def _table(rates: Rates, levels: int) -> dict[tuple[int, int], Expr]:
    """The rates that are not zero, as expressions of known sign."""
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


def _edges(rates: dict[str, dict[tuple[int, int], Expr]]) -> list[tuple[int, int, str]]:
    found = []
    for channel, table in rates.items():
        where = f" by {channel}" if channel else ""
        for m, n in sorted(table):
            if (n, m) not in table:
                raise NotThermal(
                    f"The transition {n} -> {m}{where}",
                    found="no reverse transition",
                    advice="cycle affinities need W_mn > 0 iff W_nm > 0"
                    + (", under one label" if channel else ""),
                )
            if m > n:
                found.append((n, m, channel))
    return found


def _spanned(rates: dict[str, dict[tuple[int, int], Expr]], levels: int) -> _Network:
    """The network with a spanning tree by breadth first search."""
    edges = _edges(rates)
    near: dict[int, list[tuple[int, tuple[int, int, str]]]] = {}
    for edge in edges:
        a, b, _ = edge
        near.setdefault(a, []).append((b, edge))
        near.setdefault(b, []).append((a, edge))
    parent: dict[int, tuple[int, str] | None] = {0: None}
    inside = set()
    queue = [0]
    for node in queue:
        for other, edge in near.get(node, ()):
            if other not in parent:
                parent[other] = (node, edge[2])
                inside.add(edge)
                queue.append(other)
    if len(parent) < levels:
        raise NotUnique(
            "Detailed balance of a network",
            found=f"{len(parent)} of {levels} levels connected to the first",
            advice="treat each connected part on its own",
        )
    return _Network(rates, levels, parent, [e for e in edges if e not in inside])


def _path(network: _Network, node: int) -> list[tuple[int, int, str]]:
    """The edges (child, parent, channel) from a level up to the root of the tree."""
    found = []
    while (above := network.parent[node]) is not None:
        found.append((node, *above))
        node = above[0]
    return found


def cycle_affinities(rates: Rates | Generator, levels: int | None = None) -> tuple[Cycle, ...]:
    """The fundamental cycles of W[m, n] (rate from n to m), as ``pauli`` gives it.

    For a generator these are the ``pauli`` rates of its dissipators, each a channel of its own, so
    that two baths between two levels make a cycle, which the sum of their rates hides. ``levels``
    is one more than the largest number of a level where it is not given.

    Raises NotThermal for a transition without its reverse, NotUnique for a network in parts,
    DimensionMismatch for a rate between levels that there are not, OutOfDomain for a negative one.

    >>> a, b, c = sympy.symbols("a b c", positive=True)
    >>> ring = {(1, 0): a, (0, 1): 1, (2, 1): b, (1, 2): 1, (0, 2): c, (2, 0): 1}
    >>> [(x.levels, x.condition) for x in cycle_affinities(ring)]
    [((1, 2, 0), -(-a*b*c + 1))]
    >>> from symtherm import model
    >>> [x.affinity for x in cycle_affinities(model("two-bath-qubit").generator)]
    [omega*(-1/T_h + 1/T_c)]
    """
    network = _network(rates, levels)
    cycles = []
    for a, b, channel in network.outside:
        up, down = _path(network, a), _path(network, b)
        while up and down and up[-1] == down[-1]:
            up.pop()
            down.pop()
        # a -> b along the edge, then from b up to the common ancestor and down to a.
        steps = [(a, b, channel), *down, *((q, p, c) for p, q, c in reversed(up))]
        forward, backward = sympy.Integer(1), sympy.Integer(1)
        for start, end, c in steps:
            forward = forward * network.rates[c][end, start]
            backward = backward * network.rates[c][start, end]
        cycles.append(Cycle(tuple(start for start, _, _ in steps), forward, backward))
    return tuple(cycles)


def detailed_balance(rates: Rates | Generator, levels: int | None = None) -> tuple[Expr, ...]:
    """The conditions forward - backward = 0 that are not met identically; () iff balanced.

    >>> a = sympy.Symbol("a", positive=True)
    >>> detailed_balance({(1, 0): a, (0, 1): 1})
    ()
    >>> from symtherm import model
    >>> len(detailed_balance(model("two-bath-qubit").generator))
    1
    """
    return tuple(c.condition for c in cycle_affinities(rates, levels) if not c.balanced)


def equilibrium_populations(
    rates: Rates | Generator, levels: int | None = None
) -> tuple[Expr, ...]:
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
    network = _network(rates, levels)
    weights = {0: sympy.Integer(1)}
    for node, link in network.parent.items():
        if link is not None:
            above, channel = link
            table = network.rates[channel]
            weights[node] = weights[above] * table[node, above] / table[above, node]
    space = alphabet(list(weights.values()))
    values = [space.fraction(weights[k]) for k in range(network.levels)]
    total = sum(values[1:], values[0])
    return tuple(readable(space, v / total) for v in values)
