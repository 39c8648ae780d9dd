"""HC03: a probe that asks `localhost`, which may be IPv6."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from bot.check.probes import Probe, probes
from bot.check.rule import Rule, safe
from bot.check.tree import Tree
from bot.model.finding import Edit, Finding, Severity
from bot.parse.dockerfile_text import Word
from bot.parse.shell import Command

_URL: Final = re.compile(
    r"(?:https?|tcp|ws|wss|grpc)://(?:[^/@\s\"\']*@)?(?P<host>localhost|\[::1\])(?![\w.-])", re.IGNORECASE
)
_BARE: Final = re.compile(r"(?P<host>localhost|\[::1\])(?=[:/]|\Z)", re.IGNORECASE)
_FLAGGED: Final = re.compile(r"--?[\w-]+=(?P<host>localhost|\[::1\])(?=:\d)", re.IGNORECASE)
_QUOTED: Final = re.compile(r"([\"\'`])(?P<host>localhost|::1)(?::\d+)?\1", re.IGNORECASE)
_DEV: Final = re.compile(r"/dev/tcp/(?P<host>localhost|::1)/", re.IGNORECASE)
_HEADER: Final = re.compile(r"(?:\bHost[\"\'\\]*\s*[:,]\s*[\"\'\\]*|=)\Z")
_HTTP: Final = frozenset({"curl", "wget", "http", "https", "xh", "curlie", "lynx", "httpie"})
_TCP: Final = frozenset({"nc", "ncat", "netcat", "telnet", "nmap"})
_OTHERS: Final = frozenset(
    {"grpc_health_probe", "grpc-health-probe", "openssl", "socat", "dockerize", "wait-for-it.sh"}
)
_CODE: Final = re.compile(r"(?:node(?:js)?|bun|deno|python[\d.]*|ruby|php[\d.]*|perl|tsx)\Z")
# Options of curl and wget whose next word is no address.
_VALUED: Final = frozenset(
    [
        "-H",
        "--header",
        "-A",
        "--user-agent",
        "-e",
        "--referer",
        "-d",
        "--data",
        "--data-raw",
        "--json",
        "-o",
        "--output",
        "-O",
        "-w",
        "--write-out",
        "-u",
        "--user",
        "-b",
        "--cookie",
        "--resolve",
        "--connect-to",
        "-X",
        "--request",
        "-m",
        "--max-time",
        "-T",
        "--timeout",
        "--retry",
        "--retry-delay",
        "--noproxy",
        "-t",
    ]
)


def _check(tree: Tree) -> Iterator[Finding]:
    for probe in probes(tree):
        hosts = [host for command in probe.commands for host in _hosts(command)]
        if not hosts:
            continue
        word, start, end = hosts[0]
        edits = [_edit(probe, *host) for host in hosts]
        written = word.value[start:end]
        first = edits[0]
        at = probe.source.span(first.start, first.end) if first is not None else probe.word_span(word)
        complete = tuple(edit for edit in edits if edit is not None)
        fix = safe(f"ask 127.0.0.1 instead of {written}", *complete) if len(complete) == len(edits) else None
        yield RULE.finding(
            at,
            f"{probe.label} is probed at `{written}`, which may be the IPv6 address ::1; a server that listens "
            "on IPv4 only "
            "then looks dead although it works.",
            fix,
        )


def _hosts(command: Command) -> Iterator[tuple[Word, int, int]]:
    """Yield each local host that a command connects to: the word, and where in its value."""
    program = command.program
    passed = False
    for word in (*command.words, *command.assignments, *(redirect.target for redirect in command.redirects)):
        skip, passed = passed, program in _HTTP and word.value in _VALUED
        if skip:
            continue
        for pattern in _patterns(program):
            found = next((m for m in pattern.finditer(word.value) if _is_address(word.value, m)), None)
            if found is not None:
                yield word, found.start("host"), found.end("host")
                break
        else:
            if program in _TCP and word.value.lower() in {"localhost", "::1"}:
                yield word, 0, len(word.value)
    # `$(curl ...)` and `/dev/tcp` stand inside a word of another program.
    if program not in _HTTP | _TCP | _OTHERS and not _CODE.match(program):
        for word in command.words[1:]:
            if re.search(r"(?:\$\(|`)\s*(?:curl|wget)\s", word.value) and (found := _URL.search(word.value)):
                yield word, found.start("host"), found.end("host")


def _patterns(program: str) -> tuple[re.Pattern[str], ...]:
    if program in _HTTP:
        return _URL, _BARE_WORD, _FLAGGED
    if program in _OTHERS:
        return _URL, _BARE_WORD, _FLAGGED
    if program in _TCP:
        return (_URL,)
    if _CODE.match(program):
        return _URL, _QUOTED
    return (_DEV,)


_BARE_WORD: Final = re.compile(rf"\A{_BARE.pattern}", re.IGNORECASE)


def _is_address(value: str, found: re.Match[str]) -> bool:
    """Whether a match is what is connected to, not a header or a part of another address."""
    before = value[: found.start()]
    if (
        _HEADER.search(before)
        and not re.search(r"--[\w-]+=\Z", before)
        and not re.search(r"\bhost\w*\s*=\s*\Z", before)
    ):
        return bool(re.search(r"(?:^|[\s;])(?:const |let |var )?\w+\s*=\Z", before))
    return "://" not in before.rpartition(" ")[2].rpartition("'")[2].rpartition('"')[2]


def _edit(probe: Probe, word: Word, start: int, end: int) -> Edit | None:
    """Return the edit of one host; None where escapes hide where it stands."""
    written = word.value[start:end]
    text = probe.source.text[word.start : word.end]
    before = word.value[:start].lower().count(written.lower())
    at = -1
    for _ in range(before + 1):
        at = text.lower().find(written.lower(), at + 1)
        if at < 0:
            return None
    place = word.start + at
    return Edit(path=probe.source.path, start=place, end=place + len(written), text="127.0.0.1")


RULE = Rule(
    name="healthcheck-localhost",
    code="HC03",
    severity=Severity.ERROR,
    summary="`localhost` or `[::1]` in an HTTP or TCP probe",
    needs=("compose", "dockerfile"),
    fix="safe",
    check=_check,
)
