"""What a service runs: its image, its environment, its programs and the sources they come from."""

from __future__ import annotations

import re
from functools import cached_property
from posixpath import dirname, normpath
from typing import Final

from bot.check.images import base_name
from bot.check.sources.container_files import at_end
from bot.check.sources.contexts import Context, contexts, folder_of
from bot.check.sources.folder import Folder
from bot.check.sources.nginx_conf import listen_ports, parse_nginx, servers
from bot.check.sources.port_words import Ports
from bot.check.sources.ports import UNKNOWN, process_ports
from bot.check.sources.process import processes
from bot.check.tree import Built, Tree
from bot.parse.compose import ComposeStack, Service
from bot.parse.compose_health import located_word
from bot.parse.dockerfile_image import BuiltImage
from bot.parse.dockerfile_model import Instruction
from bot.parse.dockerfile_text import Text, Word
from bot.parse.nodes import Mapping, Node, Scalar, Sequence
from bot.parse.shell import Command, split_commands
from bot.parse.shell_wrappers import exec_commands, run_commands

MANIFESTS: Final = (
    "package.json", "composer.json", "artisan", "manage.py", "requirements.txt", "pyproject.toml", "Pipfile", "go.mod",
    "Gemfile", "main.py", "app.py", "server.js", "index.js", "main.go",
)  # fmt: skip
# image name -> ports its program listens on, unless told otherwise
_IMAGE_PORTS: Final[dict[str, frozenset[int]]] = {
    "postgres": frozenset({5432}),
    "mysql": frozenset({3306, 33060}),
    "mariadb": frozenset({3306}),
    "redis": frozenset({6379}),
    "valkey": frozenset({6379}),
    "memcached": frozenset({11211}),
    "mongo": frozenset({27017}),
    "httpd": frozenset({80}),
    "adminer": frozenset({8080}),
    "phpmyadmin": frozenset({80}),
    "whoami": frozenset({80}),
    "grafana": frozenset({3000}),
    "prometheus": frozenset({9090}),
    "meilisearch": frozenset({7700}),
    "elasticsearch": frozenset({9200, 9300}),
    "kibana": frozenset({5601}),
    "mailpit": frozenset({1025, 8025, 1110}),
    "mailhog": frozenset({1025, 8025}),
}


class Runtime:
    """One service as it runs, or the image of a Dockerfile that no service builds."""

    def __init__(
        self,
        tree: Tree,
        *,
        service: Service | None,
        stack: ComposeStack | None,
        built: Built | None,
        image: BuiltImage | None,
    ) -> None:
        self.tree, self.service, self.stack, self.built, self.image = tree, service, stack, built, image

    @cached_property
    def base(self) -> str | None:
        """The image it begins with; None where not known."""
        if self.image is not None:
            return self.image.base
        if self.built is not None or self.service is None or self.service.image is None or self.service.image.unknown:
            return None
        return self.service.image.text

    @cached_property
    def env(self) -> dict[str, str | None]:
        """The environment: of the image, of `env_file`, of `environment`; None for a value nobody here knows."""
        found: dict[str, str | None] = dict(self.image.env) if self.image is not None else {}
        if self.service is None:
            return found
        for node in _scalars(self.service.node.get("env_file")):
            path = normpath(f"{node.base}/{node.text}") if node.base else normpath(node.text)
            env = self.tree.env_file(path) or self.tree.env_file(f"{path}.example")
            if env is not None:
                found.update({variable.name: variable.value for variable in env.variables})
        found.update({pair.name: pair.value for pair in self.service.environment})
        return found

    @cached_property
    def context(self) -> Context | None:
        """The Dockerfile with its context."""
        if self.image is None:
            return None
        path = self.image.dockerfile.path
        wanted = self.service.build.context if self.service is not None and self.service.build is not None else None
        return next(
            (c for c in contexts(self.tree) if c.dockerfile.path == path and (wanted is None or c.folder == wanted)),
            None,
        )

    @cached_property
    def folder(self) -> str | None:
        """The folder of the application's sources, relative to the tree; None where there is none."""
        if self.context is not None and self.image is not None:
            state = at_end(self.context, self.image.stage, self.image.args)
            if any(name in self.context.files for name in MANIFESTS):
                return self.context.folder
            for path in sorted(state.files.values(), key=lambda path: (path.count("/"), path)):
                if path.rpartition("/")[2] in MANIFESTS:
                    return self.context.in_tree(dirname(path))
            return self._mounted() or self.context.folder
        return self._mounted()

    def _mounted(self) -> str | None:
        """Return the folder with an application that is mounted; None where none is."""
        if self.service is None:
            return None
        for mount in self.service.mounts:
            if (
                mount.kind == "bind"
                and mount.path is not None
                and any(self.tree.is_file(f"{mount.path}/{name}") for name in MANIFESTS)
            ):
                return mount.path
        return None

    @cached_property
    def files(self) -> Folder:
        """The application's files."""
        return folder_of(self.tree, self.folder) if self.folder is not None else Folder((), lambda _path: None)

    @cached_property
    def processes(self) -> tuple[Command, ...]:
        """The programs that it runs; empty where that is not known."""
        return processes(self.told(), self.files)

    def told(self) -> tuple[Command, ...]:
        """Return the commands it is told to run, before scripts are followed."""
        entry, command = self._own("entrypoint"), self._own("command")
        image_entry, image_cmd = self._instruction("ENTRYPOINT"), self._instruction("CMD")
        if entry is not None:
            words = (*entry, *(command or ()))
            return exec_commands(words) if words else ()
        given = command
        if given is None and image_cmd is not None:
            given = _form(image_cmd)
        if image_entry is not None:
            if not image_entry.exec_form:
                return run_commands(image_entry.body)
            return exec_commands((*image_entry.words, *(given or ())))
        if given:
            if command is None and image_cmd is not None and not image_cmd.exec_form:
                return run_commands(image_cmd.body)
            return exec_commands(given)
        return self._by_image()

    def _by_image(self) -> tuple[Command, ...]:
        """Return what the base image runs by itself."""
        name, tag = base_name(self.base), (self.base or "").rpartition(":")[2]
        if name in {"nginx", "nginx-unprivileged"}:
            return split_commands("nginx")
        if name == "php":
            return split_commands("apache2-foreground" if "apache" in tag else "php-fpm" if "fpm" in tag else "php")
        return ()

    def _own(self, key: str) -> tuple[Word, ...] | None:
        node = self.service.node.get(key) if self.service is not None else None
        if isinstance(node, Sequence):
            return tuple(located_word(item) for item in node.items if isinstance(item, Scalar))
        if isinstance(node, Scalar) and node.value is not None:
            return tuple(word for command in split_commands(Text.within(located_word(node))) for word in command.words)
        return None

    def _instruction(self, keyword: str) -> Instruction | None:
        if self.image is None:
            return None
        return self.image.cmd if keyword == "CMD" else self.image.entrypoint

    @cached_property
    def nginx_texts(self) -> tuple[str, ...] | None:
        """The configurations that nginx is given; None where they cannot be told, empty for the image's own."""
        found: list[str] = []
        if self.service is not None:
            for mount in self.service.mounts:
                if not mount.target.startswith("/etc/nginx"):
                    continue
                texts = self._texts(mount.path) if mount.kind == "bind" and mount.path is not None else None
                if texts is None:
                    return None
                found += texts
            if any(isinstance(self.service.node.get(key), Sequence) for key in ("configs",)):
                return None
        if self.context is not None and self.image is not None:
            state = at_end(self.context, self.image.stage, self.image.args)
            if state.unsure or any(
                "/etc/nginx/".startswith(f"{p.rstrip('/')}/") or p.startswith("/etc/nginx/") for p in state.foreign
            ):
                return None
            for path, origin in state.files.items():
                if path.startswith("/etc/nginx"):
                    text = self.context.files.text(origin) if origin else None
                    if text is None:
                        return None
                    found.append(text)
            if any(i.keyword == "RUN" and "/etc/nginx" in i.body.text for i in self.image.instructions) and not found:
                return None
        return tuple(found)

    def _texts(self, path: str) -> list[str] | None:
        if self.tree.is_file(path):
            source = self.tree.read(path)
            return [source.text] if source is not None else None
        if not self.tree.is_folder(path):
            return None
        sources = [self.tree.read(each) for each in self.tree.under(path)]
        return [source.text for source in sources if source is not None]

    @cached_property
    def ports(self) -> Ports:
        """The ports it listens on."""
        if self.runs("nginx") and all(p.program in {"nginx", "envsubst"} for p in self.processes):
            return self._nginx_ports()
        if self.built is None and self.image is None and self.service is not None:
            known = _IMAGE_PORTS.get(base_name(self.base))
            if known is not None:
                told = self.service.command is not None or self.service.node.get("entrypoint") is not None
                spoken = any("PORT" in name.upper() for name in self.env)
                programs = {process.program for process in self.processes}
                if programs and programs <= {"redis-server", "valkey-server", "memcached"} and not spoken:
                    return process_ports(self.processes, self.files, self.env)
                return Ports(known, "its command may name another port" if told or spoken else "")
            if self.folder is None and not self.processes:
                return UNKNOWN
        if self.processes and all(command.program == "apache2-foreground" for command in self.processes):
            return self._apache_ports()
        return process_ports(self.processes, self.files, self.env)

    def _apache_ports(self) -> Ports:
        """Apache of the PHP images: port 80, unless anything speaks of another."""
        texts = [i.body.text for i in self.image.instructions] if self.image is not None else []
        texts += [text for _, text in self.files.sources(".conf")]
        said = any(re.search(r"ports\.conf|\bListen\b|VirtualHost\s+\S+:(?!80\b)|APACHE_PORT", text) for text in texts)
        mounted = self.service is not None and any("apache2" in mount.target for mount in self.service.mounts)
        return Ports(frozenset({80}), "its configuration may name another port" if said or mounted else "")

    def _nginx_ports(self) -> Ports:
        texts = self.nginx_texts
        if texts is None:
            return Ports(frozenset(), "its configuration cannot be told")
        if not texts:
            unprivileged = base_name(self.base) == "nginx-unprivileged"
            return Ports(frozenset({8080 if unprivileged else 80}))
        found: set[int] = set()
        for text in texts:
            for server in servers(parse_nginx(text)):
                ports = listen_ports(server)
                if ports is None:
                    return Ports(frozenset(found), "a port in its configuration is a variable")
                found |= ports
        return Ports(frozenset(found), "" if found else "its configuration has no server")

    def runs(self, *programs: str) -> bool:
        """Whether one of its programs is among `programs`."""
        return any(command.program in programs for command in self.processes)


def _form(instruction: Instruction) -> tuple[Word, ...]:
    if instruction.exec_form:
        return instruction.words
    # The shell form becomes the arguments `/bin/sh -c "..."` of an entrypoint.
    text = instruction.body.text
    whole = instruction.body.word(0, len(text))
    return (instruction.body.word(0, 0, "sh"), instruction.body.word(0, 0, "-c"), whole)


def _scalars(node: Node | None) -> list[Scalar]:
    if isinstance(node, Scalar):
        return [node] if node.value is not None and not node.unknown else []
    if isinstance(node, Sequence):
        return [found for item in node.items for found in _scalars(item)]
    return _scalars(node.get("path")) if isinstance(node, Mapping) else []
