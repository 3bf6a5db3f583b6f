"""Linear equations with time-dependent coefficients in balls: Taylor steps with a proved remainder.

y' = A(t) y with A(t) = A_0 + sum_k f_k(t) M_k, the f_k analytic. About t_0 the Taylor coefficients
obey (n + 1) y_{n+1} = A_0 y_n + sum_k sum_j f_{k,j} M_k y_{n-j}.

*Remainder.* Let ||A(z)||_1 <= M(r) for |z - t_0| <= r <= R, on which the f_k are analytic. Then y
is analytic there and, by Gronwall along a ray, ||y(z)||_1 <= ||y(t_0)||_1 e^G with G at least the
integral of M from 0 to R, here a sum over shells with M at the outer radius of each. Cauchy's
estimate gives ||y_n||_1 <= ||y(t_0)||_1 e^G R^-n, so the terms from N on add up to no more than
||y(t_0)||_1 e^G q^N/(1 - q) at t_0 + h, with q = h/R < 1.

*Steps.* The number of terms for B bits is N = (B ln 2 + G)/ln(1/q). A term costs nearly the same
whatever N is (below), so the work per unit of time goes as N/h, least at q = e^-1 for a given R; a
step costs something besides, and q = e^-0.8 was fastest. R is chosen among powers of two.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, exp, log
from typing import Any

import flint
from flint import arb, arb_mat
from sympy import Symbol

from symtherm.errors import OutOfDomain
from symtherm.exact.deadline import late
from symtherm.exact.jets import bound_on_disc, taylor_jet
from symtherm.exact.refine import NotYet
from symtherm.exact.semigroup import assemble, prepared

__all__ = ["Driven", "evolve_driven"]

Q = exp(-0.8)
SHELLS = 8
BLOCK = 16
LARGE = 600  # bits from which a product costs more than the sums that save it
GUARD = 40  # bits kept in the last coefficients, and some for growth
MAX_STEPS = 100_000


@dataclass(frozen=True, slots=True)
class Driven:
    """Terms without time, terms with it, the time, and the size of the vector."""

    constant: tuple[Any, ...]
    moving: tuple[Any, ...]
    time: Symbol
    size: int


def _columns(matrix: Mapping[tuple[int, int], Any], size: int) -> list[Any]:
    sums = [arb(0)] * size
    for (_, c), ball in matrix.items():
        sums[c] = sums[c] + ball.abs_upper()
    return sums


def _norm_on(
    system: Driven, still: Sequence[Any], t0: Any, radius: float, known: Mapping[Any, Any]
) -> float:
    """M for a disc; infinite where the coefficients are not analytic."""
    sums = list(still)
    for expr, places in system.moving:
        bound = bound_on_disc(expr, system.time, t0, arb(radius), known)
        if not bound.is_finite():
            return float("inf")
        for _, c, q in places:
            sums[c] = sums[c] + bound * abs(q.numerator) / q.denominator
    return max(float(s.abs_upper()) for s in sums) * (1 + 1e-12) + 1e-300


def _choose(
    norm: Callable[[float], float], bits: int, left: float
) -> tuple[float, float, float, int]:
    """(work, R, G, N): the radius that makes a unit of time cheapest; the last step is shorter."""
    best = (float("inf"), 0.0, 0.0, 0)
    worse = 0
    for power in range(8, -40, -1):
        radius = 2.0**power
        if norm(radius) * radius > 100 * bits:
            continue
        growth = sum(norm(radius * k / SHELLS) for k in range(1, SHELLS + 1)) * radius / SHELLS
        growth = growth * (1 + 1e-12)
        h = min(radius * Q, left)
        terms = ceil((bits * log(2) + growth) / log(radius / h)) + 1
        work = terms / h
        if work < best[0]:
            best, worse = (work, radius, growth, terms), 0
        else:
            worse += 1
            if worse > 3:
                break
    if not best[1]:
        raise OutOfDomain(
            "A step in time",
            found="coefficients that are not analytic near the real axis",
            advice="end the interval before the singular time, or use smooth drives",
        )
    return best


def evolve_driven(
    system: Driven,
    start: Sequence[Any],
    t0: Any,
    t1: Any,
    values: Mapping[Any, Any],
    parameters: Mapping[Any, Any],
) -> list[Any]:
    """y(t_1) for y(t_0) = ``start``, both times exact rationals (fmpq), t_0 <= t_1.

    ``values`` are the balls of the time-free expressions, ``parameters`` those of the symbols.
    Raises NotYet where the balls became too wide, or the time given is up.
    """
    matrix = assemble(prepared(system.constant), values)
    still = _columns(matrix, system.size)
    vector, now = list(start), t0
    for _ in range(MAX_STEPS):
        if now == t1:
            return vector
        left = t1 - now
        at = arb(now)
        _, radius, growth, terms = _choose(
            lambda r, at=at: _norm_on(system, still, at, r, parameters),  # type: ignore[misc]
            flint.ctx.prec,
            float(arb(left)),
        )
        step = type(now)(int(radius * Q * 2**60), 2**60)  # an exact rational below Q R
        step = min(step, left)
        vector = _step(system, matrix, vector, at, arb(step), radius, growth, terms, parameters)
        if late() or not all(v.is_finite() and v.rad() < 1 for v in vector):
            raise NotYet
        now = now + step
    raise NotYet


def _step(
    system: Driven,
    matrix: Mapping[tuple[int, int], Any],
    start: list[Any],
    at: Any,
    h: Any,
    radius: float,
    growth: float,
    terms: int,
    parameters: Mapping[Any, Any],
) -> list[Any]:
    # In units of R the coefficients of y stay of one size: products of polynomials are cheapest.
    scale = arb(radius)
    jets = [
        [c * scale for c in taylor_jet(expr, system.time, at, terms, parameters, scale)]
        for expr, _ in system.moving
    ]
    fast = {key: ball * scale for key, ball in matrix.items()}
    saved = float((arb(radius) / h).log()) / log(2)
    # Errors of early coefficients grow with the solution, by less than e^G; too few bits are seen.
    guard = GUARD + int(growth / 4)
    series = _Series(system, fast, jets, start, terms, saved, guard)
    with flint.ctx.workprec(flint.ctx.prec):
        series.solve(0, terms - 1)
    total, power = list(start), arb(1)
    for y in series.coefficients[1:]:
        power = power * (h / scale)
        total = [a + power * y[i, 0] for i, a in enumerate(total)]
    length = sum((v.abs_upper() for v in start), arb(0))
    q = h / arb(radius)
    tail = length * arb(growth).exp() * q**terms / (1 - q)
    error = arb(0, tail.abs_upper())
    return [v + error for v in total]


class _Series:
    """The Taylor coefficients, block by block.

    y_{n+1} needs the sums over j of f_{k,j} (M_k y_{n-j}). With M_k = C_k B_k and as many rows in
    B_k as the rank of M_k (that of a commutator with a d x d matrix is d^2 - d at most), these are
    C_k sum_j f_{k,j} (B_k y_{n-j}). The part j = 0 is put into the matrix A(t_0). What all earlier
    coefficients contribute to the next ``BLOCK`` of them is one product of matrices, (B_k y_i) by
    the Toeplitz matrix of f_{k,j}; inside a block the sums are taken as they are.

    y_n counts with the factor (h/R)^n in the end, so it needs ``saved`` = log2(R/h) bits less for
    every n, half of them on average. The jets of entire functions fall off faster than that: they
    are cut where the rest, times the largest |B_k y_i| so far, is below that precision, and the
    rest is added as an error. So N coefficients cost N J products of half the digits, where J is
    well below N; convolution by fast products of polynomials, O(M(N) log N), was slower up to 1000
    digits, because it needs coefficients of one size.
    """

    def __init__(
        self,
        system: Driven,
        matrix: Mapping[tuple[int, int], Any],
        jets: list[list[Any]],
        start: list[Any],
        terms: int,
        saved: float,
        guard: int,
    ) -> None:
        size, self.saved, self.guard = system.size, saved, guard
        self.bits = flint.ctx.prec
        self.dense = arb_mat(size, size)
        for (r, c), ball in matrix.items():
            self.dense[r, c] = ball
        self.drives = [_factored(places) for _, places in system.moving]
        for jet, (_, places) in zip(jets, system.moving, strict=True):
            for r, c, q in places:
                factor = flint.fmpq(q.numerator, q.denominator)
                self.dense[r, c] = self.dense[r, c] + jet[0] * factor
        self.jets = [[arb(0), *jet[1:]] for jet in jets]
        self.tails = [_tails(jet) for jet in self.jets]
        self.lines: list[list[list[Any]]] = [[[] for _ in rows] for rows, _ in self.drives]
        self.pending = [[[arb(0)] * len(rows) for rows, _ in self.drives] for _ in range(terms)]
        self.coefficients = [arb_mat(size, 1, start)]
        self.largest = arb(0)

    def solve(self, first: int, last: int) -> None:
        """The coefficients first + 1 ... last, all before them being known."""
        for start in range(first, last, BLOCK):
            if late():
                raise NotYet
            stop = min(start + BLOCK, last)
            self._round(start)
            if start:
                for k in range(len(self.jets)):
                    self._add(k, start, stop)
            for n in range(start, stop):
                self._next(n, start)

    def _add(self, k: int, start: int, stop: int) -> None:
        """What earlier coefficients contribute to a block of indices, to the precision there."""
        jet, tails, lines = self.jets[k], self.tails[k], self.lines[k]
        known = self.largest * arb(2) ** flint.ctx.prec
        used = next((j for j, t in enumerate(tails[: start + 1]) if t * known < 1), start)
        used = min(used, start)
        width = stop - start
        if used:
            product = _halved if flint.ctx.prec > LARGE and width == BLOCK else _straight
            found = product(jet, [line[start - used :] for line in lines], used, width)
        error = arb(0, (self.largest * tails[used + 1]).abs_upper()) if used < start else arb(0)
        for w in range(width):
            self.pending[start + w][k] = [
                found[i, w] + error if used else error for i in range(len(lines))
            ]

    def _round(self, n: int) -> None:
        flint.ctx.prec = max(self.bits - int(n * self.saved), 0) + self.guard

    def _next(self, n: int, first: int) -> None:
        self._round(n)
        y = self.coefficients[n]
        new = self.dense * y
        now = y.entries()
        for jet, (rows, columns), lines, sums in zip(
            self.jets, self.drives, self.lines, self.pending[n], strict=True
        ):
            for k, (row, line) in enumerate(zip(rows, lines, strict=True)):
                total = sums[k]
                for i in range(first, n):
                    total = total + jet[n - i] * line[i]
                sums[k] = total
                moved = _times(row, now)
                line.append(moved)
                self.largest = max(self.largest, moved.abs_upper())
            for r, places in columns:
                new[r, 0] = new[r, 0] + _times(places, sums)
        self.coefficients.append(new / (n + 1))


def _straight(jet: list[Any], lines: list[list[Any]], used: int, width: int) -> Any:
    """sum over j = 1 ... ``used`` of f_{j+w} v_{-j} for w < width; a line ends with v_{-1}."""
    moved = [v for line in lines for v in line]
    toeplitz = [jet[used - j + w] for j in range(used) for w in range(width)]
    return arb_mat(len(lines), used, moved) * arb_mat(used, width, toeplitz)


def _halved(jet: list[Any], lines: list[list[Any]], used: int, width: int) -> Any:
    """The same with three products for four, where a product costs more than a sum.

    Cut into pieces of h = width/2, v_b holding the v_{-j} of j = 1 + b h + i and F_c the f of index
    1 + c h + i + w, the halves of the result are sums over b of F_b v_b and of F_{b+1} v_b. For
    b = 2p and 2p + 1 both contain F_{2p+1} (v_{2p} + v_{2p+1}); what remains is
    (F_{2p} - F_{2p+1}) v_{2p} and (F_{2p+2} - F_{2p+1}) v_{2p+1}. Nothing is lost: the f_j of one
    piece and the next enter sums with the larger of them anyway.
    """
    half, zero = width // 2, arb(0)
    count = -(-used // width)
    whole = count * width
    pad = [zero] * (whole - used)
    backward = [[*line[::-1], *pad] for line in lines]  # v_{-1} first
    even, odd = (
        arb_mat(
            len(lines),
            count * half,
            [v for b in backward for p in range(s, whole, width) for v in b[p : p + half]],
        )
        for s in (0, half)
    )
    f = [jet[j] if j < len(jet) else zero for j in range(whole + width + 1)]

    def pieces(c: int) -> Any:
        return arb_mat(
            count * half,
            half,
            [
                f[1 + p + c * half + i + w]
                for p in range(0, whole, width)
                for i in range(half)
                for w in range(half)
            ],
        )

    middle = pieces(1)
    both = (even + odd) * middle
    first = both + even * (pieces(0) - middle)
    second = both + odd * (pieces(2) - middle)
    rows = zip(first.tolist(), second.tolist(), strict=True)
    return arb_mat([[*a, *b] for a, b in rows])


def _tails(jet: list[Any]) -> list[Any]:
    """sum over i >= j of |f_i|, for every j: what is lost where the jet is cut."""
    total, found = arb(0), [arb(0)]
    for value in reversed(jet):
        total = (total + value.abs_upper()).abs_upper()
        found.append(total)
    return found[::-1]


Row = list[tuple[int, Any]]


def _factored(places: Sequence[tuple[int, int, Any]]) -> tuple[list[Row], list[tuple[int, Row]]]:
    """M = C B as the rows of B, which are rows of M, and of C: most hold a single 1."""
    rows = sorted({r for r, _, _ in places})
    columns = sorted({c for _, c, _ in places})
    turned = flint.fmpq_mat(len(columns), len(rows))
    for r, c, q in places:
        turned[columns.index(c), rows.index(r)] += flint.fmpq(q.numerator, q.denominator)
    reduced, rank = turned.rref()  # of the transpose: its pivots are rows of M that span all
    found = reduced.table()[:rank]
    pivots = [next(i for i, v in enumerate(line) if v != 0) for line in found]
    right = [
        [(c, _number(turned[j, p])) for j, c in enumerate(columns) if turned[j, p] != 0]
        for p in pivots
    ]
    left = [
        (r, [(k, _number(line[i])) for k, line in enumerate(found) if line[i] != 0])
        for i, r in enumerate(rows)
    ]
    return right, left


def _number(value: Any) -> Any:
    return int(value.p) if value.q == 1 else value


def _times(row: Row, values: Any) -> Any:
    """The product of a sparse row of rationals with a vector."""
    total = None
    for k, q in row:
        part = values[k] if q == 1 else values[k] * q
        total = part if total is None else total + part
    return arb(0) if total is None else total
