"""DF01 to DF04: PHP extensions from PECL."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.check.rules import pecl_not_enabled, pecl_phpize_deps, phpize_deps_left, xdebug_linux_headers
from bot.model.finding import Finding

Check = Callable[..., list[Finding]]
Fixed = Callable[..., dict[str, str]]

PHPIZE, HEADERS, ENABLE, LEFT = (
    pecl_phpize_deps.RULE,
    xdebug_linux_headers.RULE,
    pecl_not_enabled.RULE,
    phpize_deps_left.RULE,
)
ALPINE = "FROM php:8.4-fpm-alpine\n"


def docker(text: str) -> dict[str, str]:
    return {"src/app/Dockerfile": text}


@pytest.mark.parametrize(
    "text",
    [
        ALPINE + "RUN pecl install redis && docker-php-ext-enable redis\n",
        ALPINE + "RUN apk add --no-cache curl git\nRUN pecl install redis\n",
        ALPINE + "RUN apk add --no-cache autoconf && pecl install -o -f redis-6.1.0\n",
        ALPINE + "RUN apk add --no-cache --virtual .d $PHPIZE_DEPS && apk del .d\nRUN pecl install apcu\n",
        "ARG V=8.4\nFROM php:${V}-cli-alpine3.20 AS base\nFROM base AS prod\nRUN pecl install redis\n",
        ALPINE + "RUN set -eux; \\\n    # redis\n    pecl install redis; \\\n    docker-php-ext-enable redis\n",
        ALPINE + "RUN <<EOF\npecl install redis\nEOF\n",
        "FROM php:8.4-fpm-alpine AS a\nRUN apk add $PHPIZE_DEPS\nFROM php:8.4-fpm-alpine\nRUN pecl install redis\n",
    ],
)
def test_pecl_without_compiler(findings: Check, text: str) -> None:
    (found,) = findings(PHPIZE, docker(text))
    assert "$PHPIZE_DEPS" in found.message


@pytest.mark.parametrize(
    "text",
    [
        ALPINE + "RUN apk add --no-cache $PHPIZE_DEPS && pecl install redis\n",
        ALPINE + 'RUN apk add --no-cache "${PHPIZE_DEPS}" && pecl install redis\n',
        ALPINE + "RUN apk add --no-cache autoconf g++ make && pecl install redis\n",
        ALPINE + "RUN apk add --virtual .b build-base autoconf\nRUN pecl install redis && apk del .b\n",
        "FROM php:8.4-fpm\nRUN pecl install redis\n",
        "FROM acme/php:8.4-alpine\nRUN pecl install redis\n",
        ALPINE + "RUN apk add $PHPIZE_DEPS\nFROM alpine:3.20\n",
        "FROM php:8.4-alpine AS base\nRUN apk add $PHPIZE_DEPS\nFROM base\nRUN pecl install redis\n",
        ALPINE + "RUN docker-php-ext-install pdo_mysql\n",
        ALPINE
        + "COPY --from=mlocati/php-extension-installer:2 /usr/bin/install-php-extensions /usr/bin/\nRUN install-php-extensions redis\n",
        ALPINE + "RUN echo pecl install redis\n",
        ALPINE + 'ENV BUILD="autoconf gcc make musl-dev"\nRUN apk add $BUILD && pecl install redis\n',
    ],
)
def test_pecl_with_compiler(findings: Check, text: str) -> None:
    assert findings(PHPIZE, docker(text)) == []


def test_the_fix_brings_and_takes_away(findings: Check, fixed: Fixed) -> None:
    files = docker(ALPINE + "RUN pecl install redis \\\n && docker-php-ext-enable redis\nUSER www-data\n")
    after = fixed(PHPIZE, files)["src/app/Dockerfile"]
    assert after == (
        ALPINE + "RUN apk add --no-cache --virtual .phpize-deps $PHPIZE_DEPS && pecl install redis \\\n"
        " && docker-php-ext-enable redis && apk del .phpize-deps\nUSER www-data\n"
    )
    assert findings(LEFT, docker(after)) == []


@pytest.mark.parametrize(
    "text",
    [
        ALPINE + "RUN apk add $PHPIZE_DEPS && pecl install xdebug && docker-php-ext-enable xdebug\n",
        ALPINE + "RUN apk add $PHPIZE_DEPS && pecl install redis xdebug-3.4.0\n",
        "FROM php:8.4-cli-alpine AS base\nFROM base AS development\nRUN apk add --virtual .d $PHPIZE_DEPS && pecl install xdebug && apk del .d\n",
    ],
)
def test_xdebug_without_headers(findings: Check, fixed: Fixed, text: str) -> None:
    assert len(findings(HEADERS, docker(text))) == 1
    after = fixed(HEADERS, docker(text))["src/app/Dockerfile"]
    assert "$PHPIZE_DEPS linux-headers" in after


@pytest.mark.parametrize(
    "text",
    [
        ALPINE + "RUN apk add $PHPIZE_DEPS linux-headers && pecl install xdebug\n",
        ALPINE + "RUN apk add linux-headers\nRUN apk add $PHPIZE_DEPS && pecl install xdebug-3.3.2\n",
        ALPINE + "RUN apk add $PHPIZE_DEPS && pecl install xdebug-3.1.6\n",
        "FROM php:8.4-fpm\nRUN pecl install xdebug\n",
        ALPINE + "RUN apk add $PHPIZE_DEPS && pecl install redis\n",
    ],
)
def test_xdebug_with_headers(findings: Check, text: str) -> None:
    assert findings(HEADERS, docker(text)) == []


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        (
            ALPINE + "RUN apk add $PHPIZE_DEPS && pecl install redis && apk del $PHPIZE_DEPS\n",
            "pecl install redis && docker-php-ext-enable redis && apk",
        ),
        (
            "FROM php:8.4-fpm\nRUN pecl install redis xdebug && docker-php-ext-enable redis\n",
            "redis xdebug && docker-php-ext-enable xdebug &&",
        ),
        ("FROM php:8.4-fpm\nRUN pecl install mongodb-1.20.0\n", "mongodb-1.20.0 && docker-php-ext-enable mongodb\n"),
        (
            "FROM php:8.4\nRUN yes '' | pecl install imagick; rm -rf /tmp/*\n",
            "imagick && docker-php-ext-enable imagick; rm",
        ),
    ],
)
def test_not_enabled(findings: Check, fixed: Fixed, text: str, mended: str) -> None:
    assert len(findings(ENABLE, docker(text))) == 1
    assert mended in fixed(ENABLE, docker(text))["src/app/Dockerfile"]


@pytest.mark.parametrize(
    "files",
    [
        docker("FROM php:8.4-fpm\nRUN pecl install redis && docker-php-ext-enable redis\n"),
        docker("FROM php:8.4-fpm\nRUN pecl install redis xdebug-3.4.0 \\\n && docker-php-ext-enable redis xdebug\n"),
        docker(
            'FROM php:8.4-fpm\nRUN pecl install redis && echo "extension=redis.so" > /usr/local/etc/php/conf.d/redis.ini\n'
        ),
        docker(
            "FROM php:8.4-fpm AS e\nRUN pecl install redis\nFROM php:8.4-fpm\nCOPY --from=e /usr/local/lib/php /usr/local/lib/php\n"
            "RUN docker-php-ext-enable redis\n"
        ),
        {
            **docker("FROM php:8.4-fpm\nRUN pecl install xdebug\nCOPY x.ini /usr/local/etc/php/conf.d/\n"),
            "src/app/x.ini": "zend_extension=xdebug\n",
        },
        docker("FROM php:8.4-fpm\nRUN docker-php-ext-install pdo\n"),
    ],
)
def test_enabled(findings: Check, files: dict[str, str]) -> None:
    assert findings(ENABLE, files) == []


def test_left_over_compilers(findings: Check) -> None:
    assert len(findings(LEFT, docker(ALPINE + "RUN apk add --no-cache $PHPIZE_DEPS && pecl install redis\n"))) == 1
    assert (
        len(findings(LEFT, docker("FROM php:8-fpm-alpine AS b\nRUN apk add gcc make autoconf\nFROM b AS production\n")))
        == 1
    )


@pytest.mark.parametrize(
    "text",
    [
        ALPINE + "RUN apk add --no-cache $PHPIZE_DEPS && pecl install redis && apk del $PHPIZE_DEPS\n",
        ALPINE + "RUN apk add --no-cache --virtual .d $PHPIZE_DEPS && pecl install redis && apk del --no-network .d\n",
        "FROM php:8-fpm-alpine AS b\nRUN apk add $PHPIZE_DEPS\nFROM php:8-fpm-alpine\nCOPY --from=b /x /x\n",
        "FROM php:8-fpm-alpine AS base\nFROM base AS development\nRUN apk add $PHPIZE_DEPS\n",
        ALPINE + "RUN apk add --no-cache curl\n",
        "FROM node:22-alpine\nRUN apk add python3 make g++\n",
    ],
)
def test_no_left_over_compilers(findings: Check, text: str) -> None:
    assert findings(LEFT, docker(text)) == []
