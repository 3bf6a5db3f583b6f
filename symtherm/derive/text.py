"""A derivation on a terminal, with rich."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len

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
    before, after = derivation.headline
    if derivation.verdict is not None or after:
        page.gap()
        page.words(after, verdict=derivation.verdict, before=before, stop=bool(after))
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
            text = ascii_text(text)
        return text

    def put(self, text: Text) -> None:
        self.console.print(text, overflow="fold", highlight=False, emoji=False)

    def words(
        self,
        parts: Sequence[str | Formula],
        *,
        style: str = "",
        verdict: Verdict | None = None,
        before: str = "",
        stop: bool = False,
    ) -> None:
        """Running text after ``before`` and the badge, with a full stop after it if ``stop``."""
        from rich.text import Text

        badge = "" if verdict is None else verdict.value + ("." if stop else "")
        opening = self.clean(before) + badge
        words = opening + (" " if badge and parts else "")
        for part in parts:
            plain = self.clean(part if isinstance(part, str) else signs(part.text))
            words += plain if isinstance(part, str) else _kept(plain, 3 * self.width // 5)
        for k, line in enumerate(_filled(words.rstrip(), self.width)):
            text = Text(line, style=style)
            if k == 0 and verdict is not None:
                start = len(self.clean(before))
                text.stylize(f"bold {_COLOURS[verdict]}", start, start + len(badge))
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
        line = self.clean(signs(" ".join(part for part in parts if part)))
        rows = _wrapped(line, self.width - _INDENT)
        for k, row in enumerate(rows):
            self.put(Text(" " * (_INDENT if k == 0 else 2 * _INDENT) + row))

    def table(self, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        from rich import box
        from rich.table import Table
        from rich.text import Text

        cells = [[self.clean(cell) for cell in row] for row in (header, *rows)]
        count = max(map(len, cells), default=0)
        cells = [[*row, *[""] * (count - len(row))] for row in cells]
        widths = [max(cell_len(row[k]) for row in cells) for k in range(count)]
        if sum(widths) + 3 * count > self.width:
            self._records(cells)
            return
        grid = Table(box=box.SIMPLE, header_style="bold", pad_edge=False)
        for name in cells[0]:
            grid.add_column(Text(name), no_wrap=True)
        for row in cells[1:]:
            grid.add_row(*map(Text, row))
        self.console.print(grid, highlight=False, emoji=False)

    def _records(self, cells: Sequence[Sequence[str]]) -> None:
        """A table too wide for the page: its first column as titles, the others line by line."""
        from rich.text import Text

        header, *rows = cells
        indent = max((cell_len(name) for name in header[1:]), default=0) + 2
        for row in rows:
            self.put(Text(row[0], style="bold"))
            for name, value in zip(header[1:], row[1:], strict=True):
                lead = "  " + name + " " * (indent - cell_len(name))
                if cell_len(lead + value) <= self.width:
                    self.put(Text(lead + value))
                else:
                    self.put(Text("  " + name))
                    self.put(Text(("    " if cell_len(value) + 4 <= self.width else "") + value))


def signs(text: str) -> str:
    """Relations and sums as one sign: >= is ≥, and \"sum over a of\" is ∑_a.

    >>> signs("x >= 0"), signs("-sum over a of Q_a")
    ('x ≥ 0', '-∑_a Q_a')
    """
    for plain, sign in ((">=", "≥"), ("<=", "≤"), ("!=", "≠")):
        text = text.replace(f" {plain} ", f" {sign} ")
    return re.sub(r"\bsum over (\w+) of ", r"∑_\1 ", text)


_BLANK = "\ue000"  # a blank at which no line ends


def _kept(text: str, width: int) -> str:
    """A formula for running text, kept on one line if it is short.

    A longer one may break at its words, relations and commas, and in its outermost sum.
    """
    if cell_len(text) <= width:
        return text.replace(" ", _BLANK)
    depth, result = 0, ""
    for k, char in enumerate(text):
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(char, 0)
        breaks = depth == 0 and (
            re.match(r" [-+=<>≤≥≠] | [a-z]{2,}( |$)", text[k:])
            or re.search(r"(,|(^| )[a-z]{2,})$", text[:k])
        )
        result += char if char != " " or breaks else _BLANK
    return result


def _filled(text: str, width: int) -> list[str]:
    """Words in lines of at most ``width`` cells; what is longer is broken like an equation."""
    lines: list[str] = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if cell_len(longer) <= width:
            lines[-1] = longer
            continue
        rows = [word]
        if cell_len(word) > width:
            rows = _wrapped(word.replace(_BLANK, " "), width)
        lines = [*lines, *rows] if lines[-1] else rows
    return [line.replace(_BLANK, " ") for line in lines]


_ASCII_WORDS = (
    ">= <= != ~ == -> => <=> sqrt * - - - oo ' < > sum _down _up hbar ~ (x) (+) +/- x * ' theta phi"
)
_ASCII = dict(zip("≥≤≠≈≡→⇒⇔√·−–—∞†⟨⟩∑↓↑ħ∝⊗⊕±×⋅′ϑϕ", _ASCII_WORDS.split(), strict=True))
_RAISED = re.compile("[⁺⁻⁰¹²³⁴-⁹]+")


def ascii_text(text: str) -> str:
    """The text for a terminal of ASCII alone: what is left out would change a formula.

    >>> print(ascii_text("k_h↑/k_h↓ = ½ x¹² ħ Q̇_h"))
    k_h_up/k_h_down = 1/2 x^12 hbar Q_dot_h
    """
    text = _RAISED.sub(lambda run: "^" + unicodedata.normalize("NFKC", run[0]), text)
    return "".join(char if char.isascii() else _spelled(char) for char in text)


def _spelled(char: str) -> str:
    if char in _ASCII:
        return _ASCII[char]
    name = unicodedata.name(char, "")
    greek = re.fullmatch(r"GREEK (SMALL|CAPITAL) LETTER (\w+)", name)
    if greek:
        word = greek[2].replace("LAMDA", "LAMBDA")
        return word.lower() if greek[1] == "SMALL" else word.capitalize()
    if unicodedata.combining(char):  # a dot over a letter is a rate; other accents are dropped
        return "_dot" if char == "\u0307" else ""
    plain = unicodedata.normalize("NFKD", char).replace("\u2044", "/")  # the slash in one half
    return plain.encode("ascii", "ignore").decode() or "?"


def _wrapped(line: str, width: int) -> list[str]:
    """``line`` in rows of at most ``width`` cells (less the extra indent after the first).

    A row ends before the outermost ``+``, ``-`` or relation in its second half; failing that at
    the outermost blank or before ``/``; failing that it is cut.
    """
    from rich.cells import chop_cells

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
