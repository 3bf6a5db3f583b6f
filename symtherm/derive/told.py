"""How a proof by a sum of nonnegative terms is told."""

from __future__ import annotations

from dataclasses import dataclass

import sympy
from sympy import Expr

from symtherm.derive.derivation import Equation, Formula, Step
from symtherm.derive.formula import formula
from symtherm.derive.pairs import Pair
from symtherm.exact.alphabet import Alphabet
from symtherm.exact.fraction import Fraction
from symtherm.exact.writer import readable
from symtherm.thermo.claim import Claim

__all__ = ["RULES", "Term", "proof_step"]

MEANS = {"arithmetic": "at most (a + b)/2", "geometric": "at least ab for a² and b²"}
RULES = {"klein": "klein", "arithmetic": "logarithmic mean", "geometric": "logarithmic mean"}


@dataclass(frozen=True)
class Term:
    """A visibly nonnegative summand: a fraction, or a fraction times a monotone pair."""

    value: Fraction
    text: str
    pair: Pair | None = None


def proof_step(claim: Claim, space: Alphabet, terms: list[Term]) -> Step:
    if not terms:
        return Step(prose=("The difference of both sides is zero in normal form, identically.",))
    if len(terms) == 1 and terms[0].pair is None:
        return Step(
            prose=(
                "Every factor is a square or visibly positive in the declared ranges of the "
                "parameters:",
            ),
            equations=(
                Equation(_left(claim), formula(_shown_factor(space, claim, terms[0].value))),
            ),
        )
    if len(terms) == 1 and terms[0].pair is not None:
        return _pair_step(space, claim, terms[0].pair)
    shown = [
        formula(readable(space, t.value)) if t.pair is None else _pair(space, claim, t.pair)
        for t in terms
    ]
    body = Formula(" + ".join(s.latex for s in shown), " + ".join(s.text for s in shown))
    return Step(
        prose=(
            "The expression is a sum of terms that are visibly nonnegative, or such a factor times "
            "a monotone pair, whose two brackets have the same sign:",
        ),
        equations=(
            Equation(_left(claim), Formula(body.latex + r" \;\ge\; 0", body.text + " >= 0")),
        ),
        name="sum of terms",
    )


def _left(claim: Claim) -> Formula:
    if claim.name == "second law":
        return Formula(r"\dot\Sigma", "Σ̇")
    return formula(claim.difference)


def _brackets(pair: Pair) -> Formula:
    if pair.function == "klein":
        A, B = formula(pair.a), formula(pair.b)
        logarithm = formula(sympy.log(pair.a / pair.b))
        start = "" if pair.a == 1 else A.text + " "
        latex = "" if pair.a == 1 else A.latex + r"\,"
        return Formula(
            rf"\left({latex}{logarithm.latex} - {A.latex} + {B.latex}\right)",
            f"({start}{logarithm.text} - {A.text} + {B.text})",
        )
    if pair.function in RULES:
        return _means(pair)
    function = sympy.exp if pair.function == "exp" else sympy.log
    force = formula(pair.a - pair.b)
    up, low = formula(function(pair.a)), formula(function(pair.b))
    return Formula(
        rf"\left({up.latex} - {low.latex}\right)\left({force.latex}\right)",
        f"({up.text} - {low.text}) ({force.text})",
    )


def _means(pair: Pair) -> Formula:
    t, d = formula(sympy.log(pair.a) - sympy.log(pair.b)), formula(pair.a - pair.b)
    if pair.function == "arithmetic":
        s = formula(pair.a + pair.b)
        return Formula(
            rf"\left({d.latex}\right)\left[\left({s.latex}\right)"
            rf"\left({t.latex}\right) - 2\left({d.latex}\right)\right]",
            f"({d.text}) [({s.text}) ({t.text}) - 2 ({d.text})]",
        )
    s, m = formula(pair.a**2 - pair.b**2), formula(2 * pair.a * pair.b)
    return Formula(
        rf"\left({d.latex}\right)\left[{s.latex} - {m.latex}\left({t.latex}\right)\right]",
        f"({d.text}) [{s.text} - {m.text} ({t.text})]",
    )


def _shown_factor(space: Alphabet, claim: Claim, factor: Fraction) -> Expr:
    if claim.ledger is not None:
        return claim.ledger.state.readable(factor, space)
    return readable(space, factor)


def _pair(space: Alphabet, claim: Claim, pair: Pair) -> Formula:
    brackets = _brackets(pair)
    shown = _shown_factor(space, claim, pair.factor)
    if shown == 1:
        return brackets
    K = formula(shown)
    if shown.is_Add:
        K = Formula(rf"\left({K.latex}\right)", f"({K.text})")
    return Formula(rf"{K.latex}\,{brackets.latex}", f"{K.text} {brackets.text}")


def _pair_step(space: Alphabet, claim: Claim, pair: Pair) -> Step:
    shown = _shown_factor(space, claim, pair.factor)
    K, brackets = formula(shown), _brackets(pair)
    taken = {str(x) for x in shown.free_symbols | pair.a.free_symbols | pair.b.free_symbols}
    letter = next(name for name in ("K", "C", "K'", "K''") if name not in taken)
    strict = space.fraction_sign(pair.factor) == 1
    relation, sign = (">", ">") if strict else (r"\ge", ">=")
    factor = Equation(
        Formula(letter, letter),
        Formula(rf"{K.latex} \;{relation}\; 0", f"{K.text} {sign} 0"),
    )
    name = "monotone pair"
    reason = "exp is increasing" if pair.function == "exp" else "ln is increasing"
    words = f"a monotone pair, identically. Since {reason}, both brackets have the same sign:"
    if pair.function == "klein":
        name = "Klein's inequality"
        words = "a term that is nonnegative because ln is concave, ln(b/a) <= b/a - 1, identically:"
    elif pair.function in RULES:
        name = "logarithmic mean"
        words = (
            "a product whose two factors have the same sign, because the logarithmic mean "
            f"(a - b)/(ln a - ln b) is {MEANS[pair.function]}, identically:"
        )
    kind = "positive" if strict else "nonnegative"
    return Step(
        prose=(f"The expression equals a {kind} factor times {words}",),
        equations=(
            Equation(
                _left(claim),
                Formula(letter + brackets.latex + r" \;\ge\; 0", f"{letter} {brackets.text} >= 0"),
            ),
            factor,
        ),
        name=name,
    )
