"""Published currents of dots, chains and chemical cycles, as normal forms."""

from __future__ import annotations

from itertools import pairwise

import pytest
import sympy as sp

from symtherm import (
    HilbertSpace,
    Lead,
    Model,
    ThermalBath,
    bose,
    certify,
    cycle_affinities,
    destroy,
    expect,
    fermi,
    gkls,
    is_zero,
    ledger,
    model,
    parameters,
    prove,
    qeye,
    replay,
    schnakenberg_rate,
    sigmam,
    sigmaz,
    steady_state,
    tensor,
    thermodynamics,
)
from symtherm.errors import NotThermal

w, g, T = parameters("omega gamma T")


def test_tunnelling_through_two_dots_at_large_bias():
    """I = T_c^2 G_R/(T_c^2 (2 + G_R/G_L) + G_R^2/4 + e^2) (Stoof and Nazarov 1996)."""
    GL, GR, tc = parameters("Gamma_L Gamma_R T_c")
    e = parameters("epsilon", real=True)
    empty, left, right = HilbertSpace("dots", levels=["0", "L", "R"]).kets
    H = e / 2 * (left * left.dag() - right * right.dag())
    H = H + tc * (left * right.dag() + right * left.dag())
    pi = steady_state(gkls(H, [(left * empty.dag(), GL, "L"), (empty * right.dag(), GR, "R")]))
    published = tc**2 * GR / (tc**2 * (2 + GR / GL) + GR**2 / 4 + e**2)
    assert is_zero(GR * pi.population("R") - published)


def test_two_dots_between_leads_are_reversible_at_equal_exponents():
    """The factor in front of the force contains a detuning squared, which is seen to be positive."""
    GL, GR, tc = parameters("Gamma_L Gamma_R t_c")
    eL, eR, mL, mR = parameters("epsilon_L epsilon_R mu_L mu_R", real=True)
    empty, left, right = HilbertSpace("dots", levels=["0", "L", "R"]).kets
    E = eL * left * left.dag() + eR * right * right.dag()
    N = left * left.dag() + right * right.dag()
    baths = [
        Lead("L", T, mL).jumps(empty * left.dag(), energy=eL, rate=GL),
        Lead("R", T, mR).jumps(empty * right.dag(), energy=eR, rate=GR),
    ]
    pi = steady_state(gkls(E + tc * (left * right.dag() + right * left.dag()), baths))
    proof = prove(ledger(pi, energy=E, number=N).second_law)
    assert proof.condition.text == "ε_R - μ_R = ε_L - μ_L" and replay(proof).valid


def test_a_rectifier_between_a_bath_of_bosons_and_one_of_spins():
    """J = omega g_1 g_2 (n_1 (1 - 2 f_2) - f_2)/(g_1 (2 n_1 + 1) + g_2), f = 1/(e^{omega/T_2} + 1).

    A spin bath has the rates of a lead with mu = 0, whose heat Tr[E D(rho)] needs no number operator.
    """
    T1, T2, g1, g2 = parameters("T_1 T_2 gamma_1 gamma_2")
    ground, excited = HilbertSpace("spin", levels="ge").kets
    E = w * excited * excited.dag()
    flip = ground * excited.dag()

    def between(mu, number=None):
        spins = Lead("2", T2, mu).jumps(flip, energy=w, rate=g2)
        bosons = ThermalBath("1", T1).jumps(flip, frequency=w, rate=g1)
        symbols = (w, T1, T2, g1, g2, *sp.S(mu).free_symbols)
        return Model("rectifier", "Rectifier", symbols, gkls(E, [bosons, spins]), E, number=number)

    book = between(0).ledger
    n, f = bose(w / T1), fermi(w / T2)
    published = w * g1 * g2 * (n * (1 - 2 * f) - f) / (g1 * (2 * n + 1) + g2)
    assert is_zero(book.heat["1"] - published)
    counted = between(0, excited * excited.dag()).ledger
    assert is_zero(book.heat["2"] - counted.heat["2"])
    proof = prove(book.second_law)
    assert proof.condition.text == "T_1 = T_2" and replay(proof).valid
    assert thermodynamics(between(0)).verdict.name == "PROVED"
    with pytest.raises(NotThermal, match="pass number=N"):
        prove(between(parameters("mu")).ledger.second_law)


def transistor(zeeman):
    """A dot with spin and charging energy U between two leads."""
    GL, GR, TL, TR, U, B = parameters("Gamma_L Gamma_R T_L T_R U B")
    e, mL, mR = parameters("epsilon mu_L mu_R", real=True)
    empty, up, down, both = HilbertSpace("dot", levels="0ud2").kets
    eu, ed = (e + B / 2, e - B / 2) if zeeman else (e, e)
    H = eu * up * up.dag() + ed * down * down.dag() + (2 * e + U) * both * both.dag()
    N = up * up.dag() + down * down.dag() + 2 * both * both.dag()
    jumps = []
    for lead, rate in ((Lead("L", TL, mL), GL), (Lead("R", TR, mR), GR)):
        jumps += [
            lead.jumps(empty * up.dag(), energy=eu, rate=rate),
            lead.jumps(empty * down.dag(), energy=ed, rate=rate),
            lead.jumps(down * both.dag(), energy=eu + U, rate=rate),
            lead.jumps(up * both.dag(), energy=ed + U, rate=rate),
        ]
    symbols = (GL, GR, TL, TR, U, *((B,) if zeeman else ()), e, mL, mR)
    return Model("transistor", "Transistor", symbols, gkls(H, jumps), H, number=N)


@pytest.mark.parametrize("zeeman", [False, True])
def test_a_single_electron_transistor_with_spin(zeeman):
    """Equal rates on several edges: their logarithms must cancel in the certificate, too."""
    book = transistor(zeeman).ledger
    proof = prove(book.second_law)
    assert proof.condition.text == "T_L = T_R and μ_L = μ_R"
    assert replay(proof).valid
    if not zeeman:
        GL, GR, TL, TR, U, e, mL, mR = transistor(False).parameters
        f1, h1 = fermi((e - mL) / TL), fermi((e - mR) / TR)
        f2, h2 = fermi((e + U - mL) / TL), fermi((e + U - mR) / TR)
        below = GL * (1 + f1 - f2) + GR * (1 + h1 - h2)
        assert is_zero(book.current["L"] - 2 * GL * GR * (f1 * (1 - h2) - h1 * (1 - f2)) / below)


def test_the_page_of_a_transistor_is_proved():
    assert thermodynamics(transistor(False)).verdict.name == "PROVED"


def harvester(left_1, right_0):
    """Two dots that repel each other by U: one between two leads, one at a hot gate."""
    GL0, GR1, G0, G1, Ts, Tg, U = parameters("G_L0 G_R1 G_g0 G_g1 T_s T_g U")
    es, eg, mL, mR, mg = parameters("epsilon_s epsilon_g mu_L mu_R mu_g", real=True)
    a, b, c, d = HilbertSpace("dots", levels=["00", "10", "01", "11"]).kets
    H = es * b * b.dag() + eg * c * c.dag() + (es + eg + U) * d * d.dag()
    N = b * b.dag() + c * c.dag() + 2 * d * d.dag()
    left, right, gate = Lead("L", Ts, mL), Lead("R", Ts, mR), Lead("g", Tg, mg)
    jumps = [
        left.jumps(a * b.dag(), energy=es, rate=GL0),
        left.jumps(c * d.dag(), energy=es + U, rate=left_1),
        right.jumps(a * b.dag(), energy=es, rate=right_0),
        right.jumps(c * d.dag(), energy=es + U, rate=GR1),
        gate.jumps(a * c.dag(), energy=eg, rate=G0),
        gate.jumps(b * d.dag(), energy=eg + U, rate=G1),
    ]
    extra = tuple(r for r in (left_1, right_0) if isinstance(r, sp.Symbol))
    symbols = (GL0, GR1, *extra, G0, G1, Ts, Tg, U, es, eg, mL, mR, mg)
    return Model("harvester", "Harvester", symbols, gkls(H, jumps), H, number=N, hot=("g",))


def test_an_energy_harvester_transfers_one_electron_per_quantum():
    """With G_L1 = G_R0 = 0 the heat is U per electron, and eta = (mu_R - mu_L)/U (Sanchez and
    Buttiker 2011); jumps whose rate is zero may stay in the list."""
    m = harvester(0, 0)
    U, mL, mR = (next(p for p in m.parameters if p.name == n) for n in ("U", "mu_L", "mu_R"))
    book = m.ledger
    assert is_zero(book.heat["g"] - U * book.current["L"])
    assert is_zero(book.efficiency("g") - (mR - mL) / U)
    assert thermodynamics(m).verdict.name == "PROVED"


def test_a_leaking_harvester_is_reversible_in_equilibrium_only():
    leaks = parameters("G_L1 G_R0")
    proof = prove(harvester(*leaks).ledger.second_law)
    assert proof.condition.text == "μ_L = μ_R and T_g = T_s" and replay(proof).valid


def test_dependent_frequencies_of_one_bath_are_proved():
    """omega +- J_1 +- J_2: the fourth is a sum of the others (thermal transistor, Joulain 2016)."""
    wE, wB, J1, J2, TE, TB, TC = parameters("omega_E omega_B J_1 J_2 T_E T_B T_C")

    def at(k, op):
        return tensor(*(op if i == k else qeye(2) for i in range(3)))

    Z = [at(k, sigmaz()) for k in range(3)]
    down = [at(k, sigmam()) for k in range(3)]

    def side(k, s):
        return at(k, (qeye(2) + s * sigmaz()) / 2)

    H = wE / 2 * (Z[0] + Z[2]) + wB / 2 * Z[1] + J1 / 2 * Z[0] * Z[1] + J2 / 2 * Z[1] * Z[2]
    E, B, C = ThermalBath("E", TE), ThermalBath("B", TB), ThermalBath("C", TC)
    jumps = []
    for s in (1, -1):
        jumps.append(E.jumps(down[0] * side(1, s), frequency=wE + s * J1, rate=g))
        jumps.append(C.jumps(down[2] * side(1, s), frequency=wE + s * J2, rate=g))
        for t in (1, -1):
            op = down[1] * side(0, s) * side(2, t)
            jumps.append(B.jumps(op, frequency=wB + s * J1 + t * J2, rate=g))
    pi = steady_state(gkls(H, jumps, positive=[wE - J1, wE - J2, wB - J1 - J2]))
    proof = prove(ledger(pi, energy=H).second_law)
    assert proof.proved and replay(proof).valid
    assert proof.condition.text == "T_C = T_B and T_E = T_B"


@pytest.mark.parametrize("count", [3, 5])
def test_a_qubit_between_many_baths(count):
    """J_0 = omega g_0 sum_j g_j (n_0 - n_j)/sum_j g_j (2 n_j + 1)."""
    rates = parameters(" ".join(f"g_{k}" for k in range(count)))
    temperatures = parameters(" ".join(f"T_{k}" for k in range(count)))
    baths = [ThermalBath(str(k), t) for k, t in enumerate(temperatures)]
    jumps = [b.jumps(sigmam(), frequency=w, rate=r) for b, r in zip(baths, rates, strict=True)]
    book = ledger(steady_state(gkls(w / 2 * sigmaz(), jumps)), energy=w / 2 * sigmaz())
    n = [bose(w / t) for t in temperatures]
    above = sum(r * (n[0] - k) for r, k in zip(rates, n, strict=True))
    below = sum(r * (2 * k + 1) for r, k in zip(rates, n, strict=True))
    assert is_zero(book.heat["0"] - w * rates[0] * above / below)
    assert prove(book.second_law).condition.text == " and ".join(
        f"T_{k} = T_0" for k in range(1, count)
    )


@pytest.mark.parametrize("levels", [3, 6])
def test_a_truncated_oscillator_between_two_baths_is_geometric(levels):
    g2, T2 = parameters("gamma_2 T_2")
    a = destroy(levels)
    baths = [(ThermalBath("1", T), g), (ThermalBath("2", T2), g2)]
    L = gkls(w * a.dag() * a, [b.jumps(a, frequency=w, rate=r) for b, r in baths])
    mean = (g * bose(w / T) + g2 * bose(w / T2)) / (g + g2)
    r = mean / (1 + mean)
    weights = [r**k for k in range(levels)]
    number = sum(k * x for k, x in enumerate(weights)) / sum(weights)
    assert is_zero(expect(a.dag() * a, steady_state(L).rho) - number)


def network(levels, rates):
    """Populations that move from ``a`` to ``b`` at ``rate`` through a channel."""
    kets = dict(zip(levels, HilbertSpace("network", levels=levels).kets, strict=True))
    jumps = [(kets[b] * kets[a].dag(), rate, channel) for a, b, rate, channel in rates]
    return gkls(0 * kets[levels[0]] * kets[levels[0]].dag(), jumps)


def test_michaelis_and_menten():
    """v = (k1 k2 s - k-1 k-2 p)/(k1 s + k-1 + k2 + k-2 p), and sigma = v A."""
    k1, m1, k2, m2, s, p = parameters("k_1 m_1 k_2 m_2 s p")
    bind = [("E", "ES", k1 * s, "S"), ("ES", "E", m1, "S")]
    release = [("ES", "E", k2, "P"), ("E", "ES", m2 * p, "P")]
    L = network(["E", "ES"], [*bind, *release])
    pi = steady_state(L)
    v = k2 * pi.population("ES") - m2 * p * pi.population("E")
    assert is_zero(v - (k1 * k2 * s - m1 * m2 * p) / (k1 * s + m1 + k2 + m2 * p))
    (cycle,) = cycle_affinities(L)  # two channels between two levels: up by P, down by S
    assert is_zero(cycle.affinity + sp.log(k1 * s * k2 / (m1 * m2 * p)))
    assert is_zero(schnakenberg_rate(L, pi.rho) + v * cycle.affinity)


def test_channels_of_a_generator_have_cycles_that_their_sum_hides():
    (cycle,) = cycle_affinities(model("two-bath-qubit").generator)
    assert cycle.levels == (0, 1) and not cycle.balanced


def test_kinetic_proofreading():
    """The ratio of errors is a product of two discriminations (Hopfield 1974)."""
    on, off, wrong, m, back, k, l = parameters("k_on k_r k_w m m_b l_r l_w")
    arms = []
    for x, leave, drop in (("R", off, k), ("W", wrong, l)):
        arms += [("E", x, on, x), (x, "E", leave, x), (x, x + "*", m, x), (x + "*", x, back, x)]
        arms += [(x + "*", "E", drop, x)]
    pi = steady_state(network(["E", "R", "R*", "W", "W*"], arms))
    ratio = pi.population("W*") / pi.population("R*")
    assert is_zero(ratio - (off * (back + k) + m * k) / (wrong * (back + l) + m * l))


def test_erlang_and_a_name_that_python_reserves():
    """A birth-death chain with the rates lambda and k mu: Erlang's loss formula."""
    birth, mu = parameters("lambda mu")
    sites = [str(k) for k in range(5)]
    rates = [(a, b, birth, "up") for a, b in pairwise(sites)]
    rates += [(sites[k + 1], sites[k], mu * (k + 1), "down") for k in range(4)]
    a = birth / mu
    total = sum(a**k / sp.factorial(k) for k in range(5))
    assert is_zero(steady_state(network(sites, rates)).population("4") - a**4 / 24 / total)


def test_linear_response_of_three_terminals_is_symmetric():
    """dI_L/dX_g = dQ_g/dX_L at equilibrium (Onsager), with X_g = 1/T_s - 1/T_g, X_L = mu_L/T_s."""
    m = harvester(*parameters("G_L1 G_R0"))
    name = {p.name: p for p in m.parameters}
    T, Tg, mL, mR = (name[k] for k in ("T_s", "T_g", "mu_L", "mu_R"))
    current, heat = m.ledger.current["L"], m.ledger.heat["g"]
    difference = T**2 * sp.diff(current, Tg) - T * sp.diff(heat, mL)
    assert not is_zero(difference)
    at_rest = difference.subs({Tg: T, mL: mR})
    assert is_zero(at_rest)
    # A zero, also where the exponents at the point have no short common denominator.
    symbols = sorted(at_rest.free_symbols, key=str)
    point = {s: sp.Rational(k + 3, k + 2) for k, s in enumerate(symbols)}
    assert str(certify(at_rest, point, 15)) == "0"
