"""What docker-compose.yml and deploy/ name exists in the program, and is walled in.

No container engine is at hand where this is developed: these tests read the files.
"""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.config import load
from bot.settings.fields import words_of_settings
from bot.settings.key import new_key

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: each for name, each in SERVICES.items() if each["image"] == "postcue:local"}
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text()
CADDYFILE = (ROOT / "deploy" / "Caddyfile").read_text()
PACKAGES = {"bot", "scheduling", "web_oauth", "platforms", "integrations", "models"}

FROM_OUTSIDE = {
    "PUBLIC_HOST": "post.example.com",
    "POSTGRES_PASSWORD": "orange-lamp-4711",
    "REDIS_PASSWORD": "green-chair-0815",
}
FROM_ENV_FILE = {
    "ENCRYPTION_KEYS": new_key(),
    "TELEGRAM_BOT_TOKEN": "7654321098:AAF3kq9ZpLw-7RtYx2Vb_8NcMdQeGhJsKu0",
}


def filled_in(text: str) -> str:
    """Return *text* with `${NAME:?…}` replaced, as compose does."""
    return re.sub(r"\$\{(\w+):\?[^}]*\}", lambda found: FROM_OUTSIDE[found[1]], text)


def command_of(service: dict[str, Any]) -> str:
    *start, command = service["command"]
    assert start == ["python", "-m", "bot"]
    return str(command)


@pytest.fixture(scope="module")
def help_text() -> str:
    done = subprocess.run(
        [sys.executable, "-m", "bot", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout


def test_there_is_one_service_for_each_part() -> None:
    assert set(OURS) == {"migrate", "site", "chat", "worker", "clock"}
    assert set(SERVICES) - set(OURS) == {"postgres", "redis", "caddy"}


@pytest.mark.parametrize("name", OURS)
def test_each_service_runs_a_command_that_the_program_has(name: str, help_text: str) -> None:
    command = command_of(OURS[name])

    assert command == name
    assert re.search(rf"\b{command}\b", help_text)


def test_the_image_starts_with_a_command_that_the_program_has(help_text: str) -> None:
    (start,) = re.findall(r"^CMD (\[.*\])$", DOCKERFILE, re.MULTILINE)

    assert re.search(rf"\b{yaml.safe_load(start)[-1]}\b", help_text)


@pytest.mark.parametrize("name", OURS)
def test_what_compose_sets_are_settings_that_production_takes(name: str) -> None:
    environment = OURS[name]["environment"]
    assert set(environment) <= set(words_of_settings())

    written = {key: filled_in(str(value)) for key, value in environment.items()}
    settings = load(FROM_ENV_FILE | written, None)

    assert settings.is_production
    assert settings.faults_for(command_of(OURS[name])) == []


@pytest.mark.parametrize("missing", sorted(FROM_OUTSIDE))
def test_what_compose_asks_for_from_outside_is_explained(missing: str) -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    asked = set(re.findall(r"\$\{(\w+)", text))

    assert asked == set(FROM_OUTSIDE)
    assert f"\n{missing}=" in (ROOT / ".env.example").read_text()
    assert f"`{missing}`" in (ROOT / "docs" / "configuration.md").read_text()


def test_the_port_is_the_same_everywhere() -> None:
    site = OURS["site"]
    port = site["environment"]["HTTP_PORT"]

    assert site["expose"] == [port]
    assert f"127.0.0.1:{port}/" in site["healthcheck"]["test"][-1]
    assert f"reverse_proxy site:{port}" in CADDYFILE
    assert f"HTTP_PORT={port}" in DOCKERFILE
    assert f"EXPOSE {port}" in DOCKERFILE
    assert port == words_of_settings()["HTTP_PORT"].default


def test_the_paths_that_are_asked_for_exist_in_the_site() -> None:
    (alive,) = re.findall(r"127\.0\.0\.1:\d+(/[\w/]+)", OURS["site"]["healthcheck"]["test"][-1])
    (hidden,) = re.findall(r"@inside path (.+)", CADDYFILE)
    site = "\n".join(path.read_text() for path in (ROOT / "web_oauth").rglob("*.py"))

    missing = [path for path in (alive, *hidden.split()) if f'"{path}"' not in site]
    assert not missing


def test_every_lasting_process_of_ours_is_asked_whether_it_lives() -> None:
    checks = [each["healthcheck"] for name, each in OURS.items() if name != "migrate"]

    assert checks == [OURS["site"]["healthcheck"]] * 4


@pytest.mark.parametrize("name", SERVICES)
def test_every_container_is_walled_in(name: str) -> None:
    service = SERVICES[name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert "privileged" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["user"].partition(":")[0] not in {"", "0", "root"}
    assert any(each.startswith("/tmp") for each in service["tmpfs"])
    assert re.fullmatch(r"\d+m", service["mem_limit"])
    assert service["pids_limit"] > 0
    assert "container_name" not in service


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"migrate"}))
def test_every_lasting_service_has_a_health_check_and_comes_back(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"]
    assert SERVICES[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", ["postgres", "redis"])
def test_database_and_redis_are_reached_from_inside_only_with_a_password(name: str) -> None:
    service = SERVICES[name]

    assert service["networks"] == ["inside"]
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert "ports" not in service
    assert any(key.endswith("_PASSWORD") for key in service["environment"])


def test_only_the_proxy_is_published_and_it_meets_only_the_site() -> None:
    assert [name for name, each in SERVICES.items() if "ports" in each] == ["caddy"]
    assert [name for name, each in SERVICES.items() if "front" in each["networks"]] == [
        "site",
        "caddy",
    ]
    assert SERVICES["caddy"]["networks"] == ["front"]
    published = {each.partition("/")[0].rpartition(":")[2] for each in SERVICES["caddy"]["ports"]}
    assert {f"http_port {port}" in CADDYFILE or f"https_port {port}" in CADDYFILE
            for port in published} == {True}  # fmt: skip


def test_nothing_starts_before_the_schema_is_there() -> None:
    for name in set(OURS) - {"migrate"}:
        waits = OURS[name]["depends_on"]
        assert waits["migrate"] == {"condition": "service_completed_successfully"}
    assert OURS["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert OURS["migrate"]["restart"] == "no"


def test_site_and_worker_share_the_media() -> None:
    folder = OURS["site"]["environment"]["DATA_DIR"]

    assert f"media:{folder}" in OURS["site"]["volumes"]
    assert f"media:{folder}" in OURS["worker"]["volumes"]
    assert set(COMPOSE["volumes"]) == {
        each.partition(":")[0]
        for service in SERVICES.values()
        for each in service.get("volumes", [])
    }


def test_the_image_holds_the_product_and_nothing_else() -> None:
    copied = set(re.findall(r"^COPY (\w+)/ \1/$", DOCKERFILE, re.MULTILINE))
    ignore = (ROOT / "deploy" / "Dockerfile.dockerignore").read_text().splitlines()

    assert copied == PACKAGES
    assert {line[1:] for line in ignore if line.startswith("!")} == PACKAGES | {
        "requirements.lock"
    }
    assert "*" in ignore
    assert "--require-hashes -r requirements.lock" in DOCKERFILE
    assert re.findall(r"^USER (.*)$", DOCKERFILE, re.MULTILINE) == ["10001:10001"]


def test_the_files_that_compose_builds_from_exist() -> None:
    for service in SERVICES.values():
        build = service.get("build")
        if build:
            context = ROOT / build["context"]
            assert (context / build["dockerfile"]).is_file()
            for source in re.findall(
                r"^COPY (?!--)(\S+) ", (context / build["dockerfile"]).read_text(), re.MULTILINE
            ):
                assert (context / source).exists(), source
