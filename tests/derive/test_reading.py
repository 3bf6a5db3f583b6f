"""What a reader meets in a derivation: the headline, words, lengths, signs, the sample point.

One claim a test; the models are those a newcomer would write first.
"""

from __future__ import annotations

import io
import re

import pytest
import sympy as sp
from rich.cells import cell_len
from rich.console import Console

from symtherm import (
    Coupling,
    HilbertSpace,
    Lead,
    Model,
    Spectrum,
    ThermalBath,
    davies,
    gkls,
    model,
    ohmic,
    parameters,
    prove,
    qeye,
    sigmam,
    sigmax,
    sigmaz,
    tensor,
    thermodynamics,
)
from symtherm.derive.data import to_json
from symtherm.derive.derivation import Derivation, Equation, Formula, Step, Verdict
from symtherm.derive.forms import LIMIT
from symtherm.derive.formula import formula
from symtherm.derive.html import to_html
from symtherm.derive.latex import to_latex
from symtherm.derive.markdown import to_markdown
from symtherm.derive.point import regime, sample_point
from symtherm.derive.text import print_derivation
from symtherm.exact.parse import parse_expression
from symtherm.reference import certify


def page(derivation: Derivation, width: int = 80) -> str:
    stream = io.StringIO()
    print_derivation(derivation, Console(file=stream, width=width, color_system=None))
    return stream.getvalue()


def flat(text: str) -> str:
    return " ".join(text.split())


def lowering(count: int, place: int):
    return tensor(*(sigmam() if k == place else qeye(2) for k in range(count)))


def number(count: int, place: int):
    return lowering(count, place).dag() * lowering(count, place)


def swap(count: int, a: int, b: int):
    hop = lowering(count, a).dag() * lowering(count, b)
    return hop + hop.dag()


def two_qubits(energy_is_hamiltonian: bool = False, resonant: bool = False) -> Model:
    wh, wc, g, kh, kc, Th, Tc = parameters("omega_h omega_c g gamma_h gamma_c T_h T_c")
    wc = wh if resonant else wc
    H0 = wh * number(2, 0) + wc * number(2, 1)
    H = H0 + g * swap(2, 0, 1)
    L = gkls(
        H,
        [
            ThermalBath("h", Th).jumps(lowering(2, 0), frequency=wh, rate=kh),
            ThermalBath("c", Tc).jumps(lowering(2, 1), frequency=wc, rate=kc),
        ],
    )
    E = H if energy_is_hamiltonian else H0
    names = tuple(dict.fromkeys((wh, wc, g, kh, kc, Th, Tc)))
    return Model("two", "Two qubits", names, L, E, hot=("h",))


def resonant_qubits() -> Model:
    return two_qubits(resonant=True)


def refrigerator() -> Model:
    w1, w3, g, T1, T2, T3 = parameters("omega_1 omega_3 g T_c T_r T_h")
    kc, kr, kh = parameters("gamma_c gamma_r gamma_h")
    H0 = w1 * number(3, 0) + (w1 + w3) * number(3, 1) + w3 * number(3, 2)
    a, b, c = (lowering(3, k) for k in range(3))
    flip = a.dag() * b * c.dag()
    L = gkls(
        H0 + g * (flip + flip.dag()),
        [
            ThermalBath("c", T1).jumps(a, frequency=w1, rate=kc),
            ThermalBath("r", T2).jumps(b, frequency=w1 + w3, rate=kr),
            ThermalBath("h", T3).jumps(c, frequency=w3, rate=kh),
        ],
    )
    return Model("fridge", "A refrigerator", (w1, w3, g, kc, kr, kh, T1, T2, T3), L, H0)


def double_dot() -> Model:
    eL, eR, mL, mR = parameters("epsilon_L epsilon_R mu_L mu_R", real=True)
    Om, GL, GR, TL, TR = parameters("Omega Gamma_L Gamma_R T_L T_R")
    dots = HilbertSpace("dots", levels="0LR")
    empty, left, right = dots.kets
    E = eL * left * left.dag() + eR * right * right.dag()
    N = left * left.dag() + right * right.dag()
    L = gkls(
        E + Om * (left * right.dag() + right * left.dag()),
        [
            Lead("L", TL, mL).jumps(empty * left.dag(), energy=eL, rate=GL),
            Lead("R", TR, mR).jumps(empty * right.dag(), energy=eR, rate=GR),
        ],
    )
    return Model("dots", "Double dot", (eL, eR, Om, GL, GR, TL, TR, mL, mR), L, E, number=N)


@pytest.fixture(scope="module")
def fridge() -> Derivation:
    return thermodynamics(refrigerator())


@pytest.fixture(scope="module")
def pair() -> Derivation:
    return thermodynamics(two_qubits())


@pytest.fixture(scope="module")
def dots() -> Derivation:
    return thermodynamics(double_dot())


# ------------------------------------------------------------------------------- the headline


def test_the_headline_says_of_what(pair):
    assert "Second law: PROVED. Σ̇ ≥ 0, with equality if and only if ω_h/T_h = ω_c/T_c." in flat(
        page(pair)
    )
    assert "Second law: <span" in to_html(pair)
    assert r"Second law: \textbf{proved.}" in to_latex(pair)
    assert "Second law: **Proved.** " in to_markdown(pair)
    assert '"claim": "Second law"' in to_json(pair)


def test_no_second_law_is_a_headline_too():
    d = thermodynamics(two_qubits(energy_is_hamiltonian=True))
    assert d.verdict is None
    opening = flat(page(d)).split("Setting")[0]
    assert "No second law is claimed: the jumps L_h of bath h do not change E" in opening
    assert "PROVED" not in opening
    assert "No second law is claimed" in to_html(d).split("<nav")[0]
    assert "No second law is claimed" in to_latex(d).split(r"\section")[0]
    assert "No second law is claimed" in to_markdown(d).split("##")[0]


def test_the_headline_names_the_section_that_failed():
    d = Derivation("t", verdict=Verdict.UNDECIDED, claim="First law")
    assert flat(page(d)) == "t First law: UNDECIDED"


def test_one_bath_is_equilibrium_and_not_an_equality_that_always_holds():
    shown = flat(page(thermodynamics(model("qubit"))))
    assert "Second law: PROVED. Σ̇ = 0 identically: a single bath" in shown
    assert "Equality holds identically" not in shown


def test_common_factors_of_the_equality_condition_are_cancelled():
    shown = flat(page(thermodynamics(model("two-bath-qubit"))))
    assert "if and only if T_h = T_c." in shown
    assert "At the reversible point T_h = T_c" in shown


def test_the_exponent_of_spohns_condition_is_defined_where_it_is_used():
    """A driven maser with a third bath on the lasing transition: no single cycle."""
    wc, wh, gc, gh, gw, eps = parameters("omega_c omega_h gamma_c gamma_h gamma_w epsilon")
    Tc, Th, Tw = parameters("T_c T_h T_w")
    atom = HilbertSpace("atom", levels="glu")
    g, l, u = atom.kets
    L = gkls(
        eps * (u * l.dag() + l * u.dag()),
        [
            ThermalBath("h", Th).jumps(g * u.dag(), frequency=wh, rate=gh),
            ThermalBath("c", Tc).jumps(g * l.dag(), frequency=wc, rate=gc),
            ThermalBath("w", Tw).jumps(l * u.dag(), frequency=wh - wc, rate=gw),
        ],
        positive=[wh - wc],
    )
    E = wc * l * l.dag() + wh * u * u.dag()
    d = thermodynamics(Model("three", "t", (wc, wh, gc, gh, gw, Tc, Th, Tw, eps), L, E))
    assert d.proved
    for step in d.steps:
        text = "".join(p if isinstance(p, str) else p.text for p in step.prose)
        if "x_k" in text:
            assert "x_k is the exponent ω_k/T_a" in text


# ------------------------------------------------------------------------ drives and couplings


def test_a_static_exchange_is_a_coupling_and_a_rotating_term_a_drive():
    """H_0 + V in the lab is static, also in the frame of E on resonance; else V rotates."""
    w, v, g, k, T = parameters("omega nu g gamma T")
    a, b = lowering(2, 0), lowering(2, 1)
    V = g * swap(2, 0, 1)
    bath = ThermalBath("h", T)

    def kinds(H, E):
        L = gkls(H, [bath.jumps(a, frequency=w, rate=k), bath.jumps(b, frequency=w, rate=k)])
        m = Model("m", "m", (w, v, g, k, T), L, E)
        return m.drives, m.couplings

    even = w * (number(2, 0) + number(2, 1))
    odd = w * number(2, 0) + v * number(2, 1)
    assert kinds(even + V, even) == ((), (g,))
    assert kinds(odd + V, odd) == ((), (g,))
    assert kinds(V, even) == ((), (g,))  # the interaction picture, on resonance
    assert kinds(V, odd) == ((g,), ())  # the same V rotates at omega - nu
    assert kinds(even + V, even + V) == ((), ())


def test_a_drive_and_a_coupling_are_told_apart_in_one_model():
    w, D, g, Om, k, T = parameters("omega delta g Omega gamma T")
    N = number(2, 0) + number(2, 1)
    a, b = lowering(2, 0), lowering(2, 1)
    H = D * N + g * swap(2, 0, 1) + Om * (a + a.dag())
    L = gkls(
        H,
        [
            ThermalBath("1", T).jumps(a, frequency=w, rate=k),
            ThermalBath("2", T).jumps(b, frequency=w, rate=k),
        ],
    )
    m = Model("m", "m", (w, D, g, Om, k, T), L, w * N)
    assert (m.drives, m.couplings) == ((Om,), (g,))


def test_a_coupling_is_called_a_coupling_and_its_power_boundary_work(pair, fridge, dots):
    for d in (pair, fridge, dots):
        assert "drive" not in page(d).replace("driven", "")
        assert "Without coupling" in page(d)
    assert "P is the boundary work of the coupling" in flat(page(pair))
    assert "The coupling commutes with E and does no work." in flat(page(fridge))
    assert "and the chemical work of the leads" in flat(page(dots))
    assert "P is the power of the drive." in page(thermodynamics(model("three-level-maser")))


# ----------------------------------------------------------------------------- lengths and names


def test_a_long_derivation_stays_short_and_says_what_it_leaves_out(fridge):
    shown = page(fridge)
    assert fridge.proved
    assert len(shown.splitlines()) < 200
    assert "The 8 populations and 1 coherence are quotients of sums of" in flat(shown)
    assert 'model.ledger.in_terms_of("relaxation").state.structure' in flat(shown)
    # In relaxation rates the denominator is short enough to be printed.
    assert "Z = Γ_c (Γ_h (Γ_r (W" in flat(shown)
    assert "s_c s_h (1 - s_r) - s_r (1 - s_c) (1 - s_h)" in flat(shown)


def test_a_denominator_beyond_the_limit_is_counted_and_said_where(monkeypatch):
    from symtherm import model
    from symtherm.derive import forms

    monkeypatch.setattr(forms, "LIMIT", 60)
    shown = flat(page(thermodynamics(model("three-level-maser"))))
    assert "Z stands for a positive sum of" in shown
    assert "model.ledger.readable" in shown


def test_no_formula_is_longer_than_the_limit(fridge, pair, dots):
    for d in (fridge, pair, dots):
        for step in d.steps:
            assert all(len(row.rhs.text) <= LIMIT + 20 for row in step.equations)


def test_every_name_in_a_formula_is_defined_or_a_parameter(fridge, pair, dots):
    for m, d in ((refrigerator(), fridge), (two_qubits(), pair), (double_dot(), dots)):
        rows = [row for step in d.steps for row in step.equations]
        known = {row.lhs.text for row in rows} | {formula(p).text for p in m.parameters}
        known |= {"Z"} if "Here Z stands for" in flat(page(d)) else set()
        for row in rows:
            if row.name in m.ledger.fractions or row.name.startswith("p_"):
                for name in re.findall(r"[WΓΔZ](?:_[A-Za-z0-9]+)?|[nf]_[A-Za-z0-9]+", row.rhs.text):
                    assert name in known, (name, row)


@pytest.mark.parametrize("make", [two_qubits, resonant_qubits, refrigerator, double_dot])
def test_a_denominator_is_named_in_the_section_that_uses_it_first(make):
    d = thermodynamics(make())
    seen: set[str] = set()
    for _, steps in d.sections:
        seen |= {row.lhs.text for s in steps for row in s.equations}
        seen |= {p.text for s in steps for p in s.prose if isinstance(p, Formula)}
        for step in steps:
            for row in step.equations:
                assert set(re.findall(r"\bZ(?:_J)?\b", row.rhs.text)) <= seen, row


def test_what_a_local_bath_conserves_is_said_by_its_factor(fridge):
    first = refrigerator().generator.space.parts[0].name
    assert f"acts on {first} only and conserves just the observables of the rest" in flat(
        page(fridge)
    )


def test_product_levels_stay_apart_in_a_coherence(pair):
    texts = [row.lhs.text for step in pair.steps for row in step.equations]
    assert "Im ⟨eg|π|ge⟩" in texts
    latex = [row.lhs.latex for step in pair.steps for row in step.equations]
    assert r"\operatorname{Im}\,\langle \mathrm{eg}|\pi|\mathrm{ge}\rangle" in latex


# ------------------------------------------------------------------------------ signs and words


def test_minus_signs_stand_where_a_person_puts_them(dots, pair):
    for d in (dots, pair):
        for step in d.steps:
            for row in step.equations:
                assert not re.search(r"f_\w - 1", row.rhs.text), row.rhs.text
                assert not row.rhs.text.startswith("-Δ"), row.rhs.text


def test_badges_stand_on_claims_only(fridge, pair, dots):
    computed = {"definitions", "kind of power", "currents", "effective rates", "structured form"}
    computed |= {"left out", "denominator", "entropy production", "numbers", "regime", "equality"}
    for d in (fridge, pair, dots):
        assert all(s.verdict is None for s in d.steps if s.name in computed)
        assert all(s.verdict is None for s in d.sections[0][1])


def test_a_reason_is_told_in_the_notation_of_the_page():
    d = thermodynamics(two_qubits(energy_is_hamiltonian=True))
    shown = page(d)
    assert "omega" not in shown and "><" not in shown
    assert "do not change E by their own amount ω_h" in flat(shown)


def test_a_python_keyword_with_its_underscore_is_the_letter():
    assert formula(sp.Symbol("lambda_")) == Formula(r"\lambda", "λ")
    assert formula(sp.Symbol("lambda_")) == formula(sp.Symbol("lambda"))


def test_signs_of_the_setting_are_said_once_and_plainly(pair):
    assert "The energy whose balance is kept is E. Heat and power count as positive" in flat(
        page(pair)
    )


def test_roots_and_composite_rates_have_names():
    """A tilted qubit in its eigenbasis: every Bohr frequency is a square root."""
    d, b, kh, kc, Th, Tc = parameters("delta b gamma_h gamma_c T_h T_c")
    spectrum = Spectrum.of(d / 2 * sigmaz() + b / 2 * sigmax())
    L = davies(
        spectrum,
        [
            Coupling(ThermalBath("h", Th), spectrum.to_eigenbasis(sigmax()), ohmic(kh)),
            Coupling(ThermalBath("c", Tc), spectrum.to_eigenbasis(sigmaz()), ohmic(kc)),
        ],
    )
    m = Model("tilted", "t", (d, b, kh, kc, Th, Tc), L, spectrum.hamiltonian)
    told = thermodynamics(m)
    shown = page(told)
    assert told.proved
    assert "R = √(b² + δ²)" in shown
    assert "[E, L_h] = -R L_h" in shown
    assert "The jump operator L_h0 of bath h commutes with E" in shown
    rates = [r.rhs.text for s in told.steps for r in s.equations if r.lhs.text.startswith("k_")]
    assert rates and not any("√" in r for r in rates)


# ---------------------------------------------------------------------------- the sample point


@pytest.mark.parametrize("make", [two_qubits, refrigerator, double_dot])
def test_a_chosen_point_is_physical_and_shown(make):
    m = make()
    point = sample_point(m)
    assert set(point) == set(m.parameters)
    temperatures = {b.label: point[b.T] for b in m.generator.baths}
    assert len(set(temperatures.values())) == len(temperatures)
    if "h" in temperatures:
        assert max(temperatures, key=temperatures.__getitem__) == "h"
        assert min(temperatures, key=temperatures.__getitem__) == "c"


def test_an_engine_is_sampled_as_an_engine_and_the_regime_is_said(pair):
    m = two_qubits()
    values = certify(m, sample_point(m), 20)
    assert float(values["power"].value) < 0
    efficiency = float(values["efficiency"].value)
    assert 0 < efficiency < 1
    assert "It works as an engine: power is taken out." in page(pair)


@pytest.mark.parametrize(
    ("power", "hot", "cold", "word"),
    [
        (-1, 3, -2, "engine: power is taken out"),
        (1, -3, 2, "refrigerator: heat is taken from the coldest bath c, by the power put in"),
        (0, 1, -1, "conducts heat from h to c"),
        (1, -0.5, -0.5, "heater"),
        (1, 1, -2, "no engine here"),
        (0, 0, 0, "equilibrium"),
    ],
)
def test_regimes_are_named_by_the_signs_of_power_and_heats(power, hot, cold, word):
    m = two_qubits()
    at = sample_point(m)
    told = regime(m, at, {"power": power, "heat[h]": hot, "heat[c]": cold})
    assert word in told
    assert ("efficiency is not that of an engine" in told) == (power > 0)


# ------------------------------------------------------------------------------------- terminal


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_no_number_of_a_table_is_cut(width):
    digits = ["0." + "0123456789" * 5, "-1." + "9876543210" * 2]
    rows = tuple((f"population[{k}]", value, value[:24], "40") for k, value in enumerate(digits))
    table = (("quantity", "closed form", "integration", "digits"), rows)
    shown = page(Derivation("t", (("Numbers", (Step((), table=table),)),)), width)
    for row in rows:
        for cell in row:
            if len(cell) <= width:
                assert any(cell in line for line in shown.splitlines()), (cell, shown)
    assert max(map(cell_len, shown.splitlines())) <= max(width, max(map(len, digits)))


def test_short_formulas_are_not_broken_in_running_text(fridge):
    for width in (60, 80, 120):
        lines = page(fridge, width).splitlines()
        assert not any(line.rstrip().endswith((" =", "= -")) for line in lines)
        assert max(map(cell_len, lines)) <= width


def test_sums_and_relations_are_written_as_signs(pair):
    shown = page(pair)
    assert "-∑_a Q̇_a/T_a" in shown
    assert ">=" not in shown and "sum over" not in shown


# ----------------------------------------------------------------------------------------- HTML


def test_long_equations_are_broken_into_rows_in_html(fridge):
    text = to_html(fridge)
    assert text.count('class="rows"') >= 5
    assert "<code>" not in text
    assert "overflow-x: auto" in text
    rows = re.findall(r'class="rows"><mtable>(.*?)</math>', text)
    assert all(row.count("<mtr>") >= 2 for row in rows)


def test_an_equation_that_cannot_be_broken_scrolls_in_its_own_box():
    long = Formula(r"\mathrm{" + "x" * 300 + "}", "x" * 300)
    text = to_html(Derivation("t", (("s", (Step((), (Equation(long, long),)),)),)))
    assert '<div class="eq" id="eq-1"><div><math' in text


def test_a_driven_qubit_with_dephasing_reads_well():
    w, g, lam, Om, T = parameters("omega gamma lambda_ Omega T")
    L = gkls(
        Om / 2 * sigmax(),
        [ThermalBath("b", T).jumps(sigmam(), frequency=w, rate=g), (sigmaz(), lam, "phi")],
    )
    shown = page(thermodynamics(Model("m", "m", (w, g, lam, Om, T), L, w / 2 * sigmaz())))
    assert "Second law: PROVED. Σ̇ > 0 for all declared parameters." in shown
    assert "k_φ = λ" in shown and "D_φ(ρ)" in shown and "Q̇_φ = 0" in shown
    assert "lambda" not in shown
    assert "dissipated as heat into bath b" in flat(shown)


@pytest.mark.parametrize(
    ("claim", "condition"),
    [
        ("(x - y)*(log(x + z) - log(y + z))", "x = y"),
        ("(sqrt(x) - sqrt(y))*(x - y)", "x = y"),
        ("exp(r) - 1 - r", "r = 0"),
        ("r**2 + r*s + s**2", "r = 0 and s = 0"),
        ("(x - y)*(1/y - 1/x)", "x = y"),
    ],
)
def test_equality_is_said_in_the_shortest_way(claim, condition):
    names = {str(a): a for a in (*parameters("x y z"), *parameters("r s", real=True))}
    proof = prove(sp.Ge(parse_expression(claim, names), 0, evaluate=False))
    assert proof.condition.text == condition
