"""Initial states: exact density matrices with complex rational entries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import sympy

from symtherm.errors import (
    BadExpression,
    DimensionMismatch,
    NotHermitian,
    OutOfDomain,
    UnknownQuantity,
    choices,
)
from symtherm.quantum.operator import Operator

__all__ = ["Coordinates", "initial_coordinates", "initial_entries"]

Coordinates = tuple[Fraction, ...]


def initial_coordinates(state: Any, levels: Sequence[str]) -> Coordinates:
    """Hermitian coordinates of an initial state: diagonal, then Re, Im of the entries i < j.

    ``state`` is the label of a level, ``"mixed"`` for 1/d, an Operator with complex rational
    entries, or a mapping {(i, j): value}. Raises NotHermitian, OutOfDomain for a trace other than
    1, DimensionMismatch, BadExpression for entries that are not exact, UnknownQuantity for a label.
    Positivity is proved where the state is used.

    >>> initial_coordinates("e", ("e", "g"))
    (Fraction(1, 1), Fraction(0, 1), Fraction(0, 1), Fraction(0, 1))
    """
    d = len(levels)
    entries: dict[tuple[int, int], Any] = {}
    if isinstance(state, str):
        if state in levels:
            entries = {(levels.index(state), levels.index(state)): 1}
        elif state == "mixed":
            entries = {(i, i): sympy.Rational(1, d) for i in range(d)}
        else:
            raise UnknownQuantity(
                f"The initial state {state!r}",
                found="no level of this label",
                advice=choices(state, [*levels, "mixed"]),
            )
    elif isinstance(state, Operator):
        if state.shape != (d, d):
            raise DimensionMismatch(
                f"An initial state on {d} levels", found=f"an operator of shape {state.shape}"
            )
        entries = {(i, j): v for i, j, v in state.data}
    elif isinstance(state, Mapping):
        entries = dict(state)
    else:
        raise BadExpression(
            "An initial state",
            found=type(state).__name__,
            advice="give a level, 'mixed', an Operator, or {(i, j): value}",
        )
    table = {key: _exact(value) for key, value in entries.items()}
    for i, j in table:
        if not (0 <= i < d and 0 <= j < d):
            raise DimensionMismatch(f"An initial state on {d} levels", found=f"entry ({i}, {j})")
        if table.get((j, i), (0, 0)) != (table[i, j][0], -table[i, j][1]):
            raise NotHermitian(
                "An initial state",
                found=f"entries ({i}, {j}) and ({j}, {i}) are not conjugate",
                advice="give both, exactly conjugate",
            )
    zero = (Fraction(0), Fraction(0))
    out = [table.get((i, i), zero)[0] for i in range(d)]
    if sum(out) != 1:
        raise OutOfDomain("An initial state", found=f"trace {sum(out)}", advice="make it 1")
    for i in range(d):
        for j in range(i + 1, d):
            out += table.get((i, j), zero)
    return tuple(out)


def _exact(value: Any) -> tuple[Fraction, Fraction]:
    if isinstance(value, (int, Fraction)):
        return Fraction(value), Fraction(0)
    parts: Any = value.as_real_imag() if isinstance(value, sympy.Expr) else ()
    if not parts or not all(part.is_Rational for part in parts):
        raise BadExpression(
            f"The entry {value} of an initial state",
            found="no complex rational",
            advice="give exact rational real and imaginary parts",
        )
    re, im = parts
    return Fraction(int(re.p), int(re.q)), Fraction(int(im.p), int(im.q))


def initial_entries(coordinates: Coordinates, d: int) -> list[tuple[int, int, str, str]]:
    """The nonzero entries (i, j, Re, Im) as texts; both i, j and j, i.

    >>> initial_entries((Fraction(1), Fraction(0), Fraction(0), Fraction(0)), 2)
    [(0, 0, '1', '0')]
    """
    out = [(i, i, str(coordinates[i]), "0") for i in range(d) if coordinates[i]]
    k = d
    for i in range(d):
        for j in range(i + 1, d):
            re, im = coordinates[k], coordinates[k + 1]
            if re or im:
                out += [(i, j, str(re), str(im)), (j, i, str(re), str(-im))]
            k += 2
    return out
