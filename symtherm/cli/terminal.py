"""What the commands share: exits, a progress bar, lines of a width, and files.

Only click is imported here; rich comes with a bar or a derivation.
"""

from __future__ import annotations

import os
import re
import sys
import textwrap
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from symtherm.errors import SymthermError

if TYPE_CHECKING:
    from rich.console import Console

__all__ = [
    "Group",
    "Progress",
    "check_files",
    "console",
    "fold",
    "print_table",
    "print_text",
    "width",
    "write_text",
]


LONGEST = 2000  # characters of a message


def _fail(text: str, status: int) -> NoReturn:
    short = text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."
    line = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in short)
    click.echo(f"symtherm: {line}", err=True)
    raise click.exceptions.Exit(status)


@contextmanager
def _guard() -> Iterator[None]:
    """Turns every exception into one line and an exit status."""
    try:
        yield
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


class Group(click.Group):
    """A group whose commands end in one line and a status, whatever happens in them."""

    def make_context(self, *args: Any, **options: Any) -> click.Context:
        if sys.stdout is None:  # the caller closed it
            sys.stdout = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8")
        if isinstance(sys.stdout, TextIOWrapper):
            sys.stdout.reconfigure(errors="backslashreplace")
        context: click.Context
        with _guard():  # here --help and --version are printed
            context = super().make_context(*args, **options)
        return context

    def invoke(self, ctx: click.Context) -> Any:
        result = None
        with _guard():
            result = super().invoke(ctx)
            sys.stdout.flush()
        return result


class Progress:
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
        if sys.stderr is None or not sys.stderr.isatty():
            return
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

    def __enter__(self) -> Progress:
        self.timer.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.timer.cancel()
        with self.lock:
            self.closed = True
            if self.bar is not None:
                self.bar.stop()


# --- lines --------------------------------------------------------------------------------------


def width() -> int:
    """Columns of the output: COLUMNS, or those of the terminal; without either no line is broken.

    >>> width() >= 20
    True
    """
    asked = os.environ.get("COLUMNS", "")
    if asked.isdecimal() and int(asked) > 0:
        return max(int(asked), 20)
    try:
        return max(os.get_terminal_size(sys.stdout.fileno()).columns, 20)
    except (OSError, ValueError):  # a pipe or a file
        return sys.maxsize


def fold(head: str, text: str, indent: int, columns: int) -> str:
    """``head`` and ``text``, broken at blanks alone: no number is cut, whatever its length.

    >>> print(fold("levels: ", "g, l, u", 2, 12))
    levels: g,
      l, u
    """
    return textwrap.fill(
        text,
        columns,
        initial_indent=head,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Columns where the output is wide enough, otherwise a block for each row.

    >>> print_table(("quantity", "value"), [("power", "-0.0067")])
    quantity   value
    power      -0.0067
    """
    lines = [header, *rows]
    sizes = [max(map(len, column)) for column in zip(*lines, strict=True)]
    columns = width()
    if sum(sizes) + 3 * (len(sizes) - 1) <= columns:
        for k, row in enumerate(lines):
            line = "   ".join(map(str.ljust, row, sizes)).rstrip()
            click.secho(line, bold=True) if k == 0 else click.echo(line)
        return
    indent = max(map(len, header[1:])) + 4
    for first, *cells in rows:
        click.secho(first, bold=True)
        for key, cell in zip(header[1:], cells, strict=True):
            if cell:
                click.echo(fold(f"  {key}".ljust(indent), cell, indent, columns))


def console() -> Console:
    """The output as rich sees it; a reader that leaves raises BrokenPipeError.

    >>> console().is_dumb_terminal
    False
    """
    from rich.console import Console

    class Pipe(Console):
        def on_broken_pipe(self) -> None:  # rich would exit with status 1: a claim not proved
            raise BrokenPipeError

    return Pipe()


def print_text(text: str) -> None:
    """Write a document as it is, in UTF-8 whatever the locale.

    Raises OSError when the output cannot be written.
    """
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8"))
    sys.stdout.buffer.flush()


# --- files --------------------------------------------------------------------------------------


def check_files(files: Mapping[str, str | None], source: str) -> None:
    """Refuse, before any work, output that cannot be written or would overwrite another file.

    ``files`` maps options to the names given, ``source`` is the model file, if it is one. Raises
    click.BadParameter.

    >>> check_files({"--plot": "a.svg", "-o": "./a.svg"}, "qubit")
    Traceback (most recent call last):
    ...
    click.exceptions.BadParameter: './a.svg' is also the file of --plot.
    """
    taken = {os.path.realpath(source): "the model file"} if os.path.isfile(source) else {}
    for option, name in files.items():
        if name is None:
            continue
        if "\0" in name or not name:
            raise click.BadParameter(f"{name!a} names no file.", param_hint=option)
        real = os.path.realpath(name)
        if os.path.isdir(name):
            found = "is a directory"
        elif not os.path.isdir(os.path.dirname(name) or "."):
            found = "lies in no directory that exists"
        elif real in taken:
            found = f"is also {taken[real]}"
        else:
            taken[real] = f"the file of {option}"
            continue
        raise click.BadParameter(f"{name!a} {found}.", param_hint=option)


def write_text(directory: str, name: str, suffix: str, text: str) -> Path:
    """Write a document under a safe form of ``name``, making the directory; returns its path.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_text(folder, "../a $b", ".tex", "").name
    'a-b.tex'
    """
    place = Path(directory)
    place.mkdir(parents=True, exist_ok=True)
    safe = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.") or "model"
    path = place / (safe + suffix)
    path.write_text(text, encoding="utf-8", newline="\n")
    return path
