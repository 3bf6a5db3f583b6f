"""The quantities of a model in floating point, as one function that sweeps can call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np
from sympy import Rational, Symbol

from symtherm.errors import OutOfDomain, UnknownQuantity
from symtherm.numeric.evaluator import Evaluator, evaluator
from symtherm.numeric.forms import ledger_forms
from symtherm.numeric.grid import Axis
from symtherm.reference import require_unique
from symtherm.thermo.model import Model

__all__ = ["Quantities", "corners", "grid_of", "model_function"]


@dataclass(frozen=True)
class Quantities:
    """A function of the parameters of a model; gives a mapping from ``keys`` to arrays.

    An efficiency whose heat source depends on temperatures refers to the hottest of ``sources`` at
    each point, and is nan where two are equally hot. ``holes`` counts the values given so far that
    are not finite. Stands where :func:`symtherm.numeric.sweep.sweep` expects an evaluator.
    """

    compiled: Evaluator
    keys: tuple[str, ...]
    sources: tuple[str, ...] = ()
    shape: str = "mapping"
    holes: dict[str, int] = field(default_factory=dict, compare=False)

    @property
    def parameters(self) -> tuple[str, ...]:
        return self.compiled.parameters

    @property
    def program(self) -> Any:
        return self.compiled.program, self.sources

    @property
    def outputs(self) -> Sequence[Any]:
        return self.keys

    def __call__(self, *, out: Sequence[Any] | None = None, **values: Any) -> dict[str, Any]:
        found = dict(self.compiled(**values))
        if self.sources:
            T = np.array([found[f"T {label}"] for label in self.sources])
            each = np.array([found[f"efficiency {label}"] for label in self.sources])
            best = np.take_along_axis(each, T.argmax(axis=0)[None], axis=0)[0]
            tie = (T.max(axis=0) == T).sum(axis=0) > 1
            found["efficiency"] = np.where(tie, np.nan, best)
        for key in self.keys:
            missing = np.size(found[key]) - int(np.isfinite(found[key]).sum())
            self.holes[key] = self.holes.get(key, 0) + missing
        # Adding zero turns -0.0, which a product with a vanishing factor may be, into 0.0.
        if out is None:
            return {key: found[key] + 0.0 for key in self.keys}
        for place, key in zip(out, self.keys, strict=True):
            np.add(found[key], 0.0, out=place)
        return dict(zip(self.keys, out, strict=True))


def model_function(
    model: Model,
    names: Sequence[str] | None = None,
    ends: Sequence[Mapping[Symbol, Rational]] = (),
    *,
    temperatures: bool = False,
) -> Quantities:
    """Quantities of a model as a function; by default all that it has at one of ``ends`` at least.

    With ``temperatures`` those of the baths come as well, as ``T[label]``. Raises UnknownQuantity
    for a quantity that the model has not, OutOfDomain and NotUnique when one of ``ends`` lies
    outside its domain.

    >>> from symtherm import model
    >>> f = model_function(model("qubit"), ["population[e]"])
    >>> round(f(omega=1.0, gamma=1.0, T=1.0)["population[e]"], 12)
    0.26894142137
    """
    keys = list(names if names is not None else model.quantities)
    for end in ends:
        for symbol, value in end.items():
            _float(symbol.name, value)
        require_unique(model.generator, end)
    if "efficiency" in keys and ends and not _has_efficiency(model, ends):
        if names is not None:
            model.source_bath(ends[0])  # raises, saying why there is none
        keys.remove("efficiency")
    plain = [key for key in keys if key != "efficiency"]
    outputs, chain = ledger_forms(model.ledger, plain)
    sources = model.hot if "efficiency" in keys else ()
    for label in sources:
        outputs[f"efficiency {label}"] = model.ledger.efficiency(label)
        outputs[f"T {label}"] = _bath(model, label).T
    if temperatures:
        for bath in model.generator.baths:
            outputs[f"T[{bath.label}]"] = bath.T
            keys.append(f"T[{bath.label}]")
    compiled = evaluator(outputs, model.parameters, definitions=chain)
    return Quantities(compiled, tuple(keys), tuple(sources))


def corners(
    point: Mapping[Symbol, Rational], axes: Mapping[Symbol, Sequence[Rational]]
) -> list[dict[Symbol, Rational]]:
    """The exact points at the corners of a sweep, whose domain is checked.

    >>> x, y = Symbol("x"), Symbol("y")
    >>> corners({x: Rational(1)}, {y: (Rational(2), Rational(3))})
    [{x: 1, y: 2}, {x: 1, y: 3}]
    """
    return [{**point, **dict(zip(axes, values, strict=True))} for values in product(*axes.values())]


def grid_of(point: Mapping[Symbol, Rational], axes: Mapping[str, Axis]) -> dict[str, Any]:
    """A grid for ``sweep``: the swept axes, and the other parameters as floats.

    >>> grid_of({Symbol("x"): Rational(1, 2)}, {"y": Axis(0, 1, 2)})["x"]
    0.5
    """
    return {**axes, **{s.name: _float(s.name, v) for s, v in point.items() if s.name not in axes}}


def _bath(model: Model, label: str) -> Any:
    bath = model.generator.dissipator(label).bath
    assert bath is not None
    return bath


def _has_efficiency(model: Model, ends: Iterable[Mapping[Symbol, Rational]]) -> bool:
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
