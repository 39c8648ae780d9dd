"""HC08, HC09, HC10 and TR01: what a check asks, where, and with which program."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from bot.check.rules import healthcheck_endpoint, healthcheck_port, healthcheck_tool_missing, traefik_port_mismatch
from bot.model.finding import Finding

Check = Callable[..., list[Finding]]

ENDPOINT, PORT, TOOL = healthcheck_endpoint.RULE, healthcheck_port.RULE, healthcheck_tool_missing.RULE


def stack(service: str, test: str) -> str:
    return f"services:\n  app:\n    {service}\n    healthcheck:\n      test: {test}\n"


def express(test: str, code: str = "", extra: str = "") -> dict[str, str]:
    main = (
        "const app = require('express')();\napp.get('/', h);\n"
        + (code or "app.get('/status', h);\n")
        + "app.listen(3000);\n"
    )
    return {
        "src/docker-compose.yml": stack("build: ./api" + extra, test),
        "src/api/Dockerfile": 'FROM node:22-alpine\nWORKDIR /app\nCOPY . .\nCMD ["node", "server.js"]\n',
        "src/api/package.json": json.dumps(
            {"dependencies": {"express": "^4"}, "scripts": {"dev": "nodemon server.js"}}
        ),
        "src/api/server.js": main,
    }


VITE = {
    "src/web/Dockerfile": 'FROM node:22-alpine\nWORKDIR /app\nCOPY . .\nCMD ["npm", "run", "dev"]\n',
    "src/web/package.json": json.dumps(
        {"scripts": {"dev": "vite --host --port 3000"}, "devDependencies": {"vite": "^6"}}
    ),
    "src/web/index.html": "",
}


@pytest.mark.parametrize(
    "test",
    [
        '["CMD", "wget", "-qO-", "http://127.0.0.1:3000/health"]',
        '["CMD-SHELL", "wget -q --spider http://127.0.0.1:3000/health || exit 1"]',
        "curl -f http://127.0.0.1:3000/healthz?full=1",
        '["CMD", "node", "-e", "fetch(\'http://127.0.0.1:3000/health\').then(r => process.exit(r.ok ? 0 : 1))"]',
        "nc -z 127.0.0.1 3000 && wget -qO- 127.0.0.1:3000/health",
    ],
)
def test_express_without_that_route(findings: Check, test: str) -> None:
    (found,) = findings(ENDPOINT, express(test))
    assert "/health" in found.message
    assert "`/status`" in found.message
    assert found.fix is None


@pytest.mark.parametrize(
    ("test", "code"),
    [
        ('["CMD", "wget", "-qO-", "http://127.0.0.1:3000/health"]', "app.get('/health', h);"),
        ('["CMD", "wget", "-qO-", "http://127.0.0.1:3000/"]', ""),
        ('["CMD", "wget", "-qO-", "http://127.0.0.1:3000/health"]', "require('./probes')(app, '/health');"),
        ('["CMD", "wget", "-qO-", "http://example.org/health"]', ""),
        ('["CMD", "wget", "-qO-", "http://127.0.0.1:9100/metrics"]', ""),
        ('["CMD-SHELL", "wget -qO- http://127.0.0.1:3000/health || wget -qO- http://127.0.0.1:3000/"]', ""),
        ('["CMD", "node", "healthcheck.js"]', ""),
        ('["CMD", "wget", "-qO-", "http://127.0.0.1:3000$$HEALTH_PATH"]', ""),
        ('["CMD", "pgrep", "node"]', ""),
    ],
)
def test_express_with_that_route_or_not_to_tell(findings: Check, test: str, code: str) -> None:
    assert findings(ENDPOINT, express(test, code)) == []


def test_another_framework_is_not_judged(findings: Check) -> None:
    files = express("curl -f http://127.0.0.1:3000/health")
    files["src/api/package.json"] = '{"dependencies": {"express": "4", "koa": "2"}}'
    assert findings(ENDPOINT, files) == []


@pytest.mark.parametrize(
    "test",
    [
        '["CMD", "curl", "-f", "http://127.0.0.1:3000/health"]',
        "wget -q --spider http://127.0.0.1:3000/health",
        "'curl -f 127.0.0.1:3000/health || exit 1'",
    ],
)
def test_vite_has_no_health(findings: Check, test: str) -> None:
    compose = stack("build: ./web", test)
    (found,) = findings(ENDPOINT, {**VITE, "src/docker-compose.yml": compose})
    assert found.fix is not None
    (edit,) = found.fix.edits
    assert compose[: edit.start] + edit.text + compose[edit.end :] == compose.replace("/health", "/")


def test_vite_in_a_dockerfile(findings: Check) -> None:
    text = VITE["src/web/Dockerfile"] + "HEALTHCHECK CMD wget -qO- http://127.0.0.1:3000/health || exit 1\n"
    (found,) = findings(ENDPOINT, {**VITE, "src/web/Dockerfile": text})
    assert found.path == "src/web/Dockerfile"
    assert found.fix is not None


def test_vite_built_into_nginx_is_nginx(findings: Check) -> None:
    dockerfile = "FROM node:22 AS b\nCOPY . .\nRUN npm run build\nFROM nginx:1.27-alpine\nCOPY --from=b /dist /usr/share/nginx/html\n{}"
    files = {**VITE, "src/docker-compose.yml": stack("build: ./web", "curl -f http://127.0.0.1/health")}
    files["src/web/Dockerfile"] = dockerfile.format("")
    (found,) = findings(ENDPOINT, files)
    assert "nginx" in found.message
    conf = "server { listen 80; location = /health { return 200; } location / { try_files $uri /index.html; } }"
    with_conf = dockerfile.format("COPY nginx.conf /etc/nginx/conf.d/default.conf\n")
    assert findings(ENDPOINT, {"src/web/Dockerfile": with_conf, "src/web/nginx.conf": conf}) == []


def test_development_target_runs_vite_though_the_last_stage_is_nginx(findings: Check) -> None:
    dockerfile = 'FROM node:22 AS development\nWORKDIR /app\nCOPY . .\nCMD ["npx", "vite"]\nFROM nginx:1.27-alpine\n'
    compose = stack("build: {context: ./web, target: development}", "curl -f http://127.0.0.1:5173/health")
    (found,) = findings(ENDPOINT, {**VITE, "src/web/Dockerfile": dockerfile, "src/docker-compose.yml": compose})
    assert "Vite" in found.message


def test_fastapi_behind_a_prefix(findings: Check) -> None:
    files = {
        "src/docker-compose.yml": stack(
            "build: ./api",
            '["CMD", "python", "-c", "import urllib.request as r; r.urlopen(\'http://127.0.0.1:8000/health\')"]',
        ),
        "src/api/Dockerfile": 'FROM python:3.12-slim\nWORKDIR /app\nCOPY . .\nCMD ["uvicorn", "main:app", "--host", "0.0.0.0", "--port", "8000"]\n',
        "src/api/main.py": "from fastapi import FastAPI\nfrom routes import router\napp = FastAPI()\napp.include_router(router, prefix='/api')\n",
        "src/api/routes.py": "from fastapi import APIRouter\nrouter = APIRouter()\n@router.get('/health')\ndef health(): ...\n",
    }
    (found,) = findings(ENDPOINT, files)
    assert "`/api/health`" in found.message
    assert findings(ENDPOINT, {"src/api/main.py": files["src/api/main.py"].replace(", prefix='/api'", "")}) == []


def test_laravel(findings: Check) -> None:
    files = {
        "src/docker-compose.yml": stack("build: ./app", "curl -f http://127.0.0.1:8000/health"),
        "src/app/Dockerfile": 'FROM php:8.4-cli\nWORKDIR /app\nCOPY . .\nCMD ["php", "artisan", "serve", "--host=0.0.0.0"]\n',
        "src/app/artisan": "",
        "src/app/routes/web.php": "<?php\nRoute::get('/', fn () => view('welcome'));\n",
        "src/app/bootstrap/app.php": "<?php\nreturn Application::configure()->withRouting(web: 'x', health: '/up')->create();\n",
    }
    (found,) = findings(ENDPOINT, files)
    assert "`/up`" in found.message
    assert (
        findings(ENDPOINT, {"src/docker-compose.yml": stack("build: ./app", "curl -f http://127.0.0.1:8000/up")}) == []
    )


def test_django_and_go(findings: Check) -> None:
    django = {
        "src/docker-compose.yml": stack("build: ./api", "curl -f http://127.0.0.1:8000/healthz/"),
        "src/api/Dockerfile": "FROM python:3.12\nCOPY . .\nCMD gunicorn config.wsgi -b 0.0.0.0:8000\n",
        "src/api/manage.py": "",
        "src/api/config/settings.py": "ROOT_URLCONF = 'config.urls'\n",
        "src/api/config/urls.py": "urlpatterns = [path('health/', health)]\n",
    }
    assert len(findings(ENDPOINT, django)) == 1
    go = {
        "src/docker-compose.yml": stack("build: ./api", '["CMD", "wget", "-qO-", "http://127.0.0.1:8080/health"]'),
        "src/api/Dockerfile": 'FROM golang:1.24 AS b\nWORKDIR /s\nCOPY . .\nRUN go build -o /a .\nFROM alpine:3.20\nCOPY --from=b /a /a\nCMD ["/a"]\n',
        "src/api/go.mod": "module x\n",
        "src/api/main.go": 'package main\nfunc main() {\n http.HandleFunc("/healthz", h)\n http.ListenAndServe(":8080", nil)\n}\n',
    }
    assert len(findings(ENDPOINT, go)) == 1


@pytest.mark.parametrize(
    ("service", "test"),
    [
        ("image: nginx:1.27-alpine\n    ports: ['8080:80']", "curl -f http://127.0.0.1:8080/"),
        ("image: postgres:16-alpine", '["CMD-SHELL", "pg_isready -p 5433"]'),
        ("image: redis:7-alpine", '["CMD", "redis-cli", "-p", "6380", "ping"]'),
        ("build: ./api", '["CMD", "wget", "-qO-", "http://127.0.0.1:8080/"]'),
        ("build: ./api", '["CMD", "wget", "-qO-", "http://127.0.0.1/"]'),
        ("build: ./api\n    command: npm run dev", '["CMD", "wget", "-qO-", "http://127.0.0.1:5000/"]'),
        ("build: ./api", '["CMD", "nc", "-z", "127.0.0.1", "8000"]'),
        ("build: ./api", '["CMD", "bash", "-c", "</dev/tcp/127.0.0.1/8000"]'),
    ],
)
def test_wrong_port(findings: Check, service: str, test: str) -> None:
    (found,) = findings(PORT, {**express(test), "src/docker-compose.yml": stack(service, test)})
    assert "listens on" in found.message


@pytest.mark.parametrize(
    ("service", "test"),
    [
        ("image: nginx:1.27-alpine\n    ports: ['8080:80']", "curl -f http://127.0.0.1/"),
        ("image: nginx:1.27-alpine\n    volumes: ['./other:/etc/nginx/conf.d']", "curl -f http://127.0.0.1:8080/"),
        ("image: postgres:16-alpine", '["CMD-SHELL", "pg_isready -U app"]'),
        ("image: postgres:16-alpine\n    command: postgres -p 5433", '["CMD-SHELL", "pg_isready -p 5433"]'),
        ("image: acme/thing:1\n    ports: ['80:80']", "curl -f http://127.0.0.1:9000/"),
        ("build: ./api", '["CMD", "wget", "-qO-", "http://127.0.0.1:3000/"]'),
        ("build: ./api\n    environment: {ADMIN_PORT: 9229}", '["CMD", "wget", "-qO-", "http://127.0.0.1:9229/"]'),
        ("build: ./api", '["CMD", "wget", "-qO-", "http://other:8080/"]'),
        ("build: ./api", '["CMD-SHELL", "wget -qO- http://127.0.0.1:$${PORT}/"]'),
        ("build: ./api\n    command: ./strange", '["CMD", "wget", "-qO-", "http://127.0.0.1:8080/"]'),
    ],
)
def test_right_port_or_not_to_tell(findings: Check, service: str, test: str) -> None:
    files = {
        **express(test),
        "src/docker-compose.yml": stack(service, test),
        "src/other/x.conf": "server { listen 8080; }",
    }
    assert findings(PORT, files) == []


def test_port_from_the_environment(findings: Check) -> None:
    code = "const port = process.env.PORT || 3000;\nrequire('http').createServer(app).listen(port);\n"
    files = express("curl -f http://127.0.0.1:4000/", code, "\n    environment:\n      PORT: 4000")
    files["src/api/server.js"] = code
    assert findings(PORT, files) == []
    files["src/docker-compose.yml"] = files["src/docker-compose.yml"].replace("PORT: 4000", "PORT: 5000")
    assert len(findings(PORT, files)) == 1


def test_what_expose_and_published_ports_agree_on(findings: Check) -> None:
    files = {
        "src/docker-compose.yml": stack("build: ./j\n    ports: ['8080:8080']", "curl -f http://127.0.0.1:9000/"),
        "src/j/Dockerfile": 'FROM eclipse-temurin:21\nCOPY app.jar /app.jar\nEXPOSE 8080\nCMD ["java", "-jar", "/app.jar"]\n',
        "src/j/app.jar": "",
    }
    assert len(findings(PORT, files)) == 1
    right = stack("build: ./j\n    ports: ['8080:8080']", "curl -f http://127.0.0.1:8080/")
    assert findings(PORT, {"src/docker-compose.yml": right}) == []


@pytest.mark.parametrize(
    ("image", "test", "program"),
    [
        ("node:22-alpine", "curl -f http://127.0.0.1:3000/", "curl"),
        ("postgres:16-alpine", '["CMD", "curl", "127.0.0.1:5432"]', "curl"),
        ("python:3.12-slim", '["CMD-SHELL", "wget -qO- http://127.0.0.1:8000/ || exit 1"]', "wget"),
        ("redis:7", '["CMD", "nc", "-z", "127.0.0.1", "6379"]', "nc"),
        ("redis:7-alpine", '["CMD", "bash", "-c", "redis-cli ping"]', None),
        ("mongo:7", '["CMD", "mongo", "--eval", "1"]', "mongo"),
        ("mariadb:11", '["CMD", "mysqladmin", "ping"]', "mysqladmin"),
        ("traefik:v3.1", '["CMD", "curl", "-f", "http://127.0.0.1:8080/ping"]', "curl"),
        ("quay.io/keycloak/keycloak:25.0", "curl -f http://127.0.0.1:9000/health", "curl"),
        ("caddy:2-alpine", '["CMD-SHELL", "curl -f http://127.0.0.1/ || exit 1"]', "curl"),
        ("rabbitmq:4", '["CMD", "curl", "http://127.0.0.1:15672"]', "curl"),
        ("gcr.io/distroless/static-debian12", '["CMD-SHELL", "exit 0"]', "shell"),
        ("mysql:8.4", '["CMD", "pg_isready"]', "pg_isready"),
    ],
)
def test_program_not_in_the_image(findings: Check, image: str, test: str, program: str | None) -> None:
    found = findings(TOOL, {"src/docker-compose.yml": stack(f"image: {image}", test)})
    if program is None:
        return
    assert len(found) == 1
    assert program in found[0].message


@pytest.mark.parametrize(
    ("image", "test"),
    [
        ("node:22-alpine", '["CMD", "wget", "-qO-", "http://127.0.0.1:3000/"]'),
        ("node:22", "curl -f http://127.0.0.1:3000/"),
        ("node:22-slim", '["CMD", "node", "-e", "1"]'),
        ("python:3.12-slim", '["CMD", "python", "-c", "1"]'),
        ("postgres:16", '["CMD-SHELL", "pg_isready -U a -d b"]'),
        ("redis:7-alpine", '["CMD", "redis-cli", "ping"]'),
        ("mysql:8.4", '["CMD", "mysqladmin", "ping", "-h", "localhost"]'),
        ("mariadb:11", '["CMD", "healthcheck.sh", "--connect"]'),
        ("mariadb:10.11", '["CMD", "mysqladmin", "ping"]'),
        ("mongo:7", '["CMD", "mongosh", "--eval", "1"]'),
        ("nginx:1.27-alpine", "curl -f http://127.0.0.1/"),
        ("nginx:1.27", "curl -f http://127.0.0.1/"),
        ("php:8.4-fpm-alpine", "curl -f http://127.0.0.1/"),
        ("traefik:v3.1", '["CMD", "traefik", "healthcheck"]'),
        ("acme/thing:1", "curl -f http://127.0.0.1/"),
        ("rabbitmq:4-alpine", '["CMD", "rabbitmq-diagnostics", "-q", "ping"]'),
        ("minio/minio:RELEASE.2024-01-01T00-00-00Z", "curl -f http://127.0.0.1:9000/minio/health/live"),
        ("${IMAGE}", "curl -f http://127.0.0.1/"),
        ("node:22-alpine", '["CMD-SHELL", "curl -f http://127.0.0.1/ || wget -qO- http://127.0.0.1/"]'),
    ],
)
def test_program_in_the_image_or_not_to_tell(findings: Check, image: str, test: str) -> None:
    assert findings(TOOL, {"src/docker-compose.yml": stack(f"image: {image}", test)}) == []


@pytest.mark.parametrize(
    ("dockerfile", "missing"),
    [
        ("FROM node:22-alpine\n", True),
        ("FROM node:22-alpine\nRUN apk add --no-cache curl\n", False),
        (
            "FROM python:3.12-slim\nRUN apt-get update && apt-get install -y --no-install-recommends \\\n    curl \\\n && rm -rf /x\n",
            False,
        ),
        ("FROM python:3.12-slim\nRUN <<EOF\napt-get update\napt-get install -y curl\nEOF\n", False),
        ("FROM node:22-alpine\nRUN apk add --virtual .d curl && make && apk del .d\n", True),
        ("FROM python:3.12-slim\nRUN apt-get install -y curl && apt-get purge -y curl\n", True),
        ("FROM node:22-alpine AS b\nRUN apk add curl\nFROM node:22-alpine\nCOPY --from=b /app /app\n", True),
        ("FROM node:22-alpine AS base\nRUN apk add curl\nFROM base AS f\n", False),
        ("FROM node:22-alpine\nCOPY --from=acme/curl:8 /curl /usr/local/bin/curl\n", False),
        (
            "FROM node:22-alpine\nRUN wget -O /usr/local/bin/curl https://x.org/curl && chmod +x /usr/local/bin/curl\n",
            False,
        ),
        ("FROM acme/base:1\n", False),
        ("FROM node:22-alpine\nRUN apk add $EXTRA\n", False),
        ('ARG P="curl bash"\nFROM node:22-alpine\nARG P\nRUN apk add $P\n', False),
        ("FROM php:8.4-fpm-alpine\n", False),
        ("FROM golang:1.24 AS b\nFROM scratch\nCOPY --from=b /x /x\n", True),
        ("FROM node:22-alpine\nRUN npm install -g curl-cli\n", True),
    ],
)
def test_programs_that_dockerfiles_install(findings: Check, dockerfile: str, missing: bool) -> None:
    files = {
        "src/docker-compose.yml": stack("build: ./a", '["CMD", "curl", "-f", "http://127.0.0.1:3000/"]'),
        "src/a/Dockerfile": dockerfile,
    }
    assert bool(findings(TOOL, files)) is missing


def test_healthcheck_of_a_dockerfile(findings: Check) -> None:
    text = "FROM python:3.12-slim\nHEALTHCHECK CMD curl -f http://127.0.0.1:8000/ || exit 1\n"
    (found,) = findings(TOOL, {"src/a/Dockerfile": text})
    assert (found.path, found.line) == ("src/a/Dockerfile", 2)


def traefik(port: int, service: str = "build: ./api") -> str:
    return (
        f"services:\n  app:\n    {service}\n    labels:\n      - traefik.enable=true\n"
        f"      - traefik.http.services.app.loadbalancer.server.port={port}\n"
    )


def test_traefik_port(findings: Check) -> None:
    rule = traefik_port_mismatch.RULE
    files = {**express("x"), "src/docker-compose.yml": traefik(8080)}
    (found,) = findings(rule, files)
    assert found.line == 6
    assert found.fix is not None
    (edit,) = found.fix.edits
    text = files["src/docker-compose.yml"]
    assert text[: edit.start] + edit.text + text[edit.end :] == traefik(3000)
    assert findings(rule, {"src/docker-compose.yml": traefik(3000)}) == []
    assert findings(rule, {"src/docker-compose.yml": traefik(8080, "image: acme/thing:1")}) == []
    assert len(findings(rule, {"src/docker-compose.yml": traefik(8080, "image: nginx:1.27-alpine")})) == 1


def test_traefik_port_against_expose(findings: Check) -> None:
    files = {
        "src/docker-compose.yml": traefik(8080, "build: ./j"),
        "src/j/Dockerfile": "FROM eclipse-temurin:21\nEXPOSE 9000\nCMD java -jar /x.jar\n",
    }
    assert len(findings(traefik_port_mismatch.RULE, files)) == 1
    files["src/j/src/main/resources/application.yml"] = "server:\n  port: 8080\n"
    assert findings(traefik_port_mismatch.RULE, files) == []


def test_checks_of_stages_that_compose_does_not_build(findings: Check) -> None:
    dockerfile = (
        "FROM nginx:1.27-alpine AS base\nHEALTHCHECK CMD wget -qO- http://127.0.0.1:8080/ || exit 1\n"
        "FROM node:22 AS development\nFROM base AS production\n"
    )
    files = {
        "src/docker-compose.yml": "services:\n  a:\n    build: {context: ./a, target: development}\n",
        "src/a/Dockerfile": dockerfile,
    }
    (found,) = findings(PORT, files)
    assert (found.path, found.line) == ("src/a/Dockerfile", 2)


def test_application_that_is_mounted_beside_its_dockerfile(findings: Check) -> None:
    files = {
        "src/docker-compose.yml": stack(
            "build: ./docker/app\n    volumes: ['./backend:/var/www/html']", "curl -f http://127.0.0.1/health"
        ),
        "src/docker/app/Dockerfile": "FROM php:8.4-apache\n",
        "src/backend/artisan": "",
        "src/backend/routes/web.php": "<?php\nRoute::get('/', fn () => view('welcome'));\n",
    }
    assert len(findings(ENDPOINT, files)) == 1


def test_php_fpm_alone_speaks_no_http(findings: Check) -> None:
    files = {"src/docker-compose.yml": stack("image: php:8.4-fpm-alpine", "curl -f http://127.0.0.1/up")}
    assert len(findings(PORT, files)) == 1


def test_vite_from_a_plain_node_image(findings: Check) -> None:
    service = "image: node:22-alpine\n    working_dir: /app\n    command: sh -c 'npm install && npm run dev'\n    volumes: ['./web:/app']"
    files = {**VITE, "src/docker-compose.yml": stack(service, "wget -qO- http://127.0.0.1:3000/health")}
    (found,) = findings(ENDPOINT, files)
    assert found.fix is not None
    files["src/docker-compose.yml"] = stack(service, "wget -qO- http://127.0.0.1:5173/")
    assert len(findings(PORT, files)) == 1
