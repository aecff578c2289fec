"""The ACL nodes: clocks a packet at full vectors, for established sessions, new ones, and rules without sessions.

The figures of the other nodes of each path stand beside. Both profiles are measured: they differ in the entries
of a session. VPP's figures for the same: session hit 45 to 54 clocks (1,000 flows) and 108 to 160 (65,536), one rule
88, 100 and 1,000 mixed rules 227 and 1,390.
"""

import pytest

from engine import Engine

from . import paths
from .conftest import ROUNDS
from .test_nodes_nat44 import NEW_FLOWS, one_packet_a_flow

PROFILES = ("18.01", "18.10")
LOADS = ("W1", "W2")


def configured(profile: str, *texts: str) -> Engine:
    vpp = Engine(profile=profile)
    for line in "\n".join(texts).splitlines():
        if line.strip():
            vpp.cli(line)
    return vpp


OUTPUT = """
set acl-plugin acl permit+reflect
set acl-plugin interface tap1 output acl 0
"""
PERMIT = """
set acl-plugin acl permit
set acl-plugin interface tap0 input acl 0
"""


@pytest.mark.parametrize("load", LOADS)
@pytest.mark.parametrize("profile", PROFILES)
def test_input_session(run_path, captures, profile, load):
    run_path(configured(profile, paths.BASE, paths.ROUTE, paths.REFLECT), captures(load))


@pytest.mark.parametrize("load", LOADS)
@pytest.mark.parametrize("profile", PROFILES)
def test_output_session(run_path, captures, profile, load):
    run_path(configured(profile, paths.BASE, paths.ROUTE, OUTPUT), captures(load))


def test_one_rule(run_path, captures):
    run_path(configured("18.01", paths.BASE, paths.ROUTE, PERMIT), captures("W1"))


@pytest.mark.parametrize("n", [100, 1000, 10000])
def test_mixed_rules(run_path, captures, n):
    """Rules of many shapes that no packet matches, and one that permits."""
    run_path(paths.mixed_rules(n), captures("W1"))


@pytest.mark.parametrize("profile", PROFILES)
def test_new_acl_sessions(benchmark, profile, tmp_path):
    """Sessions made a second; each round begins without any."""
    vpp = configured(profile, paths.BASE, paths.ROUTE, paths.REFLECT)
    source = str(one_packet_a_flow(tmp_path))

    def clear():
        vpp.cli("clear acl-plugin sessions")
        vpp.advance(1000)
        vpp.cli("clear runtime")

    benchmark.pedantic(
        lambda: vpp.replay({"tap0": source}, together=True, collect=False), setup=clear, rounds=ROUNDS, iterations=1
    )
    assert len(vpp.acl.state.sessions()) == NEW_FLOWS
    seconds = benchmark.stats.stats.min
    benchmark.extra_info["ns_per_packet"] = round(seconds * 1e9 / NEW_FLOWS, 1)
    benchmark.extra_info["mpps"] = round(NEW_FLOWS / seconds / 1e6, 2)
    benchmark.extra_info["clocks"] = {
        row["name"]: round(row["clocks"] / row["vectors"], 1) for row in vpp.graph.runtime() if row["vectors"]
    }
