"""The adiabatic part of the entropy production as a sum of Klein's inequalities, jump by jump.

With [H, pi] = 0 and [L_k, ln pi] = phi_k L_k the adiabatic part is sum_k R_k x_k with the fluxes
R_k = r_k Tr[L_k^dag L_k rho] and x_k = ln(r_k p_from/(r_k' p_to)), where r_k' is the rate of the
reversed jump and p are eigenvalues of pi. Stationarity of pi gives sum_k R_k (1 - e^-x_k) = 0 for
every rho, so it equals sum_k R_k (x_k - 1 + e^-x_k), and every term is nonnegative because ln is
concave (Manzano, Horowitz and Parrondo, Phys. Rev. X 8, 031037 (2018)).
"""

from __future__ import annotations

from typing import Any

import sympy
from sympy import Expr

from symtherm.derive.certificate import BaseVariables, base_variables
from symtherm.derive.declared import NoCertificate
from symtherm.derive.derivation import ALWAYS, Derivation, Equation, Formula, Step, Verdict
from symtherm.derive.equality import all_of, any_of, open_factors, vanishing_factor
from symtherm.errors import SymthermError
from symtherm.exact.alphabet import Alphabet, alphabet
from symtherm.quantum.eigen import short
from symtherm.quantum.operator import Operator
from symtherm.thermo.claim import Claim
from symtherm.thermo.entropy import without_units
from symtherm.thermo.theorem import AdiabaticInequality, stated
from symtherm.thermo.visible_operators import turn

__all__ = ["adiabatic_proof"]


def adiabatic_proof(claim: Claim) -> Derivation | None:
    """PROVED jump by jump; None when a hypothesis cannot be certified."""
    theorem = claim.theorem
    assert isinstance(theorem, AdiabaticInequality)
    try:
        if claim.relation != ">=" or claim.difference != stated(theorem).difference:
            return None  # the theorem speaks of its own expression only
        return _proof(claim, theorem)
    except (NoCertificate, SymthermError):
        return None


def _reversals(theorem: AdiabaticInequality) -> list[tuple[Expr, Expr, Expr]]:
    """(r_k, Tr[L_k^dag L_k rho], e^-x_k) of every jump."""
    parts = theorem.parts
    pi, rho = parts.pi, parts.rho
    found: list[tuple[Expr, Expr, Expr]] = []
    for d in parts.generator.dissipators:
        for pair in d.pairs:
            for jump, back in ((pair.down, pair.up), (pair.up, pair.down)):
                L = jump.operator
                weight: Operator = L.dag() * L * rho
                ratio = short(back.rate / (jump.rate * turn(jump, pi)))
                found.append((jump.rate, without_units(weight.tr()), ratio))
    return found


def _proof(claim: Claim, theorem: AdiabaticInequality) -> Derivation:
    terms = _reversals(theorem)
    expressions = [v for term in terms for v in term]
    space = alphabet(
        [claim.difference, *expressions, *(sympy.log(b) for *_, b in terms)],
        positive=claim.positive,
    )
    base = base_variables(space)
    if base is None:
        raise NoCertificate("an alphabet without base variables")
    records = [_term(base, *term) for term in terms]
    certificate: dict[str, Any] = {
        "rule": "adiabatic",
        "claim": base.text(claim.difference),
        "relation": ">=",
        "terms": records,
        **base.declarations(),
    }
    statement = Formula(
        r"\sum_k R_k \left(x_k - 1 + e^{-x_k}\right) \;\ge\; 0",
        "sum over jumps of R_k (x_k - 1 + e^(-x_k)) >= 0",
    )
    step = Step(
        prose=(
            "Jump by jump, with the flux R_k and the ratio e^x_k of a rate times the stationary "
            "weight it leaves to that of the reversed jump; the sum of R_k (1 - e^-x_k) vanishes "
            "because the reference state is stationary:",
        ),
        equations=(Equation(statement, Formula("", ""), ""),),
        verdict=Verdict.PROVED,
        name="adiabatic",
    )
    balanced = [_balanced(space, ratio) for *_, ratio in terms]
    return Derivation(
        claim.name or "A claim",
        (("Proof", (step,)),),
        Verdict.PROVED,
        certificate,
        condition=all_of(balanced),
        source="Manzano, Horowitz and Parrondo, Phys. Rev. X 8, 031037 (2018)",
    )


def _balanced(space: Alphabet, ratio: Expr) -> Formula | None:
    """ratio = 1, between exponents where it is one of Boltzmann factors."""
    difference = space.fraction(ratio) - 1
    if not difference:
        return ALWAYS
    return any_of(vanishing_factor(space, p) for p in open_factors(space, difference.num))


def _term(base: BaseVariables, rate: Expr, weight: Expr, ratio: Expr) -> dict[str, Any]:
    occupied = base.visible(base.space.fraction(weight))
    if occupied is None:  # nonnegative where rho is a state
        occupied = base.name("assumed", f"w{len(base.extra)}", base.text(weight))
    factor = f"({base.sign(base.space.fraction(rate))})*({occupied})"
    record = base.record(ratio)
    base.record(sympy.Integer(1))
    return {"factor": factor, "pair": ["1", record], "function": "klein"}
