"""Which names hold secrets, and which values are secrets rather than stand-ins for one."""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import Final

_NAME: Final = re.compile(
    r"(?:^|[_.-])(?:PASSWORD|PASSWD|PASSPHRASE|PASS|SECRET|SECRETS|TOKEN|API[_-]?KEY|APIKEY|PRIVATE[_-]?KEY"
    r"|ACCESS[_-]?KEY"
    r"|SECRET[_-]?KEY|ENCRYPTION[_-]?KEY|APP[_-]?KEY|SIGNING[_-]?KEY|MASTER[_-]?KEY|AUTH[_-]?KEY|JWT[_-]?KEY"
    r"|HASH[_-]?SALT"
    r"|CREDENTIALS|KEY[_-]?BASE|PGPASSWORD|ROOTPW)(?:[_-]?(?:BASE|HASH|VALUE|DEV|PROD|TEST|LOCAL|\d+))*$",
    re.IGNORECASE,
)
_GLUED: Final = re.compile(r"(?:PASSWORD|PASSWD|SECRETKEY|APIKEY|SECRET|AUTHTOKEN)$", re.IGNORECASE)
# Names that speak of a secret without holding one.
_ABOUT: Final = re.compile(
    r"PUBLIC|PUBLISHABLE|RANDOM_ROOT|ALLOW_EMPTY|(?:^|_)NO_|_(?:FILE|PATH|NAME|ID|URL|HEADER)$", re.IGNORECASE
)
_STAND_IN: Final = re.compile(
    r"change|replace|example|placeholder|dummy|your[-_ ]|^your|todo|fixme|insert|sample|<[^>]*>|^x{3,}|\*{3,}|\.{3,}"
    r"|not[-_]?(?:a[-_])?(?:real|used|needed|secret)|unused|set[-_]?(?:me|this|in)|fill[-_]?(?:me|in)|generate"
    r"|build[-_]?(?:time|only)"
    r"|for[-_]?build|^build$|^redacted$|^none$|^null$|^false$|^true$|^yes$|^no$|^on$|^off$|^tbd$|^n/?a$|^empty$"
    r"|^undefined$",
    re.IGNORECASE,
)
_NOT_LITERAL: Final = re.compile(r"^\$|\$\{|\$\(|^/run/secrets/|^/|^file:|^vault:|^\{\{|^ssm:|^arn:|^op://|^%\(|^@")
_URL: Final = re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s/:@]*:([^\s/@]+)@[^\s/]+", re.IGNORECASE)
# Tokens whose form alone tells that they are real.
_TOKENS: Final = re.compile(
    r"\b(?:(?:sk|rk)_live_[0-9a-zA-Z]{16,}|gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{22,}|xox[abposr]-[\w-]{20,}"
    r"|(?:AKIA|ASIA)[0-9A-Z]{16}|AIza[\w-]{35}|SG\.[\w-]{16,}\.[\w-]{16,}|glpat-[\w-]{20,}|npm_[A-Za-z0-9]{36}"
    r"|sk-(?:ant|proj)-[\w-]{20,}|sk-[A-Za-z0-9]{40,}|dop_v1_[0-9a-f]{64}|hvs\.[\w-]{24,})"
)
_KEY: Final = re.compile(
    r"-----BEGIN (?:(?:RSA|EC|DSA|OPENSSH|ENCRYPTED|PGP) )?PRIVATE KEY(?: BLOCK)?-----(?:\\n"
    r"|\s)+((?:[A-Za-z0-9+/=:, -]|\\n|\s)+)"
)


def is_secret_name(name: str) -> bool:
    """Whether a variable of this name holds a secret."""
    return not _ABOUT.search(name) and bool(_NAME.search(name) or (len(name) > 6 and _GLUED.search(name)))


def is_stand_in(value: str) -> bool:
    """Whether a value is empty, interpolated, or says itself that it is to be replaced."""
    text = value.strip().strip("\"'")
    return not text or bool(_NOT_LITERAL.search(text) or _STAND_IN.search(text))


def url_password(value: str) -> str | None:
    """Return the literal password in a URL with user and password, or None."""
    match = _URL.search(value)
    if not match or is_stand_in(match[1]) or "{" in match[1]:
        return None
    return match[1]


def known_token(value: str) -> bool:
    """Whether a text holds a provider's token, by its form; documented examples are none."""
    match = _TOKENS.search(value)
    return match is not None and "EXAMPLE" not in match[0].upper() and _entropy(match[0]) > 3.0


def private_key(text: str) -> int | None:
    """Return where a private key begins in a text, or None; a stub without a real body is none."""
    for match in _KEY.finditer(text):
        body = re.sub(r"[^A-Za-z0-9+/]", "", match[1])
        if len(body) >= 100 and _entropy(body) > 4.0:
            return match.start()
    return None


def random_like(value: str) -> bool:
    """Whether a value looks generated: long, and as mixed as chance."""
    text = value.strip()
    return len(text) >= 20 and _entropy(text) > 3.5 and bool(re.search(r"\d", text)) and " " not in text


def _entropy(text: str) -> float:
    counts = Counter(text)
    return -sum(n / len(text) * math.log2(n / len(text)) for n in counts.values()) if text else 0.0
