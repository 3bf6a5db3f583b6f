"""The texts of certificates: their grammar, and what the form of one shows of its sign.

A text becomes postfix code by one loop; nothing is evaluated as code of Python.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

__all__ = ["FUNCTIONS", "Code", "Form", "Invalid", "declared", "form", "need", "parse", "words"]

Code = tuple[tuple[Any, ...], ...]  # postfix: (kind, value); a call is ("call", name, argument)
# What a form shows: nonnegative, positive, without letters for exponentials, logarithms and angles,
# and safe to divide by: zero at most where it is so by chance, unless it is zero in the ring.
Form = tuple[bool, bool, bool, bool]
ANYTHING: Form = (False, False, False, False)
# At most one space within a power, so that the search is linear.
TOKEN = re.compile(
    r"[0-9]+|[A-Za-z_][A-Za-z_0-9]*|\*\* ?(?:-? ?[0-9]+|\( ?-? ?[0-9]+ ?\))|[-+*/()]"
)
RANK = {"+": 1, "-": 1, "*": 2, "/": 2, "neg": 3}
FUNCTIONS = ("exp", "expm1", "log", "sqrt", "cos", "sin")


class Invalid(Exception):
    """The certificate fails; the text says where."""


def need(condition: object, reason: str) -> None:
    if not condition:
        raise Invalid(reason)


def parse(text: Any) -> Code:
    """The postfix code of a text, by one loop; raises Invalid outside the grammar."""
    need(isinstance(text, str) and len(text) <= 2_000_000, "an expression that is no short text")
    tokens = TOKEN.findall(text)
    need("".join(tokens).replace(" ", "") == text.replace(" ", ""), f"no expression: {text[:40]!r}")
    code: list[tuple[Any, ...]] = []
    stack: list[tuple[str, int]] = []  # waiting operators, functions and parentheses
    operand, last, depth = True, "", 0  # whether an operand comes next; functions around it

    def close(rank: int) -> None:
        while stack and RANK.get(stack[-1][0], 0) >= rank:
            code.append((stack.pop()[0], None))

    for token in [*tokens, ""]:
        need(last not in FUNCTIONS or token == "(", f"the function {last} without an argument")
        if operand and token.isdigit():
            need(len(token) <= 4000, "an integer of more than 4000 digits")
            code.append(("int", int(token)))
            operand = False
        elif operand and token in (*FUNCTIONS, "(", "-"):
            stack.append(("neg" if token == "-" else token, len(code)))
            depth += token in FUNCTIONS
            need(depth <= 20, "more than 20 nested functions")
        elif operand and token and token[0] not in "+*/)":
            code.append(("name", token))
            operand = False
        elif not operand and token.startswith("**") and not last.startswith("**"):
            power = int(re.sub("[* ()]", "", token)) if len(token) <= 20 else 10_000
            need(abs(power) < 10_000, "an exponent that is no small integer")
            code.append(("**", power))
        elif not operand and token in RANK:
            close(RANK[token])
            stack.append((token, 0))
            operand = True
        elif not operand and token == ")":
            close(1)
            need(stack, f"no expression: {text[:40]!r}")
            start = stack.pop()[1]
            if stack and stack[-1][0] in FUNCTIONS:
                code[start:] = [("call", stack.pop()[0], tuple(code[start:]))]
                depth -= 1
        else:
            need(not operand and not token, f"no expression: {text[:40]!r}")
        last = token
    close(1)
    need(not stack, f"no expression: {text[:40]!r}")
    return tuple(code)


def words(code: Code) -> set[str]:
    """The names that occur, also inside functions."""
    found = {item[1] for item in code if item[0] == "name"}
    return found.union(*(words(item[2]) for item in code if item[0] == "call"))


def form(code: Code, names: Mapping[str, Form], safe: bool = True) -> Form:
    """What a form shows, from what its names show; Invalid for an unsafe division, if asked."""
    stack: list[Form] = []
    real = ("name", "I") not in code
    for kind, value, *argument in code:
        if kind == "int":
            stack.append((True, value > 0, True, True))
        elif kind == "name":
            stack.append(names.get(value, ANYTHING))
        elif kind == "call":
            nonnegative, positive, plain, _ = form(argument[0], names, safe)
            shown = {"exp": (True, True, False, True)}
            shown["expm1"] = (nonnegative, positive, False, positive)
            shown["sqrt"] = (True, positive, plain, positive or plain)
            stack.append(shown.get(value, ANYTHING))
        elif kind == "**":
            a, b, c, d = stack.pop()
            need(d or value >= 0 or not safe, "a division by what may be zero everywhere")
            stack.append((a or (real and value % 2 == 0), b, c, d))
        elif kind == "neg":
            stack.append((False, False, *stack.pop()[2:]))
        else:
            right, left = stack.pop(), stack.pop()
            need(right[3] or kind != "/" or not safe, "a division by what may be zero everywhere")
            a, b, c, d = (x and y for x, y in zip(left, right, strict=True))
            if kind in "+-":
                a, b = a and kind == "+", a and kind == "+" and (left[1] or right[1])
                d = b or c
            stack.append((a, b, c, d))
    return stack[0]


def declared(kind: str, value: Form) -> Form:
    """What a name shows, from its kind and what its value shows."""
    _, positive, plain, safe = value
    return {
        "positive": (True, True, True, True),
        "real": (False, False, True, True),
        "assumed": (True, True, plain, True),
        "log": ANYTHING,
        "angle": ANYTHING,
        "exponential": (True, True, False, True),
        "odds": (True, True, False, True),
    }.get(kind, (True, positive, plain, safe))
