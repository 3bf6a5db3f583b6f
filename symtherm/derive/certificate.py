"""Certificates: a proof as plain data, in the spelling that the independent checker reads.

All expressions are strings in *base variables* that range freely over (0, oo) or over the reals:
a declared order omega_h > omega_c becomes omega_h = omega_c + d with a variable d > 0, a declared
x < 1 becomes x = y/(1 + y), exponentials become y = 1/(exp(e) - 1) with y > 0 for an exponent
e > 0, or z = exp(-e) with z > 0, and cos = (1 - t^2)/(1 + t^2), sin = 2 t/(1 + t^2) with a real t.
Square roots of these are names R with their radicands, logarithms are names of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from keyword import iskeyword
from math import lcm
from typing import Any

import sympy
from sympy import Expr, Symbol

from symtherm.derive.declared import NoCertificate, in_order
from symtherm.derive.images import by_dependence, image_of
from symtherm.derive.texts import collected, exponent, is_closed
from symtherm.derive.visible import Shown, added
from symtherm.exact.alphabet import Alphabet
from symtherm.exact.basis import coordinates
from symtherm.exact.fraction import Fraction, Poly, Ring, evaluate
from symtherm.exact.letters import HYPERBOLIC, exponent_parts
from symtherm.exact.logform import log_parts

__all__ = ["BaseVariables", "NoCertificate", "base_variables"]

LONG_SUM = 30  # terms from which on a sum is written in powers
RESERVED = ("exp", "expm1", "log", "sqrt", "cos", "sin", "I")


@dataclass
class BaseVariables:
    """The map from an alphabet to base variables, with the names that certificates use.

    ``text`` collects, for every function it writes, the record from which the checker rebuilds it;
    ``declarations`` returns them, so it comes last.
    """

    space: Alphabet
    plain: Ring  # the base variables, without relations
    images: list[Fraction | None]
    names: list[str]
    shown: Shown
    spelling: dict[Expr, str]
    letters: Mapping[Symbol, Expr]
    taken: set[str]
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    extra: list[dict[str, str]] = field(default_factory=list)
    assumed: dict[str, str] = field(default_factory=dict)
    forms: dict[Expr, str] = field(default_factory=dict)  # visibly positive ones of eigenvalues
    texts: dict[Expr, str] = field(default_factory=dict)
    exponentials: dict[str, str] = field(default_factory=dict)  # z of occupations y = z/(1 - z)

    # -- expressions ----------------------------------------------------------------------------

    def text(self, expr: Expr) -> str:
        """An expression in the original symbols, with safe names."""
        if expr in self.spelling:
            return self.spelling[expr]
        found = self.texts.get(expr)
        if found is None:
            found = self.texts[expr] = self._text(expr)
        return found

    def _text(self, expr: Expr) -> str:
        if expr.is_Rational:
            return str(expr)
        if expr is sympy.I:
            return "I"
        if expr is sympy.E:
            return self._exp(sympy.Integer(1))
        if expr.is_Add:
            first, rest = expr.as_two_terms()
            if first == -1 and isinstance(rest, sympy.exp) and not rest.has(sympy.I):
                return self._exp(rest.args[0]).replace("exp(", "expm1(", 1)
            if len(expr.args) > LONG_SUM:
                return collected([self._term(a) for a in expr.args])
            return added([self.text(a) for a in expr.args])
        if expr.is_Mul:
            return self._product(expr)
        if expr.is_Pow and expr.exp.is_Integer:
            return f"{self._atom(expr.base)}**{exponent(int(expr.exp))}"
        if expr.is_Pow and expr.exp.is_Rational and expr.exp.q == 2:
            return self._sqrt(expr.base, int(expr.exp.p))
        if expr.is_Symbol and sympy.Abs(expr) in self.spelling:
            angle = sympy.arg(expr)
            return f"{self.spelling[sympy.Abs(expr)]}*({self._turn(angle, 1)})"
        if isinstance(expr, sympy.conjugate) and expr.args[0].is_Symbol:
            inner = expr.args[0]
            return f"{self.text(sympy.Abs(inner))}*({self._turn(sympy.arg(inner), -1)})"
        if isinstance(expr, sympy.exp):
            real, angle = exponent_parts(expr.args[0])
            if angle == 0:
                return self._exp(real)
            turn = f"({self._turn(angle, 1)})"
            return turn if real == 0 else f"{self._exp(real)}*{turn}"
        if isinstance(expr, (sympy.cos, sympy.sin)):
            return self._circular(expr.args[0])[isinstance(expr, sympy.sin)]
        if isinstance(expr, HYPERBOLIC):
            return f"({self.text(expr.rewrite(sympy.exp))})"
        if isinstance(expr, sympy.log):
            return self.log(expr.args[0])
        if isinstance(expr, sympy.atanh):
            u = expr.args[0]
            return f"1/2*({self.text(sympy.log(1 + u))} - {self.text(sympy.log(1 - u))})"
        raise NoCertificate(f"{type(expr).__name__} in a certificate")

    def _atom(self, expr: Expr) -> str:
        text = self.text(expr)
        plain = expr.is_Symbol or (expr.is_Integer and expr >= 0)
        return text if plain and text.replace("_", "").isalnum() else f"({text})"

    def _term(self, expr: Expr) -> tuple[Expr, dict[str, int]]:
        number, rest = expr.as_coeff_Mul()
        powers: dict[str, int] = {}
        for factor in sympy.Mul.make_args(rest) if rest != 1 else ():
            whole = factor.is_Pow and factor.exp.is_Integer
            text = self._atom(factor.base if whole else factor)
            powers[text] = powers.get(text, 0) + (int(factor.exp) if whole else 1)
        return number, powers

    def _product(self, expr: Expr) -> str:
        above, below = [], []
        for a in expr.args:
            if a.is_Rational:
                above.append(f"{a.p}")
                below += [f"{a.q}"] if a.q != 1 else []
            elif a.is_Pow and a.exp.is_Integer and a.exp < 0:
                below.append(self._factor(a.base ** (-a.exp)))
            else:
                above.append(self._factor(a))
        text = "*".join(above).replace("-1*", "-", 1) if above[:1] == ["-1"] else "*".join(above)
        text = text if text not in ("", "-") else text + "1"
        if not below:
            return text
        return f"{text}/{below[0]}" if len(below) == 1 else f"{text}/({'*'.join(below)})"

    def _factor(self, expr: Expr) -> str:
        text = self.text(expr)
        return text if is_closed(expr) else f"({text})"

    def _exp(self, argument: Expr) -> str:
        text = self.text(argument)
        if text not in self.tables.get("exp", {}):  # which is slow, and a long claim has many
            self._record("exp", text, {"powers": self.powers(argument)})
        return f"exp({text})"

    def powers(self, argument: Expr) -> dict[str, int]:
        """The coordinates of an exponent by the names of the independent exponentials."""
        if argument == 0:
            return {}
        found = coordinates(self.space.exponents, self.space.exponent(argument))
        if found is None:
            raise NoCertificate(f"exp({argument}) outside the lattice of exponents")
        return self._named("occupation", found)

    def _sqrt(self, radicand: Expr, power: int) -> str:
        text = self.text(radicand)
        form = self.visible(self.space.fraction(sympy.sqrt(radicand)))
        if form is None:
            raise NoCertificate(f"the sign of sqrt({radicand})")
        self._record("sqrt", text, form)
        return f"sqrt({text})" if power == 1 else f"sqrt({text})**{exponent(power)}"

    def log(self, argument: Expr, text: str = "") -> str:
        """The text of ln(argument), whose record is kept; ``text`` is another form of it."""
        text = text or self.text(argument)
        space = self.space
        rational, parts, _ = log_parts(space, space.fraction(argument))
        if any(key not in space.logs for key, _ in parts):
            raise NoCertificate(f"log({argument}) of something without a letter")
        weights = {space.logs[key]: weight for key, weight in parts}
        values = [weights.get(i, Fraction.of(space.base, 0)) for i in sorted(space.logs.values())]
        if any(not v.is_constant for v in values):
            raise NoCertificate("a logarithm with a coefficient that is no number")
        numbers = [sympy.Rational(int(v.num.leading_coefficient()) if v else 0,
                                  int(v.den.leading_coefficient())) for v in values]  # fmt: skip
        times = lcm(*(int(n.q) for n in numbers))
        exponent = (times * rational).num, (times * rational).den
        small = space.exponents[0].base if space.exponents else space.base
        powers = coordinates(
            space.exponents, Fraction(small, *(p.project_to_context(small.ctx) for p in exponent))
        )
        if powers is None:
            raise NoCertificate(f"log({argument}) outside the lattice of exponents")
        logs = self._named("log", [int(times * n) for n in numbers])
        record: dict[str, Any] = {"powers": logs | self._named("occupation", powers)}
        if times != 1:
            record |= {"times": times, "visible": self.sign(space.fraction(argument))}
        self._record("log", text, record)
        return f"log({text})"

    def _circular(self, angle: Expr) -> tuple[str, str]:
        text = self.text(angle)
        space = self.space
        value = space.fraction(angle)
        small = space.angles[0].base
        powers = coordinates(
            space.angles,
            Fraction(
                small,
                value.num.project_to_context(small.ctx),
                value.den.project_to_context(small.ctx),
            ),
        )
        if powers is None:
            raise NoCertificate(f"cos({angle}) outside the lattice of angles")
        self._record("turn", text, {"powers": self._named("cosine", powers)})
        return f"cos({text})", f"sin({text})"

    def _turn(self, angle: Expr, sign: int) -> str:
        cos, sin = self._circular(angle)
        return f"{cos} {'+' if sign > 0 else '-'} I*{sin}"

    def record(self, argument: Expr) -> str:
        """Make ln(argument) known to the checker; a form that shows that it is defined."""
        form = self.sign(self.space.fraction(argument))
        self.log(argument, form)
        return form

    def exponent(self, argument: Expr) -> str:
        """Make exp(argument) and its logarithm known to the checker; the text of the argument."""
        text = self._exp(argument)
        self._record("log", text, {"powers": self.powers(argument)})
        return self.text(argument)

    def _named(self, kind: str, powers: Sequence[int]) -> dict[str, int]:
        """Coordinates by the names of the generators of one kind, which come in their order."""
        names = [n for n, a in zip(self.names, self.space.atoms, strict=True) if a.kind == kind]
        known = zip(names, powers, strict=True)
        return {self.exponentials.get(n, n): int(k) for n, k in known if k}

    def _record(self, table: str, key: str, value: Any) -> None:
        self.tables.setdefault(table, {})[key] = value

    # -- fractions ------------------------------------------------------------------------------

    def visible(self, value: Fraction) -> str | None:
        """A fraction in base variables as a visibly nonnegative product; None if it is not.

        Every factor is a sum of nonnegative terms or an even power.
        """
        try:
            return self.shown.quotient(self.image(value))
        except NoCertificate:
            return None

    def image(self, value: Fraction) -> Fraction:
        """A fraction with every generator replaced by its image in base variables."""
        return self._evaluate(value.num) / self._evaluate(value.den)

    def _evaluate(self, poly: Poly) -> Fraction:
        found: list[Fraction] = []
        if not poly:  # whose degrees are -1
            return Fraction.of(self.plain, 0)
        for k, (image, degree) in enumerate(zip(self.images, poly.degrees(), strict=True)):
            if image is None and degree:
                raise NoCertificate(f"{self.space.atoms[k].expr} in a certificate")
            found.append(image or Fraction.of(self.plain, 0))
        return evaluate(poly, found, self.plain)

    def exact(self, value: Fraction) -> str:
        """A fraction as text, without any claim on its sign."""
        num, den = self.ratio(value)
        return f"({num})/({den})"

    def ratio(self, value: Fraction) -> tuple[str, str]:
        """Numerator and denominator of a fraction in base variables."""
        image = self.image(value)
        return self.shown.collected(image.num), self.shown.collected(image.den)

    # -- declarations ---------------------------------------------------------------------------

    def declarations(self) -> dict[str, Any]:
        """What the checker has to know of the names and functions that were written."""
        space = self.space
        found: list[dict[str, str]] = []
        slacks = self._orders()

        def name(kind: str, name: str, value: str = "") -> None:
            found.append({"name": name, "kind": kind} | ({"value": value} if value else {}))

        for index, atom in enumerate(space.atoms):
            own, image = self.names[index], self.images[index]
            if image is None or atom.kind in ("root", "sine"):
                continue
            if atom.expr in self.letters:
                meaning = space.fraction(self.letters[atom.expr])
                real = atom.sign == "real"
                name("defined", own, self.exact(meaning) if real else self.sign(meaning))
            elif atom.kind == "symbol":
                parameter = self.spelling[atom.expr]
                name("real" if atom.sign == "real" else "positive", parameter)
                if own in slacks:
                    name("assumed", own, slacks[own])
                elif own != parameter:  # 0 < x < 1
                    rest = _safe(f"rest_{parameter}", self.taken)
                    name("assumed", rest, f"1 - {parameter}")
                    name("defined", own, f"{parameter}/{rest}")
            elif atom.kind == "cosine":
                assert atom.exponent is not None
                name("angle", own, self.text(atom.exponent))
            elif atom.kind == "log":
                argument = atom.expr.args[0]
                if isinstance(argument, sympy.Abs):
                    argument = argument.args[0]
                    if space.fraction_sign(space.fraction(argument)) == -1:
                        argument = -argument
                name("log", own, self.sign(space.fraction(argument)))
            elif atom.kind == "occupation":
                assert atom.exponent is not None
                if atom.chart == "bose":  # y = z/(1 - z) = 1/(exp(e) - 1) > 0 with z = exp(-e)
                    letter, form = self.exponentials[own], self.sign(space.fraction(atom.exponent))
                    name("exponential", letter, self.text(atom.exponent))
                    self._record("exp", form, {"powers": {letter: 1}})
                    name("defined", own, f"1/expm1({form})")
                else:
                    name("exponential", own, self.text(atom.exponent))
        for i in self.shown.roots:
            name("root", self.names[i], self.shown.radicand(i))
        for own, value in self.assumed.items():
            if own in self.shown.used:
                name("assumed", own, value)
        found += self.extra
        tables = {k: self.tables.get(k, {}) for k in ("exp", "sqrt", "log", "turn")}
        return {"names": in_order(found, tables), "functions": tables}

    def sign(self, value: Fraction) -> str:
        """A visibly nonnegative form of a value that has to be positive."""
        form = self.visible(value)
        if form is None:
            raise NoCertificate("the sign of an expression that has to be positive")
        return form

    def rates(self, down: Fraction, up: Fraction, exponent: Expr) -> tuple[str, str]:
        """Visibly nonnegative forms of rates with down = e^exponent up.

        A fourth frequency a + b - c of a bath has an occupation that is a quotient without a
        visible sign. With K = down - up, which is the rate itself for bosons, up = K/(e^x - 1).
        """
        forms = self.visible(down), self.visible(up)
        if forms[0] is not None and forms[1] is not None:
            return forms[0], forms[1]
        if exponent == 0:
            raise NoCertificate("the sign of a rate")
        difference, x = self.sign(down - up), self.sign(self.space.fraction(exponent))
        self._record("exp", x, {"powers": self.powers(exponent)})
        low = f"({difference})/expm1({x})"
        return f"{low} + ({difference})", low

    def name(self, kind: str, stem: str, form: str) -> str:
        """A new name: "defined" as a visibly nonnegative text, or the "log" of one."""
        own = _safe(stem, self.taken)
        self.extra.append({"name": own, "kind": kind, "value": form})
        return own

    def _orders(self) -> dict[str, str]:
        """The slack variables of declared orders: each is a declared positive polynomial."""
        found: dict[str, str] = {}
        for index, _ in self.space.ranges.orders:
            for poly in self.space.declared:
                if self._evaluate(poly) == Fraction.of(self.plain, self.plain.gen(index)):
                    found[self.names[index]] = self.text(self.space.poly_expr(poly))
                    break
            else:
                raise NoCertificate("an order that equals no slack")
        return found


def _safe(name: str, taken: set[str]) -> str:
    stem = name if name.isidentifier() and name.isascii() and not iskeyword(name) else "s"
    candidate, number = stem, 0
    while candidate in taken or candidate in RESERVED:
        number += 1
        candidate = f"{stem}_{number}"
    taken.add(candidate)
    return candidate


def base_variables(
    space: Alphabet,
    letters: Mapping[Symbol, Expr] | None = None,
    squares: Sequence[Sequence[Expr]] = (),
) -> BaseVariables | None:
    """Base variables of an alphabet; None when one of its atoms has no place in a certificate.

    ``letters`` are symbols that only abbreviate positive expressions in the others. ``squares`` are
    lists of real expressions whose squares add up to a radicand, up to a factor with a visible
    sign: a radicand that was multiplied out need not show that it is one.

    Generator by generator: a symbol is itself or, under a declared order, a larger one plus slack;
    occupations and angles become y, z or t (see the module); a root of n/d is R/d with R^2 = n d.
    """
    plain = Ring(space.base.ctx, space.base.size)
    taken: set[str] = set()
    spelling: dict[Expr, str] = {}
    names, signs = list[str](), list[str]()
    orders = dict(space.ranges.orders)
    stems = {"occupation": "y", "cosine": "t", "sine": "t", "root": "R", "log": "l"}
    for atom in space.atoms:
        if atom.kind == "symbol":
            stem = str(atom.expr).replace("Abs(", "abs_").replace("arg(", "arg_").replace(")", "")
            spelling[atom.expr] = _safe(stem, taken)
    for index, atom in enumerate(space.atoms):
        sign = "real" if atom.kind in ("cosine", "sine", "log") else atom.sign
        if atom.kind != "symbol":
            names.append(_safe(f"{stems[atom.kind]}{index}", taken))
        elif index in orders or space.ranges.signs[index] == "unit":
            stem = "slack" if index in orders else "odds"
            names.append(_safe(f"{stem}_{spelling[atom.expr]}", taken))
            sign = "positive"
        else:
            names.append(spelling[atom.expr])
        signs.append("real" if sign == "real" else "positive")
    images: list[Fraction | None] = [None] * len(names)
    shown = Shown(plain, names, signs)
    base = BaseVariables(space, plain, images, names, shown, spelling, letters or {}, taken)
    for atom, own in zip(space.atoms, names, strict=True):
        if atom.chart == "bose":
            base.exponentials[own] = _safe(f"z{own[1:]}", taken)
    try:
        for index in by_dependence(space, orders):
            images[index] = image_of(base, index, orders, squares)
    except NoCertificate:
        return None
    others = [i for i, atom in enumerate(space.atoms) if atom.kind != "symbol"]
    for number, poly in enumerate(space.declared):  # those that are no orders
        if any(poly.degrees()[i] for i in others):
            continue
        with suppress(NoCertificate):
            if shown.assume(base._evaluate(poly), own := _safe(f"given_{number}", taken)):
                base.assumed[own] = base.text(space.poly_expr(poly))
    return base
