"""Frames that nobody sends in good faith: the engine counts each of them, prints it, and goes on."""

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import Engine
from engine.devices.pcap.capture import open_capture

CONTIV = Path(__file__).parents[2] / "pcaps" / "contiv"
INTERFACES = ("tap2", "tap0", "tap4", "GigabitEthernet0/8/0")


def contiv_frames():
    paths = sorted(CONTIV.glob("*.pcap"))
    return [frame for path in paths for _, frame, _, _ in open_capture(path)]


FRAMES = contiv_frames()


def crafted(protocol: int, l4: bytes, length: int | None = None, fragment: int = 0, options: bytes = b"") -> bytes:
    """An IPv4 packet for tap2 with whatever lengths are asked for; its header checksum is right."""
    header = bytearray(20 + len(options))
    header[0] = 0x40 | len(header) // 4
    header[2:4] = (len(header) + len(l4) if length is None else length).to_bytes(2, "big")
    header[6:8] = fragment.to_bytes(2, "big")
    header[8], header[9] = 64, protocol
    header[12:20] = bytes((10, 1, 1, 3, 10, 104, 221, 85))
    header[20:] = options
    total = sum(int.from_bytes(header[i : i + 2], "big") for i in range(0, len(header), 2))
    total = (total >> 16) + (total & 0xFFFF)
    header[10:12] = (~((total >> 16) + total) & 0xFFFF).to_bytes(2, "big")
    return bytes.fromhex("02fe163f5f0f0000000000020800") + bytes(header) + l4


def mutated(frame: bytes, rng: random.Random) -> bytes:
    """The frame with some bytes changed, and cut off or made longer now and then."""
    data = bytearray(frame)
    for _ in range(rng.choice((1, 1, 2, 4, 16))):
        data[rng.randrange(len(data))] = rng.choice((0, 1, 0x45, 0x4F, 0x7F, 0x80, 0xFF, rng.randrange(256)))
    if rng.random() < 0.3:
        data = data[: rng.randrange(len(data) + 1)]
    if rng.random() < 0.1:
        data += bytes(rng.randrange(4000))
    return bytes(data)


@pytest.fixture(scope="module", params=["18.01", "18.10"])
def vpp(request):
    startup = "nat { endpoint-dependent }" if request.param == "18.10" else None
    engine = Engine(profile=request.param, startup=startup)
    engine.exec(CONTIV / "node1.vpp")
    return engine


def replay(vpp, frames, interface, together):
    vpp.cli("clear trace")
    run = vpp.replay({interface: frames}, trace=len(frames), together=together)
    assert run.received + run.generated == run.transmitted + run.consumed + run.dropped
    assert vpp.cli("show trace max 1000").count("Packet ") == run.received
    vpp.cli_data("show trace max 1000")


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), interface=st.sampled_from(INTERFACES), together=st.booleans())
def test_mutated_frames(vpp, seed, interface, together):
    rng = random.Random(seed)
    replay(vpp, [mutated(rng.choice(FRAMES), rng) for _ in range(40)], interface, together)


@settings(max_examples=40, deadline=None)
@given(
    protocol=st.sampled_from([0, 1, 2, 6, 17, 47, 50, 255]),
    l4=st.binary(max_size=64),
    length=st.none() | st.integers(0, 0xFFFF),
    fragment=st.sampled_from([0, 0x2000, 0x4000, 1, 2, 0x1FFF, 0x2001, 0x3FFF, 0x8000]),
    options=st.sampled_from([b"", b"\1" * 4, b"\x94\4\0\0", b"\7\x27\4" + bytes(37)]),
    together=st.booleans(),
)
def test_crafted_packets(vpp, protocol, l4, length, fragment, options, together):
    frame = crafted(protocol, l4, length, fragment, options)
    replay(vpp, [frame, frame[:-1], frame + bytes(30)], "tap2", together)


def test_icmp_errors_around_anything(vpp):
    inner = [frame[14:] for frame in FRAMES]
    frames = [
        crafted(1, bytes((kind, code)) + bytes(6) + quoted[:size])
        for kind, code in ((3, 3), (3, 4), (11, 0), (12, 0), (5, 1))
        for quoted in inner
        for size in (0, 8, 19, 20, 24, 28, 1400)
    ]
    for interface in INTERFACES:
        replay(vpp, frames, interface, together=True)
