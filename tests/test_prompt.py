"""What a person sees at a prompt or in a notebook: short, and without deriving anything anew."""

from __future__ import annotations

import pytest

import symtherm as st
from symtherm.thermo.ledger import Ledger

maser = st.model("three-level-maser")
qubits = st.model("two-bath-qubit")
proof = st.prove(qubits.ledger.second_law)
w, g, T = st.parameters("omega gamma T")
bath = st.ThermalBath("b", T)
big = st.gkls(
    w * st.num(12), [bath.jumps(st.destroy(12), frequency=w, rate=g)]
)  # more levels than a prompt shows

SHOWN = {
    "operator": (maser.energy, ["Operator on atom, 3 x 3", "omega_c*|l><l|"]),
    "ket": (st.basis(2, 1), ["ket", "|1>"]),
    "long operator": (big.hamiltonian, ["12 x 12", "..."]),
    "space": (maser.generator.space, ["HilbertSpace", "'atom'", "g, l, u"]),
    "bath": (bath, ["'b'", "T"]),
    "pair": (maser.generator.pairs[0], ["bath 'h'", "omega_h", "|g><u|"]),
    "jump": (maser.generator.jumps[0], ["'h'", "rate"]),
    "dissipator": (maser.generator.dissipators[0], ["'h'", "T = T_h", "2 jumps"]),
    "generator": (maser.generator, ["dimension 3", "H = ", "'h'", "'c'", "KMS"]),
    "big generator": (big, ["dimension 12"]),
    "state": (maser.steady_state, ["SteadyState on atom", "dimension 3", "h, c", ".structure"]),
    "ledger": (maser.ledger, ["heat[h]", "entropy_production", "population[u]"]),
    "claim": (qubits.ledger.second_law, ["second law", ">= 0"]),
    "model": (maser, ["'three-level-maser'", "omega_h", "baths: h, c"]),
    "derivation": (proof, ["second law", "PROVED", "equality"]),
    "evaluator": (st.evaluator(qubits.ledger), ["gamma_h", "dict", "heat[h]"]),
}


@pytest.mark.parametrize(("thing", "words"), SHOWN.values(), ids=SHOWN)
def test_a_repr_fits_the_prompt_and_names_what_there_is(thing, words):
    text = repr(thing)
    assert len(text.splitlines()) <= 6 and max(map(len, text.splitlines())) <= 260
    for word in words:
        assert word in text, text


def test_a_ledger_without_second_law_says_so():
    H = w / 2 * st.sigmaz() + g * st.sigmax()
    L = st.gkls(H, [bath.jumps(st.sigmam(), frequency=w, rate=g)])
    book: Ledger = st.ledger(st.steady_state(L), energy=H)
    assert "no second law in Clausius form" in repr(book)


@pytest.mark.parametrize("what", ["energy", "steady_state", "ledger"])
def test_a_notebook_shows_mathematics(what):
    """Balanced LaTeX between dollar signs."""
    for model in (maser, qubits, st.model("quantum-dot")):
        text = getattr(model, what)._repr_latex_()
        assert text.startswith("$\\displaystyle") and text.endswith("$")
        assert text.count("{") == text.count("}")
        assert text.count(r"\left") == text.count(r"\right") + text.count(r"\leftarrow")


def test_the_ledger_in_a_notebook_has_physicists_letters():
    text = maser.ledger._repr_latex_()
    for piece in (r"\dot Q_{h} &=", "P &=", r"\dot\Sigma &=", "W &="):
        assert piece in text
    assert r"I_{l} &=" in st.model("quantum-dot").ledger._repr_latex_()


def test_a_claim_in_a_notebook():
    assert st.Claim(w + T, ">=", 2 * g)._repr_latex_() == r"$\displaystyle T + \omega \ge 2 \gamma$"


def test_a_derivation_in_a_notebook_is_its_markdown():
    from symtherm.derive.markdown import to_markdown

    assert proof._repr_markdown_() == to_markdown(proof)


def test_reprs_derive_nothing():
    """Looking at a model starts no elimination."""
    model = st.model("three-level-maser")
    repr(model), repr(model.generator)
    assert "steady_state" not in model.__dict__
