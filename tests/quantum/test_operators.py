"""Spaces, operators and spectra."""

from __future__ import annotations

import pytest
import sympy as sp

from symtherm import (
    HilbertSpace,
    Operator,
    Spectrum,
    basis,
    commutator,
    destroy,
    expect,
    gkls,
    ket2dm,
    ledger,
    num,
    parameters,
    qeye,
    sigmam,
    sigmax,
    sigmay,
    sigmaz,
    steady_state,
    tensor,
)
from symtherm.errors import BadExpression, DimensionMismatch, NotSquare, UnknownQuantity


def test_levels_name_kets():
    atom = HilbertSpace("atom", levels="glu")
    g, _, u = atom.kets
    assert str(g * u.dag()) == "|g><u|"
    assert u.dag() * u == 1 and g.dag() * u == 0
    with pytest.raises(UnknownQuantity, match="g, l, u"):
        atom.ket("x")


def test_levels_must_be_distinct():
    with pytest.raises(DimensionMismatch, match="distinct"):
        HilbertSpace("a", levels="gg")
    with pytest.raises(DimensionMismatch):
        HilbertSpace("a", 0)


def test_products_of_spaces_join_labels():
    q, a = HilbertSpace("q", levels="eg"), HilbertSpace("a", levels=["up", "down"])
    assert (q * q).levels == ("ee", "eg", "ge", "gg")
    assert (q * a).levels == ("e,up", "e,down", "g,up", "g,down")
    assert (q * a).dims == (2, 2)


def test_labelled_factors_win_over_numbered_ones():
    total = tensor(sigmam(), qeye(2)) + tensor(qeye(2), sigmam())
    assert total.space.levels == ("ee", "eg", "ge", "gg")


def test_pauli_algebra():
    assert commutator(sigmax(), sigmay()) == 2 * sp.I * sigmaz()
    assert sigmax() * sigmax() == qeye(sigmax().space)
    assert (sigmaz() ** 2).tr() == 2


def test_commutation_relation_of_the_truncated_oscillator():
    a = destroy(4)
    defect = commutator(a, a.dag()) - qeye(4)
    assert defect.data == ((3, 3, sp.Integer(-4)),)


def test_dimension_mismatches_quote_the_dimensions():
    with pytest.raises(DimensionMismatch, match=r"\[2\] and \[3\]"):
        _ = sigmaz() + num(3)
    with pytest.raises(DimensionMismatch):
        _ = tensor(sigmaz(), sigmaz()) * num(4)
    with pytest.raises(NotSquare):
        basis(2, 0).tr()


def test_scalars_must_be_exact():
    for bad in (0.5, 1j, "x"):
        with pytest.raises(BadExpression):
            _ = bad * sigmaz()


def test_complex_coefficients_conjugate():
    g = parameters("g")
    x = Operator.of(sigmaz().space, {(0, 1): (1 + sp.I) * g})
    assert (x + x.dag()).isherm
    assert not x.isherm
    assert (sp.I * (x - x.dag())).isherm


def test_expectation_values():
    e = HilbertSpace("q", levels="eg").ket("e")
    assert expect(sigmaz(), e) == expect(sigmaz(), ket2dm(e)) == 1


def test_spectra_group_bohr_frequencies_exactly():
    w, v = parameters("w v")
    space = HilbertSpace("s", 4)
    S = Spectrum(space, (0, w, w + v, 2 * w + v))
    by_omega = {str(b.omega): b.transitions for b in S.bohr_frequencies}
    assert by_omega["w"] == ((0, 1), (2, 3))
    assert S.coincidences


def test_a_spectrum_is_ordered_by_declared_signs_where_they_decide():
    w = parameters("w")
    S = Spectrum.of(w / 2 * sigmaz())
    assert S.order == (1, 0)
    assert [str(b.omega) for b in S.bohr_frequencies] == ["w"]


def test_operators_on_one_level_stay_operators():
    """Only a bra times a ket is a number; a system of one level has a steady state as any other."""
    w, gamma = parameters("omega gamma")
    space = HilbertSpace("one", 1)
    P = Operator.of(space, {(0, 0): sp.Integer(1)})
    assert P * P == P and str(P) == "|0><0|" and "langle 0|" in P._repr_latex_()
    assert space.kets[0].dag() * space.kets[0] == 1
    pi = steady_state(gkls(w * P, [(P, gamma)]))
    assert pi.rho == P and ledger(pi, energy=w * P).power == 0


def test_an_entry_stands_once():
    with pytest.raises(BadExpression, match="two for one place"):
        Operator.of(HilbertSpace("q", "eg"), {("e", "e"): 1, (0, 0): 2})
