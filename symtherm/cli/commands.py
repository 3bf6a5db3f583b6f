"""The command line: ``symtherm models | derive`` (and see certificates.py, sweeps.py).

Only click is imported at the start; SymPy, FLINT, NumPy, rich and Matplotlib come with the
commands that need them, so that ``--help`` and argument errors are immediate.

Exit status: 0 done, 1 a claim came out REFUTED or UNDECIDED, 2 bad input, 3 an internal error,
130 interrupted, 141 the reader of the output left (silently, as other filters do).
"""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import click

from symtherm import __version__
from symtherm.cli.terminal import (
    Group,
    Progress,
    console,
    fold,
    print_table,
    print_text,
    width,
    write_text,
)
from symtherm.errors import BadExpression, UnknownSymbol

if TYPE_CHECKING:
    from sympy import Rational, Symbol

    from symtherm.derive.derivation import Derivation
    from symtherm.thermo.model import Model

__all__ = [
    "AT",
    "QUANTITY",
    "asked_quantities",
    "find_model",
    "main",
    "read_point",
    "tell_absent",
]

SUFFIXES = {"latex": ".tex", "html": ".html", "markdown": ".md", "json": ".json"}


# --- arguments ----------------------------------------------------------------------------------


def find_model(target: str) -> Model:
    """A library model by name, otherwise the model file of that path."""
    from symtherm.models.library import NAMES, model

    if target not in NAMES and (
        os.path.lexists(target) or target.endswith(".toml") or os.sep in target
    ):
        from symtherm.models.reader import load_model

        return load_model(target)
    return model(target)


def read_point(
    model: Model, at: Sequence[str], swept: Sequence[str] = ()
) -> dict[Symbol, Rational]:
    """The values in all ``--at``, which must be those of all parameters but the swept ones."""
    from symtherm.exact.parse import parse_assignments, unknown_symbol

    values = parse_assignments(", ".join(text for text in at if text.strip()))
    known = {p.name: p for p in model.parameters}
    for name in (*values, *swept):
        if name not in known:
            raise unknown_symbol(name, known, f"The parameter {name!r} of {model.name}")
    for name in swept:
        if name in values:
            raise BadExpression(
                f"The value of {name}", found="it is both given and swept", advice="give it once"
            )
        if list(swept).count(name) > 1:
            raise BadExpression(f"The values of {name}", found="it is swept twice")
    missing = [name for name in known if name not in values and name not in swept]
    if missing:
        raise UnknownSymbol(
            f"The parameters of {model.name}",
            found="no value for " + ", ".join(missing),
            advice='give them all: --at "' + ", ".join(f"{name}=..." for name in missing) + '"',
        )
    return {symbol: values[name] for name, symbol in known.items() if name in values}


def asked_quantities(model: Model, asked: tuple[str, ...]) -> list[str] | None:
    """The quantities asked for, each once; None for all."""
    for name in asked:
        if name not in model.quantities:
            model.fraction(name)  # raises, listing what there is
    return list(dict.fromkeys(asked)) or None


# --- commands -----------------------------------------------------------------------------------


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="symtherm")
def main() -> None:
    """Derive, certify and evaluate the thermodynamics of open quantum systems.

    NAME is a model of the library (see `symtherm models`) or the path of a model file. Numbers
    are exact: 0.1 and 1/10 are the same. Energy, heat and power are positive into the system,
    entropies are in nats, hbar = k_B = 1.

    Exit status: 0 done, 1 a claim came out REFUTED or UNDECIDED, 2 bad input, 3 internal error.

    \b
    Example:
      symtherm derive three-level-maser
    """


@main.command("models")
@click.argument("name", required=False)
@click.option("--toml", is_flag=True, help="Print the model as a model file.")
def models_command(name: str | None, toml: bool) -> None:
    """List the library, or show the model NAME.

    A model is shown with its parameters and the sample point at which `derive` compares its
    numbers, its levels, and the quantities that `certify` and `evaluate` know.

    \b
    Examples:
      symtherm models
      symtherm models quantum-dot
      symtherm models qubit --toml
    """
    if name is None:
        if toml:
            raise click.UsageError("--toml needs the NAME of a model.")
        from symtherm.models.library import NAMES, model

        library = [model(key) for key in NAMES]
        listed = [(m.name, m.title, ", ".join(p.name for p in m.parameters)) for m in library]
        print_table(("name", "title", "parameters"), listed)
        return
    found = find_model(name)
    if toml:
        from symtherm.models.writer import write_model

        print_text(write_model(found))
    else:
        _show(found)


def _show(model: Model) -> None:
    from symtherm.derive.thermodynamics import sample_point
    from symtherm.models.writer import expression_text

    with Progress(f"reading {model.name}"):
        quantities, point = model.quantities, sample_point(model)
    complete = all(p in model.point for p in model.parameters)
    origin = "chosen by symtherm, for want of a [point]" if point else "none found: add a [point]"
    generator = model.generator
    lines = {
        "sample point": "" if complete else origin,
        "levels": ", ".join(generator.space.levels),
        "order": ", ".join(f"{expression_text(e)} > 0" for e in generator.positive),
        "nonzero": ", ".join(map(expression_text, generator.conditions)),
        "quantities": ", ".join(quantities),
        "source": model.source,
    }
    columns = width()
    click.echo(fold(f"{model.name}: ", model.title, 2, columns))
    rows = [
        (p.name, "positive" if p.is_positive else "real", str(point.get(p, "")))
        for p in model.parameters
    ]
    print_table(("parameter", "declared", "sample point"), rows)
    for key, line in lines.items():
        if line:
            click.echo(fold(f"{key}: ", line, 2, columns))


@main.command("derive")
@click.argument("name")
@click.option(
    "--to", "form", type=click.Choice(list(SUFFIXES)), help="Print, or write, this one format."
)
@click.option("-o", "directory", metavar="DIR", help="Write the documents here; made if needed.")
def derive_command(name: str, form: str | None, directory: str | None) -> None:
    """Derive the thermodynamics of NAME, and write it as LaTeX and HTML.

    Without --to, the derivation is printed and NAME.tex and NAME.html are written to DIR (the
    current directory). With --to, that one format is printed, or written to DIR.

    The exit status is 1 when a claim came out REFUTED or UNDECIDED; the documents are written all
    the same.

    \b
    Examples:
      symtherm derive three-level-maser
      symtherm derive quantum-dot --to latex -o paper/
    """
    if directory is not None and (not directory or os.path.isfile(directory)):
        raise click.BadParameter(f"{directory!a} is no directory.", param_hint="-o")
    model = find_model(name)
    from symtherm.derive.derivation import Verdict
    from symtherm.derive.thermodynamics import thermodynamics

    with Progress(f"deriving {model.name}"):
        derivation = thermodynamics(model)
        forms = ("latex", "html") if form is None else (form,)
        texts = {key: _render(key, derivation) for key in forms}
    if form is not None and directory is None:
        print_text(texts[form])
    else:
        paths = [
            write_text(directory or ".", model.name, SUFFIXES[key], text)
            for key, text in texts.items()
        ]
        if form is None:
            from symtherm.derive.text import print_derivation

            print_derivation(derivation, console())
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


AT = click.option(
    "--at",
    multiple=True,
    metavar='"a=1, b=1/2"',
    help="Exact values of the parameters, each once; may be given several times.",
)
QUANTITY = click.option(
    "--quantity",
    "asked",
    multiple=True,
    metavar="Q",
    help="A quantity, such as heat[h]; may be given several times.  [default: all]",
)


def tell_absent(model: Model, asked: tuple[str, ...], found: Collection[str]) -> None:
    """Says which quantities do not exist at the point, unless some were asked for."""
    for name in () if asked else model.quantities:
        if name not in found:
            click.echo(f"symtherm: there is no {name} at this point", err=True)
