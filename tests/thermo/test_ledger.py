"""Ledgers: checks of their hypotheses, particles, and functions of arbitrary states."""

from __future__ import annotations

import copy
import pickle

import pytest
import sympy as sp

from symtherm import (
    HilbertSpace,
    Lead,
    Operator,
    ThermalBath,
    gkls,
    heat_current,
    is_zero,
    ledger,
    model,
    parameters,
    particle_current,
    power,
    qeye,
    relative_entropy,
    sigmam,
    sigmax,
    sigmaz,
    spohn_rate,
    steady_state,
    tensor,
    von_neumann_entropy,
)
from symtherm.errors import (
    MissingTrait,
    NotHermitian,
    NotThermal,
    OutOfDomain,
    OutsideClosedForm,
    UnknownQuantity,
)


@pytest.mark.parametrize("name", ["two-bath-qubit", "three-level-maser", "quantum-dot"])
def test_the_ledger_is_the_currents_at_the_steady_state(name):
    """Two routes: Heisenberg form in exact fractions, and traces with the dissipators in SymPy."""
    m = model(name)
    rho = m.steady_state.rho
    for d in m.generator.dissipators:
        direct = heat_current(m.generator, rho, d.label, m.energy, m.number)
        assert is_zero(direct - m.ledger.heat[d.label])
        if d.label in m.ledger.current:
            direct = particle_current(m.generator, rho, d.label, m.number)
            assert is_zero(direct - m.ledger.current[d.label])
    assert is_zero(power(m.generator, rho, m.energy, m.number) - m.ledger.power)


def test_first_law_for_any_state():
    """sum of heats + power = Tr(E L(rho)), for any state of the maser."""
    m = model("three-level-maser")
    a, b, c = sp.symbols("a b c", real=True)
    third = sp.Rational(1, 3)
    rho = Operator.of(
        m.generator.space,
        {
            (0, 0): third + a,
            (1, 1): third,
            (2, 2): third - a,
            (1, 2): b + sp.I * c,
            (2, 1): b - sp.I * c,
        },
    )
    total = power(m.generator, rho, m.energy)
    for d in m.generator.dissipators:
        total = total + heat_current(m.generator, rho, d.label, m.energy)
    change = (m.energy * m.generator(rho)).tr()
    assert is_zero(total - change)


def test_a_wrong_frequency_takes_the_second_law_away():
    w, v, g, T = parameters("omega nu gamma T")
    L = gkls(w * sigmaz(), [ThermalBath("b", T).jumps(sigmam(), frequency=v, rate=g)])
    book = ledger(steady_state(L), energy=w / 2 * sigmaz())
    assert "fails for bath 'b'" in book.failure
    with pytest.raises(MissingTrait, match="nu"):
        _ = book.second_law
    assert not book.first_law_residual


def test_a_dissipator_without_temperature_must_be_unital():
    w, g = parameters("omega gamma")
    L = gkls(w * sigmax(), [(sigmam(), g, "decay")])
    book = ledger(steady_state(L), energy=w * sigmaz())
    assert "decay" in book.failure


def test_leads_need_a_number_operator():
    m = model("quantum-dot")
    with pytest.raises(NotThermal, match="number operator"):
        ledger(m.steady_state, energy=m.energy)


def test_energy_must_be_hermitian():
    m = model("qubit")
    with pytest.raises(NotHermitian):
        ledger(m.steady_state, energy=sigmam())


def test_leads_and_a_bath_in_one_model():
    """A dot whose electron also exchanges quanta with phonons between two levels."""
    e1, gap, Tl, Tr, Tp, G, k = parameters("epsilon gap T_l T_r T_p Gamma kappa")
    mu = parameters("mu", real=True)
    space = HilbertSpace("dot", levels="0ab")
    o, a, b = space.kets
    N = a * a.dag() + b * b.dag()
    H = e1 * a * a.dag() + (e1 + gap) * b * b.dag()
    L = gkls(
        H,
        [
            Lead("l", Tl, mu).jumps(o * a.dag(), energy=e1, rate=G),
            Lead("r", Tr, 0).jumps(o * b.dag(), energy=e1 + gap, rate=G),
            ThermalBath("p", Tp).jumps(a * b.dag(), frequency=gap, rate=k),
        ],
    )
    book = ledger(steady_state(L), energy=H, number=N)
    assert not book.failure and not book.first_law_residual
    assert is_zero(book.current["l"] + book.current["r"])
    assert set(book.heat) == {"l", "r", "p"} and set(book.current) == {"l", "r"}
    from symtherm import prove, replay

    proof = prove(book.second_law)
    assert proof.proved and replay(proof).valid


def test_unknown_quantities_list_what_there_is():
    m = model("two-bath-qubit")
    with pytest.raises(UnknownQuantity, match=r"heat\[h\]"):
        m.expression("heat[x]")
    with pytest.raises(UnknownQuantity, match=r"no engine|choose"):
        m.expression("efficiency")


def test_entropy_needs_small_blocks():
    space = HilbertSpace("s", 3)
    third = sp.Rational(1, 3)
    full = Operator.of(space, {(i, j): third for i in range(3) for j in range(3)})
    with pytest.raises(OutsideClosedForm, match="block of 3"):
        von_neumann_entropy(full)


def test_relative_entropy_is_infinite_off_the_support_and_not_symmetric():
    q = sigmaz().space
    e, g = q.kets
    up, down = e * e.dag(), g * g.dag()
    mixed = (up + down) / 2
    assert relative_entropy(up, down) is sp.oo
    assert is_zero(relative_entropy(up, mixed) - sp.log(2))
    assert relative_entropy(mixed, up) is sp.oo


def test_relative_entropy_vanishes_for_equal_states_with_coherence():
    z, c = sp.symbols("z c", real=True)
    half = sp.Rational(1, 2)
    rho = Operator.of(
        sigmaz().space, {(0, 0): half * (1 + z), (1, 1): half * (1 - z), (0, 1): c, (1, 0): c}
    )
    assert is_zero(relative_entropy(rho, rho))


def test_spohn_needs_a_stationary_reference():
    m = model("qubit")
    mixed = qeye(2) / 2
    state = Operator.of(m.energy.space, {(0, 0): sp.Rational(1, 3), (1, 1): sp.Rational(2, 3)})
    with pytest.raises(NotThermal, match="not zero"):
        spohn_rate(m.generator, state, mixed)


def test_logarithms_need_full_rank():
    m = model("qubit")
    e = m.energy.space.ket("e")
    with pytest.raises(OutOfDomain, match="full rank"):
        spohn_rate(m.generator, e * e.dag(), m.steady_state.rho)


def test_entropy_of_a_product_is_the_sum():
    p, q = parameters("p q")
    a = Operator.of(sigmaz().space, {(0, 0): p, (1, 1): 1 - p})
    b = Operator.of(sigmaz().space, {(0, 0): q, (1, 1): 1 - q})
    total = von_neumann_entropy(tensor(a, b))
    assert is_zero(total - von_neumann_entropy(a) - von_neumann_entropy(b))


@pytest.mark.parametrize("name", ["two-bath-qubit", "three-level-maser", "quantum-dot"])
@pytest.mark.parametrize("again", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_ledgers_pickle_and_copy(name, again):
    """A ledger goes to worker processes: the copy has the same closed forms, tables and claims."""
    book = model(name).ledger
    other = again(book)
    assert list(other.quantities) == list(book.quantities)
    assert all(other.expression(q) == book.expression(q) for q in book.quantities)
    assert dict(other.heat) == dict(book.heat)
    assert other.second_law.lhs == book.second_law.lhs
    with pytest.raises(UnknownQuantity):
        other.heat["x"]


def test_a_ledger_with_roots_pickles():
    """The relations of square roots go with the ring."""
    omega, J, g, T, U = parameters("omega J g T U")
    a, b = tensor(sigmam(), qeye(2)), tensor(qeye(2), sigmam())
    H = omega * (a.dag() * a + b.dag() * b) + sp.sqrt(J) * (a.dag() * b + b.dag() * a)
    baths = [
        ThermalBath("1", T).jumps(a, frequency=omega, rate=g),
        ThermalBath("2", U).jumps(b, frequency=omega, rate=g),
    ]
    E = omega * (a.dag() * a + b.dag() * b)
    book = ledger(steady_state(gkls(H, baths)), energy=E)
    other = pickle.loads(pickle.dumps(book))
    assert is_zero(other.heat["1"] - book.heat["1"]) and not is_zero(other.heat["1"])
