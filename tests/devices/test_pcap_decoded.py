"""pcapng, compressed files, and link types that become Ethernet."""

import contextlib
import gzip
import io
import os
import struct
import threading

import dpkt
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from engine.devices.pcap import link
from engine.devices.pcap.capture import open_capture
from engine.errors import CaptureError

from .test_pcap_reader import FRAMES, TIMES, pcap, read

IP4 = bytes.fromhex("45000014000000004001") + bytes(10)
IP6 = bytes.fromhex("60000000") + bytes(36)


def block(kind, body, order="<"):
    body += bytes(-len(body) % 4)
    size = struct.pack(order + "I", 12 + len(body))
    return struct.pack(order + "I", kind) + size + body + size


def section(order="<"):
    return block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1), order)


def interface(link_type=1, order="<", options=b"", snaplen=0):
    return block(1, struct.pack(order + "HHI", link_type, 0, snaplen) + options, order)


def packet(frame, ticks, order="<", number=0, captured=None):
    head = struct.pack(order + "IIIII", number, ticks >> 32, ticks & 0xFFFFFFFF, captured or len(frame), len(frame))
    return block(6, head + frame, order)


def resolution(value, order="<"):
    return struct.pack(order + "HHB3xHH", 9, 1, value, 0, 0)


def opened(tmp_path, content, **options):
    path = tmp_path / "capture"
    path.write_bytes(content)
    return open_capture(path, **options)


@pytest.mark.parametrize("order", ["<", ">"])
def test_pcapng(tmp_path, order):
    file = section(order) + interface(order=order) + packet(b"one", 1_000_001, order) + packet(b"three", 3 << 32, order)
    assert [(t, f) for t, f, *_ in opened(tmp_path, file)] == [(1_000_001_000, b"one"), ((3 << 32) * 1000, b"three")]


def test_pcapng_that_dpkt_wrote(tmp_path):
    out = io.BytesIO()
    writer = dpkt.pcapng.Writer(out)
    for frame, time in zip(FRAMES, TIMES, strict=True):
        writer.writepkt(frame, time / 10**9)
    assert [frame for _, frame, *_ in opened(tmp_path, out.getvalue())] == FRAMES


@pytest.mark.parametrize(("value", "ticks", "time"), [(9, 5, 5), (3, 5, 5_000_000), (0x81, 3, 1_500_000_000)])
def test_pcapng_resolutions(tmp_path, value, ticks, time):
    file = section() + interface(options=resolution(value)) + packet(b"x", ticks)
    assert [t for t, *_ in opened(tmp_path, file)] == [time]


def test_pcapng_time_offset(tmp_path):
    offset = struct.pack("<HHqHH", 14, 8, 100, 0, 0)
    file = section() + interface(options=offset) + packet(b"x", 1)
    assert [t for t, *_ in opened(tmp_path, file)] == [100_000_001_000]


def test_pcapng_interfaces_of_two_link_types_and_a_second_section(tmp_path):
    file = section() + interface(1) + interface(101) + packet(b"ether", 1) + packet(IP4, 2, number=1)
    file += section(">") + interface(228, ">") + packet(IP4, 3, ">")
    got = list(opened(tmp_path, file))
    assert [flags for *_, flags in got] == [0, link.FRAME_NO_MAC, link.FRAME_NO_MAC]
    assert got[1][1] == bytes(6) + link.SOURCE_MAC + b"\x08\x00" + IP4
    assert got[1][2] == 14 + len(IP4)


def test_pcapng_simple_packets_keep_the_time(tmp_path):
    simple = block(3, struct.pack("<I", 9) + b"simple")
    file = section() + interface(snaplen=6) + packet(b"x", 7) + simple
    assert list(opened(tmp_path, file))[1] == (7000, b"simple", 9, 0)


def test_pcapng_time_that_no_clock_shows(tmp_path):
    file = section() + interface() + packet(b"a", 7) + packet(b"b", 2**64 - 1)
    assert [t for t, *_ in opened(tmp_path, file)] == [7000, 7000]


@pytest.mark.parametrize(
    ("tail", "reason"),
    [
        (packet(b"x", 1, number=3), "interface 3"),
        (packet(b"x", 1, captured=4_000_000_000), "claims 4000000000 bytes"),
        (block(6, b"short"), "too short"),
        (block(3, b""), "too short"),
        (struct.pack("<II", 6, 2**32 - 4), "ends inside a block"),
        (struct.pack("<III", 6, 8, 0), "length is 8"),
        (struct.pack("<III", 6, 13, 0), "length is 13"),
        (b"\x06\x00", "inside a block's header"),
        (interface(147) + packet(b"x", 1, number=1), "link type 147"),
        (interface()[:-4] + bytes(4), "damaged"),
        (interface(options=bytes(70_000)), "too long"),
    ],
)
def test_pcapng_damage_behind_a_good_packet(tmp_path, tail, reason):
    got, error = read(opened(tmp_path, section() + interface() + packet(b"good", 1) + tail))
    assert [frame for _, frame, *_ in got] == [b"good"]
    assert error.packet == 2
    assert reason in error.reason


@given(data=st.data())
def test_pcapng_with_damaged_bytes(tmp_path_factory, data):
    file = bytearray(section() + interface(options=resolution(6)) + packet(b"hello", 1) + packet(b"world", 2))
    for _ in range(data.draw(st.integers(1, 4))):
        file[data.draw(st.integers(4, len(file) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("damaged") / "file"
    path.write_bytes(file[: data.draw(st.integers(4, len(file)))])
    got, _ = read(open_capture(path))
    assert len(got) <= 2


def compressors():
    return {"gzip": gzip.compress, "zstd": zstandard.ZstdCompressor().compress}


@pytest.fixture(params=["gzip", "zstd"])
def compress(request):
    return compressors()[request.param]


def test_compressed(tmp_path, compress):
    plain = pcap(FRAMES, TIMES)
    for content in (plain, section() + interface() + b"".join(packet(f, 1) for f in FRAMES)):
        assert [frame for _, frame, *_ in opened(tmp_path, compress(content))] == FRAMES


def test_compressed_in_several_parts(tmp_path, compress):
    plain = pcap(FRAMES, TIMES)
    content = compress(plain[:50]) + compress(plain[50:])
    assert [frame for _, frame, *_ in opened(tmp_path, content)] == FRAMES


def test_compressed_larger_than_a_piece(tmp_path, compress):
    frames = [bytes([n % 251]) * 1400 for n in range(4000)]
    content = compress(pcap(frames, range(len(frames))))
    assert [frame for _, frame, *_ in opened(tmp_path, content)] == frames


def test_compressed_and_cut_at_every_byte(tmp_path, compress):
    whole = compress(pcap(FRAMES, TIMES))
    for size in range(4, len(whole)):
        try:
            got, error = read(opened(tmp_path, whole[:size]))
        except CaptureError as refused:
            got, error = [], refused
        assert error is not None
        assert [frame for _, frame, *_ in got] == FRAMES[: len(got)]


def test_damaged_gzip_gives_what_came_before(tmp_path):
    frames = [bytes([n % 256] * 200) for n in range(500)]
    content = bytearray(gzip.compress(pcap(frames, range(len(frames))), compresslevel=0))
    content[-4] ^= 0xFF
    got, error = read(opened(tmp_path, content))
    assert [frame for _, frame, *_ in got] == frames
    assert "the gzip stream is damaged" in error.reason


def test_decompression_bomb(tmp_path, compress):
    frame = bytes(1000)
    bomb = compress(pcap([frame] * 20_000, [0] * 20_000))
    got, error = read(opened(tmp_path, bomb, limit=1_000_000))
    assert len(got) == (1_000_000 - 24) // 1016
    assert error.reason == "decompressed it has more than 1000000 bytes"


@given(st.sampled_from([b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd", b"\x0a\x0d\x0d\x0a", b""]), st.binary(max_size=300))
def test_random_bytes_behind_any_magic(tmp_path_factory, magic, data):
    path = tmp_path_factory.mktemp("random") / "file"
    path.write_bytes(magic + data)
    with contextlib.suppress(CaptureError):
        read(open_capture(path, limit=100_000))


def test_from_a_pipe(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    feeder = threading.Thread(target=pipe.write_bytes, args=(pcap(FRAMES, TIMES),))
    feeder.start()
    assert [frame for _, frame, *_ in open_capture(pipe)] == FRAMES
    feeder.join()


def test_nested_compression_ends(tmp_path):
    content = pcap(FRAMES, TIMES)
    for _ in range(3):
        content = gzip.compress(content)
    with pytest.raises(CaptureError, match="not a pcap"):
        opened(tmp_path, content)


@pytest.mark.parametrize(
    ("kind", "header", "payload", "ethertype"),
    [
        (12, b"", IP4, 0x0800),
        (14, b"", IP6, 0x86DD),
        (101, b"", IP4, 0x0800),
        (101, b"", b"", 0x0800),
        (228, b"", IP4, 0x0800),
        (229, b"", IP6, 0x86DD),
        (0, bytes.fromhex("02000000"), IP4, 0x0800),
        (0, bytes.fromhex("00000002"), IP4, 0x0800),
        (0, bytes.fromhex("1e000000"), IP6, 0x86DD),
        (0, bytes.fromhex("63000000"), b"?", 0xFFFF),
        (108, bytes.fromhex("00000018"), IP6, 0x86DD),
        (113, bytes.fromhex("0000 0001 0006 020000000001 0000 0806"), b"arp", 0x0806),
        (113, bytes.fromhex("0000 0001 0006 020000000001 0000 0004"), b"llc", 3),
        (276, bytes.fromhex("0800 0000 00000002 0001 00 06 020000000001 0000"), IP4, 0x0800),
    ],
)
def test_link_types(tmp_path, kind, header, payload, ethertype):
    file = pcap([header + payload], [7000], link=kind, original=[len(header) + 1000])
    expected = bytes(6) + link.SOURCE_MAC + ethertype.to_bytes(2, "big") + payload
    assert list(opened(tmp_path, file)) == [(7000, expected, 1014, link.FRAME_NO_MAC)]


@pytest.mark.parametrize("kind", [0, 108, 113, 276])
def test_shorter_than_the_link_header(tmp_path, kind):
    got, error = read(opened(tmp_path, pcap([b"\x00\x00\x00"], [0], link=kind)))
    assert got == []
    assert error.packet == 1
    assert f"shorter than the header of link type {kind}" in error.reason


def test_link_type_nobody_supports(tmp_path):
    with pytest.raises(CaptureError, match="link type 147 is not supported"):
        opened(tmp_path, pcap([], [], link=147))


def test_damage_behind_converted_packets(tmp_path):
    got, error = read(opened(tmp_path, pcap([IP4, IP4], [0, 0], link=101)[:-1]))
    assert len(got) == 1
    assert error.packet == 2
