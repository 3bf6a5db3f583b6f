"""The digits of models that users make: three and four baths, drives, roots, leads."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
import sympy

from symtherm import evaluator, model, parameters
from tests.numeric.machines import MACHINES, machine_points
from tests.numeric.regimes import REGIMES, compared, ulps


def errors(case, regime, count, backend="numpy"):
    """Errors of what is no current, and of currents, all in their own last place.

    The current of one bath of several is a sum of forces; near its zero, where no force vanishes,
    it is computed in doubled precision.
    """
    states, currents = [], []
    lost = 1500 if regime.startswith("beta omega") else 60
    for got, want in compared(case, machine_points(case, regime, count), backend, lost):
        assert got["entropy_production"] >= 0
        for name, exact in want.items():
            kind = name.partition("[")[0]
            found = currents if kind in ("heat", "power", "current") else states
            found.append(ulps(got[name], exact))
    return np.array(states), np.array(currents)


@pytest.mark.parametrize("regime", REGIMES)
@pytest.mark.parametrize("name", MACHINES)
def test_median_2_and_worst_16_units_in_the_last_place(name, regime):
    states, currents = errors(MACHINES[name], regime, 10)
    assert np.median(states) <= 2 and states.max() <= 16
    assert np.median(currents) <= 2 and currents.max() <= 16


@pytest.mark.skipif(not shutil.which("cc") and not shutil.which("gcc"), reason="no C compiler")
@pytest.mark.parametrize("name", ["three baths", "four baths", "three leads"])
def test_compiled_code_keeps_them_too(name):
    for regime in ("1e-12 from equilibrium", "beta omega 1e-3 to 50", "beta omega 350 to 700"):
        states, currents = errors(MACHINES[name], regime, 6, "c")
        assert np.median(states) <= 2 and np.median(currents) <= 2
        assert states.max() <= 16 and currents.max() <= 16


@pytest.mark.parametrize("vocabulary", ["boltzmann", "temperatures", "rates", "relaxation"])
def test_digits_do_not_depend_on_the_vocabulary(vocabulary):
    """A dot at T = 1e6, where f_l - f_r is 1e-7: the ledger's letters change nothing."""
    book = model("quantum-dot").ledger
    other = book.in_terms_of(vocabulary)
    at = {"epsilon": 1.1, "mu_l": 0.3, "mu_r": 0.2, "T_l": 1e6, "T_r": 1.3e6, "Gamma_l": 0.3,
          "Gamma_r": 0.6}  # fmt: skip
    want = evaluator(book, list(at))(**at)
    for made in (other, {q: other.expression(q) for q in book.quantities}):
        found = evaluator(made, list(at))(**at)
        for key, value in want.items():
            assert abs(found[key] - value) <= 16 * np.spacing(abs(value)), key


def test_differences_of_hyperbolic_functions_and_exponentials():
    """tanh a - tanh b = sinh(a - b)/(cosh a cosh b), and so on, near a = b and far away."""
    e, m, T, S = parameters("epsilon mu T S")
    exprs = {
        "tanh": sympy.tanh(e / T) - sympy.tanh(e / S),
        "coth": sympy.coth(e / T) - sympy.coth(e / S),
        "exp": sympy.exp(-e / T) - sympy.exp(-e / S),
        "one": sympy.exp(e / T - m / S) - 1,
        "fermi": 1 / (sympy.exp((e - m) / T) + 1) - 1 / (sympy.exp((e - m) / S) + 1),
    }
    f = evaluator(exprs, [e, m, T, S])
    exact = sympy.lambdify([e, m, T, S], list(exprs.values()), "mpmath")
    import mpmath

    for at in ((1.0, 0.3, 2.0, 2.0 + 1e-11), (1.0, 1 - 1e-9, 1e6, 1e6), (1.0, 2.0, 0.03, 0.031)):
        with mpmath.workdps(120):
            want = [mpmath.mpf(w) for w in exact(*map(mpmath.mpf, at))]
        for (key, got), w in zip(f(*at).items(), want, strict=True):
            assert ulps(got, w) <= 16, (key, at)


def test_p_ln_p_at_zero():
    """0 ln 0 = 0 in every backend, also of 1 - p and of a ratio; not where only the log diverges."""
    p, q = parameters("p q")
    f = evaluator({
        "entropy": -p * sympy.log(p) - (1 - p) * sympy.log(1 - p),
        "relative": p * sympy.log(p / q),
        "plain": q * sympy.log(p),
    })  # fmt: skip
    at = np.array([0.0, 0.25, 1.0, 1e-280])
    want = [0.0, -0.25 * np.log(0.25) - 0.75 * np.log(0.75), 0.0, -1e-280 * np.log(1e-280)]
    backends = ["numpy", "array_api"] + (["c"] if shutil.which("cc") else [])
    for backend in backends:
        found = f.with_backend(backend)(p=at, q=1.0)
        np.testing.assert_allclose(found["entropy"], [*want[:3], want[3] + 1e-280], rtol=1e-14)
        assert found["relative"][0] == 0 and found["plain"][0] == -np.inf
        assert np.isnan(f.with_backend(backend)(p=np.array([-0.5, -0.5]), q=1.0)["entropy"]).all()
    assert f(p=0.0, q=0.5)["entropy"] == 0 == f(p=1.0, q=0.5)["entropy"]
    assert np.isfinite(f.grad("p")(p=np.array([0.0, 0.5]), q=0.5)["entropy"]).all()


@pytest.mark.parametrize("name", ["three-level-maser", "two-bath-qubit", "quantum-dot"])
def test_results_that_underflow_are_small_and_never_nan(name):
    """Gaps of 3e3 to 3e6 temperatures: the exact values are below 1e-290, ours too."""
    m = model(name)
    at = {p.name: float(v) for p, v in m.point.items()}
    f = evaluator(m)
    for cold in (1e4, 1e5, 1e6):
        for part in (np.array([1.0, 1.7]), 1.3):
            values = {key: v / cold * part if key.startswith("T_") else v for key, v in at.items()}
            found = f(**values)
            assert all(np.isfinite(v).all() for v in found.values())
            assert np.all(found["entropy_production"] >= 0)
            assert np.all(found["entropy_production"] < 1e-290)
            total = sum(v for key, v in found.items() if key.startswith("population"))
            np.testing.assert_allclose(total, 1, rtol=1e-15)
