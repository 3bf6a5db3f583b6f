"""Exact diagonalisation in blocks, and Davies generators on what comes out."""

from __future__ import annotations

import pytest
import sympy as sp

from symtherm import (
    Coupling,
    HilbertSpace,
    Operator,
    Spectrum,
    ThermalBath,
    davies,
    flat,
    gibbs_state,
    is_zero,
    ledger,
    parameters,
    qeye,
    sigmam,
    sigmax,
    sigmay,
    sigmaz,
    steady_state,
    tensor,
)
from symtherm.errors import OutsideClosedForm, UnorderedSpectrum
from symtherm.exact.decide import all_zero
from symtherm.quantum.eigen import eigenstates


def assert_diagonalised(H: Operator, spectrum: Spectrum) -> None:
    """U^+ U = 1 and U^+ H U is the diagonal of the energies, both exactly."""
    U = spectrum.basis
    one = U.dag() * U
    assert all_zero((one - qeye(spectrum.space)).entries.values())
    assert all_zero((spectrum.to_eigenbasis(H) - spectrum.hamiltonian).entries.values())
    back = spectrum.to_levels(spectrum.hamiltonian)
    assert all_zero((back - H).entries.values())


def test_a_detuned_two_level_system():
    g = parameters("g")
    delta = parameters("delta", real=True)
    for coupling in (sigmax(), sigmay()):
        H = delta * sigmaz() + g * coupling
        assert_diagonalised(H, Spectrum.of(H))


def test_two_levels_with_a_complex_coupling():
    a, b = parameters("a b")
    H = a * sigmaz() + b * sigmax() + 2 * b * sigmay()
    assert_diagonalised(H, Spectrum.of(H))


def test_a_block_of_three_whose_polynomial_factors():
    """Lambda system in two-photon resonance: a dark state at 0 and a pair at +-sqrt(g^2 + h^2)."""
    g, h = parameters("g h")
    space = HilbertSpace("Lambda", levels="abe")
    entries = {(0, 2): g, (2, 0): g, (1, 2): h, (2, 1): h}
    H = Operator.of(space, entries)
    states = eigenstates(H)
    energies = [s.energy for s in states]
    R = sp.sqrt(g**2 + h**2)
    for expected in (0, R, -R):
        assert any(is_zero(e - expected) for e in energies)
    assert_diagonalised(H, Spectrum.of(H))


def test_an_irreducible_cubic_is_outside():
    a, b, c = parameters("a b c")
    space = HilbertSpace("three", 3)
    entries = {(0, 0): a, (0, 1): b, (1, 0): b, (1, 2): c, (2, 1): c, (2, 2): 2 * a}
    with pytest.raises(OutsideClosedForm, match="degree 3"):
        eigenstates(Operator.of(space, entries))


def test_the_comparison_that_is_needed_is_named():
    w, g = parameters("omega g")
    a, b = tensor(sigmam(), qeye(2)), tensor(qeye(2), sigmam())
    H = w * a.dag() * a + w * b.dag() * b + g * (a.dag() * b + b.dag() * a)
    with pytest.raises(UnorderedSpectrum, match="ascending"):
        Spectrum.of(H)


def resonant_pair():
    w, g, k1, k2, T1, T2 = parameters("omega g gamma_1 gamma_2 T_1 T_2")
    a, b = tensor(sigmam(), qeye(2)), tensor(qeye(2), sigmam())
    H = w * a.dag() * a + w * b.dag() * b + g * (a.dag() * b + b.dag() * a)
    spectrum = Spectrum.of(H, ascending=["gg", "-", "+", "ee"])
    L = davies(
        spectrum,
        [
            Coupling(ThermalBath("1", T1), a + a.dag(), flat(k1)),
            Coupling(ThermalBath("2", T2), b + b.dag(), flat(k2)),
        ],
    )
    return H, spectrum, L, (T1, T2)


def test_two_coupled_qubits_in_resonance():
    """Global master equation: equal frequencies grouped, first law exact, Gibbs state of H at T_1 = T_2."""
    H, spectrum, L, (T1, T2) = resonant_pair()
    assert_diagonalised(H, spectrum)
    assert len(L.pairs) == 4
    assert all(len(p.operator.data) == 2 for p in L.pairs)
    book = ledger(steady_state(L), energy=spectrum.hamiltonian)
    assert not book.failure and not book.first_law_residual
    equal = steady_state(L.subs(T2, T1))
    gibbs = gibbs_state(spectrum.hamiltonian, T1)
    assert all_zero((equal.rho - gibbs).entries.values())


def test_grouping_equal_frequencies_changes_the_physics():
    """One jump for both transitions of frequency omega - g is not two jumps."""
    from symtherm import gkls

    _, spectrum, L, _ = resonant_pair()
    split = []
    for p in L.pairs:
        for i, j, v in p.operator.data:
            part = Operator.of(p.operator.space, {(i, j): v})
            split.append(type(p)(p.bath, part, p.frequency, p.rate))
    ungrouped = gkls(L.hamiltonian, split, positive=L.positive)
    third = sp.Rational(1, 4)
    rho = Operator.of(
        spectrum.space,
        {**{(k, k): third for k in range(4)}, (0, 1): third / 2, (1, 0): third / 2},
    )
    difference = L(rho) - ungrouped(rho)
    assert not all_zero(difference.entries.values())


@pytest.mark.parametrize("labels", [["-"], ["-", "-"], ["-", "+", "+"]])
def test_an_order_names_every_level_once(labels):
    """A level left out had no transitions, and the generator was that of another system."""
    delta, g = parameters("delta g")
    with pytest.raises(UnorderedSpectrum, match="each of the levels once"):
        Spectrum.of(delta * sigmaz() + g * sigmax(), ascending=labels)
