"""The server's settings, from the environment or a `.env` file; each missing or wrong one is named with its mend."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from pydantic import AliasChoices, Field, SecretStr, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.errors import GroundworkError

PREFIX: Final = "GROUNDWORK_"
_DATABASES: Final = ("postgresql://", "postgresql+psycopg://", "sqlite:///")
_SHORTEST_SECRET: Final = 16
_ACTION: Final = re.compile(r"[\w.-]+(?:/[\w.-]+)+@[0-9a-f]{40}(?: # [\w./ -]{1,60})?", re.ASCII)
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_APP: Final = "your App's page on GitHub (Settings, Developer settings, GitHub Apps)"
# Setting -> where to find its value.
WHERE: Final = {
    "app_id": f"`App ID` at the top of {_APP}",
    "private_key": f"`Private keys` on {_APP}; give the PEM itself, or its file with {PREFIX}PRIVATE_KEY_FILE",
    "private_key_file": f"the file that GitHub gave you under `Private keys` on {_APP}",
    "webhook_secret": f"`Webhook secret` on {_APP}; make a new one with: openssl rand -hex 32",
    "webhook_secret_old": "the secret before the present one, while it is being changed; leave it out otherwise",
    "data": "a folder that this process may write; it keeps the database and clones",
    "database_url": "postgresql://USER@HOST/NAME for several processes; leave it out for SQLite in the data folder",
    "github_url": "https://github.com, or the address of your GitHub Enterprise Server",
    "public_url": "where browsers reach this server (https://groundwork.example.org); without it, runs have no page",
    "host": "the address to listen on, such as 127.0.0.1 behind a proxy or 0.0.0.0 in a container",
    "port": "a free port, such as 8000",
    "label": "the name of the label that starts a run; `infra` where it is left out",
    "verification": "`actions`, `docker` for the engine of this machine, or `none`; left out, it is `actions` once "
    f"{PREFIX}VERIFY_ACTION is set, `docker` otherwise",
    "verify_action": "OWNER/groundwork/deploy/actions/verify@COMMIT, where OWNER/groundwork is your copy, readable for "
    "the repositories that use it, and COMMIT has 40 digits",
    "checkout_action": "actions/checkout@COMMIT, for a server with a mirror of its own; leave it out otherwise",
    "runner": "the labels of the runners that verify, with commas between them; `ubuntu-latest` where it is left out",
    "window": "seconds that a healthy stack is watched",
    "timeout": "seconds for one verification",
    "attempts": "how often a run verifies, 1 to 10",
    "quiet": "seconds without another review after which a revision begins",
    "rounds": "how often a pull request is revised, 1 to 100",
    "engine": "`blueprint`, which needs no key, or `claude`",
    "model": "the model's name at its provider",
    "model_provider": "`anthropic`, or `bedrock` or `vertex` with the credentials that their own clients find",
    "model_key": "a key from the provider's console; ANTHROPIC_API_KEY counts too",
    "model_url": "the address of a gateway that speaks the same language; leave it out otherwise",
    "model_region": "where Bedrock or Vertex run the model; leave it out where their clients are set up",
    "model_price": "dollars for a million tokens: input,cache_write,cache_read,output; for a model the table lacks",
    "model_turns": "calls to the model for one draft",
    "model_dollars": "dollars that one draft may cost",
    "model_dollars_in_all": "dollars that all drafts of this process may cost until it ends",
    "sandbox_image": "an image with bash in which the model's commands run",
    "sandbox_network": "`none`, or `registries` for package registries alone",
}


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


class SettingsError(GroundworkError):
    """A setting is missing or wrong; one line for each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong with one setting: `said` follows its name in a sentence, `mend` is what to do about it."""

    setting: str
    said: str
    mend: str = ""

    @property
    def name(self) -> str:
        """The setting as the environment names it."""
        return f"{PREFIX}{self.setting.upper()}"

    def __str__(self) -> str:
        """Return one line: what is wrong, and the next step."""
        return f"{self.name} {self.said}. {self.mend or f'Its value: {WHERE[self.setting]}'}"


class ModelSettings(BaseSettings):
    """What the claude engine needs to know; `groundwork run` reads these alone."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", extra="ignore", frozen=True, populate_by_name=True, protected_namespaces=()
    )

    engine: Literal["blueprint", "claude"] = "blueprint"
    model: str = Field(default="claude-sonnet-4-5-20250929", min_length=1)
    model_provider: Literal["anthropic", "bedrock", "vertex"] = "anthropic"
    model_key: SecretStr = Field(
        default=SecretStr(""), validation_alias=AliasChoices("GROUNDWORK_MODEL_KEY", "ANTHROPIC_API_KEY")
    )
    model_url: str = ""
    model_region: str = ""
    model_price: str = ""
    model_turns: int = Field(default=80, ge=1, le=1000)
    model_dollars: float = Field(default=5.0, gt=0)
    model_dollars_in_all: float = Field(default=100.0, gt=0)
    sandbox_image: str = "python:3.12-slim"
    sandbox_network: Literal["none", "registries"] = "none"

    @field_validator("model_url")
    @classmethod
    def _model_is_safe(cls, url: str) -> str:
        if url and not is_safe(url):
            raise ValueError("the key travels there, so it has to be an address that starts with https://")
        return url.rstrip("/")


class Settings(ModelSettings):
    """What the server needs to know; names in the environment are these in capitals, after `GROUNDWORK_`."""

    app_id: int = Field(gt=0)
    private_key: SecretStr = SecretStr("")
    private_key_file: Path | None = None
    webhook_secret: SecretStr
    webhook_secret_old: SecretStr | None = None
    data: Path = Path("groundwork-data")
    database_url: SecretStr | None = None
    github_url: str = "https://github.com"
    public_url: str = ""
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65_535)
    label: str = Field(default="infra", min_length=1, max_length=50)
    verification: Literal["actions", "docker", "none"] | None = None
    verify_action: str = Field(default="", validate_default=True)
    checkout_action: str = ""
    runner: str = Field(
        default="ubuntu-latest", pattern=r"^[A-Za-z0-9][A-Za-z0-9_./-]*( *, *[A-Za-z0-9][A-Za-z0-9_./-]*)*$"
    )
    window: float = Field(default=15.0, gt=0, le=600)
    timeout: float = Field(default=600.0, gt=0, le=7200)
    attempts: int = Field(default=3, ge=1, le=10)
    quiet: float = Field(default=60.0, ge=0, le=3600)
    rounds: int = Field(default=10, ge=1, le=100)

    @field_validator("github_url")
    @classmethod
    def _is_safe(cls, url: str) -> str:
        if not is_safe(url):
            raise ValueError("tokens travel there, so it has to be an address that starts with https://")
        return url.rstrip("/")

    @field_validator("webhook_secret", "webhook_secret_old")
    @classmethod
    def _is_long(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None and len(secret) < _SHORTEST_SECRET:
            raise ValueError(f"it has {len(secret)} characters, and fewer than {_SHORTEST_SECRET} can be guessed")
        return secret

    @field_validator("database_url")
    @classmethod
    def _is_known(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None and not url.get_secret_value().startswith(_DATABASES):
            raise ValueError("it has to start with postgresql:// (or sqlite:///)")
        return url

    @field_validator("verify_action", "checkout_action")
    @classmethod
    def _is_pinned(cls, action: str, info: ValidationInfo) -> str:
        if not action and info.field_name == "verify_action" and info.data.get("verification") == "actions":
            raise ValueError("it is needed where `verification` is `actions`")
        if action and not _ACTION.fullmatch(action):
            raise ValueError("it has to name an action with its full commit")
        return action

    @field_validator("public_url")
    @classmethod
    def _is_address(cls, url: str) -> str:
        parts = urlsplit(url)
        if url and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment):
            raise ValueError("it has to be an address that starts with https://")
        return url.rstrip("/")

    @model_validator(mode="after")
    def _has_key(self) -> Settings:
        if not self.private_key.get_secret_value() and self.private_key_file is None:
            raise ValueError("private_key: is missing")
        return self

    def verified_by(self) -> Literal["actions", "docker", "none"]:
        """Return where stacks are verified."""
        return self.verification or ("actions" if self.verify_action else "docker")

    def runner_labels(self) -> tuple[str, ...]:
        """Return the labels of the runners that verify."""
        return tuple(label.strip() for label in self.runner.split(","))

    def key(self) -> str:
        """Return the private key's PEM.

        Raises:
            SettingsError: Its file cannot be read.
        """
        if self.private_key_file is None:
            # In a .env file, and in many a container's settings, line breaks are written as \n.
            return self.private_key.get_secret_value().replace("\\n", "\n")
        try:
            return self.private_key_file.read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is no PEM file"
            raise SettingsError(
                f"{PREFIX}PRIVATE_KEY_FILE: {self.private_key_file} cannot be read: {why}",
                hint=WHERE["private_key_file"],
            ) from error

    def api_url(self) -> str:
        """Return the API's address."""
        return api_url(self.github_url)

    def database(self) -> str:
        """Return the database's URL."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{(self.data / 'groundwork.sqlite').resolve()}"

    def known_secrets(self) -> tuple[str, ...]:
        """Return all values that nobody may read in a log.

        Raises:
            SettingsError: The private key's file cannot be read.
        """
        password = urlsplit(self.database_url.get_secret_value()).password if self.database_url else ""
        model_key = self.model_key.get_secret_value()
        more = tuple(value for value in (password, model_key) if value)
        return (*self.secrets(), *self.key().splitlines(), *more)

    def secrets(self) -> tuple[str, ...]:
        """Return the webhook's secrets, the present one first."""
        old = (self.webhook_secret_old.get_secret_value(),) if self.webhook_secret_old else ()
        return (self.webhook_secret.get_secret_value(), *old)


def is_safe(url: str) -> bool:
    """Return whether secrets may travel to `url`: encrypted, or not over any network, and without a user name."""
    try:
        parts = urlsplit(url)
        known = bool(parts.hostname) and not parts.username and not parts.password and (parts.port or 1) > 0
    except ValueError:
        return False
    return known and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK))


def api_url(github_url: str) -> str:
    """Return the API's address: beside github.com, below an Enterprise Server, or on a loopback itself."""
    parts = urlsplit(github_url)
    if parts.hostname == "github.com":
        return "https://api.github.com"
    if parts.hostname and parts.hostname.endswith(".ghe.com"):
        return f"{parts.scheme}://api.{parts.netloc}"
    return github_url if parts.scheme == "http" else f"{github_url}/api/v3"


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
        raise in_words(_problem(it["loc"], it["type"], it["msg"]) for it in error.errors()) from error


def load(env_file: Path | None = Path(".env")) -> Settings:
    """Read the settings.

    Raises:
        SettingsError: Every missing or wrong setting on a line of its own, with where to find its value.
    """
    settings, problems = read(env_file)
    if problems:
        raise in_words(problems)
    return settings


def in_words(problems: Iterable[Problem]) -> SettingsError:
    """Return the error that names all `problems`."""
    return SettingsError(
        "The server cannot start with these settings:\n" + "\n".join(f"  {problem}" for problem in problems),
        hint="set them in the environment or in a file named .env, then run `groundwork doctor`",
    )


def _stand_in(setting: str) -> Any:
    return _STAND_INS[setting] if setting in _STAND_INS else Settings.model_fields[setting].default


def _problem(location: tuple[int | str, ...], kind: str, message: str) -> Problem:
    name = str(location[0]) if location else "private_key"
    if kind == "missing" or not location:
        return Problem(setting=name, said="is missing")
    said = message.removeprefix("Value error, ").removeprefix("Input ").rstrip(".")
    return Problem(setting=name, said=f"is wrong: {'it ' if said.startswith('should') else ''}{said}")
