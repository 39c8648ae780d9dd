"""HC08: a health check that asks for a path the application does not serve."""

from __future__ import annotations

from collections.abc import Iterator

from bot.check.probes import Probe, probes
from bot.check.rule import Rule, safe
from bot.check.sources.application import serves
from bot.check.sources.questions import Question, questions
from bot.check.sources.routes import Routes
from bot.check.sources.runtime import Runtime
from bot.check.sources.runtimes import checked_runtimes
from bot.check.tree import Tree
from bot.model.finding import Edit, Finding, Fix, Severity


def _check(tree: Tree) -> Iterator[Finding]:
    for probe in probes(tree):
        found = [(c.runtime, *_wrong(c.runtime, probe)) for c in checked_runtimes(tree, probe)]
        # A check that serves several services is wrong only where it is wrong for each of them.
        if not found or any(question is None for _, question, _ in found):
            continue
        _runtime, question, routes = found[0]
        if question is not None:
            yield _finding(probe, question, routes)


def _wrong(runtime: Runtime, probe: Probe) -> tuple[Question | None, Routes | None]:
    """Return the first question that is surely answered with 404."""
    asked = [q for q in questions(probe.commands, runtime.env) if q.path is not None]
    if len(asked) > 1:  # `curl /health || curl /`: one of them will do
        return None, None
    for question in asked:
        if question.port is not None and runtime.ports.known and question.port not in runtime.ports.known:
            return None, None  # another server, or healthcheck-port says it
        verdict, routes = serves(runtime, question.path or "/")
        if verdict is False:
            return question, routes
    return None, None


def _finding(probe: Probe, question: Question, routes: Routes | None) -> Finding:
    framework = routes.framework if routes is not None else "nginx"
    what = f"its {framework} {_what(framework)}"
    message = f"{probe.label} is asked for `{question.path}`, which {what} does not serve: it answers 404."
    known = routes.known() if routes is not None else ()
    if framework == "Vite":
        message = f"{probe.label} is asked for `{question.path}`, but a Vite server has no such route: ask for `/`."
    elif known:
        message += f" It serves {', '.join(f'`{path}`' for path in known[:4])}{' ...' if len(known) > 4 else ''}."
    return RULE.finding(probe.word_span(question.word), message, _fix(probe, question, framework))


def _what(framework: str) -> str:
    return "configuration" if framework == "nginx" else "application"


def _fix(probe: Probe, question: Question, framework: str) -> Fix | None:
    """Ask for `/`, where the path stands in the file as it is read."""
    if framework != "Vite" or not question.path_text or question.path_text == "/":
        return None
    span = probe.word_span(question.word)
    at = span.text.find(question.path_text)
    if at < 0 or span.text.count(question.path_text) != 1:
        return None
    start = span.start + at
    return safe("ask for `/`", Edit(path=span.path, start=start, end=start + len(question.path_text), text="/"))


RULE = Rule(
    name="healthcheck-endpoint",
    code="HC08",
    severity=Severity.ERROR,
    summary="the probed path is no route of the application",
    needs=("compose", "dockerfile", "tree"),
    check=_check,
    fix="safe",
)
