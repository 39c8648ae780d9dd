"""Python applications: Django, FastAPI, Flask; how they are installed, started and asked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from bot.blueprint.fit.application import Application, Unclear
from bot.blueprint.fit.code import Code
from bot.blueprint.fit.wheels import system_packages

PORT: Final = 8000
_FASTAPI: Final = re.compile(r"^(?P<name>\w+)(?:\s*:\s*FastAPI)?\s*=\s*FastAPI\(", re.MULTILINE)
_MADE: Final = re.compile(
    r"^(?P<name>\w+)(?:\s*:\s*FastAPI)?\s*=\s*(?:\w+_app|app_factory|create_application)\(", re.MULTILINE
)
_FASTAPI_FACTORY: Final = re.compile(
    r"^def (?P<name>(?:create|make|get|build)_app(?:lication)?)\([^)]*\)[^\n]*:\n"
    r"(?:[ \t][^\n]*\n|\n)*?[ \t]+\w[^\n=]*=\s*FastAPI\(",
    re.MULTILINE,
)
_FLASK: Final = re.compile(r"^(?P<name>\w+)(?:\s*:\s*Flask)?\s*=\s*Flask\(", re.MULTILINE)
_FACTORY: Final = re.compile(r"^def (?P<name>create_app|make_app)\(", re.MULTILINE)
_ROUTE: Final = re.compile(
    r"^\s*@(?P<on>\w+)\.(?:get|route|api_route)\(\s*[\"'](?P<path>/[^\"'<{]*)[\"']", re.MULTILINE
)
_ROUTER: Final = re.compile(
    r"^(?P<name>\w+)\s*=\s*(?:APIRouter|Blueprint)\((?:[^()]|\([^()]*\))*?(?:url_)?prefix\s*=\s*[\"'](?P<path>[^\"']*)[\"']",
    re.MULTILINE,
)
_INCLUDED: Final = re.compile(
    r"(?P<on>\w+)\.(?:include_router|register_blueprint)\(\s*(?P<what>[\w.]+)(?P<rest>(?:[^()]|\([^()]*\))*)\)"
)
_PREFIX: Final = re.compile(
    r"(?:url_)?prefix\s*=\s*(?:[\"'](?P<path>[^\"']*)[\"']|(?:\w+\.)*(?P<setting>_?[A-Z][A-Z0-9_]+)\b)"
)
_CONSTANT: Final = re.compile(r"^(?P<name>_?[A-Z][A-Z0-9_]*)[^=\n]*=\s*[\"'](?P<path>/[^\"'\n]*)[\"']", re.MULTILINE)
_ANY_ROUTER: Final = re.compile(r"^(?P<name>\w+)[^=\n]*=\s*(?:\w+\.)?(?:APIRouter|Blueprint)\(", re.MULTILINE)
_DEEP: Final = 6
_DJANGO_ROUTE: Final = re.compile(r"\bpath\(\s*[\"'](?P<path>[^\"'<]*)[\"']\s*,\s*(?!include)")
_SETTINGS_MODULE: Final = re.compile(r"DJANGO_SETTINGS_MODULE[\"']\s*,\s*[\"'](?P<module>\w+)\.")


def read_python(code: Code) -> Application | Unclear:
    """Return the Python application in the folder of `code`."""
    listed = "\n".join(
        code.text(name).lower() for name in ("requirements.txt", "pyproject.toml", "Pipfile", "requirements/base.txt")
    )
    installed = _install(code)
    if isinstance(installed, Unclear):
        return installed
    install, manifests = installed
    gunicorn = bool(re.search(r"\bgunicorn\b", listed))
    reads, configured = code.variables()
    common: dict[str, Any] = {
        "runtime": "python",
        "install": install,
        "manifests": manifests,
        "image": _image(code),
        "packages": system_packages(listed),
        "configured": configured,
    }
    start: tuple[str, ...]
    if manage := _manage(code):
        found = _SETTINGS_MODULE.search(code.text(manage))
        if found is None:
            return Unclear(why=f"its `{manage}` names no settings module")
        below = manage.rpartition("/")[0]
        start = (
            ("gunicorn", *(("--chdir", below) if below else ()), f"{found['module']}.wsgi", "--bind", f"0.0.0.0:{PORT}")
            if gunicorn
            else ("python", manage, "runserver", f"0.0.0.0:{PORT}")
        )
        return _application(code, "django", start, reads, common, migrate=("python", manage, "migrate", "--noinput"))
    migrate = ("alembic", "upgrade", "head") if code.has("alembic.ini") else ()
    for framework, pattern in (("fastapi", _FASTAPI), ("flask", _FLASK)):
        if at := code.find(pattern):
            module = at[0].removesuffix(".py").removesuffix("/__init__").replace("/", ".")
            start = _serve(framework, module, at[1]["name"], gunicorn=gunicorn)
            return _application(code, framework, start, reads, common, migrate=migrate)
    if at := code.find(_FASTAPI_FACTORY):
        module = at[0].removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        made = _MADE.search(code.files[at[0]])
        start = _serve("fastapi", module, made["name"] if made else at[1]["name"], gunicorn=False)
        return _application(code, "fastapi", start if made else (*start, "--factory"), reads, common, migrate=migrate)
    if "flask" in listed and (at := code.find(_FACTORY)):
        module = at[0].removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        start = _serve("flask", module, f"{at[1]['name']}()", gunicorn=gunicorn)
        return _application(code, "flask", start, reads, common, migrate=migrate)
    return Unclear(why="no Django, FastAPI or Flask application was recognised in its Python code")


def _manage(code: Code) -> str:
    """Return the path of Django's `manage.py`: at the top, or one folder below; "" for none."""
    found = [path for path in code.files if path.rpartition("/")[2] == "manage.py" and path.count("/") <= 1]
    return min(found, key=lambda path: (path.count("/"), path), default="")


def _application(
    code: Code,
    framework: str,
    start: tuple[str, ...],
    reads: Mapping[str, str],
    common: dict[str, Any],
    *,
    migrate: tuple[str, ...],
) -> Application:
    return Application(
        framework=framework,
        port=PORT,
        health=code.health(_django_routes(code) if framework == "django" else _routes(code)),
        start=start,
        migrate=migrate,
        reads=reads,
        seen=(f"its code is started with `{' '.join(start)}`",),
        **common,
    )


def _serve(framework: str, module: str, name: str, *, gunicorn: bool) -> tuple[str, ...]:
    if framework == "fastapi":
        return ("uvicorn", f"{module}:{name}", "--host", "0.0.0.0", "--port", str(PORT))  # noqa: S104 - in its container
    if gunicorn:
        return ("gunicorn", f"{module}:{name}", "--bind", f"0.0.0.0:{PORT}")
    return ("flask", "--app", f"{module}:{name}", "run", "--host", "0.0.0.0", "--port", str(PORT))  # noqa: S104 - as above


def _install(code: Code) -> tuple[tuple[str, ...], tuple[str, ...]] | Unclear:
    if code.has("uv.lock"):
        return ("pip install --no-cache-dir uv", "uv sync --frozen --no-dev --no-install-project"), (
            "pyproject.toml",
            "uv.lock",
        )
    if code.has("poetry.lock"):
        commands = (
            "pip install --no-cache-dir poetry",
            "poetry config virtualenvs.create false && poetry install --only main --no-root --no-interaction",
        )
        return commands, ("pyproject.toml", "poetry.lock")
    if code.has("Pipfile.lock"):
        return ("pip install --no-cache-dir pipenv", "pipenv install --system --deploy"), ("Pipfile", "Pipfile.lock")
    if text := code.text("requirements.txt"):
        # A file that names another or a local package needs the whole folder.
        own = re.search(r"^(?:-[rce]\b|\.|--requirement)", text, re.MULTILINE)
        return ("pip install --no-cache-dir -r requirements.txt",), () if own else ("requirements.txt",)
    if code.has("pyproject.toml"):
        return ("pip install --no-cache-dir .",), ()
    return Unclear(why="nothing says what it needs installed")


def _image(code: Code) -> str:
    asked = code.text(".python-version").strip()
    if not asked:
        found = re.search(
            r"^(?:requires-python|python)\s*=\s*[\"'](?P<spec>[^\"']+)", code.text("pyproject.toml"), re.MULTILINE
        )
        asked = found["spec"] if found else ""
    version = re.match(r"(?P<how>[\^~=><]*)\s*3\.(?P<minor>\d+)", asked)
    if version is None:
        return ""
    minor = int(version["minor"])
    return f"python:3.{minor}-slim" if minor > 12 or (version["how"] in {"", "==", "~="} and minor != 12) else ""


def _routes(code: Code) -> set[str]:
    constants = {one["name"]: one["path"] for text in code.files.values() for one in _CONSTANT.finditer(text)}
    known = constants | {name: value for name, value in code.variables()[0].items() if value}
    included: dict[str, tuple[str, str]] = {}  # what is included, in what, and below which path
    for text in code.files.values():
        for match in _INCLUDED.finditer(text):
            told = _PREFIX.search(match["rest"])
            path = (told["path"] or known.get(told["setting"] or "", "")) if told else ""
            included[match["what"]] = (match["on"], path)
    found = set()
    for path, text in code.files.items():
        stem = path.rpartition("/")[2].removesuffix(".py")
        routers = {match["name"]: match["path"] for match in _ROUTER.finditer(text)}
        every = {match["name"] for match in _ANY_ROUTER.finditer(text)}
        for match in _ROUTE.finditer(text):
            on = match["on"]
            # `include_router(health.router, ...)`, or `include_router(health_router, ...)`
            names = [f"{stem}.{on}", f"{stem}_{on}", on]
            if on in {"router", "bp", "blueprint"} and len(included) > 1:
                names.pop()  # whose `router` it is, its name alone does not say
            name = next((name for name in names if name in included), "")
            if not name and on in every:
                continue  # who includes it, and below which path, could not be read
            outer = _below(name, included)
            found.add(f"{outer}{routers.get(on, '')}{match['path']}")
    return found


def _below(name: str, included: Mapping[str, tuple[str, str]]) -> str:
    """Return the path below which the router `name` stands, through what includes it in turn."""
    path = ""
    for _ in range(_DEEP):
        if name not in included:
            break
        name, own = included[name]
        path = own + path
    return path


def _django_routes(code: Code) -> set[str]:
    # Those of the project itself; where an application's own list is included is not followed.
    text = next((code.files[path] for path in sorted(code.files, key=len) if path.endswith("urls.py")), "")
    manage = _manage(code)
    module = _SETTINGS_MODULE.search(code.text(manage)) if manage else None
    if module:
        below = manage.removesuffix("manage.py")
        text = code.files.get(f"{below}{module['module']}/urls.py", text)
    return {f"/{match['path']}" for match in _DJANGO_ROUTE.finditer(text) if "admin" not in match["path"]}
