"""Functions of named parameters that run a tape: what :func:`symtherm.numeric.evaluator` makes.

A call runs the tape over chunks small enough for the second-level cache
(:mod:`symtherm.numeric.chunks`), as compiled code, or on any arrays of the array API. A pickled
evaluator is its program: the process that gets it needs NumPy, and neither FLINT nor the models.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from symtherm.errors import DimensionMismatch, UnknownSymbol, WrongArgument, kind_of
from symtherm.numeric.arguments import (
    as_arrays,
    bound,
    fresh,
    require_domain,
    require_numbers,
    row_type,
)
from symtherm.numeric.chunks import run_arrays
from symtherm.numeric.compiled import library, run_compiled
from symtherm.numeric.csource import c_source
from symtherm.numeric.expanded import expanded
from symtherm.numeric.generic import namespace, run_generic
from symtherm.numeric.gradient import derivative
from symtherm.numeric.guard import guarded
from symtherm.numeric.lazy import lazy_result
from symtherm.numeric.operations import OPERATIONS
from symtherm.numeric.scalars import scalar_function
from symtherm.numeric.tape import Instruction, Tape
from symtherm.numeric.threads import available

__all__ = ["BACKENDS", "Evaluator", "started"]

BACKENDS = ("numpy", "c", "array_api")
AGAIN, FEW = 1 << 16, 64  # points that are computed again at a time; one by one


@dataclass(frozen=True, slots=True)
class Evaluator:
    """A vectorised float64 function of named parameters. Made by :func:`evaluator`.

    ``parameters``: names in positional order. ``program``: the tape. ``outputs``: positions of
    the results. ``shape``: "scalar", "tuple", "mapping" or "named", with ``keys`` for the last two.
    ``threads`` (None: all cores) changes no result. Where the value at position ``watch`` is
    negative, sums have cancelled and ``careful`` computes the point again
    (:mod:`symtherm.numeric.doubled`; not with ``array_api``, whose functions cannot branch).

    Calling it with numbers gives Python floats; with arrays, float64 arrays of the broadcast
    shape (every output has it). One mapping from names or symbols to values will do as well.
    Floating-point exceptions give inf or nan silently. Quantities have the units of the
    expressions.

    Raises UnknownSymbol for a missing or unknown parameter, BadExpression for a value that is no
    real number, DimensionMismatch for arrays that do not broadcast. Pickles as its program.

    >>> import sympy
    >>> from symtherm import evaluator
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
    threads: int | None = None
    watch: int | None = None
    careful: Evaluator | None = None
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
        parts = (*parts, self.positive, self.outside, self.threads)
        parts = (*parts, self.watch, self.careful)
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
        >>> from symtherm import evaluator
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
        point = self._cache.get("point")
        if point is not None and not args and out is None:
            # One point: a Python function, left as soon as anything is out of the ordinary.
            try:
                return point(**kwargs)
            except (TypeError, ArithmeticError, ValueError):
                pass
        if len(args) == 1 and isinstance(args[0], Mapping):
            kwargs = {**{str(key): value for key, value in args[0].items()}, **kwargs}
            args = ()
        values = bound(self.parameters, args, kwargs)
        if all(isinstance(value, (float, int)) for value in values):
            return self._one_point([float(value) for value in values])
        if self.backend == "array_api":
            return self._shaped(self._run_generic(values))
        lazy = lazy_result(self, values)
        if lazy is not None:
            return lazy
        arrays = as_arrays(self.parameters, values)
        if out is None and all(array.ndim == 0 for array in arrays):
            return self._one_point([float(array) for array in arrays])
        if self.outside == "error":
            require_domain(self.parameters, self.positive, arrays)
        shape = np.broadcast_shapes(*(array.shape for array in arrays))
        results = self._places(out, shape)
        if 0 not in shape:
            self._run_chunks(arrays, results)
        if self.outside == "error":
            require_numbers(self.parameters, arrays, results)
        return self._shaped(results)

    def _one_point(self, values: list[float]) -> Any:
        if self.outside == "error":
            require_domain(self.parameters, self.positive, values)
        if any(values[k] < 0 for k in self.positive):
            return self._shaped([math.nan] * len(self.outputs))
        function = self._cache.get("scalar")
        if function is None:
            function = self._cache["scalar"] = scalar_function(
                self.parameters, self.program, self.outputs, self.positive, self.shape, self.keys,
                self.watch, self._again,
            )  # fmt: skip
            if self.outside == "nan":
                self._cache["point"] = function
        try:
            return function(*values)
        except (ArithmeticError, ValueError):
            pass
        # Python raises where IEEE 754 has inf or nan, and the scalar code splits products in a
        # way that overflows above 1e300: run again by IEEE rules.
        with np.errstate(all="ignore"):
            registers = self._run_ieee(values)
        results = [registers[i] for i in self.outputs]
        if self.outside == "error":
            require_numbers(self.parameters, values, results)
        return self._shaped(results)

    def _again(self, *values: float) -> Any:
        """A point at which sums have cancelled; raises ArithmeticError if that gives no numbers."""
        assert self.careful is not None
        found = self.careful._one_point(list(values))
        if not all(math.isfinite(x) for x in found):
            raise ArithmeticError
        return self._shaped(found)

    def _refine(self, arrays: list[Any], results: list[Any], margin: Any) -> None:
        """Computes the points again at which ``margin`` is negative."""
        assert self.careful is not None
        flat = [result.reshape(-1) for result in results]
        points = np.flatnonzero(margin < 0)
        for start in range(0, len(points), AGAIN):
            part = points[start : start + AGAIN]
            inputs = [np.broadcast_to(a, margin.shape).flat[part] for a in arrays]
            if len(points) > FEW:
                found = [np.empty(part.shape) for _ in results]
                self.careful._run_chunks(inputs, found)
            else:  # one by one: nothing to compile, and fewer calls
                rows = zip(*(x.tolist() for x in inputs), strict=True)
                found = list(np.transpose([self.careful._one_point(list(row)) for row in rows]))
            for old, new in zip(flat, found, strict=True):
                fine = np.isfinite(new)
                old[part[fine]] = new[fine]

    def _shaped(self, results: Sequence[Any]) -> Any:
        if self.shape == "scalar":
            return results[0]
        if self.shape == "mapping":
            return dict(zip(self.keys, results, strict=True))
        return tuple(results) if self.shape == "tuple" else row_type(self.keys)(*results)

    def _places(self, out: Any, shape: tuple[int, ...]) -> list[Any]:
        """Where the outputs go: new arrays, or those of ``out`` in the shape of the result."""
        if out is None:
            return [fresh(shape) for _ in self.outputs]
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
        >>> from symtherm import evaluator
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
            return replace(
                self, program=code, outputs=places, watch=None, careful=None,
                _cache={}, _schedules={},
            )  # fmt: skip
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
            watch=None, careful=None, _cache={}, _schedules={},
        )  # fmt: skip

    def with_threads(self, threads: int | None) -> Evaluator:
        """The same program on another number of threads; the results are the same bits.

        >>> import sympy
        >>> from symtherm import evaluator
        >>> evaluator(sympy.Symbol("x") + 1).with_threads(1).threads
        1
        """
        careful = self.careful and replace(self.careful, threads=threads)
        return started(replace(self, threads=threads, careful=careful))

    def with_backend(self, backend: str) -> Evaluator:
        """The same program run by another backend; raises as :func:`evaluator` does.

        >>> import sympy
        >>> from symtherm import evaluator
        >>> evaluator(sympy.Symbol("x") + 1).with_backend("array_api").backend
        'array_api'
        """
        careful = self.careful and replace(self.careful, backend=backend, _cache={}, _schedules={})
        return started(replace(self, backend=backend, careful=careful, _cache={}, _schedules={}))

    def _run_chunks(self, arrays: list[Any], results: list[Any]) -> None:
        """Fills ``results`` by the backend."""
        if self.watch is None:
            self._run(arrays, results)
            return
        margin = fresh(results[0].shape)
        self._run(arrays, [*results, margin])
        self._refine(arrays, results, margin)

    def _places_of(self) -> tuple[int, ...]:
        return self.outputs if self.watch is None else (*self.outputs, self.watch)

    def _run(self, arrays: list[Any], results: list[Any]) -> None:
        if self.backend == "c":
            run_compiled(self._library(), arrays, results, available(self.threads))
            return
        plain = self._cache.get("plain")
        if plain is None:
            count = len(self.parameters)
            plain = expanded(count, self.program, self._places_of(), masks=True)
            self._cache["plain"] = plain
        with np.errstate(all="ignore"):
            code, places = plain
            run_arrays(
                code, places, arrays, results, self._schedules, self.positive,
                available(self.threads),
            )  # fmt: skip

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
            source = c_source(count, self.program, self._places_of(), self.positive)
            found = self._cache["c"] = library(source)
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


def started(made: Evaluator) -> Evaluator:
    """The evaluator; raises now what its backend would raise when called.

    >>> from symtherm import evaluator
    >>> started(evaluator(1)).backend
    'numpy'
    """
    if made.backend not in BACKENDS:
        raise WrongArgument(
            f"An evaluator on {made.backend!r}", found="no backend", advice=", ".join(BACKENDS)
        )
    if made.threads is not None and (type(made.threads) is not int or made.threads < 1):
        raise WrongArgument(
            "An evaluator on several threads",
            found=f"threads={made.threads!r}",
            advice="give a positive integer, or None for all cores",
        )
    if made.backend == "array_api" and made.outside == "error":
        raise WrongArgument(
            'An evaluator on array_api with outside="error"',
            found="arrays whose values may not be there yet, such as those that are traced",
            advice='use outside="nan", or backend="numpy"',
        )
    if made.backend == "c":
        made._library()
    return made
