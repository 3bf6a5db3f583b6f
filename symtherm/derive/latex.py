"""A derivation as a LaTeX article that compiles with plain pdflatex.

Everything leaves here as ASCII: running text is escaped character by character and the formulas
are only broken (:mod:`symtherm.derive.breaking`), never rewritten.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from .breaking import broken, safe_width, widest_term
from .derivation import Derivation, Equation, Formula, Step, Verdict
from .formula import relation
from .spelling import GREEK_LETTERS

__all__ = ["to_latex"]

_TEXT_WIDTH = 45.5  # of the page below, in em of the 10pt font
_TAG_WIDTH = 3.6  # of an equation number

_PREAMBLE = r"""\documentclass[10pt]{article}
\usepackage[a4paper,margin=25mm]{geometry}
\usepackage{amsmath,amssymb,array,booktabs,longtable}
\allowdisplaybreaks[1]
\setlength{\jot}{6pt}
\setlength{\emergencystretch}{0.3\textwidth}
\setlength{\parindent}{0pt}
\setlength{\parskip}{0.5\baselineskip}
"""

# Tables of at most so many rows stay on one page.
SHORT = 30

_VERDICTS = {
    Verdict.PROVED: r"\textbf{Proved.}",
    Verdict.REFUTED: r"\textbf{Refuted.}",
    Verdict.UNDECIDED: r"\textbf{Undecided.}",
}


def to_latex(derivation: Derivation, *, standalone: bool = True) -> str:
    """The derivation as LaTeX: a whole article, or with ``standalone=False`` only its body.

    The body needs ``amsmath, amssymb, array, booktabs, longtable``. Titles, headings, prose and
    table cells are text and are escaped; formulas are mathematics and are kept, except that a
    formula which is not balanced, or which uses a command that reads, writes or defines, is shown
    as its plain text instead. Raises nothing.

    >>> from symtherm.derive.derivation import Derivation
    >>> to_latex(Derivation("50% of $x_1$")).splitlines()[-3]
    '\\\\maketitle'
    """
    body = list(_opening(derivation))
    for heading, steps in derivation.sections:
        body += ["", rf"\section{{{_text(heading)}}}"]
        for step in steps:
            body += _step(step)
    if derivation.source:
        body += ["", rf"\paragraph{{Source.}} {_text(derivation.source)}"]
    if not standalone:
        return "\n".join(body).strip() + "\n"
    title = rf"\title{{{_text(derivation.title)}}}"
    head = [_PREAMBLE + title, r"\author{}", r"\date{}", r"\begin{document}", r"\maketitle"]
    return "\n".join([*head, *body, "", r"\end{document}"]) + "\n"


def _opening(derivation: Derivation) -> list[str]:
    lines: list[str] = []
    if derivation.abstract:
        lines += [r"\begin{abstract}", _prose(derivation.abstract), r"\end{abstract}"]
    before, after = derivation.headline
    if derivation.verdict is not None:
        word = _VERDICTS[derivation.verdict]
        lines += ["", r"\noindent " + _text(before) + (word.lower() if before else word)]
        lines += [_prose(after)] if after else []
        if derivation.counterexample:
            rows = tuple((key, str(value)) for key, value in derivation.counterexample.items())
            lines += ["A counterexample:", *_table(("symbol", "value"), rows)]
    elif after:
        lines += ["", r"\noindent " + _prose(after)]
    return lines


def _step(step: Step) -> list[str]:
    opening = [_VERDICTS[step.verdict]] if step.verdict is not None else []
    if step.prose:
        opening.append(_prose(step.prose))
    lines = ["", " ".join(opening)] if opening else []
    lines += _equations(step.equations)
    if step.table is not None:
        lines += _table(*step.table)
    return lines


# -------------------------------------------------------------------------------------- text

_LETTERS = dict(zip("ßøØæÆœŒłŁı", ("ss", *"oO", "ae", "AE", "oe", "OE", *"lLi"), strict=True))
_SPECIAL = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\ensuremath{<}",
    ">": r"\ensuremath{>}",
    "|": r"\ensuremath{|}",
    '"': "''",
    **{char: "\\" + char for char in "{}_&%$#"},
    **dict(zip("–—…‘’“”", ["--", "---", r"\dots{}", "`", "'", "``", "''"], strict=True)),
    **{char: f"\\{name}{{}}" for char, name in _LETTERS.items()},
    "\u00a0": "~",
    "§": r"\S{}",
}

_SIGNS = (
    r"\ge \le \neq \approx \equiv \to \leftarrow \Rightarrow \Leftrightarrow \pm \times \cdot \div "
    r"\infty \surd \partial \int \sum \prod \in \langle \rangle \dagger \circ \otimes \oplus "
    r"\propto \hbar \ell - ' {}^\circ \epsilon \vartheta \varphi \cdot \forall \exists \wedge \vee "
    r"\neg 1"
)
_MATH = {
    **{char: "\\" + name for name, char in GREEK_LETTERS.items()},
    **dict(zip("≥≤≠≈≡→←⇒⇔±×·÷∞√∂∫∑∏∈⟨⟩†∘⊗⊕∝ħℓ−′°ϵϑϕ⋅∀∃∧∨¬𝟙", _SIGNS.split(), strict=True)),
    **{char: f"{{}}^{{{k}}}" for k, char in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")},
    **{char: f"{{}}_{{{k}}}" for k, char in enumerate("₀₁₂₃₄₅₆₇₈₉")},
}
_ACCENT = dict(
    zip(
        "\u0300\u0301\u0302\u0303\u0308\u030a\u0327\u030c\u0304\u0306\u0307\u030b",
        ["\\" + char for char in "`'^~\"rcv=u.H"],
        strict=True,
    )
)


def _character(char: str) -> str:
    if char in _SPECIAL:
        return _SPECIAL[char]
    if " " <= char <= "~":
        return char
    if char in _MATH:
        return rf"\ensuremath{{{_MATH[char]}}}"
    if char.isspace() or unicodedata.category(char) == "Cc":
        return " "
    letters = unicodedata.normalize("NFD", char)
    if len(letters) == 2 and letters[0].isascii() and letters[1] in _ACCENT:
        return f"{_ACCENT[letters[1]]}{{{letters[0]}}}"
    return f"[U+{ord(char):04X}]"


def _text(text: str) -> str:
    """Escaped running text; words too long for a line get places to break."""
    words = []
    for word in re.split(r"(\s+)", unicodedata.normalize("NFC", text)):
        pieces = [_character(char) for char in word]
        if len(pieces) > 30:
            joint = any(char in "._([," for char in word[1:-1])
            pieces = [
                piece + (r"\allowbreak{}" if (char in "._([," if joint else k % 8 == 7) else "")
                for k, (char, piece) in enumerate(zip(word, pieces, strict=True))
            ]
        words.append("".join(pieces) if word.strip() else " " if word else "")
    return "".join(words)


def _prose(parts: Sequence[str | Formula]) -> str:
    """Running text with formulas inline; a formula too wide for a paragraph is displayed."""
    out: list[str] = []
    closing = ""  # punctuation already set at the end of a display
    for k, part in enumerate(parts):
        if isinstance(part, str):
            out.append(_text(part.removeprefix(closing)))
            closing = ""
            continue
        latex = _math(part)
        widest = _TEXT_WIDTH / (5 if r"\frac" in latex else 2)
        if widest_term(latex) <= widest:
            out.append(f"${latex}$")
            continue
        lines = broken(latex, _TEXT_WIDTH - 2)
        following = parts[k + 1] if k + 1 < len(parts) else ""
        if isinstance(following, str) and following[:1] in tuple(".,;:"):
            closing = following[0]
            lines[-1] += closing
        rows = "\\\\\n".join(("&" if k == 0 else r"&\quad ") + row for k, row in enumerate(lines))
        out.append(f"\n\\[\n\\begin{{aligned}}\n{rows}\n\\end{{aligned}}\n\\]\n")
    return "".join(out).strip()


# ----------------------------------------------------------------------------- safe formulas

_UNSAFE = re.compile(
    r"\\(input|include\w*|openin|openout|read\w*|write\d*|immediate|special|[egx]?def|let|futurelet"
    r"|catcode|csname|endcsname|usepackage|RequirePackage|documentclass|\w*newcommand|loop|repeat"
    r"|verbatiminput|lstinputlisting|everymath|output|shipout|end\s*\{\s*document|begin\s*\{\s*(?!"
    r"[pbvBV]?matrix|smallmatrix|cases|aligned|array|gathered|split)|expandafter|jobname|scantokens"
    r"|url|href|if(?!f(?![A-Za-z]))\w*|the|par|stop|bye|dump|batchmode|nonstopmode|scrollmode|errmessage|message)"
    r"(?![A-Za-z])|\^\^|%|\$|#|\\[\]()\[]"
)


def _math(part: Formula) -> str:
    """The LaTeX of a formula, or its text where the LaTeX could upset the document."""
    bare = re.sub(r"\\[%$#]", "", part.latex)
    bare = bare.replace(r"\\", " ")
    depth, sound = 0, bool(part.latex.strip())
    for match in re.finditer(r"\\.|[{}]", bare):
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        sound &= depth >= 0
    sound &= len(re.findall(r"\\left(?![A-Za-z])", bare)) == len(
        re.findall(r"\\right(?![A-Za-z])", bare)
    )
    if depth or not sound or _UNSAFE.search(bare):
        return rf"\text{{{_text(part.text)}}}"
    if part.latex.isascii():
        return " ".join(part.latex.split())
    return "".join(
        char
        if char.isascii()
        else _MATH[char] + " "
        if char in _MATH
        else rf"\text{{{_character(char)}}}"
        for char in " ".join(part.latex.split())
    )


# -------------------------------------------------------------------------------- equations


def _equations(equations: Sequence[Equation]) -> list[str]:
    """One ``align``, its relations under each other where the widths allow."""
    if not equations:
        return []
    rows = [_Row.of(equation) for equation in equations]
    left = max(row.left for row in rows)
    fits = all(left + row.right <= _TEXT_WIDTH - _TAG_WIDTH for row in rows)
    if fits:
        return _align([[f"{row.lhs} & {row.rel} {row.rhs}"] for row in rows])
    lines: list[str] = []
    for row in rows:
        lines += _align([row.lines()])
    return lines


@dataclass(slots=True)
class _Row:
    """An equation: its sides, its relation, and the widths left and right of the alignment."""

    lhs: str
    rel: str
    rhs: str
    left: float
    right: float

    @staticmethod
    def of(equation: Equation) -> _Row:
        lhs, rhs = _math(equation.lhs), _math(equation.rhs)
        sign = _math(relation(equation.relation)) if equation.relation else ""
        left, right = safe_width(lhs), safe_width(rhs) + 1.4
        return _Row(lhs, sign, rhs, left, right)

    def lines(self) -> list[str]:
        room = _TEXT_WIDTH - _TAG_WIDTH
        if self.left > room / 3:
            left = broken(self.lhs, room)
            right = broken(self.rhs, room - 4.0)
            lines = ["& " + left[0], *(r"& \qquad " + line for line in left[1:])]
            lines.append(rf"& \quad {{}} {self.rel} {right[0]}")
            return lines + [r"& \qquad\qquad " + line for line in right[1:]]
        right = broken(self.rhs, room - self.left - 1.4)
        lines = [f"{self.lhs} & {self.rel} {right[0]}"]
        return lines + [r"& \quad " + line for line in right[1:]]


def _align(blocks: Sequence[Sequence[str]]) -> list[str]:
    """Each block is one equation of one or more lines, numbered on its last."""
    lines = [r"\begin{align}"]
    for k, block in enumerate(blocks):
        for j, row in enumerate(block):
            number = "" if j == len(block) - 1 else r" \notag"
            last = k == len(blocks) - 1 and j == len(block) - 1
            lines.append(row + number + ("" if last else r" \\"))
    return [*lines, r"\end{align}"]


# ----------------------------------------------------------------------------------- tables


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A table that may run over pages; columns too wide for the page wrap."""
    count = max([len(header), *map(len, rows)], default=0)
    if not count:
        return []
    cells = [[*row, *[""] * (count - len(row))] for row in (header, *rows)]
    widths = [max(len(row[k]) for row in cells) * 0.55 + 1.2 for k in range(count)]
    if sum(widths) <= _TEXT_WIDTH:
        numeric = [
            all(re.fullmatch(r"[-+]?[\d.,/ e+-]*\d", row[k]) for row in cells[1:])
            for k in range(count)
        ]
        columns = "".join("r" if right else "l" for right in numeric)
    else:
        share = [min(width, 3 * _TEXT_WIDTH / count) for width in widths]
        room = _TEXT_WIDTH - 1.2 * count
        columns = "".join(
            rf">{{\raggedright\arraybackslash}}p{{{room * part / sum(share):.2f}em}}"
            for part in share
        )
    head, *body = [" & ".join(_text(cell) for cell in row) + r" \\" for row in cells]
    if len(body) <= SHORT:
        # A longtable finds its widths only in the second run of LaTeX.
        return [
            r"\begin{center}",
            rf"\begin{{tabular}}{{{columns}}}",
            rf"\toprule {head} \midrule",
            *("{}" + row for row in body),
            r"\bottomrule",
            r"\end{tabular}",
            r"\end{center}",
        ]
    return [
        rf"\begin{{longtable}}{{{columns}}}",
        rf"\toprule {head} \midrule \endhead",
        r"\bottomrule \endlastfoot",
        *("{}" + row for row in body),
        r"\end{longtable}",
    ]
