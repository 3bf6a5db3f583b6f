"""Taylor integration of y' = A(t) y in mpmath: the unproved twin of :mod:`symtherm.exact.driven`.

Jets of the coefficient functions by the rules of power series, written out here and sharing
nothing with FLINT: with u = sum u_n s^n,

    exp:  n e_n = sum_k k u_k e_{n-k},        log:  u_0 l_n = u_n - sum_{k<n} (k/n) l_k u_{n-k},
    sin, cos:  n s_n = sum_k k u_k c_{n-k},   n c_n = -sum_k k u_k s_{n-k},
    u^a:  n u_0 p_n = sum_k (a k - (n - k)) u_k p_{n-k}.

The step follows from the size of the last coefficients (no proof), two thirds of what they allow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sympy
from mpmath import mp
from sympy import Expr, Symbol

from symtherm.errors import OutsideClosedForm
from symtherm.exact.plan import short, walk

__all__ = ["Jet", "jet_of", "taylor_evolve"]

Jet = list[Any]


def _mul(u: Jet, v: Jet) -> Jet:
    return [mp.fdot(u[: n + 1], v[n::-1]) for n in range(len(u))]


def _exp(u: Jet) -> Jet:
    weighted = [k * x for k, x in enumerate(u)]
    out = [mp.exp(u[0])]
    for n in range(1, len(u)):
        out.append(mp.fdot(weighted[1 : n + 1], out[n - 1 :: -1] if n > 1 else out[:1]) / n)
    return out


def _log(u: Jet) -> Jet:
    out = [mp.log(u[0])]
    for n in range(1, len(u)):
        known = mp.fsum(k * out[k] * u[n - k] for k in range(1, n))
        out.append((u[n] - known / n) / u[0])
    return out


def _sin_cos(u: Jet) -> tuple[Jet, Jet]:
    s, c = [mp.sin(u[0])], [mp.cos(u[0])]
    for n in range(1, len(u)):
        s.append(mp.fsum(k * u[k] * c[n - k] for k in range(1, n + 1)) / n)
        c.append(-mp.fsum(k * u[k] * s[n - k] for k in range(1, n + 1)) / n)
    return s, c


def _power(u: Jet, a: Any) -> Jet:
    out = [u[0] ** a]
    for n in range(1, len(u)):
        out.append(
            mp.fsum((a * k - (n - k)) * u[k] * out[n - k] for k in range(1, n + 1)) / (n * u[0])
        )
    return out


def _whole(u: Jet, n: int) -> Jet:
    out = [mp.one] + [mp.zero] * (len(u) - 1)
    for _ in range(n):
        out = _mul(out, u)
    return out


def jet_of(expr: Expr, time: Symbol, t0: Any, length: int, values: Mapping[Any, Any]) -> Jet:
    """The first Taylor coefficients of an expression about t_0; ``values`` of the other symbols.

    >>> s = sympy.Symbol("s", real=True)
    >>> [int(c) for c in jet_of(1 / (1 - s), s, mp.mpf(0), 4, {})]
    [1, 1, 1, 1]
    """

    def constant(value: Any) -> Jet:
        return [mp.mpf(value)] + [mp.zero] * (length - 1)

    def visit(node: Any, args: list[Jet]) -> Jet:
        func = node.func
        if func is sympy.Add:
            return [mp.fsum(column) for column in zip(*args, strict=True)]
        if func is sympy.Mul:
            out = args[0]
            for other in args[1:]:
                out = _mul(out, other)
            return out
        if func is sympy.Pow:
            power = node.args[1]
            if power.is_Integer and 0 < power < 20:
                return _whole(args[0], int(power))
            if power.is_Rational:
                return _power(args[0], mp.mpf(int(power.p)) / int(power.q))
            return _exp(_mul(args[1], _log(args[0])))
        if node == time:
            return (constant(t0)[:1] + [mp.one] + [mp.zero] * length)[:length]
        if node.is_Symbol:
            return constant(values[node])
        if node.is_Rational:
            return constant(mp.mpf(int(node.p)) / int(node.q))
        if node in (sympy.S.Pi, sympy.S.Exp1):
            return constant(mp.pi if node is sympy.S.Pi else mp.e)
        if func is sympy.exp:
            return _exp(args[0])
        if func is sympy.log:
            return _log(args[0])
        if func in (sympy.sin, sympy.cos):
            return _sin_cos(args[0])[0 if func is sympy.sin else 1]
        if func in (sympy.sinh, sympy.cosh, sympy.tanh, sympy.coth):
            up = _exp(args[0])
            down = _exp([-x for x in args[0]])
            odd = [(a - b) / 2 for a, b in zip(up, down, strict=True)]
            even = [(a + b) / 2 for a, b in zip(up, down, strict=True)]
            if func in (sympy.sinh, sympy.cosh):
                return odd if func is sympy.sinh else even
            top, bottom = (odd, even) if func is sympy.tanh else (even, odd)
            return _mul(top, _power(bottom, mp.mpf(-1)))
        raise OutsideClosedForm(
            "A function of time in the integration",
            found=short(node),
            advice="use rationals, powers, roots, exp, log, sin, cos and hyperbolic functions",
        )

    return walk([expr], visit)[0]


def taylor_evolve(
    apply: Callable[[int, Sequence[Sequence[Any]]], Sequence[Any]],
    prepare: Callable[[Any, int], None],
    start: Sequence[Any],
    t0: Any,
    t1: Any,
    digits: int,
) -> list[Any]:
    """y(t_1) for y(t_0) = ``start``.

    ``prepare(t, length)`` makes the jets about t; ``apply(n, coefficients)`` returns the n-th
    Taylor coefficient of A y from those of y up to n. Ambient mpmath precision.

    >>> def decay(n, ys): return [-ys[n][0]]
    >>> y = taylor_evolve(decay, lambda t, n: None, [mp.mpf(1)], mp.zero, mp.one, 12)
    >>> mp.nstr(y[0] - mp.exp(-1), 2) in ("0.0", "5.55e-17", "-5.55e-17")
    True
    """
    length = int(digits * 1.4) + 12
    now, y = t0, list(start)
    while now < t1:
        prepare(now, length)
        coefficients: list[Sequence[Any]] = [y]
        for n in range(length - 1):
            coefficients.append([v / (n + 1) for v in apply(n, coefficients)])
        step = t1 - now
        for n in (length - 3, length - 2, length - 1):
            size = max(abs(v) for v in coefficients[n])
            if size:
                allowed = (mp.mpf(10) ** -(digits + 6) / size) ** (mp.one / n)
                step = min(step, allowed * 2 / 3)
        y = [mp.polyval([c[r] for c in reversed(coefficients)], step) for r in range(len(y))]
        now = t1 if step == t1 - now else now + step
    return y
