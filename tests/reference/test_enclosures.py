"""Every enclosure contains what the mpmath route finds with 100 digits, and proves its own digits."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
import sympy
from mpmath import mp

from symtherm import HilbertSpace, ThermalBath, gkls, model, parameters, sigmam, sigmax, sigmaz
from symtherm.errors import (
    DimensionMismatch,
    NotHermitian,
    NotUnique,
    OutOfDomain,
    Undecided,
    UnknownQuantity,
)
from symtherm.numeric.enclosure import Enclosed
from symtherm.numeric.initial import initial_coordinates
from symtherm.numeric.integrate import entropy_production_rate, evolve
from symtherm.numeric.system import BathData, JumpData, System, system_of
from symtherm.numeric.twin import state_twin, steady_twin

R = sympy.Rational
NAMES = ("qubit", "two-bath-qubit", "three-level-maser", "quantum-dot")
T = parameters("t", real=True)


def confirmed(found, twin, digits=95):
    """Containment with the error of the twin allowed for, and digits where the value is not 0."""
    assert found
    with mp.workdps(digits + 60):
        for name, ball in found.items():
            value = mp.mpf(ball.value)
            slack = mp.mpf(10) ** -digits * (1 + abs(twin[name]))
            assert abs(twin[name] - value) <= mp.mpf(ball.radius) + slack, (name, ball, twin[name])
            if value:
                assert mp.mpf(ball.radius) <= abs(value) * mp.mpf(10) ** -48, (name, ball)


def system_from(name):
    m = model(name)
    return system_of(m.generator, m.energy, m.number, m.hot), m.point


def dense(d, seed, transcendental=False, driven=False):
    """A random dense GKLS system; with transcendental rates no coefficient is rational."""
    rng = random.Random(seed)

    def entry():
        return R(rng.randint(-6, 6), 8)

    h = {(i, i): entry() for i in range(d)}
    for i in range(d):
        for j in range(i + 1, d):
            v = entry() + sympy.I * entry()
            h[i, j], h[j, i] = v, sympy.conjugate(v)
    if driven:
        for a, b in ((0, 1), (1, 0)):
            h[a, b] = h[a, b] + sympy.cos(2 * T) / 3 + T**2 / 5
    rate = sympy.exp(R(-1, 3)) if transcendental else R(2, 7)
    jumps = tuple(
        JumpData(
            label,
            rate,
            tuple((i, j, entry() + sympy.I * entry()) for i in range(d) for j in range(d)),
        )
        for label in "ab"
    )
    baths = (BathData("a", "bath", sympy.Integer(2), sympy.Integer(0)),)
    energy = tuple((i, i, sympy.Integer(i)) for i in range(1, d))
    return System(
        tuple(map(str, range(d))), tuple((i, j, v) for (i, j), v in h.items()), jumps, baths, energy,
        None, (), T if driven else None,
    )  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_steady_states_of_the_library(name):
    system, point = system_from(name)
    confirmed(Enclosed(system, point).steady(50), steady_twin(system, point, 100))


@pytest.mark.parametrize("transcendental", [False, True])
@pytest.mark.parametrize("d", [2, 3, 4])
def test_dense_generators_beyond_blocks_of_two(d, transcendental):
    """Steady state and transient; a state of one block of d levels."""
    system = dense(d, d, transcendental)
    at = Enclosed(system, {})
    confirmed(at.steady(50), steady_twin(system, {}, 100))
    start = initial_coordinates("mixed", system.levels)
    found = at.state(start, Fraction(5, 3), 50, ["entropy", "relative_entropy", "entropy_production", "re[0,1]", "im[0,1]", "heat_integral[a]", "entropy_production_integral"])  # fmt: skip
    confirmed(found, state_twin(system, {}, start, Fraction(5, 3), 100))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("t", [Fraction(0), Fraction(3, 7), Fraction(900)])
def test_states_on_the_way(name, t):
    """Pure at t = 0 (x ln x at 0), transient, and long times by the whole exponential."""
    system, point = system_from(name)
    start = initial_coordinates(system.levels[-1], system.levels)
    found = Enclosed(system, point).state(start, t, 50)
    assert ("entropy_production" in found) == (t > 0)
    if t == 0:
        assert found["entropy"].value == "0" and found["entropy"].radius == "0"
    confirmed(found, state_twin(system, point, start, t, 100))


def test_a_superposition_is_pure_exactly_and_near_pure_later():
    """An entangled rational projector: rank one is proved, so S(0) = 0 exactly."""
    system, point = system_from("three-level-maser")
    third = {(i, j): R(1, 3) for i in range(3) for j in range(3)}
    start = initial_coordinates(third, system.levels)
    at = Enclosed(system, point)
    assert at.state(start, 0, 30, ["entropy"])["entropy"].value == "0"
    t = Fraction(1, 10**12)
    found = at.state(start, t, 50, ["entropy", "entropy_production_integral"])
    confirmed(found, state_twin(system, point, start, t, 110, ["entropy"]))


def test_repeated_eigenvalues_of_a_connected_state():
    """1/4 + a projector: a threefold eigenvalue inside one block of four levels."""
    system = dense(4, 3)
    value = {(i, j): R(1, 8) + (R(1, 8) if i == j else 0) for i in range(4) for j in range(4)}
    start = initial_coordinates(value, system.levels)
    found = Enclosed(system, {}).state(start, 0, 50, ["entropy", "relative_entropy"])
    confirmed(found, state_twin(system, {}, start, Fraction(0), 100))
    with mp.workdps(70):
        exact = -(mp.mpf(5) / 8 * mp.log(mp.mpf(5) / 8) + 3 * mp.mpf(1) / 8 * mp.log(mp.mpf(1) / 8))
        assert abs(mp.mpf(found["entropy"].value) - exact) <= mp.mpf(found["entropy"].radius)


def test_integral_of_sigma_equals_quadrature():
    """The third route: sigma(rho(t)) integrated over [0, 1] by Gauss-Legendre."""
    system = dense(2, 5)
    start = initial_coordinates("mixed", system.levels)
    ball = Enclosed(system, {}).state(start, 1, 30, ["entropy_production_integral"])
    from symtherm.numeric.twin import _generator

    with mp.workdps(30):
        gen = _generator(system, {}, 40)
        energy, beta = (((1, 1), mp.mpf(1)),), {"a": mp.mpf(1) / 2}
        half = mp.eye(2) / 2
        twin = mp.quad(lambda t: entropy_production_rate(gen, evolve(gen, half, t, 28), energy, beta, 25), [0, 0.5, 1], maxdegree=5, method="gauss-legendre")  # fmt: skip
        assert abs(twin - mp.mpf(ball["entropy_production_integral"].value)) < mp.mpf(10) ** -18


DRIVES = {
    "ramp": T / 3,
    "sine": sympy.sin(3 * T / 2),
    "polynomial": T * (1 - T) + T**4 / 7,
    "fourier": sympy.cos(T) + sympy.sin(2 * T) / 3 - sympy.cos(3 * T) / 5,
    "pulse": sympy.exp(-(T**2)),
    "switch": sympy.tanh(T - 1),
    "rational": 1 / (1 + T**2),
    "root": sympy.sqrt(1 + T),
}


@pytest.mark.parametrize("drive", DRIVES)
def test_driven_generators(drive):
    """Taylor steps with a majorant remainder against Taylor steps in mpmath, which share no code."""
    omega, gamma, temperature = parameters("omega gamma T")
    H_0 = omega / 2 * sigmaz()
    bath = ThermalBath("b", temperature)
    L = gkls(H_0 + DRIVES[drive] * sigmax(), [bath.jumps(sigmam(), frequency=omega, rate=gamma)])
    system = system_of(L, H_0, time=T)
    point = {omega: R(1), gamma: R(1, 5), temperature: R(1, 2)}
    start = initial_coordinates("g", system.levels)
    found = Enclosed(system, point).state(start, Fraction(3, 2), 50)
    confirmed(found, state_twin(system, point, start, Fraction(3, 2), 100))


def test_driven_dense_and_moving_rates():
    """A dense drive, and a dot whose level, rates and energy operator all move."""
    system = dense(3, 8, driven=True)
    start = initial_coordinates("mixed", system.levels)
    found = Enclosed(system, {}).state(start, Fraction(1, 2), 50)
    confirmed(found, state_twin(system, {}, start, Fraction(1, 2), 100))
    from symtherm.models.shipped import shipped_model

    m, time = shipped_model("ramped-dot")
    system = system_of(m.generator, m.energy, m.number, m.hot, time)
    start = initial_coordinates("0", system.levels)
    found = Enclosed(system, m.point).state(start, Fraction(1), 50)
    confirmed(found, state_twin(system, m.point, start, Fraction(1), 100))


def test_a_driven_system_without_its_drive_is_the_constant_one():
    """Two ball routes to one number: Taylor steps and the exponential."""
    system, point = system_from("three-level-maser")
    moving = System(system.levels, system.hamiltonian, system.jumps, system.baths, system.energy, None, (), T)  # fmt: skip
    start = initial_coordinates("u", system.levels)
    one = Enclosed(system, point).state(start, 2, 50, ["entropy", "heat_integral[h]", "power"])
    two = Enclosed(moving, point).state(start, 2, 50, ["entropy", "heat_integral[h]", "power"])
    for name, ball in one.items():
        gap = abs(Fraction(ball.value) - Fraction(two[name].value))
        assert gap <= Fraction(ball.radius) + Fraction(two[name].radius)


def test_trajectories_keep_their_digits():
    """101 states, each evolved from the one before; the last against a single step."""
    system, point = system_from("qubit")
    start = initial_coordinates("e", system.levels)
    at = Enclosed(system, point)
    rows = at.trajectory(start, [Fraction(k, 10) for k in range(101)], 50, ["population[e]"])
    single = at.state(start, 10, 50, ["population[e]"])
    gap = Fraction(rows[-1]["population[e]"].value) - Fraction(single["population[e]"].value)
    assert abs(gap) <= 2 * Fraction(rows[-1]["population[e]"].radius)


def test_a_thousand_digits():
    system, point = system_from("three-level-maser")
    found = Enclosed(system, point).steady(1000, ["heat[h]", "entropy"])
    assert all(len(ball.value) > 1000 for ball in found.values())
    few = Enclosed(system, point).steady(50, ["heat[h]", "entropy"])
    for name, ball in found.items():
        assert abs(Fraction(ball.value) - Fraction(few[name].value)) <= Fraction(few[name].radius)


def test_refusals():
    """Disconnected sectors, time that is up, bad states, unknown names: each by name."""
    space = HilbertSpace("pair", levels="abcd")
    a, b, c, d = space.kets
    omega, gamma, temperature = parameters("omega gamma T")
    bath = ThermalBath("b", temperature)
    E = omega * (b * b.dag() + d * d.dag())
    jumps = [bath.jumps(x * y.dag(), frequency=omega, rate=gamma) for x, y in ((a, b), (c, d))]
    split = system_of(gkls(E, jumps), E)
    point = {omega: R(1), gamma: R(1), temperature: R(1)}
    with pytest.raises(NotUnique, match="sectors"):
        Enclosed(split, point).steady(20)
    still = System(split.levels, split.hamiltonian, (), (), split.energy)
    with pytest.raises(NotUnique):
        Enclosed(still, {omega: R(1)}).steady(20)
    system, point = system_from("qubit")
    at = Enclosed(system, point)
    half = initial_coordinates("mixed", system.levels)
    with pytest.raises(OutOfDomain, match="falling"):
        at.state(half, -1, 20)
    with pytest.raises(UnknownQuantity):
        at.steady(20, ["heat[x]"])
    with pytest.raises(OutOfDomain, match="eigenvalue"):
        bad = initial_coordinates({(0, 0): R(3, 2), (1, 1): R(-1, 2)}, system.levels)
        at.state(bad, 0, 20, ["entropy"])
    with pytest.raises(NotHermitian):
        initial_coordinates({(0, 0): 1, (0, 1): R(1, 2)}, system.levels)
    with pytest.raises(DimensionMismatch):
        initial_coordinates({(7, 7): 1}, system.levels)
    with pytest.raises(OutOfDomain, match="trace"):
        initial_coordinates({(0, 0): R(1, 2)}, system.levels)
    with pytest.raises(Undecided, match="digits proved within"):
        Enclosed(dense(3, 8, driven=True), {}).state(initial_coordinates("mixed", "012"), 50, 300, seconds=0.05)  # fmt: skip


def test_a_drive_that_is_singular_on_the_way_is_refused():
    omega, gamma, temperature = parameters("omega gamma T")
    bath = ThermalBath("b", temperature)
    L = gkls(sigmax() / (1 - T), [bath.jumps(sigmam(), frequency=omega, rate=gamma)])
    system = system_of(L, omega / 2 * sigmaz(), time=T)
    point = {omega: R(1), gamma: R(1), temperature: R(1)}
    with pytest.raises((OutOfDomain, Undecided)):
        Enclosed(system, point).state(
            initial_coordinates("g", system.levels), 2, 10, ["power"], seconds=1
        )
