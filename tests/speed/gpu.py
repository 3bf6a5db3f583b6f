"""Evaluators on a GPU through PyTorch: ``python -m tests.speed.gpu``.

Checks the ``array_api`` evaluators of the maser and the refrigerator on CUDA arrays (float64)
against the NumPy backend in units in the last place, and ``torch.autograd`` against ``.grad``; then
prints nanoseconds per point of both, medians of rounds. Without a GPU it says so and checks the
same on the processor.

Deriving the models needs python-flint. On a machine that has only NumPy, SymPy, mpmath and PyTorch:

    python -m tests.speed.gpu --save programs.pickle    # where flint is
    python -m tests.speed.gpu --load programs.pickle    # where the GPU is
"""

from __future__ import annotations

import argparse
import json
import pickle
import time
from statistics import median
from typing import Any

import numpy as np

CHECKED = 20_000
ROUNDS = 7


def programs() -> dict[str, Any]:
    """The evaluators by model, made from the ledgers."""
    from symtherm import evaluator
    from tests.numeric.regimes import MODELS

    return {
        name: evaluator(
            MODELS[name].book, list(MODELS[name].symbols), quantities=MODELS[name].timed,
            backend="array_api",
        )
        for name in ("maser", "refrigerator")
    }  # fmt: skip


def points(names: tuple[str, ...], count: int, seed: int = 0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    low = {name: 0.5 if name.startswith(("omega", "T_")) else 0.05 for name in names}
    return {name: rng.uniform(low[name], 6 * low[name], count) for name in names}


def checked(function: Any, device: str) -> dict[str, float]:
    """The largest errors in ulps of the values, and relative ones of the derivatives."""
    import torch

    plain = function.with_backend("numpy")
    at = points(function.parameters, CHECKED)
    there = {name: torch.tensor(v, device=device) for name, v in at.items()}
    want, found = plain(**at), function(**there)
    ulps = 0.0
    for key, value in found.items():
        assert value.device.type == device and value.dtype == torch.float64
        distance = np.abs(value.cpu().numpy() - want[key]) / np.spacing(np.abs(want[key]))
        ulps = max(ulps, float(distance.max()))
    slope = 0.0
    by = next(name for name in function.parameters if name.startswith("T_"))
    there[by].requires_grad_(True)
    derivatives = plain.grad(by)(**at)
    for key, value in function(**there).items():
        (got,) = torch.autograd.grad(value.sum(), there[by], retain_graph=True)
        exact = derivatives[key]
        scale = np.maximum(np.abs(exact), 1e-6 * np.abs(want[key]))
        slope = max(slope, float((np.abs(got.cpu().numpy() - exact) / scale).max()))
    return {"ulps": ulps, "relative error of the derivative": slope}


def timed(function: Any, device: str, count: int) -> tuple[float, float]:
    """Nanoseconds per point: on the device, arrays there already, and of the NumPy backend."""
    import torch

    plain = function.with_backend("numpy")
    at = points(function.parameters, count, seed=1)
    there = {name: torch.tensor(v, device=device) for name, v in at.items()}
    part = {name: v[: min(count, 1_000_000)] for name, v in at.items()}
    size = len(next(iter(part.values())))
    out = {key: np.empty(size) for key in plain.keys}

    def wait() -> None:
        if device == "cuda":
            torch.cuda.synchronize()

    ours, theirs = [], []
    with torch.no_grad():
        function(**there)
        plain(**part, out=out)
        for _ in range(ROUNDS):
            wait()
            start = time.perf_counter()
            function(**there)
            wait()
            ours.append((time.perf_counter() - start) / count * 1e9)
            start = time.perf_counter()
            plain(**part, out=out)
            theirs.append((time.perf_counter() - start) / size * 1e9)
    return median(ours), median(theirs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--save", metavar="FILE", help="write the programs and stop")
    parser.add_argument("--load", metavar="FILE", help="read them instead of deriving")
    parser.add_argument("--points", type=int, default=10_000_000, help="timed on a GPU")
    parser.add_argument("--json", metavar="FILE")
    options = parser.parse_args()
    if options.load:
        with open(options.load, "rb") as stream:
            found = pickle.load(stream)
    else:
        found = programs()
    if options.save:
        with open(options.save, "wb") as stream:
            pickle.dump(found, stream)
        print(f"wrote {options.save}")
        return
    try:
        import torch
    except ImportError:
        raise SystemExit("PyTorch is not installed: nothing was run.") from None
    device = "cuda" if torch.cuda.is_available() else "cpu"
    if device == "cuda":
        print(f"GPU: {torch.cuda.get_device_name(0)}, torch {torch.__version__}")
    else:
        print("NO GPU: PyTorch sees no CUDA device; the same is checked on the processor.")
    rows = []
    for name, function in found.items():
        errors = checked(function, device)
        count = options.points if device == "cuda" else min(options.points, 1_000_000)
        there, here = timed(function, device, count)
        print(
            f"{name}: {len(function.program)} instructions, {len(function.outputs)} outputs; "
            f"{device} {there:.3g} ns/point at {count:.0e} points, numpy backend {here:.3g}, "
            f"ratio {here / there:.3g}"
        )
        for key, value in errors.items():
            print(f"  largest {key}: {value:.3g}")
        # Both run the same program; libraries' exp and expm1 differ by an ulp or two.
        assert errors["ulps"] <= 64 and errors["relative error of the derivative"] <= 1e-9
        rows.append(
            {"model": name, "device": device, "ns_per_point": there, "numpy": here} | errors
        )
    if options.json:
        with open(options.json, "w") as stream:
            json.dump(rows, stream, indent=1)


if __name__ == "__main__":
    main()
