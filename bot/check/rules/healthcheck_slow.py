"""HC05: a probe that may take long."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from bot.check.probes import Probe, probes
from bot.check.rule import Rule, replace, safe
from bot.check.tree import Tree
from bot.model.finding import Finding, Fix, Severity
from bot.parse.shell import Command
from bot.parse.source import Span
from bot.parse.yaml_edit import replace_value

_LONGEST = 10.0  # seconds of `timeout`
_FAST = 3.0  # seconds that a probe may take
_CURL_TIME: Final = frozenset({"-m", "--max-time", "--connect-timeout"})
_WGET_TIME: Final = frozenset({"-T", "--timeout", "--connect-timeout", "--read-timeout", "--dns-timeout"})
_LOOP: Final = re.compile(r"\b(?:for|while|until)\b.*\bdo\b.*\bsleep\b", re.DOTALL)
_JS: Final = re.compile(
    r"\btimeout[\"\']?\s*[:=]\s*(\d+)|setTimeout\([^;]*?,\s*(\d+)\s*\)|AbortSignal\.timeout\((\d+)\)"
)
_PYTHON: Final = re.compile(r"\btimeout\s*=\s*(\d+(?:\.\d+)?)|\bsleep\(\s*(\d+(?:\.\d+)?)")


def _check(tree: Tree) -> Iterator[Finding]:
    for probe in probes(tree):
        timeout, at, fix = _timeout(probe)
        if timeout is not None and timeout > _LONGEST and at is not None:
            yield RULE.finding(
                at,
                f"The check of {probe.label} may hang for {timeout:g} s before it counts as failed; a good "
                "probe answers in "
                "under 3 s.",
                fix,
            )
            continue
        loop = _LOOP.search(probe.span.text)
        waits = sum(_seconds(word) for c in probe.commands if c.program == "sleep" for word in c.arguments)
        if loop or waits >= _FAST:
            why = "it sleeps in a loop" if loop else f"its sleeps add up to {waits:g} s"
            yield RULE.finding(probe.span, f"The check of {probe.label} may itself take over 3 s: {why}.")
            continue
        for command in probe.commands:
            why = _slow(command)
            if why:
                yield RULE.finding(
                    probe.word_span(command.words[0]),
                    f"The check of {probe.label} may itself take over 3 s: `{why}`.",
                )
                break
        else:
            found = re.search(r"\btimeout\s+(?:-\S+\s+(?:\S+\s+)??)*?(\d+)s?\s", probe.span.text)
            if found and float(found[1]) >= _FAST:
                yield RULE.finding(
                    probe.span, f"The check of {probe.label} may itself take {found[1]} s: `{found[0].strip()}`."
                )


def _timeout(probe: Probe) -> tuple[float | None, Span | None, Fix | None]:
    if probe.compose is not None:
        given = probe.compose.timeout
        if given is None:
            return None, None, None
        return given.seconds, given.node.span, safe("wait at most 10s", replace_value(given.node, "10s"))
    if probe.own is None or probe.own.timeout is None:
        return None, None, None
    flag = next((flag for flag in probe.own.instruction.flags if flag.name == "timeout"), None)
    if flag is None:
        return None, None, None
    span = probe.source.span(flag.word.start, flag.word.end)
    return probe.own.timeout, span, safe("wait at most 10s", replace(span, "--timeout=10s"))


def _slow(command: Command) -> str:
    """Return what makes a command slow; "" where nothing does."""
    program, words = command.program, [word.value for word in command.words[1:]]
    if program == "curl":
        retries, delay = _option(words, {"--retry"}), _option(words, {"--retry-delay"})
        # Without a delay curl waits 1 s, then 2, 4, ...
        waited = (retries or 0) * delay if delay else 2 ** (retries or 0) - 1
        if retries and waited >= _FAST:
            return f"--retry {retries:g}"
        return _over(words, _CURL_TIME)
    if program == "wget":
        tries = _option(words, {"-t", "--tries"})
        return f"--tries {tries:g}" if tries and tries > _FAST else _over(words, _WGET_TIME)
    if program in {"nc", "ncat", "netcat"}:
        return _over(words, {"-w"})
    code = " ".join(words)
    if re.match(r"(?:node|bun|deno)", program):
        times = [float(a or b or c) / 1000 for a, b, c in _JS.findall(code)]
        return f"{max(times):g} s" if times and max(times) > _FAST else ""
    if program.startswith("python"):
        times = [float(a or b) for a, b in _PYTHON.findall(code)]
        return f"{max(times):g} s" if times and max(times) > _FAST else ""
    return ""


def _over(words: list[str], names: frozenset[str] | set[str]) -> str:
    seconds = _option(words, names)
    return (
        f"{min(names & {w.partition('=')[0] for w in words} or names)} {seconds:g}"
        if seconds and seconds >= _FAST
        else ""
    )


def _option(words: list[str], names: frozenset[str] | set[str]) -> float | None:
    """Return the number that an option is given: `-m 5`, `-m5`, `--max-time=5`, `-sfm 5`, `-sfm5`."""
    for index, word in enumerate(words):
        name, equals, value = word.partition("=")
        following = words[index + 1] if index + 1 < len(words) else ""
        if name in names:
            return _number(value if equals else following)
        short = [n for n in names if len(n) == 2]
        if found := next((m for n in short if (m := re.match(rf"-[a-zA-Z]*?{n[1]}(\d.*)", word))), None):
            return _number(found[1])
        if re.fullmatch(r"-[a-zA-Z]{2,}", word) and any(word.endswith(n[1]) for n in short):
            return _number(following)
    return None


def _number(text: str) -> float | None:
    found = re.match(r"\d+(?:\.\d+)?", text)
    return float(found[0]) if found else None


def _seconds(word: str) -> float:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd]?)", word)
    return float(found[1]) * {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}[found[2]] if found else 0.0


RULE = Rule(
    name="healthcheck-slow",
    code="HC05",
    severity=Severity.WARNING,
    summary="a probe that may take over 3 s: `timeout` above 10 s, or sleeps, retries, max-times of 3 s in its command",
    needs=("compose", "dockerfile"),
    fix="safe",
    check=_check,
)
