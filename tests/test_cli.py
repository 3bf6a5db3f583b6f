"""The command line: what it prints and writes, and its exit status on any input."""

from __future__ import annotations

import csv
import io
import json
import os
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


# --- bad input ----------------------------------------------------------------------------------

CERTIFY = ("certify", "qubit", "--at")
SWEEP = ("evaluate", "qubit", "--at", "omega=1, gamma=1", "--sweep")
DOT_EQUAL = ("certify", "quantum-dot", "--at", DOT_AT.replace("T_l=1/2", "T_l=1"))
MASER_SWEEP = ("evaluate", "three-level-maser", "--at", without(MASER_AT, "omega_c"), "--sweep")
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
    "csv onto a directory": ([*SWEEP, "T=1:2:3", "-o", "."], "."),
}


@pytest.mark.parametrize("case", BAD, ids=str)
def test_bad_input_gives_status_2_and_one_named_line(files, case):
    """Never a traceback; nothing on stdout; control characters do not reach the terminal."""
    args, part = BAD[case]
    result = run(*args)
    assert result.exit_code == 2, result.output
    assert part in result.stderr
    assert "Traceback" not in result.stderr and "\x1b" not in result.stderr
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


def test_any_locale(files):
    """Documents are UTF-8 and the terminal gets what it can show, also where that is ASCII."""
    command = [sys.executable, "-m", "symtherm.cli", "derive", "qubit"]
    env = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, capture_output=True, env=env, timeout=60)
    assert done.returncode == 0, done.stderr
    assert b"omega" in done.stdout
    done = subprocess.run([*command, "--to", "json"], capture_output=True, env=env, timeout=60)
    assert done.returncode == 0 and "ω" in done.stdout.decode("utf-8")
