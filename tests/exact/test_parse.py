"""Text to exact expressions: what the grammar means, and that nothing else gets through."""

from __future__ import annotations

import time
from fractions import Fraction

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import I, Rational, Symbol, exp, log, pi, sqrt, tanh

from symtherm.errors import BadExpression, SymthermError, UnknownSymbol
from symtherm.exact.parse import (
    FUNCTIONS,
    MAX_BITS,
    parse_assignments,
    parse_expression,
    parse_rational,
    parse_sweep,
)

x, y, Delta = Symbol("x", positive=True), Symbol("y", positive=True), Symbol("Delta", real=True)
SYMBOLS = {"x": x, "y": y, "Delta": Delta}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("x", x),
        ("-x**2", -(x**2)),
        ("2*x - y/3 + 1", 2 * x - y / 3 + 1),
        ("x/y/2", x / (2 * y)),
        ("x - y - 1", x - y - 1),
        ("x**-1", 1 / x),
        ("x**(1/2)", sqrt(x)),
        ("x**0.5", sqrt(x)),
        ("x**(-3/2)", x ** Rational(-3, 2)),
        ("2**-3**1", Rational(1, 8)),
        ("(x + y)**2", (x + y) ** 2),
        ("exp(-x/y)", exp(-x / y)),
        ("1/(exp(x/y) - 1)", 1 / (exp(x / y) - 1)),
        ("log(x*y)", log(x * y)),
        ("sqrt(x**2 + Delta**2)", sqrt(x**2 + Delta**2)),
        ("tanh(x/2)", tanh(x / 2)),
        ("coth(x) + sinh(x) + cosh(x)", sympy.coth(x) + sympy.sinh(x) + sympy.cosh(x)),
        ("I*Delta", I * Delta),
        ("pi/4", pi / 4),
        ("0.1", Rational(1, 10)),
        ("1e-3*x", x / 1000),
        ("5.", Rational(5)),
        (".5e1", Rational(5)),
        (" x\n +\t y ", x + y),
        ("+".join(["x"] * 900), 900 * x),
    ],
)
def test_the_meaning_of_expressions(text, value):
    """Python's precedence, exact numbers, SymPy's functions."""
    assert parse_expression(text, SYMBOLS) == value


def test_decimals_never_pass_through_binary():
    """A literal is the rational its digits say, to the last digit."""
    assert parse_expression("0.1 + 0.2 - 0.3", {}) == 0
    digits = "1234567890" * 10
    assert parse_expression(f"0.{digits}", {}) == Rational(int(digits), 10**100)
    assert not parse_expression("1e300*1.5", {}).has(sympy.Float)


HOSTILE = [
    "__import__('os')",
    "__import__",
    "a.b",
    "x.real",
    "x.__class__",
    "1.real",
    "a[0]",
    "x[0]",
    "lambda: 0",
    "lambda",
    "None",
    "True",
    "x if x else y",
    "[x for x in y]",
    "(x, y)",
    "{x}",
    "x, y",
    "x = 1",
    "x := 1",
    "x == y",
    "x < y",
    "x and y",
    "not x",
    "~x",
    "x // y",
    "x % y",
    "x @ y",
    "x | y",
    "x << 3",
    "'x'",
    "f'{x}'",
    "...",
    "x y",
    "2x",
    "x(y)",
    "exp",
    "exp()",
    "exp(x, y)",
    "exp(*x)",
    "exp(x=y)",
    "exp(x)(y)",
    "eval(x)",
    "sin(x)",
    "x; y",
    "x # y",
    "x\\\n+y",
    "",
    " ",
    "(",
    ")",
    "(x",
    "x)",
    "**x",
    "x**",
    "x**y",
    "2**x",
    "x**(1/3)",
    "x**I",
    "x**65",
    "9**9**9",
    "9**9**9**9**9",
    "((x**8)**8)**8",
    "((3*x)**(3/2))" + "**(3/2)" * 30,
    "exp(10**9*log(9))",
    "exp(exp(x))",
    "exp(exp(exp(exp(9))))",
    "1e9999",
    "1e-9999",
    "1e99999999999",
    "9" * 2000,
    "9" * 10**6,
    "(" * 10**6,
    "(" * 100 + "x" + ")" * 100,
    "-" * 3000 + "x",
    "x**-" * 900 + "1",
    "exp(" * 60 + "x" + ")" * 60,
    "9" * 900 + "**8",
    "1/0",
    "x/(y - y)",
    "0**-1",
    "log(0)",
    "coth(0)",
    "1j",
    "0x10",
    "0b1",
    "1_000",
    "007",
    "1e",
    "1..2",
    "٣",
    "x٣",
    "½",
    "ｘ",
    "x\u0000",
    "\u0000",
    "x\u200b",
    "π",
    "\ud800",
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda t: ascii(t[:24]))
def test_everything_else_is_refused_by_name(text):
    """Refused as BadExpression or UnknownSymbol, at once, with a text of bounded length."""
    start = time.perf_counter()
    with pytest.raises((BadExpression, UnknownSymbol)) as info:
        parse_expression(text, SYMBOLS)
    assert len(str(info.value)) < 600
    assert str(info.value).isprintable()
    assert time.perf_counter() - start < 2


def test_the_error_shows_the_piece():
    """What is wrong stands in the message, and what would be right."""
    with pytest.raises(BadExpression, match="lambda_ can be declared"):
        parse_expression("2*lambda", SYMBOLS)
    with pytest.raises(BadExpression, match="position 7"):
        parse_expression("x + y @ x", SYMBOLS)
    with pytest.raises(BadExpression, match=r"no such function in 'sin\(y\)'"):
        parse_expression("x + sin(y)", SYMBOLS)


def test_an_unknown_name_is_listed_with_the_closest():
    """UnknownSymbol names it, what is declared, and the likely meaning."""
    with pytest.raises(UnknownSymbol, match=r"'Delt'.*did you mean Delta\?.*x, y, Delta"):
        parse_expression("2*Delt", SYMBOLS)
    with pytest.raises(UnknownSymbol, match="declared: nothing"):
        parse_expression("q", {})


ALPHABET = st.text(alphabet="xyI0123456789.e+-*/() \t_", max_size=60)
WORDS = st.lists(
    st.sampled_from(["x", "y", "(", ")", "+", "-", "*", "/", "**", "2", "0", "1/2", *FUNCTIONS]),
    max_size=25,
).map("".join)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=80), ALPHABET, WORDS))
def test_only_named_errors_are_raised(text):
    """Any text is an expression or a SymthermError; results are finite, exact, in the symbols."""
    try:
        value = parse_expression(text, SYMBOLS)
    except SymthermError:
        return
    assert value.free_symbols <= {x, y, Delta}
    assert not value.has(sympy.Float, sympy.nan, sympy.zoo, sympy.oo)
    assert all(int(n.p).bit_length() <= MAX_BITS for n in value.atoms(Rational))


@settings(max_examples=100, deadline=None)
@given(st.one_of(st.text(max_size=40), ALPHABET))
def test_arguments_raise_only_named_errors(text):
    """The same for numbers, assignments and sweeps."""
    for parse in (parse_rational, parse_assignments, parse_sweep):
        try:
            parse(text)
        except SymthermError as error:
            assert str(error).isprintable()


@given(st.fractions())
def test_rationals_are_read_back(value):
    """p/q, and the decimal of a dyadic number, are the same rational."""
    assert parse_rational(str(value)) == Rational(value.numerator, value.denominator)


@given(st.integers(-(10**9), 10**9), st.integers(0, 30))
def test_decimals_are_read_back(number, places):
    """number * 10^-places, written with a point or an exponent."""
    value = Rational(number, 10**places)
    assert parse_rational(f"{number}e-{places}") == value
    sign, size = "-" * (number < 0), str(abs(number)).rjust(places + 1, "0")
    whole, part = size[: len(size) - places], size[len(size) - places :]
    assert parse_rational(f"{sign}{whole}.{part}") == value
    assert Fraction(int(value.p), int(value.q)) == Fraction(f"{sign}{whole}.{part}0")


def test_rationals():
    """Integers, decimals, exponents, quotients of integers; signs and spaces."""
    assert parse_rational("0.1") == parse_rational(" 1 / 10 ") == Rational(1, 10)
    assert parse_rational("+3") == 3
    assert parse_rational("-1e-3") == Rational(-1, 1000)


@pytest.mark.parametrize(
    "text",
    [
        *("", "x", "1/0", "0/0", "1/2/3", "0.1/3", "--1", "nan", "inf", "1e", "1e5000", "1,2"),
        *("٣", "1 2", "9" * 10**6, "__import__('os')", "1_0", "0x1", "1\x00"),
    ],
    ids=lambda t: ascii(t[:20]),
)
def test_other_numbers_are_refused(text):
    with pytest.raises(BadExpression):
        parse_rational(text)


def test_assignments():
    """Names in order, exact numbers; spaces do not matter."""
    found = parse_assignments("omega_h=3, omega_c = 1/2,Delta=-1e-2")
    assert list(found.items()) == [
        ("omega_h", 3),
        ("omega_c", Rational(1, 2)),
        ("Delta", Rational(-1, 100)),
    ]
    assert parse_assignments("") == {}
    assert parse_assignments("a=1, b=2, ") == {"a": 1, "b": 2}


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("ω/2", "write omega"),
        ("2*Γ", "write Gamma"),
        ("π", "write pi"),
        ("x^2", r"write \*\*"),
        ("x−y", "minus sign of the keyboard"),
        ("2j*x", r"write 2\*I"),
        ("i*x", "did you mean I"),
        ("cos(x)", r"exp\(I\*x\)"),
        ("x(y)", r"x\*\(\.\.\.\) for a product"),
        ("x!", "I, pi"),
    ],
    ids=ascii,
)
def test_errors_say_what_to_write_instead(text, advice):
    symbols = {name: Symbol(name, positive=True) for name in "xy"}
    with pytest.raises((BadExpression, UnknownSymbol), match=advice):
        parse_expression(text, symbols)


@pytest.mark.parametrize("text", ["ω=1", "T=1, ω_c=2"])
def test_greek_letters_on_the_command_line_are_spelled_out(text):
    with pytest.raises(BadExpression, match="write omega"):
        parse_assignments(text)


def test_phases_are_allowed():
    phi = Symbol("phi", real=True)
    assert parse_expression("exp(I*phi)/2", {"phi": phi}) == sympy.exp(sympy.I * phi) / 2


@pytest.mark.parametrize(
    "text",
    [
        "a",
        "a=",
        "=1",
        "a=1,,",
        ",a=1",
        ",",
        "a==1",
        "a=1,a=1",
        "a=b",
        "a=1;b=2",
        "1=a",
        "a b=1",
        "a=__import__('os')",
    ],
)
def test_other_assignments_are_refused(text):
    with pytest.raises(BadExpression):
        parse_assignments(text)


def test_sweeps():
    """name=start:stop:count with exact ends, also descending."""
    assert parse_sweep("T_h=1:4:101") == ("T_h", 1, 4, 101)
    assert parse_sweep(" Delta = 0.5 : -1/2 : 1e2 ") == (
        "Delta",
        Rational(1, 2),
        Rational(-1, 2),
        100,
    )


@pytest.mark.parametrize(
    "sweep",
    [
        *("", "T", "T=1", "T=1:2", "T=1:2:3:4", "T=1:1:5", "T=1:2:1", "T=1:2:0", "T=1:2:-5"),
        *("T=1:2:2.5", "T=1:2:10000001", "T=1:2:1e99", "T=a:2:5", "T=1:2:", "T=:2:5", "=1:2:3"),
    ],
)
def test_other_sweeps_are_refused(sweep):
    with pytest.raises(BadExpression):
        parse_sweep(sweep)
