"""What the models of a scenario say about their own fields, gathered for the schema and the page.

A field's words are the string that stands below it in the source; the models themselves do not
carry them, so that playing a scenario never reads its own source.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from functools import cache

from pydantic import BaseModel

COMMON = {
    "asset": "Where: an asset of the city.",
    "sensor": "One sensor that lies; or all of an asset or a site, narrowed by `quantity`.",
    "site": "A whole site.",
    "quantity": "Only sensors of this quantity, or of one of a list.",
    "from_s": "When it begins, in seconds from the scenario's start.",
    "until_s": "When people have stopped it.",
    "truth": "Who ought to notice, and when.",
}
"""Fields nearly every kind has, in the order in which they are read."""


@cache
def words_of(model: type[BaseModel]) -> dict[str, str]:
    """By field: the words below it in its class, or in the nearest one above that has any."""
    found: dict[str, str] = {}
    for part in reversed(model.__mro__):
        if issubclass(part, BaseModel) and part is not BaseModel:
            found |= _below_fields(part)
    return {name: found[name] for name in model.model_fields if name in found}


def _below_fields(part: type[BaseModel]) -> dict[str, str]:
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(part))).body
    assert isinstance(tree, ast.ClassDef)
    found = {}
    for before, after in zip(tree.body, tree.body[1:], strict=False):
        if isinstance(before, ast.AnnAssign) and isinstance(before.target, ast.Name):
            match after:
                case ast.Expr(value=ast.Constant(value=str(words))):
                    found[before.target.id] = " ".join(words.split())
    return found


def first_words(model: type[BaseModel]) -> str:
    """What a kind is: its own docstring, after its module's where that says only what until is."""
    own = _paragraph(model.__dict__.get("__doc__"))
    if own and not own.startswith("``"):
        return own
    module = _paragraph(inspect.getdoc(inspect.getmodule(model)))
    return f"{module} {own}".strip()


def _paragraph(text: str | None) -> str:
    return " ".join(inspect.cleandoc(text or "").split("\n\n")[0].split())
