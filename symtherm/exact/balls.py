"""Enclosures: decimal values with proved error bounds, on FLINT's real balls.

An expression is compiled once into a list of operations (its directed acyclic graph in
topological order) and then run in ball arithmetic at rising precision until the asked number of
digits is proved. Every ball operation of FLINT's ``arb`` returns a ball that contains the exact
result for all points of its operands [Johansson, IEEE Trans. Comput. 66, 1281 (2017)], so the
last ball contains the value of the expression whatever the cancellations on the way.

A ball can prove that a number is not zero, never that it is. Zeros are proved separately, by
exact arithmetic in the field Q(y, a_1, ..., a_k) with y = e^(1/D) for the common denominator D of
all rational exponents, and one generator for each independent logarithm, square root or function
value. An identity between polynomials in the generators is an identity between the numbers, so
"zero" is a proof; the converse would need independence of the generators, so failure to find an
identity proves nothing and is reported as :class:`symtherm.errors.Undecided`.

FLINT's working precision is global to the process: do not evaluate in several threads at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import lcm
from typing import Any, TypeVar

import flint
import sympy
from flint import arb, fmpq, fmpz

from symtherm.errors import (
    BadExpression,
    OutOfDomain,
    OutsideClosedForm,
    Undecided,
    UnknownSymbol,
)

__all__ = ["Enclosure", "decide_sign", "enclose", "enclose_many", "walk"]

T = TypeVar("T")

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


# --- the walk -----------------------------------------------------------------------------------


def walk(roots: Iterable[Any], visit: Callable[[Any, list[T]], T]) -> list[T]:
    """Folds expressions bottom-up, each distinct subexpression once.

    ``visit(node, results)`` receives the results of ``node.args`` in order (an empty list for an
    atom) and returns the result of the node. The walk is iterative (no recursion limit) and
    memoised by structural equality, so its cost is the number of distinct subexpressions.

    Returns the results of ``roots`` in order.

    >>> import sympy
    >>> x = sympy.Symbol("x")
    >>> walk([x**2 + 1], lambda node, done: 1 + max(done, default=0))  # depth of the tree
    [3]
    """
    wanted = list(roots)
    memo: dict[Any, T] = {}
    stack: list[tuple[Any, bool]] = [(root, False) for root in reversed(wanted)]
    while stack:
        node, ready = stack.pop()
        if node in memo:
            continue
        args = node.args
        if not args:
            memo[node] = visit(node, [])
        elif ready:
            memo[node] = visit(node, [memo[arg] for arg in args])
        else:
            stack.append((node, True))
            stack.extend((arg, False) for arg in reversed(args) if arg not in memo)
    return [memo[root] for root in wanted]


# --- ball operations, one per kind of node ------------------------------------------------------


def _add(args: list[Any]) -> Any:
    total = args[0]
    for arg in args[1:]:
        total = total + arg
    return total


def _mul(args: list[Any]) -> Any:
    total = args[0]
    for arg in args[1:]:
        total = total * arg
    return total


def _rational_power(exponent: Fraction) -> Callable[[list[Any]], Any]:
    """b^(p/q) as (b^(1/q))^p, which is the principal real value for b >= 0."""
    p, q = exponent.numerator, exponent.denominator
    power = fmpz(abs(p))

    def apply(args: list[Any]) -> Any:
        base = args[0]
        if q == 2:
            base = base.sqrt()
        elif q != 1:
            base = base.root(q)
        if power != 1:
            base = base**power
        return 1 / base if p < 0 else base

    return apply


def _extreme(name: str) -> Callable[[list[Any]], Any]:
    def apply(args: list[Any]) -> Any:
        best = args[0]
        for arg in args[1:]:
            best = getattr(best, name)(arg)
        return best

    return apply


def _unary(name: str) -> Callable[[list[Any]], Any]:
    # A method descriptor called directly saves the attribute lookup in the inner loop.
    method = getattr(arb, name)
    return lambda args: method(args[0])


_FUNCTIONS: dict[Any, tuple[str, Callable[[list[Any]], Any]]] = {
    sympy.exp: ("exp", _unary("exp")),
    sympy.log: ("log", _unary("log")),
    sympy.tanh: ("tanh", _unary("tanh")),
    sympy.coth: ("coth", _unary("coth")),
    sympy.sinh: ("sinh", _unary("sinh")),
    sympy.cosh: ("cosh", _unary("cosh")),
    sympy.sech: ("sech", _unary("sech")),
    sympy.csch: ("csch", _unary("csch")),
    sympy.atanh: ("atanh", _unary("atanh")),
    sympy.acosh: ("acosh", _unary("acosh")),
    sympy.asinh: ("asinh", _unary("asinh")),
    sympy.sin: ("sin", _unary("sin")),
    sympy.cos: ("cos", _unary("cos")),
    sympy.tan: ("tan", _unary("tan")),
    sympy.atan: ("atan", _unary("atan")),
    sympy.gamma: ("gamma", _unary("gamma")),
    sympy.loggamma: ("lgamma", _unary("lgamma")),
    sympy.Ei: ("ei", _unary("ei")),
    sympy.Abs: ("abs", lambda args: abs(args[0])),
    sympy.Min: ("min", _extreme("min")),
    sympy.Max: ("max", _extreme("max")),
}

_CONSTANTS: dict[Any, Callable[[], Any]] = {
    sympy.S.Pi: arb.pi,
    sympy.S.Exp1: arb.const_e,
    sympy.S.EulerGamma: arb.const_euler,
    sympy.S.Catalan: arb.const_catalan,
}


@dataclass(frozen=True, slots=True)
class _Step:
    """One node: its kind, its operand positions, its ball operation, and what it came from.

    ``extra`` is the fmpq of a constant, the Fraction of a power, or the symbol of an input.
    """

    kind: str
    args: tuple[int, ...]
    apply: Callable[[list[Any]], Any] | None
    extra: Any
    node: Any


@dataclass(frozen=True, slots=True)
class _Plan:
    steps: tuple[_Step, ...]
    roots: tuple[int, ...]
    symbols: tuple[Any, ...]


@lru_cache(maxsize=512)
def _plan(exprs: tuple[Any, ...]) -> _Plan:
    steps: list[_Step] = []
    symbols: list[Any] = []

    def put(kind: str, args: Sequence[int], apply: Any, extra: Any, node: Any) -> int:
        steps.append(_Step(kind, tuple(args), apply, extra, node))
        return len(steps) - 1

    def visit(node: Any, done: list[int]) -> int:
        func = node.func
        if func is sympy.Add:
            return put("add", done, _add, None, node)
        if func is sympy.Mul:
            return put("mul", done, _mul, None, node)
        if func is sympy.Pow:
            exponent = node.args[1]
            if exponent.is_Rational:
                power = Fraction(int(exponent.p), int(exponent.q))
                return put("pow", done[:1], _rational_power(power), power, node)
            return put("general_pow", done, lambda args: (args[1] * args[0].log()).exp(), 0, node)
        if node.is_Symbol:
            symbols.append(node)
            return put("symbol", (), None, node, node)
        if node.is_Rational:
            return put("rational", (), None, fmpq(int(node.p), int(node.q)), node)
        if node.is_Float:
            raise BadExpression(
                "enclosing an expression with proved digits",
                found=f"the floating-point number {node}",
                advice="write it as an exact rational, such as Rational(1, 10)",
            )
        if node in _CONSTANTS:
            return put("constant", (), None, _CONSTANTS[node], node)
        if func is sympy.polygamma and node.args[0].is_zero:
            return put("digamma", done[1:], _unary("digamma"), None, node)
        if func in _FUNCTIONS and (len(done) == 1 or func in (sympy.Min, sympy.Max)):
            name, apply = _FUNCTIONS[func]
            return put(name, done, apply, None, node)
        raise OutsideClosedForm(
            "enclosing an expression in real ball arithmetic",
            found=_short(node),
            advice="use rationals, roots, exp, log, hyperbolic functions, digamma or Ei of reals",
        )

    roots = walk(exprs, visit)
    return _Plan(tuple(steps), tuple(roots), tuple(symbols))


def _short(node: Any) -> str:
    text = str(node)
    return text if len(text) <= 120 else text[:117] + "..."


def _inputs(plan: _Plan, at: Mapping[Any, Any]) -> dict[Any, Any]:
    """The exact value of every symbol of the plan."""
    values: dict[Any, Any] = {}
    for symbol in plan.symbols:
        if symbol not in at:
            namesake = any(str(key) == str(symbol) for key in at)
            raise UnknownSymbol(
                f"the value of {symbol}",
                found="a symbol of that name with other assumptions"
                if namesake
                else "no value for it",
                advice=f"pass at={{{symbol}: ...}} with the symbol of the expression",
            )
        values[symbol] = _as_fmpq(symbol, at[symbol])
    return values


def _as_fmpq(symbol: Any, value: Any) -> Any:
    if isinstance(value, int):
        return fmpq(value)
    if isinstance(value, Fraction):
        return fmpq(value.numerator, value.denominator)
    if isinstance(value, fmpq):
        return value
    if getattr(value, "is_Rational", False):
        return fmpq(int(value.p), int(value.q))
    raise BadExpression(
        f"an exact value for {symbol}",
        found=f"{value!r}",
        advice="pass an int, a Fraction or a Rational; floats are not the decimals they print as",
    )


def _run(plan: _Plan, values: Mapping[Any, Any], last: bool) -> list[Any] | None:
    """All balls at the current precision, or None if one is not finite and more bits may help.

    A division by exact zero, and a logarithm or root of a provably negative ball, are final; the
    same over a ball that merely touches zero is final only on the last attempt.
    """
    balls: list[Any] = []
    for step in plan.steps:
        if step.apply is not None:
            args = [balls[i] for i in step.args]
            ball = step.apply(args)
            if not ball.is_finite():
                if last or _hopeless(step, args):
                    raise _domain_error(step.node, [str(arg) for arg in args])
                return None
        elif step.kind == "rational":
            ball = arb(step.extra)
        elif step.kind == "symbol":
            ball = arb(values[step.extra])
        else:
            ball = step.extra()
        balls.append(ball)
    return balls


def _hopeless(step: _Step, args: list[Any]) -> bool:
    return all(arg.is_exact() for arg in args) or (
        step.kind in ("log", "pow", "general_pow") and bool(args[0] < 0)
    )


def _domain_error(node: Any, operands: list[str]) -> OutOfDomain:
    return OutOfDomain(
        f"the value of {_short(node)}",
        found="not a finite real number there, with operand " + ", ".join(operands),
        advice="choose a point where every denominator, root and logarithm is defined",
    )


# --- proofs of zero -----------------------------------------------------------------------------


def _exact_root(value: Any, q: int) -> Any:
    """The rational q-th root of a non-negative rational, or None."""
    parts = []
    for part in (int(value.p), int(value.q)):
        root = int(fmpz(part).root(q)) if part > 0 else 0
        if root**q != part:
            return None
        parts.append(root)
    return fmpq(parts[0], parts[1])


_AT_ZERO = {"exp": 1, "cosh": 1, "sech": 1, "cos": 1}
_ODD = ("tanh", "sinh", "atanh", "asinh", "sin", "tan", "atan")


def _rationals(plan: _Plan, values: Mapping[Any, Any]) -> list[Any]:
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
            value = _add(args)
        elif kind == "mul":
            value = _mul(args)
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


class _Field:
    """Fractions of polynomials in y = e^(1/D) and one generator per independent other number.

    Elements are pairs (numerator, denominator) of ``fmpz_mpoly``; None stands for a number that
    left the field or grew beyond the limits below, which only costs a proof.
    """

    generators = 48
    terms = 400  # beyond this many terms an element is given up
    degree = 1500  # beyond this degree no gcd is taken: the algorithms are dense

    def __init__(self, denominator: int) -> None:
        self.denominator = denominator
        names = ["y"] + [f"a{i}" for i in range(1, self.generators)]
        self.context = flint.fmpz_mpoly_ctx.get(names, "lex")
        self.gens = self.context.gens()
        self.one = self.context.constant(1)
        self.zero = (self.context.constant(0), self.one)
        self.unit = (self.one, self.one)
        self.keys: dict[Any, int] = {}
        self.squares: dict[int, int] = {}

    def rational(self, value: Any) -> Any:
        return self.context.constant(int(value.p)), self.context.constant(int(value.q))

    def atom(self, key: Any) -> Any:
        index = self.keys.setdefault(key, len(self.keys) + 1)
        return (self.gens[index], self.one) if index < self.generators else None

    def reduce(self, num: Any, den: Any) -> Any:
        if num.is_zero():
            return self.zero
        if len(num) > self.terms or len(den) > self.terms:
            return None
        if max(max(num.degrees()), max(den.degrees())) <= self.degree:
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
        return self.reduce(left[0] * right[1] + right[0] * left[1], left[1] * right[1])

    def mul(self, left: Any, right: Any) -> Any:
        return self.reduce(left[0] * right[0], left[1] * right[1])

    def power(self, base: Any, exponent: int) -> Any:
        if exponent < 0:
            base, exponent = (base[1], base[0]), -exponent
        if exponent * max(len(base[0]), len(base[1])) > 4 * self.terms and (
            len(base[0]) > 1 or len(base[1]) > 1
        ):
            return None
        return self.reduce(base[0] ** exponent, base[1] ** exponent)

    def exp_rational(self, value: Any) -> Any:
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
    """Hyperbolic functions of rational argument: u = e^x, u^2 = e^(2x)."""
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


_HYPERBOLIC = ("tanh", "coth", "sinh", "cosh", "sech", "csch")


def _proved_zero(plan: _Plan, values: Mapping[Any, Any]) -> list[bool]:
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


def _key(element: Any) -> tuple[str, str]:
    return str(element[0]), str(element[1])


# --- public verbs -------------------------------------------------------------------------------


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
    plan = _plan(tuple(_expression(expr) for expr in exprs))
    values = _inputs(plan, at)
    wanted = digits * 10 // 3 + 4  # > digits * log2(10), plus the rounding to decimal
    precision, cap = int(digits * 3.33) + GUARD_BITS, CAP_BITS_PER_DIGIT * max(digits, 8)
    zero: list[bool] | None = None
    while True:
        last = precision >= cap
        with flint.ctx.workprec(precision):
            balls = _run(plan, values, last)
            if balls is not None:
                found = [balls[root] for root in plan.roots]
                if zero is None and any(ball.contains(0) for ball in found):
                    zero = _proved_zero(plan, values)
                known = zero or [False] * len(found)
                short = [
                    i
                    for i, ball in enumerate(found)
                    if not known[i] and ball.rel_accuracy_bits() < wanted
                ]
                if not short:
                    return [
                        Enclosure("0", "0") if known[i] else _decimal(ball, digits)
                        for i, ball in enumerate(found)
                    ]
                if last:
                    raise _undecided(plan, found, short[0], digits, precision)
        precision = min(2 * precision, cap)


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
    plan = _plan((_expression(expr),))
    values = _inputs(plan, at)
    precision, asked = min(64, max_bits), False
    while True:
        last = precision >= max_bits
        with flint.ctx.workprec(precision):
            balls = _run(plan, values, last)
            if balls is not None:
                ball = balls[plan.roots[0]]
                if ball > 0:
                    return 1
                if ball < 0:
                    return -1
                if not asked and _proved_zero(plan, values)[0]:
                    return 0
                asked = True
        if last:
            return None
        precision = min(2 * precision, max_bits)


def _expression(expr: Any) -> Any:
    return sympy.Integer(expr) if isinstance(expr, int) else expr


def _undecided(plan: _Plan, found: list[Any], index: int, digits: int, bits: int) -> Undecided:
    ball = found[index]
    node = plan.steps[plan.roots[index]].node
    proved = max(0, int(ball.rel_accuracy_bits() * 0.30103))
    if ball.contains(0):
        result = f"0 digits proved with {bits} bits; the value may be zero, it is within "
        result += f"{ball.abs_upper().str(3, radius=False)} of it"
    else:
        result = f"{proved} digits proved with {bits} bits; the value is not zero"
    return Undecided(
        f"{digits} digits of {_short(node)}",
        found=result,
        advice="ask for more digits (the cap grows with them), or prove that the value vanishes",
    )


def _decimal(ball: Any, digits: int) -> Enclosure:
    """Rounds a ball outward to decimal, exactly.

    mid_rad_10exp gives integers with ball inside [mid - rad, mid + rad] * 10^exp. Rounding mid to
    ``digits`` digits adds an exactly known integer to the radius, and the radius is rounded up.
    """
    mid, rad, exp = (int(part) for part in ball.mid_rad_10exp(digits + 8))
    if mid == 0:
        raise AssertionError("only balls away from zero are printed")
    size = len(str(fmpz(abs(mid))))
    shift = size - digits
    if shift > 0:
        unit = 10**shift
        kept = (abs(mid) + unit // 2) // unit
        rad += abs(abs(mid) - kept * unit)
        exponent = exp + shift
    else:
        kept, exponent = abs(mid) * 10**-shift, exp + shift
    text = str(fmpz(kept))
    if len(text) > digits:  # 9.99 rounded up to 10.0; the dropped digit is 0
        text, exponent = text[:-1], exponent + 1
    value = ("-" if mid < 0 else "") + _place(text, exponent)
    return Enclosure(value, _radius(rad, exp))


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
    size = len(str(fmpz(rad)))
    drop = size - 2
    two = -(-rad // 10**drop) if drop > 0 else rad * 10**-drop
    if two >= 100:
        two, drop = 10, drop + 1
    return f"{two // 10}.{two % 10}e{exponent + drop + 1}"
