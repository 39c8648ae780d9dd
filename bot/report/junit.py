"""The health report as JUnit XML, for the test views of CI systems."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from bot.model.health import Answer, Build, HealthReport, Outcome, ServiceHealth, Verdict
from bot.report import logs, plain
from bot.report.happened import happened
from bot.report.service_table import answer_words
from bot.report.verdict import fine, words

_LINES = 200
_FAILED = frozenset({Outcome.UNHEALTHY, Outcome.BUILD_FAILED, Outcome.INVALID, Outcome.REFUSED, Outcome.TIMEOUT})


def junit_xml(report: HealthReport) -> str:
    """Return one test suite: a case for the stack as a whole, each service, each failed build, each published port.

    What failed is a failure; what was not measured is skipped with the reason, never passed.
    """
    suite = ET.Element("testsuite", name="groundwork verify")
    if report.started:
        suite.set("timestamp", plain.line(report.started, limit=40).removesuffix("Z"))
    suite.append(_stack(report))
    suite.extend(_build(build) for build in report.builds if not build.ok)
    suite.extend(_service(service) for service in report.services)
    suite.extend(_answer(answer) for answer in report.answers)
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(len(suite.findall("testcase/failure"))))
    suite.set("skipped", str(len(suite.findall("testcase/skipped"))))
    suite.set("errors", "0")
    suite.set("time", f"{sum((report.seconds or {}).values()):.3f}")
    root = ET.Element("testsuites")
    root.append(suite)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _case(name: str, group: str, seconds: float | None = None) -> ET.Element:
    case = ET.Element("testcase", name=plain.line(name, limit=200), classname=f"groundwork.{group}")
    case.set("time", f"{seconds or 0.0:.3f}")
    return case


def _stack(report: HealthReport) -> ET.Element:
    said = words(report)
    case = _case("stack", "stack", sum((report.seconds or {}).values()))
    headline = _plain(f"{said.state}: {said.rest}")
    text = "\n".join(
        part
        for part in (
            said.paragraph,
            *(f"{found.path}:{found.line} {found.rule}: {found.message}" for found in report.findings[:50]),
            f"Next step: {said.next_step}." if said.next_step else "",
        )
        if part
    )
    if report.outcome in _FAILED:
        _failure(case, headline, _plain_lines(text))
    elif report.outcome is not Outcome.HEALTHY:
        ET.SubElement(case, "skipped", message=headline)
    return case


def _build(build: Build) -> ET.Element:
    case = _case(build.service, "build", build.seconds)
    _failure(
        case,
        plain.line(f"failed at {build.failed_step or 'an unnamed step'}", limit=300),
        "\n".join(logs.last(build.lines, _LINES, length=1000)),
    )
    return case


def _service(service: ServiceHealth) -> ET.Element:
    case = _case(service.name, "service", service.finished_at if service.one_shot else service.healthy_at)
    if service.verdict is Verdict.UNHEALTHY:
        title = f": {service.cause.title}" if service.cause else ""
        _failure(case, _plain(f"{happened(service)}{title}"), "\n".join(logs.last(service.log, _LINES, length=1000)))
    elif service.verdict is Verdict.BLOCKED:
        ET.SubElement(case, "skipped", message=_plain(f"blocked by {service.blocked_by or 'another service'}"))
    elif not fine([service]):
        why = "has no health check" if service.check is None and not service.one_shot else "was not judged"
        ET.SubElement(case, "skipped", message=f"unverified: {why}")
    return case


def _answer(answer: Answer) -> ET.Element:
    case = _case(f"{answer.service}:{answer.published}{answer.path}", "port", answer.seconds)
    if not answer.ok:
        _failure(case, _plain(answer_words(answer)), "")
    return case


def _failure(case: ET.Element, message: str, text: str) -> None:
    ET.SubElement(case, "failure", message=message).text = text


def _plain(prose: str) -> str:
    return plain.line(prose, limit=600).replace("`", "")


def _plain_lines(text: str) -> str:
    return plain.lines(text).replace("`", "")
