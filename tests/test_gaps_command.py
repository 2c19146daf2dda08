from __future__ import annotations

import asyncio
import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot import compose
from bot.cli import main
from bot.commands.stored import cell
from bot.core.answers import Outcome, plain
from bot.core.messages import Address, Incoming, Kind
from bot.core.ports import Letter, NewQuestion
from bot.settings import load

FORMULA = '=HYPERLINK("http://x","y")'


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    url = f"sqlite:///{tmp_path}/gaps.db"
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("COLUMNS", "200")
    return url


@pytest.fixture
def three_gaps(database: str) -> None:
    """Gap 1 was asked twice by two people, gap 2 is a formula, gap 3 was closed."""
    del database
    asyncio.run(_fill([("how do I buy ads?", "a"), ("buy ads", "b"), (FORMULA, "a"), ("printer", "c")]))


async def _fill(asked: Sequence[tuple[str, str]]) -> None:
    here = Address("terminal", channel="c", direct=True)
    async with compose.opened_store(load(Path("none"))) as store:
        events = [Incoming(f"k{n}", Kind.QUESTION, here, text=text) for n, (text, _) in enumerate(asked)]
        inbox = await store.accept(events)
        async with store.work() as work:
            for number, (text, asker) in zip(inbox, asked, strict=True):
                new = NewQuestion(0, here, asker, "en", Outcome.UNANSWERED, (), 0.1, "", text)
                question = await work.add_question(number or 0, new)
                gap = 1 if text == "buy ads" else await work.open_gap(text, "en")
                await work.join_gap(question, gap)
            await work.close_gap(3, "outside", by="test")


def gaps(*words: str) -> Result:
    return CliRunner().invoke(main, ["gaps", *words])


pytestmark = pytest.mark.usefixtures("three_gaps")


def test_the_list_shows_how_often_and_by_how_many_most_asked_first() -> None:
    lines = gaps("list").output.splitlines()
    assert [line.split()[:4] for line in lines[1:]] == [
        ["1", "open", "2", "2"],
        ["3", "outside", "1", "1"],
        ["2", "open", "1", "1"],
    ]
    assert "how do I buy ads?" in lines[1]


@pytest.mark.parametrize(
    ("words", "expected"),
    [(["--status", "open"], {1, 2}), (["--since", "2100-01-01"], set()), (["--since", "2000-01-01"], {1, 2, 3})],
)
def test_the_list_can_be_narrowed(words: list[str], expected: set[int]) -> None:
    assert {gap["id"] for gap in json.loads(gaps("list", "--json", *words).output)} == expected


def test_an_empty_list_says_so() -> None:
    assert gaps("list", "--status", "answered").output == "No gap.\n"


def test_a_gap_is_shown_with_its_questions() -> None:
    shown = json.loads(gaps("show", "1", "--json").output)
    assert [one["text"] for one in shown["questions"]] == ["how do I buy ads?", "buy ads"]
    assert "buy ads" in gaps("show", "1").output


def test_csv_has_no_cell_that_a_spreadsheet_would_run() -> None:
    result = gaps("export", "--csv", "--status", "open")
    rows = list(csv.DictReader(io.StringIO(result.output)))
    assert {row["text"] for row in rows} == {"how do I buy ads?", f"'{FORMULA}"}


def test_csv_in_a_file_bears_the_mark_of_its_encoding(tmp_path: Path) -> None:
    path = tmp_path / "gaps.csv"
    assert gaps("export", "--csv", "--output", str(path)).exit_code == 0
    assert path.read_bytes().startswith(b"\xef\xbb\xbfid,status,text")


def test_a_gap_is_closed_once() -> None:
    first, second = (gaps("close", "1", "--as", "answered", "--entry", "guide/language") for _ in range(2))
    told = "2 people are told, as soon as `guidebot serve` runs."
    assert (first.exit_code, first.output) == (0, f"Gap 1 is closed: answered. {told}\n")
    assert (second.exit_code, second.output) == (1, "Error: gap 1 is closed already\n")
    assert json.loads(gaps("show", "1", "--json").output)["entry"] == "guide/language"


def test_those_who_asked_get_the_answer_in_their_language() -> None:
    assert gaps("close", "1", "--as", "answered", "--entry", "guide/language").exit_code == 0
    first, second = asyncio.run(_letters())
    assert (first.address.platform, first.language, second.language) == ("terminal", "en", "en")
    assert [plain(one.parts[0]).partition("“")[2].partition("”")[0] for one in (first, second)] == [
        "how do I buy ads?",
        "buy ads",
    ]


async def _letters() -> list[Letter]:
    async with compose.opened_store(load(Path("none"))) as store:
        return [letter for _ in range(2) if (letter := await store.claim_letter())]


def test_without_an_entry_nobody_is_told() -> None:
    assert "Nobody is told" in gaps("close", "1", "--as", "answered").output
    assert asyncio.run(_letters()) == []


def test_gaps_are_merged() -> None:
    assert gaps("merge", "2", "1").output == "Gap 2 is now part of gap 1.\n"
    assert json.loads(gaps("show", "1", "--json").output)["times"] == 3


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["show", "99"], 1, "Error: there is no gap 99"),
        (["close", "99", "--as", "outside"], 1, "Error: there is no gap 99"),
        (["close", "1", "--as", "forgotten"], 2, "Invalid value for '--as'"),
        (["close", "1", "--as", "answered", "--entry", "guide/none"], 2, "there is no entry guide/none"),
        (["close", "1", "--as", "outside", "--entry", "guide/language"], 2, "--entry goes with --as answered"),
        (["merge", "1", "1"], 1, "Error: gap 1 can't be merged into 1"),
        (["merge", "1", "99"], 1, "Error: there is no gap 99"),
        (["list", "--since", "yesterday"], 2, "Invalid value for '--since'"),
        (["export"], 2, "Say --csv."),
    ],
)
def test_what_can_t_be_done_is_told(words: list[str], status: int, said: str) -> None:
    result = gaps(*words)
    assert (result.exit_code, said in result.output) == (status, True), result.output


def test_purging_tells_what_it_erased() -> None:
    assert "texts: 0" in gaps("purge").output


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "  =", "\t="])
def test_whatever_starts_a_formula_is_made_a_text(start: str) -> None:
    assert cell(f"{start}1+1") == f"'{start}1+1"


@pytest.mark.parametrize("text", ["ads?", "a=b", "", "c'est +"])
def test_other_cells_stay_as_they_are(text: str) -> None:
    assert cell(text) == text
