"""The tools' definitions, read from data, and the arguments held against them: what is wrong is explained."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from bot.agent.message import Block

_TABLE: Final = Path(__file__).with_name("definitions.toml")
_KINDS: Final[dict[str, type | tuple[type, ...]]] = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "array": list,
    "object": dict,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One argument of a tool; `items` is the kind of an array's elements."""

    type: str
    description: str
    required: bool = False
    items: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """One tool as the model is told of it; `example` is a call's arguments as JSON."""

    name: str
    description: str
    example: str
    parameters: Mapping[str, Parameter]

    @property
    def block(self) -> Block:
        """Return it as the Messages API wants it."""
        return {
            "name": self.name,
            "description": self.description,
            "input_schema": {
                "type": "object",
                "properties": {name: _schema(one) for name, one in self.parameters.items()},
                "required": [name for name, one in self.parameters.items() if one.required],
                "additionalProperties": False,
            },
        }

    def wrong(self, arguments: Any) -> str:
        """Return what is wrong with `arguments` and how a call looks; "" where nothing is."""
        if not isinstance(arguments, dict):
            return self._taught(["the arguments are not an object"])
        faults = []
        for name in arguments:
            if name not in self.parameters:
                near = difflib.get_close_matches(name, self.parameters, n=1, cutoff=0.5)
                faults.append(f"`{name}` is not one of its arguments{f'; did you mean `{near[0]}`?' if near else ''}")
        for name, parameter in self.parameters.items():
            if name not in arguments:
                if parameter.required:
                    faults.append(f"`{name}` is missing")
            elif not _fits(arguments[name], parameter):
                faults.append(f"`{name}` has to be {_named(parameter)}, not {type(arguments[name]).__name__}")
        return self._taught(faults) if faults else ""

    def _taught(self, faults: Iterable[str]) -> str:
        takes = "; ".join(
            f"`{name}` ({_named(one)}{'' if one.required else ', optional'}): {one.description}"
            for name, one in self.parameters.items()
        )
        lines = [f"{self.name} was not run: {', and '.join(faults)}."]
        lines.append(f"It takes {takes}" if takes else "It takes no arguments.")
        lines.append(f"Example: {self.example}")
        return "\n".join(lines)


def _schema(parameter: Parameter) -> Block:
    schema: Block = {"type": parameter.type, "description": parameter.description}
    return {**schema, "items": {"type": parameter.items}} if parameter.items else schema


def _named(parameter: Parameter) -> str:
    return f"a list of {parameter.items}s" if parameter.items else f"of type {parameter.type}"


def _fits(value: Any, parameter: Parameter) -> bool:
    if parameter.type != "boolean" and isinstance(value, bool):
        return False
    if isinstance(value, list) and parameter.items:
        inner = Parameter(type=parameter.items, description="")
        return all(_fits(one, inner) for one in value)
    return isinstance(value, _KINDS[parameter.type])


@cache
def _read() -> tuple[int, dict[str, Definition]]:
    told = tomllib.loads(_TABLE.read_text(encoding="utf-8"))
    definitions: dict[str, Definition] = {}
    for tool in told["tools"]:
        parameters = {name: Parameter(**one) for name, one in tool.get("parameters", {}).items()}
        definitions[tool["name"]] = Definition(**{**tool, "parameters": parameters})
    return int(told["version"]), definitions


def version() -> int:
    """Return the version of the definitions."""
    return _read()[0]


def definition_of(name: str) -> Definition:
    """Return the definition of the tool `name`."""
    return _read()[1][name]
