r"""Closed forms rewritten for digits, before any code is made.

With u an exponent omega/T, n = 1/(e^u - 1), f = 1/(e^u + 1) and x = e^-u:

1. Occupations are atoms, computed from expm1 of u in doubled precision
   (:mod:`symtherm.numeric.pairs`).
2. A sum that cancels. With n = x/(1 - x), n + 1 = 1/(1 - x) and f = x/(1 + x), 1 - f = 1/(1 + x), a
   polynomial S of degree d_i in each occupation is one in the x_i over prod (1 -+ x_i)^d_i.
   If that has two terms, of opposite coefficients, S = c (P - Q) with products P, Q of occupations
   n, n + 1, f, 1 - f, and P/Q = e^A for a sum A of exponents, so

       P - Q = sign(A) max(P, Q) (-expm1(-|A|)),

   which loses nothing near A = 0. Examples: n_h - n_c = n_h (n_c + 1) - n_c (n_h + 1), f_l - f_r,
   n_c n_h - n_r (n_c + n_h + 1), 1 - 2 f, e^u - e^v. If it has one term, S is a product: 1 - f.
   Terms with different other factors (rates) are different forces, and S is their sum: the
   current of one bath of several. It loses digits only where the forces cancel one another.
3. A affine combination of exponents is computed in doubled precision and rounded once.
4. A product (P - Q) A, the entropy production of a cycle, is max(P, Q) (-expm1(-|A|)) |A| >= 0 in
   floating point as on paper.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sympy

from symtherm.exact.plan import walk
from symtherm.numeric.pairs import is_arithmetic

__all__ = [
    "Arithmetic",
    "Clamped",
    "Force",
    "GuardedLog",
    "Inverse",
    "Occupation",
    "Rewriter",
    "Work",
]

LONG = 300  # operations of a sum of forces beyond which it is left alone
LARGE = 60  # operations of a sum beyond which no cancellation is looked for

_ONE = sympy.Integer(1)


@dataclass(frozen=True, slots=True)
class Occupation:
    """bose n(u), fermi f(u), hole 1 - f(u), exp e^u, expm1 e^u - 1."""

    kind: str
    exponent: Any


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """A sum of rational functions of the parameters, which may cancel."""

    expr: Any


class Force(sympy.Function):  # type: ignore[misc]
    """Force(P, Q, A) = P - Q of positive P, Q with P/Q = e^A."""

    nargs = 3


class Work(sympy.Function):  # type: ignore[misc]
    """Work(P, Q, A) = (P - Q) A >= 0 of positive P, Q with P/Q = e^A."""

    nargs = 3


class Inverse(sympy.Function):  # type: ignore[misc]
    """Inverse(y) = 1/y for y >= 0, finite at 0: x Inverse(y) is 0 where 0 <= x <= y = 0.

    Rates that underflow to 0, such as absorption far below the gap, so leave shares x/y of them 0.
    """

    nargs = 1


class Clamped(sympy.Function):  # type: ignore[misc]
    """Clamped(x) = max(x, 0) of what is proved nonnegative, so that only rounding is removed."""

    nargs = 1


class GuardedLog(sympy.Function):  # type: ignore[misc]
    """GuardedLog(x) = ln x of a factor of a product, finite at 0, so that 0 ln 0 is 0."""

    nargs = 1


class Rewriter:
    """Rewrites expressions; ``recipes`` says what its new symbols mean, in order of use."""

    def __init__(self, parameters: Iterable[Any]) -> None:
        self.parameters = frozenset(parameters)
        self.recipes: dict[Any, Any] = {}
        self.known: dict[Any, Any] = {}
        self.symbols: dict[Any, Any] = {}  # definitions that are a single new symbol
        self.explicit: dict[Any, Any] = {}  # arithmetic definitions in the parameters alone

    def define(self, symbol: Any, expr: Any) -> Any | None:
        """The rewritten definition; None when the symbol became another one."""
        plain = expr.xreplace(self.explicit)
        if self._is_plain(plain) and plain.count_ops() < LARGE:
            self.explicit[symbol] = plain
        new = self.rewritten([expr])[0]
        if new in self.recipes:
            self.symbols[symbol] = new
            return None
        return new

    def rewritten(self, exprs: list[Any]) -> list[Any]:
        return walk(exprs, self._visit)

    def _new(self, recipe: Any) -> Any:
        symbol = self.known.get(recipe)
        if symbol is None:
            # No name of a user's starts with a blank; names rather than dummies, so that the
            # order of terms, hence every rounding, is the same in every process.
            name = f" {type(recipe).__name__.lower()}{len(self.recipes)}"
            positive = isinstance(recipe, Occupation) and recipe.kind != "expm1"
            symbol = sympy.Symbol(name, positive=True) if positive else sympy.Symbol(name)
            self.known[recipe] = symbol
            self.recipes[symbol] = recipe
        return symbol

    def occupation(self, kind: str, exponent: Any) -> Any:
        return self._new(Occupation(kind, exponent))

    def _visit(self, node: Any, done: list[Any]) -> Any:
        if not done:
            return self.symbols.get(node, node)
        if node.func is sympy.exp:
            u = self._exponent(node)
            return node.func(*done) if u is None else self.occupation("exp", u)
        if node.is_Pow and node.exp.is_Integer and node.exp < 0:
            found = self._occupied(node.base)
            if found is not None:
                return found ** (-node.exp)
        if node.is_Add:
            shifted = self._shifted(node)
            if shifted is not None and shifted[1] == -1:
                scale, _, u = shifted
                return scale * self.occupation("expm1", u)
        if node.func is Force:
            P, Q, _ = done
            A = node.args[2].xreplace(self.explicit)
            symbol = self.affinity(A)
            return Force(P, Q, symbol) if symbol.is_Symbol else -Force(Q, P, -symbol)
        new = node if tuple(done) == node.args else node.func(*done)
        if new.is_Add:
            return self._sum(new)
        return self._product(new) if new.is_Mul else new

    # --- occupations

    def _exponent(self, node: Any) -> Any | None:
        """u of exp(u) in the parameters alone, if it is arithmetic."""
        u = node.args[0].xreplace(self.explicit)
        return u if u.free_symbols and self._is_plain(u) else None

    def _is_plain(self, expr: Any) -> bool:
        """Arithmetic in the parameters alone."""
        return expr.free_symbols <= self.parameters and is_arithmetic(expr)

    def _shifted(self, node: Any) -> tuple[Any, int, Any] | None:
        """(c, s, u) if the node is c (e^u + s) with s = +1 or -1."""
        if not node.is_Add or len(node.args) != 2:
            return None
        for constant, other in (node.args, node.args[::-1]):
            scale, rest = other.as_coeff_Mul()
            if rest.func is sympy.exp and constant.is_Rational and abs(constant) == abs(scale):
                u = self._exponent(rest)
                return None if u is None else (scale, 1 if constant == scale else -1, u)
        return None

    def _occupied(self, base: Any) -> Any | None:
        """1/base as an occupation."""
        shifted = self._shifted(base)
        if shifted is None:
            return None
        scale, sign, u = shifted
        if u.could_extract_minus_sign():
            # 1/(e^-v - 1) = -(n(v) + 1), 1/(e^-v + 1) = 1 - f(v)
            value = -(self.occupation("bose", -u) + 1) if sign < 0 else self.occupation("hole", -u)
        else:
            value = self.occupation("bose" if sign < 0 else "fermi", u)
        return value / scale

    # --- sums

    def _sum(self, node: Any) -> Any:
        hyperbolic = sorted(node.atoms(sympy.tanh, sympy.coth), key=str)
        if hyperbolic and node.count_ops() <= LARGE:
            table = {h: self._as_occupation(h) for h in hyperbolic}
            found = None if None in table.values() else self._forces(node.xreplace(table))
            if found is not None:
                return found
        occupied = [s for s in node.free_symbols if isinstance(self.recipes.get(s), Occupation)]
        forces = sorted(node.atoms(Force), key=str)
        if forces:
            return self._works(node, forces)
        if not _may_cancel(node) or node.count_ops() > LARGE:
            return node
        if not occupied:
            return self._arithmetic(node)
        found = self._forces(node)
        return node if found is None else found

    def _as_occupation(self, node: Any) -> Any | None:
        """tanh v = 1 - 2 f(2 v) and coth v = 1 + 2 n(2 v), so that their differences are forces."""
        u = 2 * node.args[0].xreplace(self.explicit)
        if not self._is_plain(u) or u.could_extract_minus_sign():
            return None
        if node.func is sympy.tanh:
            return 1 - 2 * self.occupation("fermi", u)
        return 1 + 2 * self.occupation("bose", u)

    def _arithmetic(self, node: Any) -> Any:
        inner = {s: r.expr for s, r in self.recipes.items() if isinstance(r, Arithmetic)}
        plain = node.xreplace(self.explicit).xreplace(inner)
        if not self._is_plain(plain):
            return node
        if len(plain.args) == 2 and all(_is_exact(arg) for arg in plain.args):
            return node  # one rounding already
        return self.affinity(plain)

    def affinity(self, expr: Any) -> Any:
        """The symbol of a sum, or minus that of its negative."""
        mirrored = self.known.get(Arithmetic(-expr))
        return self._new(Arithmetic(expr)) if mirrored is None else -mirrored

    def _forces(self, node: Any) -> Any | None:
        """The sum as a sum of forces, one for each product of what is no occupation.

        None unless every group of terms that share such a product is a force or a product.
        """
        table = {}
        for s in sorted(node.free_symbols, key=str):
            recipe = self.recipes.get(s)
            if isinstance(recipe, Occupation) and recipe.kind == "hole":
                table[s] = 1 - self.occupation("fermi", recipe.exponent)
            elif isinstance(recipe, Occupation) and recipe.kind == "expm1":
                table[s] = self.occupation("exp", recipe.exponent) - 1
        plain = node.xreplace(table)
        gens = sorted(plain.free_symbols, key=str)
        if not plain.is_polynomial(*gens):
            return None
        poly = sympy.Poly(plain, *gens)
        places = [k for k, g in enumerate(gens) if isinstance(self.recipes.get(g), Occupation)]
        groups: dict[tuple[int, ...], dict[tuple[int, ...], Any]] = {}
        for powers, coefficient in poly.terms():
            inside = tuple(powers[k] for k in places)
            outside = tuple(0 if k in places else p for k, p in enumerate(powers))
            groups.setdefault(outside, {})[inside] = coefficient
        letters = [gens[k] for k in places]
        total = []
        for outside, terms in groups.items():
            found = self._binomial(letters, terms)
            if found is None:
                return None
            total.append(sympy.Mul(*(g**p for g, p in zip(gens, outside, strict=True)), found))
        return sympy.Add(*total)

    def _binomial(self, gens: list[Any], terms: dict[tuple[int, ...], Any]) -> Any | None:
        """A polynomial in occupations that is a force or a product; None for any other."""
        kinds = [self.recipes[g] for g in gens]
        degrees = [max(powers[k] for powers in terms) for k in range(len(gens))]
        left: dict[tuple[int, ...], Any] = {}
        for powers, coefficient in terms.items():
            part = {powers: coefficient}
            for k, kind in enumerate(kinds):
                if kind.kind == "exp":
                    continue
                sign = -1 if kind.kind == "bose" else 1
                rest = degrees[k] - powers[k]
                grown: dict[tuple[int, ...], Any] = {}
                for p, c in part.items():
                    for j in range(rest + 1):
                        q = (*p[:k], p[k] + j, *p[k + 1 :])
                        step = c * sympy.binomial(rest, j) * sign**j
                        grown[q] = grown.get(q, sympy.Integer(0)) + step
                part = grown
            for p, c in part.items():
                left[p] = left.get(p, sympy.Integer(0)) + c
        found = [(p, c) for p, c in left.items() if c != 0]
        if len(found) == 1:
            ((powers, c),) = found
            return c * self._monomial(gens, powers, degrees)
        if len(found) != 2 or found[0][1] != -found[1][1]:
            return None
        (a, c), (b, _) = found
        if c < 0:
            a, b, c = b, a, -c
        # P/Q = prod x_k^(a_k - b_k), so A = sum of (b_k - a_k) u_k; e^u counts the other way.
        A = sympy.Add(
            *(
                (a[k] - b[k] if kind.kind == "exp" else b[k] - a[k]) * kind.exponent
                for k, kind in enumerate(kinds)
            )
        )
        if A == 0:
            return sympy.Integer(0)
        symbol = self.affinity(A)
        if not symbol.is_Symbol:
            a, b, c, symbol = b, a, -c, -symbol
        P, Q = self._monomial(gens, a, degrees), self._monomial(gens, b, degrees)
        return c * Force(P, Q, symbol)

    def _monomial(self, gens: list[Any], powers: Any, degrees: list[int]) -> Any:
        """prod x_k^a_k / (1 -+ x_k)^d_k as a product of occupations."""
        factors = []
        for gen, power, degree in zip(gens, powers, degrees, strict=True):
            recipe = self.recipes[gen]
            if recipe.kind == "exp":
                factors.append(gen**power)
                continue
            other = gen + 1 if recipe.kind == "bose" else self.occupation("hole", recipe.exponent)
            factors += [gen**power, other ** (degree - power)]
        return sympy.Mul(*factors)

    def _works(self, node: Any, forces: list[Any]) -> Any:
        """A sum of forces times affinities, such as the entropy production of several baths.

        sum_ab J_ab/T_b is regrouped by the forces that the antisymmetric J_ab contain; where every
        coefficient is a product times the force's affinity, all terms are nonnegative.
        """
        names = {force: sympy.Symbol(f" force{k}") for k, force in enumerate(forces)}
        plain = node.xreplace(names)
        if plain.has(Force, Work) or plain.count_ops() > LONG:
            return node
        left, terms = sympy.expand(plain), []
        for force, name in names.items():
            part = left.coeff(name)
            left = sympy.expand(left - part * name)
            ratio = self._ratio(part, force.args[2])
            if ratio is None:
                return node
            terms.append(ratio * Work(*force.args))
        if any(not a.is_positive for a in left.free_symbols) or _may_cancel(left):
            return node  # what is left must be visibly nonnegative, such as the work of a drive
        return sympy.Add(left, *terms)

    # --- products

    def _product(self, node: Any) -> Any:
        node = _guarded(self._opened(node))
        args = sympy.Mul.make_args(node)
        for force in (a for a in args if a.func is Force):
            for other in (a for a in args if self._is(a, Arithmetic)):
                ratio = self._ratio(other, force.args[2])
                if ratio is not None:
                    rest = [a for a in args if a not in (force, other)]
                    return sympy.Mul(ratio, Work(*force.args), *rest)
        return node

    def _ratio(self, numerator: Any, denominator: Any) -> Any | None:
        """The quotient of two sums if it is a product of powers and of positive sums."""
        if numerator in (denominator, -denominator):
            return numerator / denominator
        table = {s: r.expr for s, r in self.recipes.items() if isinstance(r, Arithmetic)}
        ratio = sympy.cancel(numerator.xreplace(table) / denominator.xreplace(table))
        factors = sympy.Mul.make_args(ratio)
        sums = [b for b in (f.as_base_exp()[0] for f in factors) if b.is_Add]
        return None if any(map(_may_cancel, sums)) else ratio

    def _is(self, node: Any, kind: type) -> bool:
        return isinstance(self.recipes.get(node), kind)

    def _opened(self, node: Any) -> Any:
        """e^u n(u) = n(u) + 1, e^u f(u) = 1 - f(u), e^-u (1 - f(u)) = f(u)."""
        args = list(sympy.Mul.make_args(node))
        for e in [a for a in args if self._is(a, Occupation) and self.recipes[a].kind == "exp"]:
            u = self.recipes[e].exponent
            for kind, of, make in (
                ("bose", u, self.occupation("bose", u) + 1),
                ("fermi", u, self.occupation("hole", u)),
                ("hole", -u, self.occupation("fermi", -u)),
            ):
                other = self.known.get(Occupation(kind, of))
                if other in args and e in args:
                    args.remove(e)
                    args[args.index(other)] = make
            plus = self.known.get(Occupation("bose", -u))
            if plus is not None and e in args and plus + 1 in args:
                args.remove(e)
                args[args.index(plus + 1)] = plus
        return sympy.Mul(*args)


def _guarded(node: Any) -> Any:
    """x ln x, and a product with ln y whose other factors vanish wherever y does, with 0 ln 0 = 0.

    >>> x, y = sympy.symbols("x y", positive=True)
    >>> _guarded(x * sympy.log(x / y) / y), _guarded(y * sympy.log(x))
    (x*GuardedLog(x/y)/y, y*log(x))
    """
    args = sympy.Mul.make_args(node)
    others = {base for base, power in (a.as_base_exp() for a in args) if power.is_positive}
    table = {}
    for log in (a for a in args if a.func is sympy.log):
        powers = [f.as_base_exp() for f in sympy.Mul.make_args(log.args[0])]
        vanishing = {base for base, power in powers if power.is_positive and not base.is_number}
        if vanishing and vanishing <= others:
            table[log] = GuardedLog(*log.args)
    return sympy.Mul(*(table.get(a, a) for a in args)) if table else node


def _is_exact(term: Any) -> bool:
    """A parameter, a rational, or minus one: no rounding before the sum."""
    return bool(term.is_Rational or term.is_Symbol or (-term).is_Symbol)


def _may_cancel(node: Any) -> bool:
    signs = set()
    for arg in node.args:
        if any(not s.is_positive for s in arg.free_symbols):
            return True
        signs.add(arg.could_extract_minus_sign())
    return len(signs) > 1 or any(
        sub.is_Add and _may_cancel(sub) for arg in node.args for sub in arg.args
    )
