"""Which programs a Dockerfile adds to its image, and which it takes away again."""

from __future__ import annotations

import re
from posixpath import basename
from typing import Final

from bot.check.sources.image_tools import JUDGED, image_tools
from bot.parse.dockerfile_commands import instruction_commands
from bot.parse.dockerfile_image import BuiltImage
from bot.parse.dockerfile_model import Instruction
from bot.parse.dockerfile_values import expand
from bot.parse.shell import Command

_INSTALL: Final = {
    "apk": "add",
    "apt-get": "install",
    "apt": "install",
    "aptitude": "install",
    "yum": "install",
    "dnf": "install",
    "microdnf": "install",
    "tdnf": "install",
    "zypper": "install",
    "install_packages": "",
}
_REMOVE: Final = frozenset({"del", "purge", "remove", "autoremove"})
# Package -> programs, where the name does not tell.
_PROGRAMS: Final[dict[str, tuple[str, ...]]] = {
    "netcat-openbsd": ("nc", "netcat"),
    "netcat-traditional": ("nc", "netcat"),
    "netcat": ("nc", "netcat"),
    "ncat": ("ncat", "nc"),
    "nmap": ("ncat", "nc"),
    "nmap-ncat": ("ncat", "nc"),
    "python-is-python3": ("python",),
    "python3": ("python3", "python"),
    "python3-minimal": ("python3",),
    "nodejs": ("node",),
    "nodejs-current": ("node",),
    "redis": ("redis-cli",),
    "redis-tools": ("redis-cli",),
    "redis-server": ("redis-cli",),
    "valkey": ("valkey-cli", "redis-cli"),
    "default-mysql-client": ("mysqladmin", "mysql", "mariadb-admin", "mariadb"),
    "mysql-client": ("mysqladmin", "mysql", "mariadb-admin", "mariadb"),
    "mariadb-client": ("mysqladmin", "mysql", "mariadb-admin", "mariadb"),
    "fcgi": ("cgi-fcgi",),
    "libfcgi-bin": ("cgi-fcgi",),
    "busybox": ("wget", "nc"),
    "busybox-extras": ("telnet",),
    "httpie": ("http",),
}
_VALUED: Final = frozenset({"-t", "--virtual", "--repository", "-X", "-o", "-c", "--arch", "--root", "-p"})


def program_there(image: BuiltImage, program: str) -> bool | None:
    """Whether the built image has `program` on its path; None where that cannot be told."""
    if image.base is None:
        return None
    tools = image_tools(image.base)
    there = tools.has(program) if tools is not None else None
    if there is not False:
        return there
    groups: dict[str, list[str]] = {}
    for instruction in image.instructions:
        verdict = _after(instruction, program, image, groups)
        if verdict == "unknown":
            return None
        if verdict is not None:
            there = verdict == "present"
    return there


def _after(instruction: Instruction, program: str, image: BuiltImage, groups: dict[str, list[str]]) -> str | None:
    """Return what one instruction does to a program: `present`, `absent`, `unknown`, or None for nothing."""
    if instruction.keyword in {"COPY", "ADD"}:
        return _copied(instruction, program)
    if instruction.keyword != "RUN":
        return None
    verdict: str | None = None
    for command in instruction_commands(instruction):
        found = _ran(command, program, image, groups)
        verdict = found or verdict
    if verdict is None and re.search(rf"/s?bin/{re.escape(program)}(?![\w-])", instruction.body.text):
        return "unknown"  # put there by hand: a download, a link
    return verdict


def _copied(instruction: Instruction, program: str) -> str | None:
    target = instruction.words[-1].value if instruction.words else ""
    sources = [word.value for word in instruction.words[:-1]]
    if basename(target.rstrip("/")) == program or any(basename(source) == program for source in sources):
        return "present"
    folders = re.compile(r"^/(?:usr/?(?:local/?)?)?(?:s?bin/?)?$")
    if folders.match(target) and (
        instruction.flag("from") is not None or target.rstrip("/") in {"", "/usr", "/usr/local"}
    ):
        named = all(
            "." not in basename(source) and basename(source) not in {"", "bin", "local", "usr", "*"}
            for source in sources
        )
        return None if named and target.rstrip("/").endswith("bin") else "unknown"
    return None


def _ran(command: Command, program: str, image: BuiltImage, groups: dict[str, list[str]]) -> str | None:
    name, words = command.program, command.arguments
    if name in {"pip", "pip3", "npm", "pnpm", "yarn", "gem", "cargo", "go", "uv", "pipx"}:
        return (
            "present"
            if program in {w.partition("=")[0] for w in words} or (program == "http" and "httpie" in words)
            else None
        )
    if name in {"xargs", "eval", "source", ".", "make"} or (name.endswith(".sh") and not name.startswith("docker-php")):
        return "unknown"
    if name not in _INSTALL:
        return None
    verb = next((word for word in words if not word.startswith("-")), "")
    values = {**image.args, **image.env}
    if verb in _REMOVE:
        removed = [p for w in words for p in groups.get(w, [w])]
        return "absent" if any(program in _brings(package) for package in removed) else None
    if _INSTALL[name] and verb not in {_INSTALL[name], "install", "add", "groupinstall"}:
        return None
    packages = []
    rest = iter(words)
    group = ""
    for word in rest:
        if word in _VALUED:
            value = next(rest, "")
            group = value if word in {"-t", "--virtual"} and name == "apk" else group
        elif word.startswith("--virtual="):
            group = word.partition("=")[2]
        elif not word.startswith("-") and word != verb:
            if "$" in word and "PHPIZE_DEPS" not in word:
                names = re.findall(r"\$\{?(\w+)", word)
                text = expand(word, values) if all(each in values for each in names) else None
                if text is None:
                    return "unknown"
                packages += text.split()
            elif "$" not in word:
                packages.append(word)
    if group:
        groups[group] = packages
    return "present" if any(program in _brings(package) for package in packages) else None


def _brings(package: str) -> set[str]:
    name = re.split(r"[=~<>@/]", package)[0]
    found = {name, *_PROGRAMS.get(name, ())}
    if name.startswith("postgresql") and ("client" in name or re.fullmatch(r"postgresql\d*(?:-\d+)?", name)):
        found |= {"pg_isready", "psql"}
    if re.fullmatch(r"php\d*(?:\.\d)?(?:-cli)?", name):
        found.add("php")
    if re.fullmatch(r"mariadb.*client.*|mysql.*client.*", name):
        found |= {"mysqladmin", "mysql", "mariadb-admin", "mariadb"}
    return found & (JUDGED | {name})
