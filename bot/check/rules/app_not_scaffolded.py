"""LAY06: a build whose context does not hold what it copies."""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import basename, normpath
from typing import Final

from bot.check.rule import Rule
from bot.check.sources.container_files import context_matches, walk
from bot.check.sources.contexts import Context, contexts
from bot.check.sources.once import each_place_once
from bot.check.tree import Tree
from bot.model.finding import Finding, Severity
from bot.parse.dockerfile_model import Instruction
from bot.parse.dockerfile_text import Word

# What surrounds an application without being one.
_AROUND: Final = re.compile(
    r"(?:^|/)(?:Dockerfile|Containerfile)[^/]*\Z|\.Dockerfile\Z|(?:^|/)\.[^/]+\Z|(?:^|/)(?:README|LICENSE|CHANGELOG)[^/]*\Z"
    r"|(?:^|/)(?:docker-)?compose[\w.-]*\.ya?ml\Z|(?:^|/)(?:entrypoint|docker-entrypoint|start|healthcheck)\.sh\Z|(?:^|/)nginx[^/]*\.conf\Z"
)
_URL: Final = re.compile(r"[a-z]+://|git@")
_LOCKS: Final = frozenset({"package-lock.json", "npm-shrinkwrap.json"})
# Installed by commands, never committed: a context that misses them is whole.
_BUILT: Final = re.compile(r"(?:^|/)(?:node_modules|vendor)(?:/|\Z)")


@each_place_once
def _check(tree: Tree) -> Iterator[Finding]:
    for context in contexts(tree):
        if not tree.is_folder(context.folder) or (not context.builds and tree.stacks):
            continue  # from which folder nobody builds it, nobody can tell
        empty = all(_AROUND.search(path) for path in context.files.paths)
        installs = any(
            re.search(r"\bnpm\s+(?:ci|clean-install|ic)\b", i.body.text)
            for s in context.dockerfile.stages
            for i in s.instructions
        )
        for stage in context.dockerfile.stages:
            for where, instruction, state in walk(context, stage):
                if (
                    where is not stage
                    or instruction.keyword not in {"COPY", "ADD"}
                    or instruction.flag("from") is not None
                ):
                    continue
                docs = {f"<<{doc.name}" for doc in instruction.heredocs}
                for word in instruction.words[:-1]:
                    text = state.expanded(word.value)
                    if (
                        text is None
                        or _URL.match(text)
                        or text.replace("<<-", "<<").replace('"', "").replace("'", "") in docs
                    ):
                        continue
                    found = _missing(tree, context, word, text, installs=installs)
                    if found is None and empty and normpath(text.lstrip("/") or ".") == ".":
                        found = RULE.finding(context.dockerfile.span(word), _bare(context))
                    if found is not None:
                        yield found
        yield from _mounted_only(tree, context, empty=empty)


def _bare(context: Context) -> str:
    place = context.folder if context.folder != "." else "the context"
    return f"`{place}` holds no application: only {_listed(context)}. There is nothing to build or to run."


def _listed(context: Context) -> str:
    names = [f"`{basename(path)}`" for path in context.files.paths[:3]]
    return ", ".join(names) or "nothing"


def _missing(tree: Tree, context: Context, word: Word, text: str, *, installs: bool) -> Finding | None:
    if any(char in text for char in "*?[$") or normpath(text.lstrip("/") or ".") == ".":
        return None
    path = normpath(text.lstrip("/"))
    if path.startswith("..") or _BUILT.search(path) or (installs and basename(path) in _LOCKS):
        return None
    matches = [each for each, _inner in context_matches(context, text)]
    at = context.dockerfile.span(word)
    if not matches:
        if tree.exists(context.in_tree(path)) or _brought(context):
            return None
        return RULE.finding(at, f'`{context.in_tree(path)}` does not exist, so this step stops: "{path}: not found".')
    if all(context.ignored(each) for each in matches):
        return RULE.finding(at, f"`{context.ignore_path}` keeps `{path}` out of the build, so this step stops.")
    return None


def _brought(context: Context) -> bool:
    """Whether a build brings files of its own: additional contexts may take the place of the folder."""
    return any(b.service.build is not None and "additional_contexts" in b.service.build.node for b in context.builds)


def _mounted_only(tree: Tree, context: Context, *, empty: bool) -> Iterator[Finding]:
    """Find an application that is only mounted, from a folder that holds nothing but its Dockerfile."""
    copies = any(i.keyword in {"COPY", "ADD"} for s in context.dockerfile.stages for i in s.instructions)
    if not empty or copies or not tree.is_file(context.dockerfile.path):
        return
    for built in context.builds:
        code = any(mount.kind == "bind" and mount.path == context.folder for mount in built.service.mounts)
        build = built.service.build
        if code and build is not None and not _makes(context):
            at = build.context_node.span if build.context_node is not None else built.service.key.span
            yield RULE.finding(at, _bare(context))


def _makes(context: Context) -> bool:
    """Whether a command in the Dockerfile makes the application itself."""
    text = " ".join(_text(i) for s in context.dockerfile.stages for i in s.instructions)
    return bool(re.search(r"create-project|npx create|npm (?:create|init)|startproject|git clone|rails new", text))


def _text(instruction: Instruction) -> str:
    return instruction.body.text if instruction.keyword in {"RUN", "CMD", "ENTRYPOINT"} else ""


RULE = Rule(
    name="app-not-scaffolded",
    code="LAY06",
    severity=Severity.ERROR,
    summary="a COPY source is missing, or the context holds only a Dockerfile",
    needs=("dockerfile", "tree"),
    check=_check,
)
