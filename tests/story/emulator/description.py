"""GitHub's own OpenAPI description, held against requests: unknown operations, fields and values are errors."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

DESCRIPTION = Path(__file__).parents[2] / "npm/node_modules/@octokit/openapi/generated/api.github.com.json"
_WITH_SLASHES = {"ref", "path", "basehead"}


@dataclass(frozen=True)
class Operation:
    name: str
    path: dict[str, Any]
    query: dict[str, Any]
    required_query: frozenset[str]
    body: Any | None
    fields: frozenset[str]
    body_required: bool


class Description:
    """Knows every operation; compiles a schema when it is first asked about."""

    def __init__(self) -> None:
        self._spec: dict[str, Any] = json.loads(DESCRIPTION.read_text(encoding="utf-8"))
        templates = sorted(self._spec["paths"], key=lambda path: (path.count("{"), -len(path)))
        self._routes = [(template, _pattern(template)) for template in templates]
        self._compiled: dict[tuple[str, str], Operation] = {}

    def find(self, method: str, path: str) -> tuple[str, dict[str, str]] | None:
        """The template that serves the request, with its parameters."""
        for template, pattern in self._routes:
            found = pattern.fullmatch(path)
            if found and method.lower() in self._spec["paths"][template]:
                return template, found.groupdict()
        return None

    def errors(self, method: str, path: str, query: dict[str, str], body: Any) -> list[str]:
        """What is wrong with a request; nothing for one that GitHub would read."""
        found = self.find(method, path)
        if found is None:
            return ["no such operation"]
        template, parameters = found
        operation = self._operation(template, method.lower())
        wrong = [
            f"path {name}={value}"
            for name, value in parameters.items()
            if operation.path.get(name, {}).get("type") == "integer" and not value.isdigit()
        ]
        for name, value in query.items():
            if name not in operation.query:
                wrong.append(f"unknown query {name}")
            elif not any(operation.query[name].is_valid(reading) for reading in _readings(value)):
                wrong.append(f"query {name}={value}")
        wrong += [f"missing query {name}" for name in operation.required_query - query.keys()]
        return wrong + _body_errors(operation, body)

    def _operation(self, template: str, method: str) -> Operation:
        if (template, method) not in self._compiled:
            self._compiled[template, method] = self._compile(self._spec["paths"][template][method])
        return self._compiled[template, method]

    def _compile(self, described: dict[str, Any]) -> Operation:
        parameters = [self._followed(parameter) for parameter in described.get("parameters", [])]
        request = self._followed(described.get("requestBody") or {})
        schema = request.get("content", {}).get("application/json", {}).get("schema")
        inlined = self._inlined(schema) if schema else None
        query = [parameter for parameter in parameters if parameter["in"] == "query"]
        return Operation(
            name=described["operationId"],
            path={p["name"]: self._inlined(p["schema"]) for p in parameters if p["in"] == "path"},
            query={p["name"]: _validator(self._inlined(p.get("schema", {}))) for p in query},
            required_query=frozenset(p["name"] for p in query if p.get("required")),
            body=_validator(inlined) if inlined else None,
            fields=frozenset((inlined or {}).get("properties", {})),
            body_required=request.get("required", False),
        )

    def _followed(self, node: Any) -> Any:
        while isinstance(node, dict) and "$ref" in node:
            target: Any = self._spec
            for key in node["$ref"].removeprefix("#/").split("/"):
                target = target[key.replace("~1", "/").replace("~0", "~")]
            node = target
        return node

    def _inlined(self, node: Any) -> Any:
        node = self._followed(node)
        if isinstance(node, list):
            return [self._inlined(item) for item in node]
        if not isinstance(node, dict):
            return node
        plain = {k: self._inlined(v) for k, v in node.items() if k not in {"example", "examples", "x-github"}}
        if plain.pop("nullable", False) and "type" in plain:  # OpenAPI 3.0 says it so, JSON Schema otherwise
            plain["type"] = [plain["type"], "null"] if isinstance(plain["type"], str) else plain["type"]
            if "enum" in plain and None not in plain["enum"]:
                plain["enum"] = [*plain["enum"], None]
        return plain


@cache
def github() -> Description:
    """The description, read once."""
    return Description()


def _pattern(template: str) -> re.Pattern[str]:
    def parameter(found: re.Match[str]) -> str:
        name = found[1].replace("-", "_")
        return f"(?P<{name}>{'.+' if found[1] in _WITH_SLASHES else '[^/]+'})"

    return re.compile(re.sub(r"\{([\w-]+)\}", parameter, template))


def _validator(schema: Any) -> Any:
    return jsonschema_rs.Draft7Validator(schema)


def _readings(value: str) -> list[Any]:
    numbers = [int(value)] if value.isdigit() else []
    return [value, *numbers, *([value == "true"] if value in {"true", "false"} else [])]


def _body_errors(operation: Operation, body: Any) -> list[str]:
    if operation.body is None:
        return ["a body where none is read"] if body not in (None, {}, "") else []
    if body is None:
        return ["missing body"] if operation.body_required else []
    wrong = [f"body {list(error.instance_path)}: {error.message[:90]}" for error in operation.body.iter_errors(body)]
    unknown = body.keys() - operation.fields if operation.fields and isinstance(body, dict) else ()
    return wrong + [f"unknown body field {field}" for field in sorted(unknown)]
