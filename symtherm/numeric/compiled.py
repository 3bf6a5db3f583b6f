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
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from symtherm.errors import NoCompiler

__all__ = ["FLAGS", "library", "run_compiled"]

FLAGS = (
    "-O3", "-march=native", "-fPIC", "-shared", "-std=c11", "-ffp-contract=off",
    "-fno-math-errno", "-fno-trapping-math",
)  # fmt: skip


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
    function.argtypes = [ctypes.c_size_t, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p]
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
) -> None:
    """Fills ``results``, contiguous arrays of the broadcast shape of ``arrays``.

    Inputs that neither have the full shape nor are single values are spread out along the last
    axes, a row at a time.
    """
    shape = results[0].shape if results else ()
    full = [a.size == 1 or a.shape == shape for a in arrays]
    if all(full) or not shape:
        _call(function, [np.ascontiguousarray(a) for a in arrays], results)
        return
    # One axis at a time from the left, until what is left is a full or constant row.
    rank = len(shape)
    padded = [a.reshape((1,) * (rank - a.ndim) + a.shape) for a in arrays]
    for k in range(shape[0]):
        rows = [a[k if a.shape[0] > 1 else 0] for a in padded]
        inner = shape[1:]
        if inner and np.prod(inner) <= 4096:
            rows = [a if a.size == 1 else np.broadcast_to(a, inner) for a in rows]
        run_compiled(function, rows, [r[k] for r in results])


def _call(function: Any, arrays: list[Any], results: list[Any]) -> None:
    size = results[0].size
    inputs = np.array([a.ctypes.data for a in arrays], dtype=np.uintp)
    steps = np.array([int(a.size > 1) for a in arrays], dtype=np.int64)
    outputs = np.array([r.ctypes.data for r in results], dtype=np.uintp)
    function(size, inputs.ctypes.data, steps.ctypes.data, outputs.ctypes.data)
