"""Outside the domain: nan for negative values of parameters that were declared positive."""

from __future__ import annotations

from collections.abc import Sequence

from symtherm.numeric.tape import Instruction, Tape

__all__ = ["guarded"]


def guarded(
    parameters: int,
    program: Sequence[Instruction],
    outputs: Sequence[int],
    positive: Sequence[int],
) -> tuple[tuple[Instruction, ...], tuple[int, ...]]:
    """The program with 0, or nan where a positive parameter is negative, added to each output.

    Zero passes: rates and drives may vanish (a temperature of zero gives nan by itself).

    >>> code, places = guarded(1, [], [0], [0])
    >>> [step.op for step in code]
    ['inside', 'add']
    """
    if not positive:
        return tuple(program), tuple(outputs)
    tape = Tape(parameters)
    for step in program:
        tape.code.append(step)  # positions stay
        tape.known.setdefault(step, tape.offset + len(tape.code) - 1)
    zero = tape.apply("inside", *positive)
    return tape.pruned([tape.apply("add", index, zero) for index in outputs])
