"""Closed forms keep their digits in every regime, and the entropy production its sign."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from symtherm import ThermalBath, evaluator, gkls, ledger, parameters, sigmam, steady_state
from symtherm.numeric.precise import Rewriter, Work
from tests.numeric.regimes import MODELS, REGIMES, errors, points

COMPILER = any(shutil.which(name) for name in ("gcc", "cc", "clang"))


@pytest.mark.parametrize("regime", REGIMES)
@pytest.mark.parametrize("name", MODELS)
def test_median_2_and_worst_16_units_in_the_last_place(name, regime):
    """All quantities against 50 digits; a negative entropy production counts as infinite."""
    found = errors(MODELS[name], regime, 12)
    assert np.median(found) <= 2 and found.max() <= 16


@pytest.mark.skipif(not COMPILER, reason="no C compiler")
@pytest.mark.parametrize("regime", REGIMES)
def test_compiled_code_keeps_them_too(regime):
    for name in ("maser", "refrigerator"):
        found = errors(MODELS[name], regime, 6, "c")
        assert np.median(found) <= 2 and found.max() <= 16


@pytest.mark.parametrize("name", MODELS)
def test_scalars_agree_with_arrays(name):
    """The Python function of floats and the chunked tape run the same operations."""
    case = MODELS[name]
    values = points(case, "generic", 20, seed=3)
    f = evaluator(case.book, list(values))
    many = f(**values)
    for k in range(20):
        one = f(**{key: float(v[k]) for key, v in values.items()})
        for key in one:
            assert abs(one[key] - many[key][k]) <= 16 * np.spacing(abs(many[key][k]))


def test_three_baths_never_produce_negative_entropy():
    """sigma = sum over pairs of baths of force times affinity, at 1e-6 to 1e-15 from equilibrium."""
    w, *rates, T1, T2, T3 = parameters("omega gamma_1 gamma_2 gamma_3 T_1 T_2 T_3")
    s = sigmam()
    baths = [
        ThermalBath(str(k), T).jumps(s, frequency=w, rate=g)
        for k, (T, g) in enumerate(zip((T1, T2, T3), rates, strict=True))
    ]
    H = w * s.dag() * s
    f = evaluator(ledger(steady_state(gkls(H, baths)), energy=H), quantities=["entropy_production"])
    assert f.source.count("maximum") >= 3  # the three forces
    rng = np.random.default_rng(0)
    n = 20_000
    at = {name: rng.uniform(0.3, 2, n) for name in f.parameters}
    for name in ("T_2", "T_3"):
        at[name] = at["T_1"] * (1 + 10 ** rng.uniform(-15, -6, n) * rng.choice([-1, 1], n))
    sigma = f(**at)["entropy_production"]
    assert (sigma >= 0).all() and (sigma > 0).mean() > 0.99


def test_several_channels_never_produce_negative_entropy():
    """Four baths on three levels: forces do not pair up, rounding below zero is cut off."""
    wl, wu, a, b, c, d = parameters("omega_l omega_u a b c d")
    T = parameters("T_1 T_2 T_3 T_4")
    from symtherm import HilbertSpace

    g, l, u = HilbertSpace("atom", levels="glu").kets
    E = wl * l * l.dag() + wu * u * u.dag()
    L = gkls(
        E,
        [
            ThermalBath("1", T[0]).jumps(g * l.dag(), frequency=wl, rate=a),
            ThermalBath("2", T[1]).jumps(g * l.dag(), frequency=wl, rate=b),
            ThermalBath("3", T[2]).jumps(g * u.dag(), frequency=wu, rate=c),
            ThermalBath("4", T[3]).jumps(l * u.dag(), frequency=wu - wl, rate=d),
        ],
        positive=[wu - wl],
    )
    f = evaluator(ledger(steady_state(L), energy=E), quantities=["entropy_production"])
    rng = np.random.default_rng(0)
    at = {name: rng.uniform(0.3, 2, 5000) for name in f.parameters}
    at["omega_u"] += at["omega_l"]
    for name in ("T_2", "T_3", "T_4"):
        at[name] = at["T_1"] * (1 + 1e-12 * rng.uniform(-1, 1, 5000))
    assert (f(**at)["entropy_production"] >= 0).all()


def test_zero_drive_and_equal_temperatures_are_in_the_domain():
    """epsilon = 0 and equilibrium give exact zeros, no nan."""
    case = MODELS["maser"]
    values = {name: float(v[0]) for name, v in points(case, "generic", 1).items()}
    f = evaluator(case.book, list(values))
    found = f(**{**values, "epsilon": 0.0})
    assert found["heat[h]"] == 0 == found["entropy_production"]
    assert abs(sum(found[f"population[{k}]"] for k in "glu") - 1) < 1e-15
    qubit = MODELS["two-bath qubit"]
    values = {name: float(v[0]) for name, v in points(qubit, "generic", 1).items()}
    found = evaluator(qubit.book, list(values))(**{**values, "T_h": values["T_c"]})
    assert found["heat[h]"] == 0 == found["entropy_production"]


def test_occupations_that_underflow_leave_the_ground_state():
    """At beta omega = 2000 the refrigerator is in its ground state, without nan."""
    case = MODELS["refrigerator"]
    values = {name: float(v[0]) for name, v in points(case, "generic", 1).items()}
    for name in ("T_c", "T_h", "T_r"):
        values[name] = values["omega_c"] / 2000
    found = evaluator(case.book, list(values))(**values)
    assert found["population[ggg]"] == 1.0
    assert all(np.isfinite(v) for v in found.values())


def test_a_force_times_its_affinity_is_a_work():
    """(n_h - n_c) (1/T_c - 1/T_h) is seen for what it is, also over a common factor omega."""
    import sympy

    w, Th, Tc = parameters("omega T_h T_c")
    n = [1 / (sympy.exp(w / T) - 1) for T in (Th, Tc)]
    (found,) = Rewriter([w, Th, Tc]).rewritten([(n[0] - n[1]) * (1 / Tc - 1 / Th)])
    assert found.atoms(Work) and found.has(w)
