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

from symtherm.exact.fraction import Fraction, Poly
from symtherm.exact.matrix import SparseMatrix, clear_rows, primitive_row

__all__ = ["Sites", "sites_of"]

Row = dict[int, Poly]


@dataclass(frozen=True, slots=True)
class Sites:
    """``rates`` are (u_b, d_b), None for zero; ``flipped`` marks sites whose index bit is 0 when
    they are occupied."""

    rates: tuple[tuple[Poly | None, Poly | None], ...]
    flipped: int

    def rows(self, matrix: SparseMatrix) -> list[Row]:
        """The equations for the correlators (all but that of the empty set) and the other rows."""
        count = 1 << len(self.rates)
        result: list[Row] = [{} for _ in range(count)]
        # The equations of the populations are added up, so they need one denominator for all.
        common: Poly = matrix.base.constant(1)
        for (r, c), v in matrix.entries.items():
            if r < count <= c and not v.den.is_one():
                common = common / common.gcd(v.den) * v.den
        for (r, c), v in matrix.entries.items():
            if r < count <= c:
                result[r ^ self.flipped][c] = v.num * (common / v.den)
        for bit in (1 << b for b in range(len(self.rates))):
            for o in range(count):
                if not o & bit:
                    _add(result[o], result[o | bit])
        rates = [tuple(rate and rate * common for rate in pair) for pair in self.rates]
        for o in range(1, count):
            row, loss = result[o], None
            for b, (up, down) in enumerate(rates):
                if o >> b & 1:
                    for rate in (up, down):
                        if rate is not None:
                            loss = -rate if loss is None else loss - rate
                    if up is not None:
                        row[o ^ 1 << b] = up
            if loss is not None:
                row[o] = loss
        others = clear_rows(matrix, count)
        for row in others:
            own = {c ^ self.flipped: row.pop(c) for c in list(row) if c < count}
            for bit in (1 << b for b in range(len(self.rates))):
                _add(own, {c | bit: -v for c, v in own.items() if not c & bit})
            row.update(own)
        return [primitive_row(row) for row in (*result[1:], *others)]

    def populations(self, vector: list[Poly]) -> list[Poly]:
        """The vector with populations in the place of correlators."""
        count = 1 << len(self.rates)
        values = list(vector)
        for bit in (1 << b for b in range(len(self.rates))):
            for o in range(count):
                if not o & bit and values[o | bit]:
                    values[o] = values[o] - values[o | bit]
        return [values[k ^ self.flipped] for k in range(count)] + values[count:]


def _add(row: Row, other: Row) -> None:
    for c, v in other.items():
        if c not in row:
            row[c] = v
            continue
        total = row[c] + v
        if total:
            row[c] = total
        else:
            del row[c]


def sites_of(matrix: SparseMatrix, redundant: Sequence[int]) -> Sites | None:
    """The sites of the first 2^k coordinates, k > 1, if their rates are those of independent sites.

    >>> from symtherm.exact.fraction import ring
    >>> R = ring(2)
    >>> u, d = (Fraction.of(R, g) for g in R.gens())
    >>> place = {(0, 1): u, (2, 3): u, (0, 2): d, (1, 3): d}
    >>> sites_of(SparseMatrix(R, 4, place), range(4)).rates
    ((None, g0), (None, g1))
    """
    count = len(redundant)
    size = count.bit_length() - 1
    if size < 2 or count != 1 << size or list(redundant) != list(range(count)):
        return None
    entries = matrix.entries
    rates: list[tuple[Poly | None, Poly | None]] = []
    flipped = found = 0
    for bit in (1 << b for b in range(size)):
        on, off = entries.get((bit, 0)), entries.get((0, bit))
        for s in range(count):
            if not s & bit:
                if not (
                    _same(entries.get((s | bit, s)), on) and _same(entries.get((s, s | bit)), off)
                ):
                    return None
                found += (on is not None) + (off is not None)
        # Occupied is the state that is entered at the shorter rate: n against n + 1.
        if _length(off) < _length(on):
            on, off = off, on
            flipped |= bit
        rates.append((None if on is None else on.num, None if off is None else off.num))
    off_diagonal = sum(r < count and c < count and r != c for r, c in entries)
    return Sites(tuple(rates), flipped) if found == off_diagonal else None


def _same(a: Fraction | None, b: Fraction | None) -> bool:
    if a is None or b is None:
        return a is b
    return bool(a.den.is_one()) and bool(a.num == b.num)


def _length(rate: Fraction | None) -> int:
    return 0 if rate is None else len(rate.num)
