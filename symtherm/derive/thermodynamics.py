"""The derivation of a model, from its Hamiltonian to numbers: every equation computed."""

from __future__ import annotations

from symtherm.derive.balance import (
    currents,
    entropy_production,
    first_law,
    long_denominator,
    remark,
    second_law,
)
from symtherm.derive.derivation import Derivation, Equation, Formula, Step, Verdict
from symtherm.derive.forms import LIMIT, Forms, abridged, forms
from symtherm.derive.formula import formula
from symtherm.derive.limits import limits
from symtherm.derive.notation import definition_equation, population_symbol
from symtherm.derive.point import regime, required_point, sample_point
from symtherm.derive.setting import detailed_balance, generator_section, setting
from symtherm.derive.straight import program_derivation
from symtherm.derive.uniqueness import uniqueness
from symtherm.errors import require
from symtherm.exact import writer
from symtherm.exact.alphabet import alphabet
from symtherm.thermo.model import Model

__all__ = ["sample_point", "thermodynamics"]

DIGITS = 40
# Digits shown of each; what agrees is counted on all of them.
SHOWN = 16


def thermodynamics(model: Model) -> Derivation:
    """Setting, generator, detailed balance, steady state, currents, laws, limits and numbers.

    The verdict is PROVED when every claim of the derivation is, REFUTED or UNDECIDED otherwise, and
    None where no second law is claimed; ``headline`` says of what. Formulas of more than
    ``symtherm.derive.forms.LIMIT`` characters are not printed; the text says where they are.
    Where the steady state is a straight-line program there are no formulas to print; the page says
    how long the program is, and proves both laws on the operators.
    Raises what the steps raise: NotUnique, OutsideClosedForm, UndeclaredSign.

    >>> from symtherm import model
    >>> [heading for heading, _ in thermodynamics(model("qubit")).sections][:3]
    ['Setting', 'Generator', 'Detailed balance']
    """
    require(
        model,
        Model,
        "A derivation is made of a Model",
        "write thermodynamics(model(name)), or Model(name, title, parameters, generator, energy)",
    )
    if model.ledger.expansion is None:
        return program_derivation(model)
    found = forms(model)
    law, proof = second_law(found)
    sections: list[tuple[str, tuple[Step, ...]]] = [
        ("Setting", setting(model)),
        ("Generator", generator_section(model)),
        ("Detailed balance", detailed_balance(model)),
        ("Steady state", _steady_state(found)),
        ("Currents", currents(found)),
        ("First law", (first_law(model),)),
        ("Entropy production", entropy_production(found)),
        ("Second law", law),
    ]
    special = limits(model)
    if special:
        sections.append(("Limits", special))
    sections.append(("Numbers", _numbers(model)))
    # A headline speaks of the second law: where none is claimed there is none.
    claim, verdict = "Second law", None if model.ledger.failure else Verdict.PROVED
    told = remark(model, proof)
    for bad in (Verdict.UNDECIDED, Verdict.REFUTED):
        for heading, steps in sections:
            if any(s.verdict is bad for s in steps):
                claim, verdict = heading, bad
                told = told if heading == "Second law" and not (proof and proof.proved) else ()
                break
    return Derivation(
        model.title,
        tuple(sections),
        verdict,
        proof.certificate if proof else None,
        proof.counterexample if proof else None,
        proof.condition if proof and verdict is Verdict.PROVED else None,
        model.source,
        claim=claim,
        remark=told,
    )


# What the letters of a vocabulary are, in the sentence that introduces them.
VOCABULARY_WORDS = {
    "relaxation": "Each bath relaxes a transition at the rate Γ towards the excited population s "
    "that it would have alone, with Γ (1 - s) down and Γ s up:",
    "boltzmann": "The shortest forms are those in the Boltzmann factors:",
    "rates": "The shortest forms are those in the rates down (-) and up (+):",
}


def _steady_state(found: Forms) -> tuple[Step, ...]:
    model = found.model
    steps = [*uniqueness(model)]
    if found.letters_of_baths:
        rows = tuple(definition_equation(n) for n in found.letters_of_baths)
        steps.append(Step((VOCABULARY_WORDS[found.book.state.vocabulary],), rows, name="letters"))
    if found.names:
        steps.append(_effective_rates(found))
    elif found.hidden_names:
        steps.append(Step((_hidden(found),), name="effective rates"))
    shown = [e for e in found.state if e.expr is not None]
    equations = [
        Equation(e.lhs, formula(found.short_state(e.expr)), name=e.name, exact=str(e.expr))
        for e in shown
        if e.expr is not None
    ]
    long: list[Step] = []
    if found.state_denominator is not None:
        definition = found.definition(found.state_denominator)
        if definition is not None:
            equations.append(definition)
        else:
            long.append(long_denominator(found, found.state_denominator))
    where = ("In these terms the steady state is",) if found.names else ("The steady state is",)
    if equations:
        steps += [Step(where, tuple(equations), name="structured form"), *long]
    if len(shown) < len(found.state):
        steps.append(_left_out(found))
    if found.names and len(shown) == len(found.state):
        steps.append(_closed_form(found))
    return tuple(steps)


def _effective_rates(found: Forms) -> Step:
    words: list[str | Formula] = ["Eliminating the coherences first defines "]
    for k, n in enumerate(found.names):
        words += (["; "] if k else []) + [formula(n.symbol), f", the {n.meaning}"]
    words.append(".")
    if found.hidden_names:
        words.append(" " + _hidden(found))
    rows = tuple(definition_equation(n) for n in found.names)
    return abridged(Step(tuple(words), rows, name="effective rates"))


def _hidden(found: Forms) -> str:
    return (
        f"The elimination gives {found.hidden_names} more decay and effective rates, which no "
        "formula below needs: model.steady_state.names in Python."
    )


def _left_out(found: Forms) -> Step:
    """What of the state is too long to print: how long it is, and where it can be had."""
    hidden = [e for e in found.state if e.expr is None]
    terms = [e.terms for e in hidden]
    span = f"{min(terms)}" if min(terms) == max(terms) else f"{min(terms)} to {max(terms)}"
    populations = sum(e.name.startswith("p_") for e in hidden)
    coherences = len({e.name.partition("_")[2] for e in hidden if not e.name.startswith("p_")})
    kinds = [f"{populations} populations"] * bool(populations)
    kinds += [f"{coherences} coherence{'s' * (coherences > 1)}"] * bool(coherences)
    words = (
        f"The {' and '.join(kinds)} are quotients of sums of {span} terms, too long to print; in "
        f"Python, {found.python}.state.structure has them in structured form and "
        "model.steady_state.rho in the parameters."
    )
    return Step((words,), name="left out")


def _closed_form(found: Forms) -> Step:
    """The populations with the effective rates put in; decay rates keep their names."""
    state = found.book.state
    rates = {n.symbol: n.expr for n in state.names if n.kind == "rate"}
    values = {
        e.name.removeprefix("p_"): e.expr.xreplace(rates)
        for e in found.state
        if e.name.startswith("p_") and e.expr is not None
    }
    space = alphabet(values.values(), positive=found.model.generator.positive)
    rows = tuple(
        Equation(
            population_symbol(label),
            formula(writer.readable(space, space.fraction(expr))),
            name=f"population[{label}]",
            exact=str(state.population(label)),
        )
        for label, expr in values.items()
    )
    if not all(len(row.rhs.text) <= LIMIT // 2 for row in rows):
        words = (
            "With the effective rates put in, the populations get longer; in Python, "
            "model.steady_state.population(label) has them in the parameters alone."
        )
        return Step((words,), name="closed form")
    words = "With the effective rates put in, the closed form of the populations is"
    return Step((words,), rows, name="closed form")


def _numbers(model: Model) -> tuple[Step, ...]:
    import mpmath as mp

    from symtherm.numeric.operators import integrated_quantities
    from symtherm.reference import certify

    point = required_point(model)
    values = certify(model, point, DIGITS + 5)
    other = integrated_quantities(model, point, DIGITS + 5)
    rows = []
    worst = DIGITS
    with mp.workdps(DIGITS + 15):
        for name, enclosure in values.items():
            if name not in other:
                continue
            closed, integrated = mp.mpf(enclosure.value), mp.mpf(mp.re(other[name]))
            gap = abs(closed - integrated)
            scale = max(abs(closed), mp.mpf(10) ** -10) if closed else mp.mpf(1)
            agreement = DIGITS if gap == 0 else min(DIGITS, int(mp.floor(-mp.log10(gap / scale))))
            worst = min(worst, agreement)
            shown = mp.nstr(closed, SHOWN, strip_zeros=False) if closed else "0"
            rows.append(
                (
                    name,
                    shown,
                    mp.nstr(integrated, SHOWN, strip_zeros=False) if closed else "0",
                    str(agreement),
                )
            )
    at: list[str | Formula] = ["At "]
    for k, (s, v) in enumerate(point.items()):
        left = formula(s)
        at += ([", "] if k else []) + [
            Formula(f"{left.latex} = {formula(v).latex}", f"{left.text} = {v}")
        ]
    whose = "" if all(s in model.point for s in model.parameters) else ", a point chosen here,"
    at.append(
        f"{whose} the closed forms, enclosed by ball arithmetic, are compared with a "
        "high-precision integration of the master equation that starts from the operators. The "
        f"last column counts the digits that agree, of {DIGITS} computed."
    )
    header = ("quantity", "closed form", "integration", "digits")
    # An agreement of digits is a check, not a proof; a disagreement is a refutation.
    failed = Verdict.REFUTED if worst < DIGITS - 4 else None
    comparison = Step(tuple(at), (), failed, "numbers", (header, tuple(rows)))
    words = regime(model, point, {name: float(e.value) for name, e in values.items()})
    return (comparison, Step((words,), name="regime")) if words else (comparison,)
