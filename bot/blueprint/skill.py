"""A skill as a value: what a folder of `prompts/skills` contributes to a stack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

Part = Literal["backend", "frontend", "database", "cache", "queue", "worker", "proxy", "extra"]
Condition = Literal["service_started", "service_healthy", "service_completed_successfully"]

# The order of services in the file we write: what others wait for comes first.
PARTS: Final[tuple[Part, ...]] = ("database", "cache", "queue", "backend", "worker", "frontend", "proxy")


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """One line of `.env.example`; `value` is safe for local use, `comment` is one line or "".

    `made` is what a shell makes a value of where it is a secret.
    """

    name: str
    value: str
    comment: str = ""
    when: str = ""
    made: str = "$(openssl rand -hex 24)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a part gives to the services linked with it.

    Attributes:
        ready: The service to wait for, or "" where there is none to wait for (SQLite).
        environment: Variables of the consumer, in file order.
        volumes: Mounts of the consumer, `name:path` (a SQLite file lives beside the application).
    """

    ready: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    volumes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service in the stack's graph; its compose text is the skill's template `compose/<name>.yml.j2`.

    Attributes:
        name: Its key in the compose file.
        when: The condition under which it exists (see `Conditions`), "" for always.
        links: Parts it uses: their environment is its environment, and it waits for them.
        after: Further services to wait for, and the condition; those that are not in the stack are left out.
        command: What production runs, where it is not what compose runs for development; () where it is.
        port: Where a stock image listens; 0 for an own build, whose Dockerfile says it, and for what does not listen.
        uid: As whom a stock image serves once it has dropped root; 0 for an own build.
        gid: The group of that user, which is to own what it writes.
    """

    name: str
    when: str = ""
    links: tuple[Part, ...] = ()
    after: Mapping[str, Condition] = field(default_factory=dict)
    command: tuple[str, ...] = ()
    port: int = 0
    uid: int = 0
    gid: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """How a part runs on a machine of its own, under systemd, with Debian's packages.

    Attributes:
        packages: What apt installs for it; () where Debian has none.
        packages_when: What it installs beside, by the condition under which it does.
        unused: Units that the packages start and nothing here uses, as a pattern; "" for none.
        unit: The unit that those packages bring, such as `postgresql.service`; "" for an own application.
        setup: Shell lines that make its user and database; they may be run again.
        program: What must be on the machine already, such as `node`, and in which version `least` ("22", "1.24").
        least: See `program`; "" for none.
        version: The command that prints its version, where that is not the program with `--version`.
        build: Commands that make the application ready, run as its own user in its folder.
        path: Where its programs then are, relative to its folder: ".venv/bin"; "" for the system's.
        runs_in: The folder below its own that it is started in, or "".
        environment: Variables that are to be another on a machine than in its image.
        compiles: It compiles while it runs, so that its memory must be both writable and executable.
        static: The folder with built files that the proxy serves; "" for what runs.
    """

    packages: tuple[str, ...] = ()
    packages_when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unused: str = ""
    unit: str = ""
    setup: str = ""
    program: str = ""
    least: str = ""
    version: str = ""
    build: tuple[str, ...] = ()
    path: str = ""
    runs_in: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    compiles: bool = False
    static: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """How the exact dependencies of a rendered application come about.

    Attributes:
        kind: `npm`: `source` is the lock file of all variants, cut to what the rendered manifest needs; `pip`: `source`
            is a folder with one hashed list for each variant, joined.
        manifest: The rendered `package.json` whose dependencies count; "" for pip.
        path: The file to write.
        source: File or folder in the skill.
    """

    kind: Literal["npm", "pip"]
    path: str
    source: str
    manifest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Skill:
    """What one folder says of itself in `skill.toml`, and its files.

    Attributes:
        name: The folder's name.
        title: Its name for people, such as `Django 5.2`.
        names: Canonical names of a Brief that it answers to, for each part it can play.
        directory: The folder under `src/` that is the application's own, or "".
        supports: For each part it links with: the canonical names it has code for.
        requires: Parts it cannot do without, and the canonical name to take where the documents name none.
        offers: What it gives to linked services, for each part it can play.
        services: In file order.
        volumes: Named volumes, each with the condition under which it exists.
        variables: Its lines of `.env.example`.
        development: Environment variables and named volumes of its services that production must not have.
        test: `service` and `command` that run the application's tests in its container.
        unlocked: What a person does where no lock file can come with the scaffold, one sentence; "" where one does.
        domain: What a proxy still needs for a custom domain, one sentence with `{domains}` in it.
        locks: Its lock files.
        host: How it runs without containers; None where nobody has said so yet.
        files: Path in the skill folder to content.
        facts: Further values for its templates, where it was made for one application.
    """

    name: str
    title: str
    names: Mapping[Part, tuple[str, ...]]
    directory: str = ""
    supports: Mapping[Part, tuple[str, ...]] = field(default_factory=dict)
    requires: Mapping[Part, str] = field(default_factory=dict)
    offers: Mapping[Part, Offer] = field(default_factory=dict)
    services: tuple[Service, ...] = ()
    volumes: Mapping[str, str] = field(default_factory=dict)
    variables: tuple[Variable, ...] = ()
    development: tuple[str, ...] = ()
    test: Mapping[str, str] = field(default_factory=dict)
    domain: str = ""
    unlocked: str = ""
    locks: tuple[Lock, ...] = ()
    host: Host | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedFile:
    """A file to write: path relative to the repository, content, permission bits."""

    path: str
    content: bytes
    mode: int = 0o644
