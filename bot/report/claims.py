"""The kinds of claims that a report can answer, each a function from a clause to a claim, or None where it is another.

Each kind accounts for *every* word of the clause: what it names, what it claims, and words that claim nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bot.model.health import Outcome, Verdict
from bot.model.stack import StackService
from bot.report import figures, names
from bot.report.ground import Ground
from bot.report.markdown import span
from bot.report.service_table import answer_words

_FINE: Final = frozenset({Verdict.HEALTHY, Verdict.DONE})
_MEASURED: Final = frozenset({Outcome.HEALTHY, Outcome.UNHEALTHY, Outcome.TIMEOUT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Whether a clause holds (None: it was not measured), and the evidence or the reason, as prose."""

    met: bool | None
    why: str


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NEUTRAL: Final = _words(
    "a an the is are be become becomes must should will its own as with for in of on to "
    "and via using use uses it that this there has have by at"
)
_RUNS: Final = _words(
    "healthy run runs running start starts started up service services container containers server "
    "reports report status docker compose stack"
)
# Words that speak of all services: only the claims about all of them may account for these.
_ALL: Final = _words("all every each everything whole entire")


def _left(words: str, *allowed: str) -> list[str]:
    """The words that neither `allowed` nor the neutral words account for."""
    spoken = re.findall(r"[\w./:-]*\w", words.lower())
    free = {*_NEUTRAL, *allowed}
    return [word for word in spoken if word not in free]


def healthy_all(words: str, ground: Ground) -> Claim | None:
    """Answer "all containers are healthy" and "`docker compose up` starts the whole stack"."""
    lowered = words.lower().replace("`", " ")
    everything = re.search(r"\b(all|every|each|everything|whole|entire|stack)\b", lowered)
    claimed = re.search(r"\b(healthy|starts?|comes? up|runs?|bring|brings|boots?)\b", lowered)
    command = re.sub(r"\b(cd src|docker[ -]compose up)( -d| --wait| --build)*", " ", lowered)
    free = {*_RUNS, *_ALL, *_words("come comes bring brings boots boot one single command stay stays")}
    if not everything or not claimed or _left(command.replace("&", " "), *free):
        return None
    health = ground.health
    total = figures.count(len(health.services), "service")
    if health.outcome is Outcome.HEALTHY:
        return Claim(met=True, why=f"{total} healthy or done, on {span(health.commit[:7] or 'this tree')}")
    if health.outcome in {Outcome.UNVERIFIED, Outcome.NO_ENGINE, Outcome.INTERRUPTED}:
        return Claim(met=None, why=ground.why_not)
    fine = sum(service.verdict in _FINE for service in health.services)
    return Claim(met=False, why=f"{fine} of {total} healthy" if health.services else ground.why_not)


def checks_all(words: str, ground: Ground) -> Claim | None:
    """Answer "every service has a health check"."""
    lowered = re.sub(r"health[ -]?checks?", " healthcheck ", words.lower())
    everything = re.search(r"\b(all|every|each)\b", lowered)
    if "healthcheck" not in lowered or not everything or not ground.stack.services:
        return None
    free = _words("healthcheck service services container containers long-running define defines")
    if _left(lowered, *free, *_ALL):
        return None
    bare = [one.name for one in ground.stack.services if not one.check and not one.one_shot]
    if bare:
        return Claim(met=False, why=f"{figures.listed([span(name) for name in bare], 4)} without a health check")
    checked = sum(bool(one.check) for one in ground.stack.services)
    return Claim(met=True, why=f"{figures.count(checked, 'service')} with a check, in {span(ground.stack.path)}")


def answers_at(words: str, ground: Ground) -> Claim | None:
    """Answer "`GET /health` returns 200", "the shop answers on port 8080"."""
    target = re.search(r"(?:https?://(?:localhost|127\.0\.0\.1|0\.0\.0\.0))?(?::(\d{2,5}))?(/[\w./-]*)", words)
    port = re.search(r"(?:\bport |:)(\d{2,5})\b", words, re.IGNORECASE)
    claimed = re.search(
        r"\b(answers?|returns?|responds?|reachable|available|serves?|served|listens?|opens?)\b", words, re.IGNORECASE
    )
    path = target[2].rstrip(".,;") if target else ""
    wanted = int(port[1]) if port else 0
    if not claimed or not (path or wanted):
        return None
    status = re.search(r"\b([1-5]\d\d)\b(?!\d)", re.sub(r":\d+|port \d+", " ", words, flags=re.IGNORECASE))
    rest = re.sub(r"https?://\S+|:\d{2,5}\b|\bport \d+|\b[1-5]\d\d\b|\bGET\b|(?<!\w)/[\w./-]*", " ", words)
    spoken, rest = ground.named(rest.replace("`", " "))
    rest = rest.replace("'", " ")
    free = _words(
        "answer answers return returns respond responds reachable available serve serves served listen listens open"
    )
    if _left(rest, *free, *_RUNS, *_words("opens ok http status code localhost endpoint from page through")):
        return None
    if None in spoken.values():
        return None
    named = {service.name for service in spoken.values() if service is not None}
    asked = [
        answer
        for answer in ground.health.answers
        if (not named or answer.service in named)
        and (not wanted or answer.published == wanted)
        and (not path or (answer.path or "/") == path)
    ]
    if not asked:
        return _unasked(wanted, ground)
    wrong = [one for one in asked if not one.ok or (status and one.status != int(status[1]))]
    if wrong:
        return Claim(met=False, why=answer_words(wrong[0]))
    return Claim(met=True, why=", ".join(answer_words(answer) for answer in asked[:3]))


def _unasked(port: int, ground: Ground) -> Claim | None:
    """A port that nobody asked: because nothing was measured, or because its service never got that far."""
    if ground.health.outcome not in _MEASURED:
        return Claim(met=None, why=ground.why_not)
    for service in ground.stack.services:
        seen = ground.measured(service)
        if port in {one.published for one in service.ports} and seen is not None and seen.verdict not in _FINE:
            return Claim(met=False, why=f"{span(service.name)} is {seen.verdict.value}, so nothing answers there")
    return None


def migrated(words: str, ground: Ground) -> Claim | None:
    """Answer "migrations run on start"."""
    if not re.search(r"\bmigrations?\b|\bmigrates?\b", words, re.IGNORECASE):
        return None
    free = _words("migration migrations migrate migrates apply applied applies automatically first schema ran once")
    if _left(ground.named(words.replace("`", " "))[1], *free, *_RUNS):
        return None
    jobs = [one for one in ground.stack.services if one.one_shot and "migrat" in one.name.lower()]
    measured = [found for one in jobs if (found := ground.measured(one)) is not None]
    if len(jobs) != 1:
        return None
    name = span(jobs[0].name)
    if not measured or measured[0].finished_at is None:
        return Claim(met=None, why=f"{name} does it")
    if measured[0].verdict is Verdict.DONE:
        return Claim(met=True, why=f"{name} ended with exit 0 after {figures.moment(measured[0].finished_at)}")
    return Claim(met=False, why=f"{name} ended with exit {measured[0].exit_code}")


def file_there(words: str, ground: Ground) -> Claim | None:
    """Answer "there is a `.env.example`", "the compose file is at src/docker-compose.yml"."""
    found = re.findall(r"(?<![\w/:])/?((?:[\w.-]+/)*(?:\.?[\w-]+\.[A-Za-z][\w.]*|Dockerfile|Makefile))(?![\w/])", words)
    rest = words.replace("`", " ")
    for path in found:
        rest = rest.replace(path, " ")
    free = _words(
        "file files exists exist provided provides provide included includes include lists contains under repository"
    )
    if not found or _left(rest.replace("/", " "), *free, "compose", "example", "environment", "located", "lives"):
        return None
    written = {file.path for file in ground.proposal.change.files if file.status != "deleted"}
    matched = {path: [one for one in sorted(written) if one == path or one.endswith(f"/{path}")] for path in found}
    if not all(matched.values()):
        return None  # it may well be in the repository already: this change does not tell
    return Claim(met=True, why=f"{figures.listed([span(one[0]) for one in matched.values()])} in this change")


def named_volume(words: str, ground: Ground) -> Claim | None:
    """Answer "PostgreSQL keeps its data in a named volume"."""
    spoken, rest = ground.named(words.replace("`", " "))
    if not re.search(r"\bvolumes?\b", rest) or not spoken or None in spoken.values():
        return None
    free = _words("data named volume volumes keep keeps kept store stores stored live lives persist persists persisted")
    if _left(rest, *free, *_RUNS):
        return None
    services = [service for service in spoken.values() if service is not None]
    bare = [service for service in services if not service.volumes]
    if bare:
        return Claim(met=False, why=f"{span(bare[0].name)} mounts no named volume")
    held = [f"{span(service.name)}: {span(service.volumes[0])}" for service in services]
    return Claim(met=True, why=f"named volume of {', '.join(held)}")


def orchestrated(words: str, ground: Ground) -> Claim | None:
    """Answer "Docker Compose", "a Docker Compose setup"."""
    rest = re.sub(r"\bdocker[ -]compose\b", " ", words.lower().replace("`", " "))
    if rest == words.lower() or _left(rest, "stack", "setup") or not ground.stack.services:
        return None
    return Claim(met=True, why=f"{figures.count(len(ground.stack.services), 'service')} in {span(ground.stack.path)}")


def runs(words: str, ground: Ground) -> Claim | None:
    """Answer "PostgreSQL 16", "a Redis cache", "the back end is healthy": services that are named, nothing more."""
    spoken, rest = ground.named(words.replace("`", " "))
    versions = re.findall(r"(?<![\w.])v?(\d+(?:\.\d+)*)(?![\w.]*\w)", rest)
    rest = re.sub(r"(?<![\w.])v?\d+(?:\.\d+)*(?![\w.]*\w)", " ", rest)
    services = {service.name if service else name for name, service in spoken.items()}
    if not spoken or len(versions) > 1 or (versions and len(services) > 1) or _left(rest, *_RUNS):
        return None
    missing = [names.display(name) for name, service in spoken.items() if service is None]
    if missing:
        return _absent(missing, ground)
    claims = [_runs(service, versions, ground) for service in spoken.values() if service is not None]
    why = "; ".join(dict.fromkeys(claim.why for claim in claims))
    worst = False if any(claim.met is False for claim in claims) else None
    return Claim(met=True if all(claim.met for claim in claims) else worst, why=why)


def _absent(missing: list[str], ground: Ground) -> Claim | None:
    """A technology that no service can be tied to: absent only where it would have to be a service of its own."""
    needs_a_service = {
        names.display(name) for name in (*ground.proposal.brief.databases, *ground.proposal.brief.queues)
    }
    if ground.proposal.stack is not None and set(missing) <= needs_a_service:
        return Claim(met=False, why=f"no service of the stack is {figures.listed(missing)}")
    return None


def _runs(service: StackService, versions: list[str], ground: Ground) -> Claim:
    name = span(service.name)
    tagged = names.image_version(service.image)
    if versions and tagged and not f"{tagged}.".startswith(f"{versions[0]}."):
        return Claim(met=False, why=f"{name} is {span(service.image)}")
    image = f" ({span(service.image)})" if service.image else ""
    actual = ground.stand_in(service)
    if versions and actual:
        return Claim(met=None, why=f"{name}{image} is in the stack; what ran was a stand-in, {actual}")
    if versions and not tagged:
        return Claim(met=None, why=f"{name} is in the stack; its version was not checked")
    return _measured(service, f"{name}{image}", ground)


def _measured(service: StackService, name: str, ground: Ground) -> Claim:
    seen = ground.measured(service)
    if seen is None or ground.health.outcome not in _MEASURED:
        return Claim(met=None, why=f"{name} is in the stack")
    if seen.verdict is Verdict.HEALTHY and seen.healthy_at is not None:
        actual = ground.stand_in(service)
        stand_in = f", measured on a stand-in, {actual}" if actual else ""
        return Claim(met=True, why=f"{name} healthy after {figures.moment(seen.healthy_at)}{stand_in}")
    if seen.verdict is Verdict.DONE:
        return Claim(met=True, why=f"{name} ended with exit 0")
    if seen.verdict is Verdict.UNVERIFIED:
        return Claim(met=None, why=f"{name} is in the stack, without a verdict")
    return Claim(met=False, why=f"{name} is {seen.verdict.value}")


Kind = Callable[[str, Ground], Claim | None]
# The most specific first: the first that accounts for all words answers.
CLAIMS: Final[tuple[Kind, ...]] = (
    checks_all,
    healthy_all,
    answers_at,
    migrated,
    named_volume,
    file_there,
    orchestrated,
    runs,
)
