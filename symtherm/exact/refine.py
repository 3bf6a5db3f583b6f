"""Rising precision: a computation in balls is repeated with more bits until its digits are proved.

The computation is given as a function; it sees FLINT's working precision, and returns balls that
contain the exact values whatever that precision is. So only the widths have to be looked at here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import flint
from flint import arb, fmpq

from symtherm.errors import Undecided
from symtherm.exact.balls import Enclosure, _radius, decimal
from symtherm.exact.deadline import late, limited

__all__ = ["NotYet", "ball_of", "refine", "scalars"]

MAX_BITS = 1 << 17


class NotYet(Exception):
    """Raised inside a computation when the balls are too wide to go on; more bits may help.

    The text says what could not be told apart; it is shown when all bits were in vain.
    """


def ball_of(value: Any) -> Any:
    """A rational as a ball at the working precision.

    >>> import sympy
    >>> print(ball_of(sympy.Rational(1, 4)))
    0.250000000000000
    """
    return arb(fmpq(int(value.numerator), int(value.denominator)))


def _ladder(digits: int, guard: int, seconds: float | None) -> Iterator[int]:
    """Bits to try. Under a limit of time fewer digits come first, for something to be proved."""
    rung = 12
    while seconds is not None and rung < digits:
        yield int(rung * 3.33) + guard
        rung *= 3
    while True:
        yield int(digits * 3.33) + guard
        guard *= 2


def refine(
    compute: Callable[[], Mapping[str, Any]],
    digits: int,
    what: str,
    guard: int = 64,
    seconds: float | None = None,
    cap: int = MAX_BITS,
) -> dict[str, Enclosure]:
    """The values of ``compute`` with ``digits`` significant digits proved.

    A value that could not be told from zero is returned as 0 with a radius below
    10^-(2 digits + 20). Precision starts at digits log2(10) + ``guard`` bits and doubles its
    excess over the digits asked; under a limit of time it starts with 12 digits. Raises Undecided,
    saying how many digits were proved, after ``seconds`` or at ``cap`` bits. A computation that
    asks whether it is late is broken off on time, any other is finished.

    >>> refine(lambda: {"x": arb(2).sqrt()}, 10, "a root")["x"].value
    '1.414213562'
    """
    wanted, best, reason = digits * 10 // 3 + 4, -1, ""
    floor = arb(10) ** -(2 * digits + 20)
    with limited(seconds):
        for bits in _ladder(digits, guard, seconds):
            found: Mapping[str, Any] | None = None
            with flint.ctx.workprec(bits):
                try:
                    found = compute()
                except NotYet as error:
                    reason = str(error)
                if found is not None:
                    reason = ""
                    open_ = [
                        v for v in found.values() if not _enough(v, wanted, floor)
                    ]  # a nan has accuracy far below zero
                    if not open_:
                        return {k: _shown(v, digits) for k, v in found.items()}
                    best = max(best, min(int(v.rel_accuracy_bits() * 0.30103) for v in open_))
            if late() or 2 * bits > cap:
                break
        given = "the time given" if seconds is None else f"{seconds} s"
        limit = given if late() else f"{bits} bits"
    raise Undecided(
        f"{digits} digits of {what}",
        found=f"{max(best, 0)} digits proved within {limit}" + (reason and "; " + reason),
        advice="ask for fewer digits, give more time, or move the point",
    )


def _enough(ball: Any, wanted: int, floor: Any) -> bool:
    if not ball.is_finite():
        return False
    if ball == 0 or ball.rel_accuracy_bits() >= wanted:
        return True
    return bool(ball.contains(0) and ball.abs_upper() < floor)


def _shown(ball: Any, digits: int) -> Enclosure:
    if ball == 0:
        return Enclosure("0", "0")
    if ball.contains(0) or ball.rel_accuracy_bits() < digits * 3:
        _, rad, exp = (int(part) for part in ball.abs_upper().mid_rad_10exp(4))
        mid = int(ball.abs_upper().mid_rad_10exp(4)[0])
        return Enclosure("0", _radius(abs(mid) + rad + 1, exp))
    return decimal(ball, digits)


def scalars(exprs: tuple[Any, ...], at: Mapping[Any, Any]) -> Callable[[], dict[Any, Any]]:
    """A function that gives the ball of every expression at the working precision.

    Compiled once; raises as :func:`symtherm.exact.balls.enclose`. The function raises NotYet when
    a ball is not finite.

    >>> import sympy
    >>> scalars((sympy.Integer(2),), {})()
    {2: 2.00000000000000}
    """
    from symtherm.exact.plan import compiled, exact_values, run

    plan = compiled(exprs)
    values = exact_values(plan, at)

    def balls() -> dict[Any, Any]:
        found = run(plan, values, flint.ctx.prec > 4096)
        if found is None:
            raise NotYet
        return dict(zip(exprs, (found[root] for root in plan.roots), strict=True))

    return balls
