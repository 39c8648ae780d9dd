"""Applications that are there: read, fitted, and left as they are."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.blueprint.engine import BlueprintEngine
from bot.blueprint.fit.application import Application, Unclear
from bot.blueprint.fit.read import read_application
from bot.check.engine import Options, check_tree
from bot.model.brief import Brief
from bot.model.change import Work
from bot.model.issue import Issue
from tests.unit.blueprint.briefs import brief
from tests.unit.blueprint.fit.repositories import LOCK, REPOSITORIES, package

ISSUE = Issue(number=1, title="Infrastructure", body="")
POSTGRES = brief(database="postgresql", cache="redis", proxy="nginx")


def lay(root: Path, name: str) -> dict[str, bytes]:
    for path, text in REPOSITORIES[name].items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return {path: text.encode() for path, text in REPOSITORIES[name].items()}


def build(root: Path, asked: Brief = POSTGRES) -> Work:
    return asyncio.run(BlueprintEngine().build(asked, ISSUE, root))


def compose(root: Path) -> dict[str, Any]:
    return yaml.safe_load((root / "src/docker-compose.yml").read_text())["services"]


def read(root: Path, name: str) -> Application:
    lay(root, name)
    part = "frontend" if any("frontend" in path for path in REPOSITORIES[name]) else "backend"
    found = read_application(root / "src" / part, part)
    assert isinstance(found, Application), found
    return found


@pytest.mark.parametrize(
    ("name", "framework", "port", "health", "start"),
    [
        ("express", "express", 4000, "/healthz", "node server.js"),
        ("nest-pnpm", "nestjs", 3001, "/api/health", "node dist/main"),
        ("fastify-yarn-old-node", "fastify", 5050, "/status", "yarn run start"),
        ("prisma", "express", 3333, "/api/health", "node dist/index.js"),
        ("fastapi-uv", "fastapi", 8000, "/api/v1/health", "uvicorn app.main:app --host 0.0.0.0 --port 8000"),
        ("flask-factory", "flask", 8000, "/api/ping", "gunicorn shop:create_app() --bind 0.0.0.0:8000"),
        ("flask-plain", "flask", 8000, "/", "flask --app app:app run --host 0.0.0.0 --port 8000"),
        ("django-poetry", "django", 8000, "/health/", "gunicorn shop.wsgi --bind 0.0.0.0:8000"),
        ("go", "go", 9090, "/healthz", "/app/server"),
        ("gin", "go", 8080, "/ping", "/app/server"),
        ("vite-front", "react-vite", 3000, "/", ""),
        ("angular-front", "angular", 3000, "/", ""),
        ("next-front", "nextjs", 3000, "/", "npm run --silent start"),
        ("laravel", "laravel", 8000, "/up", "docker/serve.sh"),
        ("symfony", "symfony", 8000, "/status", "docker/serve.sh"),
        ("slim", "slim", 8000, "/health", "docker/serve.sh"),
        ("own-dockerfile", "express", 8088, "/up", "node index.js"),
    ],
)
def test_port_health_and_start_are_read(
    tmp_path: Path, name: str, framework: str, port: int, health: str, start: str
) -> None:
    found = read(tmp_path, name)
    assert (found.framework, found.port, found.health, " ".join(found.start)) == (framework, port, health, start)


@pytest.mark.parametrize("name", REPOSITORIES)
def test_what_is_there_is_not_touched_and_what_is_added_fits(tmp_path: Path, name: str) -> None:
    before = lay(tmp_path, name)
    work = build(tmp_path)
    assert {path: (tmp_path / path).read_bytes() for path in before} == before
    assert any(kept.path.startswith("src/") for kept in work.kept)
    assert work.ended == ""
    part = "frontend" if "frontend" in "".join(before) else "backend"
    service = compose(tmp_path)[part]
    assert service["build"]["context"] == f"./{part}"
    findings = check_tree(tmp_path, Options()).findings
    assert [f"{one.rule} {one.path}:{one.line} {one.message}" for one in findings if one.path != "legacy/go.mod"] == []


@pytest.mark.parametrize("name", REPOSITORIES)
def test_a_second_run_changes_nothing(tmp_path: Path, name: str) -> None:
    lay(tmp_path, name)
    build(tmp_path)
    first = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    again = build(tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == first
    assert all("other content" not in kept.why for kept in again.kept)


def test_addresses_come_under_the_names_that_the_code_reads(tmp_path: Path) -> None:
    lay(tmp_path, "express")
    build(tmp_path)
    backend = compose(tmp_path)["backend"]
    assert backend["environment"]["DATABASE_URL"] == (
        "postgresql://${POSTGRES_USER:-app}:${POSTGRES_PASSWORD:?see .env.example}@postgres:5432/${POSTGRES_DB:-app}"
    )
    assert backend["environment"]["PORT"] == "4000"
    assert backend["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    secret = next(line for line in (tmp_path / "src/.env.example").read_text().splitlines() if "JWT_SECRET=" in line)
    assert secret.startswith("JWT_SECRET=change-me-jwt-secret")
    assert len(secret.partition("=")[2]) >= 32, "applications refuse a short one"
    assert "proxy_pass $backend" in (tmp_path / "src/docker/nginx/default.conf").read_text()
    assert "http://backend:4000" in (tmp_path / "src/docker/nginx/default.conf").read_text()


def test_laravel_is_told_of_the_stack_in_its_own_words(tmp_path: Path) -> None:
    lay(tmp_path, "laravel")
    asked = brief(backend="laravel", database="postgresql", cache="redis", worker="laravel-queue", proxy="nginx")
    build(tmp_path, asked)
    services = compose(tmp_path)
    environment = services["backend"]["environment"]
    told = ("DB_CONNECTION", "DB_HOST", "DB_DATABASE", "CACHE_STORE", "QUEUE_CONNECTION", "REDIS_HOST")
    assert [environment[name] for name in told] == [
        "pgsql",
        "postgres",
        "${POSTGRES_DB:-app}",
        "redis",
        "redis",
        "redis",
    ]
    # Nobody is asked for what the framework reads and the project does not use.
    assert {"AWS_SECRET_ACCESS_KEY", "MAIL_PASSWORD", "REDIS_PASSWORD"} & environment.keys() == set()
    assert environment["STRIPE_SECRET"] == "${STRIPE_SECRET:?see .env.example}"
    assert services["migrate"]["command"] == ["php", "artisan", "migrate", "--force"]
    assert services["worker"]["command"][:3] == ["php", "artisan", "queue:work"]
    key = next(line for line in (tmp_path / "src/.env.example").read_text().splitlines() if line.startswith("APP_KEY="))
    assert len(key.removeprefix("APP_KEY=")) == 32  # a key as it stands, for whoever copies the example


def test_the_image_of_a_php_application_has_what_its_packages_ask_for(tmp_path: Path) -> None:
    lay(tmp_path, "laravel")
    build(tmp_path)
    dockerfile = (tmp_path / "src/backend/Dockerfile").read_text()
    assert "opcache gd intl pcntl pdo_mysql pdo_pgsql" in dockerfile
    assert "pecl install redis-" in dockerfile
    assert "icu-libs" in dockerfile.split("--virtual")[0]
    assert "npm run build" in dockerfile
    assert "storage/framework/views" in dockerfile
    assert "root public;" in (tmp_path / "src/backend/docker/nginx.conf").read_text()


def test_what_answers_requests_is_served_from_the_folder_it_is_in(tmp_path: Path) -> None:
    lay(tmp_path, "slim")
    (tmp_path / "src/backend/public").rename(tmp_path / "src/backend/web")
    build(tmp_path)
    assert "root web;" in (tmp_path / "src/backend/docker/nginx.conf").read_text()


def test_a_missing_composer_lock_is_said(tmp_path: Path) -> None:
    lay(tmp_path / "a", "slim")
    assert any("no lock file" in line for line in build(tmp_path / "a", brief()).confirm)
    lay(tmp_path / "b", "laravel")
    assert not any("lock file" in line for line in build(tmp_path / "b", brief()).confirm)


def test_a_php_version_that_is_asked_for_is_taken(tmp_path: Path) -> None:
    assert read(tmp_path / "a", "symfony").image == "php:8.3-fpm-alpine"
    assert read(tmp_path / "b", "laravel").image == ""


def read_files(root: Path, files: dict[str, str]) -> Application:
    folder = root / "src/backend"
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_text(text)
    found = read_application(folder, "backend")
    assert isinstance(found, Application), found
    return found


def test_the_port_of_a_cache_is_not_the_applications(tmp_path: Path) -> None:
    server = "const c = require('redis').createClient({ host: 'redis', port: 6379 });\napp.listen(5000);\n"
    files = {"package.json": package(scripts={"start": "node server.js"}, dependencies={"express": "5"})}
    assert read_files(tmp_path, {**files, "server.js": server}).port == 5000


NODE = {"package.json": package(scripts={"start": "node server.js"}, dependencies={"fastify": "5"})}


@pytest.mark.parametrize(
    ("code", "port"),
    [
        (
            "const env = z.object({ PORT: z.coerce.number().int().default(3100) });\napp.listen({ port: env.PORT });\n",
            3100,
        ),
        (
            "export default Joi.object({\n  REDIS_PORT: Joi.number().default(6379),\n  PORT: Joi.number().default(3200),\n});\n",
            3200,
        ),
        ("cleanEnv(process.env, { PORT: port({ default: 3300 }) });\n", 3300),
        ("await app.listen(config.get<number>('PORT', 3400));\n", 3400),
        ("await app.listen(config.get('PORT') ?? 3500);\n", 3500),
        ("const port = parseInt(process.env.PORT, 10);\napp.listen(port);\n", 3000),
        ("const port = parseInt(process.env.PORT || '3600', 10);\napp.listen(port);\n", 3600),
    ],
)
def test_the_port_is_read_however_the_environment_is(tmp_path: Path, code: str, port: int) -> None:
    assert read_files(tmp_path, {**NODE, "server.js": code}).port == port


@pytest.mark.parametrize(
    ("file", "health"),
    [
        ("src/app/api/health/route.ts", "/api/health"),
        ("app/(ops)/healthz/route.js", "/healthz"),
        ("pages/api/health.ts", "/api/health"),
        ("pages/api/health/index.ts", "/api/health"),
        ("app/api/health/[id]/route.ts", "/"),
        ("lib/client.ts", "/"),
    ],
)
def test_a_route_of_nextjs_is_a_file_and_not_what_its_pages_ask_for(tmp_path: Path, file: str, health: str) -> None:
    path = tmp_path / "src/backend" / file
    path.parent.mkdir(parents=True)
    path.write_text("export const status = () => axios.get('/health');\n")
    manifest = package(scripts={"start": "next start", "build": "next build"}, dependencies={"next": "^16"})
    (tmp_path / "src/backend/package.json").write_text(manifest)
    found = read_application(tmp_path / "src/backend", "backend")
    assert isinstance(found, Application)
    assert found.health == health


@pytest.mark.parametrize(
    ("listed", "has", "has_not"),
    [
        ("fastapi\npsycopg2==2.9.10\n", "gcc libpq-dev", ""),
        ("fastapi\npsycopg2-binary==2.9.10\n# psycopg2 would need a compiler\n", "", "apt-get"),
        ("fastapi\npsycopg[binary]\n", "", "apt-get"),
        ("fastapi\npsycopg\n", "libpq5", "purge"),
        ("fastapi\nmysqlclient\n", "libmariadb3 gcc pkg-config default-libmysqlclient-dev", ""),
    ],
)
def test_what_has_no_wheel_is_built_and_its_tools_go_again(tmp_path: Path, listed: str, has: str, has_not: str) -> None:
    read_files(tmp_path, {"requirements.txt": listed, "main.py": "app = FastAPI()\n"})
    build(tmp_path)
    dockerfile = (tmp_path / "src/backend/Dockerfile").read_text()
    assert has in dockerfile
    assert not has_not or has_not not in dockerfile
    assert ("apt-get purge --yes --auto-remove gcc" in dockerfile) is ("gcc" in has)
    assert check_tree(tmp_path, Options()).findings == ()


def test_django_may_stand_one_folder_below_its_packages(tmp_path: Path) -> None:
    (tmp_path / "src/backend/web/config").mkdir(parents=True)
    for path, text in {
        "requirements.txt": "django\ngunicorn\n",
        "web/manage.py": "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'config.settings')\n",
        "web/config/urls.py": "urlpatterns = [path('up/', views.up)]\n",
    }.items():
        (tmp_path / "src/backend" / path).write_text(text)
    found = read_application(tmp_path / "src/backend", "backend")
    assert isinstance(found, Application)
    assert " ".join(found.start) == "gunicorn --chdir web config.wsgi --bind 0.0.0.0:8000"
    assert " ".join(found.migrate) == "python web/manage.py migrate --noinput"
    assert found.health == "/up/"


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("STRIPE_SECRET", True),
        ("JWT_SECRET_KEY", True),
        ("GITHUB_TOKEN", True),
        ("SMTP_PASS", True),
        ("OPENAI_API_KEY", True),
        ("SECRET_KEY_BASE", True),
        ("LLM_MAX_TOKENS", False),
        ("ACCESS_TOKEN_EXPIRE_MINUTES", False),
        ("PASSWORD_MIN_LENGTH", False),
        ("KEYWORDS", False),
    ],
)
def test_a_secret_is_told_by_its_last_word(tmp_path: Path, name: str, *, asked: bool) -> None:
    code = f"function required(n) {{}}\nmodule.exports = requireEnv('{name}');\napp.listen(5000);\n"
    read_files(tmp_path, {**NODE, "server.js": code})
    build(tmp_path, brief())
    told = (tmp_path / "src/.env.example").read_text()
    assert (f"\n{name}=change-me" in told) is asked


@pytest.mark.parametrize(
    ("main", "health"),
    [
        ("app.include_router(well.router, prefix=_API)\n", "/api/v2/health"),
        ("app.include_router(well.router)\n", "/health"),
        ("for one in (well.router,):\n    app.include_router(one, prefix=_API)\n", ""),
        ("", ""),
    ],
)
def test_a_route_whose_place_is_not_known_is_no_page_to_ask(tmp_path: Path, main: str, health: str) -> None:
    files = {
        "requirements.txt": "fastapi\nuvicorn\n",
        "main.py": f"_API = '/api/v2'\napp = FastAPI()\n{main}",
        "well.py": "router = APIRouter()\n\n\n@router.get('/health')\ndef well(): ...\n",
    }
    assert read_files(tmp_path, files).health == health


def test_a_go_tag_names_the_port(tmp_path: Path) -> None:
    code = 'package main\n\ntype config struct {\n\tPort string `env:"PORT" envDefault:"9300"`\n}\n\nfunc main() {}\n'
    found = read_files(tmp_path, {"go.mod": "module x\n\ngo 1.24\n", "main.go": code})
    assert (found.port, found.reads["PORT"]) == (9300, "9300")


@pytest.mark.parametrize(
    ("last", "start"),
    [
        ("app = create_app()\n", "uvicorn main:app --host 0.0.0.0 --port 8000"),
        ("", "uvicorn main:create_app --host 0.0.0.0 --port 8000 --factory"),
    ],
)
def test_a_factory_of_fastapi_is_called_by_whom_it_is_meant_for(tmp_path: Path, last: str, start: str) -> None:
    code = f"def create_app() -> FastAPI:\n    log()\n\n    app = FastAPI(title='x')\n    return app\n\n\n{last}"
    found = read_files(tmp_path, {"requirements.txt": "fastapi\nuvicorn\n", "main.py": code})
    assert " ".join(found.start) == start


def test_settings_in_capitals_are_read_and_what_may_be_missing_is_not_demanded(tmp_path: Path) -> None:
    settings = (
        "class Settings(BaseSettings):\n    SECRET_KEY: str\n    DATABASE_URL: PostgresDsn\n"
        "    SMTP_PASSWORD: str | None = None\n    API_PREFIX: str = '/api'\n"
    )
    files = {"requirements.txt": "fastapi\nuvicorn\n", "main.py": f"{settings}\n\napp = FastAPI()\n"}
    assert {"SECRET_KEY", "DATABASE_URL", "SMTP_PASSWORD"} <= read_files(tmp_path, files).reads.keys()
    build(tmp_path, brief(database="postgresql"))
    environment = compose(tmp_path)["backend"]["environment"]
    assert environment["SECRET_KEY"] == "${SECRET_KEY:?see .env.example}"
    assert environment["DATABASE_URL"].startswith("postgresql://")
    assert {"SMTP_PASSWORD", "API_PREFIX"} & environment.keys() == set()


def test_a_route_is_found_through_the_routers_that_include_it(tmp_path: Path) -> None:
    files = {
        "requirements.txt": "fastapi\nuvicorn\n",
        "main.py": "app = FastAPI()\napp.include_router(api_router, prefix=settings.API_V1_STR)\n",
        "config.py": "class Settings(BaseSettings):\n    API_V1_STR: str = '/api/v1'\n",
        "api.py": "api_router = APIRouter()\napi_router.include_router(items.router)\napi_router.include_router(utils.router)\n",
        "items.py": "router = APIRouter(prefix='/items')\n\n\n@router.get('/')\ndef items(): ...\n",
        "utils.py": "router = APIRouter(prefix='/utils', tags=['utils'])\n\n\n@router.get('/health-check/')\ndef well(): ...\n",
    }
    assert read_files(tmp_path, files).health == "/api/v1/utils/health-check/"


def test_variables_that_share_a_line_are_all_seen(tmp_path: Path) -> None:
    found = read(tmp_path, "django-poetry")
    assert found.reads.keys() >= {"POSTGRES_DB", "POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_HOST", "POSTGRES_PORT"}
    assert (found.reads["POSTGRES_DB"], found.reads["POSTGRES_PORT"]) == ("shop", "5432")


def test_the_scheme_of_an_address_is_the_applications_own(tmp_path: Path) -> None:
    lay(tmp_path, "fastapi-uv")
    build(tmp_path)
    services = compose(tmp_path)
    environment = services["backend"]["environment"]
    assert environment["DATABASE_URL"].startswith("postgresql+asyncpg://${POSTGRES_USER:-app}:")
    assert (environment["REDIS_HOST"], environment["REDIS_PORT"]) == ("redis", "6379")
    assert services["migrate"]["command"] == ["alembic", "upgrade", "head"]
    assert services["backend"]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


def test_a_dockerfile_that_is_there_stays_and_gets_the_check_it_lacks(tmp_path: Path) -> None:
    lay(tmp_path, "own-dockerfile")
    work = build(tmp_path)
    backend = compose(tmp_path)["backend"]
    assert backend["build"] == {"context": "./backend"}
    assert "127.0.0.1:8088/up" in backend["healthcheck"]["test"][-1]
    assert any(kept.path == "legacy/go.mod" and "outside `src/`" in kept.why for kept in work.kept)
    assert any("no lock file" in line for line in work.confirm)


def test_each_package_manager_installs_by_its_lock_file(tmp_path: Path) -> None:
    commands = {}
    for name in ("express", "nest-pnpm", "fastify-yarn-old-node", "fastapi-uv", "django-poetry"):
        commands[name] = " && ".join(read(tmp_path / name, name).install)
    assert commands["express"] == "npm ci --no-audit --no-fund"
    assert "pnpm@9.15.0" in commands["nest-pnpm"]
    assert commands["nest-pnpm"].endswith("pnpm install --frozen-lockfile")
    assert commands["fastify-yarn-old-node"].endswith("yarn install --frozen-lockfile")
    assert "uv sync --frozen" in commands["fastapi-uv"]
    assert "poetry install --only main" in commands["django-poetry"]
    assert read(tmp_path / "again", "fastify-yarn-old-node").image == "node:20-alpine"


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({"package.json": "{"}, "not JSON"),
        ({"package.json": package(dependencies={"express": "5"}), "package-lock.json": LOCK}, "no `start` script"),
        ({"package.json": package(scripts={"start": "node x"}), "x.js": "", "package-lock.json": LOCK}, "port"),
        ({"package.json": package(scripts={"start": "bun x"}), "bun.lock": ""}, "Bun"),
        ({"requirements.txt": "tornado"}, "no Django, FastAPI or Flask"),
        ({"go.mod": "module x", "x.go": "package x"}, "no main package"),
        ({"composer.json": "{}"}, "no `index.php`"),
        ({"composer.json": "{"}, "not JSON"),
        ({"Gemfile": ""}, "Node, Python, Go and PHP"),
    ],
)
def test_what_is_not_clear_is_said_and_not_guessed(tmp_path: Path, files: dict[str, str], why: str) -> None:
    folder = tmp_path / "src/backend"
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_text(text)
    found = read_application(folder, "backend")
    assert isinstance(found, Unclear)
    assert why in found.why
    work = build(tmp_path)
    assert why in work.ended
    assert "backend" not in compose(tmp_path)
