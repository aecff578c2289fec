"""Two nodes on a wire, at full vectors: what a packet costs through both, and what of it the wire does."""

from pathlib import Path

import numpy as np
import pytest

from engine.devices.pcap.capture import open_capture
from engine.lab import Lab

from . import workloads
from .conftest import N_PACKETS, ROUNDS
from .paths import MAC_IN

ROUTERS = {
    "first": f"""
create tap id 0 hw-addr {MAC_IN.hex(":")}
set interface ip address tap0 10.255.0.1/24
set interface state tap0 up
create interface physical wan hw-addr 02:00:00:00:01:01
set interface ip address wan 192.168.0.1/24
set interface state wan up
set ip arp static wan 192.168.0.2 02:00:00:00:01:02
ip route add 0.0.0.0/0 via 192.168.0.2 wan
""",
    "second": """
create interface physical wan hw-addr 02:00:00:00:01:02
set interface ip address wan 192.168.0.2/24
set interface state wan up
create tap id 0 hw-addr 02:fe:00:00:00:02
set interface ip address tap0 10.254.0.1/24
set interface state tap0 up
set ip arp static tap0 10.254.0.2 02:aa:00:00:00:02
ip route add 0.0.0.0/0 via 10.254.0.2 tap0
""",
}
LAB = '{wires}\n[nodes.first]\nconfig = "first.vpp"\n[nodes.second]\nconfig = "second.vpp"\n'


@pytest.fixture
def lab(tmp_path, request):
    for name, lines in ROUTERS.items():
        (tmp_path / f"{name}.vpp").write_text(lines)
    (tmp_path / "lab.toml").write_text(LAB.format(wires=request.param))
    return Lab(tmp_path / "lab.toml")


def measure(benchmark, lab, inputs, node):
    """Nanoseconds for each packet that entered; the fastest round, noise only ever adds."""
    runs = [lab.replay(inputs, together=True, collect=False)]
    benchmark.pedantic(
        lambda: runs.append(lab.replay(inputs, together=True, collect=False)), rounds=ROUNDS, iterations=1
    )
    n, seconds = runs[-1].received, benchmark.stats.stats.min
    assert n and runs[-1][node].transmitted == n
    benchmark.extra_info["ns_per_packet"] = round(seconds * 1e9 / n, 1)
    benchmark.extra_info["mpps"] = round(n / seconds / 1e6, 2)


@pytest.mark.parametrize("lab", [""], indirect=True, ids=["no wire"])
def test_one_router(benchmark, lab, captures):
    measure(benchmark, lab, {"first:tap0": open_capture(captures("W1"))}, "first")


@pytest.mark.parametrize("lab", ['wires = [["first:wan", "second:wan"]]'], indirect=True, ids=["wire"])
@pytest.mark.parametrize("load", ["W1", "W2"])
def test_two_routers(benchmark, lab, captures, load):
    measure(benchmark, lab, {"first:tap0": open_capture(captures(load))}, "second")


CONTIV = Path(__file__).parents[1] / "pcaps" / "contiv" / "lab.toml"
CLIENT, SERVICE, ENDPOINT = 0x0A010103, 0x0A61C1A0, 0x0A010204
N_FLOWS = 64  # each has a source port of its own in the tunnel, and so a session of NAT's on both nodes


def flows(tmp_path, name, source, destination, mac):
    """A capture of N_PACKETS segments of N_FLOWS connections; source and destination: (address, port or None)."""
    port = 40000 + np.arange(N_PACKETS) % N_FLOWS
    ones = np.ones(N_PACKETS, np.int64)
    ends = [value for address, own in (source, destination) for value in (address * ones, port if own is None else own)]
    path = tmp_path / f"{name}.pcap"
    frames = workloads.tcp_frames(N_PACKETS, 60, *ends, mac=bytes.fromhex(mac))
    path.write_bytes(workloads.pcap([(np.arange(N_PACKETS), frames)], N_PACKETS))
    return open_capture(path)


def test_pod_to_service_different_nodes(benchmark, tmp_path):
    """ACLs, translation, bridge and tunnel on node 1, and all of it backwards on node 2."""
    requests = flows(tmp_path, "requests", (CLIENT, None), (SERVICE, 80), "02fe163f5f0f")
    measure(benchmark, Lab(CONTIV), {"node1:tap2": requests}, "node2")


def test_pod_to_service_different_nodes_replies(benchmark, tmp_path):
    lab = Lab(CONTIV)
    requests = flows(tmp_path, "requests", (CLIENT, None), (SERVICE, 80), "02fe163f5f0f")
    lab.replay({"node1:tap2": requests}, together=True, collect=False)
    replies = flows(tmp_path, "replies", (ENDPOINT, 8080), (CLIENT, None), "02fe1d729566")
    measure(benchmark, lab, {"node2:tap3": replies}, "node1")
