"""Atoms and the ring they generate: the field in which expressions have a normal form.

See ``alphabet``, which makes an :class:`Alphabet` from expressions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from functools import reduce
from operator import mul
from typing import Any

import sympy
from sympy import Expr

from symtherm.errors import OutsideClosedForm
from symtherm.exact.basis import coordinates
from symtherm.exact.fraction import Fraction, Poly, Ring, ring, split
from symtherm.exact.orders import declared_polynomials, order_images, unit_signs
from symtherm.exact.positivity import Ranges, coefficient_sign, squares, visible_form

__all__ = ["HYPERBOLIC", "Alphabet", "Atom", "exponent_parts", "is_complex", "with_atoms"]

HYPERBOLIC = (sympy.sinh, sympy.cosh, sympy.tanh, sympy.coth)


@dataclass(frozen=True, slots=True)
class Atom:
    """A generator: what it means in SymPy's terms, its kind and what is known of its sign."""

    expr: Expr
    kind: str  # symbol, cosine, sine, root, occupation, log
    sign: str  # positive, unit, real
    chart: str = ""  # bose, fermi, boltzmann for occupations
    exponent: Expr | None = None


def is_complex(expr: Expr) -> bool:
    """Whether a symbol declared complex occurs."""
    return any(s.is_complex and not s.is_real for s in expr.free_symbols)


def exponent_parts(argument: Expr) -> tuple[Expr, Expr]:
    """(a, b) with argument = a + I b for real a and b.

    >>> x, y = sympy.symbols("x y", real=True)
    >>> exponent_parts(x - sympy.I * (y + 1))
    (x, -y - 1)
    """
    if not argument.has(sympy.I):
        return argument, sympy.Integer(0)
    spread = argument.expand()
    imaginary = spread.coeff(sympy.I)
    real = spread - (sympy.I * imaginary).expand()
    if real.has(sympy.I) or imaginary.has(sympy.I):
        raise OutsideClosedForm(
            f"exp({argument})", found="an exponent that is not a + I*b with real a and b"
        )
    return real, imaginary


def _alphabet(values: dict[str, Any]) -> Alphabet:
    return Alphabet(**{**values, "declared": tuple(f.num for f in values["declared"])})


@dataclass(frozen=True, eq=False, slots=True)
class Alphabet:
    """Atoms, the ring they generate, and the conversion from SymPy expressions."""

    atoms: tuple[Atom, ...]
    base: Ring
    positive: tuple[Expr, ...] = ()
    exponents: tuple[Fraction, ...] = ()  # over the first ``symbols`` generators
    symbols: int = 0  # generators below the occupations: symbols, and roots of them
    ranges: Ranges = field(default=Ranges(()))
    declared: tuple[Poly, ...] = ()  # numerators of ``positive`` whose denominators are positive
    independent: bool = True  # False when logarithms with radicals leave zero tests one-sided
    angles: tuple[Fraction, ...] = ()  # over the symbols; cosine and sine atoms follow those
    memo: dict[Expr, Fraction] = field(default_factory=dict, repr=False)
    logs: dict[tuple[str, str], int] = field(default_factory=dict, repr=False)
    written: dict[object, Expr] = field(default_factory=dict, repr=False)  # the writer's memory

    def __reduce__(self) -> tuple[Any, ...]:
        # Polynomials go as fractions, which pickle; what the writer remembers is made again.
        values = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "written"}
        values["declared"] = tuple(
            Fraction(ring(p.context().nvars()), p, p.context().constant(1)) for p in self.declared
        )
        return _alphabet, (values,)

    # -- from SymPy ---------------------------------------------------------------------------

    def fraction(self, expr: Expr | int) -> Fraction:
        """The normal form of an expression; refuses atoms that were not there at the start."""
        if isinstance(expr, int):
            return Fraction.of(self.base, expr)
        found = self.memo.get(expr)
        if found is None:
            found = self.memo[expr] = self._convert(expr)
        return found

    def _convert(self, expr: Expr) -> Fraction:
        base = self.base
        if expr.is_Rational:
            return Fraction.of(base, int(expr.p), int(expr.q))
        if self.angles and not expr.is_Function and (expr.has(sympy.I) or is_complex(expr)):
            found = self._real_value(expr)
            if found is not None:
                return found
        if expr.is_Add:
            return reduce(lambda a, b: a + b, (self.fraction(a) for a in expr.args))
        if expr.is_Mul:
            return reduce(mul, (self.fraction(a) for a in expr.args))
        if expr.is_Pow and expr.exp.is_Integer:
            return self.fraction(expr.base) ** int(expr.exp)
        if expr.is_Pow and expr.exp.is_Rational and expr.exp.q == 2:
            return self._root(expr.base) ** int(expr.exp.p)
        if isinstance(expr, sympy.exp):
            return self._exp(expr.args[0])
        if expr is sympy.E:
            return self._exp(sympy.Integer(1))
        if isinstance(expr, (sympy.cos, sympy.sin)):
            return self.unit(expr.args[0])[isinstance(expr, sympy.sin)]
        if isinstance(expr, sympy.conjugate):
            return self.fraction(expr.args[0])  # what has a real normal form is real
        if isinstance(expr, (sympy.re, sympy.im)):
            from symtherm.exact.complex import pair

            return pair(self, expr.args[0])[isinstance(expr, sympy.im)]
        if isinstance(expr, HYPERBOLIC):
            return self._hyperbolic(expr)
        if isinstance(expr, sympy.log):
            return self._log(self.fraction(expr.args[0]))
        if isinstance(expr, sympy.atanh):
            u = self.fraction(expr.args[0])
            return self._log((1 + u) / (1 - u)) / 2
        for index, atom in enumerate(self.atoms):
            if atom.expr == expr:
                return Fraction.of(base, base.gen(index))
        raise OutsideClosedForm(
            f"The exact normal form of {expr}",
            found=f"{type(expr).__name__} is not rational in parameters, exponentials and logs",
            advice="use rational functions, exp, log and square roots of declared parameters"
            if not isinstance(expr, (sympy.Abs, sympy.sign))
            else f"the sign of {expr.args[0]} is not declared: take parameters(...) for a positive "
            "one, and the negative case with -x in its place",
        )

    def _real_value(self, expr: Expr) -> Fraction | None:
        """A sum, product or power of complex numbers that is real; None for other forms."""
        from symtherm.exact.complex import pair

        if not (expr.is_Add or expr.is_Mul or (expr.is_Pow and expr.exp.is_Integer)):
            return None
        re, im = pair(self, expr)
        if im:
            raise OutsideClosedForm(
                f"The value of {expr} as a real number", found="an imaginary part that is not zero"
            )
        return re

    def unit(self, angle: Expr) -> tuple[Fraction, Fraction]:
        """The cosine and the sine of an angle of the lattice."""
        result = (Fraction.of(self.base, 1), Fraction.of(self.base, 0))
        if angle == 0:
            return result
        powers = None
        if self.angles:
            value = self.fraction(angle)
            small = self.angles[0].base
            if not any(value.num.degrees()[small.size :] + value.den.degrees()[small.size :]):
                num, den = (p.project_to_context(small.ctx) for p in (value.num, value.den))
                powers = coordinates(self.angles, Fraction(small, num, den))
        if powers is None:
            raise OutsideClosedForm(
                f"cos({angle}) in an alphabet made without it",
                advice="make the alphabet from all expressions together",
            )
        places = [i for i, a in enumerate(self.atoms) if a.kind == "cosine"]
        for place, power in zip(places, powers, strict=True):
            c = Fraction.of(self.base, self.base.gen(place))
            s = Fraction.of(self.base, self.base.gen(place + 1))
            s = s if power > 0 else -s
            for _ in range(abs(power)):
                result = result[0] * c - result[1] * s, result[0] * s + result[1] * c
        return result

    def _exp(self, argument: Expr) -> Fraction:
        exponent = self.exponent(argument)
        powers = coordinates(self.exponents, exponent)
        if powers is None:
            raise OutsideClosedForm(
                f"exp({argument}) in an alphabet made without it",
                advice="make the alphabet from all expressions together; an exponential in an "
                "exponent, such as exp(-gamma (2 n + 1) t), needs a name for the rate",
            )
        result = Fraction.of(self.base, 1)
        for j, power in enumerate(powers):
            if power:
                result = result * self._boltzmann(self.symbols + j) ** (-power)
        return result

    def exponent(self, argument: Expr) -> Fraction:
        """The exponent as a rational function of the symbols alone (in their own small ring)."""
        value = self.fraction(argument)
        if any(d for d in value.num.degrees()[self.symbols :]) or any(
            d for d in value.den.degrees()[self.symbols :]
        ):
            raise OutsideClosedForm(
                f"exp({argument})", found="an exponent that is no rational function of parameters"
            )
        small = self.exponents[0].base if self.exponents else self.base.restricted(self.symbols)
        return Fraction(
            small, value.num.project_to_context(small.ctx), value.den.project_to_context(small.ctx)
        )

    def _boltzmann(self, index: int) -> Fraction:
        """exp(-e) in the chart of generator ``index``: y, y/(1 + y) or y/(1 - y)."""
        y = self.base.gen(index)
        chart = self.atoms[index].chart
        if chart == "bose":
            return Fraction.of(self.base, y, y + 1)
        if chart == "fermi":
            return Fraction.of(self.base, y, 1 - y)
        return Fraction.of(self.base, y)

    def _hyperbolic(self, expr: Expr) -> Fraction:
        up = self._exp(expr.args[0])
        down = 1 / up
        if isinstance(expr, sympy.sinh):
            return (up - down) / 2
        if isinstance(expr, sympy.cosh):
            return (up + down) / 2
        tanh = (up - down) / (up + down)
        return tanh if isinstance(expr, sympy.tanh) else 1 / tanh

    def _root(self, radicand: Expr) -> Fraction:
        from symtherm.exact.roots import express, root_parts

        outside, inside = root_parts(self, radicand)
        result = outside
        for key in inside:
            index = next(
                (i for i, a in enumerate(self.atoms) if a.kind == "root" and a.expr == key), None
            )
            expressed = express(self, key) if index is None else None
            if expressed is not None:
                result = result * expressed
                continue
            if index is None:
                raise OutsideClosedForm(
                    f"sqrt({radicand}) in an alphabet made without it",
                    advice="make the alphabet from all expressions together",
                )
            result = result * Fraction.of(self.base, self.base.gen(index))
        return result

    def _log(self, argument: Fraction) -> Fraction:
        from symtherm.exact.logform import log_parts

        result = Fraction.of(self.base, 0)
        rational, parts, _ = log_parts(self, argument)
        for key, coefficient in parts:
            if key not in self.logs:
                raise OutsideClosedForm(
                    f"A logarithm of {key[0]} in an alphabet made without it",
                    advice="make the alphabet from all expressions together",
                )
            result = result + coefficient * Fraction.of(self.base, self.base.gen(self.logs[key]))
        return result + rational

    # -- signs --------------------------------------------------------------------------------

    def sign(self, poly: Poly) -> int | None:
        """The sign of a polynomial in this alphabet, when its form shows it."""
        if poly.is_constant():
            value = int(poly.leading_coefficient()) if poly else 0
            return (value > 0) - (value < 0)
        form, signs = visible_form(self.base, poly, self.ranges)
        visible = coefficient_sign(form, signs)
        if visible is None:
            visible = self._declared_sign(poly)
        if visible is None:
            visible = _squares_sign(form, signs)
        return self._sign_with_root(poly) if visible is None and self.base.roots else visible

    def _declared_sign(self, poly: Poly) -> int | None:
        """The sign of a polynomial that is declared positive, up to a factor of known sign.

        A radicand counts as declared positive by the root that is taken of it.
        """
        taken = [r for i, r in self.base.roots if self.atoms[i].sign == "positive"]
        for known in (*self.declared, *taken):
            for sign in (1, -1):
                if poly == sign * known:
                    return sign
        return None

    def _sign_with_root(self, poly: Poly) -> int | None:
        """The sign of A + B R with R = sqrt(r) > 0 from that of its norm A^2 - B^2 r.

        Norm > 0 means |A| > |B| R, so A decides; norm < 0 means that B does.
        """
        parts = self._norm(poly)
        norm = None if parts is None else self.sign(parts[2])
        if parts is None or norm is None or norm == 0:
            return None
        return self.sign(parts[0]) if norm > 0 else self.sign(parts[1])

    def _weak_sign(self, poly: Poly) -> int | None:
        """+1 for >= 0 and -1 for <= 0, by squares that may all vanish or by a norm.

        Norm A^2 - B^2 r >= 0 means |A| >= |B| R, so A >= 0 is enough.
        """
        visible = _squares_sign(*visible_form(self.base, poly, self.ranges), weak=True)
        if visible is not None:
            return visible
        parts = self._norm(poly)
        if parts is None:
            return None
        a, b, norm = (Fraction.of(self.base, p) for p in parts)
        sign = self.fraction_sign(norm, weak=True)
        if sign is None:
            return None
        return self.fraction_sign(a if sign >= 0 else b, weak=True)

    def _norm(self, poly: Poly) -> tuple[Poly, Poly, Poly] | None:
        """A, B and A^2 - B^2 r of A + B R with the last root R = sqrt(r) > 0 in ``poly``."""
        degrees = poly.degrees()
        index = next((i for i, _ in reversed(self.base.roots) if degrees[i]), None)
        if index is None or degrees[index] != 1 or self.atoms[index].sign != "positive":
            return None
        a, b = split(self.base, poly, index)
        if max(len(a), len(b)) > NORM_LIMIT:
            return None
        return a, b, self.base.norm(a, b, index)

    def fraction_sign(self, value: Fraction, *, weak: bool = False) -> int | None:
        """The sign of a fraction from the signs of its irreducible factors.

        With ``weak``, +1 means >= 0 and -1 means <= 0: squares may vanish, also sums of them.
        """
        if not value:
            return 0
        total = 1
        for poly in (value.num, value.den):
            content, factors = poly.factor()
            total *= 1 if content > 0 else -1
            for p, k in factors:
                if weak and k % 2 == 0:
                    continue
                sign = self.sign(p)
                if sign is None and weak:
                    sign = self._weak_sign(p)
                if sign is None:
                    return None
                total *= sign ** int(k)
        return total

    # -- to SymPy -----------------------------------------------------------------------------

    def poly_expr(self, poly: Poly, names: Sequence[Expr] | None = None) -> Expr:
        """A polynomial as a canonical SymPy sum."""
        from symtherm.exact.writer import poly_expr

        return poly_expr(poly, names or [a.expr for a in self.atoms])


# Norms square the number of terms; those of polynomials with more terms are not formed.
NORM_LIMIT = 60

# Binomial squares are looked for in polynomials of at most this many terms.
SQUARES_LIMIT = 400


def _squares_sign(form: Poly, signs: Sequence[str], *, weak: bool = False) -> int | None:
    if len(form) > SQUARES_LIMIT:
        return None
    for sign in (1, -1):
        found = squares(sign * form, signs)
        if found is not None and (weak or found.strict):
            return sign
    return None


def with_atoms(
    atoms: Sequence[Atom],
    base: Ring,
    positive: tuple[Expr, ...],
    exponents: tuple[Fraction, ...] = (),
    symbols: int | None = None,
    independent: bool = True,
    logs: dict[tuple[str, str], int] | None = None,
    angles: tuple[Fraction, ...] = (),
) -> Alphabet:
    symbols = len(atoms) if symbols is None else symbols
    signs = tuple(a.sign for a in atoms)
    plain = Alphabet(tuple(atoms), base, (), exponents, symbols, Ranges(signs), angles=angles)
    declared = declared_polynomials(plain, positive)
    orders = order_images(plain, declared)
    signs = unit_signs(plain, declared, orders)
    return Alphabet(
        tuple(atoms),
        base,
        positive,
        exponents,
        symbols,
        Ranges(signs, orders),
        declared,
        independent,
        angles,
        {},
        logs or {},
    )
