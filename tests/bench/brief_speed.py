"""Prints how long a megabyte of Markdown takes to read, in seconds of one processor, for several shapes of text.

Usage: python tests/bench/brief_speed.py
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from bot.brief.read import read_document

SET = Path(__file__).parents[1] / "data" / "brief"
SIZE = 1_000_000


def shapes() -> dict[str, str]:
    """Return texts of a megabyte: the labelled set repeated, a wall of tables, one endless line, nested lists, boxes."""
    documents = "\n\n".join(path.read_text(encoding="utf-8") for path in sorted(SET.glob("*.md")))
    table = "| Database | PostgreSQL 16 | MySQL, MongoDB |\n"
    nested = "".join(f"{' ' * (depth % 40)}- redis\n" for depth in range(2000))
    texts = {
        "documents": documents,
        "tables": f"| Layer | Chosen | Rejected |\n|---|---|---|\n{table * 500}\n",
        "one line": "PostgreSQL and Redis with Django, no Kafka ",
        "nested lists": nested,
        "boxes": "```\n│ PostgreSQL │ ──► │ Redis │\n```\n",
        "pipes": "|",
        "no words": "a.",
    }
    return {name: (text * (SIZE // len(text) + 1))[:SIZE] for name, text in texts.items()}


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "IDEA.md")
        path.write_text("# warm\nRedis, not Kafka\n", encoding="utf-8")
        read_document(path)  # word lists are compiled once per process
        for name, text in shapes().items():
            path.write_text(text, encoding="utf-8")
            start = time.process_time()
            read_document(path)
            print(f"{name:<14} {time.process_time() - start:6.2f} s")


if __name__ == "__main__":
    main()
