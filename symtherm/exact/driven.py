"""Linear equations with time-dependent coefficients in balls: Taylor steps with a proved remainder.

y' = A(t) y with A(t) = A_0 + sum_k f_k(t) M_k, the f_k analytic. About t_0 the Taylor coefficients
obey (n + 1) y_{n+1} = A_0 y_n + sum_k sum_j f_{k,j} M_k y_{n-j}.

*Remainder.* Let ||A(z)||_1 <= M for |z - t_0| <= R, on which the f_k are analytic. Then y is
analytic there and, by Gronwall along a ray, ||y(z)||_1 <= ||y(t_0)||_1 e^{MR}. Cauchy's estimate
gives ||y_n||_1 <= ||y(t_0)||_1 e^{MR} R^-n, so the terms from N on add up to no more than
||y(t_0)||_1 e^{MR} q^N/(1 - q) at t_0 + h, with q = h/R < 1.

*Steps.* The number of terms for B bits is N = (B ln 2 + MR)/ln(1/q) and the work per unit of time
N^2/h, least at q = e^-2 for a given R. R is chosen among powers of two by that estimate.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, exp, log
from typing import Any

import flint
from flint import arb
from sympy import Symbol

from symtherm.errors import OutOfDomain
from symtherm.exact.jets import bound_on_disc, taylor_jet
from symtherm.exact.refine import NotYet
from symtherm.exact.semigroup import apply_sparse, assemble

__all__ = ["Driven", "evolve_driven"]

Q = exp(-2.0)
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
    """(work, R, M, N): the radius that makes a unit of time cheapest; the last step is shorter."""
    best = (float("inf"), 0.0, 0.0, 0)
    worse = 0
    for power in range(8, -40, -1):
        radius = 2.0**power
        bound = norm(radius)
        if bound * radius > 20 * bits:
            continue
        h = min(radius * Q, left)
        terms = ceil((bits * log(2) + bound * radius) / log(radius / h)) + 1
        work = terms**2 / h
        if work < best[0]:
            best, worse = (work, radius, bound, terms), 0
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
    late: Callable[[], bool] = lambda: False,
) -> list[Any]:
    """y(t_1) for y(t_0) = ``start``, both times exact rationals (fmpq), t_0 <= t_1.

    ``values`` are the balls of the time-free expressions, ``parameters`` those of the symbols.
    Raises NotYet where the balls became too wide, or ``late()`` says that time is up.
    """
    matrix = assemble(system.constant, values)
    still = _columns(matrix, system.size)
    vector, now = list(start), t0
    for _ in range(MAX_STEPS):
        if now == t1:
            return vector
        left = t1 - now
        at = arb(now)
        _, radius, bound, terms = _choose(
            lambda r, at=at: _norm_on(system, still, at, r, parameters),  # type: ignore[misc]
            flint.ctx.prec,
            float(arb(left)),
        )
        step = type(now)(int(radius * Q * 2**60), 2**60)  # an exact rational below Q R
        step = min(step, left)
        vector = _step(system, matrix, vector, at, arb(step), radius, bound, terms, parameters)
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
    bound: float,
    terms: int,
    parameters: Mapping[Any, Any],
) -> list[Any]:
    jets = [taylor_jet(expr, system.time, at, terms, parameters) for expr, _ in system.moving]
    drives = [_drive(places) for _, places in system.moving]
    history: list[dict[int, list[Any]]] = [{r: [] for r in drive} for drive in drives]
    y = start
    total, power = list(start), arb(1)
    fixed = dict(matrix)
    for n in range(terms - 1):
        new = apply_sparse(fixed, y, system.size)
        for jet, drive, past in zip(jets, drives, history, strict=True):
            for r, row in drive.items():
                moved = arb(0)
                for c, q in row:
                    moved = moved + y[c] * q
                line = past[r]
                line.append(moved)
                part = arb(0)
                for f, u in zip(jet, reversed(line), strict=False):
                    part = part + f * u
                new[r] = new[r] + part
        y = [v / (n + 1) for v in new]
        power = power * h
        total = [a + power * b for a, b in zip(total, y, strict=True)]
    length = sum((v.abs_upper() for v in start), arb(0))
    q = h / arb(radius)
    tail = length * (arb(bound) * arb(radius)).exp() * q**terms / (1 - q)
    error = arb(0, tail.abs_upper())
    return [v + error for v in total]


def _drive(places: Sequence[tuple[int, int, Any]]) -> dict[int, list[tuple[int, Any]]]:
    rows: dict[int, list[tuple[int, Any]]] = {}
    for r, c, q in places:
        factor = flint.fmpq(q.numerator, q.denominator)
        rows.setdefault(r, []).append((c, int(factor.p) if factor.q == 1 else factor))
    return rows
