"""CFG01: a stack that compose refuses."""

from __future__ import annotations

from collections.abc import Iterator

from bot.check.rule import Rule
from bot.check.schema.compose_spec import FILE
from bot.check.schema.meaning import declared_misfits, misfits
from bot.check.tree import Tree
from bot.model.finding import Finding, Severity
from bot.parse.nodes import Scalar

_MOST = 50  # findings in one stack: beyond, the file is something else


def _check(tree: Tree) -> Iterator[Finding]:
    stacks = tree.stacks
    read = {source.path for stack in stacks for source in stack.sources}
    for error in tree.errors:
        if error.path in tree.compose_paths or error.path.endswith((".yml", ".yaml")):
            yield Finding(
                rule=RULE.name,
                code=RULE.code,
                severity=RULE.severity,
                path=error.path,
                line=error.line,
                column=error.column,
                end_line=error.line,
                end_column=error.column + 1,
                message=f"{error.what}{f': {error.hint}' if error.hint else ''}.",
            )
    broken = {error.path for error in tree.errors}
    for path in tree.compose_paths:
        if path not in read and path not in broken and tree.read(path) is not None:
            yield RULE.missing(path, f"{path} is empty: compose has nothing to start.")
    for stack in stacks:
        seen: set[tuple[str, int, str]] = set()
        for problem in stack.problems:
            yield RULE.finding(problem.span, f"Compose refuses this file: {problem.message}.")
        for misfit in (*FILE(stack.root, ""), *misfits(stack), *declared_misfits(stack)):
            place = (misfit.at.path, misfit.at.start, misfit.message)
            if place not in seen and len(seen) < _MOST:
                seen.add(place)
                yield RULE.finding(misfit.at, misfit.message)
        for missing in stack.unread:
            if _is_local(missing):
                yield RULE.finding(missing.span, f"The file `{missing.text}` does not exist in this tree.")


def _is_local(node: Scalar) -> bool:
    return not node.unknown and "://" not in node.text and not node.text.startswith(("git@", "oci:", "/", "~", "../"))


RULE = Rule(
    name="compose-invalid",
    code="CFG01",
    severity=Severity.ERROR,
    summary="what compose refuses: no YAML, a wrong key or type, an undefined service, volume or network, a cycle",
    needs=("compose",),
    check=_check,
)
