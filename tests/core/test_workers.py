"""The workers of a vswitch: one a thread, each with its own counters."""

import pytest

from engine.core.buffer import BufferPool
from engine.core.graph import Graph


@pytest.fixture
def graph():
    return Graph(BufferPool(4096), 2)


def test_threads_are_named_as_vpp_names_them(graph):
    assert graph.n_threads == 3
    assert graph.thread_names() == ["vpp_main", "vpp_wk_0", "vpp_wk_1"]
    assert Graph(BufferPool(1024)).thread_names() == ["vpp_main"]


def test_each_thread_counts_on_its_own(graph):
    assert graph.totals(thread=2) == graph.totals() == dict.fromkeys(graph.totals(), 0)
    assert graph.punted(thread=1) == graph.punted() == 0


@pytest.mark.parametrize("count", ["totals", "errors", "punted"])
def test_there_is_no_fourth_thread(graph, count):
    with pytest.raises(IndexError, match="no thread 3: there are 3"):
        getattr(graph, count)(thread=3)


def test_every_worker_has_a_cache_of_the_pool(graph):
    assert graph.buffers.n_cached == 0
    assert graph.buffers.in_use == 0
