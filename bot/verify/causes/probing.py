"""Causes that lie in the health check itself."""

from __future__ import annotations

import re
from typing import Final

from bot.model.health import Cause
from bot.verify.causes.evidence import Evidence
from bot.verify.check_words import program

_REFUSED: Final = re.compile(r"(?i)connection refused|ECONNREFUSED|couldn't connect|failed to connect|can't connect")
_V6: Final = re.compile(r"(?:^|[^0-9a-f:])::1(?![0-9a-f])")
_NOT_FOUND: Final = re.compile(
    r"(?i)executable file not found|: (?:command )?not found\b|no such file or directory: .*exec|exec: .*no such file"
    r"|No module named|Cannot find module"
)
_STATUS: Final = re.compile(
    r"(?i)(?:returned error: |server returned error: HTTP/\d(?:\.\d)? |HTTP Error |ERROR |status(?: code)?[ :=]+"
    r"|HTTP/\d(?:\.\d)? )"
    r"([45]\d\d)\b"
)
_TIMED_OUT: Final = re.compile(r"(?i)health check exceeded timeout|timed out")


def ipv6_localhost(seen: Evidence) -> Cause | None:
    """The check asks `localhost`, which is ::1 first, and the service listens on IPv4 only."""
    asked, check = seen.asked, seen.check
    if check is None or asked is None or asked.host not in {"localhost", "::1"}:
        return None
    refused = seen.probes_matching(_REFUSED)
    if not refused and not any(probe.exit_code for probe in seen.failing):
        return None
    on_v4 = [at for at in seen.listens_on(asked.port) if not at.startswith("[")]
    on_v6 = [at for at in seen.listens_on(asked.port) if at.startswith("[")]
    named = seen.probes_matching(_V6)
    if on_v6 or not (on_v4 or named) or not (refused or named):
        return None
    listens = f"`{seen.service.name}` listens on `{on_v4[0]}`" if on_v4 else f"`{seen.service.name}` refuses IPv6"
    shown = f"{asked.host if asked.host != '::1' else '[::1]'}:{asked.port}{asked.path}"
    return Cause(
        code="ipv6-localhost",
        title="its check looks at IPv6",
        explanation=(
            f"{listens}, but its health check asks `{shown}`, and in this container `{asked.host}` is the IPv6 "
            f"address `::1`{' first' if asked.host == 'localhost' else ''}. Seen {len(seen.failing)} times."
        ),
        evidence=named or refused,
        place=seen.where,
        next_step="Use `127.0.0.1` in the check.",
    )


def program_missing(seen: Evidence) -> Cause | None:
    """The check's program is not in the image."""
    check = seen.check
    if check is None or not seen.failing:
        return None
    words = seen.probes_matching(_NOT_FOUND)
    codes = {probe.exit_code for probe in seen.failing}
    if not words or not codes & {-1, 1, 126, 127}:
        return None
    name = program(check.command)
    if not any(name and name in line for line in words) and not codes & {-1, 126, 127}:
        return None
    named = re.search(r'exec: "?([^":\s]+)"?|(\S+): (?:command )?not found', words[-1])
    name = (next((group for group in named.groups() if group), "") if named else "") or name
    return Cause(
        code="program-missing",
        title=f"its check runs `{name}`, which is not in the image",
        explanation=f"The health check runs `{check.command}`, and the image of `{seen.service.name}` has no `{name}`.",
        evidence=words,
        place=seen.where,
        next_step=f"Use a program that the image has, or install `{name}` in the image.",
    )


def http_status(seen: Evidence) -> Cause | None:
    """The service answers, with an error status."""
    asked = seen.asked
    words = seen.probes_matching(_STATUS)
    if asked is None or not words or (found := _STATUS.search(words[-1])) is None:
        return None
    status = int(found.group(1))
    path = asked.path or "/"
    if status == 404:
        title = f"its check asks for `{path}`, which does not exist"
        next_step = f"Ask for a path that the application serves, or add `{path}` to it."
    elif status in {401, 403}:
        title = f"its check is refused with HTTP {status}"
        next_step = f"Ask for a path that needs no login, or let `{path}` pass."
    else:
        title = f"its check gets HTTP {status}"
        next_step = "Read the log of the service: it answers, and fails while doing so."
    return Cause(
        code="http-status",
        title=title,
        explanation=f"`{seen.service.name}` answers on port {asked.port}: `{path}` gives HTTP {status}.",
        evidence=words,
        place=seen.where,
        next_step=next_step,
    )


def wrong_port(seen: Evidence) -> Cause | None:
    """Nothing listens where the check asks, something listens elsewhere."""
    asked = seen.asked
    refused = seen.probes_matching(_REFUSED)
    if asked is None or asked.host not in {"localhost", "127.0.0.1", "0.0.0.0", "::1"}:  # noqa: S104 - compared
        return None
    listening = seen.service.listening
    if not listening or seen.listens_on(asked.port) or not (refused or seen.failing):
        return None
    ports = list(dict.fromkeys(at.rpartition(":")[2] for at in listening))
    shown = " and ".join(ports[:3])
    return Cause(
        code="wrong-port",
        title=f"its check asks port {asked.port}, and it listens on {shown}",
        explanation=f"`{seen.service.name}` listens on `{listening[0]}`; nothing listens on port {asked.port}.",
        evidence=refused,
        place=seen.where,
        next_step=f"Ask port {ports[0]} in the check, or let the service listen on {asked.port}.",
    )


def slow_probe(seen: Evidence) -> Cause | None:
    """The check itself takes longer than its time-out."""
    check = seen.check
    late = [probe for probe in seen.failing if probe.exit_code == -1 and _TIMED_OUT.search(probe.output)]
    if check is None or not late:
        return None
    return Cause(
        code="slow-probe",
        title=f"its check takes longer than its time-out of {check.timeout:g} s",
        explanation=(
            f"{len(late)} of {len(seen.service.probes)} recorded probes were ended after {check.timeout:g} s. "
            "A check should answer within 3 s, or it measures its own load."
        ),
        evidence=tuple(dict.fromkeys(probe.output.splitlines()[0] for probe in late if probe.output))[:2],
        place=seen.where,
        next_step="Ask something cheaper in the check; a longer time-out only hides it.",
    )


def start_period_short(seen: Evidence) -> Cause | None:
    """It was called unhealthy, and became healthy a little later."""
    bad = next((moment.at for moment in seen.service.moments if moment.kind == "unhealthy"), None)
    good = next((m.at for m in seen.service.moments if m.kind == "healthy" and bad is not None and m.at > bad), None)
    begun = next((moment.at for moment in seen.service.moments if moment.kind == "started"), None)
    if seen.check is None or bad is None or good is None or begun is None:
        return None
    earlier = any(moment.kind == "healthy" and moment.at < bad for moment in seen.service.moments)
    if earlier:
        return None
    return Cause(
        code="start-period-short",
        title=f"it needs {good - begun:.1f} s to start, and was given up after {bad - begun:.1f} s",
        explanation=(
            f"`start_period` is {seen.check.start_period:g} s. The engine called it unhealthy after "
            f"{bad - begun:.1f} s; it became healthy {good - bad:.1f} s later. By then, what waited for it had been "
            "given up."
        ),
        place=seen.where,
        next_step=f"Set `start_period: {suggested_period(good - begun):g}s`.",
    )


def suggested_period(needed: float) -> float:
    """Return a start period for a service that needed so many seconds: twice that, in steps of 5, at least 5."""
    return max(5.0, 5.0 * -(-2 * needed // 5))
