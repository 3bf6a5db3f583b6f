"""Certificates of false statements that follow the grammar, and texts made to keep a reader busy.

Each claim in FALSE fails where it and its assumptions are defined; the comment says by what a checker
might be misled.
"""

from __future__ import annotations

from copy import deepcopy

import pytest

from symtherm import replay
from symtherm.derive.safe import safe_divisions

X = {"name": "x", "kind": "positive"}
V = {"name": "v", "kind": "real"}


def log(name, value):
    return {"name": name, "kind": "log", "value": value}


def functions(**tables):
    return {"exp": {}, "sqrt": {}, "log": {}, "turn": {}, **tables}


def powers(**found):
    return {"powers": found}


def certificate(**changes):
    base = {"rule": "sum of terms", "relation": ">=", "claim": "0 - 1", "names": [X], "terms": []}
    return {**base, "functions": functions(), **changes}


def two_sided(D, a, b):
    """-1 as a sum of two terms that are nonnegative but for a division by D = 0.

    If Klein's terms of (a, b) and (b, a) are D and -D, then
    (D - 1)^2/(4 D^2) D + (D + 1)^2/(4 D^2) (-D) = -1.
    """
    return [
        {"factor": f"({D} {sign} 1)**2/(4*({D})**2)", "pair": pair, "function": "klein"}
        for sign, pair in (("-", [a, b]), ("+", [b, a]))
    ]


TWO_LOGS = certificate(
    names=[X, log("l", "x"), log("m", "x")],
    functions=functions(log={"x*1": powers(l=1), "x": powers(m=1)}),
    terms=two_sided("x*(l - m)", "x*1", "x"),
)
Y, Z = ({"name": n, "kind": "exponential", "value": "x"} for n in "yz")
TWO_EXPONENTIALS = certificate(
    names=[X, Y, Z],
    functions=functions(
        exp={"x": powers(y=1), "x*1": powers(z=1)},
        log={"exp(x)": powers(y=1), "exp(x*1)": powers(z=1)},
    ),
    terms=two_sided("1/z - 1/y", "exp(x)", "exp(x*1)"),
)


def behind_a_name(kind, value, divisor):
    data = deepcopy(TWO_LOGS)
    data["names"].append({"name": "k", "kind": kind, "value": value})
    for term in data["terms"]:
        term["factor"] = term["factor"].replace("/(4*(x*(l - m))**2)", divisor)
    return data


ODDS = [
    {"name": "z", "kind": "exponential", "value": "0"},
    {"name": "y", "kind": "defined", "value": "1/expm1(0)"},
]
ODDS_OF_ZERO = certificate(
    names=[X, *ODDS],
    functions=functions(exp={"0": powers(z=1)}, log={"exp(0)": powers(z=1), "1": powers()}),
    terms=[{"factor": "y", "pair": ["exp(0)", "1"], "function": "klein"}],
)
FLIP = [[0, 1, "1"], [1, 0, "1"]]


def flipped(rate):
    """A flip of negative rate drives diag(x, 1)/(1 + x) away from 1/2: Spohn's rate changes sign."""
    return certificate(
        rule="spohn",
        dimension=2,
        claim="0 - (log(x/(x + 1)) - log(1/(x + 1)))*(x - 1)/(x + 1)",
        names=[X, log("l", "x"), log("m", "x + 1"), log("h", "2")],
        functions=functions(
            log={
                "x/(x + 1)": powers(l=1, m=-1),
                "1/(x + 1)": powers(m=-1),
                "1/2": powers(h=-1),
            }
        ),
        rho=[
            {"value": "x/(x + 1)", "projector": [[0, 0, "1"]]},
            {"value": "1/(x + 1)", "projector": [[1, 1, "1"]]},
        ],
        parts=[part(jumps=[{"operator": FLIP, "rate": rate}], sigma=HALF)],
    )


HALF = [{"value": "1/2", "projector": [[0, 0, "1"], [1, 1, "1"]]}]


def part(**changes):
    return {"hamiltonian": [], "jumps": [], **changes}


def driven(modular, **changes):
    """A driven qubit and a bath with the jumps of exp(-K), where K has to be Hermitian."""
    down = {"operator": [[0, 1, "1"]], "exponent": "log(2)", "rate": "2"}
    up = {"operator": [[1, 0, "1"]], "exponent": "-log(2)", "rate": "1"}
    bath = part(modular=modular, jumps=[down, up]) | changes
    return certificate(
        rule="spohn",
        dimension=2,
        claim="4*log(2)/17 - 6*v/17",
        names=[V, log("l", "2")],
        functions=functions(
            log={"2": powers(l=1)}, exp={"log(2)": powers(l=1), "-log(2)": powers(l=-1)}
        ),
        state=[[0, 0, "10/17"], [1, 1, "7/17"], [0, 1, "2*I/17"], [1, 0, "-2*I/17"]],
        parts=[part(hamiltonian=FLIP, modular=[]), bath],
    )


LN2 = [1, 1, "log(2)"]


FALSE = {
    # ln x twice, as two free letters: their difference is zero, but not as a polynomial.
    "a division by two logarithms that are equal": TWO_LOGS,
    "a division by two exponentials that are equal": TWO_EXPONENTIALS,
    "the same behind a name": behind_a_name("defined", "1/(4*(x*(l - m))**2)", "*k"),
    "the same behind a root": behind_a_name("root", "4*(x*(l - m))**2", "/k**2"),
    # y/(1 + y) = exp(-0) has no finite y.
    "odds of zero": ODDS_OF_ZERO,
    # The imaginary unit is read in operators; a rate is a number.
    "a negative rate as I**2": flipped("I**2"),
    "a negative rate as a sum": flipped("1 + 2*I**2"),
    "a negative rate as a sum of squares": flipped("x/x + 2*(I*x)**2/x**2"),
    # K has to be Hermitian, and [K, L] = -x L for both jumps.
    "K with an imaginary part": driven([LN2, [0, 1, "-I*v"], [1, 0, "-I*v"]]),
    "K with a coherence": driven([LN2, [0, 1, "-I*v"], [1, 0, "I*v"]]),
    "twice K": driven([[1, 1, "2*log(2)"]]),
    "K of the other sign": driven([[1, 1, "-log(2)"]]),
    "a bath that the drive moves": driven([LN2], hamiltonian=FLIP),
}  # fmt: skip


@pytest.mark.parametrize("name", FALSE)
def test_certificates_of_false_statements_are_rejected(name):
    result = replay(FALSE[name])
    assert not result.valid and "malformed" not in result.reason and not result.statement


def test_the_honest_relatives_are_accepted():
    """With one logarithm, a positive rate, a real potential: what the forgeries differ by."""
    one = certificate(
        claim="x*(log(x) - log(x*1))",
        names=[X, log("l", "x")],
        functions=functions(log={"x*1": powers(l=1), "x": powers(l=1)}),
        terms=[{"factor": "1/(x - 2)**2", "pair": ["x", "x*1"], "function": "klein"}],
    )
    good = flipped("1")
    good["claim"] = good["claim"].removeprefix("0 - ")
    real = driven([LN2]) | {"claim": "4*log(2)/17"}
    for data in (one, good, real):
        assert replay(data).valid


@pytest.mark.parametrize("kind", ["defined", "log"])
@pytest.mark.parametrize("value", ["0", "(l - m)**2", "sqrt(x) - sqrt(x)"])
def test_odds_and_logarithms_of_what_may_be_zero_everywhere_are_rejected(kind, value):
    def valid(value):
        names = [X, log("l", "x"), log("m", "x"), {"name": "e", "kind": "exponential"}]
        names[-1]["value"] = value
        text = value if kind == "log" else f"1/expm1({value})"
        names.append({"name": "k", "kind": kind, "value": text})
        tables = functions(exp={value: powers(e=1)}, sqrt={"x": "x"})
        data = certificate(claim="x", names=names, terms=[{"factor": "x"}], functions=tables)
        return replay(data).valid

    assert not valid(value)
    assert valid("x + (l - m)**2")


@pytest.mark.parametrize("temperature", ["0", "v**2 - v**2", "(log(2) - log(2))**2"])
def test_a_temperature_is_not_zero(temperature):
    data = driven([[1, 1, f"log(2)/({temperature})"]])
    assert not replay(data | {"claim": "0"}).valid


def test_a_weight_without_bound_is_no_number_that_passes():
    """Degree 9999^90, then to the power zero: the weight of 1 is zero, not infinity times zero."""
    tower = "(" * 90 + "x" + ")**9999" * 90
    result = replay(certificate(claim=f"({tower})**0 - 1", relation="=="))
    assert result.valid and result.log2_error < -80
    result = replay(certificate(claim=f"{tower} - {tower}", relation="=="))
    assert not result.valid and "too large" in result.reason


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("1/(x - 1)", True),  # an algebraic function: not zero as a polynomial, so not a function
        ("1/sqrt(x - 1)", True),
        ("1/(1 + y + v**2)", True),  # positive
        ("1/(y*(x - 1)**2)", True),
        ("y**-2", True),
        ("1/exp(l)", True),
        ("1/(y - 1)", False),
        ("1/(y - 1)**2", False),
        ("(l + 1)**-1", False),
        ("1/(l**2 + v**2)", True),  # zero at most where v is
        ("1/(l**2 + (v - v)**2)", False),
        ("1/(l**2 + (x - y)**2)", False),
        ("1/sqrt(l**2)", False),
        ("1/cos(x)", False),
        ("exp(1/l)", False),
        ("1/(1 + I*I + l**2)", False),
    ],
)
def test_divisions_are_safe_by_positive_or_algebraic_expressions(text, safe):
    names, text = [X, V, Y, log("l", "x")], text.replace("y**-2", "(y)**-2")
    assert safe_divisions(names, [text]) == safe
    assert safe_divisions(names, [text.replace("/", "*").replace("**-", "**")])


BLANK = " " * 200_000
LONG = "+".join(["x"] * 50_000)
DENSE = [[i, j, "x"] for i in range(40) for j in range(40)]
BUSY = {
    "blanks in a power": certificate(claim=f"x**{BLANK}y"),
    "blanks in a power with parentheses": certificate(claim=f"x**({BLANK}y"),
    "digits in a power": certificate(claim="x**(" + "1" * 200_000),
    "parentheses around functions": certificate(
        claim="(" * 200_000 + "+".join(["exp(x)"] * 20_000) + ")" * 200_000
    ),
    "names and a long sum": certificate(
        names=[{"name": f"x{k}", "kind": "real"} for k in range(20_000)],
        terms=[{"factor": LONG.replace("x", "x0")}],
    ),
    "a long record that is read at every draw": certificate(
        names=[X, {"name": "R", "kind": "root", "value": "0"}],
        functions=functions(exp={LONG: {}}),
    ),
    "records that lead to records": certificate(
        claim="sqrt(x)",
        functions=functions(
            sqrt={"x" + "+0" * k: "sqrt(x" + "+0" * (k + 1) + ")" for k in range(600)}
        ),
    ),
    "large operators": certificate(
        rule="spohn",
        claim="0",
        dimension=40,
        state=[[i, i, "1/40"] for i in range(40)],
        parts=[part(modular=[], jumps=[{"operator": DENSE, "rate": "x"}] * 3)],
    ),
}


@pytest.mark.parametrize("name", BUSY)
def test_texts_that_take_long_are_given_up(name):
    """Linear reading, and a bound on the arithmetic: each of these took minutes, or crashed."""
    result = replay(BUSY[name])
    assert not result.valid and result.reason


@pytest.mark.parametrize("argument", ["0", "x - x", "x - 1", "r"])
def test_expm1_of_what_may_be_zero_divides_nothing(argument):
    """exp(u) - 1 vanishes where u does, so only the form of a positive u makes it safe."""
    certificate = {
        "rule": "sum of terms",
        "claim": "0",
        "relation": ">=",
        "names": [X, {"name": "r", "kind": "real"}, {**Y, "value": argument}],
        "functions": functions(exp={argument: powers(y=1)}),
        "terms": [{"factor": "1", "pair": [f"1/expm1({argument})**2", "1"], "function": "log"}],
    }
    result = replay(certificate)
    assert not result.valid
    assert "division" in result.reason
