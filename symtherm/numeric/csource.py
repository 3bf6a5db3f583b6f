"""A tape as C: one loop over the points, IEEE arithmetic, vectorised by the compiler.

The code is made of the instructions of a tape, so no text of a user's gets into it. ``mulerr``,
``residual`` and a sum with a product that is used nowhere else are one fused multiply-add. ``exp``
and ``expm1`` are branch-free so that the loop vectorises:

    k = round(u/ln 2), r = u - k ln 2 in two parts (Cody and Waite), |r| <= 0.3466;
    e^r - 1 = r + r^2 (1/2 + r p(r)), p of degree 9 by Chebyshev, off by 2^-58.4 relative at most;
    e^u = 2 (2^(k-1) + 2^(k-1) (e^r - 1)), e^u - 1 = 2 (2^(k-1) (e^r - 1) + (2^(k-1) - 1/2)).

The factor 2 at the end lets 2^(k-1) be a number up to u = 709.78. A low half of u is added to r.
Other functions are those of the C library; a loop with one of them is not vectorised.

Two vectors of points are computed side by side, statement by statement: where an elimination is one
long chain of dependent operations, the processor has the other chain to work on meanwhile.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from symtherm.errors import OutsideClosedForm
from symtherm.numeric.halves import COEFFICIENTS, LEAST, MOST, constants
from symtherm.numeric.signs import signs
from symtherm.numeric.tape import Instruction

__all__ = ["BLOCK", "c_source"]

BLOCK = 512  # points for which a value that does not vary is spread out
LANES, SIDE = 8, 2  # points of a vector, and vectors side by side
LONG = 400  # instructions beyond which there is one vector: twice the code compiles twice as long

_FORMS = {
    "add": "{0} + {1}", "sub": "{0} - {1}", "mul": "{0} * {1}", "div": "{0} / {1}",
    "max": "larger({0}, {1})", "min": "-larger(-{0}, -{1})", "neg": "-{0}",
    "abs": "__builtin_fabs({0})", "sqrt": "__builtin_sqrt({0})",
    "copysign": "__builtin_copysign({0}, {1})", "mulerr": "__builtin_fma({0}, {1}, -({0} * {1}))",
    "residual": "__builtin_fma(-({1}), {2}, {0})",
    "exp_low": "exp_low_({0}, {1}, {2}, 0.0)", "expm1_low": "exp_low_({0}, {1}, {2}, 1.0)",
    "pick": "({0} >= {1} ? {2} : {3})",
    "exp": "exp_({0})", "expm1": "", "log": "log({0})", "log1p": "log1p({0})",
    "log1pexp": "log1pexp({0})", "pow": "pow({0}, {1})",
    **{name: name + "({0})" for name in ("tanh", "cosh", "sinh", "atanh", "acosh", "asinh",
                                         "sin", "cos")},
}  # fmt: skip

_COEFFICIENTS = [
    "0.5", "0x1.5555555555556p-3", "0x1.5555555555555p-5", "0x1.11111111109b5p-7",
    "0x1.6c16c16c167e2p-10", "0x1.a01a01a7c2efep-13", "0x1.a01a01a47a591p-16",
    "0x1.71de0db2f6b19p-19", "0x1.27e4e1f7222cbp-22", "0x1.af389ecfc4bb6p-26",
    "0x1.1f66d948a47e2p-29",
]  # fmt: skip


def _polynomial() -> str:
    text = _COEFFICIENTS[-1]
    for c in reversed(_COEFFICIENTS[:-1]):
        text = f"__builtin_fma({text}, r, {c})"
    return text


_HEAD = f"""\
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#define INLINE static inline __attribute__((always_inline))
/* Two choices, not one of two conditions: GCC does not vectorise nested ones of those. */
INLINE double larger(double a, double b) {{
    const double m = a > b ? a : b;
    return a != a ? a : m;
}}
/* x + rest = k ln 2 + r: e^r - 1, and k + bias in the low bits of *bits; -0.0 adds nothing */
INLINE double reduced(double x, double rest, double bias, uint64_t *bits) {{
    double t = __builtin_fma(x, 0x1.71547652b82fep+0, 0x1.8p52), k = t - 0x1.8p52;
    double shifted = t + bias;
    memcpy(bits, &shifted, 8);
    double r = __builtin_fma(k, -0x1.62e42fefa39efp-1, x);
    r = __builtin_fma(k, -0x1.abc9e3b39803fp-56, r) + rest;
    return __builtin_fma(r * r, {_polynomial()}, r);
}}
INLINE uint64_t bits_(double x) {{
    uint64_t result;
    memcpy(&result, &x, 8);
    return result;
}}
INLINE double power_of_two(uint64_t biased) {{
    double result;
    biased <<= 52;
    memcpy(&result, &biased, 8);
    return result;
}}
INLINE double above(double x, double low) {{ return x < low ? low : x; }}
INLINE double below(double x) {{ return x > 710.0 ? 710.0 : x; }}
INLINE double exp_(double x) {{
    uint64_t bits;
    x = below(above(x, -746.0));
    double e = reduced(x, -0.0, 1022.0, &bits);
    /* below 2^-995 by 2^(k + 98), and 2^-98 at the end: subnormal numbers are rounded once */
    int low = x < -690.0;
    double s = power_of_two(bits + (low ? 99 : 0));
    return __builtin_fma(e, s, s) * (low ? 0x1p-98 : 2.0);
}}
/* e^(x + rest) - 1 for x that is clipped already */
INLINE double expm1_of(double x, double rest) {{
    uint64_t bits;
    double e = reduced(x, rest, 1022.0, &bits), s = power_of_two(bits);
    /* 2 (2^(k-1) e + (2^(k-1) - 1/2)): e itself for k = 0, inf beyond 709.78 */
    return 2.0 * __builtin_fma(e, s, s - 0.5);
}}
INLINE double log1pexp(double x) {{ return larger(x, 0.0) + log1p(exp(-__builtin_fabs(x))); }}
"""


def _exp_low() -> str:
    """:func:`symtherm.numeric.halves.exp_low` in C."""
    known = constants()
    series = COEFFICIENTS[-1].hex()
    for c in COEFFICIENTS[-2::-1]:
        series = f"__builtin_fma({series}, r, {c.hex()})"
    tables = (", ".join(x.hex() for x in table) for table in (known.high, known.low))
    high, low = tables
    return f"""\
static const double high_[64] = {{{high}}};
static const double low_[64] = {{{low}}};
INLINE double exp_low_(double x, double low, double value, double one) {{
    const int inside = (x > {LEAST}) & (x < {MOST});
    const double q = inside ? x : 0.0;
    const double t = __builtin_fma(q, {known.scale.hex()}, 0x1.8p52), m = t - 0x1.8p52;
    const int64_t number = (int64_t)(bits_(t) - bits_(0x1.8p52));
    const double high = high_[number & 63], rest = low_[number & 63];
    const double power = power_of_two((uint64_t)((number >> 6) + 1023));
    const double left = __builtin_fma(m, {(-known.step).hex()}, q);
    const double more = __builtin_fma(m, {(-known.rest).hex()}, low);
    const double r = left + more, z = r - left;
    const double lost = (left - (r - z)) + (more - z);
    const double square = r * r, half = 0.5 * square, h = r + half;
    const double tail = __builtin_fma(square * r, {series}, __builtin_fma(lost, r, lost));
    const double h_low = ((r - h) + half) + __builtin_fma(0.5, __builtin_fma(r, r, -square), tail);
    const double product = high * h, sum = high + product;
    const double lower = ((high - sum) + product) * power;
    const double exact = __builtin_fma(high, h, -product);
    const double small = (exact + __builtin_fma(high, h_low, __builtin_fma(rest, h, rest))) * power;
    const double total = sum * power, shifted = total - one, b = shifted - total;
    const double end = ((total - (shifted - b)) - (one + b)) + small;
    return inside ? ((shifted - value) + lower) + end : 0.0;
}}
"""


def c_source(
    parameters: int,
    program: Sequence[Instruction],
    outputs: Sequence[int],
    positive: Sequence[int] = (),
) -> str:
    """``void evaluate(rows, n, inputs, down, along, outputs)`` in C for a tape.

    ``down[i]`` is how far input i goes with a row, ``along[i]`` is 1 if it varies within a row and
    0 if not: then its value is spread out over a block once for a row. All outputs are nan where an
    input number ``positive`` is negative or nan.

    >>> "a0_1 + a0_1" in c_source(1, [Instruction("add", (0, 0))], [1])
    True
    """
    side = SIDE if len(program) <= LONG else 1
    statements = _statements(parameters, program, outputs, positive)
    body = "\n".join(" " * 12 + s.replace("@", str(k)) for s in statements for k in range(side))
    width = LANES * side
    ins, outs = range(parameters), range(len(outputs))
    signature = ", ".join(
        ["size_t groups", *(f"const double *restrict p{i}" for i in ins),
         *(f"double *restrict q{j}" for j in outs)]
    )  # fmt: skip
    call = ", ".join(["m / WIDTH", *(f"p[{i}]" for i in ins), *(f"q[{j}]" for j in outs)])
    edge = ", ".join(["1", *(f"side[{i}]" for i in ins), *(f"tail[{j}]" for j in outs)])
    tests = " & ".join(f"(p[{k}][i] >= 0.0)" for k in positive) or "1"
    count, number = max(parameters, 1), max(len(outputs), 1)
    low = _exp_low() if any(step.op.endswith("_low") for step in program) else ""
    return f"""{_HEAD}{low}
enum {{ WIDTH = {width}, BLOCK = {BLOCK}, LANES = {LANES} }};

/* Whether a lane has met a parameter outside the domain, or -0.0, in a sign bit. */
static __attribute__((noinline, noclone)) uint64_t block({signature}) {{
    uint64_t bad[LANES] = {{0}}, any = 0;
    for (size_t g = 0; g < groups; g++)
        for (size_t l = 0; l < LANES; l++) {{
            const size_t i = g * WIDTH + l;
{body}
        }}
    for (size_t l = 0; l < LANES; l++) any |= bad[l];
    return any >> 63;
}}

static void refuse(size_t n, const double *const *p, double *const *q) {{
    for (size_t i = 0; i < n; i++)
        if (!({tests}))
            for (size_t j = 0; j < {len(outputs)}; j++) q[j][i] = NAN;
}}

void evaluate(size_t rows, size_t n, const double *const *in, const int64_t *down,
              const int64_t *along, double *const *out) {{
    double wide[{count}][BLOCK] __attribute__((aligned(64)));
    double side[{count}][WIDTH] __attribute__((aligned(64)));
    double tail[{number}][WIDTH] __attribute__((aligned(64)));
    const double *p[{count}];
    double *q[{number}];
    for (size_t r = 0; r < rows; r++) {{
        for (size_t k = 0; k < {parameters}; k++)
            if (!along[k] && (down[k] || !r))
                for (size_t i = 0; i < BLOCK && i < n; i++) wide[k][i] = in[k][r * down[k]];
        for (size_t s = 0; s < n; s += BLOCK) {{
            const size_t m = n - s < BLOCK ? n - s : BLOCK, rest = m % WIDTH, full = m - rest;
            for (size_t k = 0; k < {parameters}; k++)
                p[k] = along[k] ? in[k] + r * down[k] + s : wide[k];
            for (size_t j = 0; j < {len(outputs)}; j++) q[j] = out[j] + r * n + s;
            uint64_t bad = block({call});
            if (rest) {{ /* the last points, filled up with the first of them */
                for (size_t k = 0; k < {parameters}; k++)
                    for (size_t i = 0; i < WIDTH; i++)
                        side[k][i] = p[k][full + (i < rest ? i : 0)];
                bad |= block({edge});
                for (size_t j = 0; j < {len(outputs)}; j++)
                    for (size_t i = 0; i < rest; i++) q[j][full + i] = tail[j][i];
            }}
            if (bad) refuse(m, p, q);
        }}
    }}
}}
"""


def _statements(
    parameters: int,
    program: Sequence[Instruction],
    outputs: Sequence[int],
    positive: Sequence[int],
) -> list[str]:
    """The loop's statements; ``@`` stands for the number of the vector."""
    names = [f"a{i}_@" for i in range(parameters)]
    lines = [f"const double a{i}_@ = p{i}[i + LANES * @];" for i in range(parameters)]
    bits = [f"bits_(a{k}_@)" for k in positive]
    # A nan gets into every output that depends on it; those that do not are told by its sign bit.
    reach = _reach(parameters, program)
    lost = [k for k in positive if any(k not in reach[index] for index in outputs)]
    bits += [f"((uint64_t)(a{k}_@ != a{k}_@) << 63)" for k in lost]
    if bits:
        lines.append(f"bad[l] |= {' | '.join(bits)};")
    fused = _fused(parameters, program, outputs)
    merged = _shifted(parameters, program, outputs)
    gone = set(fused.values()).union(*(found[1] for found in merged.values()))
    sign = signs(parameters, program, positive)
    for number, (op, args, value) in enumerate(program):
        index = parameters + number
        if op == "const":
            names.append(_literal(value))
            continue
        if index in gone:  # made by the statement that needs it
            names.append("")
            continue
        if op not in _FORMS:
            raise OutsideClosedForm("a C function", found=op, advice='use backend="numpy"')
        if index in merged:
            (u, low), _ = merged[index]
            form = f"expm1_of({_clipped(names[u], sign[u])}, {names[low]})"
        elif op == "expm1":
            form = f"expm1_of({_clipped(names[args[0]], sign[args[0]])}, -0.0)"
        elif op == "max" and any(names[a].startswith("(") for a in args):
            # A constant is no nan: one instruction, which gives its second operand if that is nan.
            c, x = sorted((names[a] for a in args), key=lambda n: not n.startswith("("))
            form = f"({c} > {x} ? {c} : {x})"
        elif number in fused:
            a, b = (names[k] for k in program[fused[number] - parameters].args)
            other = names[args[0] if args[1] == fused[number] else args[1]]
            if op == "sub":
                first = args[0] == fused[number]
                a, other = (a, f"-{other}") if first else (f"-{a}", other)
            form = f"__builtin_fma({a}, {b}, {other})"
        else:
            form = _FORMS[op].format(*(names[a] for a in args))
        lines.append(f"const double t{number}_@ = {form};")
        names.append(f"t{number}_@")
    return [*lines, *(f"q{j}[i + LANES * @] = {names[k]};" for j, k in enumerate(outputs))]


def _clipped(name: str, sign: int) -> str:
    """An argument of expm1 inside -40 and 710, tested on the side on which it may be."""
    name = name if sign > 0 else f"above({name}, -40.0)"
    return name if sign < 0 else f"below({name})"


_STOPS = ("pow", "pick", "exp_low", "expm1_low")


def _reach(parameters: int, program: Sequence[Instruction]) -> list[frozenset[int]]:
    """The parameters of which a nan is sure to reach each value."""
    found = [frozenset((k,)) for k in range(parameters)]
    for op, args, _ in program:
        through = () if op in _STOPS else args[:1] if op == "copysign" else args
        found.append(frozenset().union(*(found[a] for a in through)))
    return found


def _shifted(
    parameters: int, program: Sequence[Instruction], outputs: Sequence[int]
) -> dict[int, tuple[tuple[int, int], tuple[int, ...]]]:
    """Sums E (1 + low) + low of E = expm1(u): ((u, low), what they are made of).

    In C they are expm1(u + low), where ``low`` costs one addition.
    """
    uses = Counter(a for step in program for a in step.args)
    uses.update(outputs)

    def operands(index: int, op: str) -> tuple[tuple[int, ...], ...]:
        if index < parameters or program[index - parameters].op != op:
            return ()
        args = program[index - parameters].args
        return args, args[::-1]

    def one(index: int) -> bool:
        return index >= parameters and program[index - parameters] == Instruction("const", (), 1.0)

    found: dict[int, tuple[tuple[int, int], tuple[int, ...]]] = {}
    for index in range(parameters, parameters + len(program)):
        for product, low in operands(index, "add"):
            for power, factor in operands(product, "mul"):
                inner = (power, product, factor)
                exponent = operands(power, "expm1")
                told = any(one(a) and b == low for a, b in operands(factor, "add"))
                if exponent and told and all(uses[k] == 1 for k in inner):
                    found[index] = (exponent[0][0], low), inner
    return found


def _fused(
    parameters: int, program: Sequence[Instruction], outputs: Sequence[int]
) -> dict[int, int]:
    """Sums that are made with a product of theirs in one rounding: instruction to product.

    A product must be used there alone, and its rounding error must not be carried by a ``mulerr``
    of the same factors, which would be counted twice.
    """
    uses = Counter(a for step in program for a in step.args)
    uses.update(outputs)
    carried = {step.args for step in program if step.op == "mulerr"}
    found: dict[int, int] = {}
    for number, (op, args, _) in enumerate(program):
        if op in ("add", "sub") and args[0] != args[1]:
            for a in reversed(args):
                if a >= parameters and uses[a] == 1:
                    step = program[a - parameters]
                    if step.op == "mul" and step.args not in carried:
                        found[number] = a
                        break
    return found


def _literal(value: float) -> str:
    if value != value:
        return "(0.0/0.0)"
    if value in (float("inf"), float("-inf")):
        return "(1.0/0.0)" if value > 0 else "(-1.0/0.0)"
    return f"({value.hex()})"
