"""NAT44 node by node: clocks a packet at full vectors, for static, dynamic and load-balanced sessions, and new ones.

The figures of the other nodes of each path stand beside, so that one run shows what NAT adds to them.
"""

import numpy as np
import pytest

from . import paths, workloads
from .conftest import ROUNDS

NEW_FLOWS = 65_536


@pytest.mark.parametrize("load", ["W1", "W2"])
def test_in2out_static(run_path, captures, load):
    """Address-only mapping, 1,000 or 65,536 sessions."""
    run_path(paths.static_nat(), captures(load))


@pytest.mark.parametrize("load", ["W1", "W2"])
def test_in2out_dynamic(run_path, captures, load):
    run_path(paths.dynamic_nat(), captures(load))


@pytest.mark.parametrize("load", ["W1", "W2"])
def test_out2in_dynamic(run_path, captures, load, tmp_path):
    """Answers to dynamic sessions."""
    vpp = paths.dynamic_nat()
    answers = tmp_path / "replies.pcap"
    answers.write_bytes(paths.replies(vpp, captures(load), tmp_path))
    run_path(vpp, answers, interface="tap1")


@pytest.mark.parametrize("load", ["W1", "W2"])
def test_out2in_load_balanced(run_path, captures, load):
    """Connections to a service with two backends, without ACLs."""
    run_path(paths.configured(paths.BASE, paths.SERVICE, nat=True), captures(load))


@pytest.mark.parametrize("load", ["W1", "W2"])
def test_in2out_load_balanced(run_path, captures, load, tmp_path):
    """The backends' answers, which go by the slow path each time."""
    vpp = paths.configured(paths.BASE, paths.SERVICE, nat=True)
    answers = tmp_path / "replies.pcap"
    answers.write_bytes(paths.replies(vpp, captures(load), tmp_path))
    run_path(vpp, answers, interface="tap1")


def one_packet_a_flow(folder):
    path = folder / "new.pcap"
    path.write_bytes(new_flows(NEW_FLOWS))
    return path


def new_flows(n: int) -> bytes:
    """A capture of n connections, one SYN each."""
    src = np.where(np.arange(n) & 1, 0x0A010103, 0x0A010104)
    sport = np.arange(n) // 2 + 1024
    ones = np.ones(n, np.int64)
    frames = workloads.tcp_frames(n, 60, src, sport, 0x0A68DD55 * ones, 80 * ones, mac=paths.MAC_IN, flags=0x02)
    return workloads.pcap([(np.arange(n), frames)], n)


@pytest.mark.parametrize("kind", ["dynamic", "service"])
def test_new_sessions(benchmark, kind, tmp_path):
    """Sessions made a second, through the slow path; each round begins without any."""
    vpp = paths.dynamic_nat() if kind == "dynamic" else paths.configured(paths.BASE, paths.SERVICE, nat=True)
    source = str(one_packet_a_flow(tmp_path))

    def clear():
        vpp.nat44.clear_sessions()
        vpp.cli("clear runtime")

    benchmark.pedantic(
        lambda: vpp.replay({"tap0": source}, together=True, collect=False), setup=clear, rounds=ROUNDS, iterations=1
    )
    assert vpp.nat44.state.n_sessions() == NEW_FLOWS
    seconds = benchmark.stats.stats.min
    benchmark.extra_info["ns_per_packet"] = round(seconds * 1e9 / NEW_FLOWS, 1)
    benchmark.extra_info["mpps"] = round(NEW_FLOWS / seconds / 1e6, 2)
    benchmark.extra_info["clocks"] = {
        row["name"]: round(row["clocks"] / row["vectors"], 1) for row in vpp.graph.runtime() if row["vectors"]
    }
