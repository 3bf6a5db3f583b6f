"""A pytest plugin: a test that takes ``reference_case`` is run over certified rows.

    def test_steady(reference_case): ...

Options: ``--symtherm-select TEXT`` (rows whose id contains it), ``--symtherm-file FILE`` (not the
shipped set), ``--symtherm-rtol X`` (the tolerance of ``reference_check``). A marker narrows one
test: ``@pytest.mark.reference(kind="steady", model="qubit", regime="stiff")``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

__all__ = ["pytest_addoption", "pytest_configure", "pytest_generate_tests", "reference_check"]


def pytest_addoption(parser: Any) -> None:
    """Adds the options of the module's docstring."""
    group = parser.getgroup("symtherm", "certified reference values")
    group.addoption("--symtherm-select", default="", help="only rows whose id contains this")
    group.addoption("--symtherm-file", default=None, help="a reference file of your own")
    group.addoption("--symtherm-rtol", type=float, default=1e-6, help="relative tolerance")


def pytest_configure(config: Any) -> None:
    """Registers the marker."""
    config.addinivalue_line(
        "markers", "reference(kind, model, regime, limit): which certified rows a test is run over"
    )


def pytest_generate_tests(metafunc: Any) -> None:
    """Parametrises tests that take ``reference_case`` over the rows selected."""
    if "reference_case" not in metafunc.fixturenames:
        return
    from symtherm.reference.cases import load

    option = metafunc.config.getoption
    wanted: dict[str, Any] = {}
    for marker in metafunc.definition.iter_markers("reference"):
        wanted = {**marker.kwargs, **wanted}
    limit = wanted.pop("limit", None)
    found = load(option("--symtherm-select"), option("--symtherm-file"))
    cases = [
        case
        for case in found.cases()
        if all(getattr(case.row, key) == value for key, value in wanted.items())
    ]
    metafunc.parametrize("reference_case", cases[:limit], ids=lambda case: case.id)


@pytest.fixture
def reference_check(request: Any, reference_case: Any) -> Callable[[str, float], None]:
    """``reference_check(name, value)`` compares with the tolerance of ``--symtherm-rtol``."""
    rtol = request.config.getoption("--symtherm-rtol")

    def check(name: str, value: float) -> None:
        reference_case.check(name, value, rtol=rtol)

    return check
