"""The pure core: a choice becomes files, the same bytes each time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from bot.blueprint.choice import Choice, choose
from bot.blueprint.compose import compose_file, project_values
from bot.blueprint.condition import holds
from bot.blueprint.graph import distinct
from bot.blueprint.library import Library, shipped
from bot.blueprint.locks import lock_file
from bot.blueprint.skill import RenderedFile, Skill
from bot.blueprint.template import fill
from bot.model.brief import Brief

_ROOT: Final = "src/"
_TEMPLATE: Final = ".j2"
_SCAFFOLD: Final = "scaffold/"
_VARIANTS: Final = "variants/"
# The skill that every compose stack has: the files that belong to no single part.
_FRAME: Final = "docker-compose"


def render(brief: Brief, *, library: Library | None = None) -> tuple[RenderedFile, ...]:
    """Return the files for `brief`, sorted by path; empty where no part of it can be built."""
    books = library or shipped()
    return render_choice(choose(brief, books), books)


def render_choice(choice: Choice, library: Library) -> tuple[RenderedFile, ...]:
    """Return the files for `choice`, sorted by path, all below `src/`; empty for an empty choice."""
    if not choice.skills:
        return ()
    files: dict[str, RenderedFile] = {}
    for skill in (library.skills[_FRAME], *distinct(choice)):
        for file in files_of(skill, choice, library):
            files[file.path] = file
    compose = compose_file(choice, library)
    files[compose.path] = compose
    return tuple(files[path] for path in sorted(files))


def files_of(skill: Skill, choice: Choice, library: Library) -> Iterator[RenderedFile]:
    """Yield the files that `skill` has in `choice`, beside its part of the compose file."""
    values = project_values(choice, library) | choice.seen_by(skill) | dict(skill.facts)
    rendered = {path: _content(path, source, values) for path, source in _sources(skill, choice)}
    named = {_target(path): content for path, content in rendered.items()}
    for path, content in named.items():
        yield RenderedFile(path=_ROOT + path, content=content, mode=_mode(path))
    for lock in skill.locks:
        manifest = named.get(lock.manifest, b"")
        yield RenderedFile(path=_ROOT + lock.path, content=lock_file(lock, skill, manifest, choice))


def _sources(skill: Skill, choice: Choice) -> Iterator[tuple[str, bytes]]:
    """Yield the template files that apply, by their path below `src/`; a variant replaces the common file."""
    names = choice.seen_by(skill)
    chosen: dict[str, bytes] = {}
    for path, content in skill.files.items():
        if path.startswith(_SCAFFOLD):
            chosen[path.removeprefix(_SCAFFOLD)] = content
    for path, content in skill.files.items():
        if path.startswith(_VARIANTS):
            condition, _, rest = path.removeprefix(_VARIANTS).partition("/")
            if holds(condition, names):
                chosen[rest] = content
    yield from chosen.items()


def _content(path: str, source: bytes, values: Mapping[str, Any]) -> bytes:
    return fill(source.decode(), values).encode() if path.endswith(_TEMPLATE) else source


def _target(path: str) -> str:
    """Return the path to write: `dot-gitignore` in a skill is `.gitignore` in a project, and stays inert in ours."""
    folder, _, name = path.removesuffix(_TEMPLATE).rpartition("/")
    shown = f".{name.removeprefix('dot-')}" if name.startswith("dot-") else name
    return f"{folder}/{shown}" if folder else shown


def _mode(path: str) -> int:
    """Return the permission bits: scripts are run, all else is read. A wheel does not keep modes, a name does."""
    return 0o755 if path.endswith(".sh") else 0o644
