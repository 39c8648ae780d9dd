"""Repositories that hold applications already, as people write them: path to content."""

from __future__ import annotations

import json
from typing import Any, Final


def package(**told: Any) -> str:
    return json.dumps({"name": "app", "private": True, **told})


EXPRESS_SERVER: Final = """
const express = require('express');
const { Pool } = require('pg');
const app = express();
const pool = new Pool({ connectionString: process.env.DATABASE_URL });
app.get('/healthz', async (_req, res) => { await pool.query('SELECT 1'); res.send('ok'); });
app.get('/api/items/:id', (req, res) => res.json({ secret: process.env.JWT_SECRET ? 'set' : 'unset' }));
const port = process.env.PORT || 4000;
const server = app.listen(port, () => console.log(`listening on ${port}`));
process.on('SIGTERM', () => server.close(() => process.exit(0)));
"""
NEST_MAIN: Final = """
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module';
async function bootstrap() {
  const app = await NestFactory.create(AppModule);
  app.setGlobalPrefix('api');
  await app.listen(process.env.PORT ?? 3001);
}
bootstrap();
"""
NEST_HEALTH: Final = """
import { Controller, Get } from '@nestjs/common';
@Controller('health')
export class HealthController {
  @Get()
  check() { return { status: 'ok', db: process.env.DB_HOST, user: process.env.DB_USERNAME }; }
}
"""
FASTAPI_MAIN: Final = """
import os
from fastapi import FastAPI
from app.routers import health
from app.settings import settings

app = FastAPI(title="Orders")
app.include_router(health.router, prefix="/api/v1")


@app.get("/orders/{order_id}")
def order(order_id: int) -> dict[str, int]:
    return {"id": order_id}
"""
FASTAPI_HEALTH: Final = """
from fastapi import APIRouter

router = APIRouter(tags=["health"])


@router.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}
"""
FASTAPI_SETTINGS: Final = """
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    database_url: str = "postgresql+asyncpg://user:pass@localhost:5432/orders"
    redis_host: str
    redis_port: int = 6379
    secret_key: str


settings = Settings()
"""
FLASK_INIT: Final = """
import os
from flask import Flask


def create_app():
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["SQLALCHEMY_DATABASE_URI"]

    from .views import bp
    app.register_blueprint(bp, url_prefix="/api")
    return app
"""
FLASK_VIEWS: Final = """
from flask import Blueprint

bp = Blueprint("views", __name__)


@bp.route("/ping")
def ping():
    return "pong"
"""
DJANGO_MANAGE: Final = """
import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
    from django.core.management import execute_from_command_line
    execute_from_command_line(sys.argv)
"""
DJANGO_SETTINGS: Final = """
import os
SECRET_KEY = os.environ["DJANGO_SECRET_KEY"]
ALLOWED_HOSTS = os.environ.get("DJANGO_ALLOWED_HOSTS", "").split(",")
DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": os.environ.get("POSTGRES_DB", "shop"),
  "USER": os.environ.get("POSTGRES_USER"), "PASSWORD": os.environ.get("POSTGRES_PASSWORD"),
  "HOST": os.environ.get("POSTGRES_HOST", "localhost"), "PORT": os.environ.get("POSTGRES_PORT", "5432")}}
"""
GO_MAIN: Final = """package main

import (
	"context"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	port := os.Getenv("PORT")
	if port == "" {
		port = "9090"
	}
	http.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok")) })
	server := &http.Server{Addr: ":" + port}
	go func() {
		stop := make(chan os.Signal, 1)
		signal.Notify(stop, syscall.SIGTERM)
		<-stop
		_ = server.Shutdown(context.Background())
	}()
	log.Println(server.ListenAndServe())
}
"""
GIN_MAIN: Final = """package main

import "github.com/gin-gonic/gin"

func main() {
	r := gin.Default()
	v1 := r.Group("/api/v1")
	v1.GET("/ready", func(c *gin.Context) { c.String(200, "ok") })
	r.GET("/ping", func(c *gin.Context) { c.String(200, "pong") })
	r.Run()
}
"""
LOCK: Final = json.dumps({"name": "app", "lockfileVersion": 3, "packages": {}})

REPOSITORIES: Final[dict[str, dict[str, str]]] = {
    "express": {
        "src/backend/package.json": package(
            main="server.js", scripts={"start": "node server.js"}, dependencies={"express": "^5", "pg": "^8"}
        ),
        "src/backend/package-lock.json": LOCK,
        "src/backend/server.js": EXPRESS_SERVER,
    },
    "nest-pnpm": {
        "src/backend/package.json": package(
            scripts={"build": "nest build", "start": "nest start", "start:prod": "node dist/main", "db:migrate": "x"},
            dependencies={"@nestjs/core": "^11", "@nestjs/platform-express": "^11"},
            devDependencies={"@nestjs/cli": "^11"},
            packageManager="pnpm@9.15.0",
        ),
        "src/backend/pnpm-lock.yaml": "lockfileVersion: '9.0'\n",
        "src/backend/src/main.ts": NEST_MAIN,
        "src/backend/src/health.controller.ts": NEST_HEALTH,
    },
    "fastify-yarn-old-node": {
        "src/backend/package.json": package(
            scripts={"start": "fastify-app --x && node index.js"},
            dependencies={"fastify": "^4"},
            engines={"node": "20.x"},
        ),
        "src/backend/yarn.lock": "# yarn lockfile v1\n",
        "src/backend/index.js": "const f = require('fastify')();\nf.get('/status', async () => 'ok');\n"
        "f.listen({ port: 5050, host: '0.0.0.0' });\n",
    },
    "prisma": {
        "src/backend/package.json": package(
            scripts={"start": "node dist/index.js", "build": "tsc"},
            dependencies={"express": "^4", "@prisma/client": "^6", "prisma": "^6"},
            devDependencies={"typescript": "^5"},
        ),
        "src/backend/package-lock.json": LOCK,
        "src/backend/prisma/migrations/0_init/migration.sql": "SELECT 1;",
        "src/backend/src/index.ts": "import express from 'express';\nconst app = express();\n"
        "import { router } from './routes/health';\napp.use('/api', healthRouter);\napp.listen(Number(process.env.PORT));\n",
        "src/backend/src/routes/health.ts": "export const router = Router();\nrouter.get('/health', (q, r) => r.end());\n",
        "src/backend/.env.example": "DATABASE_URL=postgresql://me:pw@localhost:5432/db\nPORT=3333\nLOG_LEVEL=info\n"
        "STRIPE_API_KEY=\n",
    },
    "fastapi-uv": {
        "src/backend/pyproject.toml": '[project]\nname = "orders"\nversion = "1"\nrequires-python = ">=3.12"\n'
        'dependencies = ["fastapi", "uvicorn"]\n',
        "src/backend/uv.lock": "version = 1\n",
        "src/backend/alembic.ini": "[alembic]\nscript_location = alembic\n",
        "src/backend/app/main.py": FASTAPI_MAIN,
        "src/backend/app/routers/health.py": FASTAPI_HEALTH,
        "src/backend/app/settings.py": FASTAPI_SETTINGS,
    },
    "flask-factory": {
        "src/backend/requirements.txt": "flask==3.1.0\ngunicorn==23.0.0\n",
        "src/backend/shop/__init__.py": FLASK_INIT,
        "src/backend/shop/views.py": FLASK_VIEWS,
    },
    "flask-plain": {
        "src/backend/requirements.txt": "flask\n",
        "src/backend/app.py": "from flask import Flask\napp = Flask(__name__)\n\n\n@app.route('/')\n"
        "def home():\n    return 'hello'\n\n\nif __name__ == '__main__':\n    app.run(port=5000)\n",
    },
    "django-poetry": {
        "src/backend/pyproject.toml": '[tool.poetry]\nname = "shop"\n[tool.poetry.dependencies]\npython = "^3.12"\n'
        'django = "^5"\ngunicorn = "^23"\n',
        "src/backend/poetry.lock": "# poetry\n",
        "src/backend/manage.py": DJANGO_MANAGE,
        "src/backend/shop/settings.py": DJANGO_SETTINGS,
        "src/backend/shop/urls.py": "urlpatterns = [path('admin/', admin.site.urls), path('health/', views.health)]\n",
    },
    "go": {"src/backend/go.mod": "module example/api\n\ngo 1.24\n", "src/backend/cmd/server/main.go": GO_MAIN},
    "gin": {
        "src/backend/go.mod": "module example/api\n\ngo 1.25\n\nrequire github.com/gin-gonic/gin v1.10.0\n",
        "src/backend/go.sum": "",
        "src/backend/main.go": GIN_MAIN,
    },
    "vite-front": {
        "src/frontend/package.json": package(
            scripts={"dev": "vite", "build": "vite build"},
            dependencies={"react": "^19"},
            devDependencies={"vite": "^7"},
        ),
        "src/frontend/package-lock.json": LOCK,
        "src/frontend/vite.config.ts": "export default defineConfig({ build: { outDir: './www' } });\n",
    },
    "angular-front": {
        "src/frontend/package.json": package(
            scripts={"start": "ng serve", "build": "ng build"},
            dependencies={"@angular/core": "^20"},
            devDependencies={"@angular/cli": "^20"},
        ),
        "src/frontend/package-lock.json": LOCK,
        "src/frontend/angular.json": json.dumps(
            {"projects": {"shop": {"architect": {"build": {"builder": "@angular/build:application", "options": {}}}}}}
        ),
    },
    "next-front": {
        "src/frontend/package.json": package(
            scripts={"build": "next build", "start": "next start"}, dependencies={"next": "^16", "react": "^19"}
        ),
        "src/frontend/package-lock.json": LOCK,
        "src/frontend/app/page.tsx": "export default function Page() { return null; }\n",
    },
    "laravel": {
        "src/backend/composer.json": json.dumps(
            {
                "require": {"php": "^8.2", "laravel/framework": "^12.0", "ext-gd": "*"},
                "autoload": {"psr-4": {"App\\": "app/"}},
            }
        ),
        "src/backend/composer.lock": json.dumps({"packages": [{"name": "intl/user", "require": {"ext-intl": "*"}}]}),
        "src/backend/artisan": "#!/usr/bin/env php\n<?php\n",
        "src/backend/bootstrap/app.php": "<?php\nreturn Application::configure(basePath: dirname(__DIR__))\n"
        "    ->withRouting(web: __DIR__.'/../routes/web.php', api: __DIR__.'/../routes/api.php', health: '/up')\n"
        "    ->create();\n",
        "src/backend/public/index.php": "<?php\n(require_once __DIR__.'/../bootstrap/app.php')->handleRequest();\n",
        "src/backend/routes/web.php": "<?php\nRoute::get('/', fn () => view('welcome'));\n",
        "src/backend/routes/api.php": "<?php\nRoute::get('/orders/{order}', [OrderController::class, 'show']);\n",
        "src/backend/config/database.php": "<?php\nreturn ['default' => env('DB_CONNECTION', 'sqlite'), 'host' => "
        "env('DB_HOST', '127.0.0.1'), 'port' => env('DB_PORT', '5432'),\n 'database' => env('DB_DATABASE', 'laravel'), "
        "'username' => env('DB_USERNAME', 'root'), 'password' => env('DB_PASSWORD', ''),\n"
        " 'redis' => ['host' => env('REDIS_HOST', '127.0.0.1'), 'password' => env('REDIS_PASSWORD')]];\n",
        "src/backend/config/services.php": "<?php\nreturn ['ses' => ['secret' => env('AWS_SECRET_ACCESS_KEY')]];\n",
        "src/backend/config/app.php": "<?php\nreturn ['key' => env('APP_KEY'), 'url' => env('APP_URL')];\n",
        "src/backend/database/migrations/2026_01_01_000000_create_orders_table.php": "<?php\n",
        "src/backend/.env.example": "APP_NAME=Shop\nAPP_KEY=\nDB_CONNECTION=sqlite\n# DB_HOST=127.0.0.1\nCACHE_STORE=database\n"
        "QUEUE_CONNECTION=database\nMAIL_PASSWORD=null\nSTRIPE_SECRET=sk_test_1\n",
        "src/backend/package.json": package(scripts={"build": "vite build"}, devDependencies={"vite": "^7"}),
        "src/backend/package-lock.json": LOCK,
    },
    "symfony": {
        "src/backend/composer.json": json.dumps(
            {
                "require": {
                    "php": "~8.3.0",
                    "symfony/framework-bundle": "7.2.*",
                    "doctrine/doctrine-migrations-bundle": "^3.4",
                }
            }
        ),
        "src/backend/composer.lock": "{}",
        "src/backend/public/index.php": "<?php\nreturn fn (array $context) => new App\\Kernel('prod', false);\n",
        "src/backend/src/Controller/StatusController.php": "<?php\nclass StatusController {\n"
        "    #[Route('/status', name: 'status', methods: ['GET'])]\n    public function show() {}\n}\n",
        "src/backend/.env": 'APP_ENV=dev\nAPP_SECRET=\nDATABASE_URL="postgresql://app:!ChangeMe!@127.0.0.1:5432/app?serverVersion=16"\n',
    },
    "slim": {
        "src/backend/composer.json": json.dumps({"require": {"slim/slim": "^4.14"}}),
        "src/backend/public/index.php": "<?php\n$app = Slim\\Factory\\AppFactory::create();\n"
        "$app->get('/health', fn ($q, $r) => $r);\n$app->run();\n",
    },
    "own-dockerfile": {
        "src/backend/package.json": package(scripts={"start": "node index.js"}, dependencies={"express": "^5"}),
        "src/backend/index.js": "require('express')().get('/up', (q, r) => r.end()).listen(8088);\n",
        "src/backend/Dockerfile": "FROM node:22-alpine\nWORKDIR /app\nCOPY . .\nRUN npm install\nEXPOSE 8088\n"
        'USER node\nCMD ["node", "index.js"]\n',
        "legacy/go.mod": "module legacy\n",
    },
}
