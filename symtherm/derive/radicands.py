"""Radicands that are sums of squares, and expressions that show more than that they are >= 0.

The discriminant (a - d)^2 + 4 |b|^2 of a block of a state no longer shows that it is nonnegative
once it is multiplied out. The squares are known where it came from, so they are looked up.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import TYPE_CHECKING

from sympy import Expr

from symtherm.derive.declared import NoCertificate
from symtherm.derive.safe import safe_divisions
from symtherm.errors import SymthermError
from symtherm.exact.fraction import Fraction, Poly

if TYPE_CHECKING:
    from symtherm.derive.certificate import BaseVariables

__all__ = ["divides_safely", "is_safe", "sum_of_squares"]


def sum_of_squares(
    base: BaseVariables, radicand: Poly, squares: Sequence[Sequence[Expr]]
) -> str | None:
    """The radicand as a visible factor times one of the sums of squares; None if it is none."""
    for values in squares:
        try:
            parts = [base.image(base.space.fraction(v)) for v in values]
        except (NoCertificate, SymthermError):
            continue  # with a root that has no image yet
        common = Fraction.of(base.plain, 1)
        for part in parts:
            common = common * Fraction.of(base.plain, (common * part).den)
        polys = [(common * part).num for part in parts if part]
        shared = reduce(lambda a, b: a.gcd(b), polys, 0 * radicand)
        polys = [q / shared for q in polys]
        total = sum((q * q for q in polys), start=0 * radicand)
        if not total:
            continue
        factor = base.shown.quotient(Fraction.of(base.plain, radicand, total))
        if factor is not None:
            return f"({factor})*({' + '.join(f'({base.shown.text(q)})**2' for q in polys)})"
    return None


def is_safe(base: BaseVariables, text: str) -> bool:
    """Whether the checker lets one take the logarithm of a visibly nonnegative text.

    It has to see that the text is not zero everywhere: docs/certificates.md, "Divisions".
    """
    kinds = {"cosine": "angle", "sine": "angle", "log": "log", "occupation": "exponential"}
    names, roots = list[dict[str, str]](), list[dict[str, str]]()
    for index, atom in enumerate(base.space.atoms):
        name, real = base.names[index], base.shown.signs[index] == "real"
        if atom.kind == "root":
            radicand = base.shown.forms.get(index, "1")
            roots.append({"name": name, "kind": "root", "value": radicand})
        else:
            kind = kinds.get(atom.kind, "real" if real else "positive")
            names.append({"name": name, "kind": kind, "value": "1"})
    names += ({"name": name, "kind": "positive"} for name in base.assumed)
    return safe_divisions([*names, *roots], [text], positive=True)


def divides_safely(base: BaseVariables, text: str) -> bool:
    """Whether a text made of parameters and functions divides only by what is safe to divide by."""
    names = [
        {"name": base.spelling[a.expr], "kind": "real" if a.sign == "real" else "positive"}
        for a in base.space.atoms
        if a.kind == "symbol" and a.expr not in base.letters
    ]
    return safe_divisions(names, [text])
