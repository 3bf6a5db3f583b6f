"""Entropies in closed form, for states whose connected blocks are at most 2 x 2. In nats.

For a Hermitian block [[a, b], [b*, d]] with t = a + d, R = sqrt((a - d)^2 + 4|b|^2) the
eigenvalues are (t + R)/2 and (t - R)/2, and
ln(block) = (1/2)(ln l_+ + ln l_-) 1 + (ln l_+ - ln l_-)/(2R) (2 block - t 1).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sympy
from sympy import Expr

from symtherm.dynamics.generator import Dissipator, Generator
from symtherm.dynamics.steady import steady_state
from symtherm.errors import NotThermal, OutOfDomain, OutsideClosedForm
from symtherm.exact.alphabet import alphabet
from symtherm.exact.complex import pair
from symtherm.exact.decide import all_zero, is_zero
from symtherm.exact.fraction import Fraction
from symtherm.exact.letters import is_complex
from symtherm.exact.show import shortened
from symtherm.exact.writer import readable
from symtherm.quantum.eigen import connected_blocks, exponential_letters
from symtherm.quantum.operator import Operator
from symtherm.quantum.state import gibbs_state, require_hermitian

__all__ = [
    "clausius_rate",
    "discriminants",
    "logm",
    "real_and_imaginary",
    "reference_state",
    "relative_entropy",
    "require_stationary",
    "spectral_parts",
    "spohn_rate",
    "total_spohn_rate",
    "von_neumann_entropy",
    "without_units",
]

HALF = sympy.Rational(1, 2)


def _blocks(rho: Operator) -> list[list[int]]:
    found = connected_blocks(rho)
    for block in found:
        if len(block) > 2:
            raise OutsideClosedForm(
                "The logarithm of a state",
                found=f"a connected block of {len(block)} levels: "
                + ", ".join(rho.space.levels[i] for i in block),
                advice="certify(decompose(L, rho), at) and symtherm.numeric.entropies give balls",
            )
    return found


def _real(expr: Expr) -> Expr:
    """An exact expression without imaginary part, written short."""
    space = alphabet([expr])
    re, im = pair(space, expr)
    if im:
        raise OutOfDomain(f"The diagonal entry {expr} of a state", found="an imaginary part")
    return readable(space, re)


def _plain(expr: Expr) -> Expr:
    """A diagonal entry; in normal form where the imaginary unit hides in it."""
    return _real(expr) if expr.has(sympy.I) else expr


def _eigen(rho: Operator, block: Sequence[int]) -> tuple[Expr, Expr, Expr, Expr]:
    """(l_+, l_-, t, R) of a 2 x 2 block."""
    i, j = block
    a, d, b = _plain(rho[i, i]), _plain(rho[j, j]), rho[i, j]
    t = a + d
    square = (a - d) ** 2 + 4 * b * sympy.conjugate(b)
    R = _root(square)
    return (t + R) / 2, (t - R) / 2, t, R


def _root(square: Expr) -> Expr:
    """A square root of the discriminant, of either sign: factors p^(2k) leave it as p^k, not |p|^k.

    Everything made of the two eigenvalues is symmetric in them, so no sign needs to be declared.
    sqrt(n/d) = sqrt(n d)/d. What is written in plain exponentials, such as e^{-t} rather than
    1/(e^t - 1), stays so: it has no poles.
    """
    below = (p.base for p in square.atoms(sympy.Pow) if p.exp.is_negative and p.base.is_Add)
    if square.has(sympy.exp) and not any(base.has(sympy.exp) for base in below):
        plain, named = exponential_letters(square)
        return _letters_root(plain).xreplace(named)
    return _letters_root(square)


def _letters_root(square: Expr) -> Expr:
    space = alphabet([square])
    value = pair(space, square)[0]
    if not value:
        return sympy.Integer(0)
    one = space.base.constant(1)
    outside, inside = one, one
    content, factors = (value.num * value.den).factor()
    for factor, power in factors:
        outside = outside * factor ** (int(power) // 2)
        inside = inside * factor ** (int(power) % 2)
    number = space.poly_expr(inside * content)
    return readable(space, Fraction(space.base, outside, value.den)) * sympy.sqrt(number)


def von_neumann_entropy(rho: Operator) -> Expr:
    """S(rho) = -Tr rho ln rho, in nats; 0 ln 0 = 0.

    >>> from symtherm import Operator, parameters, sigmaz
    >>> p = parameters("p")
    >>> von_neumann_entropy(Operator.of(sigmaz().space, {(0, 0): p, (1, 1): 1 - p}))
    -p*log(p) - (1 - p)*log(1 - p)

    Raises NotHermitian, and OutsideClosedForm for connected blocks larger than 2 x 2.
    """
    require_hermitian(rho, "A density operator")
    total: Expr = sympy.Integer(0)
    for block in _blocks(rho):
        eigenvalues = (
            [_plain(rho[block[0], block[0]])] if len(block) == 1 else list(_eigen(rho, block)[:2])
        )
        for value in eigenvalues:
            if value != 0 and is_zero(value) is not True:
                total = total - value * sympy.log(value)
    return total


def spectral_parts(rho: Operator) -> list[tuple[Expr, Operator]]:
    """Eigenvalues and orthogonal projectors of a state with connected blocks up to 2 x 2.

    On a block with eigenvalues (t + R)/2 and (t - R)/2 the projectors are (1 + (2 rho - t)/R)/2 and
    (1 - (2 rho - t)/R)/2. Raises OutsideClosedForm for larger blocks.
    """
    require_hermitian(rho, "A density operator")
    found: list[tuple[Expr, Operator]] = []
    one = sympy.Integer(1)
    for block in _blocks(rho):
        if len(block) == 1:
            (i,) = block
            found.append((_plain(rho[i, i]), Operator.of(rho.space, {(i, i): one})))
            continue
        plus, minus, t, R = _eigen(rho, block)
        for value, sign in ((plus, 1), (minus, -1)):
            entries = {
                (i, j): (int(i == j) + sign * (2 * rho[i, j] - int(i == j) * t) / R) / 2
                for i in block
                for j in block
            }
            found.append((value, Operator.of(rho.space, entries)))
    return found


def discriminants(rho: Operator) -> list[tuple[Expr, ...]]:
    """(a - d, 2 Re b, 2 Im b) of every block [[a, b], [b*, d]]: their squares add up to R^2.

    >>> from symtherm import sigmax
    >>> discriminants(sigmax())
    [(0, 2, 0)]
    """
    found = []
    for block in _blocks(rho):
        if len(block) == 2:
            i, j = block
            b = rho[i, j]
            re, im = pair(space := alphabet([b]), b)
            parts = (2 * readable(space, re), 2 * readable(space, im))
            found.append((_plain(rho[i, i]) - _plain(rho[j, j]), *parts))
    return found


def logm(rho: Operator) -> Operator:
    """ln(rho) on connected blocks up to 2 x 2; raises OutOfDomain when rho is not of full rank."""
    require_hermitian(rho, "A density operator")
    entries: dict[tuple[int, int], Expr] = {}
    for block in _blocks(rho):
        if len(block) == 1:
            (i,) = block
            if is_zero(rho[i, i]) is True:
                raise OutOfDomain(
                    "The logarithm of a state without full rank",
                    found=f"no weight on {rho.space.levels[i]}",
                )
            entries[i, i] = sympy.log(_plain(rho[i, i]))
            continue
        plus, minus, t, R = _eigen(rho, block)
        if is_zero(minus) is True:
            raise OutOfDomain("The logarithm of a state without full rank")
        mean = (sympy.log(plus) + sympy.log(minus)) / 2
        slope = (sympy.log(plus) - sympy.log(minus)) / (2 * R)
        for i in block:
            for j in block:
                identity = mean - slope * t if i == j else sympy.Integer(0)
                entries[i, j] = identity + 2 * slope * rho[i, j]
    return Operator.of(rho.space, entries)


def _short(expr: Expr) -> Expr:
    space = alphabet([expr])
    re, im = pair(space, expr)
    return readable(space, re) + sympy.I * readable(space, im)


def _kernel(sigma: Operator) -> Operator:
    """The projector onto the eigenvalue 0: on a 2 x 2 block of trace t and rank 1, 1 - sigma/t."""
    entries: dict[tuple[int, int], Expr] = {}
    for block in _blocks(sigma):
        if len(block) == 1:
            (i,) = block
            if is_zero(sigma[i, i]) is True:
                entries[i, i] = sympy.Integer(1)
            continue
        i, j = block
        if is_zero(sigma[i, i] * sigma[j, j] - sigma[i, j] * sigma[j, i]) is True:
            t = sigma[i, i] + sigma[j, j]
            entries |= {(a, b): int(a == b) - sigma[a, b] / t for a in block for b in block}
    return Operator.of(sigma.space, entries)


def relative_entropy(rho: Operator, sigma: Operator) -> Expr:
    """S(rho||sigma) = Tr rho (ln rho - ln sigma) >= 0, in nats; oo when rho leaves sigma's support.

    >>> from symtherm import Operator, ket2dm, sigmaz
    >>> half = sigmaz() * sigmaz() / 2
    >>> relative_entropy(ket2dm(half.space.ket("e")), half)
    log(2)
    >>> relative_entropy(half, ket2dm((half.space.ket("e") + half.space.ket("g")) / sympy.sqrt(2)))
    oo

    Raises NotHermitian, and OutsideClosedForm for connected blocks larger than 2 x 2.
    """
    for state in (rho, sigma):
        require_hermitian(state, "A density operator")
    kernel = _kernel(sigma)
    if kernel.data:
        if not all_zero((kernel * rho).entries.values()):
            return sympy.oo
        # Outside the support of rho, where it does not count, sigma may have any eigenvalue.
        sigma = (sigma + kernel).apply(lambda e: e if e.is_Rational else _short(e))
    logarithm = logm(sigma)
    product: Operator = rho * logarithm
    return -von_neumann_entropy(rho) - without_units(product.tr())


def spohn_rate(part: Dissipator | Generator, rho: Operator, pi: Operator) -> Expr:
    """-Tr[L(rho)(ln rho - ln pi)] >= 0 for pi stationary under ``part`` and of full rank.

    Source: Spohn, J. Math. Phys. 19, 1227 (1978). Raises NotThermal when ``part`` does not leave
    pi stationary, and OutOfDomain when a state lacks full rank.
    """
    change = part(rho)
    require_stationary(part, pi)
    product: Operator = change * (logm(rho) - logm(pi))
    return without_units(-product.tr())


def require_stationary(part: Dissipator | Generator, pi: Operator) -> None:
    """Raises NotThermal unless L(pi) = 0, decided in normal form."""
    residual = part(pi)
    for i, j, v in residual.data:
        if is_zero(v) is not True:
            raise NotThermal(
                "Spohn's inequality needs a stationary reference state",
                found=f"<{pi.space.levels[i]}|L(pi)|{pi.space.levels[j]}> = "
                f"{shortened(str(v), 120)} is not zero",
                advice="of a bath: give the energy that its jumps move by their own frequency, "
                "H_S without its Lamb shift, the bare H_0 of a driven system",
            )


def without_units(total: Expr) -> Expr:
    """The trace of a product of two Hermitian operators, without the imaginary units that cancel.

    Read as a + I b by the rules of sums, products, powers and phases, where all letters are real so
    are a and b, and the trace being real, it is a. With complex letters it is multiplied out.

    >>> x, y = sympy.symbols("x y", real=True)
    >>> without_units((x + sympy.I * y) ** 2 / 2 + (x - sympy.I * y) ** 2 / 2)
    x**2 - y**2
    """
    if not total.has(sympy.I):
        return total
    parts = None if is_complex(total) else real_and_imaginary(total)
    if parts is not None:
        return parts[0]
    # The arguments of logarithms stay as they are: they are known as eigenvalues.
    letters = {log: sympy.Dummy(real=True) for log in total.atoms(sympy.log)}
    back = {letter: log for log, letter in letters.items()}
    return sympy.expand(total.xreplace(letters)).xreplace(back)


def real_and_imaginary(expr: Expr) -> tuple[Expr, Expr] | None:
    """(a, b) with expr = a + I b for real letters, nothing multiplied out; None if not seen.

    >>> x, y = sympy.symbols("x y", real=True)
    >>> real_and_imaginary((x + sympy.I) * sympy.exp(sympy.I * y))
    (x*cos(y) - sin(y), x*sin(y) + cos(y))
    """
    zero, one = sympy.Integer(0), sympy.Integer(1)
    if not expr.has(sympy.I):
        return expr, zero
    if expr is sympy.I:
        return zero, one
    if isinstance(expr, sympy.conjugate):
        inner = real_and_imaginary(expr.args[0])
        return None if inner is None else (inner[0], -inner[1])
    if isinstance(expr, sympy.exp):
        inner = real_and_imaginary(expr.args[0])
        if inner is None:
            return None
        size, angle = sympy.exp(inner[0]), inner[1]
        return size * sympy.cos(angle), size * sympy.sin(angle)
    if expr.is_Pow and expr.exp.is_Integer:
        found = real_and_imaginary(expr.base)
        if found is None:
            return None
        if expr.exp < 0:
            norm = found[0] ** 2 + found[1] ** 2
            found = (found[0] / norm, -found[1] / norm)
        factors = [found] * abs(int(expr.exp))
    elif expr.is_Add or expr.is_Mul:
        factors = []
        for argument in expr.args:
            part = real_and_imaginary(argument)
            if part is None:
                return None
            factors.append(part)
        if expr.is_Add:
            return sympy.Add(*(a for a, _ in factors)), sympy.Add(*(b for _, b in factors))
    else:
        return None
    re, im = one, zero
    for a, b in factors:
        re, im = re * a - im * b, re * b + im * a
    return re, im


def reference_state(
    dissipator: Dissipator, energy: Operator, number: Operator | None = None
) -> Operator:
    """The stationary state pi_a that Spohn's rate of one dissipator refers to.

    exp(-(E - mu_a N)/T_a)/Z for a bath; without a temperature 1/d where that is stationary (such as
    dephasing), otherwise the unique stationary state of the dissipator alone (a squeezed bath).
    Raises NotUnique when there are several.
    """
    space = energy.space
    if dissipator.bath is None:
        d = sympy.Integer(space.dim)
        mixed = Operator.of(space, {(i, i): 1 / d for i in range(space.dim)})
        if all_zero(dissipator(mixed).entries.values()):
            return mixed
        return steady_state(Generator(0 * energy, (dissipator,))).rho
    shifted = energy if number is None else energy - dissipator.bath.mu * number
    return gibbs_state(shifted, dissipator.bath.T)


def total_spohn_rate(
    generator: Generator, rho: Operator, energy: Operator, number: Operator | None = None
) -> Expr:
    """sum_a -Tr[D_a(rho)(ln rho - ln pi_a)] over all dissipators, each with its reference state."""
    return sympy.Add(
        *(spohn_rate(d, rho, reference_state(d, energy, number)) for d in generator.dissipators)
    )


def clausius_rate(
    generator: Generator,
    rho: Operator,
    energy: Operator,
    number: Operator | None = None,
    *,
    temperatures: Mapping[str, Expr] | None = None,
) -> Expr:
    """dS/dt - sum_a J_a/T_a, with dS/dt = -Tr[L(rho) ln rho] and the heats J_a into the system.

    ``temperatures`` adds dissipators that are no thermal baths, by label; for those the expression
    is no second law (a squeezed bath at T makes it negative).
    """
    from symtherm.thermo.currents import heat_current

    product: Operator = generator(rho) * logm(rho)
    total = -product.tr()
    for bath in generator.baths:
        total = total - heat_current(generator, rho, bath.label, energy, number) / bath.T
    for label, T in (temperatures or {}).items():
        total = total - heat_current(generator, rho, label, energy, number) / T
    return without_units(total)
