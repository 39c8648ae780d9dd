"""`groundwork deliver`: a recorded webhook, signed and sent to a running server, and what its answer means."""

from __future__ import annotations

import argparse
import json
import os
import sys
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from bot.cli.request import Answer
    from bot.settings.server import Settings

_VARIABLE: Final = "GROUNDWORK_WEBHOOK_SECRET"
# Status -> what it means, and what to do.
_MEANS: Final = {
    400: "it is signed, but no such event: the file, or --event, is not what GitHub sends",
    401: "the server knows another secret",
    404: "something answers there, but it is no Groundwork: give the server's address with --url",
    405: "something answers there, but it is no Groundwork: give the server's address with --url",
    408: "the server gave up waiting for the body",
    413: "the file is larger than what GitHub sends",
    503: "the server's database does not answer; nothing was stored, and GitHub would have to deliver it again",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("file", metavar="FILE", help="the payload as GitHub sent it (JSON); - for standard input")
    parser.add_argument("--event", required=True, metavar="NAME", help="the event, such as issues")
    parser.add_argument("--url", metavar="URL", help="the server (default: the address that the settings name)")
    parser.add_argument("--delivery", metavar="ID", help="its id; the same one twice is one job (default: new)")
    parser.add_argument(
        "--secret-from-env", metavar="VARIABLE", help=f"where the webhook's secret is (default: {_VARIABLE}, or .env)"
    )
    parser.add_argument("--env-file", type=Path, default=Path(".env"), metavar="F", help="settings (default: .env)")


def run(arguments: argparse.Namespace) -> int:
    """Deliver: 0 the server works on it, 3 nothing is to be done, 1 it was refused or nobody answered, 2 usage."""
    from bot.cli.address import local_address
    from bot.cli.request import UnreachableError, ask
    from bot.event.delivery import sign
    from bot.forge.github.manifest import WEBHOOKS
    from bot.settings.reading import read

    settings, problems = read(arguments.env_file)
    body = _body(arguments.file)
    secret = _secret(arguments, settings, unknown={problem.setting for problem in problems})
    base = (arguments.url or local_address(settings)).rstrip("/")
    url = base if base.endswith(WEBHOOKS) else f"{base}{WEBHOOKS}"
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "groundwork-deliver",
        "X-GitHub-Event": arguments.event,
        "X-GitHub-Delivery": arguments.delivery or str(uuid.uuid4()),
        "X-Hub-Signature-256": sign(body, secret),
    }
    try:
        answer = ask("POST", url, body=body, headers=headers)
    except UnreachableError as error:
        sys.stderr.write(f"error: {error.what}\n  try: start the server with `groundwork serve`, or give --url\n")
        return 1
    status, words = meaning(answer)
    sys.stdout.write(f"{words}\n")
    return status


def meaning(answer: Answer) -> tuple[int, str]:
    """Return the exit status and the words for an answer."""
    said = _json(answer.text)
    if answer.status == 202:
        return 0, f"202 accepted: job {said.get('job', '?')} is stored; the same delivery again would be the same job"
    if answer.status == 200 and "ignored" in said:
        return 3, f"200 nothing to do: {said['ignored']}"
    means = _MEANS.get(answer.status, "Groundwork gives no such answer: something else answers there, give --url")
    told = " ".join(str(said[key]) for key in ("error", "hint") if said.get(key))
    return 1, f"{answer.status} refused: {means}{f'. It says: {told}' if told else ''}"


def _json(text: str) -> dict[str, Any]:
    try:
        said = json.loads(text)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _body(name: str) -> bytes:
    """Return the payload's bytes, once it is known to be JSON: they are signed and sent as they are."""
    from bot.errors import UsageError

    try:
        body = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise UsageError(
            f"{name} cannot be read: {error.strerror}.", hint="name a payload that was recorded"
        ) from error
    if not _json(body.decode("utf-8", "replace")):
        raise UsageError(
            f"{name} holds no payload.",
            hint="copy one from your App's page: Advanced, Recent Deliveries, Request, Payload",
        )
    return body


def _secret(arguments: argparse.Namespace, settings: Settings, *, unknown: set[str]) -> str:
    from bot.errors import UsageError

    variable = arguments.secret_from_env
    if variable is None and "webhook_secret" not in unknown:
        return settings.webhook_secret.get_secret_value()
    secret = os.environ.get(variable, "") if variable else ""
    if not secret:
        raise UsageError(
            f"There is no webhook secret in {variable or f'{_VARIABLE} or {arguments.env_file}'}.",
            hint="name the variable that holds it with --secret-from-env",
        )
    return secret
