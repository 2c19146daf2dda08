"""YAML as people edit it: every scalar a string, every value's line known, and nothing clever.

Anchors, aliases, tags and duplicate keys are refused: PyYAML would keep the last of two equal keys, turn an unquoted
phone number into an octal integer and `no` into false.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

Node = str | list["Node"] | dict[str, "Node"]
Path = tuple[str | int, ...]


@dataclass
class Document:
    """What a file holds, the line (from 1) of each value by its path, and what is wrong with the file.

    `whole` tells that it was read to its end, so that what it lacks is really missing.
    """

    value: Node = ""
    lines: dict[Path, int] = field(default_factory=dict)
    problems: list[tuple[int, str]] = field(default_factory=list)
    whole: bool = False

    def line(self, path: Path) -> int:
        """The line of that value, or of the nearest one around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read(text: str) -> Document:
    """Read one YAML document; what can't be read stands in its problems."""
    document = Document()
    try:
        _Builder(yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)), document).build()
        document.whole = True
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        document.problems.append((mark.line + 1 if mark else 1, f"not valid YAML: {error.problem or error.context}"))
    except (yaml.YAMLError, UnicodeEncodeError) as error:
        document.problems.append((1, f"not valid YAML: {error}"))
    except RecursionError:
        document.problems.append((1, "nested too deeply"))
    return document


class _Builder:
    def __init__(self, events: Iterator[yaml.Event], document: Document) -> None:
        self._events = events
        self._document = document

    def build(self) -> None:
        documents = 0
        for event in self._events:
            if isinstance(event, yaml.NodeEvent):
                documents += 1
                value = self._node(event, ())
                if documents == 1:
                    self._document.value = value
                else:
                    self._problem(event, "a second document begins here: one file holds one")

    def _node(self, event: yaml.Event, path: Path) -> Node:
        self._document.lines.setdefault(path, _line(event))
        return self._value(event, path)

    def _value(self, event: yaml.Event, path: Path) -> Node:
        self._refuse_cleverness(event)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path)
        return str(event.value) if isinstance(event, yaml.ScalarEvent) else ""

    def _mapping(self, path: Path) -> Node:
        values: dict[str, Node] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._key(event, path)
            if key in values:
                self._problem(event, f"the key {key!r} stands here for the second time")
            self._document.lines[(*path, key)] = _line(event)
            values[key] = self._node(next(self._events), (*path, key))
        return values

    def _key(self, event: yaml.Event, path: Path) -> str:
        key = self._value(event, (*path, ""))
        if isinstance(key, str):
            return key
        self._problem(event, "a key is a word, not a list or a mapping")
        return ""

    def _sequence(self, path: Path) -> Node:
        values: list[Node] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            values.append(self._node(event, (*path, len(values))))
        return values

    def _refuse_cleverness(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            self._problem(event, "anchors and aliases (& and *) are not used here: write the text out")
        if tag := getattr(event, "tag", None):
            self._problem(event, f"tags are not used here: {tag}")

    def _problem(self, event: yaml.Event, problem: str) -> None:
        self._document.problems.append((_line(event), problem))


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1
