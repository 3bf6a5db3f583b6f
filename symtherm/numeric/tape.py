"""A three-address tape: a list of two-operand instructions in which equal ones are one.

Digits. Rewritten while lowering, exactly and for all real x:
    exp(x) - 1 -> expm1(x)      log(1 + x) -> log1p(x)      log(1 + exp(x)) -> logaddexp(0, x)
    exp(x)/(exp(x) - 1) -> -1/expm1(-x)                     exp(x)/(exp(x) + 1) -> 1/(1 + exp(-x))
so a Bose occupation 1/(exp(x) - 1) is accurate to an ulp or two for small x as for large, and
neither occupation overflows to nan.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from symtherm.numeric.operations import OPERATIONS

__all__ = ["Instruction", "Tape"]


class Instruction(NamedTuple):
    """One operation: its name, the positions of its operands, and the value of a constant.

    Position k < number of parameters is a parameter, beyond that an earlier instruction.

    >>> Instruction("add", (0, 1))
    Instruction(op='add', args=(0, 1), value=0.0)
    """

    op: str
    args: tuple[int, ...]
    value: float = 0.0


def _is_dyadic(value: float) -> bool:
    """Whether a product with the value is exact, and so is one with a few such."""
    return math.frexp(value)[0] == 0.5 and 2.0**-100 < value < 2.0**100


class Tape:
    """A list of instructions in which equal instructions are one (value numbering).

    The smart constructors push signs outwards and recognise the patterns of the module docstring
    on the graph, so they see through named definitions and shared subexpressions.
    """

    def __init__(self, parameters: int) -> None:
        self.offset = parameters
        self.code: list[Instruction] = []
        self.known: dict[Instruction, int] = {}
        # What :mod:`numeric.doubled` needs to know: sums with their terms, occupations, and the
        # errors of constants.
        self.sums: list[tuple[int, tuple[int, ...]]] = []
        self.occupations: set[int] = set()
        self.rests: dict[int, float] = {}

    def at(self, index: int) -> Instruction | None:
        """The instruction at a position; None for a parameter."""
        return self.code[index - self.offset] if index >= self.offset else None

    def constant_at(self, index: int) -> float | None:
        found = self.at(index)
        return found.value if found is not None and found.op == "const" else None

    def operand(self, op: str, index: int) -> int | None:
        """x if ``index`` is op(x)."""
        found = self.at(index)
        return found.args[0] if found is not None and found.op == op else None

    def emit(self, instruction: Instruction) -> int:
        """The position of an instruction, appended unless it is there already."""
        index = self.known.get(instruction)
        if index is None:
            index = self.offset + len(self.code)
            self.code.append(instruction)
            self.known[instruction] = index
        return index

    def constant(self, value: float) -> int:
        return self.emit(Instruction("const", (), value))

    def apply(self, op: str, *args: int) -> int:
        """One operation, computed now if all its operands are constants."""
        values = [self.constant_at(arg) for arg in args]
        if all(value is not None for value in values):
            try:
                return self.constant(float(OPERATIONS[op].scalar(*values)))
            except (ArithmeticError, ValueError):
                pass  # left to run time, where it gives inf or nan
        if op in ("add", "mul", "mulerr", "max", "min"):
            args = tuple(sorted(args))
        return self.emit(Instruction(op, args))

    def neg(self, x: int) -> int:
        inner = self.operand("neg", x)
        return inner if inner is not None else self.apply("neg", x)

    def signed(self, index: int) -> tuple[bool, int]:
        """(is negated, magnitude)."""
        inner = self.operand("neg", index)
        if inner is not None:
            return True, inner
        value = self.constant_at(index)
        if value is not None and value < 0:
            return True, self.constant(-value)
        return False, index

    def mul(self, x: int, y: int) -> int:
        (minus_x, x), (minus_y, y) = self.signed(x), self.signed(y)
        (scale, x), (other, y) = self._halved(x), self._halved(y)
        if self.constant_at(x) == 1.0:
            out = y
        elif self.constant_at(y) == 1.0:
            out = x
        else:
            out = self.apply("mul", x, y)
        if scale * other != 1.0:
            out = self.apply("mul", out, self.constant(scale * other))
        return self.neg(out) if minus_x != minus_y else out

    def _halved(self, index: int) -> tuple[float, int]:
        """(c, x) for a product c x with a power of two: such factors are exact, and are put last,
        where they meet their like. (c, 1) for such a constant alone; c = 1 otherwise."""
        value = self.constant_at(index)
        if value is not None:
            return (value, self.constant(1.0)) if _is_dyadic(value) else (1.0, index)
        found = self.at(index)
        if found is not None and found.op == "mul":
            for scale, other in (found.args, found.args[::-1]):
                value = self.constant_at(scale)
                if value is not None and _is_dyadic(value):
                    return value, other
        return 1.0, index

    def div(self, x: int, y: int) -> int:
        (minus_x, x), (minus_y, y) = self.signed(x), self.signed(y)
        out = x if self.constant_at(y) == 1.0 else self.apply("div", x, y)
        return self.neg(out) if minus_x != minus_y else out

    def sum(self, terms: Sequence[int]) -> int:
        """Sum of terms; constant first, so that exp(x) - 1 and its multiples can be seen."""
        constant, rest = 0.0, []
        for term in terms:
            value = self.constant_at(term)
            if value is None:
                rest.append(self.signed(term))
            else:
                constant += value
        if constant:
            for k, (minus, term) in enumerate(rest):
                scale, exponent = self._scaled_exp(term)
                if exponent is not None and constant == (scale if minus else -scale):
                    shifted = self.apply("expm1", exponent)
                    rest[k] = minus, self.mul(self.constant(scale), shifted)
                    constant = 0.0
                    break
        if constant:
            rest.append((constant < 0, self.constant(abs(constant))))
        if not rest:
            return self.constant(0.0)
        scales = {self._halved(term)[0] for _, term in rest} if len(rest) > 1 else {1.0}
        if scales != {1.0} and len(scales) == 1:
            inner = [(minus, self._halved(term)[1]) for minus, term in rest]
            total = self.sum([self.neg(term) if minus else term for minus, term in inner])
            return self.mul(self.constant(scales.pop()), total)
        plus = [term for minus, term in rest if not minus]
        less = [term for minus, term in rest if minus]
        total = self._chain(plus if plus else less)
        if not plus:
            return self.neg(total)
        for term in less:
            total = self.apply("sub", total, term)
        return total

    def _chain(self, terms: list[int]) -> int:
        total = terms[0]
        for term in terms[1:]:
            total = self.apply("add", total, term)
        return total

    def _scaled_exp(self, index: int) -> tuple[float, int | None]:
        """(c, x) if ``index`` is c exp(x)."""
        exponent = self.operand("exp", index)
        if exponent is not None:
            return 1.0, exponent
        found = self.at(index)
        if found is not None and found.op == "mul":
            for scale, other in (found.args, found.args[::-1]):
                value, exponent = self.constant_at(scale), self.operand("exp", other)
                if value is not None and exponent is not None:
                    return value, exponent
        return 1.0, None

    def power(self, base: int, exponent: int) -> int:
        """base^exponent for exponent >= 1 by repeated squaring."""
        result: int | None = None
        while exponent:
            if exponent & 1:
                result = base if result is None else self.mul(result, base)
            exponent >>= 1
            if exponent:
                base = self.mul(base, base)
        assert result is not None
        return result

    def quotient(self, factors: Sequence[tuple[int, int]]) -> int:
        """Product of base^power over (base, power), as one quotient of two products."""
        above: list[int] = []
        below: list[int] = []
        for base, exponent in factors:
            (above if exponent > 0 else below).append(self.power(base, abs(exponent)))
        # A shared occupation 1/(exp(x) -+ 1) times exp(x) is opened again: the two factors
        # separately are 0 * inf at large x.
        exponents = [self.operand("exp", factor) for factor in above]
        for k, factor in enumerate(above):
            opened = self.reciprocal_of(factor)
            if opened is not None and any(
                e is not None and self._mirrors(self.signed(opened)[1], e) for e in exponents
            ):
                above[k] = self.constant(1.0)
                below.append(opened)
        for k, factor in enumerate(below):
            minus, magnitude = self.signed(factor)
            for j, numerator in enumerate(above):
                exponent_of = self.operand("exp", numerator)
                if exponent_of is None:
                    continue
                mirrored = self._mirrored(magnitude, exponent_of)
                if mirrored is not None:
                    above.pop(j)
                    below[k] = self.neg(mirrored) if minus else mirrored
                    break
        numerator = self._product(above)
        return self.div(numerator, self._product(below)) if below else numerator

    def _product(self, factors: list[int]) -> int:
        total = self.constant(1.0)
        for factor in factors:
            total = self.mul(total, factor)
        return total

    def reciprocal_of(self, index: int) -> int | None:
        """x if ``index`` is 1/x or -1/x (as -x)."""
        minus, magnitude = self.signed(index)
        found = self.at(magnitude)
        if found is None or found.op != "div" or self.constant_at(found.args[0]) != 1.0:
            return None
        return self.neg(found.args[1]) if minus else found.args[1]

    def _mirrors(self, factor: int, x: int) -> bool:
        """Whether ``factor`` is exp(x) - 1 or exp(x) + 1."""
        if self.operand("expm1", factor) == x:
            return True
        found = self.at(factor)
        return (
            found is not None
            and found.op == "add"
            and any(
                self.constant_at(one) == 1.0 and self.operand("exp", other) == x
                for one, other in (found.args, found.args[::-1])
            )
        )

    def _mirrored(self, factor: int, x: int) -> int | None:
        """exp(-x) * factor for factor = exp(x) - 1 or exp(x) + 1, without exp(x)."""
        if not self._mirrors(factor, x):
            return None
        if self.operand("expm1", factor) == x:
            return self.neg(self.apply("expm1", self.neg(x)))
        return self.sum([self.constant(1.0), self.apply("exp", self.neg(x))])

    def log(self, x: int) -> int:
        """log(x), as log1p or log1pexp where x is seen to be 1 + y or 1 + exp(y)."""
        found = self.at(x)
        if found is not None and found.op in ("add", "sub"):
            for one, other in (found.args, found.args[::-1]):
                if self.constant_at(one) != 1.0:
                    continue
                if found.op == "add":
                    exponent = self.operand("exp", other)
                    if exponent is not None:
                        return self.apply("log1pexp", exponent)
                    return self.apply("log1p", other)
                if one == found.args[0]:
                    return self.apply("log1p", self.neg(other))
            rest = self._less_one(x)
            if rest is not None:
                return self.apply("log1p", rest)
        return self.apply("log", x)

    def _less_one(self, x: int) -> int | None:
        """x - 1 if x is a chain of sums and differences that contains the term 1."""
        plus: list[int] = []
        less: list[int] = []
        stack = [(False, x)]
        while stack:
            minus, index = stack.pop()
            found = self.at(index)
            if found is not None and found.op in ("add", "sub"):
                left, right = found.args
                stack += [(minus, left), (minus ^ (found.op == "sub"), right)]
            else:
                (less if minus else plus).append(index)
        for term in plus:
            if self.constant_at(term) == 1.0:
                plus.remove(term)
                return self.sum([*plus, *(self.neg(t) for t in less)])
        return None

    def append(self, program: Sequence[Instruction]) -> list[int]:
        """Adds a program of the same parameters; the positions of its values here."""
        place = list(range(self.offset))
        for op, args, value in program:
            place.append(self.emit(Instruction(op, tuple(place[a] for a in args), value)))
        return place

    def pruned(self, outputs: Sequence[int]) -> tuple[tuple[Instruction, ...], tuple[int, ...]]:
        """The instructions the outputs depend on, renumbered, and the outputs in these numbers."""
        alive: set[int] = set()
        stack = list(outputs)
        while stack:
            index = stack.pop()
            if index >= self.offset and index not in alive:
                alive.add(index)
                stack.extend(self.code[index - self.offset].args)
        number = {i: i for i in range(self.offset)}
        program: list[Instruction] = []
        for index in sorted(alive):
            op, args, value = self.code[index - self.offset]
            number[index] = self.offset + len(program)
            program.append(Instruction(op, tuple(number[a] for a in args), value))
        return tuple(program), tuple(number[p] for p in outputs)
