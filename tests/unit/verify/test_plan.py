"""The plan: the resolved model, made safe to run beside anything."""

from __future__ import annotations

from typing import Any

from bot.model.measured import Place
from bot.verify.identity import OWNER_LABEL
from bot.verify.plan import Plan, make_plan, startable, without

CHECK = {
    "test": ["CMD", "redis-cli", "ping"],
    "interval": "1m30s",
    "timeout": "2s",
    "retries": 5,
    "start_period": "10s",
}


def planned(services: dict[str, Any], **more: Any) -> Plan:
    return make_plan(
        {"name": "src", "services": services, **more},
        project="groundwork-1",
        owner="me",
        locate=lambda service, key: Place(path="src/docker-compose.yml", line=len(service + key)),
    )


def test_ports_move_to_loopback_and_their_names_are_kept() -> None:
    plan = planned({"web": {"image": "x", "ports": [{"target": 80, "published": "8080", "host_ip": "0.0.0.0"}]}})
    assert plan.model["services"]["web"]["ports"] == [
        {"target": 80, "protocol": "tcp", "host_ip": "127.0.0.1", "published": "0"}
    ]
    assert (plan.ports[0].published, plan.ports[0].target) == (8080, 80)


def test_everything_is_the_projects_own_and_labelled() -> None:
    plan = planned(
        {"web": {"image": "x", "container_name": "web", "networks": {"proxy": None}, "deploy": {"replicas": 3}}},
        networks={"default": {"name": "src_default"}, "proxy": {"name": "traefik", "external": True}},
        volumes={"data": {"name": "src_data"}},
    )
    model = plan.model
    assert model["name"] == "groundwork-1"
    assert "container_name" not in model["services"]["web"]
    assert "deploy" not in model["services"]["web"]
    assert all("name" not in network and "external" not in network for network in model["networks"].values())
    assert all(part["labels"][OWNER_LABEL] == "me" for kind in ("networks", "volumes") for part in model[kind].values())
    assert [("traefik" in note, "replicas" in note) for note in plan.notes] == [(False, True), (True, False)]


def test_built_images_get_a_name_of_their_own_also_where_others_use_them() -> None:
    plan = planned({"app": {"build": {"context": "/t"}, "image": "shop:1"}, "worker": {"image": "shop:1"}})
    services = plan.model["services"]
    assert services["app"]["image"] == services["worker"]["image"] == "groundwork-1-app"
    assert plan.images == {}
    assert services["app"]["build"]["labels"] == {OWNER_LABEL: "me"}


def test_roles_follow_from_what_others_wait_for_and_from_the_restart_policy() -> None:
    plan = planned(
        {
            "migrate": {"image": "x"},
            "seed": {"image": "x", "restart": "no"},
            "db": {"image": "x", "restart": "no", "healthcheck": CHECK},
            "web": {"image": "x", "depends_on": {"migrate": {"condition": "service_completed_successfully"}}},
        }
    )
    assert {service.name: service.one_shot for service in plan.services} == {
        "migrate": True,
        "seed": True,
        "db": False,
        "web": False,
    }


def test_the_check_is_read_with_its_times_and_its_place() -> None:
    service = planned({"db": {"image": "x", "healthcheck": CHECK}}).services[0]
    assert service.check is not None
    assert (service.check.interval, service.check.timeout, service.check.retries) == (90.0, 2.0, 5)
    assert service.check.worst_case == 10 + 5 * 92
    assert service.check.place is not None
    off = planned({"db": {"image": "x", "healthcheck": {"disable": True}}}).services[0]
    assert (off.check, off.check_off) == (None, True)


def test_fixed_ranges_give_way_unless_somebody_has_a_fixed_address() -> None:
    ranges = {"n": {"ipam": {"config": [{"subnet": "10.5.0.0/24"}, {"subnet": "fd00::/64"}]}}}
    free = planned({"a": {"image": "x", "networks": {"n": None}}}, networks=ranges)
    assert free.model["networks"]["n"]["ipam"] == {"config": [{"subnet": "fd00::/64"}]}
    fixed = planned({"a": {"image": "x", "networks": {"n": {"ipv4_address": "10.5.0.7"}}}}, networks=ranges)
    assert fixed.model["networks"]["n"]["ipam"] == ranges["n"]["ipam"]


def test_what_needs_a_missing_image_is_not_started() -> None:
    wait = {"condition": "service_healthy", "required": True}
    plan = planned(
        {
            "db": {"image": "gone"},
            "app": {"image": "x", "depends_on": {"db": wait}},
            "proxy": {"image": "x", "depends_on": {"app": wait}},
            "docs": {"image": "x", "depends_on": {"db": {"condition": "service_started", "required": False}}},
        }
    )
    assert startable(without(plan, {"db": "no such host"})) == ("docs",)


def test_secrets_of_the_stack_are_known_with_dollars_unescaped() -> None:
    plan = planned({"db": {"image": "x", "environment": {"POSTGRES_PASSWORD": "pa$$word", "PORT": "80"}}})
    assert plan.secrets == ("pa$word",)
