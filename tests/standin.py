"""An engine without packets, for tests of the console and the socket while they need no more."""

import sys
from types import ModuleType, SimpleNamespace

from engine import api, commands
from engine.cli import U32, WORD, Clause, CommandTable, Either, Loop, Registry, Type
from engine.errors import CaptureError, ControlError
from engine.messages import Api, MessageTable

table = CommandTable()
messages = MessageTable()


class Name(Type):
    def parse(self, cursor, vpp):
        name = cursor.word()
        return name if name in vpp.up else None

    def complete(self, vpp, prefix):
        return [(name, "up" if up else "down") for name, up in vpp.up.items()]


@table.command(
    "show interface",
    help="show interface",
    syntax=Loop(error="unknown input `{rest}'"),
    text=lambda data: "".join(f"{each['name']} {each['state']}\n" for each in data),
)
def show_interface(vpp, args):
    return [{"name": name, "state": "up" if up else "down"} for name, up in vpp.up.items()]


@table.command(
    "create packet-generator",
    help="create packet-generator interface <name>",
    syntax=Clause("interface <name>", name=WORD, error="unknown input `{rest}'"),
)
def create(vpp, args):
    vpp.up[args.name] = False


@table.command(
    "set interface state",
    help="set interface state <interface> [up|down|punt|enable]",
    syntax=[
        Clause("<name>", name=Name(), error="unknown interface `{rest}'"),
        Either(Clause("up", up=True), Clause("down", up=False), error="unknown flags `{rest}'"),
    ],
)
def set_state(vpp, args):
    vpp.up[args.name] = args.up


@table.command(
    "show trace",
    help="Show trace buffer [max COUNT]",
    text=lambda data: "No packets in trace buffer\n",
    syntax=Loop(Clause("max <n>", n=U32)),
)
def show_trace(vpp, args):
    return {"packets": []}


@messages.message("sw_interface_dump")
def dump(vpp, sw_if_index=0xFFFFFFFF, name_filter_valid=False, name_filter=""):
    return [{"sw_if_index": index, "interface_name": name} for index, name in enumerate(vpp.up)]


@messages.message("sw_interface_set_flags")
def set_flags(vpp, sw_if_index, flags=0):
    if sw_if_index >= len(vpp.up):
        raise ControlError("no such interface")


class Engine:
    def __init__(self, profile="18.01", startup=None):
        if profile not in ("18.01", "18.10"):
            raise ControlError(f"unknown profile {profile!r}")
        self.version = SimpleNamespace(number=profile, user="u", host="h", date="d", compiler="c", pid=1, arguments=())
        self.up = {"local0": False}
        self.registry = Registry([commands.commands, table], errors=(ControlError,))
        self.api = Api(self, [api.messages, messages])

    def cli(self, line):
        return self.registry.run(self, line)

    def cli_data(self, line):
        return self.registry.run_data(self, line)

    def exec(self, path):
        return self.registry.run_file(self, path)

    def now(self):
        return 1.5

    def replay_files(self, inputs, outputs=None, trace=None, together=False, progress=None):
        for name, path in inputs.items():
            if name not in self.up:
                raise ControlError(f"unknown interface {name}")
            with open(path, "rb") as file:
                if len(file.read(24)) < 24:
                    raise CaptureError(f"{path}: no capture")
        return SimpleNamespace(summary=lambda: {"received": 0, "drops": []})

    def close(self):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass


def install():
    module = ModuleType("engine.engine")
    module.Engine = Engine
    sys.modules["engine.engine"] = module


if __name__ == "__main__":
    install()
    from engine.server.main import main

    sys.exit(main())
