"""An independent checker of certificates: Python's standard library, nothing of the prover.

It reads the certificate alone: texts of a small grammar, never evaluated as code. *Signs* are read
off the form (+, *, /, nonnegative integers, positive names, exp, sqrt, even powers), never sampled;
so is that a division is not by zero everywhere (``replay_text``).
*Identities* are evaluated at a random point modulo a random 128-bit prime; ``log2_error`` bounds
the chance that a false one passed. Why each step is sound: docs/certificates.md.

Names are declared in order, each by those before it: parameters (positive, real), expressions that
are ``assumed`` positive, ``defined`` positive ones, ``root`` R = sqrt(v), ``exponential``
y = exp(-v), ``odds`` y/(1 + y) = exp(-v), ``log`` l = ln(v), ``angle`` t = tan(v/2).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import log2
from typing import Any

from symtherm.derive.replay_residues import Entry, Pole, Redraw, Residues
from symtherm.derive.replay_text import (
    FUNCTIONS,
    Code,
    Form,
    Invalid,
    declared,
    form,
    need,
    parse,
    words,
)

__all__ = ["Replay", "replay"]

DRAWS = 1024
# The inequalities for two expressions a and b, and the function f of f(a) - f(b) in them.
INEQUALITIES = {"exp": "exp"} | dict.fromkeys(("log", "klein", "arithmetic", "geometric"), "log")


@dataclass(frozen=True, slots=True)
class Replay:
    """``valid``, the reason when not, log2 of the bound on a false accept, and what was checked."""

    valid: bool
    reason: str
    log2_error: float
    statement: str = ""


class Checker(Residues):
    """The texts of a certificate; one random point, and the values of everything there."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__(sum(record["kind"] == "root" for record in data["names"]))
        self.data, self.codes = data, dict[str, Code]()
        tables = data["functions"].items()
        self.tables = {f: {self.parse(u): r for u, r in t.items()} for f, t in tables}

    def draw(self) -> None:
        """A random prime and point, and the values of all names there."""
        super().draw()
        self.spend(sum(map(len, self.codes)) // 8)
        self.values: dict[str, Entry] = {}
        self.forms: dict[str, Form] = {"I": (False, False, True, True)}
        self.parameters: set[str] = set()
        self.assumptions: list[str] = []
        self.pairs: dict[str, tuple[Entry, Entry]] = {}  # u and exp(u), or u and exp(I u)
        self.angles: set[str] = set()
        self.calls: dict[tuple[str, Code], Entry | None] = {}
        for record in self.data["names"]:
            self.declare(record["name"], record["kind"], record.get("value"))

    def parse(self, text: Any) -> Code:
        need(isinstance(text, str), "an expression that is no text")
        if text not in self.codes:
            self.codes[text] = parse(text)
        return self.codes[text]

    # -- expressions -----------------------------------------------------------------------------

    def declare(self, name: str, kind: str, value: Any) -> None:
        need(name not in self.values and name not in FUNCTIONS, f"{name}: a taken name")
        need(name != "I" and parse(name) == (("name", name),), f"{name}: a taken name, or none")
        random = self.random()
        shown = kind in ("defined", "root", "odds", "log")
        entry = self.evaluate(self.shown(value) if shown else self.parse(value or "0"))
        shows = self.form(value or "0")
        if kind in ("positive", "real"):
            self.parameters.add(name)
            self.assumptions.append(f"{name} > 0" if kind == "positive" else f"{name} real")
        elif kind == "assumed":
            known = words(self.parse(value)) <= self.parameters
            need(known, "an assumption about other than parameters")
            self.assumptions.append(f"{value} > 0")
        elif kind in ("odds", "log"):
            need(shows[3] and 0 not in entry[0], f"{name}: {value} may be zero everywhere")
        one, above = self.integer(1), self.plus(self.integer(1), random)
        if kind in ("exponential", "odds"):
            self.pairs[name] = entry, self.over(one if kind == "exponential" else above, random)
        elif kind == "log":
            self.pairs[name] = random, entry
        elif kind == "angle":
            it = self.times(self.unit, random)  # exp(I u) = (1 + I t)/(1 - I t)
            self.pairs[name] = entry, self.over(self.plus(one, it), self.plus(one, it, -1))
            self.angles.add(name)
        elif kind not in ("positive", "real", "assumed", "defined", "root"):
            raise Invalid(f"a name of the unknown kind {kind}")
        self.forms[name] = declared(kind, shows)
        entry = self.root(entry) if kind == "root" else entry
        self.values[name] = entry if kind in ("assumed", "defined", "root") else random

    def evaluate(self, code: Code, imaginary: bool = False) -> Entry:
        self.spend(len(code))
        stack: list[Entry] = []
        for kind, value, *argument in code:
            if kind == "name":
                need(value in self.values or (value == "I" and imaginary), f"the name {value}")
                stack.append(self.unit if value == "I" else self.values[value])
            elif kind == "int":
                stack.append(self.integer(value))
            elif kind == "call":
                stack.append(self.call(value, argument[0]))
            elif kind == "**":
                stack.append(self.power(stack.pop(), value))
            elif kind == "neg":
                stack.append(self.plus(self.integer(0), stack.pop(), -1))
            else:
                b, a = stack.pop(), stack.pop()
                if kind in "+-":
                    stack.append(self.plus(a, b, 1 if kind == "+" else -1))
                else:
                    stack.append((self.over if kind == "/" else self.times)(a, b))
        return stack[0]

    def call(self, function: str, u: Code) -> Entry:
        """A function of an expression, from its record, which is checked here once."""
        if function == "expm1":
            return self.plus(self.call("exp", u), self.integer(1), -1)
        if function in ("cos", "sin"):
            turn, sign = self.call("turn", u), 1 if function == "cos" else -1
            twice = self.integer(2) if sign == 1 else self.times(self.integer(2), self.unit)
            both = self.plus(turn, self.conjugate(turn), sign)
            return self.over(both, twice)
        if (function, u) not in self.calls:
            record = self.tables[function].get(u)
            need(record is not None, f"{function} of an expression without a record")
            self.calls[function, u] = None
            self.calls[function, u] = self.rebuild(function, self.evaluate(u), record)
        if (found := self.calls[function, u]) is None:
            raise Invalid(f"{function} of an expression is defined through itself")
        return found

    def rebuild(self, function: str, value: Entry, record: Any) -> Entry:
        what = f"the record of {function}"
        if function == "sqrt":
            root = self.evaluate(self.shown(record, False))
            self.same(self.power(root, 2), value, what)
            return root
        below, result, known = self.integer(1), self.integer(0), self.integer(1)
        for name, k in record["powers"].items():
            need(type(k) is int and abs(k) < 10_000, "a coordinate that is no small integer")
            need(name in self.pairs and (name in self.angles) == (function == "turn"), what)
            u, f = self.pairs[name]
            result = self.plus(result, self.times(self.integer(k), u))
            known = self.times(known, self.power(f, k))
        if function != "log":
            self.same(result, value, what)
            return known
        times = record.get("times", 1)  # times ln(v) = ln(prod f^k), for a visible v
        if times != 1:
            need(type(times) is int and 0 < times < 10_000, "a power that is no small integer")
            self.same(value, self.evaluate(self.shown(record["visible"], False)), what)
            below = self.power(self.integer(times), -1)
        self.same(self.power(value, times), known, what)
        return self.times(result, below)

    # -- signs -----------------------------------------------------------------------------------

    def shown(self, text: Any, safe: bool = True) -> Code:
        """The code of a text whose form shows that it is nonnegative (or infinite)."""
        need(self.form(text, safe)[0], f"{str(text)[:80]} is not visibly nonnegative")
        return self.parse(text)

    def form(self, text: Any, safe: bool = True) -> Form:
        code = self.parse(text)
        self.spend(len(text) // 8)
        return form(code, self.forms, safe)

    def sound(self, text: Any) -> Code:
        """The code of a text of either sign, with safe divisions."""
        self.form(text)
        return self.parse(text)

    # -- the rules -------------------------------------------------------------------------------

    def check(self) -> None:
        data, relation = self.data, self.data["relation"]
        theorem = data["rule"] in ("spohn", "relative entropy")
        need(relation == ">=" or (relation == "==" and not theorem), "an unknown relation")
        claim = self.parse(data["claim"])
        need(words(claim) <= self.parameters, "a claim about something else than the parameters")
        if theorem:
            from symtherm.derive.replay_operators import value_of
        found = value_of(self) if theorem else self.terms()
        self.same(self.evaluate(claim), found, "the claim")

    def terms(self) -> Entry:
        """A sum of nonnegative factors, alone or times what an inequality says is nonnegative."""
        total = self.integer(0)
        for term in self.data["terms"]:
            value = self.evaluate(self.shown(term["factor"], "pair" in term))
            if "pair" in term:
                body = self.inequality(term.get("function", "exp"), *term["pair"])
                value = self.times(value, body)
            total = self.plus(total, value)
        need(self.data["relation"] == ">=" or not self.data["terms"], "an equality with terms")
        return total

    def inequality(self, name: str, first: Any, second: Any) -> Entry:
        """What the inequality of that name says is nonnegative, for two expressions."""
        need(name in INEQUALITIES, f"no inequality of the name {name}")
        f = INEQUALITIES[name]
        a, b = (self.sound(t) if f == "exp" else self.shown(t) for t in (first, second))
        x, y = self.evaluate(a), self.evaluate(b)
        force, difference = self.plus(self.call(f, a), self.call(f, b), -1), self.plus(x, y, -1)
        if name == "klein":  # ln is concave: a ln(a/b) - a + b >= 0
            return self.plus(self.times(x, force), difference, -1)
        twice, total = self.integer(2), self.plus(x, y)
        if name == "arithmetic":  # the mean (a - b)/(ln a - ln b) is at most (a + b)/2
            force = self.plus(self.times(total, force), self.times(twice, difference), -1)
        elif name == "geometric":  # that of a^2 and b^2 is at least a b
            twice = self.times(self.times(x, y), twice)
            force = self.plus(self.times(total, difference), self.times(twice, force), -1)
        return self.times(force, difference)


def replay(proof: Any) -> Replay:
    """Check the certificate of a derivation (or the certificate itself) from its text alone.

    ``log2_error`` bounds the probability, over the checker's own random choices, that a false
    identity passed; it is below -80. Signs are read off the form and have no error. ``statement``
    is what was checked: the assumptions and the claim.

    >>> from symtherm import parameters, prove
    >>> import sympy
    >>> x, y = parameters("x y")
    >>> result = replay(prove(sympy.Ge((x - y) * (sympy.exp(x) - sympy.exp(y)), 0, evaluate=False)))
    >>> result.valid, result.log2_error < -80
    (True, True)
    """
    data = getattr(proof, "certificate", proof)
    if not isinstance(data, Mapping):
        return Replay(False, "there is no certificate", 0.0)
    checker, poles = None, 0
    for _ in range(DRAWS):
        try:
            checker = checker or Checker(data)
            checker.draw()
            checker.check()
        except Redraw as reason:
            poles += isinstance(reason, Pole)
            if poles == 5:
                break
            continue
        except Invalid as error:
            return Replay(False, str(error), 0.0)
        except RecursionError:
            return Replay(False, "records of functions that lead to too many others", 0.0)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            return Replay(False, f"the certificate is malformed: {error!r}", 0.0)
        # A false identity passes at the accepted draw only if it does at one of all draws.
        bound = log2(DRAWS * checker.error)
        if not bound <= -80:  # nor if it is no number
            return Replay(False, "the identity is too large for the stated bound", bound)
        statement = f"{data['claim']} {data['relation']} 0, if {', '.join(checker.assumptions)}"
        return Replay(True, "", bound, statement)
    return Replay(False, "every random point is a pole, or a radicand is no square there", 0.0)
