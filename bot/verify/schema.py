"""The published JSON schema of the report, generated from the model; `python -m bot.verify.schema` writes it anew."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any, Final

import msgspec

from bot.model.codec import to_json
from bot.model.health import HealthReport

NAME: Final = "health-report.schema.json"


def report_schema() -> dict[str, Any]:
    """Return the schema (JSON Schema 2020-12) of what `groundwork verify --json` writes."""
    schema = msgspec.json.schema(HealthReport)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:groundwork:{NAME}",
        "title": "Groundwork health report, version 1",
        **schema,
    }


def schema_text() -> str:
    """Return the schema as the file holds it."""
    return to_json(report_schema(), indent=2).decode() + "\n"


def published_schema() -> str:
    """Return the published file's text."""
    return resources.files("bot.verify").joinpath(NAME).read_text("utf-8")


if __name__ == "__main__":
    Path(__file__).with_name(NAME).write_text(schema_text(), "utf-8")
