"""LAY04: a relative bind source that does not exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import basename, join
from typing import Final

from bot.check.layout import bind_paths, misplaced
from bot.check.rule import Rule, safe
from bot.check.tree import Tree
from bot.model.finding import Edit, Finding, Fix, Severity
from bot.parse.compose_mounts import Mount

# `nginx.conf`, `init.sql`: a file was meant, so an empty folder would not mend it.
_FILE: Final = re.compile(
    r"[^/]+\.(?!d\Z)[A-Za-z][A-Za-z0-9]{0,9}\Z|(?:Caddyfile|Dockerfile|Makefile|Procfile|htpasswd)\Z"
)


def _check(tree: Tree) -> Iterator[Finding]:
    seen: set[tuple[str, int, int]] = set()
    for stack in tree.stacks:
        for service in stack.services:
            mounts = {id(mount.source_node): mount for mount in service.mounts}
            for path in bind_paths(service):
                if path.path.startswith("..") or tree.exists(path.path) or misplaced(path, stack, tree):
                    continue
                mount = next(m for m in mounts.values() if m.source == path.text and m.path == path.path)
                if _copied_by_people(path.path, tree):
                    continue
                place = (path.span.path, path.span.start, path.span.end)
                if place in seen:  # an anchor or an extended service, reported once
                    continue
                seen.add(place)
                yield RULE.finding(path.span, _words(path.path, mount), _fix(path.path, mount))


def _copied_by_people(path: str, tree: Tree) -> bool:
    """Whether people make it before they start: an env file from its example, installed dependencies."""
    name = basename(path)
    return (name.startswith(".env") and tree.exists(f"{path}.example")) or name in {"node_modules", "vendor", ".venv"}


def _is_file(path: str, mount: Mount) -> bool:
    return bool(_FILE.match(basename(path.rstrip("/")))) and (
        not mount.target or bool(_FILE.match(basename(mount.target))) or not mount.target.endswith("/")
    )


def _words(path: str, mount: Mount) -> str:
    if not mount.creates:
        return f"`{path}` does not exist, and `create_host_path: false` makes Docker refuse to start without it."
    if _is_file(path, mount):
        return (
            f"`{path}` does not exist: Docker would make a folder of that name, owned by root, where a file is meant."
        )
    where = f", and hide what the image has in `{mount.target}`" if mount.target else ""
    return f"`{path}` does not exist: Docker would make it, owned by root{where}."


def _fix(path: str, mount: Mount) -> Fix | None:
    if _is_file(path, mount):
        return None
    # Git keeps no empty folder, so a file goes in; but a database wants its own folder empty.
    if re.match(r"/var/lib/(?:postgresql|mysql)|/data/db", mount.target):
        return safe(f"make `{path}/`", Edit(path=path.rstrip("/") + "/"))
    return safe(f"make `{path}/` with a `.gitkeep`", Edit(path=join(path, ".gitkeep")))


RULE = Rule(
    name="bind-source-missing",
    code="LAY04",
    severity=Severity.ERROR,
    summary="a relative bind source does not exist: Docker would make it, as root",
    needs=("compose", "tree"),
    check=_check,
    fix="safe",
)
