"""What the claude engine needs to know, with the server and without one."""

from __future__ import annotations

from typing import Literal

from pydantic import AliasChoices, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.settings.addresses import is_safe
from bot.settings.words import PREFIX


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
