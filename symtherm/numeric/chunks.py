"""A tape run over arrays chunk by chunk, in a register file that fits the second-level cache.

Registers are reused as soon as an operand is dead, and each instruction writes in place
(``out=``). What does not vary is computed once, and what varies along few axes is computed on
those axes only. Threads take chunks from one queue, each with registers of its own.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from symtherm.numeric.arguments import fresh
from symtherm.numeric.operations import OPERATIONS
from symtherm.numeric.tape import Instruction
from symtherm.numeric.threads import shared

__all__ = ["CHUNK", "merge_axes", "run_arrays"]

CHUNK = 49152  # doubles per register: 384 KiB; smaller ones pay more for the calls than they save

Block = tuple[tuple[slice, ...], tuple[int, ...]]  # its slices and its shape
Pattern = tuple[bool, ...]  # along which axes a value varies: the class of its register


class _Move(NamedTuple):
    """One scheduled instruction: kernel, operands, and where its result goes.

    ``home`` is (register class, slot), or None for a result written straight into an output.
    """

    kernel: Any
    args: tuple[int, ...]
    target: int
    home: tuple[Pattern, int] | None


class _Schedule(NamedTuple):
    """Positions computed once per call, what is run once per chunk, and registers per class."""

    fixed: tuple[int, ...]
    moves: tuple[_Move, ...]
    registers: dict[Pattern, int]


def run_arrays(
    program: Sequence[Instruction],
    outputs: Sequence[int],
    arrays: list[npt.NDArray[np.float64]],
    results: list[npt.NDArray[np.float64]],
    cache: dict[Any, Any],
    positive: Sequence[int] = (),
    threads: int = 1,
) -> None:
    """Fills ``results``, contiguous arrays of the broadcast shape of the parameters' ``arrays``.

    Where one of the arrays number ``positive`` is negative or nan, the results are nan: looking for
    its smallest value costs less than arithmetic that brings a nan along.

    ``cache`` keeps the schedules of this tape between calls.
    """
    shape = np.broadcast_shapes(*(array.shape for array in arrays))
    compact, operands = merge_axes(shape, arrays)
    patterns = [_pattern(operand.shape) for operand in operands]
    schedule = _scheduled(program, outputs, compact, patterns, cache)
    slots: list[Any] = [*operands, *[None] * len(program)]
    offset = len(operands)
    for index in schedule.fixed:
        instruction = program[index - offset]
        if instruction.op == "const":
            slots[index] = np.full((1,) * len(compact), instruction.value)
        else:
            kernel = OPERATIONS[instruction.op].array
            slots[index] = kernel(*(slots[a] for a in instruction.args))
    flat = [result.reshape(compact) for result in results]

    def work(blocks: Iterator[Block]) -> None:
        with np.errstate(all="ignore"):  # which is a thread's own
            _run_chunks(schedule, outputs, blocks, slots, flat, positive)

    many = -(-math.prod(compact) // CHUNK)
    shared(_chunks(compact), work, min(threads, many))


def _run_chunks(
    schedule: _Schedule,
    outputs: Sequence[int],
    blocks: Iterator[Block],
    slots: Sequence[Any],
    results: list[npt.NDArray[np.float64]],
    positive: Sequence[int],
) -> None:
    """Fills blocks of ``results``; ``slots`` holds operands and hoisted values, None elsewhere."""
    slots = list(slots)
    width = min(CHUNK, results[0].size) if results else 0
    files = {pattern: list(fresh((count, width))) for pattern, count in schedule.registers.items()}
    # Computed outputs are written in place once; repeats, inputs and constants are copied.
    direct: dict[int, int] = {}
    copies: list[tuple[int, int]] = []
    in_place = {move.target for move in schedule.moves if move.home is None}
    for k, index in enumerate(outputs):
        if index in in_place and index not in direct:
            direct[index] = k
        else:
            copies.append((k, index))
    steady = [i for i, slot in enumerate(slots) if slot is not None]
    whole = {i: slots[i] for i in steady}
    varying = [i for i in steady if any(_pattern(whole[i].shape))]
    bound: list[tuple[Any, int, Any, int, Any]] = []
    bound_size: tuple[int, ...] = ()
    for place, size in blocks:
        if size != bound_size:
            bound, bound_size = _bind_registers(schedule, files, size), size
        for i in varying:
            slots[i] = whole[i][_restrict(place, whole[i].shape)]
        # The inner loop: everything that can be looked up beforehand has been.
        for kernel, a, b, target, out in bound:
            if out is None:
                out = results[direct[target]][place]
            if b.__class__ is tuple:
                kernel(slots[a], *[slots[k] for k in b], out)
            elif b < 0:
                kernel(slots[a], out)
            else:
                kernel(slots[a], slots[b], out)
            slots[target] = out
        for k, index in copies:
            results[k][place] = slots[index]
        for i in positive:
            if not slots[i].min() >= 0:
                for result in results:
                    np.copyto(result[place], np.nan, where=~(slots[i] >= 0))


def _scheduled(
    program: Sequence[Instruction],
    outputs: Sequence[int],
    shape: tuple[int, ...],
    patterns: list[Pattern],
    cache: dict[Any, Any],
) -> _Schedule:
    """The schedule, from the cache if shapes that need the same one were seen before."""
    small = tuple(_size(shape, pattern) <= CHUNK // 2 for pattern in patterns)
    key = (tuple(patterns), shape if len(shape) > 1 else small)
    if key not in cache:
        if len(cache) > 32:
            cache.clear()
        cache[key] = _schedule(program, outputs, shape, patterns)
    found: _Schedule = cache[key]
    return found


def _schedule(
    program: Sequence[Instruction],
    outputs: Sequence[int],
    shape: tuple[int, ...],
    patterns: list[Pattern],
) -> _Schedule:
    """Splits the tape into hoisted and per-chunk parts and allocates registers.

    A value varies along the axes its operands vary along. Values that do not vary along all
    axes and fit half a chunk are hoisted (so no temporary exceeds a chunk). Registers are
    freed at the last use, before the result is placed: element-wise kernels may overwrite an
    operand of the same shape.
    """
    offset = len(patterns)
    vary = list(patterns)
    known = set(range(offset))  # before the chunks: the operands and what is hoisted
    fixed: list[int] = []
    moving: list[int] = []
    for index, instruction in enumerate(program, offset):
        pattern = tuple(any(vary[a][axis] for a in instruction.args) for axis in range(len(shape)))
        vary.append(pattern)
        hoisted = not all(pattern) and _size(shape, pattern) <= CHUNK // 2
        if hoisted and known.issuperset(instruction.args):
            known.add(index)
            fixed.append(index)
        else:
            moving.append(index)
    last: dict[int, int] = {}
    for index in moving:
        for arg in program[index - offset].args:
            last[arg] = index
    kept = set(outputs)
    free: dict[Pattern, list[int]] = {}
    count: dict[Pattern, int] = {}
    home: dict[int, tuple[Pattern, int]] = {}
    moves: list[_Move] = []
    for index in moving:
        instruction = program[index - offset]
        for arg in set(instruction.args):
            if arg in home and last[arg] == index and arg not in kept:
                pattern, slot = home[arg]
                free.setdefault(pattern, []).append(slot)
        place: tuple[Pattern, int] | None = None
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
        kernel = OPERATIONS[instruction.op].array
        moves.append(_Move(kernel, instruction.args, index, place))
    return _Schedule(tuple(fixed), tuple(moves), count)


def _bind_registers(
    schedule: _Schedule,
    files: Mapping[Pattern, list[npt.NDArray[np.float64]]],
    size: tuple[int, ...],
) -> list[tuple[Any, int, Any, int, Any]]:
    """(kernel, operand, operand, operands or -1, target, register or None) for a block shape."""
    bound = []
    for kernel, args, target, home in schedule.moves:
        out = None
        if home is not None:
            pattern, slot = home
            block = tuple(n if varies else 1 for n, varies in zip(size, pattern, strict=True))
            out = files[pattern][slot][: math.prod(block)].reshape(block)
        rest: Any = args[1:] if len(args) > 2 else args[1] if len(args) > 1 else -1
        bound.append((kernel, args[0], rest, target, out))
    return bound


def _pattern(shape: tuple[int, ...]) -> Pattern:
    return tuple(n > 1 for n in shape)


def _size(shape: tuple[int, ...], pattern: Pattern) -> int:
    """The number of elements of a value that varies along ``pattern`` of ``shape``."""
    return math.prod(n for n, varies in zip(shape, pattern, strict=True) if varies)


def merge_axes(
    shape: tuple[int, ...], arrays: list[npt.NDArray[np.float64]]
) -> tuple[tuple[int, ...], list[npt.NDArray[np.float64]]]:
    """Drops axes of length 1 and joins neighbours along which the same operands vary.

    Equal shapes become one long axis. Non-contiguous inputs are copied once.

    >>> shape, (x, y) = merge_axes((4, 1, 3), [np.ones((4, 1, 1)), np.ones(3)])
    >>> shape, x.shape, y.shape
    ((4, 3), (4, 1), (1, 3))
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


def _chunks(shape: tuple[int, ...]) -> Iterator[Block]:
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
    """The part of an array of ``shape`` that broadcasts to the block at ``place``."""
    return tuple(s if n > 1 else slice(None) for s, n in zip(place, shape, strict=True))
