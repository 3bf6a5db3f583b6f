"""Functions of time as Taylor jets with proved coefficients, and bounds of them on a disc.

The same walk over an expression is run in two rings: truncated power series over real balls, for
the Taylor coefficients at t_0, and complex balls, for a bound on the disc |z - t_0| <= R. A finite
complex ball for the whole square around the disc, with ``analytic=True`` handed to roots and
logarithms, also proves that the function is analytic there: every other function used is entire
or meromorphic, and a division by a ball that holds 0 is not finite.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import prod
from typing import Any

import flint
import sympy
from flint import acb, arb, arb_series, fmpq
from sympy import Expr, Symbol

from symtherm.errors import OutsideClosedForm
from symtherm.exact.plan import short, walk

__all__ = ["bound_on_disc", "complex_value", "taylor_jet"]

_CONSTANTS: dict[Any, Callable[[], Any]] = {
    sympy.S.Pi: arb.pi,
    sympy.S.Exp1: arb.const_e,
    sympy.S.EulerGamma: arb.const_euler,
}


def _ring(expr: Expr, symbols: Mapping[Any, Any], lift: Callable[[Any], Any], flags: Any) -> Any:
    def root(x: Any) -> Any:
        return x.sqrt(**flags)

    def hyperbolic(name: str, x: Any) -> Any:
        up, one = x.exp(), lift(arb(1))
        if name in ("sinh", "cosh"):
            return (up - one / up) / 2 if name == "sinh" else (up + one / up) / 2
        square = up * up
        top, bottom = square - one, square + one
        return top / bottom if name == "tanh" else bottom / top

    def visit(node: Any, args: list[Any]) -> Any:
        func = node.func
        if func is sympy.Add:
            return sum(args[1:], args[0])
        if func is sympy.Mul:
            return prod(args[1:], start=args[0])
        if func is sympy.Pow:
            base, power = args[0], node.args[1]
            if power.is_Integer or (power.is_Rational and power.q == 2):
                value = (base if power.q == 1 else root(base)) ** abs(int(power.p))
                return lift(arb(1)) / value if power < 0 else value
            return (args[1] * base.log(**flags)).exp()
        if node.is_Symbol:
            return symbols[node]
        if node.is_Rational:
            return lift(arb(fmpq(int(node.p), int(node.q))))
        if node in _CONSTANTS:
            return lift(_CONSTANTS[node]())
        if func in (sympy.exp, sympy.sin, sympy.cos):
            return getattr(args[0], func.__name__)()
        if func is sympy.log:
            return args[0].log(**flags)
        if func is sympy.Abs and hasattr(args[0], "real_abs"):
            return args[0].real_abs(**flags)
        if func in (sympy.sinh, sympy.cosh, sympy.tanh, sympy.coth):
            return hyperbolic(func.__name__, args[0])
        raise OutsideClosedForm(
            "A function in complex ball arithmetic",
            found=short(node),
            advice="use rationals, powers, roots, exp, log, sin, cos and hyperbolic functions",
        )

    return walk([expr], visit)[0]


def taylor_jet(
    expr: Expr, time: Symbol, t0: Any, length: int, parameters: Mapping[Any, Any], scale: Any = 1
) -> list[Any]:
    """The first ``length`` Taylor coefficients in (t - t_0)/scale; ``parameters`` are balls.

    >>> s = sympy.Symbol("s", real=True)
    >>> print(taylor_jet(sympy.exp(2 * s), s, arb(0), 3, {})[2])
    2.00000000000000
    """
    cap = flint.ctx.cap  # series are silently cut there
    flint.ctx.cap = length
    try:

        def lift(ball: Any) -> Any:
            return arb_series([ball], prec=length)

        known = {s: lift(v) for s, v in parameters.items()}
        series = _ring(expr, {**known, time: arb_series([t0, scale], prec=length)}, lift, {})
        coefficients = list(series.coeffs())
    finally:
        flint.ctx.cap = cap
    return (coefficients + [arb(0)] * length)[:length]


def complex_value(expr: Expr, values: Mapping[Any, Any], analytic: bool) -> Any:
    """The expression in complex balls; not finite where analyticity was asked and not proved."""
    flags = {"analytic": analytic}
    return _ring(expr, values, acb, flags)


def bound_on_disc(
    expr: Expr, time: Symbol, t0: Any, radius: Any, parameters: Mapping[Any, Any]
) -> Any:
    """An upper bound of |expr| on |z - t_0| <= radius; not finite unless analytic there.

    >>> s = sympy.Symbol("s", real=True)
    >>> print(bound_on_disc(s, s, arb(1), arb(1), {}) > 2)
    True
    >>> print(bound_on_disc(1 / s, s, arb(0), arb(1), {}))
    nan
    """
    box = acb(t0 + arb(0, radius), arb(0, radius))
    known = {s: acb(v) for s, v in parameters.items()}
    return complex_value(expr, {**known, time: box}, True).abs_upper()
