# SPDX-License-Identifier: Apache-2.0
"""What an environment is in either cloud, read raw from the APIs, and where the two differ.

It shares nothing with ephyrad's own comparison: this is what that is judged by.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.harness.environment import Environment
from tests.lab.ports import Cloud

Picture = Mapping[str, Any]
"""What there is, by a name that both clouds know."""

_OF_ITS_OWN = (
    *("created_at", "updated_at", "file", "schema", "self", "stores", "locations", "direct_url"),
    *("virtual_size", "owner", "ephyrad", "os_hash_algo"),
)
"""Fields of an image that a cloud gives it by itself, or that name its own things."""


def picture(environment: Environment, cloud: Cloud) -> Picture:
    """Return all that there is of an environment in one cloud, in words of both."""
    return {
        **dict(_images(environment, cloud)),
        **dict(_keypairs(environment, cloud)),
        **dict(_flavors(environment, cloud)),
        **dict(_aggregates(environment, cloud)),
        **dict(_deploy_templates(environment, cloud)),
    }


def differences(old: Picture, new: Picture) -> list[str]:
    """Return what is in the old cloud and not, or not equal, in the new one; sorted."""
    found = []
    for name, mine in old.items():
        if name not in new:
            found.append(f"{name}: missing")
            continue
        keys = mine.keys() | new[name].keys()
        different = sorted(key for key in keys if mine.get(key) != new[name].get(key))
        found += [f"{name}: {key}" for key in different]
    return sorted(found)


def _projects(environment: Environment, cloud: Cloud) -> dict[str, str]:
    return {ident: name for name, ident in environment.projects[cloud].items()}


def _images(environment: Environment, cloud: Cloud) -> Iterator[tuple[str, Any]]:
    glance, projects = environment.api(cloud, "image"), _projects(environment, cloud)
    for query in ("?limit=1000", "?limit=1000&os_hidden=true"):
        for image in glance.get(f"/v2/images{query}")["images"]:
            if not (image["name"] or "").startswith(environment.prefix):
                continue
            shown = {key: value for key, value in image.items() if key not in _OF_ITS_OWN}
            shown["tags"] = sorted(shown["tags"])
            if image["visibility"] == "shared":
                members = glance.get(f"/v2/images/{image['id']}/members")["members"]
                shown["members"] = sorted(projects.get(one["member_id"], "?") for one in members)
            yield f"image {image['name']}", shown


def _keypairs(environment: Environment, cloud: Cloud) -> Iterator[tuple[str, Any]]:
    nova = environment.api(cloud, "compute")
    for name, user in environment.users[cloud].items():
        for row in nova.get(f"/os-keypairs?user_id={user}")["keypairs"]:
            key = row["keypair"]
            yield f"keypair {name}/{key['name']}", key


def _flavors(environment: Environment, cloud: Cloud) -> Iterator[tuple[str, Any]]:
    nova, projects = environment.api(cloud, "compute"), _projects(environment, cloud)
    for flavor in nova.get("/flavors/detail?is_public=None")["flavors"]:
        if not flavor["name"].startswith(environment.prefix):
            continue
        shown = {key: value for key, value in flavor.items() if key not in ("links", "rxtx_factor")}
        specs = shown.get("extra_specs", {})
        shown["extra_specs"] = {k: v for k, v in specs.items() if not k.startswith("ephyrad")}
        if not flavor["os-flavor-access:is_public"]:
            rows = nova.get(f"/flavors/{flavor['id']}/os-flavor-access")["flavor_access"]
            shown["access"] = sorted(projects.get(row["tenant_id"], "?") for row in rows)
        yield f"flavor {flavor['name']}", shown


def _aggregates(environment: Environment, cloud: Cloud) -> Iterator[tuple[str, Any]]:
    for aggregate in environment.api(cloud, "compute").get("/os-aggregates")["aggregates"]:
        if aggregate["name"].startswith(environment.prefix):
            meta = aggregate["metadata"].items()
            yield (
                f"aggregate {aggregate['name']}",
                {
                    "availability_zone": aggregate["availability_zone"],
                    "metadata": {k: v for k, v in meta if not k.startswith("ephyrad")},
                },
            )


def _deploy_templates(environment: Environment, cloud: Cloud) -> Iterator[tuple[str, Any]]:
    ironic = environment.api(cloud, "baremetal")
    for template in ironic.get("/v1/deploy_templates?detail=True")["deploy_templates"]:
        if template["name"].startswith(environment.custom):
            extra = {k: v for k, v in template["extra"].items() if k != "ephyrad"}
            shown = {"uuid": template["uuid"], "steps": template["steps"], "extra": extra}
            yield f"deploy template {template['name']}", shown
