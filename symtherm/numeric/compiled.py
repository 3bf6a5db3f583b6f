"""Shared libraries from C source: compiled once with the system compiler, cached by hash.

The cache is the folder ``symtherm`` in ``$XDG_CACHE_HOME`` (``~/.cache``); a library's name is the
hash of its source, its flags and the processor. Flags keep IEEE arithmetic: no fast-math, and no
contraction but the fused operations that are written out.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from symtherm.errors import NoCompiler
from symtherm.numeric.chunks import merge_axes
from symtherm.numeric.threads import shared

__all__ = ["FLAGS", "library", "run_compiled"]

PART = 65536  # points that a thread takes at a time: 0.2 ms or more, what it takes to wake one

FLAGS = (
    "-O3",
    "-march=native",
    "-fPIC",
    "-shared",
    "-std=c11",
    "-ffp-contract=off",
    "-fno-math-errno",
    "-fno-trapping-math",
    # Before registers are given out: two chains side by side are to stay so.
    "-fschedule-insns",
    "-fsched-pressure",
)


def _compiler() -> str:
    for name in (os.environ.get("CC", ""), "gcc", "cc", "clang"):
        found = shutil.which(name) if name else None
        if found:
            return found
    raise NoCompiler(
        'An evaluator with backend="c"',
        found="no C compiler (CC, gcc, cc, clang) on the path",
        advice='install one, or use backend="numpy", which needs none',
    )


@lru_cache(maxsize=1)
def _processor() -> str:
    """What -march=native depends on."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
        flags = next((line for line in lines if line.startswith(("flags", "Features"))), "")
    except OSError:
        flags = platform.processor()
    return platform.machine() + flags


def cache_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(base) / "symtherm"


@lru_cache(maxsize=256)
def library(source: str) -> Any:
    """The function ``evaluate`` of a C source, from the cache or compiled now.

    Raises NoCompiler without a compiler, or when it refuses the source.
    """
    key = hashlib.sha256("\0".join((source, *FLAGS, _processor())).encode()).hexdigest()[:32]
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        folder = Path(tempfile.mkdtemp(prefix="symtherm-"))
    path = folder / f"{key}.so"
    if not path.exists():
        _compile(source, path)
    function = ctypes.CDLL(str(path)).evaluate
    function.argtypes = [ctypes.c_size_t, ctypes.c_size_t, *[ctypes.c_void_p] * 4]
    function.restype = None
    return function


def _compile(source: str, path: Path) -> None:
    """Compiles beside the target and renames: two processes may do so at once."""
    compiler = _compiler()
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        text, made = Path(folder) / "tape.c", Path(folder) / "tape.so"
        text.write_text(source, encoding="utf-8")
        done = subprocess.run(
            [compiler, *FLAGS, "-o", str(made), str(text), "-lm"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise NoCompiler(
                'An evaluator with backend="c"',
                found=f"{compiler} failed: {done.stderr.strip()[:300]}",
                advice='use backend="numpy", or set CC to another compiler',
            )
        os.replace(made, path)


def run_compiled(
    function: Any,
    arrays: list[npt.NDArray[np.float64]],
    results: list[npt.NDArray[np.float64]],
    threads: int = 1,
) -> None:
    """Fills ``results``, contiguous arrays of the broadcast shape of ``arrays``.

    Neighbouring axes along which the same inputs vary are one; the last two are loops of the
    compiled code, those before them are gone through here.
    """
    if not results:
        return
    shape, operands = merge_axes(results[0].shape, arrays)
    flat = [result.reshape(shape) for result in results]
    threads = min(threads, -(-results[0].size // PART))

    def work(blocks: Iterator[tuple[list[Any], list[Any]]]) -> None:
        for inputs, outputs in blocks:
            _call(function, inputs, outputs)

    shared(_parts(shape, operands, flat, threads), work, threads)


def _parts(
    shape: tuple[int, ...], operands: list[Any], results: list[Any], threads: int
) -> Iterator[tuple[list[Any], list[Any]]]:
    """(inputs, outputs) of two axes each, cut along rows, or along columns where a row is long."""
    for place in np.ndindex(*shape[:-2]):
        inputs = [a[tuple(k if n > 1 else 0 for k, n in zip(place, a.shape, strict=False))]
                  for a in operands]  # fmt: skip
        outputs = [r[place] for r in results]
        if len(shape) == 1:
            inputs, outputs = [a[None] for a in inputs], [r[None] for r in outputs]
        if threads < 2:
            yield inputs, outputs
            continue
        rows, size = outputs[0].shape
        high, wide = max(1, PART // size), min(size, PART)
        for i in range(0, rows, high):
            for j in range(0, size, wide):
                cut = slice(i, i + high), slice(j, j + wide)
                yield (
                    [a[tuple(s if n > 1 else slice(None) for s, n in zip(cut, a.shape,
                                                                         strict=True))]
                     for a in inputs],
                    [r[cut] for r in outputs],
                )  # fmt: skip


def _call(function: Any, arrays: list[Any], results: list[Any]) -> None:
    """One call for inputs that broadcast to the two axes of the outputs.

    Each is contiguous, or part of one row.
    """
    rows, size = results[0].shape
    inputs = np.array([a.ctypes.data for a in arrays], dtype=np.uintp)
    down = np.array([a.shape[1] if a.shape[0] > 1 else 0 for a in arrays], dtype=np.int64)
    along = np.array([int(a.shape[1] > 1) for a in arrays], dtype=np.int64)
    outputs = np.array([r.ctypes.data for r in results], dtype=np.uintp)
    function(rows, size, *(a.ctypes.data for a in (inputs, down, along, outputs)))
