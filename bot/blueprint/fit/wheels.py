"""What Python packages need of Debian: to be built, where PyPI has no wheel of them, and to run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

# Package to what building it needs, and what it needs when it runs; from the packages' own installation pages.
_NEEDS: Final[dict[str, tuple[str, str]]] = {
    "cairosvg": ("", "libcairo2"),
    "ffmpeg-python": ("", "ffmpeg"),
    "mysqlclient": ("gcc pkg-config default-libmysqlclient-dev", "libmariadb3"),
    "opencv-contrib-python": ("", "libgl1 libglib2.0-0"),
    "opencv-python": ("", "libgl1 libglib2.0-0"),
    "pdf2image": ("", "poppler-utils"),
    "psycopg": ("", "libpq5"),
    "psycopg-c": ("gcc libpq-dev", "libpq5"),
    "psycopg2": ("gcc libpq-dev", "libpq5"),
    "pycurl": ("gcc libcurl4-openssl-dev libssl-dev", "libcurl4"),
    "pydub": ("", "ffmpeg"),
    "pyodbc": ("gcc g++ unixodbc-dev", "unixodbc"),
    "pytesseract": ("", "tesseract-ocr"),
    "python-ldap": ("gcc libldap2-dev libsasl2-dev", "libldap2 libsasl2-2"),
    "python-magic": ("", "libmagic1"),
    "uwsgi": ("gcc libc6-dev", ""),
    "weasyprint": ("", "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"),
}
_NAME: Final = re.compile(
    r"(?:^|[\"'\s,\[])(?P<name>[a-z][a-z0-9_.-]*)(?P<extras>\[[^\]]*\])?\s*(?=[=<>~!;,\"'\s]|$)", re.MULTILINE
)


def system_packages(listed: str) -> Mapping[str, str]:
    """Return Debian's packages for what `listed` (requirements or `pyproject.toml`, in lower case) names.

    Returns:
        `temporary` to build with, `kept` to run with, each words with spaces between; empty where none are needed.
    """
    temporary: dict[str, None] = {}
    kept: dict[str, None] = {}
    for match in _NAME.finditer(re.sub(r"(?:^|\s)#.*", "", listed)):
        name, extras = match["name"].replace("_", "-"), match["extras"] or ""
        if name == "psycopg" and "binary" in extras:
            continue
        if name == "psycopg" and re.search(r"\bc\b", extras):
            name = "psycopg-c"
        needs = _NEEDS.get(name)
        if needs:
            temporary |= dict.fromkeys(needs[0].split())
            kept |= dict.fromkeys(needs[1].split())
    if not temporary and not kept:
        return {}
    return {"temporary": " ".join(temporary), "kept": " ".join(kept)}
