"""HC10: a health check whose program is not in the image."""

from __future__ import annotations

from collections.abc import Iterator

from bot.check.probes import Probe, probes
from bot.check.rule import Rule
from bot.check.sources.image_tools import JUDGED, image_tools
from bot.check.sources.installed import program_there
from bot.check.sources.runtime import Runtime
from bot.check.sources.runtimes import checked_runtimes
from bot.check.tree import Tree
from bot.model.finding import Finding, Severity
from bot.parse.shell import Command


def _check(tree: Tree) -> Iterator[Finding]:
    for probe in probes(tree):
        missing = [(c.runtime, _missing(c.runtime, probe)) for c in checked_runtimes(tree, probe)]
        if not missing or any(command is None for _, command in missing):
            continue
        runtime, command = missing[0]
        if command is None:
            continue
        image = runtime.base or "this image"
        if _needs_shell(probe) and _there(runtime, "sh") is False:
            message = f"{probe.label} is checked through a shell, which `{image}` does not have: use the exec form."
            yield RULE.finding(probe.span, message)
            continue
        yield RULE.finding(
            probe.word_span(command.words[0]),
            f"{probe.label} is checked with `{command.program}`, which `{image}` does not have{_hint(runtime)}.",
        )


def _hint(runtime: Runtime) -> str:
    """Say what the image has instead."""
    tools = image_tools(runtime.base or "")
    for program in ("wget", "curl", "node", "python", "php"):
        if tools is not None and tools.has(program):
            return f" and nothing installs; it has `{program}`"
    return " and nothing installs"


def _missing(runtime: Runtime, probe: Probe) -> Command | None:
    """Return the first command whose program is surely missing; None where each may be there."""
    if _needs_shell(probe) and _there(runtime, "sh") is False:
        return probe.commands[0] if probe.commands else None
    commands = probe.commands
    for index, command in enumerate(commands):
        following = commands[index + 1] if index + 1 < len(commands) else None
        if command.program not in JUDGED or command.words[0].value.startswith(("./", "/app", "/opt", "/scripts")):
            continue
        if _there(runtime, command.program) is not False:
            continue
        if (
            following is not None
            and following.operator == "||"
            and following.program not in {"exit", "false", "echo", "kill"}
        ):
            continue  # another way stands ready: `curl ... || wget ...`
        if index and command.operator == "||":
            continue  # it is that other way
        return command
    return None


def _needs_shell(probe: Probe) -> bool:
    if probe.compose is not None:
        return probe.compose.form == "shell"
    return probe.own is not None and probe.own.shell is not None


def _there(runtime: Runtime, program: str) -> bool | None:
    if runtime.service is not None and any(
        mount.target.rpartition("/")[2] == program or mount.target in {"/usr/local/bin", "/usr/bin", "/bin"}
        for mount in runtime.service.mounts
    ):
        return None
    if runtime.image is not None:
        return program_there(runtime.image, program)
    if runtime.built is not None or runtime.base is None:
        return None
    tools = image_tools(runtime.base)
    return tools.has(program) if tools is not None else None


RULE = Rule(
    name="healthcheck-tool-missing",
    code="HC10",
    severity=Severity.ERROR,
    summary="the probe's program is not in the image and is not installed",
    needs=("compose", "dockerfile"),
    check=_check,
)
