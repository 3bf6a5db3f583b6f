"""A sweep as a figure: one panel for each kind of quantity, over a common axis."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sympy

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["draw", "figure", "label"]

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
    import matplotlib

    suffix = Path(path).suffix.lower().lstrip(".")
    # Text as outlines and no date: the same sweep gives the same file.
    with matplotlib.rc_context({"svg.hashsalt": "symtherm"}):
        made = figure(title, swept, names, blocks)
        dates = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}
        made.savefig(path, format=suffix, dpi=150, metadata=dates.get(suffix))


def figure(title: str, swept: sympy.Symbol, names: Sequence[str], blocks: Sequence[Any]) -> Figure:
    r"""The Matplotlib figure that :func:`draw` writes.

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
        ax.axhline(0, color="0.6", linewidth=0.6, zorder=0)
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
    axes[-1].set_xlabel(f"${sympy.latex(swept)}$")
    head = title.replace("$", r"\$")
    if zero and len(zero) < len(names):
        head += "\nzero at every point: " + ", ".join(map(label, zero))
    result.suptitle(head, fontsize="medium", wrap=True)
    return result
