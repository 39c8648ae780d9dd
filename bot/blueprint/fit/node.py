"""Node applications: package manager, scripts, port, routes; and front ends that are built and then served as files."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from bot.blueprint.fit.application import Application, Unclear
from bot.blueprint.fit.code import Code

# Dependency to canonical name; the first that is there counts.
_FRAMEWORKS: Final = {
    "@nestjs/core": "nestjs",
    "next": "nextjs",
    "nuxt": "nuxt",
    "express": "express",
    "fastify": "fastify",
    "koa": "koa",
    "hono": "hono",
    "@hapi/hapi": "hapi",
}
_BUILT: Final = {
    "@angular/core": "angular",
    "react": "react-vite",
    "vue": "vue-vite",
    "svelte": "svelte",
    "vite": "vite",
}
_PORT: Final = re.compile(
    r"process\.env\.(?P<name>\w*PORT)\s*\)?\s*(?:\|\||\?\?)\s*[\"'`]?(?P<default>\d{2,5})"
    # A schema of the environment (zod, Joi, envalid), or Nest's ConfigService.
    r"|\b(?P<schema>\w*PORT)\s*:\s*[^,;]{0,120}?\bdefault(?:\(|:)\s*[\"']?(?P<told>\d{2,5})"
    r"|\bget(?:OrThrow)?(?:<\w+>)?\(\s*[\"'](?P<asked>\w*PORT)[\"']"
    r"(?:\s*,\s*|(?:\s*,\s*\{[^}]*\})?\s*\)\s*(?:\|\||\?\?)\s*)(?P<given>\d{2,5})"
    r"|process\.env\.(?P<bare>\w*PORT)\b|\blisten\(\s*\{?\s*(?:port:\s*)?(?P<plain>\d{2,5})|\bport\s*[:=]\s*(?P<named>\d{2,5})",
    re.IGNORECASE,
)
_ROUTE: Final = re.compile(r"\.\s*(?:get|all)\(\s*[\"'`](?P<path>/[^\"'`]*)[\"'`]")
_MOUNT: Final = re.compile(r"\.use\(\s*[\"'`](?P<path>/[^\"'`]+)[\"'`]\s*,\s*(?P<router>\w+)")
_CONTROLLER: Final = re.compile(r"@Controller\(\s*(?:[\"'`](?P<path>[^\"'`]*)[\"'`])?\s*\)")
_HANDLER: Final = re.compile(r"@Get\(\s*(?:[\"'`](?P<path>[^\"'`]*)[\"'`])?\s*\)")
_PREFIX: Final = re.compile(r"setGlobalPrefix\(\s*[\"'`](?P<path>[^\"'`]+)[\"'`]")
_HANDLED: Final = re.compile(
    r"(?:src/)?(?:app/(?P<app>.+)/route|pages/(?P<pages>api/.+?)|server/routes/(?P<routes>.+?)(?:\.get)?"
    r"|server/(?P<api>api/.+?)(?:\.get)?)\.[jt]s$"
)
_OUT_DIR: Final = re.compile(r"outDir:\s*[\"'`](?P<path>[\w./-]+)[\"'`]")
_MIGRATIONS: Final = ("migrate:deploy", "db:migrate", "migrate", "migration:run", "migrate:latest", "migrations:run")
_DEFAULT_PORT: Final = 3000
# Where others listen: a `port:` with one of these is the address of a database, a cache or a queue.
_OF_OTHERS: Final = frozenset({25, 465, 587, 1025, 1433, 3306, 5432, 5672, 6379, 9092, 9200, 11211, 27017, 33060})


def read_node(code: Code, part: str) -> Application | Unclear:
    """Return the Node application in the folder of `code`."""
    try:
        package: dict[str, Any] = json.loads(code.text("package.json"))
    except ValueError as error:
        return Unclear(why=f"its `package.json` is not JSON ({error})")
    needed = {**package.get("devDependencies", {}), **package.get("dependencies", {})}
    scripts: dict[str, str] = package.get("scripts") or {}
    installed = _install(code, package)
    if isinstance(installed, Unclear):
        return installed
    install, manifests, run = installed
    built = (f"{run} build",) if "build" in scripts else ()
    whole = "postinstall" in scripts or "prepare" in scripts or "prisma" in needed
    common: dict[str, Any] = {
        "install": install,
        "manifests": () if whole else manifests,
        "build": (("npx prisma generate",) if "@prisma/client" in needed else ()) + built,
        "image": _image(code, package),
    }
    framework = next((name for key, name in _FRAMEWORKS.items() if key in needed), "")
    front = next((name for key, name in _BUILT.items() if key in needed), "")
    if not framework and front and (part == "frontend" or "start" not in scripts):
        if not built:
            return Unclear(why="its `package.json` has no `build` script")
        return Application(
            runtime="static",
            framework=front,
            port=_DEFAULT_PORT,
            health="/",
            output=_output(code, front, needed),
            seen=(f"`{built[0]}` builds it into `{_output(code, front, needed)}`",),
            **common,
        )
    return _server(code, package, framework or "node", run, needed, common)


def _server(
    code: Code, package: Mapping[str, Any], framework: str, run: str, needed: Mapping[str, str], common: dict[str, Any]
) -> Application | Unclear:
    scripts: dict[str, str] = package.get("scripts") or {}
    start = _start(code, package, scripts, run)
    if framework == "nuxt":
        start = ("node", ".output/server/index.mjs")
    if not start:
        return Unclear(why="its `package.json` has no `start` script and names no main file that is there")
    reads, configured = code.variables()
    port, variable = _port(code, framework, reads)
    if not port:
        return Unclear(why="the port that it listens on could not be read from its code")
    migrate: tuple[str, ...] = ()
    if "prisma" in needed and (code.folder / "prisma/migrations").is_dir():
        migrate = ("npx", "prisma", "migrate", "deploy")
    elif name := next((name for name in _MIGRATIONS if name in scripts), ""):
        migrate = (*run.split(), name)
    # What a front end asks for is no route of its own: its files are.
    health = code.health(_handlers(code)) or "/" if framework in {"nextjs", "nuxt"} else code.health(_routes(code))
    return Application(
        runtime="node",
        framework=framework,
        port=port,
        health=health,
        start=start,
        migrate=migrate,
        reads={**reads, **({variable: str(port)} if variable else {})},
        configured=configured,
        seen=(f"`package.json` starts it with `{' '.join(start)}`", f"it listens on {port}"),
        **common,
    )


def _install(code: Code, package: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...], str] | Unclear:
    """Return the commands that install, the files they read, and what runs a script."""
    extra = tuple(name for name in (".npmrc", ".yarnrc.yml", "pnpm-workspace.yaml") if code.has(name))
    wanted = re.match(r"(?P<name>\w+)@(?P<version>[\d.]+)", str(package.get("packageManager", "")))
    if lock := code.text("pnpm-lock.yaml"):
        found = re.search(r"^lockfileVersion: '?(\d+)", lock)
        usual = "8" if found and int(found[1]) < 9 else "9"
        version = wanted["version"] if wanted and wanted["name"] == "pnpm" else usual
        commands = (f"npm install --global pnpm@{version}", "pnpm install --frozen-lockfile")
        return commands, ("package.json", "pnpm-lock.yaml", *extra), "pnpm run"
    if lock := code.text("yarn.lock"):
        files = ("package.json", "yarn.lock", *extra)
        if "__metadata:" in lock:
            return Unclear(why="it is installed by Yarn 2 or later, which this engine does not set up yet")
        return ("npm install --global --force yarn@1.22.22", "yarn install --frozen-lockfile"), files, "yarn run"
    if code.has("package-lock.json") or code.has("npm-shrinkwrap.json"):
        name = "package-lock.json" if code.has("package-lock.json") else "npm-shrinkwrap.json"
        return ("npm ci --no-audit --no-fund",), ("package.json", name, *extra), "npm run --silent"
    if code.has("bun.lockb") or code.has("bun.lock"):
        return Unclear(why="it is installed by Bun, for which this engine has no image")
    return ("npm install --no-audit --no-fund",), ("package.json", *extra), "npm run --silent"


def _image(code: Code, package: Mapping[str, Any]) -> str:
    """Return the image of the one major version of Node that is asked for; "" where the usual one will do."""
    asked = str((package.get("engines") or {}).get("node", "")) or code.text(".nvmrc").strip()
    found = re.fullmatch(r"[\^~v=]*(?P<major>\d+)(?:\.[\dx*]+)*", asked.strip())
    return f"node:{found['major']}-alpine" if found and int(found["major"]) >= 18 else ""


def _start(code: Code, package: Mapping[str, Any], scripts: Mapping[str, str], run: str) -> tuple[str, ...]:
    name = next((name for name in ("start:prod", "start") if name in scripts), "")
    if name:
        words = scripts[name].split()
        # A plain `node file` is run without npm in between, which would keep signals to itself.
        if words[:1] == ["node"] and not re.search(r"[&|;$<>]", scripts[name]):
            return tuple(words)
        return (*run.split(), name)
    main = str(package.get("main", ""))
    for file in (main, "server.js", "src/server.js", "index.js", "src/index.js", "app.js"):
        if file and code.has(file):
            return ("node", file)
    return ()


def _port(code: Code, framework: str, reads: Mapping[str, str]) -> tuple[int, str]:
    """Return the port, and the variable that decides it."""
    if framework in {"nextjs", "nuxt"}:
        return _DEFAULT_PORT, "PORT"
    bare, named = "", 0
    for path in sorted(code.files, key=lambda path: (path.count("/"), path)):
        for match in _PORT.finditer(code.files[path]):
            name = match["name"] or match["schema"] or match["asked"] or match["bare"] or ""
            if name and name not in {"PORT", "APP_PORT", "HTTP_PORT", "SERVER_PORT", "API_PORT"}:
                continue
            if default := match["default"] or match["told"] or match["given"]:
                return int(default), name
            if match["bare"]:
                bare = name
            elif match["plain"]:
                return int(match["plain"]), ""
            elif match["named"] and not named and int(match["named"]) not in _OF_OTHERS:
                named = int(match["named"])
    if bare:
        told = reads.get(bare, "")
        return (int(told) if told.isdigit() else _DEFAULT_PORT), bare
    return named, ""


def _handlers(code: Code) -> set[str]:
    """Return the routes of Next.js and Nuxt that are no pages: files below `app/`, `pages/api/` and `server/`."""
    found = set()
    for path in code.files:
        if (match := _HANDLED.match(path)) and "[" not in path:
            route = match["app"] or match["pages"] or match["routes"] or match["api"]
            parts = [part for part in route.split("/") if not part.startswith("(")]
            found.add("/" + "/".join(parts).removesuffix("/index"))
    return found


def _routes(code: Code) -> set[str]:
    prefix = next((match["path"].strip("/") for text in code.files.values() if (match := _PREFIX.search(text))), "")
    mounts = {match["router"]: match["path"] for text in code.files.values() for match in _MOUNT.finditer(text)}
    found = set()
    for path, text in code.files.items():
        controllers = list(_CONTROLLER.finditer(text))
        for number, controller in enumerate(controllers):
            end = controllers[number + 1].start() if number + 1 < len(controllers) else len(text)
            for handler in _HANDLER.finditer(text, controller.end(), end):
                parts = (prefix, controller["path"] or "", handler["path"] or "")
                found.add("/" + "/".join(part.strip("/") for part in parts if part.strip("/")))
        stem = path.rpartition("/")[2].partition(".")[0].lower()
        below = next((place for router, place in mounts.items() if stem in {router.lower(), _bare(router)}), "")
        for match in _ROUTE.finditer(text):
            if re.search(r"[:*]", match["path"]):
                continue
            own = bool(re.search(r"\b(?:express|fastify|Fastify|Hono|Koa)\(", text))
            found.add(match["path"] if own else f"{below}{match['path']}".rstrip("/") or "/")
    return found


def _bare(router: str) -> str:
    return re.sub(r"(?:router|routes?)$", "", router.lower())


def _output(code: Code, framework: str, needed: Mapping[str, str]) -> str:
    if framework == "angular":
        try:
            projects = json.loads(code.text("angular.json"))["projects"]
            name, project = next(iter(projects.items()))
            options = project["architect"]["build"]
            output = options["options"].get("outputPath", f"dist/{name}")
            base, below = (
                (output["base"], output.get("browser", "browser")) if isinstance(output, dict) else (output, "browser")
            )
            return f"{base}/{below}".rstrip("/") if ":application" in options["builder"] else str(base)
        except (ValueError, KeyError, StopIteration):
            return "dist"
    if "react-scripts" in needed:
        return "build"
    for name in ("vite.config.ts", "vite.config.js", "vite.config.mts", "vite.config.mjs"):
        if match := _OUT_DIR.search(code.text(name)):
            return match["path"].removeprefix("./")
    return "dist"
