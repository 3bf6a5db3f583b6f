"""The command ``symtherm evaluate``: sweeps in floating point, as CSV or Zarr and as figures."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from symtherm.cli.commands import (
    AT,
    QUANTITY,
    asked_quantities,
    find_model,
    main,
    read_point,
    tell_absent,
)
from symtherm.cli.terminal import Progress, check_files

if TYPE_CHECKING:
    from symtherm.models.sweep import Quantities
    from symtherm.numeric.grid import Axis
    from symtherm.thermo.model import Model

__all__ = ["evaluate_command"]

PLOTS = (".svg", ".png", ".pdf")
POINTS = {1: 2001, 2: 201}  # drawn at most along an axis, by the number of axes


@main.command("evaluate")
@click.argument("name")
@AT
@click.option(
    "--sweep",
    "sweeps",
    required=True,
    multiple=True,
    metavar="T_h=1:4:101",
    help="A swept parameter, its first and last value, and how many points; :log after that for "
    "equal ratios. May be given twice, for a map.",
)
@QUANTITY
@click.option("-o", "output", metavar="FILE", help="Write the CSV (or .zarr) to FILE.")
@click.option("--plot", metavar="FILE", help="Also draw the sweep, as .svg, .png or .pdf.")
def evaluate_command(
    name: str,
    at: tuple[str, ...],
    sweeps: tuple[str, ...],
    asked: tuple[str, ...],
    output: str | None,
    plot: str | None,
) -> None:
    """Evaluate quantities of NAME in floating point along one or two parameters.

    A row holds the swept parameters, both ends included, then the quantities, in double precision,
    nan where one does not exist. Every other parameter needs an exact value. With two sweeps the
    second one runs fastest. A sweep to a .csv or .zarr file that was interrupted goes on where it
    stopped when it is started again.

    A figure shows the quantities asked for, where the entropy production vanishes, and the
    operating modes (engine, refrigerator, accelerator, heater, ...) where there are any; with two
    sweeps the first parameter runs to the right, the second up.

    \b
    Examples:
      symtherm evaluate two-bath-qubit --at "omega=1, gamma_h=0.3, gamma_c=0.2" \\
        --at T_c=1 --sweep T_h=1:4:101 -o sweep.csv --plot sweep.svg
      symtherm evaluate three-level-maser --at "omega_h=3, gamma_h=1/50" \\
        --at "gamma_c=1/40, epsilon=1/20, Delta=0, T_c=1" --sweep T_h=1:10:150 \\
        --sweep omega_c=1/2:5/2:150 --quantity power -o map.csv --plot map.png
    """
    if plot is not None and Path(plot).suffix.lower() not in PLOTS:
        raise click.BadParameter(f"{plot!a} is none of {', '.join(PLOTS)}.", param_hint="--plot")
    if len(sweeps) > 2:
        raise click.BadParameter(
            "one or two parameters are swept, not three.", param_hint="--sweep"
        )
    resumed = output is not None and output.endswith(".zarr") and os.path.isdir(output)
    check_files({"-o": None if resumed else output, "--plot": plot}, name)
    model = find_model(name)
    swept = [_read_axis(text) for text in sweeps]
    point = read_point(model, at, [key for key, _ in swept])
    from symtherm.models.sweep import corners, grid_of, model_function

    symbols = {p.name: p for p in model.parameters}
    ends = corners(point, {symbols[key]: (axis.start, axis.stop) for key, axis in swept})
    with Progress(f"compiling {model.name}"):
        function = model_function(model, asked_quantities(model, asked), ends)
        grid = grid_of(point, dict(swept))
    tell_absent(model, asked, function.keys)
    _write(function, grid, f"evaluating {model.name}", output)
    total = math.prod(axis.count for _, axis in swept)
    for key, missing in function.holes.items():
        if missing:
            click.echo(f"symtherm: {key} is not finite at {missing} of {total} points", err=True)
    if plot is not None:
        _draw(plot, model, function, dict(swept), grid)


def _read_axis(text: str) -> tuple[str, Axis]:
    """A parameter and its axis, from ``name=start:stop:count`` or ``name=start:stop:count:log``."""
    from symtherm.exact.parse import parse_sweep
    from symtherm.numeric.grid import Axis

    plain = text.strip().removesuffix(":log")
    key, start, stop, count = parse_sweep(plain)
    return key, Axis(start, stop, count, "linear" if plain == text.strip() else "log")


def _write(function: Quantities, grid: dict[str, Any], task: str, output: str | None) -> None:
    """The rows to standard output or to a file."""
    import csv

    from symtherm.numeric.grid import Grid
    from symtherm.numeric.stores import rows
    from symtherm.numeric.sweep import BLOCK, sweep

    total = math.prod(Grid.of(grid, BLOCK).shape)
    visible = output is not None or not sys.stdout.isatty()
    with ExitStack() as stack:
        progress = stack.enter_context(Progress(task, total, visible))

        def advance(done: int, _: int) -> None:
            progress.advance(done - progress.done)

        if output is not None and Path(output).suffix in (".csv", ".zarr"):
            # A file with a journal is continued; any other CSV is written anew.
            if output.endswith(".csv") and not os.path.exists(output + ".journal"):
                Path(output).unlink(missing_ok=True)
            sweep(function, grid, to=output, progress=advance)
            return
        stream: Any = sys.stdout
        if output is not None:
            stream = stack.enter_context(open(output, "w", encoding="utf-8", newline=""))
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([*(key for key, value in grid.items() if not isinstance(value, float)),
                         *function.keys])  # fmt: skip

        def write(_: None, coordinates: dict[str, Any], outputs: dict[str, Any]) -> None:
            writer.writerows(rows(coordinates, outputs))

        # Small blocks: a reader of standard output sees rows soon, and may leave.
        sweep(function, grid, reduce=write, progress=advance, block=1 << 14)


def _draw(
    path: str,
    model: Model,
    function: Quantities,
    swept: dict[str, Axis],
    grid: dict[str, Any],
) -> None:
    """The figure, from a grid of its own: equally many points however long the sweep."""
    from dataclasses import replace

    from symtherm.models.sweep import model_function
    from symtherm.numeric.maps import map_figure
    from symtherm.numeric.modes import operating_modes, reversible_points, reversible_segments
    from symtherm.numeric.plot import figure, written

    axes = {
        key: replace(axis, count=min(axis.count, POINTS[len(swept)])) for key, axis in swept.items()
    }
    values = {key: axis.values(0, axis.count) for key, axis in axes.items()}
    fixed = {key: value for key, value in grid.items() if key not in axes}
    book = model.ledger
    baths = [bath.label for bath in model.generator.baths]
    heats = {label: f"heat[{label}]" for label in baths if f"heat[{label}]" in book.fractions}
    currents = [key for key in book.fractions if key.startswith(("heat", "current"))]
    names = [*book.fractions]
    whole = model_function(model, names, temperatures=True)

    def at(place: Any) -> dict[str, Any]:
        return whole(**fixed, **place)

    spread: Sequence[Any] = [*values.values()]
    if len(axes) == 2:
        spread = [spread[0][:, None], spread[1][None, :]]
    place = dict(zip(values, spread, strict=True))
    drawn = function(**fixed, **place)
    # A machine has power, or more than two baths between which heat is driven.
    modes = None
    if len(heats) > 1 and (len(baths) > 2 or bool(book.fractions["power"])):
        found = at(place)
        modes = operating_modes(
            {label: found[key] for label, key in heats.items()},
            {label: found[f"T[{label}]"] for label in heats},
            found["power"],
        )
    symbols = {p.name: p for p in model.parameters}
    if len(axes) == 1:
        ((key, axis),) = axes.items()
        line = (key, values[key])
        zeros = reversible_points(at, line, currents, "entropy_production").tolist()
        columns = [values[key], *(drawn[name] for name in function.keys)]
        written(path, lambda: figure(
            model.title, symbols[key], function.keys, [columns], spacing=axis.spacing,
            reversible=zeros, modes=modes,
        ))  # fmt: skip
        return
    (first, x), (second, y) = values.items()
    segments = reversible_segments(at, ((first, x), (second, y)), currents, "entropy_production")
    written(path, lambda: map_figure(
        model.title, (symbols[first], symbols[second]), (x, y), drawn, segments=segments,
        modes=modes, spacing=(axes[first].spacing, axes[second].spacing),
    ))  # fmt: skip
