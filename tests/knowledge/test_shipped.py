from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest
import yaml

from bot.adapters.knowledge_files import check, load
from bot.adapters.knowledge_schema import FILES
from bot.settings import ROOT

FOLDER = ROOT / "knowledge"
SCHEMAS = ROOT / "docs" / "schema"
IDS = Path(__file__).with_name("ids.txt").read_text("utf-8").split()


def test_the_shipped_knowledge_is_sound_and_whole() -> None:
    assert check(FOLDER, ids=IDS, today=datetime.now(UTC).date())[0] == []


def test_no_entry_is_there_that_no_id_announces() -> None:
    assert set(load(FOLDER).entries) == set(IDS)


def test_every_delegation_has_its_people_and_territory() -> None:
    delegations = load(FOLDER).delegations
    assert len(delegations) == 9
    assert all(entry.people for entry in delegations)


@pytest.mark.parametrize("name", FILES)
def test_the_schemas_for_editors_are_up_to_date(name: str) -> None:
    kept = json.loads((SCHEMAS / f"{Path(name).stem}.json").read_text("utf-8"))
    assert kept == FILES[name].model_json_schema()


@pytest.mark.parametrize("name", FILES)
def test_each_file_names_its_schema_and_fits_it(name: str) -> None:
    text = (FOLDER / name).read_text("utf-8")
    assert text.startswith(f"# yaml-language-server: $schema=../docs/schema/{Path(name).stem}.json\n")
    schema = json.loads((SCHEMAS / f"{Path(name).stem}.json").read_text("utf-8"))
    jsonschema.validate(yaml.load(text, Loader=yaml.BaseLoader), schema)  # noqa: S506 - it makes texts of everything
