"""Detailed balance, cycle affinities and KMS on models that page 9 does not use."""

from __future__ import annotations

from itertools import permutations
from random import Random

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
    cycle_affinities,
    davies,
    detailed_balance,
    drude,
    entropy_production,
    equilibrium_populations,
    gibbs_state,
    gkls,
    is_zero,
    ohmic,
    parameters,
    pauli,
    prove,
    qeye,
    replay,
    schnakenberg_rate,
    sigmam,
    sigmax,
    sigmaz,
    steady_state,
    tensor,
)
from symtherm.errors import (
    BadExpression,
    DimensionMismatch,
    MissingTrait,
    NotThermal,
    OutOfDomain,
    SymthermError,
    UndeclaredSign,
    WrongArgument,
)
from symtherm.exact.decide import all_zero

w, w1, w2, w3, g, k, T, Th, Tc, Tm = parameters("omega omega_1:4 gamma kappa T T_h T_c T_m")
mu, nu = parameters("mu nu", real=True)


def free(edges):
    """A rate symbol for each direction of the edges."""
    return {
        (m, n): sp.Symbol(f"W_{m}{n}", positive=True) for a, b in edges for m, n in ((a, b), (b, a))
    }


@pytest.mark.parametrize("seed", range(4))
def test_kolmogorov_on_random_connected_networks(seed):
    """|E| - |V| + 1 conditions; solved for one edge each, the populations are the null vector of L."""
    rng = Random(seed)
    N = 4 + seed % 2
    tree = {(rng.randrange(n), n) for n in range(1, N)}
    extra = {tuple(sorted(rng.sample(range(N), 2))) for _ in range(2)}
    rates = free(tree | extra)
    cycles = cycle_affinities(rates, N)
    assert len(cycles) == len(tree | extra) - N + 1
    solved = dict(rates)
    for cycle in cycles:
        a, b = cycle.levels[:2]
        solved[b, a] = rates[b, a] * cycle.backward / cycle.forward
    populations = equilibrium_populations(solved, N)
    loops = {c for size in range(3, N + 1) for c in permutations(range(N), size) if c[0] == min(c)}
    for loop in loops:  # not the fundamental cycles alone
        steps = list(zip(loop, (*loop[1:], loop[0]), strict=True))
        if all(step in solved for step in steps):
            there = sp.Mul(*(solved[to, at] for at, to in steps))
            assert is_zero(there - sp.Mul(*(solved[at, to] for at, to in steps)))
    kets = HilbertSpace("n", N).kets
    L = gkls(
        0 * qeye(kets[0].space), [(kets[m] * kets[n].dag(), r) for (m, n), r in solved.items()]
    )
    rho = Operator.of(L.space, {(n, n): p for n, p in enumerate(populations)})
    assert all_zero(L(rho).entries.values())
    for m, n in solved:
        proof = prove(Claim(solved[m, n] * populations[n], "==", solved[n, m] * populations[m]))
        assert proof.proved and replay(proof).valid


def test_affinities_of_thermal_networks_are_sums_of_heats_over_temperatures():
    """Four levels in a square with a diagonal, five transitions, three baths: two affinities."""
    space = HilbertSpace("n", 4)
    ket = space.kets
    E = (sp.Integer(0), w1, w1 + w2, w1 + w2 + w3)
    H = Operator.of(space, {(n, n): e for n, e in enumerate(E) if e != 0})
    bath = {x: ThermalBath(x, t) for x, t in (("h", Th), ("c", Tc), ("m", Tm))}
    placed = {(0, 1): "h", (1, 2): "c", (2, 3): "m", (0, 3): "c", (0, 2): "h"}
    jumps = [
        bath[x].jumps(ket[a] * ket[b].dag(), frequency=E[b] - E[a], rate=g)
        for (a, b), x in placed.items()
    ]
    L = gkls(H, jumps)
    for cycle in cycle_affinities(pauli(L), 4):
        expected = sp.Integer(0)
        for a, b in zip(cycle.levels, (*cycle.levels[1:], cycle.levels[0]), strict=True):
            x = placed[min(a, b), max(a, b)]
            expected -= (E[b] - E[a]) / bath[x].T  # heat E_b - E_a leaves the bath
        assert is_zero(cycle.affinity - expected)
        assert not cycle.affinity.has(sp.log)
        assert not cycle.balanced
    same = L.transform(lambda e: e.subs({Th: T, Tc: T, Tm: T}))
    assert detailed_balance(pauli(same), 4) == ()
    found = equilibrium_populations(pauli(same), 4)
    assert all(is_zero(p - gibbs_state(H, T)[n, n]) for n, p in enumerate(found))


def test_affinity_of_a_dot_between_leads():
    """Two levels, each lead fills one, and a phonon bath between: mu and T enter the affinity."""
    space = HilbertSpace("dot", levels=("0", "a", "b"))
    empty, a, b = space.kets
    left, right = Lead("l", Th, mu), Lead("r", Tc, nu)
    H = w1 * a * a.dag() + (w1 + w2) * b * b.dag()
    L = gkls(
        H,
        [
            left.jumps(empty * a.dag(), energy=w1, rate=g),
            right.jumps(empty * b.dag(), energy=w1 + w2, rate=k),
            ThermalBath("p", T).jumps(a * b.dag(), frequency=w2, rate=g),
        ],
    )
    (cycle,) = cycle_affinities(pauli(L), 3)
    turn = (w1 - mu) / Th + w2 / T - (w1 + w2 - nu) / Tc
    assert is_zero(cycle.affinity - turn) or is_zero(cycle.affinity + turn)
    assert detailed_balance(pauli(L.transform(lambda e: e.subs({Th: T, Tc: T, nu: mu}))), 3) == ()


def test_gibbs_is_stationary_for_degenerate_and_coupled_spectra():
    """Two qubits exchange-coupled (one equal gap twice), and a tower with equal gaps and a pair."""
    a, b = tensor(sigmam(), qeye(2)), tensor(qeye(2), sigmam())
    H = w * (a.dag() * a + b.dag() * b) + g * (a.dag() * b + b.dag() * a)
    spectrum = Spectrum.of(H, ascending=["gg", "-", "+", "ee"])
    X = tensor(sigmax(), sigmaz()) + tensor(sigmaz(), qeye(2))
    L = davies(spectrum, [Coupling(ThermalBath("b", T), X, drude(k, w2))])
    gibbs = spectrum.to_eigenbasis(gibbs_state(H, T))
    assert all_zero(L(gibbs).entries.values())
    space = HilbertSpace("tower", 5)
    tower = Spectrum(space, (0, w, 2 * w, 2 * w, 3 * w))
    A = Operator.of(space, {(i, j): sp.Integer(1 + i + j) for i in range(5) for j in range(5)})
    L = davies(tower, [Coupling(ThermalBath("b", T), A, ohmic(k))])
    assert all_zero(L(gibbs_state(tower.hamiltonian, T)).entries.values())
    mixed = davies(
        tower, [Coupling(ThermalBath(x, t), A, ohmic(k)) for x, t in (("b", T), ("c", Tc))]
    )
    assert not all_zero(mixed(gibbs_state(tower.hamiltonian, T)).entries.values())


def test_schnakenberg_is_spohns_sum_on_populations():
    """Two routes: fluxes times forces, and traces of logarithms of operators."""
    p, q = parameters("p q")
    space = HilbertSpace("n", 3)
    ket = space.kets
    H = w1 * ket[1] * ket[1].dag() + (w1 + w2) * ket[2] * ket[2].dag()
    L = gkls(
        H,
        [
            ThermalBath("h", Th).jumps(ket[0] * ket[2].dag(), frequency=w1 + w2, rate=g),
            ThermalBath("c", Tc).jumps(ket[0] * ket[1].dag(), frequency=w1, rate=k),
            ThermalBath("c", Tc).jumps(ket[1] * ket[2].dag(), frequency=w2, rate=k),
        ],
    )
    rho = Operator.of(space, {(0, 0): 1 - p - q, (1, 1): p, (2, 2): q})
    assert is_zero(schnakenberg_rate(L, rho) - entropy_production(L, rho))


def test_rates_of_one_bath_alone():
    """Local detailed balance of each; the whole is their sum; an unknown label is named."""
    jumps = [ThermalBath(x, t).jumps(sigmam(), frequency=w, rate=r) for x, t, r in BATHS]
    L = gkls(w / 2 * sigmaz(), jumps)
    total = pauli(L)
    for x, t, _ in BATHS:
        W = pauli(L, x)
        assert is_zero(W[0, 1] / W[1, 0] - sp.exp(-w / t))
    assert all(is_zero(v - sum(pauli(L, x)[key] for x, _, _ in BATHS)) for key, v in total.items())
    with pytest.raises(SymthermError, match="'z'"):
        pauli(L, "z")
    with pytest.raises(MissingTrait):
        pauli(gkls(k * sigmax(), jumps), "h")


BATHS = (("h", Th, g), ("c", Tc, k), ("m", Tm, 2 * g))


def test_where_schnakenbergs_sum_is_not_the_entropy_production():
    bath = ThermalBath("b", T)
    L = gkls(w / 2 * sigmaz(), [bath.jumps(sigmam(), frequency=w, rate=g)])
    with pytest.raises(MissingTrait, match="coherences"):
        schnakenberg_rate(L, qeye(2) / 2 + sigmax() / 8)
    with pytest.raises(OutOfDomain, match="empty level"):
        schnakenberg_rate(L, Operator.of(L.space, {(1, 1): sp.Integer(1)}))
    with pytest.raises(MissingTrait):
        schnakenberg_rate(gkls(k * sigmax(), list(L.pairs)), qeye(2) / 2)
    with pytest.raises(NotThermal):
        schnakenberg_rate(gkls(w * sigmaz(), [(sigmam(), g)]), qeye(2) / 2)


def test_an_idle_level_that_is_empty_does_not_matter():
    space = HilbertSpace("n", 3)
    ket = space.kets
    pair = ThermalBath("b", T).jumps(ket[0] * ket[1].dag(), frequency=w, rate=g)
    L = gkls(w * ket[1] * ket[1].dag(), [pair])
    rho = Operator.of(space, {(0, 0): sp.Rational(1, 2), (1, 1): sp.Rational(1, 2)})
    assert is_zero(schnakenberg_rate(L, rho) - g * w / (2 * T))


@pytest.mark.parametrize(
    ("rates", "levels", "error"),
    [
        ({(2, 1): g, (1, 2): g}, 2, DimensionMismatch),
        ({(0, 0): g}, 1, DimensionMismatch),
        ({}, 0, DimensionMismatch),
        ({(1, 0): -g, (0, 1): g}, 2, OutOfDomain),
        ({(1, 0): "g", (0, 1): g}, 2, BadExpression),
        ({(1, 0): sp.Symbol("q"), (0, 1): g}, 2, UndeclaredSign),
        ([(0, 1)], 2, WrongArgument),
        ({(1, 0): g, (0, 1): sp.sqrt(g) ** 2 - g}, 2, NotThermal),
        ({(1, 0): g, (0, 1): g * (w1 + w2) - g * w1 - g * w2}, 2, NotThermal),
    ],
)
def test_networks_that_are_no_networks(rates, levels, error):
    """Each is refused by name, also the last two: rates that are zero in normal form."""
    for function in (cycle_affinities, detailed_balance, equilibrium_populations):
        with pytest.raises(error):
            function(rates, levels)


def test_equal_bohr_frequencies_and_a_dark_pair():
    """The Pauli equation is refused where a coherence of equal levels feeds populations."""
    space = HilbertSpace("V", 3)
    spectrum = Spectrum(space, (0, w, w))
    A = Operator.of(space, {(0, 1): g, (1, 0): g, (0, 2): k, (2, 0): k})
    L = davies(spectrum, [Coupling(ThermalBath("b", T), A, ohmic(g))])
    with pytest.raises(MissingTrait):
        pauli(L)
    apart = davies(Spectrum(space, (0, w, w + w1)), [Coupling(ThermalBath("b", T), A, ohmic(g))])
    W = pauli(apart)
    assert is_zero(W[1, 0] / W[0, 1] - sp.exp(-w / T))
    assert is_zero(W[2, 0] / W[0, 2] - sp.exp(-(w + w1) / T))
    found = equilibrium_populations(W, 3)
    assert all(is_zero(steady_state(apart).rho[n, n] - p) for n, p in enumerate(found))
