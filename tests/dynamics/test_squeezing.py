"""Squeezed baths in the letters N and M: the same dissipator, and closed forms that can be read."""

from __future__ import annotations

import pytest
import sympy as sp

from symtherm import (
    HilbertSpace,
    Model,
    SqueezedBath,
    ThermalBath,
    bose,
    certify,
    destroy,
    gkls,
    is_zero,
    ledger,
    parameters,
    sigmam,
    sigmap,
    sigmax,
    sigmaz,
    steady_state,
)
from symtherm.dynamics.naming import VOCABULARIES, lettered
from symtherm.dynamics.squeezing import squeezed_pair

w, w1, w2, g, T, Tc, r, k, eps, a, b = parameters(
    "omega omega_1 omega_2 gamma T T_c r kappa epsilon a b"
)
phi = parameters("varphi", real=True)
ATOM = HilbertSpace("atom", levels="glu")
G, LOW, UP = ATOM.kets
E = w / 2 * sigmaz()
COLD = ThermalBath("c", Tc).jumps(sigmam(), frequency=w, rate=k)


def qubit(phase=phi, squeezing=r, rate=g, drive=eps):
    jumps = SqueezedBath("s", T, squeezing, phase).jumps(sigmam(), frequency=w, rate=rate)
    return gkls(drive * sigmax(), [*jumps, COLD])


def oscillator():
    jumps = SqueezedBath("s", T, r, phi).jumps(destroy(3), frequency=w, rate=g)
    return gkls(0 * destroy(3), jumps)


def two_transitions():
    bath = SqueezedBath("s", T, r, phi)
    jumps = [
        *bath.jumps(G * LOW.dag(), frequency=w1, rate=g),
        *bath.jumps(G * UP.dag(), frequency=w2, rate=k),
        (LOW * LOW.dag(), k, "s"),
    ]
    return gkls(0 * (G * G.dag()), jumps)


def two_baths():
    other = SqueezedBath("t", Tc, 2 * a, sp.pi).jumps(sigmam(), frequency=w, rate=k)
    own = SqueezedBath("s", T, sp.Rational(1, 2), phi).jumps(sigmam(), frequency=w, rate=g)
    return gkls(eps * sigmaz(), [*own, *other])


MODELS = {
    "qubit": qubit(),
    "no phase": qubit(0),
    "a rate with a denominator": qubit(rate=a * b / (a + b)),
    "a number as squeezing": qubit(squeezing=sp.Rational(3, 4)),
    "an oscillator": oscillator(),
    "two transitions": two_transitions(),
    "two baths": two_baths(),
}


@pytest.mark.parametrize("vocabulary", VOCABULARIES)
@pytest.mark.parametrize("name", MODELS)
def test_the_generator_in_n_and_m_is_the_generator(name, vocabulary):
    """Entry by entry of the superoperators, the letters replaced by what they mean."""
    L = MODELS[name]
    named, letters = lettered(L, vocabulary)
    assert {"squeezing"} < {x.kind for x in letters}
    table = {x.symbol: x.explicit for x in letters}
    left, right = L.superoperator(), named.superoperator()
    for key in {*left.entries, *right.entries}:
        assert is_zero(sp.re(sp.expand(left[key] - right[key].xreplace(table))))
        assert is_zero(sp.im(sp.expand(left[key] - right[key].xreplace(table))))


def test_heat_and_power_of_a_driven_qubit_between_a_squeezed_and_a_thermal_bath():
    """The form that one writes by hand: no exponential of r is left outside N and M."""
    book = ledger(steady_state(qubit()), energy=E)
    names = {str(d.symbol): d for d in book.structured("power")}
    N, M, n, W = (names[x].symbol for x in ("N_s", "M_s", "n_s", "W"))
    n_c = names["n_c"].symbol
    assert names["N_s"].expr == n * sp.cosh(2 * r) + sp.sinh(r) ** 2
    assert names["M_s"].expr == (2 * n + 1) * sp.sinh(r) * sp.cosh(r)
    full = g * (2 * N + 1) + k * (2 * n_c + 1) + 2 * W
    assert is_zero(book.readable("power") - W * w * (g + k) / full)
    assert is_zero(book.readable("heat[s]") - g * w * (k * (N - n_c) - W) / full)
    turned = 2 * M * sp.cos(phi)
    slow, fast = (g * (2 * N + 1 + s * turned) + k * (2 * n_c + 1) for s in (-1, 1))
    # 1/W = (Gamma_+ Gamma_- - gamma^2 M^2 sin^2)/(2 eps^2 Gamma_-), x adjusted to y.
    by_hand = 4 * eps**2 * slow / (slow * fast - 4 * g**2 * M**2 * sp.sin(phi) ** 2)
    table = {d.symbol: d.expr for d in names.values() if d.kind == "decay"}
    assert is_zero(names["W"].expr.xreplace(table) - by_hand)
    for name in ("power", "heat[s]", "heat[c]"):
        atoms = book.readable(name).atoms(sp.exp, sp.cosh, sp.sinh)
        assert not atoms, name


def test_quantities_and_numbers_are_those_of_the_operators():
    """The explicit forms of the state solve L(pi) = 0; certify compares with an integration."""
    L = qubit()
    pi = steady_state(L).rho
    for _, _, value in L(pi).data:
        assert is_zero(sp.re(value)) and is_zero(sp.im(value))
    at = {w: 1, g: "1/10", T: "3/20", r: "1/2", Tc: 1, k: "1/5", eps: "1/5", phi: "3/4"}
    rows = certify(ledger(steady_state(L), energy=E), at, digits=20)
    assert rows["power"].value.startswith("0.067774209501284")


@pytest.mark.parametrize(
    "first, second",
    [
        ((sigmam(), g), (sigmap(), k)),
        ((sp.cosh(r) * sigmam(), 2 * g), (sp.cosh(r) * sigmap(), g)),
        ((sp.cosh(r) * sigmam() + sp.sinh(r) * sigmap(), 2 * g),) * 2,
        (
            (sp.cosh(r) * sigmam() + 2 * sp.sinh(r) * sigmap(), g * (bose(w / T) + 1)),
            (sp.cosh(r) * sigmap() + 2 * sp.sinh(r) * sigmam(), g * bose(w / T)),
        ),
        (
            (sp.cosh(r) * sigmam() + sp.sinh(r) * sigmap(), 2 * g),
            (sp.cosh(r) * sigmap() + sp.sinh(r) * sigmam(), g),
        ),
    ],
    ids=["plain", "no sinh", "no adjoint", "another weight", "rates of no occupation"],
)
def test_what_is_no_squeezed_bath_keeps_its_form(first, second):
    L = gkls(E, [(*first, "s"), (*second, "s")])
    assert squeezed_pair(*L.jumps) is None
    assert all(x.kind != "squeezing" for x in lettered(L)[1])


def test_a_page_with_a_squeezed_bath_claims_no_more_than_it_has():
    """The jumps are those of the bath; 1/d is not called stationary, nor is a second law claimed."""
    from symtherm import thermodynamics
    from symtherm.derive.markdown import to_markdown

    symbols = (w, g, T, r, Tc, k, eps, phi)
    model = Model(name="s", title="S", parameters=symbols, generator=qubit(), energy=E)
    page = to_markdown(thermodynamics(model))
    assert "It does not leave" in page and "It leaves" not in page
    assert "squeezed bath are" in page and "N_{s}" in page
    assert r"\cosh" in page


def test_a_driven_oscillator_whose_trace_has_roots_has_a_state_and_parts():
    """The quotients of the null vector are not reduced; a NumPy null vector agrees."""
    import numpy as np

    a = destroy(3)
    jumps = SqueezedBath("s", T, r, phi).jumps(a, frequency=w, rate=g)
    cold = ThermalBath("c", Tc).jumps(a, frequency=w, rate=k)
    L = gkls(eps * (a + a.dag()) + b * a.dag() * a, [*jumps, cold])
    state = steady_state(L)
    assert state.vector is not None
    at = {w: 1, g: "1/3", T: "4/5", r: "1/2", Tc: "3/2", k: "1/5", eps: "1/4", b: "1/7", phi: "3/4"}
    point = {s: sp.Rational(v) for s, v in at.items()}

    lower = np.diag(np.sqrt([1.0, 2.0]), 1).astype(complex)
    mixed = np.cosh(0.5) * lower + np.exp(0.75j) * np.sinh(0.5) * lower.T
    n_s, n_c = 1 / np.expm1(1 / 0.8), 1 / np.expm1(1 / 1.5)
    pairs = [(mixed, (n_s + 1) / 3), (mixed.conj().T, n_s / 3)]
    pairs += [(lower, (n_c + 1) / 5), (lower.T, n_c / 5)]
    H = 0.25 * (lower + lower.T) + lower.T @ lower / 7

    def change(rho):
        total = -1j * (H @ rho - rho @ H)
        for R, rate in pairs:
            square = R.conj().T @ R
            total = total + rate * (R @ rho @ R.conj().T - (square @ rho + rho @ square) / 2)
        return total

    columns = [change(e.reshape(3, 3)).ravel() for e in np.eye(9, dtype=complex)]
    pi = np.linalg.svd(np.array(columns).T)[2][-1].conj().reshape(3, 3)
    pi = pi / np.trace(pi)
    for i in range(3):
        found = complex(state.rho[0, i].subs(point).evalf(20))
        assert abs(found - pi[0, i]) < 1e-12
    enclosed = state.enclose(point, 12)
    assert abs(float(enclosed[0, 0, ""].value) - pi[0, 0].real) < 1e-11


@pytest.mark.parametrize("squeezing", [sp.Rational(1, 2), 3, 6])
@pytest.mark.parametrize("phase", [0, sp.pi, phi])
def test_evaluators_keep_all_digits_under_strong_squeezing(phase, squeezing):
    """N + 1/2 - M, which falls as e^(-2r), is written as a variance of its own."""
    from symtherm import evaluator

    jumps = SqueezedBath("s", T, r, phase).jumps(sigmam(), frequency=w, rate=g)
    book = ledger(steady_state(gkls(eps * sigmax(), jumps)), energy=E)
    at = {w: 1, g: sp.Rational(1, 3), T: sp.Rational(4, 5), r: squeezing, eps: sp.Rational(1, 100)}
    at |= {phi: sp.Integer(3)} if phase == phi else {}
    numbers = {s.name: float(v) for s, v in at.items()}
    exact = float(certify(book, at, 20)["heat[s]"].value)
    found = [evaluator(book.heat["s"])(**numbers), evaluator(book)(**numbers)["heat[s]"]]
    assert all(abs(value / exact - 1) < 4e-15 for value in found)
