"""An independent checker of certificates. It shares no code with the prover.

It reads only the certificate: strings of a small grammar, parsed with ``ast`` and never evaluated
as code. Two kinds of things are checked, and never mixed:

* *Signs* are read off the form. A factor counts as nonnegative only if it is written with +, *, /,
  positive numbers, positive variables and even powers. No value is ever sampled for a sign.
* *Identities* (claim = sum of terms, substitutions, steady state, commutators) are evaluated at
  random points modulo a random prime of 128 bits. For an identity between fractions that is false,
  the difference has a nonzero numerator of total degree D and 1-norm at most 2^h; a random point of
  the field hides it with probability at most D/p (Schwartz, J. ACM 27, 701 (1980); Zippel, 1979),
  and a random 128-bit prime divides all its coefficients with probability at most
  (h/127)/2^120. Both are bounded from the text, before evaluating, and their sum is reported.
"""

from __future__ import annotations

import ast
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from math import log2
from typing import Any

__all__ = ["Replay", "replay"]

BITS = 128
Gauss = tuple[int, int]  # a + bi modulo the prime


@dataclass(frozen=True, slots=True)
class Replay:
    """``valid``, the reason when not, and log2 of the bound on a false accept."""

    valid: bool
    reason: str
    log2_error: float


class Invalid(Exception):
    """The certificate fails; the text says where."""


@dataclass(slots=True)
class Size:
    """log2-bounds of an expression num/den: degrees and 1-norms of numerator and denominator."""

    num: int = 0
    den: int = 0
    norm: float = 0.0
    below: float = 0.0


class Checker:
    """One prime, one random point, and the running error bound."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = data
        self.prime = random_prime()
        self.error = 0.0
        self.values: dict[str, Gauss] = {}
        self.sizes: dict[str, Size] = {}
        self.forms: list[tuple[Gauss, Size]] = []
        self.table: dict[str, list[int]] = {}
        self.complex = False  # I is read in entries of operators only
        self.declare()

    # -- declarations ---------------------------------------------------------------------------

    def declare(self) -> None:
        data, p = self.data, self.prime
        base = data["variables"]
        if any(kind not in ("positive", "real") for kind in base.values()):
            raise Invalid("a variable is neither positive nor real")
        taken = [*base, *data["substitutions"], *(r["name"] for r in data["exponents"])]
        if {"I", "exp"} & {*taken, *data["orders"].values()}:
            raise Invalid("a variable called I or exp")
        own = {name: (1 + secrets.randbelow(p - 1), 0) for name in base}
        sizes = {name: Size(num=1) for name in base}
        for name, text in data["substitutions"].items():
            tree = parse(text)
            self.values[name], self.sizes[name] = self.evaluate(tree, own, sizes)
            if text == name:
                continue
            # The symbol itself must be free: it is tied to a slack variable by a declared order,
            # and it must stay positive.
            if not self.visible(tree):
                raise Invalid(f"{name} = {text} is not visibly positive")
        for text, slack in data["orders"].items():
            self.equal(parse(text), parse(slack), {**own, **self.values}, "an order")
            if base.get(slack) != "positive":
                raise Invalid("an order without a positive slack variable")
            if slack in data["substitutions"] or not names(text) <= data["substitutions"].keys():
                raise Invalid("an order that is not between declared symbols")
        # A symbol may be restricted only by a declared order, through that order's own slack.
        slacks = list(data["orders"].values())
        for name, text in data["substitutions"].items():
            own_slack = [s for s in slacks if text != name and s in names(text)]
            if text != name and (not own_slack or name in base):
                raise Invalid(f"{name} is restricted without a declared order")
        bound = [n for n, t in data["substitutions"].items() if t != n]
        if len(bound) != len(slacks) or len(set(slacks)) != len(slacks):
            raise Invalid("a symbol is restricted without a declared order")
        for name, value in own.items():
            self.values.setdefault(name, value)
            self.sizes.setdefault(name, sizes[name])
        for record in data["exponents"]:
            form, y = record["form"], record["name"]
            if form == f"{y}/(1 + {y})":
                # exp(-e) < 1 needs e > 0, which must be visible.
                if not self.visible(parse(record["visible"])):
                    raise Invalid("an exponent is not visibly positive")
                self.equal(parse(record["exponent"]), parse(record["visible"]), None, "an exponent")
            elif form != y:
                raise Invalid("an unknown form of an exponential")
            if base.get(y) != "positive":
                raise Invalid("an exponential without a positive variable")
            self.forms.append(self.evaluate(parse(form)))
        mine = [r["name"] for r in data["exponents"]]
        elsewhere = set(data["substitutions"]) | set(slacks)
        elsewhere |= {n for t in data["substitutions"].values() for n in names(t)}
        if len(set(mine)) != len(mine) or elsewhere & set(mine):
            raise Invalid("an exponential shares its variable")
        for text, powers in data["exponentials"].items():
            if len(powers) != len(self.forms) or not all(isinstance(k, int) for k in powers):
                raise Invalid("coordinates of an exponent")
            combination = " + ".join(
                f"{k}*{clean(r['exponent'])}"
                for k, r in zip(powers, data["exponents"], strict=True)
            )
            self.equal(parse(text), parse(combination or "0"), None, "coordinates of an exponent")
            self.table[ast.dump(parse(text))] = powers

    # -- evaluation -----------------------------------------------------------------------------

    def evaluate(
        self,
        node: ast.expr,
        values: Mapping[str, Gauss] | None = None,
        sizes: Mapping[str, Size] | None = None,
    ) -> tuple[Gauss, Size]:
        values = self.values if values is None else values
        sizes = self.sizes if sizes is None else sizes
        p = self.prime
        if isinstance(node, ast.Constant):
            if type(node.value) is not int:
                raise Invalid("a number that is no integer")
            return (node.value % p, 0), Size(norm=log2(abs(node.value) + 1))
        if isinstance(node, ast.Name):
            if node.id == "I" and self.complex:
                return (0, 1), Size()
            if node.id not in values:
                raise Invalid(f"the undeclared name {node.id}")
            return values[node.id], sizes[node.id]
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            (a, b), size = self.evaluate(node.operand, values, sizes)
            return (-a % p, -b % p), size
        if isinstance(node, ast.BinOp):
            left, s = self.evaluate(node.left, values, sizes)
            if isinstance(node.op, ast.Pow):
                return self.power(left, s, integer(node.right))
            right, t = self.evaluate(node.right, values, sizes)
            if isinstance(node.op, (ast.Add, ast.Sub)):
                return self.plus(left, s, right, t, 1 if isinstance(node.op, ast.Add) else -1)
            if isinstance(node.op, ast.Div):
                right, t = self.power(right, t, -1)
            elif not isinstance(node.op, ast.Mult):
                raise Invalid("an operator outside + - * / **")
            return self.times(left, s, right, t)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and len(node.args) == 1:
            powers = self.table.get(ast.dump(node.args[0]))
            if node.func.id != "exp" or powers is None:
                raise Invalid("a function other than a declared exponential")
            result, size = (1, 0), Size()
            for k, (form, s) in zip(powers, self.forms, strict=True):
                result, size = self.times(result, size, *self.power(form, s, -k))
            return result, size
        raise Invalid(f"the expression {ast.unparse(node)}")

    def plus(self, a: Gauss, s: Size, b: Gauss, t: Size, sign: int = 1) -> tuple[Gauss, Size]:
        p = self.prime
        norm = max(s.norm + t.below, t.norm + s.below) + 1
        degree = max(s.num + t.den, t.num + s.den)
        size = Size(degree, s.den + t.den, norm, s.below + t.below)
        return ((a[0] + sign * b[0]) % p, (a[1] + sign * b[1]) % p), size

    def times(self, a: Gauss, s: Size, b: Gauss, t: Size) -> tuple[Gauss, Size]:
        p = self.prime
        value = ((a[0] * b[0] - a[1] * b[1]) % p, (a[0] * b[1] + a[1] * b[0]) % p)
        return value, Size(s.num + t.num, s.den + t.den, s.norm + t.norm + 1, s.below + t.below + 1)

    def power(self, a: Gauss, s: Size, k: int) -> tuple[Gauss, Size]:
        if k < 0:
            norm = (a[0] * a[0] + a[1] * a[1]) % self.prime
            if not norm:
                raise ZeroDivisionError
            inverse = pow(norm, -1, self.prime)
            a = (a[0] * inverse % self.prime, -a[1] * inverse % self.prime)
            # 1/(u + iv) = (u - iv)/(u^2 + v^2)
            s = Size(s.den + s.num, 2 * s.num, s.below + s.norm, 2 * s.norm + 1)
            k = -k
        result, size = (1, 0), Size()
        for _ in range(k):
            result, size = self.times(result, size, a, s)
        return result, size

    def equal(
        self, a: ast.expr, b: ast.expr, values: Mapping[str, Gauss] | None, what: str
    ) -> None:
        sizes = None if values is None else {n: self.sizes.get(n, Size(num=1)) for n in values}
        left, s = self.evaluate(a, values, sizes)
        right, t = self.evaluate(b, values, sizes)
        self.charge(s, t)
        if left != right:
            raise Invalid(f"{what}: {ast.unparse(a)} differs from {ast.unparse(b)}")

    def charge(self, s: Size, t: Size) -> None:
        """Add the probability that a false identity of these sizes passes."""
        degree = max(s.num + t.den, t.num + s.den) + s.den + t.den
        height = max(s.norm + t.below, t.norm + s.below) + 1
        self.error += (degree + 1) / 2.0 ** (BITS - 1) + (height / (BITS - 1)) / 2.0 ** (BITS - 8)

    # -- signs ----------------------------------------------------------------------------------

    def visible(self, node: ast.expr) -> bool:
        """Whether the form shows that the value is nonnegative (or infinite) for all variables."""
        if isinstance(node, ast.Constant):
            return type(node.value) is int and node.value >= 0
        if isinstance(node, ast.Name):
            return bool(self.data["variables"].get(node.id) == "positive")
        if isinstance(node, ast.BinOp):
            if isinstance(node.op, ast.Pow):
                return integer(node.right) % 2 == 0 or self.visible(node.left)
            if isinstance(node.op, (ast.Add, ast.Mult, ast.Div)):
                return self.visible(node.left) and self.visible(node.right)
        return False

    # -- the rules ------------------------------------------------------------------------------

    def check(self) -> None:
        data = self.data
        if data["relation"] not in (">=", "=="):
            raise Invalid("an unknown relation")
        if data["rule"] == "spohn":
            from symtherm.derive.replay_spohn import check_spohn

            check_spohn(self)
            return
        total = []
        for term in data["terms"]:
            if not self.visible(parse(term["factor"])):
                raise Invalid(f"the factor {term['factor']} is not visibly nonnegative")
            text = clean(term["factor"])
            if "pair" in term:
                # (e^a - e^b)(a - b) >= 0 because exp is increasing.
                a, b = (clean(t) for t in term["pair"])
                text += f"*(exp{a} - exp{b})*({a} - {b})"
            total.append(text)
        if data["relation"] == "==" and total:
            raise Invalid("an equality is certified by no term at all")
        self.equal(parse(data["claim"]), parse(" + ".join(total) or "0"), None, "the claim")


def parse(text: str) -> ast.expr:
    if len(text) > 2_000_000:
        raise Invalid("an expression of more than two million characters")
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise Invalid(f"text that is no expression: {text[:40]!r}") from error


def clean(text: str) -> str:
    """The text of one expression in parentheses of its own, so that it cannot leak into others."""
    return f"({ast.unparse(parse(text))})"


def names(text: str) -> set[str]:
    return {n.id for n in ast.walk(parse(text)) if isinstance(n, ast.Name)}


def integer(node: ast.expr) -> int:
    sign = 1
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        sign, node = -1, node.operand
    if isinstance(node, ast.Constant) and type(node.value) is int and node.value < 10_000:
        return sign * node.value
    raise Invalid("an exponent that is no small integer")


def random_prime() -> int:
    """A random prime of BITS bits by Miller-Rabin with 40 random bases (error below 2^-80)."""
    while True:
        n = secrets.randbits(BITS) | (1 << (BITS - 1)) | 1
        if all(n % q for q in (3, 5, 7, 11, 13, 17, 19, 23) if n != q) and miller_rabin(n):
            return n


def miller_rabin(n: int) -> bool:
    odd, twos = n - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for _ in range(44):
        x = pow(2 + secrets.randbelow(n - 3), odd, n)
        if x in (1, n - 1):
            continue
        for _ in range(twos - 1):
            x = x * x % n
            if x == n - 1:
                break
        else:
            return False
    return True


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
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
            return Replay(False, f"the certificate is malformed: {error!r}", 0.0)
        bound = log2(checker.error) if checker.error else -float(BITS)
        if bound > -80:
            return Replay(False, "the identity is too large for the stated bound", bound)
        return Replay(True, "", bound)
    return Replay(False, "every random point hit a pole", 0.0)
