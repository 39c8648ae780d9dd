"""Extending: the additions are made in the tree, and told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from bot.blueprint import words
from bot.blueprint.choice import Choice
from bot.blueprint.ci import ci_file
from bot.blueprint.compose import COMPOSE_PATH, example_values
from bot.blueprint.extend.addition import Addition, add, worker_of
from bot.blueprint.extend.graft import CannotAddError
from bot.blueprint.extend.standing import Standing, lacking
from bot.blueprint.library import Library
from bot.blueprint.place import place
from bot.blueprint.render import files_of
from bot.blueprint.skill import Part, RenderedFile
from bot.model.brief import Brief
from bot.model.change import Decision, Kept, Work
from bot.model.issue import Issue

_VARIABLE: Final = re.compile(r"\$\{(?P<name>\w+)")
_EXAMPLE: Final = "src/.env.example"
_OTHER_HOST: Final = (
    "Only the Compose stack was extended: files for {host} are not made from a stack that people changed."
)
_NO_CI: Final = (
    "A workflow for CI was not written: it would use the scripts and stages of a stack that this engine rendered, and "
    "this one is not; free-form work needs a model key."
)
_KEPT: Final = "it was there already: what was missing was added, and everything else stands"
_SCRIPT: Final = "src/scripts/setup.sh"


def extended(
    brief: Brief,
    issue: Issue,
    choice: Choice,
    standing: Standing,
    root: Path,
    library: Library,
    *,
    files: Sequence[RenderedFile],
    former: Mapping[str, bytes],
    engine: str,
) -> Work:
    """Add to the stack in `root` what it lacks of `choice`, and return what was done."""
    if standing.graft is None:
        why = f"it was there already and could not be read: {standing.why}"
        ended = f"`{standing.path}` could not be read: {standing.why}."
        return Work(engine=engine, kept=(Kept(path=standing.path, why=why),), ended=ended)
    wanted = lacking(brief, issue, choice, standing)
    rendered = next(file for file in files if file.path == COMPOSE_PATH).content.decode()
    try:
        addition = add(standing.graft, wanted, choice, rendered, standing.parts)
    except CannotAddError as error:
        why = "it was there already, and was left as it is"
        ended = f"Nothing was added to `{standing.path}`: {error}."
        return Work(engine=engine, kept=(Kept(path=standing.path, why=why),), ended=ended)
    ci = (ci_file(choice, files, library),) if brief.wants_ci and (root / _SCRIPT).is_file() else ()
    stood = (*_write(addition, choice, standing, root, library, former), *place(ci, root))
    missing = tuple(one for one in choice.missing if not standing.plays(one.part) and one.part != "worker")
    open_ = tuple(_not_made(brief, written=bool(ci)))
    ended = words.ended(replace(choice, missing=missing))
    if addition.text == standing.text and not ci and not addition.confirm:
        ended = " ".join((ended or f"`{standing.path}` has all the services that were asked for.", *open_))
    told = _only(choice, addition, "backend")
    return Work(
        engine=engine,
        decisions=(
            *_decisions(brief, choice, addition, standing),
            *addition.told,
            *(words.ci(file.path) for file in ci),
        ),
        confirm=(*addition.confirm, *words.unlinked(told), *words.unused(told), *words.not_built(missing), *open_),
        kept=(Kept(path=standing.path, why=_KEPT), *stood),
        unverified=tuple(words.ci_unverified(file.path) for file in ci),
        ended=ended,
    )


def _write(
    addition: Addition,
    choice: Choice,
    standing: Standing,
    root: Path,
    library: Library,
    former: Mapping[str, bytes],
) -> tuple[Kept, ...]:
    """Write the file that grew, with what belongs to it; return what stood in the way."""
    if addition.text == standing.text:
        return ()
    (root / standing.path).write_bytes(addition.text.encode())
    _examples(root, text_added(standing.text, addition.text), example_values(choice, library))
    # Code of ours that nobody changed follows the stack; files of the new parts come with them.
    own = [skill for skill in choice.skills.values() if skill.directory]
    return place(
        (file for skill in (*own, *addition.skills) for file in files_of(skill, choice, library)), root, former
    )


def _only(choice: Choice, addition: Addition, *parts: Part) -> Choice:
    """Return `choice` with nothing but what was added, and `parts`."""
    return replace(
        choice,
        skills={part: skill for part, skill in choice.skills.items() if part in addition.parts or part in parts},
        extras={name: skill for name, skill in choice.extras.items() if name in addition.extras},
    )


def _not_made(brief: Brief, *, written: bool) -> Iterator[str]:
    """Yield what was asked for and is not made from a stack that people wrote or changed."""
    if brief.orchestrator in {"kubernetes", "systemd"}:
        yield _OTHER_HOST.format(host=brief.orchestrator)
    if brief.wants_ci and not written:
        yield _NO_CI


def _decisions(brief: Brief, choice: Choice, addition: Addition, standing: Standing) -> Iterable[Decision]:
    only = _only(choice, addition)
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
