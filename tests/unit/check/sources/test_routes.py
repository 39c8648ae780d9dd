"""Routes read from source text: served, not served, or nobody can tell."""

from __future__ import annotations

from textwrap import dedent

import pytest

from bot.check.sources.folder import Folder
from bot.check.sources.nginx_conf import answers, listen_ports, parse_nginx, servers
from bot.check.sources.routes import Routes
from bot.check.sources.routes_django import django_routes
from bot.check.sources.routes_express import express_routes
from bot.check.sources.routes_fastify import fastify_routes
from bot.check.sources.routes_go import go_routes
from bot.check.sources.routes_laravel import laravel_routes
from bot.check.sources.routes_nest import nest_routes
from bot.check.sources.routes_next import next_routes
from bot.check.sources.routes_python import fastapi_routes, flask_routes
from bot.check.sources.routes_vite import vite_routes


def folder(files: dict[str, str]) -> Folder:
    return Folder.of({path: dedent(text) for path, text in files.items()})


def told(routes: Routes, *paths: str) -> list[bool | None]:
    return [routes.serves(path) for path in paths]


def express(**files: str) -> Routes:
    return express_routes(folder({path.replace("__", "/") + ".js": text for path, text in files.items()}), frozenset())


def test_express_plain() -> None:
    routes = express(
        app="""
        const express = require('express');
        const app = express();
        // app.get('/commented', x)
        app.use(express.json());
        app.use(cors({ origin: 'http://127.0.0.1:3000' }));
        app.get('/', (req, res) => res.send('hi'));
        app.get("/items/:id", (req, res) => res.json({}));
        app.post('/orders', (req, res) => res.json({}));
        app.use((req, res) => { res.status(404).json({ error: 'not found' }); });
        app.use((err, req, res, next) => { res.status(500).send('x'); });
        app.listen(3000);
        """
    )
    assert told(routes, "/", "/items/7", "/health", "/commented", "/orders") == [True, True, False, False, False]


def test_express_routers_across_files() -> None:
    routes = express(
        server="""
        import express from 'express';
        import api from './routes/index.js';
        import { healthRouter } from './routes/health';
        const app = express();
        app.use('/api/v1', api);
        app.use(healthRouter);
        """,
        routes__index="""
        const { Router } = require('express');
        const router = Router();
        router.use('/users', require('./users'));
        router.get('/status', (q, s) => s.send('ok'));
        module.exports = router;
        """,
        routes__users="""
        const router = require('express').Router();
        router.get('/:id', h);
        module.exports = router;
        """,
        routes__health="""
        export const healthRouter = express.Router();
        healthRouter.route('/ready').get(h);
        """,
    )
    assert told(routes, "/api/v1/status", "/api/v1/users/4", "/ready", "/status", "/health") == [
        True,
        True,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    "line",
    [
        "app.get('*', spa);",
        "app.get(/.*/, spa);",
        "app.get(prefix + '/health', h);",
        "app.get(`${base}/health`, h);",
        "app.use((req, res) => { res.sendFile(index); });",
        "app.get('/{*splat}', spa)",
        "registerRoutes(app); router.get('/health', h);",
        "app.all('*splat', handler)",
    ],
)
def test_express_that_cannot_be_told(line: str) -> None:
    routes = express(app=f"const app = express();\napp.get('/', h);\n{line}\n")
    assert routes.serves("/health") is not False


def test_express_middleware_package_that_answers() -> None:
    files = folder({"app.js": "const app = express(); app.get('/', h)"})
    assert express_routes(files, frozenset({"express", "express-healthcheck"})).serves("/health") is None


def test_express_typescript_and_static(tmp_path: object) -> None:
    del tmp_path
    files = folder(
        {
            "src/index.ts": """
            import express, { Express, Request } from 'express';
            const app: Express = express();
            app.use('/assets', express.static('public'));
            app.get(['/a', '/b'], (req: Request, res) => res.send(''));
            """,
            "public/logo.png": "",
        }
    )
    routes = express_routes(files, frozenset())
    assert told(routes, "/a", "/b", "/assets/logo.png", "/c") == [True, True, True, False]


def test_fastify() -> None:
    files = folder(
        {
            "app.js": """
            const fastify = require('fastify')({ logger: true });
            fastify.get('/', async () => 'x');
            fastify.route({ method: 'GET', url: '/ping', handler });
            fastify.route({ method: 'POST', url: '/make', handler });
            fastify.register(require('./users'), { prefix: '/users' });
            """,
            "users.js": "module.exports = async function (f) { f.get('/:id', h); f.get('/', h2) }",
        }
    )
    routes = fastify_routes(files, frozenset({"fastify"}))
    assert told(routes, "/", "/ping", "/users/3", "/users", "/health", "/make") == [
        True,
        True,
        True,
        True,
        False,
        False,
    ]


NEST = {
    "src/main.ts": "const app = await NestFactory.create(AppModule);\nawait app.listen(3000);\n",
    "src/health.controller.ts": "@Controller('health')\nexport class H {\n  @Get()\n  check() {}\n  @Get('live')\n  live() {}\n}\n",
    "src/app.controller.ts": "@Controller()\nexport class A { @Get() root() {} @Post('x') x() {} }\n",
}


def test_nest() -> None:
    assert told(nest_routes(folder(NEST)), "/health", "/health/live", "/", "/x", "/api/health") == [
        True,
        True,
        True,
        False,
        False,
    ]
    prefixed = {**NEST, "src/main.ts": "app.setGlobalPrefix('api');"}
    assert told(nest_routes(folder(prefixed)), "/health", "/api/health") == [False, True]
    excluded = {**NEST, "src/main.ts": "app.setGlobalPrefix('api', { exclude: ['health', { path: 'x', method: 0 }] });"}
    assert told(nest_routes(folder(excluded)), "/health", "/api/health/live") == [True, True]
    versioned = {**NEST, "src/main.ts": "app.enableVersioning({ type: VersioningType.URI });"}
    assert nest_routes(folder(versioned)).serves("/v1/health") is None


def test_fastapi_routers_and_prefixes() -> None:
    files = folder(
        {
            "app/main.py": """
            from fastapi import FastAPI
            from app.api import router as api_router
            from .config import settings
            from app.routers import users
            app = FastAPI(title="x")
            app.include_router(api_router, prefix=settings.API_PREFIX)
            app.include_router(users.router)

            @app.get("/")
            async def root(): ...
            """,
            "app/config.py": "class Settings:\n    API_PREFIX: str = '/api/v1'\nsettings = Settings()\n",
            "app/api.py": """
            from fastapi import APIRouter
            router = APIRouter()
            @router.get("/health", tags=["health"])
            def health(): ...
            """,
            "app/routers/__init__.py": "",
            "app/routers/users.py": """
            router = APIRouter(prefix="/users")
            @router.get("/{user_id}")
            def one(user_id: int): ...
            @router.post("/make")
            def make(): ...
            """,
        }
    )
    routes = fastapi_routes(files)
    assert told(routes, "/api/v1/health", "/users/3", "/", "/docs", "/health", "/ready") == [
        True,
        True,
        True,
        True,
        False,
        False,
    ]


def test_fastapi_computed_prefix_is_not_told() -> None:
    files = folder(
        {
            "main.py": "app = FastAPI()\nfor r in routers:\n    app.include_router(r)\n",
            "r.py": "router = APIRouter()\n@router.get('/health')\ndef h(): ...\n",
        }
    )
    assert fastapi_routes(files).serves("/health") is None


def test_flask_blueprints() -> None:
    files = folder(
        {
            "app/__init__.py": """
            from flask import Flask
            from app.views import bp
            def create_app():
                app = Flask(__name__)
                app.register_blueprint(bp, url_prefix="/api")
                @app.route("/ping")
                def ping(): return "pong"
                return app
            """,
            "app/views.py": """
            from flask import Blueprint
            bp = Blueprint("api", __name__)
            @bp.route("/health", methods=["GET"])
            def health(): return "ok"
            @bp.route("/make", methods=["POST"])
            def make(): ...
            """,
        }
    )
    assert told(flask_routes(files), "/ping", "/api/health", "/health", "/api/make") == [True, True, False, False]


DJANGO = {
    "config/settings.py": 'ROOT_URLCONF = "config.urls"\n',
    "config/urls.py": """
    from django.contrib import admin
    from django.urls import include, path, re_path
    urlpatterns = [
        path("admin/", admin.site.urls),
        path("api/", include("shop.urls")),
        path("accounts/", include("django.contrib.auth.urls")),
        re_path(r"^ready/?$", ready),
    ]
    urlpatterns += [path("extra/<int:id>/", extra)]
    """,
    "shop/urls.py": """
    router = DefaultRouter()
    router.register(r"products", ProductViewSet)
    urlpatterns = [path("health/", health), path("", include(router.urls))]
    """,
}


def test_django() -> None:
    routes = django_routes(folder(DJANGO))
    paths = (
        "/api/health/",
        "/api/health",
        "/health/",
        "/health",
        "/admin/login/",
        "/accounts/x",
        "/ready",
        "/extra/4",
        "/api/products/1/",
    )
    assert told(routes, *paths) == [True, True, False, False, True, True, True, True, True]


def test_django_that_cannot_be_told() -> None:
    files = {**DJANGO, "shop/urls.py": "urlpatterns = make_patterns()\n"}
    assert django_routes(folder(files)).serves("/health/") is None


LARAVEL = {
    "artisan": "",
    "bootstrap/app.php": """<?php
    return Application::configure(basePath: dirname(__DIR__))
        ->withRouting(
            web: __DIR__.'/../routes/web.php',
            health: '/up',
        )->create();
    """,
    "routes/web.php": """<?php
    // Route::get('/commented', fn () => 1);
    # Route::get('/hash', fn () => 1);
    Route::get('/', function () { return view('welcome'); });
    Route::prefix('shop')->group(function () {
        Route::get('/items/{id}', [ItemController::class, 'show']);
    });
    Route::post('/health-post', fn () => 1);
    """,
    "routes/api.php": "<?php\nRoute::get('/status', fn () => 1);\nRoute::apiResource('orders', OrderController::class);\n",
}


def test_laravel() -> None:
    routes = laravel_routes(folder(LARAVEL))
    paths = (
        "/",
        "/up",
        "/shop/items/3",
        "/api/status",
        "/api/orders/4",
        "/status",
        "/health",
        "/commented",
        "/hash",
        "/health-post",
    )
    assert told(routes, *paths) == [True, True, True, True, True, False, False, False, False, False]


def test_laravel_without_health_route_has_no_up() -> None:
    files = {**LARAVEL, "bootstrap/app.php": "<?php\n$app = new Illuminate\\Foundation\\Application();\nreturn $app;\n"}
    assert laravel_routes(folder(files)).serves("/up") is False


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('mux := http.NewServeMux()\nmux.HandleFunc("GET /health", h)\nmux.HandleFunc("POST /x", h)', [True, False]),
        ('http.HandleFunc("/ping", h)', [False, False]),
        ('http.HandleFunc("/", h)', [True, True]),
        ('http.HandleFunc("/{$}", h)', [False, False]),
        ('r := gin.Default()\nv1 := r.Group("/api")\nv1.GET("/health", h)', [False, False]),
        ('r := gin.Default()\nr.GET("/health", h)\nr.POST("/x", h)', [True, False]),
        ('r := chi.NewRouter()\nr.Route("/api", func(r chi.Router) {\n  r.Get("/health", h)\n})', [False, False]),
        ('r := chi.NewRouter()\nr.Get("/health", h)\nr.Mount("/x", sub)', [True, True]),
        ('e := echo.New()\ne.GET("/health", h)\ne.GET("/x", h)', [True, True]),
        ('func Register(g *gin.RouterGroup) {\n  g.GET("/health", h)\n}', [None, False]),
        ('app := fiber.New()\napp.Get("/health", h)', [True, False]),
    ],
)
def test_go(text: str, expected: list[bool | None]) -> None:
    imports = (
        'import "github.com/gin-gonic/gin"\n'
        if "gin." in text
        else 'import "github.com/go-chi/chi/v5"\n'
        if "chi." in text
        else ""
    )
    assert told(go_routes(folder({"main.go": imports + text})), "/health", "/x") == expected


def test_next() -> None:
    files = folder(
        {
            "app/page.tsx": "",
            "app/api/health/route.ts": "",
            "app/(shop)/items/[id]/page.tsx": "",
            "app/docs/[...slug]/page.tsx": "",
            "pages/about.tsx": "",
            "pages/api/old.ts": "",
            "pages/_app.tsx": "",
            "public/robots.txt": "",
        }
    )
    routes = next_routes(files)
    paths = (
        "/",
        "/api/health",
        "/items/3",
        "/docs/a/b",
        "/about",
        "/api/old",
        "/robots.txt",
        "/health",
        "/shop/items/3",
    )
    assert told(routes, *paths) == [True, True, True, True, True, True, True, False, False]
    assert next_routes(folder({"app/page.tsx": "", "middleware.ts": ""})).serves("/health") is None
    assert next_routes(folder({"app/page.tsx": "", "next.config.js": "async rewrites() {}"})).serves("/health") is None


def test_vite() -> None:
    files = folder(
        {
            "vite.config.ts": "export default defineConfig({ server: { proxy: { '/api': 'http://b:1' } } })",
            "public/ok.txt": "",
        }
    )
    assert told(vite_routes(files), "/", "/health", "/api/health", "/ok.txt") == [True, False, True, True]
    odd = folder({"vite.config.ts": "plugins: [{ configureServer(s) {} }]"})
    assert vite_routes(odd).serves("/health") is None


@pytest.mark.parametrize(
    ("conf", "path", "expected"),
    [
        ("server { listen 8080; location / { try_files $uri $uri/ /index.html; } }", "/health", True),
        ("server { location = /healthz { return 200 'ok'; } }", "/healthz", True),
        ("server { root /x; location / { try_files $uri =404; } }", "/health", False),
        ("server { root /usr/share/nginx/html; index index.html; }", "/health", False),
        ("server { root /usr/share/nginx/html; index index.html; }", "/", True),
        ("server { location / { proxy_pass http://b:1; } }", "/health", None),
        (
            "server { location ~ \\.php$ { fastcgi_pass php:9000; } location / { try_files $uri /index.php; } }",
            "/x",
            True,
        ),
        ("http { server { location /api { proxy_pass http://b:1; } location / { root /x; } } }", "/health", False),
    ],
)
def test_nginx(conf: str, path: str, expected: bool | None) -> None:
    (server,) = servers(parse_nginx(conf))
    assert answers(server, path) is expected


def test_nginx_ports() -> None:
    (server,) = servers(
        parse_nginx("server { listen 8080 default_server; listen [::]:8443 ssl; listen 127.0.0.1:81; }")
    )
    assert listen_ports(server) == {8080, 8443, 81}
    (variable,) = servers(parse_nginx("server { listen ${PORT}; }"))
    assert listen_ports(variable) is None
    (silent,) = servers(parse_nginx("server { root /x; }"))
    assert listen_ports(silent) == {80}
