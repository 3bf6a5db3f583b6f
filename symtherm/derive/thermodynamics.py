"""The derivation of a model, from its Hamiltonian to numbers: every equation computed."""

from __future__ import annotations

from collections.abc import Mapping

import sympy
from sympy import Rational, Symbol

from symtherm.derive.derivation import Derivation, Equation, Formula, Step, Verdict
from symtherm.derive.formula import formula
from symtherm.derive.limits import limits, quantity_symbol
from symtherm.derive.notation import definition_equation, equation, math
from symtherm.derive.prove import prove
from symtherm.derive.replay import replay
from symtherm.derive.setting import detailed_balance, generator_section, setting
from symtherm.exact import writer
from symtherm.exact.alphabet import alphabet
from symtherm.exact.rewrite import size
from symtherm.thermo.claim import Claim
from symtherm.thermo.model import Model

__all__ = ["sample_point", "thermodynamics"]

# A closed form longer than this is printed in its structured form only.
LONG = 150
DIGITS = 40
# Digits shown of each; what agrees is counted on all of them.
SHOWN = 16


def thermodynamics(model: Model) -> Derivation:
    """Setting, generator, detailed balance, steady state, currents, laws, limits and numbers.

    The verdict is PROVED when every claim of the derivation is, REFUTED or UNDECIDED otherwise.
    Raises what the steps raise: NotUnique, OutsideClosedForm, UndeclaredSign.

    >>> from symtherm import model
    >>> [heading for heading, _ in thermodynamics(model("qubit")).sections][:3]
    ['Setting', 'Generator', 'Detailed balance']
    """
    second, proof = _second_law(model)
    sections: list[tuple[str, tuple[Step, ...]]] = [
        ("Setting", setting(model)),
        ("Generator", generator_section(model)),
        ("Detailed balance", detailed_balance(model)),
        ("Steady state", _steady_state(model)),
        ("Currents", _currents(model)),
        ("First law", (_first_law(model),)),
        ("Entropy production", (_entropy_production(model),)),
        ("Second law", second),
    ]
    special = limits(model)
    if special:
        sections.append(("Limits", special))
    sections.append(("Numbers", (_numbers(model),)))
    verdicts = [s.verdict for _, steps in sections for s in steps if s.verdict is not None]
    # A headline speaks of the second law: where none is claimed there is none.
    verdict = None if model.ledger.failure else Verdict.PROVED
    for bad in (Verdict.UNDECIDED, Verdict.REFUTED):
        if bad in verdicts:
            verdict = bad
    return Derivation(
        model.title,
        tuple(sections),
        verdict,
        proof.certificate if proof else None,
        proof.counterexample if proof else None,
        proof.condition if proof and verdict is Verdict.PROVED else None,
        model.source,
    )


def _steady_state(model: Model) -> tuple[Step, ...]:
    state = model.steady_state
    d = model.generator.space.dim
    unique = Step(
        (
            "The generator, a real ",
            math(rf"{d * d}\times {d * d}", f"{d * d} x {d * d}"),
            f" matrix in Hermitian coordinates, has the exact rank {state.rank}: the steady state ",
            math(r"\pi", "π"),
            " is unique. It falls into "
            + (
                f"{len(state.blocks)} connected blocks; "
                if len(state.blocks) > 1
                else "one block; "
            )
            + (
                "coherences outside the block of the populations vanish."
                if len(state.blocks) > 1
                else "no coherence vanishes by symmetry."
            ),
        ),
        verdict=Verdict.PROVED,
        name="uniqueness",
    )
    extra = [n for n in state.names if n.kind != "occupation"]
    steps = [unique]
    if extra:
        words: list[str | Formula] = ["Eliminating the coherences first defines "]
        for k, n in enumerate(extra):
            words += (["; "] if k else []) + [formula(n.symbol), f", the {n.meaning}"]
        words.append(".")
        steps.append(
            Step(tuple(words), tuple(definition_equation(n) for n in extra), name="effective rates")
        )
    equations = _state_equations(model)
    where = ("In these terms the steady state is",) if extra else ("The steady state is",)
    steps.append(Step(where, tuple(equations), name="structured form"))
    if extra:
        steps.append(_closed_form(model))
    return tuple(steps)


def _state_equations(model: Model) -> list[Equation]:
    """The state, with the populations' common denominator named Z when they share a long one."""
    values = [n for n in model.steady_state.structure if n.kind == "state"]
    shared = _state_denominator(model)
    if shared is None:
        return [definition_equation(n) for n in values]
    Z = _unused(model, "Z")
    equations = [
        Equation(
            definition_equation(n).lhs,
            formula(_shorten(n.expr, shared, Z)),
            name=n.symbol.name,
            exact=str(n.expr),
        )
        for n in values
    ]
    return [*equations, equation(formula(Z), shared, name=Z.name)]


def _unused(model: Model, name: str) -> Symbol:
    """A symbol of this name, primed as often as parameters or definitions require."""
    taken = {s.name for s in model.parameters} | {n.symbol.name for n in model.steady_state.names}
    while name in taken:
        name += "'"
    return Symbol(name, positive=True)


def _closed_form(model: Model) -> Step:
    """The populations with the effective rates put in; decay rates keep their names."""
    state = model.steady_state
    rates = {n.symbol: n.expr for n in state.names if n.kind == "rate"}
    values = [n for n in state.structure if n.symbol.name.startswith("p_")]
    plain = [n.expr.xreplace(rates) for n in values]
    space = alphabet(plain)
    fractions = [space.fraction(e) for e in plain]
    total = sum(size(v) for v in fractions)
    if total > LONG * len(values):
        words = (
            f"With the effective rates put in, the populations have {total} terms and factors; "
            "the structured form above is the one to use.",
        )
        return Step(words, name="closed form")
    equations = tuple(
        Equation(
            definition_equation(n).lhs,
            formula(writer.readable(space, v)),
            name=f"population[{n.symbol.name[2:]}]",
            exact=str(state.population(n.symbol.name[2:])),
        )
        for n, v in zip(values, fractions, strict=True)
    )
    words = ("With the effective rates put in, the closed form of the populations is",)
    return Step(words, equations, name="closed form")


def _where(model: Model, names: list[str]) -> tuple[Equation, ...]:
    """The currents in structured form, a long common denominator named once."""
    book = model.ledger
    found = []
    exprs = {n: book.readable(n) for n in names}
    shared = _common_denominator([e for e in exprs.values() if e != 0])
    known = _state_denominator(model)
    Z = _unused(model, "Z" if known in (None, shared) else "Z_J")
    for n, e in exprs.items():
        short = e if shared is None else _shorten(e, shared, Z)
        found.append(Equation(quantity_symbol(n), formula(short), "=", n, str(e)))
    if shared is not None and shared != known:
        found.append(equation(formula(Z), shared, name=Z.name))
    return tuple(found)


def _shorten(expr: sympy.Expr, shared: sympy.Expr, Z: Symbol) -> sympy.Expr:
    """``expr`` with the factor 1/shared written 1/Z."""
    return sympy.Mul(*(1 / Z if f == 1 / shared else f for f in sympy.Mul.make_args(expr)))


def _state_denominator(model: Model) -> sympy.Expr | None:
    """The long denominator that all populations of three or more levels share."""
    exprs = [n.expr for n in model.steady_state.structure if n.symbol.name.startswith("p_")]
    return _common_denominator(exprs) if len(exprs) > 2 else None


def _common_denominator(exprs: list[sympy.Expr]) -> sympy.Expr | None:
    if len(exprs) < 2:
        return None
    sets = [{f.base for f in sympy.Mul.make_args(e) if f.is_Pow and f.exp == -1} for e in exprs]
    common = {
        c
        for c in set.intersection(*sets)
        if c.is_Add and len(list(sympy.preorder_traversal(c))) > 12
    }
    return common.pop() if len(common) == 1 else None


def _currents(model: Model) -> tuple[Step, ...]:
    book = model.ledger
    heats = [n for n in book.fractions if n.startswith("heat[")]
    currents = [n for n in book.fractions if n.startswith("current[")]
    grand = any(b.mu != 0 for b in model.generator.baths)
    shifted = r"(E - \mu_a N)" if grand else "E"
    shifted_text = "(E - μ_a N)" if grand else "E"
    definitions = [
        Equation(
            math(r"\dot{Q}_a", "Q̇_a"),
            math(
                rf"\mathrm{{Tr}}\left[{shifted}\,\mathcal{{D}}_a(\pi)\right]",
                f"Tr[{shifted_text} D_a(π)]",
            ),
        )
    ]
    if currents:
        definitions.append(
            Equation(
                math("I_a", "I_a"),
                math(r"\mathrm{Tr}\left[N\,\mathcal{D}_a(\pi)\right]", "Tr[N D_a(π)]"),
            )
        )
    tail, tail_text = (r" + \sum_a \mu_a I_a", " + sum over a of μ_a I_a") if grand else ("", "")
    definitions.append(
        Equation(
            math("P", "P"),
            math(
                rf"-i\,\mathrm{{Tr}}\left(E\,[H, \pi]\right){tail}", f"-i Tr(E [H, π]){tail_text}"
            ),
        )
    )
    particles = ", particles entering from each lead" if currents else ""
    words = (f"Heat from each bath into the system{particles} and power are defined by",)
    shown = _where(model, [*heats, *currents, "power"])
    return (
        Step(words, tuple(definitions), name="definitions"),
        Step(("In the steady state they are",), shown, name="currents"),
    )


def _first_law(model: Model) -> Step:
    book = model.ledger
    residual = book.first_law_residual
    labels = [n for n in book.fractions if n.startswith("heat[")]
    total = Formula(
        " + ".join([*(quantity_symbol(n).latex for n in labels), "P"]),
        " + ".join([*(quantity_symbol(n).text for n in labels), "P"]),
    )
    return Step(
        (
            "Heat and power were computed independently of each other; their sum is the exact zero "
            "in normal form:",
        ),
        (equation(total, book.state.readable(residual, book.alphabet), name="first law"),),
        Verdict.PROVED if not residual else Verdict.REFUTED,
        name="first law",
    )


def _entropy_production(model: Model) -> Step:
    book = model.ledger
    definition = Equation(
        math(r"\dot\Sigma", "Σ̇"),
        math(r"-\sum_a \frac{\dot{Q}_a}{T_a}", "-sum over a of Q̇_a/T_a"),
    )
    expr = book.readable("entropy_production")
    shared = _state_denominator(model)
    if shared is not None:
        expr = _shorten(expr, shared, _unused(model, "Z"))
    lhs = Equation(
        math(r"\dot\Sigma", "Σ̇"),
        formula(expr),
        "=",
        "entropy_production",
        str(book.readable("entropy_production")),
    )
    return Step(
        (
            "The state is stationary, so its entropy does not change, and the entropy produced per "
            "unit time is",
        ),
        (definition, lhs),
        name="entropy production",
    )  # fmt: skip


def _second_law(model: Model) -> tuple[tuple[Step, ...], Derivation | None]:
    book = model.ledger
    if book.failure:
        sigma = book.entropy_production
        claim = Claim(sigma, ">=", sympy.Integer(0), positive=model.generator.positive)
        refutation = prove(claim) if sigma != 0 else None
        steps = [
            Step(
                (
                    "No second law is claimed for the Clausius form with this energy operator: "
                    + book.failure
                    + ".",
                ),
            )
        ]
        if refutation is not None and refutation.verdict is Verdict.REFUTED:
            steps.append(
                Step(("Indeed it can be negative. " + str(next(refutation.steps).prose[0]),))
            )
        return tuple(steps), None
    proof = prove(book.second_law)
    steps = list(proof.steps)
    if proof.equality:
        steps.append(Step(proof.equality, name="equality"))
    if proof.certificate is not None:
        result = replay(proof)
        bound = int(-result.log2_error)
        steps.append(
            Step(
                (
                    "An independent checker replayed the certificate: signs read off the form, "
                    "identities evaluated at random points modulo a random 128-bit prime; the "
                    "probability that a false identity passed is below ",
                    math(rf"2^{{-{bound}}}", f"2^-{bound}"),
                    "." if result.valid else f". It did not accept: {result.reason}.",
                ),
                verdict=Verdict.PROVED if result.valid else Verdict.UNDECIDED,
                name="replay",
            )
        )
    return tuple(steps), proof


def sample_point(model: Model) -> Mapping[Symbol, Rational]:
    """The model's own point, or the first of a fixed series of rational points in its domain."""
    if all(s in model.point for s in model.parameters):
        return model.point
    from random import Random

    random = Random(5)
    orders = model.generator.positive
    for _ in range(2000):
        point = {
            s: model.point.get(s, Rational(random.randint(1, 30), 10)) for s in model.parameters
        }
        if all(e.xreplace(point).is_positive for e in orders):
            return point
    return {}


def _numbers(model: Model) -> Step:
    import mpmath as mp

    from symtherm.numeric.operators import integrated_quantities
    from symtherm.reference import certify

    point = sample_point(model)
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
    at.append(
        " the closed forms, enclosed by ball arithmetic, are compared with a high-precision "
        "integration of the master equation that starts from the operators. The last column counts "
        f"the digits that agree, of {DIGITS} computed."
    )
    header = ("quantity", "closed form", "integration", "digits")
    return Step(
        tuple(at),
        (),
        Verdict.PROVED if worst >= DIGITS - 4 else Verdict.REFUTED,
        "numbers",
        (header, tuple(rows)),
    )
