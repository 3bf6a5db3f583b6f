"""Estimated widths of formulas in em, by the metrics of Computer Modern.

A formula is parsed into the pieces that TeX keeps together. Widths need not be exact, only never
much too small: they decide where lines break.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import reduce

from .spelling import GREEK_LETTERS, glue

__all__ = ["Node", "joined", "measure", "parse", "width_of"]


@dataclass(slots=True)
class Node:
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
        GREEK_LETTERS,
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


def parse(latex: str, scale: float = 1.0, fraction: float | None = None) -> list[Node]:
    """The top-level pieces of a formula.

    ``scale`` is 1 in display style and smaller where TeX shrinks; ``fraction`` is the scale inside
    the next fraction, ``scale`` itself unless given.
    """
    inside = scale if fraction is None else fraction
    nodes, _ = _sequence(_tokens(latex), 0, None, scale, inside)
    return nodes


def measure(latex: str, scale: float = 1.0, fraction: float | None = None) -> float:
    """The width of a formula, with the scales of :func:`parse`."""
    return width_of(parse(latex, scale, fraction))


def width_of(nodes: Sequence[Node]) -> float:
    """The width of pieces side by side."""
    return sum(node.width for node in nodes)


def joined(pieces: Iterable[str]) -> str:
    """The LaTeX of pieces side by side."""
    return reduce(glue, pieces, "")


def _sequence(
    tokens: list[str], start: int, stop: str | None, scale: float, fraction: float
) -> tuple[list[Node], int]:
    """The pieces from ``start`` up to ``stop``, and where it stands: -1 if ``stop`` never came."""
    nodes: list[Node] = []
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
            node = Node(node.latex, 0.778 * scale)
        node.spaced = spaced
        nodes.append(node)
    return nodes, k if stop is None else -1


def _node(tokens: list[str], k: int, scale: float, fraction: float) -> tuple[Node, int]:
    token = tokens[k].strip()
    name = token[1:] if token.startswith("\\") else ""
    if token == "{":
        inner, end = _argument(tokens, k)
        return Node("{" + inner + "}", measure(inner, scale, fraction)), end
    if name in ("frac", "dfrac", "tfrac"):
        return _fraction(tokens, k, scale, fraction)
    if name == "left":
        return _delimited(tokens, k, scale, fraction)
    if token in _CLOSERS:
        inside, end = _sequence(tokens, k + 1, _CLOSERS[token], scale, fraction)
        if end >= 0:
            body = joined(node.latex for node in inside)
            close = tokens[end].strip()
            width = width_of(inside) + 0.8 * scale
            return Node(token + body + close, width, "paren", (token, body, close)), end + 1
    if name == "begin":
        return _environment(tokens, k, scale)
    if name in _WRAPPERS:
        return _wrapped(tokens, k, name, scale)
    if re.fullmatch(r"[bB]igg?[lrm]?", name) and k + 1 < len(tokens):
        return Node(tokens[k] + tokens[k + 1], 0.6 * scale), k + 2
    kind = "op" if token in _BINARY else "rel" if token in _RELATIONS else "atom"
    kind = "comma" if token == "," else kind
    return Node(tokens[k], _glyph(token, name, kind) * scale, kind), k + 1


def _glyph(token: str, name: str, kind: str) -> float:
    """The width of a single sign in display style, with the space TeX puts around it."""
    if kind == "op":
        return 0.722 if token == r"\cdot" else 1.222
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


def _fraction(tokens: list[str], k: int, scale: float, fraction: float) -> tuple[Node, int]:
    command = tokens[k].strip()
    above, k = _argument(tokens, k + 1)
    below, k = _argument(tokens, k)
    smaller = max(fraction * 0.7, 0.5)
    width = 0.24 + max(measure(above, fraction, smaller), measure(below, fraction, smaller))
    return Node(f"{command}{{{above}}}{{{below}}}", width, "frac", (above, below, "")), k


def _delimited(tokens: list[str], k: int, scale: float, fraction: float) -> tuple[Node, int]:
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
    width = measure(body, scale, fraction) + (1.5 if r"\frac" in body else 0.9) * scale
    return Node(opening + body + closing, width, "paren", (opening, body, closing)), end + 2


def _environment(tokens: list[str], k: int, scale: float) -> tuple[Node, int]:
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
        sum(measure(cell, scale) + 1.0 for cell in row.split("&")) for row in inside.split(r"\\")
    ]
    return Node("".join(tokens[k:end]), max(rows, default=0.0) + 1.0), end


def _wrapped(tokens: list[str], k: int, name: str, scale: float) -> tuple[Node, int]:
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
        width = measure(inner, scale) + (0.95 if name == "sqrt" else 0.1) * scale
    if name == "sqrt":
        command = "".join(tokens[start:k]).strip()
        return Node("".join(tokens[start:end]), width, "root", (command, inner, "")), end
    return Node("".join(tokens[start:end]), width), end


def _scripts(tokens: list[str], k: int, node: Node, scale: float) -> int:
    """Attach all scripts at ``k`` to ``node``; the wider of sub- and superscript counts."""
    latex, widest = "", 0.0
    while k < len(tokens) and tokens[k].strip() in _MARKS:
        if tokens[k].strip() == "'":
            latex, k, widest = latex + "'", k + 1, max(widest, 0.3 * scale)
            continue
        mark = tokens[k].strip()
        inner, k = _argument(tokens, k + 1)
        latex += f"{mark}{{{inner}}}"
        widest = max(widest, measure(inner, max(scale * 0.7, 0.5)) + 0.05)
    node.latex = node.latex.rstrip() + latex
    node.width += widest
    if node.parts:
        node.parts = (*node.parts[:2], node.parts[2] + latex)
    elif node.kind != "atom":
        node.kind = "atom"
    return k
