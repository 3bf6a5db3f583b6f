"""Operating modes and the line of zero entropy production, and how they are drawn."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from symtherm import model, parameters
from symtherm.models.sweep import model_function
from symtherm.numeric.maps import map_figure
from symtherm.numeric.modes import (
    MODES,
    operating_modes,
    reversible_points,
    reversible_segments,
)
from symtherm.numeric.plot import figure, mode_bands

SIGMA = "entropy_production"
MASER = {
    "omega_h": 3.0,
    "omega_c": 1.0,
    "gamma_h": 0.02,
    "gamma_c": 0.025,
    "epsilon": 0.05,
    "Delta": 0.0,
    "T_c": 1.0,
}
DOT = {"epsilon": 1.0, "mu_l": 0.2, "T_r": 1.0, "Gamma_l": 0.3, "Gamma_r": 0.7}


def whole(name):
    m = model(name)
    return model_function(m, list(m.ledger.fractions), temperatures=True)


def modes(function, labels, at):
    found = function(**at)
    codes = operating_modes(
        {a: found[f"heat[{a}]"] for a in labels}, {a: found[f"T[{a}]"] for a in labels},
        found["power"],
    )  # fmt: skip
    return np.vectorize(lambda k: MODES[k])(codes)


def test_second_law_allows_four_modes_of_two_baths():
    """All signs of (Q_h, Q_c, P) with P = -Q_h - Q_c and Q_h/T_h + Q_c/T_c <= 0."""
    seen = set()
    for h, c in itertools.product(np.linspace(-2, 2, 41), repeat=2):
        if h / 2 + c <= 1e-12 and abs(h + c) > 1e-12:
            seen.add(MODES[operating_modes({"h": h, "c": c}, {"h": 2.0, "c": 1.0}, -h - c)])
    assert seen == {"engine", "refrigerator", "accelerator", "heater"}


def test_the_maser_is_an_engine_above_the_reversible_temperature():
    """omega_h/T_h = omega_c/T_c at T_h = 3, found to the last bit; engine above, refrigerator below."""
    f = whole("three-level-maser")
    T = np.linspace(1.05, 10, 100)
    (zero,) = reversible_points(lambda at: f(**{**MASER, **at}), ("T_h", T), ["heat[h]"], SIGMA)
    assert zero == pytest.approx(3.0, abs=1e-15)
    found = modes(f, "hc", {**MASER, "T_h": T})
    assert ((found == "engine") == (T > 3)).all()
    assert ((found == "refrigerator") == (T < 3)).all()


def test_a_dot_has_currents_that_vanish_with_and_without_entropy():
    """heat[l] vanishes at epsilon = mu_l, where entropy is produced, and on the reversible line."""
    f = whole("quantum-dot")
    mu = np.linspace(-1, 2, 31)
    there = f(**{**DOT, "T_l": 2.0, "epsilon": 0.5, "mu_l": 0.5, "mu_r": 0.0})
    assert there["heat[l]"] == 0 < there[SIGMA]
    found = reversible_points(
        lambda p: f(**{**DOT, "T_l": 2.0, "mu_r": 0.0, **p}), ("mu_l", mu),
        ["heat[l]", "heat[r]", "current[l]"], SIGMA,
    )  # fmt: skip
    # (epsilon - mu_l)/T_l = epsilon/T_r at mu_l = -1: an end of the axis.
    assert found.tolist() == pytest.approx([-1.0])
    assert set(np.unique(modes(f, "lr", {**DOT, "T_l": 0.5, "mu_r": np.linspace(0, 2, 60)}))) == {
        "engine", "accelerator", "heater",
    }  # fmt: skip


def test_the_line_of_a_map_lies_where_the_forces_balance():
    f = whole("three-level-maser")
    T, w = np.linspace(1, 10, 40), np.linspace(0.5, 2.5, 30)
    found = reversible_segments(
        lambda at: f(**{**MASER, **at}), (("T_h", T), ("omega_c", w)), ["heat[h]", "heat[c]"], SIGMA
    )
    ends = np.array(found).reshape(-1, 2)
    assert len(found) > 20
    np.testing.assert_allclose(ends[:, 1], 3 / ends[:, 0], rtol=1e-14)


def test_a_diagonal_through_the_nodes_is_one_line():
    """T_h = T_c on a common grid: the heat is zero at the nodes themselves."""
    f = whole("two-bath-qubit")
    T = np.linspace(0.5, 2, 12)
    rest = {"omega": 1.0, "gamma_h": 0.3, "gamma_c": 0.2}
    found = reversible_segments(
        lambda at: f(**rest, **at), (("T_h", T), ("T_c", T)), ["heat[h]"], SIGMA
    )
    assert len(found) == 11
    assert all(a == b for segment in found for a, b in segment)


def test_three_baths_without_work():
    """Absorption refrigerator and heat transformer, by the coldest and the hottest bath."""
    T = {"c": 1.0, "r": 2.0, "h": 3.0}
    for heats, want in (
        ((1.0, -2.0, 1.0), "refrigerator"),
        ((-1.0, 2.0, -1.0), "heat transformer"),
        ((-1.0, -1.0, 2.0), "conduction"),
        ((0.0, 0.0, 0.0), "idle"),
    ):
        code = operating_modes(dict(zip("crh", heats, strict=True)), T, 0.0)
        assert MODES[code] == want
    assert operating_modes({"a": np.nan, "b": 1.0}, {"a": 1.0, "b": 2.0}, 1.0) == -1
    # Equal temperatures: nothing is hot or cold, so that work is turned into heat.
    assert MODES[operating_modes({"a": 1.0, "b": -3.0}, {"a": 1.0, "b": 1.0}, 2.0)] == "heater"


def test_bands_cover_the_axis():
    x = np.linspace(0, 1, 50)
    codes = np.where(x < 0.3, 1, np.where(x < 0.8, 2, 5))
    bands = mode_bands(x, codes)
    assert [code for *_, code in bands] == [1, 2, 5]
    assert bands[0][0] == 0 and bands[-1][1] == 1
    assert all(a[1] == b[0] for a, b in itertools.pairwise(bands))
    assert abs(bands[0][1] - 0.3) < 0.02


def test_lines_and_bands_are_named():
    T = parameters("T_h")
    x = np.linspace(1, 4, 50)
    codes = np.where(x < 3, 2, 1)
    made = figure("A title", T, ["power"], [[x, 3 - x]], reversible=[3.0], modes=codes)
    (legend,) = made.legends
    texts = [t.get_text() for t in legend.get_texts()]
    assert texts == ["engine", "refrigerator", r"$\dot{\Sigma} = 0$"]
    made = figure("A title", T, ["power"], [[x, 3 - x]], modes=0 * codes + 1)
    assert not made.legends and made.get_suptitle() == "A title\nengine at every point"


def test_maps_have_labels_and_white_at_zero():
    """Axes in mathematics, signed quantities symmetric about zero, zeros named, modes mapped."""
    x, y = np.linspace(1, 2, 30), np.linspace(0, 1, 40)
    power = x[:, None] - 1.4 + 0 * y
    codes = np.where(power < 0, 1, 2)
    values = {"power": power, "population[g]": 0 * power + 0.5, "heat[h]": 0 * power}
    made = map_figure(
        "A $ title", parameters("T_h omega_c"), (x, y), values, modes=codes,
        segments=[((1.4, 0.0), (1.4, 0.5)), ((1.4, 0.5), (1.4, 1.0))],
    )  # fmt: skip
    titles = [ax.get_title() for ax in made.axes if ax.get_title()]
    assert titles == ["$P$", "$p_{g}$", "operating mode"]
    assert made.axes[0].get_xlabel() == "$T_{h}$" and made.axes[0].get_ylabel() == r"$\omega_{c}$"
    low, high = made.axes[0].collections[0].get_clim()
    assert low == -high and made.axes[0].collections[0].get_cmap().name == "RdBu_r"
    assert made.get_suptitle().endswith(r"zero at every point: $\dot{Q}_{h}$")
    assert [t.get_text() for t in made.legends[0].get_texts()][:2] == ["engine", "refrigerator"]
    pole = np.where(abs(power) < 0.02, 1e6, power)
    made = map_figure("A title", parameters("T_h omega_c"), (x, y), {"efficiency": pole})
    assert made.axes[0].collections[0].get_clim()[1] < 1
