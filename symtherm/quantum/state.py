"""Expectation values, Gibbs states and checks of density operators."""

from __future__ import annotations

import sympy
from sympy import Expr

from symtherm.errors import NotHermitian, OutOfDomain, OutsideClosedForm, require
from symtherm.exact.scalar import scalar
from symtherm.quantum.operator import Operator

__all__ = ["expect", "gibbs_state", "require_hermitian", "require_operator"]


def require_operator(operator: Operator, what: str) -> Operator:
    """The operator itself; raises WrongArgument for anything else."""
    require(
        operator,
        Operator,
        f"{what} is an Operator",
        {
            "SteadyState": "give its density operator, pi.rho",
            "int": "write 0 * qeye(d) for zero",
            "ndarray": "use Operator.of(space, {(i, j): value}) or sigmax(), destroy(n)",
            "": "make it with sigmax(), destroy(n), kets, or Operator.of(space, {(i, j): value})",
        },
    )
    return operator


def expect(operator: Operator, state: Operator) -> Expr:
    """Tr(operator state), or <psi|operator|psi> for a ket.

    >>> from symtherm.quantum.standard import sigmaz, sigmam
    >>> from symtherm.quantum.space import HilbertSpace
    >>> expect(sigmaz(), HilbertSpace("q", levels="eg").ket("g"))
    -1
    """
    require_operator(operator, "The observable")
    require_operator(state, "The state")
    if state.isket:
        value: Expr = state.dag() * operator * state
        return value
    product: Operator = operator * state
    return product.tr()


def require_hermitian(operator: Operator, what: str) -> Operator:
    """The operator itself; raises NotHermitian naming the first entry that differs."""
    require_operator(operator, what)
    if not operator.isoper:
        raise NotHermitian(
            f"{what} must equal its adjoint",
            found=f"a {operator.shape[0]} x {operator.shape[1]} operator",
            advice="give a square operator, such as ket2dm(psi) for a ket",
        )
    if not operator.isherm:
        difference = operator - operator.dag()
        i, j, _ = difference.data[0]
        levels = operator.space.levels
        if i == j:
            raise NotHermitian(
                f"{what} must equal its adjoint",
                found=f"<{levels[i]}|.|{levels[i]}> = {operator[i, i]}, which is not real",
                advice="diagonal entries are real",
            )
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
    require_operator(energy, "The energy")
    T = scalar(T, "The temperature")
    if T.is_nonpositive:
        raise OutOfDomain(f"exp(-E/T) at T = {T}", found="T <= 0", advice="use T > 0")
    if any(i != j for i, j, _ in energy.data):
        raise OutsideClosedForm(
            "exp(-E/T)",
            found="an E that is not diagonal in the level basis",
            advice="bring it to its eigenbasis with Spectrum.of(E, ...).hamiltonian, and the state "
            "with to_eigenbasis",
        )
    weights = [sympy.exp(-energy[i, i] / T) for i in range(energy.space.dim)]
    total = sympy.Add(*weights)
    return Operator.of(energy.space, {(i, i): w / total for i, w in enumerate(weights)})
