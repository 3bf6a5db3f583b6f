"""Claims: statements that can be proved, refuted by a point, or left undecided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sympy
from sympy import Expr

from symtherm.errors import BadExpression

if TYPE_CHECKING:
    from symtherm.thermo.ledger import Ledger

__all__ = ["Claim"]

RELATIONS = (">=", "==")


@dataclass(frozen=True)
class Claim:
    """``lhs relation rhs`` for all values of the declared parameters.

    ``positive`` lists expressions declared positive beyond single symbols. ``ledger`` is the
    context of a second law, which lets :func:`symtherm.prove` use theorems whose hypotheses are
    checked on the operators.

    >>> x, y = sympy.symbols("x y", positive=True)
    >>> print(Claim(x**2 + y**2, ">=", 2 * x * y))
    x**2 + y**2 >= 2*x*y
    """

    lhs: Expr
    relation: str
    rhs: Expr
    name: str = ""
    positive: tuple[Expr, ...] = ()
    ledger: Ledger | None = None

    def __post_init__(self) -> None:
        if self.relation not in RELATIONS:
            raise BadExpression(
                f"A claim with the relation {self.relation!r}", advice="use '>=' or '=='"
            )

    @property
    def difference(self) -> Expr:
        """lhs - rhs."""
        return self.lhs if self.rhs == 0 else self.lhs - self.rhs

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
        lost = statement in (True, False, sympy.true, sympy.false)
        raise BadExpression(
            "A claim to prove",
            found=f"{statement}" + (", a relation SymPy evaluated and dropped" if lost else ""),
            advice='write Claim(lhs, ">=", rhs), or a relation with >= or Eq',
        )
