"""The published schema is that of the model, and every report fits it."""

from __future__ import annotations

import json

from hypothesis import given, settings
from jsonschema import Draft202012Validator

from bot.model.codec import to_json
from bot.model.measured import Record
from bot.verify.judge import judge
from bot.verify.schema import published_schema, schema_text
from tests.unit.verify.records import any_record

SCHEMA = json.loads(published_schema())


def test_the_published_schema_is_the_models() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert published_schema() == schema_text(), "python -m bot.verify.schema writes it anew"


@given(any_record)
@settings(max_examples=10)
def test_every_report_fits_the_schema(recorded: Record) -> None:
    Draft202012Validator(SCHEMA).validate(json.loads(to_json(judge(recorded))))
