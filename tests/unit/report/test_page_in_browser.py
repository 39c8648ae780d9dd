"""The page in a real browser: no horizontal overflow on a phone or a desk, nothing fetched."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Self

import pytest

from bot.agent.transcript_page import transcript_page
from bot.model.health import HealthReport
from bot.report.health_html import health_html
from bot.report.run_page import run_page
from tests.unit.agent.test_transcript_page import TALK
from tests.unit.report import proposals, reports
from tests.unit.report.test_run_page import BEGAN, RUN

pytestmark = pytest.mark.browser

LONG = "a-service-with-a-name-that-goes-on-and-on-and-on"
MANY = tuple(
    replace(reports.POSTGRES, name=f"{LONG}-{number}", needs=(f"{LONG}-{number % 7}",), log=("x" * 3000,))
    for number in range(40)
)
PAGES = {
    "shop": health_html(reports.HEALTHY, proposals.SHOP),
    "draft": health_html(reports.UNHEALTHY, proposals.DRAFT),
    "build_failed": health_html(reports.BUILD_FAILED),
    "refused": health_html(reports.REFUSED),
    "run": run_page(
        replace(RUN, title=LONG * 9, actor=LONG), github="https://github.com", link="?key=k", now=BEGAN
    ).html,
    "transcript": transcript_page([replace(TALK, turns=TALK.turns * 20)]),
    "many": health_html(replace(reports.UNHEALTHY, services=(*MANY, *reports.UNHEALTHY.services))),
}
# Measured in a frame of the width asked for: a headless window cannot be made narrower than 500 pixels.
FRAME = """<!DOCTYPE html><meta charset="utf-8"><body style="margin:0">
<iframe id="page" src="page.html" style="border:0;width:{width}px;height:900px"></iframe><pre id="out"></pre><script>
document.getElementById("page").onload = () => {{
  const page = document.getElementById("page").contentDocument, root = page.documentElement;
  for (const fold of page.querySelectorAll("details")) fold.open = true;
  const wide = [...page.body.querySelectorAll("*")].filter(
    (one) => one.getBoundingClientRect().right > {width} + 1 && !one.closest(".graph, pre, svg"));
  document.getElementById("out").textContent = JSON.stringify({{
    width: root.clientWidth, scroll: root.scrollWidth, height: root.scrollHeight,
    styled: page.defaultView.getComputedStyle(page.querySelector("h1")).fontWeight,
    wide: wide.slice(0, 3).map((one) => one.outerHTML.slice(0, 120)),
    fetched: page.defaultView.performance.getEntriesByType("resource").map((one) => one.name) }});
}};
</script>"""


class Site:
    """Serves a page and its frame on loopback and remembers what was asked for."""

    def __init__(self, page: str, width: int) -> None:
        files = {"/": FRAME.format(width=width), "/page.html": page}
        asked: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                body = files.get(self.path, "").encode()
                self.send_response(200 if body else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_arguments: object) -> None:
                """Say nothing."""

        self.asked = asked
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    def __enter__(self) -> Self:
        Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.server.shutdown()
        self.server.server_close()


def looked_at(chromium: str, url: str, profile: Path) -> dict[str, object]:
    """Open `url` headless and return what its script wrote."""
    dom = subprocess.run(
        [
            chromium,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--window-size=1400,1000",
            "--virtual-time-budget=5000",
            f"--user-data-dir={profile}",
            "--dump-dom",
            url,
        ],
        capture_output=True,
        text=True,
        timeout=90,
        check=True,
    ).stdout
    found = re.search(r'<pre id="out">(.*?)</pre>', dom, re.DOTALL)
    assert found, dom[:2000]
    assert found[1], dom[:2000]
    seen: dict[str, object] = json.loads(found[1].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
    return seen


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", list(PAGES))
def test_the_page_fits_and_fetches_nothing(chromium: str, name: str, width: int, tmp_path: Path) -> None:
    with Site(PAGES[name], width) as site:
        seen = looked_at(chromium, f"http://127.0.0.1:{site.server.server_port}/", tmp_path)
    assert seen["wide"] == []
    assert seen["scroll"] == seen["width"]
    assert seen["fetched"] == []
    assert seen["styled"] == "700"  # the policy lets the page's own style through
    assert set(site.asked) <= {"/", "/page.html", "/favicon.ico"}


def test_a_page_that_is_too_wide_is_found_out(chromium: str, tmp_path: Path) -> None:
    report: HealthReport = replace(reports.HEALTHY, services=())
    wide = health_html(report).replace("</main>", f"<table><tr><td><pre>{'x' * 99}</pre></td></tr></table></main>")
    style = re.search(r"<style>(.*?)</style>", wide, re.DOTALL)
    assert style
    unbounded = wide.replace("pre-wrap", "pre").replace(
        re.findall(r"style-src '[^']+'", wide)[0], "style-src 'unsafe-inline'"
    )
    with Site(unbounded, 390) as site:
        seen = looked_at(chromium, f"http://127.0.0.1:{site.server.server_port}/", tmp_path)
    assert seen["scroll"] != seen["width"]
