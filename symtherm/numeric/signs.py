"""Signs of the values of a tape, as far as its operations show them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from symtherm.numeric.tape import Instruction

__all__ = ["signs"]


def signs(
    parameters: int,
    program: Sequence[Instruction],
    positive: Collection[int],
    known: Collection[int] = (),
) -> list[int]:
    """1 or -1 for values that are not negative, or not positive, inside the domain; 0 otherwise.

    ``positive`` are numbers of parameters, ``known`` positions of values that are not negative.

    >>> signs(1, [Instruction("neg", (0,)), Instruction("mul", (0, 1))], [0])
    [1, -1, -1]
    """
    found = [int(k in positive) for k in range(parameters)]
    for index, (op, args, value) in enumerate(program, parameters):
        x = [found[a] for a in args]
        if index in known:
            found.append(1)
        elif op == "const":
            found.append(1 if value >= 0 else -1)
        elif op in ("abs", "sqrt", "exp"):
            found.append(1)
        elif op == "neg":
            found.append(-x[0])
        elif op == "expm1":
            found.append(x[0])
        elif op == "mul" and args[0] == args[1]:
            found.append(1)
        elif op in ("mul", "div"):
            found.append(x[0] * x[1])
        elif op == "max" and max(x) > 0:
            found.append(1)
        else:
            found.append(x[0] if op in ("add", "max", "min") and x[0] == x[1] else 0)
    return found
