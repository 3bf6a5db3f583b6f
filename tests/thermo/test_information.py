"""Unitaries on system and reservoir: the identity of row 1 on changed models, against numbers."""

from __future__ import annotations

import pytest
import sympy as sp

from symtherm import (
    HilbertSpace,
    Operator,
    free_energy,
    gibbs_state,
    is_zero,
    isospectral,
    ket2dm,
    mutual_information,
    parameters,
    prove,
    qeye,
    relative_entropy,
    reservoir_balance,
    sigmax,
    sigmaz,
    swap,
    tensor,
)
from symtherm.errors import MissingTrait, NotHermitian
from symtherm.thermo.information import is_unitary

w, T, theta = parameters("omega T theta")
z, c = sp.symbols("z c", real=True)
half = sp.Rational(1, 2)
H = w / 2 * sigmaz()


def bloch(coherence):
    return Operator.of(
        H.space,
        {
            (0, 0): half * (1 + z),
            (1, 1): half * (1 - z),
            (0, 1): coherence,
            (1, 0): sp.conjugate(coherence),
        },
    )


def rotation(generator):
    """exp(-i theta G) for G^2 = 1."""
    return sp.cos(theta) * qeye(generator.space) - sp.I * sp.sin(theta) * generator


@pytest.mark.parametrize(
    "generator",
    [swap(H.space), tensor(sigmax(), sigmax()), tensor(sigmaz(), sigmax())],
    ids=["swap", "xx", "zx"],
)
def test_the_identity_holds_for_unitaries_that_conserve_energy_and_for_others(generator):
    b = reservoir_balance(rotation(generator), bloch(sp.I * c), H, T)
    assert is_zero(b.identity.difference)
    assert isospectral(b.before, b.after)


def test_claims_are_proved_by_normal_form():
    b = reservoir_balance(rotation(swap(H.space)), bloch(c), H, T)
    assert prove(b.identity).verdict.name == "PROVED"
    assert prove(b.landauer).verdict.name == "PROVED"


def test_a_reservoir_of_three_levels():
    """Another reservoir: a qubit swaps with the two lowest levels of a three-level one."""
    w2 = parameters("omega_2")
    space = HilbertSpace("r", levels="abc")
    energy = Operator.of(space, {(1, 1): w, (2, 2): w2})
    p = parameters("p")
    rho = Operator.of(H.space, {(0, 0): p, (1, 1): 1 - p})
    a, b, _ = space.kets
    e, g = H.space.kets
    there = tensor(g, b) * tensor(e, a).dag()
    one = qeye(H.space * space)
    inside = there * there.dag() + there.dag() * there
    U = one + (sp.cos(theta) - 1) * inside - sp.I * sp.sin(theta) * (there + there.dag())
    balance = reservoir_balance(U, rho, energy, T)
    assert is_zero(balance.identity.difference)
    assert is_zero(mutual_information(balance.after) - balance.mutual_information)


def test_a_matrix_that_is_not_unitary_is_refused():
    assert not is_unitary(sigmax() + sigmaz())
    with pytest.raises(MissingTrait):
        reservoir_balance(2 * qeye(H.space * H.space), bloch(c), H, T)
    with pytest.raises(NotHermitian):
        reservoir_balance(swap(H.space), bloch(c) * sp.I, H, T)


def test_isospectral_tells_multiplicities_apart():
    a = Operator.of(HilbertSpace("t", 3), {(0, 0): 1, (1, 1): 1, (2, 2): 2})
    b = Operator.of(HilbertSpace("t", 3), {(0, 0): 1, (1, 1): 2, (2, 2): 2})
    assert isospectral(a, a) and not isospectral(a, b)


def test_mutual_information_vanishes_for_products_and_is_symmetric():
    x = tensor(bloch(0), gibbs_state(H, T))
    assert is_zero(mutual_information(x))
    assert is_zero(mutual_information(x, 0) - mutual_information(x, 1))
    half_half = (tensor(sigmaz(), sigmaz()) + tensor(qeye(2), qeye(2))) / 4
    assert mutual_information(half_half) == sp.log(2)


def test_free_energy_is_relative_entropy_for_n_levels():
    """S(rho||rho_T) = (F(rho) - F(rho_T))/T for populations of four levels with any energies."""
    energies = parameters("e_1:5")
    weights = parameters("p_1:4")
    space = HilbertSpace("n", 4)
    E = Operator.of(space, {(i, i): e for i, e in enumerate(energies)})
    p = [*weights, 1 - sum(weights)]
    rho = Operator.of(space, {(i, i): v for i, v in enumerate(p)})
    thermal = gibbs_state(E, T)
    difference = (free_energy(rho, E, T) - free_energy(thermal, E, T)) / T
    assert is_zero(relative_entropy(rho, thermal) - difference)
    assert is_zero(free_energy(ket2dm(space.ket("0")), E, T) - energies[0])
