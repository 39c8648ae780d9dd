"""The server's log: one line for each happening, JSON for machines, words in a terminal, secrets in neither."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Literal, TextIO

if TYPE_CHECKING:
    from bot.model.redact import Redactor

Form = Literal["json", "text"]
# Told on every request or start, and of no use to whoever runs the server.
_QUIET: Final = ("httpx", "httpcore", "hpack", "uvicorn", "git", "githubkit")


def log_to(stream: TextIO, *, form: Form, redact: Redactor, level: str = "INFO") -> None:
    """Send everything that is logged in this process to `stream`."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_JsonLines(redact) if form == "json" else _Words(redact))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _QUIET:
        logging.getLogger(name).setLevel("WARNING")
    # The durable engine would print in a way of its own if it found no handler here.
    durable = logging.getLogger("dbos")
    durable.handlers[:] = [handler]
    durable.propagate = False


def form_for(stream: TextIO | None = None) -> Form:
    """Return the form that suits `stream`: a person's terminal, or whatever collects logs."""
    return "text" if (stream or sys.stdout).isatty() else "json"


class _JsonLines(logging.Formatter):
    def __init__(self, redact: Redactor) -> None:
        super().__init__()
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "message": self._redact(record.getMessage()),
        }
        if record.exc_info:
            line["error"] = self._redact(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


class _Words(logging.Formatter):
    def __init__(self, redact: Redactor) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(message)s", "%H:%M:%S")
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        return self._redact(super().format(record))
