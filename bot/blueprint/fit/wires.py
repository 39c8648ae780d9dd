"""Wires: what the stack's services are called, in the words of an application that has names of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast

from bot.blueprint.fit.application import Application
from bot.blueprint.skill import Part, Variable

# The last word of a name, and what it means of a database.
_DATABASE_WORDS: Final = {
    "HOST": "DATABASE_HOST",
    "HOSTNAME": "DATABASE_HOST",
    "SERVER": "DATABASE_HOST",
    "PORT": "DATABASE_PORT",
    "NAME": "DATABASE_NAME",
    "DB": "DATABASE_NAME",
    "DATABASE": "DATABASE_NAME",
    "DBNAME": "DATABASE_NAME",
    "USER": "DATABASE_USER",
    "USERNAME": "DATABASE_USER",
    "PASSWORD": "DATABASE_PASSWORD",
    "PASS": "DATABASE_PASSWORD",
}
_DATABASE: Final = re.compile(
    r"(?:DB|DATABASE|POSTGRES|POSTGRESQL|PG|MYSQL|MARIADB|MONGO|MONGODB|SQL|TYPEORM|DJANGO_DB)_?(?P<word>[A-Z]+)"
)
_DATABASE_URL: Final = re.compile(
    r"(?:DATABASE|DB|POSTGRES|POSTGRESQL|PG|MYSQL|MONGO|MONGODB|SQLALCHEMY_DATABASE)_?(?:URL|URI|DSN)"
)
_SCHEMES: Final = {
    "postgresql": "postgresql",
    "mysql": "mysql",
    "mariadb": "mysql",
    "mongodb": "mongodb",
}
# Laravel's words for what plays a part.
_DRIVERS: Final[dict[str, tuple[Part, dict[str, str]]]] = {
    "DB_CONNECTION": (
        "database",
        {"postgresql": "pgsql", "mysql": "mysql", "mariadb": "mysql", "sqlite": "sqlite"},
    ),
    "CACHE_STORE": ("cache", {"redis": "redis", "memcached": "memcached"}),
    "CACHE_DRIVER": ("cache", {"redis": "redis", "memcached": "memcached"}),
    "QUEUE_CONNECTION": ("queue", {"redis": "redis"}),
}
_BROKER: Final = re.compile(
    r"(?:CELERY_)?(?:BROKER|RESULT_BACKEND|QUEUE|RABBITMQ|AMQP|CLOUDAMQP)(?:_URL|_URI)?|CELERY_RESULT_BACKEND"
)
# By its last word: `ACCESS_TOKEN_EXPIRE_MINUTES` and `LLM_MAX_TOKENS` are numbers.
_SECRET: Final = re.compile(
    r"(?:^|_)(?:\w*SECRET|TOKEN|PASSWORD|PASSWD|PASSPHRASE|PASS|SALT|KEY|API_?KEY|CREDENTIALS?|KEY_BASE)(?:_\d)?$"
)
_PLAIN: Final = re.compile(r"[\d\s.*+-]+|true|false", re.IGNORECASE)
_UNSET: Final = frozenset(["None", "null", "undefined"])
_OF_REDIS: Final = frozenset(["REDIS_PASSWORD", "REDIS_USERNAME", "REDIS_USER"])
KEY: Final = "change-me-base64-laravel-app-key"
MADE: Final = "base64:$(openssl rand -base64 32)"
_OF_THE_SYSTEM: Final = frozenset(
    [
        *("NODE_ENV", "PATH", "HOME", "CI", "DEBUG", "PWD", "USER", "LANG", "TZ", "UID", "GID", "HOSTNAME"),
        *("DJANGO_SETTINGS_MODULE", "PYTHONPATH", "PYTHONUNBUFFERED", "GOPATH"),
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wires:
    """The environment of an application.

    Attributes:
        environment: Variable to value, as compose writes it.
        variables: Lines of `.env.example` for what only a person knows.
        uses: Parts whose address some variable carries.
        unknown: Variables it reads that nothing here can fill.
    """

    environment: Mapping[str, str]
    variables: tuple[Variable, ...]
    uses: frozenset[str]
    unknown: tuple[str, ...]


def wire(application: Application, offered: Mapping[Part, Mapping[str, str]], names: Mapping[Part, str]) -> Wires:
    """Return how `application` is told of the parts, of each of which `offered` holds the stack's own variables."""
    environment: dict[str, str] = {}
    variables: list[Variable] = []
    uses: set[str] = set()
    unknown: list[str] = []
    for name, known in application.reads.items():
        part, value = _address(name, known, offered, names)
        if part:
            environment[name] = value
            uses.add(part)
        elif name == "APP_KEY":
            # Laravel's own form: a key of 32 characters, or of 32 bytes in base64, which setup.sh makes.
            environment[name] = "${APP_KEY:?see .env.example}"
            variables.append(Variable(name=name, value=KEY, made=MADE))
        elif name == "LOG_CHANNEL":
            environment[name] = "stderr"
        elif name in {"PORT", "APP_PORT", "HTTP_PORT", "SERVER_PORT", "API_PORT"}:
            environment[name] = f'"{application.port}"'
        elif name in {"HOST", "BIND_ADDRESS", "LISTEN_HOST"}:
            environment[name] = "0.0.0.0"  # noqa: S104 - in its container, whose port is published on this machine only
        elif name.endswith("ALLOWED_HOSTS"):
            environment[name] = f"${{{name}:-localhost,127.0.0.1,backend}}"
            variables.append(Variable(name=name, value="localhost,127.0.0.1,backend"))
        elif name in _OF_THE_SYSTEM or (name in _OF_REDIS and "redis" in names.values()):
            continue  # only the stack's own network reaches its Redis, which asks for no password
        elif known in _UNSET and name not in application.configured:
            continue  # its own default says that it can do without
        elif _SECRET.search(name) and not _PLAIN.fullmatch(known):
            environment[name] = f"${{{name}:?see .env.example}}"
            # Many applications refuse a short one, and whoever copies the example wants it to start.
            value = f"change-me-{name.lower().replace('_', '-')}-at-least-32-characters"
            variables.append(Variable(name=name, value=value))
        elif name in application.configured:
            plain = known if re.fullmatch(r"[\w./:@,+ -]*", known) else ""
            environment[name] = f'"${{{name}:-{plain}}}"'
            variables.append(Variable(name=name, value=plain))
        elif not known:
            unknown.append(name)
    return Wires(environment=environment, variables=tuple(variables), uses=frozenset(uses), unknown=tuple(unknown))


def _address(
    name: str, known: str, offered: Mapping[Part, Mapping[str, str]], names: Mapping[Part, str]
) -> tuple[str, str]:
    """Return the part that `name` is an address, name or password of, and its value; "" for none."""
    database, broker = offered.get("database", {}), offered.get("queue", {})
    cache = offered.get("cache") or {}
    # The one Redis there is, whichever part it plays.
    redis = next((part for part in ("cache", "queue") if names.get(part) == "redis" and offered.get(part)), "")
    if name in _DRIVERS:
        driven, words = _DRIVERS[name]
        word = words.get(names.get(driven, ""), "")
        return (driven, word) if word and offered.get(driven) else ("", "")
    if "DATABASE_HOST" in database:
        if _DATABASE_URL.fullmatch(name):
            return "database", _database_url(known, database, names["database"])
        found = _DATABASE.fullmatch(name)
        if found and (key := _DATABASE_WORDS.get(found["word"])):
            value = database[key]
            return "database", f'"{value}"' if value.isdigit() else value
    elif "DATABASE_PATH" in database and name in {"DATABASE_PATH", "SQLITE_PATH", "DB_PATH", "DB_FILE", "DB_DATABASE"}:
        return "database", database["DATABASE_PATH"]
    if _BROKER.fullmatch(name) and broker.get("QUEUE_URL"):
        return "queue", broker["QUEUE_URL"]
    if redis and (name.startswith("REDIS") or name == "CACHE_URL"):
        own = offered[cast("Part", redis)]
        url = own.get("CACHE_URL") or own.get("QUEUE_URL", "")
        word = name.rpartition("_")[2]
        value = {"HOST": "redis", "PORT": '"6379"', "URL": url, "URI": url, "CONNECTION": url}.get(word, "")
        return (redis, value) if value else ("", "")
    if name in {"CACHE_SERVER", "MEMCACHED_SERVER", "MEMCACHED_SERVERS", "MEMCACHE_SERVERS", "MEMCACHED_URL"}:
        return ("cache", cache["CACHE_SERVER"]) if "CACHE_SERVER" in cache else ("", "")
    if name in {"MEMCACHED_HOST", "MEMCACHED_PORT"} and "CACHE_SERVER" in cache:
        host, _, port = cache["CACHE_SERVER"].partition(":")
        return "cache", host if name.endswith("HOST") else f'"{port}"'
    return "", ""


def _database_url(known: str, database: Mapping[str, str], name: str) -> str:
    """Return the address in the scheme that the application's own example has (`postgresql+asyncpg`, `mysql2` ...)."""
    own = re.match(r"(?P<scheme>[a-z][a-z0-9+]*)://", known)
    scheme = own["scheme"] if own and not own["scheme"].startswith("sqlite") else _SCHEMES.get(name, name)
    after = "?authSource=admin" if name == "mongodb" else ""
    return (
        f"{scheme}://{database['DATABASE_USER']}:{database['DATABASE_PASSWORD']}"
        f"@{database['DATABASE_HOST']}:{database['DATABASE_PORT']}/{database['DATABASE_NAME']}{after}"
    )
