"""Reading settings from the environment or a `.env` file: each missing or wrong one is named with its mend."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from bot.settings.model import ModelSettings
from bot.settings.server import Settings
from bot.settings.words import Problem, in_words

# What stands in for a setting that is wrong, so that the others can still be looked at.
_STAND_INS: Final[dict[str, Any]] = {
    "app_id": 1,
    "private_key": "wrong",
    "private_key_file": None,
    "webhook_secret": "stands in for the secret that is wrong",
    "webhook_secret_old": None,
    "database_url": None,
    "verify_action": f"stands/in/for@{'0' * 40}",
}


def read(env_file: Path | None = Path(".env")) -> tuple[Settings, tuple[Problem, ...]]:
    """Read the settings and everything that is wrong with them; what is wrong is stood in for."""
    problems: list[Problem] = []
    stand_ins: dict[str, Any] = {}
    while True:
        try:
            return Settings(_env_file=env_file, **stand_ins), tuple(problems)  # type: ignore[call-arg]
        except ValidationError as error:
            found = [_problem(it["loc"], it["type"], it["msg"]) for it in error.errors()]
            problems += found
            stand_ins |= {it.setting: _stand_in(it.setting) for it in found}


def read_model(env_file: Path | None = Path(".env")) -> ModelSettings:
    """Read what the claude engine needs, for a run without a server.

    Raises:
        SettingsError: Every wrong setting on a line of its own.
    """
    try:
        return ModelSettings(_env_file=env_file)  # type: ignore[call-arg]
    except ValidationError as error:
        found = (_problem(it["loc"], it["type"], it["msg"]) for it in error.errors())
        raise in_words(found, "The model cannot be asked") from error


def load(env_file: Path | None = Path(".env")) -> Settings:
    """Read the settings.

    Raises:
        SettingsError: Every missing or wrong setting on a line of its own, with where to find its value.
    """
    settings, problems = read(env_file)
    if problems:
        raise in_words(problems)
    return settings


def _stand_in(setting: str) -> Any:
    return _STAND_INS[setting] if setting in _STAND_INS else Settings.model_fields[setting].default


def _problem(location: tuple[int | str, ...], kind: str, message: str) -> Problem:
    name = str(location[0]) if location else "private_key"
    if kind == "missing" or not location:
        return Problem(setting=name, said="is missing")
    said = message.removeprefix("Value error, ").removeprefix("Input ").rstrip(".")
    return Problem(setting=name, said=f"is wrong: {'it ' if said.startswith('should') else ''}{said}")
