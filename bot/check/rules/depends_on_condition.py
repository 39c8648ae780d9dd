"""DEP01: a dependency that waits for a start only."""

from __future__ import annotations

from collections.abc import Iterator

from bot.check.probes import checked
from bot.check.rule import Rule, safe
from bot.check.tree import Tree
from bot.model.finding import Edit, Finding, Fix, Severity
from bot.parse.compose import ComposeStack, Service
from bot.parse.compose_parts import Dependency
from bot.parse.nodes import Mapping, Scalar, Sequence
from bot.parse.yaml_edit import add_entry, indent_of, line_end, replace_value


def _check(tree: Tree) -> Iterator[Finding]:
    for stack in tree.stacks:
        for service in stack.services:
            for need in service.depends_on:
                target = stack.service(need.service)
                if target is None or need.condition != "service_started":
                    continue
                if need.explicit and target.name in stack.one_shots:
                    continue
                wanted = _condition(tree, stack, target)
                ready = "until it has ended" if wanted == "service_completed_successfully" else "until it is healthy"
                yield RULE.finding(
                    need.node.span,
                    f"`{service.name}` waits until `{need.service}` has started, not {ready}: it may begin too "
                    "early and fail.",
                    _fix(tree, stack, service, need),
                )


def _condition(tree: Tree, stack: ComposeStack, target: Service) -> str:
    """Return what can be waited for; "" where nothing tells."""
    if target.name in stack.one_shots:
        return "service_completed_successfully"
    return "service_healthy" if checked(tree, target) else ""


def _fix(tree: Tree, stack: ComposeStack, service: Service, need: Dependency) -> Fix | None:
    node = service.node.get("depends_on")
    if isinstance(node, Sequence):
        return _list_fix(tree, stack, node)
    target = stack.service(need.service)
    condition = _condition(tree, stack, target) if target is not None else ""
    if not condition or not isinstance(node, Mapping):
        return None
    edit = _entry_edit(need, condition)
    return safe(f"wait with condition: {condition}", edit) if edit is not None else None


def _entry_edit(need: Dependency, condition: str) -> Edit | None:
    value = need.value
    if isinstance(value, Mapping):
        written = value.get("condition")
        if isinstance(written, Scalar):
            return replace_value(written, condition) if written.value is not None else None
        return add_entry(value, (f"condition: {condition}",))
    source = need.node.span.source
    indent = indent_of(source, need.node.span)
    written_as = source.text[need.node.span.end : line_end(source, need.node.span.end)]
    if indent is None or written_as.partition("#")[0].strip() != ":" or not isinstance(value, Scalar):
        return None
    place = line_end(source, need.node.span.end)
    return Edit(path=source.path, start=place, end=place, text=f"\n{indent}  condition: {condition}")


def _list_fix(tree: Tree, stack: ComposeStack, node: Sequence) -> Fix | None:
    """Rewrite a list as a mapping: only where each of its services can be waited for."""
    conditions = {}
    for item in node.items:
        target = stack.service(item.text) if isinstance(item, Scalar) else None
        condition = _condition(tree, stack, target) if target is not None else ""
        if not condition or not isinstance(item, Scalar) or item.span.source is not node.span.source:
            return None
        conditions[item] = condition
    edits = _flow_edits(node, conditions) if node.flow else _block_edits(conditions)
    return safe("wait until they are ready", *edits) if edits else None


def _flow_edits(node: Sequence, conditions: dict[Scalar, str]) -> tuple[Edit, ...]:
    source = node.span.source
    text = source.line(node.span.line)
    if node.span.line != node.span.end_line or not text.lstrip().startswith(("depends_on:", '"depends_on":')):
        return ()
    indent = " " * (len(text) - len(text.lstrip()) + 2)
    lines = [f"\n{indent}{item.text}:\n{indent}  condition: {value}" for item, value in conditions.items()]
    start = node.span.start
    while source.text[start - 1] == " ":
        start -= 1
    return (Edit(path=source.path, start=start, end=node.span.end, text="".join(lines)),)


def _block_edits(conditions: dict[Scalar, str]) -> tuple[Edit, ...]:
    edits = []
    for item, condition in conditions.items():
        source = item.span.source
        line = source.line(item.span.line)
        lead = line[: len(line) - len(line.lstrip())]
        dash = source.line_starts[item.span.line - 1] + len(lead)
        if not line.lstrip().startswith("- ") or source.text[dash + 1 : item.span.start].strip(" "):
            return ()
        # A list may stand at the indentation of its key, a mapping may not.
        key = source.line(item.span.line - 1)
        more = "  " if "depends_on" in key and len(key) - len(key.lstrip()) == len(lead) else ""
        more = more or ("  " if _shallow(item) else "")
        edits.append(Edit(path=source.path, start=dash, end=item.span.end, text=f"{more}{item.text}:"))
        place = line_end(source, item.span.end)
        edits.append(Edit(path=source.path, start=place, end=place, text=f"\n{lead}{more}  condition: {condition}"))
    return tuple(edits)


def _shallow(item: Scalar) -> bool:
    """Whether the list that holds `item` stands at the indentation of its `depends_on:`."""
    source = item.span.source
    width = len(source.line(item.span.line)) - len(source.line(item.span.line).lstrip())
    for number in range(item.span.line - 1, 0, -1):
        line = source.line(number)
        if line.lstrip().startswith("depends_on:"):
            return len(line) - len(line.lstrip()) == width
    return False


RULE = Rule(
    name="depends-on-condition",
    code="DEP01",
    severity=Severity.ERROR,
    summary="`depends_on` as a list, without condition, or `service_started` on a service that runs on",
    needs=("compose",),
    fix="safe",
    check=_check,
)
