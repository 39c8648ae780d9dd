"""What the well-known images are for, by the last part of their name, as Docker Hub has them."""

from __future__ import annotations

from typing import Final

from bot.model.stack import Role
from bot.parse.compose import Service

_DATABASES: Final = frozenset(
    [
        "postgres",
        "postgis",
        "postgresql",
        "pgvector",
        "timescaledb",
        "timescaledb-ha",
        "mysql",
        "mysql-server",
        "mariadb",
        "percona",
        "percona-server",
        "mongo",
        "mongodb",
        "mongodb-community-server",
        "cockroach",
        "couchdb",
        "cassandra",
        "scylla",
        "neo4j",
        "influxdb",
        "clickhouse-server",
        "clickhouse",
        "elasticsearch",
        "opensearch",
        "mssql",
        "server-2022",
    ]
)
_CACHES: Final = frozenset(["redis", "redis-stack", "redis-stack-server", "valkey", "keydb", "dragonfly", "memcached"])
_QUEUES: Final = frozenset(["rabbitmq", "kafka", "cp-kafka", "nats", "pulsar", "activemq", "redpanda", "mosquitto"])
_PROXIES: Final = frozenset(
    ["nginx", "nginx-unprivileged", "traefik", "caddy", "haproxy", "envoy", "httpd", "openresty"]
)

# Where an image keeps its data: the folders that must be a named volume.
DATA_FOLDERS: Final[dict[str, tuple[str, ...]]] = {
    "postgres": ("/var/lib/postgresql/data", "/var/lib/postgresql"),
    "postgis": ("/var/lib/postgresql/data", "/var/lib/postgresql"),
    "pgvector": ("/var/lib/postgresql/data", "/var/lib/postgresql"),
    "timescaledb": ("/var/lib/postgresql/data", "/var/lib/postgresql"),
    "mysql": ("/var/lib/mysql",),
    "mariadb": ("/var/lib/mysql",),
    "percona": ("/var/lib/mysql",),
    "percona-server": ("/var/lib/mysql",),
    "mongo": ("/data/db",),
    "mongodb-community-server": ("/data/db",),
    "couchdb": ("/opt/couchdb/data",),
    "cassandra": ("/var/lib/cassandra",),
    "cockroach": ("/cockroach/cockroach-data",),
    "neo4j": ("/data",),
    "influxdb": ("/var/lib/influxdb2", "/var/lib/influxdb"),
    "clickhouse-server": ("/var/lib/clickhouse",),
    "elasticsearch": ("/usr/share/elasticsearch/data",),
    "opensearch": ("/usr/share/opensearch/data",),
}

# Likewise of stores that may well keep nothing, but not on a host path.
STORE_FOLDERS: Final[dict[str, tuple[str, ...]]] = {
    "redis": ("/data",),
    "valkey": ("/data",),
    "rabbitmq": ("/var/lib/rabbitmq",),
}


def known_role(service: Service) -> Role | None:
    """Return what a service's image is for; None for an own build and for an image nobody here knows."""
    name = service.image_name
    if service.build is not None or not name:
        return None
    tables: tuple[tuple[frozenset[str], Role], ...] = (
        (_DATABASES, "database"),
        (_CACHES, "cache"),
        (_QUEUES, "queue"),
        (_PROXIES, "proxy"),
    )
    return next((role for names, role in tables if name in names), None)


def base_name(image: str | None) -> str:
    """Return an image's name without registry, tag and digest, lower-case; "" for none."""
    return (image or "").partition("@")[0].rpartition("/")[2].partition(":")[0].lower()
