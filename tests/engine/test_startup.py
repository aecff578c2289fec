"""startup.conf: what it says, what it may not say, and where it is wrong."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import ControlError, Engine
from engine.errors import StartupError
from engine.startup import Cpu, Startup, Unix, read_startup

# Contiv's own, with everything that VPP's packages put into theirs
WHOLE = """
unix {
  nodaemon                      # stay
  log /var/log/vpp/vpp.log
  full-coredump
  cli-listen /run/vpp/cli.sock
  startup-config /etc/vpp/setup.gate
  gid root
}

api-trace { on }
api-segment { gid 0 }
socksvr { default }
heapsize 1G

cpu {
  main-core 1
  corelist-workers 2-3,18
}
dpdk {
  dev 0000:02:00.0
  dev 0000:02:00.1 {
    name eth1
    num-rx-queues 2
  }
  num-mbufs 131072 no-multi-seg
}
plugins { plugin default { disable } plugin acl_plugin.so { enable } }
nat {
  endpoint-dependent
  translation hash buckets 1048576
  translation hash memory 268435456
  user hash buckets 1024
  max translations per user 10000
}
acl-plugin { connection count max 250000 hash lookup heap size 64M }
"""


def test_nothing():
    assert read_startup(None) == read_startup("") == read_startup("# { all of it }\n") == Startup()


def test_a_whole_file():
    found = read_startup(WHOLE)
    assert found.unix == Unix(
        exec="/etc/vpp/setup.gate",
        cli_listen="/run/vpp/cli.sock",
        log="/var/log/vpp/vpp.log",
        group=0,
        full_coredump=True,
    )
    assert found.cpu == Cpu(main_core=1, workers=3, worker_cores=(2, 3, 18))
    assert (found.buffers, found.mbufs, found.api_group) == (None, 131072, 0)
    assert (found.nat.endpoint_dependent, found.nat.translation_buckets, found.nat.translation_memory) == (
        True, 1048576, 268435456)  # fmt: skip
    assert (found.nat.user_buckets, found.nat.max_per_user, found.acl.max_sessions) == (1024, 10000, 250000)


def test_what_has_no_effect_is_told_with_its_line():
    assert read_startup(WHOLE).warnings == (
        "startup:11: api-trace: the section has no effect",
        "startup:13: socksvr: the section has no effect",
        "startup:14: heapsize: the section has no effect",
        "startup:21: dpdk: `dev 0000:02:00.0' has no effect",
        "startup:22: dpdk: `dev 0000:02:00.1 { name eth1 num-rx-queues 2 }' has no effect",
        "startup:26: dpdk: `no-multi-seg' has no effect",
        "startup:28: plugins: the section has no effect",
        "startup:36: acl-plugin: `hash lookup heap size 64M' has no effect",
    )


def test_the_last_of_two_sections_counts():
    found = read_startup("buffers { buffers-per-numa 1024 }\nbuffers { buffers-per-numa 2048 }")
    assert found.buffers == 2048
    assert found.warnings == ("startup:2: buffers: takes the place of the section in line 1",)


@pytest.mark.parametrize(
    ("text", "buffers"),
    [
        ("buffers { buffers-per-numa 4096 }", 4096),
        ("buffers { memory-size-in-mb 16 }", (16 << 20) // 2368),
        ("dpdk { num-mbufs 8192 }", 8192),
        ("dpdk { num-mbufs 8192 } buffers { buffers-per-numa 4096 }", 4096),
        ("", 16384),
    ],
)
def test_the_engine_has_as_many_buffers_as_it_says(text, buffers):
    with Engine(startup=text) as vpp:
        assert vpp.cli_data("show buffers")["total"] == buffers


def test_sessions_of_the_acl_plugin():
    with Engine(startup="acl-plugin { connection count max 77 }") as vpp:
        assert vpp.api.acl_plugin_get_conn_table_max_entries()["conn_table_max_entries"] == 77


def test_memory_has_units():
    assert read_startup("nat { user hash memory 64M }").nat.user_memory == 64 << 20
    assert read_startup("unix { coredump-size 1g }").unix.coredump_size == 1 << 30
    assert read_startup("unix { coredump-size unlimited }").unix.coredump_size == -1


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("{ }", 1, "a section without a name"),
        ("\nnat {", 2, "nat: the section is not closed"),
        ("nat { }\n}", 2, "`}' without a section"),
        ("nat { a { }", 1, "nat: the section is not closed"),
        ("unix {}\nuxin { nodaemon }", 2, "unknown section `uxin'"),
        ("unix {\n  nodaemon\n  cli-lisen /x\n}", 3, "unix: unknown input `cli-lisen /x'"),
        ("unix {\n  cli-listen\n}", 2, "unix: unknown input `cli-listen'"),
        ("# {\nnat {\n\n  max translations per user 0\n}", 4, "nat: 0 is not between 1 and 4294967295"),
        ("nat {\n user hash memory 9999999G }", 2, "nat: 9999999G is not between 1 and 1099511627776"),
        ("nat { connection tracking\n static mapping only }", 2, "nat: static mapping only is not offered"),
        ("unix {\n\n gid no-such-group\n}", 3, "unix: there is no group `no-such-group'"),
        ("cpu {\n corelist-workers 4-2\n}", 2, "cpu: unknown input `corelist-workers 4-2'"),
        ("cpu {\n workers 2\n corelist-workers 1\n}", 1, "cpu: workers 2, and corelist-workers names 1"),
        ("cpu { main-core 1 corelist-workers 0-1 }", 1, "cpu: core 1 is the main thread's and a worker's"),
        ("buffers { buffers-per-numa 5 }", 1, "buffers: 5 is not between 512 and 16777216"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text, line, message):
    with pytest.raises(StartupError) as caught:
        read_startup(text)
    assert str(caught.value) == f"startup:{line}: {message}"
    assert (caught.value.file, caught.value.line) == ("startup", line)


def test_in_a_file(tmp_path):
    path = tmp_path / "startup.conf"
    path.write_text("unix {\n  nodaemon\n}\nnat {\n  fancy\n}\n")
    with pytest.raises(ControlError, match=f"{path}:5: nat: unknown input `fancy'"):
        read_startup(path)


def test_a_file_that_is_not_there():
    with pytest.raises(ControlError, match=r"/no-such-file\.conf: cannot be read: No such file"):
        read_startup("/no-such-file.conf")


words = st.sampled_from(["unix", "nat", "{", "}", "cpu", "dpdk", "workers", "gid", "0", "dev", "#", "exec", "log", "-"])
said = st.lists(words | st.text(max_size=4), max_size=30)


@given(said, st.sampled_from([" ", "\n", "\t "]))
def test_no_text_is_worse_than_refused(words, between):
    for text in ("{" + between.join(words), "nat {}" + between.join(words)):
        with contextlib.suppress(StartupError):
            assert isinstance(read_startup(text), Startup)
