"""`groundwork doctor`: what is misconfigured, and the exact mend."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from bot.cli.checkup import Check
    from bot.settings.server import Settings

_SHOWN: Final = {"ok": "ok", "warning": "warning", "wrong": "WRONG", "unknown": "?"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--json", action="store_true", help="print the checks as JSON")
    parser.add_argument("--env-file", type=Path, default=Path(".env"), metavar="F", help="settings (default: .env)")


def run(arguments: argparse.Namespace) -> int:
    """Look everything over: 0 where nothing is wrong, 1 where something is."""
    from bot.model.redact import Redactor

    settings, found = asyncio.run(_looked_over(arguments.env_file))
    redact = Redactor(settings.secrets())
    found = [replace(check, said=redact(check.said), mend=redact(check.mend)) for check in found]
    if arguments.json:
        from bot.model.codec import to_json

        sys.stdout.write(to_json({"version": 1, "checks": found}, indent=2).decode() + "\n")
    else:
        sys.stdout.write("".join(f"{line}\n" for line in table(found)))
    return 1 if any(check.state == "wrong" for check in found) else 0


async def _looked_over(env_file: Path) -> tuple[Settings, list[Check]]:
    from bot.cli.checkup import of_the_server, on_this_machine
    from bot.cli.checkup_github import on_github
    from bot.forge.github.access import AppKey, GitHubApp
    from bot.forge.github.app_view import AppView
    from bot.forge.github.manifest import manifest
    from bot.settings.reading import read

    settings, problems = read(env_file)
    found = list(on_this_machine(settings, problems, env_file))
    # Without these, GitHub would only say that it does not know us.
    needed = {"app_id", "private_key", "private_key_file", "github_url"}
    unsure = needed & {problem.setting for problem in problems}
    if not unsure and not any(check.name == "private key" and check.state == "wrong" for check in found):
        key = AppKey(
            app_id=settings.app_id,
            private_key=settings.key(),
            api_url=settings.api_url(),
            web_url=settings.github_url,
        )
        action = settings.verify_action if settings.verified_by() == "actions" else ""
        view = AppView(GitHubApp(key))
        found += [check async for check in on_github(view, manifest(), settings.public_url, action)]
    found += await asyncio.to_thread(lambda: list(of_the_server(settings)))
    return settings, found


def table(found: Sequence[Check]) -> Iterator[str]:
    """Yield the lines that a person reads: one for each check, its mend below it, the sum at the end."""
    width = max(len(check.name) for check in found)
    for check in found:
        yield f"{_SHOWN[check.state]:<7}  {check.name:<{width}}  {check.said}"
        if check.mend:
            yield f"{'':<7}  {'':<{width}}  -> {check.mend}"
    wrong = sum(check.state == "wrong" for check in found)
    yield ""
    yield f"{wrong} to mend." if wrong else "Nothing is wrong."
