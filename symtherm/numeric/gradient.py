"""Exact derivatives of tapes: forward mode, one tangent per instruction.

Products with small and large factors are ordered so that no step over- or underflows where the
result does not: (1/y)' = -((1/y) y')/y. Rounding errors (``mulerr``, ``residual``)
have derivative zero.
"""

from __future__ import annotations

from collections.abc import Sequence

from symtherm.numeric.tape import Instruction, Tape

__all__ = ["derivative"]


def derivative(
    parameters: int, program: Sequence[Instruction], outputs: Sequence[int], by: int
) -> tuple[tuple[Instruction, ...], tuple[int, ...]]:
    """The program of the derivatives of the outputs with respect to parameter number ``by``.

    >>> square = [Instruction("mul", (0, 0))]
    >>> code, places = derivative(1, square, [1], 0)
    >>> [step.op for step in code]
    ['add']
    """
    tape = _Tangents(parameters)
    for step in program:
        tape.code.append(step)
        tape.known.setdefault(step, tape.offset + len(tape.code) - 1)
    tangents: list[int | None] = [None] * parameters
    tangents[by] = tape.constant(1.0)
    for number, step in enumerate(program, parameters):
        tangents.append(tape.tangent(step, number, [tangents[a] for a in step.args]))
    zero = tape.constant(0.0)
    found = [tangents[index] for index in outputs]
    return tape.pruned([zero if t is None else t for t in found])


_CONSTANT = ("const", "mulerr", "residual", "high", "inside")


class _Tangents(Tape):
    """A tape with the rules of differentiation; None stands for a tangent of zero."""

    def tangent(self, step: Instruction, value: int, tangents: list[int | None]) -> int | None:
        if all(t is None for t in tangents) or step.op in (
            "const",
            "mulerr",
            "residual",
            "high",
            "inside",
        ):
            return None
        x = step.args[0]
        if len(step.args) == 2:
            return self._binary(step.op, x, step.args[1], value, *tangents)
        (dx,) = tangents
        assert dx is not None
        return self._unary(step.op, x, value, dx)

    def plus(self, a: int | None, b: int | None, sign: str = "add") -> int | None:
        if a is None:
            return b if b is None or sign == "add" else self.neg(b)
        return a if b is None else self.apply(sign, a, b)

    def times(self, a: int | None, b: int) -> int | None:
        return None if a is None else self.mul(a, b)

    def _binary(
        self, op: str, x: int, y: int, v: int, dx: int | None, dy: int | None
    ) -> int | None:
        if op in ("add", "sub"):
            return self.plus(dx, dy, op)
        if op == "mul":
            return self.plus(self.times(dx, y), self.times(dy, x))
        if op == "div":
            top = self.plus(dx, self.times(dy, v), "sub")
            return None if top is None else self.div(top, y)
        if op in ("max", "min"):
            a, b = (x, y) if op == "max" else (y, x)
            half = self.constant(0.5)
            first = self.apply("add", self.apply("copysign", half, self.apply("sub", a, b)), half)
            second = self.apply("sub", self.constant(1.0), first)
            return self.plus(self.times(dx, first), self.times(dy, second))
        if op == "copysign":
            return self.times(self.times(dx, self.sign(x)), self.sign(y))
        # pow: v (y x'/x + y' ln x)
        left = None if dx is None else self.div(self.mul(y, dx), x)
        total = self.plus(left, self.times(dy, self.apply("log", x)))
        return self.times(total, v)

    def sign(self, x: int) -> int:
        return self.apply("copysign", self.constant(1.0), x)

    def _unary(self, op: str, x: int, v: int, dx: int) -> int:
        apply, one = self.apply, self.constant(1.0)
        if op == "neg":
            return self.neg(dx)
        if op == "abs":
            return self.mul(dx, self.sign(x))
        if op == "sqrt":
            return self.div(dx, apply("add", v, v))
        if op == "exp":
            return self.mul(dx, v)
        if op == "expm1":
            return self.mul(dx, apply("add", v, one))
        if op == "log":
            return self.div(dx, x)
        if op == "log1p":
            return self.div(dx, apply("add", one, x))
        if op == "log1pexp":  # 1/(1 + e^-x)
            return self.div(dx, apply("add", one, apply("exp", self.neg(x))))
        if op in ("sin", "cos"):
            other = apply("cos" if op == "sin" else "sin", x)
            return self.mul(dx, other if op == "sin" else self.neg(other))
        if op in ("sinh", "cosh"):
            return self.mul(dx, apply("cosh" if op == "sinh" else "sinh", x))
        if op == "tanh":
            cosh = apply("cosh", x)
            return self.div(self.div(dx, cosh), cosh)
        square = apply("mul", x, x)
        if op == "atanh":
            return self.div(dx, apply("sub", one, square))
        inner = apply("sub" if op == "acosh" else "add", square, one)
        return self.div(dx, apply("sqrt", inner))
