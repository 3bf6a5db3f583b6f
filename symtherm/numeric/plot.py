"""A sweep along one parameter as a figure: one panel for each kind of quantity."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sympy

from symtherm.numeric.modes import MODES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "MODE_COLOURS",
    "draw",
    "figure",
    "heading",
    "label",
    "mode_bands",
    "mode_handles",
    "written",
]

# What the name of a quantity starts with, its symbol, the label of its panel.
_KINDS = {
    "heat": (r"\dot{Q}", "heat current, power"),
    "power": ("P", "heat current, power"),
    "current": ("I", "particle current"),
    "entropy_production": (r"\dot{\Sigma}", "entropy production rate"),
    "efficiency": (r"\eta", "efficiency"),
    "population": ("p", "population"),
}
# Later curves are drawn over earlier ones, thinner and with longer gaps: where curves coincide,
# all of them are seen. Colours by Okabe and Ito, distinct to every eye.
_DASHES: tuple[Any, ...] = ("-", (0, (5, 2.2)), (0, (1.2, 2)), (0, (7, 1.5, 1.2, 1.5)))
_WIDTHS = (2.6, 1.9, 1.9, 1.3)
_COLOURS = ("#0072B2", "#E69F00", "#000000", "#D55E00", "#009E73", "#CC79A7", "#56B4E9")
_ROWS = 9  # of a legend beside a panel
MODE_COLOURS = (
    "#FFFFFF", "#F3C6A5", "#A9CCE3", "#D2B4DE", "#F9E79F", "#D5D8DC", "#A3E4D7", "#E8DAEF",
)  # fmt: skip
REVERSIBLE = r"$\dot{\Sigma} = 0$"


def label(quantity: str) -> str:
    r"""A quantity's name in mathtext.

    >>> label("heat[h]"), label("efficiency")
    ('$\\dot{Q}_{h}$', '$\\eta$')
    """
    kind, _, index = quantity.rstrip("]").partition("[")
    symbol = _KINDS.get(kind, (r"\mathrm{" + re.sub(r"[^A-Za-z]", "", kind) + "}", ""))[0]
    if not index:
        return f"${symbol}$"
    inner = "".join(rf"\{char}" if char in "_%#$&{}" else char for char in index)
    return f"${symbol}_{{{inner}}}$" if len(index) == 1 else rf"${symbol}_{{\mathrm{{{inner}}}}}$"


def draw(
    path: str | Path, title: str, swept: sympy.Symbol, names: Sequence[str], blocks: Sequence[Any]
) -> None:
    """Write the figure; the suffix of ``path`` (.svg, .png, .pdf) says in which format.

    ``blocks`` are consecutive parts of the sweep, each the column of the swept parameter followed
    by one column per name. Energies per time, particles per time, entropy per time, efficiency and
    populations have panels of their own, hbar = k_B = 1. Quantities that are zero at every point
    are named below the title and not drawn. Raises OSError when the file cannot be written.

    >>> import tempfile
    >>> import numpy as np
    >>> from symtherm import parameters
    >>> x = np.linspace(1, 2)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     draw(f"{folder}/a.svg", "A sweep", parameters("T_h"), ["power"], [[x, -x]])
    ...     Path(f"{folder}/a.svg").exists()
    True
    """
    written(path, lambda: figure(title, swept, names, blocks))


def written(path: str | Path, make: Callable[[], Figure]) -> None:
    """Writes a figure in the format of the suffix: text as outlines, no date, the same every time.

    >>> import tempfile
    >>> from matplotlib.figure import Figure
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     written(f"{folder}/a.png", Figure)
    """
    import matplotlib

    suffix = Path(path).suffix.lower().lstrip(".")
    with matplotlib.rc_context({"svg.hashsalt": "symtherm"}):
        dates = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}
        make().savefig(path, format=suffix, dpi=150, metadata=dates.get(suffix))


def heading(title: str, zero: Sequence[str], names: Sequence[str], mode: str = "") -> str:
    r"""The title, the one mode of the whole sweep, and the quantities that are not drawn.

    >>> heading("A sweep", ["power"], ["power", "heat[h]"], "conduction").splitlines()
    ['A sweep', 'conduction at every point; zero at every point: $P$']
    """
    notes = [f"{mode} at every point"] if mode else []
    if zero and len(zero) < len(names):
        notes.append("zero at every point: " + ", ".join(map(label, zero)))
    return "\n".join(filter(None, (title.replace("$", r"\$"), "; ".join(notes))))


def figure(
    title: str,
    swept: sympy.Symbol,
    names: Sequence[str],
    blocks: Sequence[Any],
    *,
    spacing: str = "linear",
    reversible: Sequence[float] = (),
    modes: Any = None,
) -> Figure:
    r"""The Matplotlib figure that :func:`draw` writes.

    ``reversible`` are values at which the entropy production vanishes, drawn as lines across all
    panels; ``modes`` numbers in :data:`symtherm.numeric.modes.MODES`, one per value, drawn as bands
    with their names.

    >>> import numpy as np
    >>> from symtherm import parameters
    >>> x = np.linspace(1, 2)
    >>> made = figure("A sweep", parameters("T_h"), ["power", "heat[h]"], [[x, -x, 0 * x]])
    >>> made.axes[0].get_xlabel(), made.get_suptitle().splitlines()
    ('$T_{h}$', ['A sweep', 'zero at every point: $\\dot{Q}_{h}$'])
    """
    import numpy as np
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    columns = [np.concatenate(parts) for parts in zip(*blocks, strict=True)]
    zero = [name for name, column in zip(names, columns[1:], strict=True) if not column.any()]
    panels: dict[str, list[tuple[str, Any]]] = {}
    for name, column in zip(names, columns[1:], strict=True):
        # A figure of zeros alone shows them.
        if name not in zero or len(zero) == len(names):
            kind = name.partition("[")[0]
            axis = _KINDS.get(kind, ("", kind.replace("_", " ")))[1]
            panels.setdefault(axis, []).append((name, column))
    bands = [] if modes is None else mode_bands(columns[0], modes)
    mode = MODES[bands[0][2]] if len(bands) == 1 else ""
    result = Figure(figsize=(7.2, 1.0 + 2.1 * len(panels)), layout="constrained")
    FigureCanvasAgg(result)
    axes = result.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
    for ax, (axis, curves) in zip(axes, panels.items(), strict=True):
        for k, (name, column) in enumerate(curves):
            ax.plot(
                columns[0],
                column,
                label=label(name),
                color=_COLOURS[k % len(_COLOURS)],
                linestyle=_DASHES[k % len(_DASHES)],
                linewidth=_WIDTHS[k % len(_WIDTHS)],
                # Beyond one round of dashes, sparse markers tell the curves apart.
                marker="osD^v"[k // len(_DASHES) % 5] if k >= len(_DASHES) else None,
                markevery=(0.02 * (k % 5), 0.1),
                markersize=3.5,
            )
        ax.set_ylabel(axis)
        ax.set_xscale(spacing)
        ax.axhline(0, color="0.6", linewidth=0.6, zorder=0)
        for value in reversible:
            ax.axvline(value, color="0.25", linewidth=1, linestyle=(0, (4, 3)), zorder=1)
        for low, high, code in () if mode else bands:
            ax.axvspan(low, high, color=MODE_COLOURS[code], alpha=0.55, linewidth=0, zorder=-1)
        ax.grid(alpha=0.25)
        ax.margins(x=0)
        ax.legend(
            loc="upper left",
            bbox_to_anchor=(1.01, 1.0),
            borderaxespad=0,
            frameon=False,
            handlelength=3.2,
            ncols=-(-len(curves) // _ROWS),
        )
    result.align_ylabels(axes)
    handles = mode_handles([] if mode else [code for *_, code in bands], len(reversible) > 0)
    if handles:
        result.legend(handles=handles, loc="outside lower center", ncols=4, frameon=False)
    axes[-1].set_xlabel(f"${sympy.latex(swept)}$")
    head = heading(title, zero, names, mode)
    result.suptitle(head, fontsize="medium", wrap=True)
    return result


def mode_bands(x: Any, modes: Any) -> list[tuple[float, float, int]]:
    """(from, to, mode) along an axis; a mode of a single value is that of its neighbour.

    >>> import numpy as np
    >>> mode_bands(np.array([0.0, 1.0, 2.0, 3.0, 4.0]), np.array([2, 2, 0, 1, 1]))
    [(0.0, 2.5, 2), (2.5, 4.0, 1)]
    """
    runs: list[list[int]] = []  # first, last, code
    for k, code in enumerate(map(int, modes)):
        if runs and runs[-1][2] == code:
            runs[-1][1] = k
        else:
            runs.append([k, k, code])
    kept: list[list[int]] = []
    for first, last, code in runs:
        if kept and (first == last or kept[-1][2] == code):
            kept[-1][1] = last
        elif kept and kept[-1][0] == kept[-1][1]:
            kept[-1][1:] = [last, code]
        else:
            kept.append([first, last, code])
    edges = [float(x[0])]
    edges += [float(x[a[1]] + x[b[0]]) / 2 for a, b in pairwise(kept)]
    edges.append(float(x[-1]))
    return [(edges[k], edges[k + 1], run[2]) for k, run in enumerate(kept) if run[2] >= 0]


def mode_handles(codes: Iterable[int], line: bool) -> list[Any]:
    r"""Handles of a legend of modes, and of the line of zero entropy production.

    >>> [handle.get_label() for handle in mode_handles([2, 1], True)]
    ['engine', 'refrigerator', '$\\dot{\\Sigma} = 0$']
    """
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    found: list[Any] = [
        Patch(facecolor=MODE_COLOURS[code], edgecolor="0.7", label=MODES[code])
        for code in sorted(set(codes))
        if code >= 0
    ]
    if line:
        found.append(Line2D([], [], color="0.25", linestyle=(0, (4, 3)), label=REVERSIBLE))
    return found
