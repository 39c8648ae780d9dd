"""BuildKit's plain progress, read line by line: which service, which step, how long, and why it failed. Pure."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field
from typing import Final

_NUMBERED: Final = re.compile(r"^#(\d+) (.*)$")
_OUTPUT: Final = re.compile(r"^\d+\.\d+ ?(.*)$")
_ERROR: Final = re.compile(r"^ERROR: (.*)$")
_DOCKERFILE_LINE: Final = re.compile(r"^([^\s:]*Dockerfile[^\s:]*|[\w./-]+):(\d+)$")
_STEP: Final = re.compile(r"^\[(?:(?P<words>[^\]]+) )?(?P<number>\d+)/(?P<all>\d+)\] (?!FROM )")
_DONE: Final = re.compile(r"^(?:CACHED|DONE (?P<seconds>\d+\.\d+)s)$")
_FROM: Final = re.compile(r"\] FROM ([^\s@]+)")
_TAIL: Final = 40


@dataclass(slots=True)
class _Service:
    first: float
    last: float


@dataclass(slots=True)
class BuildOutput:
    """What the build said so far.

    Attributes:
        services: The services that are built; with one alone BuildKit leaves its name out.
        failed_step: The step that failed, such as `[3/4] RUN npm ci`; "" while none did.
        failed_service: Whose step it was.
        error: BuildKit's words for it.
        dockerfile: The Dockerfile as BuildKit names it, and its line; ("", 0) where it said none.
        finished: Service and stage ("" for a Dockerfile's only one) of which the last step is done or was reused.
        worked: Seconds of the steps that were done and not reused from an earlier build, one after the other.
    """

    services: tuple[str, ...]
    failed_step: str = ""
    failed_service: str = ""
    error: str = ""
    dockerfile: tuple[str, int] = ("", 0)
    finished: list[tuple[str, str]] = field(default_factory=list)
    worked: float = 0.0
    _spans: dict[str, _Service] = field(default_factory=dict)
    _owners: dict[str, str] = field(default_factory=dict)
    _titles: dict[str, str] = field(default_factory=dict)
    _tails: dict[str, deque[str]] = field(default_factory=dict)
    _rest: deque[str] = field(default_factory=lambda: deque(maxlen=_TAIL))

    def line(self, text: str, at: float) -> str:
        """Take a line that came at `at`; return the step that began with it, or ""."""
        numbered = _NUMBERED.match(text)
        if numbered is None:
            return self._plain(text)
        number, rest = numbered.groups()
        if rest.startswith("[") and number not in self._titles:
            owner = self._owner(rest)
            self._owners[number], self._titles[number] = owner, rest
            self._touch(owner, at)
            return rest
        owner = self._owners.get(number, "")
        self._touch(owner, at)
        if (error := _ERROR.match(rest)) is not None:
            self._failed(number, error.group(1))
        elif (output := _OUTPUT.match(rest)) is not None:
            self._tails.setdefault(number, deque(maxlen=_TAIL)).append(output.group(1))
        elif (done := _DONE.match(rest)) is not None:
            self._done(number, float(done["seconds"] or 0))
        return ""

    def bases(self, service: str) -> tuple[str, ...]:
        """Return the images that the stages of `service` begin with, as people name them."""
        found = [
            base.group(1).removeprefix("docker.io/").removeprefix("library/")
            for number, title in self._titles.items()
            if self._owners[number] == service and (base := _FROM.search(title)) is not None
        ]
        return tuple(dict.fromkeys(found))

    def seconds(self, service: str) -> float:
        """Return how long the steps of `service` took, from the first to the last line."""
        span = self._spans.get(service)
        return round(span.last - span.first, 3) if span else 0.0

    def tail(self) -> tuple[str, ...]:
        """Return the failing step's last lines, or the last lines at all."""
        number = next((n for n, title in self._titles.items() if title == self.failed_step), None)
        kept = self._tails.get(number) if number else None
        return tuple(kept) if kept else tuple(self._rest)

    def _plain(self, text: str) -> str:
        if text.strip() and not text.startswith(("---", " > ")):
            self._rest.append(text)
        if (where := _DOCKERFILE_LINE.match(text.strip())) is not None and not self.dockerfile[0]:
            self.dockerfile = (where.group(1), int(where.group(2)))
        if text.startswith("failed to solve: ") and not self.error:
            self.error = text.removeprefix("failed to solve: ")
        return ""

    def _owner(self, title: str) -> str:
        word = title[1:].partition(" ")[0].rstrip("]")
        if word in self.services:
            return word
        return self.services[0] if len(self.services) == 1 else ""

    def _touch(self, owner: str, at: float) -> None:
        if owner:
            span = self._spans.setdefault(owner, _Service(first=at, last=at))
            span.last = at

    def _done(self, number: str, seconds: float) -> None:
        step = _STEP.match(self._titles.get(number, ""))
        if step is None:
            return
        self.worked += seconds
        owner = self._owners[number]
        if step["number"] == step["all"] and owner:
            stage = (step["words"] or "").removeprefix(owner).strip()
            self.finished.append((owner, stage))

    def _failed(self, number: str, error: str) -> None:
        if error.startswith("failed to solve") or self.failed_step or "context canceled" in error:
            return
        self.failed_step = self._titles.get(number, "")
        self.failed_service = self._owners.get(number, "")
        self.error = error
