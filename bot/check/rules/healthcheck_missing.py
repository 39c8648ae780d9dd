"""HC01: a long-running service that nothing checks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from bot.check.probes import image_check
from bot.check.rule import Rule, safe
from bot.check.tree import Tree
from bot.model.finding import Finding, Fix, Severity
from bot.parse.compose import ComposeStack, Service, texts
from bot.parse.nodes import Mapping, Scalar
from bot.parse.yaml_edit import add_entry

# Checks that work in the official images as they are.
_KNOWN: Final[dict[str, tuple[str, str]]] = {
    "postgres": ('["CMD-SHELL", "pg_isready -h 127.0.0.1 -U \\"$${POSTGRES_USER:-postgres}\\""]', "10s"),
    "redis": ('["CMD", "redis-cli", "ping"]', "5s"),
    "valkey": ('["CMD", "valkey-cli", "ping"]', "5s"),
    "mysql": ('["CMD", "mysqladmin", "ping", "-h", "127.0.0.1", "--silent"]', "30s"),
    "mariadb": ('["CMD", "healthcheck.sh", "--connect", "--innodb_initialized"]', "30s"),
    "mongo": ('["CMD", "mongosh", "--quiet", "--eval", "db.adminCommand(\'ping\')"]', "20s"),
    "rabbitmq": ('["CMD", "rabbitmq-diagnostics", "-q", "check_port_connectivity"]', "30s"),
}
# Images that bring a check of their own.
_CHECKED: Final = ("serversideup/", "axllent/mailpit", "linuxserver/", "lscr.io/linuxserver/")
_ONCE: Final = re.compile(
    r"(?:^|[-_.])(?:migrat\w*|seed\w*|init\w*|setup|bootstrap|create-?buckets?|createbuckets|install|provision\w*)(?:$|[-_.])"
)
_TOOLS: Final = frozenset(
    [
        "tool",
        "tools",
        "cli",
        "test",
        "tests",
        "testing",
        "e2e",
        "ci",
        "setup",
        "init",
        "migrate",
        "migration",
        "migrations",
        "seed",
        "manual",
        "run",
        "build",
        "once",
        "job",
        "jobs",
        "task",
        "tasks",
    ]
)


def _check(tree: Tree) -> Iterator[Finding]:
    for stack in tree.stacks:
        for service in stack.services:
            if not _runs_on(stack, service) or _has_check(tree, service):
                continue
            where = ", neither here nor in its image's Dockerfile" if service.build is not None else ""
            yield RULE.finding(
                service.key.span,
                f"`{service.name}` runs on without a health check{where}: nothing can wait until it is ready, or "
                "notice that it hangs.",
                _fix(service),
            )


def _has_check(tree: Tree, service: Service) -> bool:
    """Whether there is a check, or might be one where nobody here can look."""
    if service.healthcheck is not None:
        check = service.healthcheck
        # Without a `test` it only retimes the image's own check, which may exist.
        return bool(check.form) or check.disabled or check.test is not None or service.build is None
    built = tree.built(service)
    if built is None:
        image = service.image.text if service.image is not None else ""
        return service.image is None or service.image.unknown or image.startswith(_CHECKED)
    inline = service.build.inline if service.build is not None else None
    if inline is not None:
        return bool(re.search(r"^\s*HEALTHCHECK\s", inline.text, re.MULTILINE | re.IGNORECASE))
    if built.image is None:
        return True
    if built.image.healthcheck is not None and built.image.healthcheck.none:
        return True  # switched off: healthcheck-disabled says so
    base = built.image.base
    return image_check(built) is not None or base is None or base.startswith(_CHECKED)


def _runs_on(stack: ComposeStack, service: Service) -> bool:
    """Whether a service is meant to keep running once it is up."""
    if service.name in stack.one_shots or (service.profiles and set(service.profiles) <= _TOOLS):
        return False
    deploy = service.node.get("deploy")
    if isinstance(deploy, Mapping):
        policy = deploy.get("restart_policy")
        condition = policy.get("condition") if isinstance(policy, Mapping) else None
        if isinstance(condition, Scalar) and condition.text == "none":
            return False
        if texts(deploy.get("mode")) in {("replicated-job",), ("global-job",)} or texts(deploy.get("replicas")) == (
            "0",
        ):
            return False
    if texts(service.node.get("scale")) == ("0",) or service.node.get("provider") is not None:
        return False
    waits = service.restart in {"", "on-failure"} or service.restart.startswith("on-failure:")
    return not (waits and _ONCE.search(service.name.lower()))


def _fix(service: Service) -> Fix | None:
    if service.image is None or service.image.unknown or service.build is not None or service.healthcheck is not None:
        return None
    repository = service.image.text.partition("@")[0].partition(":")[0]
    known = _KNOWN.get(repository.removeprefix("docker.io/").removeprefix("library/"))
    if known is None or service.command is not None or service.node.get("entrypoint") is not None:
        return None
    test, start = known
    lines = (
        "healthcheck:",
        f"  test: {test}",
        "  interval: 10s",
        "  timeout: 5s",
        "  retries: 5",
        f"  start_period: {start}",
    )
    edit = add_entry(service.node, lines)
    return safe(f"add the check that the {service.image_name} image is made for", edit) if edit is not None else None


RULE = Rule(
    name="healthcheck-missing",
    code="HC01",
    severity=Severity.ERROR,
    summary="a long-running service without a health check, in compose or in the stage it is built to",
    needs=("compose", "dockerfile"),
    fix="safe",
    check=_check,
)
