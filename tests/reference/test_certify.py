"""certify on models of a user's own: long closed forms, singular states, and limits of time."""

from __future__ import annotations

import warnings
from fractions import Fraction

import pytest
import sympy
from click.testing import CliRunner
from mpmath import mp

from symtherm import Model, ThermalBath, certify, destroy, gkls, model, parameters, steady_state
from symtherm.cli import main
from symtherm.errors import NotUnique, OutOfDomain, TooLong, Undecided, UnknownQuantity
from symtherm.models.writer import write_model
from symtherm.numeric.enclosure import Enclosed, steady_names
from symtherm.numeric.initial import initial_coordinates
from symtherm.numeric.system import BathData, JumpData, System, system_of
from symtherm.numeric.twin import state_twin, steady_twin
from symtherm.reference import read_reference

R = sympy.Rational


def kerr(cutoff):
    """A driven Kerr oscillator: its operators hold square roots, its closed form is long."""
    Delta, U, F, kappa, T, omega = names = parameters("Delta U F kappa T omega")
    a = destroy(cutoff)
    n = a.dag() * a
    H = Delta * n + U * a.dag() * a.dag() * a * a + F * (a + a.dag())
    bath = ThermalBath("b", T).jumps(a, frequency=omega, rate=kappa)
    point = dict(zip(names, [R(1, 3), R(1, 5), R(1, 7), R(1), R(1, 2), R(1)], strict=True))
    return Model(f"kerr-{cutoff}", "A Kerr oscillator", names, gkls(H, [bath]), omega * n), point


def bare(d, hamiltonian, jumps, baths=(), energy=None):
    """A system from dictionaries of entries."""

    def entries(found):
        return tuple((i, j, sympy.S(v)) for (i, j), v in found.items())

    return System(
        tuple(map(str, range(d))),
        entries(hamiltonian),
        tuple(JumpData(label, sympy.S(rate), entries(A)) for label, rate, A in jumps),
        tuple(BathData(label, "bath", sympy.S(T), sympy.S.Zero) for label, T in baths),
        entries(energy or {(1, 1): 1}),
    )


def confirmed(found, twin, digits):
    assert found
    with mp.workdps(digits + 40):
        for name, ball in found.items():
            slack = mp.mpf(10) ** -digits * (1 + abs(twin[name]))
            gap = abs(twin[name] - mp.mpf(ball.value))
            assert gap <= mp.mpf(ball.radius) + slack, (name, ball, twin[name])


# --- closed forms that are too long -----------------------------------------------------------------


@pytest.mark.parametrize("cutoff", [4, 6])
def test_a_long_model_is_enclosed_from_its_operators_and_says_so(cutoff):
    m, point = kerr(cutoff)
    with pytest.warns(UserWarning, match="from the operators"):
        found = certify(m, point, 50)
    system = system_of(m.generator, m.energy)
    assert set(found) == set(steady_names(system)) - {"entropy"}
    confirmed(found, steady_twin(system, point, 100), 95)


def test_a_kerr_state_has_a_program():
    """sqrt(3) has no root modulo 2^61 - 1: the random point once searched for one forever."""
    m, point = kerr(6)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        state = steady_state(m.generator, max_terms=1000)
    with pytest.raises(TooLong):
        _ = state.values
    balls = state.enclose(point, 20)
    found = certify_quietly(m, point, 20)
    for k in range(6):
        a, b = found[f"population[{k}]"], balls[k, k, ""]
        gap = abs(Fraction(a.value) - Fraction(b.value))
        assert gap <= Fraction(a.radius) + Fraction(b.radius)


def certify_quietly(m, point, digits):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return certify(m, point, digits)


def test_a_short_model_keeps_its_closed_form():
    m = model("three-level-maser")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = certify(m, m.point, 30)
    assert "efficiency" in found and "entropy" not in found


def test_entropies_and_coherences_on_request():
    """They have no rational closed form; both kinds in one call, in the order asked."""
    m = model("three-level-maser")
    names = ["entropy", "power", "re[l,u]", "im[l,u]"]
    found = certify(m, m.point, 50, names)
    assert list(found) == names
    system = system_of(m.generator, m.energy, m.number, m.hot)
    confirmed(found, steady_twin(system, m.point, 100), 95)
    with pytest.raises(UnknownQuantity):
        certify(m, m.point, 10, ["re[l,x]"])
    with pytest.raises(UnknownQuantity):
        certify(m, m.point, 10, ["entrop"])


def test_the_command_line_says_where_values_come_from(tmp_path):
    """A note on stderr, the method in the rows of a file, and a quantity without a closed form."""
    m, point = kerr(5)
    path, out = tmp_path / "kerr.toml", tmp_path / "kerr.json"
    path.write_text(write_model(m))
    at = ("--at", ", ".join(f"{k}={v}" for k, v in point.items()))
    run = CliRunner().invoke
    result = run(main, ["certify", str(path), *at, "--digits", "12", "--seconds", "60"])
    assert result.exit_code == 0, result.output
    assert "enclosed from its operators" in result.stderr and "power" in result.stdout
    result = run(main, ["certify", str(path), *at, "--digits", "12", "-o", str(out)])
    assert result.exit_code == 0, result.output
    assert "linear solve" in read_reference(out).rows[0].method
    assert run(main, ["verify", str(out)]).exit_code == 0
    at = ("--at", ", ".join(f"{k}={v}" for k, v in model("qubit").point.items()))
    result = run(main, ["certify", "qubit", *at, "--quantity", "entropy", "--digits", "12"])
    assert result.exit_code == 0 and "entropy" in result.stdout, result.output


# --- singular, degenerate and disconnected ----------------------------------------------------------


def test_a_dark_state():
    """A pure steady state of a Lambda system: S vanishes, and nothing is compared with it."""
    drive = {(0, 2): 1, (2, 0): 1, (1, 2): 1, (2, 1): 1}
    jumps = [("a", 1, {(0, 2): 1}), ("b", R(1, 2), {(1, 2): 1})]
    system = bare(3, drive, jumps, (), {(1, 1): 1, (2, 2): 2})
    at = Enclosed(system, {})
    assert at._rank_loss == 2
    found = at.steady(30)
    assert found["population[0]"].value.startswith("0.5") and found["entropy"].value == "0"
    start = initial_coordinates("0", system.levels)
    found = at.state(start, Fraction(3), 50)
    assert "relative_entropy" not in found and "entropy_production" in found
    confirmed(found, state_twin(system, {}, start, Fraction(3), 100, list(found)), 95)
    with pytest.raises(OutOfDomain, match="singular or not unique"):
        at.state(start, 3, 20, ["relative_entropy"])


def test_states_near_a_pure_one():
    """An eigenvalue of 1e-60, and one of e^-200."""
    decay = bare(2, {}, [("a", 1, {(0, 1): 1})], (("a", 1),))
    small = R(1, 10**60)
    start = initial_coordinates({(0, 0): 1 - small, (1, 1): small}, decay.levels)
    names = ["entropy", "entropy_production", "entropy_production_integral"]
    found = Enclosed(decay, {}).state(start, 1, 30, names)
    with mp.workdps(150):
        p = mp.exp(-1) / mp.mpf(10) ** 60
        exact = -p * mp.log(p) - (1 - p) * mp.log1p(-p)
        ball = found["entropy"]
        assert abs(mp.mpf(ball.value) - exact) <= mp.mpf(ball.radius) < exact * mp.mpf(10) ** -29
    found = Enclosed(decay, {}).state(initial_coordinates("1", decay.levels), 200, 30, ["entropy"])
    with mp.workdps(200):
        p = mp.exp(-200)
        exact = -p * mp.log(p) - (1 - p) * mp.log1p(-p)
        ball = found["entropy"]
        assert abs(mp.mpf(ball.value) - exact) <= mp.mpf(ball.radius) < exact * mp.mpf(10) ** -29


def test_a_generator_with_one_relaxation_rate():
    """The depolarising channel: L has a threefold eigenvalue, the steady state a twofold one."""
    flips = [
        ("x", 1, {(0, 1): 1, (1, 0): 1}),
        ("y", 1, {(0, 1): -sympy.I, (1, 0): sympy.I}),
        ("z", 1, {(0, 0): 1, (1, 1): -1}),
    ]
    system = bare(2, {}, flips)
    start = initial_coordinates("0", system.levels)
    found = Enclosed(system, {}).state(start, Fraction(1, 3), 50)
    confirmed(found, state_twin(system, {}, start, Fraction(1, 3), 100), 95)


@pytest.mark.parametrize("rates", [(2, 3), (sympy.exp(R(1, 3)), sympy.exp(R(1, 2)))])
def test_two_dark_states_in_one_block_are_refused_by_name(rates):
    """Connected, yet with a kernel of four dimensions: exact rank for rationals; for transcendental
    rates no number of bits can tell, and the error says what could not be told."""
    drive = {key: 1 for k in range(3) for key in ((k, 3), (3, k))}
    jumps = [(x, r, {(k, 3): 1}) for k, (x, r) in enumerate(zip("abc", (*rates, 1), strict=True))]
    at = Enclosed(bare(4, drive, jumps), {})
    with pytest.raises((NotUnique, Undecided), match="singular"):
        at.steady(20)
    found = at.state(initial_coordinates("0", at.system.levels), 2, 20, ["population[0]"])
    assert found["population[0]"].sign == 1


def test_a_closed_system_keeps_its_entropy():
    """No dissipator: no steady state to compare with, and a pure state that stays pure."""
    system = bare(2, {(0, 1): 1, (1, 0): 1}, [])
    start = initial_coordinates("0", system.levels)
    found = Enclosed(system, {}).state(start, 1, 30, ["entropy", "population[0]", "power"])
    assert Fraction(found["entropy"].radius) < Fraction(1, 10**30)
    with mp.workdps(50):
        ball = found["population[0]"]
        assert abs(mp.mpf(ball.value) - mp.cos(1) ** 2) <= mp.mpf(ball.radius)


# --- limits of time -----------------------------------------------------------------------------------


def test_digits_proved_in_time_are_told():
    """A driven trajectory that would take long; a few digits are proved first."""
    from symtherm.models.shipped import shipped_model

    m, time = shipped_model("bichromatic-qubit")
    system = system_of(m.generator, m.energy, m.number, m.hot, time)
    start = initial_coordinates("g", system.levels)
    for seconds in (2.5, 20):  # a busy machine may need the second
        with pytest.raises(Undecided) as caught:
            Enclosed(system, m.point).state(start, 30, 900, ["population[e]"], seconds=seconds)
        words = str(caught.value).split(f"digits proved within {seconds} s")[0].split()
        if int(words[-1]) >= 10:
            break
    assert 10 <= int(words[-1]) < 900, caught.value


def test_a_closed_form_without_digits_says_so():
    m = model("qubit")
    x = parameters("x")
    one = sympy.sin(1) ** 2 + sympy.cos(1) ** 2
    assert str(certify(one - 1, {}, 200, seconds=60)) == "0"  # identically
    flat = sympy.log(2 + x) * (one - 1)  # logarithms are not decided as identities
    with pytest.raises(Undecided, match="may be zero"):
        certify(flat, {x: 1}, 200, seconds=0)
    assert certify(m, m.point, 10, seconds=60)


@pytest.mark.parametrize("drive", [R(1, 7), R(0)])
def test_long_forms_are_certified_as_they_are(drive, monkeypatch):
    """The expanded quotient and the shortest form have the same digits, zeros included."""
    from symtherm.reference import closed

    maser = model("three-level-maser")
    point = {**maser.point, maser.parameters[4]: drive}
    assert str(maser.parameters[4]) == "epsilon"
    written = certify(maser, point, 40)
    monkeypatch.setattr(closed, "WRITTEN_TERMS", 0)
    assert certify(maser, point, 40) == written


def test_a_long_form_is_a_quotient_of_its_factors():
    """Two couplings of one level: thousands of terms, which no search for a short form has to see;
    written in seconds, and right."""
    from symtherm import HilbertSpace, ledger
    from symtherm.dynamics.reading import is_long

    h, w1, w2, w3, a, b, T, S = names = parameters("h w_1 w_2 w_3 a b T S")
    ladder = HilbertSpace("ladder", levels="0123")
    k = ladder.kets
    energies = [0, w1, w1 + w2, w1 + w2 + w3]
    E = sum(
        (e * x * x.dag() for e, x in zip(energies[1:], k[1:], strict=True)), 0 * k[0] * k[0].dag()
    )
    hot, cold = ThermalBath("h", T), ThermalBath("c", S)
    pairs = [(hot, 0, 1, a), (cold, 1, 2, b), (hot, 2, 3, a), (cold, 0, 2, a)]
    jumps = [
        bath.jumps(k[i] * k[j].dag(), frequency=energies[j] - energies[i], rate=rate)
        for bath, i, j, rate in pairs
    ]
    hop = k[0] * k[3].dag() + k[1] * k[2].dag()
    L = gkls(E + h * (hop + hop.dag()), jumps)
    book = ledger(steady_state(L), energy=E)
    assert is_long(book.fraction("heat[h]"))
    point = dict(zip(names, map(R, ("1/3", "1", "1/2", "2", "1/5", "1/7", "3", "1")), strict=True))
    found = certify(book.heat["h"], point, 30)
    assert found == certify(book, point, 30)["heat[h]"]
    operators = Enclosed(system_of(L, E), point).steady(30, ["heat[h]"])["heat[h]"]
    assert abs(Fraction(operators.value) - Fraction(found.value)) <= Fraction(
        operators.radius
    ) + Fraction(found.radius)
