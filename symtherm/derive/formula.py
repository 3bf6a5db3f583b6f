"""SymPy expressions as :class:`Formula`: LaTeX fit for a paper and one line of readable text.

Both spellings come out of one walk over the expression, so they agree in every ordering. The
conventions are those of a physics paper: numbers, then symbols (energies before rates before the
rest), then sums in parentheses, then functions; the positive term of a difference first; a number
last in a sum (``e^x - 1``, ``2 n + 1``); the sign of a product in front of its fraction. Nothing is
expanded, factored or cancelled: the only rewriting is that a sum whose terms are all negative
gives its sign to the product around it.
"""

from __future__ import annotations

from collections.abc import Iterable

import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational

from .derivation import Formula
from .ordering import ENERGY, FUNCTION, IMAGINARY, Factor, Product, degree, place_of, split
from .spelling import ADD, ATOM, MUL, POW, REL, Piece, glue, group, symbol, wrap, wrap_text

__all__ = ["formula", "join", "relation"]

_FUNCTIONS = "sin cos tan cot sec csc sinh cosh tanh coth exp arg"
_NAMED = {
    "asin": r"\arcsin",
    "acos": r"\arccos",
    "atan": r"\arctan",
    "log": r"\ln",
    "Max": r"\max",
    "Min": r"\min",
    "re": r"\operatorname{Re}",
    "im": r"\operatorname{Im}",
    **{name: "\\" + name for name in _FUNCTIONS.split()},
}
# By the sign as written in Python, LaTeX or Unicode.
_RELATIONS = {
    "==": ("=", "="),
    "!=": (r"\neq", "≠"),
    "<": ("<", "<"),
    "<=": (r"\le", "≤"),
    ">": (">", ">"),
    ">=": (r"\ge", "≥"),
    "=": ("=", "="),
    "≠": (r"\neq", "≠"),
    "≤": (r"\le", "≤"),
    "≥": (r"\ge", "≥"),
    "≡": (r"\equiv", "≡"),
    "≈": (r"\approx", "≈"),
    ":=": (r"\equiv", "≡"),
    "->": (r"\to", "→"),
    "→": (r"\to", "→"),
    "=>": (r"\Rightarrow", "⇒"),
    "⇒": (r"\Rightarrow", "⇒"),
    "<=>": (r"\Leftrightarrow", "⇔"),
    "⇔": (r"\Leftrightarrow", "⇔"),
    r"\ne": (r"\neq", "≠"),
    r"\leq": (r"\le", "≤"),
    r"\geq": (r"\ge", "≥"),
    r"\propto": (r"\propto", "∝"),
}
_RELATIONS |= {latex: (latex, text) for latex, text in _RELATIONS.values()}
_SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def formula(expr: sp.Basic | sp.MatrixBase | int) -> Formula:
    """``expr`` as LaTeX (without dollar signs) and as a line of plain text.

    Accepts any SymPy expression or relation (and Python integers). Names spell Greek letters and
    subscripts: ``omega_h`` is ω_h. Objects without a spelling of their own here (integrals,
    matrices, ...) take SymPy's.

    Errors: ``TypeError`` when ``expr`` is not a SymPy object.

    >>> n_h, n_c, omega_h, T_h = sp.symbols("n_h n_c omega_h T_h", positive=True)
    >>> formula(-n_c * (n_h - n_c) / (2 * n_c + 1)).latex
    '-\\\\frac{n_{c} (n_{h} - n_{c})}{2 n_{c} + 1}'
    >>> formula(1 / (sp.exp(omega_h / T_h) - 1)).text
    '1/(exp(ω_h/T_h) - 1)'
    """
    if isinstance(expr, int):
        expr = sp.Integer(expr)
    if not isinstance(expr, (sp.Basic, sp.MatrixBase)):
        raise TypeError(f"formula() needs a SymPy expression, not {type(expr).__name__}")
    piece = _piece(expr, 0)
    return Formula(piece.latex, piece.text)


def join(*parts: Formula | str | tuple[str, str]) -> Formula:
    """One formula out of several: formulas, ``(latex, text)`` pairs, or strings used for both.

    Strings are mathematics, copied as they are; nothing is inserted between the parts, except a
    space in LaTeX where a command would otherwise swallow the letter after it.

    Errors: ``TypeError`` for a part of any other type.

    >>> join("[", Formula("E", "E"), ", ", Formula("L", "L"), "] = ", ("\\\\omega", "ω"), "L").latex
    '[E, L] = \\\\omega L'
    """
    latex = text = ""
    for part in parts:
        match part:
            case Formula(more_latex, more_text):
                pass
            case str():
                more_latex = more_text = part
            case (str(more_latex), str(more_text)):
                pass
            case _:
                raise TypeError(
                    f"join() takes Formula, str or (latex, text), not {type(part).__name__}"
                )
        latex = glue(latex, more_latex)
        text += more_text
    return Formula(latex, text)


def relation(sign: str) -> Formula:
    """The relation sign of an equation, written as in Python, LaTeX or Unicode.

    ``==`` is an equals sign; a sign that is not known is kept as it is in both spellings.

    >>> relation(">=")
    Formula(latex='\\\\ge', text='≥')
    """
    sign = sign.strip()
    return Formula(*_RELATIONS.get(sign, (sign, sign)))


# ---------------------------------------------------------------------------------- printing


def _piece(expr: sp.Basic, depth: int) -> Piece:
    """``depth`` counts the fractions around; from 2 on (and in exponents) they become slashes."""
    if isinstance(expr, sp.Symbol):
        return symbol(expr.name)
    if isinstance(expr, sp.Integer):
        level = ATOM if expr.p >= 0 else ADD
        return Piece(str(expr.p), str(expr.p), level, level)
    if isinstance(expr, sp.Add):
        return _sum(expr.args, False, depth)
    if isinstance(expr, (sp.Mul, sp.Rational)):
        return _signed(split(expr), depth)
    if isinstance(expr, sp.exp):
        return _exponential(expr.args[0], depth)
    if isinstance(expr, sp.Pow):
        if isinstance(expr.exp, sp.Rational) and (expr.exp < 0 or isinstance(expr.base, sp.Add)):
            return _signed(split(expr), depth)
        return _power(Factor(expr.base, expr.exp, False), depth)
    if isinstance(expr, (sp.Function, sp.Max, sp.Min)) and not isinstance(expr, sp.Piecewise):
        return _function(expr, depth)
    if isinstance(expr, Relational):
        left, right = _piece(expr.lhs, depth), _piece(expr.rhs, depth)
        sign = relation(expr.rel_op)
        return Piece(
            f"{left.latex} {sign.latex} {right.latex}",
            f"{left.text} {sign.text} {right.text}",
            REL,
            REL,
        )
    if isinstance(expr, (sp.And, sp.Or)):
        word = "and" if isinstance(expr, sp.And) else "or"
        pieces = sorted((_piece(arg, depth) for arg in expr.args), key=lambda piece: piece.text)
        return Piece(
            rf" \text{{ {word} }} ".join(piece.latex for piece in pieces),
            f" {word} ".join(piece.text for piece in pieces),
            REL,
            REL,
        )
    return _other(expr)


def _other(expr: sp.Basic) -> Piece:
    if expr is sp.S.ImaginaryUnit:
        return Piece("i", "i")
    if expr is sp.S.Exp1:
        return Piece("e", "e")
    if isinstance(expr, sp.Float):
        text = sp.sstr(expr, full_prec=False)
        level = ADD if expr.is_negative else MUL
        return Piece(sp.latex(expr), text, level, level)
    if expr is sp.pi:
        return Piece(r"\pi", "π")
    if expr is sp.oo or expr is -sp.oo:
        sign, level = ("", ATOM) if expr is sp.oo else ("-", ADD)
        return Piece(sign + r"\infty", sign + "∞", level, level)
    if expr in (sp.true, sp.false):
        word = "true" if expr == sp.true else "false"
        return Piece(rf"\text{{{word}}}", word)
    level = ADD if isinstance(expr, sp.Expr) and not expr.is_Atom else ATOM
    return Piece(sp.latex(expr), sp.sstr(expr), level, ATOM, True)


def _sum(terms: Iterable[sp.Basic], flip: bool, depth: int) -> Piece:
    """A sum, highest degree first, numbers last, but with a positive term in front if any is."""
    rows = []
    for term in terms:
        product = split(term, flip)
        piece, order = _unsigned(product, depth)
        constant = isinstance(term, sp.Number) + 2 * (
            term is sp.S.ImaginaryUnit
            or (
                len(term.args) == 2 and isinstance(term.args[0], sp.Number) and term.args[1] == sp.I
            )
        )
        rows.append(((constant, -degree(term), order, piece.text), product.negative, piece))
    rows.sort(key=lambda row: row[0])
    if rows[0][1]:
        first = next((k for k, row in enumerate(rows) if not row[1]), 0)
        rows.insert(0, rows.pop(first))
    latex, text, tall = [], [], False
    for k, (_, negative, piece) in enumerate(rows):
        sign = ("-" if negative else "") if k == 0 else (" - " if negative else " + ")
        latex += [sign, wrap(piece, MUL)]
        text += [sign, wrap_text(piece, MUL)]
        tall |= piece.tall
    return Piece("".join(latex), "".join(text), ADD, ADD, tall)


def _signed(product: Product, depth: int) -> Piece:
    piece, _ = _unsigned(product, depth)
    if not product.negative:
        return piece
    return Piece("-" + wrap(piece, MUL), "-" + wrap_text(piece, MUL), ADD, ADD, piece.tall)


def _unsigned(product: Product, depth: int) -> tuple[Piece, tuple[object, ...]]:
    """The product without its sign, and a key that orders it among the terms of a sum."""
    _, p, q, over, under = product
    fraction = bool(under) or q != 1
    inner = depth + 1 if fraction else depth
    top, top_key = _factors(over, inner, alone=p == 1 and len(over) == 1)
    if not fraction:
        if p != 1 or not top:
            number = Piece(str(p), str(p))
            top = [number, *top]
        return _times(top), top_key
    # Sums that hold fractions, and functions, read better after the fraction than on top of it.
    beside: list[Piece] = []
    on_top = top
    if depth == 0:
        apart = [f.base for f in over if f.exponent is sp.S.One and _stands_apart(f.base)]
        if apart:
            beside, _ = _factors([f for f in over if f.base in apart], 0, alone=False)
            on_top, _ = _factors([f for f in over if f.base not in apart], inner, alone=False)
    bottom, bottom_key = _factors(under, inner, alone=q == 1 and len(under) == 1)
    if p != 1 or not on_top:
        on_top = [Piece(str(p), str(p)), *on_top]
    if p != 1 or not top:
        top = [Piece(str(p), str(p)), *top]
    if q != 1:
        bottom = [Piece(str(q), str(q)), *bottom]
    # A single sum stands alone on either side of the bar and needs no parentheses there.
    numerator, denominator = _times(on_top), _times(bottom)
    text_top, text_bottom = _times(top), _times(bottom)
    text = f"{wrap_text(text_top, MUL)}/{wrap_text(text_bottom, POW)}"
    key = (*top_key, *bottom_key)
    if depth >= 2:
        latex = f"{wrap(numerator, MUL)}/{wrap(denominator, POW)}"
        return Piece(latex, text, MUL, MUL, numerator.tall or denominator.tall), key
    latex = rf"\frac{{{numerator.latex}}}{{{denominator.latex}}}"
    if not beside:
        return Piece(latex, text, MUL, MUL, True), key
    rest = _times(beside, enclose=True)
    return Piece(f"{latex} {rest.latex}", text, MUL, MUL, True), key


def _stands_apart(base: sp.Basic) -> bool:
    if isinstance(base, sp.Add):
        return any(map(_has_fraction, base.args))
    return isinstance(base, sp.Function) and not isinstance(base, sp.exp)


def _has_fraction(term: sp.Basic) -> bool:
    if isinstance(term, sp.Rational):
        return bool(term.q != 1)
    if isinstance(term, sp.Pow):
        return isinstance(term.exp, sp.Rational) and bool(term.exp < 0)
    return isinstance(term, sp.Mul) and any(map(_has_fraction, term.args))


def _factors(
    factors: list[Factor], depth: int, *, alone: bool
) -> tuple[list[Piece], tuple[object, ...]]:
    """The pieces of a product in printing order, with the key of that order."""
    rows = []
    for factor in factors:
        piece = _power(factor, depth)
        rows.append((*place_of(factor), piece.text, piece))
    rows.sort(key=lambda row: row[:3])
    functions = sum(row[0] == FUNCTION for row in rows)
    pieces = [
        piece
        if alone or place != FUNCTION or functions == 1
        else Piece(group(piece), piece.text, tall=piece.tall)
        for place, _, _, piece in rows
    ]
    # In a sum rates come before energies and real parts before imaginary: Gamma + i Delta.
    key = tuple(
        (9 if kind == IMAGINARY else kind, order[0] == ENERGY, order[1:], text)
        for kind, order, text, _ in rows
    )
    return pieces, key


def _times(pieces: list[Piece], *, enclose: bool = False) -> Piece:
    """Juxtapose; ``enclose`` puts parentheses even around a single sum."""
    if len(pieces) == 1 and not enclose:
        return pieces[0]
    latex, text = "", ""
    for piece in pieces:
        more, words = wrap(piece, MUL), wrap_text(piece, MUL)
        if latex:
            latex += r" \cdot " if more[0].isdigit() else " "
            text += "·" if words[0].isdigit() else " "
        latex += more
        text += words
    return Piece(latex, text, MUL, MUL, any(piece.tall for piece in pieces))


def _power(factor: Factor, depth: int) -> Piece:
    base, exponent, flip = factor
    inside = depth if exponent is sp.S.One else max(depth, 1)
    piece = _sum(base.args, True, inside) if flip else _piece(base, inside)
    if exponent is sp.S.One:
        return piece
    if exponent == sp.S.Half:
        return Piece(rf"\sqrt{{{piece.latex}}}", "√" + wrap_text(piece, ATOM), POW, POW, piece.tall)
    upper = _piece(exponent, 2)
    small = isinstance(exponent, sp.Integer) and exponent.p > 0
    if small:
        raised = str(exponent.p).translate(_SUPERSCRIPT)
    else:
        raised = "^" + wrap_text(upper, ATOM)
    if isinstance(base, sp.Function) and not isinstance(base, sp.exp):
        name, words = _NAMED.get(type(base).__name__, ""), piece.text
        if name and name != r"\ln" and small and piece.latex.startswith(name):
            body = piece.latex[len(name) :]
            return Piece(f"{name}^{{{upper.latex}}}{body}", words + raised, POW, tall=piece.tall)
        body = group(piece)
    else:
        body, words = wrap(piece, ATOM), wrap_text(piece, ATOM)
    return Piece(f"{body}^{{{upper.latex}}}", f"{words}{raised}", POW, POW, piece.tall)


def _exponential(argument: sp.Basic, depth: int) -> Piece:
    upper = _piece(argument, 2)
    if len(upper.text) <= 48:
        return Piece(f"e^{{{upper.latex}}}", f"exp({upper.text})", POW)
    piece = _piece(argument, depth)
    return Piece(rf"\exp{group(piece)}", f"exp({piece.text})", POW, tall=piece.tall)


def _function(expr: sp.Basic, depth: int) -> Piece:
    name = type(expr).__name__
    arguments = [_piece(arg, depth) for arg in expr.args]
    words = ", ".join(piece.text for piece in arguments)
    tall = any(piece.tall for piece in arguments)
    inner = Piece(", ".join(piece.latex for piece in arguments), words, REL, REL, tall)
    if isinstance(expr, sp.Abs):
        return Piece(rf"\left|{inner.latex}\right|", f"|{words}|", tall=tall)
    if isinstance(expr, sp.conjugate):
        return Piece(rf"\overline{{{inner.latex}}}", f"conj({words})", POW, tall=tall)
    if isinstance(expr, AppliedUndef):
        head = symbol(name)
        return Piece(head.latex + group(inner), f"{head.text}({words})", POW, tall=tall)
    latex = _NAMED.get(name)
    if latex is None:
        return _other(expr)
    text = f"{'ln' if name == 'log' else name.lower()}({words})"
    if name == "log":
        argument = expr.args[0]
        if isinstance(argument, (sp.Symbol, sp.Integer)):
            return Piece(rf"\ln {inner.latex}", text, POW)
        if inner.latex.startswith(r"\frac") and _one_fraction(inner.latex):
            return Piece(rf"\ln{inner.latex}", text, POW, tall=True)
    return Piece(latex + group(inner), text, POW, tall=tall)


def _one_fraction(latex: str) -> bool:
    """Whether ``latex`` is a single ``\\frac{..}{..}`` and nothing after it."""
    depth, groups = 0, 0
    for k, char in enumerate(latex):
        if char in "{}" and latex[k - 1] != "\\":
            depth += 1 if char == "{" else -1
            groups += depth == 0
            if groups == 2:
                return k == len(latex) - 1
    return False
