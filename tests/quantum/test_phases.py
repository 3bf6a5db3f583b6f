"""Complex drives: removable phases disappear, physical ones stay."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import I, Rational, conjugate, exp

from symtherm import HilbertSpace, ThermalBath, gkls, ledger, parameters, prove, steady_state
from symtherm.errors import BadExpression, OutsideClosedForm
from symtherm.exact.decide import all_zero, is_zero

D2, D3, PHI, CHI = parameters("Delta_2 Delta_3 phi chi", real=True)
G, W = parameters("g w", complex=True)
A, B, C = parameters("gamma_21 gamma_31 gamma_32")
ATOM = HilbertSpace("atom", levels="123")
K1, K2, K3 = ATOM.kets


def ket_bra(i, j):
    return i * j.dag()


def driven(g, w):
    up = g * ket_bra(K2, K1) + w * ket_bra(K3, K2)
    detunings = D2 * ket_bra(K2, K2) + D3 * ket_bra(K3, K3)
    jumps = [(ket_bra(K1, K2), A), (ket_bra(K1, K3), B), (ket_bra(K2, K3), C)]
    return gkls(detunings + up + up.dag(), jumps)


def test_two_complex_drives_of_three_levels():
    """The 9x9 generator with complex g, w: populations in |g|, |w|; coherences turn with them."""
    pi = steady_state(driven(G, W))
    populations = [pi.population(k) for k in "123"]
    assert all(not p.has(sympy.arg, sympy.cos, sympy.sin) for p in populations)
    assert {s for p in populations for s in p.free_symbols} == {D2, D3, G, W, A, B, C}
    a, b = parameters("a b")
    real = steady_state(driven(a, b))
    plain = {sympy.Abs(G): a, sympy.Abs(W): b}
    for k, p in zip("123", populations, strict=True):
        assert is_zero(p.xreplace(plain) - real.population(k))
    # pi_21 turns as g does: pi_21/g depends on |g| only.
    assert is_zero((pi.rho[1, 0] / G).xreplace(plain) - real.rho[1, 0] / a)
    assert is_zero((pi.rho[2, 1] / W).xreplace(plain) - real.rho[2, 1] / b)
    assert is_zero((pi.rho[2, 0] / (G * W)).xreplace(plain) - real.rho[2, 0] / (a * b))


def test_the_state_is_stationary_in_the_users_basis():
    numbers = {D2: 0, D3: Rational(1, 3), A: 1, B: 2, C: Rational(1, 2)}
    L = driven(G, I * W).subs(numbers)
    assert all_zero(L(steady_state(L).rho).entries.values())


def ring(angle):
    """Three levels, every pair coupled; the phases add up to a flux through the ring."""
    up = ket_bra(K2, K1) + ket_bra(K3, K2) + exp(I * angle) * ket_bra(K1, K3)
    return gkls(up + up.dag(), [(ket_bra(K1, K2), 1), (ket_bra(K1, K3), 2)])


def test_the_phase_around_a_ring_is_physical():
    """Against the null vector of the generator in numbers."""
    pi = steady_state(ring(PHI))
    p = pi.population("2")
    assert p.has(sympy.cos(PHI)) or p.has(sympy.sin(PHI))
    for angle in (0.0, 0.7, -2.1):
        matrix = np.array(ring(PHI).superoperator().full().subs(PHI, angle)).astype(complex)
        vector = np.linalg.svd(matrix)[2][-1].conj()
        vector = vector / (vector[0] + vector[4] + vector[8])
        assert abs(vector[4] - complex(p.subs(PHI, angle))) < 1e-10
    assert all_zero(ring(PHI)(pi.rho).entries.values())


def test_the_flux_counts_and_not_how_it_is_spread():
    """Moving a phase from one side of the ring to another changes no population."""
    up = ket_bra(K2, K1) * exp(I * CHI) + ket_bra(K3, K2) + exp(-2 * I * CHI) * ket_bra(K1, K3)
    L = gkls(up + up.dag(), [(ket_bra(K1, K2), 1), (ket_bra(K1, K3), 2)])
    other = steady_state(ring(PHI)).population("3")
    assert is_zero(steady_state(L).population("3") - other.subs(PHI, -CHI))


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(-3, 3), min_size=2, max_size=2), st.integers(0, 3))
def test_phases_along_a_chain_are_removed(powers, turns):
    """Any phases on a chain of levels, quarter turns included, leave the populations alone."""
    g = exp(I * powers[0] * PHI) * I**turns
    w = exp(I * powers[1] * CHI) * I ** (3 * turns)
    numbers = {D2: 1, D3: Rational(1, 3), A: 1, B: 2, C: Rational(1, 2)}
    turned = steady_state(driven(g, w).subs(numbers))
    plain = steady_state(driven(sympy.Integer(1), sympy.Integer(1)).subs(numbers))
    assert turned.population("3") == plain.population("3")


def test_a_complex_drive_of_the_maser():
    """Golden 6 with a complex drive: the power depends on |epsilon| alone, and is proved."""
    from symtherm import model

    m = model("three-level-maser")
    by = {s.name: s for s in m.parameters}
    e = parameters("epsilon", complex=True)
    atom = m.energy.space
    g, l, u = (atom.ket(k) for k in "glu")
    drive = e * exp(I * PHI) * ket_bra(u, l)
    baths = [
        ThermalBath("h", by["T_h"]).jumps(
            ket_bra(g, u), frequency=by["omega_h"], rate=by["gamma_h"]
        ),
        ThermalBath("c", by["T_c"]).jumps(
            ket_bra(g, l), frequency=by["omega_c"], rate=by["gamma_c"]
        ),
    ]
    static = m.generator.hamiltonian.subs({by["epsilon"]: 0})
    L = gkls(static + drive + drive.dag(), baths, positive=m.generator.positive)
    book = ledger(steady_state(L), energy=m.energy)
    real = book.power.xreplace({sympy.Abs(e): by["epsilon"]})
    assert is_zero(real - m.ledger.power)
    assert not book.first_law_residual
    assert prove(book.entropy_production >= 0).verdict.name == "PROVED"


def test_sine_and_cosine_in_normal_form():
    assert is_zero(sympy.cos(PHI) ** 2 + sympy.sin(PHI) ** 2 - 1)
    turn = exp(I * PHI) * exp(I * CHI)
    assert is_zero(sympy.cos(PHI + CHI) - (turn + 1 / turn) / 2)
    assert is_zero(sympy.cos(PHI + CHI) - turn) is False
    assert is_zero(sympy.cos(2 * PHI) - 2 * sympy.cos(PHI) ** 2 + 1)
    assert is_zero(G * conjugate(G) - sympy.Abs(G) ** 2)
    assert is_zero(sympy.re(G) ** 2 + sympy.im(G) ** 2 - sympy.Abs(G) ** 2)
    assert is_zero(G - conjugate(G)) is False
    assert is_zero(sympy.cos(PHI) - 1) is False


def test_what_has_no_normal_form_is_refused():
    with pytest.raises(BadExpression, match="give one"):
        parameters("g", real=True, complex=True)
    with pytest.raises(OutsideClosedForm, match="multiple of pi"):
        is_zero(sympy.cos(sympy.pi / 7) ** 2 - Rational(1, 2))
    with pytest.raises(OutsideClosedForm):
        is_zero(sympy.sqrt(G) - 1)
    with pytest.raises(OutsideClosedForm):
        is_zero(sympy.cos(G) - 1)
    with pytest.raises(OutsideClosedForm):
        is_zero(sympy.log(G))


def test_numbers_of_a_complex_drive_by_both_routes():
    """Closed forms at a complex point, enclosed, and integration from the operators."""
    import mpmath as mp

    from symtherm import Model, certify
    from symtherm.numeric.operators import integrated_quantities

    w1, w2, k1, k2, T1, T2 = parameters("omega_1 omega_2 gamma_1 gamma_2 T_1 T_2")
    H0 = w1 * ket_bra(K2, K2) + w2 * ket_bra(K3, K3)
    # With a second drive between the same levels the relative phase is physical.
    x = parameters("x")
    drive = (G + x) * ket_bra(K3, K2)
    baths = [
        ThermalBath("1", T1).jumps(ket_bra(K1, K2), frequency=w1, rate=k1),
        ThermalBath("2", T2).jumps(ket_bra(K1, K3), frequency=w2, rate=k2),
    ]
    L = gkls(drive + drive.dag(), baths)
    m = Model("two drives", "Two drives", (w1, w2, k1, k2, T1, T2, x, G), L, H0)
    at = {w1: 1, w2: 2, k1: Rational(1, 3), k2: 1, T1: 2, T2: 1, x: Rational(1, 5)}
    at = {s: sympy.S(v) for s, v in at.items()} | {G: Rational(1, 2) - Rational(2, 3) * I}
    values = certify(m, at, 30)
    other = integrated_quantities(m, at, 35)
    assert values["power"].sign != 0
    for name, value in values.items():
        with mp.workdps(40):
            assert abs(mp.mpf(value.value) - mp.re(other[name])) < mp.mpf(10) ** -28
    with pytest.raises(BadExpression, match="no exact rational"):
        certify(m, {**at, T1: 2 + I}, 10)
    with pytest.raises(BadExpression, match="no exact rational"):
        certify(m, {**at, G: sympy.sqrt(2)}, 10)
