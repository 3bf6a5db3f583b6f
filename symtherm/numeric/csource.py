"""A tape as C: one loop over the points, IEEE arithmetic, vectorised by the compiler.

The code is made of the instructions of a tape, so no text of a user's gets into it. ``mulerr``,
``residual`` and a sum with a product that is used nowhere else are one fused multiply-add. ``exp``
and ``expm1`` are branch-free so that the loop vectorises:

    k = round(u/ln 2), r = u - k ln 2 in two parts (Cody and Waite), |r| <= 0.3466;
    e^r - 1 = r + r^2 (1/2 + r (1/6 + ... + r^11/13!)), truncated below 2^-57 relative;
    e^u = 2 (2^(k-1) + 2^(k-1) (e^r - 1)), e^u - 1 = 2 (2^(k-1) (e^r - 1) + (2^(k-1) - 1/2)).

The factor 2 at the end lets 2^(k-1) be a number up to u = 709.78.
Other functions are those of the C library; a loop with one of them is not vectorised.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from symtherm.errors import OutsideClosedForm
from symtherm.numeric.tape import Instruction

__all__ = ["BLOCK", "c_source"]

BLOCK = 512  # points for which a value that does not vary is spread out

_FORMS = {
    "add": "{0} + {1}", "sub": "{0} - {1}", "mul": "{0} * {1}", "div": "{0} / {1}",
    "max": "larger({0}, {1})", "min": "-larger(-{0}, -{1})", "neg": "-{0}",
    "abs": "__builtin_fabs({0})", "sqrt": "__builtin_sqrt({0})",
    "copysign": "__builtin_copysign({0}, {1})", "mulerr": "__builtin_fma({0}, {1}, -({0} * {1}))",
    "residual": "__builtin_fma(-({1}), {2}, {0})",
    "exp": "exp_({0})", "expm1": "expm1_({0})", "log": "log({0})", "log1p": "log1p({0})",
    "log1pexp": "log1pexp({0})", "pow": "pow({0}, {1})",
    **{name: name + "({0})" for name in ("tanh", "cosh", "sinh", "atanh", "acosh", "asinh",
                                         "sin", "cos")},
}  # fmt: skip

_COEFFICIENTS = [
    "0.5", "1.0/6", "1.0/24", "1.0/120", "1.0/720", "1.0/5040", "1.0/40320", "1.0/362880",
    "1.0/3628800", "1.0/39916800", "1.0/479001600", "1.0/6227020800",
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
INLINE double larger(double a, double b) {{ return (a > b) | (a != a) ? a : b; }}
/* x = k ln 2 + r: e^r - 1, and k + bias in the low bits of *bits */
INLINE double reduced(double x, double bias, uint64_t *bits) {{
    double t = __builtin_fma(x, 0x1.71547652b82fep+0, 0x1.8p52), k = t - 0x1.8p52;
    double shifted = t + bias;
    memcpy(bits, &shifted, 8);
    double r = __builtin_fma(k, -0x1.62e42fefa39efp-1, x);
    r = __builtin_fma(k, -0x1.abc9e3b39803fp-56, r);
    return __builtin_fma(r * r, {_polynomial()}, r);
}}
INLINE double power_of_two(uint64_t biased) {{
    double result;
    biased <<= 52;
    memcpy(&result, &biased, 8);
    return result;
}}
INLINE double clipped(double x, double low) {{
    x = x < low ? low : x;
    return x > 710.0 ? 710.0 : x;
}}
INLINE double exp_(double x) {{
    uint64_t bits;
    x = clipped(x, -746.0);
    double e = reduced(x, 1022.0, &bits);
    /* below 2^-995 by 2^(k + 98), and 2^-98 at the end: subnormal numbers are rounded once */
    int low = x < -690.0;
    double s = power_of_two(bits + (low ? 99 : 0));
    return __builtin_fma(e, s, s) * (low ? 0x1p-98 : 2.0);
}}
INLINE double expm1_(double x) {{
    uint64_t bits;
    double e = reduced(clipped(x, -40.0), 1022.0, &bits), s = power_of_two(bits);
    /* 2 (2^(k-1) e + (2^(k-1) - 1/2)): e itself for k = 0, inf beyond 709.78 */
    return 2.0 * __builtin_fma(e, s, s - 0.5);
}}
INLINE double log1pexp(double x) {{ return larger(x, 0.0) + log1p(exp(-__builtin_fabs(x))); }}
"""


def c_source(parameters: int, program: Sequence[Instruction], outputs: Sequence[int]) -> str:
    """``void evaluate(rows, n, inputs, down, along, outputs)`` in C for a tape.

    ``down[i]`` is how far input i goes with a row, ``along[i]`` is 1 if it varies within a row and
    0 if not: then its value is spread out over a block once for a row.

    >>> "a0 + a0" in c_source(1, [Instruction("add", (0, 0))], [1])
    True
    """
    names = [f"a{i}" for i in range(parameters)]
    body = []
    for i in range(parameters):
        body.append(f"        const double a{i} = p{i}[i];")
    fused = _fused(parameters, program, outputs)
    products = set(fused.values())
    for number, (op, args, value) in enumerate(program):
        if op == "const":
            names.append(_literal(value))
            continue
        if parameters + number in products:  # made by the sum that it stands in
            names.append("")
            continue
        if op not in _FORMS and op != "inside":
            raise OutsideClosedForm("a C function", found=op, advice='use backend="numpy"')
        name = f"t{number}"
        if op == "inside":
            tests = " & ".join(f"({names[a]} >= 0.0)" for a in args)
            form = f"({tests} ? 0.0 : NAN)"
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
        body.append(f"        const double {name} = {form};")
        names.append(name)
    ends = [f"        q{j}[i] = {names[index]};" for j, index in enumerate(outputs)]
    spread = "\n".join(
        f"        if (!along[{i}] && (down[{i}] || !r)) "
        f"for (size_t i = 0; i < {BLOCK} && i < n; i++) wide[{i}][i] = in[{i}][r * down[{i}]];"
        for i in range(parameters)
    )
    inputs = ", ".join(f"const double *restrict p{i}" for i in range(parameters))
    results = ", ".join(f"double *restrict q{j}" for j in range(len(outputs)))
    signature = ", ".join(part for part in ("size_t n", inputs, results) if part)
    pointers = [f"along[{i}] ? in[{i}] + r * down[{i}] + s : wide[{i}]" for i in range(parameters)]
    targets = [f"out[{j}] + r * n + s" for j in range(len(outputs))]
    call = ", ".join(["m", *pointers, *targets])
    return f"""{_HEAD}
static __attribute__((noinline)) void block({signature}) {{
    for (size_t i = 0; i < n; i++) {{
{chr(10).join(body + ends)}
    }}
}}

void evaluate(size_t rows, size_t n, const double *const *in, const int64_t *down,
              const int64_t *along, double *const *out) {{
    double wide[{max(parameters, 1)}][{BLOCK}] __attribute__((aligned(64)));
    for (size_t r = 0; r < rows; r++) {{
{spread}
        for (size_t s = 0; s < n; s += {BLOCK}) {{
            size_t m = n - s < {BLOCK} ? n - s : {BLOCK};
            block({call});
        }}
    }}
}}
"""


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
