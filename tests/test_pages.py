"""The derivation pages run as scripts and open as notebooks; the code in the documents runs too."""

from __future__ import annotations

import re
import runpy
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted((ROOT / "derivations").glob("*.py"))


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_page_runs(page):
    """Every assertion of the page holds."""
    assert runpy.run_path(str(page))


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_page_opens_as_a_notebook(page):
    jupytext = pytest.importorskip("jupytext")
    notebook = jupytext.read(page)
    kinds = [cell.cell_type for cell in notebook.cells]
    assert kinds.count("markdown") >= 4 and kinds.count("code") >= 4


def blocks(document: str, language: str) -> list[str]:
    text = (ROOT / document).read_text()
    return re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)


def test_the_readmes_python_runs():
    for code in blocks("README.md", "python"):
        namespace: dict[str, object] = {}
        exec(compile(code, "README.md", "exec"), namespace)
        assert namespace["proof"].proved
        assert "-0.00678975854945391526701947146" in code


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
