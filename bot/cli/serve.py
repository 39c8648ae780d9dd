"""`groundwork serve`: the App. Everything that is wrong is said at once; a signal ends it in order."""

from __future__ import annotations

import argparse
import asyncio
import logging
import socket
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from bot.app import Application
    from bot.forge.github.lost import LostDeliveries
    from bot.settings.server import Settings

_LOG: Final = logging.getLogger(__name__)
DEFAULT_ENV_FILE: Final = Path(".env")
_GRACE: Final = 10  # seconds for requests that are under way when we end; GitHub itself waits no longer
_NAPS: Final = (1, 2, 4, 8, 16)  # seconds between questions to a GitHub that does not answer
_LOOKS: Final = 600.0  # seconds between looks for webhooks that were lost


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--env-file", type=Path, default=DEFAULT_ENV_FILE, metavar="F", help="settings (default: .env)")
    parser.add_argument("--log", choices=("json", "text"), help="the log's form (default: text in a terminal, or json)")


def run(arguments: argparse.Namespace) -> int:
    """Serve until SIGTERM or Ctrl-C: 0 then, 1 where GitHub does not answer, 2 for wrong settings."""
    from bot.cli.interrupt import run_until_interrupted
    from bot.cli.log import form_for, log_to
    from bot.cli.serving import loop_factory
    from bot.forge.github.refusal import UnansweredError
    from bot.model.redact import Redactor

    settings, listener = ready(arguments.env_file)
    log_to(sys.stdout, form=arguments.log or form_for(), redact=Redactor(settings.known_secrets()))
    with listener:
        try:
            run_until_interrupted(_serve(settings, listener), loop_factory=loop_factory())
        except KeyboardInterrupt:
            _LOG.info("ended before it had begun")
        except UnansweredError as error:
            sys.stderr.write(
                f"error: GitHub does not answer: {error}\n"
                f"  try: check the network from here to {settings.api_url()}, and GROUNDWORK_GITHUB_URL\n"
            )
            return 1
    return 0


def ready(env_file: Path) -> tuple[Settings, socket.socket]:
    """Return the settings and a listening socket.

    Raises:
        SettingsError: All that is wrong, together.
    """
    from bot.cli.surroundings import listen, problems
    from bot.errors import UsageError
    from bot.settings.reading import read
    from bot.settings.words import Problem, in_words

    if env_file != DEFAULT_ENV_FILE and not env_file.is_file():
        raise UsageError(f"There is no file {env_file}.", hint="name the file that holds the settings")
    settings, wrong = read(env_file)
    known = frozenset(problem.setting for problem in wrong)
    found = [*wrong, *problems(settings, known)]
    listener = None if known & {"host", "port"} else listen(settings)
    if isinstance(listener, Problem):
        found.append(listener)
    if found or not isinstance(listener, socket.socket):
        if isinstance(listener, socket.socket):
            listener.close()
        raise in_words(found)
    return settings, listener


async def _serve(settings: Settings, listener: socket.socket) -> None:
    from bot.cli.serving import server_of

    async with AsyncExitStack() as stack:
        app = await _opened(settings, stack)
        server = server_of(app.web, grace=_GRACE)
        serving = asyncio.ensure_future(server.serve(sockets=[listener]))
        host, port = listener.getsockname()[:2]
        _LOG.info("%s listens on http://%s:%s for %s", app.who.bot, host, port, settings.github_url)
        asking = asyncio.create_task(_ask_again(app.lost))
        stack.callback(asking.cancel)
        try:
            await asyncio.shield(serving)
        except asyncio.CancelledError:
            _LOG.info("ending: requests are answered, unfinished runs go on at the next start")
            # What it says of work that goes on at the next start would read like a fault.
            logging.getLogger("dbos").setLevel("CRITICAL")
            server.should_exit = True
            await serving
    _LOG.info("ended")


async def _ask_again(lost: LostDeliveries) -> None:
    """Ask for the webhooks that were lost while nobody listened, now and from time to time."""
    from bot.errors import GroundworkError
    from bot.forge.github.refusal import UnansweredError

    while True:
        try:
            if count := await lost.ask_again():
                _LOG.info("asked GitHub to deliver again what nobody took: %s", count)
        except (GroundworkError, UnansweredError) as error:
            _LOG.warning("GitHub does not tell which webhooks were lost: %s", error)
        await asyncio.sleep(_LOOKS)


async def _opened(settings: Settings, stack: AsyncExitStack) -> Application:
    """Open the application; where GitHub does not answer, ask again for half a minute."""
    from bot.app import application
    from bot.forge.github.refusal import UnansweredError

    for nap in _NAPS:
        try:
            return await stack.enter_async_context(application(settings))
        except UnansweredError as error:
            _LOG.warning("GitHub does not answer (%s); asking again in %s s", error, nap)
            await asyncio.sleep(nap)
    return await stack.enter_async_context(application(settings))
