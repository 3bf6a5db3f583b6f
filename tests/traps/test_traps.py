"""The traps that a small version of this engine fell into, and others found since."""

from __future__ import annotations

import pytest
import sympy as sp

from symtherm import (
    Coupling,
    HilbertSpace,
    Operator,
    Spectrum,
    ThermalBath,
    commutator,
    davies,
    destroy,
    flat,
    gibbs_state,
    gkls,
    is_zero,
    ledger,
    model,
    num,
    ohmic,
    parameters,
    prove,
    replay,
    sigmam,
    sigmax,
    sigmaz,
    steady_state,
)
from symtherm.errors import (
    BadExpression,
    NotHermitian,
    NotUnique,
    OutsideClosedForm,
    UndeclaredSign,
    UnorderedSpectrum,
)
from symtherm.exact.alphabet import alphabet
from symtherm.exact.decide import all_zero

ladder = HilbertSpace("ladder", levels="abc")


def hop(space: HilbertSpace, i: str, j: str) -> Operator:
    x = space.ket(i) * space.ket(j).dag()
    return x + x.dag()


# -- orientation ---------------------------------------------------------------------------------


def test_a_symbolic_bohr_frequency_is_never_given_a_sign_by_guess():
    """omega_h - omega_c has no sign: a rate with it needs a declared order."""
    wc, wh, g, T = parameters("omega_c omega_h gamma T")
    space = HilbertSpace("s", levels="lu")
    l, u = space.kets
    pair = ThermalBath("b", T).jumps(l * u.dag(), frequency=wh - wc, rate=g)
    with pytest.raises(UndeclaredSign, match="frequency"):
        gkls((wh - wc) * u * u.dag(), [pair])
    declared = gkls((wh - wc) * u * u.dag(), [pair], positive=[wh - wc])
    pi = steady_state(declared)
    assert all_zero((pi.rho - gibbs_state((wh - wc) * u * u.dag(), T)).entries.values())


def test_declared_levels_give_every_rate_its_sign():
    wc, wh, g, T = parameters("omega_c omega_h gamma T")
    L = davies(
        Spectrum(ladder, (0, wc, wh)),
        [Coupling(ThermalBath("b", T), hop(ladder, "b", "c") + hop(ladder, "a", "b"), flat(g))],
    )
    for pair in L.pairs:
        H = Spectrum(ladder, (0, wc, wh)).hamiltonian
        residual = commutator(H, pair.operator) + pair.frequency * pair.operator
        assert all_zero(residual.entries.values())


def test_an_order_against_the_declared_signs_is_refused():
    w = parameters("omega")
    with pytest.raises(UnorderedSpectrum, match="negative"):
        Spectrum(ladder, (0, 2 * w, w))
    a, b = parameters("a b")
    with pytest.raises(UnorderedSpectrum, match="a"):
        Spectrum.of(Operator.of(ladder, {(1, 1): a, (2, 2): b}))


# -- Boltzmann factors ---------------------------------------------------------------------------


@pytest.mark.parametrize("top", [1, 2, 3, sp.Rational(3, 2)])
def test_one_bath_gives_no_heat_and_no_entropy_whatever_the_ratio_of_gaps(top):
    """Levels 0, w, top*w under one bath: exponentials of w/T and top*w/T are dependent."""
    w, g, T = parameters("omega gamma T")
    energies = (0, w, (1 + top) * w)
    coupling = hop(ladder, "a", "b") + hop(ladder, "b", "c") + hop(ladder, "a", "c")
    spectrum = Spectrum(ladder, energies)
    L = davies(spectrum, [Coupling(ThermalBath("b", T), coupling, flat(g))])
    book = ledger(steady_state(L), energy=spectrum.hamiltonian)
    assert book.heat["b"] == 0
    assert book.entropy_production == 0
    gibbs = gibbs_state(spectrum.hamiltonian, T)
    assert all_zero((book.state.rho - gibbs).entries.values())


def test_independent_gaps_share_a_basis_of_exponents():
    w1, w2, T = parameters("omega_1 omega_2 T")
    space = alphabet([sp.exp(-w1 / T), sp.exp(-w2 / T), sp.exp(-(w1 + w2) / T)])
    assert len(space.exponents) == 2
    product = sp.exp(-w1 / T) * sp.exp(-w2 / T) - sp.exp(-(w1 + w2) / T)
    assert is_zero(product)


def test_exponents_2a_and_3a_are_powers_of_one_exponential():
    a = parameters("a")
    space = alphabet([sp.exp(2 * a), sp.exp(3 * a)])
    assert len(space.exponents) == 1
    assert is_zero(sp.exp(2 * a) ** 3 - sp.exp(3 * a) ** 2)


def test_the_basis_is_made_anew_after_a_substitution():
    """At equal temperatures the two Boltzmann factors of the conductor become one."""
    m = model("two-bath-qubit")
    omega, gh, gc, Th, Tc = m.parameters
    L = m.generator.subs(Tc, Th)
    book = ledger(steady_state(L), energy=m.energy)
    assert set(book.fractions.values()) == {book.fractions["power"]}
    assert book.entropy_production == 0


# -- logarithms ----------------------------------------------------------------------------------


def test_logarithms_of_boltzmann_factors_are_affinities():
    w, T = parameters("omega T")
    n = 1 / (sp.exp(w / T) - 1)
    assert is_zero(sp.log((n + 1) / n) - w / T)
    assert is_zero(sp.log(n + 1) - sp.log(n) - w / T)
    f = 1 / (sp.exp(w / T) + 1)
    assert is_zero(sp.log((1 - f) / f) - w / T)
    assert is_zero(sp.log(n) - w / T) is False


def test_logarithms_with_a_radical_use_its_relation():
    """ln(R + d) + ln(R - d) = 2 ln g for R^2 = d^2 + g^2."""
    d = parameters("d", real=True)
    g = parameters("g")
    R = sp.sqrt(d**2 + g**2)
    assert is_zero(sp.log(R + d) + sp.log(R - d) - 2 * sp.log(g))
    assert is_zero(sp.log((R + d) ** 2) - 2 * sp.log(R + d))
    assert is_zero(sp.log(R + d) - sp.log(R - d) - 2 * sp.atanh(d / R))
    assert is_zero(sp.log(R + d) - sp.log(g)) is not True


def test_a_relation_hidden_between_radical_logarithms_is_never_called_nonzero():
    """Cubes of units are not recognised: the verdict is None (undecided), not False."""
    d, g = parameters("d g")
    R = sp.sqrt(d**2 + g**2)
    cube = sp.expand((R + d) ** 3)
    assert is_zero(sp.log(cube) - 3 * sp.log(R + d)) in (True, None)


def test_square_roots_of_squares_need_a_declared_order():
    a, b = parameters("a b")
    with pytest.raises(UndeclaredSign, match="order"):
        is_zero(sp.sqrt(a**2 - 2 * a * b + b**2) - (a - b))
    assert is_zero(sp.sqrt((a + b) ** 2) - (a + b))


def test_two_radicals_in_one_expression():
    a, b = parameters("a b")
    x, y = sp.sqrt(a + b), sp.sqrt(a + 2 * b)
    assert is_zero((x + y) * (x - y) + b)
    assert is_zero(1 / (x + y) - (y - x) / b)
    assert is_zero(x * y - sp.sqrt((a + b) * (a + 2 * b)))


def test_nested_roots_of_a_mixing_angle():
    """cos and sin of half the angle with tan = b/delta: s depends on c through R, exactly."""
    delta = parameters("delta", real=True)
    b = parameters("b")
    R = sp.sqrt(delta**2 + b**2)
    c, s = sp.sqrt((1 + delta / R) / 2), sp.sqrt((1 - delta / R) / 2)
    assert is_zero(c**2 + s**2 - 1)
    assert is_zero(c**2 - s**2 - delta / R)
    assert is_zero(2 * c * s - b / R)
    assert is_zero(s * (R + delta) / b - c)
    assert is_zero(c - s) is False
    space = alphabet([c, s])
    assert space.fraction_sign(space.fraction(R + delta)) == 1
    assert space.fraction_sign(space.fraction(delta - R)) == -1


def test_nested_roots_over_two_different_roots():
    a, b, c = parameters("a b c")
    R, S = sp.sqrt(a**2 + b**2), sp.sqrt(a**2 + c**2)
    u, v = sp.sqrt(R**2 + a * R), sp.sqrt(S**2 + a * S)
    assert is_zero((u + v) * (u - v) - R * (R + a) + S * (S + a))
    assert is_zero(u - v) is False


def test_a_nested_number_denests_or_is_refused():
    assert is_zero(sp.sqrt(3 + 2 * sp.sqrt(2)) - 1 - sp.sqrt(2))
    with pytest.raises(OutsideClosedForm):
        is_zero(sp.sqrt(5 + 2 * sp.sqrt(6)) - sp.sqrt(2) - sp.sqrt(3))


# -- other traps ---------------------------------------------------------------------------------


def test_a_square_that_may_vanish_is_not_called_positive():
    x, y = parameters("x y")
    proof = prove(sp.Ge((x - y) ** 2, 0, evaluate=False))
    assert proof.proved and replay(proof).valid
    assert proof.condition.text in ("x = y", "y = x")


def test_the_entropy_of_the_maximally_mixed_qubit_is_ln_2():
    """SymPy's density.entropy drops multiplicities and gives ln(2)/2."""
    from symtherm import qeye, von_neumann_entropy

    assert is_zero(von_neumann_entropy(qeye(2) / 2) - sp.log(2))


def test_a_flat_density_meets_no_diagonal_coupling():
    w, g, T = parameters("omega gamma T")
    space = HilbertSpace("q", levels="ge")
    g_, e_ = space.kets
    spectrum = Spectrum(space, (0, w))
    A = hop(space, "g", "e") + e_ * e_.dag()
    with pytest.raises(OutsideClosedForm, match="diverges"):
        davies(spectrum, [Coupling(ThermalBath("b", T), A, flat(g))])
    L = davies(spectrum, [Coupling(ThermalBath("b", T), A, ohmic(g))])
    book = ledger(steady_state(L), energy=spectrum.hamiltonian)
    assert not book.failure and book.entropy_production == 0


def test_equal_bohr_frequencies_are_grouped_into_one_jump():
    """Levels 0, w, 2w: both transitions have frequency w and interfere in one operator."""
    w, g, T = parameters("omega gamma T")
    spectrum = Spectrum(ladder, (0, w, 2 * w))
    L = davies(
        spectrum,
        [Coupling(ThermalBath("b", T), hop(ladder, "a", "b") + hop(ladder, "b", "c"), flat(g))],
    )
    assert len(L.pairs) == 1
    assert len(L.pairs[0].operator.data) == 2


def test_coincidences_at_special_parameters_are_conditions():
    w1, w2, g, T = parameters("omega_1 omega_2 gamma T")
    spectrum = Spectrum(ladder, (0, w1, w1 + w2))
    L = davies(spectrum, [Coupling(ThermalBath("b", T), hop(ladder, "a", "b"), flat(g))])
    assert any(is_zero(c - (w2 - w1)) or is_zero(c + (w2 - w1)) for c in L.conditions)


def test_several_steady_states_are_refused_with_what_is_conserved():
    w = parameters("omega")
    with pytest.raises(NotUnique, match=r"\|e><e\|"):
        steady_state(gkls(w * sigmaz()))
    g = parameters("gamma")
    with pytest.raises(NotUnique, match="conserved"):
        steady_state(gkls(0 * sigmaz(), [(sigmax(), g, "x")]))


def test_jumps_of_sigma_x_alone_leave_a_coherence_undamped():
    """Populations are unique there, but Re rho_eg is conserved: still not unique."""
    g = parameters("gamma")
    with pytest.raises(NotUnique, match="Re"):
        steady_state(gkls(0 * sigmaz(), [(sigmax(), g, "x")]))


def test_floats_are_refused():
    w = parameters("omega")
    with pytest.raises(BadExpression, match="Rational"):
        _ = 0.5 * w * sigmaz()


def test_undeclared_symbols_are_refused_by_name():
    w = sp.Symbol("w")
    with pytest.raises(UndeclaredSign, match="w"):
        steady_state(gkls(w * sigmaz(), [sigmam()]))


def test_a_hamiltonian_must_be_hermitian():
    g = parameters("g")
    with pytest.raises(NotHermitian, match="Hermitian conjugate"):
        gkls(g * sigmam())


def test_negative_and_zero_rates_and_temperatures_are_refused():
    w = parameters("omega")
    with pytest.raises(UndeclaredSign, match="negative"):
        gkls(w * sigmaz(), [(sigmam(), -w)])
    from symtherm.errors import OutOfDomain

    with pytest.raises(OutOfDomain, match="T > 0"):
        ThermalBath("b", -1)
    with pytest.raises(OutOfDomain, match="T > 0"):
        ThermalBath("b", 0)


def test_square_roots_in_jump_operators_cancel():
    """A truncated oscillator has sqrt(2) in its jumps and none in its Gibbs state."""
    w, g, T = parameters("omega gamma T")
    E = w * num(3)
    L = gkls(E, [ThermalBath("b", T).jumps(destroy(3), frequency=w, rate=g)])
    pi = steady_state(L)
    assert all_zero((pi.rho - gibbs_state(E, T)).entries.values())


def test_a_drive_makes_radicals_cancel_in_the_steady_state():
    """Driven oscillator, cutoff 3: sqrt(2) enters the generator; rho is stationary all the same."""
    g, F = parameters("gamma F")
    a = destroy(3)
    L = gkls(F * (a + a.dag()), [(a, g)])
    pi = steady_state(L)
    assert all_zero(L(pi.rho).entries.values())


def test_collapse_operators_may_carry_the_square_root_of_their_rate():
    """QuTiP's style, sqrt(gamma) sigma_-, is the same generator."""
    g, w = parameters("gamma omega")
    up = parameters("up")
    first = gkls(w * sigmax(), [sp.sqrt(g) * sigmam(), sp.sqrt(up) * sigmam().dag()])
    second = gkls(w * sigmax(), [(sigmam(), g), (sigmam().dag(), up)])
    difference = steady_state(first).rho - steady_state(second).rho
    assert all_zero(difference.entries.values())


def test_two_symbols_of_one_name_are_refused():
    from symtherm.errors import UnknownSymbol

    with pytest.raises(UnknownSymbol, match="two symbols"):
        is_zero(sp.Symbol("a", positive=True) - sp.Symbol("a", real=True))


def test_sympy_evaluating_a_relation_is_reported_not_proved():
    x = parameters("x")
    with pytest.raises(BadExpression, match="dropped"):
        prove(x >= 0)


def test_a_law_is_not_refuted_where_a_root_is_imaginary():
    """sqrt(Delta) in a Hamiltonian says Delta > 0; at Delta < 0 it would not be Hermitian.

    The entropy production is Delta times positive factors, and was refuted at Delta = -29.
    """
    Delta = parameters("Delta", real=True)
    omega, gamma, T = parameters("omega gamma T")
    jumps = ThermalBath("b", T).jumps(sigmam(), frequency=omega, rate=gamma)
    L = gkls(sp.sqrt(Delta) * sigmax(), [jumps])
    assert L.positive == (Delta,)
    book = ledger(steady_state(L), energy=omega / 2 * sigmaz())
    assert prove(book.second_law).verdict.name == "PROVED"
    # What is a sum of squares needs no declaration, and no nested root does.
    assert gkls(sp.sqrt(Delta**2 + gamma**2) * sigmax(), [jumps]).positive == ()
