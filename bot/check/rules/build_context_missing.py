"""LAY05: a build whose context, Dockerfile or target stage does not exist."""

from __future__ import annotations

from collections.abc import Iterator

from bot.check.layout import context_paths, misplaced
from bot.check.rule import Rule
from bot.check.tree import Built, Tree
from bot.model.finding import Finding, Severity


def _check(tree: Tree) -> Iterator[Finding]:
    seen: set[tuple[str, int]] = set()
    for built in tree.builds:
        found = _finding(built, tree)
        if found is not None and (found.path, found.line) not in seen:
            seen.add((found.path, found.line))
            yield found


def _finding(built: Built, tree: Tree) -> Finding | None:
    build = built.service.build
    if build is None or build.context is None or build.context.startswith(("..", "/", "~")):
        return None
    name = built.service.name
    if any(misplaced(path, built.stack, tree) for path in context_paths(built.service)):
        return None  # compose-path-prefix says it
    where = build.context_node.span if build.context_node is not None else built.service.key.span
    if not tree.is_folder(build.context):
        return RULE.finding(where, f"`{name}` is built from `{build.context}`, which does not exist.")
    if build.dockerfile is None or build.dockerfile.startswith(("..", "/")):
        return None
    if not tree.is_file(build.dockerfile):
        at = build.dockerfile_node.span if build.dockerfile_node is not None else where
        return RULE.finding(at, f"`{name}` is built with `{build.dockerfile}`, which does not exist.")
    if built.dockerfile is not None and built.image is None and build.target and build.target_node is not None:
        stages = ", ".join(f"`{stage.name}`" for stage in built.dockerfile.stages if stage.name)
        has = f"its stages are {stages}" if stages else "its stages have no names"
        return RULE.finding(build.target_node.span, f"`{build.dockerfile}` has no stage `{build.target}`: {has}.")
    return None


RULE = Rule(
    name="build-context-missing",
    code="LAY05",
    severity=Severity.ERROR,
    summary="a build context, its Dockerfile or its target stage does not exist",
    needs=("compose", "tree"),
    check=_check,
)
