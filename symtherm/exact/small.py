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
from symtherm.exact.fraction import Poly
from symtherm.exact.matrix import SparseMatrix
from symtherm.exact.sites import correlator_rows, populations_of, site_rates

__all__ = ["null_vector_without_gcd", "small_null_vector"]

# A pivot of more terms may hold common factors that are better taken out.
MAX_TERMS = 50

Row = dict[int, Poly]
# None for zero.
Vector = list[Poly | None]
Step = tuple[int, int, Poly, Poly, Row]
Core = Callable[[list[Row], int], list[Poly]]


def small_null_vector(matrix: SparseMatrix, redundant: Sequence[int], core: Core) -> Vector | None:
    """A null vector without common factor of a matrix whose ``redundant`` rows sum to zero.

    ``core`` gives the cofactors of rows that no rule fits. None where the rules come to no
    decision: a lower rank, columns or rows of zeros.

    >>> from symtherm.exact.fraction import Fraction, ring
    >>> R = ring(2)
    >>> up, down = (Fraction.of(R, g) for g in R.gens())
    >>> M = SparseMatrix(R, 2, {(0, 0): -up, (1, 0): up, (0, 1): down, (1, 1): -down})
    >>> [str(p) for p in small_null_vector(M, (0, 1), lambda rows, n: [])]
    ['g1', 'g0']
    """
    n = matrix.size
    rows: list[Row] = [{} for _ in range(n)]
    quotients: dict[int, Row] = {}
    for (r, c), v in matrix.entries.items():
        rows[r][c] = v.num
        den = v.den
        if not den.is_one():
            if r in quotients:
                quotients[r][c] = den
            else:
                quotients[r] = {c: den}
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
    if sites is not None:
        values = null_vector_without_gcd(correlator_rows(rows, *sites), n, core)
        return None if values is None else populations_of(values, *sites)
    # Drop the longest of the redundant rows.
    drop = most = -1
    for r in redundant:
        length = 0
        for p in rows[r].values():
            length += len(p)
        if length >= most:
            drop, most = r, length
    del rows[drop]
    return null_vector_without_gcd(rows, n, core)


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
                if own[c] != common:
                    row[c] = v * (common / own[c])
            elif before is not None and -v == before:
                row[c] = -scaled
            else:
                before, scaled = v, v * common
                row[c] = scaled


def null_vector_without_gcd(rows: list[Row], columns: int, core: Core) -> Vector | None:
    """A null vector without common factor of ``columns - 1`` rows, which are used up.

    None where the rules come to no decision; see :func:`small_null_vector`.

    >>> from symtherm.exact.fraction import ring
    >>> a, b, c = ring(3).gens()
    >>> v = null_vector_without_gcd([{0: a, 1: -b}, {1: b, 2: -c}], 3, lambda rows, n: [])
    >>> [str(p) for p in v]
    ['-g1*g2', '-g0*g2', '-g0*g1']
    """
    values: Vector = [None] * columns
    # (c, i, a, b, {}): x_i = b y, x_c = -a y with y kept as x_i. (c, c, a, a, row): x_c from a row.
    steps: list[Step] = []
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
            steps.append((c, c, a, a, row))
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
        steps.append((c, i, a, b, {}))
    for step in reversed(steps[leading:]):
        _undo(values, *step)
    values = primitive_vector(values)
    for step in reversed(steps[:leading]):
        _undo(values, *step)
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
    where: dict[int, list[Row]] = {}
    for row in rows:
        for c in row:
            if c in where:
                where[c].append(row)
            else:
                where[c] = [row]
    if len(where) < left:
        return None
    best, least = None, 0
    for c, own in where.items():
        if len(own) == 1:
            return c, own[0], None
        if len(own) == 2:
            p, q = own
            cost = len(p[c]) * len(q[c])
            if best is None or cost < least:
                least, best = cost, (c, p, q)
                if cost == 1:
                    break
    return best


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
    if not _equal_up_to_sign(e, f):
        # A cyclic order of the unknowns, and of the rows, in which they are, if there is one.
        if _equal_up_to_sign(d, e):
            i, j, k, a, b, c, d, e, f = k, i, j, c, a, b, f, d, e
        elif _equal_up_to_sign(f, d):
            i, j, k, a, b, c, d, e, f = j, k, i, b, c, a, e, f, d
        elif _equal_up_to_sign(b, c):
            a, b, c, d, e, f = d, e, f, a, b, c
        elif _equal_up_to_sign(a, b):
            i, j, k, a, b, c, d, e, f = k, i, j, f, d, e, c, a, b
        elif _equal_up_to_sign(c, a):
            i, j, k, a, b, c, d, e, f = j, k, i, e, f, d, b, c, a
    t = a * e
    if e == f:
        x, y, z = (b - c) * e, c * d - t, t - b * d
    elif -e == f:
        x, y, z = (b + c) * f, c * d + t, t - b * d
    else:
        x, y, z = b * f - c * e, c * d - a * f, t - b * d
    values[i], values[j], values[k] = x or None, y or None, z or None
    return bool(x) or bool(y) or bool(z)


def _equal_up_to_sign(p: Poly, q: Poly) -> bool:
    return len(p) == len(q) and (p == q or -p == q)


def _undo(values: Vector, c: int, i: int, a: Poly, b: Poly, row: Row) -> None:
    """x_c (and x_i) from a step of the elimination."""
    if i != c:
        y = values[i]
        if y is not None:
            values[i], values[c] = b * y, -(a * y)
        return
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
