"""/metrics: the families that dashboards of the replaced system read, and our own."""
import re

import pytest

import people
from http_client import call

# name: (type, labels of its samples)
FAMILIES = {
    "django_http_requests_before_middlewares_total": ("counter", []),
    "django_http_responses_before_middlewares_total": ("counter", []),
    "django_http_requests_latency_including_middlewares_seconds": ("histogram", []),
    "django_http_requests_latency_seconds_by_view_method": ("histogram", ["method", "view"]),
    "django_http_requests_total_by_method_total": ("counter", ["method"]),
    "django_http_requests_total_by_transport_total": ("counter", ["transport"]),
    "django_http_requests_total_by_view_transport_method_total": (
        "counter", ["method", "transport", "view"]),
    "django_http_requests_body_total_bytes": ("histogram", []),
    "django_http_responses_total_by_status_total": ("counter", ["status"]),
    "django_http_responses_total_by_status_view_method_total": (
        "counter", ["method", "status", "view"]),
    "django_http_responses_body_total_bytes": ("histogram", []),
    "django_http_responses_total_by_charset_total": ("counter", ["charset"]),
    "process_cpu_seconds_total": ("counter", []),
    "process_resident_memory_bytes": ("gauge", []),
    "process_virtual_memory_bytes": ("gauge", []),
    "process_start_time_seconds": ("gauge", []),
    "process_open_fds": ("gauge", []),
    "process_max_fds": ("gauge", []),
}
LATENCY_BUCKETS = "0.01 0.025 0.05 0.075 0.1 0.25 0.5 0.75 1 2.5 5 7.5 10 25 50 75 +Inf".split()
SAMPLE = re.compile(r'([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)')
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


class Scrape:
    """One reading of /metrics: types by family and samples as (name, labels, value)."""

    def __init__(self, server):
        answer = call(server, "GET", "/metrics")
        assert answer.status == 200
        assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
        self.types, self.samples = {}, []
        for line in answer.text.splitlines():
            if line.startswith("# TYPE "):
                _, _, name, kind = line.split(" ")
                self.types[name] = kind
            elif line and not line.startswith("#"):
                name, labels, value = SAMPLE.fullmatch(line).groups()
                self.samples.append((name, dict(LABEL.findall(labels or "")), float(value)))

    def value(self, name, **labels):
        """The sum of the samples with these labels."""
        found = [value for n, have, value in self.samples
                 if n == name and labels.items() <= have.items()]
        assert found, f"no sample {name} {labels}"
        return sum(found)

    def labels(self, family):
        """The label names of a family, `le` aside."""
        names = {family, family + "_bucket", family + "_count", family + "_sum"}
        return sorted({key for name, have, _ in self.samples if name in names
                       for key in have if key != "le"})


def work(room):
    """A little of everything."""
    a, b = room.join(room.a), room.join(room.b)
    for number in range(5):
        a.say(f"m{number}", f"c-{number}")
        b.json()
    people.log_in(room.server, room.a.email)
    people.log_in(room.server, room.a.email, "Wrong1234!")
    call(room.server, "GET", "/nowhere")
    call(room.server, "GET", "/")


def test_the_families_of_the_replaced_system_have_its_types_and_labels(room):
    work(room)
    scrape = Scrape(room.server)
    for name, (kind, labels) in FAMILIES.items():
        assert scrape.types.get(name) == kind, name
        assert scrape.labels(name) == labels, name
    assert scrape.value("django_http_requests_total_by_method_total", method="POST") >= 5
    assert scrape.value("django_http_responses_total_by_status_total", status="404") == 1
    assert scrape.value("django_http_responses_total_by_status_view_method_total",
                        view="users.views.LoginView", status="400", method="POST") == 1
    buckets = [labels["le"] for name, labels, _ in scrape.samples
               if name == "django_http_requests_latency_including_middlewares_seconds_bucket"]
    assert [float(le) for le in buckets] == [float(le) for le in LATENCY_BUCKETS]


def test_our_own_families_count_what_happened(room):
    before = Scrape(room.server)
    work(room)
    after = Scrape(room.server)

    def grown(name, **labels):
        return after.value(name, **labels) - before.value(name, **labels)

    assert grown("banter_ws_sockets") == 2
    assert grown("banter_chat_conversations_live") == 1
    assert grown("banter_ws_messages_in_total") == 5
    assert grown("banter_ws_deliveries_total") == 10
    assert grown("banter_ws_frames_encoded_total") == 5
    assert grown("banter_store_commit_seconds_count") >= 1
    assert grown("banter_store_transaction_events_sum") >= 5
    for name in ("banter_ws_slow_closes_total", "banter_ws_error_frames_total",
                 "banter_ws_rate_limited_total", "banter_store_failures_total"):
        assert grown(name) == 0, name
    for name in ("banter_chat_append_queue_events", "banter_auth_hash_queue_depth",
                 "banter_http_connections", "banter_auth_logins_total"):
        assert any(sample[0] == name for sample in after.samples), name


def test_every_family_is_declared_and_no_label_comes_from_a_user(room):
    for path in ("/%22%0a", "/x" * 50, "/api/users/1234567", "/ws/chat/987654/"):
        call(room.server, "GET", path)
        call(room.server, "BREW", path)
    work(room)
    scrape = Scrape(room.server)
    families = set(scrape.types)
    for name, labels, _ in scrape.samples:
        base = re.sub(r"_(bucket|count|sum)$", "", name)
        assert name in families or base in families, name
        for value in labels.values():
            assert not re.search(r"987654|1234567|BREW|@|/x/x", value), (name, labels)


def test_counters_never_fall_and_a_scrape_costs_no_series(room):
    work(room)
    first = Scrape(room.server)
    work_again = [call(room.server, "GET", f"/nowhere/{number}").status for number in range(50)]
    assert set(work_again) == {404}
    second = Scrape(room.server)
    for name, kind in first.types.items():
        if kind == "counter":
            if any(sample[0] == name for sample in first.samples):
                assert second.value(name) >= first.value(name), name
    assert len(second.samples) <= len(first.samples) + 25


@pytest.mark.parametrize("path, member", [("/livez", None), ("/readyz", None), ("/healthz", "ok")])
def test_health_paths_answer(server, path, member):
    answer = call(server, "GET", path)
    assert answer.status == 200
    if member:
        body = answer.json()
        assert body["ok"] is True and body["db"] is True
        assert list(body)[:2] == ["ok", "db"]
