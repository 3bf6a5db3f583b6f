"""Reference rows for the tests of a numeric package: arrays in, numbers to compare with.

    from symtherm.reference import load

    for case in load("steady").cases():
        rho = my_steady_state(case.hamiltonian(), case.collapse_operators())
        case.check("heat[h]", my_heat(rho), rtol=1e-8)

Nothing but NumPy arrays and floats leaves this module.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import sympy
from mpmath import mp
from sympy import Expr, Rational, Symbol

from symtherm.errors import UnknownQuantity, choices
from symtherm.exact.balls import Enclosure
from symtherm.exact.plan import walk
from symtherm.numeric.operators import number
from symtherm.numeric.system import System
from symtherm.reference.document import Reference, Row, read_reference

__all__ = ["Case", "Cases", "load", "select_rows"]

SHIPPED = Path(__file__).parent / "data" / "reference.json.gz"
DIGITS = 30


@lru_cache(maxsize=4)
def _read(path: str, stamp: float) -> Reference:
    return read_reference(path)


def load(select: str = "", path: str | Path | None = None) -> Cases:
    """The shipped reference (or that in ``path``), rows whose id contains ``select``.

    Ids read model/kind/regime/number, such as ``three-level-maser/steady/stiff/3``. Raises
    BadReferenceFile.

    >>> book = load("qubit/steady/ordinary/0")
    >>> case = next(book.cases())
    >>> case.hamiltonian().shape
    (2, 2)
    """
    place = SHIPPED if path is None else Path(path)
    stamp = place.stat().st_mtime if place.exists() else 0.0
    return select_rows(_read(str(place), stamp), select)


def select_rows(reference: Reference, select: str) -> Cases:
    """The rows whose id contains ``select``, with the models that they need."""
    rows = tuple(row for row in reference.rows if select in row.id)
    needed = {row.model for row in rows}
    models = {k: v for k, v in reference.models.items() if k in needed}
    return Cases(models, rows, reference.titles, reference.packages)


@dataclass(frozen=True)
class Cases(Reference):
    """A reference with its rows as cases."""

    def cases(self) -> Iterator[Case]:
        """One case per row."""
        for row in self.rows:
            yield Case(row, self.models[row.model], self.point(row))


@dataclass(frozen=True)
class Case:
    """One row in floating point: operators as complex arrays, values as floats.

    Units hbar = k_B = 1; energy and heat are positive into the system. Levels are numbered in the
    order of ``levels``.
    """

    row: Row
    system: System
    at: Mapping[Symbol, Rational]

    def __repr__(self) -> str:
        return f"Case({self.row.id!r})"

    @property
    def id(self) -> str:
        return self.row.id

    @property
    def kind(self) -> str:
        """steady, transient or driven."""
        return self.row.kind

    @property
    def levels(self) -> tuple[str, ...]:
        return self.system.levels

    @property
    def parameters(self) -> dict[str, float]:
        """The parameters of the model by name."""
        return {str(k): float(v) for k, v in self.at.items()}

    @property
    def t(self) -> float:
        """The time of a transient or driven row."""
        return float(Rational(self.row.t))

    @cached_property
    def expected(self) -> dict[str, float]:
        """The certified values, rounded to the nearest double."""
        return {name: float(ball.value) for name, ball in self.row.values.items()}

    @property
    def exact(self) -> Mapping[str, Enclosure]:
        """The certified values as decimal texts with radii."""
        return self.row.values

    # -- operators ---------------------------------------------------------------------------------

    def _array(self, entries: Any, t: float = 0.0) -> np.ndarray[Any, Any]:
        d = self.system.dim
        out = np.zeros((d, d), dtype=complex)
        for i, j, v in entries:
            out[i, j] = self._value(v)(t)
        return out

    @cached_property
    def _functions(self) -> dict[Expr, Callable[[float], complex]]:
        return {}

    def _value(self, expr: Expr) -> Callable[[float], complex]:
        """An expression as a function of time; without time it is evaluated once, to 30 digits."""
        if expr not in self._functions:
            time = self.system.time
            if time is None or not expr.has(time):
                fixed = complex(number(expr, self.at, DIGITS))
                self._functions[expr] = lambda t: fixed
            else:
                moving = expr.xreplace(dict(self.at))
                self._functions[expr] = lambda t: _evaluate(moving, time, t)
        return self._functions[expr]

    def hamiltonian(self, t: float = 0.0) -> np.ndarray[Any, Any]:
        """H(t)."""
        return self._array(self.system.hamiltonian, t)

    def energy(self, t: float = 0.0) -> np.ndarray[Any, Any]:
        """The energy operator E(t) that heats refer to."""
        return self._array(self.system.energy, t)

    def number(self) -> np.ndarray[Any, Any] | None:
        """The particle number operator, if the model has one."""
        return None if self.system.number is None else self._array(self.system.number)

    def jumps(self, t: float = 0.0) -> list[tuple[str, float, np.ndarray[Any, Any]]]:
        """(label of the dissipator, rate at time t, jump operator)."""
        return [
            (j.label, self._value(j.rate)(t).real, self._array(j.operator, t))
            for j in self.system.jumps
        ]

    def collapse_operators(self, t: float = 0.0) -> list[np.ndarray[Any, Any]]:
        """sqrt(rate) L of all jumps."""
        return [np.sqrt(rate) * L for _, rate, L in self.jumps(t)]

    def bath(self, label: str) -> tuple[float, float] | None:
        """(T, mu) of a dissipator; None for one without a temperature."""
        found = self.system.bath(label)
        if found is None:
            return None
        T, mu = (float(number(v, self.at, DIGITS)) for v in (found.T, found.mu))
        return T, mu

    def initial(self) -> np.ndarray[Any, Any]:
        """The state at t = 0."""
        d = self.system.dim
        out = np.zeros((d, d), dtype=complex)
        for i, j, re, im in self.row.initial:
            out[i, j] = complex(float(Rational(re)), float(Rational(im)))
        return out

    # -- comparing ---------------------------------------------------------------------------------

    def digits(self, name: str, value: float, floor: float = 1e-300) -> float:
        """Correct significant digits of a value: -log10 of its relative error, 17 at most.

        Where the exact value is 0, or below ``floor``, the error is taken relative to ``floor``.
        """
        if name not in self.row.values:
            raise UnknownQuantity(
                f"The quantity {name!r} of {self.id}",
                found="no quantity of this name",
                advice=choices(name, self.row.values),
            )
        with mp.workdps(self.row.digits + 20):
            exact = mp.mpf(self.row.values[name].value)
            if value != value:
                return -308.0
            off = abs(mp.mpf(float(value)) - exact) / max(abs(exact), mp.mpf(floor))
            return 17.0 if not off else float(min(mp.mpf(17), -mp.log10(off)))

    def check(self, name: str, value: float, rtol: float = 1e-6, atol: float = 0.0) -> None:
        """Raises AssertionError unless |value - exact| <= rtol |exact| + atol + radius."""
        self.digits(name, value)
        ball = self.row.values[name]
        with mp.workdps(self.row.digits + 20):
            exact = mp.mpf(ball.value)
            off = abs(mp.mpf(float(value)) - exact)
            if not off <= rtol * abs(exact) + atol + mp.mpf(ball.radius):
                raise AssertionError(
                    f"{self.id}, {name}: {value!r} instead of {float(exact)!r}, "
                    f"{self.digits(name, value):.1f} digits"
                )


def _evaluate(expr: Expr, time: Symbol, t: float) -> complex:
    """A function of time in complex doubles."""

    def visit(node: Any, args: list[complex]) -> complex:
        if node == time:
            return complex(t)
        if node.func is sympy.Add:
            return sum(args)
        if node.func is sympy.Mul:
            out = complex(1)
            for arg in args:
                out *= arg
            return out
        if node.func is sympy.Pow:
            out = args[0] ** args[1]
            return out
        if not args:
            return complex(node)
        return complex(getattr(np, node.func.__name__)(args[0]))

    return walk([expr], visit)[0]
