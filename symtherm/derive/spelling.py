"""How names and pieces of formulas are spelled: LaTeX and one line of readable text.

A symbol's name spells Greek letters, accents and indices: ``omega_h`` is ω_h. A piece of a formula
carries both spellings with how tightly each binds, so that parentheses appear where needed.
"""

from __future__ import annotations

import keyword
import re
from functools import lru_cache
from typing import NamedTuple

from sympy.printing.conventions import split_super_sub

__all__ = [
    "ADD",
    "ATOM",
    "GREEK_LETTERS",
    "MUL",
    "POW",
    "REL",
    "Piece",
    "glue",
    "group",
    "spelled_out",
    "symbol",
    "wrap",
    "wrap_text",
]

_GREEK_NAMES = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau "
    "upsilon phi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"
)
# The letters by their names, which are also their LaTeX commands.
GREEK_LETTERS = dict(zip(_GREEK_NAMES.split(), "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩ", strict=True))
# The same with other names and letters; "lamda" is SymPy's, not LaTeX's.
_GREEK = GREEK_LETTERS | {
    "varepsilon": "ε",
    "vartheta": "ϑ",
    "varphi": "ϕ",
    "lamda": "λ",
    "hbar": "ħ",
    "ell": "ℓ",
}
_FROM_UNICODE = {
    char: name for name, char in _GREEK.items() if not name.startswith("var") and name != "lamda"
}
_ROMAN = frozenset({"re", "im", "in", "out", "ss", "eq", "th", "rev", "irr", "tot", "eff"})
_ACCENTS = ("dot", "bar", "tilde", "hat")
_ESCAPES = {
    "\\": r"\backslash ",
    "^": r"\hat{}",
    "~": r"\sim ",
    **{char: "\\" + char for char in "{}_&%$#"},
}

# How tightly a spelling holds together, loosest first.
REL, ADD, MUL, POW, ATOM = range(5)


class Piece(NamedTuple):
    """Both spellings of a subexpression, how tightly each binds, and whether LaTeX's is tall."""

    latex: str
    text: str
    level: int = ATOM
    text_level: int = ATOM
    tall: bool = False


def glue(latex: str, more: str) -> str:
    """``latex`` and then ``more``, with a blank where a command would swallow its first letter.

    >>> glue("\\\\omega", "L"), glue("2", "L")
    ('\\\\omega L', '2L')
    """
    blank = " " if more[:1].isalpha() and re.search(r"\\[A-Za-z]+$", latex) else ""
    return latex + blank + more


def group(piece: Piece) -> str:
    """The LaTeX in parentheses, of its height."""
    return rf"\left({piece.latex}\right)" if piece.tall else f"({piece.latex})"


def wrap(piece: Piece, level: int) -> str:
    """The LaTeX, in parentheses if it binds less tightly than ``level``."""
    return piece.latex if piece.level >= level else group(piece)


def wrap_text(piece: Piece, level: int) -> str:
    """The text, in parentheses if it binds less tightly than ``level``."""
    return piece.text if piece.text_level >= level else f"({piece.text})"


# ------------------------------------------------------------------------------------- names


def spelled_out(name: str) -> str:
    """A name with its Greek letters spelled out: ``ω_h`` becomes ``omega_h``."""
    return "".join(_FROM_UNICODE.get(char, char) for char in name)


@lru_cache(maxsize=4096)
def symbol(name: str) -> Piece:
    """A symbol by its name.

    A name with anything but letters, digits, ``_``, ``^`` and primes is escaped as it is.
    """
    name = spelled_out(name)
    if name.endswith("_") and keyword.iskeyword(name[:-1]):
        name = name[:-1]  # lambda_ is how Python spells a symbol called lambda
    text = re.sub(r"[A-Za-z]+", lambda m: _GREEK.get(m[0], m[0]), name)
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9]*([_^]([A-Za-z0-9]+|[+-]))*'*", name):
        inner = "".join(_ESCAPES.get(char, char) for char in name)
        return Piece(rf"\mathrm{{{inner}}}", text, POW, POW)
    bare = name.rstrip("'")
    root, supers, subs = split_super_sub(bare)
    latex = _root(root) + "'" * (len(name) - len(bare))
    if subs:
        latex += "_{" + ",".join(map(_index, subs)) + "}"
    if supers:
        latex += "^{" + ",".join(map(_index, supers)) + "}"
    tight = POW if supers or name != bare else ATOM
    return Piece(latex, text, tight, POW if supers else ATOM)


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
        return _root(index)
    if index in _ROMAN or (len(index) > 2 and index.isalpha()):
        return rf"\mathrm{{{index}}}"
    return index
