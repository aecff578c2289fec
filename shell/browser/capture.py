"""The frames of a capture that was replayed, for the bytes that traces do not show."""

from collections.abc import Mapping
from itertools import islice

MOST = 100_000  # frames of a capture


def frames_of(files: Mapping[str, str]) -> dict[str, list[bytes]]:
    """The first frames by interface, of those captures that libpcap reads and that are of Ethernet.

    A capture that cannot be read is left out: the engine has told what is wrong with it, or knows its format.
    """
    try:
        import cypcap  # type: ignore[import-untyped]
    except ImportError:
        return {}
    found = {}
    for interface, path in files.items():
        try:
            with cypcap.open_offline(path) as capture:
                if capture.datalink() == cypcap.DatalinkType.EN10MB:
                    found[interface] = [bytes(frame) for _, frame in islice(capture, MOST)]
        except (cypcap.Error, OSError):
            continue
    return found
