"""explain: it says what replay then does, and leaves everything as it was."""

import json
import os
import threading
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import CliError, Engine
from engine.errors import ControlError, VppshError
from engine.explain import Packet, explain
from engine.explain.dry_run import DryRunError, dry_run
from engine.explain.explain import SECTIONS
from tests.golden.test_golden import FLOWS, NODE1, draw_ports, frames

EXAMPLES = int(os.environ.get("VPPSH_EXPLAIN_EXAMPLES", "1000"))
SERVICE = "explain tap2 tcp 10.1.1.3:51082 -> 10.104.221.85:80"
INTERFACES = ("tap0", "tap2", "tap3", "tap4", "tap5", "GigabitEthernet0/8/0")
ADDRESSES = (
    "10.1.1.2",
    "10.1.1.3",
    "10.1.1.5",
    "10.1.1.6",
    "10.1.1.254",
    "10.1.2.4",
    "10.2.1.2",
    "10.104.221.85",
    "10.97.193.160",
    "172.30.1.1",
    "172.30.1.2",
    "172.30.1.77",
    "192.168.16.1",
    "192.168.16.2",
    "192.168.16.100",
    "8.8.8.8",
    "224.0.0.5",
    "255.255.255.255",
    "0.0.0.0",
)


@pytest.fixture
def node1():
    with Engine(buffers=1024) as vpp:
        vpp.exec(str(NODE1))
        yield vpp


@pytest.fixture(scope="module")
def lasting_node():
    with Engine(buffers=1024) as vpp:
        vpp.exec(str(NODE1))
        yield vpp


def everything(vpp):
    """What all show commands say, and the state that none shows."""
    paths = [command.path for command in vpp.registry.commands() if command.path.startswith("show ")]
    assert len(paths) > 30
    shown = {path: vpp.cli(path, check=False) for path in paths if path != "show runtime"}
    shown["show runtime"] = vpp.cli_data("show runtime")["nodes"]  # its heading tells real time
    return shown | {"totals": vpp.graph.totals(), "drops": vpp.graph.drops(), "buffers": vpp.buffers.stats()}


def check_agrees(vpp, interface, frame):
    """Ask, then do; returns what explain said."""
    said = explain(vpp, vpp.interfaces.get(interface), frame)
    vpp.cli("clear trace")
    run = vpp.replay({interface: [frame]}, trace=1)
    assert said["frames"] == {name: [sent.hex() for sent in found] for name, found in run.frames.items()}
    assert said["trace"] == vpp.cli_data("show trace")["packets"][0]["entries"]
    assert (said["verdict"] == "dropped") == (run.dropped > 0)
    assert (said["reason"] is None) == (not run.drops)
    if run.drops:
        assert (said["reason"]["node"], said["reason"]["text"]) in run.drops
    return said


# ---- it agrees


@pytest.mark.parametrize("flow", FLOWS)
def test_every_golden_frame(node1, flow):
    if flow == "pod-to-internet":
        draw_ports(node1, 4)
    for enters, leaves, name in FLOWS[flow]:
        for frame in frames(flow, name):
            said = check_agrees(node1, enters, frame)
            assert said["frames"][leaves] == [frames(flow, f"{name}.out")[0].hex()]
            assert said["verdict"] == "sent"


@settings(max_examples=EXAMPLES)
@given(
    st.sampled_from(INTERFACES),
    st.one_of(st.sampled_from(ADDRESSES).map(IPv4Address), st.ip_addresses(v=4)),
    st.one_of(st.sampled_from(ADDRESSES).map(IPv4Address), st.ip_addresses(v=4)),
    st.sampled_from([1, 6, 6, 6, 17, 17, 47]),
    st.one_of(st.sampled_from([80, 8080, 4789]), st.integers(0, 65535)),
    st.one_of(st.sampled_from([80, 8080, 4789, 22]), st.integers(0, 65535)),
    st.sampled_from([0, 1, 2, 64, 64, 64]),
)
def test_random_packets(lasting_node, interface, src, dst, protocol, sport, dport, ttl):
    packet = Packet(src, dst, protocol, sport, dport, ttl=ttl)
    check_agrees(lasting_node, interface, packet.frame(lasting_node, lasting_node.interfaces.get(interface)))


@settings(max_examples=100)
@given(st.sampled_from(INTERFACES), st.binary(min_size=1, max_size=200))
def test_random_bytes(lasting_node, interface, frame):
    check_agrees(lasting_node, interface, frame)


def test_a_connection_that_is_there(node1):
    """The answer of a known connection passes by its sessions; asking for it twice gives the same."""
    (enters, _, request), (back, _, response) = FLOWS["pod-to-service-same-node"]
    node1.replay({enters: frames("pod-to-service-same-node", request)})
    said = check_agrees(node1, back, frames("pod-to-service-same-node", response)[0])
    assert "tap2 output: permit by its session" in [row["text"] for row in said["acl"]]
    assert [row["new"] for row in said["translation"]] == [False]


# ---- it leaves everything as it was


def test_nothing_changes(node1):
    node1.replay({"tap2": frames("pod-to-internet", "01-request-node1")}, trace=5)
    before = everything(node1)
    for line in (
        SERVICE,
        "explain tap2 udp 10.1.1.3:4000 -> 8.8.8.8:53",  # a port is drawn
        "explain tap0 tcp 172.30.1.2:44 -> 172.30.1.77:80",  # a neighbour is asked for
        "explain tap0 icmp 172.30.1.2 -> 172.30.1.1",
        "explain tap2 tcp 10.1.1.3:1 -> 10.1.1.6:22",
    ):
        assert node1.cli(line) == node1.cli(line)
    assert everything(node1) == before
    assert node1.last_run.received == 1


def test_nothing_reaches_the_files_that_are_open(node1, tmp_path):
    """Not even what this process has still to write."""
    path = tmp_path / "text"
    with path.open("w") as file:
        file.write("once")
        node1.cli(SERVICE)
    assert path.read_text() == "once"


def test_other_threads_do_not_matter(node1):
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        assert "sent" in node1.cli(SERVICE)
    finally:
        stop.set()
        thread.join()


# ---- what it says


def test_the_text(node1):
    assert node1.cli(SERVICE) == (
        "tcp 10.1.1.3:51082 -> 10.104.221.85:80 from tap2: sent\n"
        "  acl         tap2 input: permit+reflect by acl 3 rule 0: "
        "ipv4 permit+reflect src 0.0.0.0/0 dst 0.0.0.0/0 proto 0 sport 0-65535 dport 0-65535\n"
        "              tap4 output: permit by acl 4 rule 0: "
        "ipv4 permit src 10.1.1.3/32 dst 0.0.0.0/0 proto 6 sport 0-65535 dport 8080\n"
        "  translation nat44-out2in: destination 10.104.221.85:80 -> 10.1.1.5:8080, "
        "new session 0 of static mapping 10.104.221.85:80\n"
        "  route       10.1.1.5/32 in ipv4-VRF:0 (CLI): attached-nexthop via 10.1.1.5 tap4\n"
        "  neighbour   10.1.1.5 on tap4: 00:00:00:00:00:02\n"
        "  output      tap4: tcp 10.1.1.3:51082 -> 10.1.1.5:8080, ttl 63\n"
    )


def test_a_drop_says_where_and_why(node1):
    text = node1.cli("explain tap2 tcp 10.1.1.3:1 -> 10.1.1.6:22")
    assert "tap5 output: deny by acl 4 rule 4: ipv4 deny src 0.0.0.0/0" in text
    assert text.endswith("  output      not reached\n  dropped by  acl-plugin-out-ip4-fa: ACL deny packets\n")


def test_a_neighbour_that_is_not_known(node1):
    data = node1.cli_data("explain tap0 udp 172.30.1.2:44 -> 172.30.1.77:80")
    assert [row["text"] for row in data["neighbour"]] == ["172.30.1.77 on tap0: not known, asked for by ARP"]
    assert data["reason"] == {"node": "ip4-glean", "text": "ARP requests sent"}


def test_an_interface_that_is_down(node1):
    node1.cli("set interface state tap2 down")
    data = node1.cli_data(SERVICE)
    assert (data["verdict"], data["reason"]["text"]) == ("not received", "interface is down")


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        ("explain tap0 icmp 172.30.1.2 -> 172.30.1.1", "answered"),
        ("explain tap0 icmp 172.30.1.2 -> 172.30.1.1 type 0", "dropped"),
        ("explain tap0 tcp 172.30.1.2:1 -> 10.1.1.6:8080 ttl 1", "answered"),
        ("explain tap0 tcp 172.30.1.2:1 -> 10.1.1.6:8080 flags syn,ack ttl 9", "sent"),
        ("explain tap0 tcp 172.30.1.2:1 -> 10.1.1.6:8080 flags 0x12", "sent"),
        ("explain tap0 tcp 172.30.1.2:1 -> 10.1.1.6:8080 mac 02:00:00:00:00:01 -> 02:00:00:00:00:02", "dropped"),
        ("explain tap2 protocol 47 10.1.1.3 -> 10.1.1.6", "dropped"),
        ("explain tap0 frame 0123456789423e1b702d4d510806", "dropped"),
    ],
)
def test_what_can_be_asked(node1, line, verdict):
    assert node1.cli_data(line)["verdict"] == verdict


@pytest.mark.parametrize(
    "line",
    [
        "explain tap9 tcp 1.1.1.1:1 -> 2.2.2.2:2",
        "explain loop1 tcp 1.1.1.1:1 -> 2.2.2.2:2",
        "explain tap2",
        "explain tap2 tcp 1.1.1.1 -> 2.2.2.2",
        "explain tap2 tcp 1.1.1.1:1 -> 2.2.2.2:2 flags foo",
        "explain tap2 tcp 1.1.1.1:1 -> 2.2.2.2:2 foo",
        "explain tap2 icmp 1.1.1.1 -> 2.2.2.2 type 256",
        "explain tap2 frame xyz",
        "explain tap2 frame 00 ttl 3",
    ],
)
def test_refusals(node1, line):
    with pytest.raises(CliError, match=r"^explain: "):
        node1.cli(line)


def test_json(node1):
    data = json.loads(node1.cli(SERVICE + " | json"))
    assert {*SECTIONS, "verdict", "reason", "frames", "trace"} <= set(data)
    assert data["frames"]["tap4"][0].endswith("0000")


# ---- the dry run itself


def test_a_dry_run_changes_only_the_copy():
    values = []
    assert dry_run(lambda: [values.append(1), len(values)][1]) == 1
    assert values == []


def test_errors_come_back():
    def refuse():
        raise ControlError("not this")

    with pytest.raises(VppshError, match="not this"):
        dry_run(refuse)
    with pytest.raises(DryRunError, match="ZeroDivisionError"):
        dry_run(lambda: 1 // 0)


def test_a_copy_that_dies_is_told():
    with pytest.raises(DryRunError, match="ended early"):
        dry_run(lambda: os.abort())


def test_no_process_and_no_descriptor_is_left():
    def open_files():
        return len(os.listdir("/proc/self/fd"))

    if not Path("/proc/self/fd").exists():
        pytest.skip("no /proc")
    before = open_files()
    for _ in range(5):
        dry_run(lambda: 1)
    assert open_files() == before
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
