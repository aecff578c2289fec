"""Commands that belong to no feature: files, comments, version, clock."""

from collections.abc import Iterator
from typing import Any

from engine.cli import FILE, GROUP, Clause, CliError, CommandTable, Either, End, Loop
from engine.cli.format import format_time, left, lines, vformat

from . import machine

commands = CommandTable()
commands.level("show", "Show commands")
commands.level("clear", "Clear commands")
commands.level("set", "Set commands")


def version_text(data: dict[str, Any]) -> str | Iterator[str]:
    """One line, or a table of labels when verbose, or the arguments."""
    if "arguments" in data:
        return lines(["Command line arguments:", *(f"  {argument}" for argument in data["arguments"])])
    if "pid" not in data:
        return f"vpp v{data['version']} built by {data['user']} on {data['host']} at {data['date']}"
    rows = {
        "Version": f"v{data['version']}",
        "Compiled by": data["user"],
        "Compile host": data["host"],
        "Compile date": data["date"],
        "Compile location": "",
        "Compiler": data["compiler"],
        "Current PID": data["pid"],
    }
    return lines(f"{left(label + ':', 25)} {value}" for label, value in rows.items())


@commands.command(
    "show version",
    help="show version [verbose] [cmdline]",
    syntax=Loop(Clause("verbose", verbose=True), Clause("cmdline", cmdline=True)),
    text=version_text,
)
def show_version(vpp: Any, args: Any) -> dict[str, Any]:
    """Version and build; with the compiler and process when verbose, or the command line."""
    version = vpp.version
    data = {"version": version.number, "user": version.user, "host": version.host, "date": version.date}
    if args.cmdline:
        return {"arguments": list(version.arguments)}
    if args.verbose:
        data |= {"compiler": version.compiler, "pid": version.pid}
    return data


@commands.command(
    "show clock",
    help="show clock",
    text=lambda data: f"Time now {data['now']:.6f}, {format_time(data['now'])}",
)
def show_clock(vpp: Any, args: Any) -> dict[str, float]:
    """Seconds of the engine's clock."""
    return {"now": vpp.now()}


def cpu_text(data: dict[str, Any]) -> str:
    rows = {
        "Model name": data["model_name"],
        "Microarchitecture": f"unknown (family 0x{data['family']:02x} model 0x{data['model']:02x})",
        "Flags": "".join(f"{flag} " for flag in data["flags"]),
    }
    if data["base_ghz"] is not None:
        rows["Base frequency"] = f"{data['base_ghz']:.2f} GHz"
    return lines(f"{left(label + ':', 25)} {value}" for label, value in rows.items())


@commands.command("show cpu", help="Show cpu information", text=cpu_text)
def show_cpu(vpp: Any, args: Any) -> dict[str, Any]:
    return machine.cpu()


def plugins_text(data: dict[str, Any]) -> Iterator[str]:
    yield f" Plugin path is: {data['path']}\n\n"
    yield vformat("     %-41s%-33s%s", "Plugin", "Version", "Description") + "\n"
    for number, row in enumerate(data["plugins"], 1):
        yield vformat("%3u. %-40s %-32s %s", number, row["name"], row["version"], row["description"]) + "\n"


@commands.command("show plugins", help="show loaded plugins", text=plugins_text)
def show_plugins(vpp: Any, args: Any) -> dict[str, Any]:
    return machine.plugins(vpp.version.number)


@commands.command(
    "exec",
    help="exec <filename>",
    long_help="Execute a file of CLI lines; the first error stops it. `#` starts a comment.",
    syntax=Clause("<file>", file=FILE, error="expecting file name, got `{rest}'"),
)
def exec_file(vpp: Any, args: Any) -> str:
    """What the lines of the file print."""
    text: str = vpp.exec(args.file)
    return text


@commands.command("comment", help="ignore a word or { text }", syntax=Clause("<text>", text=GROUP))
def comment(vpp: Any, args: Any) -> None:
    """Nothing."""


@commands.command(
    "uncomment",
    help="run the command in { }",
    syntax=Clause("<command>", command=GROUP, error="unknown input `{rest}'"),
)
def uncomment(vpp: Any, args: Any) -> str:
    """What the command prints."""
    text: str = vpp.cli(args.command)
    return text


@commands.command("quit", help="Exit CLI", also=["q", "exit"])
def quit_session(vpp: Any, args: Any) -> None:
    """The console ends itself when it reads this; in a script there is nothing to end."""


@commands.command("history", help="show commands recorded in the session", syntax=End())
def history(vpp: Any, args: Any) -> None:
    """Only a console has one, and answers itself."""
    raise CliError("invalid for non-interactive sessions")


@commands.command("show terminal", help="Show current session terminal settings", syntax=End())
def show_terminal(vpp: Any, args: Any) -> None:
    """Only a session with a terminal has any, and answers itself."""
    raise CliError("there is no terminal session")


@commands.command(
    "set terminal pager",
    help="set terminal pager [on|off] [limit <lines>]",
    syntax=Either(Clause("on", on=True), Clause("off", off=True), error="unknown parameter: `{rest}`"),
)
def set_terminal_pager(vpp: Any, args: Any) -> None:
    """A session with a terminal does this itself; elsewhere there is nothing to set."""
