"""What deploys Tocsin names things that exist: settings, commands, metrics, alarms, files."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.cli import app
from services.whole import TocsinSettings
from shared.config.loader import load_settings
from shared.metrics import Metrics

ROOT = Path(__file__).resolve().parents[3]
DEPLOY = ROOT / "deploy"
SERVICES = ("ingest", "detector", "alerts")
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text())


@pytest.fixture(scope="module")
def rules() -> list[dict[str, Any]]:
    whole = yaml.safe_load((DEPLOY / "prometheus" / "tocsin.rules.yml").read_text())
    return [rule for group in whole["groups"] for rule in group["rules"]]


def commands() -> set[str]:
    return {str(command.name or command.callback.__name__) for command in app.registered_commands}


def test_the_production_settings_load():
    settings = load_settings(TocsinSettings, file=DEPLOY / "tocsin.yaml", env={})
    assert settings.bus.kind == "kafka"
    assert settings.alerts.database.startswith("postgresql://")
    ports = [settings.ingest.probes.port, settings.detector.probes.port, settings.alerts.http.port]
    assert len(set(ports)) == 3, "they run on one machine"


@pytest.mark.parametrize("name", SERVICES)
def test_every_variable_in_compose_is_a_setting(compose, name: str):
    variables = compose["services"][name]["environment"]
    ours = {key: value for key, value in variables.items() if key.startswith("TOCSIN_")}
    filled = {key: re.sub(r"\$\{.*?\}", "x", value) for key, value in ours.items()}
    settings = load_settings(TocsinSettings, file=None, env=filled)
    assert settings.bus.kind == "kafka"
    assert settings.bus.servers == "kafka:9092"


@pytest.mark.parametrize("name", SERVICES)
def test_each_service_in_compose_is_asked_on_the_port_where_it_answers(compose, name: str):
    variables = compose["services"][name]["environment"]
    built_in = re.search(r"HEALTH_URL=(\S+)", (DEPLOY / "Dockerfile").read_text())
    assert built_in is not None
    url = variables.get("HEALTH_URL", built_in[1])
    port = variables.get(f"TOCSIN_{name.upper()}_PROBES_PORT") or variables.get(
        f"TOCSIN_{name.upper()}_HTTP_PORT"
    )
    assert url == f"http://127.0.0.1:{port}/healthz"


def test_compose_runs_real_commands_and_waits_for_what_they_need(compose):
    services = compose["services"]
    assert set(services) == {"mosquitto", "kafka", "postgres", *SERVICES}
    for name in SERVICES:
        assert services[name]["command"] == [name]
        assert name in commands()
        for needed, how in services[name]["depends_on"].items():
            assert how == {"condition": "service_healthy"}
            assert services[needed]["healthcheck"]["test"]


def test_compose_opens_ports_on_loopback_only_and_keeps_data_in_volumes(compose):
    published = [port for one in compose["services"].values() for port in one.get("ports", [])]
    assert published
    assert all(port.startswith("127.0.0.1:") for port in published)
    for volume in compose["volumes"]:
        assert any(
            mount.startswith(f"{volume}:")
            for one in compose["services"].values()
            for mount in one.get("volumes", [])
        )


def test_the_files_compose_and_the_image_take_are_there(compose):
    assert (ROOT / compose["services"]["ingest"]["build"]["dockerfile"]).is_file()
    mounts = compose["services"]["mosquitto"]["volumes"]
    assert (DEPLOY / mounts[0].split(":")[0]).is_file()
    copied = re.findall(
        r"^COPY (?!--from)(.+) \S+$", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE
    )
    sources = [source for line in copied for source in line.split()]
    allowed = (ROOT / ".dockerignore").read_text()
    assert len(sources) > 5
    for source in sources:
        assert (ROOT / source).exists()
        assert f"!{source.rstrip('/')}\n" in allowed, f"{source} is kept out by .dockerignore"


def test_the_image_is_hash_locked_and_not_root():
    text = (DEPLOY / "Dockerfile").read_text()
    installs = re.findall(r"pip install ([^\\\n]+)", text)
    assert len(installs) == 3
    assert all("--require-hashes" in one or "--no-deps" in one for one in installs)
    users = re.findall(r"^USER (\S+)", text, re.MULTILINE)
    assert users == ["10001"]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_each_unit_runs_one_service_for_ever_without_rights(unit: Path):
    parsed = configparser.ConfigParser(strict=False, interpolation=None)
    parsed.optionxform = str  # type: ignore[assignment,method-assign]  # keys keep their case
    parsed.read(unit)
    service = dict(parsed["Service"])
    command = unit.stem.removeprefix("tocsin-")
    assert service["ExecStart"].split()[1:] == [command, "--config", "/etc/tocsin/tocsin.yaml"]
    assert command in commands()
    assert service["Restart"] == "always"
    assert parsed["Unit"]["StartLimitIntervalSec"] == "0"
    assert int(service["TimeoutStopSec"]) >= 5
    assert (service["DynamicUser"], service["ProtectSystem"]) == ("yes", "strict")
    assert service["NoNewPrivileges"] == "yes"
    assert service["CapabilityBoundingSet"] == ""


def test_the_target_starts_every_service():
    target = (DEPLOY / "systemd" / "tocsin.target").read_text()
    assert [unit.stem for unit in UNITS] == sorted(f"tocsin-{name}" for name in SERVICES)
    for unit in UNITS:
        assert unit.name in target


def test_systemd_itself_finds_no_fault_where_it_is_installed(tmp_path: Path):
    for unit in (DEPLOY / "systemd").iterdir():
        text = unit.read_text().replace("/opt/tocsin/bin/tocsin", "/bin/true")
        (tmp_path / unit.name).write_text(text)
    units = [str(tmp_path / unit.name) for unit in UNITS]
    assert len(units) == 3
    if shutil.which("systemd-analyze"):
        done = subprocess.run(
            ["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")


def test_every_metric_in_the_alarms_exists(rules):
    shown = Metrics().render().decode()
    kinds = dict(re.findall(r"^# TYPE (\S+) (\S+)$", shown, re.MULTILINE))
    asked = {name for rule in rules for name in re.findall(r"tocsin_\w+", rule["expr"])}
    assert len(asked) > 5
    for name in asked:
        bare = name.removesuffix("_bucket")
        assert bare in kinds, f"{name} is no metric of ours"
        assert (kinds[bare] == "histogram") == (bare != name)


def test_every_alarm_is_in_the_runbook_and_nothing_else(rules):
    runbook = (ROOT / "docs" / "runbook.md").read_text()
    headings = re.findall(r"^### (Tocsin\w+)$", runbook, re.MULTILINE)
    assert headings == [rule["alert"] for rule in rules]


def test_the_watcher_scrapes_where_the_services_answer():
    settings = load_settings(TocsinSettings, file=DEPLOY / "tocsin.yaml", env={})
    config = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text())
    targets = {
        job["job_name"]: job["static_configs"][0]["targets"] for job in config["scrape_configs"]
    }
    assert targets == {
        "tocsin-ingest": [f"127.0.0.1:{settings.ingest.probes.port}"],
        "tocsin-detector": [f"127.0.0.1:{settings.detector.probes.port}"],
        "tocsin-alerts": [f"127.0.0.1:{settings.alerts.http.port}"],
    }
    for rules in config["rule_files"]:
        assert (DEPLOY / "prometheus" / rules).is_file()
