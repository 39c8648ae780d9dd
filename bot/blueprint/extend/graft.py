"""A compose file that grows: each addition is a located edit, and what is not added to keeps every byte."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence as Ordered
from typing import Final

from bot.model.finding import Edit
from bot.parse.compose import ComposeStack, Service, read_compose
from bot.parse.nodes import Mapping, Scalar, Sequence
from bot.parse.source import Source
from bot.parse.yaml_edit import add_entry, append_item, indent_of, own_entries

_STEP: Final = 2  # columns of indentation in what we write


class CannotAddError(Exception):
    """The text gives no place to add to; the message is a clause that says why."""


class Graft:
    """The text of one compose file, and its additions in turn: it is read anew after each, so that all places hold."""

    def __init__(self, path: str, text: str, read: Callable[[str], Source | None]) -> None:
        """Read the file.

        Raises:
            CannotAddError: it holds no services.
        """
        self.path = path
        self.text = text
        self._read = read
        self._see()

    def add_service(self, lines: Ordered[str]) -> None:
        """Add a service, its comment in front; `lines` are indented as ours are, the key by nothing."""
        services = self.stack.section("services")
        own = own_entries(services) if services else ()
        if services is None or services.flow or not own:
            raise CannotAddError("its `services` are not written as a block")
        indent = indent_of(self.stack.sources[0], own[0].key.span) or "  "
        wide = max(len(indent) // _STEP, 1)
        fitted = tuple(" " * ((len(line) - len(line.lstrip())) * wide) + line.lstrip() for line in lines)
        between = self.text[own[0].key.span.start : own[-1].key.span.start].replace("\r", "")
        apart = ("",) if "\n\n" in between or len(own) == 1 else ()
        self.apply(add_entry(services, (*apart, *fitted)), "its `services` are not written as a block")

    def add_volume(self, name: str) -> None:
        """Declare a named volume, unless one of that name is there."""
        volumes = self.stack.section("volumes")
        if volumes is not None and name in volumes:
            return
        if volumes is not None and own_entries(volumes):
            self.apply(
                add_entry(volumes, (f"{name}: {{}}" if volumes.flow else f"{name}:",)),
                "its `volumes` are not written as a block",
            )
            return
        entry = self.stack.root.entry("volumes")
        if entry is not None:
            at = self.stack.sources[0].line_starts[entry.key.span.line - 1] + len(
                self.stack.sources[0].line(entry.key.span.line)
            )
            self.apply(Edit(path=self.path, start=at, end=at, text=f"\n  {name}:"), "")
            return
        end = len(self.text.rstrip())
        self.apply(Edit(path=self.path, start=end, end=len(self.text), text=f"\n\nvolumes:\n  {name}:\n"), "")

    def set_variable(self, service: str, name: str, value: str) -> bool:
        """Give `service` the variable, written as compose writes a value; False where it has one of that name."""
        found = self.service(service)
        if any(pair.name == name for pair in found.environment):
            return False
        node = found.node.get("environment")
        why = f"the variables of `{service}` are not written in this file"
        if isinstance(node, Sequence) and node.items:
            self.apply(append_item(node, _as_item(name, value)), why)
        elif isinstance(node, Mapping) and node.entries:
            self.apply(add_entry(node, (f"{name}: {value}",)), why)
        else:
            self.apply(add_entry(found.node, ("environment:", f"  {name}: {value}")), why)
        return True

    def wait_for(self, service: str, other: str, condition: str) -> bool:
        """Let `service` wait for `other`; a short list becomes the long form, in which nothing else changes."""
        found = self.service(service)
        if any(need.service == other for need in found.depends_on):
            return False
        node = found.node.get("depends_on")
        why = f"what `{service}` waits for is not written in this file as a block"
        if isinstance(node, Sequence) and node.items:
            self._lengthen(service, node)
            node = self.service(service).node.get("depends_on")
        if isinstance(node, Mapping) and node.entries:
            line = f"{other}: {{ condition: {condition} }}"
            lines = (line,) if node.flow else (f"{other}:", f"  condition: {condition}")
            self.apply(add_entry(node, lines), why)
        else:
            self.apply(add_entry(found.node, ("depends_on:", f"  {other}:", f"    condition: {condition}")), why)
        return True

    def service(self, name: str) -> Service:
        """Return a service that is there."""
        found = self.stack.service(name)
        if found is None:
            raise CannotAddError(f"it has no service `{name}`")
        return found

    def _lengthen(self, service: str, node: Sequence) -> None:
        """Write a short `depends_on` in its long form, from its end to its start: earlier places stay true."""
        source = self.stack.sources[0]
        if node.flow:
            inside = ", ".join(f"{item.text}: {{ condition: service_started }}" for item in _names(node, service))
            self._replace(node.span.start, node.span.end, f"{{ {inside} }}")
            return
        text = self.text
        for item in reversed(_names(node, service)):
            start = source.line_starts[item.span.line - 1]
            lead = text[start : item.span.start]
            if lead.strip() != "-" or item.span.source.path != self.path:
                raise CannotAddError(f"what `{service}` waits for is not written in this file as a block")
            indent = lead[: lead.find("-")]
            # An item may stand as far to the left as its key; a mapping's key may not.
            inner = f"{indent}  " if _is_flush(source, node, indent) else indent
            long = f"{inner}{item.text}:{source.newline}{inner}  condition: service_started"
            text = f"{text[:start]}{long}{text[item.span.end :]}"
        self.text = text
        self._see()

    def apply(self, edit: Edit | None, why: str) -> None:
        """Apply an edit of this file; `why` it is none, as a clause.

        Raises:
            CannotAddError: there is no edit, or it is one of another file.
        """
        if edit is None or edit.path != self.path:
            raise CannotAddError(why)
        newline = self.stack.sources[0].newline
        text = edit.text.replace("\r\n", "\n").replace("\n", newline)
        self._replace(edit.start, edit.end, text)

    def _replace(self, start: int, end: int, text: str) -> None:
        self.text = f"{self.text[:start]}{text}{self.text[end:]}"
        self._see()

    def _see(self) -> None:
        source = Source(self.path, self.text)
        stack = read_compose(lambda path: source if path == self.path else self._read(path), self.path)
        if stack is None or not stack.services:
            raise CannotAddError("it holds no services")
        self.stack: ComposeStack = stack


def _names(node: Sequence, service: str) -> list[Scalar]:
    names = [item for item in node.items if isinstance(item, Scalar)]
    if len(names) != len(node.items):
        raise CannotAddError(f"what `{service}` waits for is not a list of names")
    return names


def _is_flush(source: Source, node: Sequence, indent: str) -> bool:
    """Tell whether the items of a list stand below the first letter of their key."""
    number = node.items[0].span.line - 1
    while number and (not source.line(number).strip() or source.line(number).lstrip().startswith("#")):
        number -= 1
    above = source.line(number)
    return len(above) - len(above.lstrip()) == len(indent)


def _as_item(name: str, value: str) -> str:
    return f"{name}={value[1:-1]}" if value[:1] in {'"', "'"} else f"{name}={value}"
