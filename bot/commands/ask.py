"""`guidebot ask`: one question, or a file of them; nothing is stored."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from bot.commands import settings_of_call

if TYPE_CHECKING:
    from bot.core.answers import Answer
    from bot.core.assistant import Assistant, Explained


@click.command(short_help="Answer a question, or a file of them.")
@click.argument("question", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--explain", is_flag=True, help="Show why: the phrasing that matched, the five likeliest, what decides.")
@click.option("--lang", type=click.Choice(["fr", "en"]), help="The language where the question's words don't decide.")
@click.option(
    "--batch",
    type=click.File("rb"),
    metavar="FILE",
    help='Answer JSON lines with "id" and "q" (- for standard input), a line of JSON for each.',
)
def ask(question: tuple[str, ...], lang: str | None, batch: BinaryIO | None, *, as_json: bool, explain: bool) -> None:
    """Answer one QUESTION from the guide, without keeping anything of it.

    The exit status is 0 whatever the outcome is: that a question isn't answered by the guide is an outcome.
    """
    from bot import compose

    words = " ".join(question)
    if bool(words.strip()) == bool(batch) or (batch and explain):
        raise click.UsageError('Give one question (guidebot ask "…") or --batch FILE.')
    shelf = compose.shelf(settings_of_call())
    if batch:
        _answer_all(batch, shelf.assistant, lang or "")
    elif explain:
        _explain(shelf.assistant, words)
    elif as_json:
        click.echo(_line(summary(shelf.assistant.answer(words, locale=lang or ""))))
    else:
        from bot.chat.terminal_drawing import console, draw_answers

        draw_answers(shelf.assistant.answer(words, locale=lang or ""), shelf.say, console())


def summary(answers: Sequence[Answer]) -> dict[str, Any]:
    """The answers to one message as one object: led by the first that is an answer, else by the first."""
    from bot.core.answers import Outcome, plain_text

    lead = next((answer for answer in answers if answer.outcome is Outcome.ANSWER), answers[0])
    ordered = [lead, *(answer for answer in answers if answer is not lead)]
    heads = [answer.entries[0] for answer in ordered if answer.entries]
    rest = [entry for answer in ordered for entry in answer.entries[1:]]
    return {
        "outcome": lead.outcome.value,
        "entries": list(dict.fromkeys([*heads, *rest])),
        "confidence": round(lead.confidence, 4),
        "language": lead.language,
        "text": "\n\n".join(plain_text(answer) for answer in answers),
    }


class _BadLineError(Exception):
    """A line of a batch that is no question; its message says why."""


def _answer_all(lines: Iterable[bytes], assistant: Assistant, locale: str) -> None:
    """Answer each line as it comes; a bad one is told and passed over."""
    bad = 0
    for number, line in enumerate(lines, 1):
        try:
            asked = _read(line)
        except _BadLineError as error:
            bad += 1
            click.echo(f"line {number}: {error}", err=True)
            continue
        if asked:
            click.echo(_line({"id": asked[0], **summary(assistant.answer(asked[1], locale=locale))}))
    if bad:
        raise click.ClickException(f"{bad} of the lines could not be read")


def _read(line: bytes) -> tuple[str | int, str] | None:
    """The id and the question of a line; None for an empty one."""
    try:
        text = line.decode("utf-8-sig").strip()
        asked = json.loads(text) if text else None
    except (ValueError, RecursionError) as error:
        raise _BadLineError(f"not JSON: {error}") from None
    if not text:
        return None
    name, question = (asked.get("id"), asked.get("q")) if isinstance(asked, dict) else (None, None)
    if isinstance(name, bool) or not isinstance(name, str | int) or not isinstance(question, str):
        raise _BadLineError('an object is expected, with "id" (a text or a whole number) and "q" (a text)')
    return name, question


def _line(value: dict[str, Any]) -> bytes:
    """A line of JSON in UTF-8, whatever the terminal's encoding; a lone surrogate stays the escape that it was."""
    try:
        return json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return json.dumps(value).encode()


def _explain(assistant: Assistant, words: str) -> None:
    explanation = assistant.explain(words)
    click.echo(f"language     {explanation.language}")
    click.echo(f"fit          a wrong answer takes away {explanation.cost:.2f} right ones; temperature", nl=False)
    click.echo(f" {explanation.temperature:.2f}")
    for question in explanation.questions:
        click.echo("\n".join(_explained(question)))


def _explained(question: Explained) -> Iterator[str]:
    yield f"\nquestion     {question.text}"
    yield f"words        {' '.join(question.words)}"
    yield f"outcome      {question.outcome}, confidence {question.confidence:.2f}"
    yield f"phrasing     {question.phrasing or '(none)'}"
    yield f"deciding     {' '.join(question.deciding) or '(none)'}"
    yield f"outside      {question.outside:.2f} {question.topic}".rstrip()
    for place, option in enumerate(question.best, 1):
        yield f"{place}. {option.probability:.2f}      {option.id:<32}{option.phrasing}"
