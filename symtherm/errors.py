"""The named errors: every one says what was asked, what was found and what to do.

All inherit from :class:`SymthermError`, so a caller can catch them together; the command line
prints their text and exits with status 2.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

__all__ = [
    "BadExpression",
    "BadModelFile",
    "BadReferenceFile",
    "DimensionMismatch",
    "FailedCheck",
    "MissingTrait",
    "NoCompiler",
    "NotHermitian",
    "NotSquare",
    "NotThermal",
    "NotUnique",
    "OutOfDomain",
    "OutsideClosedForm",
    "SymthermError",
    "Undecided",
    "UndeclaredSign",
    "UnknownModel",
    "UnknownQuantity",
    "UnknownSymbol",
    "UnorderedSpectrum",
    "WrongArgument",
    "choices",
    "kind_of",
    "require",
]


class SymthermError(Exception):
    """Base of all errors raised on purpose.

    >>> raise SymthermError("a steady state", found="nothing", advice="ask again")
    Traceback (most recent call last):
    ...
    symtherm.errors.SymthermError: a steady state. Found: nothing. To do: ask again.
    """

    def __init__(self, asked: str, *, found: str = "", advice: str = "") -> None:
        self.asked, self.found, self.advice = asked, found, advice
        parts = [asked.rstrip(".") + "."]
        if found:
            parts.append("Found: " + found.rstrip(".") + ".")
        if advice:
            parts.append("To do: " + advice.rstrip(".") + ".")
        super().__init__(" ".join(parts))


class DimensionMismatch(SymthermError):
    """Operators of different spaces were combined."""


class NoCompiler(SymthermError):
    """Compiled code was asked for where there is no C compiler."""


class NotHermitian(SymthermError):
    """A Hamiltonian, observable or state differs from its adjoint."""


class NotSquare(SymthermError):
    """A square operator or matrix was needed."""


class UnknownSymbol(SymthermError):
    """A symbol has no declared sign, or a name is not a parameter of the model."""


class UndeclaredSign(SymthermError):
    """A rate, frequency or temperature must be positive and nothing declares it so."""


class UnorderedSpectrum(SymthermError):
    """The order of two levels is needed and cannot be decided from declared signs."""


class NotUnique(SymthermError):
    """The generator has several steady states; the conserved structure is named."""


class MissingTrait(SymthermError):
    """A theorem needs a property of the generator that was not proved."""


class NotThermal(SymthermError):
    """A dissipator has no temperature, or its rates break detailed balance."""


class OutsideClosedForm(SymthermError):
    """No closed form is known to this package for what was asked."""


class FailedCheck(SymthermError):
    """A result did not pass an independent check: an error of symtherm, not of the model."""


class TooLong(SymthermError):
    """An expanded closed form would exceed the term budget; the program does not expand."""


class OutOfDomain(SymthermError):
    """A parameter value lies outside the domain of the model (such as T <= 0)."""


class UnknownModel(SymthermError):
    """Neither a library model nor a readable model file."""


class UnknownQuantity(SymthermError, LookupError):
    """The model has no quantity of this name."""


class BadExpression(SymthermError):
    """Text is not an expression of the allowed grammar."""


class BadModelFile(SymthermError):
    """A model file is malformed."""


class BadReferenceFile(SymthermError):
    """A reference file is malformed, truncated, altered, or larger than allowed."""


class Undecided(SymthermError):
    """A sign or a number could not be proved to the precision allowed; it may be zero."""


class WrongArgument(SymthermError, TypeError):
    """An argument is of another kind than the function takes."""


def kind_of(value: Any) -> str:
    """What a value is, in a few words.

    >>> kind_of("T"), kind_of(0.5), kind_of([]), kind_of(None)
    ("the text 'T'", 'the number 0.5', 'a list', 'None')
    """
    name = type(value).__name__
    if value is None or isinstance(value, bool) or name.startswith("Boolean"):
        return str(value)
    if isinstance(value, str):
        return f"the text {value if len(value) <= 40 else value[:37] + '...'!r}"
    if isinstance(value, (int, float, complex)):
        return f"the number {value}"
    if "Matrix" in name:
        return "a SymPy matrix"
    if name == "ndarray":
        return "a NumPy array"
    if type(value).__module__.startswith("sympy"):
        text = str(value)
        return f"the expression {text if len(text) <= 60 else text[:57] + '...'}"
    return f"{'an' if name[0] in 'AEIO' else 'a'} {name}"


def choices(name: Any, known: Iterable[str]) -> str:
    """Advice for a name that is none of ``known``: the closest one, and the list.

    >>> choices("heat[x]", ["heat[h]", "power"])
    'did you mean heat[h]? available: heat[h], power'
    """
    names = list(known)
    if not names:
        return "there are none"
    close = get_close_matches(name, names, n=1) if isinstance(name, str) else []
    return (f"did you mean {close[0]}? " if close else "") + "available: " + ", ".join(names)


def require(
    value: Any, kind: type | tuple[type, ...], asked: str, advice: str | dict[str, str] = ""
) -> None:
    """Raise WrongArgument unless ``value`` is of the kind that ``asked`` describes.

    ``advice`` may depend on the name of the type found, with ``""`` for all others.

    >>> require(0, str, "A label is text", "write 'h'")
    Traceback (most recent call last):
    ...
    symtherm.errors.WrongArgument: A label is text. Found: the number 0. To do: write 'h'.
    """
    if isinstance(value, kind):
        return
    if isinstance(advice, dict):
        advice = advice.get(type(value).__name__, advice.get("", ""))
    raise WrongArgument(asked, found=kind_of(value), advice=advice)
