"""Causes that lie in the program, its image or its surroundings."""

from __future__ import annotations

import re
from typing import Final

from bot.model.health import Cause, CauseCode
from bot.verify.causes.evidence import Evidence
from bot.verify.standing import LOOP_EXITS, exits

_UNAVAILABLE: Final = re.compile(
    r"(?i)no such host|timeout|refused|unreachable|TLS|x509|proxyconnect|lookup|EOF|dial tcp"
)
_PORT: Final = re.compile(r"(?i)port is already allocated|address already in use|EADDRINUSE|Errno 98")
_DISK: Final = re.compile(r"(?i)no space left on device|ENOSPC|disk quota exceeded")
_ARCHITECTURE: Final = re.compile(r"(?i)exec format error|does not match the (?:detected host|specified) platform")
_MISSING_PROGRAM: Final = re.compile(
    r"(?i)executable file not found|exec: \"?[^\"]+\"?: (?:stat .*)?no such file|: (?:command )?not found$"
    r"|Cannot find module '|ModuleNotFoundError|No module named "
)
_DENIED: Final = re.compile(r"(?i)permission denied|EACCES|operation not permitted|EPERM")
_NO_FILE: Final = re.compile(
    r"(?i)no such file or directory|ENOENT|FileNotFoundError|not a directory|directory .* does not exist|can't cd to"
)
_PATH: Final = re.compile(r"['\"`\s:(](/[A-Za-z0-9._/-]{2,})")
_VARIABLE: Final = re.compile(
    r"(?i)KeyError: '([A-Z][A-Z0-9_]{2,})'|([A-Z][A-Z0-9_]{2,})[\"'`]?:? (?:environment variable )?(?:is |was )?"
    r"(?:not set|not defined|required|missing|unset|must be set|is not specified|parameter not set)"
    r"|(?:missing|required|undefined) (?:required )?(?:environment )?variable:? [\"'`]?([A-Z][A-Z0-9_]{2,})"
    r"|(?:need to specify one of|specify) .*?([A-Z][A-Z0-9_]{4,})"
)
_KILLED: Final = 137
_REFUSED: Final = re.compile(r"(?i)connection refused|ECONNREFUSED|could not connect|can't connect|connect: connection")
_UNKNOWN_HOST: Final = re.compile(
    r"(?i)could not translate host name|getaddrinfo|ENOTFOUND|name or service not known|name resolution|no such host"
    r"|unknown host|EAI_AGAIN|bad address"
)


def image_unavailable(seen: Evidence) -> Cause | None:
    """Its image could not be had; that says nothing about the stack."""
    words = seen.service.image_error
    if not words:
        return None
    away = bool(_UNAVAILABLE.search(words))
    return Cause(
        code="image-unavailable",
        title=f"the image `{seen.service.image}` could not be fetched",
        explanation="The registry did not answer." if away else "The registry does not hold it, or asks for a login.",
        evidence=(words[:240],),
        place=seen.service.place,
        next_step="Verify again when the registry answers." if away else "Check the image's name and tag.",
    )


def out_of_memory(seen: Evidence) -> Cause | None:
    """The kernel ended it for want of memory."""
    if not seen.service.oom_killed:
        return None
    limit = seen.service.usage.memory_limit
    shown = f"{limit / 2**20:.0f} MB" if limit else "the machine's memory"
    return Cause(
        code="oom",
        title=f"it needs more memory than its limit of {shown}" if limit else "the machine ran out of memory",
        explanation=f"The kernel killed a process of `{seen.service.name}` at {shown}.",
        place=seen.service.place,
        next_step="Raise `deploy.resources.limits.memory`, or let it use less.",
    )


def likely_out_of_memory(seen: Evidence) -> Cause | None:
    """It was killed with a memory limit in force, and nobody else sent a kill: the engine missed the kernel's word."""
    service = seen.service
    limit = service.usage.memory_limit
    if service.exit_code != _KILLED or not limit or any(moment.kind == "killed" for moment in service.moments):
        return None
    return Cause(
        code="oom",
        title=f"it was killed, most likely for needing more than its limit of {limit / 2**20:.0f} MB",
        explanation="Exit status 137 is a SIGKILL, and nothing in this run sent one. The engine did not report the"
        " kernel's own kill, which it can miss when a container ends fast.",
        place=service.place,
        next_step="Raise `deploy.resources.limits.memory`, or let it use less.",
    )


def engine_words(seen: Evidence) -> Cause | None:
    """The engine could not start the container, and said why."""
    words = seen.service.start_error
    if not words:
        return None
    kinds: tuple[tuple[re.Pattern[str], CauseCode, str, str], ...] = (
        (_PORT, "port-taken", "a port it wants is taken", "Free the port, or publish another one."),
        (_DISK, "disk-full", "the disk is full", "Free space on the Docker host; the stack itself may be fine."),
        (_ARCHITECTURE, "architecture", "its image is for another processor", "Build or pull it for this platform."),
        (_MISSING_PROGRAM, "program-missing", "its command is not in the image", "Check `command` and `entrypoint`."),
        (_DENIED, "permission-denied", "its command may not be run", "Make the file executable, or call its shell."),
        (_NO_FILE, "missing-directory", "something it mounts is not there", "Check the sources of `volumes`."),
    )
    for pattern, code, title, next_step in kinds:
        if pattern.search(words):
            return Cause(code=code, title=title, evidence=(words[:240],), place=seen.service.place, next_step=next_step)
    return Cause(
        code="unknown",
        title="the engine could not start it",
        evidence=(words[:240],),
        place=seen.service.place,
        next_step="Read the engine's words.",
    )


def log_words(seen: Evidence) -> Cause | None:
    """The program said why it cannot run."""
    kinds: tuple[tuple[re.Pattern[str], CauseCode, str, str], ...] = (
        (_DISK, "disk-full", "the disk is full", "Free space on the Docker host; the stack itself may be fine."),
        (_ARCHITECTURE, "architecture", "its image is for another processor", "Build or pull it for this platform."),
        (_PORT, "port-taken", "the port it wants is taken inside its container", "Let only one process listen there."),
    )
    for pattern, code, title, next_step in kinds:
        if lines := seen.log_matching(pattern):
            return Cause(code=code, title=title, evidence=lines, place=seen.service.place, next_step=next_step)
    return None


def missing_variable(seen: Evidence) -> Cause | None:
    """It wants a variable that nobody sets."""
    lines = seen.log_matching(_VARIABLE)
    found = _VARIABLE.search(lines[-1]) if lines else None
    name = next((group for group in found.groups() if group), "") if found else ""
    if not name or not name.isupper():
        return None
    return Cause(
        code="missing-variable",
        title=f"the variable `{name}` is not set",
        explanation=f"`{seen.service.name}` ended for want of `{name}`.",
        evidence=lines,
        place=seen.service.place,
        next_step=f"Set `{name}` in `environment`, and name it in `.env.example`.",
    )


def permission_denied(seen: Evidence) -> Cause | None:
    """It may not write where it wants to."""
    lines = seen.log_matching(_DENIED)
    if not lines:
        return None
    path = _PATH.search(lines[-1])
    shown = f"`{path.group(1)}`" if path else "a file or folder"
    return Cause(
        code="permission-denied",
        title=f"it may not use {shown}",
        explanation=f"`{seen.service.name}` was refused {shown}; its user does not own it.",
        evidence=lines,
        place=seen.service.place,
        next_step='Let the folder belong to the user it runs as; for bind mounts, `user: "${UID:-1000}:${GID:-1000}"`.',
    )


def missing_directory(seen: Evidence) -> Cause | None:
    """A file or folder it needs does not exist."""
    lines = seen.log_matching(_NO_FILE)
    if not lines:
        return None
    path = _PATH.search(lines[-1])
    shown = f"`{path.group(1)}`" if path else "a file or folder it needs"
    return Cause(
        code="missing-directory",
        title=f"{shown} does not exist in its container",
        evidence=lines,
        place=seen.service.place,
        next_step="Create it in the Dockerfile, or mount it.",
    )


def program_not_there(seen: Evidence) -> Cause | None:
    """Its command, or a module of it, is not in the image."""
    lines = seen.log_matching(_MISSING_PROGRAM)
    if not lines:
        return None
    return Cause(
        code="program-missing",
        title="a program or module it needs is not in the image",
        evidence=lines,
        place=seen.service.place,
        next_step="Install it in the image.",
    )


def dependency_refused(seen: Evidence) -> Cause | None:
    """It could not reach something it depends on."""
    lines = seen.log_matching(_REFUSED) or seen.log_matching(_UNKNOWN_HOST)
    lines = lines or seen.probes_matching(_UNKNOWN_HOST)
    if not lines:
        return None
    others = [other.name for other in seen.record.services if other.name != seen.service.name]
    text = " ".join(lines)
    named = next((name for name in others if re.search(rf"\b{re.escape(name)}\b", text)), "")
    waits = {need.service for need in seen.service.needs}
    target = f"`{named}`" if named else "something it depends on"
    if named and named not in waits:
        next_step = f"Let it wait: `depends_on: {{{named}: {{condition: service_healthy}}}}`."
    else:
        next_step = "Check host name, port and readiness of what it connects to."
    return Cause(
        code="connection-refused",
        title=f"it cannot reach {target}",
        explanation=f"`{seen.service.name}` was refused a connection to {target}.",
        evidence=lines,
        place=seen.service.place,
        next_step=next_step,
    )


def ended(seen: Evidence) -> Cause | None:
    """What is certain without knowing why: it ended, once, again and again, or as a one-shot with an error."""
    service = seen.service
    gone = exits(service)
    if not gone:
        return None
    code = service.exit_code if service.exit_code is not None else gone[-1].exit_code
    log = service.log[-3:]
    if service.one_shot:
        if not code:
            return None
        return Cause(
            code="one-shot-failed",
            title=f"it ended with exit status {code}",
            evidence=log,
            place=service.place,
            next_step="Read its last lines; what waits for it was not started.",
        )
    if len(gone) >= LOOP_EXITS:
        return Cause(
            code="crash-loop",
            title=f"it ends right after it starts ({len(gone)} times, exit status {gone[-1].exit_code})",
            evidence=log,
            place=service.place,
            next_step="Read its last lines: restarting does not help it.",
        )
    if service.running:
        return Cause(
            code="restarted",
            title=f"it ended with exit status {gone[-1].exit_code} while it was watched, and was started again",
            evidence=log,
            place=service.place,
            next_step="Read its last lines from before the restart.",
        )
    begun = [moment.at for moment in service.moments if moment.kind == "started"]
    lived = f" {gone[-1].at - begun[-1]:.1f} s after it started" if begun else ""
    meant = ' If it is meant to end, say `restart: "no"`.' if code == 0 and service.check is None else ""
    return Cause(
        code="exited",
        title=f"it ended{lived} with exit status {code}",
        explanation=meant.strip(),
        evidence=log,
        place=service.place,
        next_step="Read its last lines.",
    )


def never_healthy(seen: Evidence) -> Cause | None:
    """The last resort: it runs, and its check never passed."""
    check = seen.check
    if check is None:
        return None
    count = seen.service.probe_count
    tried = f"{count} probes, none passed." if count else "No probe came to an end."
    return Cause(
        code="never-healthy",
        title="its check never passed" if seen.failing or not count else "it never became healthy",
        explanation=f"`{check.command}`: {tried}",
        evidence=tuple(dict.fromkeys(seen.probe_lines[-2:])) or seen.service.log[-2:],
        place=seen.where,
        next_step="Read its log, and what the check prints.",
    )
