"""What starts the worker of an application that is there: read from its code, never guessed."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Final

from bot.blueprint.fit.code import Code

_CELERY: Final = re.compile(r"^(?P<name>\w+)(?:\s*:\s*Celery)?\s*=\s*Celery\(", re.MULTILINE)
# Made by a function, as Flask's own guide has it: `celery_app = create_celery_app()`.
_CELERY_MADE: Final = re.compile(
    r"^(?P<name>\w*celery\w*)[^=\n]*=\s*(?:\w+\.)?(?:make|create|init|build|get)_\w*celery\w*\(",
    re.MULTILINE | re.IGNORECASE,
)
_DRAMATIQ: Final = re.compile(r"^@(?:dramatiq\.)?actor\b", re.MULTILINE)
_SCRIPTS: Final = ("worker:prod", "start:worker", "worker", "worker:start", "queue", "start:queue")
_PLAIN: Final = re.compile(r"[&|;$<>]")
_NODE_FILES: Final = (
    "worker.js",
    "src/worker.js",
    "worker.mjs",
    "src/worker.mjs",
    "workers/index.js",
    "src/workers/index.js",
)
_LARAVEL: Final = ("php", "artisan", "queue:work", "--tries=3", "--timeout=60", "--max-time=3600")
_PYTHON_FILES: Final = ("worker.py", "app/worker.py", "src/worker.py")


def read_worker(code: Code) -> tuple[str, ...]:
    """Return the command that runs the worker of the application in the folder of `code`; () where none is known."""
    if code.has("artisan"):
        return _LARAVEL
    if code.has("package.json"):
        return _node(code)
    if any(path.endswith(".py") for path in code.files):
        return _python(code)
    return ()


def check_lines(command: Sequence[str]) -> tuple[str, ...]:
    """Return the check of a worker that runs `command`: Celery is asked; of others it is known that they run."""
    if command[0] == "celery":
        asked = " ".join(command[1 : command.index("worker")])
        test = json.dumps(["CMD-SHELL", f"celery {asked} inspect ping -d celery@$$HOSTNAME"])
        return (
            "healthcheck:",
            f"  test: {test}",
            "  interval: 15s",
            "  timeout: 10s",
            "  retries: 3",
            "  start_period: 30s",
        )
    word = next(part for part in reversed(command) if not part.startswith("-"))
    test = json.dumps(["CMD-SHELL", f"tr '\\0' ' ' < /proc/1/cmdline | grep -qF '{word}'"])
    return (
        "healthcheck:",
        "  # It has no page that could be asked: that it runs is all that is known of it.",
        f"  test: {test}",
        *("  interval: 10s", "  timeout: 5s", "  retries: 3", "  start_period: 30s"),
    )


def _python(code: Code) -> tuple[str, ...]:
    if at := code.find(_CELERY) or code.find(_CELERY_MADE):
        # A Django project one folder down is imported from there.
        below = next((path.rpartition("/")[0] for path in code.files if re.fullmatch(r"\w+/manage\.py", path)), "")
        inside = bool(below) and at[0].startswith(f"{below}/")
        module = _module(at[0].removeprefix(f"{below}/") if inside else at[0])
        where = ("--workdir", below) if inside else ()
        return ("celery", "-A", f"{module}:{at[1]['name']}", *where, "worker", "--loglevel=INFO")
    if at := code.find(_DRAMATIQ):
        return ("dramatiq", _module(at[0]))
    found = next((path for path in _PYTHON_FILES if path in code.files), "")
    if not found:
        return ()
    # In a package, imports of its neighbours need it run as a module.
    return ("python", "-m", _module(found)) if "/" in found else ("python", found)


def _node(code: Code) -> tuple[str, ...]:
    try:
        told = json.loads(code.text("package.json"))
        scripts: dict[str, str] = told.get("scripts") or {}
    except (ValueError, AttributeError):
        return ()
    if name := next((name for name in _SCRIPTS if name in scripts), ""):
        words = str(scripts[name]).split()
        # A plain `node file` is run without npm in between, which would keep signals to itself.
        if words[:1] == ["node"] and not _PLAIN.search(scripts[name]):
            return tuple(words)
        return ("npm", "run", "--silent", name)
    found = next((path for path in _NODE_FILES if path in code.files), "")
    return ("node", found) if found else ()


def _module(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
