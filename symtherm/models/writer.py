"""Models written as TOML, in the format that :mod:`symtherm.models.reader` reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sympy
from sympy import Expr, Symbol

from symtherm.errors import BadModelFile, SymthermError
from symtherm.exact.decide import is_zero
from symtherm.exact.parse import CONSTANTS, FUNCTIONS, parse_expression
from symtherm.models.checks import LABEL, SYMBOL
from symtherm.quantum.operator import Operator
from symtherm.thermo.model import Model

__all__ = ["expression_text", "write_model"]


def write_model(model: Model) -> str:
    """The model as TOML text; reading it back gives the same model.

    Traits that a constructor other than ``gkls`` proved (SECULAR) are not written. Raises
    BadModelFile for what the format cannot say: a coefficient outside the grammar, a label or a
    parameter of another kind, an incomplete point.

    >>> from symtherm import model
    >>> print(write_model(model("qubit")).splitlines()[0])
    name = "qubit"
    """
    return "\n".join(_Writer(model).lines()) + "\n"


def expression_text(expr: Expr) -> str:
    """An expression in the grammar of model files, positive terms first.

    >>> from symtherm import parameters
    >>> omega_h, omega_c = parameters("omega_h omega_c")
    >>> expression_text(omega_h - omega_c)
    'omega_h - omega_c'
    """
    # SymPy prints e as E, which is no name of the grammar.
    terms = expr.xreplace({sympy.E: Symbol("exp(1)")}).as_ordered_terms()
    terms.sort(key=lambda term: term.could_extract_minus_sign())
    return " + ".join(map(str, terms)).replace(" + -", " - ")


class _Writer:
    def __init__(self, model: Model) -> None:
        self.model = model
        self.symbols: dict[str, Symbol] = {p.name: p for p in model.parameters}

    def bad(self, found: str, advice: str = "") -> BadModelFile:
        return BadModelFile(
            f"The model {self.model.name!r} as a model file", found=found, advice=advice
        )

    def expression(self, expr: Expr) -> str:
        """The text of an expression, proved to be read as the same expression."""
        text = expression_text(expr)
        try:
            same = parse_expression(text, self.symbols)
            if same == expr or is_zero(same - expr):
                return text
        except SymthermError as error:
            name = next((n for n in self.symbols if not SYMBOL.fullmatch(n)), None)
            if name is None:
                raise self.bad(f"the expression {text[:60]}: {error.found}", error.advice) from None
            raise self.bad(
                f"the parameter {name!r}", "call it by ASCII letters, digits and _, a letter first"
            ) from None
        raise self.bad(f"the expression {text[:60]}", "write it in another form")

    def label(self, label: str) -> str:
        if not LABEL.fullmatch(label):
            raise self.bad(f"the label {label!r}", "use 1 to 16 letters, digits, _, + or -")
        return _quoted(label)

    def lines(self) -> list[str]:
        model, generator = self.model, self.model.generator
        lines = [f"name = {_quoted(model.name)}", f"title = {_quoted(model.title)}"]
        if model.source:
            lines.append(f"source = {_quoted(model.source)}")
        if model.hot:
            lines.append(f"hot = {self.labels(model.hot)}")
        for key, exprs in (("order", generator.positive), ("nonzero", generator.conditions)):
            if exprs:
                lines.append(f"{key} = [{', '.join(_quoted(self.expression(e)) for e in exprs)}]")
        space = generator.space
        if not space.factors:
            lines += [f"space = {_quoted(space.name)}", f"levels = {self.labels(space.levels)}"]
        lines += self.operator("energy", model.energy)
        if model.number is not None:
            lines += self.operator("number", model.number)
        lines += self.operator("hamiltonian", generator.hamiltonian)
        for factor in space.factors:
            lines += ["", "[[factor]]", f"name = {_quoted(factor.name)}"]
            lines.append(f"levels = {self.labels(factor.levels)}")
        lines += ["", "[parameters]", *map(self.parameter, model.parameters)]
        for d in generator.dissipators:
            if d.bath is not None:
                kind = "bath" if d.bath.statistics == "bose" else "lead"
                values = {"T": d.bath.T} | ({"mu": d.bath.mu} if kind == "lead" else {})
                lines += ["", f"[[{kind}]]", f"label = {self.label(d.label)}", *self.pairs(values)]
        for d in generator.dissipators:
            for p in d.pairs:
                kind, name = (
                    ("bath", "frequency") if p.bath.statistics == "bose" else ("lead", "energy")
                )
                lines += ["", "[[jump]]", f"{kind} = {self.label(d.label)}"]
                lines += self.pairs({name: p.frequency, "rate": p.rate})
                lines += self.operator("operator", p.operator)
            for j in d.jumps[2 * len(d.pairs) :]:
                if j.bath is not None and j.bath.statistics != "bose":
                    raise self.bad(f"dephasing by the lead {d.label!r}", "give it its own label")
                kind = "label" if j.bath is None else "bath"
                lines += ["", "[[jump]]", f"{kind} = {self.label(d.label)}"]
                lines += ["dephasing = true"] if kind == "bath" else []
                lines += self.pairs({"rate": j.rate})
                lines += self.operator("operator", j.operator)
        if not model.point:
            return lines
        lines += ["", "[point]"]
        for symbol in model.parameters:
            if symbol not in model.point:
                raise self.bad(f"no value for {symbol} at its point", "complete model.point")
            lines.append(f"{symbol.name} = {_quoted(str(model.point[symbol]))}")
        return lines

    def parameter(self, symbol: Symbol) -> str:
        sign = "positive" if symbol.is_positive else "real"
        if symbol != Symbol(symbol.name, **{sign: True}) or not SYMBOL.fullmatch(symbol.name):
            raise self.bad(
                f"the parameter {symbol}", 'declare it with parameters("..."), in ASCII letters'
            )
        if symbol.name in FUNCTIONS or symbol.name in CONSTANTS:
            raise self.bad(f"the parameter {symbol}, a name that is taken", "rename it")
        return f'{symbol.name} = "{sign}"'

    def pairs(self, values: Mapping[str, Expr]) -> list[str]:
        return [f"{key} = {_quoted(self.expression(value))}" for key, value in values.items()]

    def labels(self, labels: Sequence[str]) -> str:
        return "[" + ", ".join(map(self.label, labels)) + "]"

    def operator(self, key: str, operator: Operator) -> list[str]:
        levels = operator.space.levels
        rows = [
            f"[{_quoted(levels[i])}, {_quoted(levels[j])}, {_quoted(self.expression(v))}]"
            for i, j, v in operator.data
        ]
        if len(rows) < 2:
            return [f"{key} = [{''.join(rows)}]"]
        return [f"{key} = [", *(f"  {row}," for row in rows), "]"]


_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def _quoted(text: str) -> str:
    """A TOML basic string."""
    return '"' + "".join(_ESCAPES.get(c) or _visible(c) for c in text) + '"'


def _visible(char: str) -> str:
    return char if char.isprintable() else f"\\U{ord(char):08x}"
