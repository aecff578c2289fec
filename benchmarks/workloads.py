"""Work loads of the benchmarks: TCP data segments of many flows, as captures in memory.

W1: 60 bytes, 1,000 flows; W2: 60 bytes, 65,536 flows; W3: 1,000 flows of 60, 590 and 1,514 bytes at 7:4:1;
W4: 60 bytes to random hosts in 100,000 random /24 routes; M: 60 bytes, 1,000,000 flows.
Flows come in random order; the seed is fixed.
"""

import socket
import struct
from pathlib import Path

import numpy as np

CLIENT = int.from_bytes(socket.inet_aton("10.1.1.3"), "big")
SERVICE = int.from_bytes(socket.inet_aton("10.104.221.85"), "big")
SERVICE_PORT = 80
FLOWS_PER_CLIENT = 32768
FIRST_PORT = 32768
SIZES = {"W1": (60,), "W2": (60,), "W3": (60,) * 7 + (590,) * 4 + (1514,), "W4": (60,), "M": (60,)}
FLOWS = {"W1": 1_000, "W2": 65_536, "W3": 1_000, "W4": 1_000, "M": 1_000_000}

FILE_HEADER = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
START = 1_700_000_000  # seconds since 1970


def flow_endpoints(n_flows: int) -> tuple[np.ndarray, np.ndarray]:
    """Client address and port of each flow, host order."""
    flow = np.arange(n_flows)
    return CLIENT + flow // FLOWS_PER_CLIENT, FIRST_PORT + flow % FLOWS_PER_CLIENT


def checksum(words: np.ndarray) -> np.ndarray:
    """Internet checksum of rows of big-endian 16-bit words."""
    total = words.astype(np.uint64).sum(axis=1)
    for _ in range(3):
        total = (total >> 16) + (total & 0xFFFF)
    return (~total & 0xFFFF).astype(np.uint16)


def put(frames: np.ndarray, at: int, values: np.ndarray | int, n_bytes: int) -> None:
    """Write big-endian values into all rows from byte `at` on."""
    for i in range(n_bytes):
        frames[:, at + i] = (np.asarray(values) >> (8 * (n_bytes - 1 - i))) & 0xFF


def words(block: np.ndarray) -> np.ndarray:
    return block[:, 0::2].astype(np.uint16) * 256 + block[:, 1::2]


def tcp_frames(
    n: int,
    size: int,
    src: np.ndarray,
    sport: np.ndarray,
    dst: np.ndarray | int = SERVICE,
    dport: np.ndarray | int = SERVICE_PORT,
    mac: bytes = bytes.fromhex("020000000001"),
    flags: int = 0x10,
) -> np.ndarray:
    """n Ethernet frames of `size` bytes, as an array of rows; all checksums are right."""
    frames = np.zeros((n, size), np.uint8)
    length = size - 14
    frames[:, :14] = np.frombuffer(mac + bytes.fromhex("020000000002") + b"\x08\0", np.uint8)
    for at, value, n_bytes in ((14, 0x45, 1), (16, length, 2), (20, 0x4000, 2), (22, 64, 1), (23, 6, 1)):
        put(frames, at, value, n_bytes)
    put(frames, 26, src, 4)
    put(frames, 30, dst, 4)
    put(frames, 34, sport, 2)
    put(frames, 36, dport, 2)
    put(frames, 38, np.arange(n) * 1000, 4)
    for at, value, n_bytes in ((42, 0x12345678, 4), (46, 0x50, 1), (47, flags, 1), (48, 0xFFFF, 2)):
        put(frames, at, value, n_bytes)
    put(frames, 24, checksum(words(frames[:, 14:34])), 2)
    pseudo = np.zeros((n, 6), np.uint16)
    pseudo[:, :4] = words(frames[:, 26:34])
    pseudo[:, 4], pseudo[:, 5] = 6, length - 20
    put(frames, 50, checksum(np.concatenate([pseudo, words(frames[:, 34:])], axis=1)), 2)
    return frames


def pcap(groups: list[tuple[np.ndarray, np.ndarray]], n: int) -> bytes:
    """A capture of n frames, one a microsecond. groups: (places in the capture, frames of one size)."""
    sizes = np.zeros(n, np.int64)
    for places, frames in groups:
        sizes[places] = frames.shape[1]
    ends = np.cumsum(sizes + 16)
    out = np.zeros(ends[-1], np.uint8)
    for places, frames in groups:
        header = np.zeros((len(places), 4), np.uint32)
        header[:, 0], header[:, 1] = START + places // 1_000_000, places % 1_000_000
        header[:, 2] = header[:, 3] = frames.shape[1]
        records = np.concatenate([header.view(np.uint8).reshape(len(places), 16), frames], axis=1)
        starts = ends[places] - records.shape[1]
        out[starts[:, None] + np.arange(records.shape[1])] = records
    return FILE_HEADER + out.tobytes()


def workload(name: str, n: int, mac: bytes) -> bytes:
    """The capture W1, W2, W3 or M with n frames, each flow at least once. mac: destination of the frames."""
    rng = np.random.default_rng(ord(name[-1]))
    src, sport = flow_endpoints(FLOWS[name])
    flow = rng.integers(0, FLOWS[name], n)
    once = min(n, FLOWS[name])
    flow[:once] = rng.permutation(FLOWS[name])[:once]
    size = rng.permutation(np.resize(np.array(SIZES[name]), n))
    groups = []
    for each in np.unique(size):
        places = np.nonzero(size == each)[0]
        chosen = flow[places]
        groups.append((places, tcp_frames(len(places), int(each), src[chosen], sport[chosen], mac=mac)))
    return pcap(groups, n)


def random_routes(n: int = 100_000) -> np.ndarray:
    """First three octets of n different /24 prefixes between 11.0.0.0 and 223.0.0.0, without 127/8."""
    rng = np.random.default_rng(4)
    prefixes = rng.permutation(np.arange(11 << 16, 223 << 16))
    return prefixes[(prefixes >> 16) != 127][:n]


def routed_workload(n: int, mac: bytes) -> bytes:
    """W4: to random hosts in random_routes()."""
    rng = np.random.default_rng(5)
    routes = random_routes()
    dst = (routes[rng.integers(0, len(routes), n)] << 8) | rng.integers(1, 255, n)
    src, sport = flow_endpoints(FLOWS["W4"])
    flow = np.arange(n) % FLOWS["W4"]
    return pcap([(np.arange(n), tcp_frames(n, 60, src[flow], sport[flow], dst, mac=mac))], n)


def cached(folder: Path, name: str, n: int, mac: bytes) -> Path:
    """The capture as a file in `folder`, made when it is not there yet."""
    path = folder / f"{name}-{n}-{mac.hex()}.pcap"
    if not path.exists():
        path.write_bytes(routed_workload(n, mac) if name == "W4" else workload(name, n, mac))
    return path
