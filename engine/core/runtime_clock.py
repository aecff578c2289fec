"""How long the engine has been running, for the rates of `show runtime`."""

import time
from typing import Any


class RuntimeClock:
    """Real time since the start or the last `clear runtime`, and what was counted before it."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._before: dict[str, int] = {}

    def restart(self, vpp: Any) -> None:
        self._start = time.monotonic()
        self._before = self._totals(vpp)

    def _totals(self, vpp: Any) -> dict[str, int]:
        totals: dict[str, int] = vpp.graph.totals()
        return totals | {"punted": vpp.graph.punted()}

    def summary(self, vpp: Any) -> dict[str, Any]:
        """Seconds, packets per second in, out, dropped and punted, average vector."""
        seconds = max(time.monotonic() - self._start, 1e-9)
        since = {name: n - self._before.get(name, 0) for name, n in self._totals(vpp).items()}
        nodes = [row for row in vpp.graph.runtime() if row["calls"] and row["vectors"]]
        calls = sum(row["calls"] for row in nodes)
        return {
            "time": seconds,
            "average_vectors": sum(row["vectors"] for row in nodes) / calls if calls else 0.0,
            "rates": {
                "in": since["received"] / seconds,
                "out": since["transmitted"] / seconds,
                "drop": (since["dropped"] - since["punted"]) / seconds,
                "punt": since["punted"] / seconds,
            },
        }
