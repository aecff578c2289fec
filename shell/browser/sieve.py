"""The filter line: tcpdump's language on the bytes of packets, or plain words in the text of their traces."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

ETHERNET_SNAP = 262144
WORDS = "/"  # what begins a search for words


class Sifted(Protocol):
    """A packet, as a filter sees it."""

    def frames(self) -> Sequence[tuple[bytes, int]]:
        """The packet at every stage of its way, as far as known, with its whole length; none when no byte is."""

    def text(self) -> str:
        """All that its trace says."""


@dataclass
class Sieve:
    """A filter that was understood. note: how, where that is not obvious."""

    lets: Callable[[Sifted], bool]
    note: str = ""


class FilterError(ValueError):
    """It makes no sense (yet); str is libpcap's word."""


def sieve(text: str, have_bytes: bool = True) -> Sieve:
    """The filter that a line means. have_bytes: whether the packets have any; else only words can be looked for.

    In tcpdump's language a packet passes that matches at any stage of its way: before or after a translation, inside or
    outside a tunnel.

    Raises:
        FilterError: it is no filter.
    """
    wanted = text.strip()
    if not wanted:
        return Sieve(lambda packet: True)
    if wanted.startswith(WORDS):
        return Sieve(_words(wanted[1:]), "words in the trace")
    if not have_bytes:
        return Sieve(_words(wanted), "this trace shows no headers: words in its text")
    try:
        import cypcap  # type: ignore[import-untyped]
    except ImportError:
        return Sieve(_words(wanted), "cypcap, and so libpcap, is not installed: words in the trace")
    try:
        program = cypcap.compile(cypcap.DatalinkType.EN10MB, ETHERNET_SNAP, wanted, True, cypcap.NETMASK_UNKNOWN)
    except (cypcap.Error, ValueError) as error:
        raise FilterError(_reason(error)) from error

    def matches(frame: bytes, length: int) -> bool:
        return bool(program.offline_filter(cypcap.Pkthdr(caplen=len(frame), len=length), frame))

    return Sieve(lambda packet: any(matches(frame, length) for frame, length in packet.frames()))


def _words(text: str) -> Callable[[Sifted], bool]:
    words = text.lower().split()
    return lambda packet: all(word in packet.text().lower() for word in words)


def _reason(error: Exception) -> str:
    parts = [str(part) for part in error.args if isinstance(part, str)] or [str(error)]
    return parts[-1].strip() or "no filter"
