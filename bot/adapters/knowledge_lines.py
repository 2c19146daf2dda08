"""Where each phrasing stands: the file and line, for those who want to change it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from bot.adapters import yaml_lines
from bot.adapters.knowledge_schema import FILES
from bot.adapters.yaml_lines import Document, Node
from bot.core.asked import ANY_PLACE


def phrasing_lines(folder: Path) -> dict[tuple[str, str], str]:
    """`file:line` of each phrasing of a sound knowledge base, by what it stands under and its text."""
    documents = {name: yaml_lines.read((folder / name).read_text(encoding="utf-8")) for name in FILES}
    return {key: place for name, document in documents.items() for key, place in _placed(name, document)}


def _placed(name: str, document: Document) -> Iterator[tuple[tuple[str, str], str]]:
    for path, bearer, texts in _phrasings(document.value, ()):
        yield from (((bearer, text), f"{name}:{document.line((*path, n))}") for n, text in enumerate(texts))


def _phrasings(node: Node, path: yaml_lines.Path) -> Iterator[tuple[yaml_lines.Path, str, list[str]]]:
    """Each list of phrasings in one language, with its path and the id that it stands under."""
    if isinstance(node, list):
        for n, inner in enumerate(node):
            yield from _phrasings(inner, (*path, n))
    elif isinstance(node, dict):
        for key, inner in node.items():
            bearer = {"phrasings": str(node.get("id", "")), "ways": ANY_PLACE}.get(key)
            if bearer and isinstance(inner, Mapping):
                for language, texts in inner.items():
                    yield (*path, key, language), bearer, [str(text) for text in texts]
            else:
                yield from _phrasings(inner, (*path, key))
