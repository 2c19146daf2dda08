"""What Slack refuses in blocks: its limits, as slack-sdk's models and a few rules of ours tell them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block

CHARACTERS = 13_200
RICH_TEXT = 3000
LARGEST_TEXT = 40_000


def faults(blocks: Any, *, most: int) -> list[str]:
    """Everything that Slack would refuse in these blocks, empty if they are fine."""
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        return ["blocks is no list of objects"]
    found = [fault for block in blocks for fault in _block(block)]
    if len(blocks) > most:
        found.append(f"{len(blocks)} blocks")
    if len(json.dumps(blocks, ensure_ascii=False)) > CHARACTERS:
        found.append("too many characters in all")
    ids = Counter(element["action_id"] for element in elements(blocks) if "action_id" in element)
    return found + [f"action_id twice: {name}" for name, times in ids.items() if times > 1]


def modal_faults(view: dict[str, Any]) -> list[str]:
    """Everything that Slack would refuse in a modal, empty if it is fine."""
    found = faults(view.get("blocks"), most=100) if view.get("type") == "modal" else ["no modal"]
    found += [f"{part} too long" for part in ("title", "submit", "close") if len(view[part]["text"]) > 24]
    found += ["private_metadata too long"] if len(view.get("private_metadata", "")) > 3000 else []
    inputs = [block for block in view.get("blocks", ()) if block["type"] == "input"]
    found += [fault for block in inputs for fault in _input(block["element"])]
    found += ["block_id twice"] if len({block["block_id"] for block in inputs}) < len(inputs) else []
    return found + [f"no submit for {len(inputs)} inputs"] * bool(inputs and not view.get("submit"))


def elements(blocks: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The elements of all rows: buttons and menus."""
    for block in blocks:
        if block["type"] == "actions":
            yield from block["elements"]


def texts(value: Any) -> Iterator[str]:
    """Every text that somebody may read, wherever it stands."""
    if isinstance(value, dict):
        yield from (value[name] for name in ("text", "fallback") if isinstance(value.get(name), str))
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)


def _block(block: dict[str, Any]) -> Iterator[str]:
    parsed = Block.parse(dict(block))
    if parsed is None:
        yield f"unknown block {block.get('type')}"
        return
    try:
        parsed.validate_json()
    except SlackObjectFormationError as error:
        yield str(error)
    yield from (f"empty text in {block['type']}" for text in texts(block) if not text)
    if block["type"] == "actions":
        for element in block["elements"]:
            yield from _menu(element) if element["type"] == "static_select" else _button(element)
    if block["type"] == "section":
        yield from ("field too long" for field in block.get("fields", []) if len(field["text"]) > 2000)
    if block["type"] == "rich_text":
        yield from _rich_text(block)


def _button(button: dict[str, Any]) -> Iterator[str]:
    if button["text"]["type"] != "plain_text" or len(button["text"]["text"]) > 75:
        yield "button text"
    if len(button.get("value", "")) > 2000 or len(button.get("action_id", "")) > 255:
        yield "button value or id"


def _menu(menu: dict[str, Any]) -> Iterator[str]:
    options = menu["options"]
    if not 1 <= len(options) <= 100 or len(menu["placeholder"]["text"]) > 150:
        yield "menu's options or placeholder"
    if any(len(option["text"]["text"]) > 75 or not 0 < len(option["value"]) <= 150 for option in options):
        yield "option text or value"


def _input(element: dict[str, Any]) -> Iterator[str]:
    if element["type"] == "file_input" and not 1 <= element.get("max_files", 10) <= 10:
        yield "max_files"
    if element["type"] == "checkboxes":
        options = element["options"]
        if not 1 <= len(options) <= 10 or any(len(one["text"]["text"]) > 75 for one in options):
            yield "ticks"
        if any(one not in options for one in element.get("initial_options", [])):
            yield "a tick that isn't offered"


def _rich_text(block: dict[str, Any]) -> Iterator[str]:
    for element in block["elements"]:
        if (
            element["type"] not in {"rich_text_section", "rich_text_list", "rich_text_preformatted"}
            or not element["elements"]
        ):
            yield f"rich text: {element['type']}"
        leaves = element["elements"] if element["type"] == "rich_text_section" else []
        yield from ("rich text leaf" for leaf in leaves if leaf["type"] not in {"text", "link", "user"})
        if element["type"] == "rich_text_section" and sum(map(len, texts(element))) > RICH_TEXT * 2:
            yield "rich text too long"
