"""The compose specification, as shapes; source: the Compose Specification's schema, 2025."""

from __future__ import annotations

from typing import Final

from bot.check.schema.shape import (
    Record,
    Shape,
    any_mapping,
    anything,
    duration,
    either,
    listing,
    matching,
    nothing,
    number,
    one_of,
    prefixed,
    simple,
    size,
    switch,
    text,
    text_size,
)

_TEXTS: Final = listing(text)
_TEXT_OR_TEXTS: Final = either(text, _TEXTS, wanted="text or a list of texts")
_COMMAND: Final = either(nothing, text, _TEXTS, wanted="text or a list of texts")
_PAIRS: Final = either(any_mapping(simple), _TEXTS, wanted="a mapping or a list of `NAME=value`")
_VALUES: Final = any_mapping(simple)
_HOSTS: Final = either(any_mapping(_TEXT_OR_TEXTS), _TEXTS, wanted="a mapping or a list")
_EXTERNAL: Final = either(switch, Record({"name": text}), wanted="true or false")
_NUMBER_OR_TEXT: Final = simple

_HEALTHCHECK: Final = Record(
    {
        "disable": switch,
        "interval": duration,
        "retries": number,
        "start_interval": duration,
        "start_period": duration,
        "test": _TEXT_OR_TEXTS,
        "timeout": duration,
    }
)
_ULIMITS: Final = any_mapping(
    either(number, Record({"hard": number, "soft": number}, ("hard", "soft")), wanted="a number or `soft` and `hard`")
)
_FILE_REFERENCES: Final = listing(
    either(
        text,
        Record({"source": text, "target": text, "uid": text, "gid": text, "mode": _NUMBER_OR_TEXT}),
        wanted="a name or a mapping",
    )
)
_BUILD: Final = either(
    text,
    Record(
        {
            "additional_contexts": _PAIRS,
            "args": _PAIRS,
            "cache_from": _TEXTS,
            "cache_to": _TEXTS,
            "context": text,
            "dockerfile": text,
            "dockerfile_inline": text,
            "entitlements": _TEXTS,
            "extra_hosts": _HOSTS,
            "isolation": text,
            "labels": _PAIRS,
            "network": text,
            "no_cache": switch,
            "no_cache_filter": _TEXT_OR_TEXTS,
            "platforms": _TEXTS,
            "privileged": switch,
            "provenance": simple,
            "pull": switch,
            "sbom": simple,
            "secrets": _FILE_REFERENCES,
            "shm_size": size,
            "ssh": _PAIRS,
            "tags": _TEXTS,
            "target": text,
            "ulimits": _ULIMITS,
        }
    ),
    wanted="a folder or a mapping",
)
_DEVICES: Final = listing(
    Record(
        {
            "capabilities": _TEXTS,
            "count": _NUMBER_OR_TEXT,
            "device_ids": _TEXTS,
            "driver": text,
            "options": _PAIRS,
        }
    )
)
_ROLLING: Final = Record(
    {
        "delay": duration,
        "failure_action": text,
        "max_failure_ratio": number,
        "monitor": duration,
        "order": one_of("start-first", "stop-first"),
        "parallelism": number,
    }
)
_DEPLOY: Final = either(
    nothing,
    Record(
        {
            "endpoint_mode": text,
            "labels": _PAIRS,
            "mode": text,
            "placement": Record(
                {
                    "constraints": _TEXTS,
                    "max_replicas_per_node": number,
                    "preferences": listing(Record({"spread": text})),
                }
            ),
            "replicas": number,
            "resources": Record(
                {
                    "limits": Record({"cpus": number, "memory": text_size, "pids": number}),
                    "reservations": Record(
                        {"cpus": number, "devices": _DEVICES, "generic_resources": anything, "memory": text_size}
                    ),
                }
            ),
            "restart_policy": Record(
                {"condition": text, "delay": duration, "max_attempts": number, "window": duration}
            ),
            "rollback_config": _ROLLING,
            "update_config": _ROLLING,
        }
    ),
    wanted="a mapping",
)
_MOUNT: Final = Record(
    {
        "bind": Record(
            {"create_host_path": switch, "propagation": text, "recursive": text, "selinux": text},
        ),
        "consistency": text,
        "image": Record({"subpath": text}),
        "read_only": switch,
        "source": text,
        "target": text,
        "tmpfs": Record({"mode": _NUMBER_OR_TEXT, "size": size}),
        "type": one_of("bind", "volume", "tmpfs", "cluster", "npipe", "image"),
        "volume": Record({"labels": _PAIRS, "nocopy": switch, "subpath": text}),
    },
    ("type",),
)
_PORT: Final = Record(
    {
        "app_protocol": text,
        "host_ip": text,
        "mode": text,
        "name": text,
        "protocol": text,
        "published": _NUMBER_OR_TEXT,
        "target": number,
    },
    ("target",),
)
_SERVICE_NETWORK: Final = either(
    nothing,
    Record(
        {
            "aliases": _TEXTS,
            "driver_opts": _VALUES,
            "gw_priority": number,
            "interface_name": text,
            "ipv4_address": text,
            "ipv6_address": text,
            "link_local_ips": _TEXTS,
            "mac_address": text,
            "priority": number,
        }
    ),
    wanted="a mapping",
)
# A missing condition is depends-on-condition's: it says more.
_DEPENDENCY: Final = either(
    nothing,
    Record(
        {
            "condition": one_of("service_started", "service_healthy", "service_completed_successfully"),
            "required": switch,
            "restart": switch,
        }
    ),
    wanted="a mapping",
)
_ENV_FILES: Final = either(
    text,
    listing(either(text, Record({"format": text, "path": text, "required": switch}, ("path",)), wanted="a path")),
    wanted="a path or a list of paths",
)
_HOOKS: Final = listing(
    Record({"command": _COMMAND, "environment": _PAIRS, "privileged": switch, "user": text, "working_dir": text})
)

SERVICE: Final = Record(
    {
        "annotations": _PAIRS,
        "attach": switch,
        "blkio_config": anything,
        "build": _BUILD,
        "cap_add": _TEXTS,
        "cap_drop": _TEXTS,
        "cgroup": one_of("host", "private"),
        "cgroup_parent": text,
        "command": _COMMAND,
        "configs": _FILE_REFERENCES,
        "container_name": text,
        "cpu_count": number,
        "cpu_percent": number,
        "cpu_period": _NUMBER_OR_TEXT,
        "cpu_quota": _NUMBER_OR_TEXT,
        "cpu_rt_period": _NUMBER_OR_TEXT,
        "cpu_rt_runtime": _NUMBER_OR_TEXT,
        "cpu_shares": number,
        "cpus": number,
        "cpuset": text,
        "credential_spec": Record({"config": text, "file": text, "registry": text}),
        "depends_on": either(_TEXTS, any_mapping(_DEPENDENCY), wanted="a list or a mapping"),
        "deploy": _DEPLOY,
        "develop": anything,
        "device_cgroup_rules": _TEXTS,
        "devices": listing(
            either(text, Record({"permissions": text, "source": text, "target": text}, ("source",)), wanted="text")
        ),
        "dns": _TEXT_OR_TEXTS,
        "dns_opt": _TEXTS,
        "dns_search": _TEXT_OR_TEXTS,
        "domainname": text,
        "entrypoint": _COMMAND,
        "env_file": _ENV_FILES,
        "environment": _PAIRS,
        "expose": listing(simple),
        "extends": either(text, Record({"file": text, "service": text}, ("service",)), wanted="a service"),
        "external_links": _TEXTS,
        "extra_hosts": _HOSTS,
        "gpus": anything,
        "group_add": listing(simple),
        "healthcheck": _HEALTHCHECK,
        "hostname": text,
        "image": text,
        "init": switch,
        "ipc": text,
        "isolation": text,
        "label_file": _TEXT_OR_TEXTS,
        "labels": _PAIRS,
        "links": _TEXTS,
        "logging": Record({"driver": text, "options": _VALUES}),
        "mac_address": text,
        "mem_limit": size,
        "mem_reservation": size,
        "mem_swappiness": number,
        "memswap_limit": size,
        "models": anything,
        "network_mode": text,
        "networks": either(_TEXTS, any_mapping(_SERVICE_NETWORK), wanted="a list or a mapping"),
        "oom_kill_disable": switch,
        "oom_score_adj": number,
        "pid": text,
        "pids_limit": number,
        "platform": text,
        "ports": listing(either(simple, _PORT, wanted="a port or a mapping")),
        "post_start": _HOOKS,
        "pre_stop": _HOOKS,
        "privileged": switch,
        "profiles": _TEXTS,
        "provider": anything,
        "pull_policy": either(
            one_of("always", "never", "if_not_present", "build", "missing", "refresh", "daily", "weekly"),
            prefixed("every_"),
            wanted="always, never, missing, build, daily, weekly or every_<time>",
        ),
        "pull_refresh_after": text,
        "read_only": switch,
        "restart": matching(r"no|always|unless-stopped|on-failure(:\d+)?", "no, always, on-failure or unless-stopped"),
        "runtime": text,
        "scale": number,
        "secrets": _FILE_REFERENCES,
        "security_opt": _TEXTS,
        "shm_size": size,
        "stdin_open": switch,
        "stop_grace_period": duration,
        "stop_signal": text,
        "storage_opt": anything,
        "sysctls": _PAIRS,
        "tmpfs": _TEXT_OR_TEXTS,
        "tty": switch,
        "ulimits": _ULIMITS,
        "use_api_socket": switch,
        "user": text,
        "userns_mode": text,
        "uts": text,
        "volumes": listing(either(text, _MOUNT, wanted="text or a mapping")),
        "volumes_from": _TEXTS,
        "working_dir": text,
    }
)
_VOLUME: Final = either(
    nothing,
    Record({"driver": text, "driver_opts": _VALUES, "external": _EXTERNAL, "labels": _PAIRS, "name": text}),
    wanted="a mapping",
)
_NETWORK: Final = either(
    nothing,
    Record(
        {
            "attachable": switch,
            "driver": text,
            "driver_opts": _VALUES,
            "enable_ipv4": switch,
            "enable_ipv6": switch,
            "external": _EXTERNAL,
            "internal": switch,
            "ipam": Record(
                {
                    "config": listing(
                        Record({"aux_addresses": _VALUES, "gateway": text, "ip_range": text, "subnet": text})
                    ),
                    "driver": text,
                    "options": _VALUES,
                }
            ),
            "labels": _PAIRS,
            "name": text,
        }
    ),
    wanted="a mapping",
)
_FILE: Final = Record(
    {
        "content": text,
        "driver": text,
        "driver_opts": _VALUES,
        "environment": text,
        "external": _EXTERNAL,
        "file": text,
        "labels": _PAIRS,
        "name": text,
        "template_driver": text,
    }
)
FILE: Final[Shape] = Record(
    {
        "configs": any_mapping(_FILE),
        "include": anything,
        "models": anything,
        "name": text,
        "networks": any_mapping(_NETWORK),
        "secrets": any_mapping(_FILE),
        "services": any_mapping(SERVICE),
        "version": text,
        "volumes": any_mapping(_VOLUME),
    }
)
