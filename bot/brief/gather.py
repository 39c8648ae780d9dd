"""Gathers the mentions of one document."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from bot.brief import clause
from bot.brief.blocks import Passage
from bot.brief.clause import Clause
from bot.brief.frame import Frame, frame, topic_of, verdict_of
from bot.brief.homograph import is_name
from bot.brief.lexicon import Match, matches
from bot.brief.mention import Mention, Stance

# Which engine a managed service runs, so that it is known which name it takes the place of.
MANAGED: Final[dict[str, frozenset[str]]] = {
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
}
_ROLES: Final[tuple[tuple[str, re.Pattern[str]], ...]] = tuple(
    (role, re.compile(pattern, re.IGNORECASE))
    for role, pattern in (
        ("cache", r"cach|session|rate.?limit|throttl|кэш|кеш|缓存|会话|限流|bộ nhớ đệm|đệm|แคช|ttl\b"),
        ("queue", r"\b(?:\w+[- ])?queu(?:e|es|ed|ing)\b|\bqueue_|broker|\bstreams?\b|event (?:bus|backbone|stream)|celery|bull|sidekiq|\brq\b|\barq\b|\bjobs\b|\bjob queue|\bworkers?\b|\btasks\b|\btask queue|background (?:jobs?|tasks?|work)|очеред|брокер|队列|任务|消息|hàng đợi|คิว|\bfilas?\b|\bcolas?\b|file d'attente|dramatiq|horizon|asynq"),
        ("pubsub", r"pub/?sub|websocket|socket\.io|fan-?out|presence|real-?time|channels"),
        ("store", r"state|store|leaderboard|counter|lock|idempoten|vector|primary|persist"),
        ("proxy", r"proxy|proxies|gateway|load.?balanc|tls|ssl|https|certbot|let'?s encrypt|ingress|upstream|rout|termina|прокси|反向代理|网关|负载均衡|edge|front of|in front\b|\b443\b|domain"),
        ("static", r"static|serves? (the )?(built|react|vue|spa|frontend|front-end|build|bundle|dist)|serving (the )?(static|built|frontend|spa)|статик|静态|statique|estátic|tĩnh"),
        ("files", r"supabase storage|storage \(|file storage|(?:files?|images?|photos?|uploads?|backups|bucket|blob)\b(?!.*(?:postgres|database|\bdb\b))|(?:only|just) for auth|supabase auth\b(?!.*(?:postgres|database|\bdb\b))"),
        ("dev", r"\b(dev|development|local(ly)?|testing?|tests|ci|prototyp\w*|first pass|desenvolvimento|développement|desarrollo)\b|разработк|开发|测试"),
        ("production", r"\b(prod|production|produção|producción)\b|продакшн|прод\b|生产"),
    )
)  # fmt: skip
_PLAIN: Final = frozenset({"backend", "frontend", "host", "mobile", "desktop", "worker", "orchestrator"})  # what they are for goes without saying
_FILE: Final = re.compile(
    r"^(?:docker-compose|compose)[\w.-]*\.ya?ml|^Dockerfile|^Caddyfile|^nginx[\w.-]*\.conf", re.IGNORECASE
)
_IMAGE: Final = re.compile(r"^\s*(?:-\s*)?image:\s*\S")
_COMMAND: Final = re.compile(
    r"^\s*(?:[$>#]\s*)?(?:sudo\s+)?(?:docker[- ]compose|docker|pip|pip3|npm|npx|pnpm|yarn|bun|poetry|uv|composer|go|bundle|rails|php|python|uvicorn|gunicorn|celery|flask|django-admin|kubectl|helm|systemctl|cargo|dotnet|brew|apt)\b"
)
_CONFIGURATION: Final = frozenset(
    {
        "",
        "text",
        "txt",
        "plaintext",
        "yaml",
        "yml",
        "env",
        "dotenv",
        "ini",
        "toml",
        "bash",
        "sh",
        "shell",
        "console",
        "dockerfile",
        "nginx",
        "caddyfile",
        "properties",
        "conf",
        "hcl",
    }
)
_COMPOSED: Final = re.compile(r"^services:\s*$")
_PATTERN: Final = re.compile(r"`[^`\n]*(?:\\[bdws.]|\.\*|\^|\$\b|\([^)`]*\|)[^`\n]*`")
_USES: Final = re.compile(
    r"\b(?:us(?:e|es|ed|ing)|built (?:with|on|in|using)|powered by|runs? on|running on|backed by|based on|written in|stored in|deployed (?:on|with|via|to|as)|via|with|served by|implemented (?:in|with)|использу\w+|на базе|usa(?:mos|ndo)?|utilis\w+|utiliza\w*|使用|采用|基于|sử dụng|dùng|bằng|ใช้|verwende\w*|mit)[^.;]{0,40}$",
    re.IGNORECASE,
)
_COMPANIONS: Final = frozenset({"react query", "react router", "vue router", "react dom", "pinia"})  # libraries that also serve others
_URL: Final = re.compile(r"(?:https?://|www\.)\S*$", re.IGNORECASE)


def gather(passages: tuple[Passage, ...], path: str) -> Iterator[Mention]:
    """Yield the mentions in the passages of the document at `path`, in order."""
    for passage in passages:
        if passage.kind == "code" and passage.language in {"yaml", "yml", ""} and _COMPOSED.match(passage.text):
            yield _composed(passage, path)
        found = list(matches(passage.text))
        if not found:
            continue
        around = frame(passage)
        kept = _names(passage, around, found)
        stances = _choices(passage.text, kept)
        said = [_mention(passage, around, match, stances.get(index), path, kept) for index, match in enumerate(kept)]
        asserted = {mention.name for mention in said if mention.stance == "asserted"}
        # "Go (chi, not Gin)": what a passage both asserts and rejects is rejected in part only.
        yield from (mention for mention in said if mention.stance != "rejected" or mention.name not in asserted)


def _composed(passage: Passage, path: str) -> Mention:
    """A compose file, written out."""
    weight = 0.0 if frame(passage).status in {"rejected", "future", "content"} else 0.9
    return Mention(
        name="docker-compose",
        topic="orchestrator",
        path=path,
        line=passage.line,
        quote=passage.text.strip(),
        stance="asserted",
        weight=weight,
    )


def _names(passage: Passage, around: Frame, found: list[Match]) -> list[Match]:
    sure = [m for m in found if is_name(m.words, m.term.name, passage.text, m.start, m.end, technical=False)]
    listed = bool(around.label) or passage.kind in {"cell", "diagram"} or around.status == "stack"
    kept = []
    for match in found:
        technical = listed or any(other is not match for other in sure)
        if is_name(match.words, match.term.name, passage.text, match.start, match.end, technical=technical):
            kept.append(match)
    return kept


def _choices(text: str, found: list[Match]) -> dict[int, tuple[Stance, tuple[str, ...]]]:
    stances: dict[int, tuple[Stance, tuple[str, ...]]] = {}
    for index in range(1, len(found)):
        left, right = found[index - 1], found[index]
        if left.term.name == right.term.name or not _alike(left, right):
            continue
        between = text[left.end : right.start]
        if clause.is_spare(between) or clause.is_over(between):
            stances[index] = ("rejected", (left.term.name,))
        elif clause.is_choice(between, kin=_kin(left, right)):
            earlier = stances.get(index - 1, ("open", ()))
            names = (*earlier[1], right.term.name)
            stances[index - 1] = ("open", tuple(dict.fromkeys(names)))
            stances[index] = ("open", tuple(dict.fromkeys((*earlier[1], left.term.name))))
    return stances


_KIN: Final = ({"react-vite", "nextjs", "remix", "astro", "vite", "gatsby", "react-native"}, {"vue-vite", "nuxt", "vite"}, {"svelte-vite", "sveltekit", "vite"}, {"node", "express", "nestjs", "fastify", "hono", "koa"}, {"docker", "docker-compose"}, {"starlette", "fastapi"})  # fmt: skip
_CLASSES: Final = {"store": "cache", "host": "orchestrator"}


def _kin(left: Match, right: Match) -> bool:
    """Whether two names are often written together for one thing ("React/Next.js", "Node/Express")."""
    return any(left.term.name in kin and right.term.name in kin for kin in _KIN)


def _alike(left: Match, right: Match) -> bool:
    """Whether two names could stand for each other: of one topic, and not parts of one thing."""
    one, other = left.term, right.term
    kinds = {_CLASSES.get(one.topic, one.topic), _CLASSES.get(other.topic, other.topic)}
    if len(kinds) == 1:
        return "external" not in kinds or {one.name, other.name} <= MANAGED.keys()
    if kinds == {"cache", "queue"}:
        return True
    return kinds == {"database", "external"} and bool({one.name, other.name} & MANAGED.keys())


def _mention(
    passage: Passage,
    around: Frame,
    match: Match,
    choice: tuple[Stance, tuple[str, ...]] | None,
    path: str,
    found: list[Match],
) -> Mention:
    text = passage.text
    words = clause.clause(text, match.start, match.end)
    weight = _weight(passage, around, match, words)
    wide = (
        " ".join(passage.cells) if passage.kind == "cell" else text if len(text) < 200 else words.before + words.after
    )
    roles = frozenset() if match.term.topic in _PLAIN else _roles(passage, wide)
    mention = Mention(
        name=match.term.name,
        topic=match.term.topic,
        path=path,
        line=passage.line_at(match.start),
        quote=_quote(passage, match),
        stance="asserted",
        weight=weight,
        roles=roles,
        managed=_manager(match, found, words, text),
        local=clause.local(words, wide=wide if passage.kind in {"cell", "diagram"} else ""),
    )
    stance, others = _stance(passage, around, words, choice)
    return replace(mention, stance=stance, others=others)


def _roles(passage: Passage, wide: str) -> frozenset[str]:
    topic = topic_of(_titles(passage))
    return frozenset(role for role, pattern in _ROLES if pattern.search(wide) or topic == role)


def _stance(
    passage: Passage, around: Frame, words: Clause, choice: tuple[Stance, tuple[str, ...]] | None
) -> tuple[Stance, tuple[str, ...]]:
    prose = passage.kind not in {"code", "tree"}
    if around.status == "rejected":
        return "rejected", ()
    if prose and clause.negated(words):
        return "rejected", ()
    if choice and choice[0] == "rejected":
        return "rejected", choice[1]
    opening = clause.labelled(words) if prose else ""
    said = verdict_of(opening) if opening else ""
    if said == "rejected":
        return "rejected", ()
    if "future" in {around.status, said} or (clause.deferred(words) if prose else False):
        return "deferred", ()
    if around.status == "optional" or clause.optional(words):
        return "optional", ()
    if around.status == "content" or (prose and clause.aside(words)):
        return "aside", ()
    return choice or ("asserted", ())


def _weight(passage: Passage, around: Frame, match: Match, words: Clause) -> float:
    text = passage.text
    if any(pattern.start() < match.start < pattern.end() for pattern in _PATTERN.finditer(text)):
        return 0.1  # inside a regular expression
    if match.words.lower() in _COMPANIONS:
        return 0.6
    if _URL.search(text[max(0, match.start - 80) : match.start]):
        return 0.1
    file = _FILE.match(text[match.start :])
    if not file and _in_path(text, match):
        return 0.3
    if around.status in {"phase", "weak"}:
        return 0.3
    if passage.kind == "code":
        return _code_weight(passage, match)
    if passage.kind == "tree":
        return 0.9 if file else 0.6 if "#" in text[: match.start] else 0.35
    if passage.kind == "diagram":
        return 0.75
    if passage.kind == "heading":
        return 0.6
    if around.label or (passage.kind == "item" and match.start < 6 and around.status == "stack"):
        return 1.0 if len(text) < 240 or match.start < 120 else 0.7
    if around.status == "stack":
        return 0.8
    return 0.7 if _USES.search(words.before) else 0.5


def _code_weight(passage: Passage, match: Match) -> float:
    if _IMAGE.match(passage.text):
        return 1.0
    if passage.language not in _CONFIGURATION:
        return 0.2
    return 0.7 if _COMMAND.match(passage.text) else 0.6


def _in_path(text: str, match: Match) -> bool:
    before, after = text[max(0, match.start - 1) : match.start], text[match.end : match.end + 2]
    if before == "." and not text[max(0, match.start - 2) : match.start - 1].isalnum():
        before = ""
    if before in {"/", "_", "-", "@", "."} and (
        before != "/" or not text[max(0, match.start - 2) : match.start - 1].isspace()
    ):
        return before != "/" or bool(re.search(r"[\w.)]/$", text[: match.start]) and re.match(r"[/._-]\w", after))
    return bool(
        re.match(r"[/_]\w|\.(?:py|js|ts|go|rb|php|json|md|toml|sql|conf|sh|tsx|jsx)\b|-[a-z]", after)
    ) and not re.match(r"/[A-Z]", after)


def _manager(match: Match, found: list[Match], words: Clause, text: str) -> str:
    for other in found:
        if other.term.name in MANAGED and match.term.name in MANAGED[other.term.name]:
            between = text[other.end : match.start] if other.end <= match.start else text[match.end : other.start]
            if len(between) <= 60 and not re.search(r"[.;]\s|\n", between):
                return other.term.name
    return "managed" if clause.managed(words) else ""


def _titles(passage: Passage) -> str:
    return passage.headings[-1].text if passage.headings and passage.headings[-1].level > 1 else ""


def _quote(passage: Passage, match: Match) -> str:
    text = " | ".join(passage.cells) if passage.kind == "cell" else passage.text
    at = text.find(match.words) if passage.kind == "cell" else match.start
    start = max(text.rfind("\n", 0, at) + 1, at - 70)
    end = text.find("\n", at)
    quote = text[start : min(end if end >= 0 else len(text), at + 90)].strip()
    return " ".join(quote.split())
