"""Models as TOML files: read, checked entry by entry, and written.

A file declares the parameters with their signs, a space, the operators as lists of
``[row, column, coefficient]``, the baths and leads, the jumps, and (optional) an ordinary point,
at which a derivation compares its numbers:

    name = "qubit"
    levels = ["e", "g"]
    energy = [["e", "e", "omega/2"], ["g", "g", "-omega/2"]]
    hamiltonian = [["e", "e", "omega/2"], ["g", "g", "-omega/2"]]
    [parameters]
    omega = "positive"
    gamma = "positive"
    T = "positive"
    [[bath]]
    label = "b"
    T = "T"
    [[jump]]
    bath = "b"
    frequency = "omega"
    rate = "gamma"
    operator = [["g", "e", 1]]
    [point]
    omega = "3/2"
    gamma = "0.4"
    T = "5/4"

Operators are given in full: a Hamiltonian lists both (row, column) and (column, row).
"""

from __future__ import annotations

import re
import stat
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product
from math import prod
from pathlib import Path
from typing import Any

from sympy import Expr, Rational, Symbol

from symtherm.baths.bath import Bath, Lead, ThermalBath
from symtherm.dynamics.gkls import gkls
from symtherm.errors import BadModelFile, OutOfDomain, SymthermError, UnknownModel, require
from symtherm.exact.alphabet import parameters
from symtherm.exact.parse import (
    CONSTANTS,
    FUNCTIONS,
    parse_rational,
    spelled,
    unknown_symbol,
)
from symtherm.exact.scalar import order_text
from symtherm.models.checks import SYMBOL, Checks, Decimal, kind_of, listing
from symtherm.models.writer import write_model
from symtherm.quantum.operator import Operator
from symtherm.quantum.space import HilbertSpace
from symtherm.quantum.state import require_hermitian
from symtherm.thermo.model import Model

__all__ = ["load_model", "read_model", "write_model"]

MAX_BYTES = 1_000_000
MAX_LEVELS = 64
MAX_FACTORS = 12
MAX_JUMPS = 500
MAX_PARAMETERS = 200

_PART = r"""(?:[\w-]+|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*"""
_DOTTED = re.compile(rf"(?:^|[\[{{,])[ \t]*(?:{_PART}){{16}}", re.MULTILINE)

# Keys of each table, and which of them must be there.
_TOP = {
    **dict.fromkeys(("name", "parameters", "energy", "hamiltonian", "jump"), True),
    **dict.fromkeys(
        ("title", "source", "hot", "space", "levels", "factor", "number", "point"), False
    ),
    **dict.fromkeys(("order", "nonzero", "bath", "lead"), False),
}
_FACTOR = {"name": True, "levels": True}
_BATH = {"label": True, "T": True}
_LEAD = {"label": True, "T": True, "mu": True}
_BATH_JUMP = {"operator": True, "bath": True, "frequency": True, "rate": True}
_DEPHASING = {"operator": True, "bath": True, "dephasing": True, "rate": True}
_LEAD_JUMP = {"operator": True, "lead": True, "energy": True, "rate": True}
_FREE_JUMP = {"operator": True, "label": True, "rate": True}


def load_model(path: str | Path) -> Model:
    """The model in a TOML file of at most ``MAX_BYTES``; only regular files are opened.

    Raises UnknownModel when there is no readable file, BadModelFile for whatever is malformed,
    and the named errors of :func:`read_model`.

    >>> load_model("no/such/file.toml")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    symtherm.errors.UnknownModel: The model file 'no/such/file.toml'. Found: No such file or...
    """
    require(path, (str, Path), "The path of a model file is text")
    asked = f"The model file {str(path)!a}"
    try:
        place = Path(path)
        status = place.stat()
        if not stat.S_ISREG(status.st_mode):
            kind = "a directory" if stat.S_ISDIR(status.st_mode) else "no regular file"
            raise BadModelFile(asked, found=kind, advice="give the path of a TOML file")
        if status.st_size <= MAX_BYTES:
            with place.open("rb") as stream:
                data = stream.read(MAX_BYTES + 1)
        if status.st_size > MAX_BYTES or len(data) > MAX_BYTES:
            raise BadModelFile(
                asked, found=f"more than {MAX_BYTES} bytes", advice="describe a smaller model"
            )
        text = data.decode("utf-8-sig")  # editors on Windows put a byte order mark before UTF-8
    except UnicodeDecodeError as error:
        raise BadModelFile(
            asked, found=f"no UTF-8 text at byte {error.start}", advice="save it as UTF-8"
        ) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UnknownModel(asked, found=reason, advice="give a readable TOML file") from None
    return read_model(text, str(path))


def read_model(text: str, name: str = "model file") -> Model:
    """The model that a TOML text describes; ``name`` says in errors where the text is from.

    Raises BadModelFile for malformed TOML, unknown or missing keys, wrong types, unknown or
    repeated labels and sizes beyond the limits; UnknownSymbol and BadExpression for coefficients;
    OutOfDomain for a point outside the declared signs; and the errors of :func:`symtherm.gkls`
    (NotHermitian, UndeclaredSign, ...).

    >>> read_model("name = 'x'").name
    Traceback (most recent call last):
    ...
    symtherm.errors.BadModelFile: model file. Found: no key 'parameters'. To do: add it.
    """
    origin = name if name.isprintable() else ascii(name)
    try:
        # Time and memory of tomllib grow with the square of the length of a dotted key.
        if len(text) > MAX_BYTES or _DOTTED.search(text):
            raise RecursionError
        data = tomllib.loads(text, parse_float=Decimal)
    except (RecursionError, MemoryError):
        raise BadModelFile(
            origin, found="too deep a nesting or too long a text", advice="use plain tables"
        ) from None
    except ValueError as error:
        line = re.search(r"at line (\d+)", str(error))
        # TOML's bare keys are ASCII: a Greek letter in front of "=" is no statement.
        key = text.split("\n")[int(line[1]) - 1].split("=")[0] if line else ""
        word = spelled("".join(char for char in key if not char.isascii()))
        raise BadModelFile(
            f"{origin} as TOML",
            found=str(error)[:200],
            advice=word or "see the example in the README",
        ) from None
    return _Reader(origin).model(data)


class _Reader(Checks):
    """Builds the parts of a model."""

    def model(self, data: dict[str, Any]) -> Model:
        self.keys(data, _TOP, "")
        name = self.text(data["name"], ", name", 100)
        if not name.strip():
            raise self.bad(", name", "an empty name")
        self.parameters(data["parameters"])
        order = [
            self.expression(e, f", order[{k}]")
            for k, e in enumerate(self.items(data.get("order", []), ", order", MAX_LEVELS**2))
        ]
        conditions = [
            self.expression(e, f", nonzero[{k}]")
            for k, e in enumerate(self.items(data.get("nonzero", []), ", nonzero", MAX_LEVELS**2))
        ]
        for expr in (*order, *conditions):
            if not expr.free_symbols:
                raise self.bad(", order or nonzero", f"the number {expr}", "use parameters in it")
        space = self.space(data, name)
        energy = self.operator(data["energy"], space, ", energy")
        number = data.get("number")
        if number is not None:
            number = self.operator(number, space, ", number")
        hamiltonian = self.operator(data["hamiltonian"], space, ", hamiltonian")
        baths = self.baths(data)
        leads = [label for label, bath in baths.items() if isinstance(bath, Lead)]
        if leads and number is None:
            raise self.bad(
                "",
                f"the lead {leads[0]!r} and no key 'number'",
                "add the particle number as number = [[row, column, coefficient], ...]",
            )
        jumps = self.jumps(data["jump"], space, baths)
        hot = self.hot(data.get("hot", []), baths)
        point = self.point(data["point"], order) if "point" in data else {}
        for condition in conditions:
            if point and condition.subs(point) == 0:
                raise OutOfDomain(f"{self.origin}, point", found=f"{condition} = 0")
        try:
            require_hermitian(energy, "The energy operator")
            if number is not None:
                require_hermitian(number, "The number operator")
            generator = gkls(hamiltonian, jumps, positive=order)
        except SymthermError as error:
            raise self.located(error, "") from None
        return Model(
            name=name,
            title=self.text(data.get("title", name), ", title"),
            parameters=tuple(self.symbols.values()),
            generator=replace(generator, conditions=tuple(conditions)),
            energy=energy,
            number=number,
            hot=hot,
            source=self.text(data.get("source", ""), ", source", 1000),
            point=point,
        )

    def parameters(self, table: Any) -> None:
        if not isinstance(table, dict):
            raise self.bad(", parameters", f"{kind_of(table)} instead of a table")
        if len(table) > MAX_PARAMETERS:
            raise self.bad(", parameters", f"{len(table)} of them", f"use at most {MAX_PARAMETERS}")
        for name, sign in table.items():
            if not SYMBOL.fullmatch(name):
                raise self.bad(
                    ", parameters",
                    f"the name {name[:40]!a}",
                    spelled(name) or "use at most 32 of A-Z, a-z, 0-9 and _, a letter first",
                )
            if name in FUNCTIONS or name in CONSTANTS:
                raise self.bad(", parameters", f"the name {name!r}, which is taken", "rename it")
            if sign not in ("positive", "real"):
                raise self.bad(
                    f", parameters.{name}",
                    f"{sign[:40]!a}" if isinstance(sign, str) else kind_of(sign),
                    'declare it "positive" or "real"; a complex coefficient is v*exp(I*phi) '
                    "with v and phi real",
                )
            self.symbols[name] = parameters(name, real=sign == "real")

    def hot(self, value: Any, baths: Mapping[str, Bath]) -> tuple[str, ...]:
        found = self.items([value] if isinstance(value, str) else value, ", hot", MAX_LEVELS)
        labels = tuple(self.label(label, ", hot") for label in found)
        self.distinct(labels, ", hot")
        for label in labels:
            if label not in baths:
                raise self.bad(", hot", f"no bath or lead {label!r}", listing(baths))
        return labels

    def space(self, data: Mapping[str, Any], name: str) -> HilbertSpace:
        if ("levels" in data) == ("factor" in data):
            both = "both" if "levels" in data else "neither"
            raise self.bad("", f"{both} of 'levels' and 'factor'", "give one of the two")
        if "levels" in data:
            title = self.text(data.get("space", name), ", space", 100)
            return HilbertSpace(title, self.levels(data["levels"], ", levels"))
        if "space" in data:
            raise self.bad(", space", "a name for a product", "name each factor instead")
        parts = []
        for k, table in enumerate(self.items(data["factor"], ", factor", MAX_FACTORS)):
            self.keys(table, _FACTOR, f", factor[{k}]")
            label = self.text(table["name"], f", factor[{k}].name", 100)
            parts.append(HilbertSpace(label, self.levels(table["levels"], f", factor[{k}].levels")))
        self.distinct([p.name for p in parts], ", factor")
        if len(parts) < 2:
            raise self.bad(", factor", f"{len(parts)} factors", "give two or more, or use 'levels'")
        size = prod(p.dim for p in parts)
        if size > MAX_LEVELS:
            raise self.bad(", factor", f"{size} levels in all", f"use at most {MAX_LEVELS}")
        result = parts[0]
        for part in parts[1:]:
            result = result * part
        return result

    def levels(self, value: Any, where: str) -> list[str]:
        found = list(value) if isinstance(value, str) else value
        labels = [
            self.label(v, f"{where}[{k}]")
            for k, v in enumerate(self.items(found, where, MAX_LEVELS))
        ]
        if not labels:
            raise self.bad(where, "no level")
        self.distinct(labels, where)
        return labels

    def operator(self, value: Any, space: HilbertSpace, where: str) -> Operator:
        names = dict(zip(space.levels, range(space.dim), strict=True))
        combos = product(*(p.levels for p in space.parts))
        tuples = dict(zip(combos, range(space.dim), strict=True))
        entries: dict[tuple[int, int], Expr] = {}
        for k, row in enumerate(self.items(value, where, MAX_LEVELS**2)):
            here = f"{where}[{k}]"
            if not isinstance(row, list) or len(row) != 3:
                raise self.bad(here, kind_of(row), 'write ["row", "column", "coefficient"]')
            place = []
            for label in row[:2]:
                if isinstance(label, list) and all(isinstance(part, str) for part in label):
                    index = tuples.get(tuple(label))
                else:
                    index = names.get(self.text(label, here))
                if index is None:
                    raise self.bad(here, f"no level {ascii(label)[:60]}", listing(names))
                place.append(index)
            i, j = place
            if (i, j) in entries:
                raise self.bad(here, f"the entry {row[0]}, {row[1]} twice", "add them up")
            entries[i, j] = self.expression(row[2], here)
        return Operator.of(space, entries)

    def baths(self, data: Mapping[str, Any]) -> dict[str, Bath]:
        found: dict[str, Bath] = {}
        for kind, known in (("bath", _BATH), ("lead", _LEAD)):
            for k, table in enumerate(self.items(data.get(kind, []), f", {kind}", MAX_LEVELS)):
                where = f", {kind}[{k}]"
                self.keys(table, known, where)
                label = self.label(table["label"], f"{where}.label")
                if label in found:
                    raise self.bad(where, f"the label {label!r} twice", "give distinct labels")
                T = self.expression(table["T"], f"{where}.T")
                mu = self.expression(table["mu"], f"{where}.mu") if kind == "lead" else None
                try:
                    found[label] = ThermalBath(label, T) if mu is None else Lead(label, T, mu)
                except SymthermError as error:
                    raise self.located(error, where) from None
        return found

    def jumps(self, value: Any, space: HilbertSpace, baths: Mapping[str, Bath]) -> list[Any]:
        result: list[Any] = []
        used: set[str] = set()
        for k, table in enumerate(self.items(value, ", jump", MAX_JUMPS)):
            where = f", jump[{k}]"
            if not isinstance(table, dict):
                raise self.bad(where, f"{kind_of(table)} instead of a table")
            dephasing = table.get("dephasing", False)
            if not isinstance(dephasing, bool):
                raise self.bad(f"{where}.dephasing", kind_of(dephasing), "write true")
            kind = next((key for key in ("bath", "lead", "label") if key in table), None)
            if kind is None:
                raise self.bad(where, "none of 'bath', 'lead' and 'label'", "say what causes it")
            known = {"lead": _LEAD_JUMP, "label": _FREE_JUMP}.get(kind, _BATH_JUMP)
            self.keys(table, _DEPHASING if kind == "bath" and dephasing else known, where)
            operator = self.operator(table["operator"], space, f"{where}.operator")
            if not operator.data:
                raise self.bad(f"{where}.operator", "zero", "give at least one entry")
            rate = self.expression(table["rate"], f"{where}.rate")
            if kind == "label":
                label = self.label(table["label"], f"{where}.label")
                if label in baths:
                    raise self.bad(where, f"the label {label!r} of a bath", "use another label")
                result.append((operator, rate, label))
                continue
            bath = baths.get(self.text(table[kind], f"{where}.{kind}"))
            if bath is None or isinstance(bath, Lead) != (kind == "lead"):
                raise self.bad(where, f"no {kind} {table[kind]!a}", listing(baths))
            used.add(bath.label)
            if isinstance(bath, Lead):
                energy = self.expression(table["energy"], f"{where}.energy")
                result.append(bath.jumps(operator, energy=energy, rate=rate))
            elif dephasing:
                result.append(bath.dephasing(operator, rate=rate))
            else:
                frequency = self.expression(table["frequency"], f"{where}.frequency")
                result.append(bath.jumps(operator, frequency=frequency, rate=rate))
        idle = [label for label in baths if label not in used]
        if idle:
            raise self.bad("", f"no jump of the bath {idle[0]!r}", "add one, or remove the bath")
        return result

    def point(self, table: Any, order: Sequence[Expr]) -> dict[Symbol, Rational]:
        if not isinstance(table, dict):
            raise self.bad(", point", f"{kind_of(table)} instead of a table")
        values: dict[str, Rational] = {}
        for name, value in table.items():
            where = f", point.{ascii(name)[1:-1]}"
            if name not in self.symbols:
                raise self.located(unknown_symbol(name, self.symbols), ", point")
            if not isinstance(value, (str, int)) or isinstance(value, bool):
                raise self.bad(where, f"{kind_of(value)} instead of a number", 'write "1/2"')
            try:
                values[name] = parse_rational(str(value))
            except SymthermError as error:
                raise self.located(error, where) from None
            except ValueError:
                raise self.bad(where, "a number with too many digits") from None
        missing = [name for name in self.symbols if name not in values]
        if missing:
            raise self.bad(", point", "no value for " + ", ".join(missing), "give all parameters")
        point = {symbol: values[name] for name, symbol in self.symbols.items()}
        for symbol, number in point.items():
            if symbol.is_positive and not number > 0:
                raise OutOfDomain(
                    f"{self.origin}, point.{symbol}", found=f"{number}", advice="use a value > 0"
                )
        for expr in order:
            if expr.subs(point).is_positive is not True:
                raise OutOfDomain(
                    f"{self.origin}, point",
                    found=f"{expr} <= 0",
                    advice=f"{order_text(expr)} is required",
                )
        return point
