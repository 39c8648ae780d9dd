"""The server's log is JSON for machines, words for people, and never holds a secret."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

from bot.cli.log import form_for, log_to
from bot.model.redact import Redactor


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root, durable = logging.getLogger(), logging.getLogger("dbos")
    before = (root.handlers[:], root.level, durable.handlers[:], durable.propagate)
    yield
    root.handlers[:], durable.handlers[:] = before[0], before[2]
    root.setLevel(before[1])
    durable.propagate = before[3]


def test_a_line_is_json_without_secrets_also_in_tracebacks() -> None:
    stream = io.StringIO()
    log_to(stream, form="json", redact=Redactor(["hunter22hunter22"]))
    try:
        int("hunter22hunter22")
    except ValueError:
        logging.getLogger("bot.x").exception("token %s", "ghs_0123456789abcdefghij0123456789abcdef")
    logging.getLogger("httpx").info("GET /")
    (line,) = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert (line["level"], line["from"], line["message"]) == ("error", "bot.x", "token ***")
    assert "with base 10: '***'" in line["error"]


def test_what_the_durable_engine_says_comes_once_and_in_the_same_form() -> None:
    stream = io.StringIO()
    log_to(stream, form="text", redact=Redactor(["hunter22hunter22"]))
    logging.getLogger("dbos").warning("cannot reach hunter22hunter22")
    (line,) = stream.getvalue().splitlines()
    assert line.endswith("WARNING cannot reach ***")


def test_what_is_no_terminal_gets_json() -> None:
    assert form_for(io.StringIO()) == "json"
