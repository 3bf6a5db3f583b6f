"""The checker's declarations: what the names of a certificate mean, and that they mean it.

* ``variables`` range freely over the positive or over all real numbers;
* ``roots``: R = sqrt(radicand) >= 0, the radicand a visibly nonnegative polynomial;
* ``substitutions``: every parameter in these terms. A parameter is restricted only by what is
  declared of it: ``units`` (0 < x < c, as x = c*y/(1 + y)) and ``orders`` (an expression declared
  positive equals its own slack variable);
* ``exponents``: y/(1 + y) = exp(-e) with e > 0 visibly, or y = exp(-e), with a free y > 0;
* ``angles``: cos = (1 - t^2)/(1 + t^2), sin = 2 t/(1 + t^2) with a free real t;
* ``logarithms``: l = ln(p) with p visibly nonnegative, l a variable of its own;
* ``definitions``: abbreviations of visibly nonnegative expressions.

Treating y, t and l as free proves more than is claimed, so it is sound.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from symtherm.derive.replay_ring import Invalid
from symtherm.derive.replay_text import Code, parse, product, words

if TYPE_CHECKING:
    from symtherm.derive.replay import Checker

__all__ = ["declare_functions", "declare_names", "declare_parameters"]

RESERVED = {"I", "exp", "log", "sqrt", "cos", "sin"}


def declare_names(checker: Checker) -> None:
    """Variables and roots."""
    data, base, ring = checker.data, checker.data["variables"], checker.ring
    if any(kind not in ("positive", "real") for kind in base.values()):
        raise Invalid("a variable is neither positive nor real")
    roots = [r["name"] for r in data.get("roots", ())]
    fixed = [name for name, text in data["substitutions"].items() if text != name]
    taken = [*base, *roots, *fixed]
    if len(set(taken)) != len(taken):
        raise Invalid("one name for two things")
    if RESERVED & set(taken) or any(parse(n) != (("name", n),) for n in taken):
        raise Invalid("a name that is none, or one of " + ", ".join(sorted(RESERVED)))
    checker.positive = {n for n, kind in base.items() if kind == "positive"} | set(roots)
    checker.values = {n: ring.random() for n in base}
    for record in data.get("roots", ()):
        radicand = parse(record["radicand"])
        checker.shown(record["visible"], f"the radicand {record['radicand']}")
        checker.equal(radicand, parse(record["visible"]), "a radicand")
        checker.values[record["name"]] = ring.root(checker.evaluate(radicand))
        checker.radicands[record["name"]] = words(radicand)


def declare_parameters(checker: Checker) -> None:
    """Parameters in base variables, and that declared assumptions alone restrict them.

    One assumption after the other binds one parameter b: over the field of what is known before, b
    is a rational function T of its slack s, and the declared expression O a rational function of b
    with O(T(s)) = s. Degrees multiply, so both are Moebius transformations, and T(O(b)) = b: every
    point that satisfies the assumptions is reached by some s > 0.
    """
    data, base = checker.data, checker.data["variables"]
    codes = {name: parse(text) for name, text in data["substitutions"].items()}
    checker.values.update({name: checker.evaluate(code) for name, code in codes.items()})
    free = {name for name, text in data["substitutions"].items() if text == name}
    known, settled = set(free), set(free)  # base variables; parameters
    roots = checker.radicands.keys()

    def slack(name: str) -> None:
        if base.get(name) != "positive" or name in codes or name in known:
            raise Invalid("an assumption without a positive variable of its own")
        known.add(name)

    for name, record in data.get("units", {}).items():
        top, y = parse(record["below"]), (("name", record["name"]),)
        numbers = [item[1] for item in top if item[0] == "int"]
        if not all(numbers) or len(top) > 3 or words(top) or not checker.visible(top):
            raise Invalid(f"the declared range of {name}")
        if codes.get(name) != (*product(top, y), ("int", 1), *y, ("+",), ("/",)):
            raise Invalid(f"the declared range of {name}")
        slack(record["name"])
        settled.add(name)
    for text, own in data["orders"].items():
        order = parse(text)
        checker.equal(order, parse(own), "an order")
        slack(own)
        bound = [
            n for n in codes.keys() - settled if own in words(codes[n]) <= known | roots
        ]  # fmt: skip
        if len(bound) != 1:
            raise Invalid(f"{len(bound)} parameters restricted by one order")
        for code, allowed in ((order, settled | {*bound}), (codes[bound[0]], known)):
            direct, inside = reach(checker, code)
            if not direct <= allowed | roots or not inside <= (known - {own}) | settled | roots:
                raise Invalid("an order that is not between declared symbols")
        if not checker.visible(codes[bound[0]]):
            raise Invalid(f"{bound[0]} is not visibly positive")
        settled |= {*bound}
    if codes.keys() != settled:
        raise Invalid("a symbol is restricted without a declared order")
    checker.known = known


def reach(checker: Checker, code: Code) -> tuple[set[str], set[str]]:
    """The names of an expression outside functions and roots, and those inside."""
    direct = {item[1] for item in code if item[0] == "name"}
    inside: set[str] = set()
    for item in code:
        if item[0] == "call":
            inside |= words(item[2])
            if item[1] == "sqrt":
                # Its value is the record's form.
                direct |= words(parse(checker.tables["sqrt"].get(item[2], "0")))
    pending, done = [n for n in direct | inside if n in checker.radicands], set()
    while pending:
        name = pending.pop()
        if name not in done:
            done.add(name)
            inside |= checker.radicands[name]
            pending += [n for n in checker.radicands[name] if n in checker.radicands]
    return direct, inside


def declare_functions(checker: Checker) -> None:
    """Independent exponentials, angles and logarithms."""
    data, base, ring = checker.data, checker.data["variables"], checker.ring
    angles, logarithms = data.get("angles", ()), data.get("logarithms", ())
    listed = [r["name"] for r in (*data["exponents"], *angles, *logarithms)]
    names = set(listed)
    if len(names) != len(listed) or names & (checker.known | data["substitutions"].keys()):
        raise Invalid("an exponential shares its variable")

    def argument(text: str, name: str, kind: str) -> Code:
        code = parse(text)
        direct, inside = reach(checker, code)
        own = (
            {r["name"] for r in logarithms} if base.get(name) == "real" and kind == "log" else names
        )
        if base.get(name) != ("positive" if kind == "exp" else "real") or (direct | inside) & own:
            raise Invalid(f"the name {name} is no free variable of its own")
        return code

    for record in data["exponents"]:
        y, exponent = record["name"], argument(record["exponent"], record["name"], "exp")
        if record["form"] == f"{y}/(1 + {y})":  # exp(-e) < 1 needs e > 0, which must be visible
            checker.shown(record["visible"], "an exponent")
            checker.equal(exponent, parse(record["visible"]), "an exponent")
        elif record["form"] != y:
            raise Invalid("an unknown form of an exponential")
        form = checker.evaluate(parse(record["form"]))
        checker.exponents.append((checker.evaluate(exponent), form))
    for record in angles:
        angle = checker.evaluate(argument(record["angle"], record["name"], "turn"))
        t = checker.values[record["name"]]
        below = ring.power(ring.plus(ring.one, ring.times(t, t)), -1)
        cos = ring.times(ring.plus(ring.one, ring.times(t, t), -1), below)
        turn = ring.plus(cos, ring.times(ring.unit, ring.times(ring.plus(t, t), below)))
        checker.angles.append((angle, turn))
    for record in logarithms:
        code = argument(record["argument"], record["name"], "log")
        checker.shown(record["argument"], "the argument of a logarithm")
        checker.logarithms.append((checker.evaluate(code), checker.values[record["name"]]))
    for name, record in data.get("definitions", {}).items():
        if name in checker.values or name in RESERVED or parse(name) != (("name", name),):
            raise Invalid("one name for two things")
        checker.shown(record["visible"], f"the value of {name}")
        checker.equal(parse(record["value"]), parse(record["visible"]), f"the value of {name}")
        checker.values[name] = checker.evaluate(parse(record["value"]))
        checker.positive.add(name)
