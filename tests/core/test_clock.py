"""The engine's clock: forward only, by request, by capture, with real time."""

import pytest

from engine import Engine


def test_it_starts_at_zero_and_advances():
    vpp = Engine()
    assert vpp.now() == 0
    vpp.advance(2.5)
    assert vpp.now() == 2.5


@pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf"), 1e12])
def test_it_does_not_go_back_nor_away(seconds):
    vpp = Engine()
    with pytest.raises(ValueError, match="forward"):
        vpp.advance(seconds)
    assert vpp.now() == 0


def test_it_follows_real_time():
    vpp = Engine()
    vpp.clock.follow()
    before = vpp.now()
    vpp.clock.follow()
    assert vpp.now() > before


def test_two_engines_have_two_clocks():
    one, other = Engine(), Engine()
    one.advance(10)
    assert other.now() == 0
