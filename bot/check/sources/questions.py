"""What a health check asks: an HTTP path or a TCP port on the container itself."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bot.check.sources.port_words import expanded, option
from bot.parse.dockerfile_text import Word
from bot.parse.shell import Command

_LOCAL: Final = r"(?:localhost|127\.0\.0\.\d+|0\.0\.0\.0|\[::1?\]|ip6-localhost)"
_URL: Final = re.compile(
    rf"\b(https?)://({_LOCAL})(?::(\d+|\$\{{?\w+(?::?-\d+)?\}}?))?(/[^\s'\"`)\\;|]*)?", re.IGNORECASE
)
_ANY_URL: Final = re.compile(r"\bhttps?://", re.IGNORECASE)
_BARE: Final = re.compile(rf"({_LOCAL})(?::(\d+|\$\{{?\w+(?::?-\d+)?\}}?))?(/[^\s]*)?\Z", re.IGNORECASE)
_TCP: Final = re.compile(rf"/dev/tcp/{_LOCAL}/(\d+|\$\{{?\w+\}}?)")
_SOCKET: Final = re.compile(rf"['\"]{_LOCAL}['\"]\s*,\s*(\d+)|\bport\s*:\s*(\d+)")
_SCRIPTED: Final = re.compile(r"(?:node|python[\d.]*|php|bun|deno|ruby|perl)\Z")
_VALUED: Final = frozenset(
    [
        "-o",
        "--output",
        "-m",
        "--max-time",
        "-H",
        "--header",
        "-X",
        "--request",
        "-w",
        "--write-out",
        "-A",
        "--user-agent",
        "-u",
        "--user",
        "-d",
        "--data",
        "--connect-timeout",
        "--retry",
        "--retry-delay",
        "-T",
        "--timeout",
        "-t",
        "--tries",
        "-O",
        "--output-document",
        "--unix-socket",
        "-e",
        "--method",
        "-b",
        "--cookie",
        "--cacert",
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question.

    Attributes:
        program: Who asks: `curl`, `wget`, `nc`, `node` ...
        port: Of the container; None where it is a variable that is not known.
        path: The HTTP path without query; None for a bare TCP connection.
        word: The word it stands in.
        path_text: The path as written, with query, "" where none is.
    """

    program: str
    port: int | None
    path: str | None
    word: Word
    path_text: str = ""


def questions(commands: tuple[Command, ...], env: Mapping[str, str | None]) -> tuple[Question, ...]:
    """Return the questions of a check's commands that go to the container itself."""
    return tuple(question for command in commands for question in _of(command, env))


def _of(command: Command, env: Mapping[str, str | None]) -> list[Question]:
    program = command.program
    if program in {"curl", "wget", "http", "https"}:
        if "--unix-socket" in command.arguments:
            return []
        return [p for word in _targets(command) if (p := _http(program, word, env, bare=True))]
    if _SCRIPTED.match(program):
        return [p for word in command.words[1:] for p in _scripted(program, word, env)]
    if program in {"nc", "ncat", "netcat"}:
        plain = [word for word in command.words[1:] if not word.value.startswith("-")]
        for host, port in itertools.pairwise(plain):
            if re.fullmatch(_LOCAL.replace(r"\[", "").replace(r"\]", ""), host.value, re.IGNORECASE):
                return [Question(program=program, port=_port(port.value, env), path=None, word=port)]
    found = [_tcp(program, word, env) for word in (*command.words, *(r.target for r in command.redirects))]
    return [question for question in found if question is not None] or _client(command, env)


def _targets(command: Command) -> list[Word]:
    """Return the words of curl or wget that are no options."""
    found = []
    words = iter(command.words[1:])
    for word in words:
        if word.value == "--url":
            found.append(next(words, word))
        elif word.value in _VALUED:
            next(words, None)
        elif not word.value.startswith("-"):
            found.append(word)
    return found


def _http(program: str, word: Word, env: Mapping[str, str | None], *, bare: bool) -> Question | None:
    match = _URL.search(word.value)
    if match:
        scheme, port_text, path = match[1].lower(), match[3], match[4] or ""
    else:
        other = _BARE.match(word.value) if bare and not _ANY_URL.match(word.value) else None
        if not other:
            return None
        scheme, port_text, path = "http", other[2], other[3] or ""
    port = _port(port_text, env) if port_text else 443 if scheme == "https" else 80
    clean = re.split(r"[?#]", path)[0] or "/"
    if "$" in clean or "{" in clean:
        return Question(program=program, port=port, path=None, word=word)
    return Question(program=program, port=port, path=clean, word=word, path_text=path)


def _scripted(program: str, word: Word, env: Mapping[str, str | None]) -> list[Question]:
    if word.value.startswith("-"):
        return []
    question = _http(program, word, env, bare=False)
    if question is not None:
        return [question]
    match = _SOCKET.search(word.value) if re.search(r"socket|connect|http|net", word.value) else None
    if not match:
        return []
    path = re.search(r"\bpath\s*:\s*['\"](/[^'\"]*)['\"]", word.value)
    port = int(match[1] or match[2])
    text = path[1] if path else ""
    return [Question(program=program, port=port, path=text or None, word=word, path_text=text)]


def _tcp(program: str, word: Word, env: Mapping[str, str | None]) -> Question | None:
    match = _TCP.search(word.value)
    return Question(program=program, port=_port(match[1], env), path=None, word=word) if match else None


def _client(command: Command, env: Mapping[str, str | None]) -> list[Question]:
    """Database clients with a port option."""
    options = {
        "pg_isready": ("-p", "--port"),
        "redis-cli": ("-p",),
        "mysqladmin": ("-P", "--port"),
        "mariadb-admin": ("-P", "--port"),
    }
    names = options.get(command.program)
    if names is None:
        return []
    host = option(command.arguments, "-h", "--host")
    if host is not None and not re.fullmatch(_LOCAL, host):
        return []
    text = option(command.arguments, *names)
    if text is None:
        return []
    word = next((w for w in command.words if w.value.endswith(text)), command.words[0])
    return [Question(program=command.program, port=_port(text, env), path=None, word=word)]


def _port(text: str, env: Mapping[str, str | None]) -> int | None:
    value = expanded(text, env)
    return int(value) if value is not None and re.fullmatch(r"\d{1,5}", value) else None
