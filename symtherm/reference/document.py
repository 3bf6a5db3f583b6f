"""Reference files: models in full, rows of certified values, and a hash over all of it.

Everything in a file is text or a whole number. It is parsed by a whitelist, checked against the
published schema and capped in size, so that a hostile file gets a named error and nothing more.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import platform
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

import sympy
from sympy import Expr, Rational, Symbol

from symtherm.errors import BadReferenceFile, SymthermError
from symtherm.exact.alphabet import parameters
from symtherm.exact.balls import Enclosure
from symtherm.exact.parse import CONSTANTS, FUNCTIONS, WAVES, parse_expression
from symtherm.numeric.system import BathData, JumpData, System
from symtherm.reference.schema import check_schema

__all__ = [
    "Reference",
    "Row",
    "digest",
    "model_data",
    "packages",
    "parse_reference",
    "parse_row",
    "read_reference",
    "row_data",
    "to_csv",
]

MAX_BYTES = 64_000_000  # of the JSON text, also after decompression

CONVENTIONS = [
    "hbar = k_B = 1; energy, heat and power are positive into the system; entropies in nats",
    "drho/dt = -i[H, rho] + sum_k rate_k (L_k rho L_k^+ - (L_k^+ L_k rho + rho L_k^+ L_k)/2)",
    "heat[a] = Tr[(E - mu_a N) D_a(rho)]; current[a] = Tr[N D_a(rho)]",
    "power = -i Tr(E [H, rho]) + Tr(dE/dt rho) + sum_a mu_a current[a]",
    "entropy_production = -Tr[L(rho) ln rho] - sum_a heat[a]/T_a over the baths with a temperature",
    "entropy_production_integral = S(t) - S(0) - sum_a heat_integral[a]/T_a",
    "relative_entropy = Tr rho (ln rho - ln pi) with the steady state pi",
    "efficiency = -power/heat[a], a the hottest bath of those listed as hot",
    "population[l] = <l|rho|l>; re[a,b], im[a,b] = parts of <a|rho|b>",
    "|true - value| <= radius; a value 0 with a radius could not be told from zero",
]


@dataclass(frozen=True, slots=True)
class Row:
    """One case: a model at an exact point (and a time and an initial state), with its values.

    ``initial`` holds texts (row, column, Re, Im); it and ``t`` are empty for a steady state.
    """

    id: str
    model: str
    kind: str
    at: Mapping[str, str]
    values: Mapping[str, Enclosure]
    digits: int = 50
    method: str = ""
    regime: str = ""
    t: str = ""
    initial: tuple[tuple[int, int, str, str], ...] = ()


@dataclass(frozen=True)
class Reference:
    """Models (systems with titles) and rows; ``packages`` are the versions that made them."""

    models: Mapping[str, System]
    rows: tuple[Row, ...]
    titles: Mapping[str, str] = field(default_factory=dict)
    packages: Mapping[str, str] = field(default_factory=dict)

    def point(self, row: Row) -> dict[Symbol, Rational]:
        """The parameters of a row as symbols of its model.

        Raises BadReferenceFile for a missing or unknown parameter.
        """
        known = {s.name: s for s in self.models[row.model].symbols}
        if set(known) != set(row.at):
            raise BadReferenceFile(
                f"The row {row.id}",
                found="values of " + ", ".join(row.at),
                advice="parameters: " + ", ".join(known),
            )
        return {known[name]: _rational(value) for name, value in row.at.items()}

    def to_json(self, indent: int | None = None) -> str:
        """The file, with its hash; ``indent`` is for readers and does not change the hash."""
        data: dict[str, Any] = {
            "format": "symtherm-reference",
            "version": 1,
            "conventions": CONVENTIONS,
            "packages": dict(self.packages),
            "models": {k: model_data(s, self.titles.get(k, k)) for k, s in self.models.items()},
            "rows": [row_data(row) for row in self.rows],
        }
        data["sha256"] = digest(data)
        return json.dumps(data, sort_keys=True, indent=indent, separators=(",", ":")) + "\n"

    def write(self, path: str | Path) -> None:
        """Write JSON, compressed where the name ends in .gz, or CSV where it ends in .csv."""
        place = Path(path)
        if place.suffix == ".csv":
            place.write_text(to_csv(self), encoding="utf-8", newline="")
        elif place.suffix == ".gz":
            place.write_bytes(gzip.compress(self.to_json().encode(), 9, mtime=0))
        else:
            place.write_text(self.to_json(), encoding="utf-8")


def packages() -> dict[str, str]:
    """Versions of Python and of the packages that compute.

    >>> sorted(packages())
    ['mpmath', 'python', 'python-flint', 'sympy', 'symtherm']
    """
    from symtherm import __version__

    names = ("sympy", "mpmath", "python-flint")
    found = {name: metadata.version(name) for name in names}
    return {"python": platform.python_version(), "symtherm": __version__, **found}


def digest(data: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical JSON (sorted keys, no white space, ASCII) without "sha256".

    >>> digest({"a": 1})[:8]
    '015abd7f'
    """
    rest = {k: v for k, v in data.items() if k != "sha256"}
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


# --- out ------------------------------------------------------------------------------------------


def _text(expr: Expr) -> str:
    return str(expr.xreplace({sympy.E: Symbol("exp(1)")}))


def _operator(entries: Sequence[tuple[int, int, Expr]]) -> list[list[Any]]:
    return [[i, j, _text(v)] for i, j, v in entries]


def model_data(system: System, title: str = "") -> dict[str, Any]:
    """A system as JSON data."""
    signs = {s.name: "positive" if s.is_positive else "real" for s in system.symbols}
    return {
        "title": title,
        "parameters": signs,
        "levels": list(system.levels),
        "hamiltonian": _operator(system.hamiltonian),
        "jumps": [
            {"label": j.label, "rate": _text(j.rate), "operator": _operator(j.operator)}
            for j in system.jumps
        ],
        "baths": [
            {"label": b.label, "kind": b.kind, "T": _text(b.T), "mu": _text(b.mu)}
            for b in system.baths
        ],
        "energy": _operator(system.energy),
        "number": None if system.number is None else _operator(system.number),
        "hot": list(system.hot),
        "time": None if system.time is None else system.time.name,
    }


def row_data(row: Row) -> dict[str, Any]:
    """A row as JSON data."""
    data: dict[str, Any] = {
        "id": row.id,
        "model": row.model,
        "kind": row.kind,
        "at": dict(row.at),
        "digits": row.digits,
        "method": row.method,
        "values": {name: [e.value, e.radius] for name, e in row.values.items()},
    }
    if row.regime:
        data["regime"] = row.regime
    if row.t:
        data["t"] = row.t
        data["initial"] = [list(entry) for entry in row.initial]
    return data


def to_csv(reference: Reference) -> str:
    """One line per value: id, model, kind, parameters, t, quantity, value, radius."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["id", "model", "kind", "parameters", "t", "quantity", "value", "radius"])
    for row in reference.rows:
        at = " ".join(f"{k}={v}" for k, v in row.at.items())
        for name, e in row.values.items():
            writer.writerow([row.id, row.model, row.kind, at, row.t, name, e.value, e.radius])
    return stream.getvalue()


# --- in -------------------------------------------------------------------------------------------


def read_reference(path: str | Path, check_hash: bool = True) -> Reference:
    """The reference in a JSON file, plain or gzip.

    Raises BadReferenceFile for a file that cannot be read, is too large, truncated, altered (its
    hash differs), outside the schema, or inconsistent; its text is never evaluated.

    >>> read_reference("no/such.json")
    Traceback (most recent call last):
    ...
    symtherm.errors.BadReferenceFile: no/such.json. Found: No such file or directory.
    """
    origin = ascii(str(path)).strip("'")[:200]
    try:
        if not Path(path).is_file() and Path(path).exists():
            raise BadReferenceFile(origin, found="no regular file")
        with open(path, "rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise BadReferenceFile(origin, found=getattr(error, "strerror", "") or str(error)) from None
    if data[:2] == b"\x1f\x8b":
        unpack = zlib.decompressobj(31)
        try:
            data = unpack.decompress(data, MAX_BYTES + 1)
        except zlib.error:
            raise BadReferenceFile(origin, found="a damaged gzip file") from None
        if not unpack.eof and len(data) <= MAX_BYTES:
            raise BadReferenceFile(origin, found="a truncated gzip file")
    if len(data) > MAX_BYTES:
        raise BadReferenceFile(origin, found=f"more than {MAX_BYTES} bytes", advice="split it")
    return parse_reference(data, origin, check_hash)


def parse_reference(
    text: bytes | str, origin: str = "reference", check_hash: bool = True
) -> Reference:
    """As :func:`read_reference`, from the JSON text itself."""
    try:
        data = json.loads(
            text, parse_float=_refuse, parse_constant=_refuse, object_pairs_hook=_distinct
        )
    except RecursionError:
        raise BadReferenceFile(origin, found="too deep a nesting") from None
    except ValueError as error:
        raise BadReferenceFile(
            f"{origin} as JSON", found=str(error)[:200], advice="fetch the file again"
        ) from None
    check_schema(data, origin)
    if check_hash and digest(data) != data["sha256"]:
        raise BadReferenceFile(
            origin,
            found="another SHA-256 than the file says",
            advice="it was altered: fetch it again",
        )
    systems = {}
    for name, entry in data["models"].items():
        try:
            systems[name] = _system(entry)
        except SymthermError as error:
            raise BadReferenceFile(
                f"{origin}, model {name[:60]!a}", found=str(error)[:500]
            ) from None
    rows, seen = [], set()
    for entry in data["rows"]:
        row = _row(entry)
        if row.model not in systems or row.id in seen:
            what = "an id used twice" if row.id in seen else "a model that is not in the file"
            raise BadReferenceFile(f"{origin}, row {row.id}", found=what)
        seen.add(row.id)
        if (row.kind == "steady") == bool(row.t):
            raise BadReferenceFile(f"{origin}, row {row.id}", found=f"kind {row.kind}, t {row.t!r}")
        rows.append(row)
    titles = {name: entry["title"] for name, entry in data["models"].items()}
    return Reference(systems, tuple(rows), titles, data["packages"])


def _refuse(text: str) -> Any:
    raise ValueError(f"the number {text[:30]}: numbers are whole, or exact texts")


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) < len(pairs):
        raise ValueError("a key given twice in one object")
    return table


def _rational(text: str) -> Rational:
    above, _, below = text.partition("/")
    if below and not int(below):
        raise BadReferenceFile(f"The number {text[:40]}", found="a division by zero")
    return Rational(int(above), int(below or 1))


def _system(data: Mapping[str, Any]) -> System:
    for name in (*data["parameters"], data["time"]):
        if name in FUNCTIONS or name in CONSTANTS or name in WAVES:
            raise BadReferenceFile("A parameter", found=f"the name {name}, which is taken")
    if data["time"] in data["parameters"]:
        raise BadReferenceFile("The time", found="the name of a parameter")
    symbols = {
        name: parameters(name, real=sign == "real") for name, sign in data["parameters"].items()
    }
    time = None
    if data["time"] is not None:
        time = parameters(data["time"], real=True)
        symbols[data["time"]] = time
    d = len(data["levels"])

    def read(text: str) -> Expr:
        return parse_expression(text, symbols, waves=True)

    def operator(rows: Sequence[Sequence[Any]]) -> tuple[tuple[int, int, Expr], ...]:
        for i, j, _ in rows:
            if i >= d or j >= d:
                raise BadReferenceFile("An operator", found=f"entry ({i}, {j}) of {d} levels")
        if len({(i, j) for i, j, _ in rows}) < len(rows):
            raise BadReferenceFile("An operator", found="an entry given twice")
        return tuple((i, j, read(v)) for i, j, v in rows)

    return System(
        tuple(data["levels"]),
        operator(data["hamiltonian"]),
        tuple(
            JumpData(j["label"], read(j["rate"]), operator(j["operator"])) for j in data["jumps"]
        ),
        tuple(BathData(b["label"], b["kind"], read(b["T"]), read(b["mu"])) for b in data["baths"]),
        operator(data["energy"]),
        None if data["number"] is None else operator(data["number"]),
        tuple(data["hot"]),
        time,
    )


def parse_row(data: Any, origin: str) -> Row:
    """A row from its JSON data; raises BadReferenceFile outside the schema."""
    check_schema(data, origin, "row")
    return _row(data)


def _row(data: Mapping[str, Any]) -> Row:
    return Row(
        data["id"],
        data["model"],
        data["kind"],
        data["at"],
        {name: Enclosure(value, radius) for name, (value, radius) in data["values"].items()},
        data["digits"],
        data["method"],
        data.get("regime", ""),
        data.get("t", ""),
        tuple((i, j, a, b) for i, j, a, b in data.get("initial", ())),
    )
