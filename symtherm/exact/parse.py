"""Text to exact SymPy objects by a whitelist over ``ast``; nothing is ever evaluated as Python.

The grammar of expressions: declared names, integers, decimals, ``I``, ``pi``, ``+ - * / **`` with
constant integer or half-integer exponents, parentheses, and the functions in ``FUNCTIONS``. Every
decimal is the rational that its text says (0.1 is 1/10), never a float on the way.
"""

from __future__ import annotations

import ast
import keyword
import re
import unicodedata
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

import sympy
from sympy import Expr, Rational, Symbol

from symtherm.errors import BadExpression, SymthermError, UnknownSymbol

__all__ = [
    "CONSTANTS",
    "FUNCTIONS",
    "WAVES",
    "parse_assignments",
    "parse_expression",
    "parse_rational",
    "parse_sweep",
    "spelled",
    "unknown_symbol",
]

MAX_TEXT = 4000  # characters of one expression
MAX_NESTING = 40  # parentheses, calls, signs and powers inside one another
MAX_NODES = 2000
MAX_DIGITS = 1000  # of a literal, and of the power of ten after e
MAX_EXPONENT = 64  # also of powers of powers taken together
MAX_BITS = 14000  # of any integer in the result
MAX_ROWS = 10_000_000

_EXPONENTIALS: dict[str, Any] = {
    "exp": sympy.exp,
    "tanh": sympy.tanh,
    "cosh": sympy.cosh,
    "sinh": sympy.sinh,
    "coth": sympy.coth,
}
FUNCTIONS: dict[str, Any] = {**_EXPONENTIALS, "log": sympy.log, "sqrt": sympy.sqrt}
WAVES: dict[str, Any] = {"sin": sympy.sin, "cos": sympy.cos}
CONSTANTS: dict[str, Any] = {"I": sympy.I, "pi": sympy.pi}

_NUMBER = r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_TOKEN = re.compile(rf"{_NUMBER}|[A-Za-z_][A-Za-z0-9_]*|\*\*|[-+*/() ]")
_LITERAL = re.compile(r"([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]+))?")
_RATIONAL = re.compile(rf"([+-]?)\s*(?:([0-9]+)\s*/\s*([0-9]+)|({_NUMBER}))")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def _short(text: str, limit: int = 60) -> str:
    return ascii(text if len(text) <= limit else text[: limit - 3] + "...")


_SPELLING = {
    "^": "write ** for powers, and exp(x) for e to the power x",
    "²": "write **2",
    "³": "write **3",
    "−": "write the minus sign of the keyboard, -",
    "·": "write * for a product",
    "×": "write * for a product",
    "÷": "write / for a quotient",
    "√": "write sqrt(...)",
    "½": "write 1/2",
    "ħ": "leave it out, hbar = 1",
    "|": "write without absolute values: declared parameters have a sign",
    "=": "give an expression, without an equals sign",
    ",": "give one expression; the decimal mark is a point",
    "[": "use round parentheses",
}


def spelled(text: str) -> str:
    """What to write for the first character of ``text`` that is not used here, or nothing.

    >>> spelled("ω"), spelled("Δ_1")
    ('write omega', 'write Delta')
    """
    for char in text:
        if char in _SPELLING:
            return _SPELLING[char]
        name = unicodedata.name(char, "").split()
        if name[:1] == ["GREEK"] and "LETTER" in name:
            letter = name[name.index("LETTER") + 1].replace("LAMDA", "LAMBDA").lower()
            return "write " + (letter.capitalize() if "CAPITAL" in name else letter)
    return ""


def _bad(text: str, found: str, advice: str = "") -> BadExpression:
    return BadExpression(
        f"The expression {_short(text)}",
        found=found,
        advice=advice
        or "use declared names, exact numbers, I, pi, + - * / **, parentheses, "
        + ", ".join(FUNCTIONS),
    )


def parse_expression(text: str, symbols: Mapping[str, Symbol], waves: bool = False) -> Expr:
    """The SymPy expression that ``text`` says, in the given symbols.

    Exponents are constant integers or half-integers of at most ``MAX_EXPONENT``; exponents of
    ``exp`` and the hyperbolic functions contain no further exponential or logarithm. With
    ``waves`` there are also ``sin`` and ``cos``, as functions of time have them.

    Raises UnknownSymbol for a name that is not in ``symbols`` (listing what is), BadExpression for
    anything else outside the grammar or beyond its limits, showing the piece.

    >>> x = Symbol("x", positive=True)
    >>> parse_expression("2*lambda", {"lambda": Symbol("lambda", positive=True)})
    2*lambda
    >>> parse_expression("0.1*x**2 + exp(-x)/3", {"x": x})
    x**2/10 + exp(-x)/3
    """
    if len(text) > MAX_TEXT:
        raise _bad(text, f"{len(text)} characters", f"use at most {MAX_TEXT}")
    line = re.sub(r"[ \t\r\n]+", " ", text).strip(" ")
    if not line:
        raise _bad(text, "nothing", "write a number or an expression")
    _check_tokens(line, symbols)
    line, symbols = _without_keywords(line, symbols)
    try:
        tree = ast.parse(line, mode="eval")
    except SyntaxError as error:
        place = max((error.offset or 1) - 1, 0)
        raise _bad(text, f"a syntax error at {_short(line[place:] or 'the end', 20)}") from None
    except (ValueError, MemoryError, RecursionError):
        raise _bad(text, "too deep a nesting", "use fewer parentheses and signs") from None
    result = _Builder(line, symbols, waves).build(tree.body, 1, 0)
    if any(max(abs(n.p), n.q).bit_length() > MAX_BITS for n in result.atoms(Rational)):
        raise _bad(text, f"a number of more than {MAX_BITS} bits", "use smaller numbers")
    return result


def _check_tokens(line: str, symbols: Mapping[str, Symbol]) -> None:
    """Refuse characters, keywords and depths that the grammar has no use for, before ``ast``."""
    place, depth, before = 0, 0, ""
    while place < len(line):
        match = _TOKEN.match(line, place)
        if match is None:
            found = f"{_short(line[place], 20)} at position {place + 1}"
            raise _bad(line, found, spelled(line[place]))
        token, place = match[0], match.end()
        if (
            before
            and (before[-1].isalnum() or before[-1] in "_.")
            and token[0].isalnum() | (token[0] in "_.")
        ):
            imaginary = token in ("i", "j", "I", "J")
            advice = f"write {before}*I" if imaginary else "put an operator between the two"
            raise _bad(line, f"{_short(before + token, 20)}", advice)
        if keyword.iskeyword(token) and token not in symbols:
            raise _bad(
                line,
                f"the Python keyword {token!r}",
                f"no symbol can have this name; {token}_ can be declared",
            )
        depth += (token == "(") - (token == ")")
        if depth > MAX_NESTING:
            raise _bad(line, "too deep a nesting", f"use at most {MAX_NESTING} levels")
        before = token


def _without_keywords(line: str, symbols: Mapping[str, Symbol]) -> tuple[str, Mapping[str, Symbol]]:
    """The line with symbols called ``lambda``, ``in``, ... under names that Python's parser takes.

    Of the same length, so that places in the line stay what they are.
    """
    table: dict[str, Symbol] = {}
    for name in filter(keyword.iskeyword, symbols):
        words = (first + name[1:] for first in "ABCDEFGHJKLMNOPQRSTUVWXYZ_")
        other = next(w for w in words if w not in symbols and w not in FUNCTIONS)
        line = re.sub(rf"\b{name}\b", other, line)
        table[other] = symbols[name]
    return line, {**symbols, **table} if table else symbols


class _Builder:
    """Walks the tree; ``power`` is the product of the exponents around a node."""

    def __init__(self, line: str, symbols: Mapping[str, Symbol], waves: bool) -> None:
        self.line, self.symbols, self.nodes = line, symbols, 0
        self.functions = FUNCTIONS | WAVES if waves else FUNCTIONS

    def bad(self, node: Any, what: str, advice: str = "") -> BadExpression:
        piece = self.line[node.col_offset : node.end_col_offset]
        return _bad(self.line, f"{what} {_short(piece, 40)}", advice)

    def build(self, node: Any, power: int, depth: int) -> Expr:
        self.nodes += 1
        if depth > MAX_NESTING or self.nodes > MAX_NODES:
            raise _bad(self.line, "too deep a nesting or too many terms", "split the expression")
        if isinstance(node, ast.BinOp):
            value = self.operation(node, power, depth)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
            value = self.build(node.operand, power, depth + 1)
            value = -value if isinstance(node.op, ast.USub) else value
        elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
            return _number(self.line[node.col_offset : node.end_col_offset], self.line)
        elif isinstance(node, ast.Name):
            return self.name(node)
        elif isinstance(node, ast.Call):
            value = self.call(node, power, depth)
        else:
            raise self.bad(node, "not allowed:")
        return self.finite(node, value)

    def finite(self, node: Any, value: Expr) -> Expr:
        if value in (sympy.zoo, sympy.nan, sympy.oo, -sympy.oo):
            raise self.bad(node, "a division by zero in", "give expressions that are finite")
        return value

    def operation(self, node: Any, power: int, depth: int) -> Expr:
        if isinstance(node.op, ast.Pow):
            return self.power(node, power, depth)
        # Sums and products lean to the left: this loop keeps long ones from nesting.
        chain: list[Any] = []
        while isinstance(node, ast.BinOp) and not isinstance(node.op, ast.Pow):
            chain.append(node)
            node = node.left
        value = self.build(node, power, depth + 1)
        for link in reversed(chain):
            other = self.build(link.right, power, depth + 1)
            if isinstance(link.op, ast.Add):
                value = value + other
            elif isinstance(link.op, ast.Sub):
                value = value - other
            elif isinstance(link.op, ast.Mult):
                value = value * other
            elif isinstance(link.op, ast.Div):
                value = value * self.finite(link.right, other**-1)
            else:
                raise self.bad(link, "an operator not allowed in")
            value = self.finite(link, value)
        return value

    def power(self, node: Any, power: int, depth: int) -> Expr:
        exponent = self.build(node.right, 1, depth + 1)
        if not (exponent.is_Rational and exponent.q in (1, 2)):
            raise self.bad(
                node.right,
                "the exponent",
                "an exponent is a constant integer or half-integer; use exp(...) for others",
            )
        total = power * max(1, int(sympy.ceiling(abs(exponent))))
        if abs(exponent) > MAX_EXPONENT or total > MAX_EXPONENT:
            raise self.bad(node, "too large a power", f"use exponents of at most {MAX_EXPONENT}")
        return self.build(node.left, total, depth + 1) ** exponent

    def call(self, node: Any, power: int, depth: int) -> Expr:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name not in self.functions:
            advice = "functions: " + ", ".join(self.functions)
            if name in ("cos", "sin"):
                sign, below = ("+", "2") if name == "cos" else ("-", "(2*I)")
                advice = f"write (exp(I*x) {sign} exp(-I*x))/{below} with a real x; " + advice
            elif name in self.symbols:
                advice = f"write {name}*(...) for a product; " + advice
            raise self.bad(node, "no such function in", advice)
        if len(node.args) != 1 or node.keywords:
            raise self.bad(node, "not exactly one argument in")
        argument = self.build(node.args[0], power, depth + 1)
        if name in _EXPONENTIALS and argument.has(sympy.log, *_EXPONENTIALS.values()):
            raise self.bad(
                node,
                "an exponential or logarithm inside an exponent in",
                "exponents are rational functions of the parameters",
            )
        value: Expr = self.functions[name](argument)
        return value

    def name(self, node: Any) -> Expr:
        name = node.id
        if name in self.symbols:
            return self.symbols[name]
        if name in CONSTANTS:
            return CONSTANTS[name]
        if name in FUNCTIONS:
            raise self.bad(node, "a function without its argument:", f"write {name}(...)")
        raise unknown_symbol(name, self.symbols, f"The name {name!r} in {_short(self.line)}")


def unknown_symbol(name: str, known: Mapping[str, Any], asked: str = "") -> UnknownSymbol:
    """The error for a name that is none of ``known``, with the closest one.

    >>> unknown_symbol("omega", {"omega_h": 3}).advice
    'did you mean omega_h? declared: omega_h'
    """
    close = get_close_matches(name, known, n=1) or (["I"] if name in ("i", "j", "1j") else [])
    listed = "declared: " + (", ".join(known) or "nothing")
    return UnknownSymbol(
        asked or f"The parameter {_short(name)}",
        found="no parameter of this name",
        advice=(f"did you mean {close[0]}? " if close else "") + listed,
    )


def _number(literal: str, text: str) -> Rational:
    """The exact value of an unsigned literal."""
    match = _LITERAL.fullmatch(literal)
    if match is None:
        raise _bad(text, f"the number {_short(literal, 40)}", "write 3, 0.25, 1e-3 or 1/3")
    whole, part, ten = match[1], match[2] or "", match[3] or "0"
    if len(whole) + len(part) > MAX_DIGITS or len(ten) > 6 or abs(int(ten)) > MAX_DIGITS:
        raise _bad(text, f"the number {_short(literal, 40)}", f"use at most {MAX_DIGITS} digits")
    return Rational(int(whole + part)) * Rational(10) ** (int(ten) - len(part))


def parse_rational(text: str) -> Rational:
    """The exact rational that a literal says: an integer, a decimal, 1e-3 or p/q, with a sign.

    Raises BadExpression for anything else, for a zero denominator and for absurd sizes.

    >>> parse_rational("0.1"), parse_rational("-1/10"), parse_rational("1e-3")
    (1/10, -1/10, 1/1000)
    """
    piece = text.strip(" \t\r\n")
    match = _RATIONAL.fullmatch(piece) if len(piece) <= 3 * MAX_DIGITS else None
    if match is None:
        raise BadExpression(
            f"The number {_short(text)}",
            found="no exact number",
            advice="write 3, 0.25, 1e-3 or 1/3",
        )
    sign, above, below, literal = match.groups()
    if literal is not None:
        value = _number(literal, piece)
    else:
        bottom = _number(below, piece)
        if bottom == 0:
            raise BadExpression(f"The number {_short(piece)}", found="a division by zero")
        value = _number(above, piece) / bottom
    return -value if sign == "-" else value


def _assignment(piece: str, example: str) -> tuple[str, str]:
    name, equals, value = piece.partition("=")
    name = name.strip(" \t\r\n")
    if not equals or not _NAME.fullmatch(name):
        raise BadExpression(
            f"The assignment {_short(piece.strip())}",
            found="no name = value",
            advice=(spelled(name) if equals else "") or f"write for instance {example}",
        )
    return name, value


def parse_assignments(text: str) -> dict[str, Rational]:
    """``name=number`` pairs separated by commas, numbers exact; a comma may end the text.

    Raises BadExpression for anything else and for a name given twice.

    >>> parse_assignments("omega_h=3, omega_c=1/2")
    {'omega_h': 3, 'omega_c': 1/2}
    """
    values: dict[str, Rational] = {}
    pieces = text.split(",")
    if not pieces[-1].strip():
        pieces.pop()
    for piece in pieces:
        name, number = _assignment(piece, '"omega=3, T=1/2"')
        if name in values:
            raise BadExpression(f"The value of {_short(name)}", found="it is given twice")
        try:
            values[name] = parse_rational(number)
        except SymthermError as error:
            raise BadExpression(
                f"The value of {_short(name)}",
                found=f"{_short(number.strip())}, {error.found}",
                advice=error.advice,
            ) from None
    return values


def parse_sweep(text: str) -> tuple[str, Rational, Rational, int]:
    """``name=start:stop:count`` as (name, start, stop, count); both ends belong to the sweep.

    Raises BadExpression unless the ends are different exact numbers and the count lies between 2
    and ``MAX_ROWS``.

    >>> parse_sweep("T_h=1:4:101")
    ('T_h', 1, 4, 101)
    """
    name, value = _assignment(text, "T_h=1:4:101")
    pieces = value.split(":")
    if len(pieces) != 3:
        raise BadExpression(
            f"The sweep {_short(text)}", found="no start:stop:count", advice="write T_h=1:4:101"
        )
    start, stop, count = map(parse_rational, pieces)
    if start == stop:
        raise BadExpression(f"The sweep {_short(text)}", found="equal ends")
    if count.q != 1 or not 2 <= count <= MAX_ROWS:
        raise BadExpression(
            f"The sweep {_short(text)}",
            found=f"{_short(pieces[2].strip())} points",
            advice=f"use a whole number from 2 to {MAX_ROWS}",
        )
    return name, start, stop, int(count)
