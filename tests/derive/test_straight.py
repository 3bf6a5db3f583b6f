"""The page of a model whose steady state is a straight-line program."""

from __future__ import annotations

import pytest

from symtherm import Model, thermodynamics
from symtherm.derive.derivation import Verdict
from symtherm.derive.html import to_html
from symtherm.derive.latex import to_latex
from symtherm.derive.markdown import to_markdown
from tests.thermo.test_program_ledger import chain


@pytest.fixture(scope="module")
def pair():
    """Three qubits in a row with the bare energy, and with H as the energy."""
    L, bare = chain(3)
    symbols = tuple(sorted(L.free_symbols, key=str))
    good = Model("row", "Three qubits in a row", symbols, L, bare, hot=("1",))
    return good, Model("row", "Three qubits in a row", symbols, L, L.hamiltonian)


@pytest.mark.filterwarnings("ignore:The steady state")
def test_the_page_says_the_size_and_proves_both_laws(pair):
    page = thermodynamics(pair[0])
    assert page.verdict is Verdict.PROVED and page.claim == "Second law"
    steps = {s.name: s for s in page.steps}
    assert steps["equality"].prose[1].text == "w0/T1 = w2/T2"
    assert page.remark[-2].text == "w0/T1 = w2/T2"
    program = pair[0].steady_state.program
    reads = sum(operation == "in" for operation, _, _ in program.steps)
    assert f"{len(program) - reads} steps" in "".join(map(str, steps["program"].prose))
    assert steps["first law"].verdict is steps["spohn"].verdict is Verdict.PROVED
    assert steps["check"].verdict is None and "not a proof" in str(steps["check"].prose)
    _, rows = steps["numbers"].table
    assert {row[0] for row in rows} >= {"heat[1]", "power", "efficiency", "population[ggg]"}
    assert all(row[3] == "yes" for row in rows)
    for write in (to_latex, to_html, to_markdown):
        assert "Proved" in write(page) or "PROVED" in write(page)


@pytest.mark.filterwarnings("ignore:The steady state")
def test_no_second_law_is_claimed_where_the_jumps_do_not_move_the_energy(pair):
    page = thermodynamics(pair[1])
    assert page.verdict is None and page.remark[0].startswith("No second law is claimed")
    assert {s.name for s in page.steps} >= {"first law", "no second law"}
