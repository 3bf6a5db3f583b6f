"""Entropy without heat on models that the page does not use: jumps that commute with the energy."""

from __future__ import annotations

import mpmath as mp
import pytest
import sympy as sp

from symtherm import (
    Claim,
    HilbertSpace,
    Operator,
    ThermalBath,
    certify,
    clausius_rate,
    destroy,
    entropy_production,
    gkls,
    heat_current,
    is_zero,
    parameters,
    prove,
    qeye,
    relative_entropy,
    replay,
    sigmam,
    sigmax,
    sigmaz,
    spohn_inequality,
    tensor,
)
from symtherm.numeric.integrate import entropy_production as integrated
from symtherm.numeric.operators import numeric_entries, numeric_generator

w, w1, w2, g, k, T, J = parameters("omega omega_1 omega_2 gamma kappa T J")
p, q, s = parameters("p q s")
u, v = parameters("u v", real=True)
V = HilbertSpace("V", levels="g12")


def oscillator():
    """Phase diffusion of a truncated oscillator, the jump being n^2 + n/2."""
    a = destroy(3)
    n = a.dag() * a
    return w * n, n * n + n / 2, (0, 2)


def two_qubits():
    """A collective jump, and a coupling that is diagonal too."""
    z1, z2 = tensor(sigmaz(), qeye(2)), tensor(qeye(2), sigmaz())
    return w1 * z1 + w2 * z2 + J * z1 * z2, z1 + 3 * z2, (1, 3)


def inside_an_eigenspace():
    """A V system with equal energies: the jump mixes the two, and commutes with H."""
    _, first, second = V.kets
    H = w * (first * first.dag() + second * second.dag())
    return H, first * second.dag() + second * first.dag() + first * first.dag(), (1, 2)


MODELS = [oscillator, two_qubits, inside_an_eigenspace]


def everywhere(space):
    """A Hermitian matrix with every entry a letter of its own."""
    entries = {}
    for i in range(space.dim):
        entries[i, i] = sp.Symbol(f"p_{i}", positive=True)
        for j in range(i):
            x, y = parameters(f"x_{i}{j} y_{i}{j}", real=True)
            entries[i, j], entries[j, i] = x + sp.I * y, x - sp.I * y
    return Operator.of(space, entries)


@pytest.mark.parametrize("build", MODELS, ids=lambda f: f.__name__)
def test_no_heat_in_any_state_and_entropy_by_spohn(build):
    H, A, (i, j) = build()
    L = gkls(H, [(A, g, "phi")])
    assert is_zero(heat_current(L, everywhere(H.space), "phi", H))
    rest = (1 - p - q) / (H.space.dim - 2)
    entries = {(m, m): rest for m in range(H.space.dim)}
    entries |= {(i, i): p, (j, j): q, (i, j): u + sp.I * v, (j, i): u - sp.I * v}
    rho = Operator.of(H.space, entries)
    sigma = entropy_production(L, rho)
    assert is_zero(sigma - entropy_production(L, rho, "clausius"))
    mixed = qeye(H.space) / H.space.dim
    claim = spohn_inequality(L, rho, mixed)
    for found in (claim, Claim(sigma, "==", claim.lhs)):
        proof = prove(found)
        assert proof.proved and replay(proof).valid


@pytest.mark.parametrize("build", MODELS[:2], ids=lambda f: f.__name__)
def test_all_that_is_produced_is_the_relative_entropy_of_coherence(build):
    """S(rho||Delta(rho)) against Delta S by one exponential, where the jump tells all levels apart."""
    H, A, (i, j) = build()
    L = gkls(H, [(A, g, "phi")])
    d = H.space.dim
    entries = {(m, m): sp.Rational(1, d) for m in range(d)}
    flat = Operator.of(H.space, entries)
    rho = Operator.of(H.space, {**entries, (i, j): sp.I / 7, (j, i): -sp.I / 7})
    closed = certify(relative_entropy(rho, flat), {}, 30)
    at = {
        w: sp.Integer(1),
        w1: sp.Integer(1),
        w2: sp.Rational(3, 2),
        J: sp.Rational(1, 3),
        g: sp.Rational(1, 2),
    }
    at = {x: value for x, value in at.items() if x in L.free_symbols}
    with mp.workdps(60):
        start = mp.matrix(d, d)
        for m in range(d):
            start[m, m] = mp.mpf(1) / d
        start[i, j], start[j, i] = mp.mpc(0, 1) / 7, -mp.mpc(0, 1) / 7
        energy = numeric_entries(H, at, 50)
        whole = integrated(numeric_generator(L, at, 45), start, 200, energy, {}, 35)
        assert abs(whole - mp.mpf(closed.value)) < mp.mpf(10) ** -27


def test_dephasing_beside_a_bath_has_no_heat_of_its_own():
    """The bath's heat is that without dephasing; the entropy grows by dephasing's own rate."""
    H = w / 2 * sigmaz()
    pair = ThermalBath("b", T).jumps(sigmam(), frequency=w, rate=g)
    both = gkls(H, [pair, (sigmaz(), k, "phi")])
    rho = (qeye(2) + u * sigmax() + v * sigmaz()) / 2
    assert is_zero(heat_current(both, rho, "phi", H))
    alone = clausius_rate(gkls(H, [pair]), rho, H) + clausius_rate(
        gkls(H, [(sigmaz(), k, "phi")]), rho, H
    )
    assert is_zero(clausius_rate(both, rho, H) - alone)
