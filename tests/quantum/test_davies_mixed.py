"""Davies generators in mixed eigenbases, against one built from numbers alone.

The twin diagonalises H with NumPy, groups the Bohr frequencies it finds, and solves for the null
vector: it shares neither the square roots nor the letters of the exact route.
"""

from __future__ import annotations

import numpy as np
import pytest

from symtherm import (
    Coupling,
    HilbertSpace,
    Spectrum,
    ThermalBath,
    certify,
    davies,
    flat,
    gibbs_state,
    ledger,
    parameters,
    prove,
    qeye,
    replay,
    sigmam,
    sigmax,
    sigmaz,
    steady_state,
    tensor,
)
from symtherm.errors import OutOfDomain
from symtherm.exact.decide import all_zero

W, D, G, J, H, K1, K2, T1, T2 = parameters("omega Delta g J h gamma_1 gamma_2 T_1 T_2")


def matrix(operator, at):
    levels = range(operator.space.dim)
    return np.array([[complex(operator[i, j].subs(at)) for j in levels] for i in levels])


def numeric_heats(hamiltonian, couplings):
    """Heat currents of the Davies generator for couplings (operator, rate, temperature)."""
    energies, basis = np.linalg.eigh(hamiltonian)
    d = len(energies)
    one = np.eye(d)

    def dissipator(operator, rate):
        square = operator.conj().T @ operator
        sandwich = np.kron(operator.conj(), operator)
        return rate * (sandwich - (np.kron(one, square) + np.kron(square.T, one)) / 2)

    baths = []
    for operator, rate, temperature in couplings:
        inside = basis.conj().T @ operator @ basis
        total = np.zeros((d * d, d * d), complex)
        gaps = energies[None, :] - energies[:, None]
        for omega in {round(float(x), 9) for x in gaps.ravel() if x > 1e-9}:
            lowering = np.where(abs(gaps - omega) < 1e-7, inside, 0)
            n = 1 / np.expm1(omega / temperature)
            total += dissipator(lowering, rate * (n + 1))
            total += dissipator(lowering.conj().T, rate * n)
        baths.append(total)
    E = np.diag(energies)
    generator = sum(baths) - 1j * (np.kron(one, E) - np.kron(E, one))
    vector = np.linalg.svd(generator)[2][-1].conj()
    rho = vector.reshape(d, d, order="F")
    rho = rho / np.trace(rho)
    return [np.trace(E @ (b @ rho.ravel(order="F")).reshape(d, d, order="F")).real for b in baths]


def detuned_pair():
    a, b = tensor(sigmam(), qeye(2)), tensor(qeye(2), sigmam())
    hamiltonian = (W + D) * a.dag() * a + (W - D) * b.dag() * b + G * (a.dag() * b + b.dag() * a)
    spectrum = Spectrum.of(hamiltonian, ascending=["gg", "-", "+", "ee"])
    point = {W: 2.0, D: 0.3, G: 0.4}
    return hamiltonian, spectrum, (a + a.dag(), b + b.dag()), point


def transverse_pair():
    x1, x2 = tensor(sigmax(), qeye(2)), tensor(qeye(2), sigmax())
    z1, z2 = tensor(sigmaz(), qeye(2)), tensor(qeye(2), sigmaz())
    hamiltonian = H / 2 * (z1 + z2) + J * x1 * x2
    spectrum = Spectrum.of(hamiltonian, ascending=["-1", "-2", "+2", "+1"])
    return hamiltonian, spectrum, (x1, x2), {H: 1.1, J: 0.4}


def lambda_system():
    a, b, e = HilbertSpace("Lambda", levels="abe").kets
    hamiltonian = W * e * e.dag() + D * b * b.dag() + G * (a * b.dag() + b * a.dag())
    spectrum = Spectrum.of(hamiltonian, ascending=["-", "+", "e"])
    couplings = (a * e.dag() + e * a.dag(), b * e.dag() + e * b.dag())
    return hamiltonian, spectrum, couplings, {W: 3.0, D: 0.5, G: 0.3}


MODELS = [detuned_pair, transverse_pair, lambda_system]


def generator(spectrum, couplings):
    baths = (ThermalBath("1", T1), ThermalBath("2", T2))
    return davies(
        spectrum,
        [Coupling(b, x, flat(k)) for b, x, k in zip(baths, couplings, (K1, K2), strict=True)],
    )


@pytest.mark.parametrize("build", MODELS)
def test_heats_are_those_of_the_generator_in_numbers(build):
    hamiltonian, spectrum, couplings, point = build()
    L = generator(spectrum, couplings)
    book = ledger(steady_state(L), energy=spectrum.hamiltonian)
    assert not book.failure and not book.first_law_residual
    for t1, t2 in ((1.7, 0.8), (0.5, 2.5)):
        at = {**point, T1: t1, T2: t2, K1: 0.2, K2: 0.7}
        ours = [float(book.heat[k].subs(at)) for k in "12"]
        twins = numeric_heats(
            matrix(hamiltonian, at),
            [
                (matrix(x, at), k, t)
                for x, k, t in zip(couplings, (0.2, 0.7), (t1, t2), strict=True)
            ],
        )
        assert np.allclose(ours, twins, rtol=1e-8, atol=1e-12)
        assert float(book.entropy_production.subs(at)) > 0


@pytest.mark.parametrize("build", MODELS)
def test_equal_temperatures_give_the_gibbs_state(build):
    _, spectrum, couplings, _ = build()
    L = generator(spectrum, couplings).subs(T2, T1)
    gibbs = gibbs_state(spectrum.hamiltonian, T1)
    assert all_zero((steady_state(L).rho - gibbs).entries.values())


@pytest.mark.parametrize("build", [detuned_pair, transverse_pair])
def test_two_modes_carry_heat_side_by_side(build):
    """Each heat is a sum of two currents, one for each Bohr frequency of the baths."""
    _, spectrum, couplings, _ = build()
    book = ledger(steady_state(generator(spectrum, couplings)), energy=spectrum.hamiltonian)
    parts = book.readable("heat[1]").args
    assert book.readable("heat[1]").is_Add and len(parts) == 2
    assert all("n_1" in str(p) and "n_2" in str(p) and p.is_Mul for p in parts)
    table = {str(d.symbol): d for d in book.structured("heat[1]")}
    assert {"R", "kappa_1a", "kappa_2b", "n_1a", "n_2b"} <= set(table)


def test_a_coincidence_is_a_condition_of_the_result():
    """Where sqrt(J^2 + h^2) = 3 J two frequencies are equal, and the secular form changes."""
    _, spectrum, couplings, _ = transverse_pair()
    L = generator(spectrum, couplings)
    assert [str(c) for c in L.conditions] == ["3*J - sqrt(J**2 + h**2)"]


def test_certify_rechecks_the_condition_at_its_point():
    """A ladder 0, a, a + b: at a = b both rungs have one frequency and belong into one jump."""
    a, b = parameters("a b")
    atom = HilbertSpace("ladder", levels="012")
    k0, k1, k2 = atom.kets
    spectrum = Spectrum(atom, (0, a, a + b))
    rungs = k0 * k1.dag() + k1 * k2.dag()
    L = davies(
        spectrum,
        [
            Coupling(ThermalBath("1", T1), rungs + rungs.dag(), flat(K1)),
            Coupling(ThermalBath("2", T2), rungs + rungs.dag(), flat(K2)),
        ],
    )
    book = ledger(steady_state(L), energy=spectrum.hamiltonian)
    at = {a: 1, T1: 2, T2: 1, K1: 1, K2: 1}
    assert certify(book, {**at, b: 2}, digits=10, quantities=["heat[1]"])["heat[1]"].sign == 1
    with pytest.raises(OutOfDomain, match="excluded"):
        certify(book, {**at, b: 1}, digits=10, quantities=["heat[1]"])
    grouped = davies(
        Spectrum(atom, (0, a, 2 * a)),
        [Coupling(ThermalBath("1", T1), rungs + rungs.dag(), flat(K1))],
    )
    assert [len(p.operator.data) for p in grouped.pairs] == [2]
    assert [len(p.operator.data) for p in L.pairs] == [1, 1, 1, 1]


@pytest.mark.parametrize("build", MODELS)
def test_the_second_law_is_proved_edge_by_edge(build):
    """Declared gaps such as 2 omega > Delta + R, and gaps that the form of R shows positive."""
    _, spectrum, couplings, _ = build()
    book = ledger(steady_state(generator(spectrum, couplings)), energy=spectrum.hamiltonian)
    proof = prove(book.second_law)
    assert proof.verdict.name == "PROVED"
    assert proof.condition.text == "T_1 = T_2"
    assert replay(proof).valid
