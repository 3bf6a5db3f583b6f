"""Expectation values, Gibbs states and checks of density operators."""

from __future__ import annotations

from collections.abc import Sequence

import sympy
from sympy import Expr

from symtherm.errors import (
    BadExpression,
    DimensionMismatch,
    NotHermitian,
    OutOfDomain,
    require,
)
from symtherm.exact.decide import is_zero
from symtherm.exact.scalar import scalar
from symtherm.quantum.eigen import Eigenstate, connected_blocks, eigenstates, short
from symtherm.quantum.operator import Operator, merged
from symtherm.quantum.space import HilbertSpace

__all__ = [
    "expect",
    "gibbs_state",
    "require_hermitian",
    "require_on",
    "require_operator",
    "require_state",
]


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


def require_state(rho: Operator, what: str, space: HilbertSpace | None = None) -> Operator:
    """The density operator itself: Hermitian, of trace 1 in normal form, and on ``space`` if given.

    Raises WrongArgument, NotHermitian, BadExpression for another trace, DimensionMismatch.

    >>> from symtherm.quantum.standard import qeye
    >>> print(require_state(qeye(2) / 2, "The state"))
    1/2*|0><0| + 1/2*|1><1|
    """
    require_hermitian(rho, what)
    if space is not None and rho.space.dims != space.dims:
        raise DimensionMismatch(f"{what} on {space.name}", found=f"one on {rho.space.name}")
    if space is not None:
        merged(space, rho.space, "use")
    if is_zero(rho.tr() - 1) is not True:
        raise BadExpression(
            what, found=f"trace {rho.tr()}", advice="give a density operator, of trace 1"
        )
    return rho


def require_on(space: HilbertSpace, operator: Operator, what: str) -> None:
    """That an operator is one on ``space``: dimensions, the order of levels, levels or eigenstates.

    Raises DimensionMismatch.

    >>> from symtherm.quantum.standard import qeye, sigmaz
    >>> require_on(sigmaz().space, qeye(2), "The energy")
    """
    own = operator.space
    if own.dims == space.dims and own.eigenbasis == space.eigenbasis:
        merged(space, own, "use")
        return
    if own.dim != space.dim or own.eigenbasis == space.eigenbasis:
        raise DimensionMismatch(
            what,
            found=f"dimensions {list(own.dims)}, the generator has {list(space.dims)}",
            advice="use tensor(..., qeye(n)) to act on one factor",
        )
    raise DimensionMismatch(
        what,
        found=f"one on the {'eigenstates' if own.eigenbasis else 'levels'} "
        f"{', '.join(own.levels)}, the generator is one on the "
        f"{'eigenstates' if space.eigenbasis else 'levels'} {', '.join(space.levels)}",
        advice="write spectrum.hamiltonian, or spectrum.to_eigenbasis(operator)"
        if space.eigenbasis
        else "write spectrum.to_levels(operator)",
    )


def gibbs_state(energy: Operator, T: Expr) -> Operator:
    """exp(-E/T)/Z of a Hermitian E, exact wherever E can be diagonalised in square roots.

    A connected block of two levels with the energies m + R and m - R of populations p_+ and p_-
    gives (p_+ + p_-)/2 + (p_+ - p_-)(E - m)/(2R); the eigenvectors of a larger block give
    sum_k p_k |k><k|. Raises NotHermitian, OutOfDomain for T <= 0, and OutsideClosedForm as
    :func:`symtherm.quantum.eigen.eigenstates` does.

    >>> from symtherm.exact.alphabet import parameters
    >>> from symtherm.quantum.standard import num, sigmax
    >>> w, T = parameters("omega T")
    >>> gibbs_state(w * num(2), T)[0, 0]
    1/(1 + exp(-omega/T))
    >>> print(gibbs_state(w * sigmax(), T)[0, 1])
    -1/2 + 1/(exp(2*omega/T) + 1)
    """
    require_hermitian(energy, "The energy")
    T = scalar(T, "The temperature")
    if T.is_nonpositive:
        raise OutOfDomain(f"exp(-E/T) at T = {T}", found="T <= 0", advice="use T > 0")
    if all(i == j for i, j, _ in energy.data):
        weights = [sympy.exp(-energy[i, i] / T) for i in range(energy.space.dim)]
        total = sympy.Add(*weights)
        return Operator.of(energy.space, {(i, i): w / total for i, w in enumerate(weights)})
    states = list(eigenstates(energy))
    if energy.space.dim == 2:
        # With one gap the upper population is the Fermi letter of the gap.
        upper = 1 / (sympy.exp(short(states[0].energy - states[1].energy) / T) + 1)
        weights, total = [upper, 1 - upper], sympy.Integer(1)
    else:
        weights = [sympy.exp(-s.energy / T) for s in states]
        total = sympy.Add(*weights)
    entries: dict[tuple[int, int], Expr] = {}
    for block in connected_blocks(energy):
        known = [(weights.pop(0), states.pop(0)) for _ in block]
        for i in block:
            for j in block:
                entries[i, j] = _thermal(energy, i, j, known) / total
    return Operator.of(energy.space, entries)


def _thermal(energy: Operator, i: int, j: int, known: Sequence[tuple[Expr, Eigenstate]]) -> Expr:
    """<i| sum_k p_k |k><k| |j> of one connected block, from its (p_k, |k>)."""
    if len(known) == 2:
        (p, upper), (q, lower) = known
        gap = upper.energy - lower.energy
        turned: Expr = (
            (p - q) * (energy[i, j] - int(i == j) * (upper.energy + lower.energy) / 2) / gap
        )
        return turned + (p + q) / 2 if i == j else turned
    total: Expr = sympy.Integer(0)
    for p, state in known:
        vector = dict(state.vector)
        if i in vector and j in vector:
            total = total + p * short(vector[i] * sympy.conjugate(vector[j]))
    return total
