"""Edits of YAML at located nodes: comments, quotes and layout around them stay as they are."""

from __future__ import annotations

from bot.model.finding import Edit
from bot.parse.nodes import Entry, Mapping, Node, Scalar, Sequence
from bot.parse.source import Source, Span


def own_entries(mapping: Mapping) -> tuple[Entry, ...]:
    """Return the entries that are written in the mapping itself, not merged, extended or overridden from elsewhere."""
    span = mapping.span
    return tuple(
        entry
        for entry in mapping.entries
        if not entry.merged and entry.key.span.source is span.source and span.start <= entry.key.span.start < span.end
    )


def add_entry(mapping: Mapping, lines: tuple[str, ...], *, after: Entry | None = None) -> Edit | None:
    """Return the edit that adds an entry behind `after` (or the last one).

    Args:
        mapping: Where to add it.
        lines: The entry as it stands in a block, the first line without indentation, the others relative to it. A flow
            mapping takes one line only.
        after: An own entry of the mapping.

    Returns:
        None where the mapping's own text gives no place to add to.
    """
    own = own_entries(mapping)
    source = mapping.span.source
    if mapping.flow:
        if len(lines) != 1 or (mapping.entries and not own):
            return None
        if not own:
            return Edit(path=source.path, start=mapping.span.start + 1, end=mapping.span.start + 1, text=lines[0])
        end = node_end(own[-1].value, own[-1].key)
        return Edit(path=source.path, start=end, end=end, text=f", {lines[0]}")
    if not own or (after is not None and after not in own):
        return None
    last = after or own[-1]
    indent = indent_of(source, own[0].key.span)
    if indent is None:
        return None
    place = line_end(source, node_end(last.value, last.key))
    text = "".join(f"\n{indent}{line}" if line else "\n" for line in lines)
    return Edit(path=source.path, start=place, end=place, text=text)


def indent_of(source: Source, span: Span) -> str | None:
    """Return the blanks in front of a key that begins its line, or follows a `- `; None for any other."""
    start = source.line_starts[span.line - 1]
    before = source.text[start : span.start]
    if before.strip(" -\ufeff"):
        return None
    return " " * len(before.replace("\ufeff", ""))


def node_end(node: Node, key: Scalar) -> int:
    """Return the offset behind the last character of a value, or of its key where the value is nothing."""
    source = key.span.source
    end = node.span.end
    if node.span.source is not source or end < key.span.end or (node.span.start < key.span.end):
        end = source.text.find(":", key.span.end) + 1 or key.span.end
        following = source.line(key.span.line)
        alias = following.partition(":")[2].strip()
        if alias.startswith("*"):
            end = source.text.find(alias.split()[0], end) + len(alias.split()[0])
    while end > key.span.end and source.text[end - 1] in " \t\r\n":
        end -= 1
    return end


def line_end(source: Source, offset: int) -> int:
    """Return the offset of the end of the line that holds `offset`, its comment included."""
    end = source.text.find("\n", offset)
    if end < 0:
        return len(source.text)
    return end - 1 if source.text[end - 1] == "\r" and end - 1 >= offset else end


def replace_value(node: Scalar, value: str) -> Edit:
    """Return the edit that puts `value` where a scalar is, in the quotes it has."""
    quote = node.style if node.style in {'"', "'"} else ""
    return Edit(path=node.span.path, start=node.span.start, end=node.span.end, text=f"{quote}{value}{quote}")


def remove_entry(mapping: Mapping, entry: Entry) -> Edit | None:
    """Return the edit that removes an entry with its lines; None where it shares lines, or is written elsewhere."""
    if mapping.flow or entry not in own_entries(mapping) or len(own_entries(mapping)) < 2:
        return None
    source = entry.key.span.source
    start = source.line_starts[entry.key.span.line - 1]
    if source.text[start : entry.key.span.start].strip(" "):
        return None
    end = line_end(source, node_end(entry.value, entry.key))
    rest = source.text[end:]
    end += 2 if rest.startswith("\r\n") else 1 if rest.startswith("\n") else 0
    return Edit(path=source.path, start=start, end=end)


def add_item(sequence: Sequence, index: int, text: str) -> Edit | None:
    """Return the edit that puts `text` in front of item `index` of a list, in the form the list has."""
    item = sequence.items[index]
    source = item.span.source
    if sequence.flow:
        return Edit(path=source.path, start=item.span.start, end=item.span.start, text=f"{text}, ")
    line = source.line(item.span.line)
    lead = line[: len(line) - len(line.lstrip())]
    if not line.lstrip().startswith("- "):
        return None
    start = source.line_starts[item.span.line - 1]
    return Edit(path=source.path, start=start, end=start, text=f"{lead}- {text}\n")


def append_item(sequence: Sequence, text: str) -> Edit | None:
    """Return the edit that puts `text` behind the last item of a list, in the form the list has."""
    last = sequence.items[-1]
    source = last.span.source
    if sequence.flow:
        return Edit(path=source.path, start=last.span.end, end=last.span.end, text=f", {text}")
    lead = source.line(last.span.line)[: source.line(last.span.line).find("-")]
    if lead.strip() or not source.line(last.span.line).lstrip().startswith("- "):
        return None
    end = last.span.end
    while source.text[end - 1] in " \t\r\n":
        end -= 1
    place = line_end(source, end)
    return Edit(path=source.path, start=place, end=place, text=f"{source.newline}{lead}- {text}")
