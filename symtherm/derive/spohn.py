"""The second law of a whole ledger by Spohn's theorem, with its equality condition.

In the eigenbasis of pi, with p_i > 0, every thermal pair contributes
sum_ij r |<j|L|i>|^2 (p_i - e^-x p_j) ln(p_i/(e^-x p_j)) >= 0 (r the downward rate), which vanishes
iff L pi = e^-x pi L. Jumps without energy exchange, and dissipators that preserve 1/d, contribute
sum r |<j|L|i>|^2 [p_i ln(p_i/p_j) - p_i + p_j] >= 0, which vanishes iff L pi = pi L.
So entropy production is zero iff these operator identities hold for every jump.
"""

from __future__ import annotations

from typing import Any

import sympy
from sympy import Expr

from symtherm.baths.bath import ThermalPair
from symtherm.derive.certificate import BaseVariables, NoCertificate, base_variables
from symtherm.derive.derivation import ALWAYS, NEVER, Derivation, Equation, Formula, Step, Verdict
from symtherm.derive.equality import open_factors, vanishing_factor
from symtherm.derive.modular import modular_condition
from symtherm.derive.network import letters
from symtherm.dynamics.generator import Trait
from symtherm.exact.complex import Pair
from symtherm.exact.decide import is_zero
from symtherm.exact.fraction import Fraction
from symtherm.quantum.operator import Operator
from symtherm.quantum.superoperator import PairMatrix, matrix_product, pair_matrix
from symtherm.thermo.claim import Claim
from symtherm.thermo.ledger import Ledger

ZERO = sympy.Integer(0)
LONG = 200  # characters of a denominator that gets a name

__all__ = ["equality_condition", "spohn_proof"]


def spohn_proof(claim: Claim) -> Derivation | None:
    """PROVED by Spohn's theorem; None when a hypothesis cannot be certified."""
    book = claim.ledger
    assert book is not None
    if Trait.GKLS not in book.generator.traits or claim.relation != ">=":
        return None
    if not is_zero(claim.difference - book.entropy_production):
        return None  # the ledger speaks of its own entropy production only
    certificate = _certificate(claim, book)
    if certificate is None:
        return None
    statement = Formula(
        r"\dot\Sigma = \sum_a -\mathrm{Tr}\left[\mathcal{D}_a(\pi)\left(\ln\pi - "
        r"\ln\pi_a\right)\right] \;\ge\; 0",
        "Σ̇ = sum over a of -Tr[D_a(π)(ln π - ln π_a)] >= 0",
    )
    step = Step(
        prose=(
            "Spohn's theorem, term by term: every dissipator is of GKLS form and leaves its own "
            "reference state of full rank stationary (checked above for every pair), and the terms "
            "with ",
            Formula(r"\ln\pi", "ln π"),
            " cancel because the steady state does not change:",
        ),
        equations=(Equation(statement, Formula("", ""), ""),),
        verdict=Verdict.PROVED,
        name="spohn",
    )
    return Derivation(
        claim.name or "A claim",
        (("Proof", (step,)),),
        Verdict.PROVED,
        certificate,
        condition=equality_condition(book),
        source="Spohn, J. Math. Phys. 19, 1227 (1978)",
    )


def _entries(base: BaseVariables, operator: Operator) -> list[list[Any]]:
    return [[i, j, base.text(v)] for i, j, v in operator.data]


def _certificate(claim: Claim, book: Ledger) -> dict[str, Any] | None:
    base = base_variables(book.alphabet, letters(book))
    if base is None:
        return None
    try:
        return _data(claim, book, base)
    except NoCertificate:
        return None


def _data(claim: Claim, book: Ledger, base: BaseVariables) -> dict[str, Any]:
    generator, space = book.state.named, book.alphabet

    def visible(value: Expr) -> str:
        return base.sign(space.fraction(value))

    def jump(operator: Operator, rate: str, exponent: Expr) -> dict[str, Any]:
        known = {"rate": rate, "exponent": base.exponent(exponent)}
        return {"operator": _entries(base, operator)} | known

    common: dict[str, str] = {}

    def exact(value: Fraction) -> str:
        """With a name for a long denominator, which all entries of a state have in common."""
        num, den = base.ratio(value)
        if len(den) > LONG:
            common[den] = common.get(den) or base.name("defined", "norm", den)
        return f"({num})/({common.get(den, den)})"

    def both(p: ThermalPair) -> list[dict[str, Any]]:
        down, up = space.fraction(p.down.rate), space.fraction(p.up.rate)
        first, second = base.rates(down, up, p.exponent)
        return [jump(p.operator, first, p.exponent), jump(p.operator.dag(), second, -p.exponent)]

    H = _entries(base, generator.hamiltonian)
    parts: list[dict[str, Any]] = [{"label": "H", "hamiltonian": H, "modular": [], "jumps": []}]
    for d in generator.dissipators:
        modular = []
        if d.bath is not None:  # the reference state is exp(-K), K = (E - mu N)/T
            energy = book.energy if book.number is None else book.energy - d.bath.mu * book.number
            T = visible(d.bath.T)
            modular = [[i, j, f"({base.text(v)})/({T})"] for i, j, v in energy.data]
        jumps = [record for p in d.pairs for record in both(p)]
        jumps += [jump(j.operator, visible(j.rate), ZERO) for j in d.jumps[2 * len(d.pairs) :]]
        parts.append({"label": d.label, "hamiltonian": [], "modular": modular, "jumps": jumps})
    return {
        "rule": "spohn",
        "claim": base.text(claim.difference),
        "relation": ">=",
        "dimension": generator.space.dim,
        "levels": list(generator.space.levels),
        "state": [
            [i, j, f"{exact(re)} + I*({exact(im)})" if im else exact(re)]
            for (i, j), (re, im) in sorted(book.state.pairs(space).items())
        ],
        "parts": parts,
        **base.declarations(),
    }


def _residuals(book: Ledger) -> list[Fraction]:
    space = book.alphabet
    rho = book.state.pairs(space)
    found: list[Fraction] = []

    def collect(left: PairMatrix, right: PairMatrix, factor: Fraction) -> None:
        for key in left.keys() | right.keys():
            zero: Pair = (Fraction.of(space.base, 0), Fraction.of(space.base, 0))
            a, b = left.get(key, zero), right.get(key, zero)
            found.extend(v for v in (a[0] - factor * b[0], a[1] - factor * b[1]) if v)

    for d in book.state.named.dissipators:
        for p in d.pairs:
            L = pair_matrix(space, p.operator)
            factor = space.fraction(sympy.exp(-p.exponent))
            collect(matrix_product(L, rho), matrix_product(rho, L), factor)
        for j in d.jumps[2 * len(d.pairs) :]:
            L = pair_matrix(space, j.operator)
            collect(matrix_product(L, rho), matrix_product(rho, L), Fraction.of(space.base, 1))
    return found


def equality_condition(book: Ledger) -> Formula:
    """When entropy production vanishes, as an equation between parameters where one factor decides.

    All residuals L pi - e^-x pi L vanish iff their common factor does, when one of the quotients
    visibly never vanishes; otherwise see :func:`symtherm.derive.modular.modular_condition`; where
    that does not tell, the operator condition itself is returned.
    """
    space = book.alphabet
    residuals = _residuals(book)
    if not residuals:
        return ALWAYS
    common = residuals[0].num
    for r in residuals[1:]:
        common = common.gcd(r.num)
    # A rate such as (a - b)^2 may vanish; then its jump asks for nothing.
    rates = [space.fraction(j.rate) for j in book.state.named.jumps]
    decisive = any(space.sign(r.num / common) is not None for r in residuals)
    decisive = decisive and all(space.fraction_sign(r) in (0, 1) for r in rates)
    left = open_factors(space, common)
    if decisive and not left:
        return NEVER
    if decisive and len(left) == 1:
        return vanishing_factor(space, left[0], letters(book))
    return modular_condition(book) or Formula(
        r"L_k\,\pi = e^{-x_k}\,\pi\,L_k \text{ for every jump } k \text{ of nonzero rate}",
        "L_k π = e^(-x_k) π L_k for every jump k of nonzero rate",
    )
