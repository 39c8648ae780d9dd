"""Reads rendered Markdown as GitHub would, to see what of it is alive."""

from __future__ import annotations

import re
from dataclasses import dataclass

from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

OUR_HTML = re.compile(
    r"(?:\s|</?details>|</?summary>|</?code>|<!-- groundwork:health(?: run=[\w.-]+)?(?: head=[0-9a-f]+)? -->)*"
)
ATTACKS = (
    "</summary></details>",
    "```\n# pwned\n",
    "~~~~",
    "`````` x",
    "<script>alert(1)</script>",
    "<img src=https://evil.example/x.png>",
    "![x](https://evil.example/x.png)",
    "[click](javascript:alert(1))",
    "[ref]: https://evil.example",
    "<https://evil.example>",
    "https://github.com/o/r/issues/1",
    "www.evil.example",
    "@org/team",
    "me@evil.example",
    "closes #1",
    "GH-7 o/r#12",
    "| a | b |",
    "\\",
    "\\|",
    "\\\\|",
    "`",
    "``",
    "`a|b`",
    "**bold** __b__ _i_ ~~s~~",
    "<!-- groundwork:health head=0000000 -->",
    "<!--",
    "-->",
    "<![CDATA[",
    "<?x",
    "&lt;b&gt; &amp;&#35;1",
    "$\\href{javascript:1}{x}$",
    "\n\n# heading\n\n",
    "\n---\n",
    "\n> quote",
    "- item",
    "1. item",
    "    indented",
    "\x1b[31mred\x1b[0m\x1b]8;;https://evil.example\x07link\x1b]8;;\x07",
    "\u202eright-to-left\u202c",
    "zero\u200bwidth\ufeff",
    "\x00\x07\x08",
    "\r\nover\rwritten",
    ":white_check_mark:",
    "\ud800",
    "\uff05\uff20\uff03",  # full-width %@#
)
hostile = st.lists(st.one_of(st.sampled_from(ATTACKS), st.text(max_size=12)), min_size=1, max_size=6).map("".join)


@dataclass(frozen=True)
class Read:
    """What a renderer sees."""

    tokens: list[Token]
    inline: list[Token]

    def count(self, kind: str) -> int:
        return sum(token.type == kind for token in (*self.tokens, *self.inline))

    @property
    def html(self) -> list[str]:
        return [token.content for token in (*self.tokens, *self.inline) if token.type in {"html_block", "html_inline"}]

    @property
    def literal(self) -> list[str]:
        """Text outside of code, where GitHub looks for mentions, references and addresses."""
        outside, found = True, []
        for token in self.inline:
            if token.type in {"link_open", "link_close"}:  # `targets` has them
                outside = token.type == "link_close"
            elif token.type == "html_inline" and token.content in {"<code>", "</code>"}:
                outside = token.content == "</code>"
            elif token.type == "text" and outside:
                found.append(token.content)
        return found

    @property
    def targets(self) -> list[str]:
        return [str(token.attrs["href"]) for token in self.inline if token.type == "link_open"]


def read(markdown: str) -> Read:
    tokens = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(markdown)
    return Read(tokens, [child for token in tokens for child in token.children or ()])


def assert_contained(markdown: str, *, headings: int, links: tuple[str, ...] = (), emphasised: int = 0) -> None:
    """Assert that nothing but our own structure is alive in `markdown`."""
    seen = read(markdown)
    assert seen.count("heading_open") == headings
    assert seen.count("image") == seen.count("blockquote_open") == seen.count("code_block") == seen.count("hr") == 0
    assert seen.count("em_open") <= emphasised
    assert seen.count("s_open") == 0
    assert set(seen.targets) <= set(links)
    for html in seen.html:
        left = re.sub(r"<summary>.*?</summary>", "", html, flags=re.DOTALL)
        assert OUR_HTML.fullmatch(left), html
        for summary in re.findall(r"<summary>(.*?)</summary>", html, flags=re.DOTALL):
            assert re.fullmatch(r"(?:[^<>]|</?code>)*", summary), summary
    told = " ".join(seen.html)
    assert told.count("<details>") == told.count("</details>")
    for words in seen.literal:
        assert not re.search(r"@\w|#\d|://|www\.|\bGH-\d", words, re.IGNORECASE), words
    assert not re.search(
        r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]", markdown
    )
    assert_even_tables(markdown)


def assert_even_tables(markdown: str) -> None:
    """Every row of a table has as many cells as its header: a pipe that got out would make one more."""
    block: list[int] = []
    fenced = ""
    for line in [*markdown.split("\n"), ""]:
        if fenced:
            fenced = "" if line.startswith(fenced) and not line.strip("`") else fenced
            continue
        if found := re.match(r"`{3,}", line):
            fenced = found[0]
        elif line.startswith("|"):
            block.append(re.sub(r"\\.", "", line).count("|"))
        else:
            assert len(set(block)) <= 1, block
            block = []
