r"""The low half of an exponential: e^(q + low), or e^(q + low) - 1, minus a rounded value of it.

With q = m ln(2)/64 + r, m = 64 k + j, |r| <= 0.0055, and T_j = 2^(j/64) as a sum of two numbers,

    e^q = 2^k T_j (1 + h),    h = r + r^2/2 + r^3 (1/6 + ... + r^5/8!).

m ln(2)/64 is taken off in two parts of which the first product is exact (Cody and Waite). r^2 is
carried with its rounding error; what follows is 2^-17.6 of h at most, hence off by 2^-70 of it; the
series ends at 2^-78. Sums that cancel keep their errors (Knuth's two-sum), so the difference from
the rounded value is right to 2^-69 of the exponential, and for e^q - 1 of that, also near q = 0:
16 bits more than the value has. Outside -700 < q < 709 the answer is 0.
"""

from __future__ import annotations

import math
from decimal import Context, Decimal
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

__all__ = ["COEFFICIENTS", "LEAST", "MOST", "constants", "exp_low", "exp_low_scalar"]

COEFFICIENTS = tuple(1 / math.factorial(k) for k in range(3, 9))
LEAST, MOST = -700.0, 709.0
_SPLITTER = 134217729.0  # 2^27 + 1


class Constants(NamedTuple):
    """64/ln 2, ln(2)/64 in two parts, and 2^(j/64) in two parts."""

    scale: float
    step: float
    rest: float
    high: tuple[float, ...]
    low: tuple[float, ...]


@lru_cache(maxsize=1)
def constants() -> Constants:
    """Made with 60 digits when they are first needed.

    >>> constants().high[32] == 2**0.5
    True
    """
    context = Context(prec=60)
    step = context.divide(context.ln(Decimal(2)), Decimal(64))
    # 36 bits, so that a product with a number of 17 bits is exact.
    first = math.floor(float(step) * 2.0**42) / 2.0**42
    powers = [context.power(Decimal(2), Decimal(j) / 64) for j in range(64)]
    high = [float(p) for p in powers]
    low = [float(context.subtract(p, Decimal(h))) for p, h in zip(powers, high, strict=True)]
    rest = float(context.subtract(step, Decimal(first)))
    return Constants(1 / float(step), first, rest, tuple(high), tuple(low))


def _error(x: Any, y: Any) -> Any:
    """x y - fl(x y) (Dekker)."""
    a, c = _SPLITTER * x, _SPLITTER * y
    a, c = a - (a - x), c - (c - y)
    b, d = x - a, y - c
    return ((a * c - x * y) + a * d + b * c) + b * d


def _difference(
    q: Any, low: Any, value: Any, one: float, m: Any, power: Any, high: Any, rest: Any
) -> Any:
    """The low half for q = m ln(2)/64 + r; ``power`` is 2^k, ``high + rest`` 2^(j/64)."""
    known = constants()
    left = q - m * known.step
    more = low - m * known.rest
    r = left + more
    z = r - left
    lost = (left - (r - z)) + (more - z)
    square = r * r
    half = 0.5 * square
    h = r + half
    series = COEFFICIENTS[-1]
    for c in COEFFICIENTS[-2::-1]:
        series = series * r + c
    h_low = ((r - h) + half) + (0.5 * _error(r, r) + (square * r * series + (lost + lost * r)))
    product = high * h
    total = high + product
    z = ((high - total) + product) * power
    small = (_error(high, h) + (rest + (high * h_low + rest * h))) * power
    total = total * power
    shifted = total - one
    b = shifted - total
    return ((shifted - value) + z) + (((total - (shifted - b)) - (one + b)) + small)


def exp_low(q: Any, low: Any, value: Any, one: float, out: Any = None) -> Any:
    """e^(q + low) - one - value for arrays; ``value`` is a rounded e^q - one, ``one`` 0 or 1.

    >>> exp_low(np.array([1e-20]), 0.0, np.array([0.0]), 1.0).tolist()
    [1e-20]
    """
    known = constants()
    inside = (q > LEAST) & (q < MOST)
    q = np.where(inside, q, 0.0)
    m = np.rint(q * known.scale)
    number = m.astype(np.int64)
    place = number & 63
    high, rest = np.take(known.high, place), np.take(known.low, place)
    power = np.ldexp(1.0, (number >> 6).astype(np.int32))
    found = np.where(inside, _difference(q, low, value, one, m, power, high, rest), 0.0)
    if out is None:
        return found
    out[...] = found
    return out


def exp_low_scalar(q: float, low: float, value: float, one: float) -> float:
    """The same for Python floats.

    >>> exp_low_scalar(1.0, 0.0, 2.718281828459045, 0.0)
    1.4456468805977774e-16
    """
    if not LEAST < q < MOST:
        return 0.0
    known = constants()
    m = round(q * known.scale)
    j = m & 63
    power = math.ldexp(1.0, m >> 6)
    return float(_difference(q, low, value, one, float(m), power, known.high[j], known.low[j]))
