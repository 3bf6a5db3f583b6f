"""Sweeps of any size: block by block into memory, a file that survives a kill, or a reduction.

The points of a grid are cut into blocks in C order. A block is evaluated, here or by an executor,
and written; then its number is written to a journal. A sweep that is started again reads the
journal, cuts off what was written after it, and goes on: nothing is lost, nothing is there twice.
"""

from __future__ import annotations

import hashlib
import math
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from symtherm.errors import UnknownSymbol, WrongArgument
from symtherm.numeric.grid import Axis, Grid
from symtherm.numeric.stores import store_for

__all__ = ["BLOCK", "sweep"]

BLOCK = 1 << 18  # points

Values = dict[str, Any]


class Function(Protocol):
    """What an :class:`~symtherm.numeric.evaluator.Evaluator` is to a sweep.

    ``program`` and ``outputs`` identify the function, so that no file is continued by another one.
    """

    @property
    def parameters(self) -> tuple[str, ...]: ...

    @property
    def program(self) -> Any: ...

    @property
    def outputs(self) -> Sequence[Any]: ...

    @property
    def shape(self) -> str: ...

    @property
    def keys(self) -> tuple[str, ...]: ...

    def __call__(self, *, out: Any = None, **values: Any) -> Any: ...


def sweep(
    function: Function,
    grid: Mapping[Any, Any],
    *,
    to: str | Path | None = None,
    reduce: Callable[[Any, Values, Values], Any] | None = None,
    initial: Any = None,
    executor: Executor | None = None,
    block: int = BLOCK,
    progress: Callable[[int, int], object] | bool | None = None,
) -> Any:
    """The outputs of an evaluator on a grid.

    ``grid`` maps every parameter to a number, a one-dimensional array or an
    :class:`~symtherm.numeric.grid.Axis`, which is not materialised; axes in the order of the
    mapping, the last one fastest. The result is

    - a mapping from outputs to arrays of the shape of the grid, by default;
    - the path ``to``, a ``.csv`` (a row per point) or ``.zarr`` (an array per output and axis) that
      was written. If it was begun before by the same function on the same grid, only what is
      missing is computed;
    - with ``reduce``, the last of the values a = reduce(a, coordinates, outputs), over the blocks
      in order, starting from ``initial``. Coordinates broadcast to the shape of the outputs.

    ``executor`` is any ``concurrent.futures.Executor``; at most a few blocks wait in memory.
    ``progress`` is called with the points done and their number; True draws a bar. Raises
    UnknownSymbol for a missing or unknown parameter, WrongArgument for a file of another kind or of
    another sweep.

    >>> from symtherm import Axis, evaluator, model, sweep
    >>> m = model("two-bath-qubit")
    >>> point = {str(p): float(v) for p, v in m.point.items()}
    >>> heat = evaluator(m, quantities=["heat[h]"])
    >>> rest = {k: v for k, v in point.items() if k not in ("T_h", "omega")}
    >>> found = sweep(heat, {"T_h": Axis(1, 4, 7), "omega": [0.5, 1.0], **rest})
    >>> found["heat[h]"].shape
    (7, 2)
    >>> count = lambda total, at, out: total + int((out["heat[h]"] > 0).sum())
    >>> sweep(heat, {**point, "T_h": Axis(1, 4, 7)}, reduce=count, initial=0)
    6
    """
    if isinstance(progress, bool):
        if not progress:
            progress = None
        else:
            with _bar() as update:
                return sweep(
                    function, grid, to=to, reduce=reduce, initial=initial, executor=executor,
                    block=block, progress=update,
                )  # fmt: skip
    known = Grid.of(grid, block)
    given = [*known.axes, *known.fixed]
    wrong = set(given) ^ set(function.parameters)
    if wrong:
        raise UnknownSymbol(
            "A sweep over " + ", ".join(function.parameters),
            found="missing or unknown: " + ", ".join(sorted(wrong)),
            advice="give every parameter a number, an array or an Axis",
        )
    if to is not None and reduce is not None:
        raise WrongArgument(
            "A sweep to a file", found="a reduction as well", advice="give to= or reduce="
        )
    names = function.keys or tuple(
        ["value"] if function.shape == "scalar" else map(str, range(len(function.outputs)))
    )
    total = math.prod(known.shape)
    blocks = math.prod(known.counts) if total else 0
    if reduce is not None:
        value = initial
        for number, outputs in _evaluated(function, known, names, range(blocks), executor):
            value = reduce(value, known.coordinates(number), outputs)
            _report(progress, known, number, blocks, total)
        return value
    if to is None:
        arrays = {name: np.empty(known.shape) for name in names}
        for number, outputs in _evaluated(function, known, names, range(blocks), executor):
            for name in names:
                arrays[name][known.place(number)] = outputs[name]
            _report(progress, known, number, blocks, total)
        return arrays
    path = Path(to)
    with store_for(path, known, names, _fingerprint(function, known)) as store:
        left = [k for k in range(blocks) if k not in store.done]
        for number, outputs in _evaluated(function, known, names, left, executor):
            store.write(number, outputs)
            _report(progress, known, number, blocks, total)
    return path


@contextmanager
def _bar() -> Iterator[Callable[[int, int], object]]:
    """A bar on standard error while the sweep runs."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True)) as bar:
        task = bar.add_task("sweep", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _report(progress: Any, grid: Grid, number: int, blocks: int, total: int) -> None:
    if progress is not None:
        done = min((number + 1) * math.prod(grid.steps), total) if number + 1 < blocks else total
        progress(done, total)


def _evaluated(
    function: Function, grid: Grid, names: Any, numbers: Any, executor: Executor | None
) -> Iterator[tuple[int, Values]]:
    """(number, outputs) in order; with an executor a few blocks ahead."""
    if executor is None:
        for number in numbers:
            yield number, _block(function, grid, names, number)
        return
    ahead = 2 * int(getattr(executor, "_max_workers", 4) or 4)
    waiting: deque[tuple[int, Future[Values]]] = deque()
    for number in numbers:
        waiting.append((number, executor.submit(_block, function, grid, names, number)))
        if len(waiting) > ahead:
            first, future = waiting.popleft()
            yield first, future.result()
    for number, future in waiting:
        yield number, future.result()


def _block(function: Function, grid: Grid, names: Any, number: int) -> Values:
    """The outputs in one block; runs where the executor runs it."""
    shape = tuple(s.stop - s.start for s in grid.place(number))
    found = [np.empty(shape) for _ in names]
    if not shape:
        result = function(**grid.fixed)
        values = result.values() if isinstance(result, dict) else np.atleast_1d(result)
        return {name: np.asarray(v) for name, v in zip(names, values, strict=True)}
    given = {**grid.fixed, **grid.coordinates(number)}
    function(**given, out=found[0] if function.shape == "scalar" else found)
    return dict(zip(names, found, strict=True))


def _fingerprint(function: Function, grid: Grid) -> str:
    """What a file that is resumed must have been made by."""
    text = hashlib.sha256(repr((function.parameters, function.program, function.outputs)).encode())
    text.update(repr((grid.fixed, grid.steps)).encode())
    for name, axis in grid.axes.items():
        text.update(repr((name, axis if isinstance(axis, Axis) else axis.tolist())).encode())
    return text.hexdigest()
