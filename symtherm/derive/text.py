"""A derivation on a terminal, with rich."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING

from .derivation import Derivation, Equation, Formula, Step, Verdict
from .formula import relation

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

__all__ = ["print_derivation"]

_COLOURS = {Verdict.PROVED: "green", Verdict.REFUTED: "red", Verdict.UNDECIDED: "yellow"}
_INDENT = 4


def print_derivation(derivation: Derivation, console: Console) -> None:
    """Print the derivation, wrapped to the width of ``console``.

    Equations are plain text, broken at their outermost operators. Nothing in the text is taken as
    console markup, and control characters are dropped. On a console that cannot show Greek
    letters their names are printed. Raises nothing of its own.

    >>> from rich.console import Console
    >>> from symtherm.derive.derivation import Derivation
    >>> print_derivation(Derivation("[red]A title[/red]"), Console(width=40, no_color=True))
    [red]A title[/red]
    """
    page = _Page(console)
    page.words((derivation.title,), style="bold")
    if derivation.abstract:
        page.gap()
        page.words(derivation.abstract)
    if derivation.verdict is not None:
        page.gap()
        page.words(derivation.equality, verdict=derivation.verdict)
    if derivation.counterexample:
        page.gap()
        page.words(("A counterexample:",))
        rows = tuple((key, str(value)) for key, value in derivation.counterexample.items())
        page.table(("symbol", "value"), rows)
    for heading, steps in derivation.sections:
        page.heading(heading)
        for k, step in enumerate(steps):
            if k:
                page.gap()
            _print_step(step, page)
    if derivation.source:
        page.gap()
        page.words(("Source: ", derivation.source), style="dim")


def _print_step(step: Step, page: _Page) -> None:
    if step.prose or step.verdict is not None:
        page.words(step.prose, verdict=step.verdict)
    for equation in step.equations:
        page.equation(equation)
    if step.table is not None:
        page.table(*step.table)


class _Page:
    """The console with its width and what it can encode."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.width = max(console.width, 20)

    def gap(self) -> None:
        self.console.print()

    def clean(self, text: str) -> str:
        """No control characters; letters the console cannot encode are spelled out."""
        text = "".join(
            " " if char.isspace() else char
            for char in text
            if char.isspace() or unicodedata.category(char) not in ("Cc", "Cf", "Cs")
        )
        try:
            text.encode(self.console.encoding)
        except (LookupError, UnicodeEncodeError):
            text = "".join(char if char.isascii() else _spelled(char) for char in text)
        return text

    def put(self, text: Text) -> None:
        self.console.print(text, overflow="fold", highlight=False, emoji=False)

    def words(
        self,
        parts: Sequence[str | Formula],
        *,
        style: str = "",
        verdict: Verdict | None = None,
    ) -> None:
        from rich.text import Text

        text = Text(style=style)
        if verdict is not None:
            text.append(verdict.value, style=f"bold {_COLOURS[verdict]}")
            text.append(" " if parts else "")
        for part in parts:
            text.append(self.clean(part if isinstance(part, str) else part.text))
        text.rstrip()
        self.put(text)

    def heading(self, heading: str) -> None:
        from rich.rule import Rule
        from rich.text import Text

        title = Text(self.clean(heading), style="bold")
        self.gap()
        if title.cell_len + 8 <= self.width:
            self.console.print(Rule(title, align="left", style="dim"))
        else:
            self.put(title)

    def equation(self, equation: Equation) -> None:
        from rich.text import Text

        parts = (equation.lhs.text, relation(equation.relation).text, equation.rhs.text)
        line = self.clean(" ".join(part for part in parts if part))
        rows = _wrapped(line, self.width - _INDENT)
        for k, row in enumerate(rows):
            self.put(Text(" " * (_INDENT if k == 0 else 2 * _INDENT) + row))

    def table(self, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        from rich import box
        from rich.table import Table
        from rich.text import Text

        grid = Table(box=box.SIMPLE, header_style="bold", pad_edge=False)
        for k in range(max([len(header), *map(len, rows)], default=0)):
            name = header[k] if k < len(header) else ""
            grid.add_column(Text(self.clean(name)), overflow="fold")
        for row in rows:
            grid.add_row(*(Text(self.clean(cell)) for cell in row))
        self.console.print(grid, highlight=False, emoji=False)


_ASCII_WORDS = ">= <= != ~ == -> => <=> sqrt * - - - oo ' < >"
_ASCII = dict(zip("≥≤≠≈≡→⇒⇔√·−–—∞†⟨⟩", _ASCII_WORDS.split(), strict=True))


def _spelled(char: str) -> str:
    if char in _ASCII:
        return _ASCII[char]
    name = unicodedata.name(char, "")
    greek = re.fullmatch(r"GREEK (SMALL|CAPITAL) LETTER (\w+)", name)
    if greek:
        word = greek[2].replace("LAMDA", "LAMBDA")
        return word.lower() if greek[1] == "SMALL" else word.capitalize()
    if name.startswith("SUPERSCRIPT"):
        return "^" + unicodedata.normalize("NFKC", char)
    plain = unicodedata.normalize("NFKD", char).encode("ascii", "ignore").decode()
    return plain or "?"


def _wrapped(line: str, width: int) -> list[str]:
    """``line`` in rows of at most ``width`` cells (less the extra indent after the first).

    A row ends before the outermost ``+``, ``-`` or relation in its second half; failing that at
    the outermost blank or before ``/``; failing that it is cut.
    """
    from rich.cells import cell_len, chop_cells

    rows: list[str] = []
    depth = 0
    while cell_len(line) > width:
        head = chop_cells(line, width)[0]
        best, least, level = 0, 99.0, depth
        for k, char in enumerate(head):
            level += {"(": 1, "[": 1, ")": -1, "]": -1}.get(char, 0)
            if k < len(head) // 3 or char not in " /":
                continue
            operator = char == " " and re.match(r" [-+=<>≤≥≠≡→] ", line[k:])
            cost = 2 * level + (0 if operator else 1)
            if cost <= least and (char == " " or line[k + 1 : k + 2] == "("):
                best, least = k, cost
        best = best or len(head)
        row, line = line[:best], line[best:].lstrip()
        depth += sum(row.count(char) for char in "([") - sum(row.count(char) for char in ")]")
        rows.append(row.rstrip())
        if len(rows) == 1:
            width -= _INDENT
    return [*rows, line] if line else rows
