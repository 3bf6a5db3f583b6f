"""Checks of the plain values in a model file, and the sizes and names that one may have."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from sympy import Expr, Symbol

from symtherm.errors import BadModelFile, SymthermError
from symtherm.exact.parse import parse_expression

__all__ = ["LABEL", "SYMBOL", "Checks", "Decimal", "kind_of", "listing"]

LABEL = re.compile(r"[A-Za-z0-9_+-]{1,16}")
SYMBOL = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,31}")


class Decimal(str):
    """The source text of a TOML float, so that no digit passes through binary."""


class Checks:
    """Values of the right type, or BadModelFile; ``origin`` stands at the head of every message.

    >>> Checks("a.toml").distinct(["g", "g"], ", levels")
    Traceback (most recent call last):
    ...
    symtherm.errors.BadModelFile: a.toml, levels. Found: 'g' twice. To do: give distinct labels.
    """

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.symbols: dict[str, Symbol] = {}

    def bad(self, where: str, found: str, advice: str = "") -> BadModelFile:
        return BadModelFile(f"{self.origin}{where}", found=found, advice=advice)

    # -- plain values -------------------------------------------------------------------------

    def keys(self, table: Any, known: Mapping[str, bool], where: str) -> dict[str, Any]:
        """The table itself, if it has all it needs and nothing unknown."""
        if not isinstance(table, dict):
            raise self.bad(where, f"{kind_of(table)} instead of a table")
        for key in table:
            if key not in known:
                close = get_close_matches(key, known, n=1)
                advice = (f"did you mean {close[0]!r}? " if close else "") + "known here: "
                raise self.bad(where, f"the unknown key {key!a}", advice + ", ".join(known))
        for key, needed in known.items():
            if needed and key not in table:
                raise self.bad(where, f"no key {key!r}", "add it")
        return table

    def text(self, value: Any, where: str, limit: int = 300) -> str:
        if not isinstance(value, str) or isinstance(value, Decimal):
            raise self.bad(where, f"{kind_of(value)} instead of a string", "put it in quotes")
        if not value.isprintable() or len(value) > limit:
            raise self.bad(where, f"{value[:40]!a}", f"use 1 to {limit} printable characters")
        return value

    def label(self, value: Any, where: str) -> str:
        text = self.text(value, where)
        if not LABEL.fullmatch(text):
            raise self.bad(
                where, f"the label {text[:40]!a}", "use 1 to 16 letters, digits, _, + or -"
            )
        return text

    def items(self, value: Any, where: str, limit: int) -> list[Any]:
        if not isinstance(value, list):
            raise self.bad(where, f"{kind_of(value)} instead of a list")
        if len(value) > limit:
            raise self.bad(where, f"{len(value)} entries", f"use at most {limit}")
        return value

    def distinct(self, labels: Sequence[str], where: str) -> None:
        for k, label in enumerate(labels):
            if label in labels[:k]:
                raise self.bad(where, f"{label!r} twice", "give distinct labels")

    def expression(self, value: Any, where: str) -> Expr:
        if not isinstance(value, (str, int)) or isinstance(value, bool):
            raise self.bad(where, f"{kind_of(value)} instead of an expression", 'write "omega/2"')
        try:
            return parse_expression(str(value), self.symbols)
        except SymthermError as error:
            raise self.located(error, where) from None
        except ValueError:  # an integer beyond Python's conversion limit
            raise self.bad(where, "a number with too many digits") from None

    def located(self, error: SymthermError, where: str) -> SymthermError:
        asked = f"{self.origin}{where}: {error.asked}"
        return type(error)(asked, found=error.found, advice=_in_a_file(error.advice))


def _in_a_file(advice: str) -> str:
    """Advice for the author of a model file, who calls no functions."""
    advice = advice.replace("with parameters(...)", '"positive" in [parameters]')
    advice = re.sub(r"positive=\[(.*)\]", r'order = ["\1"]', advice)
    if advice == "add the Hermitian conjugate":
        advice = "list both (row, column) and (column, row), with conjugate coefficients"
    return advice


def kind_of(value: Any) -> str:
    """The type of a TOML value, in words."""
    if isinstance(value, (Decimal, float)):
        return "a decimal number"
    names = {bool: "a truth value", int: "an integer", str: "a string", list: "a list"}
    return names.get(type(value), "a table" if isinstance(value, dict) else "a date or time")


def listing(labels: Mapping[str, Any]) -> str:
    """What there is to choose from, for an error."""
    return "there are: " + ", ".join(labels) if labels else "there are none"
