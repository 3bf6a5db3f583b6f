"""That the steady state is unique, and for which parameters that is certain."""

from __future__ import annotations

from sympy import Expr

from symtherm.derive.derivation import Equation, Step, Verdict
from symtherm.derive.forms import fitting
from symtherm.derive.formula import formula
from symtherm.derive.notation import math
from symtherm.thermo.model import Model

__all__ = ["uniqueness"]


def uniqueness(model: Model) -> tuple[Step, ...]:
    """The exact rank of the generator, its blocks, and exceptions at special parameter values.

    >>> from symtherm import model
    >>> uniqueness(model("qubit"))[0].verdict.name
    'PROVED'
    """
    state = model.steady_state
    d = model.generator.space.dim
    several = len(state.blocks) > 1
    unique = Step(
        (
            "The generator, a real ",
            math(rf"{d * d}\times {d * d}", f"{d * d} x {d * d}"),
            f" matrix in Hermitian coordinates, has the exact rank {state.rank}: the steady state ",
            math(r"\pi", "π"),
            " is unique. It falls into "
            + (
                f"{len(state.blocks)} connected blocks; coherences outside the block of the "
                "populations vanish."
                if several
                else "one block; no coherence vanishes by symmetry."
            ),
        ),
        verdict=Verdict.PROVED,
        name="uniqueness",
    )
    return (unique, *_exceptions(model))


def _exceptions(model: Model) -> tuple[Step, ...]:
    """Special parameter values that the result excludes, or at which uniqueness must be checked."""
    steps = []
    excluded = model.generator.conditions
    if excluded:
        words = (
            "Special parameters are excluded, at which frequencies coincide or amplitudes vanish; "
            "the result holds where",
        )
        steps.append(Step(words, tuple(map(_nonzero, excluded)), name="coincidences"))
    exceptions = model.steady_state.conditions
    if exceptions:
        rows = tuple(_nonzero(e) for e in exceptions if fitting(e) is not None)
        words = ("The rank is generic; the state is certainly unique where",)
        if len(rows) < len(exceptions):
            words = (
                "The rank is generic; it could drop for special parameters only, "
                "model.steady_state.conditions in Python.",
            )
            rows = ()
        steps.append(Step(words, rows, name="uniqueness conditions"))
    return tuple(steps)


def _nonzero(expr: Expr) -> Equation:
    return Equation(formula(expr), math("0", "0"), "!=", exact=str(expr))
