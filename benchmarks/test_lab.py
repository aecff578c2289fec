"""Two routers on a wire, at full vectors: what a packet costs through both, and what of it the wire does."""

import pytest

from engine.devices.pcap.capture import open_capture
from engine.lab import Lab

from .conftest import ROUNDS
from .paths import MAC_IN

ROUTERS = {
    "first": f"""
create tap id 0 hw-addr {MAC_IN.hex(":")}
set interface ip address tap0 10.255.0.1/24
set interface state tap0 up
create interface physical wan hw-addr 02:00:00:00:01:01
set interface ip address wan 192.168.0.1/24
set interface state wan up
set ip arp static wan 192.168.0.2 02:00:00:00:01:02
ip route add 0.0.0.0/0 via 192.168.0.2 wan
""",
    "second": """
create interface physical wan hw-addr 02:00:00:00:01:02
set interface ip address wan 192.168.0.2/24
set interface state wan up
create tap id 0 hw-addr 02:fe:00:00:00:02
set interface ip address tap0 10.254.0.1/24
set interface state tap0 up
set ip arp static tap0 10.254.0.2 02:aa:00:00:00:02
ip route add 0.0.0.0/0 via 10.254.0.2 tap0
""",
}
LAB = '{wires}\n[nodes.first]\nconfig = "first.vpp"\n[nodes.second]\nconfig = "second.vpp"\n'


@pytest.fixture
def lab(tmp_path, request):
    for name, lines in ROUTERS.items():
        (tmp_path / f"{name}.vpp").write_text(lines)
    (tmp_path / "lab.toml").write_text(LAB.format(wires=request.param))
    return Lab(tmp_path / "lab.toml")


def measure(benchmark, lab, inputs, node):
    """Nanoseconds for each packet that entered; the fastest round, noise only ever adds."""
    runs = [lab.replay(inputs, together=True, collect=False)]
    benchmark.pedantic(
        lambda: runs.append(lab.replay(inputs, together=True, collect=False)), rounds=ROUNDS, iterations=1
    )
    n, seconds = runs[-1].received, benchmark.stats.stats.min
    assert n and runs[-1][node].transmitted == n
    benchmark.extra_info["ns_per_packet"] = round(seconds * 1e9 / n, 1)
    benchmark.extra_info["mpps"] = round(n / seconds / 1e6, 2)


@pytest.mark.parametrize("lab", [""], indirect=True, ids=["no wire"])
def test_one_router(benchmark, lab, captures):
    measure(benchmark, lab, {"first:tap0": open_capture(captures("W1"))}, "first")


@pytest.mark.parametrize("lab", ['wires = [["first:wan", "second:wan"]]'], indirect=True, ids=["wire"])
@pytest.mark.parametrize("load", ["W1", "W2"])
def test_two_routers(benchmark, lab, captures, load):
    measure(benchmark, lab, {"first:tap0": open_capture(captures(load))}, "second")
