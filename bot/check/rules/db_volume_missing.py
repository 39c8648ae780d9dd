"""PERM05: a database that forgets."""

from __future__ import annotations

from collections.abc import Iterator

from bot.check.images import DATA_FOLDERS
from bot.check.ownership import data_mount, database_of, keeps_nothing
from bot.check.rule import Rule, safe
from bot.check.tree import Tree
from bot.model.finding import Edit, Finding, Fix, Severity
from bot.parse.compose import ComposeStack, Service
from bot.parse.nodes import Mapping, Scalar, Sequence
from bot.parse.yaml_edit import add_entry, line_end


def _check(tree: Tree) -> Iterator[Finding]:
    for stack in tree.stacks:
        for service in stack.services:
            name = database_of(tree, service)
            folders = DATA_FOLDERS.get(name, ())
            if not folders or keeps_nothing(service, name):
                continue
            mount = data_mount(service, name)
            if mount is not None and (mount.kind != "volume" or mount.source):
                continue
            if any(m.kind == "unknown" and (m.target in folders or not m.target) for m in service.mounts):
                continue
            yield RULE.finding(
                service.key.span,
                f"`{service.name}` has no named volume on `{folders[0]}`: its data is gone, or lost in a volume "
                "without a "
                "name, with the next `docker compose down`.",
                _fix(stack, service, folders[0]) if mount is None else None,
            )


def _fix(stack: ComposeStack, service: Service, folder: str) -> Fix | None:
    name = f"{service.name.replace('-', '_')}_data"
    mounts, declared = service.node.get("volumes"), stack.root.get("volumes")
    if declared is not None and (
        not isinstance(declared, (Mapping, Scalar)) or (isinstance(declared, Mapping) and name in declared)
    ):
        return None
    if mounts is None:
        edit = add_entry(service.node, ("volumes:", f"  - {name}:{folder}"))
    else:
        edit = _item(mounts, f"{name}:{folder}") if isinstance(mounts, Sequence) else None
    if edit is None or edit.path != stack.path:
        return None
    if isinstance(declared, Mapping):
        top = add_entry(declared, (f"{name}:",)) if not declared.flow else None
    elif declared is None:
        source = stack.root.span.source
        end = len(source.text)
        lead = "" if source.text.endswith("\n") else "\n"
        top = (
            Edit(path=source.path, start=end, end=end, text=f"{lead}\nvolumes:\n  {name}:\n")
            if not stack.root.flow
            else None
        )
        if source.path != stack.path or (edit.start == end):
            top = None
    else:
        top = None
    return safe(f"keep the data in the named volume {name}", edit, top) if top is not None else None


def _item(mounts: Sequence, text: str) -> Edit | None:
    """Add an item at the end of a list."""
    if not mounts.items:
        return None
    last = mounts.items[-1]
    source = last.span.source
    if source is not mounts.span.source:
        return None
    if mounts.flow:
        return Edit(path=source.path, start=last.span.end, end=last.span.end, text=f", {text}")
    first = mounts.items[0]
    line = source.line(first.span.line)
    if not line.lstrip().startswith("- "):
        return None
    lead = line[: len(line) - len(line.lstrip())]
    end = last.span.end
    while source.text[end - 1] in " \t\r\n":
        end -= 1
    place = line_end(source, end)
    return Edit(path=source.path, start=place, end=place, text=f"\n{lead}- {text}")


RULE = Rule(
    name="db-volume-missing",
    code="PERM05",
    severity=Severity.WARNING,
    summary="no named volume on a database's data directory",
    needs=("compose",),
    fix="safe",
    check=_check,
)
