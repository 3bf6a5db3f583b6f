"""Laws of thermodynamics and of linear algebra, on random models."""

from __future__ import annotations

from fractions import Fraction

import mpmath as mp
import pytest
import sympy as sp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from symtherm import (
    Coupling,
    HilbertSpace,
    Operator,
    Spectrum,
    ThermalBath,
    certify,
    davies,
    flat,
    gkls,
    is_zero,
    ledger,
    model,
    ohmic,
    parameters,
    schnakenberg_rate,
    steady_state,
    total_spohn_rate,
)
from symtherm.dynamics.pauli import pauli
from symtherm.errors import NotUnique
from symtherm.numeric import integrate
from symtherm.numeric.operators import numeric_generator

RELAXED = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)

small = st.fractions(min_value=Fraction(1, 10), max_value=4, max_denominator=10)
signed = st.fractions(min_value=-3, max_value=3, max_denominator=6)


def exact(value: Fraction) -> sp.Rational:
    return sp.Rational(value.numerator, value.denominator)


@st.composite
def generators(draw, dims=(2, 3, 4), complex_entries=True):
    """A random GKLS generator with rational entries; every level is lowered to the next."""
    d = draw(st.sampled_from(dims))
    space = HilbertSpace("random", d)
    entries = {}
    for i in range(d):
        entries[i, i] = exact(draw(signed))
        for j in range(i + 1, d):
            value = exact(draw(signed))
            if complex_entries:
                value += sp.I * exact(draw(signed))
            entries[i, j], entries[j, i] = value, sp.conjugate(value)
    H = Operator.of(space, entries)
    jumps = []
    for k in range(draw(st.integers(1, 3))):
        operator = {}
        for _ in range(draw(st.integers(1, 3))):
            i, j = draw(st.integers(0, d - 1)), draw(st.integers(0, d - 1))
            operator[i, j] = exact(draw(signed)) + (
                sp.I * exact(draw(signed)) if complex_entries else 0
            )
        jumps.append((Operator.of(space, operator), exact(draw(small)), f"j{k}"))
    ladder = Operator.of(space, {(i, i + 1): sp.Integer(1) for i in range(d - 1)})
    jumps.append((ladder, exact(draw(small)), "down"))
    return gkls(H, [j for j in jumps if j[0].data])


@given(generators())
@RELAXED
def test_steady_states_agree_with_qutip_and_with_integration(generator):
    """1e-10 against QuTiP, 40 digits against e^{tL} from the operators, and L(pi) = 0 exactly."""
    import numpy as np
    import qutip

    pi = steady_state(generator)
    assert all(is_zero(v) for _, _, v in generator(pi.rho).data)
    ours = np.array(pi.rho.full().tolist(), dtype=complex)
    H = qutip.Qobj(np.array(generator.hamiltonian.full().tolist(), dtype=complex))
    jumps = [
        qutip.Qobj(np.array(j.operator.full().tolist(), dtype=complex)) * float(j.rate) ** 0.5
        for j in generator.jumps
    ]
    theirs = qutip.steadystate(H, jumps, method="svd").full()
    assert np.abs(ours - theirs).max() < 1e-10
    with mp.workdps(60):
        other = integrate.steady_state(numeric_generator(generator, {}, 45), 45)
        for i in range(generator.space.dim):
            for j in range(generator.space.dim):
                re, im = pi.rho[i, j].as_real_imag()
                exact_value = mp.mpc(mp.mpf(re.p) / re.q, mp.mpf(im.p) / im.q)
                assert abs(other[i, j] - exact_value) < mp.mpf(10) ** -40


@st.composite
def davies_models(draw):
    """Three levels with symbolic energies and two baths with random couplings."""
    w1, w2, g1, g2, T1, T2 = parameters("omega_1 omega_2 gamma_1 gamma_2 T_1 T_2")
    energies = draw(
        st.sampled_from([(0, w1, w1 + w2), (0, w1, 2 * w1), (0, w1, 3 * w1), (0, 0, w1)])
    )
    space = HilbertSpace("levels", levels="abc")
    pairs = [(0, 1), (1, 2), (0, 2)]

    def coupling():
        chosen = draw(st.lists(st.sampled_from(pairs), min_size=1, max_size=3, unique=True))
        entries = {}
        for i, j in chosen:
            value = exact(draw(st.sampled_from([Fraction(1), Fraction(1, 2), Fraction(-2)])))
            entries[i, j] = entries[j, i] = value
        return Operator.of(space, entries)

    spectrum = Spectrum(space, energies)
    # Degenerate levels may carry a zero-frequency part, which a flat density refuses.
    density = ohmic if energies[1] == 0 else draw(st.sampled_from([flat, ohmic]))
    L = davies(
        spectrum,
        [
            Coupling(ThermalBath("1", T1), coupling(), density(g1)),
            Coupling(ThermalBath("2", T2), coupling(), density(g2)),
        ],
    )
    return L, spectrum, (T1, T2)


@given(davies_models(), st.lists(small, min_size=6, max_size=6))
@RELAXED
def test_entropy_production_of_davies_models_is_never_negative(drawn, numbers):
    """The enclosure is never wholly negative; both laws hold; equal temperatures give zero."""
    L, spectrum, (T1, T2) = drawn
    try:
        book = ledger(steady_state(L), energy=spectrum.hamiltonian)
    except NotUnique:
        return
    assert not book.failure
    assert not book.first_law_residual
    symbols = sorted(book.generator.free_symbols, key=str)
    at = {s: exact(v) for s, v in zip(symbols, numbers, strict=False)}
    value = certify(book.entropy_production, at, 20)
    assert value.sign in (0, 1)
    same = ledger(steady_state(L.subs(T2, T1)), energy=spectrum.hamiltonian)
    assert same.entropy_production == 0 and same.heat["1"] == 0
    if value.sign == 0 and at[T1] != at[T2]:
        # Tight coupling may be reversible, or nothing flows at all; never by accident.
        assert book.entropy_production == 0 or is_zero(book.entropy_production.xreplace(at))


@given(davies_models(), st.permutations(range(3)), st.integers(1, 5), st.integers(1, 5))
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
def test_clausius_spohn_and_schnakenberg_agree_for_any_populations(drawn, order, a, b):
    """sigma = sum of Spohn rates of the dissipators = Schnakenberg's sum, for diagonal states."""
    from symtherm import clausius_rate

    L, spectrum, _ = drawn
    weights = [sp.Integer(1), sp.Integer(a), sp.Integer(b)]
    rho = Operator.of(spectrum.space, {(i, i): weights[order[i]] / sum(weights) for i in range(3)})
    clausius = clausius_rate(L, rho, spectrum.hamiltonian)
    assert is_zero(clausius - total_spohn_rate(L, rho, spectrum.hamiltonian))
    try:
        pauli(L)
        network = schnakenberg_rate(L, rho)
    except Exception:
        return
    if all(len(p.operator.data) == 1 for p in L.pairs):
        assert is_zero(clausius - network)


@pytest.mark.parametrize("name", ["qubit", "two-bath-qubit", "three-level-maser", "quantum-dot"])
def test_first_law_is_the_exact_zero(name):
    book = model(name).ledger
    assert not book.first_law_residual


@pytest.mark.parametrize("name", ["two-bath-qubit", "quantum-dot"])
def test_steady_entropy_production_is_spohns_and_schnakenbergs(name):
    m = model(name)
    rho, E, N = m.steady_state.rho, m.energy, m.number
    assert is_zero(total_spohn_rate(m.generator, rho, E, N) - m.ledger.entropy_production)
    assert is_zero(schnakenberg_rate(m.generator, rho) - m.ledger.entropy_production)


def test_clausius_equals_spohn_with_dephasing_and_coherence():
    """A driven, dephased qubit away from its steady state: all dissipators, 1/d for dephasing."""
    from symtherm import clausius_rate, sigmam, sigmax, sigmaz

    w, g, phi, T = parameters("omega gamma gamma_phi T")
    E = w / 2 * sigmaz()
    L = gkls(
        w * sigmax(),
        [ThermalBath("b", T).jumps(sigmam(), frequency=w, rate=g), (sigmaz(), phi, "phi")],
    )
    z, c = sp.symbols("z c", real=True)
    half = sp.Rational(1, 2)
    rho = Operator.of(
        E.space, {(0, 0): (1 + z) * half, (1, 1): (1 - z) * half, (0, 1): c, (1, 0): c}
    )
    assert is_zero(clausius_rate(L, rho, E) - total_spohn_rate(L, rho, E))
    book = ledger(steady_state(L), energy=E)
    assert is_zero(total_spohn_rate(L, steady_state(L).rho, E) - book.entropy_production) in (
        True,
        None,
    )


def test_exchanging_the_leads_exchanges_the_currents():
    m = model("quantum-dot")
    s = {p.name: p for p in m.parameters}
    swap = {}
    for stem in ("mu", "T", "Gamma"):
        l, r = s[f"{stem}_l"], s[f"{stem}_r"]
        swap.update({l: r, r: l})
    assert is_zero(m.ledger.heat["l"].xreplace(swap) - m.ledger.heat["r"])
    assert is_zero(m.ledger.current["l"].xreplace(swap) - m.ledger.current["r"])


def test_exchanging_the_masers_baths_with_all_that_belongs_to_them():
    """Rates, temperatures, frequencies, levels, and Delta -> -Delta: the heats change places."""
    m = model("three-level-maser")
    s = {p.name: p for p in m.parameters}
    swap = {s["Delta"]: -s["Delta"]}
    for stem in ("omega", "gamma", "T"):
        h, c = s[f"{stem}_h"], s[f"{stem}_c"]
        swap.update({h: c, c: h})
    assert is_zero(m.ledger.heat["h"].xreplace(swap) - m.ledger.heat["c"])
    assert is_zero(m.ledger.power.xreplace(swap) - m.ledger.power)


def test_the_masers_zero_and_the_dots_zero():
    m = model("three-level-maser")
    s = {p.name: p for p in m.parameters}
    there = {s["omega_c"]: s["omega_h"] * s["T_c"] / s["T_h"]}
    assert is_zero(m.ledger.entropy_production.xreplace(there))
    d = model("quantum-dot")
    s = {p.name: p for p in d.parameters}
    x = (s["epsilon"] - s["mu_l"]) / s["T_l"]
    assert is_zero(d.ledger.entropy_production.xreplace({s["mu_r"]: s["epsilon"] - x * s["T_r"]}))


@pytest.mark.parametrize("name", ["two-bath-qubit", "quantum-dot"])
def test_equal_baths_give_zero_and_the_gibbs_state(name):
    from symtherm.exact.decide import all_zero
    from symtherm.thermo.entropy import reference_state

    m = model(name)
    first, second = m.generator.baths
    swap = {second.T: first.T}
    if second.mu != 0:
        swap[second.mu] = first.mu
    L = m.generator.transform(lambda e: e.xreplace(swap))
    book = ledger(steady_state(L), energy=m.energy, number=m.number)
    assert not any(book.fractions.values())
    gibbs = reference_state(L.dissipators[0], m.energy, m.number)
    assert all_zero((book.state.rho - gibbs).entries.values())


POINTS = {
    "qubit": ["1, 1, 1", "3/2, 2/5, 5/4", "10, 1/1000, 1/3"],
    "two-bath-qubit": ["1, 3/10, 1/5, 2, 1", "2, 1, 1, 1/4, 3", "1/7, 5, 1/9, 100, 1/2"],
    "three-level-maser": [
        "3, 1, 1/50, 1/40, 1/20, 1/100, 10, 1",
        "5, 2, 1, 2, 3, -4, 2, 1",
        "2, 1, 1/3, 1/7, 0, 0, 1, 5",
    ],
    "quantum-dot": [
        "1, 1/5, 0, 1/2, 1, 3/10, 7/10",
        "-2, 1, -1, 1, 2, 1, 5",
        "0, 0, 3, 2, 1, 1, 1",
    ],
}


@pytest.mark.parametrize(
    ("name", "numbers"), [(n, p) for n, points in POINTS.items() for p in points]
)
def test_closed_form_integration_and_balls_agree_to_40_digits(name, numbers):
    from symtherm.numeric.operators import integrated_quantities

    m = model(name)
    at = {s: exact(Fraction(v)) for s, v in zip(m.parameters, numbers.split(", "), strict=True)}
    balls = certify(m, at, 50)
    other = integrated_quantities(m, at, 45)
    with mp.workdps(60):
        for key, value in balls.items():
            if key not in other:
                continue
            gap = abs(mp.mpf(value.value) - mp.re(other[key]))
            assert gap <= max(abs(mp.mpf(value.value)), mp.mpf(1)) * mp.mpf(10) ** -40, key
            if value.sign:
                closed = m.expression(key, at).xreplace(at).evalf(45)
                assert abs(mp.mpf(str(closed)) - mp.mpf(value.value)) < mp.mpf(10) ** -40
