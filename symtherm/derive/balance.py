"""The sections on currents and the two laws, and the headline about the second."""

from __future__ import annotations

from collections.abc import Iterable

import sympy

from symtherm.derive.derivation import (
    ALWAYS,
    NEVER,
    Derivation,
    Equation,
    Formula,
    Step,
    Verdict,
)
from symtherm.derive.forms import Forms, abridged, fits, fitting
from symtherm.derive.formula import formula
from symtherm.derive.limits import quantity_symbol
from symtherm.derive.notation import equation, math
from symtherm.derive.prove import prove
from symtherm.derive.replay import replay
from symtherm.derive.setting import failure_reason
from symtherm.exact.decide import all_zero
from symtherm.quantum.operator import commutator
from symtherm.thermo.claim import Claim
from symtherm.thermo.detailed_balance import preserves_identity
from symtherm.thermo.model import Model

__all__ = ["currents", "definitions", "entropy_production", "first_law", "remark", "second_law"]

Prose = tuple[str | Formula, ...]
SIGMA = math(r"\dot\Sigma", "Σ̇")
CLAUSIUS = Equation(SIGMA, math(r"-\sum_a \frac{\dot{Q}_a}{T_a}", "-∑_a Q̇_a/T_a"))
BOUNDARY = "De Chiara et al., New J. Phys. 20, 113024 (2018)"


def currents(found: Forms) -> tuple[Step, ...]:
    """Definitions of heats, particle currents and power, and what they are in the steady state."""
    names = [n for n in found.model.ledger.observables if n != "power"]
    rows, long = _rows(found, [*names, "power"])
    shown = Step(("In the steady state they are",), rows, name="currents")
    return (*definitions(found.model), shown, *long)


def definitions(model: Model) -> tuple[Step, ...]:
    """What heats, particle currents and power are, and what does the work."""
    flows = any(n.startswith("current[") for n in model.ledger.observables)
    grand = any(b.mu != 0 for b in model.generator.baths)
    shifted = r"(E - \mu_a N)" if grand else "E"
    shifted_text = "(E - μ_a N)" if grand else "E"
    rows = [
        Equation(
            math(r"\dot{Q}_a", "Q̇_a"),
            math(
                rf"\mathrm{{Tr}}\left[{shifted}\,\mathcal{{D}}_a(\pi)\right]",
                f"Tr[{shifted_text} D_a(π)]",
            ),
        )
    ]
    if flows:
        rows.append(
            Equation(
                math("I_a", "I_a"),
                math(r"\mathrm{Tr}\left[N\,\mathcal{D}_a(\pi)\right]", "Tr[N D_a(π)]"),
            )
        )
    tail, tail_text = (r" + \sum_a \mu_a I_a", " + ∑_a μ_a I_a") if grand else ("", "")
    rows.append(
        Equation(
            math("P", "P"),
            math(
                rf"-i\,\mathrm{{Tr}}\left(E\,[H, \pi]\right){tail}", f"-i Tr(E [H, π]){tail_text}"
            ),
        )
    )
    particles = ", particles entering from each lead" if flows else ""
    words = f"Heat from each bath into the system{particles} and power are defined by"
    steps = [Step((words,), tuple(rows), name="definitions")]
    kind = _kind_of_power(model, grand)
    if kind:
        steps.append(Step(kind, name="kind of power"))
    return tuple(steps)


def _kind_of_power(model: Model, grand: bool) -> Prose:
    """What does the work: drives, couplings that E leaves out, chemical potentials."""
    H, E, P = (math(letter, letter) for letter in "HEP")
    parts: list[Prose] = []
    if model.drives:
        parts.append(("the power of the drive",))
    static = not all_zero(commutator(model.energy, model.generator.hamiltonian).entries.values())
    if model.couplings and static:
        told = ("the boundary work of the coupling, which belongs to ", H, " but not to ", E)
        parts.append((*told, f" ({BOUNDARY})"))
    if grand:
        parts.append(("the chemical work of the leads",))
    if model.couplings and not parts:
        return ("The coupling commutes with ", E, " and does no work.")
    words: list[str | Formula] = [P, " is "]
    for k, part in enumerate(parts):
        words += [" and ", *part] if k else part
    return (*words, ".") if parts else ()


def _rows(found: Forms, names: Iterable[str]) -> tuple[tuple[Equation, ...], tuple[Step, ...]]:
    """The quantities in structured form, a long denominator named once; what is too long, said."""
    rows, left_out = [], []
    for name in names:
        expr = found.quantities[name]
        body = fitting(found.short(expr))
        if body is not None:
            rows.append(Equation(quantity_symbol(name), body, "=", name, str(expr)))
        else:
            left_out.append(name)
    steps = []
    shared = found.current_denominator
    if shared is not None and shared != found.state_denominator:
        definition = found.definition(shared)
        if definition is not None:
            rows.append(definition)
        else:
            steps.append(long_denominator(found, shared))
    if left_out:
        listed = ", ".join(left_out)
        words = f"Too long to print: {listed}; in Python, {found.python}.readable(name) has them."
        steps.append(Step((words,), name="left out"))
    return tuple(rows), tuple(steps)


def long_denominator(found: Forms, shared: sympy.Expr) -> Step:
    """How long a denominator is whose name stands in a formula, and where it can be had."""
    book = found.book
    name = max(book.fractions, key=lambda n: len(book.fractions[n].den))
    terms = len(book.fractions[name].den)
    sign = "positive " if book.alphabet.sign(book.fractions[name].den) == 1 else ""
    words = (
        "Here ",
        formula(found.letters[shared]),
        f" stands for a {sign}sum of {terms} terms when expanded, too long to print; in Python, "
        f'{found.python}.readable("{name}") has it in full.',
    )
    return Step(words, name="denominator")


def first_law(model: Model) -> Step:
    """The sum of heats and power, the exact zero."""
    book = model.ledger
    residual = book.first_law_residual
    total = sum_of_rates(model)
    return Step(
        (
            "Heat and power were computed independently of each other; their sum is the exact zero "
            "in normal form:",
        ),
        (equation(total, book.state.readable(residual, book.alphabet), name="first law"),),
        Verdict.PROVED if not residual else Verdict.REFUTED,
        name="first law",
    )


def sum_of_rates(model: Model) -> Formula:
    """The left side of the first law."""
    labels = [n for n in model.ledger.observables if n.startswith("heat[")]
    return Formula(
        " + ".join([*(quantity_symbol(n).latex for n in labels), "P"]),
        " + ".join([*(quantity_symbol(n).text for n in labels), "P"]),
    )


def entropy_production(found: Forms) -> tuple[Step, ...]:
    """The definition of entropy production and its closed form."""
    rows = [CLAUSIUS]
    expr = found.quantities["entropy_production"]
    body = fitting(found.short(expr))
    steps = []
    if body is not None:
        rows.append(Equation(SIGMA, body, "=", "entropy_production", str(expr)))
    else:
        words = (
            f'It is too long to print; in Python, {found.python}.readable("entropy_production").'
        )
        steps.append(Step((words,)))
    main = Step(
        (
            "The state is stationary, so its entropy does not change, and the entropy produced per "
            "unit time is",
        ),
        tuple(rows),
        name="entropy production",
    )
    return (main, *_without_temperature(found.model), *steps)


def _without_temperature(model: Model) -> list[Step]:
    """That the Clausius sum leaves out dissipators that have no temperature and move 1/d."""
    parts = model.generator.dissipators
    left = [d.label for d in parts if d.bath is None and not preserves_identity(d)]
    if not left:
        return []
    who, what = (
        (f"Dissipator {left[0]} has", "it produces")
        if len(left) == 1
        else (f"Dissipators {' and '.join(left)} have", "they produce")
    )
    words = f"The sum is over baths. {who} no temperature, so that what {what} is not counted."
    return [Step((words,), name="without temperature")]


def second_law(found: Forms) -> tuple[tuple[Step, ...], Derivation | None]:
    """The proof with its equality case and its replay; or why no second law is claimed."""
    book = found.model.ledger
    if book.failure:
        return _no_second_law(found.model), None
    proof = prove(book.second_law)
    steps = [abridged(_with_letters(found, step)) for step in proof.steps]
    words = equality(found.model, proof.condition) if proof.proved else ()
    if words:
        steps.append(Step(words, name="equality"))
    if proof.certificate is not None:
        result = replay(proof)
        if result.valid:
            bound = int(-result.log2_error)
            told: Prose = (
                "An independent checker accepted the certificate: it read the signs off the form "
                "and evaluated identities at random points modulo a random 128-bit prime. A false "
                "identity passes with probability below ",
                math(rf"2^{{-{bound}}}", f"2^-{bound}"),
                ".",
            )
        else:
            told = (f"An independent checker did not accept the certificate: {result.reason}.",)
        verdict = None if result.valid else Verdict.UNDECIDED
        steps.append(Step(told, verdict=verdict, name="replay"))
    return tuple(steps), proof


def _with_letters(found: Forms, step: Step) -> Step:
    """The named denominators put into the formulas of a proof."""
    rows = []
    for row in step.equations:
        text, latex = row.rhs.text, row.rhs.latex
        for shared, Z in found.letters.items():
            body, letter = formula(shared), formula(Z)
            text = text.replace(f"({body.text})", letter.text)
            latex = latex.replace(rf"{{{body.latex}}}", f"{{{letter.latex}}}")
            latex = latex.replace(f"({body.latex})", f"{letter.latex} ")
        changed = text != row.rhs.text and latex != row.rhs.latex
        rhs = Formula(latex, text) if changed else row.rhs
        rows.append(Equation(row.lhs, rhs, row.relation, row.name, row.exact))
    return Step(step.prose, tuple(rows), step.verdict, step.name, step.table)


def _no_second_law(model: Model) -> tuple[Step, ...]:
    sigma = model.ledger.entropy_production
    claim = Claim(sigma, ">=", sympy.Integer(0), positive=model.generator.positive)
    steps = [
        Step(
            (
                "No second law is claimed for the Clausius form with this energy operator: ",
                *failure_reason(model),
                ".",
            )
        )
    ]
    refutation = prove(claim) if sigma != 0 else None
    if refutation is not None and refutation.counterexample:
        at: list[str | Formula] = []
        for name, value in refutation.counterexample.items():
            symbol = formula(sympy.Symbol(name))
            at.append(", " if at else "")
            at.append(Formula(f"{symbol.latex} = {value}", f"{symbol.text} = {value}"))
        told = ("Indeed ", SIGMA, " is negative at ", *at, ".")
        steps.append(Step(told, name="negative"))
    return tuple(steps)


def equality(model: Model, condition: Formula | None) -> Prose:
    """When entropy production vanishes, as a sentence; empty when that is not known."""
    if condition is None:
        return ()
    if condition == ALWAYS:
        return _identically_zero(model)
    if condition == NEVER:
        return (math(r"\dot\Sigma > 0", "Σ̇ > 0"), " for all declared parameters.")
    words: Prose = ("Equality holds if and only if ", condition)
    if "x_k" not in condition.text:
        return (*words, ".")
    grand = any(b.mu != 0 for b in model.generator.baths)
    up = math(r"(\omega_k - \mu_a)/T_a", "(ω_k - μ_a)/T_a")
    x = up if grand else math(r"\omega_k/T_a", "ω_k/T_a")
    return (
        *words,
        "; here ",
        math("x_k", "x_k"),
        " is the exponent ",
        x,
        " of a thermal pair and 0 for a jump without energy exchange.",
    )


def _identically_zero(model: Model) -> Prose:
    zero = math(r"\dot\Sigma = 0", "Σ̇ = 0")
    book = model.ledger
    quiet = all(book.vanishes(name) for name in book.observables)
    baths = model.generator.baths
    if quiet and len(baths) == 1:
        return (zero, " identically: a single bath, with which the system is in equilibrium.")
    if quiet:
        return (zero, " identically: no current flows.")
    return (zero, " identically.")


def remark(model: Model, proof: Derivation | None) -> Prose:
    """What the headline says after the verdict on the second law."""
    if proof is None:
        return ("No second law is claimed: ", *failure_reason(model), ".")
    if not proof.proved:
        return (
            ()
            if proof.counterexample
            else (
                math(r"\dot\Sigma \ge 0", "Σ̇ ≥ 0"),
                " was neither proved nor refuted.",
            )
        )
    return proved_remark(model, proof.condition)


def proved_remark(model: Model, condition: Formula | None) -> Prose:
    """What the headline says of a second law with its equality case."""
    if condition in (ALWAYS, NEVER):
        return equality(model, condition)
    law = math(r"\dot\Sigma \ge 0", "Σ̇ ≥ 0")
    if condition is None:
        return (law, ".")
    if "x_k" in condition.text or not fits(condition):
        return (law, "; the section Second law says when equality holds.")
    return (law, ", with equality if and only if ", condition, ".")
