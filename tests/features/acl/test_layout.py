"""The picture of VPP's tables: which mask a rule gets, and what is left when rules go.

That whole tables print as VPP prints them is tested with the recorded transcripts.
"""

from ipaddress import ip_interface

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.features.acl.layout import ALL_ONES, KEY, Layout, asks_no_more, base_mask, match_key, relax
from engine.features.acl.rule import ALL_PORTS, Rule


def rule(src: int, dst: int, proto: int = 0, dport: tuple[int, int] = ALL_PORTS) -> Rule:
    return Rule(src=ip_interface(f"10.1.2.3/{src}"), dst=ip_interface(f"10.4.5.6/{dst}"), proto=proto, dport=dport)


def lengths(words) -> tuple[int, int]:
    return (words[3] & 0xFFFFFFFF).bit_count(), (words[3] >> 32).bit_count()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((32, 32), (26, 26)),
        ((32, 28), (26, 28)),
        ((24, 32), (0, 26)),
        ((30, 24), (30, 0)),
        ((28, 24), (28, 24)),
        ((0, 0), (0, 0)),
    ],
)
def test_relaxed_prefixes(before, after):
    assert lengths(relax(base_mask(rule(*before)), True)) == after


def test_a_single_port_is_in_the_mask_and_a_range_is_not():
    assert base_mask(rule(8, 8, 6, (80, 80)))[4] == 0xFFFFFF0000
    assert base_mask(rule(8, 8, 6, (80, 81)))[4] == 0xFF00000000
    assert base_mask(rule(8, 8, 0, (80, 80)))[4] == 0


def test_tcp_flags_are_looked_at_for_tcp_only():
    with_flags = Rule(proto=6, tcp_flags_mask=0x12, tcp_flags_value=0x02)
    assert base_mask(with_flags)[5] >> 48 == 0x0F12
    assert match_key(with_flags, base_mask(with_flags), 3)[5] == 0x0302000300000000
    assert base_mask(Rule(proto=17, tcp_flags_mask=0x12))[5] >> 48 == 0x0E00


def test_a_rule_takes_the_youngest_mask_that_asks_no_more():
    layout = Layout()
    layout.add_acl(0, [rule(16, 16), rule(8, 8), rule(16, 16), rule(24, 24)])
    layout.open(0)
    layout.apply(0, 0, 0)
    masks = [layout.masks.words[entry.mask_index] for entry in layout.contexts[0].entries]
    assert [lengths(words) for words in masks] == [(16, 16), (8, 8), (8, 8), (8, 8)]


def test_freed_numbers_of_masks_come_back_last_first():
    layout = Layout()
    layout.add_acl(0, [rule(8, 8), rule(16, 16), rule(20, 20)])
    layout.delete_acl(0)
    layout.add_acl(1, [rule(9, 9), rule(10, 10)])
    assert [(index, lengths(words)) for index, words, _ in layout.masks.used()] == [(1, (10, 10)), (2, (9, 9))]


prefixes = st.sampled_from([0, 8, 16, 24, 28, 32])
rules = st.builds(rule, prefixes, prefixes, st.sampled_from([0, 6, 17]), st.sampled_from([ALL_PORTS, (80, 80)]))
changes = st.lists(st.lists(rules, min_size=1, max_size=6), min_size=1, max_size=5)


@given(changes)
def test_every_rule_is_where_a_packet_it_matches_would_look(replacements):
    layout = Layout()
    layout.open(0)
    layout.add_acl(0, [])
    for replaced in replacements:
        layout.unapply(0, 0)
        layout.delete_acl(0)
        layout.add_acl(0, replaced)
        layout.apply(0, 0, 0)
        context = layout.contexts[0]
        assert [entry.prepared.rule for entry in context.entries] == replaced
        for entry in context.entries:
            words = layout.masks.words[entry.mask_index]
            assert asks_no_more(words, base_mask(entry.prepared.rule))
            key = match_key(entry.prepared.rule, (ALL_ONES,) * 6, 0)
            assert entry.masked_key == tuple(k & w & at for k, w, at in zip(key, words, KEY, strict=True))
        chains = context.chains()
        assert layout.elements == len(chains)
        assert sorted(place for chain in chains.values() for place in chain) == list(range(len(replaced)))
    layout.unapply(0, 0)
    layout.delete_acl(0)
    assert layout.elements == 0
    assert list(layout.masks.used()) == []
