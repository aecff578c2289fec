"""pcap trace: files that others read, of exactly the packets that passed."""

import contextlib
import resource
import shutil
import subprocess
from pathlib import Path

import dpkt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import CliError, Engine
from engine.devices.capture import config
from engine.devices.pcap.source import FrameList

from ..net.frames import HOST_MAC, broken, ethernet, udp

ROUTER = """
create packet-generator interface pg0
set interface mac address pg0 02:fe:00:00:00:00
set interface ip address pg0 10.0.0.1/24
set interface state pg0 up
create packet-generator interface pg1
set interface mac address pg1 02:fe:00:00:00:00
set interface ip address pg1 10.0.1.1/24
set interface state pg1 up
set ip arp static pg1 10.0.1.2 02:00:00:00:01:02
"""
NO_MAC = ethernet(udp("10.0.0.2", "10.0.1.2"), dst=HOST_MAC)  # for somebody else: dropped
BROKEN = ethernet(broken(udp("10.0.0.2", "10.0.1.2"), 0, 0x55))  # IP version 5: dropped at the IP header


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Stands in for /tmp."""
    monkeypatch.setattr(config, "FOLDER", str(tmp_path))
    return tmp_path


def configured():
    engine = Engine(buffers=4096)
    for line in ROUTER.strip().splitlines():
        engine.cli(line)
    return engine


@pytest.fixture
def vpp(folder):
    with configured() as engine:
        yield engine
        assert engine.buffers.in_use == 0


def to_port(dport, **fields):
    return ethernet(udp("10.0.0.2", "10.0.1.2", dport=dport, **fields))


def records(path):
    """(seconds, frame) of every packet, read by dpkt."""
    with Path(path).open("rb") as file:
        reader = dpkt.pcap.Reader(file)
        assert reader.datalink() == dpkt.pcap.DLT_EN10MB
        return list(reader)


def frames(path):
    return [frame for _, frame in records(path)]


@pytest.mark.parametrize("together", [False, True])
def test_what_came_in_and_what_left(vpp, folder, together):
    sent = [to_port(n) for n in range(300)]
    vpp.cli("pcap trace rx max 1000 file in.pcap")
    vpp.replay({"pg0": sent}, together=together)
    assert vpp.cli("pcap trace off") == f"Write 300 packets to {folder}/in.pcap, and stop capture...\n"
    assert frames(folder / "in.pcap") == sent
    vpp.cli("pcap trace tx")
    run = vpp.replay({"pg0": sent}, together=together)
    assert vpp.cli("pcap trace off") == f"Write 300 packets to {folder}/tx.pcap, and stop capture...\n"
    assert frames(folder / "tx.pcap") == run.frames["pg1"]


def test_what_was_dropped_has_its_ethernet_header(vpp, folder):
    unroutable = ethernet(udp("10.0.0.2", "10.9.9.9"))
    dropped = [NO_MAC, BROKEN, unroutable]
    vpp.cli("pcap trace drop")
    run = vpp.replay({"pg0": [to_port(1), *dropped, to_port(2)]})
    vpp.cli("pcap trace off")
    assert len(run.drops) == 3
    assert frames(folder / "drop.pcap") == dropped


def test_all_three_in_one_file(vpp, folder):
    vpp.cli("pcap trace rx tx drop")
    run = vpp.replay({"pg0": [to_port(1), NO_MAC]})
    assert vpp.cli("pcap trace status") == (
        f"pcap rx tx drop dispatch capture enabled: 4 of 1000 pkts...\ncapture to file {folder}/rxtxdrop.pcap\n"
    )
    vpp.cli("pcap trace off")
    assert frames(folder / "rxtxdrop.pcap") == [to_port(1), *run.frames["pg1"], NO_MAC, NO_MAC]


def test_times_are_the_engines(vpp, folder):
    vpp.cli("pcap trace rx")
    vpp.replay({"pg0": FrameList([to_port(1), to_port(2)], [1_500_000_000_123_456_000, 1_500_000_001_000_000_000])})
    vpp.cli("pcap trace off")
    assert [float(time) for time, _ in records(folder / "rx.pcap")] == [1_500_000_000.123456, 1_500_000_001.0]


def test_max_ends_it(vpp, folder):
    vpp.cli("pcap trace rx max 3")
    vpp.replay({"pg0": [to_port(n) for n in range(10)]}, together=True)
    vpp.replay({"pg0": [to_port(77)]})
    assert vpp.cli_data("pcap trace status")["captures"][0]["captured"] == 3
    vpp.cli("pcap trace off")
    assert frames(folder / "rx.pcap") == [to_port(n) for n in range(3)]


def test_max_bytes_keeps_the_length(vpp, folder):
    long = to_port(1, data=bytes(5000))  # three buffers
    vpp.cli("pcap trace rx max-bytes-per-pkt 100")
    vpp.replay({"pg0": [long]})
    vpp.cli("pcap trace off")
    (record,) = [(folder / "rx.pcap").read_bytes()[24:]]
    assert int.from_bytes(record[8:12], "little") == 100
    assert int.from_bytes(record[12:16], "little") == len(long)
    assert record[16:] == long[:100]


@pytest.mark.parametrize("size", [2047, 2048, 2049, 4096, 6000])
def test_chained_buffers_are_whole(vpp, folder, size):
    frame = HOST_MAC * 2 + b"\x12\x34" + bytes(n % 251 for n in range(size - 14))
    vpp.cli("pcap trace rx drop max-bytes-per-pkt 9000")
    vpp.replay({"pg0": [frame]})
    vpp.cli("pcap trace off")
    assert frames(folder / "rxdrop.pcap") == [frame, frame]


@pytest.mark.parametrize(
    ("interface", "expected"), [("pg0", [1, 2, 3, 3]), ("pg1", [1, 2]), ("any", [1, 1, 2, 2, 3, 3])]
)
def test_an_interface_chooses(vpp, folder, interface, expected):
    """On pg0 one frame is for somebody else; on pg1 the others leave. A drop is of the interface it came in by."""
    vpp.cli(f"pcap trace rx tx drop intfc {interface}")
    vpp.replay({"pg0": [to_port(1), to_port(2), ethernet(udp("10.0.0.2", "10.0.1.2", dport=3), dst=HOST_MAC)]})
    vpp.cli("pcap trace off")
    ports = [dpkt.ethernet.Ethernet(frame).data.data.dport for frame in frames(folder / "rxtxdrop.pcap")]
    assert sorted(ports) == expected


def test_a_filter_chooses(vpp, folder):
    vpp.cli('pcap trace rx tx filter "udp dst port 53 and ip[8] = 63"')
    vpp.replay({"pg0": [to_port(53), to_port(54), to_port(53)]})
    vpp.cli("pcap trace off")
    left = frames(folder / "rxtx.pcap")
    assert [dpkt.ethernet.Ethernet(frame).data.ttl for frame in left] == [63, 63]


def test_physical_interfaces_are_seen_too(vpp, folder):
    vpp.cli("create interface physical eth0 hw-addr 02:fe:00:00:00:00")
    vpp.cli("set interface state eth0 up")
    vpp.cli("set interface ip address eth0 10.0.2.1/24")
    vpp.cli("set ip arp static eth0 10.0.2.2 02:00:00:00:02:02")
    vpp.cli("pcap trace rx tx intfc eth0")
    back = ethernet(udp("10.0.2.2", "10.0.2.2"))
    run = vpp.replay({"eth0": [back]})
    vpp.cli("pcap trace off")
    assert frames(folder / "rxtx.pcap") == [back, *run.frames["eth0"]]


def test_status_brings_it_to_the_file(vpp, folder):
    vpp.cli("pcap trace rx")
    vpp.replay({"pg0": [to_port(1)]})
    vpp.cli("pcap trace status")
    assert frames(folder / "rx.pcap") == [to_port(1)]


def test_the_engines_end_ends_the_files(folder):
    with configured() as vpp:
        vpp.cli("pcap trace rx")
        vpp.replay({"pg0": [to_port(1)]})
    assert frames(folder / "rx.pcap") == [to_port(1)]


def test_a_folder_in_the_name_is_taken_as_it_stands(vpp, tmp_path):
    (tmp_path / "sub").mkdir()
    vpp.cli(f"pcap trace rx file {tmp_path}/sub/mine.pcap")
    vpp.replay({"pg0": [to_port(1)]})
    vpp.cli("pcap trace off")
    assert frames(tmp_path / "sub" / "mine.pcap") == [to_port(1)]


def test_two_vswitches_capture_for_themselves(folder):
    with configured() as one, configured() as other:
        one.cli("pcap trace rx file one")
        other.cli("pcap trace rx file other")
        one.replay({"pg0": [to_port(1)]})
        other.replay({"pg0": [to_port(2)]})
    assert frames(folder / "one") == [to_port(1)]
    assert frames(folder / "other") == [to_port(2)]


@pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
def test_tshark_reads_it(vpp, folder):
    vpp.cli("pcap trace rx tx drop")
    vpp.replay({"pg0": [to_port(53), NO_MAC]})
    vpp.cli("pcap trace off")
    command = ["tshark", "-r", folder / "rxtxdrop.pcap", "-T", "fields", "-e", "ip.ttl", "-e", "udp.dstport"]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\n")
    assert lines[:4] == ["64\t53", "63\t53", "64\t5678", "64\t5678"]


@given(st.lists(st.sampled_from(["good", "other", "broken"]), max_size=12), st.integers(0, 30), st.booleans())
def test_every_packet_is_in_the_place_it_passed(tmp_path_factory, kinds, limit, together):
    """received = rx, transmitted = tx, dropped = drop, as far as max lets them."""
    makers = {"good": to_port(1), "other": NO_MAC, "broken": BROKEN}
    folder = tmp_path_factory.mktemp("captures")
    with configured() as vpp:
        for place in ("rx", "tx", "drop"):
            vpp.cli(f"pcap {place} trace on max {limit} file {folder}/{place}")
        run = vpp.replay({"pg0": [makers[kind] for kind in kinds]}, together=together)
    expected = {"rx": run.received, "tx": run.transmitted, "drop": run.dropped}
    assert {place: len(frames(folder / place)) for place in expected} == {
        place: min(n, limit) for place, n in expected.items()
    }


# ---- messages


def test_messages_of_pcap_trace(vpp, folder):
    assert vpp.cli("pcap trace") == ""
    assert vpp.cli("pcap trace status") == "pcap dispatch capture disabled\n"
    assert vpp.cli("pcap trace rx max 35 file x") == ""
    assert vpp.cli("pcap trace tx", check=False) == "pcap trace: dispatch trace already enabled...\n"
    assert vpp.cli("pcap trace off", check=False) == "pcap trace: No packets captured...\n"
    assert vpp.cli("pcap trace off", check=False) == "pcap trace: dispatch trace already disabled...\n"


def test_messages_of_18_10(vpp, folder):
    assert vpp.cli("pcap rx trace status") == (
        f"pcap rx capture is off...\nmax is 100 for any interface to file {folder}/rx.pcap\n"
    )
    assert vpp.cli("pcap rx trace max 2 intfc pg0 file x.pcap") == ""
    assert vpp.cli("pcap rx trace on") == "pcap rx capture on...\n"
    assert vpp.cli("pcap rx trace on") == "pcap tx capture already on...\n"
    assert vpp.cli("pcap rx trace max 5") == "can't change max value while pcap rx capture active...\n"
    vpp.replay({"pg0": [to_port(1)]})
    assert vpp.cli("pcap rx trace status") == (
        f"pcap rx capture is on: 1 of 2 pkts...\nmax is 2 for interface pg0 to file {folder}/x.pcap\n"
    )
    assert vpp.cli("pcap rx trace off") == f"captured 1 pkts...\nsaved to {folder}/x.pcap...\n"
    assert vpp.cli("pcap rx trace off") == "pcap tx capture already off...\n"
    assert vpp.cli("pcap drop trace on") == "pcap drop capture on...\n"
    assert vpp.cli("pcap drop trace status") == "pcap drop capture: 0 of 100 pkts...\n"
    assert vpp.cli("pcap drop trace off") == "captured 0 pkts...\n"
    assert vpp.cli("pcap drop trace off") == "pcap drop capture already off...\n"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("pcap trace rx foo", "pcap trace: unknown input `foo'"),
        ("pcap trace rx intfc pg9", "pcap trace: unknown input `intfc pg9'"),
        ("pcap trace rx max-bytes-per-pkt 31", "pcap trace: Max bytes per pkt must be > 32, < 9000..."),
        ("pcap trace rx max-bytes-per-pkt 9001", "pcap trace: Max bytes per pkt must be > 32, < 9000..."),
        ("pcap trace rx file /nowhere/x.pcap", "pcap trace: /nowhere/x.pcap: No such file or directory"),
        ('pcap trace rx filter "tcp and hst"', "pcap trace: syntax error in filter expression"),
        ("pcap drop trace on file /nowhere/x", "pcap drop trace: /nowhere/x: No such file or directory"),
    ],
)
def test_what_is_refused_starts_nothing(vpp, folder, line, message):
    with pytest.raises(CliError) as error:
        vpp.cli(line)
    assert str(error.value) == message
    assert vpp.captures.listeners == []
    vpp.replay({"pg0": [to_port(1)]})
    assert not list(folder.iterdir())


@contextlib.contextmanager
def no_room_beyond(size):
    """Files of this process may not grow larger."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_full_disk_is_told(vpp):
    with pytest.raises(CliError, match="pcap trace: /dev/full: No space left on device"):
        vpp.cli("pcap trace rx file /dev/full")
    assert vpp.captures.listeners == []


def test_a_disk_that_gets_full_is_told(vpp, folder):
    vpp.cli("pcap trace rx file full.pcap")
    vpp.replay({"pg0": [to_port(1)]})
    with no_room_beyond(30), pytest.raises(CliError, match=r"pcap trace: .*full\.pcap: File too large"):
        vpp.cli("pcap trace off")
    assert vpp.captures.listeners == []


def test_a_deleted_interface_is_not_its_successor(vpp, folder):
    vpp.cli("create tap id 1")
    vpp.cli("pcap trace rx intfc tap1")
    vpp.cli("pcap tx trace intfc tap1")
    vpp.cli("delete tap tap1")
    vpp.cli("create tap id 2")
    vpp.cli("set interface state tap2 up")
    vpp.replay({"tap2": [to_port(1)]})
    assert vpp.cli("pcap trace off", check=False) == "pcap trace: No packets captured...\n"
    assert "any interface" in vpp.cli("pcap tx trace status")


def test_binary_api(vpp, folder):
    vpp.api.pcap_trace_on(capture_rx=True, capture_tx=True, max_packets=10, filename="api.pcap")
    assert vpp.api.pcap_trace_on(capture_rx=True).retval == -7
    run = vpp.replay({"pg0": [to_port(1)]})
    assert vpp.api.pcap_trace_off().retval == 0
    assert vpp.api.pcap_trace_off().retval == -81
    assert frames(folder / "api.pcap") == [to_port(1), *run.frames["pg1"]]
    assert vpp.api.pcap_trace_on(capture_drop=True, sw_if_index=99).retval == -2
    assert vpp.api.pcap_trace_on().retval == -7
