"""Extending: the additions are made in the tree, and told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from bot.blueprint import words
from bot.blueprint.choice import Choice
from bot.blueprint.compose import COMPOSE_PATH, example_values
from bot.blueprint.extend.addition import Addition, add, worker_of
from bot.blueprint.extend.graft import CannotAddError
from bot.blueprint.extend.standing import Standing, lacking
from bot.blueprint.library import Library
from bot.blueprint.place import place
from bot.blueprint.render import files_of
from bot.blueprint.skill import RenderedFile
from bot.model.brief import Brief
from bot.model.change import Decision, Kept, Work
from bot.model.issue import Issue

_VARIABLE: Final = re.compile(r"\$\{(?P<name>\w+)")
_EXAMPLE: Final = "src/.env.example"
_OTHER_HOST: Final = (
    "Only the Compose stack was extended: files for {host} are not made from a stack that people changed."
)


def extended(
    brief: Brief,
    issue: Issue,
    choice: Choice,
    standing: Standing,
    root: Path,
    library: Library,
    *,
    files: Iterable[RenderedFile],
    former: Mapping[str, bytes],
    engine: str,
) -> Work:
    """Add to the stack in `root` what it lacks of `choice`, and return what was done."""
    theirs = f"`{standing.path}`"
    kept = (Kept(path=standing.path, why="it was there already: what was missing was added, and nothing else changed"),)
    if standing.graft is None:
        why = f"it was there already and could not be read: {standing.why}"
        return Work(
            engine=engine,
            kept=(Kept(path=standing.path, why=why),),
            ended=f"{theirs} could not be read: {standing.why}.",
        )
    parts = lacking(brief, issue, choice, standing)
    missing = tuple(one for one in choice.missing if not standing.plays(one.part) and one.part != "worker")
    if not parts:
        ended = words.ended(replace(choice, missing=missing)) or f"{theirs} has all the services that were asked for."
        return Work(
            engine=engine,
            kept=(Kept(path=standing.path, why="it was there already, and has what was asked for"),),
            ended=ended,
        )
    rendered = next(file for file in files if file.path == COMPOSE_PATH).content.decode()
    try:
        addition = add(standing.graft, parts, choice, rendered, standing.parts)
    except CannotAddError as error:
        return Work(engine=engine, kept=kept, ended=f"Nothing was added to {theirs}: {error}.")
    (root / standing.path).write_bytes(addition.text.encode())
    added = text_added(standing.text, addition.text)
    _examples(root, added, example_values(choice, library))
    # Code of ours that nobody changed follows the stack; files of the new parts come with them.
    own = [skill for skill in choice.skills.values() if skill.directory]
    stood = place(
        (file for skill in (*own, *addition.skills) for file in files_of(skill, choice, library)), root, former
    )
    linked = {part: skill for part, skill in choice.skills.items() if part == "backend" or part in addition.parts}
    confirm = [*addition.confirm, *words.unlinked(replace(choice, skills=linked))]
    if brief.orchestrator in {"kubernetes", "systemd"}:
        confirm.append(_OTHER_HOST.format(host=brief.orchestrator))
    return Work(
        engine=engine,
        decisions=(*_decisions(brief, choice, addition, standing), *addition.told),
        confirm=(*confirm, *words.not_built(missing)),
        kept=(*kept, *stood),
        ended=words.ended(replace(choice, missing=missing)),
    )


def _decisions(brief: Brief, choice: Choice, addition: Addition, standing: Standing) -> Iterable[Decision]:
    only = replace(
        choice, skills={part: skill for part, skill in choice.skills.items() if part in addition.parts}, extras={}
    )
    yield from (
        replace(one, what=f"{one.what}: a service in `{standing.path}`")
        for one in words.decisions(_issue_first(brief), only)
    )
    if "worker" in addition.parts and "worker" not in only.skills:
        command = " ".join(worker_of(choice))
        yield Decision(
            what=f"A worker: a service in `{standing.path}`", why=f"the application starts it with `{command}`"
        )


def _issue_first(brief: Brief) -> Brief:
    """Return `brief` with the issue's own words as the first evidence: an addition is there because it asked."""
    facts = tuple(
        replace(fact, evidence=tuple(sorted(fact.evidence, key=lambda place: place.path != "issue")))
        for fact in brief.facts
    )
    return replace(brief, facts=facts)


def text_added(old: str, new: str) -> str:
    """Return the lines of `new` that are not in `old`."""
    before = set(old.splitlines())
    return "\n".join(line for line in new.splitlines() if line not in before)


def _examples(root: Path, added: str, known: Mapping[str, str]) -> None:
    """Add the variables that new lines use to `.env.example`, where that lacks them."""
    names = dict.fromkeys(found["name"] for found in _VARIABLE.finditer(added))
    target = root / _EXAMPLE
    if target.is_symlink():
        return
    text = target.read_text(encoding="utf-8") if target.is_file() else ""
    lines = [
        f"{name}={known[name]}" for name in names if name in known and not re.search(rf"^{name}=", text, re.MULTILINE)
    ]
    if lines:
        head = f"{text.rstrip()}\n\n" if text.strip() else ""
        target.write_text(head + "\n".join(lines) + "\n", encoding="utf-8")
