"""Born, Markov and secular as operations, on systems and baths that the page does not use."""

from __future__ import annotations

import pytest
import sympy as sp

from symtherm import (
    Coupling,
    HilbertSpace,
    Operator,
    Spectrum,
    ThermalBath,
    create,
    davies,
    destroy,
    is_zero,
    num,
    ohmic,
    parameters,
    qeye,
    redfield,
    sigmam,
    tensor,
)
from symtherm.baths.spectral import mode_correlation
from symtherm.dynamics.approximations import (
    approximations,
    born_kernel,
    correlation,
    interaction_picture,
    markov_kernel,
    second_order_kernel,
    turning,
)

w, w1, w2, T, s, p, q, nu, eta = parameters("omega omega_1 omega_2 T s p q nu eta")
x, y = sp.symbols("x y", real=True)


def equal(a, b):
    return all(is_zero(v) for _, _, v in (a - b).data)


def ladder():
    space = HilbertSpace("n", 3)
    H = Operator.of(space, {(1, 1): w1, (2, 2): w1 + w2})
    A = Operator.of(space, {(0, 1): 1, (1, 0): 1, (1, 2): 2, (2, 1): 2, (2, 2): 1})
    rho = Operator.of(space, {(0, 0): p, (1, 1): 1 - p, (0, 2): x + sp.I * y, (2, 0): x - sp.I * y})
    return H, A, rho


def qubits():
    a, b = tensor(sigmam(), qeye(2)), tensor(qeye(2), sigmam())
    H = w1 * a.dag() * a + w2 * b.dag() * b
    rho = Operator.of(H.space, {(0, 0): p, (3, 3): 1 - p, (1, 2): sp.I * y, (2, 1): -sp.I * y})
    return H, a + a.dag() + sp.I * (b - b.dag()), rho


@pytest.mark.parametrize("system", [ladder, qubits])
def test_the_born_kernel_is_the_double_commutator_for_an_oscillator_as_bath(system):
    """Three levels of a bath oscillator in a state with any populations, B = b + b^+."""
    H, A, rho = system()
    B, H_B = destroy(3) + create(3), nu * num(3)
    rho_B = Operator.of(B.space, {(0, 0): q, (1, 1): 1 - 2 * q, (2, 2): q})
    C = correlation(B, rho_B, H_B, s)
    assert equal(second_order_kernel(A, B, H, H_B, rho_B, s)(rho), born_kernel(A, H, C, s)(rho))
    back = interaction_picture(rho, H, -s)
    assert equal(born_kernel(A, H, C, s)(back), markov_kernel(A, H, C, s)(rho))


def test_the_interaction_picture_of_a_product_is_the_product():
    H, A, rho = ladder()
    turned = interaction_picture(A * rho, H, s)
    assert equal(turned, interaction_picture(A, H, s) * interaction_picture(rho, H, s))
    assert equal(interaction_picture(interaction_picture(A, H, s), H, -s), A)


def test_the_steps_of_a_model_with_two_baths():
    space = HilbertSpace("n", 3)
    spectrum = Spectrum(space, (0, w1, w1 + w2))
    _, A, rho = ladder()
    hot = ThermalBath("h", T), Operator.of(space, {(0, 1): 1, (1, 0): 1}), ohmic(eta)
    couplings = [Coupling(*hot), Coupling(ThermalBath("c", 2 * T), A, ohmic(eta))]
    C = {"h": mode_correlation(1, nu, T, s), "c": mode_correlation(2, nu, 2 * T, s)}
    born, markov, last = approximations(spectrum, couplings, C, s)
    total = sum(
        (born_kernel(c.operator, spectrum.hamiltonian, C[c.bath.label], s)(rho) for c in couplings),
        0 * rho,
    )
    assert equal(born.equation(rho), total)
    full = redfield(spectrum, couplings).superoperator()
    assert markov.equation.entries == full.entries
    own = davies(spectrum, couplings, lamb_shift=True).superoperator()
    assert all(is_zero(last.equation[k] - own[k]) for k in {*own.entries, *last.equation.entries})
    dropped = turning(full, spectrum)
    assert not set(dropped) & set(last.equation.entries)
    assert {*dropped, *last.equation.entries} == set(full.entries)
    assert all(is_zero(v) is not True for v in dropped.values())


def test_equal_gaps_turn_less():
    """A harmonic ladder: transitions of one frequency stay together."""
    space = HilbertSpace("n", 3)
    A = Operator.of(space, {(0, 1): 1, (1, 0): 1, (1, 2): 1, (2, 1): 1})

    def kept(energies):
        spectrum = Spectrum(space, energies)
        L = redfield(spectrum, [Coupling(ThermalBath("b", T), A, ohmic(eta))]).superoperator()
        return len(L.entries) - len(turning(L, spectrum))

    assert kept((0, w, 2 * w)) > kept((0, w1, w1 + w2))


def test_rates_with_complex_matrix_elements_are_nonnegative():
    """|r + i s|^2 between levels whose order is declared: no sign of r or s is needed."""
    r, s = parameters("r s", real=True)
    w1, w2, T, eta = parameters("omega_1 omega_2 T eta")
    atom = HilbertSpace("atom", levels="glu")
    _, lower, upper = atom.kets
    hop = (r + sp.I * s) * lower * upper.dag()
    coupling = Coupling(ThermalBath("b", T), hop + hop.dag(), ohmic(eta))
    L = davies(Spectrum(atom, (0, w1, w2)), [coupling])
    assert is_zero(L.pairs[0].rate - eta * (w2 - w1) * (r**2 + s**2))


def test_the_lamb_shift_of_any_spectrum_commutes_and_has_values():
    """Four levels, two equal gaps, diagonal elements: every shift of davies has its closed form."""
    from symtherm import certify, drude
    from symtherm.dynamics.redfield import lamb_shifts
    from symtherm.quantum.operator import commutator

    w, T, eta, c = parameters("omega T eta omega_c")
    levels = HilbertSpace("n", 4)
    spectrum = Spectrum(levels, (0, w, 2 * w, 5 * w))
    A = Operator.of(levels, {(i, j): 1 + i + j for i in range(4) for j in range(4)})
    coupling = Coupling(ThermalBath("b", T), A, drude(eta, c))
    shifted = davies(spectrum, [coupling], lamb_shift=True)
    H_LS = shifted.hamiltonian - spectrum.hamiltonian
    assert all(is_zero(v) for _, _, v in commutator(H_LS, spectrum.hamiltonian).data)
    values = lamb_shifts(spectrum, [coupling])
    symbols = {x for _, _, v in H_LS.data for x in v.free_symbols if x.name.startswith("S_")}
    assert symbols == set(values)
    at = {w: 1, T: sp.Rational(3, 2), eta: sp.Rational(1, 10), c: 4}
    own = sum(
        (1 + j) ** 2 * drude(eta, c).lamb(-spectrum.energies[j], T) for j in range(4)
    )  # the ground state: <0|A|j><j|A|0> S(E_0 - E_j)
    found = certify(H_LS[0, 0].subs(values), at, 20)
    assert found.value == certify(own, at, 20).value


def test_what_the_microscopic_functions_refuse():
    from symtherm import sigmax
    from symtherm.dynamics.redfield import lamb_shifts, redfield
    from symtherm.errors import DimensionMismatch, OutsideClosedForm, UnknownQuantity

    w, T, eta, s = parameters("omega T eta s")
    bath = ThermalBath("b", T)
    levels = Spectrum(HilbertSpace("n", 3), (0, w, 3 * w))
    with pytest.raises(DimensionMismatch):
        redfield(levels, [Coupling(bath, sigmax(), ohmic(eta))])
    qubit = Spectrum(sigmax().space, (0, w))
    flip = [Coupling(bath, sigmax(), ohmic(eta))]
    with pytest.raises(OutsideClosedForm):
        lamb_shifts(qubit, flip)
    with pytest.raises(UnknownQuantity):
        approximations(qubit, flip, {"c": sp.exp(-sp.I * s)}, s)
