"""Formulas of operators, states and definitions, for the steps of a derivation."""

from __future__ import annotations

from sympy import Expr, Symbol

from symtherm.derive.derivation import Equation, Formula
from symtherm.derive.formula import formula
from symtherm.dynamics.structure import Definition
from symtherm.quantum.operator import Operator

__all__ = ["definition_equation", "equation", "ket_bra", "math", "operator_formula", "state_symbol"]


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


def state_symbol(definition: Definition) -> Formula:
    """The left-hand side of a definition: Re rho_lu as the real part of a matrix element."""
    name = definition.symbol.name
    for part, command in (("Re rho_", r"\operatorname{Re}"), ("Im rho_", r"\operatorname{Im}")):
        if name.startswith(part):
            levels = name[len(part) :]
            return Formula(rf"{command}\,\pi_{{{levels}}}", f"{part[:2]} π_{levels}")
    return formula(Symbol(name, positive=True))


def definition_equation(definition: Definition) -> Equation:
    """``symbol = expression`` of a named quantity."""
    name = definition.symbol.name
    return Equation(
        state_symbol(definition), formula(definition.expr), "=", name, str(definition.expr)
    )
