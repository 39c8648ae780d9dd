"""Services that others run: which engine each takes the place of, and where a document says so."""

from __future__ import annotations

import re
from typing import Final

from bot.brief import clause
from bot.brief.clause import Clause
from bot.brief.lexicon import Match

ENGINES: Final[dict[str, frozenset[str]]] = {
    "supabase": frozenset({"postgresql"}),
    "neon": frozenset({"postgresql"}),
    "vercel-postgres": frozenset({"postgresql", "redis"}),
    "aws-rds": frozenset({"postgresql", "mysql", "mariadb"}),
    "cloud-sql": frozenset({"postgresql", "mysql"}),
    "planetscale": frozenset({"mysql"}),
    "mongodb-atlas": frozenset({"mongodb"}),
    "upstash": frozenset({"redis", "kafka"}),
    "redis-cloud": frozenset({"redis"}),
    "elasticache": frozenset({"redis", "memcached"}),
    "turso": frozenset({"sqlite"}),
    "cloudflare-d1": frozenset({"sqlite"}),
    "cloudamqp": frozenset({"rabbitmq"}),
    "confluent": frozenset({"kafka"}),
    "amazon-mq": frozenset({"rabbitmq", "activemq"}),
    "msk": frozenset({"kafka"}),
    "event-hubs": frozenset({"kafka"}),
    "documentdb": frozenset({"mongodb"}),
    "memorystore": frozenset({"redis", "memcached"}),
    "azure-cache": frozenset({"redis"}),
    "azure-database": frozenset({"postgresql", "mysql", "sqlserver"}),
    "aiven": frozenset({"postgresql", "mysql", "kafka", "redis"}),
    "heroku-postgres": frozenset({"postgresql"}),
}
PLATFORMS: Final = frozenset({*ENGINES, "firebase", "convex", "appwrite", "dynamodb", "cosmosdb"})
SERVERLESS_HOSTS: Final = frozenset(
    {"vercel", "netlify", "cloudflare", "cloud-run", "firebase-hosting", "amplify", "github-pages"}
)
MOBILE: Final = frozenset({"react-native", "flutter", "swift", "android", "ionic"})
# Hosts that keep a process of ours running, whatever else around it is a function of others.
PROCESS_HOSTS: Final = frozenset(
    {"render", "railway", "fly", "heroku", "ecs", "azure-app-service", "digitalocean-app-platform"}
)
BARE_HOSTS: Final = frozenset({"pm2", "windows-service", "kamal", "cpanel"})
_NEAR: Final = 60
_APART: Final = re.compile(r"[.;]\s|\n")


def provider(match: Match, found: list[Match], around: Clause, text: str) -> str:
    """Return who runs the matched engine, by the words beside it: a service, `managed` where it has no name, or ""."""
    for other in found:
        if match.term.name in ENGINES.get(other.term.name, ()):
            between = text[other.end : match.start] if other.end <= match.start else text[match.end : other.start]
            if len(between) <= _NEAR and not _APART.search(between):
                return other.term.name
    return "managed" if clause.managed(around) else ""
