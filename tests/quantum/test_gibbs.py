"""exp(-E/T)/Z of energies with off-diagonal elements, against its differential equation."""

from __future__ import annotations

import mpmath as mp
import pytest
import sympy as sp

from symtherm import (
    Claim,
    Coupling,
    HilbertSpace,
    Operator,
    Spectrum,
    ThermalBath,
    davies,
    decompose,
    free_energy,
    gibbs_state,
    gkls,
    is_zero,
    isothermal_steps,
    klein_inequality,
    ohmic,
    parameters,
    prove,
    qeye,
    relative_entropy,
    replay,
    reservoir_balance,
    sigmam,
    sigmax,
    sigmay,
    sigmaz,
    steady_state,
    swap,
    tensor,
)
from symtherm.errors import NotHermitian, OutOfDomain, OutsideClosedForm
from symtherm.exact.decide import all_zero
from symtherm.quantum.eigen import eigenstates

w, h, k, T = parameters("omega h k T")
x, y, z = parameters("x y z", real=True)
delta = parameters("Delta", real=True)
rho = (qeye(2) + x * sigmax() + y * sigmay() + z * sigmaz()) / 2
trit = HilbertSpace("n", 3)


def real(space, entries):
    """The real symmetric operator with these entries on and above the diagonal."""
    return Operator.of(space, entries | {(j, i): v for (i, j), v in entries.items()})


CASES = {
    "transverse field": w / 2 * sigmaz() + h / 2 * sigmax(),
    "no field": h * sigmax(),
    "complex": delta / 2 * sigmaz() + h * sigmay() + k * qeye(2),
    "numbers": 3 * sigmax() + 4 * sigmaz(),
    "pair and a level": real(trit, {(0, 0): w, (0, 2): h, (1, 1): k}),
    "chain": real(trit, {(0, 1): h, (1, 2): k, (0, 0): w, (1, 1): w, (2, 2): w}),
    "exchange": w * tensor(sigmaz(), qeye(2)) / 2
    + w * tensor(qeye(2), sigmaz()) / 2
    + h * tensor(sigmam(), sigmam().dag())
    + h * tensor(sigmam().dag(), sigmam()),
}


@pytest.mark.parametrize("name", CASES)
def test_the_gibbs_state_solves_its_differential_equation(name):
    """d(pi)/d(beta) = (U - E) pi exactly, and pi is 1/d at beta = 0: there is one such state."""
    E = CASES[name]
    beta = parameters("beta")
    pi = gibbs_state(E, 1 / beta)
    assert is_zero(pi.tr() - 1)
    slope = pi.apply(lambda e: sp.diff(e, beta))
    assert all_zero((slope - (E * pi).tr() * pi + E * pi).entries.values())
    for (i, j), v in pi.entries.items():
        assert is_zero(v.subs(beta, 0) - sp.Rational(int(i == j), E.space.dim))
    assert all_zero(gibbs_state(E - 2 * E, 1 / beta).entries.values()) is False


@pytest.mark.parametrize("name", CASES)
def test_the_gibbs_state_is_the_exponential_of_a_matrix(name):
    """Against mpmath's exponential at a point, and F = -T ln Z with the energies."""
    E = CASES[name]
    letters = sorted(set().union(*(v.free_symbols for _, _, v in E.data)), key=str)
    at = {s: sp.Rational(n + 2, 3) for n, s in enumerate(letters)} | {T: sp.Rational(5, 4)}
    pi = gibbs_state(E, T).subs(at)
    d = E.space.dim
    with mp.workdps(40):
        numbers = [[mp.mpmathify(sp.N(E.subs(at)[i, j], 40)) for j in range(d)] for i in range(d)]
        power = mp.expm(mp.matrix(numbers) * -mp.mpf(4) / 5)
        Z = sum(power[i, i] for i in range(d))
        for i in range(d):
            for j in range(d):
                gap = mp.mpmathify(sp.N(pi[i, j], 40)) - power[i, j] / Z
                assert abs(gap) < mp.mpf(10) ** -35
    if d > 2 and name == "chain":
        return  # its entropy is outside closed forms
    Z = sum(sp.exp(-s.energy / T) for s in eigenstates(E))
    assert is_zero(free_energy(gibbs_state(E, T), E, T) + T * sp.log(Z))


def test_relative_entropy_to_the_state_of_a_transverse_field_is_excess_free_energy():
    """For every Bloch vector; Klein's inequality is proved in the levels, without a rotation."""
    E = CASES["transverse field"]
    pi = gibbs_state(E, T)
    gain = (free_energy(rho, E, T) - free_energy(pi, E, T)) / T
    proof = prove(Claim(relative_entropy(rho, pi), "==", gain))
    assert proof.proved and replay(proof).valid
    proof = prove(klein_inequality(rho, pi))
    assert proof.proved and replay(proof).valid


def test_davies_relaxes_to_it_in_the_levels():
    """One route diagonalises E first and solves for a null vector, the other takes exp(-E/T)."""
    for E in (CASES["transverse field"], CASES["exchange"]):
        spectrum = Spectrum.of(E, ["gg", "-", "+", "ee"] if E.space.dim == 4 else None)
        A = sigmax() if E.space.dim == 2 else tensor(sigmax(), qeye(2))
        L = davies(spectrum, [Coupling(ThermalBath("b", T), A, ohmic(k))])
        relaxed = spectrum.to_levels(steady_state(L).rho)
        assert all_zero((relaxed - gibbs_state(E, T)).entries.values())


def test_a_turning_field_in_isothermal_steps():
    """Work and heat of a field that turns from z to x: beta Q_out = -Delta S + Sigma."""
    steps = [w * sigmaz(), w / 2 * (sigmaz() + sigmax()), w * sigmax()]
    process = isothermal_steps(gibbs_state(steps[0], T), steps, T)
    assert is_zero(process.released / T + process.entropy_change - process.production)
    for before, after in zip(process.states, process.states[1:], strict=False):
        assert prove(klein_inequality(before, after)).proved


def test_a_reservoir_with_a_transverse_field():
    """Lost information is an identity in any basis of the reservoir."""
    theta = parameters("theta")
    E = CASES["transverse field"]
    U = sp.cos(theta) * qeye(E.space * E.space) - sp.I * sp.sin(theta) * swap(E.space)
    balance = reservoir_balance(U, rho, E, T)
    for claim in (balance.identity, balance.landauer):
        proof = prove(claim)
        assert proof.proved and replay(proof).valid


def test_heat_measured_with_a_wrong_energy_has_no_reference_state():
    """Jumps of sigma_z's basis do not keep the Gibbs state of another field: refused by name."""
    from symtherm.errors import NotThermal

    bath = ThermalBath("b", T)
    L = gkls(w / 2 * sigmaz(), [bath.jumps(sigmam(), frequency=w, rate=k)])
    with pytest.raises(NotThermal):
        _ = decompose(L, rho, energy=CASES["transverse field"]).total


def test_what_has_no_gibbs_state():
    with pytest.raises(NotHermitian):
        gibbs_state(w * sigmam(), T)
    with pytest.raises(OutOfDomain):
        gibbs_state(w * sigmax(), sp.Integer(0))
    cubic = real(trit, {(0, 1): w, (1, 2): h, (0, 2): k, (0, 0): k})
    with pytest.raises(OutsideClosedForm):
        gibbs_state(cubic, T)
