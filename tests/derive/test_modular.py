"""Equality as equations between exponents: against the other routes, and on both sides of it."""

import pytest
import sympy as sp

from symtherm import (
    HilbertSpace,
    ThermalBath,
    gkls,
    is_zero,
    ledger,
    model,
    parameters,
    prove,
    qeye,
    sigmam,
    steady_state,
    tensor,
)
from symtherm.derive.modular import modular_condition
from symtherm.derive.spohn import equality_condition

a, b, c, lam, T_h, T_c = parameters("gamma_h gamma_c gamma_k lambda T_h T_c")
omega_h, omega_c, w1, w2 = parameters("omega_h omega_c omega_1 omega_2")
g, delta = parameters("g Delta", real=True)
ground, lower, upper = HilbertSpace("m", levels="glu").kets
hot, cold = ThermalBath("h", T_h), ThermalBath("c", T_c)
MASER = [
    hot.jumps(ground * upper.dag(), frequency=omega_h, rate=a),
    cold.jumps(ground * lower.dag(), frequency=omega_c, rate=b),
]


def maser(drive, *more, detuning=0):
    V = drive * upper * lower.dag()
    L = gkls(V + V.dag() + detuning * lower * lower.dag(), [*MASER, *more])
    return ledger(
        steady_state(L), energy=omega_h * upper * upper.dag() + omega_c * lower * lower.dag()
    )


def pair(coupling, *more):
    A, B = tensor(sigmam(), qeye(2)), tensor(qeye(2), sigmam())
    one, two = A.dag() * A, B.dag() * B
    V = coupling * A.dag() * B
    energy = w1 * one + w2 * two
    jumps = [hot.jumps(A, frequency=w1, rate=a), cold.jumps(B, frequency=w2, rate=b)]
    H = sum((x * y for x, y in more), V + V.dag() + energy)
    return ledger(steady_state(gkls(H, jumps)), energy=energy)


LEAK = cold.jumps(ground * upper.dag(), frequency=omega_h, rate=c)
CASES = {
    "a maser": (lambda: maser(lam), "ω_h/T_h = ω_c/T_c"),
    "a drive that may vanish": (lambda: maser(g), "ω_h/T_h = ω_c/T_c or g = 0"),
    "a complex drive": (lambda: maser((1 + sp.I) * g / 2), "ω_h/T_h = ω_c/T_c or g = 0"),
    "a detuned maser": (lambda: maser(lam, detuning=delta), "ω_h/T_h = ω_c/T_c"),
    "a leak": (lambda: maser(lam, LEAK), "ω_c = ω_h and T_h = T_c"),
    "a leak past a drive": (
        lambda: maser(g, LEAK),
        "ω_c = ω_h and T_h = T_c or g = 0 and T_h = T_c",
    ),
    "two qubits": (lambda: pair(lam), "ω_1/T_h = ω_2/T_c"),
    "two qubits that may be apart": (lambda: pair(g), "ω_1/T_h = ω_2/T_c or g = 0"),
}


def atoms(text):
    """Equations without order."""
    return {frozenset(e.split(" = ")) for e in text.replace(" or ", " and ").split(" and ")}


@pytest.mark.parametrize("name", CASES)
def test_conditions(name):
    make, text = CASES[name]
    assert modular_condition(make()).text == text


@pytest.mark.parametrize("name", ["a maser", "a drive that may vanish", "two qubits"])
def test_the_route_by_the_state_says_the_same(name):
    """Common factors of L pi - e^-x pi L, which needs pi."""
    book = CASES[name][0]()
    assert atoms(equality_condition(book).text) == atoms(modular_condition(book).text)


@pytest.mark.parametrize("name", ["two-bath-qubit", "qubit", "three-level-maser", "quantum-dot"])
def test_the_route_by_cycles_says_the_same(name):
    book = model(name).ledger
    assert atoms(prove(book.second_law).condition.text) == atoms(modular_condition(book).text)


def test_a_leak_is_reversible_exactly_there():
    """sigma is identically zero on the condition, and not on either of its equations alone."""
    book = maser(lam, LEAK)
    assert prove(book.second_law).condition.text == "ω_c = ω_h and T_h = T_c"
    sigma = book.entropy_production
    assert is_zero(sigma.subs({omega_c: omega_h, T_c: T_h}, simultaneous=True))
    assert not is_zero(sigma.subs({T_c: T_h})) and not is_zero(sigma.subs({omega_c: omega_h}))


def test_rates_that_may_vanish_and_more_than_symbols_are_not_decided():
    """A drive of g - Delta is no symbol; a rate g^2 may be zero, and asks for nothing then."""
    assert modular_condition(maser(g - delta)) is None
    book = maser(lam, cold.jumps(ground * upper.dag(), frequency=omega_h, rate=g**2))
    assert (
        equality_condition(book).text == "L_k π = e^(-x_k) π L_k for every jump k of nonzero rate"
    )
