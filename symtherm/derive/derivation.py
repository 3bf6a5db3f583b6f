"""Derivations: named steps, each with its equations and, for claims, verdict and certificate.

A :class:`Derivation` is data only. It knows neither LaTeX documents nor terminals: the rooms
``latex``, ``html``, ``text`` turn it into pages.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

__all__ = ["ALWAYS", "NEVER", "Derivation", "Equation", "Formula", "Step", "Verdict"]


class Verdict(Enum):
    """What became of a claim. There is no fourth value, and no verdict rests on sampling."""

    PROVED = "PROVED"
    REFUTED = "REFUTED"
    UNDECIDED = "UNDECIDED"


@dataclass(frozen=True, slots=True)
class Formula:
    """A piece of mathematics in two spellings: LaTeX (no dollar signs) and plain text.

    >>> Formula(r"\\omega_h", "omega_h").latex
    '\\\\omega_h'
    """

    latex: str
    text: str


ALWAYS = Formula(r"\text{always}", "always")
NEVER = Formula(r"\text{never}", "never")


@dataclass(frozen=True, slots=True)
class Equation:
    """``lhs relation rhs``; ``name`` identifies the row in JSON (such as ``heat[h]``).

    ``exact`` is the machine-readable right-hand side (a string SymPy prints), or ``""``.
    """

    lhs: Formula
    rhs: Formula
    relation: str = "="
    name: str = ""
    exact: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One step: running text (strings and inline formulas) followed by display equations.

    A step that states a claim carries its verdict; ``table`` is (header, rows) for numbers.
    """

    prose: tuple[str | Formula, ...] = ()
    equations: tuple[Equation, ...] = ()
    verdict: Verdict | None = None
    name: str = ""
    table: tuple[tuple[str, ...], tuple[tuple[str, ...], ...]] | None = None


@dataclass(frozen=True, slots=True)
class Derivation:
    """A title, sections of steps, and the overall verdict with certificate or counterexample.

    ``sections`` maps a heading to its steps, in order. ``certificate`` is plain JSON data that
    :func:`symtherm.replay` checks without trusting the prover; ``counterexample`` maps symbol
    names to exact rationals when the verdict is REFUTED. ``condition`` states when equality holds.
    ``claim`` names what the verdict is about, and ``remark`` is the sentence after it; both make
    the ``headline``.
    """

    title: str
    sections: tuple[tuple[str, tuple[Step, ...]], ...] = ()
    verdict: Verdict | None = None
    certificate: Mapping[str, Any] | None = None
    counterexample: Mapping[str, str] | None = None
    condition: Formula | None = None
    source: str = ""
    abstract: tuple[str | Formula, ...] = field(default=())
    claim: str = ""
    remark: tuple[str | Formula, ...] = field(default=())

    def __repr__(self) -> str:
        verdict = f": {self.verdict.value}" if self.verdict is not None else ""
        lines = [f"Derivation {self.title!r}{verdict}"]
        if self.condition is not None:
            lines[0] += f", equality {self.condition.text}"
        if self.counterexample is not None:
            at = ", ".join(f"{k} = {v}" for k, v in self.counterexample.items())
            lines.append(f"  counterexample: {at}")
        if len(self.sections) > 1:
            lines.append("  sections: " + ", ".join(heading for heading, _ in self.sections))
        return "\n".join(lines)

    def _repr_markdown_(self) -> str:
        # A notebook typesets this; a LaTeX body with its sections it would not.
        from symtherm.derive.markdown import to_markdown

        return to_markdown(self)

    @property
    def steps(self) -> Iterator[Step]:
        """All steps of all sections, in order."""
        return (step for _, steps in self.sections for step in steps)

    @property
    def equality(self) -> tuple[str | Formula, ...]:
        """A sentence saying when equality holds; empty when nothing is known of it."""
        if self.condition is None:
            return ()
        if self.condition == ALWAYS:
            return ("Both sides are equal, identically.",)
        if self.condition == NEVER:
            return ("The inequality is strict for all declared parameters.",)
        return ("Equality holds if and only if ", self.condition, ".")

    @property
    def headline(self) -> tuple[str, tuple[str | Formula, ...]]:
        """What stands before the verdict, and what after it.

        >>> Derivation("t", claim="Second law", verdict=Verdict.PROVED, condition=NEVER).headline
        ('Second law: ', ('The inequality is strict for all declared parameters.',))
        """
        before = f"{self.claim}: " if self.claim and self.verdict is not None else ""
        return before, self.remark or self.equality

    @property
    def proved(self) -> bool:
        """True when the verdict is PROVED."""
        return self.verdict is Verdict.PROVED
