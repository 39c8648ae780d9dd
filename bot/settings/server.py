"""What the server needs to know."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator, model_validator

from bot.settings.addresses import api_url, is_safe
from bot.settings.model import ModelSettings
from bot.settings.words import PREFIX, WHERE, SettingsError

_DATABASES: Final = ("postgresql://", "postgresql+psycopg://", "sqlite:///")
_SHORTEST_SECRET: Final = 16
_ACTION: Final = re.compile(r"[\w.-]+(?:/[\w.-]+)+@[0-9a-f]{40}(?: # [\w./ -]{1,60})?", re.ASCII)


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
