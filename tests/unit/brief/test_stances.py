"""What a sentence, a row or a section says of the thing it names."""

from __future__ import annotations

import pytest

from bot.brief.blocks import passages
from bot.brief.gather import gather


def stance(text: str, name: str) -> str:
    stances = {mention.stance for mention in gather(passages(text), "IDEA.md") if mention.name == name}
    return "/".join(sorted(stances)) or "not a name"


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("We use PostgreSQL.", "postgresql", "asserted"),
        ("No Kafka, RabbitMQ or NATS in this project.", "rabbitmq", "rejected"),
        ("PostgreSQL (not MySQL) holds the rows.", "mysql", "rejected"),
        ("PostgreSQL (not MySQL) holds the rows.", "postgresql", "asserted"),
        ("PostgreSQL instead of MongoDB.", "mongodb", "rejected"),
        ("No Redis: PostgreSQL is enough.", "postgresql", "asserted"),
        ("Kafka would be overkill.", "kafka", "rejected"),
        ("We migrated from MySQL to PostgreSQL.", "mysql", "rejected"),
        ("We migrated from MySQL to PostgreSQL.", "postgresql", "asserted"),
        ("Celery (Post-MVP)", "celery", "deferred"),
        ("Phase 3: NATS", "nats", "deferred"),
        ("SQLite for now; we can migrate to PostgreSQL later.", "postgresql", "deferred"),
        ("SQLite for now; we can migrate to PostgreSQL later.", "sqlite", "asserted"),
        ("Redis (optional)", "redis", "optional"),
        ("PostgreSQL / MySQL", "mysql", "open"),
        ("Backend: FastAPI or Express", "express", "open"),
        ("PostgreSQL (or SQLite)", "sqlite", "rejected"),
        ("Tools such as Kafka or Redis Insight", "kafka", "aside"),
        ("Postgres? Only if it grows.", "postgresql", "deferred"),
        ("Не используем Kafka, хватает RabbitMQ.", "kafka", "rejected"),
        ("Вместо MySQL взяли PostgreSQL.", "mysql", "rejected"),
        ("Вместо MySQL взяли PostgreSQL.", "postgresql", "asserted"),
        ("Pas de Kubernetes.", "kubernetes", "rejected"),
        ("Sem Redis por enquanto.", "redis", "rejected"),
        ("Os dados ficam no PostgreSQL.", "postgresql", "asserted"),
        ("不使用 MongoDB，数据存储在 PostgreSQL。", "mongodb", "rejected"),
        ("不使用 MongoDB，数据存储在 PostgreSQL。", "postgresql", "asserted"),
        ("后续用 Elasticsearch 做检索", "elasticsearch", "deferred"),
        ("không dùng MongoDB", "mongodb", "rejected"),
        ("ไม่ใช้ Redis", "redis", "rejected"),
        ("Kein Kubernetes, sondern Docker Compose.", "docker-compose", "asserted"),
        ("## Alternatives considered\n\n- MongoDB", "mongodb", "rejected"),
        ("## Roadmap\n\n- Kafka", "kafka", "deferred"),
        ("## Competitors\n\n- Acme (Rails, MySQL)", "mysql", "aside"),
        ("| | Used | Rejected |\n|-|-|-|\n| Database | PostgreSQL | MySQL |", "mysql", "rejected"),
        ("| Part | Technology | MVP |\n|-|-|-|\n| Search | Elasticsearch | ❌ |", "elasticsearch", "rejected"),
        ("| Part | Technology | Phase |\n|-|-|-|\n| Queue | RabbitMQ | Phase 2 |", "rabbitmq", "deferred"),
        ("Elasticsearch viendra plus tard.", "elasticsearch", "deferred"),
        ("The API, `sqlc` against MySQL 8", "mysql", "asserted"),
        ("Nobody on site knows Docker.", "docker", "rejected"),
        ("*Alternatives:* Flask. Django's ORM would fight the schema.", "django", "rejected"),
        ("The site is WordPress and not part of this.", "wordpress", "rejected"),
        ("## Nicht im ersten Schritt\n\nSuche mit Elasticsearch.", "elasticsearch", "deferred"),
        ("## В планах\n\nВыгрузка в ClickHouse.", "clickhouse", "deferred"),
        ("## Wish list\n\nKafka, to learn it.", "kafka", "deferred"),
        ("Backend: Express / Fastify", "fastify", "open"),
        ("Backend: Node.js / Express", "express", "asserted"),
        ("Numeric ids must be unquoted for PostgreSQL.", "postgresql", "aside"),
        ("`level`: Enum (Root, Echo, Horizon)", "go", "not a name"),
        ("PostgreSQL behind Echo, a router for Go", "go", "asserted"),
        ("AQI = the highest of PM2.5 and PM10", "pm2", "not a name"),
        ("- Render to canvas", "render", "not a name"),
        ("FastAPI on Render, PostgreSQL on Neon", "render", "asserted"),
        ("## Stack\n\n- rotated --> active : Next Cycle", "nextjs", "not a name"),
        ("## Stack\n\n- Next.js site", "nextjs", "asserted"),
        ("```mermaid\nflowchart\n  R[(redis<br/>cache, locks<br/>opt-in)]\n  A --> R\n```", "redis", "optional"),
        ("```mermaid\nflowchart\n  R[(redis<br/>cache)]\n  A --> R\n```", "redis", "asserted"),
        ("| Service | Port | Public |\n|-|-|-|\n| Redis | 6379 | no |", "redis", "asserted"),
    ],
)
def test_stance(text: str, name: str, expected: str) -> None:
    assert stance(text, name) == expected


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("La vue d'ensemble ci-dessous.", "vue-vite"),
        ("Ready to go live: go through the list.", "go"),
        ("Go to the desk.", "go"),
        ("the express lane at the desk", "express"),
        ("guard rails for beginners", "rails"),
        ("Built with the Vercel AI SDK.", "vercel"),
        ("Mô hình nhiều chiều", "go"),
        ("Render the list again.", "render"),
        ("Next steps: sketch the screens.", "nextjs"),
        ("React Native and Expo", "react-vite"),
        ("the angular velocity of the lantern", "angular"),
    ],
)
def test_everyday_words_are_no_names(text: str, name: str) -> None:
    assert stance(text, name) == "not a name"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Backend: Go 1.23", "go"),
        ("後端，CI4", "codeigniter"),
        ("PostgreSQL16 and Vue3", "vue-vite"),
        ("使用PostgreSQL和Redis", "redis"),
        ("Server in Go with gorilla/websocket", "go"),
        ("Next.js 15 (App Router)", "nextjs"),
    ],
)
def test_names_are_found_however_they_are_written(text: str, name: str) -> None:
    assert stance(text, name) == "asserted"


def test_evidence_points_at_the_line_and_quotes_it() -> None:
    mention = next(
        m for m in gather(passages("# A\n\nfirst\nsecond with Redis in it\n"), "docs/IDEA.md") if m.name == "redis"
    )
    assert (mention.path, mention.line, mention.quote) == ("docs/IDEA.md", 4, "second with Redis in it")
