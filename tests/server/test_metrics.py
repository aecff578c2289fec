"""What Prometheus gets, against what the commands show."""

import re
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from engine import ControlError, Engine
from engine.lab import Lab
from engine.server.metrics.exporter import EngineCollector, Exporter
from engine.server.metrics.families import FAMILIES
from engine.server.metrics.snapshot import take
from shell.client import Client

ROOT = Path(__file__).parents[2]
CONTIV = ROOT / "pcaps/contiv"


def scrape(port):
    """Samples by name and labels, of a page that Prometheus's own parser accepts."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as page:
        assert page.headers["Content-Type"].startswith("text/plain")
        text = page.read().decode()
    samples = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            key = (sample.name, *sorted(sample.labels.items()))
            assert key not in samples
            samples[key] = sample.value
    return samples


@pytest.fixture
def vpp():
    """A node with traffic behind it."""
    with Engine() as vpp:
        vpp.exec(CONTIV / "node1.vpp")
        request = CONTIV / "pod-to-service-same-node-request.pcap"
        vpp.replay({"tap2": request})
        yield vpp


@pytest.fixture
def samples(vpp):
    with Exporter(vpp, "127.0.0.1:0") as exporter:
        return scrape(exporter.port)


SHOWN = {
    "rx packets": "rx_packets", "rx bytes": "rx_bytes", "tx packets": "tx_packets", "tx bytes": "tx_bytes",
    "drops": "drops", "punt": "punts", "ip4": "ip4_packets", "ip6": "ip6_packets",
}  # fmt: skip


def test_interfaces_as_show_interface_has_them(vpp, samples):
    seen = 0
    for interface in vpp.interfaces:
        counters = vpp.interfaces.counters(interface)
        for shown, name in SHOWN.items():
            assert samples[f"vpp_interface_{name}_total", ("interface", interface.name)] == counters.get(shown, 0)
            seen += counters.get(shown, 0)
        assert samples["vpp_interface_up", ("interface", interface.name)] == interface.admin_up
    assert seen
    text = vpp.cli("show interface tap2")
    shown = int(re.search(r"rx packets +(\d+)", text)[1])
    assert samples["vpp_interface_rx_packets_total", ("interface", "tap2")] == shown > 0


def test_nodes_as_show_runtime_has_them(vpp, samples):
    rows = {row["name"]: row for row in vpp.graph.runtime() if row["calls"]}
    assert rows["ip4-input"]["vectors"]
    nodes = {key[1][1] for key in samples if key[0] == "vpp_node_calls_total"}
    assert nodes == set(rows)
    for name, row in rows.items():
        for counter in ("calls", "vectors", "clocks"):
            assert samples[f"vpp_node_{counter}_total", ("node", name)] == row[counter]


def test_errors_sessions_buffers_and_fates(vpp, samples):
    for row in vpp.cli_data("show errors")["errors"]:
        assert samples["vpp_errors_total", ("node", row["node"]), ("reason", row["reason"])] == row["count"]
    assert samples["vpp_nat44_sessions",] == vpp.nat44.state.n_sessions()
    assert samples["vpp_acl_sessions",] == len(vpp.acl.state.sessions())
    fates = {fate: samples["vpp_packets_total", ("fate", fate)] for fate in vpp.graph.totals()}
    assert fates == vpp.graph.totals()
    assert fates["received"] + fates["generated"] == fates["transmitted"] + fates["consumed"] + fates["dropped"]
    assert samples["vpp_buffers", ("state", "in_use")] == vpp.buffers.in_use
    assert sum(samples["vpp_buffers", ("state", state)] for state in ("in_use", "free", "cached")) == 16384
    assert samples["vpp_build_info", ("profile", "18.01"), ("version", vpp.version.number)] == 1
    assert samples["process_resident_memory_bytes",] > 0


def test_a_lab_tells_its_vswitches_apart():
    with Lab(CONTIV / "lab.toml") as lab, Exporter(lab, "127.0.0.1:0") as exporter:
        samples = scrape(exporter.port)
    names = {dict(key[1:]).get("vswitch") for key in samples if key[0].startswith("vpp_")}
    assert names == set(lab.nodes)


@pytest.mark.parametrize("address", ["9482", "localhost:http", "localhost:99999", "203.0.113.1:1"])
def test_addresses_it_cannot_have(vpp, address):
    with pytest.raises(ControlError, match="metrics: "):
        Exporter(vpp, address)


def test_packets_hardly_wait_for_a_scrape_of_ten_thousand_interfaces():
    with Engine(live=True) as vpp:
        with vpp.parked():
            for number in range(10_000):
                vpp.generators.create(number)
        take(vpp)
        held = min(take(vpp).held for _ in range(5))
        assert held < 0.02  # 1.5 ms where nothing else runs
        began = time.monotonic()
        n_samples = sum(len(family.samples) for family in EngineCollector(vpp).collect())
        assert n_samples > 140_000
        assert held < (time.monotonic() - began) / 10  # the text, which is the work, is made while packets move


def test_the_daemon_serves_them(tmp_path):
    command = [sys.executable, "-m", "engine.server.main", "--socket", str(tmp_path / "s"),
               "--metrics", "127.0.0.1:0", "--log", str(tmp_path / "log")]  # fmt: skip
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout.readline().startswith("listening on ")
            port = int(re.search(r"msg=metrics port=(\d+)", (tmp_path / "log").read_text())[1])
            with Client(str(tmp_path / "s")) as client:
                client.cli("create packet-generator interface pg0")
                client.cli("set interface state pg0 up")
                assert scrape(port)["vpp_interface_up", ("interface", "pg0")] == 1
        finally:
            process.terminate()
            assert process.wait(20) == 0


def test_an_address_in_use_is_told(vpp, tmp_path):
    with Exporter(vpp, "127.0.0.1:0") as exporter:
        ended = subprocess.run(
            [sys.executable, "-m", "engine.server.main", "--socket", str(tmp_path / "s"),
             "--metrics", f"127.0.0.1:{exporter.port}"],
            cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)  # fmt: skip
    assert ended.returncode == 2
    assert "Address already in use" in ended.stderr
    assert not (tmp_path / "s").exists()


def test_the_page_lists_every_metric_and_no_other():
    page = (ROOT / "docs/metrics.md").read_text()
    listed = set(re.findall(r"`(vpp_\w+)`", page.partition("## Questions")[0]))
    assert listed == {f"vpp_{family.name}{'_total' if family.counter else ''}" for family in FAMILIES}
    asked = set(re.findall(r"vpp_\w+", page.partition("## Questions")[2]))
    assert asked <= listed
