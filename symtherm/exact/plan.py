"""Expressions compiled to lists of real ball operations.

A plan is the directed acyclic graph of one or several expressions in topological order, each
distinct subexpression once. :func:`run` evaluates it in FLINT's ``arb`` at the working precision
of the moment; the same plan serves every precision, and the proofs of zero.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache, reduce
from math import prod
from typing import Any, TypeVar

import sympy
from flint import acb, arb, fmpq, fmpz

from symtherm.errors import BadExpression, OutOfDomain, OutsideClosedForm, UnknownSymbol

__all__ = [
    "Plan",
    "Step",
    "compiled",
    "entered",
    "exact_values",
    "run",
    "short",
    "walk",
    "with_real_digammas",
]

T = TypeVar("T")

Operation = Callable[[list[Any]], Any]


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
    return sum(args[1:], args[0])


def _mul(args: list[Any]) -> Any:
    return prod(args[1:], start=args[0])


def _rational_power(exponent: Fraction) -> Operation:
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


def _general_power(args: list[Any]) -> Any:
    base, exponent = args
    return (exponent * base.log()).exp()


def _unary(name: str) -> Operation:
    # A method descriptor called directly saves the attribute lookup in the inner loop.
    method = getattr(arb, name)
    return lambda args: method(args[0])


def _named(*names: str) -> dict[Any, tuple[str, Operation]]:
    return {getattr(sympy, name): (name, _unary(name)) for name in names}


# Kind and ball operation of a function of one argument.
_UNARY: dict[Any, tuple[str, Operation]] = {
    **_named("exp", "log", "sin", "cos", "tan", "atan", "gamma"),
    **_named("sinh", "cosh", "tanh", "coth", "sech", "csch", "asinh", "acosh", "atanh"),
    sympy.loggamma: ("lgamma", _unary("lgamma")),
    sympy.Ei: ("ei", _unary("ei")),
    sympy.Abs: ("abs", lambda args: abs(args[0])),
}
_EXTREMES: dict[Any, tuple[str, Operation]] = {
    sympy.Min: ("min", lambda args: reduce(arb.min, args)),
    sympy.Max: ("max", lambda args: reduce(arb.max, args)),
}

_CONSTANTS: dict[Any, Callable[[], Any]] = {
    sympy.S.Pi: arb.pi,
    sympy.S.Exp1: arb.const_e,
    sympy.S.EulerGamma: arb.const_euler,
    sympy.S.Catalan: arb.const_catalan,
}


class _ReDigamma(sympy.Function):  # type: ignore[misc]
    """Re psi(x + iy) of real x and y: a ball operation of two real operands."""

    nargs = 2


def _re_digamma(args: list[Any]) -> Any:
    return acb(*args).digamma().real


def with_real_digammas(expr: Any) -> Any:
    """Re psi(z), as in the Lamb shift of a Drude density, in terms of the real parts of z.

    >>> y = sympy.Symbol("y", real=True)
    >>> with_real_digammas(sympy.re(sympy.digamma(1 + sympy.I * y)) + 1).has(sympy.I)
    False
    """
    if not (hasattr(expr, "has") and expr.has(sympy.re)):
        return expr
    table = {}
    for node in expr.atoms(sympy.re):
        inner = node.args[0]
        if inner.func is sympy.polygamma and inner.args[0].is_zero:
            x, y = inner.args[1].as_real_imag()
            if not (x.has(sympy.re, sympy.im, sympy.I) or y.has(sympy.re, sympy.im, sympy.I)):
                table[node] = _ReDigamma(x, y)
    return expr.xreplace(table)


@dataclass(frozen=True, slots=True)
class Step:
    """One node: its kind, the positions of its operands, its ball operation, its expression.

    ``apply`` is None for numbers and inputs. ``extra`` is the fmpq of a rational, the exponent (a
    Fraction) of a rational power, the symbol of an input, or what makes the ball of a constant.
    """

    kind: str
    args: tuple[int, ...]
    apply: Operation | None
    extra: Any
    node: Any


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps, the positions of the expressions among them, and the symbols they need."""

    steps: tuple[Step, ...]
    roots: tuple[int, ...]
    symbols: tuple[Any, ...]


@lru_cache(maxsize=512)
def compiled(exprs: tuple[Any, ...]) -> Plan:
    """The plan of several expressions.

    Raises BadExpression for floating-point numbers and OutsideClosedForm for complex values and
    functions without a ball.
    """
    steps: list[Step] = []
    symbols: list[Any] = []

    def put(kind: str, args: Sequence[int], apply: Any, extra: Any, node: Any) -> int:
        steps.append(Step(kind, tuple(args), apply, extra, node))
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
            return put("general_pow", done, _general_power, None, node)
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
        if func is _ReDigamma:
            return put("re_digamma", done, _re_digamma, None, node)
        known = _EXTREMES.get(func) or (_UNARY.get(func) if len(done) == 1 else None)
        if known is not None:
            name, apply = known
            return put(name, done, apply, None, node)
        raise OutsideClosedForm(
            "enclosing an expression in real ball arithmetic",
            found=short(node),
            advice="use rationals, roots, exp, log, hyperbolic functions, digamma or Ei of reals",
        )

    roots = walk([with_real_digammas(expr) for expr in exprs], visit)
    return Plan(tuple(steps), tuple(roots), tuple(symbols))


def entered(exprs: Iterable[Any], at: Mapping[Any, Any]) -> tuple[tuple[Any, ...], dict[Any, Any]]:
    """The expressions with the values of complex symbols put in, and the real part of the point.

    The modulus of a rational complex number is a root, its argument an arc tangent: both have
    balls. Raises OutOfDomain where an expression holds the argument of zero.

    >>> g = sympy.Symbol("g", complex=True)
    >>> entered([sympy.Abs(g) ** 2 + 1, sympy.cos(sympy.arg(g))], {g: 1 + 2 * sympy.I})
    ((6, sqrt(5)/5), {})
    """
    table = {s: v for s, v in at.items() if s.is_complex and not s.is_real}
    if not table:
        return tuple(exprs), dict(at)
    found = []
    for expr in exprs:
        value = expr.xreplace(table) if hasattr(expr, "xreplace") else expr
        if hasattr(value, "has") and value.has(sympy.nan):
            raise OutOfDomain(
                f"the value of {short(expr)}",
                found="the argument of a complex parameter that is zero",
                advice="choose a point where it is not",
            )
        found.append(value)
    return tuple(found), {s: v for s, v in at.items() if s not in table}


def short(node: Any) -> str:
    """The text of an expression, cut to a length fit for an error message."""
    text = str(node)
    return text if len(text) <= 120 else text[:117] + "..."


def exact_values(plan: Plan, at: Mapping[Any, Any]) -> dict[Any, Any]:
    """The value in ``at`` of every symbol of the plan, as an fmpq.

    Raises UnknownSymbol for a symbol without a value and BadExpression for one that is not exact.
    """
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


def run(plan: Plan, values: Mapping[Any, Any], last: bool) -> list[Any] | None:
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


def _hopeless(step: Step, args: list[Any]) -> bool:
    return all(arg.is_exact() for arg in args) or (
        step.kind in ("log", "pow", "general_pow") and bool(args[0] < 0)
    )


def _domain_error(node: Any, operands: list[str]) -> OutOfDomain:
    return OutOfDomain(
        f"the value of {short(node)}",
        found="not a finite real number there, with operand " + ", ".join(operands),
        advice="choose a point where every denominator, root and logarithm is defined",
    )
