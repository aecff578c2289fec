"""The comparison itself: equal where it may differ, different everywhere else."""

import pytest

from .compare import HERE, differences, golden, masked, packets

SAME_NODE = ("pod-to-service-same-node", "01-request-node1")
TRACES = sorted((path.parent.name, path.stem) for path in HERE.glob("*/*.trace"))


def test_all_traces_are_here():
    assert len(TRACES) == 10


@pytest.mark.parametrize("name", TRACES)
def test_a_trace_is_equal_to_itself(name):
    assert differences(golden(*name), golden(*name)) == []


@pytest.mark.parametrize("name", TRACES)
def test_every_line_counts(name):
    whole = golden(*name)
    for at, line in enumerate(masked(whole)):
        assert differences(whole, whole[:at] + whole[at + 1 :])
        changed = [*whole[:at], whole[at] + " ", *whole[at + 1 :]]
        assert bool(differences(whole, changed)) != line.lstrip().startswith("<")


@pytest.mark.parametrize(
    ("old", "new", "equal"),
    [
        ("01:59:50:724476", "00:00:00:000001", True),
        ("dpo-idx 10", "dpo-idx 3", True),
        ("session index 5", "session index 0", True),
        ("session index 5", "session index -1", False),
        ("flow hash: 0x00000000", "flow hash: 0x12345678", True),
        ("next index 2", "next index 1", False),
        ("acl 3 rule 0", "acl 3 rule 1", False),
        ("sw_if_index 6", "sw_if_index 7", False),
        ("0x8804", "0x8805", False),
        ("trace_bits 00000000", "trace_bits 80000000", False),
    ],
)
def test_what_counts(old, new, equal):
    text = "\n".join(golden(*SAME_NODE))
    assert old in text
    changed = text.replace(old, new).split("\n")
    assert (differences(text.split("\n"), changed) == []) == equal


def test_rule_behind_no_acl_is_a_session():
    line = ["  acl-plugin: sw_if_index 6, next index 1, action: 3, match: acl -1 rule 41 trace_bits 80000000"]
    assert differences(line, [line[0].replace("41", "0")]) == []


def test_buffer_lines_are_masked_only_in_dpdk_nodes():
    dpdk = ["00:00:00:000001: dpdk-input", "  buffer 0x2f8b: current data 14"]
    assert differences(dpdk, [dpdk[0], "  buffer 0x1: current data 14"]) == []
    other = ["00:00:00:000001: pg-input", "  buffer 0x2f8b: current data 14"]
    assert differences(other, [other[0], "  buffer 0x1: current data 14"])


def test_packets_of_show_trace():
    text = "------------------- Start of thread 0 vpp_main -------------------\nPacket 1\n\na\nb\n\nPacket 2\n\nc\n"
    assert packets(text) == {1: ["a", "b"], 2: ["c"]}
    assert packets("Limiting display to 2 packets. To display more specify max.\n" + text) == packets(text)
    assert packets("a\nb\n") == {1: ["a", "b"]}
