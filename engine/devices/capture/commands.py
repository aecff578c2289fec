"""pcap trace, in the form of later releases and in 18.10's."""

from typing import Any

from engine.cli import U32, WORD, Clause, CliError, CommandTable, Loop, Output, Reads
from engine.cli.format import lines
from engine.core.types import FilterText
from engine.net.interface.types import INTERFACE

from .config import AlreadyCapturing, Settings, capture_path

commands = CommandTable()
commands.level("pcap", "pcap commands")

MAX_FRAME = 9000  # bytes; what 18.10's commands keep, which know no limit
UNKNOWN = "unknown input `{rest}'"
WHERE = [
    Clause("max <max>", max=U32, help="packets to capture"),
    Clause("intfc any", any=True, help="packets of all interfaces"),
    Clause("intfc <interface>", interface=INTERFACE, help="packets of one interface"),
    Clause("file <file>", file=WORD, help="name in /tmp, or a path"),
    Clause("filter <filter>", filter=FilterText(), help="only packets that a tcpdump expression matches"),
    Clause("status", status=True),
]


def chosen_interface(args: Any) -> int | None:
    if args.interface is None:
        return None
    if args.interface.parent is not None:
        raise CliError(f"{args.interface.name} is a sub-interface: its frames pass {args.interface.parent.name}")
    return int(args.interface.sw_if_index)


# ---- pcap trace


def status_text(data: dict[str, Any]) -> str:
    out = []
    for capture in data["captures"]:
        places, n, limit = " ".join(capture["places"]), capture["captured"], capture["max"]
        out.append(f"pcap {places} dispatch capture enabled: {n} of {limit} pkts...")
        out.append(f"capture to file {capture['file']}")
    return lines(out or ["pcap dispatch capture disabled"])


def stop_all(vpp: Any) -> str:
    """End all traces; says what was written. Raises CliError when there was none, or nothing in it."""
    listeners = vpp.captures.listeners
    if not listeners:
        raise CliError("dispatch trace already disabled...")
    vpp.captures.close()
    written = [listener for listener in listeners if listener.count]
    if not written:
        raise CliError("No packets captured...")
    return lines(f"Write {each.count} packets to {each.path}, and stop capture..." for each in written)


@commands.command(
    "pcap trace",
    help="pcap trace [rx] [tx] [drop] [off] [max <nn>] [intfc <interface>|any] [file <name>] [status] "
    '[max-bytes-per-pkt <nnnn>] [filter "<tcpdump expression>"]',
    reads=Reads.LINE,
    syntax=Loop(
        Clause("rx", rx=True, help="packets that come in"),
        Clause("tx", tx=True, help="packets that leave"),
        Clause("drop", drop=True, help="packets that are dropped"),
        Clause("off", off=True),
        Clause("max-bytes-per-pkt <max_bytes>", max_bytes=U32),
        Clause("packets-to-capture <max>", max=U32),
        Clause("interface <interface>", interface=INTERFACE),
        *WHERE,
        error=UNKNOWN,
    ),
    defaults={"max": 1000, "max_bytes": 512},
)
def pcap_trace(vpp: Any, args: Any) -> Any:
    if args.status:
        vpp.captures.flush()
        return Output({"captures": vpp.captures.as_dicts()}, status_text)
    places = tuple(place for place in ("rx", "tx", "drop") if args[place])
    if args.off or not places:
        return stop_all(vpp)
    if vpp.captures.listeners:
        raise AlreadyCapturing("dispatch trace already enabled...")
    vpp.captures.start(places, args.file, args.max, args.max_bytes, chosen_interface(args), args.filter)
    return None


# ---- pcap rx|tx|drop trace


def change(settings: Settings, args: Any) -> None:
    """What such a command says stays said for the next one; a filter is for this time."""
    settings.max = settings.max if args.max is None else args.max
    settings.file = args.file or settings.file
    if args.any or args.interface is not None:
        settings.sw_if_index = chosen_interface(args)


def turn_on(vpp: Any, place: str, settings: Settings, filter: str | None) -> str:
    try:
        vpp.captures.start((place,), settings.file, settings.max, MAX_FRAME, settings.sw_if_index, filter)
    except AlreadyCapturing:
        return already(place, "on")
    return f"pcap {place} capture on..."


def already(place: str, state: str) -> str:
    """Of received packets too, VPP says that it captures tx."""
    return f"pcap {'drop' if place == 'drop' else 'tx'} capture already {state}..."


def turn_off(vpp: Any, place: str) -> str:
    listener = vpp.captures.by_place.get(place)
    if listener is None:
        return already(place, "off")
    vpp.captures.stop(listener)
    saved = [f"saved to {listener.path}..."] if listener.count else []
    return lines([f"captured {listener.count} pkts...", *saved])


def place_status(vpp: Any, place: str, settings: Settings) -> str:
    vpp.captures.flush()
    listener = vpp.captures.by_place.get(place)
    if listener is None:
        state = f"pcap {place} capture is off..."
    else:
        colon = ":" if place == "drop" else " is on:"
        state = f"pcap {place} capture{colon} {listener.count} of {listener.max_packets} pkts..."
    if place == "drop":
        return state
    path = listener.path if listener is not None else capture_path(settings.file or f"{place}.pcap")
    name = vpp.captures.interface_name(settings.sw_if_index)
    about = "any interface" if name is None else f"interface {name}"
    return lines([state, f"max is {settings.max} for {about} to file {path}"])


def declare(place: str) -> None:
    """18.10's three commands differ in the place only."""

    @commands.command(
        f"pcap {place} trace",
        help=f"pcap {place} trace [on|off] [max <nn>] [intfc <interface>|any] [file <name>] [status]",
        reads=Reads.LINE,
        syntax=Loop(
            Clause("on", on=True),
            Clause("off", off=True),
            *WHERE,
            error=UNKNOWN,
        ),
    )
    def place_trace(vpp: Any, args: Any) -> str | None:
        settings = vpp.captures.settings[place]
        if args.max is not None and place in vpp.captures.by_place:
            return f"can't change max value while pcap {place} capture active..."
        change(settings, args)
        if args.on:
            return turn_on(vpp, place, settings, args.filter)
        if args.off:
            return turn_off(vpp, place)
        return place_status(vpp, place, settings) if args.status else None


for each in ("rx", "tx", "drop"):
    declare(each)
