from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot.adapters.knowledge_files import FILES, check, load
from bot.adapters.knowledge_marks import fingerprint, stamp
from bot.core.errors import KnowledgeError
from tests.fakes.small_knowledge import Edit

TODAY = date(2026, 3, 1)
IDS = ("guide/purpose", "guide/language", "glossary/hashtag", "contact/lyon")


def problems(folder: Path, ids: tuple[str, ...] = IDS) -> list[str]:
    return [str(problem) for problem in check(folder, ids=ids, today=TODAY)[0]]


def test_sound_files_have_no_problem_and_load(small: Path) -> None:
    assert check(small, ids=IDS, today=TODAY) == ([], [])
    known = load(small)
    assert list(known.entries) == list(IDS)
    assert known.entries["contact/lyon"].people[0].phone == "04 72 13 88 04"
    assert known.say("source", "en", page=5) == "Guide, p. 5"
    assert [town.name for town in known.gazetteer.towns] == ["Lyon"]


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        ("guide.yaml", "edition:", "edition: [", "guide.yaml:2: not valid YAML"),
        ("guide.yaml", 'page: "5"', 'pagee: "5"', "guide.yaml:6: entries.0.pagee: Extra inputs"),
        ("guide.yaml", '    page: "13"\n', "", "guide.yaml:12: entries.1.page: Field required"),
        ("guide.yaml", ', en: "For you."', "", "guide.yaml:7: entries.0.text.en: Field required"),
        ("guide.yaml", 'en: "For you."', 'en: " "', "guide.yaml:7: entries.0.text.en: String should have at least 1"),
        ("guide.yaml", '["which language to write in"]', "[]", "guide.yaml:20: entries.1.phrasings.en: Tuple should"),
        ("guide.yaml", "id: guide/language", "id: guide/purpose", "guide.yaml:12: the id guide/purpose is taken at gu"),
        ("guide.yaml", "id: guide/language", "id: Guide/Language", "guide.yaml:12: entries.1.id: String should match"),
        ("guide.yaml", "[guide/language]", "[guide/none]", "guide.yaml:8: see_also names guide/none, which does not"),
        ("guide.yaml", "public visé", "Qu'est-ce qu'un hashtag ? c'est quoi", ""),
        ("guide.yaml", "public visé", "C’est quoi, un HASHTAG ?", 'glossary.yaml:9: "c\'est quoi un hashtag" asks for'),
        ("guide.yaml", 'page: "5"', 'page: "5"\n    page: "6"', "guide.yaml:7: the key 'page' stands here for the sec"),
        ("guide.yaml", 'page: "5"', 'page: &p "5"', "guide.yaml:6: anchors and aliases"),
        ("guide.yaml", 'page: "5"', "page: *p", "guide.yaml:6: anchors and aliases"),
        ("guide.yaml", 'page: "5"', "page: !!int 5", "guide.yaml:6: tags are not used here"),
        ("guide.yaml", "2030-01-31", "31/01/2030", "guide.yaml:17: entries.1.review_by"),
        (
            "glossary.yaml",
            "  - id: glossary/hashtag",
            "  - id: glossary/tag",
            "glossary.yaml:1: the entry glossary",
        ),
        ("contacts.yaml", "patricia.lefort@", "patricia at ", "contacts.yaml:12: entries.0.people.0.email"),
        ("contacts.yaml", "04 72", "o4 72", "contacts.yaml:12: entries.0.people.0.phone"),
        ("outside.yaml", "contact/lyon", "contact/metz", "outside.yaml:4: contact names contact/metz, which does not"),
        ("places.yaml", "[contact/lyon]", "[contact/metz]", "places.yaml:5: contacts names contact/metz, which does"),
        ("places.yaml", "kind: seat", "kind: village", "places.yaml:3: places.0.kind: Input should be 'seat'"),
        (
            "replies.yaml",
            'en: "Guide, p. {page}"',
            'en: "Guide, p. {pge}"',
            "replies.yaml:10: fr and en must have",
        ),
        (
            "replies.yaml",
            'en: "Guide, p. {page}"',
            'en: "Guide, p. {page"',
            "replies.yaml:10: fr and en must have",
        ),
        ("communes.tsv", "Lyon\t69\t520774", "Lyon;69;520774", "communes.tsv:2: a town is: name, tab"),
        ("communes.tsv", "69", "68", "communes.tsv:2: no place of places.yaml has the number 68"),
    ],
)
def test_each_kind_of_problem_is_told_with_file_and_line(
    file: str, old: str, new: str, expected: str, edit: Edit
) -> None:
    found = problems(edit(file, old, new))
    assert bool(found) == bool(expected)
    assert any(problem.startswith(expected) for problem in found) or not expected, found


def test_every_problem_is_told_at_once_in_order(edit: Edit) -> None:
    edit("guide.yaml", "[guide/language]", "[guide/none]")
    edit("guide.yaml", "public visé", "bonjour")
    edit("glossary.yaml", 'page: "17"', 'page: "17"\n    page: "18"')
    edit("places.yaml", "kind: seat", "kind: village")
    folder = edit("communes.tsv", "520774", "many")
    found = [problem.partition(": ")[0] for problem in problems(folder)]
    assert found == ["communes.tsv:2", "glossary.yaml:6", "guide.yaml:8", "places.yaml:3", "replies.yaml:4"]


@pytest.mark.parametrize("name", [*FILES, "communes.tsv"])
def test_a_missing_file_is_one_problem(name: str, small: Path) -> None:
    (small / name).unlink()
    assert [problem for problem in problems(small) if problem.startswith(name)] == [
        f"{name}:1: can't be read: [Errno 2] No such file or directory: '{small / name}'"
    ]


@pytest.mark.parametrize("junk", [b"", b"\xff\xfe", b"\x00", b"- a\n- b\n", b"[" * 5000, b"a: 1\n---\nb: 2\n"])
def test_junk_is_a_problem_and_not_a_crash(junk: bytes, small: Path) -> None:
    (small / "guide.yaml").write_bytes(junk)
    assert all(problem.startswith("guide.yaml:") for problem in problems(small))
    assert problems(small)


def test_what_a_broken_file_should_hold_is_not_missed_elsewhere(edit: Edit) -> None:
    assert len(problems(edit("contacts.yaml", "ways:", "ways: ["))) == 1


def test_a_broken_fit_is_a_problem(small: Path) -> None:
    (small / "fit.json").write_text("{", "utf-8")
    assert problems(small)[0].startswith("fit.json:1: can't be read")


def test_an_overdue_review_is_a_warning_only(small: Path) -> None:
    found, warnings = check(small, ids=IDS, today=date(2030, 2, 1))
    assert found == []
    assert [str(warning) for warning in warnings] == ["guide.yaml:17: guide/language was to be reviewed by 2030-01-31"]


def test_loading_refuses_with_every_problem(edit: Edit) -> None:
    edit("guide.yaml", "[guide/language]", "[guide/none]")
    with pytest.raises(KnowledgeError) as caught:
        load(edit("glossary.yaml", 'page: "17"', "page: []"))
    assert [problem.partition(":")[0] for problem in caught.value.problems] == ["glossary.yaml", "guide.yaml"]


def test_an_edit_changes_stamp_and_fingerprint(small: Path) -> None:
    before = stamp(small), fingerprint(small)
    path = small / "guide.yaml"
    path.write_text(path.read_text("utf-8") + "# more\n", "utf-8")
    assert stamp(small) != before[0]
    assert fingerprint(small) != before[1]
