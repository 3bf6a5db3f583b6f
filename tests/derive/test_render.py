"""Rendering: what is printed means what was given, nothing hostile gets through, lines fit.

Claims, one test each:

- the LaTeX and the text of a formula, read back by an independent reader, have its exact value;
- formulas are spelled as a physicist writes them;
- titles, headings, prose, cells and symbol names cannot become markup in any format;
- HTML is one file without script or network, and every formula in it is MathML;
- the article compiles with plain pdflatex, and neither long sums nor long fractions leave the page;
- JSON and what is in it survive a round trip;
- no terminal line is longer than the console is wide.
"""

from __future__ import annotations

import io
import json
import random
import re
import shutil
import subprocess
from fractions import Fraction
from html.parser import HTMLParser
from pathlib import Path

import pytest
import sympy as sp
from rich.cells import cell_len
from rich.console import Console

from symtherm.derive.data import to_json
from symtherm.derive.derivation import Derivation, Equation, Formula, Step, Verdict
from symtherm.derive.formula import formula, join, relation
from symtherm.derive.html import to_html
from symtherm.derive.latex import to_latex
from symtherm.derive.markdown import to_markdown
from symtherm.derive.text import print_derivation

HOSTILE = (
    "<script>alert(1)</script>",
    r"\input{/etc/passwd}",
    "[red]x[/red]",
    "50% _ & # $",
    "a ^ b ~ {c} `d` \"e\" 'f' | *g*",
    "]]> --> <!-- </title></style></math>",
    "$$ \\end{document} $$",
    "ω ≥ ½ é 中 \x1b[31m \u202e",
)

omega_c, omega_h, gamma_c, gamma_h, n_c, n_h, T_c, T_h, epsilon, Gamma_ul, W = sp.symbols(
    "omega_c omega_h gamma_c gamma_h n_c n_h T_c T_h epsilon Gamma_ul W", positive=True
)
Delta = sp.Symbol("Delta", real=True)
rates = sp.symbols("Gamma_1:7", positive=True)
DENOMINATOR = gamma_c * gamma_h * (3 * n_c * n_h + 2 * n_c + 2 * n_h + 1) + W * (
    gamma_c * (3 * n_c + 2) + gamma_h * (3 * n_h + 2)
)
FLUX = W * gamma_c * gamma_h * (n_h - n_c) / DENOMINATOR
LONG_SUM = sp.expand((W + gamma_c) * (rates[0] - rates[1]) * (rates[2] - rates[3] + rates[4]))
LONGER = sp.expand((W + gamma_c + gamma_h) ** 3 * (rates[0] + rates[1]) * (rates[2] + rates[3]))


def equation(lhs: str, rhs: sp.Expr, name: str = "") -> Equation:
    return Equation(formula(sp.Symbol(lhs)), formula(rhs), name=name, exact=str(rhs))


def maser(title: str = "A driven three-level maser") -> Derivation:
    """The maser, with one sum and two fractions far wider than any page."""
    bracket = join("[", Formula("E", "E"), ", ", Formula("L_h", "L_h"), "] = ", formula(-omega_h))
    effective = 2 * epsilon**2 * Gamma_ul / (Gamma_ul**2 + Delta**2)
    occupation = 1 / (sp.exp(omega_h / T_h) - 1)
    coherence = epsilon * FLUX * (Delta - sp.I * Gamma_ul) / (W * (Gamma_ul**2 + Delta**2))
    affinity = omega_c / T_c - omega_h / T_h
    exact = "1" * 70 + "/" + "3" * 70
    return Derivation(
        title,
        (
            (
                "Model of " + title,
                (
                    Step(("The jumps obey ", bracket, "."), (equation("n_h", occupation),)),
                    Step((), (equation("W", effective), equation("rho_ul", coherence))),
                ),
            ),
            (
                "Currents",
                (
                    Step(
                        ("One flux, ", formula(FLUX), ", in ", formula(LONG_SUM), "."),
                        (
                            equation("J_h", omega_h * FLUX, "heat[h]"),
                            equation("P", -FLUX * (omega_h - omega_c), "power"),
                            equation("A", LONG_SUM),
                            equation("B", FLUX * LONG_SUM / LONGER),
                            equation("C", LONG_SUM / LONGER * affinity),
                            equation("D", W * LONG_SUM**2 * sum(r**2 for r in rates)),
                        ),
                    ),
                    Step(
                        ("So the sign is known: " + title,),
                        (equation("sigma", FLUX * affinity),),
                        Verdict.PROVED,
                        table=(("name", title), (("J_h", exact), (title, "0.5"))),
                    ),
                    Step(("This one is open.",), verdict=Verdict.UNDECIDED),
                ),
            ),
        ),
        Verdict.PROVED,
        {"kind": "product", "factors": ({"sign": 1, "of": "W"},)},
        condition=formula(sp.Eq(omega_c / T_c, omega_h / T_h)),
        source=title,
        abstract=("About ", formula(FLUX), " in " + title),
    )


# ------------------------------------------------------------------- an independent reader

TOKEN = re.compile(r"\\?[^\W⁰¹²³⁴-⁹]+|[⁰¹²³⁴-⁹]+|\^|\S")


class Reader:
    """Reads a printed formula back to its value: sums, products, fractions, integer powers."""

    def __init__(self, printed: str, values: dict[str, Fraction]) -> None:
        printed = printed.replace(r"\left", "").replace(r"\right", "")
        printed = re.sub(r"_\{(\w+)\}", r"_\1", printed)
        self.tokens = [token for token in TOKEN.findall(printed) if token not in (r"\cdot", "·")]
        self.values, self.at = values, 0

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, expected: str = "") -> str:
        token = self.peek()
        assert token and (not expected or token == expected), (token, expected, self.tokens)
        self.at += 1
        return token

    def total(self) -> Fraction:
        value = -self.product() if self.peek() == "-" and self.take() else self.product()
        while self.peek() in ("+", "-"):
            sign = 1 if self.take() == "+" else -1
            value += sign * self.product()
        return value

    def product(self) -> Fraction:
        value = self.power()
        while self.peek() not in ("", "+", "-", ")", "}"):
            value = (
                value / self.power()
                if self.peek() == "/" and self.take()
                else (value * self.power())
            )
        return value

    def power(self) -> Fraction:
        value = self.atom()
        if re.fullmatch("[⁰¹²³⁴-⁹]+", self.peek() or "x"):
            digits = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
            return Fraction(value ** int(self.take().translate(digits)))
        if self.peek() == "^":
            self.take()
            return Fraction(value ** int(self.group()))
        return value

    def group(self) -> Fraction:
        self.take("{")
        value = self.total()
        self.take("}")
        return value

    def atom(self) -> Fraction:
        token = self.take()
        if token == r"\frac":
            return self.group() / self.group()
        if token == "(":
            value = self.total()
            self.take(")")
            return value
        return Fraction(token) if token.isdigit() else self.values[token]


def random_expression(source: random.Random, symbols: tuple[sp.Symbol, ...], depth: int) -> sp.Expr:
    if depth == 0:
        return source.choice([*symbols, sp.Integer(source.randint(-3, 5)), sp.Rational(2, 3)])
    parts = [random_expression(source, symbols, depth - 1) for _ in range(source.randint(2, 3))]
    match source.randint(0, 4):
        case 0 | 1:
            return sp.Add(*parts)
        case 2:
            return sp.Mul(*parts)
        case 3:
            return parts[0] / parts[1] if parts[1] != 0 else parts[0]
        case _:
            return parts[0] ** 2 - parts[1]


@pytest.mark.parametrize("seed", range(60))
def test_both_spellings_have_the_value_of_the_expression(seed: int) -> None:
    source = random.Random(seed)
    symbols = (omega_h, gamma_c, n_h, n_c, W, Delta)
    expr = random_expression(source, symbols, 1 + seed % 4)
    values = {symbol: Fraction(source.randint(2, 10**6), 997) for symbol in symbols}
    exact = expr.xreplace({s: sp.Rational(v.numerator, v.denominator) for s, v in values.items()})
    if not exact.is_Rational:  # a division by zero came out
        return
    names = {formula(symbol).text: value for symbol, value in values.items()}
    names |= {re.sub(r"[{}]", "", formula(s).latex): value for s, value in values.items()}
    printed = formula(expr)
    expected = Fraction(int(exact.p), int(exact.q))
    assert Reader(printed.text, names).total() == expected, printed.text
    assert Reader(printed.latex, names).total() == expected, printed.latex


x, y = sp.symbols("x y", positive=True)


@pytest.mark.parametrize(
    ("expr", "latex", "text"),
    [
        (n_h - n_c, "n_{h} - n_{c}", "n_h - n_c"),
        (n_c - n_h, "n_{c} - n_{h}", "n_c - n_h"),
        (-n_c - n_h, "-n_{c} - n_{h}", "-n_c - n_h"),
        (-x * (n_c + n_h) / y, r"-\frac{x (n_{c} + n_{h})}{y}", "-x (n_c + n_h)/y"),
        (sp.exp(omega_h / T_h) - 1, r"e^{\omega_{h}/T_{h}} - 1", "exp(ω_h/T_h) - 1"),
        (1 - sp.exp(-x), "1 - e^{-x}", "1 - exp(-x)"),
        (2 * x + 1, "2 x + 1", "2 x + 1"),
        (
            2 * epsilon**2 * Gamma_ul / (Gamma_ul**2 + Delta**2),
            r"\frac{2 \epsilon^{2} \Gamma_{ul}}{\Gamma_{ul}^{2} + \Delta^{2}}",
            "2 ε² Γ_ul/(Γ_ul² + Δ²)",
        ),
        (sp.log(x / y), r"\ln\frac{x}{y}", "ln(x/y)"),
        (x * sp.log(x), r"x \ln x", "x ln(x)"),
        (sp.tanh(x / 2), r"\tanh\left(\frac{x}{2}\right)", "tanh(x/2)"),
        (sp.sqrt(x + y), r"\sqrt{x + y}", "√(x + y)"),
        (sp.Rational(-1, 2), r"-\frac{1}{2}", "-1/2"),
        (3 * 2**x, r"3 \cdot 2^{x}", "3·2^x"),
        (x + sp.I * y, "x + i y", "x + i y"),
        (sp.Symbol("T_hot"), r"T_{\mathrm{hot}}", "T_hot"),
        (sp.Symbol("ω_h"), r"\omega_{h}", "ω_h"),
        (sp.Ge(x, y), r"x \ge y", "x ≥ y"),
        (
            W * (n_h - n_c) / (x + y) * (omega_c / T_c - omega_h / T_h),
            r"\frac{W (n_{h} - n_{c})}{x + y} "
            r"\left(\frac{\omega_{c}}{T_{c}} - \frac{\omega_{h}}{T_{h}}\right)",
            "W (n_h - n_c) (ω_c/T_c - ω_h/T_h)/(x + y)",
        ),
    ],
)
def test_formulas_are_spelled_as_in_a_paper(expr: sp.Expr, latex: str, text: str) -> None:
    assert formula(expr) == Formula(latex, text)


def test_join_and_relation() -> None:
    joined = join("[", formula(x), ", ", (r"\hat{H}", "H"), "] = ", formula(-omega_h))
    assert joined == Formula(r"[x, \hat{H}] = -\omega_{h}", "[x, H] = -ω_h")
    assert join(Formula(r"\omega", "ω"), "t").latex == r"\omega t"
    assert relation(">=") == relation(r"\ge") == relation("≥") == Formula(r"\ge", "≥")
    with pytest.raises(TypeError, match="int"):
        join(1)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="str"):
        formula("x")  # type: ignore[arg-type]


def test_a_hostile_symbol_name_stays_a_name() -> None:
    printed = formula(sp.Symbol(r"\input{/etc/passwd}%"))
    assert r"\input" not in printed.latex
    assert printed.latex.endswith(r"\%}")


# ---------------------------------------------------------------------------------- formats


class Outline(HTMLParser):
    """Collects the elements and the text of a page, and checks that elements nest."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        assert not any(name.startswith("on") or name == "src" for name, _ in attrs)
        if tag not in ("meta",):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("title", HOSTILE)
def test_hostile_text_in_html(title: str) -> None:
    page = to_html(maser(title))
    outline = Outline(page)
    assert "script" not in outline.elements
    assert "<script" not in page
    assert outline.elements.count("title") == outline.elements.count("style") == 1
    assert outline.text.count(title) >= 6
    assert "http" not in page


def test_html_is_all_mathml_with_anchors_and_badges() -> None:
    derivation = maser()
    page = to_html(derivation)
    outline = Outline(page)
    inline = sum(isinstance(part, Formula) for step in derivation.steps for part in step.prose)
    displayed = sum(len(step.equations) for step in derivation.steps)
    assert outline.elements.count("math") == inline + displayed + 2
    assert "code" not in outline.elements
    assert "\\" not in page.split("</style>")[1]
    assert 'href="#section-2"' in page and 'id="section-2"' in page
    assert 'class="verdict proved"' in page and 'class="verdict undecided"' in page


@pytest.mark.parametrize(
    "latex",
    [
        r"\frac{",
        r"\left(",
        r"\nosuchcommand{x}",
        r"\href{javascript:alert(1)}{x}",
        r"\text{</math><script>alert(1)</script>}",
        r'\color{" onmouseover="alert(1)}{x}',
        "x_1_2",
        "",
    ],
)
def test_a_formula_the_converter_cannot_read_is_shown_as_text(latex: str) -> None:
    bad = Formula(latex, "plain <text>")
    page = to_html(Derivation("t", (("s", (Step((bad,), (Equation(bad, bad),)),)),)))
    outline = Outline(page)
    assert "script" not in outline.elements
    assert "plain <text>" in outline.text or "math" in outline.elements
    assert "Error" not in page


@pytest.mark.parametrize(
    "latex",
    [
        "\\dot{Q}",
        "\\langle H \\rangle",
        "\\left(\\frac{a}{b}\\right)^{2}",
        "\\mathcal{L}\\rho",
        "\\operatorname{Tr}\\rho^{\\dagger}",
        "\\begin{pmatrix} a & b \\\\ c & d \\end{pmatrix}",
        "a < b",
    ],
)
def test_usual_notation_becomes_mathml(latex: str) -> None:
    page = to_html(Derivation("t", (("s", (Step((Formula(latex, "plain"),)),)),)))
    assert "<math" in page
    assert "plain" not in page


@pytest.mark.parametrize("title", HOSTILE)
def test_hostile_text_in_latex(title: str) -> None:
    source = to_latex(maser(title))
    assert source.isascii()
    assert r"\input" not in source
    assert source.count(r"\end{document}") == 1
    bare = re.sub(r"\\[\\{}%&$#_]", "", source)
    assert bare.count("{") == bare.count("}")
    assert not re.search("[%#]", bare)


@pytest.mark.parametrize(
    "latex",
    [r"\input{/etc/passwd}", r"x} \write18{ls} {", "x $ y", "x % y", "^^5cinput x", r"\iffalse"],
)
def test_a_formula_that_could_upset_the_article_is_shown_as_text(latex: str) -> None:
    bad = Formula(latex, "plain text")
    source = to_latex(Derivation("t", (("s", (Step((), (Equation(bad, bad),)),)),)))
    assert latex not in source
    assert r"\text{plain text}" in source


def compile_article(source: str, folder: Path) -> str:
    """The log of pdflatex; the article must compile."""
    pdflatex = shutil.which("pdflatex")
    if pdflatex is None:
        pytest.skip("pdflatex is not installed")
    (folder / "article.tex").write_text(source, encoding="ascii")
    done = subprocess.run(
        [pdflatex, "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "article.tex"],
        cwd=folder,
        capture_output=True,
        timeout=120,
        check=False,
    )
    log = (folder / "article.log").read_text(encoding="latin-1")
    assert done.returncode == 0, log[-3000:]
    return log


def overfull(log: str) -> list[float]:
    return [float(width) for width in re.findall(r"Overfull \\hbox \(([\d.]+)pt", log)]


def test_the_article_compiles_and_no_equation_leaves_the_page(tmp_path: Path) -> None:
    assert max(overfull(compile_article(to_latex(maser()), tmp_path)), default=0.0) <= 20


def test_hostile_articles_compile(tmp_path: Path) -> None:
    log = compile_article(to_latex(maser(" -- ".join(HOSTILE))), tmp_path)
    assert max(overfull(log), default=0.0) <= 20
    assert "passwd" not in "".join(re.findall(r"\(/[^\s)]+", log))


def test_random_wide_formulas_stay_on_the_page(tmp_path: Path) -> None:
    source = random.Random(7)
    symbols = (omega_h, gamma_c, n_h, n_c, W, Delta, Gamma_ul, *rates)
    steps = []
    for k in range(24):
        terms = [random_expression(source, symbols, 3) for _ in range(6)]
        expr = sp.Add(*terms) / (sp.Add(*terms[:3]) * sp.Add(*terms[3:]) + x) * terms[0]
        expr = (expr, sp.sqrt(expr), sp.exp(expr), sp.log(expr))[k % 4]
        left = formula(terms[1] if k % 3 == 0 else x)
        steps.append(Step(("Next, ", formula(expr), ", is"), (Equation(left, formula(expr)),)))
    log = compile_article(to_latex(Derivation("Wide", (("All", tuple(steps)),))), tmp_path)
    assert max(overfull(log), default=0.0) <= 20


def test_a_break_never_turns_an_application_into_a_product() -> None:
    applied = " + ".join(rf"\frac{{a_{{{k}}}}}{{b}} f(t_{{{k}}}) c" for k in range(40))
    long = Formula(rf"\sigma({applied}) (x + y)", "text")
    source = to_latex(Derivation("t", (("s", (Step((), (Equation(formula(x), long),)),)),)))
    assert r"\sigma \times" not in source
    assert r"f \times" not in source


def test_the_body_alone_can_be_put_into_another_paper() -> None:
    body = to_latex(maser(), standalone=False)
    assert r"\documentclass" not in body
    assert r"\begin{document}" not in body
    assert body in to_latex(maser()).replace("\n\n\\end{document}", "")


@pytest.mark.parametrize("title", HOSTILE)
def test_hostile_text_in_markdown(title: str) -> None:
    page = to_markdown(maser(title))
    text = re.sub(r"\$\$.*?\$\$|(?<!\\)\$.*?(?<!\\)\$", "", page, flags=re.DOTALL)
    assert "<" not in text
    assert "$" not in text.replace(r"\$", "")
    assert not re.search(r"(?<!\\)[\[\]`]", text)
    assert page.count("\n# ") + page.startswith("# ") == 1


def test_markdown_mathematics() -> None:
    page = to_markdown(maser())
    assert page.count("$$") == 2 * sum(len(step.equations) for step in maser().steps)
    assert r"\tag{1}" in page
    assert "**Proved.**" in page and "**Undecided.**" in page
    bad = Formula(r"a < b $ <script>", "a < b")
    assert "<script" not in to_markdown(Derivation("t", (("s", (Step((bad,)),)),)))


@pytest.mark.parametrize("title", HOSTILE)
def test_json_round_trips(title: str) -> None:
    derivation = maser(title)
    data = json.loads(to_json(derivation))
    assert data["title"] == data["source"] == title
    assert data["verdict"] == "PROVED"
    assert data["counterexample"] is None
    assert data["certificate"] == {"kind": "product", "factors": [{"sign": 1, "of": "W"}]}
    assert [section["heading"] for section in data["sections"]] == ["Model of " + title, "Currents"]
    step = data["sections"][1]["steps"][0]
    row = step["equations"][0]
    assert set(row) == {"name", "lhs", "relation", "rhs", "latex", "exact"}
    assert row["name"] == "heat[h]" and row["relation"] == "="
    assert row["exact"] == str(omega_h * FLUX)
    assert row["latex"] == "J_{h} = " + formula(omega_h * FLUX).latex
    assert step["prose"].startswith("One flux, W γ_c γ_h")
    assert data["sections"][1]["steps"][1]["table"]["rows"][1] == [title, "0.5"]
    assert json.loads(json.dumps(data)) == data


def printed(derivation: Derivation, width: int, encoding: str = "utf-8") -> str:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, write_through=True)
    print_derivation(derivation, Console(file=stream, width=width, color_system=None))
    return raw.getvalue().decode(encoding)


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("title", HOSTILE)
def test_no_terminal_line_is_wider_than_the_console(title: str, width: int) -> None:
    lines = printed(maser(title), width).splitlines()
    assert max(map(cell_len, lines)) <= width


def test_nothing_is_lost_or_interpreted_on_the_terminal() -> None:
    shown = printed(maser("[red]x[/red] :smile: \x1b[31m"), 80)
    assert shown.startswith("[red]x[/red] :smile: [31m")
    assert "\x1b" not in shown
    flat = "".join(shown.split())
    for step in maser().steps:
        for row in step.equations:
            assert "".join(f"{row.lhs.text}={row.rhs.text}".split()) in flat
    assert "PROVED" in shown and "UNDECIDED" in shown


def test_a_console_without_greek_gets_names() -> None:
    shown = printed(maser(), 80, "ascii")
    assert "epsilon^2 Gamma_ul" in shown
    assert "omega_h" in shown


def test_a_refutation_shows_its_counterexample_everywhere() -> None:
    derivation = Derivation("t", verdict=Verdict.REFUTED, counterexample={"T_h": "7/2"})
    pages = (
        to_html(derivation),
        to_latex(derivation),
        to_markdown(derivation),
        to_json(derivation),
        printed(derivation, 80),
    )
    for page in pages:
        assert "refuted" in page.lower()
        assert "7/2" in page
