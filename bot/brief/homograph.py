"""Tells names from the everyday words that are spelt the same ("Go", "Express", French "Vue d'ensemble")."""

from __future__ import annotations

import re
from typing import Final

# What must stand around such a word for it to be the name, where its surroundings are not a list of technologies anyway.
_SUPPORT: Final = {
    "Go": r"(?:\bin|with|using|language:?|backend:?|на|em|en|bằng|用|и|/|\+)\s*[*`_]*$|^[*`_]*\s*(?:1\.\d+|\+|/|,? ?\(?(?:backend|server|service|microservice|api|gin|fiber|echo|chi|binary|module|stdlib|1\.))",
    "Express": r"(?:node(?:\.js)?|\+|/|using|with|typescript|backend:?|server:?)\s*[*`_(]*$|^[*`_]*\s*(?:\.js|[45]\b|server|api|backend|app\b|rout|middleware|\+|/|\()",
    "express": r"(?:node(?:\.js)?|\+|/|using|with|server:?|install)\s*[*`_(]*$|^[*`_]*\s*(?:\.js|[45]\b|server|api|app\b|rout|middleware|\)|`)",
}
_NEVER: Final = (
    ("vue-vite", re.compile(r"^\s*(?:d['’]|de\b|du\b|des\b|globale|générale|en\b|sur\b|liste|client|mobile|unique|détaill|calendrier|d’|par\b|complète|admin)", re.IGNORECASE)),
    ("go", re.compile(r"^\s*(?:to\b|live|ahead|back\b|further|beyond|through|[/-]\s?no|[- ]to[- ]market|deeper|home|wrong|tell|figure|fish)", re.IGNORECASE)),
    ("nextjs", re.compile(r"^\s*(?:to\b|up\b|page|button|step|phase|action|week|month|year|sprint|milestone|task|:)", re.IGNORECASE)),
    ("spring-boot", re.compile(r"^\s*(?:20\d\d|semester|season|/|summer|festival|break|animation|physics)", re.IGNORECASE)),
    ("render", re.compile(r"^\s*(?:the|a|an|all|each|as|in\b|with|only|markdown|html|pipeline|loop|engine|\w+\()", re.IGNORECASE)),
    ("angular", re.compile(r"^\s+(?!app|front|cli|material|component|spa|universal|v?\d|with|and|or|for|on|as|in|is|\+)[a-z]+", re.IGNORECASE)),
    ("express", re.compile(r"^\s*(?:shipping|delivery|lane|checkout|train|line\b|mode|interest|permission|consent|written|entry)", re.IGNORECASE)),
    ("fly", re.compile(r"^(?!\s*(?:\.io|io\b|machines?|\)|,|\+|/|or\b|\||$))", re.IGNORECASE)),
    ("neon", re.compile(r"^\s*(?:glow|light|sign|style|border|accent|color|colour|effect|pink|green|blue|theme|cyber)", re.IGNORECASE)),
)  # fmt: skip
_DOUBTFUL: Final = frozenset(
    {
        "Go", "Express", "express", "Next", "Nest", "Node", "Bun", "Spring", "Echo", "Gin", "Fiber", "chi", "Chi", "Render", "Railway", "Fly", "Neon", "Atlas", "Horizon",
        "Phoenix", "Rocket", "Lambda", "Bull", "Temporal", "Unity", "PG", "Expo", "Electron", "Loki", "Chroma", "Vue", "vue", "rails", "Rails", "flask", "Flask", "angular",
        "Angular", "Caddy", "caddy", "vite", "Vite", "Remix", "Astro", "Hono", "hono", "Koa", "Convex", "Resend", "Clerk", "Aurora", "IIS", "NET", "D1", "R2", "S3", "SNS", "EAS", "RQ",
        "ARQ", "arq", "Huey", "Tornado", "Kong", "Pulsar", "Ionic", "SST", "Helm", "Amplify", "Sentry", "Quasar", "quasar", "Qwik", "Elysia", "Mongo", "mongo", "REACT", "react",
        "React", "celery", "Celery", "Flutter", "flutter", "stripe", "Stripe", "Kamal", "directus", "Cloudflare", "render", "gatsby", "milvus", "Milvus", "Cassandra", "cassandra", "oracle", "Svelte", "heroku", "NATS", "RDS", "ECS", "sinatra", "Sinatra", "preact", "kafka", "django", "Pinia",
        "Compose", "symfony", "gradio", "PHP", "Node.js",
    }
)  # fmt: skip
_SURE: Final = frozenset({"React", "Angular", "Flask", "Celery", "Flutter", "Stripe", "Svelte", "kafka", "django", "Cloudflare", "Milvus", "Cassandra", "symfony", "gradio", "Mongo", "mongo", "Node.js", "NATS", "RDS", "Vite", "Helm", "heroku"})  # fmt: skip

_ENGLISH: Final = frozenset(
    {
        "rails",
        "flask",
        "angular",
        "render",
        "gatsby",
        "oracle",
        "react",
        "remix",
        "bull",
        "cassandra",
        "sinatra",
        "preact",
        "horizon",
    }
)


def _quoted(before: str, after: str) -> bool:
    """Whether the word stands as code, or with a version, a suffix or a plus beside it."""
    return bool(
        re.search(r"[`\"'@/+|,:(=-]\s*$", before)
        or re.match(r"\s*[`\"'@/+|,)=.-]|\s*v?\d", after)
        or not before.strip()
    )


def is_name(words: str, name: str, text: str, start: int, end: int, *, technical: bool) -> bool:
    """Return whether `words`, at `start` to `end` of `text`, name the technology `name`.

    Args:
        words: The words as written.
        name: The canonical name they may stand for.
        text: The passage.
        start: Offset of the first character.
        end: Offset after the last.
        technical: The passage names other technologies, or stands where technologies are listed.
    """
    after, before = text[end : end + 40], text[max(0, start - 40) : start]
    if any(name == known and pattern.match(after) for known, pattern in _NEVER):
        return False
    if words not in _DOUBTFUL or (words in _SURE and not (words == "NATS" and after.startswith("-"))):
        return True
    if re.match(r"-[A-Za-z]", after) and words not in {"React", "Vue", "Express"}:
        return False
    if words in _ENGLISH and not _quoted(before, after):
        return False
    support = _SUPPORT.get(words)
    if support:
        left, _, right = support.partition("$|")
        if re.search(left + "$", before, re.IGNORECASE) or re.match(right, after, re.IGNORECASE):
            return True
        return technical and words != "express" and not re.match(r"^\s+[a-z]{3,}", after)
    return technical
