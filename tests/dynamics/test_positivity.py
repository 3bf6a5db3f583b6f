"""Canonical forms, Choi matrices and Redfield's negativity on models that the page does not use."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

from symtherm import (
    Coupling,
    HilbertSpace,
    Operator,
    Spectrum,
    ThermalBath,
    canonical_form,
    choi,
    davies,
    flat,
    gkls,
    is_zero,
    kossakowski,
    kraus,
    liouvillian,
    ohmic,
    parameters,
    propagator,
    redfield,
    secular,
    sigmam,
    sigmap,
    sigmax,
    sigmaz,
    stinespring,
    tensor,
)
from symtherm.dynamics.evolution import apply_superoperator, compose, evolve, map_of
from symtherm.dynamics.pivots import pivots
from symtherm.dynamics.positivity import is_trace_preserving, traceless_basis
from symtherm.errors import MissingTrait, NotHermitian, OutsideClosedForm
from symtherm.quantum.superoperator import Superoperator

w, T, g, eps, k, t = parameters("omega T gamma epsilon kappa t")
atom = HilbertSpace("atom", levels="glu")
ground, lower, upper = atom.kets


def same(a, b):
    return all(is_zero(a[key] - b[key]) for key in {*a.entries, *b.entries})


def maser():
    hot, cold = ThermalBath("h", T), ThermalBath("c", parameters("T_c"))
    return gkls(
        eps * (upper * lower.dag() + lower * upper.dag()),
        [
            hot.jumps(ground * upper.dag(), frequency=3 * w, rate=g),
            cold.jumps(ground * lower.dag(), frequency=w, rate=g / 2),
            (upper * upper.dag(), k, "d"),
        ],
    )


@pytest.mark.parametrize(
    "generator",
    [
        maser(),
        gkls(w * sigmaz() + eps * sigmax(), [(sigmam() + sp.I * sigmaz(), g), (sigmax(), k)]),
    ],
    ids=["maser with dephasing", "qubit with oblique jumps"],
)
def test_the_canonical_form_is_the_generator(generator):
    """H and jumps are found again from the d^2 x d^2 matrix, up to the freedom they have."""
    form = canonical_form(generator.superoperator(), space=generator.space)
    assert form.is_gkls is True
    assert all(is_zero(jump.tr()) for jump in form.jumps) and is_zero(form.hamiltonian.tr())
    rebuilt = liouvillian(form.hamiltonian, list(zip(form.jumps, form.rates, strict=True)))
    assert same(rebuilt, generator.superoperator())
    assert same(form.generator().superoperator(), generator.superoperator())


@pytest.mark.parametrize(
    "jumps",
    [
        [(sigmam() + 2 * sigmap(), g), (sigmap(), k), (sigmaz(), eps)],
        [(sigmam() + sp.I * sigmap() / 2, g), (sigmam() - sigmap(), k)],
        [(sigmam() + sigmaz(), g), (sigmap(), k)],
    ],
    ids=["squeezed and dephased", "complex", "oblique"],
)
def test_canonical_jumps_are_orthogonal_with_the_eigenvalues_of_k(jumps):
    """Tr[L_k^+ L_l] = 0, the same superoperator, and K's eigenvalues by NumPy."""
    S = liouvillian(w * sigmaz(), jumps)
    form = canonical_form(S)
    assert form.orthogonal and form.is_gkls is True
    for i, x in enumerate(form.jumps):
        assert is_zero(x.tr())
        for j, y in enumerate(form.jumps):
            assert (i == j) is (is_zero((x.dag() * y).tr()) is not True)
    assert same(liouvillian(form.hamiltonian, list(zip(form.jumps, form.rates, strict=True))), S)
    at = {w: 1, g: sp.Rational(1, 2), k: sp.Rational(1, 3), eps: sp.Rational(1, 5)}
    K = np.array(kossakowski(S).matrix.subs(at).evalf(), dtype=complex)
    expected = sorted(v for v in np.linalg.eigvalsh(K) if abs(v) > 1e-12)
    assert np.allclose(sorted(float(r.subs(at)) for r in form.eigenvalues), expected)
    assert same(form.generator().superoperator(), S)


def test_blocks_without_eigenvectors_in_roots_keep_the_jumps_of_the_elimination():
    """Three oblique jumps of one block: a cubic without rational roots; the form is still right."""
    jumps = [(sigmam() + sigmaz(), g), (sigmap() - 2 * sigmaz(), k), (sigmax(), eps)]
    S = liouvillian(w * sigmaz(), jumps)
    form = canonical_form(S)
    assert not form.orthogonal and form.is_gkls is True
    with pytest.raises(MissingTrait):
        _ = form.eigenvalues
    assert same(liouvillian(form.hamiltonian, list(zip(form.jumps, form.rates, strict=True))), S)


def test_the_basis_is_orthonormal_and_traceless():
    basis = traceless_basis(HilbertSpace("n", 4))
    assert len(basis) == 15
    for i, a in enumerate(basis):
        assert is_zero(a.tr())
        for j, b in enumerate(basis):
            assert is_zero((a.dag() * b).tr() - int(i == j))


def test_a_negative_rate_is_found_and_named():
    S = liouvillian(sigmaz(), [(sigmam(), g), (sigmap(), g), (sigmaz(), -k)])
    form = canonical_form(S)
    assert form.is_gkls is False
    with pytest.raises(MissingTrait, match="kappa"):
        form.generator()


def test_signs_that_depend_on_parameters_are_not_guessed():
    """sigmax, sigmay, sigmaz with rates a, a, -b: positive for no b, completely positive for none."""
    a, b = parameters("a b")
    form = canonical_form(liouvillian(sigmaz(), [(sigmam(), a - b)]))
    assert form.is_gkls is None and form.conditions
    assert canonical_form(liouvillian(sigmaz(), [(sigmam(), a - b)]), positive=[a - b]).is_gkls


def test_maps_without_trace_or_hermiticity_are_refused():
    one = sigmaz() * sigmaz()
    lossy = map_of(lambda rho: one * rho, one.space)
    assert not is_trace_preserving(lossy)
    with pytest.raises(MissingTrait, match="trace"):
        kossakowski(lossy)
    skew = map_of(lambda rho: sp.I * (sigmax() * rho * sigmax() - rho), one.space)
    with pytest.raises(MissingTrait, match="Hermiticity"):
        kossakowski(skew)


@pytest.mark.parametrize("seed", range(6))
def test_pivots_count_negative_eigenvalues(seed):
    """Sylvester: the signs of the pivots of a random Hermitian matrix against NumPy."""
    rng = np.random.default_rng(seed)
    n = 4
    real = rng.integers(-3, 4, (n, n))
    imag = rng.integers(-3, 4, (n, n))
    M = (real + real.T) + 1j * (imag - imag.T)
    entries = {
        (i, j): sp.Integer(int(M[i, j].real)) + sp.I * sp.Integer(int(M[i, j].imag))
        for i in range(n)
        for j in range(n)
    }
    found = pivots(entries, n)
    negative = sum(np.linalg.eigvalsh(M) < -1e-12)
    if len(found.values) == np.linalg.matrix_rank(M):  # no 2 x 2 witness was needed
        assert sum(bool(d < 0) for d in found.values) == negative
    assert (found.verdict is True) == (negative == 0)


def test_pivots_of_a_matrix_that_is_not_hermitian():
    with pytest.raises(NotHermitian):
        pivots({(0, 1): w}, 2)


def test_the_propagator_is_a_semigroup_and_its_derivative_the_generator():
    r = parameters("r")
    L = gkls(w / 2 * sigmaz(), [(sigmam(), g), (sigmap(), r), (sigmaz(), k)])
    s = parameters("s")
    there = propagator(L, t)
    assert same(compose(there, propagator(L, s)), propagator(L, t + s))
    slope = Superoperator(2, {key: sp.diff(v, t) for key, v in there.entries.items()})
    assert same(slope, compose(L.superoperator(), there))


def test_a_resonant_drive_gives_rabi_oscillations():
    """Blocks with a negative discriminant: populations and coherence of exp(-i eps sigmax t)."""
    L = gkls(0 * sigmaz(), [(sigmaz(), k)])
    assert is_zero(evolve(L, sigmax(), t)[0, 1] - sp.exp(-2 * k * t))
    with pytest.raises(OutsideClosedForm):
        propagator(gkls(eps * sigmax(), [(sigmam(), g)]), t)


@pytest.mark.parametrize("both", [False, True])
def test_kraus_operators_of_three_levels(both):
    """Decay of one level with dephasing, and of two levels: a population block of three."""
    second = (ground * lower.dag(), g) if both else (upper * upper.dag(), k)
    single = gkls(w * upper * upper.dag(), [(ground * upper.dag(), g), second])
    channel = propagator(single, t)
    known = [sp.exp(-g * t / 2), sp.exp(-k * t / 2)]
    operators = kraus(channel, space=atom, positive=known)
    rho = Operator.of(atom, {(i, j): sp.Rational(1, 3) for i in range(3) for j in range(3)})
    rebuilt = sum((x * A * rho * A.dag() for x, A in operators), 0 * rho)
    difference = rebuilt - apply_superoperator(channel, rho)
    assert all(is_zero(v) for _, _, v in difference.data)
    V = stinespring(operators)
    product = V.dag() * V
    assert all(is_zero(product[i, j] - int(i == j)) for i in range(3) for j in range(3))


def test_choi_of_the_identity_and_of_the_transposition():
    space = sigmaz().space
    transpose = map_of(lambda rho: Operator.of(space, {(j, i): v for i, j, v in rho.data}), space)
    assert pivots(choi(transpose).entries, 4).verdict is False
    identity = map_of(lambda rho: rho, space)
    assert [x for x, _ in kraus(identity)] == [1]
    with pytest.raises(MissingTrait):
        kraus(transpose)


def two_qubits():
    """Two detuned qubits, one of them with a bath that also feels the other."""
    w1, w2 = parameters("omega_1 omega_2")
    q = HilbertSpace("q", levels="ge")
    one = tensor(q, q)
    spectrum = Spectrum(one, (0, w1, w2, w1 + w2))
    x = q.ket("g") * q.ket("e").dag() + q.ket("e") * q.ket("g").dag()
    eye = q.ket("g") * q.ket("g").dag() + q.ket("e") * q.ket("e").dag()
    return spectrum, tensor(x, eye) + tensor(eye, x)


@pytest.mark.parametrize("density", [ohmic, flat])
def test_secular_redfield_is_davies(density):
    """Entry by entry, with the Lamb shift, for a coupling that drives two transitions."""
    rate = parameters("eta")
    w1, w2 = parameters("omega_1 omega_2")
    spectrum = Spectrum(atom, (0, w1, w2))
    x = ground * lower.dag() + ground * upper.dag()
    couplings = [Coupling(ThermalBath("b", T), x + x.dag(), density(rate))]
    full = redfield(spectrum, couplings)
    expected = davies(spectrum, couplings, lamb_shift=True).superoperator()
    assert same(secular(full.superoperator(), spectrum), expected)


def test_redfield_of_two_qubits_is_not_completely_positive():
    spectrum, x = two_qubits()
    eta = parameters("eta")
    full = redfield(spectrum, [Coupling(ThermalBath("b", T), x, ohmic(eta))], lamb_shift=False)
    assert is_trace_preserving(full.superoperator())
    form = canonical_form(full.superoperator(), space=spectrum.space, positive=spectrum.gaps)
    assert form.is_gkls is not True
    at = {
        s: sp.Rational(v)
        for s, v in zip(parameters("omega_1 omega_2 T eta"), (1, 2, 1, 1), strict=True)
    }
    assert min(float(rate.xreplace(at)) for rate in form.rates) < 0
