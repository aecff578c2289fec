"""The bridge in the real graph against the plain model: the same frames leave by the same ports."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .bridge import BROADCAST, FLAGS, HOSTS, Entry, Model, bridge, frame

PORTS = [f"pg{number}" for number in range(4)]
ports, hosts = st.sampled_from(PORTS), st.sampled_from(HOSTS)
vectors = st.lists(st.tuples(hosts, st.sampled_from([*HOSTS, BROADCAST, "01:00:5e:00:00:05"])), min_size=1, max_size=6)
steps = st.one_of(
    st.tuples(st.just("vector"), ports, vectors),
    st.tuples(st.just("flag"), st.sampled_from(FLAGS), st.booleans()),
    st.tuples(st.just("static"), hosts, ports),
    st.tuples(st.just("filter"), hosts, st.none()),
    st.tuples(st.just("forget"), hosts, st.none()),
    st.tuples(st.just("flush"), st.none(), st.none()),
    st.tuples(st.just("join"), ports, st.integers(0, 2)),
    st.tuples(st.just("leave"), ports, st.none()),
)


class Twin:
    """The engine and the model, told and fed the same."""

    def __init__(self, profile: str) -> None:
        self.vpp, self.model = bridge(profile), Model(dict.fromkeys(PORTS, 0))

    def vector(self, port, frames):
        run = self.vpp.replay({port: [frame(src, dst) for src, dst in frames]}, together=True)
        left = self.model.vector(port, frames)
        for out in PORTS:
            expected = sorted(frame(src, dst) for src, dst in left.get(out, []))
            assert sorted(run.frames.get(out, [])) == expected, (port, frames, out)
        n_left = sum(map(len, left.values()))
        assert run.transmitted == n_left
        assert run.received + run.generated == run.transmitted + run.consumed + run.dropped
        assert self.vpp.buffers.in_use == 0

    def flag(self, name, on):
        self.vpp.cli(f"set bridge-domain {name} 1" + ("" if on else " disable"))
        self.model.flags[name] = on

    def static(self, mac, port):
        if port in self.model.groups:
            self.vpp.cli(f"l2fib add {mac} 1 {port} static")
            self.model.macs[mac] = Entry(port, static=True, provisioned=True)

    def filter(self, mac, _):
        self.vpp.cli(f"l2fib add {mac} 1 filter")
        self.model.macs[mac] = Entry(None, static=True, provisioned=True)

    def forget(self, mac, _):
        text = self.vpp.cli(f"l2fib del {mac} 1", check=False)
        assert ("mac entry not found" in text) == (mac not in self.model.macs)
        self.model.macs.pop(mac, None)

    def flush(self, *_):
        self.vpp.cli("l2fib flush-mac bridge-domain 1")
        self.drop_learned()

    def join(self, port, group):
        self.leave(port, None)
        self.vpp.cli(f"set interface l2 bridge {port} 1 {group}")
        self.model.groups[port] = group

    def leave(self, port, _):
        self.vpp.cli(f"set interface l3 {port}")
        self.model.groups.pop(port, None)
        self.drop_learned(port)

    def drop_learned(self, port=None):
        self.model.macs = {
            mac: entry for mac, entry in self.model.macs.items()
            if entry.provisioned or (port is not None and entry.port != port)
        }  # fmt: skip

    def check_table(self):
        known = {row["mac"]: row for row in self.vpp.cli_data("show l2fib all")["entries"]}
        expected = {mac: "N/A" if entry.port is None else entry.port for mac, entry in self.model.macs.items()}
        assert {mac: row["interface"] for mac, row in known.items()} == expected
        assert {mac: row["static"] for mac, row in known.items()} == {m: e.static for m, e in self.model.macs.items()}


@pytest.mark.parametrize("profile", ["18.01", "18.10"])
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(script=st.lists(steps, min_size=1, max_size=25))
def test_any_script(profile, script):
    twin = Twin(profile)
    for name, first, second in script:
        getattr(twin, name)(first, second)
        twin.check_table()
