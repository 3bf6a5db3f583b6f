"""Expectation values, Gibbs states and checks of density operators."""

from __future__ import annotations

import sympy
from sympy import Expr

from symtherm.errors import NotHermitian, OutsideClosedForm
from symtherm.quantum.operator import Operator

__all__ = ["expect", "gibbs_state", "require_hermitian"]


def expect(operator: Operator, state: Operator) -> Expr:
    """Tr(operator state), or <psi|operator|psi> for a ket.

    >>> from symtherm.quantum.standard import sigmaz, sigmam
    >>> from symtherm.quantum.space import HilbertSpace
    >>> expect(sigmaz(), HilbertSpace("q", levels="eg").ket("g"))
    -1
    """
    if state.isket:
        value: Expr = state.dag() * operator * state
        return value
    product: Operator = operator * state
    return product.tr()


def require_hermitian(operator: Operator, what: str) -> Operator:
    """The operator itself; raises NotHermitian naming the first entry that differs."""
    if not operator.isherm:
        difference = operator - operator.dag()
        i, j, _ = difference.data[0]
        levels = operator.space.levels
        raise NotHermitian(
            f"{what} must equal its adjoint",
            found=f"<{levels[i]}|.|{levels[j]}> = {operator[i, j]} and "
            f"<{levels[j]}|.|{levels[i]}> = {operator[j, i]}",
            advice="add the Hermitian conjugate",
        )
    return operator


def gibbs_state(energy: Operator, T: Expr) -> Operator:
    """exp(-E/T)/Z for an E that is diagonal in the level basis.

    >>> from symtherm.exact.alphabet import parameters
    >>> from symtherm.quantum.standard import num
    >>> w, T = parameters("omega T")
    >>> gibbs_state(w * num(2), T)[0, 0]
    1/(1 + exp(-omega/T))
    """
    if any(i != j for i, j, _ in energy.data):
        raise OutsideClosedForm("exp(-E/T)", found="an E that is not diagonal in the level basis")
    weights = [sympy.exp(-energy[i, i] / T) for i in range(energy.space.dim)]
    total = sympy.Add(*weights)
    return Operator.of(energy.space, {(i, i): w / total for i, w in enumerate(weights)})
