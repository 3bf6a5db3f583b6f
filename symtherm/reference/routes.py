"""Certified values from the operators: points, trajectories and tables, and the rows they make."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import product
from typing import Any

from sympy import Rational, Symbol

from symtherm.errors import OutOfDomain, UnknownSymbol, WrongArgument, kind_of
from symtherm.exact.balls import Enclosure
from symtherm.numeric.enclosure import Enclosed
from symtherm.numeric.initial import initial_coordinates, initial_entries
from symtherm.numeric.system import System, system_of
from symtherm.reference.closed import certify, check_point, exact_point
from symtherm.reference.document import Reference, Row, packages
from symtherm.thermo.ledger import Ledger
from symtherm.thermo.model import Model

__all__ = [
    "certify_grid",
    "certify_operators",
    "certify_trajectory",
    "reference_of",
    "times_between",
]

Times = Sequence[Any] | str

METHODS = {
    "closed": "closed form enclosed in balls",
    "steady": "certified linear solve for the kernel of L, in balls",
    "transient": "exp of [[L t, t rho0], [0, 0]] in balls",
    "driven": "Taylor steps in balls with a Cauchy majorant remainder",
}


def _system(subject: Any, time: Symbol | None = None) -> System:
    if isinstance(subject, System):
        return subject
    if isinstance(subject, Model):
        return system_of(subject.generator, subject.energy, subject.number, subject.hot, time)
    if isinstance(subject, Ledger):
        return system_of(subject.generator, subject.energy, subject.number)
    raise WrongArgument(
        "What to certify from its operators is a Model, a Ledger or a System",
        found=kind_of(subject),
        advice="write system_of(generator, energy)",
    )


def _prepared(
    subject: Any, at: Mapping[Any, Any], time: Symbol | str | None
) -> tuple[System, dict[Symbol, Rational]]:
    if isinstance(time, str):
        names = {s.name: s for s in _system(subject).symbols}
        if time not in names:
            raise UnknownSymbol(f"The time {time!r}", found="no symbol of this name in the model")
        time = names[time]
    system = _system(subject, time)
    point = exact_point(at, system.symbols)
    missing = [s.name for s in system.symbols if s not in point]
    if missing:
        raise UnknownSymbol("Values of all parameters", found="none for " + ", ".join(missing))
    if system.time is None and not isinstance(subject, System):
        check_point(subject.generator, point)
    return system, {s: point[s] for s in system.symbols}


def certify_operators(
    subject: Any,
    at: Mapping[Any, Any],
    digits: int = 50,
    quantities: Sequence[str] | None = None,
    seconds: float | None = None,
) -> dict[str, Enclosure]:
    """Steady-state values straight from the operators, with proved radii; no closed form is used.

    For any model, also one whose closed form is too long. Raises NotUnique, UnknownSymbol,
    UnknownQuantity, and Undecided, saying how many digits were proved within ``seconds``.

    >>> from symtherm import model
    >>> m = model("qubit")
    >>> print(certify_operators(m, m.point, 10, ["entropy"])["entropy"])
    0.5410527271 +/- 4.0e-11
    """
    system, point = _prepared(subject, at, None)
    return Enclosed(system, point).steady(digits, quantities, seconds)


def times_between(text: Times) -> list[Fraction]:
    """Exact times: a sequence of rationals, or "start:stop:count" with both ends.

    >>> times_between("0:1:3")
    [Fraction(0, 1), Fraction(1, 2), Fraction(1, 1)]
    """
    if not isinstance(text, str):
        if any(isinstance(t, float) for t in text):
            raise OutOfDomain("Times", found="a float", advice='write "1/10" or Fraction(1, 10)')
        return [_fraction(t) for t in text]
    from symtherm.exact.parse import parse_sweep

    _, start, stop, count = parse_sweep(f"t={text}")
    if count > 100_000:
        raise OutOfDomain("Times", found=f"{count} of them", advice="use at most 100000")
    a, b = _fraction(start), _fraction(stop)
    return [a + (b - a) * k / (count - 1) for k in range(count)]


def _fraction(value: Any) -> Fraction:
    if isinstance(value, Rational):
        return Fraction(int(value.p), int(value.q))
    return Fraction(value)


def certify_trajectory(
    subject: Any,
    at: Mapping[Any, Any],
    times: Times,
    initial: Any = "mixed",
    digits: int = 50,
    quantities: Sequence[str] | None = None,
    time: Symbol | str | None = None,
    seconds: float | None = None,
) -> list[dict[str, Enclosure]]:
    """Values along rho(t), one dictionary per time, with proved radii.

    ``times``: exact numbers, rising from t >= 0, or "0:10:101"; ``initial``: a level, "mixed", an
    Operator or {(i, j): value}, exact. ``time`` is the symbol of time in a driven generator.

    >>> from symtherm import model
    >>> m = model("qubit")
    >>> rows = certify_trajectory(m, m.point, "0:1:2", "e", 10, ["population[e]"])
    >>> print(rows[1]["population[e]"])
    0.5963895426 +/- 2.8e-11
    """
    system, point = _prepared(subject, at, time)
    start = initial_coordinates(initial, system.levels)
    return Enclosed(system, point).trajectory(
        start, times_between(times), digits, quantities, seconds
    )


def certify_grid(
    subject: Model | Ledger,
    grid: Mapping[Any, Sequence[Any]],
    at: Mapping[Any, Any],
    digits: int = 50,
    quantities: Sequence[str] | str | None = None,
    seconds: float | None = None,
) -> Iterator[tuple[dict[str, Rational], dict[str, Enclosure]]]:
    """:func:`symtherm.certify` at every point of a product of values, in row order.

    ``seconds`` are those of one point.

    >>> from symtherm import model
    >>> m = model("qubit")
    >>> table = certify_grid(m, {"T": [1, 2]}, {"omega": 1, "gamma": 1}, 5, ["population[e]"])
    >>> [str(values["population[e]"].value) for _, values in table]
    ['0.26894', '0.37754']
    """
    keys = list(grid)
    for values in product(*(grid[key] for key in keys)):
        here = dict(zip(keys, values, strict=True))
        found = certify(subject, {**at, **here}, digits, quantities, seconds)
        yield {str(k): Rational(v) for k, v in here.items()}, found


# --- rows -----------------------------------------------------------------------------------------


def steady_row(
    name: str, key: str, point: Mapping[Any, Any], found: Mapping[str, Enclosure], digits: int,
    method: str = "closed", regime: str = "",
) -> Row:  # fmt: skip
    """A row of steady-state values."""
    at = {str(k): str(v) for k, v in point.items()}
    return Row(key, name, "steady", at, dict(found), digits, METHODS[method], regime)


def state_row(
    name: str, key: str, system: System, point: Mapping[Any, Any], initial: Any, t: Fraction,
    found: Mapping[str, Enclosure], digits: int, regime: str = "",
) -> Row:  # fmt: skip
    """A row of values at a time."""
    kind = "transient" if system.time is None else "driven"
    at = {str(k): str(v) for k, v in point.items()}
    entries = tuple(initial_entries(initial, system.dim))
    return Row(key, name, kind, at, dict(found), digits, METHODS[kind], regime, str(t), entries)


def reference_of(models: Mapping[str, tuple[str, System]], rows: Sequence[Row]) -> Reference:
    """A reference of rows; ``models`` maps names to (title, system)."""
    return Reference(
        {k: system for k, (_, system) in models.items()},
        tuple(rows),
        {k: title for k, (title, _) in models.items()},
        packages(),
    )
