"""What waits for an answer on a pull request, the answers beneath it, and threads that are done with."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final

from bot.command import PREFIX, Command, Verb, parse
from bot.forge.github.comments import Comments
from bot.forge.github.repository_api import Need, RepositoryApi
from bot.model.ask import Ask, Asked
from bot.model.untrusted import visible

_ANSWERED: Final = re.compile(r"<!-- groundwork:answer (thread|review|comment)-(\d+) round-(\d+) -->")
_ASKING: Final = frozenset({"commented", "changes_requested"})
_THREADS: Final = """query($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) { pullRequest(number: $number) {
    reviewThreads(first: 100, after: $after) {
      nodes { id isResolved comments(first: 1) { nodes { databaseId } } }
      pageInfo { hasNextPage endCursor } } } } }"""
_RESOLVE: Final = "mutation($id: ID!) { resolveReviewThread(input: {threadId: $id}) { clientMutationId } }"

May = Callable[[str], Awaitable[bool]]


class RepositoryReviews:
    """The reviews of one repository's pull requests; `may` tells whose words count."""

    def __init__(self, api: RepositoryApi, comments: Comments, *, bot: str, may: May) -> None:
        self._api = api
        self._comments = comments
        self._bot = bot.casefold()
        self._may = may

    async def approves(self, number: int, review: int) -> bool:
        """Return whether the review is an approval."""
        found = await self._api.ask(Need.PULL_REQUESTS, "GET", f"pulls/{number}/reviews/{review}", absent=True)
        return bool(found) and str(found["state"]).lower() == "approved"

    async def waiting(self, number: int) -> Asked:
        """Return what people who may ask have asked, and nobody answered yet; approvals ask for nothing."""
        beside = await self._api.listed(Need.PULL_REQUESTS, f"pulls/{number}/comments")
        reviews = await self._api.listed(Need.PULL_REQUESTS, f"pulls/{number}/reviews")
        below = await self._api.listed(Need.ISSUES, f"issues/{number}/comments")
        ours = [str(one["body"] or "") for one in (*beside, *below) if self._is_ours(one)]
        answered = [found for text in ours if (found := _ANSWERED.match(text))]
        known = {(found[1], int(found[2])) for found in answered}
        rounds = max((int(found[3]) for found in answered), default=0)
        approving = {int(one["id"]) for one in reviews if _state(one) == "approved"}
        asks = [
            *_threads(await self._heard(beside), known, approving=approving),
            *(_ask("review", one, _said(one)) for one in await self._heard(reviews) if _state(one) in _ASKING),
            *(_ask("comment", one, _command(one) or "") for one in await self._heard(below)),
        ]
        waiting = tuple(ask for ask in asks if ask.words and (ask.kind, ask.number) not in known)
        return Asked(asks=waiting, round=rounds + 1)

    async def answer(self, number: int, ask: Ask, text: str, *, round_: int) -> None:
        """Answer `ask` where it was written, once: in its thread, or in the conversation with what it is about."""
        mark = f"<!-- groundwork:answer {ask.key} round-{round_} -->"
        if ask.kind != "thread":
            quoted = " ".join(ask.words.split())[:160].replace("@", "@\u200b").replace("<", "&lt;")
            await self._comments.show(number, mark, f"{mark}\n> {quoted}\n\n{text}\n")
            return
        listing = await self._api.listed(Need.PULL_REQUESTS, f"pulls/{number}/comments")
        if any(self._is_ours(one) and str(one["body"] or "").startswith(mark) for one in listing):
            return
        path = f"pulls/{number}/comments/{ask.root}/replies"
        await self._api.ask(Need.PULL_REQUESTS, "POST", path, json={"body": f"{mark}\n{text}"}, absent=True)

    async def resolve(self, number: int, ask: Ask) -> None:
        """Mark the thread of `ask` as resolved; one that somebody deleted is left at that."""
        after: str | None = None
        owner, _, name = self._api.place.name.partition("/")
        while True:
            variables = {"owner": owner, "name": name, "number": number, "after": after}
            data = await self._api.graphql(Need.THREADS, _THREADS, variables)
            threads = data["repository"]["pullRequest"]["reviewThreads"]
            for thread in threads["nodes"]:
                if any(one["databaseId"] == ask.root for one in thread["comments"]["nodes"]):
                    if not thread["isResolved"]:
                        await self._api.graphql(Need.THREADS, _RESOLVE, {"id": thread["id"]})
                    return
            if not threads["pageInfo"]["hasNextPage"]:
                return
            after = threads["pageInfo"]["endCursor"]

    async def _heard(self, found: Iterable[Any]) -> list[Any]:
        """Return what was written by those whose words count."""
        speaking = [one for one in found if _said(one)]
        may: dict[str, bool] = {}
        for author in {_author(one) for one in speaking}:
            may[author] = bool(author) and not author.endswith("[bot]") and await self._may(author)
        return [one for one in speaking if may[_author(one)]]

    def _is_ours(self, comment: Any) -> bool:
        return _author(comment).casefold() == self._bot


def _threads(beside: Iterable[Any], known: set[tuple[str, int]], *, approving: set[int]) -> list[Ask]:
    """Return one ask for each thread, of all its comments that are newer than the last one that was answered."""
    threads: dict[int, list[Any]] = {}
    for one in sorted(beside, key=lambda one: int(one["id"])):
        threads.setdefault(int(one.get("in_reply_to_id") or one["id"]), []).append(one)
    asks = []
    for root, comments in threads.items():
        seen = max((number for kind, number in known if kind == "thread" and _holds(comments, number)), default=0)
        new = [one for one in comments if int(one["id"]) > seen]
        new = [one for one in new if int(one.get("pull_request_review_id") or 0) not in approving]
        if new:
            line = new[-1].get("line") or new[-1].get("original_line") or 0
            asks.append(
                Ask(
                    kind="thread",
                    number=int(new[-1]["id"]),
                    author=_author(new[-1]),
                    words="\n\n".join(_said(one) for one in new),
                    path=str(new[-1].get("path") or ""),
                    line=int(line),
                    hunk=str(new[-1].get("diff_hunk") or ""),
                    root=root,
                )
            )
    return asks


def _holds(comments: Iterable[Any], number: int) -> bool:
    return any(int(one["id"]) == number for one in comments)


def _ask(kind: Any, found: Any, words: str) -> Ask:
    return Ask(kind=kind, number=int(found["id"]), author=_author(found), words=words)


def _said(found: Any) -> str:
    """Return what a comment asks for, "" for nothing; commands other than `/infra run` are done by themselves."""
    body = str(found.get("body") or "")
    words = _command(found)
    return words if words is not None else "" if parse(body) else visible(body).strip()


def _command(found: Any) -> str | None:
    """Return what follows `/infra run` in a comment; None where it says nothing of the kind."""
    body = str(found.get("body") or "")
    commands = parse(body) if PREFIX in body.lower() else ()
    only = commands[0] if len(set(commands)) == 1 else None
    return (only.words or PREFIX) if isinstance(only, Command) and only.verb is Verb.RUN else None


def _state(review: Any) -> str:
    return str(review.get("state", "")).lower()


def _author(found: Any) -> str:
    return str((found.get("user") or {}).get("login", ""))
