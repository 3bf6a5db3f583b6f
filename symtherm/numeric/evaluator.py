"""Fast NumPy functions from symbolic programs: a three-address tape run chunk by chunk.

An expression, or a structured program (a chain of named definitions), is lowered once to a tape
of two-operand instructions with common subexpressions shared
(:mod:`symtherm.numeric.lowering`, :mod:`symtherm.numeric.tape`). A call runs the tape over chunks
small enough for the second-level cache (:mod:`symtherm.numeric.chunks`).

Why not ``lambdify``: it makes one full-size temporary per operation, which is bound by memory
bandwidth, it loses digits in exp(x) - 1, and it executes generated source text.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import sympy

from symtherm.errors import (
    BadExpression,
    DimensionMismatch,
    UnknownSymbol,
    WrongArgument,
    kind_of,
    require,
)
from symtherm.exact.scalar import scalar
from symtherm.numeric.arguments import as_arrays, bound, require_domain, row_type
from symtherm.numeric.chunks import CHUNK, run_arrays
from symtherm.numeric.compiled import library, run_compiled
from symtherm.numeric.csource import c_source
from symtherm.numeric.expanded import expanded
from symtherm.numeric.forms import opened
from symtherm.numeric.generic import namespace, run_generic
from symtherm.numeric.gradient import derivative
from symtherm.numeric.guard import guarded
from symtherm.numeric.lazy import lazy_result
from symtherm.numeric.lowering import lowered_tape, shared_program
from symtherm.numeric.precise import Rewriter
from symtherm.numeric.scalars import scalar_function
from symtherm.numeric.tape import OPERATIONS, Instruction, Tape

__all__ = ["CHUNK", "Evaluator", "Instruction", "evaluator"]


BACKENDS = ("numpy", "c", "array_api")


@dataclass(frozen=True, slots=True)
class Evaluator:
    """A vectorised float64 function of named parameters. Made by :func:`evaluator`.

    ``parameters``: names in positional order. ``program``: the tape. ``outputs``: positions of
    the results. ``shape``: "scalar", "tuple", "mapping" or "named", with ``keys`` for the last two.

    Calling it with numbers gives Python floats; with arrays, float64 arrays of the broadcast
    shape (every output has it). One mapping from names or symbols to values will do as well.
    Floating-point exceptions give inf or nan silently. Quantities have the units of the
    expressions.

    Raises UnknownSymbol for a missing or unknown parameter, BadExpression for a value that is no
    real number, DimensionMismatch for arrays that do not broadcast. Pickles as its program.

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
    backend: str = "numpy"
    positive: tuple[int, ...] = ()
    outside: str = "nan"
    _cache: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)
    _schedules: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)

    def __reduce__(self) -> tuple[Any, ...]:
        program = tuple(self.program)
        parts: tuple[Any, ...] = (
            self.parameters,
            program,
            self.outputs,
            self.shape,
            self.keys,
            self.backend,
        )
        parts = (*parts, self.positive, self.outside)
        return Evaluator, parts

    def __repr__(self) -> str:
        result = {"scalar": "one value", "tuple": f"a tuple of {len(self.outputs)}"}
        kind = "a named tuple of " if self.shape == "named" else "a dict of "
        found = result.get(self.shape) or kind + ", ".join(self.keys)
        return f"Evaluator of {', '.join(self.parameters) or 'nothing'}, gives {found}"

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
            body = OPERATIONS[instruction.op].text.format(*(names[a] for a in instruction.args))
            lines.append(f"    {name} = {body}")
            names.append(name)
        results = [names[i] for i in self.outputs]
        if self.shape == "mapping":
            pairs = ", ".join(f"{k!r}: {v}" for k, v in zip(self.keys, results, strict=True))
            lines.append(f"    return {{{pairs}}}")
        elif self.shape != "scalar":
            lines.append(f"    return ({', '.join(results)},)")
        else:
            lines.append(f"    return {results[0]}")
        return "\n".join(lines)

    def __call__(self, *args: Any, out: Any = None, **kwargs: Any) -> Any:
        if not args and out is None:
            found = self._single(kwargs)
            if found is not None:
                return found
        if len(args) == 1 and isinstance(args[0], Mapping):
            kwargs = {**{str(key): value for key, value in args[0].items()}, **kwargs}
            args = ()
        values = bound(self.parameters, args, kwargs)
        if all(isinstance(value, (float, int)) for value in values):
            if self.outside == "error":
                require_domain(self.parameters, self.positive, values)
            return self._shaped(self._run_scalars([float(value) for value in values]))
        if self.backend == "array_api":
            return self._shaped(self._run_generic(values))
        lazy = lazy_result(self, values)
        if lazy is not None:
            return lazy
        arrays = as_arrays(self.parameters, values)
        if self.outside == "error":
            require_domain(self.parameters, self.positive, arrays)
        if out is None and all(array.ndim == 0 for array in arrays):
            return self._shaped(self._run_scalars([float(array) for array in arrays]))
        shape = np.broadcast_shapes(*(array.shape for array in arrays))
        results = self._places(out, shape)
        if 0 not in shape:
            self._run_chunks(arrays, results)
        return self._shaped(results)

    def _single(self, kwargs: dict[str, Any]) -> Any:
        """The value at one point given by Python floats; None if it needs another path."""
        function = self._cache.get("scalar")
        if function is None or self.outside == "error":
            return None
        for value in kwargs.values():
            if type(value) is not float:
                return None
        try:
            found = function(**kwargs)
        except (TypeError, ArithmeticError, ValueError):
            return None
        for x in found:
            if x != x:
                return None
        for k in self.positive:
            if kwargs[self.parameters[k]] < 0:
                return None
        return self._shaped(found)

    def _shaped(self, results: Sequence[Any]) -> Any:
        if self.shape == "scalar":
            return results[0]
        if self.shape == "mapping":
            return dict(zip(self.keys, results, strict=True))
        return tuple(results) if self.shape == "tuple" else row_type(self.keys)(*results)

    def _places(self, out: Any, shape: tuple[int, ...]) -> list[Any]:
        """Where the outputs go: new arrays, or those of ``out`` in the shape of the result."""
        if out is None:
            return [np.empty(shape) for _ in self.outputs]
        given = [out] if self.shape == "scalar" else out
        if isinstance(given, Mapping):
            given = [given.get(key) for key in self.keys]
        given = list(given)
        for array in given:
            if (
                len(given) != len(self.outputs)
                or not isinstance(array, np.ndarray)
                or array.shape != shape
                or array.dtype != np.float64
                or not array.flags.c_contiguous
                or not array.flags.writeable
            ):
                raise DimensionMismatch(
                    f"out= with {len(self.outputs)} contiguous float64 arrays of shape {shape}",
                    found=f"{len(given)}, one of them {kind_of(array)}"
                    + (f" of shape {array.shape}" if isinstance(array, np.ndarray) else ""),
                    advice="make them with numpy.empty(shape)",
                )
        return given

    def grad(self, *names: str) -> Evaluator:
        """The exact derivatives with respect to parameters, by forward mode on the program.

        One name gives an evaluator of the same kind as this one; several, one of a mapping from
        names to derivatives (``"heat[h], T_h"`` for an evaluator of several outputs). Raises
        UnknownSymbol.

        >>> import sympy
        >>> T = sympy.Symbol("T", positive=True)
        >>> evaluator(sympy.exp(-1 / T)).grad("T")(T=0.5) == 4 * evaluator(sympy.exp(-1 / T))(T=0.5)
        True
        """
        for name in names:
            if name not in self.parameters:
                raise UnknownSymbol(
                    f"The derivative with respect to {name!r}",
                    found="not a parameter of this function",
                    advice="parameters: " + ", ".join(self.parameters),
                )
        count = len(self.parameters)
        if len(names) == 1:
            by = self.parameters.index(names[0])
            code, places = derivative(count, self.program, self.outputs, by)
            return replace(self, program=code, outputs=places, _cache={}, _schedules={})
        tape, ends, keys = Tape(count), [], []
        for name in names:
            by = self.parameters.index(name)
            code, places = derivative(count, self.program, self.outputs, by)
            moved = tape.append(code)
            ends += [moved[i] for i in places]
            of = self.keys or tuple(map(str, range(len(places))))
            keys += [name] if self.shape == "scalar" else [f"{key}, {name}" for key in of]
        code, places = tape.pruned(ends)
        return replace(
            self, program=code, outputs=places, shape="mapping", keys=tuple(keys),
            _cache={}, _schedules={},
        )  # fmt: skip

    # --- scalars: plain Python floats

    def _run_scalars(self, values: list[float]) -> Any:
        function = self._cache.get("scalar")
        if function is None:
            function = scalar_function(self.parameters, self.program, self.outputs)
            self._cache["scalar"] = function
        try:
            found = function(*values)
            inside = all(values[k] >= 0 for k in self.positive)
            if inside and not any(x != x for x in found):
                return found
        except (ArithmeticError, ValueError):
            pass
        if any(values[k] < 0 for k in self.positive):
            return [math.nan] * len(self.outputs)
        # Python raises where IEEE 754 has inf or nan, and the scalar code splits products in a
        # way that overflows above 1e300: run again by IEEE rules.
        with np.errstate(all="ignore"):
            registers = self._run_ieee(values)
        return [registers[i] for i in self.outputs]

    def _run_chunks(self, arrays: list[Any], results: list[Any]) -> None:
        """Fills ``results`` by the backend."""
        if self.backend == "c":
            run_compiled(self._library(), arrays, results)
            return
        plain = self._cache.get("plain")
        if plain is None:
            count = len(self.parameters)
            inside = guarded(count, self.program, self.outputs, self.positive)
            plain = self._cache["plain"] = expanded(count, *inside, masks=True)
        with np.errstate(all="ignore"):
            code, places = plain
            run_arrays(code, places, arrays, results, self._schedules)

    def _run_generic(self, values: list[Any]) -> list[Any]:
        xp = namespace(values)
        if xp is None:
            xp, values = np, as_arrays(self.parameters, values)
        plain = self._cache.get("generic")
        if plain is None:
            count = len(self.parameters)
            inside = guarded(count, self.program, self.outputs, self.positive)
            plain = self._cache["generic"] = expanded(count, *inside, masks=False)
        with np.errstate(all="ignore"):
            code, places = plain
            return run_generic(code, places, xp, values)

    def _library(self) -> Any:
        found = self._cache.get("c")
        if found is None:
            count = len(self.parameters)
            plain = guarded(count, self.program, self.outputs, self.positive)
            found = self._cache["c"] = library(c_source(count, *plain))
        return found

    def _run_ieee(self, values: list[float]) -> list[float]:
        registers: list[Any] = [np.float64(value) for value in values]
        for instruction in self.program:
            if instruction.op == "const":
                registers.append(np.float64(instruction.value))
            else:
                kernel = OPERATIONS[instruction.op].array
                registers.append(kernel(*(registers[a] for a in instruction.args)))
        return [float(value) for value in registers]


def evaluator(
    outputs: Any,
    parameters: Sequence[sympy.Symbol | str] | str | None = None,
    *,
    definitions: Sequence[tuple[sympy.Symbol, sympy.Expr]] = (),
    quantities: Sequence[str] | None = None,
    backend: str = "numpy",
    outside: str = "nan",
    named: bool = False,
    leaves: Sequence[sympy.Expr] = (),
) -> Evaluator:
    """A NumPy function of one expression, a sequence, or a mapping of them.

    A ledger or a model stands for the mapping of all its quantities (without an efficiency), as a
    function of all its parameters; a steady state, expanded or kept as a program, for populations
    and coherences (``population[g]``, ``re[u,l]``); a ``Program`` with the expressions of its
    ``leaves`` for its outputs. ``quantities`` picks some of these.

    ``parameters``: symbols (or their names) in positional order; by default the free symbols
    sorted by name. ``definitions``: a structured program; each (symbol, expression) may use earlier
    symbols and is computed once, never expanded.

    The result is called with one keyword per parameter, ``f(omega_h=..., T_h=...)``, or
    positionally; arrays broadcast. One expression gives an array (or float), a sequence a tuple,
    a mapping a dict, or a named tuple if ``named`` (``heat[h]`` is its field ``heat_h``). A
    parameter need not occur in the outputs.

    Raises UnknownSymbol for a symbol that is neither a parameter nor defined before its use,
    BadExpression for what is no exact scalar and for two parameters of one name, OutsideClosedForm
    for complex values and functions without a kernel.

    >>> import sympy
    >>> w, T, n = sympy.symbols("w T n", positive=True)
    >>> f = evaluator({"heat": w * n, "n": n}, definitions=[(n, 1 / (sympy.exp(w / T) - 1))])
    >>> f(w=1e-9, T=1.0)["heat"]
    0.9999999995
    """
    if backend not in BACKENDS or outside not in ("nan", "error"):
        raise WrongArgument(
            "An evaluator",
            found=f"backend={backend!r}, outside={outside!r}",
            advice=f'backends: {", ".join(BACKENDS)}; outside the domain: "nan" or "error"',
        )
    outputs, chain, known = opened(outputs, quantities, leaves)
    definitions = [*definitions, *chain]
    if parameters is None and known:
        parameters = known
    shape = "scalar"
    keys: tuple[str, ...] = ()
    if isinstance(outputs, Mapping):
        shape = "named" if named else "mapping"
        keys = tuple(str(key) for key in outputs)
        given = list(outputs.values())
    elif isinstance(outputs, (tuple, list)):
        shape, given = "tuple", list(outputs)
    else:
        given = [outputs]
    roots = [_output(value) for value in given]
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
    ordered = (
        sorted(free, key=str) if parameters is None else _ordered(parameters, free | set(known))
    )
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
    rewriter = Rewriter(ordered)
    kept = []
    for symbol, expr in chain:
        new = rewriter.define(symbol, expr)
        if new is not None:
            kept.append((symbol, new))
    roots, chain = shared_program(rewriter.rewritten(roots), kept)
    tape, positions = lowered_tape(
        roots, {s: i for i, s in enumerate(ordered)}, dict(chain), rewriter.recipes
    )
    program, places = tape.pruned(positions)
    positive = tuple(k for k, symbol in enumerate(ordered) if symbol.is_positive)
    made = Evaluator(names, program, places, shape, keys, backend, positive, outside)
    if backend == "c":
        made._library()  # raises now where there is no compiler
    return made


def _output(value: Any) -> sympy.Expr:
    return value if isinstance(value, sympy.Expr) else scalar(value, "An output of an evaluator")


def _ordered(parameters: Any, free: set[Any]) -> list[Any]:
    """The parameters as symbols; a name stands for the free symbol of that name."""
    if isinstance(parameters, str):
        parameters = parameters.replace(",", " ").split()
    if isinstance(parameters, sympy.Symbol):
        parameters = [parameters]
    known = {symbol.name: symbol for symbol in free}
    result = []
    for p in parameters:
        require(p, (sympy.Symbol, str), "A parameter of an evaluator is a symbol", "or its name")
        result.append(known.get(p, sympy.Symbol(p)) if isinstance(p, str) else p)
    return result
