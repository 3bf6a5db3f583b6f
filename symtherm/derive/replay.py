"""An independent checker of certificates. It shares no code with the prover.

It reads only the certificate: strings of a small grammar (``replay_text``), never evaluated as
code. Two kinds of things are checked, and never mixed:

* *Signs* are read off the form. A factor counts as nonnegative only if it is written with +, *, /,
  nonnegative integers, positive names, exponentials, square roots and even powers. No value is
  ever sampled for a sign.
* *Identities* (claim = sum of terms, substitutions, steady state, commutators) are evaluated at a
  random point modulo a random prime of 128 bits, with a bound on the probability that a false one
  passes (``replay_ring``).

``replay_names`` checks what the names mean. ``exponentials``, ``radicals`` and ``logs`` say how
exp(u), sqrt(u) and ln(u) of the texts are made of these names; each is checked when it is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import log2
from typing import Any

from symtherm.derive.replay_names import declare_functions, declare_names, declare_parameters
from symtherm.derive.replay_ring import Entry, Invalid, Modular
from symtherm.derive.replay_text import Code, negative, parse, product, total, words

__all__ = ["Checker", "Replay", "replay"]


@dataclass(frozen=True, slots=True)
class Replay:
    """``valid``, the reason when not, and log2 of the bound on a false accept."""

    valid: bool
    reason: str
    log2_error: float


class Checker:
    """One prime, one random point, and the running error bound."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = data
        self.ring = Modular()
        self.values: dict[str, Entry] = {}
        self.positive: set[str] = set()
        self.radicands: dict[str, set[str]] = {}  # the names under each root
        self.known: set[str] = set()  # the base variables that parameters are made of
        self.calls: dict[tuple[str, Code], Entry | None] = {}
        self.tables = {
            f: {parse(text): record for text, record in data.get(key, {}).items()}
            for f, key in (
                ("exp", "exponentials"),
                ("sqrt", "radicals"),
                ("log", "logs"),
                ("turn", "turns"),
            )
        }
        self.exponents: list[tuple[Entry, Entry]] = []  # e, exp(-e)
        self.angles: list[tuple[Entry, Entry]] = []  # u, cos(u) + I sin(u)
        self.logarithms: list[tuple[Entry, Entry]] = []  # p, ln(p)
        self.complex = False  # I is read in entries of operators only
        declare_names(self)
        declare_parameters(self)
        declare_functions(self)

    # -- evaluation -----------------------------------------------------------------------------

    def evaluate(self, code: Code) -> Entry:
        ring, stack = self.ring, []
        for item in code:
            kind = item[0]
            if kind == "name":
                if item[1] == "I" and self.complex:
                    stack.append(ring.unit)
                elif item[1] in self.values:
                    stack.append(self.values[item[1]])
                else:
                    raise Invalid(f"the undeclared name {item[1]}")
            elif kind == "int":
                stack.append(ring.integer(item[1]))
            elif kind == "call":
                stack.append(self.call(item[1], item[2]))
            elif kind == "neg":
                stack.append(ring.plus(ring.zero, stack.pop(), -1))
            elif kind == "**":
                stack.append(ring.power(stack.pop(), item[1]))
            else:
                right, left = stack.pop(), stack.pop()
                if kind in "+-":
                    stack.append(ring.plus(left, right, 1 if kind == "+" else -1))
                else:
                    right = right if kind == "*" else ring.power(right, -1)
                    stack.append(ring.times(left, right))
        (result,) = stack
        return result

    def call(self, function: str, argument: Code) -> Entry:
        """A function of an expression, from its record, which is checked here once."""
        ring = self.ring
        if function in ("cos", "sin"):
            turn, sign = self.call("turn", argument), 1 if function == "cos" else -1
            half = ring.power(ring.times(ring.integer(2), ring.one if sign == 1 else ring.unit), -1)
            return ring.times(half, ring.plus(turn, ring.conjugate(turn), sign))
        key = function, argument
        if key in self.calls:
            found = self.calls[key]
            if found is None:
                raise Invalid(f"{function} of an expression is defined through itself")
            return found
        record = self.tables[function].get(argument)
        if record is None:
            raise Invalid(f"{function} of an expression without a record")
        self.calls[key] = None
        value = self.evaluate(argument)
        if function == "sqrt":
            self.shown(record, "a square root")
            result = self.evaluate(parse(record))
            known = ring.power(result, 2)
        elif function == "log":
            # times * ln(u) = ln(prod p^k), that is u^times = prod p^k with u > 0.
            times = record.get("times", 1)
            result, known = ring.zero, ring.one
            if times != 1:
                self.shown(record["visible"], "the argument of a logarithm")
                if not ring.same(value, self.evaluate(parse(record["visible"]))):
                    raise Invalid("the argument of a logarithm: two expressions differ")
            parts = [*self.logarithms, *((ring.power(f, -1), e) for e, f in self.exponents)]
            for k, (factor, logarithm) in zip(
                integers(record["powers"], parts), parts, strict=True
            ):
                result = ring.plus(result, ring.times(ring.integer(k), logarithm))
                known = ring.times(known, ring.power(factor, k))
            result = ring.times(result, ring.power(ring.integer(*integers([times], [0])), -1))
            value = ring.power(value, times)
        else:
            result, known = ring.one, ring.zero
            parts = self.exponents if function == "exp" else self.angles
            for k, (part, form) in zip(integers(record, parts), parts, strict=True):
                form = ring.power(form, -k if function == "exp" else k)
                result = ring.times(result, form)
                known = ring.plus(known, ring.times(ring.integer(k), part))
        if not ring.same(known, value):
            raise Invalid(f"a record of {function} says something else than its argument")
        self.calls[key] = result
        return result

    def equal(self, a: Code, b: Code, what: str) -> None:
        if not self.ring.same(self.evaluate(a), self.evaluate(b)):
            raise Invalid(f"{what}: two expressions differ")

    # -- signs ----------------------------------------------------------------------------------

    def visible(self, code: Code) -> bool:
        """Whether the form shows that the value is nonnegative (or infinite) for all variables."""
        stack: list[bool] = []
        for item in code:
            kind = item[0]
            if kind == "name":
                stack.append(item[1] in self.positive)
            elif kind in ("int", "call"):
                stack.append(kind == "int" or item[1] in ("exp", "sqrt"))
            elif kind == "**":
                stack.append(stack.pop() or item[1] % 2 == 0)
            elif kind == "neg":
                stack[-1] = False
            else:
                right, left = stack.pop(), stack.pop()
                stack.append(kind != "-" and left and right)
        return stack == [True]

    def shown(self, text: Any, what: str) -> None:
        code = parse(text)
        if not self.visible(code):
            raise Invalid(f"{what} is not visibly nonnegative")

    # -- the rules ------------------------------------------------------------------------------

    def check(self) -> None:
        data = self.data
        if data["relation"] not in (">=", "=="):
            raise Invalid("an unknown relation")
        if data["rule"] == "spohn":
            from symtherm.derive.replay_spohn import check_spohn

            return check_spohn(self)
        if data["rule"] == "schnakenberg":
            from symtherm.derive.replay_network import check_network

            return check_network(self)
        terms = []
        for term in data["terms"]:
            self.shown(term["factor"], f"the factor {term['factor']}")
            code = parse(term["factor"])
            if "pair" in term:
                # (f(a) - f(b))(a - b) >= 0 because f, exp or ln, is increasing.
                a, b = (parse(t) for t in term["pair"])
                function = term.get("function", "exp")
                if function in ("log", "klein"):
                    self.shown(term["pair"][0], "the argument of a logarithm")
                    self.shown(term["pair"][1], "the argument of a logarithm")
                elif function != "exp":
                    raise Invalid(f"the unknown monotone function {function}")
                named = "exp" if function == "exp" else "log"
                up, low = ((("call", named, x),) for x in (a, b))
                body = total([up, negative(low)])
                if function == "klein":
                    # ln is concave: ln(b/a) <= b/a - 1.
                    body = total([product(a, body), negative(a), b])
                else:
                    body = product(body, total([a, negative(b)]))
                code = product(code, body)
            terms.append(code)
        if data["relation"] == "==" and terms:
            raise Invalid("an equality is certified by no term at all")
        self.equal(self.claim(), total(terms), "the claim")

    def claim(self) -> Code:
        """The claim's left-hand side, a statement about the parameters alone."""
        code = parse(self.data["claim"])
        if not words(code) <= self.data["substitutions"].keys():
            raise Invalid("a claim about something else than the parameters")
        return code


def integers(record: Any, parts: list[Any]) -> list[int]:
    if not isinstance(record, (list, tuple)) or len(record) != len(parts):
        raise Invalid("coordinates of a wrong length")
    if not all(type(k) is int and abs(k) < 10_000 for k in record):
        raise Invalid("a coordinate that is no small integer")
    return list(record)


def replay(proof: Any) -> Replay:
    """Check the certificate of a derivation (or the certificate itself) from its text alone.

    ``log2_error`` bounds the probability, over the checker's own random choices, that a false
    identity passed; it is below -80. Signs are read off the form and have no error.

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
    for _ in range(5):
        try:
            checker = Checker(data)
            checker.check()
        except ZeroDivisionError:
            continue  # a random point on a pole: draw again
        except Invalid as error:
            return Replay(False, str(error), 0.0)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            return Replay(False, f"the certificate is malformed: {error!r}", 0.0)
        bound = log2(checker.ring.error)
        if bound > -80:
            return Replay(False, "the identity is too large for the stated bound", bound)
        return Replay(True, "", bound)
    return Replay(False, "every random point hit a pole", 0.0)
