"""Binary API messages of the pcap trace."""

from typing import Any

from engine.messages import MessageTable
from engine.net.interface.api import MessageRefused, interface_of

from .config import AlreadyCapturing

messages = MessageTable()

INVALID_VALUE = -7
VALUE_EXIST = -81
NO_SUCH_ENTRY = -6
ANY = (0, 0xFFFFFFFF)  # interfaces that mean all of them


@messages.message("pcap_trace_on")
def pcap_trace_on(
    vpp: Any,
    capture_rx: bool = False,
    capture_tx: bool = False,
    capture_drop: bool = False,
    max_packets: int = 1000,
    max_bytes_per_packet: int = 512,
    sw_if_index: int = 0,
    filename: str = "",
    **options: Any,
) -> None:
    """options: what concerns VPP's memory or its classifier; taken, and without effect."""
    asked = {"rx": capture_rx, "tx": capture_tx, "drop": capture_drop}
    places = tuple(place for place, wanted in asked.items() if wanted)
    if not places:
        raise MessageRefused("nothing to capture", INVALID_VALUE)
    index = None if sw_if_index in ANY else interface_of(vpp, sw_if_index).sw_if_index
    try:
        vpp.captures.start(places, filename or None, max_packets, max_bytes_per_packet, index)
    except AlreadyCapturing as error:
        raise MessageRefused(str(error), INVALID_VALUE) from None


@messages.message("pcap_trace_off")
def pcap_trace_off(vpp: Any) -> None:
    """Write the capture and end it."""
    listeners = vpp.captures.listeners
    if not listeners:
        raise MessageRefused("dispatch trace already disabled...", VALUE_EXIST)
    vpp.captures.close()
    if not any(listener.count for listener in listeners):
        raise MessageRefused("No packets captured...", NO_SUCH_ENTRY)
