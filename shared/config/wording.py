"""What a settings fault says to people: pydantic's kinds of fault in plain words, with the mend."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from shared.config.complaint import did_you_mean

_WORDS: Final = {
    "int_parsing": ("must be a whole number", "write it in digits"),
    "int_type": ("must be a whole number", "write it in digits"),
    "int_from_float": ("must be a whole number", "drop the decimals"),
    "float_parsing": ("must be a number", "write it in digits"),
    "float_type": ("must be a number", "write it in digits"),
    "finite_number": ("must be finite", "write it in digits"),
    "bool_parsing": ("must be true or false", "write true or false"),
    "bool_type": ("must be true or false", "write true or false"),
    "string_type": ("must be text", "put it in quotes"),
    "path_type": ("must be a path", "put it in quotes"),
    "model_type": ("must be a section of keys", "indent its keys below it"),
    "model_attributes_type": ("must be a section of keys", "indent its keys below it"),
    "dict_type": ("must be a mapping", "write it as key: value"),
    "list_type": ("must be a list", "write it as [one, two]"),
    "tuple_type": ("must be a list", "write it as [one, two]"),
}


def worded(kind: str, message: str, value: object, choices: Iterable[str]) -> tuple[str, str]:
    """What is wrong and the mend, for one kind of fault; ``choices`` are the allowed values."""
    if kind in _WORDS:
        return _WORDS[kind]
    known = list(choices)
    if kind == "literal_error" and known:
        mend = did_you_mean(str(value), known, otherwise="choose one of them")
        return f"must be {' or '.join(known)}", mend
    reason = message.removeprefix("Value error, ").replace("Input should be", "must be")
    return f"{reason[:1].lower()}{reason[1:]}", "correct the value"
