"""The key that hashes people's ids and signs what clients hold: from the settings, or made once and kept."""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path

from bot.core.errors import SettingsError
from bot.settings import Settings

NAME = "secret.key"


def secret_key(settings: Settings) -> str:
    """The key; made at the first call and kept beside the database's file where the settings have none."""
    if settings.secret_key:
        return settings.secret_key.get_secret_value()
    if not settings.on_sqlite:
        raise SettingsError("SECRET_KEY: it is needed with PostgreSQL, the same on every replica (32 random letters)")
    path = kept_in(settings.database)
    try:
        return (_read(path) or _make(path)) if path else secrets.token_hex(32)
    except OSError as error:
        raise SettingsError(f"SECRET_KEY: it is unset, and {path} can't be kept: {error.strerror}") from error


def kept_in(database: str) -> Path | None:
    """Where the key lies; nowhere for a database in memory, which forgets the hashes as well."""
    path = database.partition("://")[2].partition("?")[0].removeprefix("/")
    return Path(path).parent / NAME if path not in {"", ":memory:"} else None


def _read(path: Path) -> str:
    return path.read_text(encoding="ascii").strip() if path.exists() else ""


def _make(path: Path) -> str:
    """Write the key whole before it gets its name: of two processes that start together, both use the first one's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, scratch = tempfile.mkstemp(dir=path.parent)  # readable by its owner alone
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32) + "\n")
        os.link(scratch, path)
    except FileExistsError:
        pass
    finally:
        Path(scratch).unlink()
    return _read(path)
