"""Finds the project's own domains, and leaves examples, hosts of others and addresses of APIs alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from bot.brief import clause, words
from bot.brief.blocks import Passage
from bot.brief.frame import frame
from bot.brief.lexicon import compact_names
from bot.brief.mention import Mention

_PLACEHOLDER: Final = re.compile(
    r"(?:tenant|client|customer|brand|company|user|name|slug|foo)\w*-?\d*\.(?=[^.]+\.\w)|.*acme"
)
_FILES: Final = re.compile(
    r"\.(?:md|py|js|ts|sh|rs|go|so|ai|io|me|app|net|pro|run|co|in|it|is|to|no|at|be|page|live|works|team|tools|me)$",
    re.IGNORECASE,
)
_DIRECT: Final = re.compile(
    r"server_name|Host\(|domain|dns|домен|域名|domaine|dom[ií]nio|tên miền|hosted|live at|production|deployed",
    re.IGNORECASE,
)

# The column of a table that holds the addresses of what the project serves.
_ADDRESSES: Final = re.compile(
    r"^[\s*_`]*(?:(?:public |production |prod )?(?:urls?|domains?|host(?:name)?s?)|"
    r"도메인|域名|домен\w*|dom[ií]nios?)[\s*_`]*$",
    re.IGNORECASE,
)
_OF_OTHERS: Final = re.compile(
    r"\b(?:api|provider|vendor|source|integration|third[- ]party|external)s?\b", re.IGNORECASE
)


@cache
def _domain() -> re.Pattern[str]:
    endings = "|".join(sorted(words.listed("domain", "endings")))
    label = r"[a-z0-9](?:[a-z0-9-]{0,40}[a-z0-9])?"
    return re.compile(
        rf"(?<![\w@.\-/])(?:(https?|wss?)://)?((?:{label}\.)+(?:{endings}))(?![\w-]|\.\w|@)", re.IGNORECASE
    )


@cache
def _others() -> re.Pattern[str]:
    examples = "|".join(sorted(words.listed("domain", "example")))
    others = "|".join(sorted(words.listed("domain", "others")))
    return re.compile(rf"(?:^|\.)(?:{examples})\.\w+$|(?:^|\.)(?:{others})\.\w+(?:\.\w+)?$", re.IGNORECASE)


def own_domains(passages: tuple[Passage, ...], path: str) -> Iterator[Mention]:
    """Yield a mention for each place that names one of the project's own domains."""
    for passage in passages:
        if "." not in passage.text:
            continue
        for match in _domain().finditer(passage.text):
            name = match[2].lower()
            foreign = _others().search(name) or _PLACEHOLDER.match(name) or name.count(".") > 4 or _product(name)
            if foreign or not _own(passage, match):
                continue
            around = clause.clause(passage.text, match.start(), match.end())
            if (
                frame(passage).status in {"rejected", "future", "content"}
                or clause.negated(around)
                or clause.deferred(around)
            ):
                continue
            yield Mention(
                name=name.removeprefix("www."),
                topic="custom_domain",
                path=path,
                line=passage.line_at(match.start()),
                quote=" ".join(passage.text[max(0, match.start() - 60) : match.end() + 60].split()),
                stance="asserted",
                weight=0.9,
            )


def _product(name: str) -> bool:
    """Whether the domain is that of a technology (`docs.nestjs.com`)."""
    labels = name.split(".")
    return len(labels) > 1 and labels[-2] in compact_names()


def _own(passage: Passage, match: re.Match[str]) -> bool:
    text = " ".join(passage.cells) if passage.kind == "cell" else passage.text
    reach = slice(0, 200) if passage.kind == "cell" else slice(max(0, match.start() - 90), match.end() + 60)
    if _ADDRESSES.match(passage.column) and not match[1] and not _OF_OTHERS.search(" ".join(passage.columns)):
        return True  # with a scheme it may as well be the address of somebody's API
    heading = passage.headings[-1].text if passage.headings else ""
    near = f"{heading} {passage.column} {text[reach]}"
    if match[1] and re.match(r"/\w", passage.text[match.end() : match.end() + 2]):
        return False  # a page of a site, not a site
    if not match[1] and _FILES.search(match[2]) and match[2].count(".") == 1 and not _DIRECT.search(near):
        return False
    return bool(words.anywhere("domain", "own").search(near))
