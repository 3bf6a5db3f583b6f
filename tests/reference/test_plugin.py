"""The pytest plugin, as a numeric package uses it."""

from __future__ import annotations

import subprocess
import sys

TEST = """
import numpy as np, pytest

@pytest.mark.reference(kind="steady", model="qubit", regime="ordinary", limit=5)
def test_populations(reference_case, reference_check):
    down, up = [rate for _, rate, _ in reference_case.jumps()]
    reference_check("population[e]", up / (down + up))

@pytest.mark.reference(kind="steady", model="qubit", regime="ordinary", limit=2)
def test_wrong(reference_case, reference_check):
    reference_check("population[e]", 0.9)
"""


def test_a_package_is_run_over_the_rows(tmp_path):
    """Five rows pass, a wrong number fails, and the tolerance is an option."""
    (tmp_path / "test_it.py").write_text(TEST)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    plugin = [] if _installed() else ["-p", "symtherm.reference.plugin"]
    done = subprocess.run(
        [*command, *plugin, "--symtherm-rtol", "1e-12", str(tmp_path)],
        capture_output=True, text=True, cwd=tmp_path,
    )  # fmt: skip
    assert "2 failed, 5 passed" in done.stdout, done.stdout + done.stderr
    assert "qubit/steady/ordinary/0" in done.stdout


def _installed() -> bool:
    from importlib.metadata import entry_points

    return any(e.value == "symtherm.reference.plugin" for e in entry_points(group="pytest11"))
