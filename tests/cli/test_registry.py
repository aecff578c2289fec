"""Lines and what VPP answers to them."""

import json

import pytest

from engine.cli import CliError, CommandTable, Registry


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("foo", "unknown input `foo'\n"),
        ("# a comment", "unknown input `# a comment'\n"),
        ("s int", "unknown input `s int'\n"),
        ("show", "show: unknown input `'\n"),
        ("show foo", "show: unknown input `foo'\n"),
        ("sho ip", "show ip: unknown input `'\n"),
        ("sh int pg9", "show interface: unknown input `pg9'\n"),
        ("set int", "set interface: unknown input `'\n"),
        ("set interface foo", "set interface: unknown input `foo'\n"),
        ("set interface state", "set interface state: unknown interface `'\n"),
        ("set interface state foo up", "set interface state: unknown interface `foo up'\n"),
        ("set interface state pg0 sideways", "set interface state: unknown flags `sideways'\n"),
        ("set interface mac address pg0 02:fe:00", "set interface mac address: expected mac address `02:fe:00'\n"),
        ("set interface ip table pg0 8", "set interface ip table: no such table 8\n"),
        ("create sub-interfaces pg0 foo", "create sub-interfaces: expected ID or ID MIN-MAX, got ` foo'\n"),
        ("show trace max", "show trace: expected 'max COUNT', got `max'\n"),
        ("show trace max foo", "show trace: expected 'max COUNT', got `max foo'\n"),
        ("sh tr max 3", "3 packets\n"),
        ("sh tr", "50 packets\n"),
        ("trace add", ""),
        ("trace add pg-input foo", "trace add: expected NODE COUNT, got `pg-input foo'\n"),
        ("trace add pg-input 5 foo", "trace add: expected NODE COUNT, got `foo'\n"),
        ("show version foo", "vpp v18.10\nunknown input `foo'\n"),
        ("show version show version verbose", "vpp v18.10\nverbose\n"),
        ("show ip fib foo", "fib None\nunknown input `foo'\n"),
        ("show ip fib 10.1.0.0/16", "fib 10.1.0.0/16\n"),
        ("show interface address show ip arp", "show interface: unknown input `show ip arp'\n"),
        ("show interface rubbish pg0", "show interface: unknown input `rubbish pg0'\n"),
        (
            "set ip arp foo 10.1.1.2 02:00:00:00:01:02",
            "set ip arp: unknown input `foo 10.1.1.2 02:00:00:00:01:02...'\n",
        ),
        (
            "set ip arp delete pg0 10.1.1.2 02:00:00:00:01:02",
            "set ip arp: unknown input `ete pg0 10.1.1.2 02:00:00:00:0...'\n",
        ),
        ("help foo", "unknown input `foo'\n"),
        ("help show", "Show commands\n"),
        ("help show ip arp", "show ip arp\n"),
        ("foo ?", "unknown input `foo ?'\n"),
        ("later", "unknown input `later'\n"),
    ],
)
def test_answers(answer, line, text):
    assert answer(line) == text


def test_question_lists_runnable_commands_below(run):
    assert run("show ip ?") == (
        "  show ip arp                              show ip arp\n"
        "  show ip fib                              show ip fib [summary]\n"
    )
    assert run("sh ip arp ?") == "  show ip arp                              show ip arp\n"


def test_question_sorts_a_word_after_those_it_begins(run):
    listed = [line.split("  ")[1] for line in run("show ?").splitlines()]
    assert listed[:2] == ["show interface features", "show interface"]


def test_question_cuts_long_paths():
    table = CommandTable()
    table.command("set interface ip source-and-port-range-check", help="help")(lambda vpp, args: None)
    assert Registry([table]).run(None, "set ?") == "  set interface ip source-and-port-range-c help\n"


def test_question_after_arguments_shows_the_command_and_does_not_run_it(run, vpp):
    assert run("set interface state pg0 down ?").startswith("  set interface state")
    assert vpp.interfaces["pg0"] == "up"


def test_help_lists_the_next_level(run):
    assert "  show                           Show commands\n" in run("help")
    assert "  nat44                          nat44 commands\n" in run("help")
    assert run("show ip help").splitlines()[0] == "  arp                            show ip arp"
    assert run("show version help").startswith("vpp v18.10\n  create ")


def test_last_of_a_repeated_clause_wins(run, vpp):
    run("trace add pg-input 5 virtio-input 7")
    assert vpp.traces == [("virtio-input", 7)]


def test_clauses_in_any_order(run, vpp):
    run("set ip arp pg1 10.0.1.2 0200.0000.0102 static")
    run("set ip arp static pg1 10.0.1.3 02:00:00:00:01:03")
    assert vpp.neighbors == [
        ("pg1", "10.0.1.2", "02:00:00:00:01:02", True),
        ("pg1", "10.0.1.3", "02:00:00:00:01:03", True),
    ]


def test_groups_collect_rules(run, vpp):
    assert run("set acl-plugin acl deny src 10.0.0.5/32 dport 80-90, permit+reflect tag x , rubbish") == "ACL index:0\n"
    first, second = vpp.acls[0].rules
    assert (first.action, str(first.src), first["first"], first["last"]) == (0, "10.0.0.5/32", 80, 90)
    assert (second.action, second.src) == (2, None)
    assert vpp.acls[0].tag == "x"


def test_a_group_opens_with_any_clause(run, vpp):
    run("set acl-plugin acl src 10.0.0.0/8")
    assert [rule.action for rule in vpp.acls[0].rules] == [1]


def test_repeated_clauses_are_collected(vpp):
    line = (
        "nat44 add load-balancing static mapping protocol tcp external 10.0.1.1:80 "
        "local 10.0.0.2:80 probability 1 local 10.0.0.3:81 vrf 2 probability 3"
    )
    with pytest.raises(CliError, match=r"unknown input: 'protocol tcp external 10\.0\.1\.1"):
        vpp.registry.run(vpp, line)
    backends = vpp.registry.run_data(vpp, line.replace("protocol tcp ", ""))
    assert [(str(each["address"]), each["port"], each["probability"]) for each in backends] == [
        ("10.0.0.2", 80, 1),
        ("10.0.0.3", 81, 3),
    ]


def test_handler_errors_carry_the_path(vpp):
    with pytest.raises(CliError) as caught:
        vpp.registry.run(vpp, "nat44 add load static mapping del")
    assert str(caught.value) == "nat44 add load-balancing static mapping: at least two local must be set"
    assert caught.value.path == "nat44 add load-balancing static mapping"


def test_parent_runs_when_the_sub_command_fails(answer):
    assert answer("show interface features pg0") == "Feature paths configured on pg0...\n"
    assert answer("show interface features pg9") == "show interface: unknown input `features pg9'\n"


def test_data_is_what_the_text_is_made_of(vpp):
    assert vpp.registry.run_data(vpp, "show interface pg1") == [{"name": "pg1", "state": "up"}]
    assert vpp.registry.run_data(vpp, "show interface address pg1") == [{"name": "pg1", "state": "up"}]
    assert vpp.registry.run_data(vpp, "show version show ip arp") == ["vpp v18.10\n", None]
    assert json.loads(vpp.registry.run(vpp, "sh int pg0 | json")) == [{"name": "pg0", "state": "up"}]


def test_two_layouts_of_the_same_data(run):
    assert run("show interface pg0") == "pg0 up\n"
    assert run("show interface address pg0") == "pg0 (dn):\n"


def test_endless_nesting_ends(vpp):
    with pytest.raises(CliError, match="nested too deeply"):
        vpp.registry.run(vpp, "nested x")
    assert vpp.registry.run(vpp, "show version") == "vpp v18.10\n"


def test_a_path_is_declared_once():
    table = CommandTable()
    table.command("show x", help="")(lambda vpp, args: None)
    table.command("show y", help="", also=["show x"])(lambda vpp, args: None)
    with pytest.raises(ValueError, match="declared twice"):
        Registry([table])


def test_other_names(vpp):
    table = CommandTable()
    table.command("show nat44 ed sessions", help="h", also=["show nat44 sessions"])(lambda vpp, args: "s")
    registry = Registry([table])
    assert registry.run(None, "show nat44 sessions") == registry.run(None, "show nat44 ed sessions") == "s\n"
    assert len(registry.commands()) == 1


class TestFiles:
    def test_lines_comments_and_continuations(self, vpp, tmp_path):
        path = tmp_path / "node.vpp"
        path.write_text(
            "# comment\n\nset interface state pg0 down  # why\n"
            "trace add \\\n  pg-input 5\nset acl-plugin acl deny\nshow trace\n"
        )
        assert vpp.registry.run_file(vpp, path) == "ACL index:0\n50 packets\n"
        assert vpp.interfaces["pg0"] == "down"
        assert vpp.traces == [("pg-input", 5)]

    def test_an_error_names_file_and_line_and_stops(self, vpp, tmp_path):
        path = tmp_path / "node.vpp"
        path.write_text("show version\ntrace add a \\\n 1\nset interface state pg9 up\nset interface state pg0 down\n")
        with pytest.raises(CliError) as caught:
            vpp.registry.run_file(vpp, path)
        assert (caught.value.file, caught.value.line) == (str(path), 4)
        assert str(caught.value) == f"{path}:4: set interface state: unknown interface `pg9 up'"
        assert caught.value.message == "set interface state: unknown interface `pg9 up'"
        assert caught.value.output == "vpp v18.10\n"
        assert vpp.interfaces["pg0"] == "up"

    @pytest.mark.parametrize("name", ["missing", "", "nul\0"])
    def test_unreadable(self, vpp, tmp_path, name):
        with pytest.raises(CliError, match="exec: "):
            vpp.registry.run_file(vpp, f"{tmp_path}/{name}")

    def test_open_braces_span_lines(self, vpp, tmp_path):
        path = tmp_path / "x"
        path.write_text("show { \n foo\n }\n")
        with pytest.raises(CliError) as caught:
            vpp.registry.run_file(vpp, path)
        assert caught.value.line == 1
