"""LAY03: host paths in `src/docker-compose.yml` that begin with `src/` or leave it with `../`."""

from __future__ import annotations

from collections.abc import Iterator

from bot.check.layout import SRC, HostPath, host_paths, is_src, misplaced
from bot.check.rule import Rule, replace, safe
from bot.check.tree import Tree
from bot.model.finding import Finding, Fix, Severity


def _check(tree: Tree) -> Iterator[Finding]:
    if is_src(tree):
        return
    for stack in tree.stacks:
        for path in host_paths(stack):
            if not misplaced(path, stack, tree):
                continue
            if path.text.startswith(".."):
                message = f"`{path.text}` leaves `{SRC}/`, where everything that runs belongs."
            else:
                message = (
                    f"`{path.text}` starts from `{SRC}/`, where this file lies, so it means `{path.path}`, which does "
                    "not exist."
                )
            right = _right(path, tree)
            yield RULE.finding(path.span, message + (f" Write `{right}`." if right else ""), _fix(path, right))


def _right(path: HostPath, tree: Tree) -> str:
    """Return the path that was meant, where it exists: what follows `src/`, or the same name inside `src/`."""
    bare = path.text.removeprefix("./")
    while bare.startswith("../"):
        bare = bare[3:]
    bare = bare.removeprefix(f"{SRC}/").strip("/")
    if bare in {"", "..", SRC}:
        return "." if path.text.strip("./") == SRC else ""
    return f"./{bare}" if tree.exists(f"{SRC}/{bare}") else ""


def _fix(path: HostPath, right: str) -> Fix | None:
    if not right or not path.exact:
        return None
    return safe(f"write `{right}`", replace(path.span, right))


RULE = Rule(
    name="compose-path-prefix",
    code="LAY03",
    severity=Severity.ERROR,
    summary="`src/`-prefixed or `../` host paths in `src/docker-compose.yml`",
    needs=("compose",),
    check=_check,
    fix="safe",
)
