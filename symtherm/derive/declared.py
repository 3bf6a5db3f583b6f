"""The declarations of a certificate in the order in which the checker can read them."""

from __future__ import annotations

import re
from typing import Any

__all__ = ["NoCertificate", "in_order"]


ROOTS = 6
RESIDUES = 7


class NoCertificate(Exception):
    """The alphabet or an expression has no spelling that the checker reads."""


def in_order(found: list[dict[str, str]], tables: dict[str, Any]) -> list[dict[str, str]]:
    """The declarations, each after those it is made of, parameters first."""
    known = {record["name"] for record in found}
    calls = {
        f"{g}({argument})": _words(str(record))
        for f, table in tables.items()
        for argument, record in table.items()
        for g in (("cos", "sin") if f == "turn" else (f,))
    }

    def made_of(record: dict[str, str]) -> set[str]:
        text = record.get("value", "")
        return _words(text).union(*(names for call, names in calls.items() if call in text)) & known

    pending = sorted(found, key=lambda r: r["kind"] not in ("positive", "real"))
    needs = {r["name"]: made_of(r) for r in pending}
    result: list[dict[str, str]] = []
    done: set[str] = set()
    while pending:
        ready = [r for r in pending if needs[r["name"]] <= done]
        if not ready:
            raise NoCertificate("names that depend on one another")
        result += ready
        done |= {r["name"] for r in ready}
        pending = [r for r in pending if r["name"] not in done]
    _few_roots(result, needs)
    return result


def _few_roots(names: list[dict[str, str]], needs: dict[str, set[str]]) -> None:
    """NoCertificate if the checker would hardly find a point where all radicands are squares.

    A radicand has a residue for every choice of signs of the roots in it, and each is a square with
    probability 1/2: with 7 of them one of 1024 points is good but for 3 in 10^4 cases.
    """
    inside: dict[str, set[str]] = {}
    residues = 0
    for record in names:
        name = record["name"]
        inside[name] = set[str]().union(*(inside[n] for n in needs[name]))
        if record["kind"] == "root":
            residues += 2 ** len(inside[name])
            inside[name].add(name)
    if residues > RESIDUES or sum(r["kind"] == "root" for r in names) > ROOTS:
        raise NoCertificate("more square roots than the checker takes")


def _words(text: str) -> set[str]:
    return set(re.findall(r"[A-Za-z_]\w*", text))
