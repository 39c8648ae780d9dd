"""HC07: a start_period that ends before the service can be up."""

from __future__ import annotations

from collections.abc import Iterator

from bot.check.probes import image_check, stage_images, users_of
from bot.check.rule import Rule, replace, safe
from bot.check.start_period import floor_of
from bot.check.tree import Tree
from bot.model.finding import Finding, Severity
from bot.parse.yaml_edit import replace_value


def _check(tree: Tree) -> Iterator[Finding]:
    for stack in tree.stacks:
        for service in stack.services:
            check = service.healthcheck
            if check is None or check.disabled or check.start_period is None or check.start_period.seconds is None:
                continue
            if service.name in stack.one_shots:
                continue
            built = tree.built(service)
            kind, floor = floor_of(service, built.image if built is not None else None)
            own = image_check(built)
            if floor == 0 or check.start_period.seconds >= floor or (not check.form and own is None):
                continue
            node = check.start_period.node
            yield RULE.finding(
                node.span,
                f"`{service.name}` gets {node.text} to start; {kind} may need {floor} s before a failure means "
                "anything.",
                safe(f"give it {floor}s", replace_value(node, f"{floor}s")),
            )
    for dockerfile in tree.dockerfiles:
        for own, image in stage_images(dockerfile):
            kind, floor = floor_of(None, image)
            flag = next((flag for flag in own.instruction.flags if flag.name == "start-period"), None)
            if flag is None or own.start_period is None or floor == 0 or own.start_period >= floor:
                continue
            users = [service for _, service in users_of(tree, own, dockerfile)]
            if users and all(s.healthcheck is not None and "start_period" in s.healthcheck.node for s in users):
                continue
            span = dockerfile.source.span(flag.word.start, flag.word.end)
            yield RULE.finding(
                span,
                f"This check gives the image {flag.value} to start; {kind} may need {floor} s before a failure "
                "means anything.",
                safe(f"give it {floor}s", replace(span, f"--start-period={floor}s")),
            )


RULE = Rule(
    name="healthcheck-start-period-short",
    code="HC07",
    severity=Severity.WARNING,
    summary="a `start_period` below 10 s for PostgreSQL, 30 s for Node and Vite, 60 s for PHP and Laravel",
    needs=("compose", "dockerfile"),
    fix="safe",
    check=_check,
)
