"""What traces and captures cost the routed path: nothing while they are off, and how much while they are on."""

import pytest

from engine.core.bpf import compile_filter

from . import paths

FILTER = "tcp and host 10.1.1.3 and port 80"
NO_PACKET = "udp and host 10.1.1.3 and port 81"

CASES = {
    "off": [],
    "filter that matches nothing": [f'trace add virtio-input 1 filter "{NO_PACKET}"'],
    "other interface": ["trace add virtio-input 1 interface tap1"],
    "ring of 64": ["trace add virtio-input 64 ring"],
    "ring of 64, filtered": [f'trace add virtio-input 64 ring filter "{NO_PACKET}"'],
    "capture that matches nothing": [f'pcap trace rx tx drop filter "{NO_PACKET}" file /dev/null'],
    "capture rx": ["pcap trace rx max 4000000000 file /dev/null"],
    "capture rx and tx": ["pcap trace rx tx max 4000000000 file /dev/null"],
}


@pytest.mark.parametrize("case", CASES)
def test_routing_traced(run_path, captures, case):
    with paths.routing() as vpp:
        for line in CASES[case]:
            vpp.cli(line)
        run_path(vpp, captures("W1"))


@pytest.mark.parametrize("text", ["tcp", FILTER, NO_PACKET])
def test_one_filter(benchmark, text):
    """One frame, called from Python: the call is most of it; compare the expressions."""
    frame = bytes(12) + b"\x08\x00\x45" + bytes(8) + b"\x06" + bytes(2) + bytes((10, 1, 1, 3)) + bytes(40)
    program = compile_filter(text)
    benchmark(program.run, frame)


def test_compile(benchmark):
    benchmark(compile_filter, FILTER)
