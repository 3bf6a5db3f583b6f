"""The high-precision route agrees with slow twins, with QuTiP, and with the second law."""

from __future__ import annotations

import time

import numpy as np
import pytest
from mpmath import mp, mpc, mpf

from symtherm.errors import DimensionMismatch, NotHermitian, NotUnique, OutOfDomain
from symtherm.numeric.integrate import (
    NumericGenerator,
    apply_dissipator,
    energy_current,
    entropy_production,
    entropy_production_rate,
    evolve,
    power,
    steady_state,
    superoperator,
    von_neumann_entropy,
)

ONE = mpf(1)


def entries(array):
    d = len(array)
    return tuple(((i, j), mpc(complex(array[i, j]))) for i in range(d) for j in range(d))


def random_generator(seed, d, jumps=2):
    """A dense random GKLS generator, and its arrays."""
    rng = np.random.default_rng(seed)
    h = rng.normal(size=(d, d)) + 1j * rng.normal(size=(d, d))
    h = h + h.conj().T
    ls = [rng.normal(size=(d, d)) + 1j * rng.normal(size=(d, d)) for _ in range(jumps)]
    rates = rng.uniform(0.1, 1.0, jumps)
    gen = NumericGenerator(
        entries(h),
        tuple((str(k), mpf(r), entries(l)) for k, (r, l) in enumerate(zip(rates, ls, strict=True))),
        d,
    )
    return gen, h, rates, ls


def maser(stiffness=0):
    """Levels g, l, u; hot bath on g-u, cold bath on g-l (10^-stiffness slower), drive on l-u."""
    slow = mpf(10) ** -stiffness
    with mp.workdps(70):
        hot, cold = 1 / mp.expm1(mpf(3) / 4), 1 / mp.expm1(mpf(1) / 2)
        jumps = (
            ("h", hot + 1, (((0, 2), ONE),)),
            ("h", +hot, (((2, 0), ONE),)),
            ("c", slow * (cold + 1), (((0, 1), ONE),)),
            ("c", slow * cold, (((1, 0), ONE),)),
        )
    drive = (((1, 2), slow / 4), ((2, 1), slow / 4))
    return NumericGenerator(drive, jumps, 3)


LEVELS = (((1, 1), mpf(1)), ((2, 2), mpf(3)))
BETA = {"h": mpf(1) / 4, "c": mpf(1) / 2}


def coordinates(rho):
    d = rho.rows
    out = [mp.re(rho[i, i]) for i in range(d)]
    for i in range(d):
        for j in range(i + 1, d):
            out += [mp.re(rho[i, j]), mp.im(rho[i, j])]
    return mp.matrix(out)


def steady_by_elimination(gen, dps):
    """The slow twin: replace one population row of L by the normalisation and solve."""
    with mp.workdps(dps + 40):
        matrix = superoperator(gen, dps + 40)
        right = mp.zeros(matrix.rows, 1)
        for c in range(matrix.cols):
            matrix[0, c] = 1 if c < gen.dimension else 0
        right[0] = 1
        return mp.lu_solve(matrix, right)


def distance(a, b):
    return max(abs(entry) for entry in a - b)


@pytest.mark.parametrize(("seed", "d"), [(0, 2), (1, 2), (2, 3), (3, 3), (4, 4)])
def test_steady_state_equals_the_linear_solve(seed, d):
    """50 digits in every entry, on dense random generators."""
    gen = random_generator(seed, d)[0]
    pi = steady_state(gen, 50)
    with mp.workdps(60):
        assert distance(coordinates(pi), steady_by_elimination(gen, 50)) < mpf(10) ** -50


@pytest.mark.parametrize("stiffness", [0, 3, 6, 9, 12])
def test_stiff_rates_lose_no_digits(stiffness):
    """Rates and drive over up to 12 decades: guard digits follow by themselves."""
    gen = maser(stiffness)
    with mp.workdps(60):
        error = distance(coordinates(steady_state(gen, 50)), steady_by_elimination(gen, 50))
        assert error < mpf(10) ** -50


def test_a_second_order_effective_rate_is_resolved():
    """A drive of 1e-10 connects two sectors at the effective rate 1e-20: still unique."""
    weak = mpf(10) ** -10
    jumps = (("h", ONE, (((0, 1), ONE),)), ("h", ONE / 3, (((1, 0), ONE),)))
    jumps += (("d", ONE, (((2, 2), ONE),)),)
    gen = NumericGenerator((((0, 2), weak), ((2, 0), weak)), jumps, 3)
    with mp.workdps(60):
        error = distance(coordinates(steady_state(gen, 30)), steady_by_elimination(gen, 30))
        assert error < mpf(10) ** -30


@pytest.mark.parametrize("seed", range(6))
def test_steady_state_equals_qutip(seed):
    """An independent code and convention check: QuTiP to 1e-10."""
    qutip = pytest.importorskip("qutip")
    d = 2 + seed % 3
    gen, h, rates, ls = random_generator(100 + seed, d)
    theirs = qutip.steadystate(
        qutip.Qobj(h), [np.sqrt(r) * qutip.Qobj(l) for r, l in zip(rates, ls, strict=True)]
    ).full()
    ours = steady_state(gen, 20)
    assert max(abs(ours[i, j] - theirs[i, j]) for i in range(d) for j in range(d)) < 1e-10


def flip(i, j):
    return (((i, j), ONE), ((j, i), ONE))


@pytest.mark.parametrize(
    "gen",
    [
        NumericGenerator((), (), 2),
        NumericGenerator((((1, 1), ONE),), (), 2),
        NumericGenerator((((1, 1), ONE),), (("z", ONE, (((1, 1), ONE),)),), 2),
        # sigma_x jumps mix the populations but leave Re rho_01 undamped
        NumericGenerator((), (("x", ONE, flip(0, 1)),), 2),
        # a decoherence-free pair that rotates forever
        NumericGenerator((((0, 0), ONE),), (("c", ONE, (((1, 2), ONE),)),), 3),
        # the drive rotates populations 0, 1 forever
        NumericGenerator(flip(0, 1), (("c", ONE, (((0, 2), ONE),)),), 3),
    ],
)
def test_several_steady_states_are_refused(gen):
    """Conserved populations, conserved coherences, and undamped oscillations."""
    with pytest.raises(NotUnique):
        steady_state(gen, 20)


def test_dark_states_are_found():
    """Pure decay ends in the ground state, exactly."""
    gen = NumericGenerator((((1, 1), ONE),), (("c", ONE, (((0, 1), ONE),)),), 2)
    assert distance(steady_state(gen, 40), mp.matrix([[1, 0], [0, 0]])) < mpf(10) ** -40


def test_growing_semigroups_and_bad_operators_are_refused():
    """A negative rate, a wrong index, a non-Hermitian Hamiltonian or state."""
    with pytest.raises(OutOfDomain, match="grows"):
        steady_state(NumericGenerator((), (("c", -ONE, (((0, 1), ONE),)),), 2))
    with pytest.raises(DimensionMismatch):
        NumericGenerator((((0, 2), ONE), ((2, 0), ONE)), (), 2)
    with pytest.raises(NotHermitian):
        NumericGenerator((((0, 1), mpc(0, 1)), ((1, 0), mpc(0, 1))), (), 2)
    with pytest.raises(NotHermitian):
        evolve(maser(), mp.matrix([[1, 1, 0], [0, 0, 0], [0, 0, 0]]), 1)
    with pytest.raises(DimensionMismatch):
        evolve(maser(), mp.eye(2) / 2, 1)
    with pytest.raises(OutOfDomain):
        evolve(maser(), mp.eye(3) / 3, -1)


def test_entries_made_at_high_precision_are_hermitian_at_low_precision():
    """The check must not round: 70-digit entries under a 15-digit ambient precision."""
    with mp.workdps(70):
        value = mpc(1, 1) / 3
        mirror = mpc(value.real, -value.imag)
    NumericGenerator((((0, 1), value), ((1, 0), mirror)), (), 2)


def start_state(d, pure=False):
    rho = mp.zeros(d)
    if pure:
        for i in range(d):
            for j in range(d):
                rho[i, j] = ONE / d
        return rho
    weight = d * (d + 1) // 2
    for i in range(d):
        rho[i, i] = mpf(i + 1) / weight
    rho[0, 1], rho[1, 0] = mpc(1, 2) / 64, mpc(1, -2) / 64
    return rho


@pytest.mark.parametrize(("seed", "d"), [(0, 2), (1, 3)])
def test_evolution_equals_the_matrix_exponential(seed, d):
    """evolve against mp.expm of the superoperator, 40 digits."""
    gen = random_generator(seed, d)[0]
    with mp.workdps(60):
        rho0, t = start_state(d), mpf(3) / 7
        twin = mp.expm(superoperator(gen, 60) * t) * coordinates(rho0)
        assert distance(coordinates(evolve(gen, rho0, t, 40)), twin) < mpf(10) ** -40


def test_evolution_equals_the_differential_equation():
    """evolve against mp.odefun, which knows nothing of exponentials."""
    gen = maser()
    with mp.workdps(25):
        rho0 = start_state(3)
        matrix = superoperator(gen, 25)
        flow = mp.odefun(lambda _, y: list(matrix * mp.matrix(y)), 0, list(coordinates(rho0)))
        twin = mp.matrix(flow(mpf(1) / 2))
        assert distance(coordinates(evolve(gen, rho0, mpf(1) / 2, 20)), twin) < mpf(10) ** -19


def test_evolution_is_a_semigroup_and_ends_in_the_steady_state():
    """rho(s + t) = e^(sL) rho(t), and rho(10^6) = pi."""
    gen = maser()
    with mp.workdps(50):
        rho0 = start_state(3)
        direct = evolve(gen, rho0, mpf(5) / 2, 45)
        steps = evolve(gen, evolve(gen, rho0, mpf(1) / 2, 48), 2, 45)
        assert distance(direct, steps) < mpf(10) ** -44
        assert distance(evolve(gen, rho0, 10**6, 40), steady_state(gen, 40)) < mpf(10) ** -39
        assert distance(evolve(gen, rho0, 0, 40), rho0) < mpf(10) ** -40


def test_first_and_second_law_at_the_steady_state():
    """Heat and power add up to zero, Sigma(t) = sigma t, and sigma = -sum beta J > 0."""
    gen = maser()
    with mp.workdps(50):
        pi = steady_state(gen, 45)
        heat = {label: energy_current(gen, pi, label, LEVELS) for label in gen.labels}
        assert abs(mp.fsum(heat.values()) + power(gen, pi, LEVELS)) < mpf(10) ** -43
        sigma = -mp.fsum(BETA[label] * heat[label] for label in heat)
        assert sigma > 0
        rate = entropy_production_rate(gen, pi, LEVELS, BETA, 35)
        assert abs(rate - sigma) < mpf(10) ** -34
        total = entropy_production(gen, pi, mpf(3), {"h": LEVELS, "c": LEVELS}, BETA, 35)
        assert abs(total - 3 * sigma) < mpf(10) ** -33


def test_entropy_production_equals_the_integral_of_its_rate():
    """The augmented exponential against Gauss-Legendre quadrature of sigma(rho(t))."""
    gen = maser()
    with mp.workdps(20):
        rho0 = start_state(3)
        twin = mp.quad(
            lambda t: entropy_production_rate(gen, evolve(gen, rho0, t, 20), LEVELS, BETA, 18),
            [0, mpf(1) / 8, mpf(1) / 4],
            maxdegree=4,
            method="gauss-legendre",
        )
        total = entropy_production(gen, rho0, mpf(1) / 4, LEVELS, BETA, 20)
        assert abs(total - twin) < mpf(10) ** -18


def test_pure_states_have_entropy_zero_and_a_finite_entropy_production():
    """x ln x at 0; unitary evolution of a pure state produces nothing."""
    pure = start_state(3, pure=True)
    with mp.workdps(60):
        pure = mp.matrix(3, 3) + mp.ones(3) / 3
    assert von_neumann_entropy(pure, 40) < mpf(10) ** -38
    drive = NumericGenerator(flip(0, 1), (), 3)
    assert abs(entropy_production(drive, pure, 5, LEVELS, {}, 40)) < mpf(10) ** -38
    assert entropy_production(maser(), pure, 1, LEVELS, BETA, 20) > 0
    with pytest.raises(OutOfDomain, match="logarithm"):
        entropy_production_rate(maser(), pure, LEVELS, BETA, 20)
    with pytest.raises(OutOfDomain, match="eigenvalue"):
        von_neumann_entropy(mp.matrix([[mpf(2), 0], [0, mpf(-1)]]), 20)


def test_dephasing_produces_exactly_the_entropy_gained():
    """Without a temperature the reference is 1/d: Sigma = Delta S >= 0."""
    gen = NumericGenerator((), (("z", ONE, (((1, 1), ONE),)),), 2)
    plus = mp.ones(2) / 2
    sigma = entropy_production(gen, plus, 40, (((1, 1), ONE),), {}, 15)
    assert abs(sigma - mp.log(2)) < 1e-14


def test_dissipators_are_traceless_and_add_up_to_the_generator():
    """sum_a D_a(pi) = i [H, pi] at the steady state."""
    gen = maser()
    with mp.workdps(40):
        pi = steady_state(gen, 38)
        total = apply_dissipator(gen, "h", pi) + apply_dissipator(gen, "c", pi)
        h = mp.zeros(3)
        for (i, j), value in gen.hamiltonian:
            h[i, j] = value
        assert distance(total, 1j * (h * pi - pi * h)) < mpf(10) ** -36
        assert abs(total[0, 0] + total[1, 1] + total[2, 2]) < mpf(10) ** -36


def test_speed_of_the_maser_at_fifty_digits():
    """Budget: 0.3 s for a 9 x 9 generator at 50 digits."""
    gen = maser()
    start = time.perf_counter()
    steady_state(gen, 50)
    assert time.perf_counter() - start < 0.3
