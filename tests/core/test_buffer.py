"""The buffer pool, from outside: what it promises, and that nothing leaks when it runs short."""

import pytest

from engine import Engine
from engine.core.buffer import BufferPool


def test_a_new_pool_has_nothing_in_use():
    pool = BufferPool(2048)
    stats = pool.stats()
    assert stats["total"] == 2048
    assert stats["free"] + stats["cached"] == 2048
    assert stats["data_size"] == 2048
    assert pool.in_use == 0


def test_a_pool_smaller_than_a_cache_is_refused():
    with pytest.raises(ValueError, match="at least 1024"):
        BufferPool(10)


def test_long_frames_are_chains_and_come_back():
    vpp = Engine(buffers=1024)
    vpp.cli("create packet-generator interface pg0")
    vpp.cli("set interface state pg0 up")
    frame = bytes(12) + b"\x12\x34" + bytes(60_000)
    for _ in range(40):  # 40 times 30 buffers: more than the pool holds at once
        run = vpp.replay({"pg0": [frame]})
        assert run.received == run.dropped == 1
    assert vpp.buffers.in_use == 0


def test_an_empty_pool_loses_frames_and_says_so():
    vpp = Engine(buffers=1024)
    vpp.cli("create packet-generator interface pg0")
    vpp.cli("set interface state pg0 up")
    frames = [bytes(12) + b"\x12\x34" + bytes(250_000)] * 20  # 123 buffers each: the pool holds 8 at most
    run = vpp.replay({"pg0": frames}, together=True)
    counters = vpp.interfaces.counters(vpp.interfaces.get("pg0"))
    assert run.received + counters["rx-no-buf"] == 20
    assert 1 <= run.received == run.dropped <= 8
    assert vpp.buffers.in_use == 0
