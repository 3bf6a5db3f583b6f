"""The rounding error of a product in plain operations, where there is no fused multiply-add.

With a = h + l cut into halves of 26 bits, all four products of halves are exact but the last, and
a b - fl(a b) = ((h_a h_b - fl(a b)) + h_a l_b + l_a h_b) + l_a l_b (Dekker 1971). Halves that are
used several times are made once. Veltkamp's halves give the error exactly; truncated ones, which
take one operation less each and cannot overflow, have a low half of 27 bits, so that the last
product is rounded: 2^-105 of a b at most.

A residual a - q b, where q b is a up to a few units in the last place, needs no q b: a - q_h b_h is
exact (multiples of 2^-52 of a that differ by 2^-24 of it), and so are the steps after it but the
last, for their results are multiples of 2^-78 of a that are smaller than 2^-25 of it.
"""

from __future__ import annotations

from collections.abc import Sequence

from symtherm.numeric.operations import SPLITTER
from symtherm.numeric.tape import Instruction, Tape

__all__ = ["expanded"]


def expanded(
    parameters: int, program: Sequence[Instruction], outputs: Sequence[int], *, masks: bool
) -> tuple[tuple[Instruction, ...], tuple[int, ...]]:
    """The program with every ``mulerr``, ``residual`` and ``inside`` expanded, and its outputs.

    High halves by the operation ``high`` (``masks``), or by three operations (Veltkamp), which
    overflow above 1e300.

    >>> code, _ = expanded(2, [Instruction("mulerr", (0, 1))], [2], masks=True)
    >>> len(code), {step.op for step in code} == {"high", "sub", "mul", "add"}
    (13, True)
    """
    tape = Tape(parameters)
    place = list(range(parameters))

    def high(x: int) -> int:
        if masks:
            return tape.apply("high", x)
        scaled = tape.apply("mul", x, tape.constant(SPLITTER))
        return tape.apply("sub", scaled, tape.apply("sub", scaled, x))

    for op, args, value in program:
        inputs = [place[a] for a in args]
        if op == "const":
            place.append(tape.constant(value))
        elif op == "inside":
            least = inputs[0]
            for other in inputs[1:]:
                least = tape.apply("min", least, other)
            root = tape.apply("sqrt", least)
            place.append(tape.apply("mul", tape.constant(0.0), root))
        elif op == "residual":
            x, q, b = inputs
            q_high, b_high = high(q), high(b)
            q_low, b_low = tape.apply("sub", q, q_high), tape.apply("sub", b, b_high)
            rest = x
            for left, right in ((q_high, b_high), (q_high, b_low), (q_low, b_high), (q_low, b_low)):
                rest = tape.apply("sub", rest, tape.apply("mul", left, right))
            place.append(rest)
        elif op == "mulerr":
            x, y = inputs
            a, c = high(x), high(y)
            b, d = tape.apply("sub", x, a), tape.apply("sub", y, c)
            error = tape.apply("sub", tape.apply("mul", a, c), tape.apply("mul", x, y))
            for left, right in ((a, d), (b, c), (b, d)):
                error = tape.apply("add", error, tape.apply("mul", left, right))
            place.append(error)
        else:
            place.append(tape.emit(Instruction(op, tuple(inputs))))
    return tape.pruned([place[i] for i in outputs])
