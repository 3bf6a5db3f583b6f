"""The rooms: imports go strictly down, FLINT stays in exact/, simplify is called nowhere."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import symtherm
from symtherm.models.library import NAMES

ROOT = Path(symtherm.__file__).parent
FLOORS = {
    "errors": 0,
    "exact": 1,
    "quantum": 2,
    "baths": 3,
    "dynamics": 4,
    "thermo": 5,
    "numeric": 6,
    "reference": 7,
    "derive": 8,
    "models": 9,
    "cli": 10,
}
FILES = sorted(ROOT.rglob("*.py"))


def floor_of(module: str) -> int | None:
    parts = module.split(".")
    return FLOORS.get(parts[1]) if len(parts) > 1 else None


def imports(path: Path):
    package = "symtherm." + ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                stem = package.split(".")[: -node.level]
                base = ".".join([*stem, base]) if base else ".".join(stem)
            yield base, node
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_go_down(path):
    """No room imports a floor above it (models/ build on the public names, as a user would)."""
    own = floor_of("symtherm." + ".".join(path.relative_to(ROOT).with_suffix("").parts))
    if own is None:
        return
    for module, node in imports(path):
        floor = floor_of(module) if module.startswith("symtherm") else None
        assert floor is None or floor <= own, f"{path.name}:{node.lineno} imports {module}"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_flint_is_imported_in_exact_alone(path):
    for module, _ in imports(path):
        assert module.split(".")[0] != "flint" or path.parent.name == "exact"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_nothing_is_simplified_or_evaluated(path):
    """simplify, sympify, parse_expr, eval and exec are called nowhere."""
    banned = {"simplify", "nsimplify", "sympify", "parse_expr", "eval", "exec"}
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            f = node.func
            name = (
                f.id if isinstance(f, ast.Name) else f.attr if isinstance(f, ast.Attribute) else ""
            )
            assert name not in banned, f"{path.name}:{node.lineno} calls {name}"


def test_rooms_are_small():
    """No file above 450 lines; the median is far below."""
    lengths = sorted(len(p.read_text().splitlines()) for p in FILES)
    assert lengths[-1] <= 450
    assert lengths[len(lengths) // 2] <= 200


def test_library_models_use_public_names_only():
    for path in (ROOT / "models").glob("*.py"):
        if path.stem.replace("_", "-") not in NAMES:
            continue
        for module, node in imports(path):
            assert module in ("__future__", "sympy", "symtherm"), f"{path.name}:{node.lineno}"


def test_every_public_name_resolves_and_has_a_docstring():
    for name in symtherm.__all__:
        if name == "__version__":
            continue
        assert getattr(symtherm, name).__doc__, name
