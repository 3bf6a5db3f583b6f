"""Figures of sweeps: what is drawn is seen, and what is not drawn is named."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from symtherm import parameters
from symtherm.numeric.plot import draw, figure

T = parameters("T_h")
X = np.linspace(1, 4, 50)


def test_coincident_curves_differ_in_dash_colour_and_width_or_marker():
    """Of curves on top of one another the later is thinner or has gaps: all of them are seen."""
    names = [f"population[{k}]" for k in range(12)]
    ax = figure("A title", T, names, [[X, *[X] * 12]]).axes[0]
    lines = ax.get_lines()[:12]
    for k, m in combinations(range(12), 2):
        first, later = lines[k], lines[m]
        styles = [(l.get_linestyle(), l._dash_pattern, l.get_marker()) for l in (first, later)]
        assert styles[0] != styles[1], (k, m)
    for first, later in combinations(lines[:4], 2):
        assert first.get_color() != later.get_color()
        assert later.get_linewidth() <= first.get_linewidth()
        assert later._dash_pattern[1], "a later curve is solid and hides what is below"


def test_kinds_of_quantities_have_panels_of_their_own():
    """Energies, particles, entropy, efficiency and populations never share an axis."""
    names = ["heat[h]", "power", "current[l]", "entropy_production", "efficiency", "population[g]"]
    made = figure("A title", T, names, [[X, *[X] * 6]])
    drawn = [[text.get_text() for text in ax.get_legend().get_texts()] for ax in made.axes]
    assert drawn == [
        [r"$\dot{Q}_{h}$", "$P$"],
        ["$I_{l}$"],
        [r"$\dot{\Sigma}$"],
        [r"$\eta$"],
        ["$p_{g}$"],
    ]
    assert made.axes[-1].get_xlabel() == "$T_{h}$"


def test_zeros_are_named_and_not_drawn():
    """A quantity that is zero at all points is in the note; a figure of zeros alone draws them."""
    made = figure("A title", T, ["heat[h]", "power"], [[X, X, 0 * X]])
    assert len(made.axes) == 1 and len(made.axes[0].get_legend().get_texts()) == 1
    assert made.get_suptitle().endswith("zero at every point: $P$")
    made = figure("A title", T, ["heat[h]", "power"], [[X, 0 * X, 0 * X]])
    assert len(made.axes[0].get_legend().get_texts()) == 2
    assert made.get_suptitle() == "A title"


def test_a_gap_is_no_zero():
    """nan is not zero: such a curve is drawn, with its gap."""
    made = figure("A title", T, ["efficiency"], [[X, np.where(X < 2, np.nan, 0.5)]])
    assert "zero" not in made.get_suptitle()


def test_no_legend_covers_a_curve():
    """Every legend stands beside its panel."""
    names = [f"population[{a}{b}]" for a in "0123" for b in "0123"]
    made = figure("A title", T, names, [[X, *[np.sin(k * X) for k in range(16)]]])
    made.canvas.draw()
    for ax in made.axes:
        legend, inside = ax.get_legend().get_window_extent(), ax.get_window_extent()
        assert legend.x0 >= inside.x1
        assert legend.y0 >= inside.y0 - 10 and legend.x1 <= made.bbox.x1


@pytest.mark.parametrize("title", ["$5 and $6", "a_b^c {", "\\frac{", "100% & more \\$", "ω–T"])
@pytest.mark.parametrize("suffix", ["svg", "png", "pdf"])
def test_any_title_is_shown_as_it_is(tmp_path, title, suffix):
    """No character of a title is markup, also beside the note in mathematics."""
    path = tmp_path / f"a.{suffix}"
    draw(path, title, T, ["power", "population[+-]"], [[X, 0 * X, X]])
    assert path.stat().st_size > 1000
