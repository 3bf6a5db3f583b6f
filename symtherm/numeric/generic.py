"""A tape on any arrays of the array API: NumPy, PyTorch, JAX, CuPy and their kin, unchanged.

The function runs the instructions in order with the operators and functions that the array API
standard (2023.12) gives every library, so it is differentiable where the arrays are, traceable by
``jax.jit``, and runs where the arrays live.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

import numpy as np

from symtherm.errors import OutsideClosedForm
from symtherm.numeric.tape import Instruction

__all__ = ["namespace", "run_generic"]


def namespace(values: Sequence[Any]) -> Any | None:
    """The array namespace of the arguments: ``__array_namespace__``, or torch; None for numbers.

    >>> import numpy
    >>> namespace([1.0, numpy.zeros(2)]).__name__
    'numpy'
    """
    for value in values:
        found = getattr(value, "__array_namespace__", None)
        if found is not None:
            return found()
        if type(value).__module__.partition(".")[0] == "torch":
            # By name: torch is no dependency, and is there when its tensors are.
            return import_module("torch")
    return None


_UNARY = {
    "abs": "abs", "sqrt": "sqrt", "exp": "exp", "expm1": "expm1", "log": "log", "log1p": "log1p",
    "tanh": "tanh", "cosh": "cosh", "sinh": "sinh", "atanh": "atanh", "acosh": "acosh",
    "asinh": "asinh", "sin": "sin", "cos": "cos",
}  # fmt: skip


def run_generic(
    program: Sequence[Instruction], outputs: Sequence[int], xp: Any, values: Sequence[Any]
) -> list[Any]:
    """The outputs of a program without ``mulerr`` for arrays of the namespace ``xp``, and numbers.

    >>> import numpy as np
    >>> code = [Instruction("add", (0, 1))]
    >>> run_generic(code, [2], np, [1.0, np.ones(2)])[0].tolist()
    [2.0, 2.0]
    """
    like = next(v for v in values if hasattr(v, "dtype"))
    slots: list[Any] = [v if hasattr(v, "dtype") else _filled(xp, like, v) for v in values]
    for op, args, value in program:
        slots.append(_filled(xp, like, value) if op == "const" else _step(xp, op, slots, args))
    # A value that does not depend on all parameters has the broadcast shape all the same.
    shape = np.broadcast_shapes(*(tuple(value.shape) for value in slots[: len(values)]))
    return [xp.broadcast_to(slots[i], shape) for i in outputs]


def _filled(xp: Any, like: Any, value: float) -> Any:
    return xp.full_like(like[(0,) * like.ndim] if like.ndim else like, float(value))


def _step(xp: Any, op: str, slots: list[Any], args: tuple[int, ...]) -> Any:
    x = slots[args[0]]
    if len(args) == 1:
        if op == "neg":
            return -x
        if op == "log1pexp":
            return xp.logaddexp(xp.zeros_like(x), x)
        function: Callable[..., Any] | None = getattr(xp, _UNARY.get(op, op), None)
        if function is None:
            raise OutsideClosedForm(f"{op} in {xp.__name__}", found="no such function")
        return function(x)
    y = slots[args[1]]
    if op == "add":
        return x + y
    if op == "sub":
        return x - y
    if op == "mul":
        return x * y
    if op == "div":
        return x / y
    if op == "pow":
        return x**y
    name = {"max": "maximum", "min": "minimum"}.get(op, op)
    return getattr(xp, name)(x, y)
