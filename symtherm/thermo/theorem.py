"""Inequalities for relative entropy whose proof is a theorem about the operators, as claims.

A claim made here carries its operators, so that :func:`symtherm.prove` checks the hypotheses of the
theorem on them and :func:`symtherm.replay` checks them again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sympy
from sympy import Expr

from symtherm.dynamics.generator import Dissipator, Generator
from symtherm.errors import BadExpression, DimensionMismatch, MissingTrait, require
from symtherm.exact.decide import all_zero, is_zero
from symtherm.exact.scalar import scalar
from symtherm.quantum.eigen import in_exponentials
from symtherm.quantum.operator import Operator
from symtherm.quantum.standard import qeye
from symtherm.quantum.state import require_hermitian, require_operator
from symtherm.thermo.claim import Claim
from symtherm.thermo.entropy import (
    logm,
    reference_state,
    relative_entropy,
    spohn_rate,
    without_units,
)

if TYPE_CHECKING:
    from symtherm.thermo.decomposition import Decomposition

PART = ("The dynamics is a generator", "make it with gkls or davies")

__all__ = [
    "AdiabaticInequality",
    "CoherenceInequality",
    "DataProcessing",
    "Klein",
    "SpohnInequality",
    "Theorem",
    "TotalInequality",
    "coherence_inequality",
    "data_processing",
    "klein_inequality",
    "spohn_inequality",
    "stated",
]


# (l, P) of every eigenprojector; l is the product of the factors given.
Spectrum = tuple[tuple[tuple[Expr, ...], Operator], ...]


@dataclass(frozen=True)
class Klein:
    """S(rho||sigma) >= 0 for two states.

    States with larger blocks come with their ``spectra``, made of those of the ``local`` states,
    the ``value`` of S(rho||sigma) in the letters of these, and the condition ``equality`` in LaTeX
    and as text; the checker verifies spectra and value on the matrices.
    """

    rho: Operator
    sigma: Operator
    spectra: tuple[Spectrum, Spectrum] | None = None
    value: Expr | None = None
    local: tuple[Operator, ...] = ()
    equality: tuple[str, str] = (r"\rho = \sigma", "ρ = σ")


@dataclass(frozen=True)
class DataProcessing:
    """S(rho||sigma) does not grow under the channel sum_k w_k A_k . A_k^dag, w_k >= 0."""

    rho: Operator
    sigma: Operator
    kraus: tuple[tuple[Expr, Operator], ...]

    def after(self, state: Operator) -> Operator:
        """The image of a state, without poles where exponentials decay."""
        image: Operator = sum((w * A * state * A.dag() for w, A in self.kraus), start=0 * state)
        return image.apply(in_exponentials) if _has_exponentials(image) else image


@dataclass(frozen=True)
class SpohnInequality:
    """-Tr[L(rho)(ln rho - ln pi)] >= 0 for a GKLS generator or dissipator with L(pi) = 0."""

    part: Dissipator | Generator
    rho: Operator
    pi: Operator


@dataclass(frozen=True)
class CoherenceInequality:
    """-Tr[L(rho)(ln rho - ln Delta(rho))] >= 0 for GKLS L that commutes with the pinching Delta."""

    part: Generator
    rho: Operator
    energy: Operator


@dataclass(frozen=True)
class AdiabaticInequality:
    """The adiabatic part of a decomposition whose hypotheses hold is >= 0."""

    parts: Decomposition


@dataclass(frozen=True)
class TotalInequality:
    """The sum over dissipators of Spohn rates, each with its own reference state, is >= 0."""

    parts: Decomposition

    @property
    def summands(self) -> tuple[SpohnInequality, ...]:
        """One inequality for each dissipator."""
        p = self.parts
        return tuple(
            SpohnInequality(d, p.rho, reference_state(d, p.energy, p.number))
            for d in p.generator.dissipators
        )


Theorem = (
    Klein
    | DataProcessing
    | SpohnInequality
    | CoherenceInequality
    | AdiabaticInequality
    | TotalInequality
)


def _has_exponentials(operator: Operator) -> bool:
    return any(v.has(sympy.exp) for _, _, v in operator.data)


def klein_inequality(rho: Operator, sigma: Operator) -> Claim:
    """Klein's inequality S(rho||sigma) >= 0, zero iff rho = sigma.

    States with connected blocks up to 2 x 2 and of full rank; the claim holds where their
    eigenvalues are positive. Raises OutsideClosedForm, NotHermitian, OutOfDomain, BadExpression
    (different traces).

    >>> from symtherm import Operator, parameters, prove, sigmaz
    >>> a, b = parameters("a b")
    >>> rho, sigma = (Operator.of(sigmaz().space, {(0, 0): x/(1 + x), (1, 1): 1/(1 + x)})
    ...               for x in (a, b))
    >>> prove(klein_inequality(rho, sigma)).verdict.name
    'PROVED'
    """
    _same_trace(rho, sigma)
    value = relative_entropy(rho, sigma)
    return Claim(value, ">=", sympy.Integer(0), name="Klein", theorem=Klein(rho, sigma))


def data_processing(
    rho: Operator,
    sigma: Operator,
    kraus: Sequence[Operator | tuple[Expr, Operator]],
    *,
    positive: Sequence[Expr] = (),
) -> Claim:
    """S(rho||sigma) - S(Phi(rho)||Phi(sigma)) >= 0 for Phi(X) = sum_k w_k A_k X A_k^dag.

    ``kraus`` holds pairs (w, A) as :func:`symtherm.kraus` returns them, or operators of weight 1.
    ``positive`` declares expressions positive, for the signs of the weights. Raises BadExpression
    unless sum_k w_k A_k^dag A_k = 1, and what :func:`klein_inequality` raises.
    Source: Lindblad, Commun. Math. Phys. 40, 147 (1975).

    >>> import sympy
    >>> from symtherm import Operator, parameters, prove, sigmaz
    >>> x, y, g = parameters("x y g")
    >>> space = sigmaz().space
    >>> rho, sigma = (Operator.of(space, {(0, 0): a/(1 + a), (1, 1): 1/(1 + a)}) for a in (x, y))
    >>> keep = Operator.of(space, {(0, 0): 1/sympy.sqrt(1 + g), (1, 1): sympy.Integer(1)})
    >>> fall = (g/(1 + g), Operator.of(space, {(1, 0): sympy.Integer(1)}))
    >>> prove(data_processing(rho, sigma, [keep, fall])).verdict.name
    'PROVED'
    """
    _same_trace(rho, sigma)
    require(kraus, (list, tuple), "The Kraus operators are a list", "write [K_1, K_2]")
    pairs = []
    for K in kraus:
        weight, A = K if isinstance(K, tuple) and len(K) == 2 else (1, K)
        pairs.append((scalar(weight, "A Kraus weight"), require_operator(A, "A Kraus operator")))
    theorem = DataProcessing(rho, sigma, tuple(pairs))
    total: Operator = sum((w * A.dag() * A for w, A in pairs), start=0 * qeye(rho.space))
    if not all_zero((total - qeye(rho.space)).entries.values()):
        raise BadExpression(
            "A channel", found="sum K^dag K that is not 1", advice="give all Kraus operators"
        )
    lost = relative_entropy(rho, sigma) - relative_entropy(theorem.after(rho), theorem.after(sigma))
    zero = sympy.Integer(0)
    return Claim(lost, ">=", zero, "data processing", tuple(positive), theorem=theorem)


def spohn_inequality(part: Dissipator | Generator, rho: Operator, pi: Operator) -> Claim:
    """Spohn's inequality -Tr[L(rho)(ln rho - ln pi)] >= 0 for a state rho, with L(pi) = 0.

    ``part`` is a dissipator, or a whole generator with its Hamiltonian. Raises NotThermal unless
    L(pi) = 0. Source: Spohn, J. Math. Phys. 19, 1227 (1978).

    >>> from symtherm import Operator, ThermalBath, parameters, prove, gkls, gibbs_state
    >>> from symtherm import sigmam, sigmaz
    >>> omega, gamma, T, x = parameters("omega gamma T x")
    >>> L = gkls(omega/2*sigmaz(),
    ...          [ThermalBath("b", T).jumps(sigmam(), frequency=omega, rate=gamma)])
    >>> rho = Operator.of(sigmaz().space, {(0, 0): x/(1 + x), (1, 1): 1/(1 + x)})
    >>> prove(spohn_inequality(L, rho, gibbs_state(omega/2*sigmaz(), T))).verdict.name
    'PROVED'
    """
    require(part, (Dissipator, Generator), *PART)
    _same_trace(rho, pi)
    value = spohn_rate(part, rho, pi)
    theorem = SpohnInequality(part, rho, pi)
    return Claim(value, ">=", sympy.Integer(0), name="Spohn", theorem=theorem)


def coherence_inequality(part: Generator, rho: Operator, energy: Operator) -> Claim:
    """-Tr[L(rho)(ln rho - ln Delta(rho))] >= 0, Delta the pinching onto the eigenspaces of energy.

    This is -d/dt S(rho||Delta(rho)) along e^{tL}: since L commutes with Delta, it is data
    processing in differential form. Raises MissingTrait unless [L, Delta] = 0.

    >>> from symtherm import gkls, ThermalBath, parameters, prove, qeye, sigmam, sigmax, sigmaz
    >>> omega, gamma, T = parameters("omega gamma T")
    >>> x = parameters("x", real=True)
    >>> H = omega/2*sigmaz()
    >>> L = gkls(H, [ThermalBath("b", T).jumps(sigmam(), frequency=omega, rate=gamma)])
    >>> prove(coherence_inequality(L, (qeye(2) + x*sigmax())/2, H)).verdict.name
    'PROVED'
    """
    from symtherm.thermo.decomposition import covariant, pinching

    require(part, Generator, *PART)
    for state, what in ((rho, "A density operator"), (energy, "The energy operator")):
        require_hermitian(state, what)
        if state.space != part.space:
            raise DimensionMismatch(
                f"{what} of a generator on {part.space.name}",
                found=f"one on {state.space.name}",
            )
    hypothesis = covariant(part, energy)
    if not hypothesis.holds:
        raise MissingTrait(
            "That the relative entropy of coherence does not grow",
            found=f"a generator with {hypothesis.found}",
            advice="it holds where [L, Delta] = 0, as for davies",
        )
    drift: Operator = part(rho) * (logm(rho) - logm(pinching(rho, energy)))
    theorem = CoherenceInequality(part, rho, energy)
    value = without_units(-drift.tr())
    return Claim(value, ">=", sympy.Integer(0), name="coherence", theorem=theorem)


def _same_trace(rho: Operator, sigma: Operator) -> None:
    for state in (rho, sigma):
        require_hermitian(state, "A density operator")
    difference = rho.tr() - sigma.tr()
    if is_zero(difference) is not True:
        raise BadExpression("Two states", found=f"traces that differ by {difference}")


def stated(theorem: Theorem) -> Claim:
    """The claim that a theorem makes about its operators; raises where a hypothesis fails."""
    if isinstance(theorem, Klein) and theorem.value is not None:
        return Claim(theorem.value, ">=", sympy.Integer(0), name="Klein", theorem=theorem)
    if isinstance(theorem, Klein):
        return klein_inequality(theorem.rho, theorem.sigma)
    if isinstance(theorem, DataProcessing):
        return data_processing(theorem.rho, theorem.sigma, theorem.kraus)
    if isinstance(theorem, CoherenceInequality):
        return coherence_inequality(theorem.part, theorem.rho, theorem.energy)
    if isinstance(theorem, AdiabaticInequality):
        parts = theorem.parts
        if not parts.adiabatic_is_nonnegative:
            raise MissingTrait(
                "That the adiabatic part is nonnegative",
                found=", ".join(str(h) for h in parts.hypotheses if not h.holds),
            )
        return Claim(parts.adiabatic, ">=", sympy.Integer(0), name="adiabatic", theorem=theorem)
    if isinstance(theorem, TotalInequality):
        zero = sympy.Integer(0)
        return Claim(theorem.parts.total, ">=", zero, name="entropy production", theorem=theorem)
    return spohn_inequality(theorem.part, theorem.rho, theorem.pi)
