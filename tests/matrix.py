"""The page of systems: which are built, and how that is proved. `python -m tests.matrix` writes it anew."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bot.blueprint.choice import choose
from bot.blueprint.library import shipped
from bot.blueprint.skill import Part
from tests.docker.test_blueprint_stacks import STACKS

PAGE: Final = Path(__file__).parents[1] / "prompts/README.md"
# What the specification names, in its order; what no skill renders is on the page too.
SPECIFIED: Final[dict[Part, tuple[str, ...]]] = {
    "backend": ("laravel", "django", "fastapi", "flask", "express", "nestjs", "go"),
    "frontend": ("react-vite", "vue-vite", "angular", "nextjs", "nuxt"),
    "database": ("postgresql", "mysql", "mariadb", "mongodb", "sqlite"),
    "cache": ("redis", "memcached"),
    "queue": ("rabbitmq", "kafka", "redis"),
    "worker": ("celery", "bullmq"),
    "proxy": ("nginx", "traefik", "caddy"),
    "extra": ("minio", "mailpit", "adminer"),
}
NOUNS: Final[dict[Part, str]] = {
    "backend": "back end",
    "frontend": "front end",
    "database": "database",
    "cache": "cache",
    "queue": "queue",
    "worker": "worker",
    "proxy": "proxy",
    "extra": "extra",
}
RAN: Final = "run here"
CHECKED: Final = "rendered and checked"
NOT_BUILT: Final = "not built yet"
# Why a system is not run, or what a reader should know of how it was.
NO_IMAGE: Final = "its image cannot be had where no image registry answers, and nothing stands in for it"
NOTES: Final = {
    "mongodb": NO_IMAGE,
    "kafka": NO_IMAGE,
    "traefik": NO_IMAGE,
    "mysql": "a MariaDB server stands in for its image",
    "minio": NO_IMAGE,
    "mailpit": NO_IMAGE,
    "adminer": NO_IMAGE,
    "horizon": "its jobs are done by the worker that is run as `laravel-queue`; the dashboard is a package of its own",
    "mariadb": "its container not in a stack of its own: the server that stands in for MySQL's image is MariaDB",
}
HOSTS: Final = (
    ("Docker Compose", RAN, "development and production stages, to healthy, with the applications' own tests"),
    (
        "Kubernetes",
        CHECKED,
        "every object fits the schema of API 1.37, kustomize builds both overlays; no cluster can be had here",
    ),
    (
        "systemd",
        RAN,
        (
            "installed, restarted and stopped on a machine that systemd booted: Express with Next.js, Django with Vue, Go and "
            "Laravel, on PostgreSQL, MariaDB, Redis, RabbitMQ and nginx; every other back end and front end, Memcached and "
            "SQLite once by hand; of all, `systemd-analyze verify` says nothing, exposure stays below 2.5"
        ),
    ),
    (
        "serverless, PM2, Kamal, Windows service",
        "in words",
        "no containers are written; the issue is told what that host needs",
    ),
)
HEAD: Final = """# Skills, and what is proved of each

One folder in `skills/` for each technology: `SKILL.md` is for the model, `skill.toml` with `compose/`, `scaffold/` and
`variants/` renders without one. `versions.toml` holds the images; `groundwork versions` says which versions are behind.

Combinations that cover every pair of back end, database, cache, queue, front end and proxy are rendered in the tests; a
choice of them is held against every rule and `docker compose config`. *Run here* means more: built, started, watched until healthy, asked, tested and stopped, in
[tests/docker](../tests/docker/test_blueprint_stacks.py), on stand-ins for the official images where no registry answers;
without containers in [a test of its own](../tests/docker/test_systemd_machine.py).

This page is written by `python -m tests.matrix`, and a test holds it.
"""

EXISTING_HEAD: Final = """\
A folder `src/backend` or `src/frontend` with an application in it is not scaffolded over: its port, start command, health
page, packages and variables are read, and a Dockerfile, services and checks are made to fit. *Run here* is
[this test](../tests/docker/test_existing_applications.py)."""
EXISTING: Final = (
    ("Node with npm or pnpm, Express or Fastify", RAN, "with PostgreSQL behind nginx; with Redis"),
    ("Python with pip, Django, FastAPI or Flask", RAN, "migrations first, with PostgreSQL; with MySQL"),
    ("Go, standard library", RAN, "another image stands in for Alpine's"),
    ("a front end that Vite builds", RAN, "served by nginx, in front of Django"),
    (
        "PHP with Composer: Laravel",
        RAN,
        "migrations first, with PostgreSQL behind nginx; on Debian's PHP and Laravel, its extensions are not compiled here",
    ),
    ("PHP with Composer: Symfony, CodeIgniter, Slim", CHECKED, "read from repositories as people write them"),
    (
        "NestJS, Prisma, Yarn 1, uv, Poetry, Gin, Angular, Next.js",
        CHECKED,
        "read from repositories as people write them",
    ),
    (
        "Ruby, Java, Bun, Yarn 2",
        "in words",
        "the folder is left alone, its part left out, and the pull request says why",
    ),
)


def page() -> str:
    """Return the page as Markdown."""
    lines = [HEAD, *_table(("part", "system", "proof", "in which stack, or why not more"), _systems()), ""]
    lines += ["## Hosts", "", *_table(("host", "proof", "what that means"), HOSTS), ""]
    lines += ["## Applications that are there already", "", EXISTING_HEAD, ""]
    lines += _table(("application", "proof", "what that means"), EXISTING)
    return "\n".join(lines) + "\n"


def _systems() -> Iterator[tuple[str, str, str, str]]:
    for part in SPECIFIED:
        played = {name for skill in shipped().skills.values() for name in skill.names.get(part, ())}
        names = [*SPECIFIED[part], *sorted(played - {*SPECIFIED[part]})]
        for name in names:
            skill = shipped().find(part, name)
            if skill is None:
                yield NOUNS[part], f"`{name}`", NOT_BUILT, "left out of the stack, and the pull request says so"
                continue
            stacks = [stack for stack, asked in STACKS.items() if choose(asked, shipped()).names.get(part) == name]
            note = NOTES.get(name, "")
            where = ", ".join(stacks)
            yield (
                NOUNS[part],
                f"{skill.title} (`{name}`)",
                RAN if stacks else CHECKED,
                f"{where}; {note}" if where and note else where or note,
            )


def _table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]] | tuple[tuple[str, ...], ...]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
