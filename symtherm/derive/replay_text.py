"""The checker's grammar: integers, names, + - * / **, parentheses, exp, log, sqrt,
cos and sin of one argument.

Text becomes postfix code by one loop over its tokens, so that neither long sums nor deep
parentheses meet a recursion limit, and nothing is ever evaluated as Python. Exponents are integer
literals. Code is a tuple of

    ("int", n), ("name", s), ("call", f, code), ("**", n), ("neg",), ("+",), ("-",), ("*",), ("/",)
"""

from __future__ import annotations

import re
from typing import Any

from symtherm.derive.replay_ring import Invalid

__all__ = ["Code", "negative", "parse", "product", "total", "words"]

Code = tuple[tuple[Any, ...], ...]
FUNCTIONS = ("exp", "log", "sqrt", "cos", "sin")
LENGTH = 2_000_000
EXPONENT = 10_000
NESTED = 20
TOKEN = re.compile(r" *(?:([0-9]+)|([A-Za-z_][A-Za-z_0-9]*)|(\*\*|[-+*/()]))")
POWER = re.compile(r" *(?:(-?) *([0-9]+)|\( *(-?) *([0-9]+) *\))")
RANK = {"+": 1, "-": 1, "*": 2, "/": 2, "neg": 3}


def parse(text: Any) -> Code:
    """The postfix code of a text; raises Invalid for anything outside the grammar.

    >>> parse("a - 2*b**(-1)")
    (('name', 'a'), ('int', 2), ('name', 'b'), ('**', -1), ('*',), ('-',))
    """
    if not isinstance(text, str):
        raise Invalid("an expression that is no text")
    if len(text) > LENGTH:
        raise Invalid("an expression of more than two million characters")
    line, place = text.rstrip(), 0
    code: list[tuple[Any, ...]] = []
    # Operators waiting for their right operand; "(" or a function with the start of its argument.
    stack: list[tuple[str, int]] = []
    calls = 0  # functions opened and not closed
    operand = True  # an operand comes next; afterwards an operator
    powered = False  # a**b**c is not read

    def bad() -> Invalid:
        return Invalid(f"text that is no expression: {line[max(0, place - 20) : place + 20]!r}")

    while place < len(line):
        match = TOKEN.match(line, place)
        if match is None:
            raise bad()
        digits, name, sign = match.groups()
        place = match.end()
        if operand:
            if digits:
                if len(digits) > 4000:
                    raise Invalid("an integer of more than 4000 digits")
                code.append(("int", int(digits)))
                operand, powered = False, False
            elif name and line[place : place + 1] == "(":
                if name not in FUNCTIONS:
                    raise Invalid(f"the function {name}")
                place, calls = place + 1, calls + 1
                if calls > NESTED:
                    raise Invalid(f"more than {NESTED} functions inside one another")
                stack.append((name, len(code)))
            elif name:
                code.append(("name", name))
                operand, powered = False, False
            elif sign == "(":
                stack.append(("(", len(code)))
            elif sign == "-":
                stack.append(("neg", 0))
            else:
                raise bad()
        elif sign == "**" and not powered:
            found = POWER.match(line, place)
            if found is None or len(found[0]) > 20:
                raise Invalid("an exponent that is no small integer")
            minus, number = (found[1], found[2]) if found[2] else (found[3], found[4])
            if int(number) >= EXPONENT:
                raise Invalid("an exponent that is no small integer")
            code.append(("**", -int(number) if minus else int(number)))
            place, powered = found.end(), True
        elif sign == ")":
            while stack and stack[-1][0] in RANK:
                code.append((stack.pop()[0],))
            if not stack:
                raise bad()
            opened, start = stack.pop()
            if opened != "(":
                calls -= 1
                argument = tuple(code[start:])
                del code[start:]
                code.append(("call", opened, argument))
            powered = False
        elif sign in RANK:
            while stack and stack[-1][0] in RANK and RANK[stack[-1][0]] >= RANK[sign]:
                code.append((stack.pop()[0],))
            stack.append((sign, 0))
            operand = True
        else:
            raise bad()
    while stack and stack[-1][0] in RANK:
        code.append((stack.pop()[0],))
    if operand or stack:
        raise bad()
    return tuple(code)


def words(code: Code) -> set[str]:
    """The names that occur, also inside functions.

    >>> sorted(words(parse("a*exp(b/T)")))
    ['T', 'a', 'b']
    """
    found: set[str] = set()
    pending = [code]
    while pending:
        for item in pending.pop():
            if item[0] == "name":
                found.add(item[1])
            elif item[0] == "call":
                pending.append(item[2])
    return found


def total(codes: list[Code]) -> Code:
    """The code of a sum; an empty one is 0."""
    result: list[tuple[Any, ...]] = list(codes[0]) if codes else [("int", 0)]
    for code in codes[1:]:
        result += [*code, ("+",)]
    return tuple(result)


def product(*codes: Code) -> Code:
    """The code of a product."""
    result = codes[0]
    for code in codes[1:]:
        result = (*result, *code, ("*",))
    return result


def negative(code: Code) -> Code:
    """The code of minus an expression."""
    return (*code, ("neg",))
