"""Null vectors of sparse systems: what a pencil does before any determinant.

Rules, applied until none fits, to rows whose null space is a line (one row less than unknowns):

* a row with one entry says that an unknown is zero;
* a row a x_i + b x_j = 0 with two entries says x_i = b y, x_j = -a y for a new unknown y (a and b
  without common factor): one row and one unknown less, no division;
* an unknown that occurs in one row only is what that row makes of the others, and is found last;
* an unknown that occurs in two rows is eliminated from one of them by the other: a row of nearest
  neighbours, or levels that only one other connects, cost one step each. Common factors of the new
  row are taken out; after the first steps they are mostly earlier pivots (Bareiss), so those are
  tried before a gcd.

What is left goes to the memoised minors. Taken back in reverse, the rules keep the vector free of
a common factor if that of the core is: (b y, -a y) has the content of y; and if d x = N for the
last unknown, the vector is scaled by d/g, g = gcd(d, N), and a prime that divides all of the new
vector divides N/g and d/g, which have no common factor, or all of the old vector.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flint.utils.flint_exceptions import DomainError

from symtherm.errors import TooLong
from symtherm.exact.fraction import Poly, Ring
from symtherm.exact.matrix import primitive_row

__all__ = ["reduced_null_vector"]

Row = dict[int, Poly]
# What became of a row: its kind, the unknown (or the two of a pair) that it decides, and the row.
Step = tuple[str, int, int, Row]


def reduced_null_vector(
    base: Ring,
    rows: Sequence[Row],
    columns: int,
    core: Callable[[list[Row], int], list[Poly]],
    max_terms: int | None = None,
) -> list[Poly]:
    """A null vector of ``columns - 1`` rows, without common factor; zero where the core's is.

    ``rows`` are without common factors, and stay as they are. ``core`` gives a null vector without
    common factor of what the rules leave, or zeros. Raises TooLong when the vector would have more
    than ``max_terms`` terms.

    >>> from symtherm.exact.fraction import ring
    >>> R = ring(3)
    >>> a, b, c = R.gens()
    >>> v = reduced_null_vector(R, [{0: a, 1: -b}, {1: b, 2: -c}], 3, lambda rows, n: [a / a])
    >>> [str(p) for p in v]
    ['-g1*g2', '-g0*g2', '-g0*g1']
    """
    left = set(range(columns))
    rows, steps = list(rows), list[Step]()
    pivots: list[Poly] = []
    while rows:
        short = min(rows, key=len)
        if not short:
            return [base.constant(0)] * columns
        if len(short) == 1:
            (c,) = short
            rows = [_without(row, c) for row in rows if row is not short]
            steps.append(("zero", c, c, short))
        elif len(short) == 2:
            i, c = short
            rows = [_merged(row, i, c, short) for row in rows if row is not short]
            steps.append(("pair", i, c, short))
        else:
            found = _last(rows)
            if found is None:
                break
            c, last, other = found
            rows = [row for row in rows if row is not last and row is not other]
            if other is not None:
                rows.append(_eliminated(other, last, c, pivots))
                pivots.append(last[c])
            steps.append(("last", c, c, last))
        left.discard(c)
    number = {c: k for k, c in enumerate(sorted(left))}
    if rows:
        kept = core([{number[c]: v for c, v in row.items()} for row in rows], len(left))
    else:
        kept = [base.constant(1)] if len(left) == 1 else [base.constant(0)] * len(left)
    values = {c: kept[k] for c, k in number.items()}
    if not any(kept):
        return [base.constant(0)] * columns
    for kind, i, c, row in reversed(steps):
        if kind == "zero":
            values[c] = base.constant(0)
        elif kind == "pair":
            y = values[i]
            values[i], values[c] = row[c] * y, -row[i] * y
        else:
            _solve(values, c, row)
        if max_terms is not None and sum(map(len, values.values())) > max_terms:
            raise TooLong(
                f"The null vector of a block of {columns}",
                found=f"more than {max_terms} terms",
                advice="use the straight-line program, or raise max_terms",
            )
    return [values[c] for c in range(columns)]


def _without(row: Row, c: int) -> Row:
    return primitive_row({j: v for j, v in row.items() if j != c}) if c in row else row


def _merged(row: Row, i: int, j: int, pair: Row) -> Row:
    """The row in the unknown y with x_i = b y, x_j = -a y, in the place of x_i."""
    if i not in row and j not in row:
        return row
    new = {c: v for c, v in row.items() if c != i and c != j}
    if i not in row:
        value = -row[j] * pair[i]
    elif j not in row:
        value = row[i] * pair[j]
    else:
        value = row[i] * pair[j] - row[j] * pair[i]
    if value:
        new[i] = value
    return primitive_row(new)


def _last(rows: Sequence[Row]) -> tuple[int, Row, Row | None] | None:
    """An unknown that occurs in one or two rows, one to find it from, and the other."""
    where: dict[int, list[Row]] = {}
    for row in rows:
        for c in row:
            where.setdefault(c, []).append(row)
    best: tuple[tuple[int, int, int], int, Row, Row | None] | None = None
    for c, own in where.items():
        if len(own) == 1:
            return c, own[0], None
        if len(own) == 2:
            a, b = own
            if (len(b), len(b[c])) < (len(a), len(a[c])):
                a, b = b, a
            cost = (len(a.keys() | b.keys()), len(a[c]) * len(b[c]), c)
            if best is None or cost < best[0]:
                best = cost, c, a, b
    return None if best is None else best[1:]


def _eliminated(row: Row, pivot: Row, c: int, earlier: Sequence[Poly]) -> Row:
    """The row without x_c, by the pivot row; what they have in common are mostly earlier pivots."""
    a, b = pivot[c], row[c]
    new = {}
    for j, v in row.items():
        if j != c:
            new[j] = v * a
    for j, v in pivot.items():
        if j == c:
            continue
        term = v * b
        if j in new:
            total = new[j] - term
            if total:
                new[j] = total
            else:
                del new[j]
        else:
            new[j] = -term
    return primitive_row(new, earlier)


def _solve(values: dict[int, Poly], c: int, row: Row) -> None:
    """x_c from its row; the others are scaled where the division has a remainder."""
    total = None
    for j, v in row.items():
        if j != c and values[j]:
            term = v * values[j]
            total = term if total is None else total + term
    if total is None or not total:
        values[c] = row[c] - row[c]
        return
    divisor = -row[c]
    try:
        values[c] = total / divisor
    except DomainError:
        common = total.gcd(divisor)
        factor = divisor / common
        for j in values:
            values[j] = values[j] * factor
        values[c] = total / common
