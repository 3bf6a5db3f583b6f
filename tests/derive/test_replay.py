"""Forged certificates with roots, logarithms, orders and networks: each is rejected, by reason."""

from __future__ import annotations

import copy
from secrets import randbelow

import pytest
import sympy as sp

from symtherm import Claim, parameters, prove, replay
from symtherm.derive.network import network_proof
from symtherm.derive.replay import Checker, Invalid, Redraw, random_prime, square_root
from symtherm.derive.spohn import spohn_proof
from tests.derive.test_prove_rules import ring, two_qubits

ZERO = sp.Integer(0)
b, d = sp.symbols("b d")
D, B = {"name": "d", "kind": "real"}, {"name": "b", "kind": "positive"}
R = {"name": "R", "kind": "root", "value": "d**2 + b**2"}


def functions(**tables):
    return {"exp": {}, "sqrt": {}, "log": {}, "turn": {}, **tables}


def certificate(**changes):
    """sqrt(d^2 + b^2) - d >= 0 for real d and b > 0."""
    base = {
        "rule": "visible sign",
        "relation": ">=",
        "claim": "sqrt(d**2 + b**2) - d",
        "names": [D, B, R],
        "functions": functions(sqrt={"d**2 + b**2": "R"}),
        "terms": [{"factor": "((R - d)**2 + b**2)/(2*R)"}],
    }
    base.update(changes)
    return base


def test_the_honest_certificate_is_accepted_and_says_what_was_checked():
    result = replay(certificate())
    assert result.valid and result.log2_error < -80
    assert result.statement == "sqrt(d**2 + b**2) - d >= 0, if d real, b > 0"


L = {"name": "l", "kind": "log", "value": "b"}
LOG = {
    "claim": "b*log(b) - b + 1",
    "names": [B, L],
    "functions": functions(log={"b": {"powers": {"l": 1}}, "1": {"powers": {}}}),
    "terms": [{"factor": "1", "pair": ["b", "1"], "function": "klein"}],
}
X = {"name": "x", "kind": "real"}
S = {"name": "s", "kind": "assumed", "value": "x - sqrt(b**2 + 1)"}
ABOVE = {
    "claim": "x - sqrt(b**2 + 1)",
    "names": [B, X, {"name": "R", "kind": "root", "value": "b**2 + 1"}, S],
    "functions": functions(sqrt={"b**2 + 1": "R"}),
    "terms": [{"factor": "s"}],
}
UNIT = {
    "claim": "1/x - 1",
    "names": [
        {"name": "x", "kind": "positive"},
        {"name": "rest", "kind": "assumed", "value": "1 - x"},
        {"name": "y", "kind": "defined", "value": "rest/x"},
    ],
    "functions": functions(),
    "terms": [{"factor": "y"}],
}
Z = {"name": "z", "kind": "exponential", "value": "b"}
Y = {"name": "y", "kind": "defined", "value": "1/expm1(b)"}
EXP = {  # exp(b) >= 1: y = 1/(exp(b) - 1) > 0
    "claim": "exp(b) - 1",
    "names": [B, Z, Y],
    "functions": functions(exp={"b": {"powers": {"z": 1}}}),
    "terms": [{"factor": "1/y"}],
}
T = {"name": "t", "kind": "angle", "value": "d"}
TURN = {
    "claim": "1 - cos(2*d)",
    "names": [D, T],
    "functions": functions(turn={"2*d": {"powers": {"t": 2}}}),
    "terms": [{"factor": "2*(2*t/(1 + t**2))**2"}],
}
HONEST = {
    "klein": LOG, "above a root": ABOVE, "below one": UNIT, "exp": EXP, "an angle": TURN,
}  # fmt: skip


@pytest.mark.parametrize("name", HONEST)
def test_honest_certificates_of_other_kinds_are_accepted(name):
    assert replay(certificate(**HONEST[name])).valid


def test_assumptions_are_part_of_the_statement():
    assert "x - sqrt(b**2 + 1) > 0" in replay(certificate(**ABOVE)).statement


def root(value, **more):
    return {"name": "R", "kind": "root", "value": value, **more}


def sqrt(text, form="R"):
    return functions(sqrt={text: form})


SQUARE = [D, B, root("b**2")]
FORGED = {
    "the claim's sign": {"claim": "d - sqrt(d**2 + b**2)"},
    "a claim that is only true of |d|": {"claim": "sqrt(d**2 + b**2) - 2*d"},
    "a negative radicand": {
        "names": [D, B, root("-b**2")],
        "claim": "-b**2",
        "terms": [{"factor": "R**2"}],
    },
    "a radicand of either sign": {
        "names": [D, B, root("d**3")],
        "claim": "d**3",
        "terms": [{"factor": "R**2"}],
    },
    "the negative root": {"functions": sqrt("d**2 + b**2", "-R")},
    "the negative root as a product": {"functions": sqrt("d**2 + b**2", "(0 - 1)*R")},
    "the root of something else": {"functions": sqrt("d**2 + b**2", "2*R")},
    "no record of the root": {"functions": functions()},
    "a root defined through itself": {"functions": sqrt("d**2 + b**2", "sqrt(d**2 + b**2)")},
    "a factor of either sign": {"terms": [{"factor": "R - d"}]},
    "a factor that is a constant false": {"claim": "0 - 1", "terms": [{"factor": "R/(0 - R)"}]},
    "a root that is a variable too": {
        "names": [D, B, {"name": "R", "kind": "positive"}, R],
        "claim": "R",
        "terms": [{"factor": "R"}],
    },
    "a claim about the root's name": {"claim": "R", "terms": [{"factor": "R"}]},
    "a root under itself": {"names": [D, B, root("R + 1")]},
    "a root of an undeclared name": {"names": [D, B, root("z")]},
    "a root called sqrt": {
        "names": [D, B, {**R, "name": "sqrt"}],
        "functions": sqrt("d**2 + b**2", "sqrt"),
    },
    "seven roots": {"names": [D, B, R, *(root(str(k), name=f"R{k}") for k in range(6))]},
    # R = b, so R - b is zero, but no zero of the ring: division by it must not work.
    "division by a zero divisor": {
        "names": SQUARE,
        "claim": "0 - b",
        "terms": [{"factor": "(R - b)**2/(R - b)**2*R"}],
    },
    "a division by zero that cancels": {
        "names": SQUARE,
        "claim": "0 - 1",
        "terms": [{"factor": "((R - b)*(0 - 1)/(R - b))**1"}],
    },
    # sqrt(b) + sqrt(b) is not zero, whatever signs residues have.
    "a sum that is zero for one choice of signs": {
        "names": [B, root("b"), root("b", name="Q")],
        "functions": sqrt("b"),
        "claim": "0 - sqrt(b)",
        "terms": [{"factor": "Q"}],
    },
    "the imaginary unit": {"claim": "0 - b**2", "terms": [{"factor": "(I*b)**2"}]},
    "an equality with a term": {"relation": "=="},
    "an unknown relation": {"relation": ">"},
    "an unknown kind": {"names": [D, B, {**R, "kind": "large"}]},
    # logarithms
    "a logarithm of another factor": {
        **LOG,
        "functions": functions(log={"b": {"powers": {"l": 2}}, "1": {"powers": {}}}),
    },
    "a logarithm of one that is not zero": {
        **LOG,
        "functions": functions(log={"b": {"powers": {"l": 1}}, "1": {"powers": {"l": 1}}}),
    },
    "half a logarithm": {
        **LOG,
        "functions": functions(
            log={"b": {"powers": {"l": 1}, "times": 2, "visible": "b"}, "1": {"powers": {}}}
        ),
    },
    "minus one logarithm": {
        **LOG,
        "functions": functions(
            log={"b": {"powers": {"l": -1}, "times": -1, "visible": "b"}, "1": {"powers": {}}}
        ),
    },
    "a logarithm of no sign": {
        **LOG,
        "names": [B, {**L, "value": "b - 1"}],
        "functions": functions(log={"b - 1": {"powers": {"l": 1}}, "1": {"powers": {}}}),
        "claim": "(b - 1)*log(b - 1) - (b - 1) + 1",
        "terms": [{"factor": "1", "pair": ["b - 1", "1"], "function": "klein"}],
    },
    "a logarithm of an even power of no sign": {
        "names": [D, {**L, "value": "d**2"}],
        "functions": functions(log={"d": {"powers": {"l": 1}, "times": 2, "visible": "d"}}),
        "claim": "log(d) - log(d)",
        "terms": [],
    },
    "a logarithm that is a parameter": {
        **LOG,
        "names": [B, {"name": "l", "kind": "real"}, L],
        "claim": "b*l - b + 1",
    },
    "a logarithm of itself": {**LOG, "names": [B, {**L, "value": "b*exp(l)"}]},
    "a positive logarithm": {**LOG, "claim": "log(b)", "terms": [{"factor": "l"}]},
    "a function that is not monotone": {
        **LOG,
        "terms": [{"factor": "1", "pair": ["b", "1"], "function": "cos"}],
    },
    # assumptions
    "no assumption": {**ABOVE, "names": [*ABOVE["names"][:-1], {**S, "kind": "defined"}]},
    "an assumption about a name that is no parameter": {
        **ABOVE,
        "names": [*ABOVE["names"][:-1], {**S, "value": "x - R"}],
    },
    "an assumption about something later": {**ABOVE, "names": [S, *ABOVE["names"][:-1]]},
    "an unmentioned range": {
        **UNIT,
        "names": [UNIT["names"][0], {"name": "y", "kind": "defined", "value": "(1 - x)/x"}],
    },
    # exponentials
    "an exponent made of its exponential": {
        "claim": "exp(0 - sqrt(b)) - b",
        "relation": "==",
        "names": [{"name": "b", "kind": "exponential", "value": "sqrt(b)"}, root("b")],
        "functions": functions(sqrt={"b": "R"}, exp={"0 - sqrt(b)": {"powers": {"b": -1}}}),
        "terms": [],
    },
    "odds of no sign": {
        "claim": "exp(d) - 1",
        "names": [D, {**Z, "value": "d"}, {**Y, "value": "1/expm1(d)"}],
        "functions": functions(exp={"d": {"powers": {"z": 1}}}),
        "terms": [{"factor": "1/y"}],
    },
    "odds of a kind of their own": {**EXP, "names": [B, Z, {**Y, "kind": "odds", "value": "b"}]},
    "half the odds": {**EXP, "names": [B, Z, {**Y, "value": "1/2/expm1(b)"}]},
    "an exponential of another exponent": {
        **EXP,
        "functions": functions(exp={"b": {"powers": {"z": 2}}}),
    },
    "an angle as an exponential": {
        "claim": "exp(d) - exp(d)",
        "names": [D, T],
        "functions": functions(exp={"d": {"powers": {"t": 1}}}),
        "terms": [],
    },
    "a coordinate that is no integer": {
        **EXP,
        "functions": functions(exp={"b": {"powers": {"z": True}}}),
    },
    "an abbreviation of something negative": {
        "names": [D, B, {"name": "k", "kind": "defined", "value": "0 - b"}],
        "functions": functions(),
        "claim": "0 - b",
        "terms": [{"factor": "k"}],
    },
    "an abbreviation that is a parameter": {
        "names": [D, B, {"name": "d", "kind": "defined", "value": "b"}],
        "functions": functions(),
        "claim": "d",
        "terms": [{"factor": "d"}],
    },
    "an angle of twice the size": {
        **TURN,
        "functions": functions(turn={"2*d": {"powers": {"t": 1}}}),
    },
}


@pytest.mark.parametrize("name", FORGED)
def test_forged_certificates_are_rejected(name):
    result = replay(certificate(**FORGED[name]))
    assert not result.valid and result.reason


MALFORMED = {
    "deep": "(" * 100_000 + "d" + ")" * 100_000,
    "long": " + ".join(["d"] * 100_000),
    "nested": "exp(" * 40 + "d" + ")" * 40,
    "tower": "2" + "**2" * 50,
    "digits": "9" * 5000,
    "power": "d**99999",
    "code": "__import__('os')",
    "spaces": "d d",
    "open": "d +",
    "empty": "",
    "function": "abs(d)",
    "a list": ["d"],
}


@pytest.mark.parametrize("name", MALFORMED)
def test_texts_that_are_no_expressions_are_rejected_by_name(name):
    """No recursion limit, no Python evaluation, no unnamed error."""
    result = replay(certificate(claim=MALFORMED[name]))
    assert not result.valid and "malformed" not in result.reason


def test_long_sums_are_replayed():
    xs = parameters(" ".join(f"x_{k}" for k in range(12)))
    proof = prove(Claim(sp.expand(sum(xs) ** 4), ">=", ZERO))
    assert proof.proved and replay(proof).valid


# -- theorems -----------------------------------------------------------------------------------------

NETWORK = {
    "rate": lambda d: d["terms"][0]["pair"].__setitem__(0, "2*(" + d["terms"][0]["pair"][0] + ")"),
    "factor": lambda d: d["terms"][0].update(factor="2"),
    "an edge left out": lambda d: d["terms"].pop(),
    "an edge twice": lambda d: d["terms"].append(d["terms"][0]),
    "claim": lambda d: d.update(claim="2*(" + d["claim"] + ")"),
    "a population": lambda d: named(d, "Z").update(value="2*(" + named(d, "Z")["value"] + ")"),
    "a flux without its force": lambda d: d["functions"]["log"][d["terms"][0]["pair"][0]].update(
        powers=d["functions"]["log"][d["terms"][0]["pair"][1]]["powers"]
    ),
    "equality": lambda d: d.update(relation="=="),
}


def named(data, name):
    return next(record for record in data["names"] if record["name"] == name)


@pytest.mark.parametrize("name", NETWORK)
def test_an_altered_network_is_rejected(name):
    good = dict(network_proof(ring(3, [(0, 1), (1, 2), (0, 2)]).second_law).certificate)
    assert replay(good).valid
    data = copy.deepcopy(good)
    NETWORK[name](data)
    assert not replay(data).valid


SPOHN = {
    "the other sign of R in a level": lambda d: d["parts"][1]["modular"][0].__setitem__(
        2, "-" + d["parts"][1]["modular"][0][2]
    ),
    "a radicand": lambda d: next(r for r in d["names"] if r["kind"] == "root").update(value="g**2"),
    "a root that is another": lambda d: d["functions"]["sqrt"].update(
        {k: "2*(" + v + ")" for k, v in d["functions"]["sqrt"].items()}
    ),
    "a state": lambda d: d["state"][0].__setitem__(2, "1/2*(" + d["state"][0][2] + ")"),
    "an abbreviation": lambda d: next(r for r in d["names"] if r["kind"] == "defined").update(
        value="g"
    ),
    "temperature": lambda d: d["parts"][1].update(
        modular=[[i, j, v.replace("T_1", "T_2")] for i, j, v in d["parts"][1]["modular"]]
    ),
    "a temperature of a jump": lambda d: d["parts"][1]["jumps"][0].update(
        exponent=d["parts"][2]["jumps"][0]["exponent"]
    ),
}


@pytest.mark.parametrize("name", SPOHN)
def test_altered_data_with_roots_are_rejected_by_spohns_rule(name):
    good = dict(spohn_proof(two_qubits(True).second_law).certificate)
    assert replay(good).valid
    data = copy.deepcopy(good)
    SPOHN[name](data)
    assert not replay(data).valid


# -- the numbers of the checker ------------------------------------------------------------------------


def test_square_roots_modulo_a_prime():
    for _ in range(20):
        p = random_prime()
        assert p % 4 == 1 and sp.isprime(p) and p.bit_length() == 128
        n = randbelow(p)
        assert square_root(n * n % p, p) in (n, p - n)
        other = next(k for k in range(2, 100) if pow(k, p // 2, p) == p - 1)
        for hopeless in (other, 0):
            with pytest.raises(Redraw):
                square_root(hopeless, p)


def checker_with(roots):
    """A checker whose names R0, R1, ... are square roots of the given texts."""
    names = [{"name": f"R{k}", "kind": "root", "value": r} for k, r in enumerate(roots)]
    checker = Checker(certificate(names=[D, B, *names]))
    for _ in range(2000):
        try:
            checker.draw(random_prime())
            return checker
        except Redraw:
            continue
    raise AssertionError("no point")


def test_every_choice_of_signs_is_there_once():
    c = checker_with(["2", "5 + R0"])
    R0, R1 = c.names["R0"].residues, c.names["R1"].residues
    assert len(set(zip(c.unit.residues, R0, R1, strict=True))) == c.width == 8
    for i, x, y in zip(c.unit.residues, R0, R1, strict=True):
        assert (i * i + 1) % c.p == (x * x - 2) % c.p == (y * y - 5 - x) % c.p == 0
    conjugate = (c.unit + c.names["R1"]).conjugate()
    assert conjugate.residues == (c.names["R1"] - c.unit).residues


@pytest.mark.parametrize(
    ("text", "exact"),
    [
        ("(b + 1)**7/(d - b)**3", (b + 1) ** 7 / (d - b) ** 3),
        ("1/(1/b + 1/d)", b * d / (b + d)),
        ("-3*b**2 + 2*d/b", (2 * d - 3 * b**3) / b),
        ("(R0 + b)**3", b**6),
    ],
)
def test_weights_bound_degrees_and_norms(text, exact):
    """Of (R + b)^3 with R^2 = b^4 + 3, once R^2 is replaced: b^3 + 3 b R^2 + ..., degree 6."""
    c = checker_with(["b**4 + 3"])
    weight = c.read(text).weight
    num, den = (sp.Poly(e, b, d) for e in sp.cancel(exact).as_numer_denom())
    assert weight >= max(num.total_degree(), den.total_degree())
    assert max(sum(map(abs, q.coeffs())) for q in (num, den)) <= 2**weight


def test_the_error_grows_with_what_is_compared():
    short, long = (
        replay(certificate(**{**UNIT, "claim": f"(1/x - 1){extra}"})).log2_error
        for extra in ("", "*(1 + x)**900/(1 + x)**900")
    )
    assert -125 < short < long < -80


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("-b**2", "0 - b*b"),
        ("-b**2 - 3/(d + 1)**(-2)", "0 - (b*b) - (3*(d + 1)*(d + 1))"),
        ("b - d - 1", "(b - d) - 1"),
        ("b/d/2", "b/(2*d)"),
        ("b/d*2", "2*b/d"),
        ("2*-b", "-(2*b)"),
        ("b - -d", "b + d"),
        ("(b)**-1", "1/b"),
    ],
)
def test_texts_are_read_as_usual(text, same):
    c = checker_with([])
    assert c.read(text).residues == c.read(same).residues


def test_texts_outside_the_grammar_are_no_expressions():
    c = checker_with([])
    for text in (
        *("b**d", "exp", "exp b", "exp + 1", "()", "b()", "2b", "b 2", "b**(2", "1.5", "é"),
        *("b**-1.5", "(b", "b)", "*b", "b//d", "b,d", "b**2**3", "b@d", "b<d", "b[0]", "b.d"),
        *("b if d else 1", "b and d", "not b", "lambda: b", "True", "1e5", "2j", "+b", "~b"),
        *("exp(b, d)", "exp(*b)", "exp(x=b)", "exp()", "abs(b)", "(b := d)", "await b", "b\n"),
        *(" b", "'b'", "b % d", "b**10000", "b**(d - d)", "z", "b**(2 + 1)", "__debug__", "None"),
    ):
        with pytest.raises(Invalid):
            c.read(text)
