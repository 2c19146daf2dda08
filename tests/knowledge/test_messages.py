"""The bot's own sentences and the code that says them agree: each exists, is complete, and is said somewhere."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import chain
from string import Formatter

import pytest

from bot.adapters import knowledge_files
from bot.core.answers import LANGUAGES
from bot.settings import ROOT

MESSAGES = knowledge_files.load(ROOT / "knowledge").messages
TREES = {path.relative_to(ROOT): ast.parse(path.read_text("utf-8")) for path in sorted((ROOT / "bot").rglob("*.py"))}
SAYING = {"say", "_say", "tell", "notice", "_notice"}
FILLED_IN = {"contact"}  # by Wording.say, for whoever says it

# A sentence said somewhere: where, the pattern of its key, the names of its values (None where they can't be told).
Said = tuple[str, str, frozenset[str] | None]


def said() -> Iterator[Said]:
    for path, tree in TREES.items():
        bodies = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
        for function, node in ((body, node) for body in bodies for node in ast.walk(body)):
            if isinstance(node, ast.Call) and _name(node.func) in SAYING and node.args:
                names = [keyword.arg for keyword in node.keywords]
                values = None if None in names else frozenset(name for name in names if name)
                for key in _keys(node.args[0], function):
                    yield f"{path}:{node.lineno}", key, values


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _keys(key: ast.expr, within: ast.AST) -> Iterator[str]:
    """The patterns of the keys that an expression may name; a variable stands for what is assigned to it."""
    match key:
        case ast.Constant(value=str(name)) if name:
            yield re.escape(name)
        case ast.IfExp(body=one, orelse=other):
            yield from chain(_keys(one, within), _keys(other, within))
        case ast.JoinedStr(values=values):
            yield "".join(re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"\w+" for part in values)
        case ast.Name(id=name):
            for node in ast.walk(within):
                if isinstance(node, ast.Assign) and any(_name(target) == name for target in node.targets):
                    yield from _keys(node.value, within)


SAID = list(said())


def fields(text: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in Formatter().parse(text) if name)


@pytest.mark.parametrize("said", SAID, ids=lambda said: f"{said[1]}@{said[0]}")
def test_what_is_said_exists_and_gets_the_values_it_needs(said: Said) -> None:
    _, pattern, values = said
    keys = [key for key in MESSAGES if re.fullmatch(pattern, key)]
    assert keys
    if values is not None and len(keys) == 1:
        assert fields(MESSAGES[keys[0]]["fr"]) - FILLED_IN <= values


@pytest.mark.parametrize("key", MESSAGES)
def test_every_sentence_is_said_somewhere(key: str) -> None:
    assert any(re.fullmatch(pattern, key) for _, pattern, _ in SAID)


@pytest.mark.parametrize("key", MESSAGES)
def test_every_sentence_exists_in_both_languages_with_the_same_fields(key: str) -> None:
    assert all(MESSAGES[key][language].strip() for language in LANGUAGES)
    assert fields(MESSAGES[key]["fr"]) == fields(MESSAGES[key]["en"])
