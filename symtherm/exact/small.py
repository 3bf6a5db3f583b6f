"""Null vectors of small blocks: few polynomial operations, and no gcd before the last.

A product of small polynomials takes less than a microsecond, so that in a block of a few rows what
is done besides counts as much. The rules are those of ``reduction``; here no common factor is taken
out on the way. For n - 1 rows M of rank n - 1 let v be the vector of cofactors, M v = 0.

* A row a x_i + b x_c = 0 says x_i = b y, x_c = -a y (a and b without common factor) for a new
  unknown y; the cofactors of what is left are v with v_i / b in the place of v_i and v_c.
* An unknown x_c that two rows p and q hold alone is eliminated by q' = p_c q - q_c p. Expanding the
  cofactors along column c shows that those of the rows that are left are part of v, up to one
  common sign; so x_c = -(sum of p_j x_j)/p_c is an exact division.
* An unknown that one row holds alone is what this row makes of the others, which are scaled where
  it does not divide.
* Of two rows in three unknowns the vector is the cross product.

So no entry exceeds a minor of M. A coherence couples to the difference of two populations,
x_c (p - p'): where two entries are equal up to sign, products are shared.

The vector is freed of its common factor once, before the rows of two entries that came first are
undone, since (b y, -a y) has the content of y.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flint.utils.flint_exceptions import DomainError

from symtherm.exact.content import primitive_vector
from symtherm.exact.fraction import Fraction, Poly
from symtherm.exact.matrix import SparseMatrix
from symtherm.exact.sites import correlator_rows, populations_of, site_rates

__all__ = ["null_vector_without_gcd", "small_kernel"]

# A pivot of more terms may hold common factors that are better taken out.
MAX_TERMS = 50

Row = dict[int, Poly]
# None for zero.
Vector = list[Poly | None]
Step = tuple[int, Row | None, Poly, int, Poly]
Core = Callable[[list[Row], int], list[Poly]]


def small_kernel(
    matrix: SparseMatrix, redundant: Sequence[int], core: Core
) -> dict[int, Fraction] | None:
    """A null vector without common factor of a matrix whose ``redundant`` rows sum to zero.

    ``core`` gives the cofactors of rows that no rule fits. None where the rules come to no
    decision: a lower rank, columns or rows of zeros.

    >>> from symtherm.exact.fraction import ring
    >>> R = ring(2)
    >>> up, down = (Fraction.of(R, g) for g in R.gens())
    >>> M = SparseMatrix(R, 2, {(0, 0): -up, (1, 0): up, (0, 1): down, (1, 1): -down})
    >>> small_kernel(M, (0, 1), lambda rows, n: [])
    {0: (g1)/(1), 1: (g0)/(1)}
    """
    n = matrix.size
    base = matrix.base
    one = base.constant(1)
    rows: list[Row] = [{} for _ in range(n)]
    quotients: dict[int, Row] = {}
    for (r, c), v in matrix.entries.items():
        rows[r][c] = v.num
        if v.den != one:
            if r in quotients:
                quotients[r][c] = v.den
            else:
                quotients[r] = {c: v.den}
    sites = None
    count = len(redundant)
    # The equations of the populations of sites are added up, so they need one denominator.
    if (
        count > 3
        and not count & (count - 1)
        and list(redundant) == list(range(count))
        and (not quotients or min(quotients) >= count)
    ):
        sites = site_rates(rows, count)
    if quotients:
        _clear(rows, quotients)
    if sites is None:
        # Drop the longest of the redundant rows.
        drop = most = -1
        for r in redundant:
            length = 0
            for p in rows[r].values():
                length += len(p)
            if length >= most:
                drop, most = r, length
        del rows[drop]
        values = null_vector_without_gcd(rows, n, core)
    else:
        values = null_vector_without_gcd(correlator_rows(rows, *sites), n, core)
        if values is not None:
            values = populations_of(values, *sites)
    if values is None:
        return None
    return {j: Fraction(base, p, one) for j, p in enumerate(values) if p}


def _clear(rows: list[Row], quotients: dict[int, Row]) -> None:
    """Multiplies rows by the common denominator of their entries."""
    done: Poly = None
    before: Poly = None
    scaled: Poly = None
    for r, own in quotients.items():
        common: Poly = None
        for den in own.values():
            if common is None:
                common = den
            elif common != den:
                common = common / common.gcd(den) * den
        if common != done:
            done, before = common, None
        row = rows[r]
        for c, v in row.items():
            if c in own:
                if own[c] is not common and own[c] != common:
                    row[c] = v * (common / own[c])
            elif before is not None and -v == before:
                row[c] = -scaled
            else:
                before, scaled = v, v * common
                row[c] = scaled


def null_vector_without_gcd(rows: list[Row], columns: int, core: Core) -> Vector | None:
    """A null vector without common factor of ``columns - 1`` rows, which are used up.

    None where the rules come to no decision; see :func:`small_kernel`.

    >>> from symtherm.exact.fraction import ring
    >>> a, b, c = ring(3).gens()
    >>> v = null_vector_without_gcd([{0: a, 1: -b}, {1: b, 2: -c}], 3, lambda rows, n: [])
    >>> [str(p) for p in v]
    ['-g1*g2', '-g0*g2', '-g0*g1']
    """
    values: Vector = [None] * columns
    # (c, row, a, c, a): a x_c + row = 0. (c, None, a, i, b): x_i = b y, x_c = -a y.
    steps: list[Step] = []
    # The rows of two entries that come first.
    leading = 0
    left = columns
    while True:
        for row in rows:
            if len(row) < 3:
                break
        else:
            if left == 3:
                if not _cross(rows[0], rows[1], values):
                    return None
                break
            found = _rare(rows, left)
            if found is None:
                if not _of_core(rows, left, core, values):
                    return None
                break
            c, row, other = found
            rows = [r for r in rows if r is not row]
            a = row.pop(c)
            if len(a) > MAX_TERMS:
                return None
            if other is not None:
                _eliminate(other, c, row, a)
            steps.append((c, row, a, c, a))
            left -= 1
            continue
        if len(row) < 2:
            return None
        (i, a), (c, b) = row.items()
        if len(a) > MAX_TERMS or len(b) > MAX_TERMS:
            return None
        common = a.gcd(b)
        if not common.is_one():
            a, b = a / common, b / common
        left -= 1
        if left == 1:
            values[i], values[c] = b, -a
            break
        rows = [r for r in rows if r is not row]
        _merge(rows, i, a, c, b)
        if leading == len(steps):
            leading += 1
        steps.append((c, None, a, i, b))
    for c, done, a, i, b in reversed(steps[leading:]):
        if done is None:
            _part(values, i, a, c, b)
        else:
            _solve(values, c, done, a)
    values = primitive_vector(values)
    for c, _, a, i, b in reversed(steps[:leading]):
        _part(values, i, a, c, b)
    return values


def _merge(rows: list[Row], i: int, a: Poly, c: int, b: Poly) -> None:
    """Puts x_i = b y, x_c = -a y into the rows, y in the place of x_i."""
    before: Poly = None
    product: Poly = None
    for row in rows:
        if c in row:
            v = row.pop(c)
            if i not in row:
                if before is not None and -v == before:
                    row[i] = product
                else:
                    before, product = v, v * a
                    row[i] = -product
                continue
            # Real and imaginary part of a coherence turn into one another and decay alike.
            u = row[i]
            new = (-(b**2) if -u == b else u * b) - (a**2 if v == a else v * a)
            if new:
                row[i] = new
            else:
                del row[i]
        elif i in row:
            row[i] = row[i] * b


def _rare(rows: list[Row], left: int) -> tuple[int, Row, Row | None] | None:
    """An unknown that one or two rows hold, the row to find it from, and the other one.

    None when there is no such unknown, or one that no row holds.
    """
    first: dict[int, Row] = {}
    second: dict[int, Row] = {}
    more: set[int] = set()
    for row in rows:
        for c in row:
            if c not in first:
                first[c] = row
            elif c not in second:
                second[c] = row
            else:
                more.add(c)
    if len(first) < left:
        return None
    if len(second) < left:
        for c, row in first.items():
            if c not in second:
                return c, row, None
    best, least = None, 0
    for c, row in second.items():
        if c not in more:
            cost = len(row[c]) * len(first[c][c])
            if best is None or cost < least:
                best, least = c, cost
                if cost == 1:
                    break
    return None if best is None else (best, first[best], second[best])


def _eliminate(row: Row, c: int, pivot: Row, a: Poly) -> None:
    """Takes x_c out of a row by the pivot row, a x_c + pivot = 0."""
    b = row.pop(c)
    zeros = []
    for j, v in row.items():
        if j not in pivot:
            row[j] = v * a
            continue
        w = pivot[j]
        if -v == w:
            new = v * (a + b)
        elif v == w:
            new = v * (a - b)
        else:
            new = v * a - w * b
        row[j] = new
        if not new:
            zeros.append(j)
    for j, w in pivot.items():
        if j not in row:
            row[j] = -(w * b)
    for j in zeros:
        del row[j]


def _of_core(rows: list[Row], left: int, core: Core, values: Vector) -> bool:
    """The cofactors of rows that no rule fits; False where they are zero."""
    columns = sorted({c for row in rows for c in row})
    if len(columns) < left:
        return False
    number = {c: k for k, c in enumerate(columns)}
    found = core([{number[c]: v for c, v in row.items()} for row in rows], left)
    for c, v in zip(columns, found, strict=True):
        values[c] = v or None
    return any(found)


def _cross(p: Row, q: Row, values: Vector) -> bool:
    """The cross product of two rows in three unknowns; False where it is zero.

    All entries are there: shorter rows were taken by the rules before.
    """
    i, j, k = p
    a, b, c = p[i], p[j], p[k]
    d, e, f = q[i], q[j], q[k]
    # A cyclic order of the unknowns, and one of the rows, in which e and f agree up to sign.
    sign = _sign(e, f)
    if not sign:
        if sign := _sign(d, e):
            i, j, k, a, b, c, d, e, f = k, i, j, c, a, b, f, d, e
        elif sign := _sign(f, d):
            i, j, k, a, b, c, d, e, f = j, k, i, b, c, a, e, f, d
        elif sign := _sign(b, c):
            a, b, c, d, e, f = d, e, f, a, b, c
        elif sign := _sign(a, b):
            i, j, k, a, b, c, d, e, f = k, i, j, f, d, e, c, a, b
        elif sign := _sign(c, a):
            i, j, k, a, b, c, d, e, f = j, k, i, e, f, d, b, c, a
    t = a * e
    if sign < 0:
        x, y, z = (b + c) * f, c * d + t, t - b * d
    elif sign:
        x, y, z = (b - c) * e, c * d - t, t - b * d
    else:
        x, y, z = b * f - c * e, c * d - a * f, t - b * d
    values[i], values[j], values[k] = x or None, y or None, z or None
    return bool(x) or bool(y) or bool(z)


def _sign(p: Poly, q: Poly) -> int:
    """1 where p = q, -1 where p = -q, 0 otherwise."""
    if len(p) != len(q):
        return 0
    return -1 if -p == q else int(p == q)


def _solve(values: Vector, c: int, row: Row, a: Poly) -> None:
    """x_c from a x_c + row = 0; the others are scaled where the division has a remainder."""
    total: Poly = None
    for j, v in row.items():
        x = values[j]
        if x is not None:
            total = v * x if total is None else total + v * x
    if not total:
        return
    try:
        values[c] = total / -a
    except DomainError:
        common = total.gcd(a)
        factor = a / common
        for j, x in enumerate(values):
            if x is not None:
                values[j] = x * factor
        values[c] = -total / common


def _part(values: Vector, i: int, a: Poly, c: int, b: Poly) -> None:
    """x_i = b y, x_c = -a y, with y in the place of x_i."""
    y = values[i]
    if y is not None:
        values[i], values[c] = b * y, -a * y
