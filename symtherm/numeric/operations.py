"""What the instructions of a tape do to arrays and to Python floats, and how they read."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from symtherm.numeric.halves import exp_low, exp_low_scalar

__all__ = ["OPERATIONS", "SPLITTER", "Operation"]


def _log1pexp(x: float) -> float:
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


SPLITTER = 134217729.0  # 2^27 + 1
_MASK = np.int64(-(1 << 27))  # clears the 27 low bits of the significand


def _high(x: float) -> float:
    """x to 26 bits (Veltkamp)."""
    scaled = SPLITTER * x
    return scaled - (scaled - x)


def _high_array(x: Any, out: Any = None) -> Any:
    """x to 26 bits, by truncation: one pass, no overflow."""
    bits = np.asarray(x, dtype=np.float64).view(np.int64)
    if out is None:
        return np.bitwise_and(bits, _MASK).view(np.float64)
    np.bitwise_and(bits, _MASK, out=out.view(np.int64))
    return out


def _mulerr(x: Any, y: Any, out: Any = None, high: Any = _high_array) -> Any:
    """x y - fl(x y) but for underflow (Dekker): the slow twin of a fused multiply-add."""
    a, c = high(x), high(y)
    b, d = x - a, y - c
    error = ((a * c - x * y) + a * d + b * c) + b * d
    if out is not None:
        out[...] = error
        return out
    return error


def _residual(a: Any, q: Any, b: Any, out: Any = None, high: Any = _high_array) -> Any:
    """a - q b for q b near a, as a fused multiply-add gives it (:mod:`numeric.expanded`)."""
    q_high, b_high = high(q), high(b)
    q_low, b_low = q - q_high, b - b_high
    rest = (((a - q_high * b_high) - q_high * b_low) - q_low * b_high) - q_low * b_low
    if out is not None:
        out[...] = rest
        return out
    return rest


def _residual_scalar(a: float, q: float, b: float) -> float:
    return float(_residual(a, q, b, high=_high))


def _inside(*xs: Any, out: Any = None) -> Any:
    return np.multiply(0.0, np.sqrt(np.minimum.reduce(np.broadcast_arrays(*xs))), out=out)


def _larger(x: Any, y: Any, out: Any = None) -> Any:
    return np.maximum(x, y, out=out)


def _smaller(x: Any, y: Any, out: Any = None) -> Any:
    return np.minimum(x, y, out=out)


def _mulerr_scalar(x: float, y: float) -> float:
    return float(_mulerr(x, y, high=_high))


def _exp_low(x: Any, low: Any, value: Any, out: Any = None) -> Any:
    return exp_low(x, low, value, 0.0, out)


def _expm1_low(x: Any, low: Any, value: Any, out: Any = None) -> Any:
    return exp_low(x, low, value, 1.0, out)


def _pick(x: Any, y: Any, a: Any, b: Any, out: Any = None) -> Any:
    found = np.where(np.greater_equal(x, y), a, b)
    if out is None:
        return found
    out[...] = found
    return out


class Operation(NamedTuple):
    """What an instruction does to arrays and to Python floats, and how it reads."""

    array: Any
    scalar: Callable[..., float]
    text: str


def _softplus(x: Any, out: Any = None) -> Any:
    return np.logaddexp(0.0, x, out=out)


OPERATIONS: dict[str, Operation] = {
    "add": Operation(np.add, operator.add, "{} + {}"),
    "sub": Operation(np.subtract, operator.sub, "{} - {}"),
    "mul": Operation(np.multiply, operator.mul, "{} * {}"),
    "div": Operation(np.divide, operator.truediv, "{} / {}"),
    "pow": Operation(np.power, math.pow, "{} ** {}"),
    "max": Operation(_larger, max, "maximum({}, {})"),
    "min": Operation(_smaller, min, "minimum({}, {})"),
    "copysign": Operation(np.copysign, math.copysign, "copysign({}, {})"),
    # The rounding error of a product, a - q b near 0, and the high half of a number, of which the
    # other two are made where there is no fused multiply-add.
    "mulerr": Operation(_mulerr, _mulerr_scalar, "mulerr({}, {})"),
    "residual": Operation(_residual, _residual_scalar, "residual({}, {}, {})"),
    "high": Operation(_high_array, _high, "high({})"),
    # 0 where all operands are nonnegative, otherwise nan.
    "inside": Operation(_inside, lambda *xs: 0.0 * math.sqrt(min(xs)), "inside({}, ...)"),
    # The low halves of exponentials, of exp(x + low) and of that less 1; a if x >= y, otherwise b.
    "exp_low": Operation(
        _exp_low, lambda x, low, v: exp_low_scalar(x, low, v, 0.0), "exp_low({}, {}, {})"
    ),
    "expm1_low": Operation(
        _expm1_low, lambda x, low, v: exp_low_scalar(x, low, v, 1.0), "expm1_low({}, {}, {})"
    ),
    "pick": Operation(_pick, lambda x, y, a, b: a if x >= y else b, "{2} if {0} >= {1} else {3}"),
    "neg": Operation(np.negative, operator.neg, "-{}"),
    "abs": Operation(np.abs, abs, "abs({})"),
    "sqrt": Operation(np.sqrt, math.sqrt, "sqrt({})"),
    "exp": Operation(np.exp, math.exp, "exp({})"),
    "expm1": Operation(np.expm1, math.expm1, "expm1({})"),
    "log": Operation(np.log, math.log, "log({})"),
    "log1p": Operation(np.log1p, math.log1p, "log1p({})"),
    "log1pexp": Operation(_softplus, _log1pexp, "logaddexp(0, {})"),
    "tanh": Operation(np.tanh, math.tanh, "tanh({})"),
    "cosh": Operation(np.cosh, math.cosh, "cosh({})"),
    "sinh": Operation(np.sinh, math.sinh, "sinh({})"),
    "atanh": Operation(np.arctanh, math.atanh, "arctanh({})"),
    "acosh": Operation(np.arccosh, math.acosh, "arccosh({})"),
    "asinh": Operation(np.arcsinh, math.asinh, "arcsinh({})"),
    "sin": Operation(np.sin, math.sin, "sin({})"),
    "cos": Operation(np.cos, math.cos, "cos({})"),
}
