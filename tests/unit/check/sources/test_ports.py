"""Ports that commands, environment and code listen on."""

from __future__ import annotations

import pytest

from bot.check.sources.folder import Folder
from bot.check.sources.ports import process_ports
from bot.check.sources.process import processes
from bot.parse.shell_wrappers import run_commands

NOTHING: dict[str, str] = {}


def ports(
    command: str, files: dict[str, str] = NOTHING, env: dict[str, str | None] | None = None
) -> tuple[set[int], bool]:
    folder = Folder.of(files)
    found = process_ports(processes(run_commands(command), folder), folder, env or {})
    return set(found.known), not found.unsure


@pytest.mark.parametrize(
    ("command", "port"),
    [
        ("uvicorn app.main:app --host 0.0.0.0 --port 8080", 8080),
        ("uvicorn app:app", 8000),
        ("python -m uvicorn app:app --port=9001", 9001),
        ("gunicorn config.wsgi -b 0.0.0.0:9000 --workers 2", 9000),
        ("gunicorn config.wsgi:application --bind=:8001", 8001),
        ("gunicorn app:app", 8000),
        ("python manage.py runserver 0.0.0.0:8002", 8002),
        ("python manage.py migrate && python manage.py runserver", 8000),
        ("flask run --host=0.0.0.0 -p 5001", 5001),
        ("flask --app x run", 5000),
        ("vite --host --port 3000", 3000),
        ("npx vite preview", 4173),
        ("next start -p 3001", 3001),
        ("next dev", 3000),
        ("php artisan serve --host=0.0.0.0 --port=8085", 8085),
        ("php artisan serve --host=0.0.0.0", 8000),
        ("php -S 0.0.0.0:8080 -t public", 8080),
        ("fastapi run app.py --port 8888", 8888),
        ("ng serve --host 0.0.0.0", 4200),
        ("serve -s dist -l 5002", 5002),
        ("sh -c 'exec poetry run uvicorn x:y --port 7000'", 7000),
        ("node .output/server/index.mjs", 3000),
        ("redis-server --port 6380", 6380),
        ("redis-server --save 60 1", 6379),
        ("memcached -m 64 -p 11212", 11212),
    ],
)
def test_command_lines(command: str, port: int) -> None:
    assert ports(command) == ({port}, True)


def test_variables_in_the_command() -> None:
    assert ports("gunicorn x -b 0.0.0.0:${PORT:-8000}") == ({8000}, True)
    assert ports("gunicorn x -b 0.0.0.0:$PORT", env={"PORT": "9999"}) == ({9999}, True)
    assert ports("gunicorn x -b 0.0.0.0:$PORT") == (set(), False)
    assert ports("uvicorn a:b --port $PORT", env={"PORT": None}) == (set(), False)


def test_npm_scripts_and_start_scripts() -> None:
    files = {
        "package.json": '{"scripts": {"dev": "vite --host", "start": "npm run build && next start -p 3005", "build": "next build"}}',
        "docker/entrypoint.sh": '#!/bin/sh\nset -e\npython manage.py migrate --noinput\nexec "$@"\n',
    }
    assert ports("npm run dev -- --port 3100", files) == ({3100}, True)
    assert ports("npm start", files) == ({3005}, True)
    assert ports("/entrypoint.sh gunicorn x -b :8123", files) == ({8123}, True)


@pytest.mark.parametrize(
    ("code", "env", "expected"),
    [
        ("app.listen(3000)", {}, ({3000}, True)),
        ("const PORT = process.env.PORT || 3000;\napp.listen(PORT, () => {});", {}, ({3000}, True)),
        ("const PORT = process.env.PORT || 3000;\napp.listen(PORT);", {"PORT": "8080"}, ({8080}, True)),
        ("const port = Number(process.env.PORT ?? 4000);\napp.listen(port, '0.0.0.0');", {}, ({4000}, True)),
        ("const port = parseInt(process.env.PORT || '5001', 10)\nserver.listen(port)", {}, ({5001}, True)),
        ("app.listen(process.env.PORT)", {"PORT": None}, (set(), False)),
        ("app.listen(process.env.PORT)", {}, (set(), False)),
        ("fastify.listen({ port: 3333, host: '0.0.0.0' })", {}, ({3333}, True)),
        ("await app.listen(config.get('port'))", {}, (set(), False)),
        ("await app.listen(process.env['PORT'] ?? 3000);", {}, ({3000}, True)),
        ("// app.listen(9)\nstart()", {}, (set(), False)),
    ],
)
def test_javascript(code: str, env: dict[str, str | None], expected: tuple[set[int], bool]) -> None:
    assert ports("node server.js", {"server.js": code}, env) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ('http.ListenAndServe(":8080", nil)', ({8080}, True)),
        (
            'port := os.Getenv("PORT")\nif port == "" {\n  port = "8081"\n}\nhttp.ListenAndServe(":"+port, r)',
            ({8081}, True),
        ),
        ('srv := &http.Server{Addr: ":9090", Handler: r}', ({9090}, True)),
        ("r := gin.Default()\nr.Run()", ({8080}, True)),
        ('r := gin.Default()\nr.Run(":7070")', ({7070}, True)),
        ('e.Logger.Fatal(e.Start(":1323"))', ({1323}, True)),
        ("http.ListenAndServe(cfg.Addr, nil)", (set(), False)),
        ('addr := getEnv("ADDR", ":8088")\nhttp.ListenAndServe(addr, nil)', ({8088}, True)),
    ],
)
def test_go(code: str, expected: tuple[set[int], bool]) -> None:
    assert ports("/app/server", {"go.mod": "module x", "main.go": code}) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("from flask import Flask\napp.run(host='0.0.0.0', port=5050)", ({5050}, True)),
        ("from flask import Flask\napp.run(debug=True)", ({5000}, True)),
        ("uvicorn.run('main:app', port=int(os.environ.get('PORT', 8009)))", ({8009}, True)),
        ("main()", (set(), False)),
    ],
)
def test_python(code: str, expected: tuple[set[int], bool]) -> None:
    assert ports("python main.py", {"main.py": code}) == expected


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ("export default defineConfig({ server: { port: 3000 } })", ({3000}, True)),
        ("export default { server: { host: true, hmr: { port: 24678 } } }", ({5173}, True)),
        ("server: { port: Number(process.env.VITE_PORT) || 3300 }", ({3300}, True)),
        ("server: { ...shared }", (set(), False)),
        ("preview: { port: 9 }", ({5173}, True)),
    ],
)
def test_vite_config(config: str, expected: tuple[set[int], bool]) -> None:
    assert ports("vite", {"vite.config.ts": config}) == expected


@pytest.mark.parametrize("command", ["./unknown", "celery -A x worker", "supervisord -n", "java -jar x.jar", "node"])
def test_strangers_are_not_told(command: str) -> None:
    assert ports(command)[1] is False
