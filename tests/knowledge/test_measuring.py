"""`guidebot eval` and `guidebot knowledge fit`, on a small knowledge that can say everything."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.adapters.knowledge_marks import FIT, fingerprint
from bot.cli import main
from bot.core.design import WEIGHTS
from bot.settings import ROOT
from tests.fakes.small_knowledge import Edit

PRESS = """\
  - id: contact/press-office
    title: {fr: "Presse", en: "Press"}
    section: {fr: "Contacts", en: "Contacts"}
    page: "18"
    text: {fr: "Le bureau.", en: "The office."}
    phrasings: {fr: ["joindre les attachés"], en: ["reach the spokespeople"]}
"""

# A question in the words of a phrasing, or in words that nothing knows: what comes of it isn't in doubt.
HASHTAG = {"id": "h", "q": "what is a hashtag", "gold": ["glossary/hashtag"], "lang": "en", "kind": "glossary"}
HELLO = {"id": "b", "q": "bonjour", "gold": ["smalltalk"], "lang": "fr", "kind": "smalltalk"}
UNKNOWN = {"id": "u", "q": "zygote mitochondria", "gold": ["none"], "lang": "en", "kind": "none", "traits": ["odd"]}
MISTAKEN = HASHTAG | {"id": "m", "gold": ["guide/purpose"], "kind": "guide", "traits": ["odd"]}
ASKED = [HASHTAG, HELLO, UNKNOWN, MISTAKEN]


@pytest.fixture(autouse=True)
def knowledge(small: Path, edit: Edit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small knowledge with a press office and with the bot's own sentences, and a fit that is not stale."""
    edit("contacts.yaml", "entries:\n", f"entries:\n{PRESS}")
    sentences = (ROOT / "knowledge" / "replies.yaml").read_text("utf-8").partition("\nmessages:\n")[2]
    replies = (small / "replies.yaml").read_text("utf-8").partition("messages:\n")[0]
    (small / "replies.yaml").write_text(f"{replies}messages:\n{sentences}", "utf-8")
    fit = json.loads((small / FIT).read_text("utf-8")) | {"data": fingerprint(small)}
    (small / FIT).write_text(json.dumps(fit), "utf-8")
    monkeypatch.setenv("KNOWLEDGE_DIR", str(small))
    monkeypatch.setenv("CACHE_DIR", str(tmp_path / "cache"))
    return small


@pytest.fixture
def asked(tmp_path: Path) -> Path:
    return written(tmp_path / "asked.jsonl", ASKED)


def written(path: Path, rows: Sequence[object]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def figures_of(result: Result, name: str) -> list[tuple[float, float, float]]:
    """The figures of a line of the table: right, found, wrong, points and, where there is one, kept."""
    (line,) = [line for line in result.stdout.splitlines() if re.match(rf"{re.escape(name)} +\d", line)]
    return [(float(a), float(b), float(c)) for a, b, c in re.findall(r"(-?[\d.]+) \[(-?[\d.]+), (-?[\d.]+)\]", line)]


class TestEval:
    def test_each_figure_stands_within_its_interval(self, asked: Path) -> None:
        result = run("eval", asked)
        assert result.exit_code == 0
        found = figures_of(result, "all")
        assert [value for value, _, _ in found] == [75, 75, 25, 50, 100]
        assert all(low <= value <= high for value, low, high in found)
        assert found[0][1] < found[0][2]

    @pytest.mark.parametrize(
        ("name", "right"),
        [
            ("file asked", 75),
            ("kind glossary", 100),
            ("kind guide", 0),
            ("lang fr", 100),
            ("lang en", 66.7),
            ("trait odd", 50),
        ],
    )
    def test_files_kinds_languages_and_traits_have_their_own(self, asked: Path, name: str, right: float) -> None:
        assert figures_of(run("eval", asked), name)[0][0] == right

    def test_the_same_questions_have_the_same_intervals(self, asked: Path) -> None:
        assert run("eval", asked).stdout == run("eval", asked).stdout

    def test_calibration_counts_every_question_once(self, asked: Path) -> None:
        lines = run("eval", asked).stdout.partition("confidence from")[2].splitlines()[1:]
        bins = [[float(cell) for cell in line.split()] for line in lines]
        assert sum(number for _, number, _, _ in bins) == len(ASKED)
        assert sum(number * held for _, number, _, held in bins) == pytest.approx(3, abs=0.03)
        assert all(least <= mean <= 1 for least, _, mean, _ in bins)

    def test_what_is_wrong_is_listed_with_its_reason(self, asked: Path) -> None:
        shown = run("eval", asked, "--wrong").stdout
        assert "WRONG  m gold=guide/purpose got=answer:glossary/hashtag" in shown
        assert "« what is a hashtag » · glossary/hashtag" in shown
        assert "h gold=" not in shown

    def test_what_changed_since_is_shown_worse_first(self, asked: Path, tmp_path: Path) -> None:
        old = tmp_path / "old.jsonl"
        assert run("eval", asked, "--save", old).exit_code == 0
        assert "4 compared: 0 better, 0 worse, 0 otherwise" in run("eval", asked, "--compare", old).stdout
        before = {row["id"]: row for row in map(json.loads, old.read_text("utf-8").splitlines())}
        before["h"] |= {"outcome": "unanswered", "entries": []}
        before["m"] |= {"outcome": "answer", "entries": ["guide/purpose"]}
        shown = run("eval", asked, "--compare", written(old, list(before.values()))).stdout
        assert "4 compared: 1 better, 1 worse, 0 otherwise" in shown
        worse, better = shown.splitlines()[-2:]
        assert worse.startswith(" right → WRONG  was answer:guide/purpose | m ")
        assert better.startswith("missed → right  was unanswered | h ")

    @pytest.mark.parametrize(
        ("limits", "said"),
        [
            (["--min-right", "75"], ""),
            (["--max-wrong", "25"], ""),
            (["--min-right", "75.5"], "right is 75.0, under 75.5"),
            (["--max-wrong", "24.5"], "wrong is 25.0, over 24.5"),
            (["--min-right", "80", "--max-wrong", "5"], "right is 75.0, under 80; wrong is 25.0, over 5"),
        ],
    )
    def test_a_figure_beyond_its_limit_has_status_1(self, asked: Path, limits: list[str], said: str) -> None:
        result = run("eval", asked, *limits)
        assert (result.exit_code, result.stderr) == ((1, f"Error: {said}\n") if said else (0, ""))
        assert "all" in result.stdout

    def test_a_limit_on_what_was_not_asked_fails_nothing(self, tmp_path: Path) -> None:
        assert run("eval", written(tmp_path / "one.jsonl", [HASHTAG]), "--min-kept", "90").exit_code == 0

    @pytest.mark.parametrize(
        "bad",
        [
            "{",
            "[]",
            '{"id": "x"}',
            *(json.dumps(HASHTAG | wrong) for wrong in ({"gold": "none"}, {"gold": []}, {"q": 5})),
        ],
    )
    def test_a_bad_line_is_named_by_its_number(self, asked: Path, bad: str) -> None:
        asked.write_text(asked.read_text("utf-8") + f"\n{bad}\n", "utf-8")
        result = run("eval", asked)
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr.startswith(f"Error: {asked}:6: not a labelled question: ")

    def test_a_bad_line_of_what_is_compared_is_named_too(self, asked: Path, tmp_path: Path) -> None:
        result = run("eval", asked, "--compare", written(tmp_path / "old.jsonl", [{"id": "h", "outcome": "maybe"}]))
        assert result.exit_code == 1
        assert f"Error: {tmp_path}/old.jsonl:1: not an answer: " in result.stderr

    def test_a_file_without_a_question_is_told(self, tmp_path: Path) -> None:
        result = run("eval", written(tmp_path / "none.jsonl", []))
        assert (result.exit_code, result.stderr) == (1, "Error: there is no question in the files\n")


class TestFit:
    def test_is_written_with_its_date_its_hash_and_its_figures(self, knowledge: Path, asked: Path) -> None:
        days = [datetime.now(UTC).date().isoformat()]
        result = run("knowledge", "fit", "--gold", asked, "--cross")
        days.append(datetime.now(UTC).date().isoformat())
        assert result.exit_code == 0
        fit = json.loads((knowledge / FIT).read_text("utf-8"))
        assert (fit["date"] in days, fit["data"]) == (True, fingerprint(knowledge))
        assert fit["figures"]["in sample"]["questions"] == len(ASKED)
        assert set(fit["figures"]["left out"]) == {"all", "asked"}
        assert list(fit["weights"]) == list(WEIGHTS)
        assert f"Written to {knowledge / FIT}." in result.stdout
        assert "without asked" in result.stderr
        assert run("eval", asked).exit_code == 0

    def test_is_stale_once_the_files_changed(self, edit: Edit, tmp_path: Path) -> None:
        (tmp_path / "ids").touch()
        check = ("knowledge", "check", "--ids", tmp_path / "ids")
        assert "stale" not in run(*check).stdout
        edit("glossary.yaml", "what is a hashtag", "what are hashtags")
        result = run(*check)
        assert (result.exit_code, result.stdout.splitlines()[-1]) == (0, "The knowledge is sound (1 warning).")
        assert "fit.json:1: stale: the files changed since; `guidebot knowledge fit`" in result.stdout

    def test_a_bad_line_leaves_the_old_one_as_it_was(self, knowledge: Path, tmp_path: Path) -> None:
        before = (knowledge / FIT).read_bytes()
        result = run("knowledge", "fit", "--gold", written(tmp_path / "bad.jsonl", [HASHTAG, {"id": "x"}]))
        assert (result.exit_code, (knowledge / FIT).read_bytes()) == (1, before)
        assert f"{tmp_path}/bad.jsonl:2: not a labelled question" in result.stderr

    def test_what_is_missing_is_named_with_what_to_install(self, asked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delitem(sys.modules, "bot.service.fitting", raising=False)
        monkeypatch.delitem(sys.modules, "scipy.optimize", raising=False)
        monkeypatch.setitem(sys.modules, "scipy", None)
        result = run("knowledge", "fit", "--gold", asked)
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr.startswith("Error: scipy is missing: this command needs it")
        assert "pip install scipy" in result.stderr
