"""Certificates: a proof as plain data, in the spelling that the independent checker reads.

All expressions are strings in *base variables* that range freely over (0, oo) or over the reals:
a declared order omega_h > omega_c becomes omega_h = omega_c + d with a variable d > 0, and the
exponentials become y/(1 + y) = exp(-e) with y > 0 for an exponent e > 0, or z = exp(-e) with z > 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from keyword import iskeyword
from typing import Any

import sympy
from sympy import Expr, Symbol

from symtherm.exact.alphabet import Alphabet
from symtherm.exact.basis import coordinates
from symtherm.exact.fraction import Fraction, Poly, Ring, evaluate
from symtherm.exact.positivity import Squares, coefficient_sign, squares

__all__ = ["BaseVariables", "base_variables", "declare"]


@dataclass(frozen=True)
class BaseVariables:
    """The map from an alphabet to base variables, with the names that certificates use."""

    space: Alphabet
    images: tuple[Fraction, ...]
    names: tuple[Symbol, ...]
    declared: Mapping[Symbol, Symbol]

    def text(self, expr: Expr) -> str:
        """An expression in the original symbols, with safe names."""
        return str(expr.xreplace(dict(self.declared)))

    def visible(self, value: Fraction) -> str | None:
        """A fraction in base variables as a visibly nonnegative product; None if it is not.

        Every factor is a sum of positive terms or an even power.
        """
        image = self.image(value)
        parts: list[str] = []
        for poly, sign in ((image.num, ""), (image.den, "-")):
            content, factors = poly.factor()
            if sign == "" and not poly:
                return None
            number = int(content)
            for p, k in factors:
                q, positive = self._oriented(p)
                if not positive and k % 2:
                    return None
                if q is not p and k % 2:
                    number = -number
                parts.append(f"({self.positive_text(q)})**({sign}{int(k)})")
            if number < 0:
                # Both signs are collected in the numerator's number below.
                parts.append("-1")
                number = -number
            if number != 1:
                parts.append(f"{number}**({sign or ''}1)")
        minus = parts.count("-1")
        if minus % 2:
            return None
        return "*".join(p for p in parts if p != "-1") or "1"

    def _oriented(self, poly: Poly) -> tuple[Poly, bool]:
        signs = ["real" if s.is_positive is None else "positive" for s in self.names]
        for sign in (1, -1):
            if coefficient_sign(sign * poly, signs) == 1 or self._squares(sign * poly) is not None:
                return (poly if sign == 1 else -poly), True
        return poly, False

    def _squares(self, poly: Poly) -> Squares | None:
        found = squares(poly, ["real" if s.is_positive is None else "positive" for s in self.names])
        return found if found is not None and found.strict else None

    def positive_text(self, poly: Poly) -> str:
        """A polynomial as text that shows its sign: as squares where its terms do not."""
        found = self._squares(poly)
        if found is None or not found.terms:
            return self.poly_text(poly)
        names = self.names

        def monomial(m: tuple[int, ...]) -> Expr:
            return sympy.Mul(*(names[i] ** k for i, k in enumerate(m) if k))

        def number(q: Any) -> Expr:
            return sympy.Rational(q.numerator, q.denominator)

        parts = [
            f"({number(c) * monomial(u)})*({monomial(x)} - ({number(r)})*({monomial(y)}))**2"
            for c, u, x, r, y in found.terms
        ]
        parts += [f"({number(c) * monomial(m)})" for c, m in found.rest]
        return " + ".join(parts)

    def image(self, value: Fraction) -> Fraction:
        """A fraction with every generator replaced by its image in base variables."""
        base: Ring = self.space.base
        images = list(self.images)
        return evaluate(value.num, images, base) / evaluate(value.den, images, base)

    def poly_text(self, poly: Poly) -> str:
        return str(self.space.poly_expr(poly, list(self.names)))


def _safe(name: str, taken: set[str]) -> str:
    stem = name if name.isidentifier() and name.isascii() and not iskeyword(name) else "s"
    candidate, number = stem, 0
    while candidate in taken or candidate in ("exp", "I"):
        number += 1
        candidate = f"{stem}_{number}"
    taken.add(candidate)
    return candidate


def base_variables(space: Alphabet) -> BaseVariables:
    """Base variables of an alphabet without roots and logarithms.

    Generator by generator: a symbol is itself or, under a declared order, a larger one plus slack;
    an occupation becomes y or z (see the module).
    """
    taken: set[str] = set()
    declared: dict[Symbol, Symbol] = {}
    names: list[Symbol] = []
    images: list[Fraction] = []
    orders = dict(space.ranges.orders)
    for index, atom in enumerate(space.atoms):
        g = space.base.gen(index)
        if atom.kind == "symbol":
            name = _safe(str(atom.expr), taken)
            if isinstance(atom.expr, Symbol):
                declared[atom.expr] = Symbol(name, **atom.expr.assumptions0)
            own: Symbol = Symbol(name, positive=True if atom.sign != "real" else None)
            if index in orders:
                own = Symbol(_safe(f"slack_{name}", taken), positive=True)
            names.append(own)
            images.append(Fraction.of(space.base, orders.get(index, g)))
        else:
            names.append(Symbol(_safe(f"y{index}", taken), positive=True))
            image = Fraction.of(space.base, g)
            if atom.chart == "fermi":
                image = Fraction.of(space.base, g, g + 1)  # f = z/(1 + z), z = exp(-e)
            images.append(image)
    return BaseVariables(space, tuple(images), tuple(names), declared)


def declare(
    base: BaseVariables, exprs: Iterable[Expr], exponents_too: Iterable[Expr] = ()
) -> dict[str, Any]:
    """The declarations that a certificate starts with.

    ``variables``: base variables and their ranges; ``substitutions``: original symbols in base
    variables; ``orders``: the declared positive expressions with the slack each equals;
    ``exponents``: for every independent exponential its exponent, how exp(-exponent) is written,
    and a visibly positive form where that needs exponent > 0; ``exponentials``: the integer
    coordinates of every exponent that occurs in ``exprs`` or is listed in ``exponents_too``.
    """
    space = base.space
    variables = {str(n): "positive" if n.is_positive else "real" for n in base.names}
    substitutions = {}
    for index, atom in enumerate(space.atoms[: space.symbols]):
        if atom.kind != "symbol":
            continue
        name = str(base.declared.get(atom.expr, base.names[index]))
        substitutions[name] = base.poly_text(base.images[index].num)
    exponents = []
    for j in range(len(space.exponents)):
        index = space.symbols + j
        atom = space.atoms[index]
        assert atom.exponent is not None
        y = base.names[index]
        record = {"exponent": base.text(atom.exponent), "name": str(y)}
        if atom.chart == "bose":
            record["form"] = f"{y}/(1 + {y})"
            visible = base.visible(space.fraction(atom.exponent))
            assert visible is not None
            record["visible"] = visible
        else:
            record["form"] = str(y)
        exponents.append(record)
    table: dict[str, list[int]] = {}
    found = [part.args[0] for expr in exprs for part in sorted(expr.atoms(sympy.exp), key=str)]
    arguments = list(dict.fromkeys(found))
    for argument in (*arguments, *exponents_too):
        powers = coordinates(space.exponents, space.exponent(argument))
        assert powers is not None
        table[base.text(argument)] = list(powers)
    slack = {
        base.text(expr): str(base.names[index])
        for expr in space.positive
        for index, _ in space.ranges.orders
        if base.image(space.fraction(expr)) == Fraction.of(space.base, space.base.gen(index))
    }
    return {
        "variables": variables,
        "substitutions": substitutions,
        "orders": slack,
        "exponents": exponents,
        "exponentials": table,
    }
