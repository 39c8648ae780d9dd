"""DF10: images without a version."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.check.rules import image_unpinned
from bot.model.finding import Finding

Check = Callable[..., list[Finding]]

RULE = image_unpinned.RULE


@pytest.mark.parametrize(
    "image",
    [
        "nginx",
        "nginx:latest",
        "ghcr.io/acme/tool",
        "localhost:5000/tool",
        "${IMAGE:-redis}",
        "docker.io/library/redis:latest",
    ],
)
def test_compose_images(findings: Check, image: str) -> None:
    compose = f"services:\n  a:\n    image: {image}\n"
    (found,) = findings(RULE, {"src/docker-compose.yml": compose})
    assert found.line == 3


@pytest.mark.parametrize(
    "image",
    [
        "nginx:1.27-alpine",
        "nginx@sha256:" + "a" * 64,
        "nginx:latest@sha256:" + "a" * 64,
        "node:lts-alpine",
        "localhost:5000/tool:1",
        "${IMAGE}",
        "redis:${TAG}",
    ],
)
def test_pinned_or_unknown(findings: Check, image: str) -> None:
    assert findings(RULE, {"src/docker-compose.yml": f"services:\n  a:\n    image: {image}\n"}) == []


def test_own_images(findings: Check) -> None:
    compose = """
    name: shop
    services:
      a: {build: ./a, image: "shop-app"}
      b: {image: shop-app, command: worker}
      c: {image: shop-a:latest}
    """
    files = {"src/docker-compose.yml": compose, "src/a/Dockerfile": "FROM node:22\n"}
    assert findings(RULE, files) == []


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("FROM node\n", 1),
        ("FROM node:latest AS x\nFROM x\n", 1),
        ("ARG TAG=latest\nFROM node:${TAG}\n", 2),
        ("FROM --platform=$BUILDPLATFORM golang AS b\nFROM scratch\nCOPY --from=b /x /x\n", 1),
        ("FROM php:8.4-fpm\nCOPY --from=composer:latest /usr/bin/composer /usr/bin/composer\n", 2),
        ("FROM php:8.4-fpm\nCOPY --from=composer /usr/bin/composer /usr/bin/composer\n", 2),
    ],
)
def test_dockerfiles(findings: Check, text: str, line: int) -> None:
    (found,) = findings(RULE, {"src/a/Dockerfile": text})
    assert found.line == line


@pytest.mark.parametrize(
    "text",
    [
        "FROM node:22-alpine AS Base\nFROM base\n",
        "FROM scratch\n",
        "ARG TAG\nFROM node:${TAG}\n",
        "ARG V=22\nFROM node:${V}-alpine AS a\nFROM a AS b\nCOPY --from=a /x /x\nCOPY --from=0 /y /y\n",
        "ARG BASE\nFROM ${BASE}\n",
    ],
)
def test_dockerfiles_that_are_pinned(findings: Check, text: str) -> None:
    assert findings(RULE, {"src/a/Dockerfile": text}) == []


def test_build_args_of_compose_count(findings: Check) -> None:
    files = {
        "src/docker-compose.yml": "services:\n  a:\n    build: {context: ./a, args: {TAG: '22'}}\n",
        "src/a/Dockerfile": "ARG TAG=latest\nFROM node:$TAG\n",
    }
    assert findings(RULE, files) == []
