"""Many rows at once: resumable, with any executor.

A job is plain data (:class:`Job`), the worker a top-level function, so that both can be sent to
another process or machine. Finished rows are appended to a partial file, one JSON text per line;
a build that was interrupted goes on after the last whole line.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import asdict, dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path

from sympy import Rational, Symbol

from symtherm.errors import SymthermError, Undecided
from symtherm.exact.balls import Enclosure
from symtherm.numeric.enclosure import Enclosed
from symtherm.numeric.initial import initial_coordinates
from symtherm.numeric.system import System, system_of
from symtherm.reference.closed import certified
from symtherm.reference.document import Row, parse_row, row_data
from symtherm.reference.routes import state_row, steady_row
from symtherm.thermo.model import Model

__all__ = ["Job", "build_rows", "row_of", "systems_of"]

CHUNK = 8  # jobs that are sent together
AHEAD = 64  # chunks under way at once


@dataclass(frozen=True, slots=True)
class Job:
    """One row to make: ``at`` are texts of rationals; ``t`` and ``initial`` are empty if steady."""

    id: str
    model: str
    at: tuple[tuple[str, str], ...]
    digits: int = 50
    regime: str = ""
    t: str = ""
    initial: str = ""


def row_of(job: Job, model: Model, time: Symbol | None = None) -> Row:
    """The row of a job: closed forms for a steady state, confirmed by the balls of the operators.

    Raises Undecided when the two enclosures of one number do not overlap: one of them is wrong.

    >>> from symtherm import model
    >>> job = Job("a", "qubit", (("omega", "1"), ("gamma", "1"), ("T", "1")), 10)
    >>> row_of(job, model("qubit")).values["population[e]"].value
    '0.2689414214'
    """
    system = system_of(model.generator, model.energy, model.number, model.hot, time)
    names = {s.name: s for s in system.symbols}
    point = {names[k]: Rational(v) for k, v in job.at}
    balls = Enclosed(system, point)
    if job.t:
        t, start = Fraction(job.t), initial_coordinates(job.initial, system.levels)
        found = balls.state(start, t, job.digits)
        return state_row(job.model, job.id, system, point, start, t, found, job.digits, job.regime)
    closed, plain = certified(model, point, job.digits)
    twin = balls.steady(job.digits)
    for name, value in closed.items():
        other = twin.get(name)
        if other is not None and not _overlap(value, other):
            raise Undecided(
                f"{name} of {job.id}",
                found=f"{value} by the closed form and {other} from the operators",
                advice="report this: one of the two routes is wrong",
            )
    values = {**closed, "entropy": twin["entropy"]}
    method = "steady" if plain else "closed"
    return steady_row(job.model, job.id, point, values, job.digits, method, job.regime)


def _overlap(a: Enclosure, b: Enclosure) -> bool:
    gap = abs(Fraction(a.value) - Fraction(b.value))
    return gap <= Fraction(a.radius) + Fraction(b.radius)


# --- resuming -------------------------------------------------------------------------------------


def _stamp(jobs: Sequence[Job]) -> str:
    text = json.dumps([asdict(job) for job in jobs], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _resume(path: Path, stamp: str) -> dict[str, Row]:
    """The rows of a partial file of the same jobs; a broken last line is cut off."""
    if not path.exists():
        path.write_text(stamp + "\n", encoding="utf-8")
        return {}
    data = path.read_bytes()
    whole = data[: data.rfind(b"\n") + 1]
    lines = whole.decode("utf-8").splitlines()
    if not lines or lines[0] != stamp:
        path.write_text(stamp + "\n", encoding="utf-8")
        return {}
    if len(whole) < len(data):
        path.write_bytes(whole)
    rows = (parse_row(json.loads(line), str(path)) for line in lines[1:])
    return {row.id: row for row in rows}


def build_rows(
    jobs: Sequence[Job],
    work: Callable[[Sequence[Job]], list[Row]],
    partial: str | os.PathLike[str],
    executor: Executor | None = None,
    advance: Callable[[int], None] = lambda count: None,
) -> tuple[Row, ...]:
    """The rows of all jobs, in their order, by ``work`` on chunks of them.

    ``executor`` is any :class:`concurrent.futures.Executor` (processes, or that of a Dask client);
    without one the jobs run here. ``partial`` is the file that makes a build resumable; it stays
    when something fails and is removed at the end. ``advance`` is told of rows as they are done.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     build_rows([], lambda chunk: [], folder + "/x.partial")
    ()
    """
    place = Path(partial)
    done = _resume(place, _stamp(jobs))
    advance(len(done))
    left = [job for job in jobs if job.id not in done]
    chunks = iter([left[k : k + CHUNK] for k in range(0, len(left), CHUNK)])
    with place.open("a", encoding="utf-8") as stream:
        for rows in _results(chunks, work, executor):
            for row in rows:
                stream.write(json.dumps(row_data(row), sort_keys=True) + "\n")
                done[row.id] = row
            stream.flush()
            advance(len(rows))
    missing = [job.id for job in jobs if job.id not in done]
    if missing:
        raise SymthermError("A build of reference rows", found="no row for " + ", ".join(missing))
    place.unlink()
    return tuple(done[job.id] for job in jobs)


def _results(
    chunks: Iterator[Sequence[Job]],
    work: Callable[[Sequence[Job]], list[Row]],
    executor: Executor | None,
) -> Iterator[list[Row]]:
    if executor is None:
        yield from map(work, chunks)
        return
    pending: set[Future[list[Row]]] = {executor.submit(work, c) for c in islice(chunks, AHEAD)}
    try:
        while pending:
            finished, pending = wait(pending, return_when=FIRST_COMPLETED)
            for future in finished:
                yield future.result()
            pending |= {executor.submit(work, c) for c in islice(chunks, len(finished))}
    finally:
        for future in pending:
            future.cancel()


def systems_of(models: Mapping[str, tuple[Model, Symbol | None]]) -> dict[str, tuple[str, System]]:
    """Titles and systems of models, as a reference holds them."""
    return {
        name: (m.title, system_of(m.generator, m.energy, m.number, m.hot, time))
        for name, (m, time) in models.items()
    }
