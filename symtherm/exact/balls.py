"""Enclosures: decimal values with proved error bounds, on FLINT's real balls.

An expression is compiled once into a list of operations and then run in ball arithmetic at rising
precision until the asked number of digits is proved. Every ball operation of FLINT's ``arb``
returns a ball that contains the exact result for all points of its operands [Johansson, IEEE
Trans. Comput. 66, 1281 (2017)], so the last ball contains the value of the expression whatever
the cancellations on the way.

A ball can prove that a number is not zero, never that it is: zeros are proved separately, in
:mod:`symtherm.exact.vanish`. Where neither succeeds, the answer is
:class:`symtherm.errors.Undecided`.

FLINT's working precision is global to the process: do not evaluate in several threads at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import flint
import sympy
from flint import fmpz

from symtherm.errors import OutOfDomain, Undecided
from symtherm.exact.deadline import late
from symtherm.exact.fraction import Poly
from symtherm.exact.plan import Plan, compiled, entered, exact_values, run, short, walk
from symtherm.exact.program import Program
from symtherm.exact.vanish import proved_zero

__all__ = [
    "Enclosure",
    "decide_sign",
    "decimal",
    "enclose",
    "enclose_many",
    "enclose_program",
    "enclose_quotient",
    "walk",
]

# Working bits for `digits` digits: start at digits * log2(10) + GUARD_BITS, double up to the cap.
GUARD_BITS = 64
CAP_BITS_PER_DIGIT = 64


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A number known to lie in [value - radius, value + radius].

    Both are decimal strings, in the unit of the enclosed expression. The radius includes the
    rounding of ``value`` to decimal and is itself rounded up. Exact zero is ("0", "0").

    >>> ball = Enclosure("0.3333", "3.4e-5")
    >>> ball.contains_zero, ball.sign, str(ball)
    (False, 1, '0.3333 +/- 3.4e-5')
    """

    value: str
    radius: str

    @property
    def contains_zero(self) -> bool:
        """Whether 0 lies in the enclosure."""
        return abs(Fraction(self.value)) <= Fraction(self.radius)

    @property
    def sign(self) -> int | None:
        """-1 or 1 when proved, 0 for exact zero only, None when the enclosure straddles 0."""
        value, radius = Fraction(self.value), Fraction(self.radius)
        if value == 0 and radius == 0:
            return 0
        if abs(value) <= radius:
            return None
        return 1 if value > 0 else -1

    def __str__(self) -> str:
        return self.value if self.radius == "0" else f"{self.value} +/- {self.radius}"


def enclose(
    expr: sympy.Expr,
    at: Mapping[sympy.Symbol, sympy.Rational | int | Fraction],
    digits: int = 50,
) -> Enclosure:
    """A decimal value of ``expr`` at an exact point, with a proved error bound.

    The working precision starts at ``digits`` log2(10) + 64 bits and doubles until the relative
    radius of the ball is below 10^-digits, up to 64 bits per digit asked.

    Returns an :class:`Enclosure` with ``digits`` significant digits; ("0", "0") if ``expr`` is
    proved to be exactly zero.

    Raises UnknownSymbol for a symbol without a value, BadExpression for floating-point numbers,
    OutsideClosedForm for complex values and functions without a ball, OutOfDomain for a division
    by zero or a logarithm or even root of a negative number, and Undecided at the cap.

    >>> import sympy
    >>> x = sympy.Symbol("x", positive=True)
    >>> print(enclose(1 / (sympy.exp(x) - 1), {x: sympy.Rational(1, 2)}, digits=20))
    1.5414940825367982841 +/- 3.2e-20
    """
    return enclose_many([expr], at, digits)[0]


def enclose_many(
    exprs: Iterable[sympy.Expr],
    at: Mapping[sympy.Symbol, sympy.Rational | int | Fraction],
    digits: int = 50,
) -> list[Enclosure]:
    """Encloses several expressions, computing shared subexpressions once.

    As :func:`enclose`, in the order of ``exprs``; the same errors.

    >>> import sympy
    >>> x = sympy.Symbol("x")
    >>> [str(ball) for ball in enclose_many([x - x**2, sympy.sqrt(x)], {x: 1}, digits=3)]
    ['0', '1.00']
    """
    if digits < 1:
        raise OutOfDomain("proved digits", found=f"digits={digits}", advice="ask for at least 1")
    plan, values = _planned((_expression(expr) for expr in exprs), at)
    first, cap, wanted = _bits(digits)
    zero: list[bool] | None = None
    for precision in _rising(first, cap):
        last = precision >= cap or late()
        with flint.ctx.workprec(precision):
            balls = run(plan, values, precision >= cap)
            if balls is not None:
                found = [balls[root] for root in plan.roots]
                if zero is None and any(ball.contains(0) for ball in found):
                    zero = proved_zero(plan, values)
                known = zero or [False] * len(found)
                known = [k or ball == 0 for k, ball in zip(known, found, strict=True)]
                short = [
                    i
                    for i, ball in enumerate(found)
                    if not known[i] and ball.rel_accuracy_bits() < wanted
                ]
                if not short:
                    return [
                        Enclosure("0", "0") if known[i] else decimal(ball, digits)
                        for i, ball in enumerate(found)
                    ]
                if last:
                    raise _undecided(plan, found, short[0], digits, precision)
            elif last:
                raise _undecided(plan, [flint.arb("nan")] * len(plan.roots), 0, digits, precision)
    raise AssertionError("the last precision decides or raises")


def enclose_quotient(
    num: Poly,
    den: Poly,
    atoms: Sequence[sympy.Expr],
    at: Mapping[sympy.Symbol, sympy.Rational | int | Fraction],
    digits: int = 50,
) -> Enclosure | None:
    """num/den at an exact point, of polynomials in generators that stand for ``atoms``.

    For polynomials of thousands of terms, which as expressions would take a hundred times longer.
    None where an eighth of the precision of :func:`enclose` does not tell the value: it may be zero
    or 0/0. Raises as :func:`enclose`.

    >>> import sympy
    >>> from symtherm.exact.fraction import ring
    >>> x = sympy.Symbol("x", positive=True)
    >>> y, z = ring(2).gens()
    >>> print(enclose_quotient(y + z, z, [x, sympy.sqrt(x)], {x: 4}, digits=5))
    3.0000
    >>> enclose_quotient(y - z**2, z, [x, sympy.sqrt(x)], {x: 2}, digits=5)
    """
    used = [max(pair) for pair in zip(num.degrees(), den.degrees(), strict=True)]
    atoms = [e if k else sympy.Integer(0) for e, k in zip(atoms, used, strict=True)]
    plan, values = _planned(atoms, at)
    first, cap, wanted = _bits(digits)
    terms = [
        [([(i, int(k)) for i, k in enumerate(m) if k], c) for m, c in zip(*both, strict=True)]
        for both in ((p.monoms(), p.coeffs()) for p in (num, den))
    ]
    for precision in _rising(first, cap // 8):
        with flint.ctx.workprec(precision):
            balls = run(plan, values, precision >= cap // 8)
            if balls is not None:
                roots = [balls[root] for root in plan.roots]
                above, below = (_evaluated(part, roots) for part in terms)
                found = above / below
                if found == 0:
                    return Enclosure("0", "0")
                if found.is_finite() and found.rel_accuracy_bits() >= wanted:
                    return decimal(found, digits)
    return None


def _evaluated(terms: list[tuple[list[tuple[int, int]], Any]], values: Sequence[Any]) -> Any:
    """A polynomial at balls, each power of a generator once."""
    powers: dict[tuple[int, int], Any] = {}
    total = flint.arb(0)
    for factors, coefficient in terms:
        term = flint.arb(coefficient)
        for key in factors:
            power = powers.get(key)
            if power is None:
                power = powers[key] = values[key[0]] ** key[1]
            term *= power
        total += term
    return total


def enclose_program(
    program: Program,
    leaves: Sequence[sympy.Expr],
    at: Mapping[sympy.Symbol, sympy.Rational | int | Fraction],
    digits: int = 50,
) -> dict[int, Enclosure]:
    """The outputs of a straight-line program at an exact point, each with a proved error bound.

    ``leaves`` are the expressions of the program's leaves. Zeros are not proved here: an output
    that no precision tells from zero comes as 0 with a radius below 10^-digits. Raises as
    :func:`enclose`; Undecided also when a pivot could not be told from zero.
    """
    plan, values = _planned(leaves, at)
    first, cap, wanted = _bits(digits)
    for precision in _rising(first, cap):
        with flint.ctx.workprec(precision):
            balls = run(plan, values, precision >= cap)
            if balls is not None:
                found = program.run_on([balls[root] for root in plan.roots])
                exact = {k for k, v in found.items() if isinstance(v, int) or v == 0}
                last = precision >= cap
                if all(
                    k in exact or v.rel_accuracy_bits() >= wanted or (last and _tiny(v, digits))
                    for k, v in found.items()
                ):
                    return {
                        k: Enclosure("0", "0") if k in exact else _decimal_or_zero(v, digits)
                        for k, v in found.items()
                    }
    raise Undecided(
        f"{digits} digits of every output of a program of {len(program)} steps",
        found=f"not proved with {cap} bits",
        advice="ask for more digits (the cap grows with them)",
    )


def decide_sign(
    expr: sympy.Expr,
    at: Mapping[sympy.Symbol, sympy.Rational | int | Fraction],
    max_bits: int = 2048,
) -> int | None:
    """The proved sign of ``expr`` at an exact point: -1, 0 or 1; None if undecided.

    Starts at 64 bits and doubles up to ``max_bits``; 0 is returned on an exact proof only.

    Raises as :func:`enclose`, except that reaching ``max_bits`` returns None.

    >>> import sympy
    >>> x = sympy.Symbol("x")
    >>> decide_sign(sympy.exp(x) - 1 - x, {x: sympy.Rational(1, 10**9)})
    1
    """
    plan, values = _planned([_expression(expr)], at)
    asked = False
    for precision in _rising(min(64, max_bits), max_bits):
        with flint.ctx.workprec(precision):
            balls = run(plan, values, precision >= max_bits)
            if balls is not None:
                ball = balls[plan.roots[0]]
                if ball > 0:
                    return 1
                if ball < 0:
                    return -1
                if ball == 0:
                    return 0
                if not asked and proved_zero(plan, values)[0]:
                    return 0
                asked = True
    return None


def _planned(
    exprs: Iterable[Any], at: Mapping[sympy.Symbol, sympy.Rational | int | Fraction]
) -> tuple[Plan, dict[Any, Any]]:
    plain, at = entered(exprs, at)
    plan = compiled(plain)
    return plan, exact_values(plan, at)


def _bits(digits: int) -> tuple[int, int, int]:
    """The first and the last working precision for so many digits, and the accuracy they need."""
    first = int(digits * 3.33) + GUARD_BITS
    # The accuracy is above digits * log2(10), for the rounding to decimal.
    return first, CAP_BITS_PER_DIGIT * max(digits, 8), digits * 10 // 3 + 4


def _rising(precision: int, cap: int) -> Iterator[int]:
    """Precisions that double up to ``cap``; the last is at least that."""
    while precision < cap:
        yield precision
        precision = min(2 * precision, cap)
    yield precision


def _expression(expr: Any) -> Any:
    return sympy.Integer(expr) if isinstance(expr, int) else expr


def _undecided(plan: Plan, found: list[Any], index: int, digits: int, bits: int) -> Undecided:
    ball = found[index]
    node = plan.steps[plan.roots[index]].node
    proved = max(0, int(ball.rel_accuracy_bits() * 0.30103))
    if ball.contains(0):
        result = f"0 digits proved with {bits} bits; the value may be zero, it is within "
        result += f"{ball.abs_upper().str(3, radius=False)} of it"
    else:
        result = f"{proved} digits proved with {bits} bits; the value is not zero"
    return Undecided(
        f"{digits} digits of {short(node)}",
        found=result,
        advice="ask for more digits (the cap grows with them), or prove that the value vanishes",
    )


def decimal(ball: Any, digits: int) -> Enclosure:
    """Rounds a ball outward to decimal, exactly.

    mid_rad_10exp gives integers with ball inside [mid - rad, mid + rad] * 10^exp. Rounding mid to
    ``digits`` digits adds an exactly known integer to the radius, and the radius is rounded up.
    """
    # fmpz prints integers of any size; Python refuses beyond some thousand digits.
    mid, error, exp = ball.mid_rad_10exp(digits + 8)
    text, rad = str(mid), int(error)
    if text == "0":
        raise AssertionError("only balls away from zero are printed")
    sign, text = ("-", text[1:]) if text[0] == "-" else ("", text)
    shift = len(text) - digits
    first = int(exp)
    exponent = first + shift
    if shift > 0:
        dropped, text = text[digits:], text[:digits]
        if dropped[0] < "5":
            rad += int(dropped)
        else:
            rad += 10**shift - int(dropped)
            last = text[-1]
            text = text[:-1] + _NEXT[last] if last != "9" else str(fmpz(text) + 1)
    else:
        text += "0" * -shift
    if len(text) > digits:  # 9.99 rounded up to 10.0; the dropped digit is 0
        text, exponent = text[:-1], exponent + 1
    return Enclosure(sign + _place(text, exponent), _radius(rad, first))


_NEXT = {str(k): str(k + 1) for k in range(9)}


def _tiny(ball: Any, digits: int) -> bool:
    """Whether a ball holds zero and nothing beyond 10^-digits."""
    return bool(ball.contains(0)) and bool(ball.abs_upper() * 10**digits < 1)


def _decimal_or_zero(ball: Any, digits: int) -> Enclosure:
    if not ball.contains(0):
        return decimal(ball, digits)
    mid, rad, exp = (int(part) for part in ball.mid_rad_10exp(digits + 8))
    return Enclosure("0", _radius(abs(mid) + rad, exp))


def _place(text: str, exponent: int) -> str:
    """``text`` times 10^exponent, positional for moderate sizes and scientific otherwise."""
    scale = exponent + len(text) - 1
    if exponent <= 0 and scale >= 0:
        point = len(text) + exponent
        return text[:point] + ("." + text[point:] if exponent else "")
    if -5 <= scale < 0:
        return "0." + "0" * (-scale - 1) + text
    return text[0] + ("." + text[1:] if len(text) > 1 else "") + f"e{scale:+03d}"


def _radius(rad: int, exponent: int) -> str:
    """rad * 10^exponent in two digits, rounded up."""
    if rad == 0:
        return "0"
    drop = len(str(rad)) - 2
    two = -(-rad // 10**drop) if drop > 0 else rad * 10**-drop
    if two >= 100:
        two, drop = 10, drop + 1
    return f"{two // 10}.{two % 10}e{exponent + drop + 1}"
