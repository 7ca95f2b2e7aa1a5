"""Prometheus' rules and Grafana's dashboard: that Prometheus takes them, that they fire when they
should, and that what they ask for is exported."""
import json
import pathlib
import re
import subprocess

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
MONITORING = ROOT / "deploy" / "monitoring"
DASHBOARD = json.loads(
    (MONITORING / "grafana" / "dashboards" / "banter.json").read_text("utf-8"))
ALERTS = yaml.safe_load((MONITORING / "alerts.yml").read_text("utf-8"))


def promtool(*words):
    done = subprocess.run(["promtool", *words], cwd=MONITORING, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    assert done.returncode == 0, done.stdout


def asked_for(expression):
    """Names of metrics in an expression."""
    bare = re.sub(r"\{[^}]*\}|\[[^]]*\]|\((?:\w+, )*\w+\)(?= \()", "", expression)
    return {re.sub(r"_bucket$", "", name) for name in
            re.findall(r"\b(?:banter|django|process)_\w+", bare)}


def exported():
    """Names in the sources and in the manual."""
    names = set()
    for source in (ROOT / "src").rglob("*.cpp"):
        names |= set(re.findall(r'"((?:banter|django|process)_\w+)"', source.read_text("utf-8")))
    return names


def panels():
    return [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]


def test_prometheus_takes_the_configuration():
    promtool("check", "config", "prometheus.yml")


def test_alerts_fire_when_they_should_and_not_before():
    promtool("test", "rules", "alerts_test.yml")


def test_alerts_say_how_bad_it_is_and_what_it_means():
    for rule in ALERTS["groups"][0]["rules"]:
        assert rule["labels"]["severity"] in ("page", "ticket"), rule
        assert set(rule["annotations"]) == {"summary", "description"}, rule


def test_what_is_asked_for_is_exported():
    known = exported()
    expressions = [rule["expr"] for rule in ALERTS["groups"][0]["rules"]]
    expressions += [target["expr"] for panel in panels() for target in panel["targets"]]
    wanted = set().union(*map(asked_for, expressions))
    assert len(wanted) > 25
    assert wanted <= known, wanted - known


def test_panels_do_not_overlap_and_have_their_source():
    taken = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"])
                 for y in range(place["y"], place["y"] + place["h"])}
        assert place["x"] + place["w"] <= 24 and not cells & taken, panel["title"]
        taken |= cells
    source = yaml.safe_load((MONITORING / "grafana" / "provisioning" / "datasources" /
                             "prometheus.yml").read_text("utf-8"))["datasources"][0]
    assert all(panel["datasource"]["uid"] == source["uid"] for panel in panels())
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])


def test_prometheus_asks_the_nodes_that_compose_starts():
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))["services"]
    config = yaml.safe_load((MONITORING / "prometheus.yml").read_text("utf-8"))
    targets = config["scrape_configs"][0]["static_configs"][0]["targets"]
    assert targets == [f"{name}:8000" for name in sorted(compose) if name.startswith("node")]
