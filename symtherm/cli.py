"""The command line: ``symtherm models | derive | certify | evaluate``.

Only click is imported at the start; SymPy, FLINT, NumPy, rich and Matplotlib come with the
commands that need them, so that ``--help`` and argument errors are immediate.

Exit status: 0 done, 1 a claim came out REFUTED or UNDECIDED, 2 bad input, 3 an internal error.
"""

from __future__ import annotations

import os
import re
import sys
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from symtherm import __version__
from symtherm.errors import BadExpression, SymthermError, UnknownSymbol

if TYPE_CHECKING:
    from rich.console import Console
    from sympy import Rational, Symbol

    from symtherm.derive.derivation import Derivation
    from symtherm.thermo.model import Model

__all__ = ["main"]

SUFFIXES = {"latex": ".tex", "html": ".html", "markdown": ".md", "json": ".json"}
PLOTS = (".svg", ".png", ".pdf")
PLOTTED = 4000  # points drawn at most


def _fail(text: str, status: int) -> NoReturn:
    line = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    click.echo(f"symtherm: {line}", err=True)
    raise click.exceptions.Exit(status)


class _Group(click.Group):
    """Turns every exception into one line and an exit status."""

    def invoke(self, ctx: click.Context) -> Any:
        if isinstance(sys.stdout, TextIOWrapper):
            sys.stdout.reconfigure(errors="backslashreplace")
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
            return result
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except SymthermError as error:
            _fail(str(error), 2)
        except BrokenPipeError:
            # The reader left: nothing may be written any more, not even at interpreter exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise click.exceptions.Exit(141) from None
        except KeyboardInterrupt:
            raise click.exceptions.Exit(130) from None
        except OSError as error:
            reason = error.strerror or str(error)
            _fail(f"{error.filename}: {reason}" if error.filename else reason, 2)
        except Exception as error:  # no traceback is ever shown to a user
            _fail(f"internal error: {type(error).__name__}: {error}", 3)


class _Progress:
    """A bar on stderr, shown when a second has passed and stderr is a terminal."""

    def __init__(self, text: str, total: int | None = None, wanted: bool = True) -> None:
        self.text, self.total, self.done = text, total, 0
        self.bar: Any = None
        self.task: Any = None
        self.closed = not wanted
        self.lock = threading.Lock()
        self.timer = threading.Timer(1.0, self._show)
        self.timer.daemon = True

    def _show(self) -> None:
        from rich.console import Console
        from rich.progress import Progress

        console = Console(stderr=True)
        with self.lock:
            if not self.closed and console.is_terminal:
                self.bar = Progress(console=console, transient=True)
                self.task = self.bar.add_task(self.text, total=self.total, completed=self.done)
                self.bar.start()

    def advance(self, count: int) -> None:
        self.done += count
        if self.bar is not None:
            self.bar.update(self.task, completed=self.done)

    def __enter__(self) -> _Progress:
        self.timer.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.timer.cancel()
        with self.lock:
            self.closed = True
            if self.bar is not None:
                self.bar.stop()


# --- arguments ----------------------------------------------------------------------------------


def _model(target: str) -> Model:
    """A library model by name, otherwise the model file of that path."""
    from symtherm.models.library import NAMES, model

    if target not in NAMES and (
        os.path.lexists(target) or target.endswith(".toml") or os.sep in target
    ):
        from symtherm.models.reader import load_model

        return load_model(target)
    return model(target)


def _point(model: Model, text: str, swept: str = "") -> dict[Symbol, Rational]:
    """The values in ``--at``, which must be those of all parameters but the swept one."""
    from symtherm.exact.parse import parse_assignments, unknown_symbol

    values = parse_assignments(text)
    known = {p.name: p for p in model.parameters}
    for name in (*values, *([swept] if swept else [])):
        if name not in known:
            raise unknown_symbol(name, known, f"The parameter {name!r} of {model.name}")
    if swept in values:
        raise BadExpression(
            f"The value of {swept}", found="it is both given and swept", advice="give it once"
        )
    missing = [name for name in known if name not in values and name != swept]
    if missing:
        raise UnknownSymbol(
            f"The parameters of {model.name}",
            found="no value for " + ", ".join(missing),
            advice='give them all: --at "' + ", ".join(f"{name}=..." for name in missing) + '"',
        )
    return {symbol: values[name] for name, symbol in known.items() if name in values}


def _quantities(model: Model, asked: tuple[str, ...]) -> list[str] | None:
    """The quantities asked for, each once; None for all."""
    for name in asked:
        if name not in model.quantities:
            model.fraction(name)  # raises, listing what there is
    return list(dict.fromkeys(asked)) or None


def _console(width: int) -> Console:
    from rich.console import Console

    console = Console()
    return console if console.is_terminal else Console(width=width)


def _table(header: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE, pad_edge=False)
    for name in header:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    _console(width).print(table, highlight=False, emoji=False)


def _print_text(text: str) -> None:
    """A document as it is, in UTF-8 whatever the locale."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8"))
    sys.stdout.buffer.flush()


def _write_text(directory: str, name: str, suffix: str, text: str) -> Path:
    place = Path(directory)
    place.mkdir(parents=True, exist_ok=True)
    safe = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.") or "model"
    path = place / (safe + suffix)
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


# --- commands -----------------------------------------------------------------------------------


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="symtherm")
def main() -> None:
    """Derive, certify and evaluate the thermodynamics of open quantum systems.

    NAME is a model of the library (see `symtherm models`) or the path of a model file. Numbers
    are exact: 0.1 and 1/10 are the same.
    """


@main.command("models")
@click.argument("name", required=False)
@click.option("--toml", is_flag=True, help="Print the model as a model file.")
def models_command(name: str | None, toml: bool) -> None:
    """List the library, or show the model NAME."""
    if name is None:
        if toml:
            raise click.UsageError("--toml needs the NAME of a model.")
        from symtherm.models.library import NAMES, model

        library = [model(key) for key in NAMES]
        rows = [(m.name, m.title, ", ".join(p.name for p in m.parameters)) for m in library]
        _table(("name", "title", "parameters"), rows, 160)
        return
    found = _model(name)
    if toml:
        from symtherm.models.writer import write_model

        _print_text(write_model(found))
        return
    click.echo(f"{found.name}: {found.title}")
    _table(
        ("parameter", "declared", "default point"),
        [
            (p.name, "positive" if p.is_positive else "real", str(found.point.get(p, "")))
            for p in found.parameters
        ],
        120,
    )
    from symtherm.models.writer import expression_text

    orders = [f"{expression_text(e)} > 0" for e in found.generator.positive]
    lines = {
        "levels": ", ".join(found.generator.space.levels),
        "order": ", ".join(orders),
        "quantities": ", ".join(found.quantities),
        "source": found.source,
    }
    for key, line in lines.items():
        if line:
            click.echo(f"{key}: {line}")


@main.command("derive")
@click.argument("name")
@click.option("--to", "form", type=click.Choice(list(SUFFIXES)), help="Print this one format.")
@click.option("-o", "directory", metavar="DIR", help="Write the documents here.")
def derive_command(name: str, form: str | None, directory: str | None) -> None:
    """Derive the thermodynamics of NAME, and write it as LaTeX and HTML.

    Without --to, the derivation is printed and NAME.tex and NAME.html are written to DIR (the
    current directory). With --to, that one format is printed, or written to DIR.
    """
    model = _model(name)
    from symtherm.derive.derivation import Verdict
    from symtherm.derive.thermodynamics import thermodynamics

    with _Progress(f"deriving {model.name}"):
        derivation = thermodynamics(model)
        forms = ("latex", "html") if form is None else (form,)
        texts = {key: _render(key, derivation) for key in forms}
    if form is not None and directory is None:
        _print_text(texts[form])
    else:
        paths = [
            _write_text(directory or ".", model.name, SUFFIXES[key], text)
            for key, text in texts.items()
        ]
        if form is None:
            from rich.console import Console

            from symtherm.derive.text import print_derivation

            print_derivation(derivation, Console())
        click.echo("wrote " + ", ".join(map(str, paths)), err=True)
    verdicts = {derivation.verdict, *(step.verdict for step in derivation.steps)}
    if verdicts & {Verdict.REFUTED, Verdict.UNDECIDED}:
        raise click.exceptions.Exit(1)


def _render(form: str, derivation: Derivation) -> str:
    from symtherm.derive import data, html, latex, markdown

    if form == "latex":
        return latex.to_latex(derivation)
    if form == "html":
        return html.to_html(derivation)
    return markdown.to_markdown(derivation) if form == "markdown" else data.to_json(derivation)


_AT = click.option(
    "--at", "at", required=True, metavar='"a=1, b=1/2"', help="Exact values of the parameters."
)
_QUANTITY = click.option(
    "--quantity", "asked", multiple=True, metavar="Q", help="Such as heat[h]; all by default."
)


@main.command("certify")
@click.argument("name")
@_AT
@click.option(
    "--digits", type=click.IntRange(1, 1000), default=50, show_default=True, metavar="N",
    help="Significant digits.",
)  # fmt: skip
@_QUANTITY
@click.option("--to", "form", type=click.Choice(["json"]), help="Print JSON.")
def certify_command(
    name: str, at: str, digits: int, asked: tuple[str, ...], form: str | None
) -> None:
    """Print quantities of NAME at an exact point, each with a proved radius."""
    model = _model(name)
    point = _point(model, at)
    from symtherm.reference import certify

    with _Progress(f"certifying {model.name}"):
        found = certify(model, point, digits, _quantities(model, asked))
    parameters = {symbol.name: str(value) for symbol, value in point.items()}
    if form == "json":
        import json

        results = {key: {"value": e.value, "radius": e.radius} for key, e in found.items()}
        data = {"model": model.name, "parameters": parameters, "digits": digits}
        _print_text(json.dumps({**data, "results": results}, ensure_ascii=False, indent=2) + "\n")
        return
    where = ", ".join(f"{key} = {value}" for key, value in parameters.items())
    rows = [(key, e.value, e.radius) for key, e in found.items()]
    click.echo(f"{model.name} at {where}")
    _table(("quantity", "value", "radius"), rows, digits + 80)


@main.command("evaluate")
@click.argument("name")
@_AT
@click.option("--sweep", required=True, metavar="T_h=1:4:101", help="Parameter, ends and count.")
@_QUANTITY
@click.option("-o", "output", metavar="FILE", help="Write the CSV here.")
@click.option("--plot", metavar="FILE", help="Draw the sweep as .svg, .png or .pdf.")
def evaluate_command(
    name: str, at: str, sweep: str, asked: tuple[str, ...], output: str | None, plot: str | None
) -> None:
    """Evaluate quantities of NAME in floating point along a sweep, as CSV."""
    if plot is not None and Path(plot).suffix.lower() not in PLOTS:
        raise click.BadParameter(f"{plot!r} is none of {', '.join(PLOTS)}.", param_hint="--plot")
    from symtherm.exact.parse import parse_sweep

    model = _model(name)
    swept, start, stop, count = parse_sweep(sweep)
    point = _point(model, at, swept)
    import csv

    from symtherm.models.sweep import Sweep

    along = Sweep(model, point, swept, start, stop, count, _quantities(model, asked))
    kept: list[list[Any]] = []
    holes = dict.fromkeys(along.names, 0)
    stride = -(-count // PLOTTED)
    visible = output is not None or not sys.stdout.isatty()
    with ExitStack() as stack:
        stream: Any = sys.stdout
        if output is not None:
            stream = stack.enter_context(open(output, "w", encoding="utf-8", newline=""))
        progress = stack.enter_context(_Progress(f"evaluating {model.name}", count, visible))
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([swept, *along.names])
        for first, columns in along.blocks():
            for key, column in zip(along.names, columns[1:], strict=True):
                holes[key] += int((column - column != 0).sum())
            writer.writerows(zip(*(column.tolist() for column in columns), strict=True))
            kept.append([column[-first % stride :: stride] for column in columns])
            progress.advance(len(columns[0]))
    for key, missing in holes.items():
        if missing:
            click.echo(f"symtherm: {key} is not finite at {missing} of {count} points", err=True)
    if plot is not None:
        from symtherm.numeric.plot import draw

        draw(plot, model.title, along.symbol, along.names, kept)


if __name__ == "__main__":
    main()
