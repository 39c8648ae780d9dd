"""NPM01: tools that npm scripts call."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from bot.check.rules import script_tool_missing
from bot.model.finding import Finding

Check = Callable[..., list[Finding]]

RULE = script_tool_missing.RULE
NODE = "FROM node:22-alpine\nWORKDIR /app\nCOPY package*.json ./\n"


def tree(
    scripts: dict[str, str],
    dockerfile: str = "",
    dev: tuple[str, ...] = (),
    deps: tuple[str, ...] = ("express",),
    lock: tuple[str, ...] = (),
) -> dict[str, str]:
    package = {"scripts": scripts, "dependencies": dict.fromkeys(deps, "1"), "devDependencies": dict.fromkeys(dev, "1")}
    files = {
        "src/docker-compose.yml": "services:\n  app:\n    build: ./app\n",
        "src/app/package.json": json.dumps(package, indent=2) + "\n",
        "src/app/Dockerfile": dockerfile or NODE + "RUN npm ci\nCOPY . .\nCMD npm start\n",
    }
    if lock:
        files["src/app/package-lock.json"] = json.dumps({"packages": {f"node_modules/{name}": {} for name in lock}})
    return files


@pytest.mark.parametrize(
    ("scripts", "script", "package"),
    [
        ({"postinstall": "patch-package"}, "postinstall", "patch-package"),
        ({"prepare": "husky install"}, "prepare", "husky"),
        ({"postinstall": "npm run gen", "gen": "prisma generate"}, "gen", "prisma"),
        ({"start": "cross-env NODE_ENV=production node x.js"}, "start", "cross-env"),
        ({"start": "nest start"}, "start", "@nestjs/cli"),
        ({"prestart": "tsc -p .", "start": "node x.js"}, "prestart", "typescript"),
        ({"preinstall": "node a.js && only-allow npm"}, "preinstall", "only-allow"),
        ({"start": "ts-node src/index.ts"}, "start", "ts-node"),
    ],
)
def test_in_no_list(findings: Check, scripts: dict[str, str], script: str, package: str) -> None:
    (found,) = findings(RULE, tree(scripts))
    assert f"`{package}`" in found.message
    assert found.path == "src/app/package.json"
    assert f'"{script}":' in tree(scripts)["src/app/package.json"].splitlines()[found.line - 1]


@pytest.mark.parametrize(
    ("scripts", "dev", "lock"),
    [
        ({"postinstall": "patch-package"}, ("patch-package",), ()),
        ({"prepare": "husky || true"}, (), ()),
        ({"prepare": "is-ci || husky"}, (), ()),
        ({"prepare": "[ -d .git ] && husky"}, ("is-ci",), ()),
        ({"lint": "eslint .", "test": "jest"}, (), ()),
        ({"start": "node x.js", "postinstall": "node scripts/setup.js"}, (), ()),
        ({"start": "tsc && node x.js"}, ("@nestjs/cli",), ()),
        ({"start": "npx prisma migrate deploy && node x.js"}, (), ()),
        ({"start": "vite preview"}, (), ("vite",)),
        ({"start": "./node_modules/.bin/thing"}, (), ()),
        ({"start": "my-own-tool"}, (), ()),
        ({"postinstall": "echo patch-package"}, (), ()),
        ({"start": "dotenv -e .env -- node x.js"}, ("dotenv-cli",), ()),
    ],
)
def test_in_a_list_or_not_needed(
    findings: Check, scripts: dict[str, str], dev: tuple[str, ...], lock: tuple[str, ...]
) -> None:
    assert findings(RULE, tree(scripts, dev=dev, lock=lock)) == []


def test_global_install(findings: Check) -> None:
    assert findings(RULE, tree({"start": "pm2-runtime x.js"}, NODE + "RUN npm install -g pm2@5\nCMD npm start\n")) == []


@pytest.mark.parametrize(
    ("dockerfile", "scripts", "dev"),
    [
        (NODE + "RUN npm ci --omit=dev\nCMD node x\n", {"prepare": "husky"}, ("husky",)),
        (NODE + "RUN npm ci --only=production\nCMD node x\n", {"postinstall": "patch-package"}, ("patch-package",)),
        (
            NODE + "ENV NODE_ENV=production\nRUN npm ci\nCOPY . .\nRUN npm run build\n",
            {"build": "tsc -p ."},
            ("typescript",),
        ),
        (
            NODE + 'RUN npm install --production\nCOPY . .\nCMD ["npm", "run", "dev"]\n',
            {"dev": "nodemon x.js"},
            ("nodemon",),
        ),
        (NODE + "RUN NODE_ENV=production npm ci && npm run build\n", {"build": "vite build"}, ("vite",)),
        (
            (
                "FROM node:22 AS deps\nWORKDIR /app\nCOPY package.json .\nRUN npm ci --omit=dev\nFROM node:22\nWORKDIR /app\n"
                "COPY --from=deps /app/node_modules ./node_modules\nCOPY . .\nRUN npm run build\n"
            ),
            {"build": "tsc"},
            ("typescript",),
        ),
        (NODE + "RUN npm ci\nRUN npm prune --omit=dev\nCOPY . .\nCMD npm start\n", {"start": "tsx x.ts"}, ("tsx",)),
    ],
)
def test_dev_only_where_left_out(
    findings: Check, dockerfile: str, scripts: dict[str, str], dev: tuple[str, ...]
) -> None:
    (found,) = findings(RULE, tree(scripts, dockerfile, dev))
    assert found.path == "src/app/Dockerfile"
    assert "development dependency" in found.message


@pytest.mark.parametrize(
    ("dockerfile", "scripts", "dev"),
    [
        (NODE + "RUN npm ci --omit=dev --ignore-scripts\nCMD node x\n", {"prepare": "husky"}, ("husky",)),
        (NODE + "RUN npm pkg delete scripts.prepare && npm ci --omit=dev\n", {"prepare": "husky"}, ("husky",)),
        (
            NODE + "RUN npm ci\nCOPY . .\nRUN npm run build && npm prune --omit=dev\nCMD node x\n",
            {"build": "tsc"},
            ("typescript",),
        ),
        (
            NODE + "ENV NODE_ENV=production\nRUN npm ci --include=dev && npm run build\n",
            {"build": "tsc"},
            ("typescript",),
        ),
        (
            (
                "FROM node:22 AS b\nWORKDIR /app\nCOPY . .\nRUN npm ci && npm run build\nFROM node:22\nWORKDIR /app\nENV NODE_ENV=production\n"
                "COPY package.json .\nRUN npm ci --omit=dev\nCOPY --from=b /app/dist dist\nCMD node dist/x.js\n"
            ),
            {"build": "tsc"},
            ("typescript",),
        ),
        (NODE + "RUN npm ci --omit=dev\nCMD npm start\n", {"start": "node x.js", "dev": "nodemon x.js"}, ("nodemon",)),
        (NODE + "RUN npm install\nENV NODE_ENV=production\nRUN npm run build\n", {"build": "tsc"}, ("typescript",)),
    ],
)
def test_dev_tools_that_are_there(
    findings: Check, dockerfile: str, scripts: dict[str, str], dev: tuple[str, ...]
) -> None:
    assert findings(RULE, tree(scripts, dockerfile, dev)) == []


def test_workspaces_are_not_judged(findings: Check) -> None:
    files = tree({"postinstall": "patch-package"})
    files["src/package.json"] = '{"workspaces": ["app"]}'
    assert findings(RULE, files) == []
