"""Arguments of an evaluator: names to values, values to float64 arrays, errors by name."""

from __future__ import annotations

import math
import re
from collections import namedtuple
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import count
from keyword import iskeyword
from typing import Any

import numpy as np

from symtherm.errors import (
    BadExpression,
    DimensionMismatch,
    OutOfDomain,
    UnknownSymbol,
    kind_of,
)

__all__ = ["as_arrays", "bound", "fresh", "require_domain", "require_numbers", "row_type"]


def bound(names: tuple[str, ...], args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[Any]:
    """The values in the order of ``names``; raises UnknownSymbol.

    >>> bound(("x", "y"), (1,), {"y": 2})
    [1, 2]
    """
    # The usual call, all keywords, costs one lookup per parameter.
    if not args and len(kwargs) == len(names):
        try:
            return [kwargs[name] for name in names]
        except KeyError:
            pass
    if len(args) > len(names):
        raise UnknownSymbol(
            f"a function of {len(names)} parameters",
            found=f"{len(args)} positional arguments",
            advice="parameters in order: " + ", ".join(names),
        )
    found = dict(zip(names, args, strict=False))
    for name, value in kwargs.items():
        if name not in names or name in found:
            raise UnknownSymbol(
                f"the parameter {name}",
                found="given twice" if name in found else "not a parameter of this function",
                advice="parameters: " + ", ".join(names),
            )
        found[name] = value
    for name in names:
        if name not in found:
            raise UnknownSymbol(
                f"a value of the parameter {name}",
                found="none",
                advice="parameters: " + ", ".join(names),
            )
    return [found[name] for name in names]


def as_arrays(names: tuple[str, ...], values: list[Any]) -> list[Any]:
    """Float64 arrays that broadcast; raises BadExpression and DimensionMismatch.

    >>> as_arrays(("x",), ["1/2"])[0].item()
    0.5
    """
    arrays = []
    for name, value in zip(names, values, strict=True):
        try:
            exact = Fraction(value) if isinstance(value, str) else value
            arrays.append(np.asarray(exact, dtype=np.float64))
        except (TypeError, ValueError, ZeroDivisionError):
            exact = None
        if exact is None:
            raise BadExpression(
                f"The value of {name}",
                found=kind_of(value),
                advice="give a real number or an array of them",
            )
    try:
        np.broadcast_shapes(*(array.shape for array in arrays))
    except ValueError:
        shapes = zip(names, arrays, strict=True)
        raise DimensionMismatch(
            "Values that broadcast to one shape",
            found=", ".join(f"{name} of shape {a.shape}" for name, a in shapes if a.ndim),
            advice="give arrays of one shape, or add axes with [:, None]",
        ) from None
    return arrays


HUGE = 1 << 18  # doubles in a page of 2 MiB


def fresh(shape: tuple[int, ...]) -> Any:
    """A new array; from 6 MiB on it begins at a page of 2 MiB and has its last one to itself.

    NumPy asks for such pages. What begins between two of them is written to through hundreds of
    small ones first, for each of which the system stops the program.

    >>> fresh((2, 3)).shape, fresh((1000, 1000)).ctypes.data % 2**21
    ((2, 3), 0)
    """
    size = math.prod(shape)
    if size < 3 * HUGE:
        return np.empty(shape)
    whole = np.empty((-(-size // HUGE) + 1) * HUGE)
    start = -(whole.ctypes.data // 8) % HUGE
    return whole[start : start + size].reshape(shape)


@lru_cache(maxsize=256)
def row_type(keys: tuple[str, ...]) -> Any:
    """The named tuple of an evaluator's outputs; what is no identifier in a key becomes _.

    >>> row_type(("heat[h]", "power", "population[0]", "population[+]", "population[-]"))._fields
    ('heat_h', 'power', 'population_0', 'population', 'population_2')
    """
    fields: list[str] = []
    for key in keys:
        field = re.sub(r"\W+", "_", key).strip("_")
        if not field.isidentifier() or iskeyword(field):
            field = f"value_{field}".rstrip("_")
        tried = (field if n == 1 else f"{field}_{n}" for n in count(1))
        fields.append(next(name for name in tried if name not in fields))
    base: Any = namedtuple("Quantities", fields)  # type: ignore[misc]
    # Pickles by its keys: the class is made anew where it arrives.
    members = {"__slots__": (), "__reduce__": lambda row: (_row, (keys, tuple(row)))}
    return type("Quantities", (base,), members)


def _row(keys: tuple[str, ...], values: tuple[Any, ...]) -> Any:
    return row_type(keys)(*values)


def require_domain(names: tuple[str, ...], positive: tuple[int, ...], values: list[Any]) -> None:
    """Raises OutOfDomain for a negative value of a parameter that was declared positive.

    >>> require_domain(("T",), (0,), [2.0])
    """
    for k in positive:
        array = np.asarray(values[k])
        if array.size and not array.min() >= 0:
            raise OutOfDomain(
                f"The value of {names[k]}",
                found=f"{array.min()}, and {names[k]} was declared positive",
                advice='give positive values, or make the evaluator with outside="nan"',
            )


def require_numbers(names: tuple[str, ...], values: Sequence[Any], results: Sequence[Any]) -> None:
    """Raises OutOfDomain where a result is nan, naming the first such point.

    >>> require_numbers(("T",), [2.0], [1.0])
    """
    missing = np.any([np.isnan(np.asarray(r, dtype=np.float64)) for r in results], axis=0)
    if not missing.any():
        return
    place = tuple(int(k[0]) for k in np.nonzero(missing)) if np.ndim(missing) else ()
    at = (float(np.broadcast_to(v, np.shape(missing))[place]) for v in values)
    raise OutOfDomain(
        "The values of an evaluator",
        found="nan at " + ", ".join(f"{name} = {x}" for name, x in zip(names, at, strict=True)),
        advice='stay inside the domain (temperatures are not 0), or use outside="nan"',
    )
