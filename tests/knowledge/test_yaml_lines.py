from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.yaml_lines import read

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n"), max_size=30)
KEYS = st.text("abcdefghij-_/ é:#'\"{}[]", min_size=1, max_size=12)
NODES = st.recursive(
    TEXTS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)


@given(NODES)
def test_what_yaml_writes_is_read_back(node: Any) -> None:
    document = read(yaml.safe_dump(node, allow_unicode=True))
    assert (document.value, document.problems, document.whole) == (node, [], True)


@given(NODES, st.sampled_from(["", None]))
def test_every_value_has_a_line_within_the_text(node: Any, style: str | None) -> None:
    text = yaml.safe_dump(node, allow_unicode=True, default_style=style)
    document = read(text)
    count = max(1, text.count("\n"))
    assert all(1 <= document.lines[path] <= count for path in _paths(node))


@given(st.text(max_size=200))
def test_nothing_that_is_typed_makes_it_fail(text: str) -> None:
    document = read(text)
    assert document.whole or document.problems


@given(st.binary(max_size=60))
def test_no_bytes_make_it_fail(junk: bytes) -> None:
    read(junk.decode("utf-8", "surrogateescape"))


@pytest.mark.parametrize("word", ["no", "0472138804", "2016", "2030-01-31", "1e3", "null", "~", "true", "0x1f"])
def test_every_scalar_stays_the_text_that_was_typed(word: str) -> None:
    assert read(f"key: {word}\nlist: [{word}]").value == {"key": word, "list": [word]}


def test_each_value_knows_its_line() -> None:
    document = read("a: 1\nb:\n  - c: 2\n    d: |\n      three\n      four\n  - e: 5\n")
    assert {path: document.line(path) for path in [(), ("a",), ("b", 0), ("b", 0, "c"), ("b", 0, "d"), ("b", 1)]} == {
        (): 1,
        ("a",): 1,
        ("b", 0): 3,
        ("b", 0, "c"): 3,
        ("b", 0, "d"): 4,
        ("b", 1): 7,
    }


def test_a_value_that_is_not_there_has_the_line_of_what_should_hold_it() -> None:
    assert read("a:\n  - b: 1\n    c: 2\n").line(("a", 0, "missing", "deeper")) == 2


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("a: 1\nb: 2\na: 3", 3, "the key 'a' stands here for the second time"),
        ("a: &x 1\nb: 2", 1, "anchors and aliases"),
        ("b: 2\na: *x", 2, "anchors and aliases"),
        ("a: 1\n*x : 2", 2, "anchors and aliases"),
        ("a: !!python/object:os.system 1", 1, "tags are not used here"),
        ("a: 1\n!!str b: 2", 2, "tags are not used here"),
        ("a: !x [1]", 1, "tags are not used here"),
        ("? [a, b]\n: 1", 1, "a key is a word"),
        ("a: 1\n---\nb: 2", 3, "a second document begins here"),
        ("a: 1\nb: [1", 3, "not valid YAML"),
        ("a: 'b", 1, "not valid YAML"),
        ("a\tb: 1\n\tc: 2", 2, "not valid YAML"),
        ("a: \x00", 1, "not valid YAML"),
        ("a: \ud800", 1, "not valid YAML"),
        ("[" * 3000, 1, "nested too deeply"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, line: int, problem: str) -> None:
    found = read(text).problems
    assert any(at == line and said.startswith(problem) for at, said in found), found


def _paths(node: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    steps = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [path, *(found for step, inner in steps for found in _paths(inner, (*path, step)))]
