"""Proving claims: PROVED with a certificate, REFUTED with an exact point, or UNDECIDED.

The rules, tried in this order:

* identity: the difference is zero in normal form;
* visible sign: after the declared orders are substituted, every factor is a sum of nonnegative
  terms or an even power (see ``visible``, also for square roots);
* monotone pair: difference = K (e^a - e^b)(a - b) or K (a - b)(ln a - ln b) with K visibly
  nonnegative; since exp and ln are increasing the product is nonnegative, and it vanishes iff
  a = b or K = 0;
* Klein's inequality: difference = K (a ln(a/b) - a + b), because ln is concave;
* the logarithmic mean (a - b)/(ln a - ln b), which lies between the geometric and the arithmetic
  one (``pairs``): x coth x >= 1 and sinh x >= x for x > 0, and thermodynamic uncertainty relations;
* a sum of such terms;
* arithmetic and geometric means of monomials (``circuits``), as sums of Klein's inequality;
* sums of flux times force over the edges of a network (``network``) and Spohn's theorem
  (``spohn``) for the second law of a ledger, with every hypothesis checked on the rates and
  operators.

Every proof comes with a certificate: what cannot be written as one is not called proved. A
counterexample is searched at rational points and confirmed by ball arithmetic; a search that finds
none proves nothing and leaves the verdict UNDECIDED.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import combinations
from random import Random
from typing import Any

import sympy
from sympy import Expr, Rational, Symbol

from symtherm.derive.certificate import BaseVariables, NoCertificate, base_variables
from symtherm.derive.derivation import ALWAYS, NEVER, Derivation, Formula, Step, Verdict
from symtherm.derive.equality import all_of, any_of, equal, jointly, vanishing
from symtherm.derive.pairs import Pair, monotone_pairs, written_pairs
from symtherm.derive.real import real_claim
from symtherm.derive.replay import replay
from symtherm.derive.safe import safe_divisions
from symtherm.derive.told import RULES, Term, proof_step
from symtherm.errors import OutsideClosedForm, SymthermError
from symtherm.exact.alphabet import Alphabet, alphabet
from symtherm.exact.balls import decide_sign
from symtherm.exact.fraction import Fraction, TooLarge
from symtherm.thermo.claim import Claim

__all__ = ["counterexample", "prove"]

ZERO = sympy.Integer(0)
TRIALS = 400
# Longer normal forms are not factored in the search for a certificate.
FACTOR_LIMIT = 20_000
# So many nonnegative summands may be lent to the others.
LENDERS = 8
# Operations beyond which an equality is tried with letters for its logarithms at first.
LONG = 60_000


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
    ('PROVED', 'x = y')
    >>> prove(sympy.Ge(x - y, 0, evaluate=False)).verdict.name
    'REFUTED'

    Raises OutsideClosedForm for expressions without a normal form, UndeclaredSign for symbols
    without a declared sign, BadExpression for a statement that is no claim, UnorderedSpectrum for
    declared orders that contradict one another.
    """
    claim = Claim.of(statement)
    if claim.theorem is not None:
        from symtherm.derive.entropic import relative_entropy_proof

        # Where it fails, a point is no counterexample: its matrices may be no states.
        tried = (relative_entropy_proof(claim, apart) for apart in (False, True))
        return next((p for p in tried if p is not None and replay(p).valid), _undecided(claim))
    claim = real_claim(claim)
    if claim.relation == "==" and claim.difference.count_ops() > LONG:
        # Letters first: the normal form of so long logarithms may take minutes.
        from symtherm.derive.lettered import letters_proof

        if (proof := letters_proof(claim)) is not None:
            return proof
    base, value = _normal_form(claim)
    proof = None if base is None else _single(claim, base, value)
    proof = proof or _by_theorem(claim)
    if proof is None and base is not None and claim.relation == ">=":
        proof = _sum(claim, base)
    if proof is None and base is not None and value is not None and claim.relation == ">=":
        from symtherm.derive.means import means_proof

        proof = means_proof(claim, base, value)
    if proof is None:
        from symtherm.derive.lettered import letters_proof

        proof = letters_proof(claim)
    if proof is not None:
        return proof
    point = counterexample(claim)
    return _undecided(claim) if point is None else _refuted(claim, point)


def _undecided(claim: Claim) -> Derivation:
    step = Step(
        prose=("No certificate was found, and no counterexample either.",),
        verdict=Verdict.UNDECIDED,
    )
    return Derivation(_title(claim), (("Proof", (step,)),), Verdict.UNDECIDED)


def _normal_form(claim: Claim) -> tuple[BaseVariables | None, Fraction | None]:
    """The difference in normal form; that of a ledger's own second law is known already.

    None where square roots make it too large.
    """
    book = claim.ledger
    if book is not None and claim.difference == book.entropy_production:
        from symtherm.derive.network import letters

        value = book.fractions["entropy_production"]
        return base_variables(book.alphabet, letters(book)), value
    space = alphabet([claim.difference], positive=claim.positive)
    return base_variables(space), _fraction(space, claim.difference)


def _fraction(space: Alphabet, expr: Expr) -> Fraction | None:
    try:
        value = space.fraction(expr)
    except TooLarge:
        return None
    return value if max(len(value.num), len(value.den)) <= FACTOR_LIMIT else None


def _title(claim: Claim) -> str:
    return claim.name or "A claim"


def _by_theorem(claim: Claim) -> Derivation | None:
    if claim.ledger is None or claim.ledger.failure or claim.relation != ">=":
        return None
    from symtherm.derive.network import network_proof
    from symtherm.derive.spohn import spohn_proof

    return network_proof(claim) or spohn_proof(claim)


# -- sums of visible terms -----------------------------------------------------------------------


def _single(claim: Claim, base: BaseVariables, value: Fraction | None) -> Derivation | None:
    """An identity, a visible sign, or one monotone pair."""
    if value is not None and not value:
        return _proved(claim, base, "identity", [])
    term = None if claim.relation == "==" else _term(base, claim.difference, value)
    if term is None:
        return None
    rule = "monotone pair" if term.pair else "visible sign"
    if term.pair is not None and term.pair.function in RULES:
        rule = RULES[term.pair.function]
    return _proved(claim, base, rule, [term])


def _sum(claim: Claim, base: BaseVariables) -> Derivation | None:
    """A sum of visible signs and monotone pairs, in one of the ways the expression is written."""
    for summands in _sums(claim.difference):
        terms = _terms(base, summands)
        if terms is not None:
            proof = _proved(claim, base, "sum of terms", terms)
            if proof is not None:
                return proof
    return None


def _term(base: BaseVariables, expr: Expr, value: Fraction | None) -> Term | None:
    """A nonnegative term, from the way it is written or from its normal form."""
    try:
        found = _with_pair(base, written_pairs(base.space, expr))
    except TooLarge:
        found = None
    if found is not None or value is None:
        return found
    text = base.visible(value)
    if text is not None:
        return Term(value, text)
    return _with_pair(base, monotone_pairs(base.space, value))


def _with_pair(base: BaseVariables, pairs: Iterable[Pair]) -> Term | None:
    try:
        for pair in pairs:
            text = base.visible(pair.factor)
            if text is not None and _positive_sides(base, pair):
                return Term(pair.factor, text, pair)
    except OutsideClosedForm:
        return None  # the logarithm of something whose sign is not known
    return None


def _positive_sides(base: BaseVariables, pair: Pair) -> bool:
    sides = () if pair.function == "exp" else (pair.a, pair.b)
    return all(base.visible(base.space.fraction(e)) is not None for e in sides)


def _sums(expr: Expr) -> list[list[Expr]]:
    """The sums that an expression is written as: its terms, or those of a factor, distributed."""
    if expr.is_Add:
        return [list(expr.args)]
    if not expr.is_Mul:
        return []
    return [
        [sympy.Mul(*expr.args[:k], part, *expr.args[k + 1 :]) for part in factor.args]
        for k, factor in enumerate(expr.args)
        if factor.is_Add
    ]


def _terms(base: BaseVariables, summands: Sequence[Expr]) -> list[Term] | None:
    """Each summand as a nonnegative term; those that are none alone, together.

    Up to two of those that are nonnegative alone are lent to the rest, which may need them: in
    x ln(x/y) - x + y also y.
    """
    found: list[tuple[Expr, Fraction, Term]] = []
    others: list[tuple[Expr, Fraction]] = []
    for e in summands:
        value = _fraction(base.space, e)
        term = _term(base, e, value)
        if term is not None and value is not None:
            found.append((e, value, term))
        elif value is None:
            return None
        else:
            others.append((e, value))
    if not others:
        return [term for _, _, term in found]
    plain = [k for k, (_, _, term) in enumerate(found) if term.pair is None]
    for lent in (c for size in range(3) for c in combinations(plain[:LENDERS], size)):
        parts = [*others, *(found[k][:2] for k in lent)]
        left = sum((v for _, v in parts), start=Fraction.of(base.space.base, 0))
        kept = [term for k, (_, _, term) in enumerate(found) if k not in lent]
        term = _term(base, sympy.Add(*(e for e, _ in parts)), left) if left else None
        if term is not None or not left:
            return [*kept, term] if term is not None else kept
    return None


def _proved(claim: Claim, base: BaseVariables, rule: str, terms: list[Term]) -> Derivation | None:
    try:
        certificate = _certificate(claim, base, rule, terms)
    except (NoCertificate, OutsideClosedForm):  # a logarithm of what has no known sign
        return None
    condition = _condition(base, terms) if terms else ALWAYS
    return Derivation(
        _title(claim),
        (("Proof", (replace(proof_step(claim, base.space, terms), verdict=Verdict.PROVED),)),),
        Verdict.PROVED,
        certificate,
        condition=condition,
    )


def _certificate(claim: Claim, base: BaseVariables, rule: str, terms: list[Term]) -> dict[str, Any]:
    text = base.text(claim.difference)
    records, divisions = [], list[str]()
    for term in terms:
        record: dict[str, Any] = {"factor": term.text}
        if term.pair is not None:
            pair = term.pair
            # exp is increasing because ln is: a - b = ln(e^a) - ln(e^b).
            if pair.function == "exp":
                sides = [f"exp({base.exponent(e)})" for e in (pair.a, pair.b)]
            else:
                sides = [base.record(e) for e in (pair.a, pair.b)]
            record["pair"] = sides
            record["function"] = pair.function if pair.function in RULES else "log"
            divisions += [record["factor"], *record["pair"]]
        records.append(record)
    certificate = {
        "rule": rule,
        "claim": text,
        "relation": claim.relation,
        **base.declarations(),
        "terms": records,
    }
    if not safe_divisions(certificate["names"], divisions):
        raise NoCertificate("a pair divided by what the checker cannot see to differ from zero")
    return certificate


def _condition(base: BaseVariables, terms: list[Term]) -> Formula | None:
    """When all terms vanish: equations together, where no factor in front can."""
    space = base.space
    pairs = [t.pair for t in terms if t.pair is not None]
    conditions = [_term_condition(base, t) for t in terms]
    if len(pairs) == len(terms) and None not in conditions:
        fixed = [vanishing(space, p.factor) == NEVER for p in pairs]
        if all(fixed):
            return jointly(space, [(p.a, p.b) for p in pairs])
    return all_of(conditions)


def _term_condition(base: BaseVariables, term: Term) -> Formula | None:
    space = base.space
    if term.pair is None:
        return vanishing(space, term.value, base.letters)
    factor = term.pair.factor
    if any(space.sign(q) is None for q, _ in factor.den.factor()[1]):
        return None  # the factor may be infinite where a = b
    zero = vanishing(space, factor, base.letters)
    return any_of((equal(space, term.pair.a, term.pair.b), zero))


# -- counterexamples -----------------------------------------------------------------------------


def counterexample(claim: Claim, *, trials: int = TRIALS) -> dict[Symbol, Rational] | None:
    """A rational point of the declared domain where the claim fails, confirmed by balls."""
    random = Random(20)
    difference = claim.difference
    free = difference.free_symbols.union(*(e.free_symbols for e in claim.positive))
    symbols: list[Symbol] = sorted(free, key=str)
    for _ in range(trials):
        point = {}
        for s in symbols:
            number = Rational(random.randint(1, 60), random.choice((1, 2, 5, 10, 20)))
            point[s] = -number if s.is_positive is None and random.random() < 0.5 else number
        try:
            if any(decide_sign(e, point, 256) != 1 for e in claim.positive):
                continue
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
