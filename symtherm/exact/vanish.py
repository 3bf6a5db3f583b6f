"""Proofs that a number is exactly zero.

A ball can prove that a number is not zero, never that it is. Zeros are proved by exact arithmetic
in the field Q(y, a_1, ..., a_k) with y = e^(1/D) for the common denominator D of all rational
exponents, and one generator for each independent logarithm, square root or function value. An
identity between polynomials in the generators is an identity between the numbers, so "zero" is a
proof; the converse would need independence of the generators, so failure to find an identity
proves nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import lcm, prod
from typing import Any

from flint import fmpq, fmpz, fmpz_mpoly_ctx

from symtherm.exact.plan import Plan

__all__ = ["proved_zero"]

_HYPERBOLIC = ("tanh", "coth", "sinh", "cosh", "sech", "csch")
_AT_ZERO = {"exp": 1, "cosh": 1, "sech": 1, "cos": 1}
_ODD = ("tanh", "sinh", "atanh", "asinh", "sin", "tan", "atan")


def proved_zero(plan: Plan, values: Mapping[Any, Any]) -> list[bool]:
    """Which roots are proved to be exactly zero. Call only where every ball is finite.

    Soundness: the value of an element is numerator/denominator at the true values of the
    generators. Denominators are products of numbers some ball division has shown to be nonzero
    (cancelled common factors divide them), so a vanishing numerator means a vanishing number.
    """
    rationals = _rationals(plan, values)
    if all(rationals[root] is not None for root in plan.roots):
        return [rationals[root] == 0 for root in plan.roots]
    denominators = [
        int(rationals[step.args[0]].q)
        for step in plan.steps
        if (step.kind == "exp" or step.kind in _HYPERBOLIC) and rationals[step.args[0]] is not None
    ]
    field = _Field(lcm(1, *denominators))
    out: list[Any] = []
    for step, rational in zip(plan.steps, rationals, strict=True):
        kind, args = step.kind, [out[i] for i in step.args]
        value: Any = None
        if rational is not None:
            value = field.rational(rational)
        elif kind == "constant":
            value = field.atom(("constant", str(step.node)))
        elif kind == "mul" and any(arg is not None and arg[0].is_zero() for arg in args):
            value = field.zero
        elif any(arg is None for arg in args):
            pass
        elif kind in ("add", "mul"):
            value = args[0]
            for arg in args[1:]:
                if value is not None:
                    value = field.add(value, arg) if kind == "add" else field.mul(value, arg)
        elif kind == "pow":
            p, q = step.extra.numerator, step.extra.denominator
            inner = rationals[step.args[0]]
            if q == 1:
                value = args[0]
            elif inner is not None and inner >= 0:
                value = field.root(inner, q)
            else:
                value = field.atom(("root", q, _key(args[0])))
            value = None if value is None else field.power(value, p)
        elif kind == "exp" and rationals[step.args[0]] is not None:
            value = field.exp_rational(rationals[step.args[0]])
        elif kind in _HYPERBOLIC and rationals[step.args[0]] is not None:
            x = rationals[step.args[0]]
            value = _exponential_form(field, kind, field.exp_rational(x * 2), field.exp_rational(x))
        elif kind == "log":
            value = field.log(args[0])
        else:
            value = field.atom((kind, *[_key(arg) for arg in args]))
        out.append(value)
    return [field.is_zero(out[root]) for root in plan.roots]


# --- rational nodes -----------------------------------------------------------------------------


def _rationals(plan: Plan, values: Mapping[Any, Any]) -> list[Any]:
    """Every node as an fmpq, or None where it is not (seen to be) rational."""
    out: list[Any] = []
    for step in plan.steps:
        kind, args = step.kind, [out[i] for i in step.args]
        value: Any = None
        if kind == "rational":
            value = step.extra
        elif kind == "symbol":
            value = values[step.extra]
        elif kind == "mul" and any(arg is not None and arg == 0 for arg in args):
            value = fmpq(0)
        elif not args or any(arg is None for arg in args):
            pass
        elif kind == "add":
            value = sum(args)
        elif kind == "mul":
            value = prod(args)
        elif kind == "pow":
            p, q = step.extra.numerator, step.extra.denominator
            # A large power of a rational is left to the balls: it costs more than it proves.
            if abs(p) <= 4096 and (q == 1 or args[0] >= 0) and (p > 0 or args[0] != 0):
                root = args[0] if q == 1 else _exact_root(args[0], q)
                value = None if root is None else root**p
        elif kind == "abs":
            value = abs(args[0])
        elif kind in ("min", "max"):
            value = min(args) if kind == "min" else max(args)
        elif kind in ("log", "acosh"):
            value = fmpq(0) if args[0] == 1 else None
        elif args[0] == 0 and kind in _AT_ZERO:
            value = fmpq(_AT_ZERO[kind])
        elif args[0] == 0 and kind in _ODD:
            value = fmpq(0)
        out.append(value)
    return out


def _exact_root(value: Any, q: int) -> Any:
    """The rational q-th root of a non-negative rational, or None."""
    parts = []
    for part in (int(value.p), int(value.q)):
        root = int(fmpz(part).root(q)) if part > 0 else 0
        if root**q != part:
            return None
        parts.append(root)
    return fmpq(parts[0], parts[1])


# --- the field ----------------------------------------------------------------------------------


class _Field:
    """Fractions of polynomials in y = e^(1/D) and one generator per independent other number.

    Elements are pairs (numerator, denominator) of ``fmpz_mpoly``; None stands for a number that
    left the field or grew beyond the limits below, which only costs a proof.
    """

    generators = 48
    terms = 400  # beyond this many terms an element is given up
    degree = 1500  # beyond this degree, or that in several generators, no gcd is taken: the
    degree_of_several = 60  # algorithms are dense
    effort = 2_000_000  # pairs of terms multiplied in all, after which everything is given up

    def __init__(self, denominator: int) -> None:
        self.denominator = denominator
        names = ["y"] + [f"a{i}" for i in range(1, self.generators)]
        self.context = fmpz_mpoly_ctx.get(names, "lex")
        self.gens = self.context.gens()
        self.one = self.context.constant(1)
        self.zero = (self.context.constant(0), self.one)
        self.unit = (self.one, self.one)
        self.keys: dict[Any, int] = {}
        self.squares: dict[int, int] = {}
        self.spent = 0

    def affordable(self, *products: tuple[Any, Any]) -> bool:
        """Whether these products of polynomials may be formed; counts them."""
        sizes = [len(a) * len(b) for a, b in products]
        self.spent += sum(sizes)
        return max(sizes) <= self.terms**2 and self.spent <= self.effort

    def rational(self, value: Any) -> Any:
        """A rational number, given as an fmpq."""
        return self.context.constant(int(value.p)), self.context.constant(int(value.q))

    def atom(self, key: Any) -> Any:
        """The generator of the number named ``key``, made when first asked for."""
        index = self.keys.setdefault(key, len(self.keys) + 1)
        return (self.gens[index], self.one) if index < self.generators else None

    def reduce(self, num: Any, den: Any) -> Any:
        """num/den with common factors cancelled and a positive leading denominator."""
        if num.is_zero():
            return self.zero
        if len(num) > self.terms or len(den) > self.terms or not self.affordable((num, den)):
            return None
        degrees = [max(pair) for pair in zip(num.degrees(), den.degrees(), strict=True)]
        several = sum(d > 0 for d in degrees) > 1
        if max(degrees) <= (self.degree_of_several if several else self.degree):
            common = num.gcd(den)
        else:
            common = num.term_content().gcd(den.term_content())
        if common != 1:
            num, den = num / common, den / common
        if den.leading_coefficient() < 0:
            num, den = -num, -den
        return num, den

    def add(self, left: Any, right: Any) -> Any:
        if left[1] == right[1]:
            return self.reduce(left[0] + right[0], left[1])
        if not self.affordable((left[0], right[1]), (right[0], left[1]), (left[1], right[1])):
            return None
        return self.reduce(left[0] * right[1] + right[0] * left[1], left[1] * right[1])

    def mul(self, left: Any, right: Any) -> Any:
        if not self.affordable((left[0], right[0]), (left[1], right[1])):
            return None
        return self.reduce(left[0] * right[0], left[1] * right[1])

    def power(self, base: Any, exponent: int) -> Any:
        if exponent < 0:
            base, exponent = (base[1], base[0]), -exponent
        if base[0].is_zero() and exponent:
            return self.zero
        if len(base[0]) == len(base[1]) == 1:
            return self.reduce(base[0] ** exponent, base[1] ** exponent)
        if exponent > self.degree:
            return None
        # By single steps, because only the product that is due may be too large.
        num, den = self.unit
        for _ in range(exponent):
            if not self.affordable((num, base[0]), (den, base[1])):
                return None
            num, den = num * base[0], den * base[1]
            if max(len(num), len(den)) > self.terms:
                return None
        return self.reduce(num, den)

    def exp_rational(self, value: Any) -> Any:
        """e^value, a power of y."""
        power = int(value.p) * (self.denominator // int(value.q))
        monomial = self.gens[0] ** abs(power)
        return (monomial, self.one) if power >= 0 else (self.one, monomial)

    def root(self, value: Any, q: int) -> Any:
        """value^(1/q) for rational value >= 0: sqrt(p/r) = sqrt(p r)/r, squares taken out."""
        if q != 2:
            return self.atom(("root", q, str(value)))
        inside, outside, rest = int(value.p) * int(value.q), fmpq(1, int(value.q)), 1
        if inside.bit_length() > 128:  # factoring may not end in useful time
            return self.atom(("root", q, str(value)))
        for prime, power in fmpz(inside).factor():
            outside = outside * fmpq(prime) ** (int(power) // 2)
            rest *= int(prime) ** (int(power) % 2)
        surd = self.atom(("sqrt", rest))
        if surd is None:
            return None
        self.squares[self.keys[("sqrt", rest)]] = rest
        return self.mul(self.rational(outside), surd)

    def log(self, value: Any) -> Any:
        """log of a positive element as sum of multiplicity times log|irreducible factor|."""
        total: Any = self.zero
        for part, sign in ((value[0], 1), (value[1], -1)):
            if len(part) > 60 or (len(part) > 1 and max(part.degrees()) > 120):
                # Too large to factor: an atom of its own, so that at least equal logs cancel.
                return self.atom(("log", _key(value)))
            content, factors = part.factor()
            pieces = [(f, int(m)) for f, m in factors]
            number = abs(int(content))
            if number.bit_length() <= 128:
                for prime, power in fmpz(number).factor():
                    pieces.append((self.context.constant(int(prime)), int(power)))
            elif number != 1:
                pieces.append((self.context.constant(number), 1))
            for factor, multiplicity in pieces:
                term: Any
                if factor == self.gens[0]:
                    term = self.rational(fmpq(1, self.denominator))
                else:
                    term = self.atom(("log", str(factor)))
                if term is None:
                    return None
                scaled = self.mul(term, self.rational(fmpq(sign * multiplicity)))
                total = None if scaled is None else self.add(total, scaled)
                if total is None:
                    return None
        return total

    def is_zero(self, element: Any) -> bool:
        """Whether the numerator vanishes modulo s^2 = n for every square-root generator s."""
        if element is None:
            return False
        if element[0].is_zero():
            return True
        if not self.squares:
            return False
        total: dict[tuple[int, ...], int] = {}
        for exponents, coefficient in element[0].to_dict().items():
            lowered, value = list(exponents), int(coefficient)
            for index, square in self.squares.items():
                value *= square ** (int(lowered[index]) // 2)
                lowered[index] = int(lowered[index]) % 2
            key = tuple(int(e) for e in lowered)
            total[key] = total.get(key, 0) + value
        return not any(total.values())


def _exponential_form(field: _Field, kind: str, twice: Any, once: Any) -> Any:
    """The hyperbolic function ``kind`` of x, from ``once`` = e^x and ``twice`` = e^(2x)."""
    one, minus = field.unit, field.rational(fmpq(-1))
    plus_one, minus_one = field.add(twice, one), field.add(twice, minus)
    two_u = field.mul(once, field.rational(fmpq(2)))
    top, bottom = {
        "tanh": (minus_one, plus_one),
        "coth": (plus_one, minus_one),
        "sinh": (minus_one, two_u),
        "cosh": (plus_one, two_u),
        "csch": (two_u, minus_one),
        "sech": (two_u, plus_one),
    }[kind]
    return field.mul(top, (bottom[1], bottom[0]))


def _key(element: Any) -> tuple[str, str]:
    """A hashable name of an element: equal elements have equal names."""
    return str(element[0]), str(element[1])
