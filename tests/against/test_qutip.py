"""Operators, superoperators, partial traces and entropies agree with QuTiP's."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

import symtherm as st

qutip = pytest.importorskip("qutip")


def dense(operator) -> np.ndarray:
    return np.array(operator.full().tolist(), dtype=complex)


@pytest.mark.parametrize("name", ["sigmax", "sigmay", "sigmaz", "sigmap", "sigmam"])
def test_qubit_operators(name):
    assert np.allclose(dense(getattr(st, name)()), getattr(qutip, name)().full())


@pytest.mark.parametrize("n", [2, 3, 5])
def test_oscillator_operators(n):
    for name in ("destroy", "create", "num", "qeye"):
        assert np.allclose(dense(getattr(st, name)(n)), getattr(qutip, name)(n).full())
    assert np.allclose(dense(st.basis(n, 1)), qutip.basis(n, 1).full())


def random_operator(seed: int, dims=(2, 3)):
    rng = np.random.default_rng(seed)
    n = int(np.prod(dims))
    numbers = rng.integers(-4, 5, (n, n)) + 1j * rng.integers(-4, 5, (n, n))
    a, b = (st.HilbertSpace(f"s{k}", d) for k, d in enumerate(dims))
    entries = {
        (i, j): sp.Integer(int(numbers[i, j].real)) + sp.I * int(numbers[i, j].imag)
        for i in range(n)
        for j in range(n)
    }
    return st.Operator.of(a * b, entries), qutip.Qobj(numbers, dims=[list(dims), list(dims)])


@pytest.mark.parametrize("sel", [0, 1, [0, 1]])
def test_partial_traces(sel):
    ours, theirs = random_operator(1)
    assert np.allclose(dense(ours.ptrace(sel)), theirs.ptrace(sel).full())


def test_tensor_products_adjoints_and_commutators():
    a, qa = random_operator(2)
    b, qb = random_operator(3)
    assert np.allclose(dense(st.commutator(a, b)), qutip.commutator(qa, qb).full())
    assert np.allclose(dense(a.dag()), qa.dag().full())
    assert np.allclose(
        dense(st.tensor(st.sigmax(), st.destroy(3))),
        qutip.tensor(qutip.sigmax(), qutip.destroy(3)).full(),
    )
    assert complex(a.tr()) == pytest.approx(qa.tr())


def test_liouvillians_are_column_stacked_as_qutips():
    H, qH = random_operator(4)
    H, qH = H + H.dag(), qH + qH.dag()
    c, qc = random_operator(5)
    ours = np.array(st.liouvillian(H, [c]).full().tolist(), dtype=complex)
    assert np.allclose(ours, qutip.liouvillian(qH, [qc]).full())


def test_real_coordinates_and_the_column_stacked_form_are_one_generator():
    """The exact real matrix, transformed back, is the superoperator shown to the user."""
    from symtherm.exact.alphabet import alphabet
    from symtherm.quantum.superoperator import coordinates, real_generator

    H, _ = random_operator(6, (3, 1))
    c, _ = random_operator(7, (3, 1))
    H = H + H.dag()
    L = st.gkls(H, [(c, sp.Rational(1, 3))])
    space = alphabet(L.expressions)
    matrix = real_generator(space, H, [(j.operator, j.rate) for j in L.jumps])
    stacked = np.array(L.superoperator().full().tolist(), dtype=complex)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3))
    rho = x + x.conj().T
    image = (stacked @ rho.flatten(order="F")).reshape(3, 3, order="F")
    vector = [(rho[i, j].imag if part == "im" else rho[i, j].real) for i, j, part in coordinates(3)]
    numbers = np.zeros((9, 9))
    for (r, s), v in matrix.entries.items():
        numbers[r, s] = int(v.num.leading_coefficient()) / int(v.den.leading_coefficient())
    for value, (i, j, part) in zip(numbers @ vector, coordinates(3), strict=True):
        expected = image[i, j].imag if part == "im" else image[i, j].real
        assert value == pytest.approx(expected)


def test_entropies():
    half = sp.Rational(1, 2)
    space = st.sigmaz().space
    rho = st.Operator.of(
        space,
        {(0, 0): sp.Rational(3, 4), (1, 1): sp.Rational(1, 4), (0, 1): sp.I / 5, (1, 0): -sp.I / 5},
    )
    sigma = st.Operator.of(
        space, {(0, 0): half, (1, 1): half, (0, 1): sp.Rational(1, 3), (1, 0): sp.Rational(1, 3)}
    )
    q_rho, q_sigma = qutip.Qobj(dense(rho)), qutip.Qobj(dense(sigma))
    assert float(st.von_neumann_entropy(rho)) == pytest.approx(qutip.entropy_vn(q_rho))
    ours = st.certify(st.relative_entropy(rho, sigma), {}, 15)
    assert float(ours.value) == pytest.approx(qutip.entropy_relative(q_rho, q_sigma))


def test_the_masers_steady_state():
    m = st.model("three-level-maser")
    numbers = {s: float(v) for s, v in m.point.items()}
    L = m.generator
    H = qutip.Qobj(np.array(L.hamiltonian.full().xreplace(m.point).tolist(), dtype=complex))
    jumps = [
        qutip.Qobj(dense(j.operator)) * float(j.rate.xreplace(m.point).evalf(20)) ** 0.5
        for j in L.jumps
    ]
    theirs = qutip.steadystate(H, jumps).full()
    rho = m.steady_state.rho
    names = [p.name for p in m.parameters]
    for i in range(3):
        value = st.evaluator(rho[i, i])(
            **{
                n: numbers[s]
                for n, s in zip(names, m.parameters, strict=True)
                if s in rho[i, i].free_symbols
            }
        )
        assert value == pytest.approx(theirs[i, i].real, abs=1e-10)
