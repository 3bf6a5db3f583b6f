"""Wrong answers that an adversarial reading once produced; each stays fixed."""

from __future__ import annotations

import copy
import dataclasses

import pytest
import sympy as sp

from symtherm import (
    Claim,
    Coupling,
    HilbertSpace,
    Operator,
    Spectrum,
    ThermalBath,
    certify,
    davies,
    fermi,
    flat,
    gkls,
    is_zero,
    model,
    ohmic,
    parameters,
    prove,
    replay,
    sigmam,
    sigmap,
    sigmaz,
    steady_state,
    thermodynamics,
)
from symtherm.errors import OutOfDomain, OutsideClosedForm, UndeclaredSign, UnorderedSpectrum
from symtherm.exact.alphabet import alphabet

ZERO = sp.Integer(0)


def test_chains_of_orders_unfold_to_the_lowest_member():
    """a < b < c gives c = c' + b' + a, not c' + b' + 2a."""
    a, b, c, d = parameters("a b c d")
    claim = Claim(c - 2 * a, ">=", ZERO, positive=(b - a, c - b))
    assert prove(claim).verdict.name == "REFUTED"
    true = Claim(d - a, ">=", ZERO, positive=(b - a, c - b, d - c))
    proof = prove(true)
    assert proof.proved and replay(proof).valid
    w, T, g = parameters("w T g")
    with pytest.raises(UndeclaredSign):
        gkls(
            w * sigmaz(),
            [ThermalBath("b", T).jumps(sigmam(), frequency=c - 2 * a, rate=g)],
            positive=[b - a, c - b],
        )


def test_cyclic_orders_are_an_error_that_names_them():
    a, b, c = parameters("a b c")
    for orders in ((b - a, a - b), (b - a, c - b, a - c), (b - a, a - 2 * b)):
        with pytest.raises(UnorderedSpectrum, match="no parameters satisfy"):
            alphabet([a, b, c], positive=orders)
    # a > b^2 and b > a^2 hold together (below 1) and are no cycle to refuse.
    assert alphabet([a, b], positive=(a - b**2, b - a**2)).ranges.orders == ()


def test_excluded_coincidences_of_four_levels():
    a, b, c, g, T = parameters("a b c g T")
    space = HilbertSpace("q", 4)
    hop = Operator.of(
        space, {(i, j): sp.Integer(1) for i in range(4) for j in range(4) if abs(i - j) == 1}
    )
    L = davies(Spectrum(space, (0, a, b, c)), [Coupling(ThermalBath("b", T), hop, flat(g))])
    assert any(is_zero(e - (c - 2 * a)) or is_zero(e + (c - 2 * a)) for e in L.conditions)
    rho = steady_state(L).rho
    at = {a: 1, b: sp.Rational(3, 2), c: 2, g: 1, T: 1}
    from symtherm import ledger

    with pytest.raises(OutOfDomain, match="excluded"):
        certify(ledger(steady_state(L), energy=Spectrum(space, (0, a, b, c)).hamiltonian), at, 10)
    assert rho[0, 0] != 0


def test_roots_of_occupations():
    """sqrt(1/(e^a + 1)) is a root of f; its relation is not s^2 = 1."""
    a, b = parameters("a b")
    s = sp.sqrt(sp.exp(a) + 1)
    assert is_zero((b + s) ** 2 - b**2 - 2 * b * s - (sp.exp(a) + 1) ** 2) is False
    assert is_zero((b + s) ** 2 - b**2 - 2 * b * s - (sp.exp(a) + 1))


def test_collapse_operators_with_roots_of_lead_rates():
    w, T, g = parameters("w T g")
    f = fermi(w / T)
    L = gkls(
        w / 2 * sigmaz(),
        [(sp.sqrt(g * f) * sigmap(), 1, "up"), (sp.sqrt(g * (1 - f)) * sigmam(), 1, "down")],
    )
    assert is_zero(steady_state(L).population("e") - f)


def test_negative_nested_radicands_are_refused():
    a, b = parameters("a b")
    with pytest.raises(OutsideClosedForm, match="negative"):
        is_zero(sp.sqrt(a - sp.sqrt(a**2 + b)) - b)
    with pytest.raises(OutsideClosedForm, match="negative"):
        is_zero(sp.sqrt(-1 - sp.sqrt(a)) - sp.sqrt(1 + sp.sqrt(a)))


def test_a_ledger_proves_its_own_second_law_only():
    book = model("three-level-maser").ledger
    w = book.energy[1, 1]
    assert not prove(Claim(-w, ">=", ZERO, ledger=book)).proved
    assert not prove(dataclasses.replace(book.second_law, rhs=sp.Integer(5))).proved


def test_degenerate_levels_written_differently_keep_their_coupling():
    w, g, T = parameters("w g T")
    d = parameters("d")
    space = HilbertSpace("q", 3)
    A = Operator.of(
        space,
        {
            (0, 1): sp.Integer(1),
            (1, 0): sp.Integer(1),
            (1, 2): sp.Integer(1),
            (2, 1): sp.Integer(1),
        },
    )
    bath = ThermalBath("b", T)
    one = davies(Spectrum(space, (0, w * (1 + d), w + w * d)), [Coupling(bath, A, ohmic(g))])
    two = davies(Spectrum(space, (0, w + w * d, w + w * d)), [Coupling(bath, A, ohmic(g))])
    assert len(one.jumps) == len(two.jumps) == 3


def test_only_plain_declarations_are_accepted():
    for kind in ("negative", "nonnegative", "integer", "zero"):
        with pytest.raises(UndeclaredSign, match=kind):
            is_zero(sp.Symbol("n", **{kind: True}) + parameters("x"))


def test_equality_is_not_claimed_where_the_factor_is_infinite():
    x, y = parameters("x y")
    proof = prove(Claim((sp.exp(x) - sp.exp(y)) / (x - y), ">=", ZERO))
    assert proof.condition is None or not proof.proved


def test_a_parameter_called_T_stays_itself_at_equal_temperatures():
    w, t, k1, k2, T1, T2 = parameters("w T k_1 k_2 T_1 T_2")
    from symtherm import Model

    H = w / 2 * sigmaz()
    L = gkls(
        H + t * (sigmam() + sigmap()),
        [
            ThermalBath("1", T1).jumps(sigmam(), frequency=w, rate=k1),
            ThermalBath("2", T2).jumps(sigmam(), frequency=w, rate=k2),
        ],
    )
    d = thermodynamics(Model("m", "M", (w, t, k1, k2, T1, T2), L, H))
    (step,) = [s for s in d.steps if s.name == "equal temperatures"]
    assert step.prose[1].text == "T_0"


def test_pairs_with_a_zero_side_and_hyperbolic_claims_replay():
    u = parameters("u")
    for claim in (Claim((sp.exp(u) - 1) * u, ">=", ZERO), Claim(sp.tanh(u) + 1, ">=", ZERO)):
        proof = prove(claim)
        assert proof.proved and replay(proof).valid


# -- forged certificates ---------------------------------------------------------------------------


X = {"name": "x", "kind": "positive"}


def functions(**tables):
    return {"exp": {}, "sqrt": {}, "log": {}, "turn": {}, **tables}


def certificate(**changes):
    base = {
        "rule": "visible sign",
        "relation": ">=",
        "claim": "x",
        "names": [X],
        "functions": functions(),
        "terms": [{"factor": "x"}],
    }
    base.update(changes)
    return base


FORGED = {
    "I squared": {"claim": "-1", "terms": [{"factor": "I**2"}]},
    "I in a square": {"claim": "-x**2", "terms": [{"factor": "(I*x)**2"}]},
    "a variable I": {
        "claim": "-1",
        "names": [{"name": "I", "kind": "positive"}, X],
        "terms": [{"factor": "I*I"}],
    },
    "an imaginary exponent": {
        "claim": "(exp(I*x) - exp(0))*(I*x)",
        "names": [X, {"name": "y", "kind": "exponential", "value": "I*x"}],
        "functions": functions(exp={"I*x": {"powers": {"y": 1}}, "0": {"powers": {}}}),
        "terms": [{"factor": "1", "pair": ["I*x", "0"]}],
    },
    "an exponential that is its own exponent": {
        "claim": "exp(-x) - x",
        "relation": "==",
        "names": [{"name": "x", "kind": "exponential", "value": "x"}],
        "functions": functions(exp={"-x": {"powers": {"x": -1}}}),
        "terms": [],
    },
    "a parenthesis that leaks": {
        "claim": "(x + 1)*(x + 1)",
        "terms": [{"factor": "x) + (1"}],
    },
}


@pytest.mark.parametrize("name", FORGED)
def test_forged_certificates_are_rejected(name):
    assert replay(certificate()).valid
    assert not replay(certificate(**FORGED[name])).valid


def test_forged_spohn_certificates_are_rejected():
    from symtherm.derive.spohn import spohn_proof

    good = dict(spohn_proof(model("two-bath-qubit").ledger.second_law).certificate)
    assert replay(good).valid

    def forged(change):
        data = copy.deepcopy(good)
        change(data)
        return replay(data).valid

    def bath(data):
        return data["parts"][1]

    i, j, entry = bath(good)["modular"][0]
    assert not forged(lambda d: bath(d).update(modular=[[i, j, f"I**2*({entry})"]]))
    assert not forged(lambda d: bath(d)["jumps"][0].update(exponent="omega/T_h)*((1)"))
    assert not forged(lambda d: d["state"].append([0.5, 0.5, "2"]))


# -- found by a newcomer ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("two-bath-qubit", "1.2345 0.3 0.2 1.9876 0.9876"),
        ("two-bath-qubit", "1 0.3 0.2 1.0000000000000001 1"),
        ("two-bath-qubit", "1 0.3 0.2 1e6 1"),
        ("three-level-maser", "3.14159 1.41421 1/50 1/40 1/20 0 10 1"),
        ("quantum-dot", "1.123456789 0.212345678 0 1.23456789 2.3456789 1 1"),
    ],
)
def test_ordinary_decimals_are_certified_like_any_point(name, numbers):
    """Uniqueness at the point needs no common base of the exponentials; both routes agree."""
    import mpmath as mp

    from symtherm.exact.parse import parse_rational
    from symtherm.numeric.operators import integrated_quantities

    m = model(name)
    at = {s: parse_rational(v) for s, v in zip(m.parameters, numbers.split(), strict=True)}
    values = certify(m, at, 30)
    other = integrated_quantities(m, at, 40)
    with mp.workdps(60):
        for key, value in values.items():
            assert abs(mp.mpf(value.value) - mp.re(other[key])) < mp.mpf(10) ** -25


def test_no_headline_of_proof_without_a_second_law():
    from symtherm import Model

    w, v, g, T = parameters("omega nu gamma T")
    L = gkls(w * sigmaz(), [ThermalBath("b", T).jumps(sigmam(), frequency=v, rate=g)])
    d = thermodynamics(Model("m", "M", (w, v, g, T), L, w / 2 * sigmaz()))
    assert d.verdict is None and d.certificate is None
