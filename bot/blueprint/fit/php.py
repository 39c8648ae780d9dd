"""PHP applications: Laravel, Symfony, CodeIgniter, or any with a front controller; what their image needs."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from bot.blueprint.fit.application import Application, Unclear
from bot.blueprint.fit.code import Code

PORT: Final = 8000
# Required package to canonical name; the first that is there counts.
_FRAMEWORKS: Final = {
    "laravel/framework": "laravel",
    "symfony/framework-bundle": "symfony",
    "codeigniter4/framework": "codeigniter",
    "cakephp/cakephp": "cakephp",
    "slim/slim": "slim",
}
_ROOTS: Final = ("public", "web", "webroot", "www", "htdocs", "")
# What `docker-php-ext-install` builds: the packages that building needs, and those that stay.
_BUILT: Final[dict[str, tuple[str, str]]] = {
    "bcmath": ("", ""),
    "calendar": ("", ""),
    "exif": ("", ""),
    "gd": ("freetype-dev libjpeg-turbo-dev libpng-dev", "freetype libjpeg-turbo libpng"),
    "gmp": ("gmp-dev", "gmp"),
    "intl": ("icu-dev", "icu-libs"),
    "mysqli": ("", ""),
    "pcntl": ("", ""),
    "pdo_mysql": ("", ""),
    "pdo_pgsql": ("postgresql-dev", "libpq"),
    "soap": ("libxml2-dev", "libxml2"),
    "sockets": ("linux-headers", ""),
    "xsl": ("libxslt-dev", "libxslt"),
    "zip": ("libzip-dev", "libzip"),
}
# What pecl builds: its version there, and the packages as above.
_PECL: Final[dict[str, tuple[str, str, str]]] = {
    "imagick": ("3.8.0", "imagemagick-dev", "imagemagick"),
    "memcached": ("3.3.0", "libmemcached-dev zlib-dev", "libmemcached-libs"),
    "mongodb": ("2.1.0", "openssl-dev", ""),
    "redis": ("6.2.0", "", ""),
}
_INSTALL: Final = (
    "composer install --no-dev --no-scripts --no-autoloader --no-interaction --no-progress --prefer-dist "
    "--ignore-platform-req='ext-*'"
)
_LARAVEL_ROUTE: Final = re.compile(r"Route::(?:get|any|view)\(\s*[\"'](?P<path>[^\"'{]*)[\"']")
_LARAVEL_HEALTH: Final = re.compile(r"\bhealth:\s*[\"'](?P<path>/[^\"']*)[\"']")
_ATTRIBUTE: Final = re.compile(r"#\[Route\(\s*(?:path:\s*)?[\"'](?P<path>/[^\"'{]*)[\"']")
_SLIM: Final = re.compile(r"->get\(\s*[\"'](?P<path>/[^\"'{]*)[\"']")
_LARAVEL_READS: Final = re.compile(
    r"(?:DB|REDIS)_[A-Z]+|MEMCACHED_(?:HOST|PORT)|APP_KEY|CACHE_(?:STORE|DRIVER)|QUEUE_CONNECTION|LOG_CHANNEL"
)
_EMPTY: Final = frozenset({"", "null", "(null)"})


def read_php(code: Code) -> Application | Unclear:
    """Return the PHP application in the folder of `code`."""
    try:
        told: dict[str, Any] = json.loads(code.text("composer.json"))
    except ValueError as error:
        return Unclear(why=f"its `composer.json` is not JSON ({error})")
    required: dict[str, str] = told.get("require") or {}
    root = next((folder for folder in _ROOTS if code.has(f"{folder}/index.php".lstrip("/"))), None)
    if root is None:
        return Unclear(why="no `index.php` that answers requests was found in it")
    framework = next((name for package, name in _FRAMEWORKS.items() if package in required), "php")
    reads, configured = code.variables(*([".env"] if framework == "symfony" else []))
    if framework == "laravel":
        reads = _laravel_reads(reads, configured)
    extensions = _extensions(code, required, framework)
    scripts: dict[str, str] = _scripts(code)
    return Application(
        runtime="php",
        framework=framework,
        port=PORT,
        health=code.health(_routes(code, framework)),
        start=("docker/serve.sh",),
        install=(_INSTALL,),
        manifests=tuple(name for name in ("composer.json", "composer.lock") if code.has(name)),
        build=_assets(code, scripts),
        output=root,
        migrate=_migrate(code, framework, required),
        image=_image(required.get("php", "")),
        packages=_packages(extensions),
        writable=_writable(framework),
        reads=reads,
        configured=configured,
        seen=(
            f"`composer.json` names {framework}",
            f"nginx and PHP-FPM serve its `{root or '.'}/`",
            f"its image gets the extensions {', '.join(sorted(extensions))}",
        ),
    )


def _laravel_reads(reads: Mapping[str, str], configured: frozenset[str]) -> dict[str, str]:
    """Leave out what the framework's own configuration reads and nobody sets: mail, AWS, broadcasting."""
    return {
        name: "" if value in _EMPTY else value
        for name, value in reads.items()
        if _LARAVEL_READS.fullmatch(name) or (name in configured and value not in _EMPTY)
    }


def _routes(code: Code, framework: str) -> set[str]:
    found: set[str] = set()
    for path, text in code.files.items():
        if not path.endswith(".php"):
            continue
        if framework == "laravel":
            prefix = "/api" if path == "routes/api.php" and not _unprefixed(code) else ""
            found |= {f"{prefix}/{match['path'].lstrip('/')}" for match in _LARAVEL_ROUTE.finditer(text)}
            found |= {match["path"] for match in _LARAVEL_HEALTH.finditer(text) if path.startswith("bootstrap/")}
        else:
            found |= {match["path"] for pattern in (_ATTRIBUTE, _SLIM) for match in pattern.finditer(text)}
    return found


def _unprefixed(code: Code) -> bool:
    """Whether the application itself registers `routes/api.php` without the usual prefix."""
    return any(
        "routes/api.php" in text and "prefix(" not in text and path.startswith("app/Providers/")
        for path, text in code.files.items()
    ) or "apiPrefix: ''" in code.files.get("bootstrap/app.php", "")


def _extensions(code: Code, required: Mapping[str, str], framework: str) -> set[str]:
    listed = {name.removeprefix("ext-").lower() for name in required if name.startswith("ext-")}
    try:
        locked = json.loads(code.text("composer.lock") or "{}").get("packages") or []
    except ValueError:
        locked = []
    for package in locked:
        listed |= {name.removeprefix("ext-").lower() for name in package.get("require", {}) if name.startswith("ext-")}
    # Which database it is, its environment says when it runs.
    wanted = {"pdo_pgsql", "pdo_mysql", *(listed & (_BUILT.keys() | _PECL.keys()))}
    return wanted | ({"redis", "pcntl"} if framework == "laravel" else set())


def _packages(extensions: set[str]) -> Mapping[str, str]:
    """Return what the Dockerfile names: extensions built, those from pecl, packages to build with and to keep."""
    built = sorted(extensions & _BUILT.keys())
    pecl = sorted(extensions & _PECL.keys())
    needed = [_BUILT[name] for name in built] + [_PECL[name][1:] for name in pecl]
    return {
        "built": " ".join(["opcache", *built]),
        "pecl": " ".join(f"{name}-{_PECL[name][0]}" for name in pecl),
        "enabled": " ".join(pecl),
        "temporary": _words(one[0] for one in needed),
        "kept": _words(one[1] for one in needed),
    }


def _words(texts: Any) -> str:
    return " ".join(dict.fromkeys(word for text in texts for word in str(text).split()))


def _scripts(code: Code) -> dict[str, str]:
    try:
        return json.loads(code.text("package.json") or "{}").get("scripts") or {}
    except ValueError:
        return {}


def _assets(code: Code, scripts: Mapping[str, str]) -> tuple[str, ...]:
    """Return how its front-end files are built; () where it has none."""
    if "build" not in scripts:
        return ()
    return (
        "npm ci --no-audit --no-fund" if code.has("package-lock.json") else "npm install --no-audit --no-fund",
        "npm run build",
    )


def _migrate(code: Code, framework: str, required: Mapping[str, str]) -> tuple[str, ...]:
    if framework == "laravel" and any(path.startswith("database/migrations/") for path in code.files):
        return ("php", "artisan", "migrate", "--force")
    if "doctrine/doctrine-migrations-bundle" in required:
        return ("php", "bin/console", "doctrine:migrations:migrate", "--no-interaction", "--allow-no-migration")
    if framework == "codeigniter" and code.has("spark"):
        return ("php", "spark", "migrate", "--all")
    return ()


def _writable(framework: str) -> tuple[str, ...]:
    """Return the folders that it writes to, made in the image where they are not in the repository."""
    if framework == "laravel":
        own = ("storage/framework/cache/data", "storage/framework/sessions", "storage/framework/views", "storage/logs")
        return (*own, "bootstrap/cache")
    return {
        "symfony": ("var/cache", "var/log"),
        "codeigniter": ("writable/cache", "writable/logs", "writable/session"),
        "cakephp": ("tmp", "logs"),
    }.get(framework, ())


def _image(asked: str) -> str:
    """Return the image for a version that 8.4 is not, as `~8.2.0` or `8.1.*`."""
    found = re.match(r"\s*(?P<how>~|=?)\s*v?8\.(?P<minor>\d)(?P<rest>\.\d+|\.\*)?\s*$", asked)
    if found is None or found["minor"] == "4":
        return ""
    exact = (found["how"] == "~" and found["rest"]) or found["rest"] == ".*" or found["how"] == "="
    return f"php:8.{found['minor']}-fpm-alpine" if exact else ""
