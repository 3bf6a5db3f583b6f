"""A derivation as Markdown with dollar-sign mathematics (Jupyter, MyST, GitHub)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .derivation import Derivation, Equation, Formula, Step
from .formula import relation

__all__ = ["to_markdown"]

_SPECIAL = {
    "<": "&lt;",
    ">": "&gt;",
    "&": "&amp;",
    **{char: "\\" + char for char in "\\`*_{}[]#|~$^"},
}
_UNSAFE = re.compile(
    r"\\(href|url|html\w*|class|style|cssId|unicode|require|include\w*|input|[egx]?def|let"
    r"|\w*newcommand)(?![A-Za-z])"
)


def to_markdown(derivation: Derivation) -> str:
    """The derivation as Markdown: ``$...$`` in prose, numbered ``$$...$$`` for equations.

    Text is escaped, so that nothing in a title or a table cell turns into markup or HTML. Raises
    nothing.

    >>> from symtherm.derive.derivation import Derivation
    >>> to_markdown(Derivation("50% of <b>$x_1$</b>"))
    '# 50% of &lt;b&gt;\\\\$x\\\\_1\\\\$&lt;/b&gt;\\n'
    """
    blocks = ["# " + _text(derivation.title)]
    if derivation.abstract:
        blocks.append(_prose(derivation.abstract))
    before, after = derivation.headline
    line = _text(before)
    if derivation.verdict is not None:
        line += _verdict(derivation.verdict.value)
    line = " ".join(part for part in (line, _prose(after)) if part)
    blocks += [line] if line else []
    if derivation.counterexample:
        rows = tuple((key, str(value)) for key, value in derivation.counterexample.items())
        blocks += ["A counterexample:", _table(("symbol", "value"), rows)]
    number = 0
    for heading, steps in derivation.sections:
        blocks.append("## " + _text(heading))
        for step in steps:
            blocks += _step(step, number)
            number += len(step.equations)
    if derivation.source:
        blocks.append("**Source.** " + _text(derivation.source))
    return "\n\n".join(blocks) + "\n"


def _step(step: Step, number: int) -> Iterator[str]:
    opening = [_verdict(step.verdict.value)] if step.verdict else []
    opening += [_prose(step.prose)] if step.prose else []
    if opening:
        yield " ".join(opening)
    for k, equation in enumerate(step.equations, number + 1):
        yield f"$$\n{_line(equation)} \\tag{{{k}}}\n$$"
    if step.table is not None:
        yield _table(*step.table)


def _verdict(word: str) -> str:
    return f"**{word.capitalize()}.**"


def _line(equation: Equation) -> str:
    parts = (equation.lhs, relation(equation.relation), equation.rhs)
    return " ".join(_math(part) for part in parts if part.latex)


def _math(part: Formula) -> str:
    """Mathematics that cannot end its dollars early nor be read as HTML."""
    latex = " ".join(part.latex.split())
    if "$" in re.sub(r"\\\$", "", latex) or _UNSAFE.search(latex):
        plain = re.sub(r"[\\{}_^$%#&~]", " ", part.text)
        latex = rf"\text{{{' '.join(plain.split())}}}"
    return latex.replace("<", r"\lt ").replace(">", r"\gt ")


def _inline(part: Formula) -> str:
    return f"${_math(part)}$"


def _prose(parts: Sequence[str | Formula]) -> str:
    line = "".join(_text(part) if isinstance(part, str) else _inline(part) for part in parts)
    # What would be a list, a rule, a comment or a quotation at the start of a line is text here.
    return re.sub(r"^\s*(\d*)([-+=.%:)])", r"\1\\\2", line).strip()


def _text(text: str) -> str:
    return "".join(_SPECIAL.get(char, char) for char in re.sub(r"\s+", " ", text))


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    count = max([len(header), *map(len, rows)], default=0)
    lines = [[*row, *[""] * (count - len(row))] for row in (header, *rows)]
    text = ["| " + " | ".join(map(_text, row)) + " |" for row in lines]
    return "\n".join([text[0], "|" + " --- |" * count, *text[1:]])
