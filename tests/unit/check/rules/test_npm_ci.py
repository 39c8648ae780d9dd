"""DF05: `npm ci` and its lock file."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.check.rules import npm_ci_lockfile
from bot.model.finding import Finding

Check = Callable[..., list[Finding]]

RULE = npm_ci_lockfile.RULE
BASE = {"src/docker-compose.yml": "services:\n  a:\n    build: ./backend\n", "src/backend/package.json": "{}\n"}
LOCK = {"src/backend/package-lock.json": "{}\n"}


def dockerfile(*lines: str) -> dict[str, str]:
    return {"src/backend/Dockerfile": "FROM node:22-alpine AS base\nWORKDIR /app\n" + "\n".join(lines) + "\n"}


def fixed(text: str, finding: Finding) -> str:
    assert finding.fix is not None
    for edit in sorted(finding.fix.edits, key=lambda e: -e.start):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


@pytest.mark.parametrize(
    "lines",
    [
        ("COPY package*.json ./", "RUN npm ci"),
        ("COPY package.json ./", "RUN npm ci --omit=dev && npm cache clean --force"),
        ("COPY . .", "RUN NODE_ENV=production npm ci"),
        ("COPY . .", "RUN npm clean-install"),
        ("COPY package.json .", "RUN set -eux; \\\n  # install\n  npm ci"),
        ("COPY package.json .", "FROM base AS deps", "RUN npm ci"),
        ("COPY package.json .", "RUN --mount=type=cache,target=/root/.npm npm ci"),
        ("COPY package.json .", "RUN <<EOF\nnpm ci\nEOF"),
        ("COPY package.json .", 'RUN ["npm", "ci"]'),
    ],
)
def test_no_lock_file_at_all(findings: Check, lines: tuple[str, ...]) -> None:
    files = {**BASE, **dockerfile(*lines)}
    (found,) = findings(RULE, files)
    assert "has none" in found.message
    if "[" not in lines[-1]:
        after = fixed(files["src/backend/Dockerfile"], found)
        assert "npm install" in after
        assert findings(RULE, {"src/backend/Dockerfile": after}) == []


@pytest.mark.parametrize(
    ("copy", "mended"),
    [
        ("COPY package.json ./", "COPY package.json package-lock.json ./"),
        ("COPY package.json .", "COPY package.json package-lock.json ."),
        (
            "COPY --chown=node:node ./package.json /app/",
            "COPY --chown=node:node ./package.json ./package-lock.json /app/",
        ),
        ("COPY package.json package.json", "COPY package.json package-lock.json ./"),
        ("COPY package.json /app", "COPY package.json package-lock.json /app/"),
    ],
)
def test_lock_file_that_is_not_copied(findings: Check, copy: str, mended: str) -> None:
    files = {**BASE, **LOCK, **dockerfile(copy, "RUN npm ci", "COPY . .")}
    (found,) = findings(RULE, files)
    assert "not copied" in found.message
    after = fixed(files["src/backend/Dockerfile"], found)
    assert mended in after
    assert findings(RULE, {"src/backend/Dockerfile": after}) == []


@pytest.mark.parametrize(
    "ignore", ["package-lock.json\n", "*.json\n!package.json\n", "**/package-lock.json", "*\n!package.json\n"]
)
def test_lock_file_that_is_docker_ignored(findings: Check, ignore: str) -> None:
    files = {**BASE, **LOCK, "src/backend/.dockerignore": ignore, **dockerfile("COPY package*.json ./", "RUN npm ci")}
    (found,) = findings(RULE, files)
    assert ".dockerignore" in found.message
    assert findings(RULE, {"src/backend/.dockerignore": fixed(ignore, found)}) == []


@pytest.mark.parametrize(
    "lines",
    [
        ("COPY package*.json ./", "RUN npm ci"),
        ("COPY package.json package-lock.json ./", "RUN npm ci"),
        ("COPY . .", "RUN npm ci"),
        ("COPY ./ /app/", "RUN npm ci"),
        ('COPY ["package.json", "package-lock.json", "./"]', "RUN npm ci"),
        ("COPY . /srv/web", "RUN cd /srv/web && npm ci"),
        ("COPY . /srv/web", "RUN npm ci --prefix /srv/web"),
        ("COPY package*.json ./", "FROM base AS two", "RUN npm ci"),
        (
            (
                "RUN --mount=type=bind,source=package.json,target=package.json "
                "--mount=type=bind,source=package-lock.json,target=package-lock.json npm ci"
            ),
        ),
        (
            "FROM node:22 AS deps",
            "WORKDIR /d",
            "COPY package*.json ./",
            "FROM base AS f",
            "COPY --from=deps /d ./",
            "RUN npm ci",
        ),
        ("ARG D=/app", "COPY package*.json ${D}/", "WORKDIR $D", "RUN npm ci"),
    ],
)
def test_lock_file_in_place(findings: Check, lines: tuple[str, ...]) -> None:
    assert findings(RULE, {**BASE, **LOCK, **dockerfile(*lines)}) == []


@pytest.mark.parametrize(
    "lines",
    [
        ("COPY package.json ./", "RUN npm install"),
        ("COPY package.json ./", "RUN npm install --package-lock-only && npm ci"),
        ("COPY package.json ./", "RUN npm install --package-lock-only", "RUN npm ci"),
        ("COPY package.json ./", "RUN npm ci || npm install"),
        ("COPY package*.json ./", "RUN if [ -f package-lock.json ]; then npm ci; else npm install; fi"),
        ("COPY package.json ./", "RUN echo npm ci"),
        ("RUN git clone https://example.org/x.git . && npm ci",),
        ("COPY --from=ghcr.io/acme/sources:1 /src ./", "RUN npm ci"),
    ],
)
def test_where_no_lock_file_is_needed_or_nobody_can_tell(findings: Check, lines: tuple[str, ...]) -> None:
    assert findings(RULE, {**BASE, **dockerfile(*lines)}) == []


def test_context_above_the_dockerfile(findings: Check) -> None:
    compose = "services:\n  a:\n    build: {context: ., dockerfile: backend/Dockerfile}\n"
    files = {**BASE, **LOCK, "src/docker-compose.yml": compose}
    assert findings(RULE, {**files, **dockerfile("COPY backend/package*.json ./", "RUN npm ci")}) == []
    (found,) = findings(RULE, dockerfile("COPY backend/package.json ./", "RUN npm ci"))
    assert "backend/package-lock.json" in found.message
