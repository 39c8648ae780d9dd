"""`groundwork setup`: registers the App from `app.yml` on GitHub, and writes the settings that the server needs."""

from __future__ import annotations

import argparse
import asyncio
import secrets
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from bot.forge.github.registration import Registered
    from bot.web.setup import Setup

_LONGEST_NAME: Final = 34  # GitHub's own limit


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "--server",
        required=True,
        metavar="URL",
        help="where GitHub will reach your server, such as https://bot.example",
    )
    parser.add_argument("--organisation", default="", metavar="NAME", help="whose App it is (default: your own)")
    parser.add_argument("--name", default="", metavar="NAME", help="the App's name; GitHub knows each name once")
    parser.add_argument("--homepage", default="", metavar="URL", help="the page the App names as its own")
    parser.add_argument("--public", action="store_true", help="let other accounts install it, too")
    parser.add_argument("--github-url", default="https://github.com", metavar="URL", help="your Enterprise Server")
    parser.add_argument("--port", type=int, default=8722, metavar="N", help="the local page's port (default: 8722)")
    parser.add_argument("--env-file", type=Path, default=Path(".env"), metavar="F", help="written (default: .env)")
    parser.add_argument("--replace", action="store_true", help="replace the App that the file already names")


def run(arguments: argparse.Namespace) -> int:
    """Register: 0 when the settings are written, 2 for wrong usage, 130 when it was given up."""
    from bot.cli.interrupt import run_until_interrupted

    _name(arguments.name)
    web_url, server = _address("--github-url", arguments.github_url), _address("--server", arguments.server)
    text = _present(arguments.env_file, replace=arguments.replace)
    listener = _listener(arguments.port)
    with listener:
        made = run_until_interrupted(_registered(arguments, web_url, server, listener, text))
    sys.stdout.write(
        f"\n{made.slug} is registered{f' for {made.owner}' if made.owner else ''}; "
        f"its settings are in {arguments.env_file}, for you alone.\n"
        f"  1. install it:     {made.install}\n"
        "  2. start it:       groundwork serve\n"
        "  3. look it over:   groundwork doctor\n"
    )
    return 0


async def _registered(
    arguments: argparse.Namespace, web_url: str, server: str, listener: socket.socket, text: str
) -> Registered:
    """Serve the page until GitHub has made the App and its settings are written."""
    from bot.errors import GroundworkError
    from bot.forge.github.manifest import manifest
    from bot.forge.github.registration import form_address, registered
    from bot.settings.addresses import api_url
    from bot.web.setup import CREATED, Setup

    port = listener.getsockname()[1]
    here = f"http://127.0.0.1:{port}"
    asks, state = manifest(), secrets.token_urlsafe(32)
    done: asyncio.Future[Registered] = asyncio.get_running_loop().create_future()

    once = asyncio.Lock()  # a page that is loaded again must not spend the code twice

    async def created(code: str) -> str:
        async with once:
            if not done.done():
                made = await registered(api_url(web_url), code)
                try:
                    _write(arguments.env_file, text, made, web_url, server)
                except GroundworkError as error:
                    done.set_exception(error)
                    raise
                done.set_result(made)
        return done.result().install

    setup = Setup(
        manifest=asks.form(
            name=arguments.name or asks.name,
            url=arguments.homepage or asks.url,
            server=server,
            redirect=f"{here}{CREATED}",
            public=arguments.public,
        ),
        address=form_address(web_url, arguments.organisation, state),
        state=state,
        created=created,
    )
    sys.stdout.write(
        f"Open {here} in a browser on this machine, and press the button there.\n"
        f"  From another machine: ssh -L {port}:127.0.0.1:{port} THIS-MACHINE\n"
    )
    sys.stdout.flush()
    await _served(setup, listener, done)
    return done.result()


async def _served(setup: Setup, listener: socket.socket, done: asyncio.Future[Registered]) -> None:
    import uvicorn

    from bot.cli.serving import Server
    from bot.web.setup import setup_app

    # The code stands in the address of a request: nothing of it is logged.
    config = uvicorn.Config(
        setup_app(setup), ws="none", lifespan="off", access_log=False, log_level="warning", timeout_graceful_shutdown=3
    )
    server = Server(config)
    serving = asyncio.ensure_future(server.serve(sockets=[listener]))
    try:
        await asyncio.wait([done])
    finally:
        server.should_exit = True
        await serving


def _write(path: Path, text: str, made: Registered, web_url: str, server: str) -> None:
    from bot.cli.env_file import with_values, write_private
    from bot.errors import UsageError
    from bot.settings.words import PREFIX

    values = {
        "APP_ID": str(made.app_id),
        "PRIVATE_KEY": made.private_key,
        "WEBHOOK_SECRET": made.webhook_secret,
        "PUBLIC_URL": server,
        "GITHUB_URL": web_url,
    }
    try:
        write_private(path, with_values(text, {f"{PREFIX}{name}": value for name, value in values.items()}))
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror}.",
            hint=f"make a new key and a new secret on the App's page, {made.page}, and set them by hand",
        ) from error


def _present(path: Path, *, replace: bool) -> str:
    """Return what `path` holds; it is tried whether it can be written before there is a secret to write."""
    from bot.errors import UsageError
    from bot.settings.words import PREFIX

    try:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        with path.open("a", encoding="utf-8"):
            pass
        if not text:
            path.chmod(0o600)
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise UsageError(f"{path} cannot be written: {why}.", hint="name another with --env-file") from error
    if f"{PREFIX}APP_ID=" in text and not replace:
        raise UsageError(
            f"{path} already names an App.", hint="keep it, or register another in its place with --replace"
        )
    return text


def _listener(port: int) -> socket.socket:
    from bot.errors import UsageError

    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except (OSError, OverflowError) as error:
        listener.close()
        raise UsageError(f"Port {port} cannot be used.", hint="choose another with --port") from error
    listener.listen()
    return listener


def _name(name: str) -> None:
    from bot.errors import UsageError

    if len(name) > _LONGEST_NAME:
        raise UsageError(f"The name has {len(name)} characters.", hint=f"GitHub takes up to {_LONGEST_NAME}")


def _address(option: str, url: str) -> str:
    """Return `url` without a slash at its end, once it is one that secrets may travel to."""
    from urllib.parse import urlsplit

    from bot.errors import UsageError
    from bot.settings.addresses import is_safe

    parts = urlsplit(url)
    if not is_safe(url) or parts.query or parts.fragment:
        raise UsageError(f"{option} {url!r} has to be an address that starts with https://.")
    return url.rstrip("/")
