"""The frame of a passage: what its section, table column, row and list say of everything that is named in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from bot.brief import words
from bot.brief.blocks import Passage

Status = Literal["", "current", "stack", "rejected", "future", "phase", "optional", "content", "weak"]

_PARTS: Final = re.compile(r"[:：()（）\[\]|–—]| - |\s+-\s*$")
_NUMBERING: Final = re.compile(
    r"^[\s\W_]*(?:(?:section|part|chapter|appendix)\s+)?(?:\d+(?:\.\d+)*[.):]?|[IVX]+\.|[A-Z]\.|[一二三四五六七八九十]+[、.])?[\s\W_]*",
    re.IGNORECASE,
)
_PHASE: Final = re.compile(
    r"^(?:build |implementation |development )?(?:phase|stage|sprint|milestone|week|day|step|этап|фаза|неделя|спринт|fase|etapa|semana|giai đoạn|tuần|阶段|第[二三四五]阶段|ระยะที่|เฟส)s? ?\d*",
    re.IGNORECASE,
)
_LABEL: Final = re.compile(
    r"^\s*(?:[^\w\s*`]{1,3}\s*)?[*_`]{0,3}([^:：*`\n|]{1,60}?)[*_`]{0,3}\s*(?:[:：，][*_`]{0,3}|\s[—–-]\s|\s?(?:→|=>|=)\s?)"
)
_TOPICS: Final[tuple[tuple[str, re.Pattern[str]], ...]] = tuple(
    (topic, re.compile(pattern, re.IGNORECASE))
    for topic, pattern in (
        ("backend", r"\b(back[- ]?end|server([- ]side)?|api( server| layer| framework)?|application server|web framework|framework|app)\b|бэк[еэ]нд|бекенд|сервер|servidor|serveur|后端|後端|服务端|phía máy chủ|máy chủ|แบ็กเอนด์|หลังบ้าน"),
        ("frontend", r"\b(front[- ]?end|client|web ?app|ui|web ui|spa|dashboard|web client|interface)\b|фронтенд|клиент|cliente|前端|客户端|界面|giao diện|ฟรอนต์เอนด์|หน้าบ้าน"),
        ("database", r"\b(data ?bases?|db|data ?store|persistence|storage|data layer|data|orm|rdbms|vector (store|db))\b|база данных|бд\b|хранилищ|banco( de dados)?|base de d\w+|base de données|bdd|sgbd|datenbank|数据库|資料庫|存储|持久化|cơ sở dữ liệu|csdl|ฐานข้อมูล"),
        ("cache", r"\b(cach(e|ing)|session store|rate limit\w*)\b|кэш|кеш|缓存|bộ nhớ đệm|แคช"),
        ("queue", r"\b(queues?|message (broker|queue|bus)|broker|messaging|event (bus|stream\w*)|jobs?|background \w+|task queue|pub/?sub|workers?)\b|очеред|брокер|filas?|mensageria|colas?|file d'attente|队列|消息|hàng đợi|คิว"),
        ("proxy", r"\b((reverse[- ])?proxy|web server|load balancer|gateway|ingress|edge|tls|ssl)\b|прокси|веб-сервер|proxy r[eé]verso|反向代理|网关|负载均衡|máy chủ web|พร็อกซี"),
        ("orchestrator", r"\b(deploy\w*|hosting|orchestration|infra\w*|container\w*|containers?|devops|local dev\w*|environment|runtime)\b|деплой|развертыв|развёртыв|контейнер|hospedagem|implanta|despliegue|déploiement|hébergement|conteneur|部署|容器|编排|运维|环境|環境|triển khai|hạ tầng|การปรับใช้|คอนเทนเนอร์"),
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Frame:
    """What the structure says.

    Attributes:
        status: "" where it says nothing; `stack` where it lists what the project is made of.
        label: The topic that the passage is labelled with ("Database: ..."), or "".
        where: The words that say so.
    """

    status: Status
    label: str = ""
    where: str = ""


def frame(passage: Passage) -> Frame:
    """Return the frame of `passage`: the nearest structure that says something wins."""
    own, label = _own(passage)
    if own.status not in {"", "stack"}:
        return Frame(own.status, label, own.where)
    stack = own.status == "stack"
    for parent in reversed(passage.parents):
        named = label_of(parent) or parent
        status = _status(named[:80], tail=False)
        if status == "stack":
            stack = True
        elif status == "current":
            return Frame("stack", label, named)
        elif status:
            return Frame(status, label, named)
        label = label or topic_of(named[:60])
    titled = False
    for heading in reversed(passage.headings if passage.kind != "heading" else passage.headings[:-1]):
        if heading.level == 1 and heading is passage.headings[0]:
            break
        status = _status(heading.text, tail=True)
        if status == "stack":
            stack = titled = True
        elif status == "current":
            return Frame("stack", label, heading.text)
        elif status and not (status in {"content", "weak"} and titled):
            return Frame(status, label, heading.text)
        if not label and heading.level >= 2:
            label = topic_of(heading.text) if len(heading.text) < 60 else ""
    return Frame("stack" if stack else "", label)


def verdict_of(label: str) -> Status:
    """Return what a label says of that which follows it: `rejected`, `future` or `optional`, else ""."""
    status = _status(label[:60], tail=False)
    return status if status in {"rejected", "future", "optional"} else ""


def label_of(text: str) -> str:
    """Return the words before the first colon or dash of `text`, "" where it has no such label."""
    match = _LABEL.match(text[:120])
    return match[1].strip() if match else ""


@lru_cache(maxsize=4096)
def topic_of(text: str) -> str:
    """Return the topic that a label, heading or column names ("Message broker" is `queue`), or ""."""
    return next((topic for topic, pattern in _TOPICS if pattern.search(text)), "")


def _own(passage: Passage) -> tuple[Frame, str]:
    if passage.kind == "cell":
        return _cell(passage)
    if passage.kind == "heading":
        return Frame(_status(passage.text, tail=True), "", passage.text), topic_of(passage.text)
    named = label_of(passage.text)
    if not named:
        return Frame(""), ""
    status = _status(named, tail=False)
    if status == "phase":
        status = "future" if re.search(r"[2-9]|二|三|四", named) else "current"
    return Frame("stack" if status == "current" else status, "", named), topic_of(named)


def _cell(passage: Passage) -> tuple[Frame, str]:
    label = (
        topic_of(passage.column)
        if passage.text == passage.row
        else topic_of(passage.row[:60]) or topic_of(passage.column)
    )
    for name in ("rejected", "future", "optional"):
        for cell in passage.cells:
            if cell is not passage.text and len(cell) < 60 and words.whole("row", name).match(cell):
                return Frame("rejected" if name == "rejected" else name, label, cell), label
    if passage.column and passage.column != passage.cells[0]:
        for name in ("rejected", "future", "content", "weak"):
            if words.whole("column", name).match(passage.column):
                return Frame(name, label, passage.column), label
    status = _status(passage.row[:80], tail=False) if passage.text != passage.row else ""
    if status in {"rejected", "future", "optional"}:
        return Frame(status, label, passage.row), label
    return Frame("stack" if label else ""), label


@lru_cache(maxsize=4096)
def _status(text: str, *, tail: bool) -> Status:
    plain = _NUMBERING.sub("", text, count=1)
    parts = [part.strip(" *_`~#\"'") for part in _PARTS.split(plain)]
    candidates = [part for part in (plain.strip(" *_`"), *parts) if part]
    for name in ("rejected", "current", "future", "optional", "content", "weak", "stack"):
        for part in candidates[: None if tail else 3]:
            if _says(name, part):
                if name == "future" and _PHASE.match(plain):
                    return "phase"
                return name
    return ""


def _says(name: str, part: str) -> bool:
    if any(ord(character) > 0x24F for character in part if character.isalpha()):
        return bool(words.anywhere("section", name).search(part))
    return bool(words.whole("section", name).match(part))
