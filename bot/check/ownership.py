"""Who owns what a container writes: code from the host, and data of databases."""

from __future__ import annotations

from posixpath import basename, join
from typing import Final

from bot.check.images import DATA_FOLDERS, STORE_FOLDERS, base_name
from bot.check.tree import Tree
from bot.model.finding import Edit
from bot.parse.compose import ComposeStack, Service, texts
from bot.parse.compose_mounts import Mount

USER: Final = "${UID:-1000}:${GID:-1000}"
# Where images serve or work from: a folder that is mounted there is code, or is written to.
_CONFIG_TARGETS: Final = ("/etc/", "/docker-entrypoint", "/usr/local/etc/", "/certs", "/run/secrets", "/var/log")
# Folders that hold what a service keeps, not its code.
_DATA: Final = frozenset(
    {"data", "uploads", "upload", "media", "logs", "log", "backups", "backup", "dumps", "certs", "ssl", "letsencrypt"}
    | {"acme", "secrets", "config", "conf", "conf.d", "tmp", "cache", "state"}
)
# Images whose first process must be root: it binds ports and then serves as a user of its own.
_ROOT_IMAGES: Final = frozenset({"nginx", "traefik", "caddy", "haproxy", "httpd", "openresty"})


def told_ids(tree: Tree, stack: ComposeStack) -> tuple[Edit, ...] | None:
    """Return the edits that define UID and GID in `.env.example`; None where it cannot be read."""
    path = join(stack.folder, ".env.example")
    example = tree.env_file(path)
    if example is None and tree.exists(path):
        return None
    missing = [name for name in ("UID", "GID") if example is None or name not in example.names()]
    if not missing:
        return ()
    text = example.source.text if example is not None else ""
    lead = "\n" if text and not text.endswith("\n") else ""
    lines = "".join(f"{name}=1000\n" for name in missing)
    return (Edit(path=path, start=len(text), end=len(text), text=f"{lead}# Yours: id -u, id -g\n{lines}"),)


def code_binds(tree: Tree, service: Service) -> tuple[Mount, ...]:
    """Return the writable binds of folders of the tree that hold code: not single files, not configuration."""
    found = []
    for mount in service.mounts:
        if mount.kind != "bind" or mount.read_only or mount.path is None or mount.path.startswith(("/", "../", "~")):
            continue
        if tree.is_file(mount.path) or (not tree.exists(mount.path) and "." in basename(mount.path)):
            continue
        if _DATA & {basename(mount.path).lower(), basename(mount.target).lower()}:
            continue
        if not mount.target.startswith(_CONFIG_TARGETS):
            found.append(mount)
    return tuple(found)


def root_needed(tree: Tree, service: Service) -> bool:
    """Whether a service's first process must be root: a web server that binds low ports and then changes user."""
    built = tree.built(service)
    image = built.image if built is not None else None
    name = base_name(image.base) if image is not None else service.image_name
    return name in _ROOT_IMAGES


def database_of(tree: Tree, service: Service) -> str:
    """Return the database that a service is by its image, or the one it is built on, such as `postgres`; or ""."""
    name = service.image_name
    if service.build is not None:
        built = tree.built(service)
        name = base_name(built.image.base) if built is not None and built.image is not None else ""
    return name if name in DATA_FOLDERS else ""


def data_mount(service: Service, name: str) -> Mount | None:
    """Return what is mounted on a database's data directory."""
    folders = DATA_FOLDERS.get(name) or STORE_FOLDERS.get(name, ())
    folders = (*folders, *(value for value in (service.environment_value("PGDATA"),) if value))
    for mount in service.mounts:
        inside = any(mount.target == folder or folder.startswith(mount.target.rstrip("/") + "/") for folder in folders)
        beneath = any(mount.target.startswith(folder + "/") for folder in folders[-1:]) and mount.kind != "tmpfs"
        if mount.target and mount.target != "/" and (inside or (beneath and service.environment_value("PGDATA"))):
            return mount
    return None


def keeps_nothing(service: Service, name: str) -> bool:
    """Whether a database is meant to forget: its data directory is a tmpfs, or a profile says it is for tests."""
    folders = DATA_FOLDERS.get(name, ())
    places = [text.partition(":")[0].rstrip("/") for text in texts(service.node.get("tmpfs"))]
    mounted = [mount.target for mount in service.mounts if mount.kind == "tmpfs"]
    covered = any(
        folder == place or folder.startswith(f"{place}/") for folder in folders for place in places + mounted if place
    )
    return covered or any("test" in profile for profile in service.profiles) or "test" in service.name.lower()
