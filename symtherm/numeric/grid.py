"""Grids that are never materialised: axes, and the blocks that cover their product."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from symtherm.errors import BadExpression, DimensionMismatch

__all__ = ["Axis", "Grid"]


@dataclass(frozen=True, slots=True)
class Axis:
    """``count`` values from ``start`` to ``stop``, both included.

    ``spacing`` is "linear" (equal steps) or "log" (equal ratios; both ends positive). The ends are
    real numbers; between exact ends (integers, ``Fraction``, ``Rational``) of moderate size every
    linear value is the exact one, rounded once. Raises BadExpression.

    >>> Axis(1, 2, 3).values(0, 3).tolist(), Axis(1, 100, 3, "log").values(1, 3).round(9).tolist()
    ([1.0, 1.5, 2.0], [10.0, 100.0])
    >>> from fractions import Fraction
    >>> Axis(0, Fraction(7, 10), 8).values(3, 4).tolist()
    [0.3]
    >>> Axis("a", 2, 2.5)
    Traceback (most recent call last):
    ...
    symtherm.errors.BadExpression: An axis. Found: 2.5 values from a to 2, linear. To do: give...
    """

    start: Any
    stop: Any
    count: int
    spacing: str = "linear"

    def __post_init__(self) -> None:
        try:
            ends = float(self.start), float(self.stop)
        except (OverflowError, TypeError, ValueError):
            ends = (math.inf, math.inf)
        whole = isinstance(self.count, (int, np.integer)) and self.count >= 1
        fine = self.spacing == "linear" or (self.spacing == "log" and min(ends) > 0)
        if not fine or not whole or not math.isfinite(ends[1] - ends[0]):
            raise BadExpression(
                "An axis",
                found=f"{self.count} values from {self.start} to {self.stop}, {self.spacing}",
                advice='give finite doubles, a count, and "linear" or "log" (positive ends)',
            )

    def values(self, low: int, high: int) -> npt.NDArray[np.float64]:
        """The values number ``low`` to ``high`` - 1; the ends are exactly start and stop."""
        k = np.arange(low, high, dtype=np.float64)
        start, stop = float(self.start), float(self.stop)
        part = k / max(self.count - 1, 1)
        exact = self._integers()
        if self.spacing == "log":
            found = np.exp((1 - part) * math.log(start) + part * math.log(stop))
        elif exact is not None:
            a, b, below = exact
            found = (a + b * k) / below
        else:
            found = start * (1 - part) + stop * part
        found[k == 0] = start
        if self.count > 1:
            found[k == self.count - 1] = stop
        return found + 0.0

    def _integers(self) -> tuple[int, int, int] | None:
        """(a, b, c) with value number k = (a + b k)/c, where these are exact in floating point."""
        start, stop = (
            Fraction(int(x.p), int(x.q)) if hasattr(x, "q") else Fraction(x)
            for x in (self.start, self.stop)
        )
        common = math.lcm(start.denominator, stop.denominator)
        c = common * max(self.count - 1, 1)
        a, b = int(start * c), int((stop - start) * common)
        return (a, b, c) if max(abs(a), abs(int(stop * c)), c) < 2**53 else None


@dataclass(frozen=True)
class Grid:
    """The product of axes (names to :class:`Axis` or arrays) at ``fixed`` values of the rest."""

    axes: Mapping[str, Any]
    fixed: Mapping[str, float]
    block: int

    @staticmethod
    def of(values: Mapping[Any, Any], block: int) -> Grid:
        """Axes in the order given, the last one fastest; numbers are fixed.

        >>> Grid.of({"T": Axis(1, 2, 5), "w": 3.0}, 2).shape
        (5,)
        """
        axes: dict[str, Any] = {}
        fixed: dict[str, float] = {}
        for key, value in values.items():
            if isinstance(value, Axis):
                axes[str(key)] = value
                continue
            array = np.asarray(value, dtype=np.float64)
            if array.ndim > 1:
                raise DimensionMismatch(
                    f"The axis {key} of a grid",
                    found=f"an array of shape {array.shape}",
                    advice="give an Axis, a one-dimensional array or a number",
                )
            if array.ndim:
                axes[str(key)] = array
            else:
                fixed[str(key)] = float(array)
        return Grid(axes, fixed, block)

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(a.count if isinstance(a, Axis) else len(a) for a in self.axes.values())

    @property
    def steps(self) -> tuple[int, ...]:
        """The shape of a whole block: trailing axes that fit, a part of one, the rest one by one.

        So blocks follow one another in C order.
        """
        steps, left = [], self.block
        for n in reversed(self.shape):
            step = max(1, min(n, left))
            steps.append(step)
            left = left // step if step == n else 1
        return tuple(reversed(steps))

    @property
    def counts(self) -> tuple[int, ...]:
        """The number of blocks along each axis."""
        return tuple(-(-n // s) for n, s in zip(self.shape, self.steps, strict=True))

    def place(self, number: int) -> tuple[slice, ...]:
        """Where block ``number`` lies."""
        where: Sequence[Any] = np.unravel_index(number, self.counts) if self.counts else ()
        return tuple(
            slice(int(k) * s, min((int(k) + 1) * s, n))
            for k, s, n in zip(where, self.steps, self.shape, strict=True)
        )

    def coordinates(self, number: int) -> dict[str, npt.NDArray[np.float64]]:
        """The values of the axes in a block, each along its own dimension."""
        place, rank = self.place(number), len(self.axes)
        found = {}
        for k, (name, axis) in enumerate(self.axes.items()):
            part = place[k]
            values = axis.values(part.start, part.stop) if isinstance(axis, Axis) else axis[part]
            found[name] = values.reshape((1,) * k + (-1,) + (1,) * (rank - k - 1))
        return found
