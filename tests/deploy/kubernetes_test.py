"""The manifests: that they fit together, and say what a node needs."""
import pathlib
import re

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
MANIFESTS = {}
for path in sorted((ROOT / "deploy" / "kubernetes").glob("*.yaml")):
    for document in yaml.safe_load_all(path.read_text("utf-8")):
        assert document["kind"] not in MANIFESTS
        MANIFESTS[document["kind"]] = document
LABEL = {"app.kubernetes.io/name": "banter"}
POD = MANIFESTS["Deployment"]["spec"]["template"]
CONTAINER = POD["spec"]["containers"][0]
VERSIONS = {"ConfigMap": "v1", "Service": "v1", "Deployment": "apps/v1",
            "PodDisruptionBudget": "policy/v1", "HorizontalPodAutoscaler": "autoscaling/v2"}


def test_there_is_everything_that_a_deployment_needs():
    assert {kind: document["apiVersion"] for kind, document in MANIFESTS.items()} == VERSIONS


@pytest.mark.parametrize("kind", sorted(MANIFESTS))
def test_they_have_one_name_and_one_label(kind):
    assert MANIFESTS[kind]["metadata"] == {"name": "banter", "labels": LABEL}


def test_selectors_find_the_pods():
    assert POD["metadata"]["labels"] == LABEL
    assert MANIFESTS["Deployment"]["spec"]["selector"]["matchLabels"] == LABEL
    assert MANIFESTS["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"] == LABEL
    assert MANIFESTS["Service"]["spec"]["selector"] == LABEL
    target = MANIFESTS["HorizontalPodAutoscaler"]["spec"]["scaleTargetRef"]
    assert (target["kind"], target["name"], target["apiVersion"]) == ("Deployment", "banter",
                                                                      "apps/v1")


def test_the_autoscaler_alone_decides_how_many():
    assert "replicas" not in MANIFESTS["Deployment"]["spec"]
    scaler = MANIFESTS["HorizontalPodAutoscaler"]["spec"]
    assert 3 <= scaler["minReplicas"] <= scaler["maxReplicas"]
    # A share of what is requested can only be counted if something is.
    assert "cpu" in CONTAINER["resources"]["requests"]


def test_a_pod_has_least_privilege():
    pod, container = POD["spec"]["securityContext"], CONTAINER["securityContext"]
    assert pod["runAsNonRoot"] is True and pod["runAsUser"] == 10001
    assert "USER 10001:10001" in (ROOT / "Dockerfile").read_text("utf-8")
    assert pod["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container == {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
                         "capabilities": {"drop": ["ALL"]}}
    assert POD["spec"]["automountServiceAccountToken"] is False


def test_probes_ask_what_they_are_for():
    router = (ROOT / "src" / "http" / "router.cpp").read_text("utf-8")
    paths = {probe: CONTAINER[probe]["httpGet"]["path"]
             for probe in ("startupProbe", "livenessProbe", "readinessProbe")}
    assert paths == {"startupProbe": "/livez", "livenessProbe": "/livez",
                     "readinessProbe": "/readyz"}
    for probe, path in paths.items():
        assert f'.path = "{path}"' in router
        assert CONTAINER[probe]["httpGet"]["port"] == "http"
    assert MANIFESTS["Service"]["spec"]["ports"][0]["targetPort"] == "http"
    assert CONTAINER["ports"] == [{"name": "http", "containerPort": 8000}]


def test_a_pod_has_time_to_end():
    sleep = int(CONTAINER["lifecycle"]["preStop"]["exec"]["command"][1])
    assert POD["spec"]["terminationGracePeriodSeconds"] >= sleep + 5 + 5


def test_what_is_mounted_is_there():
    volumes = {volume["name"] for volume in POD["spec"]["volumes"]}
    assert {mount["name"] for mount in CONTAINER["volumeMounts"]} <= volumes


def test_settings_exist_and_secrets_come_from_a_secret():
    manual = (ROOT / "docs" / "operations.md").read_text("utf-8")
    text = (ROOT / "deploy" / "kubernetes" / "configmap.yaml").read_text("utf-8")
    names = re.findall(r"BANTER_\w+", text) + [variable["name"] for variable in CONTAINER["env"]]
    assert all(f"`{name}`" in manual for name in names), names
    how = (ROOT / "docs" / "deployment.md").read_text("utf-8")
    for variable in CONTAINER["env"]:
        reference = variable["valueFrom"]["secretKeyRef"]
        assert reference["name"] == "banter"
        assert reference.get("optional") or f"--from-literal={reference['key']}=" in how
