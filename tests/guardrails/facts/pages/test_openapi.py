"""The pages that a site of Mintlify makes of OpenAPI files."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from guardrails import CannotKnow
from guardrails.facts.pages.openapi import Generated, sources_of
from guardrails.facts.pages.site import Site
from oracles.renderers import openapi_pages


def operation(**about: Any) -> dict[str, Any]:
    return {"responses": {"200": {"description": "ok"}}, **about}


def specification(paths: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"openapi": "3.1.0", "info": {"title": "x", "version": "1"}, "paths": paths, **more}


def pages_of(content: object, folder: str = "api-reference") -> list[str]:
    generated = Generated([["api.json", folder]], "docs", lambda path: json.dumps(content).encode())
    generated.file_of("")
    return list(next(iter(generated._pages.values())))


KNOWN = {
    "summary and tag": (operation(summary="List users", tags=["Users"]), "api-reference/users/list-users"),
    "no tag": (operation(summary="List users"), "api-reference/list-users"),
    "no summary": (operation(), "api-reference/get-users"),
    "its own address": (operation(**{"x-mint": {"href": "/own/Here"}}), "own/here"),
}


@pytest.mark.parametrize(("about", "address"), KNOWN.values(), ids=KNOWN)
def test_addresses(about: dict[str, Any], address: str) -> None:
    assert pages_of(specification({"/users/{id}": {"get": about}})) == [address]


@pytest.mark.parametrize("content", [{}, [], 1, {"paths": 5}, {"paths": {"/x": 5}}, {"paths": {"/x": {"get": []}}}])
def test_what_is_no_specification_makes_no_pages(content: object) -> None:
    assert pages_of(content) == []


def generated_specification(seed: int) -> dict[str, Any]:
    chance = random.Random(seed)
    words = ["List", "users", "{id}", "Über", "a/b", "(beta)", "v1.2", "it's", "--", "Get  it", "x, y", "-a-", "ALL"]
    names = ["/users", "/users/{id}", "/users/{id}/files", "/a.b/c-d", "/x--y", "/{a}{b}", "/Users"]
    paths: dict[str, Any] = {}
    for name in chance.sample(names, 4):
        paths[name] = {}
        for method in chance.sample(["get", "put", "post", "delete", "head", "trace", "parameters"], 3):
            about = operation() if method != "parameters" else []
            if isinstance(about, dict):
                if chance.random() < 0.7:
                    about["summary"] = " ".join(chance.choices(words, k=chance.randint(1, 3)))
                if chance.random() < 0.6:
                    about["tags"] = chance.choices(words, k=2)
                if chance.random() < 0.1:
                    about["x-excluded"] = True
                if chance.random() < 0.1:
                    about["x-mint"] = {"href": chance.choice(["/own/Here", "own", "/a/b/c"])}
            paths[name][method] = about
    return specification(paths)


def test_pages_are_those_that_mintlify_makes() -> None:
    asked = [generated_specification(seed) for seed in range(200)]
    answers = zip(asked, openapi_pages(asked), strict=True)
    assert [one for one, pages in answers if set(pages_of(one)) != {page.strip("/") for page in pages}] == []


def site(tmp_path: Path, navigation: object, **files: str) -> Site:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/docs.json").write_text(json.dumps({"navigation": navigation}))
    for name, content in files.items():
        (tmp_path / "docs" / f"{name}.json").write_text(content)
    return Site(str(tmp_path), "docs/DEPLOYMENT.md", "")


USERS = json.dumps(specification({"/users": {"get": operation(summary="List users", tags=["Users"])}}))


def test_a_generated_page_is_led_to(tmp_path: Path) -> None:
    routes = site(tmp_path, {"groups": [{"group": "API", "openapi": "api.json"}]}, api=USERS).routes
    assert routes.resolve("docs/x.md", "/api-reference/users/list-users#body") == (("docs/api.json",), "", "")
    assert routes.resolve("docs/x.md", "/api-reference/users/none")[0] == ()


def test_a_file_that_is_not_read_leaves_it_open(tmp_path: Path) -> None:
    routes = site(tmp_path, {"openapi": {"source": "api.yaml", "directory": "/api"}}).routes
    with pytest.raises(CannotKnow, match=r"api\.yaml"):
        routes.resolve("docs/x.md", "/api/users/list-users")
    assert routes.resolve("docs/x.md", "/elsewhere")[0] == ()


def test_the_folder_holds_further_inside() -> None:
    groups = [{"openapi": "b.json"}, {"openapi": ["c.json"], "pages": [{"openapi": {"source": "d.json"}}]}]
    navigation = {"openapi": {"source": "a.json", "directory": "v1"}, "groups": groups}
    assert list(sources_of(navigation)) == [["a.json", "v1"], ["b.json", "v1"], ["c.json", "v1"], ["d.json", "v1"]]


def test_settings_in_several_files(tmp_path: Path) -> None:
    redirects = json.dumps([{"source": "/old", "destination": "/new"}])
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/docs.json").write_text('{"redirects": {"$ref": "./redirects.json"}}')
    (tmp_path / "docs/redirects.json").write_text(redirects)
    (tmp_path / "docs/new.md").write_text("# New")
    routes = Site(str(tmp_path), "docs/DEPLOYMENT.md", "").routes
    assert routes.resolve("docs/x.md", "/old")[0] == ("docs/new.md",)
    (tmp_path / "docs/redirects.json").write_text('{"$ref": "redirects.json"}')
    with pytest.raises(CannotKnow, match="cannot be read"):
        Site(str(tmp_path), "docs/DEPLOYMENT.md", "")
