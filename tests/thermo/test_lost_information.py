"""The second law of a unitary on system and reservoir, as claims with certificates; and collisions.

Each model differs from those of the pages: other unitaries, more levels, populations or coherence,
equal gaps.
"""

from __future__ import annotations

import mpmath as mp
import pytest
import sympy as sp

from symtherm import (
    HilbertSpace,
    Operator,
    certify,
    collision,
    heat_current,
    is_zero,
    klein_inequality,
    parameters,
    prove,
    qeye,
    replay,
    reservoir_balance,
    sigmam,
    sigmap,
    sigmax,
    sigmay,
    sigmaz,
    swap,
    tensor,
)
from symtherm.errors import BadExpression, DimensionMismatch, WrongArgument

w, w2, T, theta, p, q, g = parameters("omega omega_2 T theta p q gamma")
x, y, z = parameters("x y z", real=True)
H = w / 2 * sigmaz()
rho = (qeye(2) + x * sigmax() + y * sigmay() + z * sigmaz()) / 2
populations = Operator.of(H.space, {(0, 0): p, (1, 1): 1 - p})
trit = HilbertSpace("r", levels="abc")
E3 = Operator.of(trit, {(1, 1): w, (2, 2): w2})


def rotation(generator):
    """exp(-i theta G) for G^2 = 1."""
    return sp.cos(theta) * qeye(generator.space) - sp.I * sp.sin(theta) * generator


def exchange_with_three_levels():
    """|e, a> <-> |g, b> and |e, c> <-> |g, a|: a permutation whose square is 1."""
    moves = {(0, 4): 1, (4, 0): 1, (1, 1): 1, (2, 3): 1, (3, 2): 1, (5, 5): 1}
    return Operator.of(H.space * trit, moves)


BALANCES = {
    "swap": (rotation(swap(H.space)), rho, H),
    "without conserved energy": (rotation(tensor(sigmax(), sigmax())), rho, H),
    "populations": (rotation(swap(H.space)), populations, H),
    "three levels": (rotation(exchange_with_three_levels()), populations, E3),
    "a pure state": (
        rotation(swap(H.space)),
        (qeye(2) + sp.Rational(3, 5) * sigmax() + sp.Rational(4, 5) * sigmay()) / 2,
        H,
    ),
    "two qubits as reservoir": (
        tensor(swap(H.space), qeye(2)),
        populations,
        tensor(H, qeye(2)) + w2 * tensor(qeye(2), sigmaz()),
    ),
    "nothing happens": (qeye(H.space * H.space), rho, H),
    "no gap": (rotation(swap(H.space)), rho, 0 * H),
}


@pytest.mark.parametrize("name", BALANCES)
def test_every_claim_of_a_reservoir_is_proved_and_replayed(name):
    for claim in reservoir_balance(*BALANCES[name], T).claims:
        proof = prove(claim)
        assert proof.proved and replay(proof).valid, claim.name


def test_a_wrong_value_is_not_proved_by_the_spectra():
    """The checker compares the trace that the spectra give with the expression claimed."""
    from dataclasses import replace

    good = reservoir_balance(rotation(swap(H.space)), rho, H, T).claims[2]
    wrong = replace(good.theorem, value=2 * good.lhs)
    assert not prove(replace(good, lhs=2 * good.lhs, theorem=wrong)).proved


def test_the_closed_forms_are_those_of_matrices():
    """Production, information and displacement of the three-level reservoir from 6 x 6 matrices."""
    balance = reservoir_balance(*BALANCES["three levels"], T)
    at = {w: 1, w2: sp.Rational(5, 2), T: sp.Rational(3, 2), p: sp.Rational(1, 3)}
    at[theta] = sp.Rational(3, 5)
    with mp.workdps(40):
        e = [0, mp.mpf(1), mp.mpf(5) / 2]
        weights = [mp.exp(-v * 2 / 3) for v in e]
        bath = [v / sum(weights) for v in weights]
        start = [mp.mpf(1) / 3, mp.mpf(2) / 3]
        U = mp.eye(6) * mp.cos(mp.mpf(3) / 5)
        for i, j, v in exchange_with_three_levels().data:
            U[i, j] -= 1j * mp.sin(mp.mpf(3) / 5) * int(v)
        after = U * mp.diag([a * b for a in start for b in bath]) * U.transpose_conj()
        S, B = mp.matrix(2, 2), mp.matrix(3, 3)
        for i in range(6):
            for j in range(6):
                if i % 3 == j % 3:
                    S[i // 3, j // 3] += after[i, j]
                if i // 3 == j // 3:
                    B[i % 3, j % 3] += after[i, j]

        def entropy(matrix):
            return -sum(v * mp.log(v) for v in mp.eighe(matrix)[0])

        heat = sum(v * (b - mp.re(B[k, k])) for k, (v, b) in enumerate(zip(e, bath, strict=True)))
        own = entropy(S) - entropy(mp.diag(start)) - heat * 2 / 3
        shared = entropy(S) + entropy(B) - entropy(after)
        for value, expected in ((balance.production, own), (balance.mutual_information, shared)):
            assert abs(mp.mpf(certify(value, at, 25).value) - expected) < mp.mpf(10) ** -24


def test_states_of_another_trace_are_refused():
    with pytest.raises(BadExpression):
        reservoir_balance(swap(H.space), 2 * rho, H, T)


def test_klein_with_coherences_in_different_blocks():
    """(r + 2 s - 1)^2 + 4 y^2 multiplied out does not show its sign; the certificate does."""
    r, s = parameters("r s")
    one = Operator.of(trit, {(0, 0): p, (1, 1): q, (2, 2): 1 - p - q, (0, 1): x, (1, 0): x})
    two = Operator.of(
        trit, {(0, 0): r, (1, 1): s, (2, 2): 1 - r - s, (1, 2): sp.I * y, (2, 1): -sp.I * y}
    )
    proof = prove(klein_inequality(one, two))
    assert proof.proved and replay(proof).valid
    assert "x = 0" in proof.condition.text and "y = 0" in proof.condition.text


# --- collisions ---------------------------------------------------------------------------------

tau, J, k = parameters("tau J kappa")


def same(left, right):
    return all(is_zero(left[e] - right[e]) for e in {*left.entries, *right.entries})


def test_degenerate_levels_of_the_ancilla_make_jumps_without_heat():
    """|b> <-> |c| at equal energies: v and v^+ with equal rates, by their Hermitian parts."""
    pair = HilbertSpace("r", levels="bc")
    b, c = pair.kets
    system = HilbertSpace("s", levels="01")
    k0, k1 = system.kets
    V = sp.sqrt(g / tau) * tensor(k0 * k1.dag(), b * c.dag())
    model = collision(J * qeye(system), w * qeye(pair), V + V.dag(), tau, T=T)
    assert same(model.generator().superoperator(), model.limit().superoperator())
    state = Operator.of(system, {(0, 0): p, (1, 1): 1 - p})
    assert is_zero(model.heat(state)) and is_zero(
        heat_current(model.generator(), state, "b", J * qeye(system))
    )


def test_an_oscillator_as_ancilla():
    """Three transitions of one frequency: rates gamma, 2 gamma, 3 gamma times their weights."""
    levels = HilbertSpace("o", 4)
    a = Operator.of(levels, {(n, n + 1): sp.sqrt(n + 1) for n in range(3)})
    V = sp.sqrt(g / tau) * tensor(sigmap(), a)
    model = collision(H, w * a.dag() * a, V + V.dag(), tau, T=T)
    L = model.generator()
    assert model.failures == () and len(L.pairs) == 3
    assert {str(pair.operator) for pair in L.pairs} == {"|g><e|"}  # strengths stand in the rates
    assert same(L.superoperator(), model.limit().superoperator())
    assert is_zero(model.heat(rho) - heat_current(L, rho, "b", H))


def test_what_collisions_refuse():
    hop = tensor(sigmap(), sigmam()) + tensor(sigmam(), sigmap())
    with pytest.raises(WrongArgument):
        collision(H, H, hop, 1, T=T)
    with pytest.raises(DimensionMismatch):
        collision(H, H, sp.sqrt(g / tau) * hop, tau, T=T, energy=qeye(3))
