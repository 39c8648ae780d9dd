"""Ports a process listens on, from its command line, its environment, its configuration and its code."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from bot.check.sources.folder import Folder
from bot.check.sources.port_words import Env, Ports, given_port, option, port_in
from bot.parse.shell import Command

CONFIGS: Final = ("vite.config.ts", "vite.config.js", "vite.config.mjs", "vite.config.mts", "vite.config.cjs")


UNKNOWN: Final = Ports(frozenset(), "what it runs is not known")
_INSTALLS: Final = ((), ("install",), ("ci",), ("i",))
_QUIET: Final = frozenset(
    [
        "cd",
        "mkdir",
        "chown",
        "chmod",
        "echo",
        "set",
        "export",
        "test",
        "[",
        "true",
        ":",
        "sleep",
        "cp",
        "rm",
        "ln",
        "touch",
        "cat",
        "exit",
        "wait",
        "trap",
        "umask",
        "source",
        ".",
        "printf",
        "until",
        "ls",
        "find",
        "sed",
        "grep",
        "id",
        "date",
        "migrate",
        "alembic",
        "flask-migrate",
        "prisma",
        "which",
        "command",
        "read",
        "local",
        "return",
        "shift",
    ]
)


def process_ports(processes: tuple[Command, ...], folder: Folder, env: Env) -> Ports:
    """Return the ports of all processes together; unsure where any of them is a stranger."""
    known: set[int] = set()
    unsure = "" if processes else UNKNOWN.unsure
    for command in processes:
        found = _one(command, folder, _with(env, command))
        if found is None:
            continue
        known |= found.known
        unsure = unsure or found.unsure
    if not known and not unsure:
        unsure = "no program that listens was recognised"
    return Ports(frozenset(known), unsure)


def _with(env: Env, command: Command) -> Env:
    if not command.assignments:
        return env
    given = dict(word.value.split("=", 1) for word in command.assignments if "=" in word.value)
    return {**env, **{name: None if "$" in value else value for name, value in given.items()}}


def _one(command: Command, folder: Folder, env: Env) -> Ports | None:
    """Return the ports of one process; None for a program that ends before the server starts."""
    program, words = command.program, command.arguments
    if re.fullmatch(r"python[\d.]*", program) and words:
        if words[0] == "-m" and len(words) > 1:
            program, words = words[1], words[2:]
        elif words[0].endswith("manage.py"):
            return _manage(words[1:], env)
        elif words[0].endswith(".py"):
            return _code(folder, env, "python")
        else:
            return Ports(frozenset(), "it runs Python code that is not in a file")
    if program == "manage.py":
        return _manage(words, env)
    if program in _QUIET or (program in {"npm", "yarn", "pnpm", "bun"} and words[:1] in _INSTALLS):
        return None
    handler = _PROGRAMS.get(program)
    if handler is not None:
        return handler(words, folder, env)
    if (command.words[0].value.startswith(("./", "/")) or program == "air") and folder.named("go.mod"):
        return _code(folder, env, "go")
    return Ports(frozenset(), f"{program} is not a program whose ports are known")


def _manage(words: tuple[str, ...], env: Env) -> Ports | None:
    if words[:1] not in {("runserver",), ("runserver_plus",)}:
        return None if words else UNKNOWN
    address = next((word for word in words[1:] if not word.startswith("-")), None)
    return given_port(address if address and re.search(r"\d|\$", address) else None, 8000, env)


def _code(folder: Folder, env: Env, language: str) -> Ports:
    from bot.check.sources.ports_code import code_ports

    ports, unsure = code_ports(folder, env, language)
    return Ports(frozenset(ports), unsure)


def _javascript(words: tuple[str, ...], folder: Folder, env: Env) -> Ports | None:
    script = next((word for word in words if not word.startswith("-")), "")
    if script.endswith(".output/server/index.mjs"):
        return given_port(None, 3000, env, "NITRO_PORT" if "NITRO_PORT" in env else "PORT")
    if script.startswith("ace") or "migrat" in script or "seed" in script:
        return None
    if (script.endswith("server.js") and "standalone" in script) or (
        script.endswith("server.js")
        and folder.named("next.config.js", "next.config.mjs", "next.config.ts")
        and not folder.named("server.js")
    ):
        return given_port(None, 3000, env, "PORT")
    return _code(folder, env, "javascript")


def _vite(words: tuple[str, ...], folder: Folder, env: Env) -> Ports | None:
    if words[:1] == ("build",):
        return None
    preview = words[:1] == ("preview",)
    given = option(words, "--port")
    if given is not None:
        return given_port(given, 0, env)
    if option(words, "--config", "-c"):
        return Ports(frozenset(), "its configuration file is named on the command line")
    text = next((text for name in CONFIGS if (text := folder.text(name))), "")
    block = re.search(rf"\b{'preview' if preview else 'server'}\s*:\s*\{{", text)
    if block:
        from bot.check.sources.code import block_end, without_comments
        from bot.check.sources.ports_code import expression_port

        clean = without_comments(text)
        inner = clean[block.end() : block_end(clean, block.end() - 1)]
        # `hmr: { port }` is another server's.
        inner = re.sub(r"\bhmr\s*:\s*\{[^}]*\}", "", inner)
        match = re.search(r"\bport\s*:\s*([^,\n}]+)", inner)
        if match:
            port = expression_port(match[1], clean, env)
            return Ports(frozenset({port})) if port else Ports(frozenset(), "its port is computed")
        if "..." in inner:
            return Ports(frozenset(), "its configuration is computed")
    elif "mergeConfig" in text or "preset" in text:
        return Ports(frozenset(), "its configuration is computed")
    return Ports(frozenset({4173 if preview else 5173}))


def _gunicorn(words: tuple[str, ...], folder: Folder, env: Env) -> Ports | None:
    binds = []
    for index, word in enumerate(words):
        if word in {"-b", "--bind"} and index + 1 < len(words):
            binds.append(words[index + 1])
        elif word.startswith("--bind="):
            binds.append(word[7:])
        elif word.startswith("-b") and len(word) > 2:
            binds.append(word[2:])
    if "GUNICORN_CMD_ARGS" in env:
        return Ports(frozenset(), "GUNICORN_CMD_ARGS may name its port")
    if not binds:
        configured = option(words, "-c", "--config") or next(iter(folder.named("gunicorn.conf.py")), None)
        if configured:
            name = configured.rsplit("/", 1)[-1]
            found = folder.named(name)
            match = (
                re.search(r"^\s*bind\s*=\s*[\"']([^\"'{}]*)[\"']", folder.text(found[0]) or "", re.MULTILINE)
                if found
                else None
            )
            if not match:
                return Ports(frozenset(), "its configuration names the port")
            binds = [match[1]]
    if not binds:
        return given_port(None, 8000, env, "PORT")
    if all(bind.startswith("unix:") for bind in binds):
        return Ports(frozenset(), "it listens on a socket file")
    ports = [port_in(bind, env) for bind in binds if not bind.startswith("unix:")]
    if any(port is None for port in ports):
        return Ports(frozenset(), "its port is a variable")
    return Ports(frozenset(port for port in ports if port))


def _next(words: tuple[str, ...], _folder: Folder, env: Env) -> Ports | None:
    if words[:1] not in {("dev",), ("start",)}:
        return None if words[:1] in {("build",), ("lint",), ("telemetry",)} else UNKNOWN
    return given_port(option(words, "-p", "--port"), 3000, env, "PORT")


def _php(words: tuple[str, ...], _folder: Folder, env: Env) -> Ports | None:
    address = option(words, "-S")
    if address is not None:
        return given_port(address, 0, env)
    if words[:1] in {("artisan",), ("/app/artisan",), ("/var/www/html/artisan",)} and len(words) > 1:
        if words[1] == "serve":
            return given_port(option(words, "--port"), 8000, env, "SERVER_PORT")
        if words[1] == "octane:start":
            return given_port(option(words, "--port"), 8000, env)
        return None
    return Ports(frozenset(), "it runs PHP code")


def _option_of(default: int, *names: str, variable: str = "") -> Callable[[tuple[str, ...], Folder, Env], Ports | None]:
    def read(words: tuple[str, ...], _folder: Folder, env: Env) -> Ports | None:
        return given_port(option(words, *names), default, env, variable)

    return read


def _sub(
    names: frozenset[str], default: int, *options: str, variable: str = ""
) -> Callable[[tuple[str, ...], Folder, Env], Ports | None]:
    """A program that listens only under some of its subcommands, and ends under the others."""

    def read(words: tuple[str, ...], _folder: Folder, env: Env) -> Ports | None:
        command = next((word for word in words if not word.startswith("-")), "")
        return given_port(option(words, *options), default, env, variable) if command in names else None

    return read


def _flask(words: tuple[str, ...], _folder: Folder, env: Env) -> Ports | None:
    if "run" not in words:
        return None
    return given_port(option(words, "-p", "--port"), 5000, env, "FLASK_RUN_PORT")


def _nothing_sure(words: tuple[str, ...], _folder: Folder, _env: Env) -> Ports | None:
    del words
    return Ports(frozenset(), "its configuration names the ports")


def _php_fpm(words: tuple[str, ...], folder: Folder, _env: Env) -> Ports | None:
    del words
    changed = any(re.search(r"^\s*listen\s*=", text, re.MULTILINE) for _, text in folder.sources(".conf"))
    return Ports(frozenset({9000}), "its configuration names the port" if changed else "")


def _server(default: int, *names: str) -> Callable[[tuple[str, ...], Folder, Env], Ports | None]:
    """A server whose configuration file may name the port as well."""

    def read(words: tuple[str, ...], _folder: Folder, env: Env) -> Ports | None:
        given = option(words, *names)
        if "--tls-port" in words or (
            given is None and any(re.search(r"\.conf\b|config|--include|\$", word) for word in words)
        ):
            return Ports(frozenset(), "its configuration may name the port")
        return given_port(given, default, env)

    return read


def _go(words: tuple[str, ...], folder: Folder, env: Env) -> Ports | None:
    return _code(folder, env, "go") if words[:1] == ("run",) else None


def _nest(words: tuple[str, ...], folder: Folder, env: Env) -> Ports | None:
    return _code(folder, env, "javascript") if words[:1] == ("start",) else None


_PROGRAMS: Final[dict[str, Callable[[tuple[str, ...], Folder, Env], Ports | None]]] = {
    "node": _javascript,
    "nodemon": _javascript,
    "tsx": _javascript,
    "ts-node": _javascript,
    "ts-node-dev": _javascript,
    "tsnd": _javascript,
    "bun": _javascript,
    "nest": _nest,
    "vite": _vite,
    "next": _next,
    "nuxt": _sub(frozenset({"dev", "start", "preview"}), 3000, "-p", "--port", variable="PORT"),
    "nuxi": _sub(frozenset({"dev", "start", "preview"}), 3000, "-p", "--port", variable="PORT"),
    "ng": _sub(frozenset({"serve", "s"}), 4200, "--port"),
    "react-scripts": _sub(frozenset({"start"}), 3000, variable="PORT"),
    "vue-cli-service": _sub(frozenset({"serve"}), 8080, "--port", variable="PORT"),
    "serve": _option_of(3000, "-l", "--listen", "-p", variable="PORT"),
    "http-server": _option_of(8080, "-p", "--port", variable="PORT"),
    "uvicorn": _option_of(8000, "--port", variable="UVICORN_PORT"),
    "gunicorn": _gunicorn,
    "hypercorn": _option_of(8000, "-b", "--bind"),
    "daphne": _option_of(8000, "-p", "--port"),
    "granian": _option_of(8000, "--port", variable="GRANIAN_PORT"),
    "fastapi": _sub(frozenset({"run", "dev"}), 8000, "--port", variable="PORT"),
    "flask": _flask,
    "http.server": _nothing_sure,
    "php": _php,
    "php-fpm": _php_fpm,
    "nginx": _nothing_sure,
    "go": _go,
    "redis-server": _server(6379, "--port"),
    "valkey-server": _server(6379, "--port"),
    "memcached": _server(11211, "-p", "--port"),
    "rails": _sub(frozenset({"server", "s"}), 3000, "-p", "--port", variable="PORT"),
}
