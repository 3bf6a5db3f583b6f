"""The derivation pages run as scripts and open as notebooks; the code in the documents runs too.

In a document, what follows ``# ->`` is what the block above it prints.
"""

from __future__ import annotations

import contextlib
import io
import re
import runpy
import shlex
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted((ROOT / "derivations").glob("*.py"))
DOCUMENTS = ["README.md", *(f"docs/{p.name}" for p in sorted((ROOT / "docs").glob("*.md")))]


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_page_runs(page):
    """Every assertion of the page holds; an exercise's claim is not proved with any answer."""
    import sympy

    from symtherm import Claim, prove
    from symtherm.errors import SymthermError

    names = runpy.run_path(str(page))
    wrong = sympy.Symbol("wrong", positive=True)
    for name, exercise in names.items():
        if not name.startswith("exercise_"):
            continue
        try:
            claim = exercise(wrong)
            assert isinstance(claim, Claim) and not prove(claim).proved, name
        except (SymthermError, TypeError, AttributeError):
            continue  # an answer of another kind: an operator, say


WITH_GAPS = [page for page in PAGES if '# %% tags=["exercise"]' in page.read_text("utf-8")]


@pytest.mark.parametrize("page", WITH_GAPS, ids=lambda p: p.stem)
def test_exercises_are_claims_with_a_gap_and_a_folded_answer(page):
    """As many numbered questions as claims, each answered in the last cell, which is folded."""
    text = page.read_text(encoding="utf-8")
    asked = re.findall(r"^# (\d)\. ", text.split("# ## Exercises")[1], flags=re.MULTILINE)
    claims = re.findall(r"^def exercise_(\d)\(", text, flags=re.MULTILINE)
    assert 2 <= len(asked) <= 3 and asked == claims
    answers = text.split('# %% jupyter={"source_hidden": true} tags=["solution"]')
    assert len(answers) == 2 and "# %%" not in answers[1]
    assert all(f"exercise_{k}(" in answers[1] for k in asked)


def test_every_page_has_exercises_with_gaps():
    assert WITH_GAPS == PAGES


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_page_opens_as_a_notebook(page):
    jupytext = pytest.importorskip("jupytext")
    notebook = jupytext.read(page)
    kinds = [cell.cell_type for cell in notebook.cells]
    assert kinds.count("markdown") >= 4 and kinds.count("code") >= 4


def text_of(document: str) -> str:
    return (ROOT / document).read_text(encoding="utf-8")


def blocks(document: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text_of(document), flags=re.DOTALL)


def commands(document: str) -> list[list[str]]:
    """The ``symtherm`` lines of a document's indented blocks, as arguments."""
    indented = re.findall(r"^    (symtherm (?:.*\\\n)*.*)$", text_of(document), flags=re.MULTILINE)
    return [shlex.split(line.replace("\\\n", " "), comments=True)[1:] for line in indented]


# --- documents ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "document", ["README.md", "docs/tour.md", "docs/evaluators.md", "docs/certificates.md"]
)
def test_the_documents_python_runs_and_prints_what_it_says(document, tmp_path, monkeypatch):
    """All blocks of a document are one session; each prints its ``# ->`` lines and nothing else."""
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, object] = {}
    for code in blocks(document, "python"):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code, document, "exec"), namespace)
        said = re.findall(r"^# -> (.*)$", code, flags=re.MULTILINE)
        assert printed.getvalue().splitlines() == said, code
    for name in tmp_path.glob("*.tex"):
        assert name.read_text(encoding="utf-8").rstrip().endswith("\\end{document}")
    for name in tmp_path.glob("*.html"):
        assert "<math" in name.read_text(encoding="utf-8")
    written = {"docs/evaluators.md": {".csv"}, "docs/certificates.md": set()}
    assert {p.suffix for p in tmp_path.iterdir()} >= written.get(document, {".tex", ".html"})


@pytest.mark.parametrize("document", ["README.md", "docs/tour.md", "docs/evaluators.md"])
def test_the_documents_commands_run(document, tmp_path, monkeypatch):
    """Every ``symtherm`` command line of a document does what it says, with status 0."""
    from symtherm.cli import main
    from symtherm.models.writer import write_model

    monkeypatch.chdir(tmp_path)
    if document == "docs/tour.md":
        namespace: dict[str, object] = {}
        with contextlib.redirect_stdout(io.StringIO()):
            for code in blocks(document, "python"):
                exec(compile(code, document, "exec"), namespace)
        model = namespace["model"]
        assert (tmp_path / "refrigerator.toml").read_text(encoding="utf-8") == write_model(model)
    found = commands(document)
    assert found
    for args in found:
        if "NAME" in args:
            continue
        result = CliRunner().invoke(main, args)
        assert result.exit_code == 0, (args, result.stderr)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_somewhere(document):
    for target in re.findall(r"\]\(([^)#]+)\)", text_of(document)):
        if not target.startswith("http"):
            assert ((ROOT / document).parent / target).exists(), target


def test_the_readmes_point_is_the_librarys_number():
    """The README's 50 digits are those of the library model at zero detuning."""
    from symtherm import certify, model

    m = model("three-level-maser")
    point = {s: 0 if s.name == "Delta" else v for s, v in m.point.items()}
    assert str(certify(m, point, 50, ["power"])["power"]) in text_of("README.md")


# --- model files --------------------------------------------------------------------------------


@pytest.mark.parametrize("document", ["README.md", "docs/model-files.md"])
def test_the_documents_model_files_are_read(document):
    from symtherm.models.reader import read_model

    found = blocks(document, "toml")
    assert found
    for text in found:
        name = tomllib.loads(text)["name"]
        model = read_model(text, name)
        assert not model.ledger.first_law_residual
        assert not model.ledger.failure


def test_the_documented_maser_is_the_librarys():
    from symtherm import model
    from symtherm.models.reader import write_model

    assert blocks("docs/model-files.md", "toml")[0] == write_model(model("three-level-maser"))


TABLES = {
    "The file": "_TOP",
    "`[[factor]]`": "_FACTOR",
    "`[[bath]]`": "_BATH",
    "`[[lead]]`": "_LEAD",
    "`[[jump]]` with `bath`": "_BATH_JUMP",
    "`[[jump]]` with `bath` and `dephasing`": "_DEPHASING",
    "`[[jump]]` with `lead`": "_LEAD_JUMP",
    "`[[jump]]` with `label`": "_FREE_JUMP",
}


def documented(heading: str) -> dict[str, tuple[bool, str]]:
    """Key -> (needed, example) of the table under a heading of docs/model-files.md."""
    section = text_of("docs/model-files.md").split(f"\n### {heading}\n")[1].split("\n#")[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("| `")]
    return {
        key.strip(" `[]"): (needed.strip() == "yes", example.strip(" `"))
        for key, needed, _, example in rows
    }


def test_every_table_of_a_model_file_is_documented():
    """The reader's key lists and the headings of the document are in one to one correspondence."""
    from symtherm.models import reader

    lists = {
        name
        for name, value in vars(reader).items()
        if isinstance(value, dict) and value and all(type(v) is bool for v in value.values())
    }
    assert lists == set(TABLES.values())
    headings = re.findall(r"^### (.*)$", text_of("docs/model-files.md"), flags=re.MULTILINE)
    assert headings == list(TABLES)


@pytest.mark.parametrize("heading", TABLES)
def test_documented_keys_are_those_the_reader_knows(heading):
    """The same keys, needed or not; each example is TOML that sets its key."""
    from symtherm.models import reader

    found = documented(heading)
    assert {key: needed for key, (needed, _) in found.items()} == getattr(reader, TABLES[heading])
    for key, (_, example) in found.items():
        assert key in tomllib.loads(example), example


def test_the_full_examples_use_every_key():
    """Each key stands in one of the documented models at least."""
    from symtherm.models import reader

    text = "\n".join([*blocks("docs/model-files.md", "toml"), *blocks("README.md", "toml")])
    for name in TABLES.values():
        for key in getattr(reader, name):
            assert re.search(rf"^({key} = |\[+{key}\]+$)", text, flags=re.MULTILINE), key


def test_documented_limits_are_the_readers():
    from symtherm.models.reader import MAX_BYTES, MAX_FACTORS, MAX_JUMPS, MAX_LEVELS, MAX_PARAMETERS

    text = text_of("docs/model-files.md")
    assert MAX_BYTES == 10**6 and "a megabyte" in text
    for limit, what in (
        (MAX_LEVELS, "levels"),
        (MAX_FACTORS, "factors"),
        (MAX_JUMPS, "jumps"),
        (MAX_PARAMETERS, "parameters"),
    ):
        assert f"{limit} {what}" in text


def test_functions_of_the_grammar_are_documented():
    from symtherm.exact.parse import CONSTANTS, FUNCTIONS

    opening = text_of("docs/model-files.md").split("```")[0]
    for name in (*FUNCTIONS, *CONSTANTS):
        assert re.search(rf"`[^`]*\b{name}\b[^`]*`", opening), name
