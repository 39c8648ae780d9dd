"""Reads the Brief of a repository, or of one document."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bot.brief.asks_ci import asks_for_ci
from bot.brief.asks_mend import asks_to_mend
from bot.brief.blocks import Passage, passages
from bot.brief.conclude import conclude
from bot.brief.criteria import criteria, named_services
from bot.brief.defaults import assumptions
from bot.brief.documents import Document, read_library, read_text
from bot.brief.domains import own_domains
from bot.brief.gather import gather
from bot.brief.hidden import visible
from bot.brief.interface import wants_interface
from bot.brief.kind import kind_of
from bot.brief.managed import MOBILE
from bot.brief.manifests import read_manifests
from bot.brief.mention import Mention
from bot.brief.storage import stores_nothing
from bot.errors import UsageError
from bot.model.brief import Brief, Criterion
from bot.model.issue import Issue


def read_brief(root: Path, issue: Issue | None) -> Brief:
    """Return the Brief of the repository at `root`, from its documents, its manifests and the `issue`.

    What the documents leave open stays open: `bot.brief.defaults.with_defaults` fills it in. Documents that cannot be
    read are named in `notes`.
    """
    library = read_library(root)
    manifests = read_manifests(root)
    return _brief(library.documents, issue, manifests.mentions, (*library.notes, *manifests.notes))


def read_document(path: Path) -> Brief:
    """Return the Brief of the one document at `path`.

    Raises:
        UsageError: it is missing, binary or unreadable.
    """
    try:
        text, note = read_text(path, path.name)
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {(error.strerror or str(error)).lower()}.",
            hint="give a repository or a Markdown document",
        ) from error
    if text is None:
        raise UsageError(note.replace(f"`{path.name}`", str(path)), hint="give a repository or a Markdown document")
    return _brief((Document(path.name, text),), None, (), (note,) if note else ())


def _brief(
    documents: tuple[Document, ...], issue: Issue | None, extra: tuple[Mention, ...], notes: tuple[str, ...]
) -> Brief:
    mentions: list[Mention] = []
    domains: list[Mention] = []
    wanted: list[Criterion] = []
    everything: list[Passage] = []
    wants_ci = wants_mending = False
    for document in documents:
        read = passages(document.text)
        mentions += gather(read, document.path)
        domains += own_domains(read, document.path)
        wanted += criteria(read, document.path, boxes=False)
        everything += read
    if issue:
        shown = visible(f"# {issue.title}\n{issue.body}")
        wants_ci, wants_mending = asks_for_ci(shown), asks_to_mend(shown)
        read = passages(shown)
        asked = tuple(_from_issue(mention) for mention in gather(read, "issue"))
        mentions += asked
        domains += own_domains(read, "issue")
        wanted = [*criteria(read, "issue", boxes=True), *named_services(asked), *wanted]
    brief = conclude((*mentions, *extra), kind_of(everything), tuple(domains))
    brief = replace(
        brief,
        title=_title(documents, issue),
        criteria=tuple(wanted),
        notes=(*notes, *brief.notes),
        wants_ci=wants_ci,
        wants_mending=wants_mending,
        stores_nothing=stores_nothing(everything),
        wants_frontend=bool(brief.frontend) or wants_interface(everything, phones=_phones(brief)),
    )
    topics = {point.topic for point in brief.open}
    return replace(brief, open=(*brief.open, *(point for point in assumptions(brief) if point.topic not in topics)))


def _phones(brief: Brief) -> bool:
    """Whether what people use is an app on their phones."""
    return any(fact.value in MOBILE and not fact.rejected for fact in brief.facts)


def _from_issue(mention: Mention) -> Mention:
    """What an issue names it asks for, wherever it says so."""
    line = max(mention.line - 1, 1)
    weight = max(mention.weight, 0.75) if mention.stance == "asserted" and mention.weight >= 0.4 else mention.weight
    return replace(mention, source="issue", line=line, weight=weight)


def _title(documents: tuple[Document, ...], issue: Issue | None) -> str:
    for document in documents:
        for line in document.text.split("\n", 60)[:60]:
            if line.startswith("# "):
                return line[2:].strip()[:120]
    return issue.title if issue else ""
