"""A derivation as one self-contained HTML file: embedded style, MathML, no script, no network."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from html import escape

from .breaking import broken, safe_width
from .derivation import Derivation, Equation, Formula, Step, Verdict
from .formula import relation

__all__ = ["to_html"]

_STYLE = """
:root { color-scheme: light dark; --ink: #1d1f24; --paper: #fdfdfb; --faint: #6a6f78;
  --line: #d9dade; --box: #f4f4f0; --good: #176b3a; --bad: #a5231c; --open: #8a5a00; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e6e3; --paper: #16181c; --faint: #9aa0aa;
  --line: #363a42; --box: #1e2126; --good: #63c68b; --bad: #ff8a80; --open: #e6b450; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2.5rem 1.25rem 4rem; max-width: 50rem; color: var(--ink);
  background: var(--paper); font: 1.05rem/1.6 Georgia, "Times New Roman", serif; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 1rem; overflow-wrap: anywhere; }
h2 { font-size: 1.25rem; margin: 2.4rem 0 0.8rem; border-bottom: 1px solid var(--line);
  padding-bottom: 0.25rem; overflow-wrap: anywhere; }
h2 a { color: inherit; text-decoration: none; }
p { margin: 0.9rem 0; overflow-wrap: anywhere; }
nav { margin: 1.5rem 0; padding: 0.8rem 1.2rem; background: var(--box); border-radius: 0.4rem; }
nav ol { margin: 0; padding-left: 1.4rem; }
nav a { color: inherit; }
.abstract, .source { color: var(--faint); }
.eq { display: flex; align-items: center; gap: 0.8rem; margin: 0.5rem 0; }
.eq > div, .wide, .table { scrollbar-width: thin; scrollbar-color: var(--line) transparent; }
.eq > div { flex: 1; min-width: 0; overflow-x: auto; overflow-y: hidden; padding: 0.35rem 0; }
.eq > span { color: var(--faint); font-size: 0.9rem; }
.wide { display: block; overflow-x: auto; overflow-y: hidden; padding: 0.35rem 0; }
math { font-size: 1.05em; }
math[display="block"] { margin: 0 auto; width: max-content; }
math.rows mtable { math-style: normal; } math.rows mtd { text-align: left; padding: 0.2em 0; }
math.rows mtd:first-child:not(:only-child) { text-align: right; }
.verdict { font: 600 0.75rem/1 system-ui, sans-serif; letter-spacing: 0.05em;
  border: 1px solid currentColor; border-radius: 0.3rem; padding: 0.15rem 0.45rem;
  margin-right: 0.35rem; white-space: nowrap; }
.proved { color: var(--good); } .refuted { color: var(--bad); } .undecided { color: var(--open); }
.table { overflow-x: auto; }
table { border-collapse: collapse; margin: 0.8rem 0; font-size: 0.95rem; }
th, td { text-align: left; vertical-align: top; padding: 0.3rem 0.9rem 0.3rem 0;
  border-bottom: 1px solid var(--line); overflow-wrap: anywhere; min-width: 6rem; }
code { font-size: 0.9em; }
@media print { :root { --ink: #000; --paper: #fff; --faint: #444; --line: #bbb; --box: #fff;
    --good: #000; --bad: #000; --open: #000; }
  body { max-width: none; padding: 0; font-size: 10.5pt; } nav { display: none; }
  h2 { break-after: avoid; } .eq, tr { break-inside: avoid; }
  .eq > div, .wide, .table { overflow: visible; } }
"""

_LINE = 38.0  # em of a displayed equation, beyond which it is broken
_WIDE = 110  # characters of LaTeX beyond which a formula in prose gets a line of its own


def to_html(derivation: Derivation) -> str:
    """The derivation as a complete HTML document that needs nothing but a browser.

    Formulas are MathML; one that the converter cannot read is shown as its plain text. Text is
    escaped everywhere. Raises nothing.

    >>> from symtherm.derive.derivation import Derivation
    >>> "<h1>a &lt; b</h1>" in to_html(Derivation("a < b"))
    True
    """
    title = escape(derivation.title)
    lines = [
        "<!DOCTYPE html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{title}</title>",
        f"<style>{_STYLE}</style>",
        "</head>",
        "<body>",
        f"<h1>{title}</h1>",
        *_opening(derivation),
    ]
    if len(derivation.sections) > 1:
        lines += ['<nav aria-label="Contents">', "<ol>"]
        for k, (heading, _) in enumerate(derivation.sections, 1):
            lines.append(f'<li><a href="#section-{k}">{escape(heading)}</a></li>')
        lines += ["</ol>", "</nav>"]
    number = 0
    for k, (heading, steps) in enumerate(derivation.sections, 1):
        lines.append(f'<section id="section-{k}">')
        lines.append(f'<h2><a href="#section-{k}">{k}&ensp;{escape(heading)}</a></h2>')
        for step in steps:
            lines += _step(step, number)
            number += len(step.equations)
        lines.append("</section>")
    if derivation.source:
        lines.append(f'<p class="source">Source: {escape(derivation.source)}</p>')
    return "\n".join([*lines, "</body>", "</html>"]) + "\n"


def _opening(derivation: Derivation) -> Iterator[str]:
    if derivation.abstract:
        yield f'<p class="abstract">{_prose(derivation.abstract)}</p>'
    before, after = derivation.headline
    if derivation.verdict is not None:
        yield f"<p>{escape(before)}{_badge(derivation.verdict)} {_prose(after)}</p>"
    elif after:
        yield f"<p>{_prose(after)}</p>"
    if derivation.counterexample:
        rows = tuple((key, str(value)) for key, value in derivation.counterexample.items())
        yield "<p>A counterexample:</p>"
        yield _table(("symbol", "value"), rows)


def _step(step: Step, number: int) -> Iterator[str]:
    if step.prose or step.verdict is not None:
        badge = _badge(step.verdict) + " " if step.verdict is not None else ""
        yield f"<p>{badge}{_prose(step.prose)}</p>"
    for k, equation in enumerate(step.equations, number + 1):
        yield f'<div class="eq" id="eq-{k}"><div>{_line(equation)}</div><span>({k})</span></div>'
    if step.table is not None:
        yield _table(*step.table)


def _badge(verdict: Verdict) -> str:
    return f'<span class="verdict {verdict.value.lower()}">{verdict.value}</span>'


def _prose(parts: Sequence[str | Formula]) -> str:
    out: list[str] = []
    closing = ""  # punctuation already set at the end of a display
    for k, part in enumerate(parts):
        if isinstance(part, str):
            out.append(escape(part.removeprefix(closing)))
            closing = ""
        elif len(part.latex) > _WIDE:
            following = parts[k + 1] if k + 1 < len(parts) else ""
            if isinstance(following, str) and following[:1] in tuple(".,;:"):
                closing = following[0]
            out.append(f'<span class="wide">{_mathml(part, "block", closing)}</span>')
        else:
            out.append(_mathml(part, "inline"))
    return "".join(out)


def _line(equation: Equation) -> str:
    parts = [
        part for part in (equation.lhs, relation(equation.relation), equation.rhs) if part.latex
    ]
    # The sides are checked one by one, so that neither can swallow the other.
    pieces = [_convert(part.latex) for part in parts]
    if not parts or not all(pieces):
        return f"<code>{escape(' '.join(part.text for part in parts))}</code>"
    if sum(safe_width(part.latex) for part in parts) > _LINE:
        rows = _rows(equation)
        if rows:
            return f'<math display="block" class="rows"><mtable>{"".join(rows)}</mtable></math>'
    return f'<math display="block"><mrow>{"".join(pieces)}</mrow></math>'


def _rows(equation: Equation) -> list[str]:
    """A long equation broken as in LaTeX, a row of a table for each line; [] if that fails.

    A long left-hand side stands above the rest. What cannot be broken scrolls in its own box.
    """
    left, sign = equation.lhs.latex, relation(equation.relation).latex
    indent = safe_width(left) + 1.4
    own_lines = broken(left, _LINE) if indent > _LINE / 3 else []
    lines = broken(equation.rhs.latex, _LINE - (3.0 if own_lines else indent))
    found = [(_convert(_unstacked(line)), "") for line in own_lines]
    for k, line in enumerate(lines):
        first = _convert(left) if k == 0 and not own_lines else ""
        lead = _convert(sign) if k == 0 and sign else '<mspace width="2em"></mspace>'
        body = _convert(_unstacked(line))
        found.append((first, f"<mrow>{lead}{body}</mrow>" if body else ""))
    if not all(first or body for first, body in found):
        return []
    return [
        f"<mtr><mtd>{first}</mtd><mtd>{body}</mtd></mtr>"
        if body
        else f'<mtr><mtd columnspan="2">{first}</mtd></mtr>'
        for first, body in found
    ]


def _unstacked(latex: str) -> str:
    """Stacked lines inside a fraction in the one form that the converter knows."""
    latex = re.sub(r"\\rule(\[[^]]*\])?\{[^}]*\}\{[^}]*\}", "", latex)
    latex = latex.replace(r"\begin{aligned}&", r"\begin{array}{l}").replace(r"\\&", r"\\ ")
    return latex.replace(r"\end{aligned}", r"\end{array}")


def _mathml(part: Formula, display: str, closing: str = "") -> str:
    inner = _convert(part.latex)
    if not inner:
        return f"<code>{escape(part.text)}</code>{closing}"
    end = f"<mtext>{closing}</mtext>" if closing else ""
    return f'<math display="{display}"><mrow>{inner}{end}</mrow></math>'


# The converter copies these characters into its output as they are: they travel in disguise.
_DISGUISE = {"<": "\ue000", ">": "\ue001", '"': "\ue002"}
_REVEAL = {"\ue000": "&lt;", "\ue001": "&gt;", "\ue002": "&quot;"}
_FUNCTIONS = "ln|log|exp|sin|cos|tan|cot|sinh|cosh|tanh|coth|arcsin|arccos|arctan|max|min"
_UPRIGHT = r'<mi mathvariant="normal">\1</mi>'
_ELEMENT_NAMES = (
    "mrow mi mn mo mtext mspace mfrac msqrt mroot msub msup msubsup munder mover munderover mtable "
    "mtr mtd mstyle mpadded mphantom menclose"
)
_ELEMENTS = frozenset(_ELEMENT_NAMES.split())


@lru_cache(maxsize=1024)
def _convert(latex: str) -> str:
    """The inside of a ``<math>`` element, or ``""`` where the converter fails."""
    from latex2mathml.converter import convert

    if not latex.strip() or any(char in latex for char in _REVEAL):
        return ""
    for char, stand_in in _DISGUISE.items():
        latex = latex.replace(char, stand_in)
    try:
        mathml = str(convert(latex))
    except Exception:  # the converter's own errors share no base but Exception
        return ""
    inner = mathml[mathml.index(">") + 1 : mathml.rindex("</math>")]
    if set(re.findall(r"</?\s*([A-Za-z]\w*)", inner)) - _ELEMENTS or re.search(
        r"\\|\bon\w+=|href|src=|style=|url\(", inner
    ):
        return ""
    inner = re.sub(r"&(?!#x?[0-9A-Fa-f]+;)", "&amp;", inner)
    inner = re.sub("<mi>([\ue000\ue001])</mi>", r"<mo>\1</mo>", inner)
    for stand_in, entity in _REVEAL.items():
        inner = inner.replace(stand_in, entity)
    return _polish(inner)


def _polish(inner: str) -> str:
    """What TeX does and the converter leaves out, mostly spacing.

    Angle brackets are fences, a dot sits close to its letter, capital Greek is upright, a slash
    has no space around it, a sign after a relation or bracket is a prefix, and ``ln`` has a thin
    space on either side.
    """
    inner = re.sub(
        r"<m[io]>(&#x0(?:27E8|27E9|007C);)</m[io]>",
        r'<mo stretchy="false" lspace="0" rspace="0">\1</mo>',
        inner,
    )
    inner = re.sub(
        r"<mover>((?:(?!<mover|</mover>).)*<mo>&#x00(?:2D9|0A8);</mo></mover>)",
        r'<mover accent="true">\1',
        inner,
    )
    inner = re.sub(r"<mi>(&#x003(?:9[0-9A-F]|A[0-9]);)</mi>", _UPRIGHT, inner)
    inner = inner.replace("<mo>&#x0002F;</mo>", '<mo lspace="0" rspace="0">&#x0002F;</mo>')
    inner = re.sub(
        r"(<mo(?: [^<>]*)?>(?:=|,|\[|\(|&#x0003D;|&[lg]t;|&#x0226[45];|&#x00028;|&#x0005B;)</mo>)"
        r"<mo>(&#x02212;|\+)</mo>",
        r'\1<mo form="prefix">\2</mo>',
        inner,
    )
    # A fence in the middle of a row would be spaced like a binary operator.
    inner = re.sub(r'<mo ([^<>]*fence="true"[^<>]*)>', r'<mo \1 lspace="0" rspace="0">', inner)
    space = '<mspace width="0.17em"></mspace>'
    inner = re.sub(rf"(?<=>)<mi>({_FUNCTIONS})</mi>(?!<mo)", rf"<mi>\1</mi>{space}", inner)
    inner = re.sub(rf"(</m\w+>)(?<!</mo>)<mi>({_FUNCTIONS})</mi>", rf"\1{space}<mi>\2</mi>", inner)
    return re.sub(r"<mspace ([^<>]*?)\s*/>", r"<mspace \1></mspace>", inner)


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in header)
    body = "\n".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return (
        '<div class="table"><table>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table></div>"
    )
