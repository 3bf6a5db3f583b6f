"""Fast NumPy functions from symbolic programs: a three-address tape run chunk by chunk.

An expression, or a structured program (a chain of named definitions), is lowered once to a tape
of two-operand instructions with common subexpressions shared
(:mod:`symtherm.numeric.lowering`, :mod:`symtherm.numeric.tape`). A call runs the tape over chunks
small enough for the second-level cache (:mod:`symtherm.numeric.chunks`).

Why not ``lambdify``: it makes one full-size temporary per operation, which is bound by memory
bandwidth, it loses digits in exp(x) - 1, and it executes generated source text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sympy

from symtherm.errors import BadExpression, UnknownSymbol, WrongArgument, require
from symtherm.exact.scalar import scalar
from symtherm.numeric.chunks import CHUNK
from symtherm.numeric.doubled import cancelling, doubled, margin
from symtherm.numeric.function import BACKENDS, Evaluator, started
from symtherm.numeric.lowering import lowered_tape
from symtherm.numeric.precise import Rewriter
from symtherm.numeric.tape import Instruction

__all__ = ["CHUNK", "Evaluator", "Instruction", "evaluator"]


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
    threads: int | None = None,
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

    Large arrays are shared among ``threads``, by default ``OMP_NUM_THREADS`` or all cores, but one
    where the caller is a worker itself; the results are the same bits for any number.

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
    known: list[Any] = []
    if not isinstance(outputs, (sympy.Basic, Mapping, tuple, list, int, float)):
        from symtherm.numeric.forms import opened

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
    places = {symbol: i for i, symbol in enumerate(ordered)}
    tape, positions = lowered_tape(rewriter.rewritten(roots), places, dict(kept), rewriter.recipes)
    positive = tuple(k for k, symbol in enumerate(ordered) if symbol.is_positive)
    careful: Evaluator | None = None
    watched: list[int] = []
    sums = cancelling(tape, positions, positive)
    if sums:
        again = doubled(tape, positions, sums)
        careful = Evaluator(names, *again, "tuple", (), backend, positive, "nan", threads)
        watched = [margin(tape, sums)]
    program, ends = tape.pruned([*positions, *watched])
    watch, ends = (ends[-1], ends[:-1]) if watched else (None, ends)
    made = Evaluator(
        names, program, ends, shape, keys, backend, positive, outside, threads, watch, careful
    )
    return started(made)


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
