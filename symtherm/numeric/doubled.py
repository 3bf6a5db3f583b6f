"""Sums that cancel, in doubled precision: a second program for the points where they do.

The current of one of several baths is a sum of forces, which vanishes where they cancel and none of
them does; and not every sum of occupations is found to be one of forces. Where such a sum cancels,
each digit that does is a digit lost. So every sum S = sum t_k that depends on occupations and whose
terms are not seen to have one sign is watched: where

    |S| < sum |t_k| / CANCELLED

the point is computed again by a program that carries with every value z of the terms its error e,
so that z + e is right to first order: with x and y off by dx and dy,

    z = fl(x + y):    e = twosum error + dx + dy
    z = fl(x y):      e = (x y - z) + x dy + y dx             (mulerr; none for powers of two)
    z = fl(x / y):    e = ((x - z y) + dx - z dy)/y           (residual)
    z = fl(e^x):      e = e^(x + dx) - z                      (:mod:`numeric.halves`)

What is dropped are products of errors and the roundings of e: 2^-100 of z, and 2^-68 of
exponentials. A sum is then right until 13 bits have cancelled; after that its digits go one by
one, as they did from the first bit on.
The rounding errors that the first program computes (``mulerr``, ``residual``, sums of Knuth's) have
the exact value 0 here, and their own value as error, so nothing is counted twice.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

from symtherm.numeric.signs import signs
from symtherm.numeric.tape import Instruction, Tape

__all__ = ["CANCELLED", "Sum", "cancelling", "doubled", "margin"]

CANCELLED = 6.0  # the loss from which a point is computed again

Sum = tuple[int, tuple[int, ...]]  # the position of a sum and those of its terms


def margin(tape: Tape, sums: Sequence[Sum]) -> int:
    """The position of a value that is negative where one of the sums has cancelled.

    >>> tape = Tape(2)
    >>> total = tape.sum([0, 1])
    >>> margin(tape, [(total, (0, 1))]) == tape.offset + len(tape.code) - 1
    True
    """
    found: int | None = None
    for total, terms in sums:
        size = tape.apply("abs", terms[0])
        for term in terms[1:]:
            size = tape.apply("add", size, tape.apply("abs", term))
        left = tape.apply("mul", tape.constant(CANCELLED), tape.apply("abs", total))
        left = tape.apply("sub", left, size)
        found = left if found is None else tape.apply("min", found, left)
    assert found is not None
    return found


def cancelling(tape: Tape, outputs: Sequence[int], positive: Collection[int]) -> list[Sum]:
    """The sums on which outputs depend that may cancel and whose errors can be computed.

    ``positive`` are the numbers of the parameters that are. Sums without occupations are exponents,
    which have their own arithmetic, or differences of parameters; sums of logarithms, whose errors
    are not known here, are left alone.

    >>> tape = Tape(1)
    >>> x = tape.apply("exp", 0)
    >>> tape.occupations.add(x)
    >>> total = tape.sum([x, tape.neg(0)])
    >>> tape.sums.append((total, (x, tape.neg(0))))
    >>> cancelling(tape, [total], [0]) == tape.sums, cancelling(tape, [x], [0])
    (True, [])
    """
    known = signs(tape.offset, tape.code, positive, tape.occupations)
    thermal: list[bool] = [False] * tape.offset
    lost: list[bool] = [False] * tape.offset
    for index, (op, args, _) in enumerate(tape.code, tape.offset):
        thermal.append(index in tape.occupations or any(thermal[a] for a in args))
        lost.append((op not in _KNOWN and op != "const") or any(lost[a] for a in args))
    alive = _ancestors(tape, outputs)
    found: dict[int, Sum] = {}
    for total, terms in tape.sums:
        one_sign = len({known[t] for t in terms}) == 1 and known[terms[0]] != 0
        if total in alive and thermal[total] and not one_sign and not lost[total]:
            found.setdefault(total, (total, terms))
    return list(found.values())


def doubled(
    tape: Tape, outputs: Sequence[int], sums: Sequence[Sum]
) -> tuple[tuple[Instruction, ...], tuple[int, ...]]:
    """The program of the outputs in which the sums are computed in doubled precision.

    >>> tape = Tape(3)
    >>> product = tape.mul(0, 1)
    >>> total = tape.apply("sub", product, 2)
    >>> code, _ = doubled(tape, [total], [(total, (product, 2))])
    >>> [step.op for step in code].count("mulerr")
    1
    """
    offset = tape.offset
    wanted = _ancestors(tape, [index for index, _ in sums])
    ends = {index for index, _ in sums}
    made = _Doubled(offset)
    place = list(range(offset))
    errors: dict[int, int | None] = dict.fromkeys(range(offset))
    for index, (op, args, value) in enumerate(tape.code, offset):
        new = made.emit(Instruction(op, tuple(place[a] for a in args), value))
        error: int | None = None
        if index in wanted:
            if op == "const":
                rest = tape.rests.get(index)
                error = None if rest is None else made.constant(rest)
            else:
                error = made.error(op, new, [place[a] for a in args], [errors[a] for a in args])
        if index in ends and error is not None:
            total = made.apply("add", new, error)
            error = made.apply("add", made.apply("sub", new, total), error)
            new = total
        place.append(new)
        errors[index] = error
    return made.pruned([place[k] for k in outputs])


def _ancestors(tape: Tape, indices: Sequence[int]) -> set[int]:
    found: set[int] = set()
    stack = list(indices)
    while stack:
        index = stack.pop()
        if index not in found:
            found.add(index)
            step = tape.at(index)
            stack.extend(step.args if step is not None else ())
    return found


_KNOWN = {
    "add", "sub", "mul", "div", "neg", "abs", "sqrt", "max", "min", "copysign", "exp", "expm1",
    "mulerr", "residual",
}  # fmt: skip


class _Doubled(Tape):
    """A tape with the rules for errors; None stands for an exact value."""

    def plus(self, x: int | None, y: int | None) -> int | None:
        if x is None or y is None:
            return y if x is None else x
        return self.apply("add", x, y)

    def minus(self, x: int | None, y: int | None) -> int | None:
        if y is None:
            return x
        return self.neg(y) if x is None else self.apply("sub", x, y)

    def times(self, x: int, e: int | None) -> int | None:
        return None if e is None else self.apply("mul", x, e)

    def error(self, op: str, z: int, args: list[int], errors: list[int | None]) -> int | None:
        """The error of z = op(args)."""
        x, dx = args[0], errors[0]
        if op in ("mulerr", "residual"):
            return self.neg(z)
        if op in ("exp", "expm1"):
            low = self.constant(0.0) if dx is None else dx
            return self.apply(op + "_low", x, low, z)
        if op == "neg":
            return None if dx is None else self.neg(dx)
        one = self.constant(1.0)
        if op == "abs":
            return self.times(self.apply("copysign", one, x), dx)
        if op == "sqrt":
            left = self.plus(self.apply("residual", x, z, z), dx)
            assert left is not None
            return self.apply("div", left, self.apply("add", z, z))
        y, dy = args[1], errors[1]
        rest: int | None
        if op == "copysign":
            signs = self.apply("copysign", one, x), self.apply("copysign", one, y)
            return self.times(self.apply("mul", *signs), dx)
        if op in ("max", "min"):
            if dx is None and dy is None:
                return None
            zero = self.constant(0.0)
            first, second = zero if dx is None else dx, zero if dy is None else dy
            if op == "max":
                return self.apply("pick", x, y, first, second)
            return self.apply("pick", y, x, first, second)
        if op in ("add", "sub"):
            back = self.apply("sub", z, x)
            lost = self.apply("sub", x, self.apply("sub", z, back))
            other = self.apply("sub" if op == "add" else "add", y, back)
            rest = self.apply("add" if op == "add" else "sub", lost, other)
            return (self.plus if op == "add" else self.minus)(self.plus(rest, dx), dy)
        if op == "mul":
            scales = any(math.frexp(abs(self.constant_at(a) or 0.0))[0] == 0.5 for a in args)
            rest = None if scales else self.apply("mulerr", x, y)
            return self.plus(self.plus(rest, self.times(x, dy)), self.times(y, dx))
        rest = self.plus(self.apply("residual", x, z, y), dx)  # div
        total = self.minus(rest, self.times(z, dy))
        assert total is not None
        return self.apply("div", total, y)
