"""Files that a sweep is written to, block by block, with a journal of what is complete."""

from __future__ import annotations

import csv
import os
import shutil
from collections.abc import Iterable, Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from symtherm.errors import WrongArgument
from symtherm.numeric.grid import Axis, Grid

__all__ = ["Store", "rows", "store_for"]


class Store(Protocol):
    """Where blocks go. ``done`` holds the numbers of the blocks that are complete."""

    done: set[int]

    def __enter__(self) -> Store: ...

    def __exit__(self, *error: object) -> None: ...

    def write(self, number: int, outputs: dict[str, Any]) -> None:
        """Writes one block, then its number to the journal."""


def store_for(path: Path, grid: Grid, names: Iterable[str], fingerprint: str) -> Store:
    """The store of a path by its suffix; raises WrongArgument for others than .csv and .zarr.

    >>> store_for(Path("a.txt"), Grid({}, {}, 1), [], "")
    Traceback (most recent call last):
    ...
    symtherm.errors.WrongArgument: The file of a sweep. Found: a.txt. To do: give .csv or .zarr.
    """
    kinds: dict[str, Any] = {".csv": _Csv, ".zarr": _Zarr}
    if path.suffix not in kinds:
        raise WrongArgument("The file of a sweep", found=str(path), advice="give .csv or .zarr")
    if not path.parent.is_dir():
        raise WrongArgument(
            "The file of a sweep",
            found=f"{path} lies in no directory that exists",
            advice="make the directory first",
        )
    made: Store = kinds[path.suffix](path, grid, tuple(names), fingerprint)
    return made


def rows(coordinates: Mapping[str, Any], outputs: Mapping[str, Any]) -> Iterable[Any]:
    """One row per point of a block: the axes, then the outputs, as Python floats.

    >>> list(rows({"x": np.array([1.0, 2.0])}, {"y": np.array([3.0, 4.0])}))
    [(1.0, 3.0), (2.0, 4.0)]
    """
    shape = np.broadcast_shapes(*(v.shape for v in outputs.values()))
    columns = [*coordinates.values(), *outputs.values()]
    return zip(*(np.broadcast_to(c, shape).ravel().tolist() for c in columns), strict=True)


class _Journal:
    """A text file: the fingerprint of the sweep, then a line for each complete block.

    A line that the end of the process cut short does not count.
    """

    def __init__(self, path: Path, fingerprint: str, exists: bool) -> None:
        self.path, self.lines = path, list[str]()
        text = path.read_text(encoding="utf-8") if path.exists() and exists else ""
        whole = text[: text.rfind("\n") + 1].splitlines()
        if whole and whole[0] != fingerprint:
            raise WrongArgument(
                f"The sweep in {path.parent}",
                found="it was begun by another function, grid or block size",
                advice="give another path, or delete it",
            )
        self.lines = whole[1:]
        if not whole and exists:
            raise WrongArgument(
                f"A sweep to {path.parent}",
                found="a file of that name which no sweep has begun",
                advice="give another path, or delete it",
            )
        temporary = path.with_suffix(".new")
        temporary.write_text("".join(f"{x}\n" for x in (fingerprint, *self.lines)), "utf-8")
        os.replace(temporary, path)
        self.stream = path.open("a", encoding="utf-8")

    def add(self, line: str) -> None:
        self.stream.write(line + "\n")
        self.stream.flush()
        os.fsync(self.stream.fileno())


class _Csv:
    """One row per point: the axes, then the outputs. The journal holds the file's length."""

    def __init__(self, path: Path, grid: Grid, names: tuple[str, ...], fingerprint: str) -> None:
        self.grid, self.names = grid, names
        journal = path.with_name(path.name + ".journal")
        if path.exists() and not journal.exists():
            raise WrongArgument(
                f"A sweep to {path}",
                found="a file that is complete or was made otherwise",
                advice="give another path, or delete it",
            )
        self.journal = _Journal(journal, fingerprint, journal.exists())
        self.stream = path.open("r+" if path.exists() else "w+", encoding="utf-8", newline="")
        self.done = set(range(len(self.journal.lines)))
        self.stream.truncate(int(self.journal.lines[-1]) if self.done else 0)
        self.stream.seek(0, os.SEEK_END)
        self.writer = csv.writer(self.stream, lineterminator="\n")
        if not self.done:
            self.writer.writerow([*grid.axes, *names])

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *error: object) -> None:
        self.stream.close()
        self.journal.stream.close()
        if error[0] is None:  # complete
            self.journal.path.unlink()

    def write(self, number: int, outputs: dict[str, Any]) -> None:
        self.writer.writerows(rows(self.grid.coordinates(number), outputs))
        self.stream.flush()
        os.fsync(self.stream.fileno())
        self.journal.add(str(os.fstat(self.stream.fileno()).st_size))


class _Zarr:
    """A group with an array per output, chunked as the blocks, and one per axis."""

    def __init__(self, path: Path, grid: Grid, names: tuple[str, ...], fingerprint: str) -> None:
        if find_spec("zarr") is None:
            raise WrongArgument(
                f"A sweep to {path}", found="no zarr", advice="pip install zarr, or write a .csv"
            )
        zarr: Any = import_module("zarr")
        self.grid, self.names = grid, names
        exists = path.exists()
        if exists and not (path / "blocks.journal").exists():
            if any(path.iterdir()):
                raise WrongArgument(
                    f"A sweep to {path}",
                    found="a folder which no sweep has begun",
                    advice="give another path, or delete it",
                )
            shutil.rmtree(path)
            exists = False
        group = zarr.open_group(str(path), mode="a")
        for name in names:
            if name not in group:
                group.create_array(
                    name, shape=grid.shape, chunks=grid.steps or None, dtype="float64",
                    dimension_names=list(grid.axes),
                )  # fmt: skip
        for name, axis in grid.axes.items():
            # Axes of more values than a block are described, not stored.
            if isinstance(axis, Axis):
                ends = float(axis.start), float(axis.stop)
                group.attrs[name] = [*ends, axis.count, axis.spacing]
            elif name not in group:
                group.create_array(name, data=np.asarray(axis))
        self.group = group
        self.journal = _Journal(path / "blocks.journal", fingerprint, exists)
        self.done = set(map(int, self.journal.lines))

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *error: object) -> None:
        self.journal.stream.close()

    def write(self, number: int, outputs: dict[str, Any]) -> None:
        place = self.grid.place(number)
        for name in self.names:
            self.group[name][place or ...] = outputs[name]
        self.journal.add(str(number))
