"""Formulas of operators, states and definitions, for the steps of a derivation."""

from __future__ import annotations

import sympy
from sympy import Expr

from symtherm.derive.derivation import Equation, Formula
from symtherm.derive.formula import formula
from symtherm.derive.spelling import GREEK_LETTERS
from symtherm.dynamics.structure import Definition
from symtherm.quantum.operator import Operator

__all__ = [
    "coherence_symbol",
    "definition_equation",
    "equation",
    "indexed",
    "ket_bra",
    "math",
    "operator_formula",
    "population_symbol",
]

ONE = sympy.Integer(1)


def math(latex: str, text: str) -> Formula:
    """A formula from its two spellings."""
    return Formula(latex, text)


def equation(
    lhs: Formula, rhs: Formula | Expr | Operator, relation: str = "=", name: str = ""
) -> Equation:
    """``lhs = rhs`` with the exact text of an expression kept for machines."""
    if isinstance(rhs, Formula):
        return Equation(lhs, rhs, relation, name)
    if isinstance(rhs, Operator):
        return Equation(lhs, operator_formula(rhs), relation, name, str(rhs))
    return Equation(lhs, formula(rhs), relation, name, str(rhs))


def ket_bra(row: str, column: str) -> Formula:
    """|row><column|."""
    return Formula(
        rf"{{|{_level(row)}\rangle\langle {_level(column)}|}}",
        f"|{row}⟩⟨{column}|",
    )


def _level(label: str) -> str:
    plain = all(c.isalnum() or c in ",+-" for c in label)
    if not plain:
        return rf"\text{{{''.join(c if c.isalnum() else ' ' for c in label)}}}"
    return label if len(label) == 1 or label.isdigit() else rf"\mathrm{{{label}}}"


def operator_formula(operator: Operator) -> Formula:
    """An operator as a sum of coefficients times |i><j|, equal coefficients collected.

    >>> from symtherm.quantum.standard import sigmax
    >>> from symtherm.exact.alphabet import parameters
    >>> operator_formula(parameters("epsilon") * sigmax()).text
    'ε (|e⟩⟨g| + |g⟩⟨e|)'
    """
    if not operator.data:
        return Formula("0", "0")
    groups: list[tuple[Expr, int, list[tuple[int, Formula]]]] = []
    for i, j, v in operator.data:
        unit = ket_bra(operator.space.levels[i], operator.domain.levels[j])
        sign = -1 if v.could_extract_minus_sign() else 1
        size = sign * v
        for known, first, members in groups:
            if known == size:
                members.append((sign * first, unit))
                break
        else:
            groups.append((size, sign, [(1, unit)]))
    latex, text = "", ""
    for size, sign, members in groups:
        body_latex, body_text = "", ""
        for inner, unit in members:
            mark = " - " if inner < 0 else " + "
            body_latex += (mark if body_latex else "") + unit.latex
            body_text += (mark if body_text else "") + unit.text
        coefficient = formula(size)
        if size == 1:
            if len(members) > 1 and sign < 0:
                body_latex, body_text = rf"\left({body_latex}\right)", f"({body_text})"
        else:
            if len(members) > 1:
                body_latex, body_text = rf"\left({body_latex}\right)", f"({body_text})"
            wrapped = size.is_Add
            front_latex = rf"\left({coefficient.latex}\right)" if wrapped else coefficient.latex
            front_text = f"({coefficient.text})" if wrapped else coefficient.text
            body_latex = f"{front_latex}\\, {body_latex}"
            body_text = f"{front_text} {body_text}"
        mark = (" - " if sign < 0 else " + ") if latex else ("-" if sign < 0 else "")
        latex, text = latex + mark + body_latex, text + mark + body_text
    return Formula(latex, text)


def indexed(letter: str, label: str) -> Formula:
    """A letter with a label as its index; labels that name Greek letters become them.

    >>> indexed("k", "phi").text, indexed("L", "h1").latex
    ('k_φ', 'L_{\\\\mathrm{h1}}')
    """
    if label in GREEK_LETTERS:
        return Formula(rf"{letter}_{{\{label}}}", f"{letter}_{GREEK_LETTERS[label]}")
    if len(label) == 1 or label.isdigit():
        return Formula(f"{letter}_{{{label}}}", f"{letter}_{label}")
    plain = "".join(c if c.isalnum() else " " for c in label)
    return Formula(rf"{letter}_{{\mathrm{{{plain}}}}}", f"{letter}_{label}")


def population_symbol(level: str) -> Formula:
    """p with a level as its index.

    >>> population_symbol("eg").text, population_symbol("eg").latex
    ('p_eg', 'p_{eg}')
    """
    return Formula(rf"p_{{{_index(level)}}}", f"p_{level}")


def coherence_symbol(row: str, column: str, part: str, turn: Expr = ONE) -> Formula:
    """The real or imaginary part (``part`` "re" or "im") of turn <row|pi|column>.

    Levels of one letter stand as indices; labels of product states would run into one another, so
    theirs is written as a matrix element.

    >>> coherence_symbol("l", "u", "im").text, coherence_symbol("eg", "ge", "im").text
    ('Im π_lu', 'Im ⟨eg|π|ge⟩')
    """
    if len(row) == len(column) == 1:
        element = Formula(rf"\pi_{{{_index(row)}{_index(column)}}}", f"π_{row}{column}")
    else:
        element = Formula(
            rf"\langle {_level(row)}|\pi|{_level(column)}\rangle", f"⟨{row}|π|{column}⟩"
        )
    name = part.capitalize()
    if turn == 1:
        return Formula(rf"\operatorname{{{name}}}\,{element.latex}", f"{name} {element.text}")
    factor = formula(turn)
    return Formula(
        rf"\operatorname{{{name}}}\left({factor.latex}\, {element.latex}\right)",
        f"{name}({factor.text} {element.text})",
    )


def _index(label: str) -> str:
    return label if label.isalnum() else _level(label)


def definition_equation(definition: Definition) -> Equation:
    """``symbol = expression`` of a named quantity."""
    name = definition.symbol.name
    return Equation(
        formula(definition.symbol), formula(definition.expr), "=", name, str(definition.expr)
    )
