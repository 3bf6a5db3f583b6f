"""Local baths on two qubits: their steady state solved in occupation numbers."""

from __future__ import annotations

import pytest
import sympy as sp

from symtherm import (
    ThermalBath,
    gkls,
    parameters,
    qeye,
    sigmam,
    sigmaz,
    steady_state,
    tensor,
)


def pair(k):
    """Two qubits that exchange excitations at the rate k g, each with a bath of its own."""
    w1, w2, g, G1, G2, n1, n2 = parameters("w1 w2 g Gamma_1 Gamma_2 n_1 n_2")
    a, b = tensor(sigmam(), qeye(2)), tensor(qeye(2), sigmam())
    H = w1 * a.dag() * a + w2 * b.dag() * b + k * g * (a.dag() * b + b.dag() * a)
    jumps = [(a, G1 * (n1 + 1)), (a.dag(), G1 * n1), (b, G2 * (n2 + 1)), (b.dag(), G2 * n2)]
    return gkls(H, jumps), g


@pytest.mark.parametrize("k", [sp.Rational(1, 4), sp.Rational(2, 3), 3])
def test_a_number_in_front_of_the_coupling_is_part_of_it(k):
    """The state of k g is that of g at k g, and the generator annihilates it."""
    L, g = pair(k)
    plain, _ = pair(1)
    pi, reference = steady_state(L), steady_state(plain)
    for label in L.space.levels:
        difference = pi.population(label) - reference.population(label).subs(g, k * g)
        assert sp.cancel(sp.together(difference)) == 0
    assert all(sp.cancel(sp.together(v)) == 0 for v in L(pi.rho).entries.values())


def test_a_wrong_null_vector_does_not_get_out(monkeypatch):
    """Whatever elimination makes, it is compared with the matrix at a random point."""
    from symtherm.dynamics import steady
    from symtherm.errors import FailedCheck

    right = steady.kernel

    def wrong(*arguments):
        (vector,) = right(*arguments)
        first = next(iter(vector))
        return [{**vector, first: vector[first] * 2}]

    omega, gamma, T = parameters("omega gamma T")
    bath = ThermalBath("b", T)
    L = gkls(omega / 2 * sigmaz(), [bath.jumps(sigmam(), frequency=omega, rate=gamma)])
    assert steady_state(L).population("e") != 0
    monkeypatch.setattr(steady, "kernel", wrong)
    with pytest.raises(FailedCheck, match="not stationary"):
        steady_state(L)
