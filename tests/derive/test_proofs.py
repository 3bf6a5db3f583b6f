"""Verdicts, certificates and the independent checker."""

from __future__ import annotations

import copy
import json

import pytest
import sympy as sp

from symtherm import (
    Claim,
    HilbertSpace,
    Spectrum,
    ThermalBath,
    certify,
    davies,
    flat,
    ledger,
    model,
    parameters,
    prove,
    replay,
    steady_state,
)
from symtherm.derive.spohn import equality_condition, spohn_proof
from symtherm.dynamics.davies import Coupling

NAMES = ["qubit", "two-bath-qubit", "three-level-maser", "quantum-dot"]


def three_baths():
    """Three levels, three baths, two independent cycles: no single pair of exponents decides."""
    w1, w2, g1, g2, g3, T1, T2, T3 = parameters(
        "omega_1 omega_2 gamma_1 gamma_2 gamma_3 T_1 T_2 T_3"
    )
    space = HilbertSpace("atom", levels="abc")
    a, b, c = space.kets

    def hop(x, y):
        return x * y.dag() + y * x.dag()

    spectrum = Spectrum(space, (0, w1, w2))
    L = davies(
        spectrum,
        [
            Coupling(ThermalBath("1", T1), hop(a, b), flat(g1)),
            Coupling(ThermalBath("2", T2), hop(a, c), flat(g2)),
            Coupling(ThermalBath("3", T3), hop(b, c) + hop(a, b), flat(g3)),
        ],
    )
    return ledger(steady_state(L), energy=spectrum.hamiltonian)


@pytest.mark.parametrize("name", NAMES)
def test_the_second_law_is_proved_and_its_certificate_replays(name):
    proof = prove(model(name).ledger.second_law)
    assert proof.proved
    result = replay(proof)
    assert result.valid and result.log2_error < -80
    # A certificate is plain data: it survives JSON.
    assert replay(json.loads(json.dumps(dict(proof.certificate)))).valid


@pytest.mark.parametrize("name", NAMES[1:])
def test_spohns_theorem_gives_the_same_equality_condition(name):
    """Two routes to the equality case: the factor of sigma, and L pi = e^-x pi L."""
    book = model(name).ledger
    first = prove(book.second_law).condition
    second = equality_condition(book)
    assert {first.text, second.text} == {first.text} or sorted(first.text.split(" = ")) == sorted(
        second.text.split(" = ")
    )
    proof = spohn_proof(book.second_law)
    assert proof.proved and replay(proof).valid


def test_several_cycles_are_proved_edge_by_edge_and_by_spohns_theorem():
    book = three_baths()
    proof = prove(book.second_law)
    assert proof.proved and proof.certificate["rule"] == "flux times force"
    assert proof.condition.text == "T_1 = T_3 and T_2 = T_3"
    other = spohn_proof(book.second_law)
    assert other.proved and other.certificate["rule"] == "spohn"
    assert replay(proof).valid and replay(other).valid


def occupation(data):
    """The declaration y = 1/(exp(x) - 1) of one of its occupations."""
    return next(r for r in data["names"] if r["kind"] == "defined" and "expm1" in r["value"])


MUTATIONS = [
    ("claim", lambda d: d.update(claim=d["claim"].replace("-", "+", 1))),
    ("claim times two", lambda d: d.update(claim=f"2*({d['claim']})")),
    ("factor", lambda d: d["terms"][0].update(factor="-1*" + d["terms"][0]["factor"])),
    ("pair", lambda d: d["terms"][0]["pair"].reverse()),
    ("pair broken", lambda d: d["terms"][0].update(pair=[d["terms"][0]["pair"][0]] * 2)),
    (
        "an occupation of another size",
        lambda d: occupation(d).update(value="2/(" + occupation(d)["value"].split("/", 1)[1] + ")"),
    ),
    (
        "odds without a visible exponent",
        lambda d: occupation(d).update(value="1/expm1(Delta)"),
    ),
    (
        "coordinates",
        lambda d: next(iter(d["functions"]["exp"].values())).update(
            powers={r["name"]: 1 for r in d["names"] if r["kind"] == "exponential"}
        ),
    ),
    ("a restriction", lambda d: d["names"].append({"name": "T_h", "kind": "real"})),
    (
        "another restriction",
        lambda d: next(r for r in d["names"] if r["name"] == "T_h").update(
            kind="defined", value="T_c"
        ),
    ),
    (
        "negative variable",
        lambda d: next(r for r in d["names"] if r["name"] == "T_h").update(kind="negative"),
    ),
    (
        "real variable",
        lambda d: next(r for r in d["names"] if r["name"] == "gamma_h").update(kind="real"),
    ),
    ("code", lambda d: d.update(claim="__import__('os').system('true')")),
    ("missing key", lambda d: d.pop("terms")),
    ("unknown rule", lambda d: d.update(rule="sampling", terms=[])),
]


@pytest.mark.parametrize(("what", "mutate"), MUTATIONS, ids=[m[0] for m in MUTATIONS])
def test_an_altered_certificate_is_rejected(what, mutate):
    certificate = copy.deepcopy(
        dict(prove(model("three-level-maser").ledger.second_law).certificate)
    )
    certificate.setdefault("rule", "")
    mutate(certificate)
    if what == "pair":
        # (e^a - e^b)(a - b) is symmetric: this one stays valid.
        assert replay(certificate).valid
        return
    assert not replay(certificate).valid


SPOHN_MUTATIONS = [
    (
        "rate",
        lambda d: jump(d).update(rate="2*(" + jump(d)["rate"] + ")"),
    ),
    ("frequency", lambda d: jump(d).update(exponent=jump(d)["exponent"].replace("1", "2"))),
    ("sign of a frequency", lambda d: jump(d).update(exponent=jump(d, 1)["exponent"])),
    ("state", lambda d: d["state"][0].__setitem__(2, "1/3")),
    ("energy", lambda d: d["parts"][1]["modular"][0].__setitem__(2, "2*omega_1/T_1")),
    ("no bath", lambda d: d["parts"].pop()),
    ("no temperature", lambda d: d["parts"][1].update(modular=[])),
    ("negative rate", lambda d: jump(d).update(rate="-1")),
    ("a jump that is not reversed", lambda d: d["parts"][1]["jumps"].pop()),
    ("a part twice", lambda d: d["parts"].append(d["parts"][1])),
]


def jump(data, number=0):
    return data["parts"][1]["jumps"][number]


@pytest.mark.parametrize(("what", "mutate"), SPOHN_MUTATIONS, ids=[m[0] for m in SPOHN_MUTATIONS])
def test_an_altered_hypothesis_of_spohns_theorem_is_rejected(what, mutate):
    certificate = copy.deepcopy(dict(spohn_proof(three_baths().second_law).certificate))
    assert replay(certificate).valid
    mutate(certificate)
    assert not replay(certificate).valid


def test_a_refutation_comes_with_an_exact_point():
    x, y = parameters("x y")
    proof = prove(Claim(x + 1 / y, ">=", 3 * y))
    assert proof.verdict.name == "REFUTED"
    at = {s: proof.counterexample[s.name] for s in (x, y)}
    assert certify(x + 1 / y - 3 * y, at, 10).sign == -1


def test_declared_orders_are_used():
    a, b = parameters("a b")
    claim = Claim(b**2 - a**2, ">=", sp.Integer(0), positive=(b - a,))
    proof = prove(claim)
    assert proof.proved and replay(proof).valid
    assert prove(Claim(b**2 - a**2, ">=", sp.Integer(0))).verdict.name == "REFUTED"


def test_what_no_rule_reaches_stays_undecided():
    """Schur's inequality is true, but no rule here shows it: never PROVED by sampling."""
    x, y, z = parameters("x y z")
    schur = x * (x - y) * (x - z) + y * (y - x) * (y - z) + z * (z - x) * (z - y)
    assert prove(Claim(schur, ">=", sp.Integer(0))).verdict.name == "UNDECIDED"


def test_equalities_are_decided():
    x, T = parameters("x T")
    n = 1 / (sp.exp(x / T) - 1)
    assert prove(sp.Eq((n + 1) / n, sp.exp(x / T), evaluate=False)).proved
    assert prove(sp.Eq(n, 2 * n, evaluate=False)).verdict.name == "REFUTED"


def test_positive_and_strict():
    x, y = parameters("x y")
    proof = prove(Claim(x**2 + x * y, ">=", sp.Integer(0)))
    assert proof.proved and proof.condition.text == "never"
    assert "strict" in str(proof.equality[0])
