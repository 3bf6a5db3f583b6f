"""Equalities that hold whatever some of their logarithms are: with a letter for each.

ln of a sum with square roots may hide relations, so a difference that is not zero in normal form
is no verdict there. But ln(A q) = ln A + ln q for positive A without roots, and where the
difference is zero with a letter for every ln q, it is an identity.
"""

from __future__ import annotations

from typing import Any

import sympy
from sympy import Expr

from symtherm.derive.certificate import BaseVariables, NoCertificate
from symtherm.derive.derivation import ALWAYS, Derivation, Step, Verdict
from symtherm.derive.entropic import (
    Letter,
    has_root,
    name_logarithm,
    positive_form,
    variables_of,
)
from symtherm.derive.replay import replay
from symtherm.errors import SymthermError
from symtherm.exact.alphabet import Alphabet, alphabet
from symtherm.exact.decide import is_zero
from symtherm.exact.fraction import Fraction, Poly
from symtherm.exact.writer import expanded
from symtherm.thermo.claim import Claim

__all__ = ["letters_proof"]


def letters_proof(claim: Claim) -> Derivation | None:
    """A proof of the equality with letters for logarithms; None if none is found."""
    if claim.relation != "==":
        return None
    difference = claim.difference.replace(
        sympy.atanh, lambda u: (sympy.log(1 + u) - sympy.log(1 - u)) / 2
    )
    logs = sorted(difference.atoms(sympy.log), key=sympy.default_sort_key)
    for chosen in ([log for log in logs if has_root(log.args[0])], _unseen(logs, claim), logs):
        try:
            certificate = _identity(claim, difference, chosen)
        except (NoCertificate, SymthermError):
            continue
        if certificate is not None and replay(certificate).valid:
            break
    else:
        return None
    words = "The difference of both sides is zero, identically, whatever its logarithms are."
    step = Step(prose=(words,), verdict=Verdict.PROVED)
    title = claim.name or "A claim"
    return Derivation(title, (("Proof", (step,)),), Verdict.PROVED, certificate, condition=ALWAYS)


def _unseen(logs: list[Expr], claim: Claim) -> list[Expr]:
    """The logarithms whose arguments do not show that they are positive, such as ln(1 - p - q)."""
    try:
        base = variables_of([log.args[0] for log in logs], claim)
    except (NoCertificate, SymthermError):
        return []
    return [e for e in logs if positive_form(base, base.space.fraction(e.args[0])) is None]


def _identity(claim: Claim, difference: Expr, logs: list[Expr]) -> dict[str, Any] | None:
    space = alphabet([log.args[0] for log in logs], positive=claim.positive)
    parts = {log: _split(space, log.args[0]) for log in logs}
    letters = {q: sympy.Dummy(real=True) for _, powers in parts.values() for q in powers}
    table = {
        log: sympy.log(known) + sympy.Add(*(k * letters[q] for q, k in powers.items()))
        for log, (known, powers) in parts.items()
    }
    plain = difference.xreplace(table)
    if not logs or not _vanishes(plain, list(letters.values())):
        return None
    # What the names are made of: without the letters, whose values are different lest terms cancel.
    numbers = {s: sympy.Integer(k) for k, s in enumerate(letters.values(), start=2)}
    known = [plain.xreplace(numbers), *plain.free_symbols - numbers.keys()]
    known += [sympy.log(first) for first, _ in parts.values()]
    base = variables_of([*known, *(log.args[0] for log in logs), *letters], claim)
    names: list[Letter] = []
    for log, (first, powers) in parts.items():
        for q in powers:
            name_logarithm(base, q, names)
        _compose(base, log.args[0], first, powers)
    head = {"rule": "identity", "claim": base.text(difference), "relation": "=="}
    return head | {"terms": []} | base.declarations()


def _vanishes(expr: Expr, letters: list[Expr]) -> bool:
    """Whether a sum with letters is zero: where they stand alone, coefficient by coefficient."""
    coefficients = [sympy.diff(expr, letter) for letter in letters]
    if any(c.has(*letters) for c in coefficients):
        return is_zero(expr) is True
    rest = expr.xreplace(dict.fromkeys(letters, sympy.Integer(0)))
    return all(is_zero(c) is True for c in (rest, *coefficients))


def _split(space: Alphabet, argument: Expr) -> tuple[Expr, dict[Expr, int]]:
    """(A, {q: k}) with argument = A prod q^k: A of visible sign without roots, the q with roots.

    Numerator and denominator are kept apart, since 1/(a - R) would become (a + R)/(a^2 - R^2).
    Equal q are equal expressions, because they come from the normal form.
    """
    known, powers = Fraction.of(space.base, 1), dict[Expr, int]()
    for factor in sympy.Mul.make_args(argument):
        below, above = factor.as_base_exp()
        if not above.is_Integer:
            below, above = factor, sympy.Integer(1)
        first, q = _apart(space, space.fraction(below))
        known = known * first ** int(above)
        if not q.is_constant():
            name = space.poly_expr(q)
            powers[name] = powers.get(name, 0) + int(above)
    if space.fraction_sign(known) == 1:
        return expanded(space, known), {q: k for q, k in powers.items() if k}
    return sympy.Integer(1), {expanded(space, space.fraction(argument)): 1}


def _apart(space: Alphabet, value: Fraction) -> tuple[Fraction, Poly]:
    """(A, q) with value = A q, where q holds the roots and the factors of unknown sign."""
    content, factors = value.num.factor()
    flips = content < 0
    known = Fraction.of(space.base, abs(int(content)), value.den)
    one = q = space.base.constant(1)
    for p, power in factors:
        sign = None if any(p.degrees()[i] for i, _ in space.base.roots) else space.sign(p)
        if sign is None:
            q = q * p ** int(power)
        else:  # a factor may come as f - 1 < 0 for an occupation f
            known = known * Fraction.of(space.base, (sign * p) ** int(power))
            flips ^= sign < 0 and int(power) % 2 == 1
    return known, (-one if flips else one) * q


def _compose(base: BaseVariables, argument: Expr, known: Expr, powers: dict[Expr, int]) -> None:
    """The record of ln(argument) from those of ln(known) and of the ln(q)."""
    logarithm = sympy.log(argument)
    if logarithm in base.spelling:
        return
    base.log(known)
    total: dict[str, int] = {}
    for part, k in ((known, 1), *powers.items()):
        record = base.tables["log"][base.text(part)]
        if "times" in record:
            raise NoCertificate("a logarithm with a coefficient that is no integer")
        for name, power in record["powers"].items():
            total[name] = total.get(name, 0) + k * power
    text = base.text(argument)
    base.tables["log"][text] = {"powers": {n: k for n, k in total.items() if k}}
    base.spelling[logarithm] = f"log({text})"
