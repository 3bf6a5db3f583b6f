"""A model in floating point along one parameter, in blocks of rows."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from sympy import Rational, Symbol

from symtherm.errors import OutOfDomain, UnknownQuantity
from symtherm.numeric.evaluator import evaluator
from symtherm.reference import require_unique
from symtherm.thermo.model import Model

__all__ = ["Sweep"]

BLOCK = 65536


class Sweep:
    """``count`` values of the parameter ``swept`` from ``start`` to ``stop``, both included.

    ``point`` holds exact values of the other parameters, ``names`` the quantities (by default all
    that the model has somewhere in the sweep). An efficiency whose heat source depends on
    temperatures refers to the hottest bath of each row, and is nan where two are equally hot.

    Raises OutOfDomain and NotUnique when an end of the sweep lies outside the domain of the model,
    UnknownQuantity for a quantity that it has not.

    >>> from symtherm import model
    >>> m = model("qubit")
    >>> line = Sweep(m, m.point, "T", Rational(1), Rational(2), 3, ["population[e]"])
    >>> [[column.tolist() for column in columns] for _, columns in line.blocks()][0][0]
    [1.0, 1.5, 2.0]
    """

    def __init__(
        self,
        model: Model,
        point: Mapping[Symbol, Rational],
        swept: str,
        start: Rational,
        stop: Rational,
        count: int,
        names: Sequence[str] | None = None,
    ) -> None:
        self.symbol = next(p for p in model.parameters if p.name == swept)
        self.start, self.stop, self.count = start, stop, count
        self.fixed = {s.name: _float(s.name, v) for s, v in point.items() if s != self.symbol}
        self.names = list(names if names is not None else model.quantities)
        ends = [{**point, self.symbol: value} for value in (start, stop)]
        for end in ends:
            _float(swept, end[self.symbol])
            require_unique(model.generator, end)
        if "efficiency" in self.names and not _has_efficiency(model, ends):
            if names is not None:
                model.source_bath(ends[0])  # raises, saying why there is none
            self.names.remove("efficiency")
        outputs = {key: model.expression(key) for key in self.names if key != "efficiency"}
        self.sources = model.hot if "efficiency" in self.names else ()
        for label in self.sources:
            bath = model.generator.dissipator(label).bath
            assert bath is not None
            outputs[f"efficiency {label}"] = model.ledger.efficiency(label)
            outputs[f"T {label}"] = bath.T
        self.compiled = evaluator(outputs, model.parameters)

    def blocks(self) -> Iterator[tuple[int, list[Any]]]:
        """The first row of each block, and its columns: the swept parameter, then ``names``."""
        # The exact value is (a + b k)/below; while these integers fit, division rounds correctly.
        common = math.lcm(int(self.start.q), int(self.stop.q))
        below = common * (self.count - 1)
        a, b = int(self.start * below), int((self.stop - self.start) * common)
        exact = max(abs(a), abs(int(self.stop * below)), below) < 2**53
        ends = float(self.start), float(self.stop)
        for first in range(0, self.count, BLOCK):
            k = np.arange(first, min(first + BLOCK, self.count), dtype=np.float64)
            part = k / (self.count - 1)
            values = (a + b * k) / below if exact else ends[0] * (1 - part) + ends[1] * part
            yield first, [values + 0.0, *self._columns(values)]

    def _columns(self, values: Any) -> list[Any]:
        with np.errstate(all="ignore"):
            found = self.compiled(**{**self.fixed, self.symbol.name: values})
        if self.sources:
            T = np.array([found[f"T {label}"] for label in self.sources])
            each = np.array([found[f"efficiency {label}"] for label in self.sources])
            best = each[T.argmax(axis=0), np.arange(len(values))]
            tie = (T.max(axis=0) == T).sum(axis=0) > 1
            found["efficiency"] = np.where(tie, np.nan, best)
        # Adding zero turns -0.0, which a product with a vanishing factor may be, into 0.0.
        return [np.broadcast_to(found[key], values.shape) + 0.0 for key in self.names]


def _has_efficiency(model: Model, ends: Sequence[Mapping[Symbol, Rational]]) -> bool:
    """Whether some bath is hottest at one end of the sweep at least."""
    for end in ends:
        try:
            model.source_bath(end)
        except UnknownQuantity:
            continue
        return True
    return False


def _float(name: str, value: Rational) -> float:
    try:
        result = int(value.p) / int(value.q)
    except OverflowError:
        result = 0.0
    if result == 0 and value != 0:
        raise OutOfDomain(
            f"The value of {name}",
            found="a number beyond double precision",
            advice="use certify, which is exact",
        )
    return result
