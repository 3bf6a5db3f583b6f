"""Claims: statements that can be proved, refuted by a point, or left undecided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sympy
from sympy import Expr
from sympy.logic.boolalg import BooleanAtom

from symtherm.errors import BadExpression, kind_of
from symtherm.exact.scalar import scalar
from symtherm.exact.show import shortened

if TYPE_CHECKING:
    from symtherm.thermo.ledger import Ledger
    from symtherm.thermo.theorem import Theorem

__all__ = ["Claim"]

RELATIONS = (">=", "==")


@dataclass(frozen=True)
class Claim:
    """``lhs relation rhs`` for all values of the declared parameters.

    The relation is ``">="`` or ``"=="``; ``a <= b`` is kept as ``b >= a``.
    ``positive`` lists expressions declared positive beyond single symbols. ``ledger`` is the
    context of a second law, and ``theorem`` that of an inequality for relative entropy; both let
    :func:`symtherm.prove` use theorems whose hypotheses are checked on the operators.

    >>> x, y = sympy.symbols("x y", positive=True)
    >>> print(Claim(x**2 + y**2, ">=", 2 * x * y))
    x**2 + y**2 >= 2*x*y
    >>> print(Claim(x / (x + y), "<=", 1))
    1 >= x/(x + y)
    """

    lhs: Expr
    relation: str
    rhs: Expr
    name: str = ""
    positive: tuple[Expr, ...] = ()
    ledger: Ledger | None = None
    theorem: Theorem | None = None

    def __post_init__(self) -> None:
        if self.relation == "<=":
            for name, value in (("lhs", self.rhs), ("rhs", self.lhs), ("relation", ">=")):
                object.__setattr__(self, name, value)
        if self.relation not in RELATIONS:
            strict = self.relation in (">", "<")
            raise BadExpression(
                f"A claim with the relation {self.relation!r}",
                advice=f"write {self.relation}=; the proof says when equality holds"
                if strict
                else "use '>=', '<=' or '=='",
            )
        object.__setattr__(self, "lhs", scalar(self.lhs, "The left side of a claim"))
        object.__setattr__(self, "rhs", scalar(self.rhs, "The right side of a claim"))

    @property
    def difference(self) -> Expr:
        """lhs - rhs."""
        return self.lhs if self.rhs == 0 else self.lhs - self.rhs

    def __repr__(self) -> str:
        left, right = shortened(str(self.lhs), 120), shortened(str(self.rhs), 60)
        return f"Claim{f' ({self.name})' if self.name else ''}: {left} {self.relation} {right}"

    def _repr_latex_(self) -> str:
        relation = {">=": r"\ge", "==": "="}[self.relation]
        return f"$\\displaystyle {sympy.latex(self.lhs)} {relation} {sympy.latex(self.rhs)}$"

    def __str__(self) -> str:
        return f"{self.lhs} {self.relation} {self.rhs}"

    @staticmethod
    def of(statement: Any) -> Claim:
        """A claim from a SymPy relation such as ``sigma >= 0`` or ``Eq(a, b)``.

        Raises BadExpression for anything else, and for a relation that SymPy has already turned
        into True or False, because its terms are lost.
        """
        if isinstance(statement, Claim):
            return statement
        if isinstance(statement, sympy.GreaterThan):
            return Claim(statement.lhs, ">=", statement.rhs)
        if isinstance(statement, sympy.LessThan):
            return Claim(statement.rhs, ">=", statement.lhs)
        if isinstance(statement, sympy.Eq):
            return Claim(statement.lhs, "==", statement.rhs)
        lost = isinstance(statement, (bool, BooleanAtom))
        strict = isinstance(statement, (sympy.StrictGreaterThan, sympy.StrictLessThan))
        advice = 'write Claim(lhs, ">=", rhs), or a relation with >= or Eq'
        if strict:
            advice = "write >=; the proof says when equality holds"
        elif type(statement).__name__ in ("Ledger", "Model"):
            book = type(statement).__name__.lower().replace("model", "model.ledger")
            advice = f"prove {book}.second_law or {book}.first_law"
        found = "a strict inequality" if strict else kind_of(statement)
        raise BadExpression(
            "A claim to prove",
            found=found + (", a relation SymPy evaluated and dropped" if lost else ""),
            advice=advice,
        )
