"""Forged certificates with roots, logarithms, orders and networks: each is rejected, by reason."""

from __future__ import annotations

import copy
from random import Random

import pytest
import sympy as sp

from symtherm import Claim, parameters, prove, replay
from symtherm.derive.network import network_proof
from symtherm.derive.replay_ring import Invalid, Modular, Size
from symtherm.derive.replay_text import parse
from symtherm.derive.spohn import spohn_proof
from tests.derive.test_prove_rules import ring, two_qubits

ZERO = sp.Integer(0)
R = {"name": "R", "radicand": "d**2 + b**2", "visible": "d**2 + b**2"}


def certificate(**changes):
    """sqrt(d^2 + b^2) - d >= 0 for real d and b > 0."""
    base = {
        "rule": "visible sign",
        "relation": ">=",
        "claim": "sqrt(d**2 + b**2) - d",
        "variables": {"d": "real", "b": "positive"},
        "roots": [R],
        "substitutions": {"d": "d", "b": "b"},
        "orders": {},
        "exponents": [],
        "exponentials": {},
        "radicals": {"d**2 + b**2": "R"},
        "terms": [{"factor": "((R - d)**2 + b**2)/(2*R)"}],
    }
    base.update(changes)
    return base


def test_the_honest_certificate_is_accepted():
    result = replay(certificate())
    assert result.valid and result.log2_error < -80


LOG = {
    "claim": "b*log(b) - b + 1",
    "roots": [],
    "radicals": {},
    "variables": {"b": "positive", "l": "real"},
    "substitutions": {"b": "b"},
    "logarithms": [{"name": "l", "argument": "b"}],
    "logs": {"b": {"powers": [1]}, "1": {"powers": [0]}},
    "terms": [{"factor": "1", "pair": ["b", "1"], "function": "klein"}],
}
ABOVE = {
    "claim": "x - sqrt(b**2 + 1)",
    "variables": {"b": "positive", "s": "positive"},
    "roots": [{"name": "R", "radicand": "b**2 + 1", "visible": "b**2 + 1"}],
    "substitutions": {"b": "b", "x": "s + R"},
    "orders": {"x - sqrt(b**2 + 1)": "s"},
    "radicals": {"b**2 + 1": "R"},
    "terms": [{"factor": "s"}],
}
UNIT = {
    "claim": "1 - x",
    "variables": {"y": "positive"},
    "roots": [],
    "radicals": {},
    "substitutions": {"x": "1*y/(1 + y)"},
    "units": {"x": {"below": "1", "name": "y"}},
    "terms": [{"factor": "1/(1 + y)"}],
}


@pytest.mark.parametrize("honest", [LOG, ABOVE, UNIT], ids=["klein", "above a root", "below one"])
def test_honest_certificates_of_other_kinds_are_accepted(honest):
    assert replay(certificate(**honest)).valid


SQUARE = [{"name": "R", "radicand": "b**2", "visible": "b**2"}]
FORGED = {
    "the claim's sign": {"claim": "d - sqrt(d**2 + b**2)"},
    "a claim that is only true of |d|": {"claim": "sqrt(d**2 + b**2) - 2*d"},
    "a negative radicand": {
        "roots": [{"name": "R", "radicand": "-b**2", "visible": "-b**2"}],
        "radicals": {},
        "claim": "-b**2",
        "terms": [{"factor": "R**2"}],
    },
    "a negative radicand shown as another": {
        "roots": [{"name": "R", "radicand": "-b**2", "visible": "b**2"}],
        "radicals": {},
        "claim": "-b**2",
        "terms": [{"factor": "R**2"}],
    },
    "a radicand of either sign": {
        "roots": [{"name": "R", "radicand": "d**3", "visible": "d**3"}],
        "radicals": {},
        "claim": "d**3",
        "terms": [{"factor": "R**2"}],
    },
    "the negative root": {"radicals": {"d**2 + b**2": "-R"}},
    "the negative root as a product": {"radicals": {"d**2 + b**2": "(0 - 1)*R"}},
    "the root of something else": {"radicals": {"d**2 + b**2": "2*R"}},
    "no record of the root": {"radicals": {}},
    "a root defined through itself": {"radicals": {"d**2 + b**2": "sqrt(d**2 + b**2)"}},
    "a factor of either sign": {"terms": [{"factor": "R - d"}]},
    "a factor that is a constant false": {"claim": "0 - 1", "terms": [{"factor": "R/(0 - R)"}]},
    "a root that is a variable too": {
        "variables": {"d": "real", "b": "positive", "R": "positive"},
        "claim": "R",
        "terms": [{"factor": "R"}],
    },
    "a claim about the root's name": {"claim": "R", "terms": [{"factor": "R"}]},
    "a root under itself": {"roots": [{"name": "R", "radicand": "R + 1", "visible": "R + 1"}]},
    "a root of an undeclared name": {"roots": [{"name": "R", "radicand": "z", "visible": "z"}]},
    "a radicand that is no polynomial": {
        "roots": [{"name": "R", "radicand": "1/b", "visible": "1/b"}]
    },
    "a root called sqrt": {"roots": [{**R, "name": "sqrt"}], "radicals": {"d**2 + b**2": "sqrt"}},
    "seven roots": {
        "roots": [R, *({"name": f"R{k}", "radicand": str(k), "visible": str(k)} for k in range(6))]
    },
    # R = b, so R - b is zero, but no zero of the ring: division by it must not work.
    "division by a zero divisor": {
        "roots": SQUARE,
        "radicals": {},
        "claim": "0 - b",
        "terms": [{"factor": "(R - b)**2/(R - b)**2*R"}],
    },
    "a division by zero that cancels": {
        "roots": SQUARE,
        "radicals": {},
        "claim": "0 - 1",
        "terms": [{"factor": "((R - b)*(0 - 1)/(R - b))**1"}],
    },
    "the imaginary unit": {"claim": "0 - b**2", "terms": [{"factor": "(I*b)**2"}]},
    "an equality with a term": {"relation": "=="},
    "an unknown relation": {"relation": ">"},
    # logarithms
    "a logarithm of another factor": {**LOG, "logs": {**LOG["logs"], "b": {"powers": [2]}}},
    "a logarithm of one that is not zero": {**LOG, "logs": {**LOG["logs"], "1": {"powers": [1]}}},
    "half a logarithm": {**LOG, "logs": {**LOG["logs"], "b": {"powers": [1], "times": 2}}},
    "a logarithm of no sign": {
        **LOG,
        "logarithms": [{"name": "l", "argument": "b - 1"}],
        "logs": {"b - 1": {"powers": [1]}, "1": {"powers": [0]}},
        "claim": "(b - 1)*log(b - 1) - (b - 1) + 1",
        "terms": [{"factor": "1", "pair": ["b - 1", "1"], "function": "klein"}],
    },
    "a logarithm that is a parameter": {
        **LOG,
        "substitutions": {"b": "b", "l": "l"},
        "claim": "b*l - b + 1",
    },
    "a logarithm of itself": {**LOG, "logarithms": [{"name": "l", "argument": "b*exp(l)"}]},
    "a positive logarithm": {
        **LOG,
        "variables": {"b": "positive", "l": "positive"},
        "claim": "log(b)",
        "terms": [{"factor": "l"}],
    },
    "a function that is not monotone": {
        **LOG,
        "terms": [{"factor": "1", "pair": ["b", "1"], "function": "cos"}],
    },
    # assumptions
    "an order on a root of the ordered": {
        "claim": "x - 1",
        "variables": {"s": "positive"},
        "roots": [{"name": "R", "radicand": "s**2", "visible": "s**2"}],
        "substitutions": {"x": "1 + s"},
        "orders": {"sqrt((x - 1)**2)": "s"},
        "radicals": {"(x - 1)**2": "s"},
        "terms": [{"factor": "s"}],
    },
    "an order that is a square": {
        "claim": "x - 1",
        "variables": {"s": "positive"},
        "roots": [],
        "radicals": {},
        "substitutions": {"x": "1 + s"},
        "orders": {"(x - 1)**2/(x - 1)*1 + 0*x": "s", "x": "1 + s"},
        "terms": [{"factor": "s"}],
    },
    "no order": {**ABOVE, "orders": {}},
    "one order for two parameters": {
        **ABOVE,
        "substitutions": {"b": "b", "x": "s + R", "z": "s + 2*R"},
        "claim": "z - x",
        "terms": [{"factor": "R"}],
    },
    "a slack that is real": {**ABOVE, "variables": {"b": "positive", "s": "real"}},
    "below zero": {
        **UNIT,
        "units": {"x": {"below": "0", "name": "y"}},
        "substitutions": {"x": "0*y/(1 + y)"},
        "claim": "0 - x",
        "terms": [],
    },
    "below something else": {**UNIT, "units": {"x": {"below": "2", "name": "y"}}},
    "an unmentioned range": {**UNIT, "units": {}},
    # exponentials
    "an exponent made of its exponential": {
        "claim": "exp(0 - sqrt(b)) - b",
        "relation": "==",
        "roots": [{"name": "R", "radicand": "b", "visible": "b"}],
        "radicals": {"b": "R"},
        "exponents": [{"exponent": "sqrt(b)", "name": "b", "form": "b"}],
        "exponentials": {"0 - sqrt(b)": [-1]},
        "terms": [],
    },
    "an abbreviation of something negative": {
        "definitions": {"k": {"value": "0 - b", "visible": "b"}},
        "claim": "0 - b",
        "terms": [{"factor": "k"}],
    },
    "an abbreviation that is a parameter": {
        "definitions": {"d": {"value": "b", "visible": "b"}},
        "claim": "d",
        "terms": [{"factor": "d"}],
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
    "rate": lambda d: d["edges"][0].update(forward="2*(" + d["edges"][0]["forward"] + ")"),
    "negative rates": lambda d: d["edges"][0].update(
        forward="-1*(" + d["edges"][0]["forward"] + ")",
        backward="-1*(" + d["edges"][0]["backward"] + ")",
    ),
    "population": lambda d: d["populations"].__setitem__(0, "1/3"),
    "force": lambda d: d["edges"][0].update(force=d["edges"][1]["force"]),
    "an edge left out": lambda d: d["edges"].pop(),
    "an edge twice": lambda d: d["edges"].append(d["edges"][0]),
    "claim": lambda d: d.update(claim="2*(" + d["claim"] + ")"),
    "direction": lambda d: d["edges"][0].update(**{"to": 1, "from": 0}),
    "a state more": lambda d: d["populations"].append("0"),
    "an edge to nowhere": lambda d: d["edges"][0].update(to=7),
    "equality": lambda d: d.update(relation="=="),
}


@pytest.mark.parametrize("name", NETWORK)
def test_an_altered_network_is_rejected(name):
    good = dict(network_proof(ring(3, [(0, 1), (1, 2), (0, 2)]).second_law).certificate)
    assert replay(good).valid
    data = copy.deepcopy(good)
    NETWORK[name](data)
    assert not replay(data).valid


def test_states_that_only_a_vanishing_rate_connects_are_rejected():
    """R = b: the rate (R - b)^2 is written as a square, and is zero."""
    data = certificate(
        rule="schnakenberg",
        roots=SQUARE,
        claim="0",
        radicals={},
        populations=["1", "0"],
        edges=[
            {"from": 1, "to": 0, "forward": "(R - b)**2", "backward": "(R - b)**2", "force": "0"}
        ],
        exponentials={"0": []},
    )
    assert not replay(data).valid


SPOHN = {
    "the other sign of R in a level": lambda d: d["energy"][0].__setitem__(
        2, "-(" + d["energy"][0][2] + ")"
    ),
    "a radicand": lambda d: d["roots"][0].update(radicand="g**2", visible="g**2"),
    "a root that is another": lambda d: d["radicals"].update(
        {k: "2*(" + v + ")" for k, v in d["radicals"].items()}
    ),
    "a state": lambda d: d["state"][0].__setitem__(2, "1/2*(" + d["state"][0][2] + ")"),
    "an abbreviation": lambda d: next(iter(d["definitions"].values())).update(value="g"),
    "temperature": lambda d: d["dissipators"][0].update(temperature_visible="T_2"),
}


@pytest.mark.parametrize("name", SPOHN)
def test_altered_data_with_roots_are_rejected_by_spohns_rule(name):
    good = dict(spohn_proof(two_qubits(True).second_law).certificate)
    assert replay(good).valid
    data = copy.deepcopy(good)
    SPOHN[name](data)
    assert not replay(data).valid


# -- the ring of the checker ---------------------------------------------------------------------------


NAMES = sp.symbols("i v w")
SQUARES = (-1, 2, 3)


def coordinates_of(expr, prime):
    """Coordinates of a polynomial in i, v, w with i^2 = -1, v^2 = 2, w^2 = 3, by SymPy."""
    found = {}
    for powers, c in sp.Poly(expr, *NAMES).terms():
        value = c * sp.prod(s ** (k // 2) for s, k in zip(SQUARES, powers, strict=True))
        key = sum((k % 2) << bit for bit, k in enumerate(powers))
        found[key] = found.get(key, 0) + value
    return {k: int(v) % prime for k, v in found.items() if v}


def test_the_ring_multiplies_and_inverts_like_numbers_with_roots():
    modular, random = Modular(), Random(3)
    for n in SQUARES[1:]:
        modular.root((modular.integer(n)[0], Size()))
    for _ in range(30):
        pair = []
        for _ in range(2):
            terms = [
                random.choice((0, random.randint(-9, 9)))
                * sp.prod(n for k, n in enumerate(NAMES) if key >> k & 1)
                for key in range(8)
            ]
            pair.append(sum(terms, ZERO))
        x, y = pair
        a, b = (coordinates_of(e, modular.prime) for e in pair)
        assert modular.product(a, b) == coordinates_of(sp.expand(x * y), modular.prime)
        conjugate = coordinates_of(x.subs(NAMES[0], -NAMES[0]), modular.prime)
        assert modular.conjugate((a, Size()))[0] == conjugate
        if a:
            assert modular.product(a, modular.inverse(a)) == {0: 1}


def test_nested_roots_multiply_and_invert():
    modular = Modular()
    two = modular.root(modular.integer(2))
    nested = modular.root(modular.plus(modular.integer(5), two))
    square = modular.times(nested, nested)
    assert square[0] == modular.plus(modular.integer(5), two)[0]
    mixed = modular.plus(modular.times(two, nested), modular.integer(7))
    assert modular.times(mixed, modular.power(mixed, -1))[0] == {0: 1}
    both = modular.times(modular.times(two, nested), modular.times(two, nested))
    assert both[0] == modular.times(modular.integer(2), square)[0]


def test_a_zero_divisor_has_no_inverse_and_no_rank():
    modular = Modular()
    root = modular.root(modular.integer(4))
    zero = modular.plus(root, modular.integer(2), -1)  # sqrt(4) - 2
    with pytest.raises(ZeroDivisionError):
        modular.inverse(zero[0])
    with pytest.raises(ZeroDivisionError):
        modular.rank([{0: zero[0]}])


def test_bounds_hold_for_weighted_degrees_and_norms():
    """(R + x)^3 with R^2 = x^4 + 3 has degree 6 once R^2 is replaced; norms are not exceeded."""
    modular = Modular()
    x = modular.random()
    quartic = modular.plus(modular.power(x, 4), modular.integer(3))
    R2 = modular.root(quartic)
    size = modular.power(modular.plus(R2, x), 3)[1]
    # x^3 + 3 x (x^4 + 3) + (3 x^2 + x^4 + 3) R
    assert size.num >= 6 and 2**size.norm >= 1 + 3 * 4


def test_the_parser_reads_what_it_writes_down():
    assert parse("-x**2 - 3/(y + 1)**(-2)") == (
        ("name", "x"),
        ("**", 2),
        ("neg",),
        ("int", 3),
        ("name", "y"),
        ("int", 1),
        ("+",),
        ("**", -2),
        ("/",),
        ("-",),
    )
    for text in ("x**y", "x**-1.5", "(x", "x)", "*x", "x//y", "x,y", "x**2**3"):
        with pytest.raises(Invalid):
            parse(text)
