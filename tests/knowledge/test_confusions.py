from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bot.cli import main
from bot.core.answers import Outcome
from bot.service.confusions import Confusion, Pair, pairs
from tests.fakes.small_knowledge import Edit

STRAY = "which language is the guide for"


@pytest.fixture(autouse=True)
def of_the_small_knowledge(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KNOWLEDGE_DIR", str(small))


@pytest.fixture
def stray(edit: Edit) -> Path:
    """A phrasing of the printer's that only an entry's phrasings are like."""
    return edit("outside.yaml", "the printer is broken", STRAY)


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["knowledge", "confusions", *words])


def listed(*words: str) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(run(*words, "--json").stdout)
    return said


@pytest.mark.usefixtures("stray")
class TestAStrayPhrasing:
    def test_is_listed_with_its_place_and_what_takes_it(self) -> None:
        (found,) = [one for one in listed()["phrasings"] if one["text"] == STRAY]
        assert (found["bearer"], found["line"]) == ("outside/printer", "outside.yaml:7")
        assert found["taker"] in {"guide/purpose", "guide/language"}
        assert 0 <= found["own"] < found["likely"] <= 1

    def test_makes_a_pair_of_both(self) -> None:
        said = listed("--entry", "outside/printer")
        (found,) = [one for one in said["phrasings"] if one["text"] == STRAY]
        (pair,) = [one for one in said["pairs"] if {one["first"], one["second"]} == {"outside/printer", found["taker"]}]
        assert pair["lost" if pair["first"] == "outside/printer" else "gained"] == 1

    def test_can_be_read_without_json(self) -> None:
        result = run("--entry", "outside/printer")
        assert f"outside.yaml:7  « {STRAY} »\n    outside/printer 0." in result.stdout
        assert re.search(r"→ +\d+ ← +(outside/printer +guide/|guide/\w+ +outside/printer)", result.stdout)

    def test_leaves_the_progress_to_standard_error(self) -> None:
        result = run("--json")
        assert "fold 8 of 8" in result.stderr
        assert "fold" not in result.stdout


def test_every_phrasing_listed_has_its_line(small: Path) -> None:
    for one in listed()["phrasings"]:
        file, _, line = one["line"].partition(":")
        assert one["text"] in (small / file).read_text("utf-8").splitlines()[int(line) - 1]


def test_only_what_an_entry_takes_or_loses_is_listed_where_it_is_named() -> None:
    said = listed("--entry", "guide/purpose")
    assert said["phrasings"]
    assert all("guide/purpose" in {one["bearer"], one["taker"]} for one in said["phrasings"])
    assert all("guide/purpose" in {pair["first"], pair["second"]} for pair in said["pairs"])


def test_no_more_than_wanted_are_listed_the_likeliest_first() -> None:
    everything = listed()["phrasings"]
    assert [one["likely"] for one in everything] == sorted((one["likely"] for one in everything), reverse=True)
    assert listed("--most", "1")["phrasings"] == everything[:1]
    assert run("--most", "1").stdout.count("«") == 1


def test_an_unknown_entry_is_told_with_its_neighbours() -> None:
    result = run("--entry", "guide/porpoise")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "there is no entry guide/porpoise; did you mean guide/purpose" in result.stderr


def test_a_running_bot_s_libraries_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("bot.service.confusions", "bot.service.folds", "bot.service.fitting"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, "scipy", None)
    assert run().exit_code == 0


def test_pairs_gather_both_directions_and_the_greatest_come_first() -> None:
    taken = [("a", "b"), ("b", "a"), ("b", "a"), ("c", "a"), ("a", "c"), ("d", "a")]
    found = [Confusion(own, "words", taker, 0.9, 0.1, Outcome.ANSWER) for own, taker in taken]
    assert pairs(found) == [Pair("b", "a", 2, 1), Pair("a", "c", 1, 1), Pair("d", "a", 1, 0)]
