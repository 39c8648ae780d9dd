"""The stack as a pull request tells it, read from the compose file and its Dockerfiles."""

from __future__ import annotations

import re
from pathlib import Path
from posixpath import normpath
from typing import Final, cast

from bot.check.engine import place_of
from bot.check.images import base_name, known_role
from bot.check.tree import Built, Tree
from bot.model.stack import Need, Port, Role, Stack, StackService, Wait
from bot.parse.compose import ComposeStack, Service, texts
from bot.parse.nodes import Scalar, Sequence
from bot.parse.shell import Command

_URL: Final = re.compile(r"https?://[^/\s'\"]+(?P<path>/[^\s'\")\\]*)?")
_PORT: Final = re.compile(r"https?://[^/:\s]+:(\d+)")
_WAITS: Final = frozenset({"service_started", "service_healthy", "service_completed_successfully"})
_WORKER: Final = re.compile(r"\b(celery|worker|sidekiq|queue:work|horizon|rqworker|rq|bullmq|consumer|dramatiq)\b")
_FRONTEND: Final = re.compile(r"front|web-?ui|client|\bui\b|spa\b|\bsite\b|dashboard")


def read_stack(root: Path) -> Stack | None:
    """Read the stack of a repository, or of its `src` folder; None where there is no compose file that can be read.

    Raises:
        UsageError: there is no such folder.
    """
    folder, within = place_of(root)
    tree = Tree(folder, within=within)
    stack = tree.stack
    if stack is None:
        return None
    return Stack(path=stack.path, services=tuple(_service(tree, stack, service) for service in stack.services))


def _service(tree: Tree, stack: ComposeStack, service: Service) -> StackService:
    built = tree.built(service)
    check, place, commands = _check(service, built)
    one_shot = service.name in stack.one_shots
    exposed = set(built.image.exposed if built is not None and built.image is not None else ())
    written = [
        int(text.partition("/")[0])
        for text in texts(service.node.get("expose"))
        if text[:1].isdigit() and text.partition("/")[0].isdigit()
    ]
    probed = [int(found[1]) for found in _PORT.finditer(check)]
    targets = [port.target for port in service.ports if port.target]
    build = service.build
    return StackService(
        name=service.name,
        role="one-shot" if one_shot else _role(tree, service, built),
        image=service.image.text if service.image is not None and build is None else "",
        build=normpath(build.context) if build is not None and build.context is not None else "",
        target=build.target or "" if build is not None else "",
        ports=tuple(
            Port(published=p.published, target=p.target, protocol=p.protocol) for p in service.ports if p.target
        ),
        listens=tuple(sorted({*targets, *exposed, *written, *probed})),
        check=check,
        check_words=_words(commands),
        check_in=place,
        needs=tuple(
            Need(service=need.service, condition=cast("Wait", need.condition))
            for need in service.depends_on
            if need.condition in _WAITS
        ),
        volumes=tuple(mount.source for mount in service.mounts if mount.kind == "volume" and mount.source),
        one_shot=one_shot,
    )


def _check(service: Service, built: Built | None) -> tuple[str, str, tuple[Command, ...]]:
    """Return the check in force: its command in one line, where it is written, and its commands."""
    check = service.healthcheck
    if check is not None and (check.form or check.disabled):
        if check.disabled:
            return "", "", ()
        span = check.test.span if check.test is not None else check.entry.key.span
        return check.command, f"{span.path}:{span.line}", check.commands()
    image = built.image if built is not None else None
    if image is None or image.healthcheck is None or image.healthcheck.none:
        return "", "", ()
    own = image.healthcheck
    from bot.parse.shell_wrappers import exec_commands, run_commands

    place = f"{image.dockerfile.path}:{own.instruction.line}"
    if own.shell is not None:
        return " ".join(own.shell.text.split()), place, run_commands(own.shell)
    return " ".join(word.value for word in own.words), place, exec_commands(own.words)


def _words(commands: tuple[Command, ...]) -> str:
    """Return what a check asks: `GET /health`, or its program."""
    for command in commands:
        found = _URL.search(" ".join(command.arguments))
        if found:
            return f"`GET {found['path'] or '/'}`"
    for command in commands:
        if command.program not in {"exit", "true", "test", "["}:
            plain = [argument for argument in command.arguments if re.fullmatch(r"[a-z][a-z_:-]*", argument)]
            return f"`{' '.join([command.program, *plain[:1]])}`"
    return ""


def _role(tree: Tree, service: Service, built: Built | None) -> Role:
    known = known_role(service)
    if known is not None:
        return known
    command = service.command
    parts = [item.text for item in command.items if isinstance(item, Scalar)] if isinstance(command, Sequence) else []
    if isinstance(command, Scalar):
        parts = [command.text]
    name = service.name.lower()
    if _WORKER.search(" ".join(parts).lower()) or re.search(r"worker|queue|celery|scheduler|beat", name):
        return "worker"
    image = built.image if built is not None else None
    if built is None and service.image is not None:
        return "other"
    context = (service.build.context or "") if service.build is not None else ""
    if _FRONTEND.search(name) or _FRONTEND.search(context.rpartition("/")[2].lower()):
        return "frontend"
    source = tree.read(f"{context}/package.json")
    if source is not None and re.search(r'"(?:vite|react-scripts|@angular/core|next|nuxt)"\s*:', source.text):
        return "frontend"
    if image is not None and base_name(image.base) in {"nginx", "caddy", "traefik", "httpd", "haproxy"}:
        return "proxy"
    return "backend"
