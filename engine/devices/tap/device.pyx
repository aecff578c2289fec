"""A tap's file descriptors, from the interface's birth to its end."""

import os

from libc.errno cimport errno
from libc.stdint cimport uint8_t, uint32_t
from libc.stdlib cimport calloc, free, malloc

from ...live.loop cimport LiveWorker
from ..feed cimport Detached
from .receive cimport tap_poll

cdef extern from "<sched.h>" nogil:
    int setns(int fd, int kind)
    int CLONE_NEWNET


def enter_namespace(int fd) -> None:
    """Move the calling thread, and no other, into a network namespace. Raises OSError."""
    if setns(fd, CLONE_NEWNET) != 0:
        raise OSError(errno, os.strerror(errno))


cdef class Tap(Detached):
    """The vswitch's end of a tap; captures may be replayed into it and kept from it besides."""

    cdef open(self, list fds, object host, list workers):
        """Own the queues' file descriptors; workers: who serves each of them."""
        cdef uint32_t i
        self.host, self.workers = host, workers
        self.tap.feed = &self.feed
        self.tap.queues = <tap_queue_t*> calloc(len(fds), sizeof(tap_queue_t))
        if self.tap.queues == NULL:
            raise MemoryError("no memory for a tap's queues")
        for fd in fds:
            i = self.tap.n_queues
            self.tap.queues[i].fd = self.tap.queues[i].rx.fd = -1
            self.tap.queues[i].overflow = <uint8_t*> malloc(OVERFLOW_SIZE)
            if self.tap.queues[i].overflow == NULL:
                raise MemoryError("no memory for a tap's queues")
            self.tap.queues[i].tap = &self.tap
            self.tap.queues[i].fd = self.tap.queues[i].rx.fd = fd
            self.tap.queues[i].rx.poll, self.tap.queues[i].rx.main = tap_poll, &self.tap.queues[i]
            self.tap.queues[i].rx.queue_id = i
            self.tap.n_queues += 1

    def __dealloc__(self):
        cdef uint32_t i
        for i in range(self.tap.n_queues):
            if self.tap.queues[i].fd >= 0:
                os.close(self.tap.queues[i].fd)
            free(self.tap.queues[i].overflow)
        free(self.tap.queues)

    def serve(self, bint on):
        """Receive from now on, or no more; while it does not, frames wait in the kernel."""
        cdef uint32_t i
        if on == self.serving:
            return
        for i in range(self.tap.n_queues):
            self.tap.queues[i].rx.node_index = self.feed.input_node
            self.tap.queues[i].rx.sw_if_index = self.feed.sw_if_index
            if on:
                (<LiveWorker> self.workers[i]).add_queue(&self.tap.queues[i].rx)
            else:
                (<LiveWorker> self.workers[i]).remove_queue(&self.tap.queues[i].rx)
        self.serving = on

    def close(self):
        """Give the file descriptors back; with the last of them the kernel's interface goes."""
        cdef uint32_t i
        self.serve(False)
        for i in range(self.tap.n_queues):
            if self.tap.queues[i].fd >= 0:
                os.close(self.tap.queues[i].fd)
            self.tap.queues[i].fd = -1

    @property
    def fds(self) -> list:
        """File descriptors, one a queue."""
        cdef uint32_t i
        return [self.tap.queues[i].fd for i in range(self.tap.n_queues)]
