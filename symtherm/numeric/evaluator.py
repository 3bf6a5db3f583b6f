"""Fast NumPy functions from symbolic programs: a three-address tape run chunk by chunk.

An expression, or a structured program (a chain of named definitions), is lowered once to a tape
of two-operand instructions with common subexpressions shared. A call runs the tape over chunks
small enough for the second-level cache, in a register file that is reused as soon as an operand
is dead, each instruction writing in place (``out=``). What does not vary is computed once, and
what varies along few axes is computed on those axes only.

Why not ``lambdify``: it makes one full-size temporary per operation, which is bound by memory
bandwidth, it loses digits in exp(x) - 1, and it executes generated source text.

Digits. Rewritten while lowering, exactly and for all real x:
    exp(x) - 1 -> expm1(x)      log(1 + x) -> log1p(x)      log(1 + exp(x)) -> logaddexp(0, x)
    exp(x)/(exp(x) - 1) -> -1/expm1(-x)                     exp(x)/(exp(x) + 1) -> 1/(1 + exp(-x))
so a Bose occupation 1/(exp(x) - 1) is accurate to an ulp or two for small x as for large, and
neither occupation overflows to nan.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import sympy

from symtherm.errors import BadExpression, OutsideClosedForm, UnknownSymbol
from symtherm.exact.balls import walk

__all__ = ["Evaluator", "Instruction", "evaluator"]

CHUNK = 16384  # doubles per register: 128 KiB, so about ten fit a second-level cache
CSE_NODES = 1500  # above this many nodes common sub-sums are not searched for (it is quadratic)


class Instruction(NamedTuple):
    """One operation: its name, the positions of its operands, and the value of a constant.

    Position k < number of parameters is a parameter, beyond that an earlier instruction.

    >>> Instruction("add", (0, 1))
    Instruction(op='add', args=(0, 1), value=0.0)
    """

    op: str
    args: tuple[int, ...]
    value: float = 0.0


def _log1pexp(x: float) -> float:
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


class _Operation(NamedTuple):
    array: Any
    scalar: Callable[..., float]
    text: str


def _softplus(x: Any, out: Any = None) -> Any:
    return np.logaddexp(0.0, x, out=out)


_OPERATIONS: dict[str, _Operation] = {
    "add": _Operation(np.add, operator.add, "{} + {}"),
    "sub": _Operation(np.subtract, operator.sub, "{} - {}"),
    "mul": _Operation(np.multiply, operator.mul, "{} * {}"),
    "div": _Operation(np.divide, operator.truediv, "{} / {}"),
    "pow": _Operation(np.power, math.pow, "{} ** {}"),
    "max": _Operation(np.maximum, max, "maximum({}, {})"),
    "min": _Operation(np.minimum, min, "minimum({}, {})"),
    "neg": _Operation(np.negative, operator.neg, "-{}"),
    "abs": _Operation(np.abs, abs, "abs({})"),
    "sqrt": _Operation(np.sqrt, math.sqrt, "sqrt({})"),
    "exp": _Operation(np.exp, math.exp, "exp({})"),
    "expm1": _Operation(np.expm1, math.expm1, "expm1({})"),
    "log": _Operation(np.log, math.log, "log({})"),
    "log1p": _Operation(np.log1p, math.log1p, "log1p({})"),
    "log1pexp": _Operation(_softplus, _log1pexp, "logaddexp(0, {})"),
    "tanh": _Operation(np.tanh, math.tanh, "tanh({})"),
    "cosh": _Operation(np.cosh, math.cosh, "cosh({})"),
    "sinh": _Operation(np.sinh, math.sinh, "sinh({})"),
    "atanh": _Operation(np.arctanh, math.atanh, "arctanh({})"),
    "acosh": _Operation(np.arccosh, math.acosh, "arccosh({})"),
    "asinh": _Operation(np.arcsinh, math.asinh, "arcsinh({})"),
    "sin": _Operation(np.sin, math.sin, "sin({})"),
    "cos": _Operation(np.cos, math.cos, "cos({})"),
}

_DIRECT: dict[Any, str] = {
    sympy.exp: "exp",
    sympy.log: "log",
    sympy.tanh: "tanh",
    sympy.cosh: "cosh",
    sympy.sinh: "sinh",
    sympy.atanh: "atanh",
    sympy.acosh: "acosh",
    sympy.asinh: "asinh",
    sympy.sin: "sin",
    sympy.cos: "cos",
    sympy.Abs: "abs",
}
_RECIPROCAL: dict[Any, str] = {sympy.coth: "tanh", sympy.sech: "cosh", sympy.csch: "sinh"}


# --- lowering -----------------------------------------------------------------------------------


class _Tape:
    """A list of instructions in which equal instructions are one (value numbering).

    The smart constructors push signs outwards and recognise the patterns of the module docstring
    on the graph, so they see through named definitions and shared subexpressions.
    """

    def __init__(self, parameters: int) -> None:
        self.offset = parameters
        self.code: list[Instruction] = []
        self.known: dict[Instruction, int] = {}

    def at(self, index: int) -> Instruction | None:
        return self.code[index - self.offset] if index >= self.offset else None

    def constant_at(self, index: int) -> float | None:
        found = self.at(index)
        return found.value if found is not None and found.op == "const" else None

    def operand(self, op: str, index: int) -> int | None:
        """x if ``index`` is op(x)."""
        found = self.at(index)
        return found.args[0] if found is not None and found.op == op else None

    def emit(self, instruction: Instruction) -> int:
        index = self.known.get(instruction)
        if index is None:
            index = self.offset + len(self.code)
            self.code.append(instruction)
            self.known[instruction] = index
        return index

    def constant(self, value: float) -> int:
        return self.emit(Instruction("const", (), value))

    def apply(self, op: str, *args: int) -> int:
        values = [self.constant_at(arg) for arg in args]
        if all(value is not None for value in values):
            try:
                return self.constant(float(_OPERATIONS[op].scalar(*values)))
            except (ArithmeticError, ValueError):
                pass  # left to run time, where it gives inf or nan
        if op in ("add", "mul"):
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
        if self.constant_at(x) == 1.0:
            out = y
        elif self.constant_at(y) == 1.0:
            out = x
        else:
            out = self.apply("mul", x, y)
        return self.neg(out) if minus_x != minus_y else out

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


def _lower(
    roots: Sequence[Any], names: Mapping[Any, int], definitions: Mapping[Any, Any]
) -> tuple[_Tape, list[int]]:
    """The tape and the positions of the roots; definitions are lowered when first met."""
    tape = _Tape(len(names))
    resolved: dict[Any, int] = dict(names)

    def visit(node: Any, done: list[int]) -> int:
        func = node.func
        if node.is_Symbol:
            return resolved[node]
        if func is sympy.Add:
            return tape.sum(done)
        if func is sympy.Mul:
            factors = []
            for arg, index in zip(node.args, done, strict=True):
                if arg.is_Pow and arg.exp.is_Integer and arg.exp.is_negative:
                    factors.append((lowered[arg.base], int(arg.exp)))
                elif arg.is_Symbol:
                    # Shared: 1/x exists anyway, and a product is cheaper than a second division.
                    factors.append((index, 1))
                else:
                    factors.append(_as_reciprocal(tape, index))
            return tape.quotient(factors)
        if func is sympy.Pow:
            return _power(tape, node, done)
        if node.is_Rational:
            # Integer true division is correctly rounded whatever the sizes.
            return tape.constant(int(node.p) / int(node.q))
        if node.is_Float or node.is_NumberSymbol:
            return tape.constant(float(node))
        if func in _RECIPROCAL:
            return tape.div(tape.constant(1.0), tape.apply(_RECIPROCAL[func], done[0]))
        if func is sympy.log and len(done) == 1:
            return tape.log(done[0])
        if func in (sympy.Max, sympy.Min):
            name, total = ("max" if func is sympy.Max else "min"), done[0]
            for other in done[1:]:
                total = tape.apply(name, total, other)
            return total
        if func in _DIRECT:
            return tape.apply(_DIRECT[func], done[0])
        raise OutsideClosedForm(
            "a NumPy function of an expression",
            found=str(node)[:120],
            advice="use rationals, powers, exp, log and hyperbolic functions of real symbols",
        )

    lowered: dict[Any, int] = {}

    def remember(node: Any, done: list[int]) -> int:
        lowered[node] = visit(node, done)
        return lowered[node]

    for symbol, expr in definitions.items():
        resolved[symbol] = walk([expr], remember)[0]
    return tape, walk(roots, remember)


def _as_reciprocal(tape: _Tape, index: int) -> tuple[int, int]:
    """A factor that was lowered to 1/x joins the denominator, so only one division is made."""
    opened = tape.reciprocal_of(index)
    return (index, 1) if opened is None else (opened, -1)


def _power(tape: _Tape, node: Any, done: list[int]) -> int:
    exponent = node.args[1]
    if exponent.is_Integer:
        return tape.quotient([(done[0], int(exponent))])
    if exponent.is_Rational and exponent.q == 2:
        # x^(p/2) = sqrt(x)^p; sqrt is correctly rounded, pow is not.
        return tape.quotient([(tape.apply("sqrt", done[0]), int(exponent.p))])
    return tape.apply("pow", done[0], done[1])


def _program(
    roots: list[Any], definitions: list[tuple[Any, Any]]
) -> tuple[list[Any], list[tuple[Any, Any]]]:
    """Extracts shared sub-sums and sub-products, keeping every assignment after what it uses."""
    exprs = [expr for _, expr in definitions] + roots
    if sum(1 for _ in _limited_nodes(exprs, CSE_NODES + 1)) > CSE_NODES:
        return roots, definitions
    shared, reduced = sympy.cse(exprs, symbols=(sympy.Dummy(f"x{i}") for i in _count()))
    pending: dict[Any, Any] = dict(shared)
    pending.update((symbol, expr) for (symbol, _), expr in zip(definitions, reduced, strict=False))
    ordered: dict[Any, Any] = {}
    for start in list(pending):
        stack = [start]
        while stack:
            symbol = stack[-1]
            missing = [
                s
                for s in pending[symbol].free_symbols
                if s in pending and s not in ordered and s != symbol
            ]
            if symbol in ordered or not missing:
                ordered.setdefault(symbol, pending[symbol])
                stack.pop()
            else:
                stack.extend(missing)
    return list(reduced[len(definitions) :]), list(ordered.items())


def _count() -> Iterator[int]:
    number = 0
    while True:
        yield number
        number += 1


def _limited_nodes(exprs: Sequence[Any], limit: int) -> Iterator[Any]:
    seen: set[Any] = set()
    stack = list(exprs)
    while stack and len(seen) < limit:
        node = stack.pop()
        if node not in seen:
            seen.add(node)
            stack.extend(node.args)
            yield node


# --- the evaluator ------------------------------------------------------------------------------


class _Move(NamedTuple):
    """One scheduled instruction: kernel, operands, and where its result goes.

    ``home`` is (register class, slot), or None for a result written straight into an output.
    """

    kernel: Any
    args: tuple[int, ...]
    target: int
    home: tuple[tuple[bool, ...], int] | None


class _Schedule(NamedTuple):
    fixed: tuple[int, ...]  # hoisted: run once per call
    moves: tuple[_Move, ...]  # run once per chunk
    registers: dict[tuple[bool, ...], int]


@dataclass(frozen=True, slots=True)
class Evaluator:
    """A vectorised float64 function of named parameters. Made by :func:`evaluator`.

    ``parameters``: names in positional order. ``program``: the tape. ``outputs``: positions of
    the results. ``shape``: "scalar", "tuple" or "mapping", with ``keys`` for a mapping.

    Calling it with numbers gives Python floats; with arrays, float64 arrays of the broadcast
    shape (every output has it). Floating-point exceptions give inf or nan silently. Quantities
    have the units of the expressions.

    Raises UnknownSymbol for a missing or unknown parameter. Pickles as its program.

    >>> import sympy
    >>> f = evaluator(sympy.exp(sympy.Symbol("x")) - 1)
    >>> f(x=0.0), f.parameters
    (0.0, ('x',))
    """

    parameters: tuple[str, ...]
    program: tuple[Instruction, ...]
    outputs: tuple[int, ...]
    shape: str
    keys: tuple[str, ...] = ()
    _cache: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)

    def __reduce__(self) -> tuple[Any, ...]:
        return Evaluator, (self.parameters, self.program, self.outputs, self.shape, self.keys)

    @property
    def source(self) -> str:
        """The tape as readable Python text (for reading; it is not what runs).

        >>> import sympy
        >>> print(evaluator(1 / (sympy.exp(sympy.Symbol("x")) - 1)).source)
        def f(x):
            t0 = expm1(x)
            t1 = 1.0 / t0
            return t1
        """
        names = list(self.parameters)
        lines = [f"def f({', '.join(names)}):"]
        for instruction in self.program:
            if instruction.op == "const":
                names.append(repr(instruction.value))
                continue
            name = f"t{len(lines) - 1}"
            body = _OPERATIONS[instruction.op].text.format(*(names[a] for a in instruction.args))
            lines.append(f"    {name} = {body}")
            names.append(name)
        results = [names[i] for i in self.outputs]
        if self.shape == "mapping":
            pairs = ", ".join(f"{k!r}: {v}" for k, v in zip(self.keys, results, strict=True))
            lines.append(f"    return {{{pairs}}}")
        elif self.shape == "tuple":
            lines.append(f"    return ({', '.join(results)},)")
        else:
            lines.append(f"    return {results[0]}")
        return "\n".join(lines)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        values = self._bind(args, kwargs)
        if all(isinstance(value, (float, int)) for value in values):
            results = self._run_scalars([float(value) for value in values])
        else:
            arrays = [np.asarray(value, dtype=np.float64) for value in values]
            if all(array.ndim == 0 for array in arrays):
                results = self._run_scalars([float(array) for array in arrays])
            else:
                with np.errstate(all="ignore"):
                    results = self._run_arrays(arrays)
        if self.shape == "scalar":
            return results[0]
        if self.shape == "tuple":
            return tuple(results)
        return dict(zip(self.keys, results, strict=True))

    def _bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[Any]:
        names = self.parameters
        # The usual call, all keywords, costs one lookup per parameter.
        if not args and len(kwargs) == len(names):
            try:
                return [kwargs[name] for name in names]
            except KeyError:
                pass
        if len(args) > len(names):
            raise UnknownSymbol(
                f"a function of {len(names)} parameters",
                found=f"{len(args)} positional arguments",
                advice="parameters in order: " + ", ".join(names),
            )
        bound = dict(zip(names, args, strict=False))
        for name, value in kwargs.items():
            if name not in names or name in bound:
                raise UnknownSymbol(
                    f"the parameter {name}",
                    found="given twice" if name in bound else "not a parameter of this function",
                    advice="parameters: " + ", ".join(names),
                )
            bound[name] = value
        for name in names:
            if name not in bound:
                raise UnknownSymbol(
                    f"a value of the parameter {name}",
                    found="none",
                    advice="parameters: " + ", ".join(names),
                )
        return [bound[name] for name in names]

    # --- scalars: plain Python floats, about 60 ns an instruction

    def _run_scalars(self, values: list[float]) -> list[Any]:
        code = self._cache.get("scalar")
        if code is None:
            code = tuple(
                (None, i.value, None)
                if i.op == "const"
                else (_OPERATIONS[i.op].scalar, i.args[0], i.args[1] if len(i.args) > 1 else None)
                for i in self.program
            )
            self._cache["scalar"] = code
        registers = list(values)
        push = registers.append
        try:
            for function, a, b in code:
                if function is None:
                    push(a)
                elif b is None:
                    push(function(registers[a]))
                else:
                    push(function(registers[a], registers[b]))
        except (ArithmeticError, ValueError):
            # Python raises where IEEE 754 has inf or nan: run again by IEEE rules.
            with np.errstate(all="ignore"):
                registers = self._run_ieee(values)
        return [registers[i] for i in self.outputs]

    def _run_ieee(self, values: list[float]) -> list[float]:
        registers: list[Any] = [np.float64(value) for value in values]
        for instruction in self.program:
            if instruction.op == "const":
                registers.append(np.float64(instruction.value))
            else:
                kernel = _OPERATIONS[instruction.op].array
                registers.append(kernel(*(registers[a] for a in instruction.args)))
        return [float(value) for value in registers]

    # --- arrays

    def _run_arrays(self, arrays: list[npt.NDArray[np.float64]]) -> list[Any]:
        shape = np.broadcast_shapes(*(array.shape for array in arrays))
        results = [np.empty(shape) for _ in self.outputs]
        if 0 in shape:
            return results
        compact, operands = _merge_axes(shape, arrays)
        schedule = self._scheduled(compact, [_pattern(o.shape) for o in operands])
        slots: list[Any] = [*operands, *[None] * len(self.program)]
        offset = len(operands)
        for index in schedule.fixed:
            instruction = self.program[index - offset]
            if instruction.op == "const":
                slots[index] = np.full((1,) * len(compact), instruction.value)
            else:
                kernel = _OPERATIONS[instruction.op].array
                slots[index] = kernel(*(slots[a] for a in instruction.args))
        flat = [result.reshape(compact) for result in results]
        self._run_chunks(schedule, compact, slots, flat)
        return results

    def _run_chunks(
        self,
        schedule: _Schedule,
        shape: tuple[int, ...],
        slots: list[Any],
        results: list[npt.NDArray[np.float64]],
    ) -> None:
        width = min(CHUNK, math.prod(shape))
        files = {
            pattern: [np.empty(width) for _ in range(count)]
            for pattern, count in schedule.registers.items()
        }
        # Computed outputs are written in place once; repeats, inputs and constants are copied.
        direct: dict[int, int] = {}
        copies: list[tuple[int, int]] = []
        in_place = {move.target for move in schedule.moves if move.home is None}
        for k, index in enumerate(self.outputs):
            if index in in_place and index not in direct:
                direct[index] = k
            else:
                copies.append((k, index))
        steady = [i for i, slot in enumerate(slots) if slot is not None]
        whole = {i: slots[i] for i in steady}
        varying = [i for i in steady if any(_pattern(whole[i].shape))]
        bound: list[tuple[Any, int, int, int, Any]] = []
        bound_size: tuple[int, ...] = ()
        for place, size in _chunks(shape):
            if size != bound_size:
                bound, bound_size = _bind_registers(schedule, files, size), size
            for i in varying:
                slots[i] = whole[i][_restrict(place, whole[i].shape)]
            # The inner loop: everything that can be looked up beforehand has been.
            for kernel, a, b, target, out in bound:
                if out is None:
                    out = results[direct[target]][place]
                if b < 0:
                    kernel(slots[a], out)
                else:
                    kernel(slots[a], slots[b], out)
                slots[target] = out
            for k, index in copies:
                results[k][place] = slots[index]

    def _scheduled(self, shape: tuple[int, ...], patterns: list[tuple[bool, ...]]) -> _Schedule:
        small = tuple(
            math.prod(n for n, varies in zip(shape, pattern, strict=True) if varies) <= CHUNK // 2
            for pattern in patterns
        )
        key = (tuple(patterns), shape if len(shape) > 1 else small)
        schedule = self._cache.get(key)
        if schedule is None:
            if len(self._cache) > 32:
                self._cache.clear()
            schedule = self._schedule(shape, patterns)
            self._cache[key] = schedule
        found: _Schedule = schedule
        return found

    def _schedule(self, shape: tuple[int, ...], patterns: list[tuple[bool, ...]]) -> _Schedule:
        """Splits the tape into hoisted and per-chunk parts and allocates registers.

        A value varies along the axes its operands vary along. Values that do not vary along all
        axes and fit half a chunk are hoisted (so no temporary exceeds a chunk). Registers are
        freed at the last use, before the result is placed: element-wise kernels may overwrite an
        operand of the same shape.
        """
        offset = len(patterns)
        vary = list(patterns)
        fixed: list[int] = []
        moving: list[int] = []
        for k, instruction in enumerate(self.program):
            pattern = tuple(
                any(vary[a][axis] for a in instruction.args) for axis in range(len(shape))
            )
            vary.append(pattern)
            size = math.prod(n for n, varies in zip(shape, pattern, strict=True) if varies)
            constant_inputs = all(a < offset or a in set(fixed) for a in instruction.args)
            if not all(pattern) and size <= CHUNK // 2 and constant_inputs:
                fixed.append(offset + k)
            else:
                moving.append(offset + k)
        last: dict[int, int] = {}
        for index in moving:
            for arg in self.program[index - offset].args:
                last[arg] = index
        kept = set(self.outputs)
        free: dict[tuple[bool, ...], list[int]] = {}
        count: dict[tuple[bool, ...], int] = {}
        home: dict[int, tuple[tuple[bool, ...], int]] = {}
        moves: list[_Move] = []
        for index in moving:
            instruction = self.program[index - offset]
            for arg in set(instruction.args):
                if arg in home and last[arg] == index and arg not in kept:
                    pattern, slot = home[arg]
                    free.setdefault(pattern, []).append(slot)
            place: tuple[tuple[bool, ...], int] | None = None
            # A full-size output is its own register; others need one and are copied at the end.
            if index not in kept or not all(vary[index]):
                pattern = vary[index]
                spare = free.setdefault(pattern, [])
                if spare:
                    slot = spare.pop()
                else:
                    slot = count.get(pattern, 0)
                    count[pattern] = slot + 1
                place = home[index] = (pattern, slot)
            kernel = _OPERATIONS[instruction.op].array
            moves.append(_Move(kernel, instruction.args, index, place))
        return _Schedule(tuple(fixed), tuple(moves), count)


def _bind_registers(
    schedule: _Schedule,
    files: Mapping[tuple[bool, ...], list[npt.NDArray[np.float64]]],
    size: tuple[int, ...],
) -> list[tuple[Any, int, int, int, Any]]:
    """(kernel, operand, operand or -1, target, register view or None) for one block shape."""
    bound = []
    for kernel, args, target, home in schedule.moves:
        out = None
        if home is not None:
            pattern, slot = home
            block = tuple(n if varies else 1 for n, varies in zip(size, pattern, strict=True))
            out = files[pattern][slot][: math.prod(block)].reshape(block)
        bound.append((kernel, args[0], args[1] if len(args) > 1 else -1, target, out))
    return bound


def _pattern(shape: tuple[int, ...]) -> tuple[bool, ...]:
    return tuple(n > 1 for n in shape)


def _merge_axes(
    shape: tuple[int, ...], arrays: list[npt.NDArray[np.float64]]
) -> tuple[tuple[int, ...], list[npt.NDArray[np.float64]]]:
    """Drops axes of length 1 and joins neighbours along which the same operands vary.

    Equal shapes become one long axis. Non-contiguous inputs are copied once.
    """
    rank = len(shape)
    padded = [array.reshape((1,) * (rank - array.ndim) + array.shape) for array in arrays]
    groups: list[list[int]] = []
    for axis in range(rank):
        if shape[axis] == 1:
            continue
        if groups and all(
            (array.shape[axis] > 1) == (array.shape[groups[-1][-1]] > 1) for array in padded
        ):
            groups[-1].append(axis)
        else:
            groups.append([axis])
    if not groups:
        groups = [[]]
    compact = tuple(math.prod(shape[axis] for axis in group) for group in groups)
    operands = [
        np.ascontiguousarray(array).reshape(
            tuple(math.prod(array.shape[axis] for axis in group) for group in groups)
        )
        for array in padded
    ]
    return compact, operands


def _chunks(shape: tuple[int, ...]) -> Iterator[tuple[tuple[slice, ...], tuple[int, ...]]]:
    """Blocks of at most CHUNK elements covering ``shape``, as slices and block shapes.

    Trailing axes that fit are taken whole, one axis is cut, the axes before it go one by one.
    """
    cut, inner = len(shape) - 1, 1
    while cut > 0 and inner * shape[cut] <= CHUNK:
        inner *= shape[cut]
        cut -= 1
    step = max(1, CHUNK // inner)
    tail = tuple(slice(0, n) for n in shape[cut + 1 :])
    for outer in np.ndindex(*shape[:cut]):
        head = tuple(slice(i, i + 1) for i in outer)
        for low in range(0, shape[cut], step):
            high = min(low + step, shape[cut])
            size = (1,) * cut + (high - low,) + shape[cut + 1 :]
            yield (*head, slice(low, high), *tail), size


def _restrict(place: tuple[slice, ...], shape: tuple[int, ...]) -> tuple[slice, ...]:
    return tuple(s if n > 1 else slice(None) for s, n in zip(place, shape, strict=True))


# --- the public verb ----------------------------------------------------------------------------


def evaluator(
    outputs: sympy.Expr | Sequence[sympy.Expr] | Mapping[str, sympy.Expr],
    parameters: Sequence[sympy.Symbol] | None = None,
    *,
    definitions: Sequence[tuple[sympy.Symbol, sympy.Expr]] = (),
) -> Evaluator:
    """A NumPy function of one expression, a sequence, or a mapping of them.

    ``parameters``: symbols in positional order; by default the free symbols sorted by name.
    ``definitions``: a structured program; each (symbol, expression) may use earlier symbols and
    is computed once, never expanded.

    The result is called with one keyword per parameter, ``f(omega_h=..., T_h=...)``, or
    positionally; arrays broadcast. One expression gives an array (or float), a sequence a tuple,
    a mapping a dict.

    Raises UnknownSymbol for a symbol that is neither a parameter nor defined before its use,
    BadExpression for two parameters of one name, OutsideClosedForm for complex values and
    functions without a kernel.

    >>> import sympy
    >>> w, T, n = sympy.symbols("w T n", positive=True)
    >>> f = evaluator({"heat": w * n, "n": n}, definitions=[(n, 1 / (sympy.exp(w / T) - 1))])
    >>> f(w=1e-9, T=1.0)["heat"]
    0.9999999995
    """
    shape = "scalar"
    keys: tuple[str, ...] = ()
    if isinstance(outputs, Mapping):
        shape, keys = "mapping", tuple(str(key) for key in outputs)
        roots = [sympy.S(value) if isinstance(value, int) else value for value in outputs.values()]
    elif isinstance(outputs, (tuple, list)):
        shape = "tuple"
        roots = [sympy.S(value) if isinstance(value, int) else value for value in outputs]
    else:
        roots = [sympy.S(outputs) if isinstance(outputs, int) else outputs]
    chain = list(definitions)
    defined = {symbol for symbol, _ in chain}
    free: set[Any] = set()
    earlier: set[Any] = set()
    for symbol, expr in [*chain, *((None, root) for root in roots)]:
        early = (expr.free_symbols & defined) - earlier
        if early:
            raise UnknownSymbol(
                f"the definition of {symbol}",
                found="it uses " + ", ".join(sorted(map(str, early))) + " before its definition",
                advice="order the definitions so that each uses earlier ones only",
            )
        free |= expr.free_symbols - defined
        earlier.add(symbol)
    ordered = sorted(free, key=str) if parameters is None else list(parameters)
    unknown = free - set(ordered)
    if unknown:
        raise UnknownSymbol(
            "a function of " + ", ".join(map(str, ordered)),
            found="the symbols " + ", ".join(sorted(map(str, unknown))),
            advice="add them to the parameters, or define them",
        )
    names = tuple(str(symbol) for symbol in ordered)
    if len(set(names)) != len(names):
        raise BadExpression(
            "parameters with different names",
            found=", ".join(names),
            advice="two symbols of one name with different assumptions are different symbols",
        )
    roots, chain = _program(roots, chain)
    tape, positions = _lower(roots, {s: i for i, s in enumerate(ordered)}, dict(chain))
    program, places = _prune(tape, positions)
    return Evaluator(names, program, places, shape, keys)


def _prune(tape: _Tape, positions: list[int]) -> tuple[tuple[Instruction, ...], tuple[int, ...]]:
    """Drops instructions no output depends on and renumbers the rest."""
    offset = tape.offset
    alive: set[int] = set()
    stack = list(positions)
    while stack:
        index = stack.pop()
        if index >= offset and index not in alive:
            alive.add(index)
            stack.extend(tape.code[index - offset].args)
    number = {i: i for i in range(offset)}
    program: list[Instruction] = []
    for index in sorted(alive):
        op, args, value = tape.code[index - offset]
        number[index] = offset + len(program)
        program.append(Instruction(op, tuple(number[a] for a in args), value))
    return tuple(program), tuple(number[p] for p in positions)
