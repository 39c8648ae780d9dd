"""Commands as unit files write them, and the health check as something to wait for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from bot.blueprint.running import Check, Running
from bot.blueprint.skill import Host

# What listens there is to be asked by nginx beside it and by nobody else.
_EVERYWHERE: Final = "0.0.0.0"  # noqa: S104 # compared with
_PLAIN: Final = re.compile(r"[\w@%+=:,./-]+")
_SHELL: Final = ("/bin/sh", "-c")


def exec_start(service: Running, host: Host, folder: str) -> str:
    """Return `ExecStart` for what production runs, with the path of its program where that is the application's own."""
    program, *rest = _moved(service.command or _of_image(service), service, folder)
    if program.startswith("/"):
        pass
    elif "/" in program:
        program = f"{folder}/{program}"
    else:
        # A bare name is looked for in /usr/local/bin, too: a vendor's node is often there.
        program = f"{folder}/{host.path}/{program}" if host.path else program
    return words([program, *("127.0.0.1" if word == _EVERYWHERE else word for word in rest)])


def wait_for(check: Check, seconds: int, service: Running, folder: str) -> str:
    """Return a command that ends well once the `check` of `service` passes, and badly after `seconds`."""
    if check.page:
        port, path = check.page
        asks = "/usr/bin/curl --fail --silent --show-error --output /dev/null --max-time 5"
        return f"{asks} --retry {seconds} --retry-delay 1 --retry-all-errors http://127.0.0.1:{port}{path}"
    test = check.command[2] if check.command[:2] == _SHELL else " ".join(_moved(check.command, service, folder))
    return words([*_SHELL, f"for n in $(seq {seconds}); do {test} && exit 0; sleep 1; done; exit 1"])


def of_image(service: Running, folder: str) -> dict[str, str]:
    """Return the variables that the production image of `service` sets, with its own paths as paths below `folder`."""
    if not service.stage:
        return {}
    root = service.stage.workdir
    return {
        name: re.sub(rf"(?<![^:]){re.escape(root)}(?=[/:]|$)", folder, value) if root else value
        for name, value in service.stage.env.items()
        # What is in the image's PATH is named with its path here.
        if value is not None and name != "PATH"
    }


def words(command: Iterable[str]) -> str:
    """Return `command` in systemd's quoting: `%` and `$` mean nothing to it when they are doubled."""
    return " ".join(_word(word.replace("%", "%%").replace("$", "$$")) for word in command)


def _moved(command: Iterable[str], service: Running, folder: str) -> list[str]:
    """Return `command` with paths below the image's own folder as paths below `folder`."""
    root = f"{service.stage.workdir}/" if service.stage and service.stage.workdir else ""
    return [f"{folder}/{word.removeprefix(root)}" if root and word.startswith(root) else word for word in command]


def _word(word: str) -> str:
    if _PLAIN.fullmatch(word):
        return word
    escaped = word.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _of_image(service: Running) -> list[str]:
    """Return what the production image runs by itself."""
    written = service.stage.cmd if service.stage else None
    return [word.value for word in written.words] if written else []
