"""What NAT44 refuses, with the texts of VPP's commands and the numbers of its binary API."""

from ...errors import ControlError


class NatError(ControlError):
    """A change of NAT44 that cannot be made; nothing was changed."""

    retval = -1


class NoSuchEntry(NatError):
    """A session, address, mapping or role that is not there."""

    retval = -6


class BadValue(NatError):
    """An argument that makes no sense, or a port in use."""

    retval = -7


class NoSuchTable(NatError):
    """No such VRF."""

    retval = -3


class AlreadyThere(NatError):
    """An address or mapping that exists."""

    retval = -81


class WrongMode(NatError):
    """What this mode of NAT does not do."""

    retval = -30
