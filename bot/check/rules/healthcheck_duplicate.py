"""HC04: two checks, of which one never runs."""

from __future__ import annotations

from collections.abc import Iterator

from bot.check.probes import image_check, users_of
from bot.check.rule import Rule, safe
from bot.check.tree import Tree
from bot.model.finding import Finding, Severity
from bot.parse.compose_health import Duration, Healthcheck
from bot.parse.dockerfile_model import DockerfileHealthcheck
from bot.parse.yaml_edit import remove_entry


def _check(tree: Tree) -> Iterator[Finding]:
    for built in tree.builds:
        check, own = built.service.healthcheck, image_check(built)
        if check is None or not check.form or check.disabled or own is None or built.dockerfile is None:
            continue
        others = [service for _, service in users_of(tree, own, built.dockerfile)]
        if any(service.healthcheck is None or not service.healthcheck.form for service in others):
            continue  # the image's check does run, in another service
        fix = None
        if _equal(check, own):
            edit = remove_entry(built.service.node, check.entry)
            fix = safe("remove the check here: the image has the same", edit) if edit is not None else None
        yield RULE.finding(
            check.entry.key.span,
            f"`{built.service.name}` has a check here and another in "
            f"{built.dockerfile.path}:{own.instruction.line}, which "
            "this one replaces: that one never runs.",
            fix,
        )


def _equal(check: Healthcheck, own: DockerfileHealthcheck) -> bool:
    """Whether compose's check changes nothing of the image's."""
    if check.form == "exec":
        same = tuple(word.text for word in check.words) == tuple(word.value for word in own.words)
    else:
        same = own.shell is not None and " ".join(check.command.split()) == " ".join(own.shell.text.split())
    times = (
        (check.interval, own.interval),
        (check.timeout, own.timeout),
        (check.start_period, own.start_period),
        (check.start_interval, own.start_interval),
    )
    retries = check.retries is None or (own.retries is not None and check.retries.text == str(own.retries))
    return same and retries and all(_same(here, there) for here, there in times)


def _same(here: Duration | None, there: float | None) -> bool:
    return here is None or (here.seconds is not None and here.seconds == there)


RULE = Rule(
    name="healthcheck-duplicate",
    code="HC04",
    severity=Severity.WARNING,
    summary="a check in compose and in the target stage: the Dockerfile's never runs",
    needs=("compose", "dockerfile"),
    fix="safe",
    check=_check,
)
