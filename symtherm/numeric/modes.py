"""What a machine does at a point, by the signs of its currents, and where it does it reversibly.

Modes of machines with power: engine, refrigerator, accelerator, heater (Buffoni et al., Phys. Rev.
Lett. 122, 070603 (2019)), here for any number of baths, with heat and power positive into the
system. The entropy production of a machine is nonnegative and touches zero, so that its own sign
shows nothing; where it vanishes a current changes sign. Roots of currents are bisected to the last
bit along the edges of a grid, and kept where the entropy production vanishes with them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["MODES", "operating_modes", "reversible_points", "reversible_segments"]

MODES = (
    "idle", "engine", "refrigerator", "engine and refrigerator", "accelerator", "heater",
    "heat transformer", "conduction",
)  # fmt: skip

Array = npt.NDArray[np.float64]
Points = Callable[[Mapping[str, Array]], Mapping[str, Any]]

BISECTIONS = 100


def operating_modes(
    heats: Mapping[str, Any], temperatures: Mapping[str, Any], power: Any
) -> npt.NDArray[np.intp]:
    """The number in ``MODES`` of what the machine does; -1 where a current is nan.

    With h the hottest and c the coldest bath of each point (none where all are equally hot): engine
    P < 0; refrigerator Q_c > 0 at P >= 0; for P > 0 accelerator Q_h > 0, heater otherwise; for
    P = 0 and more than two baths heat transformer Q_h < 0; conduction where heat flows and none of
    these is the case; idle where nothing flows.

    >>> T = {"h": 2.0, "c": 1.0}
    >>> [MODES[operating_modes({"h": h, "c": c}, T, -h - c)]
    ...  for h, c in ((2.0, -1.0), (-2.0, 1.0), (1.0, -2.0), (-1.0, -1.0), (1.0, -1.0))]
    ['engine', 'refrigerator', 'accelerator', 'heater', 'conduction']
    """
    P, *Q = np.broadcast_arrays(power, *heats.values())
    T = np.array([np.broadcast_to(temperatures[label], P.shape) for label in heats])
    flows = np.array(Q)
    differ = T.max(axis=0) > T.min(axis=0)
    cooled = differ & (np.where(T.min(axis=0) == T, flows, -np.inf).max(axis=0) > 0)
    top = np.where(T.max(axis=0) == T, flows, 0.0).sum(axis=0)
    moving = (flows != 0).any(axis=0)
    rules = [
        (~(np.isfinite(P) & np.isfinite(flows).all(axis=0)), -1),
        ((P < 0) & cooled, 3),
        (P < 0, 1),
        (cooled, 2),
        ((P > 0) & differ & (top > 0), 4),
        (P > 0, 5),
        (moving & differ & (top < 0), 6),
        (moving, 7),
    ]
    codes: npt.NDArray[np.intp] = np.select([r for r, _ in rules], [k for _, k in rules], 0)
    return codes


def _roots(
    function: Points, key: str, low: dict[str, Array], high: dict[str, Array], sigma: str
) -> tuple[dict[str, Array], npt.NDArray[np.bool_]]:
    """Where ``key`` leaves the sign it has at ``low``, to the last bit, and whether sigma is 0.

    At a reversible point the entropy production is of second order in the current: at the root it
    is 1e-12 of what it is at the ends of the edge, or less.
    """
    ends = [np.asarray(function(place)[sigma], dtype=float) for place in (low, high)]
    sign = np.sign(function(low)[key])
    for _ in range(BISECTIONS):
        middle = {name: (low[name] + high[name]) / 2 for name in low}
        same = np.sign(function(middle)[key]) == sign
        low = {name: np.where(same, middle[name], low[name]) for name in low}
        high = {name: np.where(same, high[name], middle[name]) for name in low}
    # A sign that is zero at one end only is left, or reached, there.
    found = [np.abs(np.asarray(function(place)[sigma], dtype=float)) for place in (low, high)]
    nearer = found[0] <= found[1]
    root = {name: np.where(nearer, low[name], high[name]) for name in low}
    return root, np.minimum(*found) <= 1e-12 * np.maximum(*np.abs(ends))


def reversible_points(
    function: Points, axis: tuple[str, Array], currents: Sequence[str], sigma: str
) -> Array:
    """The values of an axis at which the entropy production ``sigma`` vanishes, in order.

    ``function`` gives the quantities at values of the axis; ``currents`` change their sign there.

    >>> f = lambda at: {"J": at["x"] - 1.25, "sigma": (at["x"] - 1.25) ** 2}
    >>> reversible_points(f, ("x", np.linspace(0, 2, 7)), ["J"], "sigma").tolist()
    [1.25]
    """
    name, values = axis
    at = function({name: values})
    found = [np.empty(0)]
    for key in currents:
        signs = np.sign(np.broadcast_to(at[key], values.shape))
        (edges,) = np.nonzero(_changes(signs[:-1], signs[1:]))
        if edges.size:
            roots, real = _roots(
                function, key, {name: values[edges]}, {name: values[edges + 1]}, sigma
            )
            found.append(roots[name][real])
    return _distinct(np.concatenate(found))


def reversible_segments(
    function: Points,
    axes: tuple[tuple[str, Array], tuple[str, Array]],
    currents: Sequence[str],
    sigma: str,
) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """The line on which the entropy production vanishes, in segments, one at most in each cell.

    >>> def f(at):
    ...     J = at["x"] - at["y"] + 0 * (at["x"] + at["y"])
    ...     return {"J": J, "sigma": J * J}
    >>> grid = (("x", np.array([0.0, 1.0])), ("y", np.array([0.25, 0.5, 2.0])))
    >>> reversible_segments(f, grid, ["J"], "sigma")
    [((0.25, 0.25), (0.5, 0.5)), ((0.5, 0.5), (1.0, 1.0))]
    """
    (first, x), (second, y) = axes
    at = function({first: x[:, None], second: y[None, :]})
    cells: dict[tuple[int, int], dict[tuple[float, float], None]] = {}
    for key in currents:
        signs = np.sign(np.broadcast_to(at[key], (len(x), len(y))))
        own: dict[tuple[int, int], dict[tuple[float, float], None]] = {}
        for across in (False, True):  # edges along x, then along y
            changes = (
                _changes(signs[:, :-1], signs[:, 1:]) if across
                else _changes(signs[:-1], signs[1:])
            )  # fmt: skip
            i, j = np.nonzero(changes)
            if not i.size:
                continue
            low = {first: x[i], second: y[j]}
            high = {first: x[i + (not across)], second: y[j + across]}
            roots, real = _roots(function, key, low, high, sigma)
            for a, b, u, v in zip(i[real].tolist(), j[real].tolist(), roots[first][real].tolist(),
                                  roots[second][real].tolist(), strict=True):  # fmt: skip
                for cell in ((a, b), (a - 1, b) if across else (a, b - 1)):
                    own.setdefault(cell, {})[u, v] = None
        for cell, ends in own.items():
            if len(ends) == 2:
                cells.setdefault(cell, ends)
    return [tuple(sorted(ends)) for _, ends in sorted(cells.items())]  # type: ignore[misc]


def _changes(before: Any, after: Any) -> Any:
    """Where neighbours differ in sign; a zero differs from both."""
    return np.isfinite(before) & np.isfinite(after) & (before != after)


def _distinct(values: Array) -> Array:
    """In order, values within rounding of one another once."""
    kept: list[float] = []
    for value in np.sort(values).tolist():
        if not kept or value - kept[-1] > 1e-12 * max(abs(value), abs(kept[-1])):
            kept.append(value)
    return np.array(kept)
