"""Versions: what the documents say, against what the scaffolds are tested with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from bot.blueprint.choice import Choice
from bot.blueprint.library import Library
from bot.blueprint.skill import Part, Skill
from bot.model.brief import Brief

_NUMBER: Final = re.compile(r"\d+(?:\.\d+)*")


def versions_to_confirm(brief: Brief, choice: Choice, library: Library) -> Iterator[str]:
    """Yield a sentence for each part whose documented major version is not the one that is built."""
    for part, skill in choice.skills.items():
        offered = _offered(skill, library)
        wanted = _wanted(brief, part, choice.names[part])
        number = _NUMBER.search(offered)
        if wanted and number and _major(wanted) != _major(number[0]):
            name = skill.title.removesuffix(number[0]).strip()
            yield (
                f"The documents say {name} {wanted}; the stack uses {offered}, "
                "the version that the scaffold is tested with."
            )


def _offered(skill: Skill, library: Library) -> str:
    """Return the image of a stock service, or the title of an application's skill, which carries its version."""
    if skill.directory:
        return skill.title
    texts = [content.decode() for path, content in skill.files.items() if path.startswith("compose/")]
    images = (ref for key, ref in library.images.items() if any(f"images.{key} " in text for text in texts))
    return next((f"`{image}`" for image in images), "")


def _wanted(brief: Brief, part: Part, name: str) -> str:
    """Return the version that the evidence of `part` names: in the fact's detail, or right after the name itself."""
    # Documents write "Postgres 15" and "PostgreSQL v15": the first letters are what all spellings share. In
    # "nginx :8080" and "nginx 8080" the number is a port: nothing here has versions of three digits.
    spelled = re.compile(
        rf"\b{re.escape(name[:5])}\w*(?:\.js)?(?:\s+|:\s*)v?(?P<version>\d{{1,2}}(?!\d)(?:\.\d+)*)", re.IGNORECASE
    )
    for fact in brief.facts:
        if (fact.topic, fact.value, fact.rejected) != (part, name, False):
            continue
        if told := _NUMBER.search(fact.detail):
            return told[0]
        for place in fact.evidence:
            if found := spelled.search(place.quote):
                return found["version"]
    return ""


def _major(version: str) -> str:
    return version.partition(".")[0]
