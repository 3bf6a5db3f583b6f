"""Proving claims: PROVED with a certificate, REFUTED with an exact point, or UNDECIDED.

The rules, tried in this order:

* identity: the difference is zero in normal form;
* visible sign: after the declared orders are substituted, all coefficients have one sign;
* monotone pair: difference = K (e^a - e^b)(a - b) with K visibly positive; since exp is increasing
  the product is nonnegative, and it vanishes iff a = b;
* Spohn's theorem, with every hypothesis checked on the operators (see ``spohn``).

A counterexample is searched at rational points and confirmed by ball arithmetic; a search that
finds none proves nothing and leaves the verdict UNDECIDED.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import gcd
from random import Random
from typing import Any

import sympy
from sympy import Expr, Rational, Symbol

from symtherm.derive.certificate import base_variables, declare
from symtherm.derive.derivation import ALWAYS, NEVER, Derivation, Equation, Formula, Step, Verdict
from symtherm.derive.formula import formula
from symtherm.errors import SymthermError
from symtherm.exact.alphabet import Alphabet, alphabet
from symtherm.exact.balls import decide_sign
from symtherm.exact.fraction import Fraction, Poly, evaluate
from symtherm.exact.letters import HYPERBOLIC
from symtherm.exact.writer import readable
from symtherm.thermo.claim import Claim

__all__ = ["boltzmann_binomials", "counterexample", "equal_exponents", "exponent_sides", "prove"]

ZERO = Formula("0", "0")
TRIALS = 400


def prove(statement: Any) -> Derivation:
    """Prove a claim, or refute it by an exact point, or say that neither was found.

    ``statement`` is a :class:`Claim` (such as ``ledger.second_law``) or a SymPy relation such as
    ``sigma >= 0``. The result's ``verdict`` is PROVED, REFUTED or UNDECIDED; ``certificate`` can be
    checked by :func:`symtherm.replay`, ``condition`` says when equality holds, and
    ``counterexample`` maps symbol names to exact rationals.

    >>> from symtherm.exact.alphabet import parameters
    >>> x, y = parameters("x y")
    >>> proof = prove(sympy.Ge((x - y) * (sympy.exp(x) - sympy.exp(y)), 0, evaluate=False))
    >>> proof.verdict.name, proof.condition.text
    ('PROVED', 'y = x')
    >>> prove(sympy.Ge(x - y, 0, evaluate=False)).verdict.name
    'REFUTED'

    Raises OutsideClosedForm for expressions without a normal form, UndeclaredSign for symbols
    without a declared sign, BadExpression for a statement that is no claim.
    """
    claim = Claim.of(statement)
    difference = claim.difference
    space = alphabet([difference], positive=claim.positive)
    value = space.fraction(difference)
    attempts = (
        (_identity,) if claim.relation == "==" else (_identity, _visible, _monotone_pair, _spohn)
    )
    for attempt in attempts:
        proof = attempt(claim, space, value)
        if proof is not None:
            return proof
    point = counterexample(claim, space)
    if point is not None:
        return _refuted(claim, point)
    step = Step(
        prose=("No certificate was found, and no counterexample either.",),
        verdict=Verdict.UNDECIDED,
    )
    return Derivation(_title(claim), (("Proof", (step,)),), Verdict.UNDECIDED)


def _title(claim: Claim) -> str:
    return claim.name or "A claim"


def _proved(
    claim: Claim, step: Step, certificate: dict[str, Any] | None, condition: Formula | None
) -> Derivation:
    return Derivation(
        _title(claim),
        (("Proof", (replace(step, verdict=Verdict.PROVED),)),),
        Verdict.PROVED,
        certificate,
        condition=condition,
    )


def _certified(
    claim: Claim, space: Alphabet, rule: str, terms: list[dict[str, Any]], extra: list[Expr]
) -> dict[str, Any] | None:
    """The certificate ``claim = sum of terms``; None with atoms that the checker does not read."""
    if any(a.kind in ("root", "log") for a in space.atoms):
        return None
    base = base_variables(space)
    rendered = []
    for term in terms:
        factor = term.get("factor")
        visible = "1" if factor is None else base.visible(factor)
        if visible is None:
            return None
        entry: dict[str, Any] = {"factor": visible}
        if "pair" in term:
            entry["pair"] = [base.text(e) for e in term["pair"]]
        rendered.append(entry)
    difference = claim.difference
    if difference.has(*HYPERBOLIC):
        difference = difference.rewrite(sympy.exp)
    return {
        "rule": rule,
        "claim": base.text(difference),
        "relation": claim.relation,
        **declare(base, [difference], extra),
        "terms": rendered,
    }


def _identity(claim: Claim, space: Alphabet, value: Fraction) -> Derivation | None:
    if value:
        return None
    step = Step(prose=("The difference of both sides is zero in normal form, identically.",))
    return _proved(
        claim,
        step,
        _certified(claim, space, "identity", [], []),
        ALWAYS,
    )


def _visible(claim: Claim, space: Alphabet, value: Fraction) -> Derivation | None:
    if space.fraction_sign(value, weak=True) != 1:
        return None
    step = Step(
        prose=(
            "Every factor is a square or visibly positive in the declared ranges of the "
            "parameters:",
        ),
        equations=(Equation(formula(claim.lhs), formula(readable(space, value)), "="),),
    )
    certificate = _certified(claim, space, "visible sign", [{"factor": value}], [])
    if certificate is None and not any(a.kind in ("root", "log") for a in space.atoms):
        return None
    return _proved(claim, step, certificate, _vanishing(space, value))


def boltzmann_binomials(space: Alphabet, poly: Poly) -> Iterator[tuple[tuple[int, ...], Poly]]:
    """Factors X^alpha - X^beta of a polynomial once occupations are written as X = exp(-e).

    Yields beta - alpha (so that exp(-alpha.e) = exp((beta - alpha).e) exp(-beta.e)).
    """
    images = []
    for index, atom in enumerate(space.atoms):
        g = space.base.gen(index)
        if atom.chart == "bose":
            images.append(Fraction.of(space.base, g, 1 - g))
        elif atom.chart == "fermi":
            images.append(Fraction.of(space.base, g, g + 1))
        else:
            images.append(Fraction.of(space.base, g))
    first, last = space.symbols, space.symbols + len(space.exponents)
    for p, _ in evaluate(poly, images, space.base).num.factor()[1]:
        terms = list(p.to_dict().items())
        if len(terms) != 2 or {int(c) for _, c in terms} != {1, -1}:
            continue
        (m, c), (k, _) = terms
        if int(c) < 0:
            m, k = k, m
        if any(m[i] or k[i] for i in range(len(m)) if not first <= i < last):
            continue
        yield tuple(int(k[i]) - int(m[i]) for i in range(first, last)), p


def _monotone_pair(claim: Claim, space: Alphabet, value: Fraction) -> Derivation | None:
    for p, power in value.num.factor()[1]:
        if power % 2 == 0 or space.sign(p) is not None:
            continue
        for powers, _ in boltzmann_binomials(space, p):
            a, b = exponent_sides(space, powers)
            force = space.fraction(a) - space.fraction(b)
            flux = space.fraction(sympy.exp(a)) - space.fraction(sympy.exp(b))
            if not force or not flux:
                continue
            factor = value / (force * flux)
            if space.fraction_sign(factor, weak=True) != 1:
                continue
            term = {"factor": factor, "pair": (a, b)}
            certificate = _certified(claim, space, "monotone pair", [term], [a, b])
            if certificate is None:
                continue
            condition: Formula | None = _either(_equal(a, b), _vanishing(space, factor))
            if any(space.sign(q) is None for q, _ in factor.den.factor()[1]):
                condition = None  # the factor may be infinite where a = b
            return _proved(claim, _pair_step(space, claim, factor, a, b), certificate, condition)
    return None


def _vanishing(space: Alphabet, value: Fraction) -> Formula:
    """Where a product of positive factors and squares vanishes: one of the squares does."""
    result = NEVER
    for p, k in value.num.factor()[1]:
        if k % 2 == 0 and space.sign(p) is None:
            body = formula(space.poly_expr(p))
            result = _either(result, Formula(f"{body.latex} = 0", f"{body.text} = 0"))
    return result


def _either(a: Formula, b: Formula) -> Formula:
    if NEVER in (a, b):
        return b if a == NEVER else a
    return Formula(rf"{a.latex} \;\text{{ or }}\; {b.latex}", f"{a.text} or {b.text}")


def exponent_sides(space: Alphabet, powers: tuple[int, ...]) -> tuple[Expr, Expr]:
    """(a, b) with a - b proportional to sum powers_j e_j: its positive and its negative part."""
    parts: list[Expr] = [sympy.Integer(0), sympy.Integer(0)]
    common = gcd(*powers)  # 2 a = 2 b says no more than a = b
    powers = tuple(k // common for k in powers)
    for power, atom in zip(powers, space.atoms[space.symbols :], strict=False):
        if power:
            assert atom.exponent is not None
            parts[power < 0] += abs(power) * atom.exponent
    return parts[0], parts[1]


def equal_exponents(space: Alphabet, powers: tuple[int, ...]) -> Formula:
    """The equation sum powers_j e_j = 0, with its terms on the sides where they are positive."""
    return _equal(*exponent_sides(space, powers))


def _equal(a: Expr, b: Expr) -> Formula:
    left, right = formula(a), formula(b)
    return Formula(f"{left.latex} = {right.latex}", f"{left.text} = {right.text}")


def _pair_step(space: Alphabet, claim: Claim, factor: Fraction, a: Expr, b: Expr) -> Step:
    if claim.ledger is not None:
        shown = claim.ledger.state.readable(factor, space)
    else:
        shown = readable(space, factor)
    A, B, K = (formula(e) for e in (a, b, shown))
    up, low = formula(sympy.exp(a)), formula(sympy.exp(b))
    taken = {str(x) for x in shown.free_symbols | a.free_symbols | b.free_symbols}
    letter = next(name for name in ("K", "C", "K'", "K''") if name not in taken)
    pair = Formula(
        rf"{letter}\left({up.latex} - {low.latex}\right)\left({A.latex} - {B.latex}\right)",
        f"{letter} ({up.text} - {low.text}) ({A.text} - {B.text})",
    )
    lhs = Formula(r"\dot\Sigma", "Σ̇") if claim.name == "second law" else formula(claim.difference)
    return Step(
        prose=(
            "The expression equals a positive factor times a monotone pair, identically. "
            "Since exp is increasing, both brackets have the same sign:",
        ),
        equations=(
            Equation(lhs, Formula(pair.latex + r" \;\ge\; 0", pair.text + " >= 0"), "="),
            Equation(Formula(letter, letter), Formula(K.latex + r" \;>\; 0", K.text + " > 0"), "="),
        ),
        name="monotone pair",
    )


def _spohn(claim: Claim, space: Alphabet, value: Fraction) -> Derivation | None:
    if claim.ledger is None or claim.ledger.failure:
        return None
    from symtherm.derive.spohn import spohn_proof

    return spohn_proof(claim)


def counterexample(
    claim: Claim, space: Alphabet, *, trials: int = TRIALS
) -> dict[Symbol, Rational] | None:
    """A rational point of the declared domain where the claim fails, confirmed by balls."""
    random = Random(20)
    symbols = [a.expr for a in space.atoms if isinstance(a.expr, Symbol)]
    difference = claim.difference
    for _ in range(trials):
        point = {}
        for s in symbols:
            number = Rational(random.randint(1, 60), random.choice((1, 2, 5, 10, 20)))
            point[s] = -number if s.is_positive is None and random.random() < 0.5 else number
        if not all(e.xreplace(point).is_positive for e in claim.positive):
            continue
        try:
            sign = decide_sign(difference, point, 256)
        except SymthermError:
            continue
        failed = sign == -1 or (claim.relation == "==" and sign == 1)
        if failed:
            return point
    return None


def _refuted(claim: Claim, point: dict[Symbol, Rational]) -> Derivation:
    from symtherm.exact.balls import enclose

    value = enclose(claim.difference, point, 12)
    named = {str(s): str(v) for s, v in sorted(point.items(), key=lambda item: str(item[0]))}
    at = ", ".join(f"{k} = {v}" for k, v in named.items())
    step = Step(
        prose=(f"At {at} the difference of both sides is {value}.",),
        verdict=Verdict.REFUTED,
    )
    return Derivation(
        _title(claim), (("Proof", (step,)),), Verdict.REFUTED, None, counterexample=named
    )
