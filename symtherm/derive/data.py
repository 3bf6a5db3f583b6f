"""A derivation as JSON, for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .derivation import Derivation, Equation, Formula, Step
from .formula import relation

__all__ = ["to_json"]


def to_json(derivation: Derivation) -> str:
    """The derivation as one JSON object (UTF-8 text, indented by two spaces).

    Keys: ``title``, ``source``, ``abstract``, ``claim`` (what the verdict is about), ``verdict``,
    ``remark`` (the sentence after it), ``condition`` (``latex`` and ``text``),
    ``counterexample``, ``certificate`` and ``sections``, a list of ``heading`` and ``steps``. A
    step has ``name``, ``prose`` (plain text), ``equations``, ``verdict`` and ``table`` (``header``
    and ``rows``); an equation has ``name``, ``lhs``, ``relation``, ``rhs`` (plain text), ``latex``
    (the whole line) and ``exact``. What is absent is ``null``.

    Errors: ``TypeError`` when the certificate holds anything but plain data.

    >>> from symtherm.derive.derivation import Derivation
    >>> to_json(Derivation("Nothing")).splitlines()[1]
    '  "title": "Nothing",'
    """
    import json

    data = {
        "title": derivation.title,
        "source": derivation.source,
        "abstract": _prose(derivation.abstract),
        "claim": derivation.claim,
        "verdict": derivation.verdict.value if derivation.verdict else None,
        "remark": _prose(derivation.headline[1]),
        "condition": _formula(derivation.condition) if derivation.condition else None,
        "counterexample": _plain(derivation.counterexample),
        "certificate": _plain(derivation.certificate),
        "sections": [
            {"heading": heading, "steps": [_step(step) for step in steps]}
            for heading, steps in derivation.sections
        ],
    }
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def _step(step: Step) -> dict[str, Any]:
    table = None
    if step.table is not None:
        header, rows = step.table
        table = {"header": list(header), "rows": [list(row) for row in rows]}
    return {
        "name": step.name,
        "prose": _prose(step.prose),
        "equations": [_equation(equation) for equation in step.equations],
        "verdict": step.verdict.value if step.verdict else None,
        "table": table,
    }


def _equation(equation: Equation) -> dict[str, str]:
    sign = relation(equation.relation)
    line = (equation.lhs.latex, sign.latex, equation.rhs.latex)
    return {
        "name": equation.name,
        "lhs": equation.lhs.text,
        "relation": sign.text,
        "rhs": equation.rhs.text,
        "latex": " ".join(part for part in line if part),
        "exact": equation.exact,
    }


def _prose(parts: Sequence[str | Formula]) -> str:
    return "".join(part if isinstance(part, str) else part.text for part in parts)


def _formula(part: Formula) -> dict[str, str]:
    return {"latex": part.latex, "text": part.text}


def _plain(value: Any) -> Any:
    """Mappings and sequences as dictionaries and lists; the rest is left to the encoder."""
    if isinstance(value, Mapping):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(entry) for entry in value]
    return value
