"""Dockerfile and compose.yaml, held against what is asked of every image and service."""
import pathlib
import re
import shlex
import shutil
import subprocess

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
SERVICES = COMPOSE["services"]
LONG_RUNNING = sorted(set(SERVICES) - {"secrets"})
NODES = ["node1", "node2", "node3"]
PROPERTIES = {
    "build", "cap_add", "cap_drop", "command", "depends_on", "environment", "healthcheck", "image",
    "init", "logging", "network_mode", "networks", "ports", "profiles", "read_only", "restart",
    "security_opt", "shm_size", "stop_grace_period", "stop_signal", "tmpfs", "ulimits", "user",
    "volumes"}


def instructions():
    """(word, rest) of each instruction, continued lines joined."""
    joined = re.sub(r"\\\n", " ", re.sub(r"^#.*\n", "", DOCKERFILE, flags=re.MULTILINE))
    return [line.split(None, 1) for line in joined.splitlines() if line.strip()]


def of(word):
    return [rest for name, rest in instructions() if name == word]


def test_both_stages_begin_with_the_same_slim_debian():
    assert [rest.split()[0] for rest in of("FROM")] == ["debian:12-slim", "debian:12-slim"]


def test_the_image_is_built_by_the_script_that_run_uses():
    assert "tools/package.sh /out" in of("RUN")
    script = (ROOT / "tools" / "package.sh").read_text("utf-8")
    assert '"$root/run" --build-only' in script and "deps_install" in script


def test_the_image_ends_as_a_user_that_is_not_root():
    assert of("USER") == ["10001:10001"]
    useradd = next(rest for rest in of("RUN") if "useradd" in rest)
    assert "--uid 10001" in useradd and "nologin" in useradd


def test_packages_leave_no_lists_behind_and_bring_no_recommendations():
    install = next(rest for rest in of("RUN") if "apt-get install" in rest)
    assert "--no-install-recommends" in install and "rm -rf /var/lib/apt/lists/*" in install
    assert "apt-get upgrade" not in DOCKERFILE and not of("ADD")


def test_words_of_the_entry_are_a_list_so_that_signals_arrive():
    assert of("ENTRYPOINT") == ['["banter"]'] and of("CMD") == ['["serve"]']


def test_the_healthcheck_is_a_script_that_bash_takes():
    words = yaml.safe_load(of("HEALTHCHECK")[0].split("CMD", 1)[1])
    assert words[:2] == ["bash", "-c"] and "/livez" in words[2]


def test_the_builder_gets_what_it_compiles_and_nothing_private():
    rules = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    rules = [rule for rule in rules if rule and not rule.startswith("#")]
    assert rules[0] == "*"
    for rule in rules[1:]:
        if rule.startswith("!"):
            assert (ROOT / rule[1:]).exists(), rule
    assert not any("data" in rule or ".git" in rule for rule in rules)


def test_what_the_builder_gets_is_enough_to_configure(tmp_path):
    rules = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    for kept in [rule[1:] for rule in rules if rule.startswith("!")]:
        (tmp_path / kept).parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (ROOT / kept).is_dir() else shutil.copy
        copy(ROOT / kept, tmp_path / kept)
    done = subprocess.run(["cmake", "--preset", "release", "-DBANTER_TESTS=OFF"], cwd=tmp_path,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_services_say_only_what_compose_knows(name):
    assert set(SERVICES[name]) <= PROPERTIES


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_image_has_a_version(name):
    image = SERVICES[name]["image"]
    assert re.search(r":[\w.-]+$", image) and not image.endswith(":latest")


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_service_has_least_privilege(name):
    service = SERVICES[name]
    assert service["read_only"] is True and service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert "privileged" not in service


@pytest.mark.parametrize("name", [name for name in LONG_RUNNING if name not in NODES])
def test_every_service_tells_whether_it_is_well(name):
    check = SERVICES[name]["healthcheck"]
    assert check["test"][0] in ("CMD", "CMD-SHELL") and len(check["test"]) > 1


@pytest.mark.parametrize("name", LONG_RUNNING)
def test_every_service_comes_back_by_itself(name):
    assert SERVICES[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_what_is_mounted_is_there(name):
    for mount in SERVICES[name].get("volumes", []):
        if mount["type"] == "bind":
            assert (ROOT / mount["source"]).exists(), mount
            assert mount["read_only"] is True
        else:
            assert mount["source"] in COMPOSE["volumes"]


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_whom_it_waits_for_can_be_waited_for(name):
    for other, rule in SERVICES[name].get("depends_on", {}).items():
        service, condition = SERVICES[other], rule["condition"]
        if condition == "service_completed_successfully":
            assert other == "secrets"
        elif condition == "service_healthy":
            assert "healthcheck" in service or service.get("build") == "."
        if "profiles" in service:
            assert SERVICES[name].get("profiles") == service["profiles"]


def test_no_secret_stands_in_the_file():
    for name, service in SERVICES.items():
        for variable, value in service.get("environment", {}).items():
            if re.search("PASSWORD|SECRET|KEY|DATABASE|REDIS", variable):
                assert value.startswith(("/run/banter/", "/etc/banter/")), (name, variable)


def test_every_variable_has_a_default():
    for variable in re.findall(r"\$\{([^}]*)\}", (ROOT / "compose.yaml").read_text("utf-8")):
        assert ":-" in variable, variable


def test_only_the_balancer_is_reached_from_other_machines():
    for name, service in SERVICES.items():
        for port in service.get("ports", []):
            assert name == "haproxy" or port.startswith("127.0.0.1:"), (name, port)


def test_the_nodes_are_one_and_the_same_and_behind_the_balancer():
    assert SERVICES["node1"] == SERVICES["node2"] == SERVICES["node3"]
    balancer = (ROOT / "deploy" / "haproxy" / "haproxy.cfg").read_text("utf-8")
    assert re.findall(r"server (\w+) (\w+):8000", balancer) == [(node, node) for node in NODES]
    assert SERVICES["node1"]["networks"] == ["inside"]
    subnet = COMPOSE["networks"]["inside"]["ipam"]["config"][0]["subnet"]
    assert SERVICES["node1"]["environment"]["BANTER_TRUSTED_PROXIES"] == subnet


def test_variables_of_the_nodes_are_settings_that_exist():
    manual = (ROOT / "docs" / "operations.md").read_text("utf-8")
    names = {*SERVICES["node1"]["environment"], *re.findall(r"BANTER_\w+(?==)", DOCKERFILE)}
    assert all(f"`{name}`" in manual for name in names), names


def test_bash_takes_the_scripts():
    for script in sorted((ROOT / "deploy" / "compose").glob("*.sh")):
        first = script.read_text("utf-8").splitlines()[0]
        assert shlex.split(first[2:]) == ["/usr/bin/env", "bash"]
        assert script.stat().st_mode & 0o111, script
