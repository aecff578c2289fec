"""The command `explain`."""

from typing import Any

from engine.cli import IP4, MAC, U8, U16, Clause, CommandTable, Either, Loop, Names, Reader, Reads
from engine.cli.unformat import Cursor
from engine.net.interface.types import INTERFACE
from engine.wire.text import TCP_FLAGS

from .explain import explain, explain_text
from .packet import ICMP, TCP, UDP, FlowError, Packet

commands = CommandTable()

OPTIONS = ("flags", "type", "code", "id", "ttl")
MOST_BYTES = 65535


def read_flags(cursor: Cursor) -> int | None:
    """TCP flags: `syn,ack`, or a number."""
    number = cursor.integer()
    if number is not None:
        return number if 0 <= number <= 0xFF else None
    names = [name.upper() for name in (cursor.word() or "").split(",")]
    if not all(name in TCP_FLAGS for name in names):
        return None
    return sum(1 << TCP_FLAGS.index(name) for name in set(names))


def read_frame(cursor: Cursor) -> bytes | None:
    """A whole frame in hexadecimal, from its Ethernet header on."""
    try:
        frame = bytes.fromhex(cursor.word() or "")
    except ValueError:
        return None
    return frame if 0 < len(frame) <= MOST_BYTES else None


FLAGS = Reader("<syn,ack|0x12>", read_flags)
FRAME = Reader("<hex>", read_frame)
TRANSPORT = Names({"tcp": TCP, "udp": UDP})


@commands.command(
    "explain",
    help="explain <interface> tcp|udp <src>:<port> -> <dst>:<port> | icmp <src> -> <dst> [type N] [code N]",
    long_help="What would happen to a packet that entered now, and why; nothing is sent and nothing changes.\n"
    "  explain tap2 tcp 10.1.1.3:51082 -> 10.104.221.85:80 [flags syn,ack]\n"
    "  explain tap2 icmp 10.1.1.3 -> 10.1.1.5 [type 8] [code 0] [id 1]\n"
    "  explain tap2 protocol 47 10.1.1.3 -> 10.1.1.5\n"
    "  explain tap2 frame <hex>\n"
    "ttl N and mac <src> -> <dst> go with each.",
    reads=Reads.LINE,
    syntax=[
        Clause("<interface>", interface=INTERFACE, error="unknown interface `{rest}'"),
        Either(
            Clause("frame <frame>", frame=FRAME),
            Clause(
                "<protocol> <src>:<sport> -> <dst>:<dport>", protocol=TRANSPORT, src=IP4, sport=U16, dst=IP4, dport=U16
            ),
            Clause("icmp <src> -> <dst>", protocol=ICMP, src=IP4, dst=IP4),
            Clause("protocol <protocol> <src> -> <dst>", protocol=U8, src=IP4, dst=IP4),
            error="expected 'tcp|udp SRC:PORT -> DST:PORT' or 'icmp SRC -> DST', got `{rest}'",
        ),
        Loop(
            Clause("flags <flags>", flags=FLAGS, help="of TCP, such as syn,ack"),
            Clause("type <type>", type=U8, help="of ICMP"),
            Clause("code <code>", code=U8, help="of ICMP"),
            Clause("id <id>", id=U16, help="of an ICMP echo"),
            Clause("ttl <ttl>", ttl=U8),
            Clause("mac <src_mac> -> <dst_mac>", src_mac=MAC, dst_mac=MAC, help="addresses of the frame"),
            error="unknown input `{rest}'",
        ),
    ],
    text=explain_text,
)
def explain_packet(vpp: Any, args: Any) -> dict[str, Any]:
    """What would happen to the packet."""
    if args.frame is not None:
        if any(args[name] is not None for name in (*OPTIONS, "src_mac")):
            raise FlowError("a frame says all itself")
        return explain(vpp, args.interface, args.frame)
    chosen: dict[str, Any] = {name: args[name] for name in OPTIONS if args[name] is not None}
    if args.src_mac is not None:
        chosen["mac"] = (args.src_mac, args.dst_mac)
    packet = Packet(args.src, args.dst, args.protocol, args.sport or 0, args.dport or 0, **chosen)
    return explain(vpp, args.interface, packet.frame(vpp, args.interface))
