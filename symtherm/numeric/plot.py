"""A sweep as a figure: one panel for each kind of quantity, over a common axis."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import sympy

__all__ = ["draw", "label"]

# Panels in this order: what the name of a quantity starts with, its symbol, the axis label.
_KINDS = {
    "heat": (r"\dot{Q}", "heat, power"),
    "power": ("P", "heat, power"),
    "current": ("I", "particle current"),
    "entropy_production": (r"\dot{\Sigma}", "entropy production"),
    "efficiency": (r"\eta", "efficiency"),
    "population": ("p", "population"),
}


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
    by one column per name. Raises OSError when the file cannot be written.

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
    import numpy as np
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    columns = [np.concatenate(parts) for parts in zip(*blocks, strict=True)]
    panels: dict[str, list[tuple[str, Any]]] = {}
    for name, column in zip(names, columns[1:], strict=True):
        kind = name.partition("[")[0]
        axis = _KINDS.get(kind, ("", kind.replace("_", " ")))[1]
        panels.setdefault(axis, []).append((name, column))
    suffix = Path(path).suffix.lower().lstrip(".")
    # Text as outlines and no date: the same sweep gives the same file.
    with matplotlib.rc_context({"svg.hashsalt": "symtherm", "text.parse_math": True}):
        figure = Figure(figsize=(6.4, 0.9 + 2.1 * len(panels)), layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
        for ax, (axis, curves) in zip(axes, panels.items(), strict=True):
            for name, column in curves:
                ax.plot(columns[0], column, label=label(name), linewidth=1.4)
            ax.set_ylabel(axis)
            ax.axhline(0, color="0.6", linewidth=0.6, zorder=0)
            ax.grid(alpha=0.25)
            ax.margins(x=0)
            ax.legend(frameon=False, fontsize="small")
        axes[-1].set_xlabel(f"${sympy.latex(swept)}$")
        figure.suptitle(title.replace("$", r"\$"), fontsize="medium")
        dates = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}
        figure.savefig(path, format=suffix, dpi=150, metadata=dates.get(suffix))
