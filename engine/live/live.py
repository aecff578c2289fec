"""The live side of an engine: the threads that move packets, and the barrier for whoever changes what they read."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ..core.graph import Graph
from .loop import LiveWorker


class Live:
    """Packet threads of a vswitch. Until start() there are none, and everything here costs nothing.

    Attributes:
        workers: one for each thread; devices give them their queues.
    """

    def __init__(self, graph: Graph) -> None:
        self.workers = [LiveWorker(graph)]
        self.running = False
        self._threads: list[threading.Thread] = []
        self._lock = threading.RLock()
        self._depth = 0
        self._closing: list[Callable[[], None]] = []

    def start(self) -> None:
        """Let packets move, and the engine's clock follow real time."""
        if self.running:
            return
        for worker in self.workers:
            worker.restart()
            worker.open()
        self._threads = [
            threading.Thread(target=worker.run, name=f"vpp_wk_{number}", daemon=True)
            for number, worker in enumerate(self.workers)
        ]
        self.running = True
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Finish the packets under way, and end the threads."""
        if not self.running:
            return
        for worker in self.workers:
            worker.stop()
        for thread in self._threads:
            thread.join()
        self.running = False

    def close(self) -> None:
        """Stop, and let the devices give back what they hold of the kernel."""
        self.stop()
        while self._closing:
            self._closing.pop()()
        for worker in self.workers:
            worker.close()

    def at_close(self, close: Callable[[], None]) -> None:
        """Have a device closed with the engine, after the packet threads have ended."""
        self._closing.append(close)

    @contextmanager
    def parked(self) -> Iterator[None]:
        """All workers stand still inside: control code may change, and read, what the packet path reads.

        May be nested. Packets wait in the kernel meanwhile, so what takes long is better done in steps.
        """
        with self._lock:
            self._depth += 1
            holds = self._depth == 1 and self.running
            if holds:
                for worker in self.workers:
                    worker.ask()
                for worker in self.workers:
                    worker.wait()
            try:
                yield
            finally:
                self._depth -= 1
                if holds:
                    for worker in self.workers:
                        worker.release()

    def stats(self) -> list[dict[str, Any]]:
        """What each worker's loop did so far."""
        return [worker.stats() for worker in self.workers]
