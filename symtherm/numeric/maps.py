"""A sweep along two parameters as a figure: a map for each quantity, and one of operating modes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import sympy

from symtherm.numeric.modes import MODES
from symtherm.numeric.plot import MODE_COLOURS, heading, label, mode_handles

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["map_figure"]


def map_figure(
    title: str,
    swept: tuple[sympy.Symbol, sympy.Symbol],
    coordinates: tuple[Any, Any],
    values: Mapping[str, Any],
    *,
    spacing: tuple[str, str] = ("linear", "linear"),
    segments: Sequence[Any] = (),
    modes: Any = None,
) -> Figure:
    r"""The Matplotlib figure of quantities on a grid: the first axis across, the second up.

    ``values`` maps names to arrays of the shape of the grid. Quantities of either sign have colours
    that are white at zero, the others run from dark to bright. ``segments`` is the line on which
    the entropy production vanishes, drawn on every map; ``modes`` an array of numbers in
    :data:`symtherm.numeric.modes.MODES`. Quantities that are zero everywhere are named, not drawn.

    >>> import numpy as np
    >>> from symtherm import parameters
    >>> x, y = np.linspace(1, 2, 3), np.linspace(0, 1, 4)
    >>> power = x[:, None] - 1.5 + 0 * y
    >>> made = map_figure("A map", parameters("T_h omega"), (x, y), {"power": power})
    >>> made.axes[0].get_xlabel(), made.axes[0].get_ylabel(), made.axes[0].get_title()
    ('$T_{h}$', '$\\omega$', '$P$')
    """
    import numpy as np
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    x, y = coordinates
    zero = [name for name, array in values.items() if not np.any(array)]
    shown = [name for name in values if name not in zero] or list(values)
    codes = [] if modes is None else sorted({int(code) for code in np.unique(modes)} - {-1})
    # What a single line of the grid does is not a mode of the map.
    codes = [c for c in codes if np.count_nonzero(modes == c) > max(modes.shape)]
    panels = len(shown) + (len(codes) > 1)
    columns = min(3, math.ceil(math.sqrt(panels)))
    rows = -(-panels // columns)
    result = Figure(figsize=(0.9 + 3.5 * columns, 1.1 + 2.7 * rows), layout="constrained")
    FigureCanvasAgg(result)
    axes = result.subplots(rows, columns, squeeze=False).ravel()
    for ax in axes[panels:]:
        ax.remove()
    for ax, name in zip(axes, shown, strict=False):
        _map(ax, x, y, np.asarray(values[name], dtype=float))
        ax.set_title(label(name), fontsize="medium")
    if len(codes) > 1:
        _mode_map(axes[len(shown)], x, y, modes)
    for ax in axes[:panels]:
        ax.set_xscale(spacing[0])
        ax.set_yscale(spacing[1])
        ax.set_xlim(min(x), max(x))
        ax.set_ylim(min(y), max(y))
        ax.set_xlabel(f"${sympy.latex(swept[0])}$")
        ax.set_ylabel(f"${sympy.latex(swept[1])}$")
        _line(ax, segments)
    handles = mode_handles(codes if len(codes) > 1 else [], bool(segments))
    if handles:
        result.legend(handles=handles, loc="outside lower center", ncols=5, frameon=False)
    mode = MODES[codes[0]] if len(codes) == 1 else ""
    result.suptitle(heading(title, zero, list(values), mode), fontsize="medium", wrap=True)
    return result


def _map(ax: Axes, x: Any, y: Any, array: Any) -> None:
    """Colours and their bar; a scale of its own for each map, cut off before a pole."""
    import numpy as np

    finite = array[np.isfinite(array)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    signed, beyond = low < 0, "neither"
    usual = float(np.quantile(abs(finite), 0.95)) if finite.size else 0.0
    if max(-low, high) > 10 * usual > 0:  # a pole, such as that of an efficiency
        low, high, beyond = max(low, -usual), min(high, usual), "both" if signed else "max"
    if signed:
        high = max(-low, high)
        low = -high
    mesh = ax.pcolormesh(
        x,
        y,
        array.T,
        cmap="RdBu_r" if signed else "viridis",
        vmin=low,
        vmax=high if high > low else low + 1.0,
        shading="nearest",
        rasterized=True,
    )
    bar = ax.figure.colorbar(mesh, ax=ax, extend=beyond)
    bar.ax.ticklabel_format(axis="y", scilimits=(-2, 3))


def _mode_map(ax: Axes, x: Any, y: Any, modes: Any) -> None:
    from matplotlib.colors import ListedColormap

    ax.pcolormesh(
        x,
        y,
        modes.T,
        cmap=ListedColormap(["#404040", *MODE_COLOURS]),
        vmin=-1.5,
        vmax=len(MODE_COLOURS) - 0.5,
        shading="nearest",
        rasterized=True,
    )
    ax.set_title("operating mode", fontsize="medium")


def _line(ax: Axes, segments: Sequence[Any]) -> None:
    """Black dashes on white, so that it is seen on any colour."""
    from matplotlib.collections import LineCollection

    paths = _joined(segments)
    ax.add_collection(LineCollection(paths, colors="white", linewidths=2.2), autolim=False)
    dashed = LineCollection(paths, colors="0.1", linewidths=1.2, linestyles=[(0, (4, 3))])
    ax.add_collection(dashed, autolim=False)


def _joined(segments: Sequence[Any]) -> list[list[tuple[float, float]]]:
    """Segments that share ends as polylines, so that dashes run through.

    >>> _joined([((0, 0), (1, 1)), ((2, 0), (1, 1)), ((5, 5), (6, 6))])
    [[(0, 0), (1, 1), (2, 0)], [(5, 5), (6, 6)]]
    """
    at: dict[tuple[float, float], list[int]] = {}
    for k, ends in enumerate(segments):
        for end in ends:
            at.setdefault(end, []).append(k)
    used: set[int] = set()
    paths = []
    # Open lines first, from a free end; what is left are closed ones.
    starts = [end for end, ks in at.items() if len(ks) == 1] + list(at)
    for start in starts:
        path = [start]
        while True:
            free = [k for k in at[path[-1]] if k not in used]
            if not free:
                break
            used.add(free[0])
            a, b = segments[free[0]]
            path.append(b if a == path[-1] else a)
        if len(path) > 1:
            paths.append(path)
    return paths
