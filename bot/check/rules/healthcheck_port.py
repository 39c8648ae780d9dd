"""HC09: a health check that asks a port nothing listens on."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.check.probes import probes
from bot.check.rule import Rule
from bot.check.sources.questions import Question, questions
from bot.check.sources.runtime import Runtime
from bot.check.sources.runtimes import checked_runtimes
from bot.check.tree import Tree
from bot.model.finding import Finding, Severity

_CODE = (
    *(".js", ".ts", ".mjs", ".cjs", ".jsx", ".tsx", ".py", ".php", ".go", ".rb", ".rs", ".java", ".kt", ".cs", ".ex"),
    *(".exs", ".conf", ".cfg", ".ini", ".toml", ".yml", ".yaml", ".json", ".sh", ".xml", ".properties", ".env"),
)


# `const { PORT = 3000 } = process.env`: the name before a number, and what comes behind the list.
_DEFAULT = re.compile(r"\b([A-Z][A-Z0-9_]*)\s*(?::\s*\w+\s*)?=\s*['\"]?\Z")
_FROM_ENV = re.compile(r"[^{};]*\}\s*=\s*process\.env\b")
_ENV_READ = re.compile(r"(?:env|environ|getenv|Getenv|ENV)\b[^A-Za-z]{0,6}(?:get\W+)?([A-Z][A-Z0-9_]*)")


def _check(tree: Tree) -> Iterator[Finding]:
    for probe in probes(tree):
        found = [
            (c.runtime, _wrong(c.runtime, questions(probe.commands, c.runtime.env)))
            for c in checked_runtimes(tree, probe)
        ]
        if not found or any(question is None for _, question in found):
            continue
        runtime, question = found[0]
        if question is not None:
            yield RULE.finding(
                probe.word_span(question.word),
                f"{probe.label} is probed on port {question.port}, but {_listens(runtime)}: the probe is always "
                f"refused.",
            )


def _wrong(runtime: Runtime, asked: tuple[Question, ...]) -> Question | None:
    """Return the question to a port that surely nothing listens on."""
    if len(asked) != 1:
        return None
    (question,) = asked
    if question.port is None:
        return None
    ports = runtime.ports
    if question.port in ports.known:
        return None
    if ports.known and not ports.unsure:
        return None if spoken_of(runtime, question.port) else question
    stated = stated_ports(runtime)
    if stated and question.port not in stated and not ports.known and not spoken_of(runtime, question.port):
        return question
    return None


def stated_ports(runtime: Runtime) -> frozenset[int]:
    """Return the ports that EXPOSE and `ports` agree on; empty where they do not, or one of them says nothing."""
    exposed = frozenset(runtime.image.exposed if runtime.image is not None else ())
    service = runtime.service
    targets = frozenset(port.target for port in service.ports if port.target) if service is not None else frozenset()
    return exposed if exposed and targets and targets <= exposed else frozenset()


def spoken_of(runtime: Runtime, port: int) -> bool:
    """Whether the application or its environment names the port anywhere but in a URL of another server."""
    if any(value is not None and re.search(rf"(?<![\d.:/]){port}(?!\d)", value) for value in runtime.env.values()):
        return True
    pattern = re.compile(rf"(?<![\w.])(?<!://localhost:)(?<!://127\.0\.0\.1:)(?<!://0\.0\.0\.0:){port}(?![\w.])")
    names = ("package-lock.json", "composer.lock", "docker-compose", "compose.")
    for path, text in runtime.files.sources(*_CODE):
        if any(name in path for name in names):
            continue
        for match in pattern.finditer(text):
            line = text[text.rfind("\n", 0, match.start()) + 1 : match.end()]
            overruled = _ENV_READ.search(line) or _taken_apart(text, match)
            # `process.env.PORT || 3000` says nothing of 3000 where PORT is set.
            if overruled is None or runtime.env.get(overruled[1]) is None:
                return True
    return False


def _listens(runtime: Runtime) -> str:
    known = sorted(runtime.ports.known or stated_ports(runtime))
    if len(known) == 1:
        return f"what runs there listens on {known[0]}"
    return f"what runs there listens on {', '.join(map(str, known[:-1]))} and {known[-1]}"


def _taken_apart(text: str, number: re.Match[str]) -> re.Match[str] | None:
    """Return the variable that a number is the default of, where it is taken out of the environment as an object."""
    return (
        _DEFAULT.search(text, max(number.start() - 80, 0), number.start())
        if _FROM_ENV.match(text, number.end())
        else None
    )


RULE = Rule(
    name="healthcheck-port",
    code="HC09",
    severity=Severity.ERROR,
    summary="the probed port is not one the service listens on",
    needs=("compose", "dockerfile", "tree"),
    check=_check,
)
