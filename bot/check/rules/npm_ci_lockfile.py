"""DF05: `npm ci` where no lock file is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import basename, dirname, join, normpath
from typing import Final

from bot.check.rule import Rule, replace, safe
from bot.check.sources.container_files import ContainerFiles, located_commands, walk
from bot.check.sources.contexts import Context, contexts
from bot.check.sources.ignore_files import docker_ignores
from bot.check.sources.once import each_place_once
from bot.check.tree import Tree
from bot.model.finding import Edit, Finding, Fix, Severity
from bot.parse.dockerfile_model import Instruction
from bot.parse.dockerfile_text import Word
from bot.parse.shell import Command

LOCKS: Final = ("package-lock.json", "npm-shrinkwrap.json")
_CI: Final = frozenset({"ci", "clean-install", "ic", "install-clean", "isntall-clean"})
_INSTALL: Final = frozenset({"install", "i", "add", "shrinkwrap"})
_MOUNT: Final = re.compile(r"\btype=bind\b")


@each_place_once
def _check(tree: Tree) -> Iterator[Finding]:
    seen: set[tuple[str, int]] = set()
    for context in contexts(tree):
        for stage in context.dockerfile.stages:
            generated: set[str] = set()
            for where, instruction, state in walk(context, stage):
                if instruction.keyword != "RUN":
                    continue
                for command, cwd in located_commands(instruction, state):
                    if command.program != "npm":
                        continue
                    verb = _verb(command)
                    folder = _prefix(command, cwd)
                    if verb is not None and verb.value in _INSTALL:
                        generated.add(folder)  # npm install writes the lock file, but for --no-package-lock
                    if (
                        verb is None
                        or verb.value not in _CI
                        or where is not stage
                        or (context.dockerfile.path, verb.start) in seen
                    ):
                        continue
                    if _guarded(command, instruction) or folder in generated:
                        continue
                    found = _finding(context, instruction, verb, folder, state)
                    if found is not None:
                        seen.add((context.dockerfile.path, verb.start))
                        yield found


def _verb(command: Command) -> Word | None:
    """Return npm's subcommand."""
    words = iter(command.words[1:])
    for word in words:
        if word.value in {"--prefix", "-C", "--loglevel", "--cache", "--registry", "--userconfig", "-w", "--workspace"}:
            next(words, None)
        elif not word.value.startswith("-"):
            return word
    return None


def _prefix(command: Command, cwd: str) -> str:
    arguments = command.arguments
    for index, word in enumerate(arguments):
        if word in {"--prefix", "-C"} and index + 1 < len(arguments):
            return normpath(join(cwd, arguments[index + 1]))
        if word.startswith("--prefix="):
            return normpath(join(cwd, word[9:]))
    return cwd


def _guarded(command: Command, instruction: Instruction) -> bool:
    """Whether another way stands ready: `npm ci || npm install`, `if [ -f package-lock.json ]; then ...`."""
    text = instruction.body.text + "".join(doc.body.text for doc in instruction.heredocs)
    if re.search(r"\[\s|\btest\b|\bif\b", text) and re.search(r"lock|shrinkwrap", text):
        return True
    return (
        "||" in text
        and re.search(r"\bnpm\s+(?:ci|clean-install)\b[^&;]*\|\|", text) is not None
        and bool(command.words)
    )


def _finding(
    context: Context, instruction: Instruction, verb: Word, folder: str, state: ContainerFiles
) -> Finding | None:
    places = [folder]
    while places[-1] not in {"/", ""}:
        places.append(dirname(places[-1]))
    if any(join(place, lock) in state.files for place in places for lock in LOCKS) or _mounted(instruction, context):
        return None
    manifest = next(
        (state.files[join(p, "package.json")] for p in places if join(p, "package.json") in state.files), None
    )
    if manifest is None or any(state.strange(join(folder, lock)) for lock in LOCKS):
        return None  # the application came another way: nobody can say what else did
    at = context.dockerfile.span(verb)
    if not manifest:
        return None
    base = dirname(manifest)
    present = next((path for lock in LOCKS if (path := join(base, lock)) in context.files), None)
    if present is None:
        if any(basename(path) in LOCKS and not dirname(path).startswith(base) for path in context.files.paths):
            return None  # a workspace's lock lies elsewhere
        where = context.in_tree(base)
        return RULE.finding(
            at, f"`npm ci` stops without a lock file, and `{where}` has none.", _install_instead(context, verb)
        )
    if context.ignored(present):
        message = f"`npm ci` stops without a lock file, and `{context.ignore_path}` keeps `{present}` out of the build."
        return RULE.finding(at, message, _unignore(context, present))
    message = f"`npm ci` stops without a lock file, and `{present}` is not copied before it."
    return RULE.finding(at, message, _copy_too(context, instruction, manifest, present))


def _mounted(instruction: Instruction, context: Context) -> bool:
    """Whether a bind mount brings the lock file (or everything) into this RUN."""
    for mount in instruction.flag_values("mount"):
        if not _MOUNT.search(mount):
            continue
        source = re.search(r"(?:source|src)=([^,]+)", mount)
        if source is None or basename(source[1]) in LOCKS or not basename(source[1]).count("."):
            return True

    return len(context.files.paths) == 0


def _install_instead(context: Context, verb: Word) -> Fix | None:
    span = context.dockerfile.span(verb)
    return (
        safe("use `npm install`, which needs no lock file", replace(span, "install"))
        if span.text == verb.value
        else None
    )


def _unignore(context: Context, present: str) -> Fix | None:
    text = context.ignore_text
    line = f"!{present}"
    glue = "" if not text or text.endswith("\n") else "\n"
    if docker_ignores(f"{text}{glue}{line}\n", present):
        return None
    end = len(text)
    edit = Edit(path=context.ignore_path, start=end, end=end, text=f"{glue}{line}\n")
    return safe(f"let `{present}` into the build", edit)


def _copy_too(context: Context, instruction: Instruction, manifest: str, present: str) -> Fix | None:
    """Name the lock file beside the manifest in the COPY that brings the manifest."""
    for stage in context.dockerfile.stages:
        for copy in stage.instructions:
            if copy.keyword != "COPY" or copy.start > instruction.start or copy.flag("from") or copy.heredocs:
                continue
            word = next((w for w in copy.words[:-1] if normpath(w.value) == manifest), None)
            if word is None or copy.exec_form:
                continue
            target = copy.words[-1]
            span = context.dockerfile.span(word)
            prefix = span.text[: -len(basename(manifest))]
            if not span.text.endswith(basename(manifest)):
                return None
            edits = [Edit(path=span.path, start=span.end, end=span.end, text=f" {prefix}{basename(present)}")]
            if not target.value.endswith("/") and target.value != ".":
                place = context.dockerfile.span(target)
                if basename(target.value) == "package.json":
                    edits.append(replace(place, (dirname(target.value) or ".") + "/"))
                else:
                    edits.append(Edit(path=place.path, start=place.end, end=place.end, text="/"))
            return safe(f"copy `{present}` too", *edits)
    return None


RULE = Rule(
    name="npm-ci-lockfile",
    code="DF05",
    severity=Severity.ERROR,
    summary="`npm ci` with no lock file in the context, or not copied before it, or docker-ignored",
    needs=("dockerfile", "tree"),
    check=_check,
    fix="safe",
)
