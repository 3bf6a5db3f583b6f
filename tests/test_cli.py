"""The command line: what it prints and writes, and its exit status on any input."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shlex
import subprocess
import sys
import xml.etree.ElementTree as ET

import pytest
from click.testing import CliRunner
from sympy import Rational

from symtherm import model
from symtherm.cli import main
from symtherm.derive.derivation import Derivation, Step, Verdict
from symtherm.models.library import NAMES
from symtherm.models.reader import read_model, write_model
from symtherm.reference import certify

QUBIT_AT = "omega=3/2, gamma=0.4, T=1.25"
MASER_AT = (
    "omega_h=3, omega_c=1, gamma_h=0.02, gamma_c=1/40, epsilon=5e-2, Delta=.01, T_h=10, T_c=1"
)
DOT_AT = "epsilon=1, mu_l=1/5, mu_r=0, T_l=1/2, T_r=1, Gamma_l=3/10, Gamma_r=7/10"


def run(*args: str):
    return CliRunner().invoke(main, [*args])


def narrow(columns: int, *args: str):
    """The command on an output of so many columns."""
    return CliRunner(env={"COLUMNS": str(columns)}).invoke(main, [*args])


def without(at: str, name: str) -> str:
    return ", ".join(piece for piece in at.split(", ") if not piece.startswith(name + "="))


@pytest.fixture
def files(tmp_path, monkeypatch):
    """A folder to work in, with a model file, one with two steady states, and a truncated one."""
    monkeypatch.chdir(tmp_path)
    text = write_model(model("three-level-maser"))
    (tmp_path / "maser.toml").write_text(text)
    (tmp_path / "cut.toml").write_text(text[:700])
    qubit = write_model(model("qubit")).replace('["g", "e", "1"]', '["g", "g", "1"]')
    free = qubit.replace('frequency = "omega"\n', "").replace('bath = "b"', 'label = "d"')
    (tmp_path / "split.toml").write_text(free.replace('[[bath]]\nlabel = "b"\nT = "T"\n', ""))
    (tmp_path / "loop.toml").symlink_to(tmp_path / "loop.toml")
    (tmp_path / "odd.toml").write_text(
        write_model(model("qubit")).replace('name = "qubit"', 'name = "../a $b"')
    )
    (tmp_path / "big.toml").write_text("#" * 1_000_001)
    (tmp_path / "binary.toml").write_bytes(bytes(range(256)))
    (tmp_path / "empty.toml").write_text("")
    (tmp_path / "folder.toml").mkdir()
    with (tmp_path / "sparse.toml").open("wb") as stream:
        stream.truncate(100_000_000)
    return tmp_path


# --- starting -----------------------------------------------------------------------------------


@pytest.mark.parametrize("args", [["--help"], ["--version"], ["derive", "--help"], ["derive"]])
def test_help_and_argument_errors_import_nothing_heavy(args):
    """No SymPy, FLINT, NumPy, Matplotlib or rich before a command needs them."""
    code = (
        "import sys\nfrom symtherm.cli import main\n"
        f"try:\n    main({args!r})\nexcept SystemExit as exit:\n    status = exit.code\n"
        "heavy = {'sympy', 'flint', 'numpy', 'matplotlib', 'mpmath', 'rich'} & set(sys.modules)\n"
        "assert not heavy, heavy\nraise SystemExit(status)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == (2 if args == ["derive"] else 0), done.stderr
    assert "Traceback" not in done.stderr


def test_the_version_is_the_package_version():
    import symtherm

    assert run("--version").output.strip() == f"symtherm, version {symtherm.__version__}"


@pytest.mark.parametrize("command", [(), ("models",), ("derive",), ("certify",), ("evaluate",)])
def test_help_fits_80_columns_and_its_examples_run(files, command):
    """Every command's help has an example; what it says is done with status 0."""
    result = run(*command, "--help")
    assert result.exit_code == 0
    assert max(map(len, result.stdout.splitlines())) <= 80
    examples = re.findall(r"^ +(symtherm (?:.*\\\n)*.*)$", result.stdout, flags=re.MULTILINE)
    assert examples
    for example in examples:
        arguments = shlex.split(example.replace("\\\n", " "))[1:]
        done = run(*arguments)
        assert done.exit_code == 0, (arguments, done.stderr)


# --- models -------------------------------------------------------------------------------------


def test_models_lists_the_library():
    """Names, titles and parameters of all."""
    result = run("models")
    assert result.exit_code == 0
    for name in NAMES:
        assert name in result.stdout and model(name).title in result.stdout
    assert "omega_h, omega_c, gamma_h, gamma_c, epsilon, Delta, T_h, T_c" in result.stdout


def test_a_model_is_shown_with_signs_point_levels_and_quantities():
    result = run("models", "three-level-maser")
    assert result.exit_code == 0
    for part in ("Delta       real", "1/100", "g, l, u", "omega_h - omega_c > 0", "population[u]"):
        assert part in result.stdout
    assert "chosen" not in result.stdout


def test_the_point_that_derive_takes_is_shown(files):
    """A file without [point] says that the point was chosen; it is the one of section Numbers."""
    text = (files / "maser.toml").read_text()
    (files / "pointless.toml").write_text(text[: text.index("[point]")])
    result = run("models", "pointless.toml")
    assert result.exit_code == 0 and "chosen" in result.stdout
    rows = re.findall(r"^(\w+) +(?:positive|real) +(\S+)$", result.stdout, flags=re.MULTILINE)
    assert [name for name, _ in rows] == [str(p) for p in model("three-level-maser").parameters]
    derived = json.loads(run("derive", "pointless.toml", "--to", "json").stdout)
    numbers = next(s for s in derived["sections"] if s["heading"] == "Numbers")
    prose = str(numbers["steps"])
    for letter, name in (("T_h", "T_h"), ("ω_c", "omega_c"), ("ε", "epsilon")):
        assert f"{letter} = {dict(rows)[name]}" in prose


def test_a_domain_without_a_point_that_is_found_asks_for_one(files):
    """Orders that no chosen point keeps: shown as such, and derive says what to add."""
    text = (files / "maser.toml").read_text()
    text = text[: text.index("[point]")].replace(
        'order = ["omega_h - omega_c"]',
        'order = ["omega_h - omega_c", "omega_h - 1000000*omega_c"]',
    )
    (files / "far.toml").write_text(text)
    shown = run("models", "far.toml")
    assert shown.exit_code == 0 and "none found: add a [point]" in shown.stdout
    derived = run("derive", "far.toml")
    assert derived.exit_code == 2 and "[point]" in derived.stderr


@pytest.mark.parametrize("columns", [40, 80, 100, 200])
def test_lists_keep_to_the_width(columns):
    """No line is longer than the output, and no parameter's name is broken."""
    for args in (["models"], *(["models", name] for name in NAMES)):
        result = narrow(columns, *args)
        assert result.exit_code == 0
        assert max(map(len, result.stdout.splitlines())) <= columns
    listed = " ".join(narrow(columns, "models").stdout.split())
    for name in NAMES:
        assert ", ".join(map(str, model(name).parameters)) in listed


@pytest.mark.parametrize("name", NAMES)
def test_the_printed_model_file_is_the_model(name):
    """``models NAME --toml`` reads back to the same model."""
    result = run("models", name, "--toml")
    assert result.exit_code == 0
    assert read_model(result.stdout) == model(name)


# --- derive -------------------------------------------------------------------------------------


def test_derive_prints_and_writes_both_documents(files):
    """The terminal shows the sections; NAME.tex and NAME.html are in the current directory."""
    result = run("derive", "qubit")
    assert result.exit_code == 0, result.stderr
    for section in ("Setting", "Steady state", "First law", "Second law", "Numbers"):
        assert section in result.stdout
    assert (files / "qubit.tex").read_text().startswith("\\documentclass")
    page = (files / "qubit.html").read_text()
    assert "<math" in page and "http://" not in page.replace("http://www.w3.org", "")


def test_derive_takes_a_file_and_a_directory(files):
    """A file gives the same documents as the library model; its name is made safe."""
    assert run("derive", "three-level-maser", "-o", "a/b").exit_code == 0
    assert run("derive", "maser.toml", "-o", "c").exit_code == 0
    for name in ("three-level-maser.tex", "three-level-maser.html"):
        assert (files / "a/b" / name).read_text() == (files / "c" / name).read_text()
    assert run("derive", "odd.toml", "-o", "d").exit_code == 0
    assert sorted(p.name for p in (files / "d").iterdir()) == ["a-b.html", "a-b.tex"]


@pytest.mark.parametrize(
    ("form", "suffix"), [("latex", "tex"), ("html", "html"), ("markdown", "md"), ("json", "json")]
)
def test_one_format_is_printed_bare_or_written(files, form, suffix):
    """``--to X`` prints the bare document, ``-o`` writes the same bytes and nothing else."""
    printed = run("derive", "qubit", "--to", form)
    assert printed.exit_code == 0 and printed.stderr == ""
    written = run("derive", "qubit", "--to", form, "-o", "out")
    assert written.exit_code == 0 and written.stdout == ""
    assert [p.name for p in (files / "out").iterdir()] == [f"qubit.{suffix}"]
    assert (files / "out" / f"qubit.{suffix}").read_bytes() == printed.stdout_bytes
    if form == "json":
        assert json.loads(printed.stdout)["verdict"] == "PROVED"


@pytest.mark.parametrize("verdict", list(Verdict))
def test_an_unproved_claim_gives_status_1(files, monkeypatch, verdict):
    """REFUTED and UNDECIDED steps give 1, and the documents are written all the same."""
    made = Derivation("A title", (("Section", (Step(verdict=verdict),)),))
    monkeypatch.setattr("symtherm.derive.thermodynamics.thermodynamics", lambda m: made)
    result = run("derive", "qubit")
    assert result.exit_code == (0 if verdict is Verdict.PROVED else 1)
    assert (files / "qubit.tex").exists() and (files / "qubit.html").exists()


# --- certify ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "at"), [("qubit", QUBIT_AT), ("three-level-maser", MASER_AT), ("quantum-dot", DOT_AT)]
)
def test_certify_prints_the_object_of_the_contract(name, at):
    """Exact parameters, digits, and value and radius of every quantity."""
    result = run("certify", name, "--at", at, "--digits", "30", "--to", "json")
    assert result.exit_code == 0 and result.stderr == ""
    data = json.loads(result.stdout)
    built = model(name)
    assert list(data) == ["model", "parameters", "digits", "results"]
    assert data["model"] == name and data["digits"] == 30
    assert data["parameters"] == {str(p): str(built.point[p]) for p in built.parameters}
    expected = certify(built, built.point, 30)
    assert data["results"] == {
        key: {"value": e.value, "radius": e.radius} for key, e in expected.items()
    }
    assert data["results"]["efficiency" if name != "qubit" else "heat[b]"]["radius"] is not None


def test_certified_efficiency_of_the_maser():
    """1 - omega_c/omega_h = 2/3, to 50 digits."""
    args = ["certify", "three-level-maser", "--at", MASER_AT, "--quantity", "efficiency"]
    data = json.loads(run(*args, "--to", "json").stdout)
    assert list(data["results"]) == ["efficiency"]
    found = data["results"]["efficiency"]
    assert found["value"].startswith("0." + "6" * 49)
    error = abs(Rational(found["value"]) - Rational(2, 3))
    assert error <= Rational(found["radius"]) < Rational(1, 10**49)


def test_exact_zeros_and_exact_numbers():
    """A zero is "0" with radius "0"; 0.1 and 1/10 are the same rational."""
    one = run("certify", "qubit", "--at", "omega=0.1, gamma=1e-1, T=1", "--to", "json")
    two = run("certify", "qubit", "--at", "T=1, omega=1/10, gamma=0.10", "--to", "json")
    assert one.stdout == two.stdout
    data = json.loads(one.stdout)
    assert data["parameters"]["omega"] == "1/10"
    assert data["results"]["heat[b]"] == {"value": "0", "radius": "0"}


def test_certify_prints_a_table(files):
    """Without --to, a table; a model file is taken as well; a quantity asked twice is shown once."""
    at = ["--at", MASER_AT, "--quantity", "power", "--quantity", "heat[h]", "--quantity", "power"]
    result = run("certify", "maser.toml", *at, "--digits", "10")
    assert result.exit_code == 0
    expected = certify(model("three-level-maser"), model("three-level-maser").point, 10)
    assert result.stdout.count("power") == 1
    assert expected["power"].value in result.stdout and expected["heat[h]"].radius in result.stdout


@pytest.mark.parametrize("columns", [20, 40, 80, 120, 300])
@pytest.mark.parametrize("digits", [5, 50, 1000])
def test_no_number_is_ever_cut(columns, digits):
    """Whatever the width, each value and each radius stands whole on one line."""
    expected = certify(model("three-level-maser"), model("three-level-maser").point, digits)
    result = narrow(
        columns, "certify", "three-level-maser", "--at", MASER_AT, "--digits", str(digits)
    )
    assert result.exit_code == 0
    words = [line.split() for line in result.stdout.splitlines()]
    for name, enclosure in expected.items():
        for number in (enclosure.value, enclosure.radius):
            assert any(number in line for line in words), number
        assert any(name in line for line in words)
    if digits == 50:
        longest = max(map(len, result.stdout.splitlines()))
        assert longest <= max(columns, len("  value   ") + digits + 5)


def test_values_may_be_given_in_several_pieces():
    """--at is merged in any order; each name once."""
    one = run("certify", "qubit", "--at", QUBIT_AT, "--to", "json")
    pieces = [word for part in reversed(QUBIT_AT.split(", ")) for word in ("--at", part)]
    assert run("certify", "qubit", *pieces, "--to", "json").stdout == one.stdout
    twice = run("certify", "qubit", "--at", QUBIT_AT, "--at", "T=1")
    assert twice.exit_code == 2 and "'T'. Found: it is given twice" in twice.stderr


def test_what_does_not_exist_at_a_point_is_said():
    """No efficiency at equal temperatures: left out, with a note on stderr."""
    result = run(*DOT_EQUAL, "--digits", "5")
    assert result.exit_code == 0 and "efficiency" not in result.stdout
    assert result.stderr == "symtherm: there is no efficiency at this point\n"


def test_a_drive_or_a_rate_may_vanish():
    """Zero is inside the domain as long as the steady state is unique."""
    at = MASER_AT.replace("epsilon=5e-2", "epsilon=0")
    data = json.loads(run("certify", "three-level-maser", "--at", at, "--to", "json").stdout)
    assert data["results"]["power"] == {"value": "0", "radius": "0"}
    assert run("certify", "qubit", "--at", "omega=1, gamma=0, T=1").exit_code == 2


# --- evaluate -----------------------------------------------------------------------------------


def rows_of(text: str) -> tuple[list[str], list[list[float]]]:
    header, *rows = csv.reader(io.StringIO(text))
    return header, [[float(cell) for cell in row] for row in rows]


@pytest.mark.parametrize(
    ("name", "at", "swept", "sweep"),
    [
        ("three-level-maser", MASER_AT, "T_h", "1:10:4"),
        ("three-level-maser", MASER_AT, "Delta", "1/2:-1/2:3"),
        ("quantum-dot", DOT_AT, "T_l", "0.25:2:3"),
        ("two-bath-qubit", "omega=1, gamma_h=.3, gamma_c=.2, T_h=2, T_c=1", "omega", "1:3:3"),
    ],
)
def test_sweeps_agree_with_certified_values(name, at, swept, sweep):
    """Header and exactly rounded first column; every cell agrees to 1e-12 with balls."""
    result = run("evaluate", name, "--at", without(at, swept), "--sweep", f"{swept}={sweep}")
    assert result.exit_code == 0, result.stderr
    built = model(name)
    header, rows = rows_of(result.stdout)
    start, stop, count = map(Rational, sweep.split(":"))
    assert header == [swept, *built.quantities] and len(rows) == count
    values = dict(piece.split("=") for piece in at.split(", "))
    symbols = {str(p): p for p in built.parameters}
    for k, row in enumerate(rows):
        place = start + (stop - start) * k / (count - 1)
        assert row[0] == float(place)
        point = {symbols[key]: Rational(value) for key, value in values.items()}
        exact = certify(built, {**point, symbols[swept]: place}, 20)
        for quantity, cell in zip(header[1:], row[1:], strict=True):
            assert cell == pytest.approx(float(exact[quantity].value), rel=1e-12, abs=1e-15)


def test_a_column_for_each_quantity_asked(files):
    """In the order asked; -o writes the same bytes."""
    args = ["evaluate", "three-level-maser", "--at", without(MASER_AT, "T_h"), "--sweep"]
    args += ["T_h=1:4:101", "--quantity", "power", "--quantity", "heat[h]"]
    printed = run(*args)
    header, rows = rows_of(printed.stdout)
    assert header == ["T_h", "power", "heat[h]"] and len(rows) == 101
    assert rows[1][0] == 1.03
    assert run(*args, "-o", "out.csv").stdout == ""
    assert (files / "out.csv").read_bytes() == printed.stdout_bytes


def test_efficiency_refers_to_the_hotter_lead_of_each_row():
    """It changes sides at T_l = T_r, where there is none (nan and a note on stderr)."""
    at = without(DOT_AT, "T_l")
    args = ["evaluate", "quantum-dot", "--at", at, "--quantity", "efficiency", "--sweep"]
    result = run(*args, "T_l=1/2:3/2:3")
    _, rows = rows_of(result.stdout)
    # -power/heat = (mu_r - mu_l)/(epsilon - mu_l) for l, (mu_l - mu_r)/(epsilon - mu_r) for r.
    assert rows[0][1] == pytest.approx(1 / 5)
    assert rows[1][1] != rows[1][1]
    assert rows[2][1] == pytest.approx(-1 / 4)
    assert "efficiency is not finite at 1 of 3 points" in result.stderr
    always = run(
        "evaluate", "quantum-dot", "--at", without(DOT_AT.replace("T_l=1/2", "T_l=1"), "mu_l"),
        "--sweep", "mu_l=0:1:3", "--quantity", "efficiency",
    )  # fmt: skip
    assert always.exit_code == 2 and "equal temperatures" in always.stderr


@pytest.mark.parametrize(
    ("name", "at", "sweep"),
    [
        ("three-level-maser", MASER_AT.replace("epsilon=5e-2", "epsilon=0"), "T_h=1:10:4"),
        ("two-bath-qubit", "omega=1, gamma_h=.3, T_h=1, T_c=1", "gamma_c=0:4:3"),
        (
            "quantum-dot",
            DOT_AT.replace("mu_l=1/5", "mu_l=0").replace("T_l=1/2", "T_l=1"),
            "Gamma_r=0:1:3",
        ),
        ("three-level-maser", MASER_AT, "Delta=-1:1:3"),
    ],
)
def test_zero_has_no_sign(name, at, sweep):
    """A vanishing current is 0.0, never -0.0."""
    result = run("evaluate", name, "--at", without(at, sweep.split("=")[0]), "--sweep", sweep)
    assert result.exit_code == 0
    assert ",0.0" in result.stdout or "\n0.0," in result.stdout
    assert "-0.0," not in result.stdout and "-0.0\n" not in result.stdout


def test_a_long_sweep_keeps_only_what_is_drawn(files):
    """The memory of a plotted sweep does not grow with its rows."""
    code = (
        "import resource, sys\nfrom symtherm.cli import main\n"
        "try:\n    main(sys.argv[1:])\nexcept SystemExit as exit:\n    assert not exit.code\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    peaks = []
    for rows in ("3e5", "1e6"):  # from some chunks on
        args = ["evaluate", "qubit", "--at", "omega=1, gamma=1", "--sweep", f"T=1:2:{rows}"]
        command = [sys.executable, "-c", code, *args, "-o", "a.csv", "--plot", "a.png"]
        peaks.append(int(subprocess.run(command, capture_output=True, timeout=120).stdout))
    # Six columns of 700,000 rows would be 34 MB, in KiB here.
    assert peaks[1] - peaks[0] < 16_000


def test_a_plot_in_each_format(files):
    """SVG, PNG and PDF by suffix; axis labels are mathematics; the same sweep, the same file."""
    at = without(MASER_AT, "T_h")
    for suffix, magic in (("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF")):
        args = ["evaluate", "three-level-maser", "--at", at, "--sweep", "T_h=1:4:21", "-o", "a.csv"]
        assert run(*args, "--plot", f"a.{suffix}").exit_code == 0
        data = (files / f"a.{suffix}").read_bytes()
        assert data.startswith(magic)
        if suffix == "svg":
            ET.fromstring(data)
            assert run(*args, "--plot", "b.svg").exit_code == 0
            assert (files / "b.svg").read_bytes() == data


def test_a_map_has_a_row_for_each_point_of_the_product():
    """Two sweeps: the second runs fastest; each row is that of the single sweep at its point."""
    at = without(without(MASER_AT, "T_h"), "T_c")
    args = ["evaluate", "three-level-maser", "--at", at, "--sweep", "T_h=1:10:4"]
    header, rows = rows_of(run(*args, "--sweep", "T_c=0.5:2:3:log").stdout)
    assert header[:3] == ["T_h", "T_c", "heat[h]"]
    assert [row[:2] for row in rows] == [[h, c] for h in (1, 4, 7, 10) for c in (0.5, 1, 2)]
    _, line = rows_of(
        run("evaluate", "three-level-maser", "--at", f"{at}, T_c=1", *args[4:]).stdout
    )
    for k, row in enumerate(line):
        assert row[1:] == pytest.approx(rows[3 * k + 1][2:], rel=1e-13, abs=1e-300)


def test_an_interrupted_sweep_goes_on(files, monkeypatch):
    """A file and its journal left by a kill are continued to the same bytes; a whole one is redone."""
    from symtherm.numeric import sweep as room

    monkeypatch.setattr(room, "BLOCK", 50)
    monkeypatch.setattr(room.sweep, "__kwdefaults__", {**room.sweep.__kwdefaults__, "block": 50})
    args = [
        "evaluate",
        "qubit",
        "--at",
        "gamma=1",
        "--sweep",
        "T=1:2:10",
        "--sweep",
        "omega=1:2:20",
    ]
    assert run(*args, "-o", "a.csv").exit_code == 0
    whole = (files / "a.csv").read_bytes()
    assert run(*args, "-o", "a.csv").exit_code == 0 and (files / "a.csv").read_bytes() == whole
    plain = room._evaluated

    def killed(function, grid, names, numbers, executor):
        for k, found in enumerate(plain(function, grid, names, numbers, executor)):
            if k == 2:
                raise KeyboardInterrupt
            yield found

    monkeypatch.setattr(room, "_evaluated", killed)
    (files / "a.csv").unlink()
    assert run(*args, "-o", "a.csv").exit_code == 130
    assert (files / "a.csv.journal").exists()
    monkeypatch.setattr(room, "_evaluated", plain)
    assert run(*args, "-o", "a.csv").exit_code == 0
    assert (files / "a.csv").read_bytes() == whole and not (files / "a.csv.journal").exists()


def test_a_map_in_each_format(files):
    """Two sweeps draw a map, the same bytes each time; Zarr holds the same numbers as CSV."""
    zarr = pytest.importorskip("zarr")
    at = without(without(MASER_AT, "T_h"), "omega_c")
    args = ["evaluate", "three-level-maser", "--at", at, "--sweep", "T_h=1:10:21"]
    args += ["--sweep", "omega_c=1/2:5/2:11", "--quantity", "power", "--quantity", "efficiency"]
    for suffix in ("svg", "pdf", "png"):
        assert run(*args, "-o", "a.csv", "--plot", f"a.{suffix}").exit_code == 0
    assert run(*args, "-o", "b.zarr", "--plot", "b.svg").exit_code == 0
    assert (files / "a.svg").read_bytes() == (files / "b.svg").read_bytes()
    header, rows = rows_of((files / "a.csv").read_text())
    assert header == ["T_h", "omega_c", "power", "efficiency"]
    power = zarr.open_group("b.zarr", mode="r")["power"][:]
    assert power.ravel().tolist() == [row[2] for row in rows]
    assert run(*args, "-o", "b.zarr").exit_code == 0


# --- bad input ----------------------------------------------------------------------------------

CERTIFY = ("certify", "qubit", "--at")
SWEEP = ("evaluate", "qubit", "--at", "omega=1, gamma=1", "--sweep")
DOT_EQUAL = ("certify", "quantum-dot", "--at", DOT_AT.replace("T_l=1/2", "T_l=1"))
MASER_SWEEP = ("evaluate", "three-level-maser", "--at", without(MASER_AT, "omega_c"), "--sweep")
OVER = ("evaluate", "maser.toml", "--at", without(MASER_AT, "T_h"), "--sweep", "T_h=1:2:3")
BAD = {
    "no command": (["frobnicate"], "No such command"),
    "unknown model": (["derive", "qubti"], "did you mean qubit"),
    "a shell trick": (["derive", "$(reboot); `ls` | x"], "neither a library model"),
    "an option": (["derive", "-rf"], "No such option"),
    "an escape": (["derive", "\x1b[31mred\x07"], "neither a library model"),
    "a nul byte": (["derive", "a\x00b.toml"], ""),
    "surrogates": (["derive", "\udcff\udcfe"], ""),
    "a long name": (["derive", "x" * 10_000], ""),
    "a directory": (["derive", "."], "a directory"),
    "a device": (["derive", "/dev/zero"], "no regular file"),
    "no file": (["derive", "none.toml"], "No such file"),
    "a truncated file": (["derive", "cut.toml"], "cut.toml"),
    "a cyclic file": (["derive", "loop.toml"], "loop.toml"),
    "a huge file": (["derive", "big.toml"], "1000000 bytes"),
    "two steady states": (["derive", "split.toml"], "stationary"),
    "two steady states certified": (["certify", "split.toml", "--at", QUBIT_AT], "stationary"),
    "unknown format": (["derive", "qubit", "--to", "docx"], "docx"),
    "output under a file": (["derive", "qubit", "-o", "cut.toml/x"], "cut.toml"),
    "toml of nothing": (["models", "--toml"], "NAME"),
    "models of nothing": (["models", "x"], "library"),
    "no --at": (["certify", "qubit"], "--at"),
    "code": ([*CERTIFY, "omega=__import__('os'), gamma=1, T=1"], "__import__"),
    "no assignment": ([*CERTIFY, "omega"], "no name = value"),
    "unknown symbol": ([*CERTIFY, "omega=1, gamma=1, T=1, T_h=2"], "T_h"),
    "close symbol": ([*CERTIFY, "omegaa=1, gamma=1, T=1"], "did you mean omega"),
    "missing symbol": ([*CERTIFY, "omega=1, gamma=1"], "no value for T"),
    "given twice": ([*CERTIFY, "omega=1, gamma=1, T=1, T=1"], "twice"),
    "an expression": ([*CERTIFY, "omega=sqrt(2), gamma=1, T=1"], "exact"),
    "nan": ([*CERTIFY, "omega=nan, gamma=1, T=1"], "nan"),
    "division by zero": ([*CERTIFY, "omega=1/0, gamma=1, T=1"], "zero"),
    "absolute zero": ([*CERTIFY, "omega=1, gamma=1, T=0"], "T"),
    "negative temperature": ([*CERTIFY, "omega=1, gamma=1, T=-1"], "T"),
    "negative frequency": ([*CERTIFY, "omega=-1, gamma=1, T=1"], "omega"),
    "zero frequency": ([*CERTIFY, "omega=0, gamma=1, T=1"], "omega"),
    "negative rate": ([*CERTIFY, "omega=1, gamma=-1, T=1"], "gamma"),
    "wrong order": (
        ["certify", "three-level-maser", "--at", MASER_AT.replace("omega_h=3", "omega_h=1/2")],
        "order",
    ),
    "unknown quantity": ([*CERTIFY, QUBIT_AT, "--quantity", "heat[x]"], "heat[b]"),
    "efficiency of a qubit": ([*CERTIFY, QUBIT_AT, "--quantity", "efficiency"], "efficiency"),
    "efficiency at equal temperatures": (
        [*DOT_EQUAL, "--quantity", "efficiency"],
        "equal temperatures",
    ),
    "no digits": ([*CERTIFY, QUBIT_AT, "--digits", "0"], "1<=x<=1000"),
    "too many digits": ([*CERTIFY, QUBIT_AT, "--digits", "1001"], "1<=x<=1000"),
    "digits in words": ([*CERTIFY, QUBIT_AT, "--digits", "ten"], "ten"),
    "sweep to absolute zero": ([*SWEEP, "T=0:1:5"], "T"),
    "sweep below zero": ([*SWEEP, "T=1:-1:5"], "T"),
    "sweep of nothing": ([*SWEEP, "T=1:1:5"], "equal ends"),
    "one point": ([*SWEEP, "T=1:2:1"], "10000000"),
    "too many points": ([*SWEEP, "T=1:2:1e9"], "10000000"),
    "unknown sweep": ([*SWEEP, "x=1:2:5"], "x"),
    "sweep and value": ([*SWEEP, "omega=1:2:5"], "swept"),
    "sweep over an order": (
        [*MASER_SWEEP, "omega_c=1:4:5"],
        "order",
    ),
    "beyond doubles": (
        ["evaluate", "qubit", "--at", "omega=1e999, gamma=1", "--sweep", "T=1:2:3"],
        "double",
    ),
    "sweep of a vanishing rate": (
        ["evaluate", "qubit", "--at", "omega=1, T=1", "--sweep", "gamma=0:1:3"],
        "stationary",
    ),
    "plot without suffix": ([*SWEEP, "T=1:2:3", "--plot", "figure"], ".svg"),
    "plot nowhere": ([*SWEEP, "T=1:2:3", "--plot", "none/a.svg", "-o", "a.csv"], "none/a.svg"),
    "csv nowhere": ([*SWEEP, "T=1:2:3", "-o", "none/a.csv"], "none/a.csv"),
    "csv onto a directory": ([*SWEEP, "T=1:2:3", "-o", "."], "a directory"),
    "csv without a name": ([*SWEEP, "T=1:2:3", "-o", ""], "names no file"),
    "csv too long a name": ([*SWEEP, "T=1:2:3", "-o", "x" * 300], "name too long"),
    "csv and plot in one file": (
        [*SWEEP, "T=1:2:3", "-o", "a.svg", "--plot", "./a.svg"],
        "also the file of -o",
    ),
    "csv over the model": (
        [*OVER, "-o", "maser.toml"],
        "the model file",
    ),
    "plot without a name": ([*SWEEP, "T=1:2:3", "--plot", ".svg"], ".svg"),
    "swept twice": ([*SWEEP, "T=1:2:3", "--sweep", "T=1:2:4"], "swept twice"),
    "three sweeps": (
        [
            "evaluate",
            "qubit",
            *("--sweep", "T=1:2:3", "--sweep", "omega=1:2:4", "--sweep", "x=1:2:3"),
        ],
        "one or two",
    ),
    "a second sweep to absolute zero": (
        ["evaluate", "qubit", "--at", "gamma=1", "--sweep", "omega=1:2:3", "--sweep", "T=1:0:3"],
        "T",
    ),
    "equal ratios from zero": (
        ["evaluate", "qubit", "--at", "gamma=1, T=1", "--sweep", "omega=0:2:3:log"],
        "positive ends",
    ),
    "no sweep": ([*SWEEP, ""], "no name = value"),
    "half a sweep": ([*SWEEP, "T=1:2"], "start:stop:count"),
    "a long sweep": ([*SWEEP, "T=1:2:3:4"], "start:stop:count"),
    "no points": ([*SWEEP, "T=1:2:0"], "10000000"),
    "negative points": ([*SWEEP, "T=1:2:-3"], "10000000"),
    "half a point": ([*SWEEP, "T=1:2:2.5"], "10000000"),
    "astronomic points": ([*SWEEP, "T=1:2:1e99999"], "1000 digits"),
    "sweep beyond doubles": ([*SWEEP, "T=1:1e400:3"], "double"),
    "no model": (["derive", ""], "library"),
    "a model in Cyrillic": (["derive", "кубит"], "library"),
    "an emoji": (["derive", "\U0001f916.toml"], "No such file"),
    "a folder for a model": (["derive", "folder.toml"], "a directory"),
    "a binary file": (["models", "binary.toml"], "UTF-8"),
    "an empty file": (["certify", "empty.toml", "--at", QUBIT_AT], "no key 'name'"),
    "100 MB": (["derive", "sparse.toml"], "1000000 bytes"),
    "a table in PDF": ([*CERTIFY, QUBIT_AT, "-o", "x.pdf"], "none of .json"),
    "a reference set in PDF": (["reference", "build", "-o", "x.pdf"], "none of .json"),
    "output onto a file": (["derive", "qubit", "-o", "cut.toml"], "no directory"),
    "output nowhere": (["derive", "qubit", "-o", ""], "no directory"),
    "output under proc": (["derive", "qubit", "-o", "/proc/x"], "/proc/x"),
    "no assignments": ([*CERTIFY, ""], "no value for omega, gamma, T"),
    "a comma": ([*CERTIFY, ","], "no name = value"),
    "no name": ([*CERTIFY, "=1"], "no name = value"),
    "a Greek name": ([*CERTIFY, "ω=1, gamma=1, T=1"], "no name = value"),
    "wide digits": ([*CERTIFY, "omega=１, gamma=1, T=1"], "no exact number"),
    "semicolons": ([*CERTIFY, "omega=1; gamma=1; T=1"], "no exact number"),
    "infinity": ([*CERTIFY, "omega=inf, gamma=1, T=1"], "no exact number"),
    "a power tower": ([*CERTIFY, "omega=9**9**9, gamma=1, T=1"], "no exact number"),
    "an astronomic number": ([*CERTIFY, "omega=1e1000000000, gamma=1, T=1"], "1000 digits"),
    "a long number": ([*CERTIFY, "omega=" + "9" * 100_000 + ", gamma=1, T=1"], "exact number"),
    "given twice in two pieces": ([*CERTIFY, QUBIT_AT, "--at", "T=1"], "twice"),
    "no quantity": ([*CERTIFY, QUBIT_AT, "--quantity", ""], "heat[b]"),
    "a quantity and more": ([*CERTIFY, QUBIT_AT, "--quantity", "heat[b]; ls"], "heat[b]"),
    "endless digits": ([*CERTIFY, QUBIT_AT, "--digits", "9" * 30], "1<=x<=1000"),
}


@pytest.mark.parametrize("case", BAD, ids=str)
def test_bad_input_gives_status_2_and_one_named_line(files, case):
    """Never a traceback; nothing on stdout; control characters do not reach the terminal."""
    args, part = BAD[case]
    result = run(*args)
    assert result.exit_code == 2, result.output
    assert part in result.stderr
    assert result.stdout == ""
    assert "Traceback" not in result.stderr and "\x1b" not in result.stderr
    assert len(result.stderr) < 3000
    assert result.stderr.startswith(("symtherm: ", "Usage: "))
    if result.stderr.startswith("symtherm: "):
        assert result.stderr.count("\n") == 1


def fails(error):
    def function(*args, **options):
        raise error

    return function


@pytest.mark.parametrize(
    ("error", "status", "text"),
    [
        (RuntimeError("a\nbug"), 3, "symtherm: internal error: RuntimeError: a\\nbug\n"),
        (RecursionError("deep"), 3, "symtherm: internal error: RecursionError: deep\n"),
        (OSError(28, "No space left on device", "a.tex"), 2, "symtherm: a.tex: No space left"),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_no_exception_reaches_the_user(files, monkeypatch, error, status, text):
    """An internal error is one line and status 3; an interrupt is 130 and silent."""
    monkeypatch.setattr("symtherm.derive.thermodynamics.thermodynamics", fails(error))
    result = run("derive", "qubit")
    assert result.exit_code == status and result.stderr.startswith(text)


def test_a_reader_that_leaves_is_no_error():
    """``symtherm evaluate ... | head -1`` ends quietly."""
    args = [sys.executable, "-m", "symtherm.cli", "evaluate", "qubit", "--at", "omega=1, gamma=1"]
    with subprocess.Popen(
        [*args, "--sweep", "T=1:2:300000"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        assert process.stdout.readline().startswith(b"T,heat[b]")
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=60) == 141


@pytest.mark.parametrize(
    "args",
    [
        ["--help"],
        ["models"],
        ["models", "qubit"],
        ["derive", "qubit"],
        ["derive", "qubit", "--to", "latex"],
        ["certify", "qubit", "--at", QUBIT_AT],
        ["evaluate", "qubit", "--at", "omega=1, gamma=1", "--sweep", "T=1:2:3"],
    ],
    ids=lambda args: " ".join(args[:2]),
)
def test_a_closed_pipe_is_silent(files, args):
    """Whatever prints into a pipe without a reader ends with 141 (not 1: no claim failed)."""
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "symtherm.cli", *args]
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, timeout=60)
    os.close(write)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
@pytest.mark.parametrize("args", [["--help"], ["models"], ["derive", "qubit", "--to", "json"]])
def test_a_full_disk_is_one_line(args):
    command = [sys.executable, "-m", "symtherm.cli", *args]
    with open("/dev/full", "w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    assert done.returncode == 2
    assert done.stderr == "symtherm: No space left on device\n"


@pytest.mark.parametrize("terminal", [True, False])
def test_a_bar_appears_after_a_second_and_on_a_terminal_only(terminal):
    """On stderr; a pipe or a file gets nothing."""
    pty = pytest.importorskip("pty")
    code = (
        "import time\nfrom symtherm.cli.terminal import Progress\n"
        "with Progress('quick'):\n    pass\n"
        "with Progress('slow work'):\n    time.sleep(2.5)"
    )
    read, write = pty.openpty() if terminal else os.pipe()
    env = {**os.environ, "TERM": "xterm"}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=write, env=env, timeout=60)
    if terminal:  # a pipe would be read to its end, a terminal has none
        shown = os.read(read, 100_000)
        os.close(write)
    else:
        os.close(write)
        shown = os.read(read, 100_000)
    os.close(read)
    assert done.stdout == b""
    assert (b"slow work" in shown) == terminal and b"quick" not in shown
    assert terminal or shown == b""


def test_any_locale(files):
    """Documents are UTF-8 and the terminal gets what it can show, also where that is ASCII."""
    command = [sys.executable, "-m", "symtherm.cli", "derive", "qubit"]
    env = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, capture_output=True, env=env, timeout=60)
    assert done.returncode == 0, done.stderr
    assert b"omega" in done.stdout and b"?" not in done.stdout
    assert b"- 1/2 (L' L rho + rho L' L)" in done.stdout  # not 12
    assert b"k_b_up/k_b_down = " in done.stdout
    done = subprocess.run([*command, "--to", "json"], capture_output=True, env=env, timeout=60)
    assert done.returncode == 0 and "ω" in done.stdout.decode("utf-8")
