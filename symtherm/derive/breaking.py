"""Long formulas on several lines, broken at the outermost place that helps.

Breaks stand between terms, between factors and inside parentheses. The numerator or denominator
of a fraction that is too long is set on several lines.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .widths import Node, joined, measure, parse, width_of

__all__ = ["broken", "safe_width", "widest_term"]

_SAFETY = 1.03  # a real width may exceed its estimate by this factor
_STACK_LINES = 12  # a fraction with more lines than that is written with a slash
_FUNCTION = re.compile(
    r"\\(ln|log|exp|arg|max|min|det|(arc|)(sin|cos|tan|cot|sec|csc)h?|operatorname|math\w+|text|Tr)"
    r"(?![A-Za-z])"
)


def safe_width(latex: str) -> float:
    """The width of a displayed formula, on the safe side, in em."""
    return measure(latex) * _SAFETY


def widest_term(latex: str) -> float:
    """The estimated width of the widest piece that TeX cannot break in running text, in em."""
    terms = _terms(parse(latex, fraction=0.7))
    return max(map(width_of, terms), default=0.0)


def broken(latex: str, limit: float, first: float | None = None) -> list[str]:
    """``latex`` on as many lines as its estimated width needs, each at most ``limit`` em.

    The first line may have another limit, ``first``.
    """
    limit /= _SAFETY
    first = limit if first is None else first / _SAFETY
    nodes = parse(latex)
    if width_of(nodes) <= first:
        return [latex]
    return _fill(_units(nodes, limit - 2.5, 0.0), first, limit - 2.0)


@dataclass(slots=True)
class _Unit:
    """What stays on one line; ``level`` is how deep a break before it is (None: forbidden).

    ``lead`` is set before it only where it begins a line.
    """

    latex: str
    width: float
    level: float | None
    lead: str = ""


def _terms(nodes: Sequence[Node]) -> list[list[Node]]:
    """Cut before every binary operator and relation and after every comma."""
    terms: list[list[Node]] = []
    cut = True
    for node in nodes:
        if cut or node.kind in ("op", "rel"):
            terms.append([])
        terms[-1].append(node)
        cut = node.kind == "comma"
    return terms


def _units(nodes: Sequence[Node], limit: float, level: float) -> list[_Unit]:
    """Terms as units, those wider than ``limit`` with breaks inside; ``level`` of the outermost."""
    units: list[_Unit] = []
    for term in _terms(nodes):
        width = width_of(term)
        if width <= limit:
            cost = 0.0 if term[0].kind == "rel" else 0.1
            units.append(_Unit(joined(node.latex for node in term), width, level + cost))
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


def _multiplies(before: Node, node: Node) -> bool:
    """Whether the juxtaposition is surely a product: ``f(t)`` and ``\\ln x`` are none."""
    if before.kind in ("paren", "frac", "root"):
        return True
    if before.kind != "atom" or not node.spaced or node.kind == "paren":
        return False
    return not _FUNCTION.match(before.latex)


def _opened(node: Node, limit: float, level: float) -> list[_Unit]:
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
    units = [_Unit(above, measure(above), None)]
    if len(_terms(parse(above))) > 1 or units[0].width > limit / 2:
        units = _enclosed(above, "(", ")", limit, level)
    units.append(_Unit(r"\big/", 0.6, None))
    units += _enclosed(below, "(", ")", limit, level)
    if scripts:
        units = [_Unit(r"\bigl[", 0.5, None), *units, _Unit(r"\bigr]" + scripts, 0.8, None)]
    return units


def _stack(latex: str, limit: float, side: int) -> tuple[str, int]:
    """A part of a fraction (1 above, -1 below) or root (0) on the lines it needs; their number."""
    if measure(latex, 1.0, 1.0 if side == 0 else 0.7) * _SAFETY <= limit:
        return latex, 1
    lines = broken(latex, limit)
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
    units = _units(parse(body), limit - 1.5, level) or [_Unit("", 0.0, None)]
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
        opening = r"{} " + units[start].lead if start else ""
        lines.append(opening + joined(unit.latex for unit in units[start:end]))
        end = start
    return lines[::-1]
