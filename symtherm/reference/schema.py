"""The published JSON Schema, and a small validator of the part of the language that it uses."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from symtherm.errors import BadReferenceFile

__all__ = ["check_schema", "schema"]

_TYPES: dict[str, Any] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "null": type(None),
}


@lru_cache(maxsize=1)
def schema() -> dict[str, Any]:
    """The schema of a reference file, as it lies in the package.

    >>> schema()["$id"]
    'urn:symtherm:reference:1'
    """
    text = (Path(__file__).parent / "schema.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def check_schema(data: Any, origin: str, part: str = "") -> None:
    """Raises BadReferenceFile at the first place where ``data`` leaves the schema.

    ``part`` names a definition of it, such as a row; by default it is a whole file.

    >>> check_schema([], "x.json")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    symtherm.errors.BadReferenceFile: x.json. Found: a list instead of object. To do: see...
    """
    rule = schema()["$defs"][part] if part else schema()
    for where, found in _failures(data, rule, ""):
        raise BadReferenceFile(origin + where, found=found, advice="see the schema")


@lru_cache(maxsize=64)
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text)


def _failures(data: Any, rule: dict[str, Any], where: str) -> Iterator[tuple[str, str]]:
    if "$ref" in rule:
        rule = schema()["$defs"][rule["$ref"].rsplit("/", 1)[1]]
    if "oneOf" in rule:
        options = [next(_failures(data, option, where), None) for option in rule["oneOf"]]
        if None not in options:
            yield options[-1] or (where, "no allowed form")
        return
    if "enum" in rule:
        if not any(type(data) is type(v) and data == v for v in rule["enum"]):
            yield where, f"{_short(data)}, none of {rule['enum']}"
        return
    kind = rule["type"]
    if not isinstance(data, _TYPES[kind]) or isinstance(data, bool):
        yield where, f"a {type(data).__name__} instead of {kind}"
        return
    if kind == "object":
        yield from _object(data, rule, where)
    elif kind == "array":
        if not rule.get("minItems", 0) <= len(data) <= rule.get("maxItems", len(data)):
            yield where, f"{len(data)} items"
            return
        each = rule.get("prefixItems") or [rule["items"]] * len(data)
        for k, (item, inner) in enumerate(zip(data, each, strict=False)):
            yield from _failures(item, inner, f"{where}[{k}]")
    elif kind == "string":
        if len(data) > rule.get("maxLength", 3000):
            yield where, f"a text of {len(data)} characters"
        elif "pattern" in rule and not _pattern(rule["pattern"]).search(data):
            yield where, f"the text {_short(data)}"
        elif "pattern" in rule and data.endswith("\n"):  # $ also matches before a last line break
            yield where, "a line break"
    elif kind == "integer" and not rule.get("minimum", data) <= data <= rule.get("maximum", data):
        yield where, f"the number {_short(data)}"


def _object(data: dict[str, Any], rule: dict[str, Any], where: str) -> Iterator[tuple[str, str]]:
    if len(data) > rule.get("maxProperties", len(data)):
        yield where, f"{len(data)} keys"
        return
    known, more = rule.get("properties", {}), rule.get("additionalProperties")
    for key in rule.get("required", ()):
        if key not in data:
            yield where, f"no key {key!r}"
    for key, value in data.items():
        if "propertyNames" in rule:
            yield from _failures(key, rule["propertyNames"], f"{where}, key")
        inner = known.get(key, more)
        if not inner:
            yield where, f"the unknown key {_short(key)}"
            return
        yield from _failures(value, inner, f"{where}.{_short(key)}")


def _short(value: Any) -> str:
    if isinstance(value, int) and abs(value) > 10**18:
        return "a very large number"
    text = value if isinstance(value, str) else str(type(value).__name__)
    text = str(value) if isinstance(value, int) else text
    return ascii(text[:40]).strip("'")
