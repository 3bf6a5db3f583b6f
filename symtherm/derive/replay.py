"""The independent checker of certificates: this file and replay_operators, nothing of the prover.

A certificate is plain data with texts of a small grammar, never evaluated as code. Each is read at
a random point modulo a random prime into a ``Value``: residues for identities, a weight to bound
the chance that a false one passes, and what the form shows of its sign, never sampled. A rule
computes what its theorem says is nonnegative, and that has to be the claim. What the kinds of names
mean (each is declared by those before it), and why every step is sound: docs/certificates.md.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from math import log2
from operator import add, mul, neg, sub, truediv
from secrets import randbelow
from typing import Any

__all__ = ["Replay", "replay"]

DRAWS, STEPS = 1024, 60_000_000  # points; operations modulo p in all draws, about ten seconds
FUNCTIONS = ("exp", "expm1", "log", "sqrt", "cos", "sin")
# What a form shows. SAFE to divide by: zero at most by chance, unless zero in the ring; PLAIN: no
# letters; SOUND: divides by what is safe; REAL: without I; TOLD: of parameters and functions alone.
NONNEGATIVE, SAFE, PLAIN, SOUND, REAL, TOLD = (1 << k for k in range(6))
GOOD, SIGN = SOUND | REAL, NONNEGATIVE | SAFE
RATE = GOOD | NONNEGATIVE
PARAMETERS = {"positive": SIGN | PLAIN | TOLD, "real": SAFE | PLAIN | TOLD}
KINDS = (*PARAMETERS, "assumed", "defined", "root", "exponential", "log", "angle")
Function = Callable[..., Any]
OPERATORS: dict[type, Function] = {ast.Add: add, ast.Sub: sub, ast.Mult: mul, ast.Div: truediv}


class Invalid(Exception):
    """The certificate fails; the text says where."""


class Redraw(Exception):
    """A radicand is no square at the random point, or zero."""


@dataclass(frozen=True, slots=True)
class Replay:
    """``valid``, the reason when not, log2 of the bound on a false accept, and what was checked."""

    valid: bool
    reason: str
    log2_error: float = 0.0
    statement: str = field(default="", repr=False)


def need(condition: object, reason: str) -> None:
    if not condition:
        raise Invalid(reason)


@lru_cache(4096)
def parse(text: str) -> ast.expr:
    """The syntax tree of a text, by Python's parser; ``Checker.value`` has the whitelist."""
    try:
        need(re.fullmatch(r"[\w +*/()-]{1,2000000}", text, re.ASCII), "")
        return ast.parse(text, mode="eval").body
    except (Invalid, SyntaxError, MemoryError, RecursionError):
        raise Invalid(f"no expression: {text[:40]!r}") from None


def source(e: ast.expr, text: str) -> str:
    return text[e.col_offset : e.end_col_offset]


def random_prime() -> int:
    """A prime, 1 modulo 4, in [2^127, 2^128), by Miller and Rabin with an error below 2^-127."""
    while True:
        n = (1 << 127) + 4 * randbelow(1 << 125) + 1
        twos = (n - 1 & 1 - n).bit_length() - 1
        for _ in range(44):
            x = pow(2 + randbelow(n - 3), n >> twos, n)
            if x != 1 and n - 1 not in [pow(x, 1 << k, n) for k in range(twos)]:
                break
        else:
            return n


def square_root(n: int, p: int) -> int:
    """r with r^2 = n: (a + X)^((p-1)/2) modulo X^2 - n is y X = +-X/r for about every other a."""
    if pow(n, p // 2, p) != 1:
        raise Redraw
    x, y = 1, 0
    while x:
        x, y, u, v, k = 1, 0, randbelow(p), 1, p // 2
        while k:
            if k & 1:
                x, y = (x * u + y * v * n) % p, (x * v + y * u) % p
            u, v, k = (u * u + v * v * n) % p, 2 * u * v % p, k // 2
    return pow(y, -1, p)


@dataclass(frozen=True, slots=True)
class Value:
    """Residues, one for every choice of signs of I and the roots; weight; what the form shows."""

    c: Checker
    residues: tuple[int, ...]
    weight: float
    shows: int

    def __add__(self, other: Value) -> Value:
        p, shows = self.c.spend(), self.shows & other.shows & ~SAFE
        positive = shows & NONNEGATIVE and (self.positive() or other.positive())
        shows |= SAFE if shows & PLAIN or positive else 0
        found = tuple([(x + y) % p for x, y in zip(self.residues, other.residues, strict=True)])
        return Value(self.c, found, self.weight + other.weight + 1, shows)

    def __neg__(self) -> Value:
        found = tuple([-x % self.c.p for x in self.residues])
        return Value(self.c, found, self.weight, self.shows & ~NONNEGATIVE)

    def __sub__(self, other: Value) -> Value:
        return self + -other

    def __mul__(self, other: Value) -> Value:
        p, weight = self.c.spend(), self.weight + other.weight
        found = tuple([x * y % p for x, y in zip(self.residues, other.residues, strict=True)])
        return Value(self.c, found, weight, self.shows & other.shows)

    def __truediv__(self, other: Value) -> Value:
        return self * other**-1

    def __pow__(self, k: int) -> Value:
        p, shows = self.c.spend(5 + 3 * abs(k).bit_length()), self.shows
        need(abs(k) < 10_000, "an exponent that is no small integer")
        need(k >= 0 or 0 not in self.residues, "a division by zero")
        shows |= NONNEGATIVE if k % 2 == 0 and shows & REAL else 0
        shows &= ~SOUND if k < 0 and not shows & SAFE else ~0
        weight = abs(k) * self.weight if k else 0.0
        powers = {x: pow(x, k, p) for x in set(self.residues)}
        return Value(self.c, tuple([powers[x] for x in self.residues]), weight, shows)

    def positive(self) -> bool:
        """Whether the form shows that it is, or zero at most by chance."""
        return self.shows & SIGN == SIGN and 0 not in self.residues

    def conjugate(self) -> Value:
        return replace(self, residues=tuple(self.residues[s ^ 1] for s in range(self.c.width)))


class Checker:
    """A random point, what the names are there, and what is bounded: the work and the weights."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data, self.steps, self.weight = data, STEPS, 0.0
        self.width = 2 << sum(record["kind"] == "root" for record in data["names"])
        need(self.width <= 128, "more than 6 square roots")
        tables = data["functions"].items()
        self.records = {f: {source(parse(u), u): r for u, r in t.items()} for f, t in tables}

    def draw(self, p: int) -> None:
        self.p, self.bit = p, 1
        self.spend(100)
        self.known, self.names = dict[str, Value](), dict[str, Value]()
        self.done = dict[tuple[Any, ...], tuple[Value, Any]]()
        self.names["I"] = self.unit = replace(
            self.root(self.integer(-1)), shows=PLAIN | SAFE | SOUND
        )
        self.letters: dict[str, dict[str, tuple[Value, Value]]] = {"turn": {}, "exp": {}}
        self.letters["log"] = self.letters["exp"]
        self.assumptions: list[str] = []
        for record in self.data["names"]:
            self.declare(record["name"], record["kind"], record.get("value", "0"))

    def spend(self, steps: int = 1) -> int:
        self.steps -= steps * (self.width + 30)
        need(self.steps > 0, "more arithmetic than the checker does")
        return self.p

    def integer(self, n: int) -> Value:
        shows = ~0 if n >= 0 else ~NONNEGATIVE
        return Value(self, (n % self.p,) * self.width, log2(abs(n) + 1), shows)

    def root(self, v: Value) -> Value:
        self.spend(100 * len(set(v.residues)))
        found = {x: square_root(x, self.p) for x in set(v.residues)}
        signed = [self.p - found[x] if s & self.bit else found[x] for s, x in enumerate(v.residues)]
        self.bit *= 2
        return Value(self, tuple(signed), v.weight + 1, v.shows)

    def same(self, a: Value, b: Value, what: str) -> None:
        """a = b, or the certificate fails; a false identity of weight w passes with < w 2^-125."""
        self.weight = max(self.weight, a.weight + b.weight + 2)
        need(a.residues == b.residues, f"{what}: two expressions differ")

    def declare(self, name: str, kind: str, text: str) -> None:
        need(isinstance(e := parse(name), ast.Name) and source(e, name) == name, f"{name}: no name")
        need(name not in (*self.names, *FUNCTIONS), f"{name}: a taken name")
        need(kind in KINDS, f"a name of the unknown kind {kind}")
        one, v = self.integer(1), self.read(text, GOOD)
        shows = PARAMETERS.get(kind, SIGN if kind in ("assumed", "exponential") else 0)
        own = Value(self, (1 + randbelow(self.p - 1),) * self.width, 1.0, GOOD | shows)
        if kind in PARAMETERS:
            self.assumptions.append(f"{name} > 0" if kind == "positive" else f"{name} real")
        elif kind == "assumed":
            need(v.shows & TOLD, "an assumption about other than parameters")
            self.assumptions.append(f"{text} > 0")
            own = replace(v, shows=own.shows | v.shows & PLAIN)
        elif kind == "defined":
            own = replace(v, shows=v.shows & ~TOLD)
        elif kind == "root":
            v = self.root(self.read(text, RATE))
            own = replace(v, shows=v.shows & ~TOLD)
        elif kind == "exponential":
            self.letters["exp"][name] = v, one / own
        elif kind == "log":
            need(v.positive(), f"{name}: {text} is not visibly positive")
            self.letters["log"][name] = own, v
        else:
            turned = self.unit * own
            self.letters["turn"][name] = v, (one + turned) / (one - turned)
        self.names[name] = own

    def read(self, text: Any, shows: int = 0) -> Value:
        """The value of a text, whose form has to show as much as asked for."""
        need(isinstance(text, str), "an expression that is no text")
        if text not in self.known:
            self.known[text] = self.value(parse(text), text)
        lacks = shows & ~self.known[text].shows
        need(not lacks & SOUND, f"{text[:80]}: a division by what may be zero everywhere")
        need(not lacks, f"{text[:80]} is not visibly nonnegative, or not real, or may be zero")
        return self.known[text]

    def once(self, f: Function, *operands: Any) -> Value:
        """f of values, numbers and texts; in one draw the same of the same is computed once."""
        key = (f, *[id(x) if isinstance(x, Value) else x for x in operands])
        if key not in self.done:  # the operands are kept, so that their identities stay theirs
            self.done[key] = f(*operands), operands
        return self.done[key][0]

    def value(self, e: ast.expr, text: str) -> Value:
        match e:
            case ast.BinOp(left=a, op=ast.Pow(), right=ast.Constant(value=int(k))):
                return self.once(pow, self.value(a, text), k)
            case ast.BinOp(a, ast.Pow(), ast.UnaryOp(ast.USub(), ast.Constant(value=int(k)))):
                return self.once(pow, self.value(a, text), -k)
            case ast.BinOp(left=a, op=op, right=b) if f := OPERATORS.get(type(op)):
                return self.once(f, self.value(a, text), self.value(b, text))
            case ast.UnaryOp(op=ast.USub(), operand=a):
                return self.once(neg, self.value(a, text))
            case ast.Name(id=name) if name in self.names:
                return self.names[name]
            case ast.Constant(value=n) if type(n) is int:
                return self.once(self.integer, n)
            case ast.Call(func=ast.Name(id=name), args=[u], keywords=[]) if name in FUNCTIONS:
                return self.once(self.call, name, source(u, text), self.value(u, text))
        raise Invalid(f"no expression of known names: {source(e, text)[:40]!r}")

    def call(self, f: str, argument: str, u: Value) -> Value:
        """A function of u, which its record rebuilds; what it shows depends on what u shows."""
        need(u.shows & REAL, f"{f} of what is not real")
        shows, sign = u.shows & (GOOD | TOLD), u.shows & SIGN
        if f in ("cos", "sin"):
            turn, two = self.rebuilt("turn", argument, u), self.integer(2)
            sin = (turn - turn.conjugate()) / (two * self.unit)
            return replace((turn + turn.conjugate()) / two if f == "cos" else sin, shows=shows)
        found = self.rebuilt("exp" if f == "expm1" else f, argument, u)
        if f == "expm1":  # zero where u is
            found = found - self.integer(1)
            shows |= SIGN if u.positive() else sign & NONNEGATIVE
        elif f == "sqrt":
            shows |= NONNEGATIVE | sign | u.shows & PLAIN
        return replace(found, shows=shows | SIGN if f == "exp" else shows)

    def rebuilt(self, f: str, argument: str, u: Value) -> Value:
        """f(u) for exp, log, sqrt or turn(u) = exp(I u): a root, or by letters exp(v) = y."""
        need(argument in self.records[f], f"{f} of {argument[:40]} without a record")
        record, what = self.records[f][argument], f"the record of {f}"
        total, product = self.integer(0), self.integer(1)
        if f == "sqrt":
            product = self.read(record, NONNEGATIVE)
            total = product**2
        else:
            for name, k in record["powers"].items():
                need(type(k) is int and name in self.letters[f], what)
                v, y = self.letters[f][name]
                total, product = total + self.integer(k) * v, product * y**k
        if f == "log":
            n = record.get("times", 1)  # n ln(u) = ln(prod y^k), of a u that is visible
            need(type(n) is int and n > 0, what)
            if n > 1:
                self.same(u, self.read(record["visible"], NONNEGATIVE), what)
            total, product, u = product, total / self.integer(n), u**n
        self.same(total, u, what)
        return product

    def check(self) -> None:
        claim, equality = self.read(self.data["claim"]), self.data["relation"] == "=="
        need(claim.shows & TOLD, "a claim about something else than the parameters")
        from symtherm.derive.replay_operators import RULES

        rule = RULES.get(self.data["rule"], sum_of_terms)
        need(self.data["relation"] == ">=" or equality, "an unknown relation")
        need(not equality or (rule is sum_of_terms and not self.data["terms"]), "no equality")
        self.same(claim, rule(self, self.data), "the claim")


# What is nonnegative for all a, b > 0, with t = ln(a/b).
INEQUALITIES: Mapping[str, Callable[[Value, Value, Value], Value]] = {
    "log": lambda a, b, t: (a - b) * t,  # ln is increasing
    "klein": lambda a, b, t: a * t - a + b,  # ln is concave: ln(b/a) <= b/a - 1
    # tanh(t/2) <= t/2 and t/2 <= sinh(t/2) for t >= 0: the logarithmic mean between two others.
    "arithmetic": lambda a, b, t: (a - b) * ((a + b) * t - (a - b) - (a - b)),
    "geometric": lambda a, b, t: (a - b) * ((a + b) * (a - b) - a * b * (t + t)),
}


def sum_of_terms(c: Checker, data: Any) -> Value:
    """Nonnegative factors, alone or times what an inequality says is nonnegative."""
    total = c.integer(0)
    for term in data["terms"]:
        value = c.read(term["factor"], NONNEGATIVE | (SOUND if "pair" in term else 0))
        if "pair" in term:
            a, b = (c.read(text, RATE) for text in term["pair"])
            t, s = (c.read(f"log({text})") for text in term["pair"])
            need(term["function"] in INEQUALITIES, "an unknown inequality")
            value = value * INEQUALITIES[term["function"]](a, b, t - s)
        total = total + value
    return total


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
        return Replay(False, "there is no certificate")
    try:
        checker, p = Checker(data), 0
        for k in range(DRAWS):
            try:
                p = p if k % 4 else random_prime()
                checker.draw(p)
                checker.check()
                break
            except Redraw:
                continue
        else:
            raise Invalid("a radicand is no square at any random point")
        # A false identity passes at the accepted draw only if it does at one of all draws.
        bound = log2(DRAWS * (2.0**-127 + checker.weight * 2.0**-125))
        need(bound <= -80, "the identity is too large for the stated bound")
    except (Invalid, RecursionError) as error:
        return Replay(False, str(error))
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        return Replay(False, f"the certificate is malformed: {error!r}")
    statement = f"{data['claim']} {data['relation']} 0, if {', '.join(checker.assumptions)}"
    return Replay(True, "", bound, statement)
