"""Special parameter values that kill a rank are reported as conditions on the result."""

from __future__ import annotations

import pytest

from symtherm import HilbertSpace, gkls, model, parameters, sigmam, sigmax, sigmaz, steady_state
from symtherm.errors import NotUnique

A, B = parameters("a b")
D, G, K = parameters("D g k", real=True)


@pytest.mark.parametrize("name", ["qubit", "two-bath-qubit", "three-level-maser", "quantum-dot"])
def test_declared_signs_alone_make_the_library_models_unique(name):
    assert model(name).steady_state.conditions == ()


def test_a_dephased_qubit_needs_its_drive():
    """D sigma_z + g sigma_x with dephasing has a unique state iff g != 0."""
    L = gkls(D * sigmaz() + G * sigmax(), [(sigmaz(), A)])
    assert steady_state(L).conditions == (G,)
    with pytest.raises(NotUnique):
        steady_state(L.subs(G, 0))
    assert steady_state(L.subs(D, 0)).population("e") == A / (2 * A)


def test_a_dark_state_is_among_the_conditions():
    """A Lambda system at D = 0 with k = 0 keeps level b apart: the condition vanishes there."""
    a, b, e = HilbertSpace("Lambda", levels="abe").kets
    H = D * b * b.dag() + G * (a * e.dag() + e * a.dag()) + K * (b * e.dag() + e * b.dag())
    L = gkls(H, [(a * e.dag(), A), (b * e.dag(), B)])
    (condition,) = steady_state(L).conditions
    assert condition.subs({K: 0, G: 0}) == 0
    with pytest.raises(NotUnique):
        steady_state(L.subs({K: 0, G: 0}))
    # Dark at D = 0 too, but unique: the state (k, -g, 0) alone is stationary there.
    assert steady_state(L.subs(D, 0)).population("e") == 0


def test_blocks_with_roots_or_of_great_size_say_none():
    from symtherm import ThermalBath, destroy, num

    w, k, T, F = parameters("omega kappa T F")
    a = destroy(3)
    bath = ThermalBath("b", T)
    driven = gkls(w * num(3) + F * (a + a.dag()), [bath.jumps(a, frequency=w, rate=k)])
    assert steady_state(driven).conditions is None
    assert steady_state(gkls(0 * sigmaz(), [(sigmam(), A)])).conditions == ()


def test_jump_operators_alone_make_two_coupled_qubits_unique():
    """Spohn's theorem: nothing but the identity commutes with both lowering operators."""
    from symtherm import ThermalBath, qeye, tensor
    from symtherm.dynamics.relaxing import is_relaxing

    w, g, k, T = parameters("omega g kappa T")
    a, b = tensor(sigmam(), qeye(2)), tensor(qeye(2), sigmam())
    H = w * a.dag() * a + 2 * w * b.dag() * b + g * (a.dag() * b + b.dag() * a)
    one = [ThermalBath("1", T).jumps(a, frequency=w, rate=k)]
    both = [*one, ThermalBath("2", 2 * T).jumps(b, frequency=2 * w, rate=k)]
    assert is_relaxing(gkls(H, both)) and steady_state(gkls(H, both)).conditions == ()
    # One bath alone leaves the other qubit to the coupling: no theorem without it.
    assert not is_relaxing(gkls(H, one))
    with pytest.raises(NotUnique):
        steady_state(gkls(H, one).subs(g, 0))


def test_the_theorem_needs_adjoints_and_positive_rates():
    from symtherm.dynamics.relaxing import is_relaxing

    assert not is_relaxing(gkls(0 * sigmaz(), [(sigmam(), A)]))  # no adjoint
    assert not is_relaxing(gkls(G * sigmax(), [(sigmaz(), A)]))  # sigma_z commutes with itself
    assert is_relaxing(gkls(0 * sigmaz(), [(sigmaz(), A), (sigmax(), B)]))
    # (a - b)^2 may vanish, so its jump cannot be counted on.
    assert not is_relaxing(gkls(0 * sigmaz(), [(sigmaz(), (A - B) ** 2), (sigmax(), B)]))
    unequal = HilbertSpace("pair of pairs", levels="abcd").kets
    up = [unequal[1] * unequal[0].dag(), unequal[3] * unequal[2].dag()]
    jumps = [(x, A) for u in up for x in (u, u.dag())]
    assert not is_relaxing(gkls(0 * up[0] * up[0].dag(), jumps))  # two ladders, two states
