"""SEC01: a secret written down in compose, a Dockerfile, a committed `.env` or a key file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import basename, join
from typing import Final

from bot.check.rule import Rule, replace, unsafe
from bot.check.sources.git_index import tracked
from bot.check.sources.ignore_files import git_ignores
from bot.check.sources.secrets import is_secret_name, is_stand_in, known_token, private_key, url_password
from bot.check.tree import Tree
from bot.model.finding import Edit, Finding, Fix, Severity
from bot.parse.compose import ComposeStack, Service
from bot.parse.compose_parts import Pair, pairs
from bot.parse.nodes import Node, Scalar, Sequence
from bot.parse.shell import Command, split_commands
from bot.parse.source import Span

_ENV_FILE: Final = re.compile(r"\.env(?:\.[\w-]+)*\Z|[\w-]+\.env\Z")
_EXAMPLE: Final = re.compile(r"example|sample|template|dist|defaults?\b|tpl|\.test(?:ing)?\Z|\.ci\Z", re.IGNORECASE)
_KEY_FILE: Final = re.compile(
    r"\.(?:pem|key|p8|ppk)\Z|(?:^|/)id_(?:rsa|dsa|ecdsa|ed25519)\Z|service[-_]?account.*\.json\Z|credentials.*\.json\Z"
)
_ASIDE: Final = re.compile(r"(?:^|/)(?:tests?|fixtures|testdata|__tests__|e2e|cypress|examples?|docs?)/")
_FLAG: Final = re.compile(r"(?:--requirepass|--password|--root-password|--masterauth|--auth-token)(?:=(.+))?\Z")
_NUMBER: Final = re.compile(r"\d{1,5}\Z|\d+[smhd]\Z")
_SETTING: Final = re.compile(
    r"_(?:TTL|EXPIRES?(?:_IN)?|EXPIRY|LIFETIME|LENGTH|MIN\w*|MAX\w*|ALGORITHM|TYPE|POLICY|ENABLED|PREFIX)\Z",
    re.IGNORECASE,
)


def _check(tree: Tree) -> Iterator[Finding]:
    for stack in tree.stacks:
        if _ASIDE.search(stack.path):
            continue
        yield from _compose(tree, stack)
    yield from _dockerfiles(tree)
    yield from _env_files(tree)
    yield from _key_files(tree)


def _is_secret(name: str, value: str) -> bool:
    """Whether a literal under this name is a secret."""
    if known_token(value):
        return True
    if is_stand_in(value) or _SETTING.search(name):
        return False
    if url_password(value) is not None:
        return True
    holds_url = "://" in value
    return (
        is_secret_name(name)
        and not holds_url
        and not (_NUMBER.match(value) and not name.upper().endswith(("PASSWORD", "PASS")))
    )


def _compose(tree: Tree, stack: ComposeStack) -> Iterator[Finding]:
    seen: set[tuple[str, int]] = set()
    for service in stack.services:
        build = service.build.node.get("args") if service.build is not None else None
        for pair in (*service.environment, *pairs(build)):
            span = pair.node.span
            if (span.path, span.start) in seen or not isinstance(pair.node, Scalar) or not pair.given:
                continue
            if "$" in pair.node.raw.replace("$$", "") and not _raw_secret(pair):
                continue
            if pair.value is not None and _is_secret(pair.name, pair.value):
                seen.add((span.path, span.start))
                yield RULE.finding(span, _words(pair.name, f"`{service.name}`"), _compose_fix(tree, stack, pair))
        for span, what in _command_secrets(service):
            if (span.path, span.start) not in seen:
                seen.add((span.path, span.start))
                yield RULE.finding(span, f"A command of `{service.name}` holds a password in plain text (`{what}`).")


def _raw_secret(pair: Pair) -> bool:
    """Whether a value with variables still spells out its password: `postgres://app:hunter2@${HOST}/db`."""
    return isinstance(pair.node, Scalar) and url_password(_plain(pair.node.raw)) is not None


def _plain(raw: str) -> str:
    return re.sub(r"\$\{[^}]*\}", "${}", raw)


def _command_secrets(service: Service) -> Iterator[tuple[Span, str]]:
    check = service.healthcheck
    for node in (
        service.node.get("command"),
        service.node.get("entrypoint"),
        check.test if check is not None else None,
    ):
        words = _words_of(node)
        program = next((text.rpartition("/")[2] for text, _span in words if text not in {"CMD", "CMD-SHELL"}), "")
        for index, (text, span) in enumerate(words):
            following = words[index + 1] if index + 1 < len(words) else ("", span)
            found = _given(program, text, following[0])
            if found is None:
                continue
            value, next_word = found
            if value and "$" not in value and not value.startswith("-") and not is_stand_in(value):
                yield (
                    (following[1] if next_word else span),
                    text.partition("=")[0] if next_word or "=" in text else text[:2],
                )


def _given(program: str, text: str, following: str) -> tuple[str, bool] | None:
    """Return the password that an option gives, and whether it is the next word."""
    match = _FLAG.match(text)
    if match:
        return (match[1], False) if match[1] is not None else (following, True)
    if re.match(r"mysql|mariadb", program) and re.match(r"-p[^-]", text):
        return text[2:], False
    return (following, True) if program == "redis-cli" and text in {"-a", "--pass"} else None


def _words_of(node: Node | None) -> list[tuple[str, Span]]:
    if isinstance(node, Sequence):
        items = [item for item in node.items if isinstance(item, Scalar)]
        if items and items[0].raw == "CMD-SHELL":
            return [pair for item in items[1:] for pair in _words_of(item)]
        return [(item.raw, item.span) for item in items]
    if isinstance(node, Scalar) and node.value is not None:
        commands: tuple[Command, ...] = split_commands(node.raw)
        return [(word.value, node.span) for command in commands for word in command.words]
    return []


def _compose_fix(tree: Tree, stack: ComposeStack, pair: Pair) -> Fix | None:
    node = pair.node
    if not isinstance(node, Scalar) or pair.value is None or "$" in node.raw or node.style in {"|", ">"}:
        return None
    at = node.span.text.rfind(pair.value)
    if at < 0 or not re.fullmatch(r"[A-Za-z_]\w*", pair.name):
        return None
    if url_password(pair.value) is not None and not is_secret_name(pair.name):
        return None  # only the password in the middle is secret: what it is called is not ours to invent
    span = Span(node.span.source, node.span.start + at, node.span.start + at + len(pair.value))
    edits = [replace(span, f"${{{pair.name}}}")]
    example = join(stack.folder, ".env.example")
    env = tree.env_example(stack)
    if env is None:
        edits.append(Edit(path=example, text=f"{pair.name}=change-me\n"))
    elif env.get(pair.name) is None:
        end = len(env.source.text)
        glue = "" if not env.source.text or env.source.text.endswith("\n") else env.source.newline
        edits.append(Edit(path=example, start=end, end=end, text=f"{glue}{pair.name}=change-me{env.source.newline}"))
    return unsafe(f"read `{pair.name}` from the environment; put the value into `.env` and change it", *edits)


def _dockerfiles(tree: Tree) -> Iterator[Finding]:
    for dockerfile in tree.dockerfiles:
        instructions = [*dockerfile.global_args, *(i for stage in dockerfile.stages for i in stage.instructions)]
        for instruction in instructions:
            if instruction.keyword not in {"ENV", "ARG"}:
                if known_token(instruction.body.text):
                    yield RULE.finding(
                        dockerfile.span(instruction.place),
                        "This holds an access token in plain text: it stays in the image.",
                    )
                continue
            for pair in instruction.pairs:
                if pair.value is not None and "$" not in pair.value and _is_secret(pair.name, pair.value):
                    where = "every layer and `docker history` of the image"
                    yield RULE.finding(
                        dockerfile.span(pair.word), f"`{pair.name}` holds a secret in plain text: it stays in {where}."
                    )


def _env_files(tree: Tree) -> Iterator[Finding]:
    for path in tree.files:
        name = basename(path)
        if not _ENV_FILE.match(name) or _ASIDE.search(path):
            continue
        example = bool(_EXAMPLE.search(name))
        if not example and _ignored(tree, path):
            continue
        env = tree.env_file(path)
        for variable in env.variables if env is not None else ():
            secret = known_token(variable.value) if example else _is_secret(variable.name, variable.value)
            if secret:
                where = "an example that everybody reads" if example else "a file of the repository"
                yield RULE.finding(
                    variable.value_span, f"`{variable.name}` holds a secret in plain text, in {where}: `{path}`."
                )


def _key_files(tree: Tree) -> Iterator[Finding]:
    for path in tree.files:
        if not _KEY_FILE.search(path) or _ASIDE.search(path) or _ignored(tree, path):
            continue
        source = tree.read(path)
        at = private_key(source.text) if source is not None else None
        if source is not None and at is not None:
            line = source.position(at)[0]
            yield RULE.finding(
                source.line_span(line), f"`{path}` is a private key; whoever reads the repository has it."
            )


def _ignored(tree: Tree, path: str) -> bool:
    """Whether a file lies on this disk only: git ignores it and does not track it.

    Outside a repository the tree is all there is: what is in it is what was handed over.
    """
    known = tracked(tree, path)
    if known is not False:
        return False
    verdict: bool | None = None
    folder = ""
    pieces = path.split("/")
    for index in range(len(pieces)):
        source = tree.read(join(folder, ".gitignore"))
        if source is not None:
            own = git_ignores(source.text, "/".join(pieces[index:]))
            verdict = own if own is not None else verdict
        folder = join(folder, pieces[index])
    return bool(verdict)


def _words(name: str, where: str) -> str:
    return f"`{name}` of {where} is a secret in plain text; whoever reads the repository has it. Use `${{{name}}}`."


RULE = Rule(
    name="hardcoded-secret",
    code="SEC01",
    severity=Severity.ERROR,
    summary="a secret literal in compose, a Dockerfile, a committed `.env` or a key file",
    needs=("compose", "dockerfile", "tree"),
    check=_check,
    fix="unsafe",
)
