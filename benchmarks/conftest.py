"""What every benchmark of the engine shares: captures in memory, figures per packet, clocks per node."""

import os
import platform
import subprocess
from pathlib import Path

import pytest

from engine.devices.pcap.capture import open_capture

from . import workloads
from .paths import MAC_IN

N_PACKETS = int(os.environ.get("VPPSH_BENCH_PACKETS", 262_144))
ROUNDS = int(os.environ.get("VPPSH_BENCH_ROUNDS", 7))


@pytest.fixture(scope="session")
def captures(tmp_path_factory):
    """captures("W1"): path of the work load, made once a run."""
    folder = tmp_path_factory.mktemp("workloads")
    return lambda name, n=N_PACKETS: workloads.cached(folder, name, n, MAC_IN)


class PathBenchmark:
    """Runs a capture through an engine, again and again, and notes what a packet cost."""

    def __init__(self, benchmark):
        self.benchmark = benchmark

    def __call__(self, vpp, path: Path, interface: str = "tap0", outputs=None, warm_up: int = 1) -> None:
        source = open_capture(path)
        for _ in range(warm_up):
            vpp.replay({interface: source}, together=True, collect=False)
        vpp.cli("clear runtime")
        received = []

        def run():
            received.append(vpp.replay({interface: source}, outputs, together=True, collect=False))

        self.benchmark.pedantic(run, rounds=ROUNDS, iterations=1)
        n = received[0].received
        assert n and vpp.buffers.in_use == 0
        self.note(vpp, n, received[-1])

    def note(self, vpp, n: int, run) -> None:
        """Figures of the fastest round: the machine's noise only ever adds."""
        seconds = self.benchmark.stats.stats.min
        info = self.benchmark.extra_info
        info["ns_per_packet"] = round(seconds * 1e9 / n, 1)
        info["mpps"] = round(n / seconds / 1e6, 2)
        info["transmitted"], info["dropped"] = run.transmitted, run.dropped
        info["clocks"] = {
            row["name"]: round(row["clocks"] / row["vectors"], 1) for row in vpp.graph.runtime() if row["vectors"]
        }


@pytest.fixture
def run_path(benchmark):
    return PathBenchmark(benchmark)


def pytest_benchmark_update_machine_info(config, machine_info):
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    machine_info["vppsh_commit"] = commit.stdout.strip() or "unknown"
    machine_info["vppsh_march"] = os.environ.get("VPPSH_MARCH", "native")
    machine_info["python"] = platform.python_version()


def pytest_terminal_summary(terminalreporter, config):
    """The table people read: nanoseconds a packet, and clocks a packet of each node."""
    session = getattr(config, "_benchmarksession", None)
    rows = [b for b in session.benchmarks if "ns_per_packet" in b.extra_info] if session else []
    if not rows:
        return
    floor = next((b.extra_info["ns_per_packet"] for b in rows if b.name == "test_discard"), None)
    write = terminalreporter.write_line
    terminalreporter.section("packets")
    write(f"{'path':<44}{'ns/packet':>10}{'Mpps':>8}{'x input':>9}")
    for b in rows:
        ns = b.extra_info["ns_per_packet"]
        ratio = f"{ns / floor:9.2f}" if floor else ""
        write(f"{b.name:<44}{ns:>10.1f}{1e3 / ns:>8.2f}{ratio}")
        clocks = b.extra_info.get("clocks") or {}
        write("    " + "  ".join(f"{name} {value:.1f}" for name, value in clocks.items()))
