"""Reads acceptance criteria, and the services that an issue names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from bot.brief import words
from bot.brief.blocks import Passage
from bot.brief.mention import Mention
from bot.model.brief import Criterion, Evidence

_BOX: Final = re.compile(r"^\[[ xX]\]\s+")
_MOST: Final = 40


def criteria(passages: tuple[Passage, ...], path: str, *, boxes: bool) -> Iterator[Criterion]:
    """Yield the list items of "Acceptance criteria" sections, and every check box where `boxes` (as in an issue)."""
    count = 0
    for passage in passages:
        if passage.kind != "item" or count >= _MOST:
            continue
        titled = any(
            words.anywhere("brief", "criteria").search(heading.text) for heading in passage.headings[-2:]
        ) or any(words.anywhere("brief", "criteria").search(parent[:60]) for parent in passage.parents[:1])
        if titled or (boxes and _BOX.match(passage.text)):
            count += 1
            text = " ".join(_BOX.sub("", passage.text).split())
            yield Criterion(text=text[:300], evidence=Evidence(path=path, line=passage.line, quote=text[:160]))


def named_services(mentions: tuple[Mention, ...]) -> Iterator[Criterion]:
    """Yield each service that the issue asks for, once."""
    seen: set[str] = set()
    for mention in mentions:
        if (
            mention.stance == "asserted"
            and mention.weight >= 0.5
            and mention.name not in seen
            and mention.topic not in {"external", "host", "mobile", "desktop"}
        ):
            seen.add(mention.name)
            yield Criterion(
                text=f"The issue names `{mention.name}`.",
                evidence=Evidence(path=mention.path, line=mention.line, quote=mention.quote),
            )
