"""What the engine raises at its users."""


class VppshError(Exception):
    """Base of all errors that are the user's to mend, never a defect of the engine."""


class ControlError(VppshError, ValueError):
    """A change of configuration that cannot be made; nothing was changed. str is the text VPP would print."""


class CaptureError(VppshError, ValueError):
    """A capture that cannot be read: which file, which packet, why. All before that packet was processed."""
