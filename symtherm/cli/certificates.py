"""The commands of certified values: ``symtherm certify | verify | reference build``."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING, Any

import click

from symtherm.cli.commands import (
    AT,
    QUANTITY,
    find_model,
    main,
    read_point,
    tell_absent,
)
from symtherm.cli.terminal import Progress, check_files, fold, print_table, print_text, width

if TYPE_CHECKING:
    from symtherm.exact.balls import Enclosure
    from symtherm.reference.document import Reference
    from symtherm.thermo.model import Model

__all__ = ["certify_command", "reference_group", "verify_command"]

MAX_GRID = 100_000
_DIGITS = click.option(
    "--digits", type=click.IntRange(1, 1000), default=50, show_default=True, metavar="N",
    help="Significant digits, 1 to 1000.",
)  # fmt: skip


@main.command("certify")
@click.argument("name")
@AT
@_DIGITS
@QUANTITY
@click.option("--to", "form", type=click.Choice(["json"]), help="Print JSON.")
@click.option(
    "--grid", "grids", multiple=True, metavar='"T=1:4:7"',
    help="Values of a parameter, both ends included; several make a table of all combinations.",
)  # fmt: skip
@click.option("--trajectory", metavar='"t=0:10:101"', help="Values along rho(t) from --initial.")
@click.option(
    "--initial", metavar="LEVEL", default="mixed", show_default=True,
    help="The state at t = 0: a level, or mixed.",
)  # fmt: skip
@click.option("--driven", is_flag=True, help="The name in --trajectory is a symbol of the model.")
@click.option("--operators", is_flag=True, help="Use no closed form: solve L(pi) = 0 in balls.")
@click.option(
    "--seconds", type=click.FloatRange(min=0), help="Stop refining after so many seconds."
)
@click.option("-o", "output", metavar="FILE", help="Write a reference file: .json, .json.gz, .csv.")
def certify_command(
    name: str,
    at: tuple[str, ...],
    digits: int,
    asked: tuple[str, ...],
    form: str | None,
    grids: tuple[str, ...],
    trajectory: str | None,
    initial: str,
    driven: bool,
    operators: bool,
    seconds: float | None,
    output: str | None,
) -> None:
    """Print quantities of NAME at an exact point, each with a proved radius.

    The true value differs from the printed one by at most the radius, rounding included. Every
    parameter needs an exact value: an integer, a decimal, or a fraction. An efficiency that does
    not exist at the point is left out, unless asked for.

    With --grid or --trajectory a table is printed as CSV. A file written with -o holds the model in
    full and a hash; `symtherm verify FILE` derives its numbers again by another route.

    \b
    Examples:
      symtherm certify qubit --at "omega=3/2, gamma=0.4" --at T=1.25 \\
        --digits 30 --quantity "population[e]"
      symtherm certify qubit --at "omega=1, gamma=1, T=1" \\
        --trajectory t=0:1:3 --initial e
    """
    check_files({"-o": output}, name)
    _check_suffix(output)
    from symtherm.exact.parse import parse_sweep

    model = find_model(name)
    swept = [parse_sweep(text) for text in grids]
    path = None if trajectory is None else parse_sweep(trajectory)
    if path is not None and (swept or operators):
        raise click.UsageError("--trajectory goes with neither --grid nor --operators.")
    _check_size([count for *_, count in ([path] if path else swept)])
    open_names = [parameter for parameter, *_ in swept]
    if path is not None and driven:
        open_names.append(path[0])
    point = read_point(model, at, open_names)
    quantities = list(dict.fromkeys(asked)) or None
    options = {"digits": digits, "seconds": seconds}
    if path is not None:
        table = _trajectory(model, point, path, initial, driven, quantities, options)
    elif swept or operators or output is not None:
        table = _grid(model, point, swept, operators, quantities, options)
    else:
        _print_point(model, point, quantities, options, form)
        return
    if output is not None:
        table.write(output)
    elif form == "json":
        print_text(table.to_json())
    else:
        from symtherm.reference.document import to_csv

        print_text(to_csv(table))


def _check_size(counts: Sequence[int]) -> None:
    size = 1
    for count in counts:
        size *= count
    if size > MAX_GRID:
        raise click.UsageError(f"{size} points; at most {MAX_GRID} are certified at once.")


def _print_point(
    model: Model, point: Mapping[Any, Any], quantities: list[str] | None,
    options: Mapping[str, Any], form: str | None,
) -> None:  # fmt: skip
    from symtherm.reference.closed import certified

    digits = options["digits"]
    with Progress(f"certifying {model.name}"):
        found, plain = certified(model, point, digits, quantities, options["seconds"])
    if plain:
        _tell_plain(plain)
    else:
        tell_absent(model, tuple(quantities or ()), found)
    parameters = {symbol.name: str(value) for symbol, value in point.items()}
    if form == "json":
        import json

        results = {key: {"value": e.value, "radius": e.radius} for key, e in found.items()}
        data = {"model": model.name, "parameters": parameters, "digits": digits}
        print_text(json.dumps({**data, "results": results}, ensure_ascii=False, indent=2) + "\n")
        return
    where = ", ".join(f"{key}={value}" for key, value in parameters.items())
    click.echo(fold(f"{model.name} at ", where, 2, width()))
    rows = [(key, e.value, e.radius) for key, e in found.items()]
    print_table(("quantity", "value", "radius"), rows)


def _tell_plain(name: str) -> None:
    click.echo(f"symtherm: {name} has no short closed form; enclosed from its operators", err=True)


def _grid(
    model: Model, point: Mapping[Any, Any], swept: Sequence[Any], operators: bool,
    quantities: list[str] | None, options: Mapping[str, Any],
) -> Reference:  # fmt: skip
    from itertools import product

    from symtherm.numeric.system import system_of
    from symtherm.reference.closed import certified
    from symtherm.reference.routes import certify_operators, reference_of, steady_row

    names = {p.name: p for p in model.parameters}
    series = [
        [(names[key], start + (stop - start) * k / (count - 1)) for k in range(count)]
        for key, start, stop, count in swept
    ]
    system = system_of(model.generator, model.energy, model.number, model.hot)
    used = set(system.symbols)
    digits, rows = options["digits"], []
    total = 1
    for values in series:
        total *= len(values)
    with Progress(f"certifying {model.name}", total) as progress:
        for k, combination in enumerate(product(*series)):
            here = {**point, **dict(combination)}
            plain = ""
            if operators:
                found = certify_operators(model, here, digits, quantities, options["seconds"])
            else:
                found, plain = certified(model, here, digits, quantities, options["seconds"])
            kept = {s: v for s, v in here.items() if s in used}
            method = "steady" if operators or plain else "closed"
            rows.append(steady_row(model.name, f"steady/{k}", kept, found, digits, method))
            progress.advance(1)
    if plain:
        _tell_plain(plain)
    return reference_of({model.name: (model.title, system)}, rows)


def _trajectory(
    model: Model, point: Mapping[Any, Any], path: Any, initial: str, driven: bool,
    asked: list[str] | None, options: Mapping[str, Any],
) -> Reference:  # fmt: skip
    from symtherm.numeric.initial import initial_coordinates
    from symtherm.numeric.system import system_of
    from symtherm.reference.routes import (
        certify_trajectory,
        reference_of,
        state_row,
        times_between,
    )

    key, start, stop, count = path
    time = {p.name: p for p in model.parameters}[key] if driven else None
    system = system_of(model.generator, model.energy, model.number, model.hot, time)
    state = initial_coordinates(initial, system.levels)
    times = times_between([start + (stop - start) * k / (count - 1) for k in range(count)])
    with Progress(f"certifying {model.name}"):
        found: list[dict[str, Enclosure]] = certify_trajectory(
            model, point, times, initial, options["digits"], asked, time, options["seconds"]
        )
    kept = {s: v for s, v in point.items() if s in set(system.symbols)}
    rows = [
        state_row(model.name, f"t/{k}", system, kept, state, t, values, options["digits"])
        for k, (t, values) in enumerate(zip(times, found, strict=True))
    ]
    return reference_of({model.name: (model.title, system)}, rows)


# --- files ----------------------------------------------------------------------------------------


@main.command("verify")
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.option("--select", default="", metavar="TEXT", help="Only rows whose id contains this.")
@click.option("--jobs", type=click.IntRange(1, 256), default=1, help="Processes.")
def verify_command(file: str, select: str, jobs: int) -> None:
    """Derive every number of a reference FILE again, by another route, and say which row fails.

    The hash and the form of the file are checked first; nothing in it is executed. Values were
    proved in ball arithmetic; here they are integrated from the operators in the file, with more
    digits. The exit status is 1 when a row fails, 2 when the file is not one of ours.

    \b
    Example:
      symtherm verify rows.json
    """
    from symtherm.reference.cases import select_rows
    from symtherm.reference.document import read_reference
    from symtherm.reference.verify import verify_rows

    found = select_rows(read_reference(file), select)
    with Progress(f"verifying {os.path.basename(file)}", len(found.rows)) as progress:
        if jobs == 1:
            failures = verify_rows(found, progress.advance)
        else:
            with ProcessPoolExecutor(jobs) as pool:

                def spread(function: Any, cases: Any) -> Iterator[Any]:
                    return pool.map(function, cases, chunksize=4)

                failures = verify_rows(found, progress.advance, spread)
    for failure in failures:
        click.echo(str(failure))
    count = sum(len(row.values) for row in found.rows)
    bad = len({failure.row for failure in failures})
    click.echo(f"{count} values in {len(found.rows)} rows; {bad} rows fail")
    if failures:
        raise click.exceptions.Exit(1)


@main.group("reference")
def reference_group() -> None:
    """The reference set that comes with symtherm."""


def _check_suffix(output: str | None) -> None:
    if output is not None and not output.endswith((".json", ".json.gz", ".csv")):
        raise click.BadParameter(f"{output!a} is none of .json, .json.gz, .csv.", param_hint="-o")


@reference_group.command("build")
@click.option(
    "-o", "output", metavar="FILE", default="reference.json.gz", show_default=True,
    help="The file to write: .json, .json.gz or .csv.",
)  # fmt: skip
@click.option("--steady", type=click.IntRange(0), default=80, show_default=True, metavar="N")
@click.option("--transient", type=click.IntRange(0), default=26, show_default=True, metavar="N")
@click.option("--driven", type=click.IntRange(0), default=13, show_default=True, metavar="N")
@_DIGITS
@click.option("--jobs", type=click.IntRange(1, 256), default=2, show_default=True)
def build_command(
    output: str, steady: int, transient: int, driven: int, digits: int, jobs: int
) -> None:
    """Make the reference set: N rows per model and regime, each number proved.

    An interrupted build goes on where it stopped: finished rows lie in FILE.partial. From Python
    the same build runs on any executor (symtherm.reference.build).

    \b
    Example:
      symtherm reference build -o reference.json.gz --jobs 2
    """
    check_files({"-o": output}, "")
    _check_suffix(output)
    from symtherm.models.shipped import jobs as list_jobs
    from symtherm.models.shipped import shipped_model, work
    from symtherm.reference.build import build_rows, systems_of
    from symtherm.reference.routes import reference_of

    todo = list_jobs(steady, transient, driven, digits)
    partial = output + ".partial"
    with Progress("building the reference set", len(todo)) as progress:
        if jobs == 1:
            rows = build_rows(todo, work, partial, None, progress.advance)
        else:
            with ProcessPoolExecutor(jobs) as pool:
                rows = build_rows(todo, work, partial, pool, progress.advance)
    names = dict.fromkeys(job.model for job in todo)
    found = reference_of(systems_of({name: shipped_model(name) for name in names}), rows)
    found.write(output)
    values = sum(len(row.values) for row in rows)
    click.echo(f"wrote {output}: {len(rows)} rows, {values} values", err=True)
