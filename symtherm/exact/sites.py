"""Populations of independent sites in occupation numbers.

Let the populations be those of k two-level sites, p_s with s a set of occupied sites, and let every
site b be filled at a rate u_b and emptied at a rate d_b whatever the others do. For the correlators
P_T = sum over s that contain T of p_s (the probability that all of T are occupied) the rates give

    P_T' = - sum_{b in T} (u_b + d_b) P_T + sum_{b in T} u_b P_(T without b),

since flipping b in T leaves P_T unless all of T but b are occupied. The equations are triangular
where those of the populations are not, and their sum rule is the single equation P_{}' = 0 that is
left out. Möbius inversion, p_s = sum over T that contain s of (-1)^|T - s| P_T, is unimodular over
the integers: it introduces no common factor and removes none.

It is recognised by comparing the rates; couplings to other coordinates (coherences) may be any.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from symtherm.exact.fraction import Poly
from symtherm.exact.matrix import SparseMatrix, clear_rows, primitive_row

__all__ = ["Sites", "correlator_rows", "populations_of", "site_rates", "sites_of"]

Row = dict[int, Poly]
Rates = tuple[tuple[Poly | None, Poly | None], ...]


def site_rates(rows: Sequence[Row], count: int) -> tuple[Rates, int] | None:
    """(rates, flipped) of the first ``count`` rows and columns, if they are independent sites.

    ``rates`` are (u_b, d_b), None for zero; ``flipped`` marks sites whose index bit is 0 when they
    are occupied. None when ``count`` is no power of two above 2, or some rate differs.

    >>> from symtherm.exact.fraction import ring
    >>> u, d = ring(2).gens()
    >>> site_rates([{1: u, 2: d}, {3: d}, {3: u}, {}], 4)
    (((None, g0), (None, g1)), 0)
    """
    if count < 4 or count & (count - 1):
        return None
    rates: list[tuple[Poly | None, Poly | None]] = []
    flipped, bit = 0, 1
    while bit < count:
        up, down = rows[bit].get(0), rows[0].get(bit)
        for s in range(1, count):
            if not s & bit:
                t = s | bit
                if rows[t].get(s) != up or rows[s].get(t) != down:
                    return None
        # Occupied is the state that is entered at the shorter rate: n against n + 1.
        if (0 if down is None else len(down)) < (0 if up is None else len(up)):
            up, down = down, up
            flipped |= bit
        rates.append((up, down))
        bit <<= 1
    for s in range(count):
        for c in rows[s]:
            if c < count and (c ^ s) & ((c ^ s) - 1):
                return None
    return tuple(rates), flipped


def correlator_rows(rows: Sequence[Row], rates: Rates, flipped: int) -> list[Row]:
    """The equations for the correlators (all but that of the empty set) and the other rows.

    The rows of the populations, which come first, have one common denominator.
    """
    count = 1 << len(rates)
    result: list[Row] = [{}]
    losses: list[Poly | None] = [None]
    bit = 1
    for up, down in rates:
        loss = down if up is None else up if down is None else up + down
        for o in range(bit):
            rest = losses[o]
            total = loss if rest is None else rest if loss is None else rest + loss
            losses.append(total)
            row = {} if total is None else {o | bit: -total}
            # Flipping any site of the set.
            for c, v in result[o].items():
                if c != o:
                    row[c | bit] = v
            if up is not None:
                row[o] = up
            result.append(row)
        bit <<= 1
    for s in range(count):
        for c, v in rows[s].items():
            if c >= count:
                o = full = s ^ flipped
                while o:
                    _add(result[o], c, v)
                    o = (o - 1) & full
    del result[0]
    for row in rows[count:]:
        own: Row = {}
        for c, v in row.items():
            if c >= count:
                own[c] = v
                continue
            c ^= flipped
            o = free = count - 1 ^ c
            _add(own, c, v)
            while o:
                _add(own, c | o, -v if o.bit_count() & 1 else v)
                o = (o - 1) & free
        result.append(own)
    return result


def populations_of(values: list[Poly | None], rates: Rates, flipped: int) -> list[Poly | None]:
    """The vector with populations in the place of correlators, by Möbius inversion."""
    found = list(values)
    count = 1 << len(rates)
    bit = 1
    while bit < count:
        for o in range(count):
            if not o & bit:
                other = found[o | bit]
                if other:
                    own = found[o]
                    found[o] = own - other if own else -other
        bit <<= 1
    if flipped:
        found[:count] = [found[k ^ flipped] for k in range(count)]
    return found


def _add(row: Row, c: int, v: Poly) -> None:
    old = row.get(c)
    if old is None:
        row[c] = v
    elif old == -v:
        del row[c]
    else:
        row[c] = old + v


@dataclass(frozen=True, slots=True)
class Sites:
    """``rates`` and ``flipped`` of :func:`site_rates`, and the populations' own ``left`` rows."""

    rates: Rates
    flipped: int
    left: tuple[Row, ...]

    def rows(self, matrix: SparseMatrix) -> list[Row]:
        """The equations for the correlators and the other rows, without common factors."""
        rows = [*self.left, *clear_rows(matrix, len(self.left))]
        return [primitive_row(row) for row in correlator_rows(rows, self.rates, self.flipped)]

    def populations(self, vector: list[Poly]) -> list[Poly]:
        """The vector with populations in the place of correlators."""
        return populations_of(vector, self.rates, self.flipped)


def sites_of(matrix: SparseMatrix, redundant: Sequence[int]) -> Sites | None:
    """The sites of the first 2^k coordinates, k > 1, if their rates are those of independent sites.

    >>> from symtherm.exact.fraction import Fraction, ring
    >>> R = ring(2)
    >>> u, d = (Fraction.of(R, g) for g in R.gens())
    >>> place = {(0, 1): u, (2, 3): u, (0, 2): d, (1, 3): d}
    >>> sites_of(SparseMatrix(R, 4, place), range(4)).rates
    ((None, g0), (None, g1))
    """
    count = len(redundant)
    if count < 4 or count & (count - 1) or list(redundant) != list(range(count)):
        return None
    # The equations of the populations are added up, so they need one denominator for all.
    common: Poly = matrix.base.constant(1)
    rows: list[Row] = [{} for _ in range(count)]
    for (r, c), v in matrix.entries.items():
        if r < count:
            rows[r][c] = v.num
            if not v.den.is_one():
                common = common / common.gcd(v.den) * v.den
    if not common.is_one():
        for (r, c), v in matrix.entries.items():
            if r < count:
                rows[r][c] = v.num * (common / v.den)
    found = site_rates(rows, count)
    return None if found is None else Sites(*found, tuple(rows))
