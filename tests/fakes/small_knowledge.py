from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.adapters.knowledge_marks import FIT, fingerprint
from bot.settings import ROOT

SMALL = {
    "guide.yaml": """\
edition: "2016"
entries:
  - id: guide/purpose
    title: {fr: "À qui", en: "For whom"}
    section: {fr: "Introduction", en: "Introduction"}
    page: "5"
    text: {fr: "Pour vous.", en: "For you."}
    see_also: [guide/language]
    phrasings:
      fr: ["à qui s'adresse le guide", "public visé"]
      en: ["who is the guide for"]
  - id: guide/language
    title: {fr: "La langue", en: "The language"}
    section: {fr: "Bon usage", en: "Good use"}
    page: "13"
    text: {fr: "En français clair.", en: "In clear French."}
    review_by: "2030-01-31"
    phrasings:
      fr: ["dans quelle langue écrire"]
      en: ["which language to write in"]
""",
    "glossary.yaml": """\
entries:
  - id: glossary/hashtag
    title: {fr: "Mot-dièse", en: "Hashtag"}
    section: {fr: "Glossaire", en: "Glossary"}
    page: "17"
    text: {fr: "Un mot après #.", en: "A word after #."}
    terms: {fr: ["mot-dièse"], en: ["hashtag"]}
    phrasings:
      fr: ["c'est quoi un hashtag"]
      en: ["what is a hashtag"]
""",
    "contacts.yaml": """\
ways:
  fr: ["qui contacter à {place}"]
  en: ["who is the contact in {place}"]
entries:
  - id: contact/lyon
    title: {fr: "Lyon", en: "Lyon"}
    section: {fr: "Contacts", en: "Contacts"}
    page: "18"
    text: {fr: "La délégation.", en: "The delegation."}
    serves: {fr: "Auvergne-Rhône-Alpes", en: "Auvergne-Rhône-Alpes"}
    people:
      - {name: "Patricia Lefort", email: "patricia.lefort@inserm.fr", phone: "04 72 13 88 04"}
    phrasings:
      fr: ["la dame de la com lyonnaise"]
      en: ["the Lyon comms lady"]
""",
    "outside.yaml": """\
topics:
  - id: outside/printer
    title: {fr: "L'imprimante", en: "The printer"}
    contact: contact/lyon
    phrasings:
      fr: ["l'imprimante est en panne"]
      en: ["the printer is broken"]
""",
    "places.yaml": """\
places:
  - id: place/lyon
    kind: seat
    name: {fr: "Lyon", en: "Lyon"}
    contacts: [contact/lyon]
  - id: place/rhone
    kind: departement
    name: {fr: "Rhône", en: "Rhône"}
    contacts: [contact/lyon]
    number: "69"
""",
    "replies.yaml": """\
smalltalk:
  - id: smalltalk/hello
    text: {fr: "Bonjour !", en: "Hello!"}
    phrasings: {fr: ["bonjour"], en: ["hello"]}
report:
  id: report
  text: {fr: "Prévenez la presse.", en: "Tell the press office."}
  phrasings: {fr: ["un tweet nous attaque"], en: ["a tweet attacks us"]}
messages:
  source: {fr: "Guide, p. {page}", en: "Guide, p. {page}"}
""",
    "communes.tsv": "# towns\nLyon\t69\t520774\n",
}

# Puts a file into a knowledge base: some words of it replaced, or all of it.
Edit = Callable[[str, str, str], Path]


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A folder with a small knowledge base that is sound."""
    folder = tmp_path / "knowledge"
    folder.mkdir()
    for name, text in SMALL.items():
        (folder / name).write_text(text, "utf-8")
    fit = json.loads((ROOT / "knowledge" / FIT).read_text("utf-8")) | {"data": fingerprint(folder)}
    (folder / FIT).write_text(json.dumps(fit), "utf-8")
    return folder


@pytest.fixture
def edit(small: Path) -> Edit:
    def replace(file: str, old: str, new: str) -> Path:
        text = (small / file).read_text("utf-8")
        assert old in text, f"{old!r} is not in {file}"
        (small / file).write_text(text.replace(old, new, 1), "utf-8")
        return small

    return replace
