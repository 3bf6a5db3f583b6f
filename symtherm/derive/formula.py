"""SymPy expressions as :class:`Formula`: LaTeX fit for a paper and one line of readable text.

Both spellings come out of one walk over the expression, so they agree in every ordering. The
conventions are those of a physics paper: numbers, then symbols (energies before rates before the
rest), then sums in parentheses, then functions; the positive term of a difference first; a number
last in a sum (``e^x - 1``, ``2 n + 1``); the sign of a product in front of its fraction. Nothing is
expanded, factored or cancelled: the only rewriting is that a sum whose terms are all negative
gives its sign to the product around it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational
from sympy.printing.conventions import split_super_sub

from .derivation import Formula

__all__ = ["formula", "join", "relation"]

_GREEK_NAMES = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau "
    "upsilon phi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega "
    "varepsilon vartheta varphi lamda hbar ell"
)
# Names that are also LaTeX commands (but for SymPy's "lamda"), with their letters.
_GREEK = dict(zip(_GREEK_NAMES.split(), "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩεϑϕλħℓ", strict=True))
_FROM_UNICODE = {
    char: name for name, char in _GREEK.items() if not name.startswith("var") and name != "lamda"
}
_ROMAN = frozenset({"re", "im", "in", "out", "ss", "eq", "th", "rev", "irr", "tot", "eff"})
_ACCENTS = ("dot", "bar", "tilde", "hat")
# Symbols in a product: inverse temperatures, energies, effective rates, bare rates, the rest.
_CLASSES = (
    frozenset({"hbar"}),
    frozenset({"beta"}),
    frozenset({"omega", "Omega", "epsilon", "varepsilon", "E", "g", "Delta", "delta", "mu"}),
    frozenset({"W"}),
    frozenset({"Gamma", "gamma", "kappa"}),
)
_ENERGY = 2
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
_RELATIONS = {
    "==": ("=", "="),
    "!=": (r"\neq", "≠"),
    "<": ("<", "<"),
    "<=": (r"\le", "≤"),
    ">": (">", ">"),
    ">=": (r"\ge", "≥"),
}
_RELATION_TEXT = {
    **_RELATIONS,
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
_RELATION_TEXT |= {latex: (latex, text) for latex, text in _RELATION_TEXT.values()}
_SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_ESCAPES = {
    "\\": r"\backslash ",
    "^": r"\hat{}",
    "~": r"\sim ",
    **{char: "\\" + char for char in "{}_&%$#"},
}

# How tightly a spelling holds together, loosest first.
_REL, _ADD, _MUL, _POW, _ATOM = range(5)


class _Piece(NamedTuple):
    """Both spellings of a subexpression, how tightly each binds, and whether LaTeX's is tall."""

    latex: str
    text: str
    level: int = _ATOM
    text_level: int = _ATOM
    tall: bool = False


class _Factor(NamedTuple):
    """``base**exponent``, where ``flip`` asks for the negative of the sum ``base``."""

    base: sp.Expr
    exponent: sp.Expr
    flip: bool


class _Product(NamedTuple):
    """``(-1)**negative * p/q * prod(over) / prod(under)``."""

    negative: bool
    p: int
    q: int
    over: list[_Factor]
    under: list[_Factor]


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
        if more_latex[:1].isalpha() and re.search(r"\\[A-Za-z]+$", latex):
            latex += " "
        latex += more_latex
        text += more_text
    return Formula(latex, text)


def relation(sign: str) -> Formula:
    """The relation sign of an equation, written as in Python, LaTeX or Unicode.

    ``==`` is an equals sign; a sign that is not known is kept as it is in both spellings.

    >>> relation(">=")
    Formula(latex='\\\\ge', text='≥')
    """
    sign = sign.strip()
    return Formula(*_RELATION_TEXT.get(sign, (sign, sign)))


# ------------------------------------------------------------------------------------- names


@lru_cache(maxsize=4096)
def _name(name: str) -> _Piece:
    """A symbol's name; anything that is not letters, digits, ``_`` and ``^`` is escaped whole."""
    name = "".join(_FROM_UNICODE.get(char, char) for char in name)
    text = re.sub(r"[A-Za-z]+", lambda m: _GREEK.get(m[0], m[0]), name)
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9]*([_^]([A-Za-z0-9]+|[+-]))*'*", name):
        inner = "".join(_ESCAPES.get(char, char) for char in name)
        return _Piece(rf"\mathrm{{{inner}}}", text, _POW, _POW)
    bare = name.rstrip("'")
    root, supers, subs = split_super_sub(bare)
    latex = _root(root) + "'" * (len(name) - len(bare))
    if subs:
        latex += "_{" + ",".join(map(_index, subs)) + "}"
    if supers:
        latex += "^{" + ",".join(map(_index, supers)) + "}"
    tight = _POW if supers or name != bare else _ATOM
    return _Piece(latex, text, tight, _POW if supers else _ATOM)


def _root(root: str) -> str:
    if root in _GREEK:
        return "\\" + root.replace("lamda", "lambda")
    if len(root) == 1:
        return root
    for accent in _ACCENTS:
        stem = root.removesuffix(accent)
        if stem != root and (len(stem) == 1 or stem in _GREEK):
            return f"\\{accent}{{{_root(stem)}}}"
    return rf"\mathrm{{{root}}}"


def _index(index: str) -> str:
    if index in _GREEK:
        return "\\" + index.replace("lamda", "lambda")
    if index in _ROMAN or (len(index) > 2 and index.isalpha()):
        return rf"\mathrm{{{index}}}"
    return index


@lru_cache(maxsize=4096)
def _rank(name: str) -> tuple[int, str, str]:
    """The class of a symbol in a product, and the alphabet within the class."""
    name = "".join(_FROM_UNICODE.get(char, char) for char in name)
    root = re.split(r"[_^0-9]", name, maxsplit=1)[0]
    for place, roots in enumerate(_CLASSES):
        if root in roots:
            return place, root.lower(), name
    return len(_CLASSES), root.lower(), name


# ---------------------------------------------------------------------------------- ordering


def _split(expr: sp.Basic, flip: bool = False) -> _Product:
    """Sign, rational coefficient, numerator and denominator of a product (or of anything)."""
    negative, p, q = flip, 1, 1
    over: list[_Factor] = []
    under: list[_Factor] = []
    stack = list(reversed(expr.args)) if isinstance(expr, sp.Mul) else [expr]
    while stack:
        arg = stack.pop()
        if isinstance(arg, sp.Rational):
            negative ^= bool(arg.p < 0)
            p, q = p * abs(arg.p), q * arg.q
            continue
        if isinstance(arg, sp.Mul):
            stack.extend(reversed(arg.args))
            continue
        base, exponent, side = arg, sp.S.One, over
        if isinstance(arg, sp.Float) and arg.is_negative:
            negative, base = not negative, -arg
        elif isinstance(arg, sp.Pow):
            base, exponent = arg.args
            if isinstance(exponent, sp.Rational) and exponent < 0:
                exponent, side = -exponent, under
        turn = False
        if isinstance(base, sp.Add) and isinstance(exponent, sp.Integer):
            turn = all(_is_negative(term) for term in base.args)
            negative ^= turn and bool(exponent.p % 2)
        side.append(_Factor(base, exponent, turn))
    return _Product(negative, p, q, over, under)


def _is_negative(term: sp.Basic) -> bool:
    if isinstance(term, sp.Number):
        return bool(term.is_negative)
    if not isinstance(term, sp.Mul):
        return False
    return bool(isinstance(term.args[0], sp.Number) and term.args[0].is_negative)


def _place(factor: _Factor) -> tuple[int, tuple[int, str, str]]:
    """The class of a factor in a product, and the order of symbols within theirs."""
    base = factor.base
    if isinstance(base, sp.Symbol):
        return 2, _rank(base.name)
    if base is sp.S.ImaginaryUnit:
        return 1, (0, "", "")
    if isinstance(base, (sp.Number, sp.NumberSymbol)):
        return 0, (0, "", "")
    if isinstance(base, sp.exp):
        return 4, (0, "", "")
    if isinstance(base, sp.Add):
        return 5, (len(base.args), "", "")
    if isinstance(base, sp.Function):
        return 6, (0, type(base).__name__, "")
    return 3, (0, "", "")


def _degree(expr: sp.Basic) -> float:
    if isinstance(expr, sp.Symbol):
        return 1
    if isinstance(expr, sp.Add):
        return max(_degree(arg) for arg in expr.args)
    if isinstance(expr, sp.Mul):
        return sum(_degree(arg) for arg in expr.args)
    if isinstance(expr, sp.Pow) and isinstance(expr.exp, sp.Rational):
        return _degree(expr.base) * float(expr.exp)
    return 0


# ---------------------------------------------------------------------------------- printing


def _piece(expr: sp.Basic, depth: int) -> _Piece:
    """``depth`` counts the fractions around; from 2 on (and in exponents) they become slashes."""
    if isinstance(expr, sp.Symbol):
        return _name(expr.name)
    if isinstance(expr, sp.Integer):
        level = _ATOM if expr.p >= 0 else _ADD
        return _Piece(str(expr.p), str(expr.p), level, level)
    if isinstance(expr, sp.Add):
        return _sum(expr.args, False, depth)
    if isinstance(expr, (sp.Mul, sp.Rational)):
        return _signed(_split(expr), depth)
    if isinstance(expr, sp.exp):
        return _exponential(expr.args[0], depth)
    if isinstance(expr, sp.Pow):
        if isinstance(expr.exp, sp.Rational) and (expr.exp < 0 or isinstance(expr.base, sp.Add)):
            return _signed(_split(expr), depth)
        return _power(_Factor(expr.base, expr.exp, False), depth)
    if isinstance(expr, (sp.Function, sp.Max, sp.Min)) and not isinstance(expr, sp.Piecewise):
        return _function(expr, depth)
    if isinstance(expr, Relational):
        left, right = _piece(expr.lhs, depth), _piece(expr.rhs, depth)
        latex, text = _RELATIONS.get(expr.rel_op, (expr.rel_op, expr.rel_op))
        return _Piece(
            f"{left.latex} {latex} {right.latex}", f"{left.text} {text} {right.text}", _REL, _REL
        )
    if isinstance(expr, (sp.And, sp.Or)):
        word = "and" if isinstance(expr, sp.And) else "or"
        pieces = sorted((_piece(arg, depth) for arg in expr.args), key=lambda piece: piece.text)
        return _Piece(
            rf" \text{{ {word} }} ".join(piece.latex for piece in pieces),
            f" {word} ".join(piece.text for piece in pieces),
            _REL,
            _REL,
        )
    return _other(expr)


def _other(expr: sp.Basic) -> _Piece:
    if expr is sp.S.ImaginaryUnit:
        return _Piece("i", "i")
    if expr is sp.S.Exp1:
        return _Piece("e", "e")
    if isinstance(expr, sp.Float):
        text = sp.sstr(expr, full_prec=False)
        level = _ADD if expr.is_negative else _MUL
        return _Piece(sp.latex(expr), text, level, level)
    if expr is sp.pi:
        return _Piece(r"\pi", "π")
    if expr is sp.oo or expr is -sp.oo:
        sign, level = ("", _ATOM) if expr is sp.oo else ("-", _ADD)
        return _Piece(sign + r"\infty", sign + "∞", level, level)
    if expr in (sp.true, sp.false):
        word = "true" if expr == sp.true else "false"
        return _Piece(rf"\text{{{word}}}", word)
    level = _ADD if isinstance(expr, sp.Expr) and not expr.is_Atom else _ATOM
    return _Piece(sp.latex(expr), sp.sstr(expr), level, _ATOM, True)


def _sum(terms: Iterable[sp.Basic], flip: bool, depth: int) -> _Piece:
    """A sum, highest degree first, numbers last, but with a positive term in front if any is."""
    rows = []
    for term in terms:
        product = _split(term, flip)
        piece, order = _unsigned(product, depth)
        constant = isinstance(term, sp.Number) + 2 * (
            term is sp.S.ImaginaryUnit
            or (
                len(term.args) == 2 and isinstance(term.args[0], sp.Number) and term.args[1] == sp.I
            )
        )
        rows.append(((constant, -_degree(term), order, piece.text), product.negative, piece))
    rows.sort(key=lambda row: row[0])
    if rows[0][1]:
        first = next((k for k, row in enumerate(rows) if not row[1]), 0)
        rows.insert(0, rows.pop(first))
    latex, text, tall = [], [], False
    for k, (_, negative, piece) in enumerate(rows):
        sign = ("-" if negative else "") if k == 0 else (" - " if negative else " + ")
        latex += [sign, _wrap(piece, _MUL)]
        text += [sign, _wrap_text(piece, _MUL)]
        tall |= piece.tall
    return _Piece("".join(latex), "".join(text), _ADD, _ADD, tall)


def _signed(product: _Product, depth: int) -> _Piece:
    piece, _ = _unsigned(product, depth)
    if not product.negative:
        return piece
    return _Piece("-" + _wrap(piece, _MUL), "-" + _wrap_text(piece, _MUL), _ADD, _ADD, piece.tall)


def _unsigned(product: _Product, depth: int) -> tuple[_Piece, tuple[object, ...]]:
    """The product without its sign, and a key that orders it among the terms of a sum."""
    _, p, q, over, under = product
    fraction = bool(under) or q != 1
    inner = depth + 1 if fraction else depth
    top, top_key = _factors(over, inner, alone=p == 1 and len(over) == 1)
    if not fraction:
        if p != 1 or not top:
            number = _Piece(str(p), str(p))
            top = [number, *top]
        return _times(top), top_key
    # Sums that hold fractions, and functions, read better after the fraction than on top of it.
    beside: list[_Piece] = []
    on_top = top
    if depth == 0:
        apart = [f.base for f in over if f.exponent is sp.S.One and _stands_apart(f.base)]
        if apart:
            beside, _ = _factors([f for f in over if f.base in apart], 0, alone=False)
            on_top, _ = _factors([f for f in over if f.base not in apart], inner, alone=False)
    bottom, bottom_key = _factors(under, inner, alone=q == 1 and len(under) == 1)
    if p != 1 or not on_top:
        on_top = [_Piece(str(p), str(p)), *on_top]
    if p != 1 or not top:
        top = [_Piece(str(p), str(p)), *top]
    if q != 1:
        bottom = [_Piece(str(q), str(q)), *bottom]
    # A single sum stands alone on either side of the bar and needs no parentheses there.
    numerator, denominator = _times(on_top), _times(bottom)
    text_top, text_bottom = _times(top), _times(bottom)
    text = f"{_wrap_text(text_top, _MUL)}/{_wrap_text(text_bottom, _POW)}"
    key = (*top_key, *bottom_key)
    if depth >= 2:
        latex = f"{_wrap(numerator, _MUL)}/{_wrap(denominator, _POW)}"
        return _Piece(latex, text, _MUL, _MUL, numerator.tall or denominator.tall), key
    latex = rf"\frac{{{numerator.latex}}}{{{denominator.latex}}}"
    if not beside:
        return _Piece(latex, text, _MUL, _MUL, True), key
    rest = _times(beside, enclose=True)
    return _Piece(f"{latex} {rest.latex}", text, _MUL, _MUL, True), key


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
    factors: list[_Factor], depth: int, *, alone: bool
) -> tuple[list[_Piece], tuple[object, ...]]:
    """The pieces of a product in printing order, with the key of that order."""
    rows = []
    for factor in factors:
        piece = _power(factor, depth)
        rows.append((*_place(factor), piece.text, piece))
    rows.sort(key=lambda row: row[:3])
    functions = sum(row[0] == 6 for row in rows)
    pieces = [
        piece
        if alone or place != 6 or functions == 1
        else _Piece(_group(piece), piece.text, tall=piece.tall)
        for place, _, _, piece in rows
    ]
    # In a sum rates come before energies and real parts before imaginary: Gamma + i Delta.
    key = tuple(
        (9 if kind == 1 else kind, order[0] == _ENERGY, order[1:], text)
        for kind, order, text, _ in rows
    )
    return pieces, key


def _times(pieces: list[_Piece], *, enclose: bool = False) -> _Piece:
    """Juxtapose; ``enclose`` puts parentheses even around a single sum."""
    if len(pieces) == 1 and not enclose:
        return pieces[0]
    latex, text = "", ""
    for piece in pieces:
        more, words = _wrap(piece, _MUL), _wrap_text(piece, _MUL)
        if latex:
            latex += r" \cdot " if more[0].isdigit() else " "
            text += "·" if words[0].isdigit() else " "
        latex += more
        text += words
    return _Piece(latex, text, _MUL, _MUL, any(piece.tall for piece in pieces))


def _power(factor: _Factor, depth: int) -> _Piece:
    base, exponent, flip = factor
    inside = depth if exponent is sp.S.One else max(depth, 1)
    piece = _sum(base.args, True, inside) if flip else _piece(base, inside)
    if exponent is sp.S.One:
        return piece
    if exponent == sp.S.Half:
        return _Piece(
            rf"\sqrt{{{piece.latex}}}", "√" + _wrap_text(piece, _ATOM), _POW, _POW, piece.tall
        )
    upper = _piece(exponent, 2)
    small = isinstance(exponent, sp.Integer) and exponent.p > 0
    if small:
        raised = str(exponent.p).translate(_SUPERSCRIPT)
    else:
        raised = "^" + _wrap_text(upper, _ATOM)
    if isinstance(base, sp.Function) and not isinstance(base, sp.exp):
        name, words = _NAMED.get(type(base).__name__, ""), piece.text
        if name and name != r"\ln" and small and piece.latex.startswith(name):
            body = piece.latex[len(name) :]
            return _Piece(f"{name}^{{{upper.latex}}}{body}", words + raised, _POW, tall=piece.tall)
        body = _group(piece)
    else:
        body, words = _wrap(piece, _ATOM), _wrap_text(piece, _ATOM)
    return _Piece(f"{body}^{{{upper.latex}}}", f"{words}{raised}", _POW, _POW, piece.tall)


def _exponential(argument: sp.Basic, depth: int) -> _Piece:
    upper = _piece(argument, 2)
    if len(upper.text) <= 48:
        return _Piece(f"e^{{{upper.latex}}}", f"exp({upper.text})", _POW)
    piece = _piece(argument, depth)
    return _Piece(rf"\exp{_group(piece)}", f"exp({piece.text})", _POW, tall=piece.tall)


def _function(expr: sp.Basic, depth: int) -> _Piece:
    name = type(expr).__name__
    arguments = [_piece(arg, depth) for arg in expr.args]
    words = ", ".join(piece.text for piece in arguments)
    tall = any(piece.tall for piece in arguments)
    inner = _Piece(", ".join(piece.latex for piece in arguments), words, _REL, _REL, tall)
    if isinstance(expr, sp.Abs):
        return _Piece(rf"\left|{inner.latex}\right|", f"|{words}|", tall=tall)
    if isinstance(expr, sp.conjugate):
        return _Piece(rf"\overline{{{inner.latex}}}", f"conj({words})", _POW, tall=tall)
    if isinstance(expr, AppliedUndef):
        head = _name(name)
        return _Piece(head.latex + _group(inner), f"{head.text}({words})", _POW, tall=tall)
    latex = _NAMED.get(name)
    if latex is None:
        return _other(expr)
    text = f"{'ln' if name == 'log' else name.lower()}({words})"
    if name == "log":
        argument = expr.args[0]
        if isinstance(argument, (sp.Symbol, sp.Integer)):
            return _Piece(rf"\ln {inner.latex}", text, _POW)
        if inner.latex.startswith(r"\frac") and _one_fraction(inner.latex):
            return _Piece(rf"\ln{inner.latex}", text, _POW, tall=True)
    return _Piece(latex + _group(inner), text, _POW, tall=tall)


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


def _group(piece: _Piece) -> str:
    return rf"\left({piece.latex}\right)" if piece.tall else f"({piece.latex})"


def _wrap(piece: _Piece, level: int) -> str:
    return piece.latex if piece.level >= level else _group(piece)


def _wrap_text(piece: _Piece, level: int) -> str:
    return piece.text if piece.text_level >= level else f"({piece.text})"
