"""Which files of the context stand where in a stage, instruction by instruction."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from posixpath import basename, dirname, join, normpath
from typing import Final

from bot.check.sources.contexts import Context
from bot.check.sources.ignore_files import glob_matches
from bot.parse.dockerfile_commands import instruction_commands
from bot.parse.dockerfile_model import Instruction, Stage
from bot.parse.dockerfile_stages import lineage_of
from bot.parse.dockerfile_values import expand, global_values
from bot.parse.shell import Command

MAX_FILES: Final = 4_000
_DEPTH: Final = 8
_NAME: Final = re.compile(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)")
_MAKERS: Final = frozenset({"git", "npx", "django-admin", "rails"})
# Where official images stand before any WORKDIR.
_WORKDIRS: Final = {
    "php": "/var/www/html",
    "composer": "/app",
    "golang": "/go",
    "httpd": "/usr/local/apache2",
    "caddy": "/srv",
    "drupal": "/opt/drupal",
    "wordpress": "/var/www/html",
}


@dataclass(slots=True)
class ContainerFiles:
    """What is known of a stage's file system at one instruction.

    Attributes:
        cwd: The working directory.
        files: Path in the container -> path in the context; "" for a file made on the spot.
        made: Folders made by mkdir and its kin.
        foreign: Places that were filled from an image, a URL or something else that cannot be read here.
        env: Variables and their values, None where not known.
        unsure: A copy could not be followed.
    """

    cwd: str = "/"
    files: dict[str, str] = field(default_factory=dict)
    made: set[str] = field(default_factory=set)
    foreign: list[str] = field(default_factory=list)
    env: dict[str, str | None] = field(default_factory=dict)
    unsure: bool = False

    def path(self, text: str) -> str:
        """Return a path as an absolute one."""
        return normpath(join(self.cwd, text))

    def expanded(self, text: str) -> str | None:
        """Return a text with its variables put in; None where one is not set in the file: the image may set it."""
        names = {match[1] for match in _NAME.finditer(text)}
        return expand(text, self.env) if names <= self.env.keys() else None

    def strange(self, path: str) -> bool:
        """Whether `path` may have come from somewhere that cannot be read here."""
        return self.unsure or any(path == place or path.startswith(place.rstrip("/") + "/") for place in self.foreign)

    def has_folder(self, path: str) -> bool:
        """Whether the folder is known to exist."""
        prefix = path.rstrip("/") + "/"
        return (
            any(each == path or each.startswith(prefix) for each in self.made)
            or any(each.startswith(prefix) for each in self.files)
            or self.cwd == path
            or self.cwd.startswith(prefix)
        )


def walk(
    context: Context, stage: Stage, args: Mapping[str, str | None] | None = None, depth: int = _DEPTH
) -> Iterator[tuple[Stage, Instruction, ContainerFiles]]:
    """Yield each instruction that `stage` is made of, with what is there just before it (one state, that moves on)."""
    dockerfile = context.dockerfile
    lineage, base = lineage_of(dockerfile, stage, global_values(dockerfile, args))
    name = basename((base or "").partition("@")[0].partition(":")[0])
    state = ContainerFiles(cwd=_WORKDIRS.get(name, "/"))
    for each in lineage:
        for instruction in each.instructions:
            yield each, instruction, state
            _apply(context, each, instruction, state, args, depth)


def at_end(
    context: Context, stage: Stage, args: Mapping[str, str | None] | None = None, depth: int = _DEPTH
) -> ContainerFiles:
    """Return what is there when `stage` is done; not to be changed."""
    key = ("at_end", stage.index, tuple(sorted((args or {}).items(), key=str)), depth)
    known = context.memory.get(key)
    if isinstance(known, ContainerFiles):
        return known
    state = ContainerFiles()
    for _stage, _instruction, current in walk(context, stage, args, depth):
        state = current
    context.memory[key] = state
    return state


def _apply(
    context: Context,
    stage: Stage,
    instruction: Instruction,
    state: ContainerFiles,
    args: Mapping[str, str | None] | None,
    depth: int,
) -> None:
    match instruction.keyword:
        case "WORKDIR":
            text = state.expanded(instruction.body.text.strip().strip("\"'"))
            state.unsure = state.unsure or text is None
            state.cwd = state.path(text or "")
            state.made.add(state.cwd)
        case "ENV":
            values = dict(state.env)
            for pair in instruction.pairs:
                state.env[pair.name] = expand(pair.value or "", values)
        case "ARG":
            for pair in instruction.pairs:
                given = (args or {}).get(pair.name, pair.value)
                state.env.setdefault(pair.name, expand(given, state.env) if given is not None else None)
        case "COPY" | "ADD":
            _copy(context, stage, instruction, state, args, depth)
        case "RUN":
            for command, cwd in located_commands(instruction, state):
                _run(command, cwd, state)
        case "VOLUME":
            state.made |= {state.path(word.value) for word in instruction.words}


def located_commands(instruction: Instruction, state: ContainerFiles) -> Iterator[tuple[Command, str]]:
    """Yield the commands of a RUN, each with the folder it runs in (`cd` followed)."""
    cwd = state.cwd
    for command in instruction_commands(instruction):
        if command.program in {"cd", "pushd"} and command.arguments and "$" not in command.arguments[0]:
            cwd = normpath(join(cwd, command.arguments[0]))
            continue
        yield command, cwd


def _run(command: Command, cwd: str, state: ContainerFiles) -> None:
    for redirect in command.redirects:
        if redirect.operator in {">", ">>"} and not redirect.target.value.startswith(("/dev/", "&")):
            state.files.setdefault(normpath(join(cwd, redirect.target.value)), "")
    words = [state.expanded(word) or word for word in command.arguments if not word.startswith("-")]
    if command.program == "mkdir" or (command.program == "install" and "-d" in command.arguments):
        state.made |= {normpath(join(cwd, found)) for word in words for found in braces(word)}
    elif command.program == "touch":
        state.files.update({normpath(join(cwd, word)): "" for word in words})
    elif command.program in {"cp", "mv", "ln", "rsync"} and words:
        state.foreign.append(normpath(join(cwd, words[-1])))
    elif command.program in _MAKERS or "create-project" in command.arguments:
        state.foreign.append(cwd)


def braces(word: str, limit: int = 200) -> list[str]:
    """Expand `a/{b,c}/d` as bash does."""
    match = re.search(r"\{([^{}]*,[^{}]*)\}", word)
    if not match or limit <= 0:
        return [word]
    parts = match[1].split(",")[:limit]
    return [
        each
        for part in parts
        for each in braces(word[: match.start()] + part + word[match.end() :], limit // len(parts))
    ]


def _copy(
    context: Context,
    stage: Stage,
    instruction: Instruction,
    state: ContainerFiles,
    args: Mapping[str, str | None] | None,
    depth: int,
) -> None:
    words = [state.expanded(word.value) for word in instruction.words]
    if not words or any(word is None for word in words):
        state.unsure = True
        return
    *sources, target = [word or "" for word in words]
    heredocs = {f"<<{doc.name}" for doc in instruction.heredocs}
    folder = target.endswith(("/", "/.")) or target in {".", "./", ".."} or len(sources) > 1
    destination = state.path(target)
    origin = instruction.flag("from")
    for source in sources:
        bare = source.replace("-", "", 1) if source.startswith("<<-") else source
        if bare.replace('"', "").replace("'", "") in heredocs:
            state.files[join(destination, bare[2:]) if folder else destination] = ""
        elif origin is not None:
            _copy_from(context, stage, origin, source, destination, state, args, depth, folder=folder)
        elif re.match(r"[a-z]+://|git@", source) or source.endswith((".tar.gz", ".tgz", ".tar", ".tar.xz")):
            state.foreign.append(destination)
        else:
            _copy_context(
                context, source, destination, state, folder=folder, parents=instruction.flag("parents") is not None
            )


def _copy_from(
    context: Context,
    stage: Stage,
    origin: str,
    source: str,
    destination: str,
    state: ContainerFiles,
    args: Mapping[str, str | None] | None,
    depth: int,
    *,
    folder: bool,
) -> None:
    name = expand(origin, global_values(context.dockerfile, args))
    other = context.dockerfile.stage_named(name, stage.index) if name else None
    if other is None or depth <= 0:
        state.foreign.append(destination)
        return
    there = at_end(context, other, args, depth - 1)
    path = normpath(join("/", source))
    state.foreign += [destination] if there.strange(path) or _built(other) else []
    prefix = path.rstrip("/") + "/"
    for each, origin_path in there.files.items():
        if each.startswith(prefix):
            state.files[join(destination, each[len(prefix) :])] = origin_path
        elif each == path:
            state.files[join(destination, basename(each)) if folder else destination] = origin_path
    state.made |= {join(destination, each[len(prefix) :]) for each in there.made if each.startswith(prefix)}
    state.made.add(destination)


def _built(stage: Stage) -> bool:
    """Whether commands ran in the stage, which may have made anything."""
    return any(instruction.keyword == "RUN" for instruction in stage.instructions)


def _copy_context(
    context: Context, source: str, destination: str, state: ContainerFiles, *, folder: bool, parents: bool
) -> None:
    if len(context.files.paths) > MAX_FILES:
        state.unsure = True
        return
    for path, inner in _sent(context, source):
        if parents:
            place = join(destination, path)
        elif inner:
            place = join(destination, inner)
        else:
            known = folder or destination in state.made or destination == state.cwd
            place = join(destination, basename(path)) if known else destination
        state.files[normpath(place)] = path


def _sent(context: Context, source: str) -> list[tuple[str, str]]:
    """Return what a COPY source brings: matches that `.dockerignore` lets through."""
    known = context.memory.get(("sent", source))
    if isinstance(known, list):
        return known
    found = [(path, inner) for path, inner in context_matches(context, source) if not context.ignored(path)]
    context.memory["sent", source] = found
    return found


def context_matches(context: Context, source: str) -> Iterator[tuple[str, str]]:
    """Yield (file, its path beneath the copied folder or "" for a file itself) for a COPY source of the context."""
    pattern = normpath(source.lstrip("/") or ".")
    if pattern == ".":
        yield from ((path, path) for path in context.files.paths)
        return
    for path in context.files.paths:
        if path == pattern:
            yield path, ""
        elif path.startswith(pattern + "/"):
            yield path, path[len(pattern) + 1 :]
        elif any(char in pattern for char in "*?["):
            if glob_matches(pattern, path):
                yield path, ""
                continue
            parent = dirname(path)
            while parent:
                if glob_matches(pattern, parent):
                    yield path, path[len(parent) + 1 :]
                    break
                parent = dirname(parent)
