"""Fragments through NAT: later ones follow the first, and wait for it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .packets import UDP, Packet, checksum, engine, read

NAT = ("nat44 add address 10.0.1.100", "set interface nat44 in pg0 out pg1")
MORE = 0x2000


def fragments(packet, sizes):
    """A datagram cut into pieces, as frames; sizes in units of 8 bytes."""
    whole, frames, at = packet.l4(), [], 0
    for i, size in enumerate(sizes):
        end = len(whole) if i == len(sizes) - 1 else at + 8 * size
        offset = at // 8 | (MORE if end < len(whole) else 0)
        piece = replace(packet, protocol=99, payload=whole[at:end], fragment=offset)
        ip = bytearray(piece.ip())
        ip[9], ip[10:12] = packet.protocol, b"\0\0"
        ip[10:12] = checksum(bytes(ip[:20])).to_bytes(2, "big")
        frames.append(packet.frame()[:14] + bytes(ip))
        at = end
    return frames


def datagram(payload=b"x" * 100):
    return Packet("10.0.0.2", "10.0.1.2", UDP, 1000, 53, payload)


def pieces(run, name="pg1"):
    return [frame[14:] for frame in run.frames[name]]


@pytest.mark.parametrize("nat", ["", "endpoint-dependent"])
@given(order=st.permutations(range(4)))
def test_any_order(nat, order):
    vpp = engine(*NAT, nat=nat)
    frames = fragments(datagram(), [2, 3, 4, 5])
    run = vpp.replay({"pg0": [frames[i] for i in order]}, together=True)
    sent = sorted(pieces(run), key=lambda ip: int.from_bytes(ip[6:8], "big") & 0x1FFF)
    assert [ip[12:16] for ip in sent] == [bytes([10, 0, 1, 100])] * 4
    assert sent[0][20:22] == (16253).to_bytes(2, "big")
    assert b"".join(ip[20:] for ip in sent)[8:] == b"x" * 100
    assert all(read(b"\0" * 14 + ip) for ip in sent)
    assert run.received + run.generated == run.transmitted + run.consumed + run.dropped
    assert vpp.buffers.in_use == 0


def test_back_again():
    vpp = engine(*NAT)
    vpp.replay({"pg0": fragments(datagram(), [2, 3])})
    answer = Packet("10.0.1.2", "10.0.1.100", UDP, 53, 16253, b"y" * 50)
    run = vpp.replay({"pg1": fragments(answer, [2, 2, 4])}, together=True)
    assert [ip[16:20] for ip in pieces(run, "pg0")] == [bytes([10, 0, 0, 2])] * 3
    assert int.from_bytes(pieces(run, "pg0")[0][22:24], "big") == 1000


def test_too_many_wait():
    vpp = engine(*NAT)
    frames = fragments(datagram(b"x" * 100), [2] + [1] * 8)
    run = vpp.replay({"pg0": frames[1:]}, together=True)
    assert (run.consumed, run.dropped) == (5, 3)
    assert run.drops == {("nat44-in2out-reass", "Maximum fragments per reassembly exceeded"): 3}
    assert len(vpp.replay({"pg0": frames[:1]}).frames["pg1"]) == 6


def test_too_many_datagrams_and_their_end():
    vpp = engine(*NAT, "nat virtual-reassembly ip4 max-reassemblies 3 timeout 2")
    parts = [fragments(replace(datagram(), dst=f"10.0.1.{i}"), [2, 3])[1] for i in range(2, 7)]
    run = vpp.replay({"pg0": parts}, together=True)
    assert run.drops == {("nat44-in2out-reass", "Maximum reassemblies exceeded"): 2}
    assert vpp.buffers.in_use == vpp.buffers_held == 3
    vpp.advance(3)
    vpp.replay({"pg0": parts[:1]}, together=True)
    assert vpp.buffers.in_use <= 3
    assert "src 10.0.0.2 dst 10.0.1.2 proto 17 id 0x0001 cached 1" in vpp.cli("show nat virtual-reassembly")
    vpp.close()
    assert vpp.buffers.in_use == vpp.buffers_held == 0


def test_fragments_can_be_dropped():
    vpp = engine(*NAT, "nat virtual-reassembly ip4 disable")
    run = vpp.replay({"pg0": fragments(datagram(), [2, 3])})
    assert run.drops == {("nat44-in2out-reass", "Drop fragment"): 2}


def test_fragments_whose_first_one_never_comes_are_given_up():
    vpp = engine(*NAT, profile="18.10")
    run = vpp.replay({"pg0": fragments(datagram(), [4, 4, 4])[1:]})
    assert run.consumed == vpp.buffers.in_use == 2
    vpp.advance(5)
    assert vpp.buffers.in_use == 0
