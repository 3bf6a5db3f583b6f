"""Currents that vanish where no force does keep their digits."""

from __future__ import annotations

import pickle
import shutil

import mpmath
import numpy as np
import pytest

from symtherm import HilbertSpace, Lead, evaluator, gkls, ledger, parameters, steady_state
from symtherm.numeric.doubled import CANCELLED, cancelling, doubled
from symtherm.numeric.halves import exp_low, exp_low_scalar
from symtherm.numeric.operations import OPERATIONS
from symtherm.numeric.tape import Tape
from tests.numeric.machines import MACHINES, machine_points
from tests.numeric.regimes import MODELS, Case, compared, points, ulps

BACKENDS = ["numpy"] + (["c"] if shutil.which("cc") or shutil.which("gcc") else [])
CASE = MACHINES["three baths"]
AT = machine_points(CASE, "generic", 400)
F = evaluator(CASE.book, list(AT))


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


@pytest.mark.parametrize("one", [0.0, 1.0])
def test_value_and_low_half_of_an_exponential_have_68_bits(one):
    """Against mpmath, over the range and near 0, for arrays and for floats; 67 bits near -700."""
    rng = np.random.default_rng(0)
    q = np.concatenate([
        rng.uniform(-690, 708, 300), rng.uniform(-2, 2, 600), rng.uniform(-0.02, 0.02, 300),
        10 ** rng.uniform(-300, 0, 200) * rng.choice([-1, 1], 200),
    ])  # fmt: skip
    low = q * rng.uniform(-1, 1, q.size) * 2.0**-54
    value = np.expm1(q) if one else np.exp(q)
    found = exp_low(q, low, value, one)
    with mpmath.workprec(1200):
        for x, dx, v, e in zip(*(a.tolist() for a in (q, low, value, found)), strict=True):
            want = mpmath.exp(mpmath.mpf(x) + mpmath.mpf(dx)) - one
            assert abs((mpmath.mpf(v) + mpmath.mpf(e)) / want - 1) < 2.0**-67
            scalar = exp_low_scalar(x, dx, v, one)
            assert abs((mpmath.mpf(v) + mpmath.mpf(scalar)) / want - 1) < 2.0**-67


def test_outside_the_range_of_exponentials_the_low_half_is_zero():
    q = np.array([-750.0, 720.0, np.inf, -np.inf, np.nan])
    with np.errstate(all="ignore"):
        assert (exp_low(q, 0.0, np.exp(q), 0.0) == 0).all()
    assert all(exp_low_scalar(x, 0.0, 1.0, 0.0) == 0 for x in q.tolist())


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", ["three baths", "four baths", "three leads"])
def test_ever_closer_to_a_zero_of_a_current(name, backend):
    """Its own digits, until 13 bits have cancelled; the zero is found at 60 digits."""
    case = MACHINES[name]
    at = {key: float(v[3]) for key, v in machine_points(case, "generic", 5).items()}
    current = "heat[3]" if name != "three leads" else "current[3]"
    place = case.book.quantities.index(current)

    def exact(T):
        with mpmath.workdps(80):
            values = {**{k: mpmath.mpf(v) for k, v in at.items()}, "T_3": T}
            return case.exact(*(values[key] for key in case.symbols))[place]

    with mpmath.workdps(60):
        root = mpmath.findroot(exact, (0.3, 6.0), solver="anderson", tol=1e-50)
    T = np.array([float(root) * (1 + s * 2.0**-k) for k in range(3, 13) for s in (-1, 1)])
    found = evaluator(case.book, list(at), backend=backend)(**{**at, "T_3": T})[current]
    plain = []
    for t, value in zip(T.tolist(), found.tolist(), strict=True):
        assert ulps(value, exact(mpmath.mpf(t))) <= 16
        plain.append(value)
    assert len({np.sign(x) for x in plain}) == 2  # it is a zero


@pytest.mark.parametrize("backend", BACKENDS)
def test_rows_threads_outputs_and_points_agree(backend):
    f = F.with_backend(backend)
    want = f.with_threads(1)(**AT)
    for name, value in f.with_threads(3)(**AT).items():
        np.testing.assert_array_equal(value, want[name])
    out = [np.empty(400) for _ in want]
    f(**AT, out=out)
    assert all(np.array_equal(a, b) for a, b in zip(out, want.values(), strict=True))
    square = {k: (v.reshape(20, 20) if k != "omega" else v[0]) for k, v in AT.items()}
    flat = f(**{**AT, "omega": AT["omega"][0]})
    for name, value in f(**square).items():
        np.testing.assert_array_equal(value.ravel(), flat[name])
    for k in range(0, 400, 7):
        one = f(**{name: float(v[k]) for name, v in AT.items()})
        for name, value in one.items():
            assert abs(value - want[name][k]) <= 20 * np.spacing(abs(want[name][k]))
    again = pickle.loads(pickle.dumps(f))
    assert np.array_equal(again(**AT)["heat[1]"], want["heat[1]"])
    empty = np.empty(())
    f(**{k: np.asarray(v[0]) for k, v in AT.items()}, out=[empty, *(np.empty(()) for _ in out[1:])])
    assert empty == pytest.approx(want["heat[1]"][0], rel=1e-14)


def test_points_are_computed_again_where_the_sum_cancels_and_only_there():
    """Few points one by one, many as arrays, the others not at all."""
    margin = np.empty(400)
    plain = [np.empty(400) for _ in F.outputs]
    F._run(list(AT.values()), [*plain, margin])
    found = F(**AT)
    lost = margin < 0
    assert 20 < lost.sum() < 100
    assert all(np.array_equal(found[n][~lost], p[~lost]) for n, p in zip(found, plain, strict=True))
    assert any((found[n] != p)[lost].any() for n, p in zip(found, plain, strict=True))
    few = {name: v[:60] for name, v in AT.items()}
    for name, value in F(**few).items():
        np.testing.assert_allclose(value, found[name][:60], rtol=4e-15)
    assert CANCELLED > 1


def test_single_forces_cost_nothing_and_derivatives_are_of_the_first_program():
    for name in ("maser", "refrigerator"):
        case = MODELS[name]
        made = evaluator(case.book, list(points(case, "generic", 1)), quantities=case.timed)
        assert made.watch is None and made.careful is None
    slope = F.grad("T_1")
    assert slope.careful is None and slope.watch is None
    step = 1e-6
    up, down = ({**AT, "T_1": AT["T_1"] * (1 + s * step)} for s in (1, -1))
    secant = (F(**up)["heat[1]"] - F(**down)["heat[1]"]) / (2 * step * AT["T_1"])
    np.testing.assert_allclose(slope(**AT)["heat[1]"], secant, rtol=1e-5)


def test_the_array_api_has_the_first_program():
    found, want = F.with_backend("array_api")(**AT), F(**AT)
    for name, value in found.items():
        scale = np.abs(want["heat[1]"]) if name.startswith("heat") else 1.0
        np.testing.assert_allclose(value, want[name], rtol=1e-12, atol=1e-13 * np.max(scale))


def test_negative_and_missing_parameters_as_everywhere():
    at = {**AT, "gamma_2": np.where(np.arange(400) % 9 == 0, -1.0, AT["gamma_2"])}
    for backend in BACKENDS:
        found = F.with_backend(backend)(**at)
        assert (np.isnan(found["heat[1]"]) == (at["gamma_2"] < 0)).all()


@pytest.mark.parametrize(
    "make",
    [
        lambda t, x, y: t.apply("mul", t.apply("sqrt", x), y),
        lambda t, x, y: t.apply("div", x, y),
        lambda t, x, y: t.apply("exp", t.apply("div", x, y)),
        lambda t, x, y: t.apply("expm1", t.apply("mul", x, y)),
        lambda t, x, y: t.apply("max", t.apply("mul", x, y), t.apply("div", x, y)),
        lambda t, x, y: t.apply("min", t.apply("mul", x, y), t.apply("div", x, y)),
        lambda t, x, y: t.apply("abs", t.neg(t.apply("mul", x, y))),
        lambda t, x, y: t.apply("copysign", t.apply("mul", x, y), t.apply("sub", x, y)),
    ],
)
def test_the_error_of_every_operation(make):
    """A difference of two values of nearby size, against mpmath: rounded once."""
    tape = Tape(2)
    value = make(tape, 0, 1)
    total = tape.apply("sub", value, 0)
    found = doubled(tape, [total], [(total, (value, 0))])
    code, (end,) = found
    rng = np.random.default_rng(1)
    exact = {
        "add": lambda a, b: a + b, "sub": lambda a, b: a - b, "mul": lambda a, b: a * b,
        "div": lambda a, b: a / b, "neg": lambda a: -a, "abs": abs, "max": max, "min": min,
        "sqrt": mpmath.sqrt, "exp": mpmath.exp, "expm1": mpmath.expm1,
        "copysign": lambda a, b: abs(a) if b >= 0 else -abs(a),
    }  # fmt: skip
    for x, y in rng.uniform(0.3, 3, (200, 2)).tolist():
        registers = [x, y]
        for op, args, number in code:
            inner = [registers[a] for a in args]
            registers.append(number if op == "const" else OPERATIONS[op].scalar(*inner))
        with mpmath.workprec(300):
            want = [mpmath.mpf(x), mpmath.mpf(y)]
            for op, args, number in tape.code:
                inner = [want[a] for a in args]
                want.append(mpmath.mpf(number) if op == "const" else exact[op](*inner))
            assert ulps(registers[end], want[total]) <= 0.5 + 2.0**-8


def test_sums_that_are_watched():
    """Those of occupations with terms of both signs; not those of one sign, nor of logarithms."""
    tape = Tape(2)
    n = tape.apply("exp", 0)
    tape.occupations.add(n)
    log = tape.apply("log", n)
    falls, grows, plain, mixed = ((n, tape.neg(1)), (n, 1), (0, tape.neg(1)), (log, 1))
    totals = [tape.sum(terms) for terms in (falls, grows, plain, mixed)]
    tape.sums += zip(totals, (falls, grows, plain, mixed), strict=True)
    first, second = tape.sums[:2]
    assert cancelling(tape, totals, [0, 1]) == [first]
    assert cancelling(tape, totals, [0]) == [first, second]
    assert cancelling(tape, totals[1:], [0, 1]) == []


def coulomb_dot():
    """Two levels of occupation, two leads: differences of occupations that are no single force."""
    e, U, *r = parameters("epsilon U mu_1 mu_2 T_1 T_2 Gamma_1 Gamma_2")
    k0, k1, k2 = HilbertSpace("dot", levels="012").kets
    jumps = []
    for k in range(2):
        lead = Lead(str(k + 1), r[2 + k], r[k])
        jumps.append(lead.jumps(k0 * k1.dag(), energy=e, rate=2 * r[4 + k]))
        jumps.append(lead.jumps(k1 * k2.dag(), energy=e + U, rate=r[4 + k]))
    E = e * k1 * k1.dag() + (2 * e + U) * k2 * k2.dag()
    N = k1 * k1.dag() + 2 * k2 * k2.dag()
    return ledger(steady_state(gkls(E, jumps)), energy=E, number=N)


def test_sums_that_are_not_seen_to_be_forces_keep_their_digits_too():
    """A dot with Coulomb repulsion, up to 2e-3 from equilibrium."""
    case = Case("coulomb dot", coulomb_dot, (), ("", None), None)
    rng = np.random.default_rng(0)
    at = {name: np.exp(rng.uniform(-1, 1, 60)) for name in case.symbols}
    at["T_2"][20:] = at["T_1"][20:]
    at["mu_2"][20:] = at["mu_1"][20:] * (1 + 2e-3 * rng.uniform(-1, 1, 40))
    for got, want in compared(case, at, "numpy", 100):
        assert max(ulps(got[key], exact) for key, exact in want.items()) <= 16


def test_all_digits_of_all_currents():
    """The claim of ``test_machines`` in units of the current itself, over more points."""
    for name in ("three baths", "driven qubit"):
        case = MACHINES[name]
        for regime in ("generic", "1e-6 from equilibrium", "beta omega 1e-3 to 50"):
            lost = 1500 if regime.startswith("beta omega") else 60
            for got, want in compared(case, machine_points(case, regime, 60), "numpy", lost):
                assert max(ulps(got[key], exact) for key, exact in want.items()) <= 16
