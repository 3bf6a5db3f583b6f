"""Finite-time processes and friction on models that the page does not use."""

from __future__ import annotations

from fractions import Fraction

import mpmath as mp
import pytest
import sympy as sp

from symtherm import (
    Claim,
    Coupling,
    HilbertSpace,
    Lead,
    Operator,
    Spectrum,
    ThermalBath,
    certify,
    davies,
    friction,
    functions,
    gibbs_state,
    gkls,
    is_zero,
    isothermal_steps,
    ohmic,
    parameters,
    prove,
    qeye,
    relative_entropy,
    replay,
    sigmam,
    sigmap,
    sigmax,
    sigmaz,
    straight_process,
    von_neumann_entropy,
)
from symtherm.errors import (
    BadExpression,
    DimensionMismatch,
    MissingTrait,
    OutOfDomain,
    UnknownSymbol,
    WrongArgument,
)
from symtherm.numeric.enclosure import Enclosed
from symtherm.numeric.system import system_of

w, T, Tc, G, a, t, tf = parameters("omega T T_c Gamma a t t_f")
p, q = parameters("p q")


def diagonal(*values):
    return Operator.of(HilbertSpace("n", len(values)), {(i, i): v for i, v in enumerate(values)})


def test_a_straight_process_of_three_levels_solves_its_master_equation():
    """All pairs of levels exchange at Gamma pi_i: one more level than the page's qubit."""
    start, end = diagonal(p, p, 1 - 2 * p), diagonal(q, p, 1 - p - q)
    process = straight_process(start, end, T, 1 / (G * tf))
    pi, rho = process.target(t / tf), process.state(t / tf)
    kets = start.space.kets
    pairs = [(i, j) for i in range(3) for j in range(3) if i != j]
    known = [pi[i, i] for i in range(3)]
    L = gkls(
        process.energy(t / tf),
        [(kets[i] * kets[j].dag(), G * pi[i, i]) for i, j in pairs],
        positive=known,
    )
    change = L(rho) - rho.apply(lambda e: sp.diff(e, t))
    assert all(is_zero(v) for _, _, v in change.data)
    # The heat current Tr[H rho'] integrates to the difference of entropies.
    H = process.energy(t / tf)
    current = sum(H[i, i] * sp.diff(rho[i, i], t) for i in range(3))
    until = straight_process(start, end, T, 1 / (G * tf))
    heat = T * (von_neumann_entropy(until.target(t / tf)) - von_neumann_entropy(until.target(0)))
    assert is_zero(sp.diff(heat, t) - current)
    assert is_zero(until.released + heat.subs(t, tf))


def test_the_excess_is_positive_and_goes_as_one_over_the_time():
    process = straight_process(diagonal(p, q, 1 - p - q), diagonal(q, p, 1 - p - q), T, a)
    assert is_zero(process.production.subs(a, 0))
    assert is_zero(sp.diff(process.production, a) - process.growth)
    assert is_zero(sp.diff(process.production, a).subs(a, 0) - process.slow)
    proof = prove(process.claim)
    assert proof.verdict.name == "PROVED" and replay(proof).valid
    here = {p: sp.Rational(1, 5), q: sp.Rational(3, 10)}
    ratios = [
        float(certify(process.production / a / process.slow, {**here, a: x}, 12).value)
        for x in (sp.Rational(1, 10), sp.Rational(1, 1000))
    ]
    assert abs(ratios[1] - 1) < 1e-2 * abs(ratios[0] - 1) + 1e-3


@pytest.mark.parametrize("levels", [2, 3, 4])
def test_the_excess_is_a_sum_of_relative_entropies(levels):
    """Mixtures on a line: for every lag at once, and it is the production at a point."""
    shares = [parameters(f"{x}_1:{levels}") for x in "pq"]
    process = straight_process(*(diagonal(*x, 1 - sum(x)) for x in shares), T, a)
    form = process.visible
    for claim in (form.identity(process.production), form.inequality):
        proof = prove(claim)
        assert proof.proved and replay(proof).valid
    assert not prove(form.identity(process.production + a)).proved


def test_what_a_straight_process_refuses():
    with pytest.raises(MissingTrait):
        straight_process(qeye(2) / 2, qeye(2) / 2 + sigmax() / 4, T, a)
    with pytest.raises(OutOfDomain):
        straight_process(qeye(2) / 2, Operator.of(sigmaz().space, {(1, 1): sp.Integer(1)}), T, a)
    with pytest.raises(OutOfDomain):
        straight_process(qeye(2) / 2, qeye(2) / 2, T, -1)
    with pytest.raises(OutOfDomain, match="T <= 0"):
        straight_process(qeye(2) / 2, qeye(2) / 2, -1, a)
    nearly = diagonal(sp.Rational(1, 20), sp.Rational(19, 20))
    with pytest.raises(OutOfDomain, match="last target"):
        straight_process(diagonal(sp.Rational(1, 2), sp.Rational(1, 2)), nearly, T, 5)
    with pytest.raises(BadExpression, match="trace"):
        straight_process(diagonal(p, 1 - p), diagonal(p, q), T, a)
    with pytest.raises(DimensionMismatch):
        straight_process(diagonal(p, 1 - p), diagonal(p, q, 1 - p - q), T, a)
    with pytest.raises(WrongArgument):
        straight_process(1, nearly, T, a)


def test_what_friction_and_steps_refuse():
    """A letter that drives nothing would give zero friction."""
    L = gkls(w * sigmap() * sigmam(), [Lead("b", T, 0).jumps(sigmam(), energy=w, rate=G)])
    with pytest.raises(UnknownSymbol):
        friction(L, p)
    with pytest.raises(WrongArgument):
        friction(L, "omega")
    half = qeye(2) / 2
    for energies, error in (([], BadExpression), (sigmaz(), WrongArgument)):
        with pytest.raises(error):
            isothermal_steps(half, energies, T)
    with pytest.raises(BadExpression, match="trace"):
        isothermal_steps(qeye(2), [0 * sigmaz(), w * sigmaz()], T)


def test_friction_of_a_thermal_qubit_with_an_ohmic_bath():
    """Another bath: the relaxation rate eta w (2n + 1) depends on the gap."""
    eta = parameters("eta")
    bath = ThermalBath("b", T)
    L = gkls(w * sigmap() * sigmam(), [bath.jumps(sigmam(), frequency=w, rate=eta * w)])
    n = bath.occupation(w)
    f = n / (2 * n + 1)
    assert is_zero(friction(L, w) - f * (1 - f) / T**2 / (eta * w * (2 * n + 1)))
    # In the temperature as parameter: d f/dT = f (1 - f) w/T^2.
    assert is_zero(friction(L, T) - friction(L, w) * w**2 / T**2)


def test_friction_of_a_ladder_is_positive_and_is_that_of_the_eigenmodes():
    """Three levels, all transitions: against -d pi/dx . W^+ d pi/dx / pi by numerical inversion."""
    g12, g23 = parameters("g_1 g_2")
    space = HilbertSpace("n", 3)
    hop = Operator.of(space, {(i, j): sp.Integer(1) for i in range(3) for j in range(3) if i != j})
    L = davies(Spectrum(space, (0, g12, g12 + g23)), [Coupling(ThermalBath("b", T), hop, ohmic(G))])
    zeta = friction(L, g12)
    at = {g12: sp.Rational(1, 2), g23: sp.Integer(1), T: sp.Rational(4, 5), G: sp.Integer(1)}
    value = certify(zeta, at, 20)
    assert value.sign == 1
    with mp.workdps(40):
        e = [mp.mpf(0), mp.mpf(1) / 2, mp.mpf(3) / 2]
        beta = mp.mpf(5) / 4
        Z = mp.fsum(mp.exp(-beta * x) for x in e)
        pi = [mp.exp(-beta * x) / Z for x in e]
        upper = 1 - pi[0]  # levels 2 and 3 move with g_1
        slope = [-beta * pi[i] * ((i > 0) - upper) for i in range(3)]
        W = mp.matrix(4, 3)
        for i in range(3):
            for j in range(3):
                if i != j:
                    x = e[j] - e[i]
                    rate = (
                        abs(x) / mp.expm1(beta * abs(x)) * (mp.exp(beta * abs(x)) if x > 0 else 1)
                    )
                    W[i, j] += rate
                    W[j, j] -= rate
            W[3, i] = 1
        delta = mp.lu_solve(W, mp.matrix([*slope, 0]))
        numeric = -mp.fsum(slope[i] / pi[i] * delta[i] for i in range(3))
        assert abs(numeric - mp.mpf(value.value)) < mp.mpf(10) ** -18


def test_friction_between_two_baths_is_nonadiabatic():
    """Two leads: pi is no Gibbs state, and zeta is x'^2 times the relaxation of the mixture."""
    left, right = Lead("l", T, 0), Lead("r", Tc, 0)
    jumps = [b.jumps(sigmam(), energy=w, rate=r) for b, r in ((left, G), (right, 2 * G))]
    L = gkls(w * sigmap() * sigmam(), jumps)
    pe = (left.occupation(w) + 2 * right.occupation(w)) / 3
    expected = sp.diff(pe, w) ** 2 / (pe * (1 - pe) * 3 * G)
    assert is_zero(friction(L, w) - expected)


def test_friction_predicts_a_slow_ramp_from_the_operators():
    """Gap and rate both grow with s = t/t_f: Sigma t_f minus int zeta ds falls as 1/t_f."""
    s = parameters("s")
    jumps = [Lead("b", sp.Integer(1), 0).jumps(sigmam(), energy=sp.log(3) + s, rate=1 + s)]
    L = gkls((sp.log(3) + s) * sigmap() * sigmam(), jumps)
    zeta = sp.lambdify(s, friction(L, s), "mpmath")
    with mp.workdps(20):
        limit = mp.quad(zeta, [0, 1])
    found = []
    for duration in (20, 40):
        model = L.transform(lambda e, n=duration: e.subs(s, t / n))
        values = Enclosed(system_of(model, model.hamiltonian, time=t), {}).state(
            (Fraction(1, 4), Fraction(3, 4), Fraction(0), Fraction(0)),  # Gibbs at s = 0
            Fraction(duration),
            15,
            ["entropy_production_integral"],
        )
        found.append(mp.mpf(values["entropy_production_integral"].value) * duration - limit)
    assert abs(found[0] / found[1] - 2) < 0.1


def test_friction_needs_populations_that_stand_alone():
    with pytest.raises(MissingTrait):
        friction(gkls(w * sigmax(), [(sigmam(), G)]), w)


def test_the_line_of_a_process_can_be_followed_with_a_function_of_time():
    """s(t) undetermined: rho' = s' D and pi = rho + rho'/Gamma, on the line only."""
    s = functions("s", t)
    process = straight_process(diagonal(p, 1 - p), diagonal(q, 1 - q), T, sp.diff(s, t) / G)
    change = process.state(s).apply(lambda e: sp.diff(e, t))
    ahead = (process.target(s) - process.state(s)) * G
    assert all(is_zero(v) for _, _, v in (change - ahead).data)


def test_contacts_of_finite_duration_of_three_levels():
    """A memory for each step, as letters: Landauer's equality; and what a list must be."""
    kept = parameters("m_1:3")
    gaps = [diagonal(0, 0, 0), diagonal(w, 0, 0), diagonal(w, 2 * w, 0)]
    process = isothermal_steps(diagonal(p, q, 1 - p - q), gaps, T, memory=kept)
    assert is_zero(process.landauer.difference)
    assert all(kept[k] in process.productions[k].free_symbols for k in range(2))
    same = isothermal_steps(process.states[0], gaps, T, memory=[a, a])
    assert is_zero(
        same.production - isothermal_steps(process.states[0], gaps, T, memory=a).production
    )
    with pytest.raises(DimensionMismatch):
        isothermal_steps(process.states[0], gaps, T, memory=kept[:1])


def test_steps_of_a_field_that_turns_against_one_exponential():
    """Energies that do not commute, contacts of finite time: Davies in each step's own eigenbasis."""
    field = [w * sigmaz() / 2, (3 * sigmaz() + 4 * sigmax()) / 5, w * sigmax() / 2]
    at = {w: sp.Rational(1, 2), T: sp.Rational(4, 5)}
    kept = parameters("m_1:3")
    process = isothermal_steps(gibbs_state(field[0], T), field, T, memory=kept)
    assert is_zero(process.landauer.difference)
    with mp.workdps(40):
        # A reset channel of rate 1 for the times 1 and 2, in exponentials of numbers.
        left = [mp.exp(-1), mp.exp(-2)]
        closed = sp.lambdify(kept, process.production.subs(at), "mpmath")(*left)
        rho = matrix(process.states[0].subs(at))
        total = mp.mpf(0)
        for step, m in zip(field[1:], left, strict=True):
            H = matrix(step.subs(at))
            pi = mp.expm(H * mp.mpf(-5) / 4)
            pi = pi / (pi[0, 0] + pi[1, 1])
            after = pi + m * (rho - pi)
            heat = sum((H * (after - rho))[k, k] for k in range(2))
            total += entropy_of(after) - entropy_of(rho) - heat * mp.mpf(5) / 4
            rho = after
        assert abs(mp.re(closed) - mp.re(total)) < mp.mpf(10) ** -35


def matrix(state):
    """An exact 2 x 2 operator without parameters in mpmath."""
    return mp.matrix([[mp.mpmathify(sp.N(state[i, j], 45)) for j in range(2)] for i in range(2)])


def entropy_of(state):
    """-sum of l ln l over numerical eigenvalues."""
    return -sum(v * mp.log(v) for v in mp.eighe(state)[0])


def test_a_bath_out_of_equilibrium_lowers_landauers_price_by_its_own_distance():
    """A trit swapped with a three-level reservoir in any populations, not those of T."""
    r, s = parameters("r s")
    E = diagonal(0, w, 2 * w + a)
    used, trit, thermal = diagonal(1 - r - s, r, s), diagonal(p, q, 1 - p - q), gibbs_state(E, T)
    given = (E * (trit - used)).tr() / T  # a swap: the reservoir gets the trit's state
    price = given + von_neumann_entropy(used) - von_neumann_entropy(trit)
    gap = relative_entropy(trit, thermal) - relative_entropy(used, thermal)
    proof = prove(Claim(price, "==", gap, positive=(1 - r - s, 1 - p - q)))
    assert proof.proved and replay(proof).valid
