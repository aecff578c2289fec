"""Real VXLAN captures: what leaves the bridge domain is the frames inside the tunnels, byte for byte."""

import struct
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from engine import Engine
from engine.devices.pcap.capture import open_capture

REAL = Path(__file__).parents[3] / "pcaps" / "real"
PORT = 4789


def vxlan_parts(frame):
    """(source, destination, vni, inner frame) of a plain VXLAN packet, None of anything else."""
    if frame[12:14] != b"\x08\0" or frame[14] != 0x45 or frame[23] != 17:
        return None
    if struct.unpack_from(">H", frame, 36)[0] != PORT or frame[42] != 8:
        return None
    length = struct.unpack_from(">H", frame, 16)[0]
    src, dst = IPv4Address(frame[26:30]), IPv4Address(frame[30:34])
    return src, dst, int.from_bytes(frame[46:49], "big"), frame[50 : 14 + length]


def decapsulator(tunnels):
    """An engine that ends the tunnels (source, destination, vni), and floods what was inside to pg1."""
    vpp = Engine()
    lines = [
        "create packet-generator interface pg0",
        "set interface mac address pg0 02:fe:00:00:00:01",
        "set interface state pg0 up",
        "create packet-generator interface pg1",
        "set interface state pg1 up",
        "create bridge-domain 1 learn 0",
        "set interface l2 bridge pg1 1",
    ]
    lines += [f"set interface ip address pg0 {address}/32" for address in sorted({dst for _, dst, _ in tunnels})]
    lines += [f"ip route add {src}/32 via 10.255.0.1 pg0" for src in sorted({src for src, _, _ in tunnels})]
    for number, (src, dst, vni) in enumerate(tunnels):
        lines.append(f"create vxlan tunnel src {dst} dst {src} vni {vni}")
        lines.append(f"set interface state vxlan_tunnel{number} up")
        lines.append(f"set interface l2 bridge vxlan_tunnel{number} 1 1")
    for line in lines:
        vpp.cli(line)
    return vpp


def towards_us(frames, tunnels):
    """Those of one direction, so that no address is both ours and a peer's."""
    ours = {dst for _, dst, _ in tunnels}
    return [frame for frame in frames if (found := vxlan_parts(frame)) and found[1] in ours]


@pytest.mark.parametrize("name", ["suricata-vxlan.pcap", "zeek-vxlan-encapsulated-http.pcap"])
def test_inner_frames(name):
    frames = [frame for _, frame, _, _ in open_capture(REAL / name)]
    parts = [found for found in map(vxlan_parts, frames) if found]
    for dst in sorted({found[1] for found in parts}):
        wanted = [found for found in parts if found[1] == dst]
        vpp = decapsulator(list(dict.fromkeys(found[:3] for found in wanted)))
        entering = [b"\x02\xfe\0\0\0\1" + frame[6:] for frame in towards_us(frames, [found[:3] for found in wanted])]
        run = vpp.replay({"pg0": entering})
        assert run.frames["pg1"] == [found[3] for found in wanted]
        assert run.received + run.generated == run.transmitted + run.consumed + run.dropped
        assert vpp.buffers.in_use == 0
