"""Numeric packages agree with the shipped set at ordinary points, and lose digits where it is hard."""

from __future__ import annotations

import importlib.util

import pytest

from symtherm.reference import load
from tests.against.reference_tools import by_qthermo, by_qutip, digits


@pytest.mark.parametrize("tool", ["qutip", "qthermo"])
def test_ordinary_steady_states(tool):
    pytest.importorskip(tool)
    run = by_qutip("svd") if tool == "qutip" else by_qthermo
    for case in [c for c in load("steady/ordinary/2").cases() if c.id.endswith("/2")]:
        found = digits(case, run)
        assert found and min(found.values()) > 7, (case.id, found)


@pytest.mark.skipif(importlib.util.find_spec("qutip") is None, reason="needs qutip")
def test_the_set_is_hard_somewhere():
    """Doubles end somewhere: near equilibrium a heat is a difference of nearly equal numbers."""
    worst = min(
        min(digits(case, by_qutip("svd")).values())
        for case in load("coupled-qubits/steady/near-equilibrium/2").cases()
    )
    assert worst < 7
