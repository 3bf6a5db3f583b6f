"""A derivation as a LaTeX article that compiles with plain pdflatex.

Everything leaves here as ASCII: running text is escaped character by character and the formulas
are only broken, never rewritten. Long formulas are broken by estimated width (the metrics of
Computer Modern) at the outermost place that helps: between terms, between factors, inside
parentheses. The numerator or denominator of a fraction that is too long is set on several lines.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from .derivation import Derivation, Equation, Formula, Step, Verdict
from .formula import relation

__all__ = ["to_latex"]

_TEXT_WIDTH = 45.5  # of the page below, in em of the 10pt font
_TAG_WIDTH = 3.6
_SAFETY = 1.03
_STACK_LINES = 12

_PREAMBLE = r"""\documentclass[10pt]{article}
\usepackage[a4paper,margin=25mm]{geometry}
\usepackage{amsmath,amssymb,array,booktabs,longtable}
\allowdisplaybreaks[1]
\setlength{\jot}{6pt}
\setlength{\emergencystretch}{0.3\textwidth}
\setlength{\parindent}{0pt}
\setlength{\parskip}{0.5\baselineskip}
"""

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
    if derivation.verdict is not None:
        lines += ["", r"\noindent " + _VERDICTS[derivation.verdict]]
        if derivation.condition is not None:
            lines.append(_prose(("Equality holds if and only if ", derivation.condition, ".")))
        if derivation.counterexample:
            rows = tuple((key, str(value)) for key, value in derivation.counterexample.items())
            lines += ["A counterexample:", *_table(("symbol", "value"), rows)]
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

_GREEK_NAMES = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau "
    "upsilon phi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"
)
_GREEK = dict(zip("αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩ", _GREEK_NAMES.split(), strict=True))
_SIGNS = (
    r"\ge \le \neq \approx \equiv \to \leftarrow \Rightarrow \Leftrightarrow \pm \times \cdot \div "
    r"\infty \surd \partial \int \sum \prod \in \langle \rangle \dagger \circ \otimes \oplus "
    r"\propto \hbar \ell - ' {}^\circ \epsilon \vartheta \varphi \cdot \forall \exists \wedge \vee "
    r"\neg 1"
)
_MATH = {
    **{char: "\\" + name for char, name in _GREEK.items()},
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
            pieces = [
                piece + (r"\allowbreak{}" if k % 8 == 7 else "") for k, piece in enumerate(pieces)
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
        nodes, _ = _sequence(_tokens(latex), 0, None, 1.0, 0.7)
        widest = _TEXT_WIDTH / (5 if r"\frac" in latex else 2)
        if max((_width(term) for term in _terms(nodes)), default=0.0) <= widest:
            out.append(f"${latex}$")
            continue
        lines = _break(latex, _TEXT_WIDTH - 2)
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


# ---------------------------------------------------------------------------- widths of math


@dataclass(slots=True)
class _Node:
    """A piece of a formula that TeX keeps together, with its width in em.

    ``kind`` is ``atom``, ``op`` (break before), ``rel`` (break before), ``comma`` (break after),
    ``paren`` (``parts`` = opening, inside, closing with scripts), ``frac`` (``parts`` =
    numerator, denominator, scripts) or ``root`` (``parts`` = command, inside, scripts).
    ``spaced`` says that a blank precedes it.
    """

    latex: str
    width: float
    kind: str = "atom"
    parts: tuple[str, ...] = field(default=())
    spaced: bool = False


_ITALIC = dict(
    zip(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
        [
            *(529, 429, 433, 520, 466, 597, 513, 576, 345, 469, 552, 318, 878, 600, 485, 503, 482),
            *(479, 469, 361, 572, 521, 743, 572, 526, 509),
            *(750, 809, 786, 856, 796, 782, 786, 912, 518, 651, 921, 681, 1079, 912, 791, 781, 791),
            *(767, 671, 723, 792, 806, 1083, 907, 803, 754),
        ],
        strict=True,
    )
)
_GREEK_WIDTH = dict(
    zip(
        _GREEK.values(),
        [
            *(643, 618, 573, 482, 406, 511, 532, 497, 354, 576, 583, 603, 558, 484, 606, 517, 607),
            *(550, 576, 596, 626, 687, 658),
            *(625, 833, 778, 694, 667, 750, 722, 778, 722, 778, 722),
        ],
        strict=True,
    )
)
_SPACES = {",": 0.167, ":": 0.222, ";": 0.278, "!": -0.167, " ": 0.333, "quad": 1.0, "qquad": 2.0}
_RELATION_NAMES = (
    r"= < > \le \ge \leq \geq \neq \ne \lt \gt \equiv \approx \propto \to \mapsto \ll \gg \sim "
    r"\Rightarrow \Leftrightarrow \implies \iff \in \colon :"
)
_RELATIONS = frozenset(_RELATION_NAMES.split())
_BINARY_NAMES = r"+ - \pm \mp \times \cdot \wedge \vee \oplus \otimes"
_BINARY = frozenset(_BINARY_NAMES.split())
_WRAPPER_NAMES = (
    "mathrm text operatorname mathop mathcal mathbb mathbf mathit mathsf textbf textit boldsymbol "
    "hat dot ddot bar tilde vec overline underline widehat widetilde mathfrak textrm sqrt hspace"
)
_WRAPPERS = frozenset(_WRAPPER_NAMES.split())
_FUNCTION = re.compile(
    r"\\(ln|log|exp|arg|max|min|det|(arc|)(sin|cos|tan|cot|sec|csc)h?|operatorname|math\w+|text|Tr)"
    r"(?![A-Za-z])"
)
_MARKS = ("^", "_", "'")
_CLOSERS = {"(": ")", "[": "]", r"\{": r"\}"}
_TOKEN = re.compile(r"\\[A-Za-z]+\*?|\\.|\s+|.", re.DOTALL)


def _tokens(latex: str) -> list[str]:
    """The tokens, each with one blank at its end if the source had any there."""
    found: list[str] = []
    for token in _TOKEN.findall(latex):
        if not token.isspace():
            found.append(token)
        elif found:
            found[-1] = found[-1].rstrip() + " "
    return found


def _parse(latex: str, scale: float = 1.0) -> list[_Node]:
    """The top-level pieces; ``scale`` is 1 in display style and smaller where TeX shrinks."""
    nodes, _ = _sequence(_tokens(latex), 0, None, scale, scale)
    return nodes


def _sequence(
    tokens: list[str], start: int, stop: str | None, scale: float, fraction: float
) -> tuple[list[_Node], int]:
    """Nodes from ``start`` up to ``stop`` (exclusive); the index -1 says ``stop`` never came."""
    nodes: list[_Node] = []
    k = start
    while k < len(tokens):
        if tokens[k].strip() == stop:
            return nodes, k
        if tokens[k].strip() in _MARKS and nodes:
            k = _scripts(tokens, k, nodes[-1], scale)
            continue
        spaced = k > start and tokens[k - 1].endswith(" ")
        node, k = _node(tokens, k, scale, fraction)
        if node.kind == "op" and (not nodes or nodes[-1].kind in ("op", "rel", "comma")):
            node = _Node(node.latex, 0.778 * scale)
        node.spaced = spaced
        nodes.append(node)
    return nodes, k if stop is None else -1


def _node(tokens: list[str], k: int, scale: float, fraction: float) -> tuple[_Node, int]:
    token = tokens[k].strip()
    name = token[1:] if token.startswith("\\") else ""
    if token == "{":
        inner, end = _argument(tokens, k)
        return _Node("{" + inner + "}", _measure(inner, scale, fraction)), end
    if name in ("frac", "dfrac", "tfrac"):
        return _fraction(tokens, k, scale, fraction)
    if name == "left":
        return _delimited(tokens, k, scale, fraction)
    if token in _CLOSERS:
        inside, end = _sequence(tokens, k + 1, _CLOSERS[token], scale, fraction)
        if end >= 0:
            body = _join(inside)
            close = tokens[end].strip()
            width = _width(inside) + 0.8 * scale
            return _Node(token + body + close, width, "paren", (token, body, close)), end + 1
    if name == "begin":
        return _environment(tokens, k, scale)
    if name in _WRAPPERS:
        return _wrapped(tokens, k, name, scale)
    if re.fullmatch(r"[bB]igg?[lrm]?", name) and k + 1 < len(tokens):
        return _Node(tokens[k] + tokens[k + 1], 0.6 * scale), k + 2
    kind = "op" if token in _BINARY else "rel" if token in _RELATIONS else "atom"
    kind = "comma" if token == "," else kind
    return _Node(tokens[k], _glyph(token, name, kind) * scale, kind), k + 1


def _glyph(token: str, name: str, kind: str) -> float:
    if kind == "op":
        return 1.222 if token not in (r"\cdot",) else 0.722
    if kind == "rel":
        return 1.334 if len(token) < 5 else 2.0
    if name in _SPACES:
        return _SPACES[name]
    if name in _GREEK_WIDTH:
        return _GREEK_WIDTH[name] / 1000
    if token in _ITALIC:
        return _ITALIC[token] / 1000
    if name:
        return 0.53 * len(name) + 0.17 if name.islower() and len(name) < 5 else 1.1
    return {"(": 0.39, ")": 0.39, "[": 0.28, "]": 0.28, ",": 0.445, "|": 0.278}.get(token, 0.5)


def _argument(tokens: list[str], k: int) -> tuple[str, int]:
    """The text of the argument at ``k`` (a group without its braces, or one token) and its end."""
    if k >= len(tokens):
        return "", k
    if tokens[k].strip() != "{":
        return tokens[k], k + 1
    inner: list[str] = []
    depth, k = 1, k + 1
    while k < len(tokens):
        depth += {"{": 1, "}": -1}.get(tokens[k].strip(), 0)
        if depth == 0:
            return "".join(inner), k + 1
        inner.append(tokens[k])
        k += 1
    return "".join(inner), k


def _measure(latex: str, scale: float, fraction: float | None = None) -> float:
    nodes, _ = _sequence(_tokens(latex), 0, None, scale, scale if fraction is None else fraction)
    return _width(nodes)


def _fraction(tokens: list[str], k: int, scale: float, fraction: float) -> tuple[_Node, int]:
    command = tokens[k].strip()
    above, k = _argument(tokens, k + 1)
    below, k = _argument(tokens, k)
    smaller = max(fraction * 0.7, 0.5)
    width = 0.24 + max(_measure(above, fraction, smaller), _measure(below, fraction, smaller))
    return _Node(f"{command}{{{above}}}{{{below}}}", width, "frac", (above, below, "")), k


def _delimited(tokens: list[str], k: int, scale: float, fraction: float) -> tuple[_Node, int]:
    depth, start = 1, k + 2
    end = start
    while end < len(tokens):
        depth += {r"\left": 1, r"\right": -1}.get(tokens[end].strip(), 0)
        if depth == 0:
            break
        end += 1
    body = "".join(tokens[start:end])
    opening = tokens[k].strip() + tokens[k + 1]
    closing = "".join(tokens[end : end + 2])
    width = _measure(body, scale, fraction) + (1.5 if r"\frac" in body else 0.9) * scale
    return _Node(opening + body + closing, width, "paren", (opening, body, closing)), end + 2


def _environment(tokens: list[str], k: int, scale: float) -> tuple[_Node, int]:
    depth, end = 0, k
    while end < len(tokens):
        depth += {r"\begin": 1, r"\end": -1}.get(tokens[end].strip(), 0)
        end += 1
        if depth == 0:
            break
    _, start = _argument(tokens, k + 1)
    inside = "".join(tokens[start : end - 1])
    _, end = _argument(tokens, end)
    rows = [
        sum(_measure(cell, scale) + 1.0 for cell in row.split("&")) for row in inside.split(r"\\")
    ]
    return _Node("".join(tokens[k:end]), max(rows, default=0.0) + 1.0), end


def _wrapped(tokens: list[str], k: int, name: str, scale: float) -> tuple[_Node, int]:
    start = k
    k += 1
    if k < len(tokens) and tokens[k].strip() == "[":
        while k < len(tokens) and tokens[k].strip() != "]":
            k += 1
        k += 1
    inner, end = _argument(tokens, k)
    if name in ("text", "mathrm", "operatorname", "textbf", "textit", "textrm"):
        width = 0.56 * len(re.sub(r"\\[A-Za-z]+|[{}\\]", "x", inner)) * scale + 0.17
    else:
        width = _measure(inner, scale) + (0.95 if name == "sqrt" else 0.1) * scale
    if name == "sqrt":
        command = "".join(tokens[start:k]).strip()
        return _Node("".join(tokens[start:end]), width, "root", (command, inner, "")), end
    return _Node("".join(tokens[start:end]), width), end


def _scripts(tokens: list[str], k: int, node: _Node, scale: float) -> int:
    """Attach all scripts at ``k`` to ``node``; the wider of sub- and superscript counts."""
    latex, widest = "", 0.0
    while k < len(tokens) and tokens[k].strip() in _MARKS:
        if tokens[k].strip() == "'":
            latex, k, widest = latex + "'", k + 1, max(widest, 0.3 * scale)
            continue
        mark = tokens[k].strip()
        inner, k = _argument(tokens, k + 1)
        latex += f"{mark}{{{inner}}}"
        widest = max(widest, _measure(inner, max(scale * 0.7, 0.5)) + 0.05)
    node.latex = node.latex.rstrip() + latex
    node.width += widest
    if node.parts:
        node.parts = (*node.parts[:2], node.parts[2] + latex)
    elif node.kind != "atom":
        node.kind = "atom"
    return k


def _width(nodes: Sequence[_Node]) -> float:
    return sum(node.width for node in nodes)


def _join(nodes: Sequence[_Node]) -> str:
    latex = ""
    for node in nodes:
        if node.latex[:1].isalpha() and re.search(r"\\[A-Za-z]+$", latex):
            latex += " "
        latex += node.latex
    return latex


# ----------------------------------------------------------------------------- line breaking


@dataclass(slots=True)
class _Unit:
    """What stays on one line; ``level`` is how deep a break before it is (None: forbidden)."""

    latex: str
    width: float
    level: float | None
    lead: str = ""


def _terms(nodes: Sequence[_Node]) -> list[list[_Node]]:
    """Cut before every binary operator and relation and after every comma."""
    terms: list[list[_Node]] = []
    cut = True
    for node in nodes:
        if cut or node.kind in ("op", "rel"):
            terms.append([])
        terms[-1].append(node)
        cut = node.kind == "comma"
    return terms


def _break(latex: str, limit: float, first: float | None = None) -> list[str]:
    """``latex`` on as many lines as its estimated width needs, each at most ``limit`` em."""
    limit /= _SAFETY
    first = limit if first is None else first / _SAFETY
    nodes = _parse(latex)
    if _width(nodes) <= first:
        return [latex]
    return _fill(_units(nodes, limit - 2.5, 0.0), first, limit - 2.0)


def _units(nodes: Sequence[_Node], limit: float, level: float) -> list[_Unit]:
    units: list[_Unit] = []
    for term in _terms(nodes):
        width = _width(term)
        if width <= limit:
            cost = 0.0 if term[0].kind == "rel" else 0.1
            units.append(_Unit(_join(term), width, level + cost))
            continue
        start = len(units)
        glued = 0.0  # what stands on the line before the next piece, whatever is done
        for k, node in enumerate(term):
            factor = k > 0 and _multiplies(term[k - 1], node)
            glued = 0.0 if factor else glued
            pieces = _opened(node, max(limit - glued, limit / 3), level + 1)
            pieces[0].level = level + 0.8 if factor else None
            pieces[0].lead = r"\times " if factor else ""
            glued = pieces[-1].width + (glued if len(pieces) == 1 else 0.0)
            units += pieces
        units[start].level, units[start].lead = level, ""
    return units


def _multiplies(before: _Node, node: _Node) -> bool:
    """Whether the juxtaposition is surely a product: ``f(t)`` and ``\\ln x`` are none."""
    if before.kind in ("paren", "frac", "root"):
        return True
    if before.kind != "atom" or not node.spaced or node.kind == "paren":
        return False
    return not _FUNCTION.match(before.latex)


def _opened(node: _Node, limit: float, level: float) -> list[_Unit]:
    """A node as units: itself if it fits, otherwise with breaks inside."""
    if node.width <= limit or not node.parts:
        return [_Unit(node.latex, node.width, None)]
    if node.kind == "paren":
        opening, body, closing = node.parts
        return _enclosed(body, opening, closing, limit, level)
    if node.kind == "root":
        command, body, scripts = node.parts
        inside, _ = _stack(body, limit - 1.5, 0)
        return [_Unit(f"{command}{{{inside}}}{scripts}", limit, None)]
    above, below, scripts = node.parts
    stacked = [_stack(part, limit - 1.0, side) for part, side in ((above, 1), (below, -1))]
    if sum(lines for _, lines in stacked) <= _STACK_LINES:
        latex = rf"\frac{{{stacked[0][0]}}}{{{stacked[1][0]}}}"
        return [_Unit(latex + scripts, limit, None)]
    units = [_Unit(above, _measure(above, 1.0), None)]
    if len(_terms(_parse(above))) > 1 or units[0].width > limit / 2:
        units = _enclosed(above, "(", ")", limit, level)
    units.append(_Unit(r"\big/", 0.6, None))
    units += _enclosed(below, "(", ")", limit, level)
    if scripts:
        units = [_Unit(r"\bigl[", 0.5, None), *units, _Unit(r"\bigr]" + scripts, 0.8, None)]
    return units


def _stack(latex: str, limit: float, side: int) -> tuple[str, int]:
    """A part of a fraction (1 above, -1 below) or root (0) on the lines it needs; their number."""
    if _measure(latex, 1.0, 1.0 if side == 0 else 0.7) * _SAFETY <= limit:
        return latex, 1
    lines = _break(latex, limit)
    if side > 0:
        lines[-1] += r"\rule[-1.2ex]{0pt}{0pt}"
    elif side < 0:
        lines[0] = r"\rule{0pt}{2.6ex}" + lines[0]
    rows = r"\\".join(("&" if k == 0 else r"&\quad ") + line for k, line in enumerate(lines))
    return rf"\begin{{aligned}}{rows}\end{{aligned}}", len(lines)


def _enclosed(body: str, opening: str, closing: str, limit: float, level: float) -> list[_Unit]:
    """A parenthesis whose inside may break: ``\\left`` and ``\\right`` become fixed sizes."""
    size = "bigg" if r"\frac" in body else "big"
    mark = opening.removeprefix(r"\left")
    close = re.match(r"(?:\\right)?\s*(\\[A-Za-z]+|\\.|.)(.*)", closing, re.DOTALL)
    shut, scripts = (close[1], close[2]) if close else (")", "")
    units = _units(_parse(body), limit - 1.5, level)
    units[0].latex = rf"\{size}l{mark} " + units[0].latex
    units[0].width += 0.7
    units[-1].latex += rf"\{size}r{shut}{scripts}"
    units[-1].width += 0.8 + 0.5 * bool(scripts)
    return units


def _fill(units: list[_Unit], first: float, limit: float) -> list[str]:
    """The lines of least cost: few, broken at the outside, evenly filled."""
    best: list[tuple[float, int]] = [(0.0, 0)]
    for end in range(1, len(units) + 1):
        options: list[tuple[float, int]] = []
        width = 0.0
        for start in range(end - 1, -1, -1):
            width += units[start].width
            level = units[start].level
            if start and level is None:
                continue
            room = limit if start else first
            if width > room and options:
                break
            slack = max(room - width, 0.0) / room if end < len(units) else 0.0
            cost = slack**2 + 1000 * max(width - room, 0.0)
            cost += 1 + 0.7 * (level or 0.0) if start else 0.0
            options.append((best[start][0] + cost, start))
        best.append(min(options, default=(1e9, 0)))
    lines: list[str] = []
    end = len(units)
    while end:
        start = best[end][1]
        pieces = [_Node(unit.latex, 0.0) for unit in units[start:end]]
        lead = units[start].lead if start else ""
        lines.append((r"{} " if start else "") + lead + _join(pieces))
        end = start
    return lines[::-1]


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
        lines += _align([row.broken()])
    return lines


@dataclass(slots=True)
class _Row:
    lhs: str
    rel: str
    rhs: str
    left: float
    right: float

    @staticmethod
    def of(equation: Equation) -> _Row:
        lhs, rhs = _math(equation.lhs), _math(equation.rhs)
        sign = _math(relation(equation.relation)) if equation.relation else ""
        left, right = _measure(lhs, 1.0) * _SAFETY, _measure(rhs, 1.0) * _SAFETY + 1.4
        return _Row(lhs, sign, rhs, left, right)

    def broken(self) -> list[str]:
        room = _TEXT_WIDTH - _TAG_WIDTH
        if self.left > room / 3:
            left = _break(self.lhs, room)
            right = _break(self.rhs, room - 4.0)
            lines = ["& " + left[0], *(r"& \qquad " + line for line in left[1:])]
            lines.append(rf"& \quad {{}} {self.rel} {right[0]}")
            return lines + [r"& \qquad\qquad " + line for line in right[1:]]
        right = _break(self.rhs, room - self.left - 1.4)
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
    return [
        rf"\begin{{longtable}}{{{columns}}}",
        rf"\toprule {head} \midrule \endhead",
        r"\bottomrule \endlastfoot",
        *("{}" + row for row in body),
        r"\end{longtable}",
    ]
