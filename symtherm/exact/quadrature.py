"""Integrals of analytic functions in balls, along paths in the complex plane.

FLINT's ``acb.integral`` subdivides a segment and applies Gauss-Legendre rules with an error bound
from the maximum of |f| on an ellipse around it [Petras, J. Comput. Appl. Math. 145, 345 (2002);
Johansson, ICMS 2018]. The bound holds where f is analytic on the ellipse: a function is told by the
flag ``analytic`` when that is needed, and must then answer with a ball that is not finite unless it
is analytic on all of its argument. Meromorphic functions do so by themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import flint
from flint import acb, arb
from sympy import Expr, Symbol

from symtherm.errors import OutOfDomain
from symtherm.exact.balls import Enclosure
from symtherm.exact.deadline import late
from symtherm.exact.jets import complex_value
from symtherm.exact.plan import entered
from symtherm.exact.refine import NotYet, refine, scalars

__all__ = [
    "along",
    "complex_ball",
    "enclose_integral",
    "widened",
    "working_bits",
    "x_over_expm1",
]

Function = Callable[[Any, bool], Any]
COARSE = 2.0**-20
ZERO = acb(0)


def complex_ball(re: Any, im: Any = 0) -> Any:
    """re + i im as a complex ball.

    >>> print(complex_ball(1, 2))
    1.00000000000000 + 2.00000000000000j
    """
    return acb(re, im)


def widened(value: Any, error: Any) -> Any:
    """A real ball with an upper bound of an error added to its radius.

    >>> bool(widened(arb(1), arb(1)).contains(2))
    True
    """
    return value + arb(0, error.abs_upper())


def along(f: Function, points: Sequence[Any]) -> Any:
    """The integral of f along the polygon with these corners, a complex ball.

    ``f(z, analytic)`` as in the module. Raises NotYet where no finite ball was found.

    >>> loop = along(lambda z, analytic: 1 / z, [1, acb(0, 1), -1, acb(0, -1), 1])
    >>> bool(loop.overlaps(acb(0, 2 * arb.pi())))
    True
    """
    total = acb(0)

    def timed(z: Any, analytic: bool) -> Any:
        # Once it is late the result is thrown away (below): zero ends the quadrature soonest.
        return ZERO if late() else f(z, analytic)

    for a, b in pairwise(points):
        total = total + acb.integral(timed, a, b)
    if late() or not total.is_finite():
        raise NotYet
    return total


def x_over_expm1(z: Any) -> Any:
    """z/(e^z - 1), analytic at 0 too: there (e^z - 1)/z = 1F1(1; 2; z).

    >>> print(x_over_expm1(acb(0)))
    1.00000000000000
    """
    if not z.contains(0):
        return z / z.expm1()
    if z.rad() < COARSE:
        return 1 / z.hypgeom_1f1(1, 2)
    with flint.ctx.workprec(64):  # a box this wide has few digits to lose
        return 1 / z.hypgeom_1f1(1, 2)


def enclose_integral(
    expr: Expr,
    limits: tuple[Symbol, Any, Any],
    at: Mapping[Symbol, Any],
    digits: int = 50,
    seconds: float | None = None,
) -> Enclosure:
    """int_a^b expr dx for ``limits`` = (x, a, b), finite, with a proved radius.

    ``expr`` is real on [a, b]; a and b may hold parameters. A square root may vanish at an
    end; other singular ends stay Undecided. Branch cuts of roots and logarithms are honoured:
    what is proved is the integral of the principal values on the real axis.

    Raises UnknownSymbol, BadExpression, OutsideClosedForm for functions without a complex ball, and
    Undecided, saying how many digits were proved, at the cap of bits or after ``seconds``.

    >>> import sympy
    >>> x = sympy.Symbol("x")
    >>> print(enclose_integral(sympy.sqrt(x**2), (x, -1, 2), {}, 10))
    2.500000000 +/- 3.0e-22
    """
    x, first, last = limits
    (plain, a, b), at = entered((expr, _exact(first), _exact(last)), at)
    if x in at:
        raise OutOfDomain(f"The integral over {x}", found="a value for it in the point")
    symbols = tuple(sorted(plain.free_symbols - {x}, key=str))
    known = scalars((*symbols, a, b), dict(at))

    def compute() -> dict[str, Any]:
        values = known()
        inside = {s: acb(values[s]) for s in symbols}

        def f(z: Any, analytic: bool) -> Any:
            return complex_value(plain, {**inside, x: z}, analytic)

        f((acb(values[a]) + acb(values[b])) / 2, False)  # an exception inside would lose its name
        return {"integral": along(f, [acb(values[a]), acb(values[b])]).real}

    return refine(compute, digits, "an integral", seconds=seconds)["integral"]


def _exact(value: Any) -> Any:
    import sympy

    found = sympy.S(value) if isinstance(value, (int, Expr)) else None
    if found is None or found.has(sympy.Float):
        raise OutOfDomain(
            "A limit of an integral", found=repr(value), advice="give an exact number"
        )
    return found


def working_bits() -> int:
    """FLINT's working precision at this moment."""
    return int(flint.ctx.prec)
