"""The opening sections of a derivation: setting, generator, detailed balance."""

from __future__ import annotations

from dataclasses import replace

import sympy

from symtherm.baths.bath import Jump, ThermalPair
from symtherm.derive.conserved import conserved_words
from symtherm.derive.derivation import Equation, Formula, Step, Verdict
from symtherm.derive.forms import SETTING
from symtherm.derive.formula import formula, join
from symtherm.derive.notation import equation, indexed, math, operator_formula
from symtherm.dynamics.generator import Dissipator, Generator, Trait
from symtherm.exact import writer
from symtherm.exact.alphabet import alphabet
from symtherm.exact.decide import all_zero
from symtherm.quantum.operator import Operator, commutator
from symtherm.thermo.detailed_balance import preserves_identity
from symtherm.thermo.entropy import reference_state
from symtherm.thermo.model import Model

__all__ = ["detailed_balance", "failure_reason", "generator_section", "setting"]

E = math("E", "E")


def written(model: Model, expr: sympy.Expr) -> sympy.Expr:
    """A rate or frequency in normal form, with occupations and roots by their names."""
    space = model.ledger.alphabet
    table = {d.atom: d.symbol for d in model.steady_state.names if d.kind in ("occupation", "root")}
    names = [table.get(a.expr, a.expr) for a in space.atoms]
    return writer.readable(space, space.fraction(expr), names)


def setting(model: Model) -> tuple[Step, ...]:
    """Hamiltonian, energy operator, baths, jump operators and rates."""
    generator = model.generator
    first = [equation(math("H", "H"), generator.hamiltonian, name="H")]
    same = all_zero((generator.hamiltonian - model.energy).entries.values())
    prose: list[str | Formula] = [
        "The dynamics has the Hamiltonian below (",
        math(r"\hbar = k_B = 1", "ħ = k_B = 1"),
        ").",
    ]
    if not same:
        prose += [
            " The energy whose balance is kept is ",
            math("E", "E"),
            ". Heat and power count as positive when they increase it.",
        ]
        first.append(equation(math("E", "E"), model.energy, name="E"))
    else:
        prose += [
            " It is also the energy ",
            math("E", "E"),
            " whose balance is kept. Heat and power count as positive when they increase it.",
        ]
    if model.number is not None:
        prose += [" The particle number is ", math("N", "N"), "."]
        first.append(equation(math("N", "N"), model.number, name="N"))
    steps = [Step(tuple(prose), tuple(first), name="hamiltonian")]
    for d, plain in zip(model.steady_state.named.dissipators, generator.dissipators, strict=True):
        # The formal jumps that are linear in N and M are none that a bath has.
        steps.append(_bath_step(model, d if len(d.jumps) == len(plain.jumps) else plain))
    names = [d for d in model.steady_state.names if d.kind in SETTING]
    # A root that the normal form does not contain is written by another one everywhere.
    known = {a.expr for a in model.ledger.alphabet.atoms}
    names = [d for d in names if d.kind != "root" or d.atom in known]
    groups = (
        (("root", "weight", "coupling"), "Abbreviations:"),
        (("exponent",), "With the energies over temperature"),
        (("occupation",), ""),
        (
            ("squeezing",),
            "The mean number of quanta N and the modulus M of the anomalous correlation <bb> of a "
            "squeezed bath are",
        ),
    )
    for kinds, words in groups:
        some = [d for d in names if d.kind in kinds]
        words = words or ("The occupation is" if len(some) == 1 else "The occupations are")
        rows = tuple(equation(formula(d.symbol), d.expr, name=d.symbol.name) for d in some)
        if some:
            steps.append(Step((words,), rows, name=f"{kinds[-1]}s"))
    return tuple(steps)


def _plain_mark(d: Dissipator, k: int) -> str:
    """The index of a jump without partner: h0 beside thermal pairs, otherwise as for pairs."""
    count = len(d.jumps) - 2 * len(d.pairs)
    several = str(k + 1) if count > 1 else ""
    return f"{d.label}0{several}" if d.pairs else f"{d.label}{several}"


def _bath_step(model: Model, d: Dissipator) -> Step:
    equations = []
    for k, p in enumerate(d.pairs):
        mark = f"{d.label}{k + 1}" if len(d.pairs) > 1 else d.label
        L = indexed("L", mark)
        down, up = _arrow(mark, "down"), _arrow(mark, "up")
        equations.append(equation(L, p.operator, name=f"L_{mark}"))
        equations.append(equation(down, written(model, p.down.rate), name=f"down_{mark}"))
        equations.append(equation(up, written(model, p.up.rate), name=f"up_{mark}"))
    for k, j in enumerate(d.jumps[2 * len(d.pairs) :]):
        mark = _plain_mark(d, k)
        equations.append(equation(indexed("L", mark), j.operator, name=f"L_{mark}"))
        rate = indexed("k", mark)
        equations.append(equation(rate, written(model, j.rate), name=f"rate_{mark}"))
    return Step(_bath_words(d), tuple(equations), name=f"bath {d.label}")


def _bath_words(d: Dissipator) -> tuple[str | Formula, ...]:
    if d.bath is None:
        return (f"Dissipator {d.label} has no temperature; its jump operators and rates are",)
    if d.bath.statistics == "fermi":
        return (
            f"Lead {d.label} has the temperature ",
            formula(d.bath.T),
            " and the chemical potential ",
            formula(d.bath.mu),
            "; its jump operator removes an electron, the adjoint adds one, at the rates",
        )
    return (
        f"Bath {d.label} has the temperature ",
        formula(d.bath.T),
        "; its jump operator lowers the energy and the adjoint raises it, at the rates",
    )


def _curly(label: str) -> Formula:
    """The dissipator's D."""
    index = indexed("D", label)
    return Formula(rf"\mathcal{{D}}{index.latex[1:]}", index.text)


def _arrow(mark: str, way: str) -> Formula:
    base = indexed("k", mark)
    arrow, sign = (r"\downarrow", "↓") if way == "down" else (r"\uparrow", "↑")
    return Formula(f"{base.latex}^{{{arrow}}}", f"{base.text}{sign}")


def generator_section(model: Model) -> tuple[Step, ...]:
    """The GKLS form and the traits that were proved."""
    generator = model.generator
    curly = [_curly(d.label) for d in generator.dissipators]
    sum_latex = " + ".join(rf"{D.latex}(\rho)" for D in curly)
    sum_text = " + ".join(f"{D.text}(ρ)" for D in curly)
    tail_latex = f" + {sum_latex}" if sum_latex else ""
    tail_text = f" + {sum_text}" if sum_text else ""
    equations = [
        Equation(
            math(r"\mathcal{L}(\rho)", "L(ρ)"),
            math(rf"-i[H, \rho]{tail_latex}", f"-i[H, ρ]{tail_text}"),
            name="generator",
        )
    ]
    for d in generator.dissipators:
        equations.append(_dissipator_equation(d))
    equations.append(
        Equation(
            math(r"\mathcal{D}[L](\rho)", "D[L](ρ)"),
            math(
                r"L\rho L^\dagger - \frac{1}{2}\left(L^\dagger L\rho + \rho L^\dagger L\right)",
                "L ρ L† - ½ (L† L ρ + ρ L† L)",
            ),
            name="D[L]",
        )
    )
    traits = _trait_sentences(generator)
    return (
        Step(
            ("The master equation is of Gorini-Kossakowski-Lindblad-Sudarshan form,",),
            tuple(equations),
        ),
        Step(("Its traits: " + "; ".join(traits) + ".",), verdict=Verdict.PROVED, name="traits"),
    )


def _trait_sentences(generator: Generator) -> list[str]:
    words = []
    if Trait.TRACE_PRESERVING in generator.traits:
        words.append("the trace is preserved, by the form")
    if Trait.GKLS in generator.traits:
        words.append(
            "H is Hermitian and every rate is nonnegative for all declared parameters, so the "
            "evolution is completely positive"
        )
    if Trait.KMS in generator.traits and generator.pairs:
        words.append("every thermal pair obeys the KMS condition (next section)")
    if Trait.SECULAR in generator.traits:
        words.append("the jump operators are eigenoperators of the Hamiltonian (secular)")
    return words


def _dissipator_equation(d: Dissipator) -> Equation:
    latex, text = [], []
    for k, _ in enumerate(d.pairs):
        mark = f"{d.label}{k + 1}" if len(d.pairs) > 1 else d.label
        L = indexed("L", mark)
        for way, dagger in (("down", ""), ("up", "^\\dagger")):
            rate = _arrow(mark, way)
            sign = "†" if dagger else ""
            latex.append(rf"{rate.latex}\,\mathcal{{D}}[{L.latex}{dagger}](\rho)")
            text.append(f"{rate.text} D[{L.text}{sign}](ρ)")
    extra = d.jumps[2 * len(d.pairs) :]
    for k, _ in enumerate(extra):
        mark = _plain_mark(d, k)
        L, rate = indexed("L", mark), indexed("k", mark)
        latex.append(rf"{rate.latex}\,\mathcal{{D}}[{L.latex}](\rho)")
        text.append(f"{rate.text} D[{L.text}](ρ)")
    D = _curly(d.label)
    lhs = math(rf"{D.latex}(\rho)", f"{D.text}(ρ)")
    return Equation(lhs, math(" + ".join(latex), " + ".join(text)), name=f"D_{d.label}")


def detailed_balance(model: Model) -> tuple[Step, ...]:
    """KMS and local detailed balance of every pair, Gibbs states, and what each bath conserves."""
    steps = []
    for d in model.generator.dissipators:
        if d.bath is None:
            steps.append(_unital_step(d))
            continue
        steps += _pair_steps(model, d)
        for k, jump in enumerate(d.jumps[2 * len(d.pairs) :]):
            steps.append(_neutral_step(model, d, k, jump))
        steps.append(_gibbs_step(model, d))
    if model.ledger.failure:
        steps.append(
            Step(
                (
                    "The Clausius form is therefore no second law for this energy operator: ",
                    *failure_reason(model),
                    ".",
                ),
                verdict=None,
            )
        )
    return tuple(steps)


def _pair_steps(model: Model, d: Dissipator) -> list[Step]:
    """A step for every pair of a dissipator, or one for all that are balanced."""
    marks = [f"{d.label}{k + 1}" if len(d.pairs) > 1 else d.label for k in range(len(d.pairs))]
    steps = [_pair_step(model, p, m) for p, m in zip(d.pairs, marks, strict=True)]
    if len(steps) < 2 or any(s.verdict is None for s in steps):
        return steps
    first, last = indexed("L", marks[0]), indexed("L", marks[-1])
    words = (
        "The two rates of each of the jump operators ",
        first,
        " and " if len(steps) == 2 else " to ",
        last,
        " have the KMS ratio, exactly, and each jump takes its energy from the system, so that "
        "local detailed balance holds:",
    )
    rows = tuple(row for s in steps for row in s.equations)
    return [Step(words, rows, Verdict.PROVED, name=f"pairs {d.label}")]


def _pair_step(model: Model, p: ThermalPair, mark: str) -> Step:
    down, up, L = _arrow(mark, "down"), _arrow(mark, "up"), indexed("L", mark)
    x, exponent = p.exponent, written(model, p.exponent)
    space = alphabet([p.down.rate, p.up.rate, sympy.exp(x)], positive=model.generator.positive)
    good = not space.fraction(p.down.rate) - space.fraction(sympy.exp(x)) * space.fraction(
        p.up.rate
    )
    one = replace(p, rate=sympy.Integer(1))  # a rate that is zero has no ratio
    quotient = formula(written(model, one.up.rate / one.down.rate))
    ratio = math(rf"\frac{{{up.latex}}}{{{down.latex}}}", f"{up.text}/{down.text}")
    equations = [
        Equation(
            ratio,
            join(quotient, " = ", formula(sympy.exp(-exponent))),
            name=f"ratio_{mark}",
        ),
    ]
    fermion = p.bath.statistics == "fermi"
    grand = fermion and model.number is not None and p.bath.mu != 0
    shifted = model.energy - p.bath.mu * model.number if grand and model.number else model.energy
    residual = commutator(shifted, p.operator) + (p.frequency - p.bath.mu) * p.operator
    balanced = all_zero(residual.entries.values())
    mu = formula(p.bath.mu)
    name = math(rf"E - {mu.latex} N", f"E - {mu.text} N") if grand else math("E", "E")
    bracket = math(rf"[{name.latex}, {L.latex}]", f"[{name.text}, {L.text}]")
    shown = p.frequency - p.bath.mu
    shown = written(model, shown) if shown.has(sympy.Pow) else shown
    amount = formula(shown)
    body = rf"-\left({amount.latex}\right) {L.latex}" if shown.is_Add else ""
    body = body or rf"-{amount.latex}\, {L.latex}"
    body_text = f"-({amount.text}) {L.text}" if shown.is_Add else f"-{amount.text} {L.text}"
    if balanced:
        equations.append(Equation(bracket, math(body, body_text), name=f"move_{mark}"))
        words: tuple[str | Formula, ...] = (
            "The two rates of ",
            L,
            " have the KMS ratio, exactly, and the jump takes this energy from the system, so that "
            "local detailed balance holds:",
        )
    else:
        image = operator_formula(commutator(shifted, p.operator))
        equations.append(Equation(bracket, image, name=f"move_{mark}"))
        words = (
            "The two rates of ",
            L,
            " have the KMS ratio, but the jump does not move ",
            name,
            " by its own amount:",
        )
    verdict = Verdict.PROVED if good and balanced else None
    return Step(words, tuple(equations), verdict, name=f"pair {mark}")


def _neutral_step(model: Model, d: Dissipator, k: int, jump: Jump) -> Step:
    L = indexed("L", _plain_mark(d, k))
    words = ("The jump operator ", L, f" of bath {d.label} ")
    if all_zero(commutator(model.energy, jump.operator).entries.values()):
        told = (*words, "commutes with ", E, ": it exchanges no energy.")
        return Step(told, verdict=Verdict.PROVED, name=f"neutral {d.label}")
    return Step((*words, "does not commute with ", E, "."), name=f"neutral {d.label}")


def _unital_step(d: Dissipator) -> Step:
    good = preserves_identity(d)
    words = (
        f"Dissipator {d.label} has no temperature. "
        + ("It leaves " if good else "It does not leave "),
        math(r"1/d", "1/d"),
        " stationary" + (", its reference state in the second law." if good else "."),
    )
    return Step(words, verdict=Verdict.PROVED if good else None, name=f"unital {d.label}")


def _diagonal(operator: Operator) -> bool:
    return all(i == j for i, j, _ in operator.data)


def _gibbs_step(model: Model, d: Dissipator) -> Step:
    assert d.bath is not None
    Z = indexed("Z", d.label)
    pi = math(rf"\pi{Z.latex[1:]}", f"π{Z.text[1:]}")
    grand = d.bath.statistics == "fermi" and model.number is not None and d.bath.mu != 0
    mu, T = formula(d.bath.mu), formula(d.bath.T)
    inner = rf"E - {mu.latex} N" if grand else "E"
    inner_text = f"E - {mu.text} N" if grand else "E"
    if grand:
        inner, inner_text = rf"({inner})", f"({inner_text})"
    gibbs = Equation(
        pi,
        math(rf"e^{{-{inner}/{T.latex}}} / {Z.latex}", f"e^(-{inner_text}/{T.text})/{Z.text}"),
        name=f"gibbs_{d.label}",
    )
    diagonal = _diagonal(model.energy) and (model.number is None or _diagonal(model.number))
    checked = False
    if diagonal:
        number = model.number if grand else None
        checked = all_zero(d(reference_state(d, model.energy, number)).entries.values())
    else:
        checked = not model.ledger.failure
    words: list[str | Formula] = [f"Bath {d.label} alone "]
    words.append("leaves the Gibbs state " if checked else "does not leave the Gibbs state ")
    words += [pi, " stationary, "]
    words.append("exactly." if checked else "since the energy is not the one its jumps move.")
    words += conserved_words(model.generator, d)
    return Step(
        tuple(words), (gibbs,), Verdict.PROVED if checked else None, name=f"gibbs {d.label}"
    )


def failure_reason(model: Model) -> tuple[str | Formula, ...]:
    """Why the Clausius form is no second law, in the notation of the page: the ledger's reason."""
    for d in model.generator.dissipators:
        if d.bath is None:
            if not preserves_identity(d):
                return (f"dissipator {d.label} has no temperature and moves the state 1/d",)
            continue
        grand = d.bath.statistics == "fermi" and model.number is not None and d.bath.mu != 0
        shifted = model.energy
        if grand and model.number is not None:
            shifted = model.energy - d.bath.mu * model.number
        for k, p in enumerate(d.pairs):
            L = indexed("L", f"{d.label}{k + 1}" if len(d.pairs) > 1 else d.label)
            amount = p.frequency - d.bath.mu
            residual = commutator(shifted, p.operator) + amount * p.operator
            if not all_zero(residual.entries.values()):
                mu, x = formula(d.bath.mu), formula(amount)
                name = math(rf"E - {mu.latex} N", f"E - {mu.text} N") if grand else math("E", "E")
                return (
                    "the jumps ",
                    L,
                    f" of bath {d.label} do not change ",
                    name,
                    " by their own amount ",
                    x,
                )
    return (model.ledger.failure,)
