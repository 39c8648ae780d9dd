"""Markdown becomes passages that know where they stand."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.brief.blocks import Passage, passages


def find(text: str, words: str) -> Passage:
    return next(passage for passage in passages(text) if words in passage.text)


def test_a_cell_knows_its_row_its_column_and_the_headings_above() -> None:
    cell = find(
        "# A\n## Stack\n| Layer | Chosen | Rejected |\n|---|:-:|--|\n| Database | PostgreSQL | MySQL |\n", "MySQL"
    )
    assert (cell.kind, cell.row, cell.column, cell.line) == ("cell", "Database", "Rejected", 5)
    assert [heading.text for heading in cell.headings] == ["A", "Stack"]


def test_a_nested_item_knows_its_parents_and_the_line_that_introduces_the_list() -> None:
    item = find("Not in the first version:\n\n- queues\n  - RabbitMQ\n  - Kafka\n- search\n", "Kafka")
    assert item.parents == ("Not in the first version:", "queues")
    assert item.line == 5


def test_a_wrapped_item_is_one_passage_with_right_lines() -> None:
    item = find("- PostgreSQL holds\n  the rows and Redis\n  the sessions\n", "Redis")
    assert item.line == 1
    assert item.line_at(item.text.index("Redis")) == 2


def test_code_trees_and_drawings_are_told_apart() -> None:
    code = "```python\nimport redis\n```\n"
    tree = "```\nsrc/\n├── docker-compose.yml\n└── app.py\n```\n"
    text = f"{code}{tree}```\n┌─────┐\n│ API │\n└─────┘\n```\n"
    assert find(text, "import redis").kind == "code"
    assert find(text, "docker-compose").kind == "tree"
    assert find(text, "API").kind == "diagram"


def test_a_subgraph_is_a_parent_of_what_it_holds() -> None:
    text = "```mermaid\nflowchart LR\n  subgraph Later\n    kafka[Kafka]\n  end\n  db[(PostgreSQL)]\n```\n"
    assert find(text, "Kafka").parents == ("Later",)
    assert find(text, "PostgreSQL").parents == ()


def test_headings_written_with_underlines_and_in_bold_count() -> None:
    text = "Title\n=====\n\nPart\n----\n\n**Future work:**\n\n- Kafka\n"
    assert [heading.text for heading in find(text, "Kafka").headings] == ["Title", "Part", "Future work"]


def test_an_unclosed_fence_ends_with_the_document() -> None:
    assert find("```yaml\nservices:\n  db:\n    image: postgres:16\n", "postgres").kind == "code"


@given(
    st.text(alphabet=st.characters(codec="utf-8"), max_size=400) | st.text(alphabet="#-*|`> \n\tab1.:", max_size=400)
)
def test_any_text_is_scanned_and_every_line_exists(text: str) -> None:
    count = text.count("\n") + 1
    for passage in passages(text):
        assert 1 <= passage.line <= count
        assert passage.line_at(len(passage.text)) <= count
