"""Couplings with roots or denominators as letters, and the models of a fuzz that led to them."""

import sympy

from symtherm import (
    HilbertSpace,
    Model,
    Operator,
    ThermalBath,
    certify,
    gkls,
    ledger,
    parameters,
    prove,
    qeye,
    replay,
    sigmam,
    sigmax,
    steady_state,
    tensor,
    thermodynamics,
)
from symtherm.derive.derivation import Verdict
from symtherm.dynamics.couplings import independent_couplings
from symtherm.dynamics.steady import with_couplings
from symtherm.exact.decide import is_zero

w, g, h, a, k, T = parameters("omega g h a kappa T")
bath = ThermalBath("b", T)


def qubit(coupling, rate=k):
    return gkls(coupling * sigmax(), [bath.jumps(sigmam(), frequency=w, rate=rate)])


def test_a_composite_coupling_is_one_letter():
    """sqrt(2) g + h/(1 + a): the state has V, and written out it is the state without the letter."""
    L = qubit(sympy.sqrt(2) * g + h / (1 + a))
    pi = steady_state(L)
    assert [str(x.symbol) for x in pi.letters] == ["V"]
    assert not any(atom.kind == "root" for atom in pi.alphabet.atoms)
    plain = with_couplings(pi)
    assert not plain.letters
    for label in "ge":
        assert is_zero(pi.population(label) - plain.population(label))


def test_a_negative_coupling():
    """-sqrt(2) g: the letter is sqrt(2) g > 0."""
    pi = steady_state(qubit(-sympy.sqrt(2) * g))
    ((symbol, meaning),) = [(x.symbol, x.explicit) for x in pi.letters]
    assert symbol.is_positive and meaning == sympy.sqrt(2) * g
    plain = with_couplings(pi)
    assert all(is_zero(a - b) for a, b in zip(entries(pi), entries(plain), strict=True))


def entries(state):
    return [state.rho[i, j] for i in range(2) for j in range(2)]


def test_no_letter_hides_a_relation():
    """A coupling whose symbols all occur elsewhere, and one of two multiples of it, stay as is."""
    assert not independent_couplings(qubit(sympy.sqrt(a) * g, rate=a * g))
    atom = HilbertSpace("atom", levels="abc")
    x, y, z = atom.kets
    drive = sympy.sqrt(2) * g * (x * y.dag() + y * x.dag()) + g * (y * z.dag() + z * y.dag())
    decays = [(x * y.dag(), k), (y * z.dag(), k)]
    assert not independent_couplings(gkls(drive, decays))
    double = sympy.sqrt(2) * g * (x * y.dag() + y * x.dag() + 3 * (y * z.dag() + z * y.dag()))
    ((value, entries),) = independent_couplings(gkls(double, decays))
    assert value == sympy.sqrt(2) * g and sorted(entries.values()) == [1, 3]


def test_an_energy_that_holds_the_coupling():
    """Heat with E = H: no work is done, which only the written-out coupling shows."""
    H = w / 2 * tensor(sigmam().dag() * sigmam(), qeye(2)) + w / 2 * tensor(
        qeye(2), sigmam().dag() * sigmam()
    )
    low, other = tensor(sigmam(), qeye(2)), tensor(qeye(2), sigmam())
    H = H + g / (1 + a) * (low.dag() * other + other.dag() * low)
    T2 = parameters("T_2")
    jumps = [
        bath.jumps(low, frequency=w, rate=k),
        ThermalBath("c", T2).jumps(other, frequency=w, rate=k),
    ]
    pi = steady_state(gkls(H, jumps))
    assert [str(x.symbol) for x in pi.letters] == ["V"]
    book = ledger(pi, energy=H)
    assert not book.state.letters
    assert is_zero(book.power)
    assert is_zero(sum(book.heat.values()))


def test_the_numbers_of_a_letter():
    """certify of a driven qubit at V = sqrt(2) g + h/(1 + a), against V given as a symbol."""
    V = parameters("V")
    at = {w: 2, k: sympy.Rational(1, 3), T: 1}
    composite = ledger(
        steady_state(qubit(g + h / (1 + a))), energy=w / 2 * sigmam().dag() * sigmam()
    )
    plain = ledger(steady_state(qubit(V)), energy=w / 2 * sigmam().dag() * sigmam())
    found = certify(composite, {**at, g: 1, h: 3, a: 2}, digits=30)
    known = certify(plain, {**at, V: 2}, digits=30)
    assert found == known


def test_the_vocabulary_without_occupations_spells_them_out():
    """Two oscillating coherences: the names of effective rates hold n, which is no atom there."""
    space = HilbertSpace("pair", 6)
    names = parameters("a b h w_1 T_h")
    a_, b_, h_, w1, Th = names
    root = sympy.sqrt(2)
    H = Operator.of(
        space,
        {(0, 0): 3 * w1, (1, 1): 2 * w1, (2, 2): w1, (3, 3): 2 * w1, (4, 4): w1}
        | {(1, 3): h_, (3, 1): h_, (2, 4): root * h_, (4, 2): root * h_},
    )
    first = Operator.of(space, {(3, 0): 1, (4, 1): 1, (5, 2): 1})
    second = Operator.of(space, {(1, 0): 1, (2, 1): root, (4, 3): 1, (5, 4): root})
    L = gkls(
        H,
        [
            ThermalBath("0", Th).jumps(first, frequency=w1, rate=a_),
            ThermalBath("1", Th).jumps(second, frequency=w1, rate=b_ * w1),
        ],
    )
    pi = steady_state(L)
    for vocabulary in ("temperatures", "boltzmann", "rates", "relaxation"):
        assert pi.in_terms_of(vocabulary).structure


def test_a_long_second_law_is_replayed():
    """Two qubits with both couplings: a state of eight long quotients, checked in well under a
    second by the checker's own bound on its work."""
    w1, w2, J, q, Th, Tc, c, d = parameters("w_1 w_2 J q T_h T_c c d")
    low, other = tensor(sigmam(), qeye(2)), tensor(qeye(2), sigmam())
    energy = w1 * low.dag() * low + w2 * other.dag() * other
    H = energy + J * low.dag() * low * other.dag() * other
    H = H + h * (low.dag() * other + other.dag() * low) + q * (low * other + (low * other).dag())
    jumps = [
        ThermalBath("h", Th).jumps(low, frequency=w1, rate=c),
        ThermalBath("c", Tc).jumps(other, frequency=w2, rate=d),
    ]
    proof = prove(ledger(steady_state(gkls(H, jumps)), energy=energy).second_law)
    assert proof.verdict is Verdict.PROVED
    result = replay(proof)
    assert result.valid, result.reason


def test_the_page_of_a_composite_coupling():
    """The letter is defined on the page, and what it means is the user's expression."""
    L = qubit(sympy.sqrt(2) * g + h / (1 + a))
    model = Model(
        "composite",
        "A composite drive",
        (w, g, h, a, k, T),
        L,
        w * sigmam().dag() * sigmam(),
    )
    derivation = thermodynamics(model)
    assert derivation.verdict is Verdict.PROVED
    steps = {s.name: s for _, steps in derivation.sections for s in steps}
    rows = [e.exact for s in steps.values() for e in s.equations]
    assert str(sympy.sqrt(2) * g + h / (a + 1)) in rows


def test_equality_is_said_in_the_parameters():
    """Two baths of one temperature and a drive that may vanish: not V = 0, which nobody wrote."""
    x = parameters("x", real=True)
    L = qubit(sympy.sqrt(2) * x + h / (1 + a))
    book = ledger(steady_state(L), energy=w * sigmam().dag() * sigmam())
    proof = prove(book.second_law)
    assert proof.verdict is Verdict.PROVED
    assert "V" not in proof.condition.text
    assert {"x", "h", "a"} <= set(proof.condition.text)
