"""The rounding error of a product in plain operations, where there is no fused multiply-add.

With a = h + l cut into halves of 26 bits, all four products of halves are exact but the last, and
a b - fl(a b) = ((h_a h_b - fl(a b)) + h_a l_b + l_a h_b) + l_a l_b (Dekker 1971). Halves that are
used several times are made once. Veltkamp's halves give the error exactly; truncated ones, which
take one operation less each and cannot overflow, have a low half of 27 bits, so that the last
product is rounded: 2^-105 of a b at most.
"""

from __future__ import annotations

from collections.abc import Sequence

from symtherm.numeric.tape import SPLITTER, Instruction, Tape

__all__ = ["expanded"]


def expanded(
    parameters: int, program: Sequence[Instruction], outputs: Sequence[int], *, masks: bool
) -> tuple[tuple[Instruction, ...], tuple[int, ...]]:
    """The program with every ``mulerr`` expanded, and its outputs.

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
