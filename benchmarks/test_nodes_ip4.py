"""The IPv4 nodes: clocks a packet at full vectors, on the way of plain routing and off it.

VPP's figures: ip4-input 39, ip4-lookup 42 to 49 (153 over 100,000 routes), ip4-rewrite 18.
"""

import pytest

from engine import Engine
from engine.net.fib.path import Path

from . import paths
from .conftest import ROUNDS

N_ROUTES = 100_000


def configured(*texts: str) -> Engine:
    vpp = Engine()
    for line in "\n".join(texts).splitlines():
        if line.strip():
            vpp.cli(line)
    return vpp


@pytest.mark.parametrize("load", ["W1", "W2", "W3"])
def test_route(run_path, captures, load):
    """ip4-input, ip4-lookup and ip4-rewrite over a /32: three plies."""
    run_path(configured(paths.BASE, paths.ROUTE), captures(load))


def test_default_route(run_path, captures):
    """The lookup ends in the root."""
    run_path(configured(paths.BASE, "ip route add 0.0.0.0/0 via 10.1.1.5 tap1"), captures("W1"))


def test_recursive_route(run_path, captures):
    """ip4-load-balance as well."""
    run_path(configured(paths.BASE, "ip route add 10.104.221.85/32 via 10.1.1.5"), captures("W1"))


def test_two_paths(run_path, captures):
    """A flow hash for every packet."""
    run_path(configured(paths.BASE, paths.ROUTE, "ip route add 10.104.221.85/32 via 10.1.1.6 tap1"), captures("W2"))


def test_drop(run_path, captures):
    """No route."""
    run_path(configured(paths.BASE), captures("W1"))


def test_unresolved(run_path, captures):
    """A next hop without MAC address: one request a millisecond, and every packet dropped."""
    run_path(configured(paths.BASE, "ip route add 10.104.221.85/32 via 10.1.1.99 tap1"), captures("W1"))


def test_source_check(run_path, captures):
    run_path(configured(paths.BASE, paths.ROUTE, "set interface ip source-check tap0"), captures("W1"))


def test_load_routes(benchmark):
    """100,000 routes from Python; seconds a round."""
    vpp = configured(paths.BASE)
    prefixes = [((20 << 24) + (i << 8), 24) for i in range(N_ROUTES)]
    hop = Path("attached-nexthop", 0x0A010105, vpp.interfaces.get("tap1").sw_if_index)

    def clear():
        for prefix in prefixes:
            vpp.fib.route_delete(prefix)

    benchmark.pedantic(lambda: vpp.fib.routes_add(prefixes, [hop]), teardown=clear, rounds=min(ROUNDS, 3))
    benchmark.extra_info["routes_per_second"] = round(N_ROUTES / benchmark.stats.stats.min)
