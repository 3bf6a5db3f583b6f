"""Reduced quotients of integer polynomials, with square roots carried as relations.

A :class:`Ring` is Z[g_1, ..., g_m] with, for some generators s, a relation s^2 = r, where r is a
polynomial in earlier generators. Radicands are independent modulo squares (the alphabet sees to
it), so the quotient is an integral domain and its field of fractions is a vector space over
Q(g without roots) with the square-free root monomials as basis.

Normal form of a :class:`Fraction`: the denominator is free of roots, its leading coefficient is
positive, every root occurs in the numerator to the power 0 or 1, and no factor divides the
denominator and all coefficients of the numerator in the root basis. The form is unique: two
fractions are equal iff their parts are, which makes ``==`` and ``is_zero`` decisions.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flint import Ordering, fmpz_mpoly_ctx

from symtherm.errors import OutOfDomain, OutsideClosedForm

__all__ = ["Fraction", "Poly", "Ring", "TooLarge", "evaluate", "ring"]

# Products of more terms are not formed to free a denominator of roots: each root squares them.
RATIONALIZED = 200_000


class TooLarge(OutsideClosedForm):
    """A normal form with square roots has too many terms."""


# fmpz_mpoly; FLINT's types carry no annotations.
Poly = Any
# What a polynomial is pickled as: powers and coefficient of each term.
Terms = tuple[tuple[tuple[int, ...], int], ...]


@dataclass(frozen=True, eq=False, slots=True)
class Ring:
    """Integer polynomials in ``size`` generators; ``roots`` lists (generator, radicand)."""

    ctx: Any
    size: int
    roots: tuple[tuple[int, Poly], ...] = field(default=())

    def __reduce__(self) -> tuple[Any, ...]:
        # FLINT's polynomials do not pickle; their terms do, and a context is found by its names.
        return _ring, (self.size, tuple((i, _terms(r)) for i, r in self.roots))

    def constant(self, value: int) -> Poly:
        return self.ctx.constant(value)

    def gen(self, index: int) -> Poly:
        return self.ctx.gen(index)

    def gens(self) -> tuple[Poly, ...]:
        return tuple(self.ctx.gens())

    def enlarged(self, more: int) -> Ring:
        """The ring with ``more`` generators after these."""
        larger = ring(self.size + more)
        roots = tuple((i, r.project_to_context(larger.ctx)) for i, r in self.roots)
        return Ring(larger.ctx, larger.size, roots)

    def restricted(self, size: int) -> Ring:
        """The ring of the first ``size`` generators."""
        smaller = ring(size)
        roots = tuple((i, r.project_to_context(smaller.ctx)) for i, r in self.roots if i < size)
        return Ring(smaller.ctx, size, roots)

    def norm(self, a: Poly, b: Poly, index: int) -> Poly:
        """(a + b s)(a - b s) = a^2 - b^2 r for the root s with s^2 = r."""
        return self.reduce(a * a - b * b * dict(self.roots)[index])

    def reduce(self, poly: Poly) -> Poly:
        """Replace s^(2k+e) by r^k s^e, last root first, so that nested radicands reduce too.

        >>> from symtherm.exact.fraction import ring
        >>> R = ring(2)
        >>> R = Ring(R.ctx, 2, ((1, R.gen(0) + 1),))
        >>> str(R.reduce(R.gen(1) ** 3))
        'g0*g1 + g1'
        """
        for index, radicand in reversed(self.roots):
            if poly.degrees()[index] < 2:
                continue
            result = self.constant(0)
            for power, part in enumerate(split(self, poly, index)):
                if part:
                    term = part * radicand ** (power // 2)
                    result += term * self.gen(index) if power % 2 else term
            poly = self.reduce(result)
        return poly


def ring(size: int) -> Ring:
    """The polynomial ring in ``size`` generators without relations."""
    return Ring(fmpz_mpoly_ctx.get([f"g{i}" for i in range(size)], Ordering.lex), size)


def _terms(poly: Poly) -> Terms:
    return tuple((tuple(map(int, powers)), int(c)) for powers, c in poly.to_dict().items())


def _ring(size: int, roots: tuple[tuple[int, Terms], ...]) -> Ring:
    plain = ring(size)
    return Ring(plain.ctx, size, tuple((i, plain.ctx.from_dict(dict(r))) for i, r in roots))


def _fraction(base: Ring, num: Terms, den: Terms) -> Fraction:
    return Fraction(base, base.ctx.from_dict(dict(num)), base.ctx.from_dict(dict(den)))


def split(base: Ring, poly: Poly, index: int) -> list[Poly]:
    """Coefficients of ``poly`` as a polynomial in one generator, by ascending power."""
    top = int(poly.degrees()[index])
    if top <= 0:
        return [poly]
    parts: list[dict[tuple[int, ...], Any]] = [{} for _ in range(top + 1)]
    for exponents, coefficient in poly.to_dict().items():
        power = int(exponents[index])
        parts[power][(*exponents[:index], 0, *exponents[index + 1 :])] = coefficient
    return [base.ctx.from_dict(part) for part in parts]


def _root_coefficients(base: Ring, poly: Poly) -> list[Poly]:
    parts = [poly]
    for index, _ in base.roots:
        parts = [c for part in parts for c in split(base, part, index) if c]
    return parts


class Fraction:
    """An element of the field of fractions of a :class:`Ring`, always in normal form.

    >>> R = ring(2)
    >>> x, y = (Fraction.of(R, g) for g in R.gens())
    >>> ((x**2 - y**2) / (x - y) - x - y).is_zero
    True
    """

    __slots__ = ("base", "den", "num")

    def __init__(self, base: Ring, num: Poly, den: Poly) -> None:
        """Trusts that (num, den) is already in normal form; use :meth:`of` otherwise."""
        self.base, self.num, self.den = base, num, den

    def __reduce__(self) -> tuple[Any, ...]:
        """Terms are kept, so that a copy is in normal form as this is.

        >>> import pickle
        >>> R = ring(2)
        >>> x, y = (Fraction.of(R, g) for g in R.gens())
        >>> pickle.loads(pickle.dumps(x / y)) == x / y
        True
        """
        return _fraction, (self.base, _terms(self.num), _terms(self.den))

    @staticmethod
    def of(base: Ring, num: Poly | int, den: Poly | int = 1) -> Fraction:
        """num/den brought to normal form."""
        if isinstance(num, int):
            num = base.constant(num)
        if isinstance(den, int):
            den = base.constant(den)
        if base.roots:
            num, den = base.reduce(num), base.reduce(den)
        if not den:
            raise OutOfDomain("A quotient with exact denominator zero", advice="check the model")
        if not num:
            return Fraction(base, base.constant(0), base.constant(1))
        for index, radicand in reversed(base.roots):
            # By the conjugate: the norm is nonzero because r is no square, and B s s = B r.
            if den.degrees()[index]:
                a, b = split(base, den, index)
                conjugate = a - b * base.gen(index) if a else base.gen(index)
                if max(len(num), len(den)) * len(conjugate) > RATIONALIZED:
                    raise TooLarge(
                        "The normal form of a quotient with square roots in its denominator",
                        found=f"numerator and denominator of {len(num)} and {len(den)} terms",
                        advice="use fewer roots, or name parts of the expression as parameters",
                    )
                num = base.reduce(num * conjugate)
                den = base.norm(a, b, index) if a else base.reduce(b * radicand)
        common = den
        for part in _root_coefficients(base, num) if base.roots else [num]:
            if common.is_one():
                break
            common = common.gcd(part)
        if not common.is_one():
            num, den = num / common, den / common
        if den.leading_coefficient() < 0:
            num, den = -num, -den
        return Fraction(base, num, den)

    @property
    def is_zero(self) -> bool:
        return not self.num

    @property
    def is_constant(self) -> bool:
        return bool(self.num.is_constant()) and bool(self.den.is_constant())

    def __bool__(self) -> bool:
        return bool(self.num)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, int):
            return bool(self.num == other * self.den)
        if not isinstance(other, Fraction):
            return NotImplemented
        return bool(self.num == other.num and self.den == other.den)

    def __hash__(self) -> int:
        return hash((str(self.num), str(self.den)))

    def __repr__(self) -> str:
        return f"({self.num})/({self.den})"

    def __neg__(self) -> Fraction:
        return Fraction(self.base, -self.num, self.den)

    def _coerce(self, other: Fraction | int) -> Fraction:
        return Fraction.of(self.base, other) if isinstance(other, int) else other

    def __add__(self, other: Fraction | int) -> Fraction:
        other = self._coerce(other)
        if not other.num:
            return self
        if not self.num:
            return other
        if self.den == other.den:
            return Fraction.of(self.base, self.num + other.num, self.den)
        # Over the lcm: with g = gcd(b, d), a/b + c/d = (a d/g + c b/g)/(b d/g).
        g = self.den.gcd(other.den)
        left, right = self.den / g, other.den / g
        return Fraction.of(self.base, self.num * right + other.num * left, left * other.den)

    __radd__ = __add__

    def __sub__(self, other: Fraction | int) -> Fraction:
        return self + (-self._coerce(other))

    def __rsub__(self, other: int) -> Fraction:
        return -self + other

    def __mul__(self, other: Fraction | int) -> Fraction:
        other = self._coerce(other)
        if not self.num or not other.num:
            return Fraction.of(self.base, 0)
        if self.den.is_one() and other.den.is_one() and not self.base.roots:
            return Fraction(self.base, self.num * other.num, self.den)
        return Fraction.of(self.base, self.num * other.num, self.den * other.den)

    __rmul__ = __mul__

    def __truediv__(self, other: Fraction | int) -> Fraction:
        other = self._coerce(other)
        return Fraction.of(self.base, self.num * other.den, self.den * other.num)

    def __rtruediv__(self, other: int) -> Fraction:
        return Fraction.of(self.base, other) / self

    def __pow__(self, power: int) -> Fraction:
        if power < 0:
            return Fraction.of(self.base, self.den ** (-power), self.num ** (-power))
        if self.base.roots:
            return Fraction.of(self.base, self.num**power, self.den**power)
        return Fraction(self.base, self.num**power, self.den**power)


def evaluate(poly: Poly, images: list[Fraction], target: Ring) -> Fraction:
    """The value of a polynomial when generator i becomes ``images[i]``.

    Images with a denominator are handled by homogenising: with D_i the degree in generator i,
    p(a_i/b_i) = (sum of c prod a_i^k b_i^(D_i - k)) / prod b_i^D_i, so one gcd is taken at the end.
    """
    degrees = [int(d) for d in poly.degrees()]
    wide = [i for i, d in enumerate(degrees) if d and not images[i].den.is_one()]
    one = target.constant(1)
    numerators = [image.num for image in images]
    if not wide:
        if len(numerators) == 0:
            return Fraction.of(target, int(poly.leading_coefficient()) if poly else 0)
        return Fraction.of(target, poly.compose(*numerators, ctx=target.ctx))
    helper = ring(len(images) + len(wide))
    terms: dict[tuple[int, ...], Any] = {}
    for exponents, coefficient in poly.to_dict().items():
        extra = tuple(degrees[i] - int(exponents[i]) for i in wide)
        terms[(*exponents, *extra)] = coefficient
    homogeneous = helper.ctx.from_dict(terms)
    num = homogeneous.compose(*numerators, *(images[i].den for i in wide), ctx=target.ctx)
    den = one
    for i in wide:
        den = den * images[i].den ** degrees[i]
    return Fraction.of(target, num, den)
