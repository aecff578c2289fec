"""Packets to the vswitch itself: checks, ICMP, UDP ports, fragments."""

import pytest

from engine.errors import ControlError

from .frames import broken, echo, ethernet, ip4, parse, udp


def drop(run):
    (reason,) = run.drops
    return reason


@pytest.mark.parametrize("target", ["10.0.0.1", "10.0.1.1"])
def test_echo(net, target):
    (frame,) = net.send(ethernet(echo("10.0.0.2", target, data=b"x" * 57))).frames["pg0"]
    answer = parse(frame)
    assert answer.dst.hex() == "020000000002"
    assert (answer.data.ttl, answer.data.data.type, bytes(answer.data.data.data.data)) == (64, 0, b"x" * 57)
    stored = answer.data.data.sum
    answer.data.data.sum = 0
    assert int.from_bytes(bytes(answer.data.data)[2:4], "big") == stored
    assert ("ip4-icmp-input", "echo replies sent", 1) in [row[-3:] for row in net.graph.errors()]


def test_echo_to_a_sender_without_route_goes_nowhere(net):
    assert drop(net.send(ethernet(echo("172.16.0.1", "10.0.0.1")))) == ("ip4-input", "ip4 source lookup miss")


def test_a_source_that_is_ours(net):
    run = net.send(ethernet(echo("10.0.1.1", "10.0.0.1")))
    assert drop(run) == ("ip4-input", "ip4 spoofed local-address packet drops")


@pytest.mark.parametrize("kind", [0, 3, 13, 99])
def test_other_icmp_is_punted(net, kind):
    assert drop(net.send(ethernet(echo("10.0.0.2", "10.0.0.1", kind=kind)))) == ("ip4-icmp-input", "unknown type")


def test_closed_port(net):
    answer = parse(net.send(ethernet(udp("10.0.0.2", "10.0.0.1"))).frames["pg0"][0]).data
    assert (answer.data.type, answer.data.code) == (3, 3)


def test_registered_port(net):
    net.udp.register_port(5678, "error-drop")
    run = net.send(ethernet(udp("10.0.0.2", "10.0.0.1")))
    assert drop(run) == ("ip4-udp-lookup", "no error")
    with pytest.raises(ControlError, match="5678 is taken by error-drop"):
        net.udp.register_port(5678, "ip4-drop")
    net.udp.unregister_port(5678)
    assert net.send(ethernet(udp("10.0.0.2", "10.0.0.1"))).transmitted == 1


def test_udp_checksum(net):
    packet = udp("10.0.0.2", "10.0.0.1")
    wrong = packet[:26] + bytes([packet[26] ^ 1]) + packet[27:]
    assert drop(net.send(ethernet(wrong))) == ("ip4-input", "bad udp checksum")
    without = packet[:26] + b"\0\0" + packet[28:]
    assert net.send(ethernet(without)).transmitted == 1


def test_udp_length(net):
    packet = udp("10.0.0.2", "10.0.0.1")
    longer = packet[:24] + (len(packet) - 19).to_bytes(2, "big") + packet[26:]
    assert drop(net.send(ethernet(longer))) == ("ip4-input", "inconsistent udp/ip lengths")


def test_tcp_is_punted_when_its_checksum_is_right(net):
    tcp = bytearray.fromhex("04d2005000000001000000005002200000000000")
    wrong = ip4("10.0.0.2", "10.0.0.1", bytes(tcp), protocol=6)
    total = 6 + 20 + sum(int.from_bytes((wrong[12:20] + tcp)[i : i + 2], "big") for i in range(0, 28, 2))
    total = (total & 0xFFFF) + (total >> 16)
    tcp[16:18] = (~((total & 0xFFFF) + (total >> 16)) & 0xFFFF).to_bytes(2, "big")
    right = ip4("10.0.0.2", "10.0.0.1", bytes(tcp), protocol=6)
    assert drop(net.send(ethernet(wrong))) == ("ip4-input", "bad tcp checksum")
    assert drop(net.send(ethernet(right))) == ("ip4-input", "unknown ip protocol")


@pytest.mark.parametrize("protocol", [2, 6, 50, 99, 255])
def test_protocols_nobody_takes_are_punted(net, protocol):
    run = net.send(ethernet(ip4("10.0.0.2", "10.0.0.1", bytes(4), protocol=protocol)))
    text = "bad tcp checksum" if protocol == 6 else "unknown ip protocol"
    assert drop(run) == ("ip4-input", text)


# ---- fragments


def fragments(packet, size):
    """The packet cut into fragments of so many bytes of payload."""
    payload = packet[20:]
    pieces = []
    for start in range(0, len(payload), size):
        part = payload[start : start + size]
        header = bytearray(packet[:20])
        header[2:4] = (20 + len(part)).to_bytes(2, "big")
        last = start + size >= len(payload)
        header[6:8] = ((0 if last else 0x2000) | start >> 3).to_bytes(2, "big")
        pieces.append(broken(bytes(header), 8, 64) + part)
    return pieces


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2), (2, 0, 1)])
@pytest.mark.parametrize("length", [1393, 1400])
def test_fragments_are_put_together(new_net, order, length):
    data = bytes(i * 11 & 255 for i in range(length))
    pieces = fragments(echo("10.0.0.2", "10.0.0.1", data=data), 600)
    run = new_net.send(*(ethernet(pieces[i]) for i in order), together=True)
    (frame,) = run.frames["pg0"]
    assert bytes(parse(frame).data.data.data.data) == data
    assert (run.consumed, run.generated, new_net.buffers.in_use) == (3, 1, 0)


def test_padding_of_fragments_does_not_count(new_net):
    pieces = fragments(echo("10.0.0.2", "10.0.0.1", data=b"abcdefghijkl"), 16)
    (frame,) = new_net.send(*(ethernet(piece) + bytes(10) for piece in pieces), together=True).frames["pg0"]
    assert bytes(parse(frame).data.data.data.data) == b"abcdefghijkl"


def test_overlapping_fragment_is_dropped(new_net):
    first, _ = fragments(echo("10.0.0.2", "10.0.0.1", data=bytes(100)), 64)
    run = new_net.send(ethernet(first), ethernet(first), together=True)
    assert drop(run) == ("ip4-reassembly", "duplicate/overlapping fragments")
    assert new_net.reassembly.stats() == {"reassemblies": 1, "limit": 1024, "buffers": 1}


def test_what_never_gets_whole_is_given_up(new_net):
    first, _ = fragments(echo("10.0.0.2", "10.0.0.1", data=bytes(100)), 64)
    new_net.send(ethernet(first))
    assert new_net.buffers.in_use == 1
    new_net.advance(20)
    assert new_net.buffers.in_use == 0
    assert new_net.reassembly.stats()["reassemblies"] == 0


def test_too_many_reassemblies(new_net):
    pieces = [fragments(echo("10.0.0.2", "10.0.0.1", data=bytes(100), id=i), 64)[0] for i in range(1100)]
    run = new_net.send(*map(ethernet, pieces), together=True)
    assert run.drops == {("ip4-reassembly", "drops due to concurrent reassemblies limit"): 76}


def test_a_fragment_past_the_longest_packet(new_net):
    packet = ip4("10.0.0.2", "10.0.0.1", bytes(600), protocol=1, offset=8191)
    assert drop(new_net.send(ethernet(packet)))[0] == "ip4-reassembly"
    assert new_net.reassembly.stats()["reassemblies"] == 0


def test_earlier_release_punts_fragments():
    from engine import Engine

    from .conftest import TWO_SUBNETS, Network, configure

    with Engine(profile="18.01") as vpp:
        configure(vpp, TWO_SUBNETS)
        first, _ = fragments(echo("10.0.0.2", "10.0.0.1", data=bytes(100)), 64)
        assert drop(Network(vpp).send(ethernet(first))) == ("ip4-input", "unknown ip protocol")


def test_gre_without_tunnels_is_dropped(net):
    packet = ip4("10.0.0.2", "10.0.0.1", b"\x00\x00\x08\x00" + bytes(20), protocol=47)
    net.cli("trace add pg-input 1")
    run = net.send(ethernet(packet))
    assert run.drops == {("gre4-input", "GRE input packets dropped due to missing tunnel"): 1}
    assert "GRE: tunnel -1 len 44 src 10.0.0.2 dst 10.0.0.1" in net.cli("show trace")
