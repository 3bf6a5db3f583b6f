"""Whether the checker will accept the divisions of a certificate, before it is called a proof."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from symtherm.derive.replay_text import Form, Invalid, declared, form, parse

__all__ = ["safe_divisions"]


def safe_divisions(names: Iterable[Mapping[str, str]], texts: Iterable[str]) -> bool:
    """Whether names in their order, and texts made of them, divide only by what is safe.

    What is safe: docs/certificates.md, "Divisions".

    >>> names = [{"name": "x", "kind": "real"}, {"name": "y", "kind": "exponential", "value": "x"}]
    >>> safe_divisions(names, ["y/(x - 1)", "1/(1 + y)"]), safe_divisions(names, ["x/(y - 1)**2"])
    (True, False)
    """
    forms: dict[str, Form] = {}
    try:
        for record in names:
            value = form(parse(record.get("value", "0")), forms)
            forms[record["name"]] = declared(record["kind"], value)
            if record["kind"] in ("odds", "log") and not value[3]:
                return False
        for text in texts:
            form(parse(text), forms)
    except Invalid:
        return False
    return True
