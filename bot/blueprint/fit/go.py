"""Go applications: the main package, the port, the routes."""

from __future__ import annotations

import re
from typing import Final

from bot.blueprint.fit.application import Application, Unclear
from bot.blueprint.fit.code import Code

_MAIN: Final = re.compile(r"^package main\b(?:.|\n)*^func main\(\)", re.MULTILINE)
_PORT: Final = re.compile(r"(?:ListenAndServe|\.Run|\.Start|\.Listen|Addr:)\(?\s*\"[\w.]*:(?P<plain>\d{2,5})\"")
_GETENV: Final = re.compile(
    r"(?:Getenv|LookupEnv)\(\"(?P<name>(?:\w+_)?PORT)\"\)"
    r"|\benv:\"(?P<tag>(?:\w+_)?PORT)(?:,[^\"]*)?\"(?:\s+(?:envDefault|default):\"(?P<default>\d{2,5})\")?"
)
_FALLBACK: Final = re.compile(r"port\w*\s*:?=\s*\"(?::)?(?P<port>\d{2,5})\"", re.IGNORECASE)
_ROUTE: Final = re.compile(r"\.(?:HandleFunc|Handle|GET|Get|Any)\(\s*\"(?:GET )?(?P<path>/[^\"{:]*)\"")
_GROUPED: Final = re.compile(r"(?P<name>\w+)\s*:?=\s*\w+\.Group\(\s*\"(?P<path>/[^\"]*)\"")


def read_go(code: Code) -> Application | Unclear:
    """Return the Go application in the folder of `code`."""
    mains = [path for path, text in code.files.items() if path.endswith(".go") and _MAIN.search(text)]
    folders = sorted({path.rpartition("/")[0] for path in mains})
    if not folders:
        return Unclear(why="no main package was found in its Go code")
    usual = ("", "cmd/server", "cmd/api", "cmd/app", "cmd/web")
    chosen = next((folder for folder in usual if folder in folders), folders[0])
    if len(folders) > 1 and chosen not in usual:
        return Unclear(why=f"it has {len(folders)} main packages, and none is called server, api, app or web")
    everything = "\n".join(code.files.values())
    reads, configured = code.variables()
    variable = _GETENV.search(everything)
    fallback = _FALLBACK.search(everything)
    plain = _PORT.search(everything)
    port = 8080 if variable else 0
    if variable and variable["default"]:
        port = int(variable["default"])
    elif variable and fallback:
        port = int(fallback["port"])
    elif plain and not variable:
        port = int(plain["plain"])
    elif not variable and "gin.Default()" in everything:
        port = 8080
    if not port:
        return Unclear(why="the port that it listens on could not be read from its code")
    grouped = {match["name"] for match in _GROUPED.finditer(everything)}
    routes = {
        match["path"]
        for match in _ROUTE.finditer(everything)
        if everything[: match.start()].rpartition("\n")[2].strip().split(".")[0] not in grouped
    }
    found = re.search(r"^go (?P<version>1\.\d+)", code.text("go.mod"), re.MULTILINE)
    version = found["version"] if found else "1.24"
    return Application(
        runtime="go",
        framework="go",
        port=port,
        health=code.health(routes),
        start=("/app/server",),
        install=("go mod download",),
        manifests=tuple(name for name in ("go.mod", "go.sum") if code.has(name)),
        build=(f"go build -trimpath -o /app/server ./{chosen}".rstrip("/"),),
        image=f"golang:{version}-alpine" if int(version.partition(".")[2]) > 24 else "",
        reads={**reads, **({variable["name"] or variable["tag"]: str(port)} if variable else {})},
        configured=configured,
        seen=(f"its main package is `{chosen or '.'}`", f"it listens on {port}"),
    )
