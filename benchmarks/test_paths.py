"""Whole paths: from a capture in memory to transmitted frames, at full vectors, sessions established."""

import pytest

from . import paths
from .conftest import N_PACKETS


def test_discard(run_path, captures):
    """The floor: frames are copied in, looked at once, and dropped."""
    run_path(paths.discard(), captures("W1"))


@pytest.mark.parametrize("load", ["W1", "W2", "W3"])
def test_routing(run_path, captures, load):
    run_path(paths.routing(), captures(load))


def test_routing_100k_routes(run_path, captures):
    run_path(paths.many_routes(), captures("W4"))


@pytest.mark.parametrize("load", ["W1", "W2"])
def test_acl_sessions(run_path, captures, load):
    run_path(paths.acl_sessions(), captures(load))


def test_acl_1000_mixed_rules(run_path, captures):
    run_path(paths.mixed_rules(), captures("W1"))


@pytest.mark.parametrize("name", ["acl1_10000", "fw1_10000", "ipc1_10000"])
def test_acl_classbench(run_path, name, tmp_path):
    capture = tmp_path / f"{name}.pcap"
    capture.write_bytes(paths.classbench_capture(name, N_PACKETS))
    run_path(paths.classbench(name), capture)


@pytest.mark.parametrize("load", ["W1", "W2"])
def test_static_nat(run_path, captures, load):
    run_path(paths.static_nat(), captures(load))


@pytest.mark.parametrize("load", ["W1", "W2"])
def test_dynamic_nat(run_path, captures, load):
    run_path(paths.dynamic_nat(), captures(load))


def test_dynamic_nat_million(run_path, captures):
    """Each packet of another session: nothing of the last one is in any cache."""
    run_path(paths.dynamic_nat(), captures("M", 1_000_000))


@pytest.mark.parametrize("load", ["W1", "W2"])
def test_pod_to_service(run_path, captures, load):
    run_path(paths.pod_to_service(), captures(load))


@pytest.mark.parametrize("load", ["W1", "W2"])
def test_pod_to_service_to_file(run_path, captures, load, tmp_path):
    run_path(paths.pod_to_service(), captures(load), outputs={"tap1": tmp_path / "out.pcap"})


@pytest.mark.parametrize("load", ["W1", "W2"])
def test_pod_to_service_replies(run_path, captures, load, tmp_path):
    vpp = paths.pod_to_service()
    answers = tmp_path / "replies.pcap"
    answers.write_bytes(paths.replies(vpp, captures(load), tmp_path))
    run_path(vpp, answers, interface="tap1")
