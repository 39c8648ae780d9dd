"""HC06: a check that counts failures from the first second."""

from __future__ import annotations

from collections.abc import Iterator

from bot.check.probes import image_check, stage_images, users_of
from bot.check.rule import Rule, safe
from bot.check.start_period import floor_of
from bot.check.tree import Tree
from bot.model.finding import Edit, Finding, Fix, Severity
from bot.parse.compose import Service
from bot.parse.yaml_edit import add_entry

_USUAL = 10  # seconds, for what needs no more


def _check(tree: Tree) -> Iterator[Finding]:
    for stack in tree.stacks:
        for service in stack.services:
            check = service.healthcheck
            if check is None or not check.form or check.disabled or service.name in stack.one_shots:
                continue
            own = image_check(tree.built(service))
            # What compose leaves out is taken from the image's check.
            if "start_period" in check.node or (own is not None and own.start_period):
                continue
            yield RULE.finding(
                check.entry.key.span,
                f"The check of `{service.name}` has no start_period: failures count from the first second, "
                "while it still "
                "starts.",
                _fix(tree, service),
            )
    for dockerfile in tree.dockerfiles:
        for own, image in stage_images(dockerfile):
            if own.start_period is not None or "start-period" in {flag.name for flag in own.instruction.flags}:
                continue
            users = [service for _, service in users_of(tree, own, dockerfile)]
            if users and all(_timed(service) for service in users):
                continue
            _, floor = floor_of(None, image)
            start = own.instruction.body.offset(0)
            edit = Edit(path=dockerfile.path, start=start, end=start, text=f"--start-period={floor or _USUAL}s ")
            yield RULE.finding(
                dockerfile.span(own.instruction),
                "This check has no --start-period: failures count from the first second, while the application "
                "still starts.",
                safe(f"add --start-period={floor or _USUAL}s", edit),
            )


def _timed(service: Service) -> bool:
    """Whether compose says something of its own about when the check begins to count."""
    check = service.healthcheck
    return check is not None and (bool(check.form) or check.disabled or "start_period" in check.node)


def _fix(tree: Tree, service: Service) -> Fix | None:
    check = service.healthcheck
    if check is None:
        return None
    built = tree.built(service)
    _, floor = floor_of(service, built.image if built is not None else None)
    edit = add_entry(check.node, (f"start_period: {floor or _USUAL}s",))
    return safe(f"add start_period: {floor or _USUAL}s", edit) if edit is not None else None


RULE = Rule(
    name="healthcheck-start-period",
    code="HC06",
    severity=Severity.WARNING,
    summary="a health check without `start_period`",
    needs=("compose", "dockerfile"),
    fix="safe",
    check=_check,
)
