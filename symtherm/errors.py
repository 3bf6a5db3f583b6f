"""The named errors: every one says what was asked, what was found and what to do.

All inherit from :class:`SymthermError`, so a caller can catch them together; the command line
prints their text and exits with status 2.
"""

from __future__ import annotations

__all__ = [
    "BadExpression",
    "BadModelFile",
    "DimensionMismatch",
    "MissingTrait",
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


class TooLong(SymthermError):
    """An expanded closed form would exceed the term budget; the program does not expand."""


class OutOfDomain(SymthermError):
    """A parameter value lies outside the domain of the model (such as T <= 0)."""


class UnknownModel(SymthermError):
    """Neither a library model nor a readable model file."""


class UnknownQuantity(SymthermError):
    """The model has no quantity of this name."""


class BadExpression(SymthermError):
    """Text is not an expression of the allowed grammar."""


class BadModelFile(SymthermError):
    """A model file is malformed."""


class Undecided(SymthermError):
    """A sign or a number could not be proved to the precision allowed; it may be zero."""
