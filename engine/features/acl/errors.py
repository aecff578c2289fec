"""What the ACL control plane raises, with VPP's error numbers."""

from engine.errors import ControlError

INVALID_SW_IF_INDEX = -2
NO_SUCH_ENTRY = -6
INVALID_VALUE = -7
ENTRY_ALREADY_EXISTS = -116
IN_USE_INBOUND = -142
IN_USE_OUTBOUND = -143
IN_USE_BY_CONTEXT = -149


class AclError(ControlError):
    """A change that cannot be made; nothing was changed. `retval` is what VPP's API replies."""

    def __init__(self, text: str, retval: int) -> None:
        super().__init__(text)
        self.retval = retval
