"""Ledgers of steady states that are straight-line programs: the same numbers, not expanded."""

from __future__ import annotations

import warnings
from fractions import Fraction as Rational

import numpy as np
import pytest
import sympy as sp

from symtherm import (
    Model,
    ThermalBath,
    certify,
    evaluator,
    gkls,
    ledger,
    model,
    parameters,
    qeye,
    sigmam,
    steady_state,
    tensor,
)
from symtherm.errors import TooLong, UnknownQuantity
from symtherm.exact.extend import random_point
from symtherm.quantum.superoperator import pair_matrix
from symtherm.reference.routes import certify_operators
from symtherm.thermo.observables import unbalanced

LIBRARY = ["two-bath-qubit", "three-level-maser", "quantum-dot"]


def as_program(generator, energy, number=None):
    """The ledger of a state whose expansion was refused."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        state = steady_state(generator, max_terms=1)
    assert state.expansion is None
    return ledger(state, energy=energy, number=number)


def chain(n, equal=False, ends=("1", "2")):
    w = [parameters("w" if equal else f"w{k}") for k in range(n)]
    g = [parameters(f"g{k}") for k in range(n - 1)]
    G1, G2, T1, T2 = parameters("G1 G2 T1 T2")
    s = [tensor(*(sigmam() if i == k else qeye(2) for i in range(n))) for k in range(n)]
    bare = w[0] * s[0].dag() * s[0]
    for k in range(1, n):
        bare = bare + w[k] * s[k].dag() * s[k]
    H = bare
    for k in range(n - 1):
        H = H + g[k] * (s[k].dag() * s[k + 1] + s[k + 1].dag() * s[k])
    baths = [
        ThermalBath(ends[0], T1).jumps(s[0], frequency=w[0], rate=G1),
        ThermalBath(ends[1], T2).jumps(s[-1], frequency=w[-1], rate=G2),
    ]
    return gkls(H, baths), bare


def ordinary_point(symbols):
    return {s: sp.Rational(k + 3, k + 2) for k, s in enumerate(sorted(symbols, key=str))}


def values_at(book, seed):
    """The program's quantities at a random point of the ledger's alphabet."""
    at = random_point(book.alphabet.base, seed)
    found = book.program.run(at)
    return at, {name: found[k] for k, name in enumerate(book.quantities)}


def assert_same_ledger(full, short, seeds=3):
    """Exact equality at random points, where every atom is an independent number."""
    assert full.quantities == short.quantities
    assert full.alphabet.base.size == short.alphabet.base.size
    for seed in range(seeds):
        at, found = values_at(short, seed)
        for name, value in found.items():
            assert at(full.fraction(name)) == value, name


@pytest.mark.parametrize("name", LIBRARY)
def test_a_program_and_the_closed_form_agree_at_rational_points(name):
    m = model(name)
    assert_same_ledger(m.ledger, as_program(m.generator, m.energy, m.number))


@pytest.mark.parametrize("equal", [False, True])
def test_two_coupled_qubits_agree_at_rational_points(equal):
    L, bare = chain(2, equal)
    assert_same_ledger(ledger(steady_state(L), energy=bare), as_program(L, bare))


def test_an_energy_that_the_jumps_do_not_move_agrees_too():
    """E = H: heats are other observables, and the reason against a second law is the same."""
    L, _ = chain(2)
    full = ledger(steady_state(L), energy=L.hamiltonian)
    short = as_program(L, L.hamiltonian)
    assert_same_ledger(full, short)
    assert short.failure == full.failure != ""


def test_removed_phases_are_put_back():
    """A complex coupling: coherences are kept in a frame, observables are not."""
    a, b = tensor(sigmam(), qeye(2)), tensor(qeye(2), sigmam())
    g = parameters("g", complex=True)
    w1, w2, G1, G2, T1, T2 = parameters("w1 w2 G1 G2 T1 T2")
    hop = g * a.dag() * b
    bare = w1 * a.dag() * a + w2 * b.dag() * b
    L = gkls(
        bare + hop + hop.dag(),
        [
            ThermalBath("1", T1).jumps(a, frequency=w1, rate=G1),
            ThermalBath("2", T2).jumps(b, frequency=w2, rate=G2),
        ],
    )
    full, short = ledger(steady_state(L), energy=bare), as_program(L, bare)
    at = {w1: 2, w2: 1, G1: sp.Rational(1, 3), G2: 1, T1: 2, T2: 1, g: 1 + 2 * sp.I}
    for name in ("heat[1]", "power"):
        ball, closed = short.enclose(at, 20, [name])[name], certify(full, at, 20)[name]
        assert ball.value[:20] == closed.value[:20]
    assert short.first_law_residual.is_zero


@pytest.mark.parametrize("name", LIBRARY)
def test_the_first_law_is_an_identity_of_operators(name):
    """Sum of heats and power = Tr[E L(rho)], coordinate by coordinate: proved, for any state."""
    m = model(name)
    book = as_program(m.generator, m.energy, m.number)
    assert book.first_law_residual.is_zero
    # A wrong heat is seen.
    broken = {k: v for k, v in book.observables.items() if not k.startswith("heat")}
    energy = pair_matrix(book.alphabet, book.energy)
    assert unbalanced(book.state, book.alphabet, broken, energy)


@pytest.mark.parametrize("n", [3, 4])
def test_a_chain_has_a_ledger(n):
    """Four qubits are 256 x 256 in full and 70 x 70 in their block; never expanded."""
    L, bare = chain(n)
    with pytest.warns(UserWarning, match="straight-line program"):
        state = steady_state(L)
    book = ledger(state, energy=bare)
    assert book.failure == "" and book.first_law_residual.is_zero
    # The first law at a random rational point, exactly: a check of the program, not a proof.
    _, found = values_at(book, 1)
    assert found["heat[1]"] + found["heat[2]"] + found["power"] == 0
    assert sum(v for k, v in found.items() if k.startswith("population[")) == 1
    # One more excitation in is one more out: both heats are one current times its frequency.
    at, w = values_at(book, 2)
    first, last = (book.alphabet.fraction(sp.Symbol(k, positive=True)) for k in ("w0", f"w{n - 1}"))
    assert w["heat[1]"] / at(first) == -w["heat[2]"] / at(last)
    point = ordinary_point(L.free_symbols)
    balls = certify(book, point, 15)
    assert balls["entropy_production"].sign == 1
    assert len(book.program_of(["heat[1]"])) <= len(book.program)
    names = ["heat[1]", "power", "entropy_production", f"population[{L.space.levels[0]}]"]
    other = certify_operators(book, point, 15, names) if n == 3 else {}
    for name, ball in other.items():
        assert abs(Rational(ball.value) - Rational(balls[name].value)) <= Rational(
            ball.radius
        ) + Rational(balls[name].radius)
    f = evaluator(book)
    numbers = f(**{str(s): float(v) for s, v in point.items()})
    for name, ball in balls.items():
        assert numbers[name] == pytest.approx(float(ball.value), rel=1e-9)
    T1 = np.linspace(1.0, 2.0, 5)
    rows = f(**{**{str(s): float(v) for s, v in point.items()}, "T1": T1})
    assert rows["power"].shape == (5,) and np.all(rows["entropy_production"] >= 0)


def test_expanded_forms_say_what_to_use_instead():
    L, bare = chain(2)
    book = as_program(L, bare)
    for ask in (
        lambda: book.power,
        lambda: book.heat,
        lambda: book.first_law,
        lambda: book.second_law,
        lambda: book.readable("power"),
        lambda: book.efficiency("1"),
    ):
        with pytest.raises(TooLong, match="enclose"):
            ask()
    with pytest.raises(UnknownQuantity):
        book.enclose({}, 10, ["heat[3]"])
    with pytest.raises(UnknownQuantity):
        evaluator(book, quantities=["heat[3]"])
    assert "program" in repr(book) and book._repr_latex_() is None


def test_efficiency_is_a_step_more():
    """Of two coupled qubits it is 1 - w2/w1, whatever else the parameters are."""
    L, bare = chain(2)
    symbols = tuple(sorted(L.free_symbols, key=str))
    point = ordinary_point(symbols)
    m = Model("pair", "two qubits", symbols, L, bare, hot=("1",))
    short = as_program(L, bare)
    found = short.enclose(point, 20, ["efficiency[1]"])["efficiency[1]"]
    assert found.value[:20] == certify(m, point, 20)["efficiency"].value[:20]


def test_a_value_that_is_zero_comes_with_a_small_radius():
    """Equal temperatures and frequencies: no heat flows, which a program does not prove."""
    L, bare = chain(2, equal=True)
    book = as_program(L, bare)
    point = {**ordinary_point(L.free_symbols)}
    T1, T2 = parameters("T1 T2")
    point[T1] = point[T2]
    ball = book.enclose(point, 20, ["heat[1]"])["heat[1]"]
    assert ball.contains_zero and Rational(ball.radius) < Rational(1, 10**20)


def test_a_coupling_that_is_zero_at_the_point_is_built_in():
    L, bare = chain(3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = ledger(steady_state(L, max_terms=100), energy=bare)
        point = ordinary_point(L.free_symbols)
        G2 = parameters("G2")
        values = certify(book, {**point, G2: 0}, 15)
    assert values["heat[2]"].value == "0"
