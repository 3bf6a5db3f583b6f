"""The derivation of a model whose steady state is a straight-line program.

There are no formulas to print. The page says how long the program is and where it can be had; both
laws are proved on the operators, for every stationary state; and the numbers of the program are
compared with those of a certified solve that starts from the operators.
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import Any

from symtherm.derive.balance import (
    CLAUSIUS,
    definitions,
    equality,
    proved_remark,
    sum_of_rates,
)
from symtherm.derive.derivation import Derivation, Equation, Formula, Step, Verdict
from symtherm.derive.formula import formula
from symtherm.derive.modular import modular_condition
from symtherm.derive.notation import math
from symtherm.derive.point import regime, required_point
from symtherm.derive.setting import detailed_balance, failure_reason, generator_section, setting
from symtherm.derive.uniqueness import uniqueness
from symtherm.dynamics.generator import Trait
from symtherm.exact.extend import random_point
from symtherm.exact.program import Program
from symtherm.thermo.ledger import Ledger
from symtherm.thermo.model import Model

__all__ = ["program_derivation", "stationary_at"]

DIGITS = 30
SHOWN = 16
# The rationals of longer programs have too many digits; they are checked in residues.
RATIONAL = 100_000
WORDS = {"+": "additions", "-": "subtractions", "*": "products", "/": "quotients"}


def program_derivation(model: Model) -> Derivation:
    """Setting, generator, detailed balance, size of the programs, both laws, numbers.

    Raises what the steps raise.
    """
    book = model.ledger
    condition = None if book.failure else modular_condition(book)
    law = _second_law(model)
    words = equality(model, condition)
    case = (Step(words, name="equality"),) if words else ()
    sections = (
        ("Setting", setting(model)),
        ("Generator", generator_section(model)),
        ("Detailed balance", detailed_balance(model)),
        ("Steady state", (*uniqueness(model), _state(model))),
        ("Currents", (*definitions(model), _currents(model))),
        ("First law", (_first_law(model), _check(book))),
        ("Entropy production", (_entropy_production(),)),
        ("Second law", (law, *case)),
        ("Numbers", _numbers(model)),
    )
    claim, verdict = "Second law", law.verdict
    told = proved_remark(model, condition)
    if book.failure:
        told = ("No second law is claimed: ", *failure_reason(model), ".")
    for bad in (Verdict.UNDECIDED, Verdict.REFUTED):
        for heading, steps in sections:
            if any(s.verdict is bad for s in steps):
                claim, verdict, told = heading, bad, ()
                break
    return Derivation(model.title, sections, verdict, source=model.source, claim=claim, remark=told)


def _size(program: Program) -> str:
    kinds = Counter(operation for operation, _, _ in program.steps)
    steps = len(program) - kinds["in"]
    parts = [f"{kinds[op]} {word}" for op, word in WORDS.items() if kinds[op]]
    return f"{steps} steps ({', '.join(parts)}) on {kinds['in']} coefficients"


def _state(model: Model) -> Step:
    state = model.steady_state
    coordinates = sum(node is not None for node in state.program.outputs.values())
    words = (
        "Expanded, the state has more terms than the budget of steady_state (max_terms), so it is "
        "kept as the straight-line program of its elimination, which is exact and shares what "
        f"repeats: {coordinates} populations and coherences by {_size(state.program)}. In Python, "
        "model.steady_state.program is the program and model.steady_state.enclose(at) its values "
        "with proved digits.",
    )
    return Step(words, name="program")


def _currents(model: Model) -> Step:
    words = (
        "Each current is the mean of an observable, so it is a program too: all quantities "
        f"together take {_size(model.ledger.program)}. In Python, model.ledger.enclose(at), "
        "certify(model, at) and evaluator(model).",
    )
    return Step(words, name="programs of currents")


def _first_law(model: Model) -> Step:
    residual = model.ledger.first_law_residual
    words: tuple[str | Formula, ...] = (
        "The observables of heats and power add up to ",
        math(r"\mathcal{L}^\dagger(E)", "L†(E)"),
        ", coefficient by coefficient in normal form. Their sum is ",
        math(r"\mathrm{Tr}[E\,\mathcal{L}(\pi)]", "Tr[E L(π)]"),
        ", which is zero in every stationary state:",
    )
    verdict = Verdict.REFUTED if residual else Verdict.PROVED
    row = Equation(sum_of_rates(model), math("0", "0"), name="first law", exact="0")
    return Step(words, (row,), verdict, name="first law")


def stationary_at(book: Ledger, seed: int) -> bool:
    """Whether the program's state is stationary and of trace 1, and the first law holds, exactly,
    at a random point of the parameters and occupations.

    A check of the program, not a proof.

    >>> from symtherm import model
    >>> stationary_at(model("two-bath-qubit").ledger, seed=1)
    True
    """
    modular = len(book.program) > RATIONAL
    state = book.state
    at = random_point(state.alphabet.base, seed, modular=modular)
    x = state.program.run(at)
    total: dict[int, Any] = {}
    for (i, j), entry in state.matrix.entries.items():
        if j in x:
            total[i] = total.get(i, at.field(0)) + at(entry) * x[j]
    trace = sum((x[k] for k in x if k < state.generator.space.dim), at.field(0))
    at = random_point(book.alphabet.base, seed, modular=modular)
    names = [n for n in book.observables if n == "power" or n.startswith("heat[")]
    flows = book.program_of(names).run(at)
    balance = sum(flows.values(), at.field(0))
    return not any(total.values()) and trace == 1 and not balance


def _check(book: Ledger) -> Step:
    exact = not (book.alphabet.base.roots or len(book.program) > RATIONAL)
    where = "in rational numbers" if exact else "in residues modulo a prime"
    good = stationary_at(book, 1)
    result = "the state is stationary, its trace is 1 and the sum is zero" if good else "it failed"
    words = (
        f"The program was also run at a random point {where}, exactly: {result}. That is a check "
        "of the program, not a proof.",
    )
    return Step(words, verdict=None if good else Verdict.REFUTED, name="check")


def _entropy_production() -> Step:
    words = (
        "The state is stationary, so its entropy does not change, and the entropy produced per "
        "unit time is",
    )
    return Step(words, (CLAUSIUS,), name="entropy production")


def _second_law(model: Model) -> Step:
    """Spohn's theorem; its hypotheses are on the operators, none on the state."""
    book = model.ledger
    if book.failure:
        told = ("No second law is claimed for the Clausius form with this energy operator: ",)
        return Step((*told, *failure_reason(model), "."), name="no second law")
    book.generator.require(Trait.GKLS, "The second law", "build the generator with gkls or davies")
    words = (
        "By Spohn's theorem: every dissipator is of GKLS form and alone leaves its own Gibbs state "
        "(or 1/d) stationary, as was checked above on its operators. Of the state only that it is "
        "stationary is used, so the entropy production is nonnegative here. The certificate for "
        "the independent checker holds an expanded state; of a program there is none.",
    )
    law = Equation(math(r"\dot\Sigma", "Σ̇"), math("0", "0"), ">=", "second law")
    return Step(words, (law,), Verdict.PROVED, name="spohn")


def _numbers(model: Model) -> tuple[Step, ...]:
    from symtherm.reference import certify
    from symtherm.reference.routes import certify_operators

    point = required_point(model)
    values = certify(model, point, DIGITS)
    other = certify_operators(model, point, DIGITS)
    rows, apart = [], False
    for name, ball in values.items():
        twin = other.get(name)
        if twin is None:
            continue
        gap = abs(Fraction(ball.value) - Fraction(twin.value))
        overlap = gap <= Fraction(ball.radius) + Fraction(twin.radius)
        apart = apart or not overlap
        rows.append((name, *(f"{float(b.value):.{SHOWN}g}" for b in (ball, twin)), "yes" * overlap))
    at: list[str | Formula] = ["At "]
    for k, (s, v) in enumerate(point.items()):
        left = formula(s)
        at += ([", "] if k else []) + [
            Formula(f"{left.latex} = {formula(v).latex}", f"{left.text} = {v}")
        ]
    at.append(
        f" the program in ball arithmetic is compared with a certified linear solve that starts "
        f"from the operators, both to {DIGITS} digits."
    )
    header = ("quantity", "program", "operators", "enclosures overlap")
    verdict = Verdict.REFUTED if apart else None
    comparison = Step(tuple(at), (), verdict, "numbers", (header, tuple(rows)))
    words = regime(model, point, {name: float(e.value) for name, e in values.items()})
    return (comparison, Step((words,), name="regime")) if words else (comparison,)
