"""Dask arrays pass through lazily: the evaluator runs block by block, where the blocks are."""

from __future__ import annotations

import sys
from typing import Any

__all__ = ["lazy_result"]


def lazy_result(function: Any, values: list[Any]) -> Any | None:
    """The lazy result for arguments among which are Dask arrays; None if there are none.

    Never imports Dask: arguments of its types exist only where it is imported already.
    """
    dask = sys.modules.get("dask.array")
    if dask is None or not any(isinstance(v, dask.Array) for v in values):
        return None
    arrays = dask.broadcast_arrays(*(dask.asarray(v, dtype=float) for v in values))
    arrays = dask.core.unify_chunks(*(part for a in arrays for part in (a, tuple(range(a.ndim)))))[
        1
    ]
    count = len(function.outputs)
    stacked = dask.map_blocks(
        _block, *arrays, function=function, dtype=float, new_axis=0,
        chunks=((count,), *arrays[0].chunks),
    )  # fmt: skip
    results = [stacked[k] for k in range(count)]
    if function.shape == "scalar":
        return results[0]
    if function.shape == "tuple":
        return tuple(results)
    return dict(zip(function.keys, results, strict=True))


def _block(*parts: Any, function: Any) -> Any:
    """All outputs of one block, stacked along a new first axis."""
    import numpy as np

    shape = parts[0].shape
    stacked = np.empty((len(function.outputs), *shape))
    rows = list(stacked)
    if function.shape == "scalar":
        function(*parts, out=rows[0])
    else:
        function(*parts, out=rows)
    return stacked
