"""`guidebot knowledge fit`: the weights of the matching."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.commands import settings_of_call

if TYPE_CHECKING:
    from bot.service.fitting import Fitted

_PROCESSES = 2

_file = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(short_help="Fit the weights of the matching anew.")
@click.option("--gold", multiple=True, type=_file, help="Labelled questions; of a checkout, all its gold files.")
@click.option("--cross", is_flag=True, help="Tell what each gold file is worth left out of the fit; some minutes.")
def fit(gold: tuple[Path, ...], *, cross: bool) -> None:
    """Fit the weights of the matching to the phrasings and to labelled questions, and write fit.json.

    It takes a minute or two. Edits that are made meanwhile make the new fit stale.
    """
    from bot.adapters import knowledge_files
    from bot.adapters.knowledge_marks import FIT, fingerprint
    from bot.service.evaluation import read_questions

    with _fitting_libraries():
        from bot.service.fitting import Fitter

    folder, files = settings_of_call().knowledge_dir, gold or _gold_files()
    questions = [question for file in files for question in read_questions(file)]
    if not questions:
        raise click.ClickException("there is no labelled question: name files by --gold")
    data, known = fingerprint(folder), knowledge_files.load(folder)
    fitter = Fitter(known, lambda said: click.echo(said, err=True), processes=_PROCESSES)
    fitted = fitter.fit(questions, cross=cross)
    made = {"date": datetime.now(UTC).date().isoformat(), "data": data, "phrasings": fitter.phrasings}
    (folder / FIT).write_text(_written(made, fitted), encoding="utf-8")
    click.echo(json.dumps({"in sample": fitted.in_sample, **fitted.crossed}, indent=1))
    click.echo(f"Written to {folder / FIT}.")


@contextmanager
def _fitting_libraries() -> Iterator[None]:
    """Around an import of what needs scipy: where it is missing, say how to get it."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "scipy":
            raise
        raise click.ClickException(
            "scipy is missing: this command needs it, and a running bot does not. "
            "`make lint` installs them in .venv; elsewhere: python -m pip install scipy"
        ) from None


def _gold_files() -> tuple[Path, ...]:
    from bot.settings import ROOT

    return tuple(sorted((ROOT / "tests" / "knowledge" / "gold").glob("*.jsonl")))


def _written(made: dict[str, Any], fitted: Fitted) -> str:
    """The text of fit.json: what a person looks for comes first."""
    figures = {"in sample": fitted.in_sample, **({"left out": fitted.crossed} if fitted.crossed else {})}
    fit = fitted.fit
    weights = {"temperature": fit.temperature, "cost": fit.cost, "weights": dict(fit.weights)}
    return json.dumps({**made, "figures": figures, **weights}, indent=1, ensure_ascii=False) + "\n"
