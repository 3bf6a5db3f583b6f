"""Re-derive every number of a reference file by the other route, from the operators it holds.

Values were proved in ball arithmetic; here they are integrated with mpmath from the Hamiltonian,
rates and jump operators in the file, with ``EXTRA`` digits more. A row passes if every difference
is within the radius plus what those digits leave open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from mpmath import mp
from sympy import Rational, Symbol

from symtherm.errors import BadReferenceFile, SymthermError
from symtherm.numeric.initial import Coordinates, initial_coordinates
from symtherm.numeric.system import System
from symtherm.numeric.twin import state_twin, steady_twin
from symtherm.reference.document import Reference, Row

__all__ = ["Failure", "initial_of", "twin_of", "verify_row", "verify_rows"]

EXTRA = 12
MAX_DIMENSION = 16  # of a model that is integrated; d^2 coordinates


@dataclass(frozen=True, slots=True)
class Failure:
    """A quantity of a row that the other route does not confirm, and what was found."""

    row: str
    quantity: str
    found: str

    def __str__(self) -> str:
        return f"row {self.row}, {self.quantity}: {self.found}"


def initial_of(row: Row, system: System) -> Coordinates:
    """The initial state of a row; raises the errors of ``initial_coordinates``."""
    unit = {}
    for i, j, re, im in row.initial:
        from sympy import I

        unit[i, j] = Rational(re) + I * Rational(im)
    return initial_coordinates(unit, system.levels)


def twin_of(
    system: System, row: Row, point: Mapping[Symbol, Rational], digits: int
) -> dict[str, Any]:
    """All quantities of a row by mpmath."""
    if row.kind == "steady":
        return steady_twin(system, point, digits)
    return state_twin(
        system, point, initial_of(row, system), Fraction(row.t), digits, list(row.values)
    )


def verify_row(reference: Reference, row: Row) -> list[Failure]:
    """The failures of one row; empty when every value is confirmed.

    >>> from symtherm.reference.cases import load
    >>> book = load("qubit/steady")
    >>> verify_row(book, book.rows[0])
    []
    """
    system = reference.models[row.model]
    if system.dim > MAX_DIMENSION:
        raise BadReferenceFile(
            f"The row {row.id}",
            found=f"{system.dim} levels",
            advice=f"rows of at most {MAX_DIMENSION} are verified",
        )
    floor = max((_depth(e.value) for e in row.values.values()), default=0)
    digits = row.digits + EXTRA + floor
    try:
        found = twin_of(system, row, reference.point(row), digits)
    except SymthermError as error:
        return [Failure(row.id, "all", str(error)[:300])]
    out = []
    with mp.workdps(digits + 20):
        allowance = mp.mpf(10) ** (3 - digits)
        for name, ball in row.values.items():
            if name not in found:
                out.append(Failure(row.id, name, "no quantity of this name"))
                continue
            value = mp.mpf(ball.value)
            off = abs(found[name] - value)
            if not off <= mp.mpf(ball.radius) + allowance * (1 + abs(value)):
                text = mp.nstr(found[name], row.digits)
                out.append(Failure(row.id, name, f"{text} instead of {ball}"))
    return out


def _depth(value: str) -> int:
    """Leading zeros of a decimal: absolute accuracy has to go that much deeper."""
    size = abs(mp.mpf(value))
    return 0 if not size else max(0, min(400, -int(mp.floor(mp.log10(size)))))


def verify_rows(
    reference: Reference,
    advance: Callable[[int], None] = lambda count: None,
    map_: Callable[..., Iterator[list[Failure]]] = map,
) -> list[Failure]:
    """The failures of all rows, in their order; ``map_`` may be that of an executor."""
    out = []
    bare = replace(reference, rows=())  # only what a row needs is sent to another process
    small = {
        name: replace(bare, models={name: system}) for name, system in reference.models.items()
    }
    for failures in map_(_one, ((small[row.model], row) for row in reference.rows)):
        out += failures
        advance(1)
    return out


def _one(case: tuple[Reference, Row]) -> list[Failure]:
    return verify_row(*case)
