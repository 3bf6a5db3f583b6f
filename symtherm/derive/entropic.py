"""Klein's and Spohn's inequalities and data processing, by their theorems with checked hypotheses.

The certificate lists every state by its eigenvalues and projectors. What the checker verifies of it
is said in ``replay_operators``; that the eigenvalues are positive is part of the statement where
their form does not show it.
"""

from __future__ import annotations

from typing import Any

import sympy
from sympy import Expr

from symtherm.derive.adiabatic import adiabatic_proof
from symtherm.derive.certificate import BaseVariables, base_variables
from symtherm.derive.declared import NoCertificate
from symtherm.derive.derivation import Derivation, Equation, Formula, Step, Verdict
from symtherm.derive.equality import all_of, vanishing
from symtherm.derive.radicands import divides_safely, is_safe
from symtherm.dynamics.generator import Dissipator, Generator
from symtherm.errors import SymthermError
from symtherm.exact.alphabet import Alphabet, alphabet
from symtherm.exact.complex import pair
from symtherm.exact.decide import all_zero, is_zero
from symtherm.exact.fraction import Fraction, Poly
from symtherm.exact.writer import readable
from symtherm.quantum.operator import Operator
from symtherm.thermo.claim import Claim
from symtherm.thermo.decomposition import pinching
from symtherm.thermo.entropy import discriminants, spectral_parts, without_units
from symtherm.thermo.theorem import (
    AdiabaticInequality,
    CoherenceInequality,
    DataProcessing,
    Klein,
    SpohnInequality,
    Theorem,
    TotalInequality,
    stated,
)

__all__ = [
    "Letter",
    "has_root",
    "name_logarithm",
    "positive_form",
    "relative_entropy_proof",
    "variables_of",
]

S = r"S(\rho\|\sigma)"
TOLD = {
    Klein: (
        "Klein's inequality, for two states of equal trace, the second of full rank:",
        Formula(rf"{S} \;\ge\; 0", "S(ρ||σ) >= 0"),
        "Klein, Z. Phys. 72, 767 (1931)",
    ),
    DataProcessing: (
        "Data processing: a channel with sum K†K = 1 does not increase the relative entropy of "
        "two states:",
        Formula(
            rf"{S} - S(\Phi\rho\|\Phi\sigma) \;\ge\; 0, \quad \Phi X = \sum_k K_k X K_k^\dagger",
            "S(ρ||σ) - S(Φρ||Φσ) >= 0, Φ X = sum over k of K_k X K_k†",
        ),
        "Lindblad, Commun. Math. Phys. 40, 147 (1975)",
    ),
    SpohnInequality: (
        "Spohn's inequality, for a generator of GKLS form with nonnegative rates that leaves the "
        "reference state of full rank stationary:",
        Formula(
            r"-\mathrm{Tr}\left[\mathcal{L}(\rho)(\ln\rho - \ln\pi)\right] \;\ge\; 0",
            "-Tr[L(ρ)(ln ρ - ln π)] >= 0",
        ),
        "Spohn, J. Math. Phys. 19, 1227 (1978)",
    ),
    TotalInequality: (
        "Spohn's inequality for every dissipator with its own reference state:",
        Formula(
            r"\sum_a -\mathrm{Tr}\left[\mathcal{D}_a(\rho)(\ln\rho - \ln\pi_a)\right] \;\ge\; 0",
            "sum over a of -Tr[D_a(ρ)(ln ρ - ln π_a)] >= 0",
        ),
        "Spohn, J. Math. Phys. 19, 1227 (1978)",
    ),
    CoherenceInequality: (
        "Data processing in differential form: the generator commutes with the pinching onto the "
        "eigenspaces of the energy, so the relative entropy of a state and the pinched one does "
        "not grow:",
        Formula(
            r"-\mathrm{Tr}\left[\mathcal{L}(\rho)(\ln\rho - \ln\Delta(\rho))\right] \;\ge\; 0",
            "-Tr[L(ρ)(ln ρ - ln Δ(ρ))] >= 0",
        ),
        "Lindblad, Commun. Math. Phys. 40, 147 (1975)",
    ),
}

Parts = list[tuple[Expr, Operator]]
Letter = tuple[Fraction, str, str]  # a value, the name of its logarithm, a positive form of it


def relative_entropy_proof(claim: Claim, apart: bool = False) -> Derivation | None:
    """PROVED by the claim's theorem; None when a hypothesis cannot be certified.

    With ``apart`` ln((1 - p) q) is spelt ln(1 - p) + ln q, which some claims need and others not.
    """
    theorem = claim.theorem
    assert theorem is not None
    if isinstance(theorem, AdiabaticInequality):
        return adiabatic_proof(claim)
    if claim.relation != ">=" or claim.difference != stated(theorem).difference:
        return None  # the theorem speaks of its own expression only
    try:
        certificate, space = _certificate(claim, apart)
    except (NoCertificate, SymthermError):
        return None
    words, statement, source = TOLD[type(theorem)]
    hypotheses = [r["value"] for r in certificate["names"] if r["kind"] == "assumed"]
    told = (words,)
    if hypotheses:
        told = (f"{words[:-1]}. That they are states means here {' > 0, '.join(hypotheses)} > 0:",)
    step = Step(
        prose=told,
        equations=(Equation(statement, Formula("", ""), ""),),
        verdict=Verdict.PROVED,
        name=claim.name or "theorem",
    )
    return Derivation(
        claim.name or "A claim",
        (("Proof", (step,)),),
        Verdict.PROVED,
        certificate,
        condition=_condition(space, theorem),
        source=source,
    )


def _condition(space: Alphabet, theorem: Theorem) -> Formula | None:
    """Klein: rho = sigma, in parameters. Thermal dissipators: L rho = e^-x rho L for each jump."""
    if isinstance(theorem, Klein) and theorem.spectra is not None:
        return Formula(*theorem.equality)
    if isinstance(theorem, Klein):
        parts = [pair(space, v) for v in (theorem.rho - theorem.sigma).entries.values()]
        found = all_of([vanishing(space, q) for p in parts for q in p if q])
        return found or Formula(*theorem.equality)
    if isinstance(theorem, DataProcessing):
        return Formula(
            r"\sigma^{1/2}\,\Phi^\dagger\!\left(\Phi(\sigma)^{-1/2}\,\Phi(\rho)\,"
            r"\Phi(\sigma)^{-1/2}\right)\sigma^{1/2} = \rho \text{ (Petz)}",
            "σ^(1/2) Φ†(Φ(σ)^(-1/2) Φ(ρ) Φ(σ)^(-1/2)) σ^(1/2) = ρ (Petz)",
        )
    if isinstance(theorem, TotalInequality):
        summands = theorem.summands
    else:
        summands = (theorem,) if isinstance(theorem, SpohnInequality) else ()
    if not summands or not all(map(_balanced, summands)):
        return None
    return Formula(
        r"L_k\,\rho = e^{-x_k}\,\rho\,L_k \text{ for every jump } k \text{ of nonzero rate}",
        "L_k ρ = e^(-x_k) ρ L_k for every jump k of nonzero rate",
    )


def _balanced(theorem: SpohnInequality) -> bool:
    """Whether every jump belongs to a thermal pair with L pi = e^-x pi L.

    Then the rate is a sum of monotone pairs over the eigenbasis of rho, see ``spohn``.
    """
    part, pi = theorem.part, theorem.pi
    if len(part.jumps) != 2 * len(part.pairs):
        return False
    return all(
        all_zero((p.operator * pi - sympy.exp(-p.exponent) * pi * p.operator).entries.values())
        for p in part.pairs
    )


def _certificate(claim: Claim, apart: bool = False) -> tuple[dict[str, Any], Alphabet]:
    theorem = claim.theorem
    assert theorem is not None and not isinstance(theorem, AdiabaticInequality)
    rho = theorem.parts.rho if isinstance(theorem, TotalInequality) else theorem.rho
    states = {"rho": rho}
    dynamics: dict[str, Dissipator | Generator] = {}  # by the state that it refers to
    channel: tuple[tuple[Expr, Operator], ...] = ()
    if isinstance(theorem, TotalInequality):
        for k, summand in enumerate(theorem.summands):
            states[f"sigma{k}"], dynamics[f"sigma{k}"] = summand.pi, summand.part
    elif isinstance(theorem, SpohnInequality):
        states["sigma"], dynamics["sigma"] = theorem.pi, theorem.part
    elif isinstance(theorem, CoherenceInequality):
        states["sigma"], dynamics["sigma"] = pinching(rho, theorem.energy), theorem.part
    else:
        states["sigma"] = theorem.sigma
    if isinstance(theorem, DataProcessing):
        channel = theorem.kraus
        for key in ("rho", "sigma"):
            states[f"{key}_after"] = theorem.after(states[key])
    jumps = [j for part in dynamics.values() for j in part.jumps]
    energies = [L.hamiltonian for L in dynamics.values() if isinstance(L, Generator)]
    operators = [*(A for _, A in channel), *(j.operator for j in jumps), *energies]
    rates = [*(j.rate for j in jumps), *(w for w, _ in channel)]
    products: dict[Expr, tuple[Expr, ...]] = {}
    if isinstance(theorem, Klein) and theorem.spectra is not None:
        parts = {
            key: [(sympy.Mul(*factors), P) for factors, P in spectrum]
            for key, spectrum in zip(states, theorem.spectra, strict=True)
        }
        products = {sympy.Mul(*factors): factors for s in theorem.spectra for factors, _ in s}
        squares = [s for state in theorem.local for s in discriminants(state)]
    else:
        parts = {key: spectral_parts(state) for key, state in states.items()}
        squares = [s for state in states.values() for s in discriminants(state)]
    # S(rho||sigma) is defined for a rho without full rank: 0 ln 0 = 0.
    empty = ["rho", "rho_after"] if isinstance(theorem, (Klein, DataProcessing)) else []
    empty = [key for key in empty if key in parts]
    kernel = {v for key in empty for v, _ in parts[key] if is_zero(v) is True}
    products = {v: factors for v, factors in products.items() if v not in kernel}
    for key in empty:
        parts[key] = [(sympy.Integer(0) if v in kernel else v, P) for v, P in parts[key]]
    eigenvalues = [v for found in parts.values() for v, _ in found if v not in kernel | {0}]
    if any(v == 0 or v in kernel for key in parts for v, _ in parts[key] if key not in empty):
        raise NoCertificate("a state without full rank")
    values = [f for v in eigenvalues for f in products.get(v, (v,))]
    if any(is_zero(v) is True for v in values):
        raise NoCertificate("a state without full rank")
    projectors = [P for found in parts.values() for _, P in found]
    entries = [v for o in (*operators, *projectors) for v in o.entries.values()]
    plain = [*values, *rates, *entries]
    first = variables_of(plain, claim, squares)
    # ln of a Boltzmann factor is an exponent; that of an eigenvalue with a root, or of no visible
    # sign, is a letter of its own: all that the theorems use of it is that it is real.
    known = [v for v in values if not has_root(v) and positive_form(first, first.space.fraction(v))]
    base = variables_of([*plain, *map(sympy.log, known)], claim, squares)
    space = base.space
    difference = without_units(claim.difference)
    written = [e.args[0] for e in sorted(difference.atoms(sympy.log), key=str)]
    letters: list[Letter] = []
    for v in values:
        if v not in known:
            name_logarithm(base, v, letters, apart)
    for v in written:  # an eigenvalue may be written in another way there
        if any(space.fraction(v) == f for f, _, _ in letters):
            name_logarithm(base, v, letters, apart)
    for v, factors in products.items():
        if len(factors) > 1:
            name_product(base, v, factors)
    data: dict[str, Any] = {
        "rule": "relative entropy",
        "claim": base.text(difference),
        "relation": ">=",
        "dimension": rho.space.dim,
        "levels": list(rho.space.levels),
    }
    spectra = {key: [_part(base, v, P) for v, P in found] for key, found in parts.items()}
    motions = {key: _motion(base, part) for key, part in dynamics.items()}
    if dynamics:
        data["rule"], data["rho"] = "spohn", spectra.pop("rho")
        data["parts"] = [{"sigma": spectra[key]} | motions[key] for key in dynamics]
    else:
        data |= spectra
    if channel:
        data["kraus"] = [
            {"weight": base.sign(space.fraction(w)), "operator": _entries(base, A)}
            for w, A in channel
        ]
    return data | base.declarations(), space


def _motion(base: BaseVariables, part: Dissipator | Generator) -> dict[str, Any]:
    H = _entries(base, part.hamiltonian) if isinstance(part, Generator) else []
    jumps = [
        {"operator": _entries(base, j.operator), "rate": base.sign(base.space.fraction(j.rate))}
        for j in part.jumps
    ]
    return {"hamiltonian": H, "jumps": jumps}


def variables_of(
    expressions: list[Expr], claim: Claim, squares: list[tuple[Expr, ...]] | None = None
) -> BaseVariables:
    """Base variables for a claim; raises NoCertificate where there are none."""
    base = base_variables(alphabet(expressions, positive=claim.positive), squares=squares or ())
    if base is None:
        raise NoCertificate("an alphabet without base variables")
    return base


def _apart(base: BaseVariables, value: Fraction) -> tuple[Poly | None, Fraction]:
    """value = (a polynomial of no visible sign) * (what is visibly positive); None if it is not."""
    hidden = []
    for poly, power in value.num.factor()[1]:
        if positive_form(base, Fraction.of(base.space.base, poly)) is None:
            hidden.append((poly, int(power)))
    if len(hidden) != 1 or hidden[0][1] != 1:
        return None, value
    rest = value / Fraction.of(base.space.base, hidden[0][0])
    if positive_form(base, rest) is not None:
        return hidden[0][0], rest
    return (-hidden[0][0], -rest) if positive_form(base, -rest) is not None else (None, value)


def positive_form(base: BaseVariables, value: Fraction) -> str | None:
    """A visibly nonnegative form of a value, of which the checker sees that it is not zero."""
    text = base.visible(value)
    return text if text is not None and is_safe(base, text) else None


def has_root(expr: Expr) -> bool:
    """Whether an expression has a square root in it; one inside an exponential is no root.

    An exponential is a letter of its own, and exp(-sqrt(w**2 + h**2)/T) is as good as any other.
    """
    letter = sympy.Dummy(positive=True)
    expr = expr.xreplace(dict.fromkeys(expr.atoms(sympy.exp), letter))
    return any(p.exp.is_Rational and not p.exp.is_Integer for p in expr.atoms(sympy.Pow))


def name_logarithm(
    base: BaseVariables, value: Expr, letters: list[Letter], apart: bool = False
) -> None:
    """A letter for ln(value), the same for equal values; with ``apart`` for a factor alone."""
    logarithm, fraction = sympy.log(value), base.space.fraction(value)
    if logarithm in base.spelling:
        return
    text = base.text(value)
    known = next((letter for letter in letters if letter[0] == fraction), None)
    shown = positive_form(base, fraction)
    if apart and not known and not shown and not has_root(value):
        hidden, rest = _apart(base, fraction)
        if hidden is not None and not rest.is_constant:  # ln((1 - p) q) = ln(1 - p) + ln q
            first, second = (base.space.poly_expr(hidden), readable(base.space, rest))
            name_logarithm(base, first, letters)
            name_product(base, value, (first, second))
            return
    if not known:
        form = shown or _assumed(base, fraction, text)
        known = fraction, base.name("log", f"ln_{len(base.extra)}", form), form
        letters.append(known)
    _, letter, form = known
    base.tables.setdefault("log", {})[text] = {"powers": {letter: 1}}
    base.spelling[logarithm] = f"log({text})"
    if shown or "/" in form:  # divides by nothing that is zero, as the text may do
        base.tables["log"][shown or form] = {"powers": {letter: 1}}
        base.forms[value] = shown or form


def _assumed(base: BaseVariables, value: Fraction, text: str) -> str:
    """A form of a value that is assumed to be positive: a name for the value, if it can be read.

    An assumption is about parameters, and divides by what the checker sees not to vanish. Where the
    text of the value does not, its numerator is assumed to be positive: the denominator shows its
    sign in base variables.
    """
    own = f"e{len(base.extra)}"
    if divides_safely(base, text):
        return base.name("assumed", own, text)
    for sign in (1, -1):
        below = positive_form(base, Fraction.of(base.space.base, sign, value.den))
        if below is not None:
            above = base.text(base.space.poly_expr(sign * value.num))
            return f"{base.name('assumed', own, above)}*({below})"
    return base.name("assumed", own, text)


def name_product(base: BaseVariables, value: Expr, factors: tuple[Expr, ...]) -> None:
    """ln of a product of eigenvalues, by the logarithms of these."""
    powers: dict[str, int] = {}
    for factor in factors:
        text = base.text(factor)
        if sympy.log(factor) not in base.spelling:
            text = base.sign(base.space.fraction(factor))
            base.log(factor, text)
        record = base.tables["log"][text]
        if "times" in record:
            raise NoCertificate("an eigenvalue whose logarithm is a fraction of a letter")
        for name, power in record["powers"].items():
            powers[name] = powers.get(name, 0) + power
    text = base.text(value)
    base.tables["log"][text] = {"powers": {name: k for name, k in powers.items() if k}}
    base.spelling[sympy.log(value)] = f"log({text})"


def _part(base: BaseVariables, value: Expr, projector: Operator) -> dict[str, Any]:
    if value == 0:
        text = "0"
    elif sympy.log(value) in base.spelling:
        text = base.forms.get(value) or base.text(value)
    else:  # visibly positive, so what it divides by is too
        text = base.sign(base.space.fraction(value))
        base.log(value, text)
    return {"value": text, "projector": _entries(base, projector)}


def _entries(base: BaseVariables, operator: Operator) -> list[list[Any]]:
    return [[i, j, base.text(v)] for i, j, v in operator.data]
