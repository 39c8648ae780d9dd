"""Whole stacks as people write them, each with the one thing that is wrong (or only looks so)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.check.engine import check_tree

CASES: list[tuple[str, dict[str, str], str, str]] = []


def case(name: str, files: dict[str, str], wanted: str = "", *, no: str = "") -> None:
    base = {"src/.gitignore": ".env\n", "src/.env.example": "UID=1000\nGID=1000\n"}
    CASES.append((name, {**base, **files}, wanted, no))


def svc(body: str, check: str = "", image: str = "build: ./backend") -> str:
    text = f"services:\n  api:\n    {image}\n"
    if check:
        text += f"    healthcheck:\n      test: {check}\n      start_period: 60s\n"
    return text + body


HC = '["CMD", "wget", "-qO-", "http://127.0.0.1:%s%s"]'
EXPRESS: dict[str, str] = {
    "src/backend/package.json": json.dumps(
        {
            "dependencies": {"express": "4", "cors": "2"},
            "devDependencies": {"typescript": "5"},
            "scripts": {"build": "tsc", "start": "node dist/server.js"},
        }
    ),
    "src/backend/src/app.ts": "import express, { type Express } from 'express';\nimport cors from 'cors';\nimport { router as api } from './routes';\nexport function createApp(): Express {\n  const app = express();\n  app.use(cors());\n  app.use('/api', api);\n  return app;\n}\n",
    "src/backend/src/routes/index.ts": "import { Router } from 'express';\nimport healthRouter from './health.routes';\nexport const router = Router();\nrouter.use('/health', healthRouter);\n",
    "src/backend/src/routes/health.routes.ts": "import { Router } from 'express';\nconst r = Router();\nr.get('/', (req, res) => { res.json({status:'ok'}) });\nexport default r;\n",
    "src/backend/src/server.ts": "import { createApp } from './app';\nconst port = Number(process.env.PORT) || 3000;\ncreateApp().listen(port, () => console.log('listening'));\n",
    "src/backend/Dockerfile": 'FROM node:22-alpine AS build\nWORKDIR /app\nCOPY . .\nRUN npm install && npm run build\nFROM node:22-alpine\nWORKDIR /app\nCOPY --from=build /app ./\nUSER node\nCMD ["npm", "start"]\n',
}
case("ts wrong prefix", {**EXPRESS, "src/docker-compose.yml": svc("", HC % (3000, "/health"))}, "HC08")
case("ts right", {**EXPRESS, "src/docker-compose.yml": svc("", HC % (3000, "/api/health"))}, no="HC08")
case(
    "ts port env",
    {**EXPRESS, "src/docker-compose.yml": svc("    environment:\n      PORT: 4000\n", HC % (3000, "/api/health"))},
    "HC09",
)
case(
    "ts port env ok",
    {**EXPRESS, "src/docker-compose.yml": svc("    environment:\n      PORT: 4000\n", HC % (4000, "/api/health"))},
    no="HC09",
)
case(
    "ts port env dockerfile",
    {
        **EXPRESS,
        "src/backend/Dockerfile": EXPRESS["src/backend/Dockerfile"].replace("USER node", "ENV PORT=8080\nUSER node"),
        "src/docker-compose.yml": svc("", HC % (3000, "/api/health")),
    },
    "HC09",
)
case(
    "traefik map label",
    {
        **EXPRESS,
        "src/docker-compose.yml": svc(
            '    labels:\n      traefik.enable: "true"\n      traefik.http.routers.api.rule: Host(`a.b`)\n      traefik.http.services.api.loadbalancer.server.port: "80"\n'
        ),
    },
    "TR01",
)
case(
    "traefik map label int",
    {
        **EXPRESS,
        "src/docker-compose.yml": svc(
            "    labels:\n      traefik.enable: true\n      traefik.http.services.api.loadbalancer.server.port: 8000\n"
        ),
    },
    "TR01",
)
NEXT: dict[str, str] = {
    "src/backend/package.json": json.dumps({"dependencies": {"next": "15"}, "scripts": {"start": "next start"}}),
    "src/backend/app/page.tsx": "",
    "src/backend/Dockerfile": 'FROM node:22-alpine\nWORKDIR /app\nCOPY . .\nUSER node\nCMD ["npm","start"]\n',
}
case("next health", {**NEXT, "src/docker-compose.yml": svc("", HC % (3000, "/api/health"))}, "HC08")
case(
    "next standalone",
    {
        **NEXT,
        "src/backend/next.config.js": "module.exports={output:'standalone'}",
        "src/backend/Dockerfile": 'FROM node:22-alpine AS b\nWORKDIR /app\nCOPY . .\nRUN npm run build\nFROM node:22-alpine\nWORKDIR /app\nCOPY --from=b /app/.next/standalone ./\nUSER node\nCMD ["node","server.js"]\n',
        "src/docker-compose.yml": svc("", HC % (3000, "/health")),
    },
    "HC08",
)
NEST: dict[str, str] = {
    "src/backend/package.json": json.dumps(
        {
            "dependencies": {"@nestjs/core": "11", "@nestjs/platform-express": "11"},
            "devDependencies": {"@nestjs/cli": "11"},
            "scripts": {"start:prod": "node dist/main"},
        }
    ),
    "src/backend/src/main.ts": "async function bootstrap() {\n  const app = await NestFactory.create(AppModule);\n  app.setGlobalPrefix('api');\n  await app.listen(process.env.PORT ?? 3000);\n}\n",
    "src/backend/src/health/health.controller.ts": "@Controller('health')\nexport class HealthController {\n  @Get()\n  @HealthCheck()\n  check() { return this.health.check([]); }\n}\n",
    "src/backend/Dockerfile": 'FROM node:22-alpine\nWORKDIR /app\nCOPY . .\nUSER node\nCMD ["npm","run","start:prod"]\n',
}
case("nest", {**NEST, "src/docker-compose.yml": svc("", HC % (3000, "/health"))}, "HC08")
case("nest ok", {**NEST, "src/docker-compose.yml": svc("", HC % (3000, "/api/health"))}, no="HC08")
FLASK: dict[str, str] = {
    "src/backend/app.py": "from flask import Flask, jsonify\napp = Flask(__name__)\n\n@app.get('/')\ndef i():\n    return 'x'\n",
    "src/backend/requirements.txt": "flask\ngunicorn\n",
    "src/backend/Dockerfile": 'FROM python:3.12-slim\nWORKDIR /app\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\nCOPY . .\nRUN useradd app\nUSER app\nEXPOSE 5000\nCMD ["gunicorn", "--bind", "0.0.0.0:5000", "app:app"]\n',
}
PY_ = '["CMD-SHELL", "python -c \\"import urllib.request; urllib.request.urlopen(\'http://127.0.0.1:%s%s\')\\""]'
case("flask", {**FLASK, "src/docker-compose.yml": svc("", PY_ % (5000, "/health"))}, "HC08")
case("flask port", {**FLASK, "src/docker-compose.yml": svc("", PY_ % (8000, "/"))}, "HC09")
case("flask root", {**FLASK, "src/docker-compose.yml": svc("", PY_ % (5000, "/"))}, no="HC08")
case(
    "flask curl",
    {**FLASK, "src/docker-compose.yml": svc("", '["CMD", "curl", "-f", "http://127.0.0.1:5000/"]')},
    "HC10",
)
CHI: dict[str, str] = {
    "src/backend/go.mod": "module x\nrequire github.com/go-chi/chi/v5 v5\n",
    "src/backend/cmd/api/main.go": 'package main\nimport "github.com/go-chi/chi/v5"\nfunc main() {\n\tr := chi.NewRouter()\n\tr.Use(middleware.Logger)\n\tr.Route("/api/v1", func(r chi.Router) {\n\t\tr.Get("/health", health)\n\t})\n\tport := os.Getenv("PORT")\n\tif port == "" {\n\t\tport = "8080"\n\t}\n\tlog.Fatal(http.ListenAndServe(":"+port, r))\n}\n',
    "src/backend/Dockerfile": 'FROM golang:1.24-alpine AS build\nWORKDIR /src\nCOPY . .\nRUN go build -o /bin/api ./cmd/api\nFROM alpine:3.20\nCOPY --from=build /bin/api /usr/local/bin/api\nUSER nobody\nEXPOSE 8080\nENTRYPOINT ["/usr/local/bin/api"]\n',
}
case("chi", {**CHI, "src/docker-compose.yml": svc("", HC % (8080, "/health"))}, "HC08")
case("chi ok", {**CHI, "src/docker-compose.yml": svc("", HC % (8080, "/api/v1/health"))}, no="HC08")
case("chi port", {**CHI, "src/docker-compose.yml": svc("", HC % (3000, "/api/v1/health"))}, "HC09")
case(
    "chi scratch",
    {
        **CHI,
        "src/backend/Dockerfile": CHI["src/backend/Dockerfile"].replace(
            "alpine:3.20", "gcr.io/distroless/static-debian12:nonroot"
        ),
        "src/docker-compose.yml": svc("", HC % (8080, "/api/v1/health")),
    },
    "HC10",
)
VITE: dict[str, str] = {
    "src/frontend/package.json": json.dumps(
        {"scripts": {"dev": "vite"}, "devDependencies": {"vite": "6", "@vitejs/plugin-react": "4"}}
    ),
    "src/frontend/index.html": "",
    "src/frontend/vite.config.ts": "import { defineConfig } from 'vite'\nimport react from '@vitejs/plugin-react'\nexport default defineConfig({ plugins: [react()], server: { host: '0.0.0.0', port: 3000 } })\n",
    "src/frontend/Dockerfile": 'FROM node:22-alpine\nWORKDIR /app\nCOPY package*.json ./\nRUN npm install\nCOPY . .\nUSER node\nEXPOSE 3000\nCMD ["npm","run","dev"]\n',
}
F = "build: ./frontend"
case("vite health", {**VITE, "src/docker-compose.yml": svc("", HC % (3000, "/health"), F)}, "HC08")
case("vite port 5173", {**VITE, "src/docker-compose.yml": svc("", HC % (5173, "/"), F)}, "HC09")
case("vite ok", {**VITE, "src/docker-compose.yml": svc("", HC % (3000, "/"), F)}, no="HC09")
case(
    "vite traefik",
    {
        **VITE,
        "src/docker-compose.yml": svc(
            '    labels:\n      - "traefik.http.services.x.loadbalancer.server.port=5173"\n', "", F
        ),
    },
    "TR01",
)
case(
    "nginx alpine-slim curl",
    {"src/docker-compose.yml": svc("", '["CMD","curl","-f","http://127.0.0.1/"]', "image: nginx:1.27-alpine-slim")},
    "HC10",
)
case("pg_isready in node", {**EXPRESS, "src/docker-compose.yml": svc("", '["CMD-SHELL","pg_isready -h db"]')}, "HC10")
case(
    "node slim nc",
    {
        **EXPRESS,
        "src/backend/Dockerfile": EXPRESS["src/backend/Dockerfile"].replace("22-alpine", "22-slim"),
        "src/docker-compose.yml": svc("", '["CMD-SHELL","nc -z 127.0.0.1 3000"]'),
    },
    "HC10",
)
case(
    "LAY04 long",
    {
        "src/docker-compose.yml": svc(
            "    volumes:\n      - type: bind\n        source: ./nope\n        target: /x\n", "", "image: a:1"
        )
    },
    "LAY04",
)
case(
    "LAY05 dockerfile",
    {
        "src/docker-compose.yml": "services:\n  a:\n    build:\n      context: .\n      dockerfile: docker/a/Dockerfile\n"
    },
    "LAY05",
)
case("LAY02 root app.js", {"src/docker-compose.yml": svc("", "", "image: a:1"), "app.js": "x"}, "LAY02")
case(
    "LAY02 root package",
    {"src/docker-compose.yml": svc("", "", "image: a:1"), "package.json": '{"dependencies":{"express":"4"}}'},
    "LAY02",
)
case(
    "LAY02 go.mod root",
    {"src/docker-compose.yml": svc("", "", "image: a:1"), "go.mod": "module x", "main.go": "package main"},
    "LAY02",
)
case("LAY02 only code no compose", {"backend/app.py": "x", "backend/Dockerfile": "FROM python:3.12\n"}, "LAY02")
case("LAY02 tmp_src", {"src/docker-compose.yml": svc("", "", "image: a:1"), "tmp_src/docker/nginx.conf": "x"}, "LAY02")
case("LAY03 env_file", {"src/docker-compose.yml": svc("    env_file:\n      - ../.env\n", "", "image: a:1")}, "LAY03")
case(
    "LAY03 vol src/",
    {
        "src/docker-compose.yml": svc("    volumes:\n      - ./src/backend:/app\n", "", "image: a:1"),
        "src/backend/x": "",
    },
    "LAY03",
)
case(
    "LAY03 not lay04",
    {
        "src/docker-compose.yml": svc("    volumes:\n      - ./src/backend:/app\n", "", "image: a:1"),
        "src/backend/x": "",
    },
    no="LAY04",
)
case(
    "DF10 from arg",
    {
        "src/docker-compose.yml": svc("", None),
        "src/backend/Dockerfile": "ARG IMG=python\nFROM $IMG\nCOPY . .\n",
        "src/backend/a.py": "",
    },
    "DF10",
)
case(
    "SEC01 build arg",
    {
        "src/docker-compose.yml": "services:\n  a:\n    build:\n      context: ./backend\n      args:\n        NPM_TOKEN: abcdef123456\n",
        "src/backend/Dockerfile": "FROM node:22\n",
    },
    "SEC01",
)
case(
    "SEC01 env example real",
    {
        "src/docker-compose.yml": svc("", "", "image: a:1"),
        "src/.env.example": "STRIPE_SECRET_KEY=sk_live_51Hb9aGh2kQzX8mN3pR7tV\n",
    },
    "SEC01",
)
case(
    "SEC01 gcp",
    {
        "src/backend/service-account.json": json.dumps(
            {
                "type": "service_account",
                "private_key": "-----BEGIN PRIVATE KEY-----\n"
                "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKjMzEfYyjiWA4R4/M2bS1GB4t7NXp98C3SC6dVMvDuictGeurT8jNbvJZHtCSuYEvu\nNMoSfm76oqFvAp8Gy0iz5sxjZmSnXyCdPEovGhLa0VzMaQ8s+CLOyS56YyCFGeJZ\n"
                "-----END PRIVATE KEY-----\n",
            }
        )
    },
    "SEC01",
)
case(
    "SEC01 redis cmd list",
    {
        "src/docker-compose.yml": svc(
            '    command: ["redis-server", "--requirepass", "hunter22"]\n', "", "image: redis:7"
        )
    },
    "SEC01",
)
case(
    "SEC01 healthcheck pw",
    {"src/docker-compose.yml": svc("", '["CMD", "mysqladmin", "ping", "-psecret123"]', "image: mysql:8.4")},
    "SEC01",
)
case(
    "SEC01 dockerfile RUN",
    {
        "src/docker-compose.yml": svc("", None),
        "src/backend/Dockerfile": "FROM node:22\nRUN echo '//registry.example.org/:_authToken=npm_aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5' > .npmrc\n",
    },
    "SEC01",
)
case(
    "NPM01 husky",
    {
        "src/docker-compose.yml": svc("", None),
        "src/backend/package.json": json.dumps(
            {"scripts": {"prepare": "husky"}, "devDependencies": {"husky": "9"}, "dependencies": {"express": "4"}}
        ),
        "src/backend/package-lock.json": "{}",
        "src/backend/Dockerfile": "FROM node:22\nWORKDIR /app\nCOPY package.json package-lock.json ./\nRUN npm ci --omit=dev\nCOPY . .\nUSER node\nCMD node x\n",
    },
    "NPM01",
)
case(
    "DF08 0",
    {
        "src/docker-compose.yml": svc("", None),
        "src/backend/x.js": "",
        "src/backend/Dockerfile": "FROM node:22 AS builder\nWORKDIR /app\nCOPY . .\nRUN npm run build\n\nFROM nginx:1.27-alpine AS production\nEXPOSE 80\n",
    },
    "DF08",
)
case(
    "DF08 assets in php",
    {
        "src/docker-compose.yml": svc("", None),
        "src/backend/x.js": "",
        "src/backend/Dockerfile": "FROM node:22 AS assets\nCOPY . .\nRUN npm ci && npm run build\nFROM php:8.4-fpm\nCOPY . .\n",
    },
    "DF08",
)
case(
    "DF09 user root last",
    {
        "src/docker-compose.yml": svc("", None),
        "src/backend/x.js": "",
        "src/backend/Dockerfile": 'FROM python:3.12-slim\nCOPY . .\nCMD ["python","x.py"]\n',
    },
    "DF09",
)
case(
    "LAY06 empty",
    {
        "src/docker-compose.yml": svc("", None),
        "src/backend/Dockerfile": "FROM node:22\nWORKDIR /app\nCOPY package*.json ./\nRUN npm install\nCOPY . .\nCMD npm start\n",
    },
    "LAY06",
)
case(
    "SEC05 swarm",
    {
        "src/docker-compose.yml": svc("", "", "image: a:1"),
        ".github/workflows/deploy.yml": "on: push\njobs:\n  production:\n    runs-on: ubuntu-latest\n    steps:\n      - run: docker stack deploy -c src/docker-compose.yml shop\n",
    },
    "SEC05",
)
case(
    "SEC04",
    {
        "src/docker-compose.yml": svc("", "", "image: a:1"),
        ".github/workflows/ci.yml": "on: push\njobs:\n  b:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: docker/setup-buildx-action@v3\n      - uses: docker/build-push-action@v6\n        with: {push: false}\n",
    },
    "SEC04",
)
case(
    "LAY10 readme",
    {
        "src/docker-compose.yml": svc("", "", "image: a:1"),
        "README.md": "# My Project - Docker Infrastructure\n\ndocker compose up\n",
    },
    "LAY10",
)

L: dict[str, str] = {
    "src/app/artisan": "",
    "src/app/composer.json": '{"require":{"laravel/framework":"^12.0"}}',
    "src/app/routes/web.php": "<?php\nuse Illuminate\\Support\\Facades\\Route;\n\nRoute::get('/', function () {\n    return view('welcome');\n});\n",
    "src/app/bootstrap/app.php": "<?php\n\nuse Illuminate\\Foundation\\Application;\n\nreturn Application::configure(basePath: dirname(__DIR__))\n    ->withRouting(\n        web: __DIR__.'/../routes/web.php',\n        commands: __DIR__.'/../routes/console.php',\n    )->create();\n",
    "src/app/routes/console.php": "<?php\n",
}
A = "build: ./app"
fpm = 'FROM php:8.3-fpm-alpine\nRUN apk add --no-cache nginx supervisor curl\nWORKDIR /var/www/html\nCOPY . .\nCOPY docker/nginx.conf /etc/nginx/http.d/default.conf\nCOPY docker/supervisord.conf /etc/supervisord.conf\nRUN mkdir -p storage/framework/cache storage/framework/sessions storage/framework/views bootstrap/cache\nEXPOSE 80\nCMD ["/usr/bin/supervisord","-c","/etc/supervisord.conf"]\n'
X: dict[str, str] = {
    **L,
    "src/app/Dockerfile": fpm,
    "src/app/docker/nginx.conf": "server { listen 80; root /var/www/html/public; location / { try_files $uri $uri/ /index.php?$query_string; } location ~ \\.php$ { fastcgi_pass 127.0.0.1:9000; } }\n",
    "src/app/docker/supervisord.conf": "[supervisord]\nnodaemon=true\nlogfile=/dev/null\n[program:nginx]\ncommand=nginx -g 'daemon off;'\n[program:fpm]\ncommand=php-fpm -F\n",
}
case(
    "laravel supervisor /up without health",
    {**X, "src/docker-compose.yml": svc("", '["CMD","curl","-f","http://127.0.0.1/up"]', A)},
    "HC08",
)
case(
    "laravel supervisor /",
    {**X, "src/docker-compose.yml": svc("", '["CMD","curl","-f","http://127.0.0.1/"]', A)},
    no="HC08",
)
case(
    "laravel supervisor port 8080",
    {**X, "src/docker-compose.yml": svc("    ports: ['8080:80']\n", '["CMD","curl","-f","http://127.0.0.1:8080/"]', A)},
    "HC09",
)
case(
    "laravel traefik 8080",
    {
        **X,
        "src/docker-compose.yml": svc(
            "    labels:\n      - traefik.http.services.a.loadbalancer.server.port=8080\n", "", A
        ),
    },
    "TR01",
)
case(
    "nginx proxied health",
    {
        "src/docker-compose.yml": svc(
            "    volumes: ['./nginx/default.conf:/etc/nginx/conf.d/default.conf:ro']\n",
            '["CMD","curl","-f","http://127.0.0.1/health"]',
            "image: nginx:1.27-alpine",
        ),
        "src/nginx/default.conf": "upstream b { server backend:8000; }\nserver {\n listen 80;\n location / { proxy_pass http://b; }\n}\n",
    },
    no="HC08",
)
case(
    "nginx conf port",
    {
        "src/docker-compose.yml": svc(
            "    volumes: ['./nginx/default.conf:/etc/nginx/conf.d/default.conf:ro']\n",
            '["CMD","curl","-f","http://127.0.0.1:80/"]',
            "image: nginx:1.27-alpine",
        ),
        "src/nginx/default.conf": "server {\n listen 8080;\n location / { proxy_pass http://b; }\n}\n",
    },
    "HC09",
)
case(
    "postgres 5433",
    {"src/docker-compose.yml": svc("", '["CMD-SHELL","pg_isready -U app -p 5433"]', "image: postgres:16.4")},
    "HC09",
)
case(
    "redis port",
    {"src/docker-compose.yml": svc("", '["CMD","redis-cli","-p","6380","ping"]', "image: redis:7.4")},
    "HC09",
)
case(
    "redis port cmd",
    {
        "src/docker-compose.yml": svc(
            "    command: redis-server --port 6380\n", '["CMD","redis-cli","-p","6380","ping"]', "image: redis:7.4"
        )
    },
    no="HC09",
)
case(
    "django manage in subfolder",
    {
        "src/docker-compose.yml": 'services:\n  api:\n    build:\n      context: .\n      dockerfile: docker/api/Dockerfile\n    command: python manage.py runserver 0.0.0.0:8000\n    healthcheck:\n      test: ["CMD","python","-c","import urllib.request; urllib.request.urlopen(\'http://127.0.0.1:8000/healthz\')"]\n',
        "src/docker/api/Dockerfile": "FROM python:3.12-slim\nWORKDIR /app\nCOPY backend/requirements.txt .\nRUN pip install -r requirements.txt\nCOPY backend/ .\nUSER nobody\n",
        "src/backend/requirements.txt": "",
        "src/backend/manage.py": "",
        "src/backend/config/settings.py": "ROOT_URLCONF = 'config.urls'\n",
        "src/backend/config/urls.py": "from django.urls import path\nurlpatterns = [path('health', v)]\n",
    },
    "HC08",
)
case(
    "LAY06 only dockerfile + compose build",
    {
        "src/docker-compose.yml": svc("    volumes: ['./backend:/app']\n"),
        "src/backend/Dockerfile": 'FROM node:22-alpine\nWORKDIR /app\nCMD ["npm","run","dev"]\n',
    },
    "LAY06",
)
case(
    "LAY06 only Dockerfile w RUN npm",
    {
        "src/docker-compose.yml": svc(""),
        "src/backend/Dockerfile": 'FROM node:22-alpine\nWORKDIR /app\nCOPY . .\nRUN npm install\nCMD ["npm","start"]\n',
        "src/backend/.dockerignore": "node_modules\n",
    },
    "LAY06",
)
case(
    "DF07 laravel",
    {
        **L,
        "src/app/Dockerfile": 'FROM php:8.3-fpm-alpine\nWORKDIR /var/www/html\nCOPY . /var/www/html\nRUN chown -R www-data:www-data storage bootstrap/cache\nCMD ["php-fpm"]\n',
        "src/docker-compose.yml": svc("", "", A),
    },
    "DF07",
)
case(
    "DF07 nginx+php stage",
    {
        **L,
        "src/app/Dockerfile": "FROM composer:2 AS vendor\nWORKDIR /app\nCOPY composer.json ./\nRUN composer install\nFROM php:8.3-fpm\nWORKDIR /var/www/html\nCOPY --from=vendor /app/vendor ./vendor\nCOPY . .\n",
        "src/docker-compose.yml": svc("", "", A),
    },
    "DF07",
)
case(
    "DF06 debian supervisor custom log",
    {
        "src/docker-compose.yml": svc(""),
        "src/backend/Dockerfile": 'FROM python:3.12-slim\nRUN apt-get update && apt-get install -y supervisor\nCOPY worker.conf /etc/supervisor/conf.d/worker.conf\nCMD ["supervisord","-n"]\n',
        "src/backend/worker.conf": "[program:worker]\ncommand=celery\nstdout_logfile=/var/log/celery/worker.log\n",
    },
    "DF06",
)
case(
    "DF01 in dev stage",
    {
        "src/docker-compose.yml": svc(""),
        "src/backend/Dockerfile": "FROM php:8.3-cli-alpine AS base\nRUN docker-php-ext-install pdo_mysql\nFROM base AS dev\nRUN pecl install xdebug && docker-php-ext-enable xdebug\n",
    },
    "DF01",
)
case(
    "DF02",
    {
        "src/docker-compose.yml": svc(""),
        "src/backend/Dockerfile": "FROM php:8.3-cli-alpine AS base\nRUN apk add --no-cache autoconf g++ make && pecl install xdebug && docker-php-ext-enable xdebug\n",
    },
    "DF02",
)
case(
    "DF04",
    {
        "src/docker-compose.yml": svc(""),
        "src/backend/Dockerfile": "FROM php:8.3-fpm-alpine\nRUN apk add --no-cache $PHPIZE_DEPS \\\n && pecl install redis \\\n && docker-php-ext-enable redis\n",
    },
    "DF04",
)
case(
    "DF05 dockerignored",
    {
        "src/docker-compose.yml": svc(""),
        "src/backend/package.json": "{}",
        "src/backend/package-lock.json": "{}",
        "src/backend/.dockerignore": "node_modules\n*.json\n!package.json\n",
        "src/backend/Dockerfile": "FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm ci\nUSER node\n",
    },
    "DF05",
)
case(
    "DF05 yarn proj",
    {
        "src/docker-compose.yml": svc(""),
        "src/backend/package.json": "{}",
        "src/backend/yarn.lock": "",
        "src/backend/Dockerfile": "FROM node:22\nWORKDIR /app\nCOPY package.json yarn.lock ./\nRUN npm ci\nUSER node\n",
    },
    "DF05",
)
case("SEC03", {"src/docker-compose.yml": svc("    tmpfs:\n      - /tmp\n", "", "image: nginx:1.27-alpine")}, "SEC03")
case(
    "LAY09",
    {"src/docker-compose.yml": svc("", "", "image: nginx:1.27-alpine"), "src/IMPLEMENTATION_NOTES.md": "x"},
    "LAY09",
)
case("LAY09 b", {"src/docker-compose.yml": svc("", "", "image: nginx:1.27-alpine"), "SETUP_COMPLETE.md": "x"}, "LAY09")
case(
    "LAY09 c",
    {"src/docker-compose.yml": svc("", "", "image: nginx:1.27-alpine"), "docs/INFRASTRUCTURE_SUMMARY.md": "x"},
    no="LAY09",
)
case(
    "LAY09 d",
    {"src/docker-compose.yml": svc("", "", "image: nginx:1.27-alpine"), "src/DIRECTORY_STRUCTURE.md": "x"},
    "LAY09",
)
case(
    "TR01 python",
    {
        "src/docker-compose.yml": svc(
            "    labels:\n      - traefik.enable=true\n      - traefik.http.services.api.loadbalancer.server.port=8080\n"
        ),
        "src/backend/main.py": "from fastapi import FastAPI\napp = FastAPI()\n",
        "src/backend/Dockerfile": 'FROM python:3.12-slim\nWORKDIR /app\nCOPY . .\nUSER nobody\nCMD ["uvicorn","main:app","--host","0.0.0.0","--port","8000"]\n',
    },
    "TR01",
)


@pytest.mark.parametrize(("files", "wanted", "no"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_whole_stack(files: dict[str, str], wanted: str, no: str, tmp_path: Path) -> None:
    for name, text in files.items():
        place = tmp_path / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    codes = {finding.code for finding in check_tree(tmp_path).findings}
    assert not wanted or wanted in codes
    assert no not in codes
