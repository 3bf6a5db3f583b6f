"""A tape as a Python function of floats: the fast path of single-point calls.

The function is made as a syntax tree of instructions and never exists as text.
"""

from __future__ import annotations

import ast
import types
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from symtherm.numeric.arguments import row_type
from symtherm.numeric.expanded import expanded
from symtherm.numeric.operations import OPERATIONS
from symtherm.numeric.tape import Instruction

__all__ = ["scalar_function"]

_BINARY = {"add": ast.Add, "sub": ast.Sub, "mul": ast.Mult, "div": ast.Div}
_DEPTH = 12  # of an expression, so that the compiler's own recursion stays shallow


def scalar_function(
    names: Sequence[str],
    program: Sequence[Instruction],
    outputs: Sequence[int],
    positive: Sequence[int] = (),
    shape: str = "tuple",
    keys: Sequence[str] = (),
    watch: int | None = None,
    again: Callable[..., Any] | None = None,
) -> Callable[..., Any]:
    """A function of floats, by position or by name, of the outputs in their ``shape``.

    Raises ArithmeticError and ValueError where Python does and IEEE 754 has inf or nan, and
    ArithmeticError for a parameter number ``positive`` that is negative or nan and for outputs that
    are no Python floats or nan. Where the value at ``watch`` is negative, what ``again`` gives.

    >>> scalar_function(["x"], [Instruction("add", (0, 0))], [1])(x=2.0)
    (4.0,)
    """
    wanted = outputs if watch is None else (*outputs, watch)
    code, places = expanded(len(names), program, wanted, masks=False)
    uses = Counter(a for step in code for a in step.args)
    uses.update(places)
    table: dict[str, Any] = {}
    nodes: list[ast.expr] = [ast.Name(name, ast.Load()) for name in names]
    depth = [0] * len(names)
    body: list[ast.stmt] = []
    if positive:
        zero = ast.Constant(0.0)
        tests: list[ast.expr] = [
            ast.Compare(ast.Name(names[k], ast.Load()), [ast.GtE()], [zero]) for k in positive
        ]
        fine = tests[0] if len(tests) == 1 else ast.BoolOp(ast.And(), tests)
        table["ArithmeticError"] = ArithmeticError
        refuse = ast.Raise(ast.Name("ArithmeticError", ast.Load()), None)
        body.append(ast.If(ast.UnaryOp(ast.Not(), fine), [refuse], []))
    for number, (op, args, value) in enumerate(code, len(names)):
        if op == "const":
            nodes.append(ast.Constant(value))
            depth.append(0)
            continue
        node = _node(op, [nodes[a] for a in args], table)
        deep = 1 + max(depth[a] for a in args)
        if uses[number] > 1 or deep > _DEPTH:
            local = f" t{number}"  # a name no parameter has
            body.append(ast.Assign([ast.Name(local, ast.Store())], node))
            node, deep = ast.Name(local, ast.Load()), 0
        nodes.append(node)
        depth.append(deep)
    if watch is not None:
        table["again"], zero = again, ast.Constant(0.0)
        call = ast.Call(ast.Name("again", ast.Load()), nodes[: len(names)], [])
        lost = ast.Compare(nodes[places[-1]], [ast.Lt()], [zero])
        body.append(ast.If(lost, [ast.Return(call)], []))
        places = places[:-1]
    ends: list[ast.expr] = []
    checks: list[ast.expr] = []
    for k, index in enumerate(places):
        local = f" q{k}"
        body.append(ast.Assign([ast.Name(local, ast.Store())], nodes[index]))
        end = ast.Name(local, ast.Load())
        kind = ast.Attribute(end, "__class__", ast.Load())
        checks.append(ast.Compare(kind, [ast.Is()], [ast.Name("float", ast.Load())]))
        checks.append(ast.Compare(end, [ast.Eq()], [end]))  # no nan
        ends.append(end)
    table["ArithmeticError"], table["float"] = ArithmeticError, float
    failed = ast.UnaryOp(ast.Not(), ast.BoolOp(ast.And(), checks))
    if checks:
        body.append(ast.If(failed, [ast.Raise(ast.Name("ArithmeticError", ast.Load()), None)], []))
    if shape == "mapping":
        names_of: list[ast.expr | None] = [ast.Constant(key) for key in keys]
        body.append(ast.Return(ast.Dict(names_of, ends)))
    elif shape == "named":
        table["row"] = row_type(tuple(keys))
        body.append(ast.Return(ast.Call(ast.Name("row", ast.Load()), ends, [])))
    else:
        body.append(ast.Return(ends[0] if shape == "scalar" else ast.Tuple(ends, ast.Load())))
    arguments = ast.arguments([], [ast.arg(name) for name in names], None, [], [], None, [])
    tree = ast.Module([ast.FunctionDef("f", arguments, body, [])], [])
    whole = compile(ast.fix_missing_locations(tree), "<tape>", "exec")
    inner = next(c for c in whole.co_consts if isinstance(c, types.CodeType))
    return types.FunctionType(inner, table)


def _node(op: str, args: list[ast.expr], table: dict[str, Any]) -> ast.expr:
    if op in _BINARY:
        return ast.BinOp(args[0], _BINARY[op](), args[1])
    if op == "neg":
        return ast.UnaryOp(ast.USub(), args[0])
    table[op] = OPERATIONS[op].scalar
    return ast.Call(ast.Name(op, ast.Load()), args, [])
