"""The theory of entropy production on models that its pages do not use."""

from __future__ import annotations

import pytest
import sympy as sp

from symtherm import (
    Coupling,
    HilbertSpace,
    Operator,
    Spectrum,
    SqueezedBath,
    ThermalBath,
    clausius_rate,
    collision,
    cycle_affinities,
    davies,
    decompose,
    detailed_balance,
    entropy_production,
    equilibrium_populations,
    first_law,
    flat,
    functions,
    gibbs_state,
    gkls,
    heat_current,
    is_zero,
    isothermal_steps,
    parameters,
    pauli,
    prove,
    qeye,
    replay,
    sigmam,
    sigmap,
    sigmax,
    sigmaz,
    steady_state,
    tensor,
)
from symtherm.errors import (
    BadExpression,
    MissingTrait,
    NotHermitian,
    NotThermal,
    NotUnique,
    OutOfDomain,
    OutsideClosedForm,
    UndeclaredSign,
    WrongArgument,
)
from symtherm.thermo.entropy import reference_state
from symtherm.thermo.firstlaw import in_letters
from symtherm.thermo.visible_operators import operator_parts

w, g, T, Th, Tc, Tm, k = parameters("omega gamma T T_h T_c T_m kappa")
w1, w2, p, q = parameters("omega_1 omega_2 p q")
half = sp.Rational(1, 2)
atom = HilbertSpace("atom", levels="glu")
ground, lower, upper = atom.kets
H3 = w1 * lower * lower.dag() + w2 * upper * upper.dag()
three = Operator.of(atom, {(0, 0): 1 - p - q, (1, 1): p, (2, 2): q})


def ring(*temperatures):
    a, b, c = (ThermalBath(x, t) for x, t in zip("abc", temperatures, strict=True))
    return gkls(
        H3,
        [
            a.jumps(ground * upper.dag(), frequency=w2, rate=g),
            b.jumps(ground * lower.dag(), frequency=w1, rate=2 * g),
            c.jumps(lower * upper.dag(), frequency=w2 - w1, rate=g / 3),
        ],
        positive=[w2 - w1],
    )


def test_three_baths_on_three_levels():
    """An extra level and an extra bath: parts sum up, the sufficient condition holds."""
    L = ring(Th, Tc, Tm)
    parts = decompose(L, three)
    assert parts.adiabatic_is_nonnegative
    assert is_zero(parts.total - parts.adiabatic - parts.nonadiabatic)
    assert is_zero(entropy_production(L, three) - entropy_production(L, three, "clausius"))
    assert is_zero(parts.coherence.cross) and parts.coherence.holds


def test_every_inequality_of_three_levels_is_a_claim_that_is_proved_in_letters():
    """Three baths: each part equals its sum of visible terms, and those are >= 0 with certificate."""
    parts = decompose(ring(Th, Tc, Tm), three)
    values = {
        "total": parts.total,
        "nonadiabatic": parts.nonadiabatic,
        "adiabatic": parts.adiabatic,
    }
    assert set(parts.visible) == set(values)
    for name, form in parts.visible.items():
        assert is_zero(values[name] - form.expression)
        proof = prove(form.inequality)
        assert proof.verdict.name == "PROVED" and replay(proof).valid
    names = [claim.name for claim in parts.claims]
    assert {"Entropy production", "Nonadiabatic part", "Adiabatic part"} <= set(names)
    assert {"Part of the populations", "Part of the coherences", "No cross term"} <= set(names)


def test_claims_of_states_and_models_where_hypotheses_fail():
    """With a drive only the inequalities that hold are claimed; none is REFUTED at a wrong state."""
    bath = ThermalBath("b", T)
    driven = gkls(k * sigmax(), [bath.jumps(sigmam(), frequency=w, rate=g)])
    rho = Operator.of(driven.space, {(0, 0): p, (1, 1): 1 - p})
    parts = decompose(driven, rho, energy=w / 2 * sigmaz())
    names = [claim.name for claim in parts.claims]
    assert "Adiabatic part" not in names and "Part of the coherences" not in names
    assert list(parts.visible) == ["total"]  # pi has coherence
    c = parameters("c")
    coherent = decompose(
        gkls(w / 2 * sigmaz(), [bath.jumps(sigmam(), frequency=w, rate=g)]),
        Operator.of(rho.space, {(0, 0): half, (1, 1): half, (0, 1): c, (1, 0): c}),
    )
    assert coherent.coherence.holds
    verdicts = {c.name: prove(c).verdict.name for c in coherent.claims if "sum of" not in c.name}
    assert "REFUTED" not in verdicts.values()
    assert all(v == "PROVED" for name, v in verdicts.items() if "term by term" in name)


def test_inequalities_of_a_qubit_with_coherence_and_dephasing_are_visible():
    """Eigenvectors of rho: every part is its sum of terms, and so it is for populations."""
    c = parameters("c")
    L = gkls(
        w / 2 * sigmaz(),
        [
            ThermalBath("h", Th).jumps(sigmam(), frequency=w, rate=g),
            ThermalBath("c", Tc).jumps(sigmam(), frequency=w, rate=k),
            (sigmaz(), g, "d"),
        ],
    )
    even = Operator.of(L.space, {(0, 0): half, (1, 1): half, (0, 1): sp.I * c, (1, 0): -sp.I * c})
    for rho in (even, Operator.of(L.space, {(0, 0): p, (1, 1): 1 - p})):
        parts = decompose(L, rho)
        found = operator_parts(L, rho, parts.pi, bohr=True)
        assert set(found) == {"total", "nonadiabatic", "adiabatic"}
        for name, form in found.items():
            assert is_zero(getattr(parts, name) - form.expression)
            assert prove(form.inequality).verdict.name == "PROVED"


def test_one_way_rates_have_no_visible_total():
    """A jump without a way back: only the nonadiabatic part is a sum of Klein's terms."""
    L = gkls(w * sigmaz(), [(sigmam(), g, "d"), (sigmap(), k, "u")])
    rho = Operator.of(L.space, {(0, 0): p, (1, 1): 1 - p})
    parts = decompose(L, rho)
    assert list(parts.visible) == ["nonadiabatic"]
    assert is_zero(parts.nonadiabatic - parts.visible["nonadiabatic"].expression)


def test_affinities_of_the_ring_are_the_clausius_sum():
    (cycle,) = cycle_affinities(pauli(ring(Th, Tc, Tm)), 3)
    turn = w2 / Th - w1 / Tc - (w2 - w1) / Tm
    assert is_zero(cycle.affinity - turn) or is_zero(cycle.affinity + turn)
    assert detailed_balance(pauli(ring(T, T, T)), 3) == ()
    thermal = gibbs_state(H3, T)
    found = equilibrium_populations(pauli(ring(T, T, T)), 3)
    assert all(is_zero(thermal[i, i] - v) for i, v in enumerate(found))


def test_networks_that_are_refused():
    with pytest.raises(NotThermal):
        cycle_affinities({(1, 0): g}, 2)
    with pytest.raises(NotUnique):
        cycle_affinities({(1, 0): g, (0, 1): g}, 3)
    with pytest.raises(NotThermal):
        equilibrium_populations(pauli(ring(Th, Tc, Tm)), 3)


def test_affinities_of_random_networks_against_the_null_vector():
    """Rates W_mn = s_mn e^{...} made balanced, then one edge is spoiled: exactly its cycles show."""
    a = parameters("a_0:4")
    rates = {
        (m, n): a[m] * (1 + m + n)
        for m in range(4)
        for n in range(4)
        if m != n and {m, n} != {0, 3}
    }
    assert detailed_balance(rates, 4) == ()
    spoiled = {**rates, (2, 1): k}
    conditions = detailed_balance(spoiled, 4)
    assert conditions and all(is_zero(c.subs(k, rates[2, 1])) for c in conditions)


def test_a_lambda_system_with_coherence_has_parts_that_sum():
    """Coherence g-l, one bath on both: the split at the pinching, hypotheses and cross term."""
    spectrum = Spectrum(atom, (0, w1, w2))
    A = ground * upper.dag() + lower * upper.dag()
    L = davies(spectrum, [Coupling(ThermalBath("b", T), A + A.dag(), flat(g))])
    c = sp.Symbol("c", real=True)
    rho = three + Operator.of(atom, {(0, 1): sp.I * c, (1, 0): -sp.I * c})
    parts = decompose(L, rho)
    assert is_zero(parts.total - parts.nonadiabatic - parts.adiabatic)
    assert is_zero(parts.adiabatic)  # one bath: pi is Gibbs and nothing keeps house
    assert parts.coherence.holds and is_zero(parts.coherence.cross)


def test_entropy_production_of_an_unknown_form():
    with pytest.raises(BadExpression):
        entropy_production(ring(T, T, T), three, "boltzmann")


def test_decompose_needs_detailed_balance():
    L = gkls(w * sigmaz(), [(sigmam(), g), (sigmap(), k)])
    rho = Operator.of(L.space, {(0, 0): p, (1, 1): 1 - p})
    parts = decompose(L, rho)
    assert not parts.adiabatic_is_nonnegative  # jumps without partners in a bath
    with pytest.raises(OutOfDomain):  # each of the two jumps alone ends in a pure state
        _ = parts.total


@pytest.mark.parametrize("memory", [sp.Integer(0), parameters("x")])
def test_isothermal_steps_of_three_levels(memory):
    up = isothermal_steps(three, [0 * H3, H3], T, memory=memory)
    assert is_zero(up.released / T + up.entropy_change - up.production)
    assert is_zero(up.work + up.heat - (H3 * up.states[-1]).tr())


def test_collisions_with_a_three_level_system():
    """A three-level atom meets qubits resonant with g-u: the same pair as by hand."""
    tau = parameters("tau")
    HA = w2 / 2 * sigmaz()
    hop = tensor(ground * upper.dag(), sigmap())
    model = collision(H3, HA, sp.sqrt(g / tau) * (hop + hop.dag()), tau, T=T)
    L = model.generator()
    rate = g * sp.tanh(w2 / (2 * T))
    own = gkls(H3, [ThermalBath("b", T).jumps(ground * upper.dag(), frequency=w2, rate=rate)])
    a, b = L.superoperator(), own.superoperator()
    assert all(is_zero(a[key] - b[key]) for key in {*a.entries, *b.entries})
    assert is_zero(model.heat(three) - heat_current(L, three, "b", H3))


def test_collisions_off_resonance_have_no_conserved_energy():
    tau = parameters("tau")
    hop = tensor(sigmam(), sigmap())
    V = sp.sqrt(g / tau) * (hop + hop.dag())
    off = collision(w1 * sigmaz(), w2 * sigmaz(), V, tau, T=T)
    assert off.failures == ("[V, E + H_A] = 0",)
    with pytest.raises(MissingTrait):
        off.generator()
    local = collision(w1 * sigmaz(), w2 * sigmaz(), V, tau, T=T, energy=w2 * sigmaz())
    assert local.failures == ()  # E = w2 sigmaz commutes with H_S, too


def test_a_squeezed_bath_and_a_thermal_bath():
    """Another bath beside the squeezed one: Spohn's sum is the sum of its parts."""
    r = parameters("r")
    squeezed = SqueezedBath("s", T, r)
    E = w / 2 * sigmaz()
    L = gkls(
        0 * E,
        [
            *squeezed.jumps(sigmam(), frequency=w, rate=g),
            ThermalBath("c", Tc).jumps(sigmam(), frequency=w, rate=k),
        ],
    )
    N = squeezed.quanta(w)
    rho = Operator.of(E.space, {(0, 0): p, (1, 1): 1 - p})
    up, down = g * N, g * (N + 1)
    own = (down * p - up * (1 - p)) * sp.log(down * p / (up * (1 - p)))
    thermal = clausius_rate(
        gkls(0 * E, [ThermalBath("c", Tc).jumps(sigmam(), frequency=w, rate=k)]), rho, E
    )
    assert is_zero(entropy_production(L, rho, energy=E) - own - thermal)


def test_a_driven_squeezed_qubit_with_detuning_and_dephasing():
    """Two more terms than the page: the null vector solves the Bloch equations by hand."""
    r, detuning, phi = parameters("r Delta gamma_phi")
    bath = SqueezedBath("s", T, r)
    E = w / 2 * sigmaz()
    L = gkls(
        k * sigmax() + detuning / 2 * sigmaz(),
        [*bath.jumps(sigmam(), frequency=w, rate=g), (sigmaz(), phi / 2, "phi")],
    )
    pi = steady_state(L).rho
    N, n = bath.quanta(w), 1 / (sp.exp(w / T) - 1)
    fast, slow = (g / 2 * (2 * n + 1) * sp.exp(s * 2 * r) + phi for s in (1, -1))
    full, z_s = g * (2 * N + 1), -1 / (2 * N + 1)
    x, y, z = sp.symbols("x y z", real=True)
    equations = [
        -slow * x - detuning * y,
        detuning * x - fast * y - 2 * k * z,
        -full * (z - z_s) + 2 * k * y,
    ]
    found = {x: pi[0, 1] + pi[1, 0], y: sp.I * (pi[0, 1] - pi[1, 0]), z: pi[0, 0] - pi[1, 1]}
    assert all(is_zero(e.subs(found)) for e in equations)
    heat = heat_current(L, pi, "s", E)
    assert is_zero(heat - w / 2 * full * (z_s - found[z]))
    assert is_zero(heat_current(L, pi, "phi", E))


def test_the_reference_of_plain_decay_has_no_full_rank():
    L = gkls(w * sigmaz(), [(sigmam(), g)])
    pi = reference_state(L.dissipators[0], w * sigmaz())
    assert pi[0, 0] == 0
    rho = Operator.of(L.space, {(0, 0): p, (1, 1): 1 - p})
    with pytest.raises(OutOfDomain):
        entropy_production(L, rho)


def test_the_first_law_of_three_driven_levels():
    """Two baths, a gap that moves and a static coupling that does, too."""
    v, eps, u = (sp.Symbol(x, real=True) for x in ("v", "eps", "u"))
    L = gkls(
        H3 + eps * (lower * upper.dag() + upper * lower.dag()),
        [ThermalBath("h", Th).jumps(ground * upper.dag(), frequency=w2, rate=g)],
    )
    c = sp.Symbol("c", real=True)
    rho = three + Operator.of(atom, {(1, 2): sp.I * c, (2, 1): -sp.I * c})
    law = first_law(L, rho, {w2: v, eps: u})
    assert is_zero(law.identity.difference)
    assert is_zero(law.power - v * q)


def test_the_first_law_of_undetermined_functions_in_couplings_and_rates():
    """Two qubits whose gap, coupling and rate are f(t) or a derivative of it."""
    t = parameters("t", real=True)
    gap, rate = functions("g_t r_t", t)
    hop = functions("J_t", t, real=True)
    a, b = tensor(sigmam(), qeye(2)), tensor(qeye(2), sigmam())
    L = gkls(
        gap * a.dag() * a + sp.diff(gap, t) * b.dag() * b + hop * (a.dag() * b + b.dag() * a),
        [
            ThermalBath("h", Th).jumps(a, frequency=gap, rate=rate),
            ThermalBath("c", Tc).jumps(b, frequency=w, rate=hop**2),
        ],
    )
    x, y = functions("x y", t, real=True)
    rho = Operator.of(
        a.space,
        {
            (0, 0): x / 2,
            (1, 1): (1 - x) / 2,
            (2, 2): half,
            (1, 2): y - sp.I * y,
            (2, 1): y + sp.I * y,
        },
    )
    law = first_law(L, rho, t)
    assert law.power.has(sp.Derivative(gap, (t, 2)), sp.Derivative(hop, t))
    assert prove(law.identity).verdict.name == "PROVED"
    assert is_zero(law.energy - law.power - sum(law.heat.values()))
    assert not is_zero(law.power)


def test_what_the_first_law_refuses():
    """A wrong time would make the power zero; a state that is not Hermitian has no energy."""
    t, s = parameters("t s", real=True)
    L = gkls(functions("gap", t) / 2 * sigmaz(), [])
    with pytest.raises(BadExpression):
        first_law(L, qeye(L.space) / 2, s)
    with pytest.raises(WrongArgument):
        first_law(L, qeye(L.space) / 2, "t")
    with pytest.raises(NotHermitian):
        first_law(L, sigmam(), t)


def test_functions_of_time_are_atoms_that_know_their_signs():
    t = parameters("t", real=True)
    f = functions("f", t)
    assert is_zero(f - sp.Symbol("f", positive=True)) is not True
    assert is_zero(sp.diff(sp.exp(-f / T), t) + sp.exp(-f / T) * sp.diff(f, t) / T)
    with pytest.raises(UndeclaredSign):
        is_zero(sp.Function("f")(t) - 1)
    with pytest.raises(OutsideClosedForm):
        is_zero(f.subs(t, 2 * t) - f)
    with pytest.raises(BadExpression):
        functions("f", 2 * t)
    letter = sp.Symbol("f", positive=True)
    assert in_letters(f + letter) == (letter + sp.Symbol("f_t", positive=True),)


def test_steady_states_between_baths_produce_adiabatically():
    L = ring(Th, Tc, T)
    pi = steady_state(L).rho
    assert is_zero(decompose(L, pi, pi=pi).nonadiabatic)


def test_a_drive_breaks_the_sufficient_condition():
    bath = ThermalBath("b", T)
    L = gkls(k * sigmax(), [bath.jumps(sigmam(), frequency=w, rate=g)])
    rho = Operator.of(L.space, {(0, 0): p, (1, 1): 1 - p})
    parts = decompose(L, rho, energy=w / 2 * sigmaz())
    assert not parts.adiabatic_is_nonnegative
    assert not parts.coherence.holds
