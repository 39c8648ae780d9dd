"""Ports in source code: what `listen` and its kin are given, through one variable and the environment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from bot.check.sources.code import arguments_at, without_comments
from bot.check.sources.folder import Folder
from bot.check.sources.modules_js import ENDINGS

Env = Mapping[str, str | None]
_ENV: Final = re.compile(
    r"""(?:process\.env|import\.meta\.env|Deno\.env\.get|Bun\.env)(?:\.(\w+)|\??\.?\[['"](\w+)['"]\]|\(['"](\w+)['"]\))
    |(?:os\.environ(?:\.get)?|os\.getenv|os\.Getenv|getenv|env|config|getEnv|envOr|getEnvOrDefault|configService\.get(?:OrThrow)?(?:<\w+>)?|app\.config\.get)
     \s*[\[(]\s*['"](\w+)['"]""",
    re.VERBOSE,
)
_DESTRUCTURING: Final = re.compile(r"\{([^{}]*)\}\s*=\s*process\.env\b")
_NUMBER: Final = re.compile(r"(?<![\w.])(\d{2,5})(?![\w.])")
_HEADS: Final = {
    "javascript": re.compile(r"\.\s*listen\s*\("),
    "python": re.compile(
        r"\b(?:app|application|uvicorn|web|socketio|server|run_simple)?\.?(?:run|run_app|run_simple|serve)\s*\("
    ),
    "go": re.compile(r"\.\s*(?:ListenAndServe(?:TLS)?|Run|Start|Listen)\s*\(|\bAddr\s*:"),
}


def expression_port(expression: str, text: str, env: Env, depth: int = 4) -> int | None:
    """Return the port an expression comes to, names looked up in `text`; None where it cannot be told."""
    expression = expression.strip()
    if depth <= 0 or len(expression) > 400:
        return None
    found = _ENV.search(expression)
    if found:
        name = next(group for group in found.groups() if group)
        if name in env:
            match = re.fullmatch(r"\D*(\d{2,5})", env[name] or "")
            return int(match[1]) if match else None
        numbers = _NUMBER.findall(expression[found.end() :].replace(":", " ").replace('"', " ").replace("'", " "))
        numbers = [number for number in numbers if number != "10"]  # parseInt(x, 10)
        if numbers:
            return int(numbers[-1])
        fallback = re.search(r"(?:\|\||\?\?|\bor\b)\s*([A-Za-z_]\w*)\s*\)?$", expression)
        return expression_port(fallback[1], text, env, depth - 1) if fallback else None
    plain = re.fullmatch(r"""(?:\w+\()?[f`'"]*(?:[\w.*]*:)?(\d{2,5})[`'"]?\)?""", expression)
    if plain:
        return int(plain[1])
    names = list(
        re.findall(r"(?<![\w.'\"])[A-Za-z_]\w*(?:\.\w+)*", re.sub(r"(['\"`])(?:(?!\1|\$\{).)*\1", " ", expression))
    )
    # `listen(p)`: what is named alone is the port, whatever it is called.
    candidates = (
        names if names == [expression] else [n for n in names if re.search(r"port|addr|bind", n, re.IGNORECASE)]
    )
    if len(candidates) != 1:
        return None
    return _variable(candidates[0], text, env, depth)


def _variable(name: str, text: str, env: Env, depth: int) -> int | None:
    """Return what a name is set to: by one assignment, or in Go by one and its default under `if`."""
    last = name.rsplit(".", 1)[-1]
    sets = re.findall(
        rf"(?<![\w.])(?:(?:const|let|var|final)\s+)?{re.escape(last)}\s*(?::\s*[\w<>| ]+)?(?::=|=(?!=))\s*([^\n;]+)",
        _DESTRUCTURING.sub("", text),
    )
    if "." in name:
        sets += re.findall(rf"(?<![\w.]){re.escape(last)}['\"]?\s*:\s*([^\n]+?),?\s*\n", text)
    sets += _destructured(last, text)
    ports = set()
    variable: str | None = None
    for each in sets:
        found = _ENV.search(each)
        if found:
            variable = next(group for group in found.groups() if group)
        itself = re.search(rf"(?<![\w.]){re.escape(last)}\b", _ENV.sub("", each))
        port = expression_port(each.rstrip(" {,"), text, env, depth - 1) if not itself else None
        if port:
            ports.add(port)
        elif not found:
            return None
    if variable is not None and variable in env:
        match = re.fullmatch(r"\D*(\d{2,5})", env[variable] or "")
        return int(match[1]) if match else None
    return ports.pop() if len(ports) == 1 else None


def _destructured(name: str, text: str) -> list[str]:
    """Return what `const { PORT: port = 3000 } = process.env` sets a name to, in the words of an assignment."""
    found = []
    for match in _DESTRUCTURING.finditer(text):
        for item in match[1].split(","):
            one = re.fullmatch(r"\s*(\w+)\s*(?::\s*(\w+))?\s*(?:=\s*(.+?))?\s*", item, re.DOTALL)
            if one and (one[2] or one[1]) == name:
                found.append(f"process.env.{one[1]}" + (f" || {one[3]}" if one[3] else ""))
    return found


def code_ports(folder: Folder, env: Env, language: str) -> tuple[set[int], str]:
    """Return the ports that the application's code listens on, and why there may be others ("" where not)."""
    endings = {"javascript": ENDINGS, "python": (".py",), "go": (".go",)}[language]
    texts = [without_comments(text) if language != "python" else text for _, text in folder.sources(*endings)]
    everything = "\n".join(texts)
    if len(everything) > 3_000_000:
        return set(), "there is too much code to read"
    ports: set[int] = set()
    unsure = ""
    for text in texts:
        for match in _HEADS[language].finditer(text):
            argument = _argument(text, match, language)
            if argument is None:
                continue
            port = expression_port(argument, text, env) or expression_port(argument, everything, env)
            if port:
                ports.add(port)
            else:
                unsure = "the port in the code is computed"
    if not ports:
        unsure = unsure or "no port was found in the code"
    return ports, unsure


def _argument(text: str, match: re.Match[str], language: str) -> str | None:
    """Return the expression of the port in a call, or None where the call is about something else."""
    if match[0].startswith("Addr"):
        found = re.match(r"\s*((?:[^,(){}\n]|\([^()]*\))*)", text[match.end() : match.end() + 300])
        return found[1] if found else None
    arguments, _ = arguments_at(text, match.end() - 1)
    if language == "python":
        keyed = next((a for a in arguments if re.match(r"port\s*=[^=]", a)), None)
        if keyed:
            return keyed.split("=", 1)[1]
        flask = re.search(r"\bfrom flask\b|\bimport flask\b", text) and match[0].lstrip().startswith("app.run")
        return "5000" if flask and not any(a.startswith("**") for a in arguments) else None
    if not arguments:
        return "8080" if language == "go" and "gin." in text and "Run" in match[0] else None
    first = arguments[0]
    if first.startswith("{"):
        keyed_ = re.search(r"\bport\s*(?::\s*([^,}]+)|[,}\s])", first)
        return (keyed_[1] or "port") if keyed_ else "?"
    if language == "go" and not re.search(r"\d|port|addr|Port|Addr|PORT|ADDR|Getenv", first):
        return None  # context.Run(ctx), cmd.Start(), t.Run("name", ...)
    if language == "go" and re.match(r'"[^:"]*"$', first):
        return None
    return first
