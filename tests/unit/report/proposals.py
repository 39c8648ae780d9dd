"""A hand-made proposal, the shop of the examples, whole and unfinished."""

from __future__ import annotations

from dataclasses import replace

from bot.model.brief import Brief, Criterion, Evidence, Fact, OpenPoint
from bot.model.change import Change, Decision, FileChange, Kept, Work
from bot.model.issue import Issue
from bot.model.proposal import Attempt, Base, Proposal
from bot.model.stack import Need, Port, Stack, StackService
from tests.unit.report import reports

SPEC = ".autoflow/docs/BUILD_SPEC.md"


def criterion(text: str, line: int = 9) -> Criterion:
    return Criterion(text=text, evidence=Evidence(path="issue", line=line, quote=text))


STACK = Stack(
    path="src/docker-compose.yml",
    services=(
        StackService(
            name="postgres",
            role="database",
            image="postgres:16.4-alpine",
            check="pg_isready -U shop",
            check_words="`pg_isready`",
            volumes=("postgres_data",),
        ),
        StackService(name="redis", role="cache", image="redis:7.4-alpine", check="redis-cli ping"),
        StackService(
            name="migrate",
            role="one-shot",
            build="src/backend",
            one_shot=True,
            needs=(Need(service="postgres", condition="service_healthy"),),
        ),
        StackService(
            name="backend",
            role="backend",
            build="src/backend",
            target="development",
            ports=(Port(published=8000, target=8000),),
            check="curl -f http://127.0.0.1:8000/health",
            check_words="`GET /health`: database and cache answer",
            needs=(
                Need(service="migrate", condition="service_completed_successfully"),
                Need(service="redis", condition="service_healthy"),
            ),
        ),
        StackService(
            name="nginx",
            role="proxy",
            image="nginx:1.27-alpine",
            ports=(Port(published=8080, target=80),),
            check="wget -qO- http://127.0.0.1/healthz",
            check_words="`GET /healthz`",
            needs=(Need(service="backend", condition="service_healthy"),),
        ),
    ),
)
BRIEF = Brief(
    title="the shop",
    orchestrator="docker-compose",
    backend=("django",),
    frontend=("react-vite",),
    databases=("postgresql",),
    caches=("redis",),
    proxy="nginx",
    facts=(
        Fact(topic="backend", value="django", evidence=(Evidence(path=SPEC, line=41, quote="Backend: Django 5"),)),
        Fact(
            topic="database",
            value="postgresql",
            evidence=(Evidence(path="issue", line=4, quote="PostgreSQL for the orders"),),
        ),
        Fact(
            topic="queue",
            value="kafka",
            rejected=True,
            evidence=(Evidence(path="ARCHITECTURE.md", line=88, quote="Kafka: phase 3"),),
        ),
    ),
    open=(
        OpenPoint(
            topic="custom_domain",
            question="The documents name no domain, so nothing listens beyond this machine.",
            assumed="",
        ),
    ),
    criteria=(
        criterion("All containers are healthy"),
        criterion("`GET /api/health` answers 200 on port 8080"),
        criterion("PostgreSQL 16 and a Redis cache"),
        criterion("Migrations run automatically on start"),
        criterion("There is a `.env.example`"),
        criterion("Orders survive a restart of the database"),
        criterion("Every service has a health check"),
    ),
)
FILES = (
    FileChange(path="src/.env.example", status="added", lines_added=9),
    FileChange(path="src/backend/Dockerfile", status="added", lines_added=31),
    FileChange(path="src/docker-compose.yml", status="added", lines_added=88),
)
SHOP = Proposal(
    base=Base(
        commit="a" * 40,
        head="a" * 40,
        branch="groundwork/12-add-infrastructure",
        base_branch="main",
        notes=("The working tree has uncommitted changes; they are not part of this run.",),
    ),
    head=reports.COMMIT,
    title="Add infrastructure for the shop",
    draft=False,
    issue=Issue(title="Add infrastructure for the shop", number=12),
    brief=BRIEF,
    stack=STACK,
    work=Work(
        engine="blueprint",
        decisions=(
            Decision(
                what="Django, not FastAPI",
                why=f'{SPEC}:41 "Backend: Django 5"; FastAPI only under "Alternatives considered"',
            ),
        ),
        confirm=('PostgreSQL 16 was chosen, the documents say "PostgreSQL".',),
        kept=(Kept(path="src/legacy/run.sh", why="it was there before and nothing uses it"),),
    ),
    change=Change(base="a" * 40, files=FILES),
    findings=(),
    health=reports.HEALTHY,
    attempts=(
        Attempt(
            number=1,
            commit=reports.UNHEALTHY.commit,
            outcome="unhealthy",
            words="`backend`: its check looks at IPv6",
            seconds=71.2,
        ),
        Attempt(
            number=2,
            commit=reports.COMMIT,
            outcome="healthy",
            words="5 of 5 services healthy, 0 findings",
            seconds=48.0,
        ),
    ),
)
LOCAL = replace(
    SHOP, issue=replace(SHOP.issue, number=0), base=replace(SHOP.base, branch="groundwork/add-infrastructure")
)
DRAFT = replace(SHOP, draft=True, health=reports.UNHEALTHY, head=reports.UNHEALTHY.commit, attempts=SHOP.attempts[:1])
UNVERIFIED = replace(LOCAL, draft=True, health=reports.VERIFY_NONE, attempts=())
NO_STACK = replace(UNVERIFIED, stack=None, change=Change(base="a" * 40))
ALL = {"shop": SHOP, "local": LOCAL, "draft": DRAFT, "unverified": UNVERIFIED, "no_stack": NO_STACK}
