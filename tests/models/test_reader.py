"""Model files: every model is written and read back; whatever is malformed is named."""

from __future__ import annotations

import os
import random
import time

import pytest
from sympy import Rational

from symtherm import (
    HilbertSpace,
    Lead,
    Model,
    ThermalBath,
    gkls,
    model,
    parameters,
    qeye,
    sigmam,
    sigmaz,
    tensor,
)
from symtherm.errors import (
    BadExpression,
    BadModelFile,
    NotHermitian,
    OutOfDomain,
    SymthermError,
    UndeclaredSign,
    UnknownModel,
    UnknownSymbol,
)
from symtherm.models.library import NAMES
from symtherm.models.reader import load_model, read_model, write_model

QUBIT = write_model(model("qubit"))


@pytest.mark.parametrize("name", NAMES)
def test_library_models_survive_a_round_trip(name):
    """Writing and reading gives the same model, parameters in the same order, same results."""
    original = model(name)
    text = write_model(original)
    copy = read_model(text, name)
    assert copy == original
    assert list(copy.point) == list(original.point) == list(original.parameters)
    assert write_model(copy) == text
    assert copy.quantities == original.quantities
    for quantity in original.quantities:
        assert copy.fraction(quantity, copy.point) == original.fraction(quantity, original.point)


def two_qubits() -> Model:
    """Two coupled qubits of different kind, with dephasing of both sorts and a lead."""
    a, b, g, gamma, kappa, T, mu = parameters("a b g gamma kappa T mu")
    left, right = HilbertSpace("left", ["up", "down"]), HilbertSpace("right", "eg")
    up, down = left.kets
    e, ground = right.kets
    lower = tensor(down * up.dag(), qeye(right))
    flip = tensor(qeye(left), ground * e.dag())
    count = lower.dag() * lower
    energy = a * count + b * flip.dag() * flip
    H = energy + g * (lower.dag() * flip + flip.dag() * lower) / 2
    bath, lead = ThermalBath("b", T), Lead("+", T, mu)
    jumps = [
        lead.jumps(lower, energy=a, rate=gamma),
        bath.jumps(flip, frequency=b, rate=kappa / 3),
        bath.dephasing(tensor(qeye(left), e * e.dag() - ground * ground.dag()), rate=gamma),
        (count, kappa, "noise"),
        (flip.dag() * flip, 2 * kappa, "noise"),
    ]
    return Model(
        name='a "quoted" \\ name',
        title="Zwei Qubits, größer",
        parameters=(b, a, g, gamma, kappa, T, mu),
        generator=gkls(H, jumps, positive=[b - a, a**2 + b - g]),
        energy=energy,
        number=count,
        hot=("b",),
        point={p: Rational(k + 1, 7) for k, p in enumerate((g, a, b, gamma, kappa, T, mu))},
    )


def test_products_leads_dephasing_and_orders_survive_a_round_trip():
    original = two_qubits()
    text = write_model(original)
    copy = read_model(text)
    assert copy == original
    assert copy.generator.space.levels == ("up,e", "up,g", "down,e", "down,g")
    assert [p.name for p in copy.parameters] == ["b", "a", "g", "gamma", "kappa", "T", "mu"]


def test_levels_of_products_may_be_listed_by_factor():
    """["up", "e"] and "up,e" are the same level."""
    text = write_model(two_qubits())
    assert read_model(text.replace('"up,e"', '["up", "e"]')) == read_model(text)


def test_numbers_in_files_are_exact():
    """0.1 bare, quoted or as 1/10 is the same rational; integers may be bare."""
    found = [read_model(QUBIT.replace('"2/5"', number)) for number in ('"0.4"', "0.4", "4e-1")]
    assert all(m == read_model(QUBIT) for m in found)
    half = read_model(
        QUBIT.replace('"omega/2"', '"0.5*omega"').replace('"-omega/2"', '"-.5*omega"')
    )
    assert half == read_model(QUBIT)
    assert read_model(QUBIT.replace('"g", "e", "1"', '"g", "e", 1')) == read_model(QUBIT)


def test_a_file_without_title_is_called_by_its_name():
    assert read_model(QUBIT.replace('title = "A qubit and one thermal bath"', "")).title == "qubit"


def test_excluded_coincidences_are_kept():
    """``nonzero`` becomes the generator's conditions."""
    text = 'nonzero = ["omega - gamma"]\n' + QUBIT
    omega, gamma, _ = model("qubit").parameters
    copy = read_model(text)
    assert copy.generator.conditions == (omega - gamma,)
    assert read_model(write_model(copy)) == copy


def changed(old: str, new: str) -> str:
    assert old in QUBIT
    return QUBIT.replace(old, new, 1)


LEVELS = 'levels = ["e", "g"]'
JUMP = '[["g", "e", "1"]]'
EXTRA = "[[jump]]\n{}\n[[jump]]"
MALFORMED = {
    "empty": ("", BadModelFile, "no key 'name'"),
    "nul": ("\0", BadModelFile, "TOML"),
    "truncated string": (QUBIT[:60], BadModelFile, "TOML"),
    "truncated table": (QUBIT[: QUBIT.index("[[jump]]")], BadModelFile, "no key 'jump'"),
    "unknown key": ("titel = 'x'\n" + QUBIT, BadModelFile, "'titel'.*did you mean 'title'"),
    "unknown jump key": (changed("frequency", "freqency"), BadModelFile, "jump.0.*'frequency'"),
    "unknown bath key": (changed('T = "T"', 'T = "T"\nmu = 0'), BadModelFile, "bath.0.*'mu'"),
    "duplicate key": ("name = 'x'\n" + QUBIT, BadModelFile, "overwrite"),
    "missing key": (changed('frequency = "omega"\n', ""), BadModelFile, "no key 'frequency'"),
    "wrong type": (changed('name = "qubit"', "name = 3"), BadModelFile, "an integer"),
    "a date": (changed('rate = "gamma"', "rate = 1979-05-27"), BadModelFile, "a date"),
    "a truth value": (changed('rate = "gamma"', "rate = true"), BadModelFile, "a truth value"),
    "table for list": (changed("[[bath]]", "[bath]"), BadModelFile, "instead of a list"),
    "list for table": (
        changed("[[jump]]", "jump = [1]\n[j]"),
        BadModelFile,
        "unknown key|no key 'jump'",
    ),
    "control character": (changed('"qubit"', '"\\u001b[31m"'), BadModelFile, "printable"),
    "empty name": (changed('name = "qubit"', 'name = " "'), BadModelFile, "empty"),
    "unknown level": (changed(JUMP, '[["g", "x", "1"]]'), BadModelFile, "no level 'x'.*e, g"),
    "two in a row": (changed(JUMP, '[["g", "e"]]'), BadModelFile, "row.*column.*coefficient"),
    "repeated entry": (
        changed(JUMP, '[["g", "e", "1"], ["g", "e", "2"]]'),
        BadModelFile,
        "twice",
    ),
    "zero operator": (changed(JUMP, "[]"), BadModelFile, "zero"),
    "repeated level": (changed(LEVELS, 'levels = "ee"'), BadModelFile, "'e' twice"),
    "bad label": (changed(LEVELS, 'levels = ["e", "$"]'), BadModelFile, "label '\\$'"),
    "levels and factors": ("factor = []\n" + QUBIT, BadModelFile, "both"),
    "no space": (changed(LEVELS, ""), BadModelFile, "neither"),
    "too many levels": (
        changed(LEVELS, f"levels = {[f'a{k}' for k in range(65)]}"),
        BadModelFile,
        "65 entries",
    ),
    "unknown bath": (changed('bath = "b"', 'bath = "q"'), BadModelFile, "no bath 'q'.*are: b"),
    "repeated bath": (
        changed("[[bath]]", '[[bath]]\nlabel = "b"\nT = "T"\n[[bath]]'),
        BadModelFile,
        "'b' twice",
    ),
    "idle bath": (
        changed("[[bath]]", '[[bath]]\nlabel = "c"\nT = "T"\n[[bath]]'),
        BadModelFile,
        "no jump of the bath 'c'",
    ),
    "hot": ('hot = "x"\n' + QUBIT, BadModelFile, "no bath or lead 'x'"),
    "jump of nothing": (changed('bath = "b"\n', ""), BadModelFile, "say what causes it"),
    "free jump with a bath's label": (
        changed("[[jump]]", EXTRA.format(f'label = "b"\nrate = 1\noperator = {JUMP}')),
        BadModelFile,
        "of a bath",
    ),
    "too many jumps": (
        QUBIT.replace(
            "[[jump]]", f'[[jump]]\nlabel = "d"\nrate = 1\noperator = {JUMP}\n' * 500 + "[[jump]]"
        ),
        BadModelFile,
        "501 entries",
    ),
    "sign": (changed('omega = "positive"', 'omega = "negative"'), BadModelFile, "'negative'"),
    "parameter of itself": (
        changed('omega = "positive"', 'omega = "omega"'),
        BadModelFile,
        "omega",
    ),
    "reserved name": (
        changed("[parameters]", '[parameters]\nexp = "positive"'),
        BadModelFile,
        "taken",
    ),
    "function": (changed("[parameters]", '[parameters]\nsqrt = "real"'), BadModelFile, "taken"),
    "name with a space": (
        changed("[parameters]", '[parameters]\n"a b" = "real"'),
        BadModelFile,
        "'a b'",
    ),
    "point without T": (changed('T = "5/4"', ""), BadModelFile, "no value for T"),
    "point with more": (QUBIT + "T_x = 1\n", UnknownSymbol, "T_x"),
    "point of no number": (changed('"5/4"', '"sqrt(2)"'), BadExpression, "point.T"),
    "cold point": (changed('"5/4"', '"-5/4"'), OutOfDomain, "point.T"),
    "point against the order": ('order = ["gamma - omega"]\n' + QUBIT, OutOfDomain, "<= 0"),
    "excluded point": ('nonzero = ["omega - 3/2"]\n' + QUBIT, OutOfDomain, "= 0"),
    "order of numbers": ('order = ["1"]\n' + QUBIT, BadModelFile, "the number 1"),
    "undeclared symbol": (changed('"gamma"', '"gama"'), UnknownSymbol, "rate.*did you mean gamma"),
    "code": (changed('"gamma"', "\"__import__('os')\""), BadExpression, "jump.0..rate"),
    "huge power": (changed('rate = "gamma"', 'rate = "9**9**9"'), BadExpression, "too large"),
    "huge integer": (changed('rate = "gamma"', "rate = " + "9" * 5000), BadModelFile, "digits"),
    "huge hexadecimal": (
        changed('rate = "gamma"', "rate = 0x" + "f" * 9000),
        BadModelFile,
        "digits",
    ),
    "nan": (changed('rate = "gamma"', "rate = nan"), SymthermError, "nan"),
    "negative rate": (changed('"gamma"', '"-gamma"'), UndeclaredSign, "rate"),
    "division by zero": (
        changed('rate = "gamma"', 'rate = "gamma/((T + 1)**2 - T**2 - 2*T - 1)"'),
        SymthermError,
        "zero",
    ),
    "undeclared sign": (changed('omega = "positive"', 'omega = "real"'), UndeclaredSign, "omega"),
    "cold bath": (changed('T = "T"', 'T = "-1"'), OutOfDomain, "temperature"),
    "non-Hermitian H": (
        changed("hamiltonian = [", 'hamiltonian = [["e", "g", "omega"],'),
        NotHermitian,
        "Hamiltonian",
    ),
    "non-Hermitian E": (
        changed("energy = [", 'energy = [["e", "g", "I"],'),
        NotHermitian,
        "energy",
    ),
    "deep list": ("a = " + "[" * 100_000, BadModelFile, "nesting"),
    "deep table": ("a = " + "{a = " * 10_000, BadModelFile, "nesting"),
    "long dotted key": (".".join("a" * 100_000) + " = 1", BadModelFile, "nesting"),
    "long dotted header": ("[" + ".".join("a" * 100_000) + "]", BadModelFile, "nesting"),
    "many tables": ("[[x]]\n" * 100_000, BadModelFile, "unknown key"),
}


@pytest.mark.parametrize("case", MALFORMED, ids=str)
def test_malformed_files_get_a_named_error(case):
    """The error says where and what, in one printable line, and soon."""
    text, error, pattern = MALFORMED[case]
    start = time.perf_counter()
    with pytest.raises(error, match=pattern) as info:
        read_model(text, "file.toml")
    assert time.perf_counter() - start < 5
    assert str(info.value).isprintable() and len(str(info.value)) < 1000
    if error is not UndeclaredSign and case not in ("cold bath", "division by zero"):
        assert "file.toml" in str(info.value)


def test_every_truncation_is_named():
    """Cut anywhere, the file is refused by name, or (in the last number) read."""
    for end in range(0, len(QUBIT) - 4, 5):
        with pytest.raises(SymthermError):
            read_model(QUBIT[:end])


@pytest.mark.slow
def test_damaged_files_are_named():
    """Random cuts, doublings and replacements give a model or a SymthermError, nothing else."""
    chance = random.Random(7)
    text = write_model(model("three-level-maser"))
    pieces = ['"', "[", "]", "{", "=", "\n", ".", "omega_h", "0", "-", "I", "true", "[[", "x", "e"]
    for _ in range(300):
        i, j = sorted(chance.choices(range(len(text)), k=2))
        j = min(j, i + 12)
        damaged = text[:i] + chance.choice([*pieces, ""]) + text[j:]
        try:
            read_model(damaged)
        except SymthermError as error:
            assert str(error).isprintable()


# --- files --------------------------------------------------------------------------------------


def test_a_model_file_is_read(tmp_path):
    path = tmp_path / "qubit.toml"
    path.write_text(QUBIT, encoding="utf-8")
    assert load_model(path) == load_model(str(path)) == model("qubit")


def test_what_is_no_regular_file_is_refused(tmp_path):
    """Directories, devices, pipes, loops of links, missing files, names with nul bytes."""
    loop = tmp_path / "loop.toml"
    loop.symlink_to(loop)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (tmp_path, "/dev/zero", "/dev/null", pipe):
        with pytest.raises(BadModelFile):
            load_model(path)
    for path in (loop, tmp_path / "none.toml", "a\0b", "x" * 5000):
        with pytest.raises(UnknownModel):
            load_model(path)


def test_huge_and_binary_files_are_refused(tmp_path):
    """Size is checked before the content, which must be UTF-8."""
    path = tmp_path / "big.toml"
    with path.open("wb") as stream:
        stream.truncate(10**10)
    with pytest.raises(BadModelFile, match="1000000 bytes"):
        load_model(path)
    path.write_bytes(b"\x89PNG\r\n\x1a\n\xff\xfe")
    with pytest.raises(BadModelFile, match="UTF-8"):
        load_model(path)
    path.write_text(QUBIT, encoding="utf-16")
    with pytest.raises(BadModelFile):
        load_model(path)


def test_files_of_windows_editors(tmp_path):
    """A byte order mark and CRLF line ends change nothing."""
    path = tmp_path / "windows.toml"
    path.write_bytes(b"\xef\xbb\xbf" + QUBIT.replace("\n", "\r\n").encode())
    assert load_model(path) == read_model(QUBIT)


# --- what cannot be written ---------------------------------------------------------------------


def test_a_model_lists_all_its_parameters():
    omega, gamma, T = parameters("omega gamma T")
    pair = ThermalBath("b", T).jumps(sigmam(), frequency=omega, rate=gamma)
    generator = gkls(omega / 2 * sigmaz(), [pair])
    with pytest.raises(UnknownSymbol, match="not listed: gamma"):
        Model("m", "M", (omega, T), generator, omega / 2 * sigmaz())


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('omega = "positive"', 'omega = "real"', r'"positive" in \[parameters\]'),
        ('rate = "gamma"', 'rate = "gamma - T"', r'gamma > T with order = \["-T \+ gamma"\]'),
        ('rate = "gamma"', 'rate = "gamma*exp(I*T)"', "complex number.*operators only"),
        ('rate = "gamma"', 'rate = "gamma*exp(I*phi)"', "declared: omega, gamma, T"),
        ('T = "T"', 'T = "-T"', r"bath\[0\].*T > 0"),
        ('"e", "e", "omega/2"', '"e", "g", "omega/2"', "list both"),
        ('omega = "positive"', '"ω" = "positive"', "write omega"),
        ('omega = "positive"', 'omega = "complex"', r"v\*exp\(I\*phi\)"),
    ],
)
def test_errors_of_a_file_speak_of_the_file(old, new, words):
    """What to do is said in keys of the file, not in calls of Python."""
    assert old in QUBIT
    with pytest.raises(SymthermError, match=words) as info:
        read_model(QUBIT.replace(old, new))
    assert "parameters(" not in str(info.value) and "positive=[" not in str(info.value)


def test_a_lead_needs_the_number_operator():
    text = write_model(model("quantum-dot"))
    lines = [line for line in text.splitlines() if not line.startswith("number =")]
    with pytest.raises(BadModelFile, match=r"lead 'l' and no key 'number'.*add the"):
        read_model("\n".join(lines))


def test_what_the_format_cannot_say_is_refused():
    """An expression outside the grammar, an odd label, an incomplete point."""
    omega, gamma, T = parameters("omega gamma T")

    def build(**changes):
        bath = ThermalBath(changes.pop("label", "b"), T)
        rate = changes.pop("rate", gamma)
        generator = gkls(omega / 2 * sigmaz(), [bath.jumps(sigmam(), frequency=omega, rate=rate)])
        point = {omega: Rational(1), gamma: Rational(1), T: Rational(1)}
        fields = {"parameters": (omega, gamma, T), "point": point, **changes}
        return Model(
            name="m", title="M", generator=generator, energy=omega / 2 * sigmaz(), **fields
        )

    assert read_model(write_model(build())).generator == build().generator
    for model_ in (
        build(label="bath β"),
        build(point={omega: Rational(1)}),
    ):
        with pytest.raises(BadModelFile):
            write_model(model_)


@pytest.mark.parametrize(
    ("text", "advice"),
    [('[parameters]\nω = "positive"', "write omega"), ("[parameters", "see the example")],
)
def test_what_is_no_toml_is_told_how_to_be(text, advice):
    """Bare keys are ASCII in TOML."""
    with pytest.raises(BadModelFile, match=advice):
        read_model(text)
