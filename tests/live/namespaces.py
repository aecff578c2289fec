"""A network namespace, and programs that run in it."""

import os
import subprocess
import sys
import textwrap
import threading
import time

from engine.devices.tap.device import enter_namespace


class Namespace:
    """One network namespace with its loopback up. Close it: what was started in it is killed."""

    def __init__(self, name):
        self.name = name
        subprocess.run(["ip", "netns", "add", name], check=True)
        self.started = []
        # no router solicitations and the like among the packets that tests count
        self.run("sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1", "net.ipv6.conf.default.disable_ipv6=1")
        self.ip("link", "set", "lo", "up")

    def run(self, *command, timeout=30, check=True):
        """Run a program to its end; what it printed."""
        done = subprocess.run(
            ["ip", "netns", "exec", self.name, *command], capture_output=True, text=True, timeout=timeout
        )
        if check and done.returncode:
            raise AssertionError(f"{' '.join(command)} in {self.name}: {done.stdout}{done.stderr}")
        return done.stdout

    def ip(self, *words):
        return self.run("ip", *words)

    def start(self, *command, **options):
        """Start a program that runs until close()."""
        process = subprocess.Popen(["ip", "netns", "exec", self.name, *command], **options)
        self.started.append(process)
        return process

    def python(self, code, *arguments, timeout=30):
        """Run Python code to its end; what it printed."""
        return self.run(sys.executable, "-c", textwrap.dedent(code), *arguments, timeout=timeout)

    def serve(self, code, *arguments):
        """Start Python code that prints a line once it is ready, and wait for that."""
        code = textwrap.dedent(code)
        process = self.start(sys.executable, "-uc", code, *arguments, stdout=subprocess.PIPE, text=True)
        assert process.stdout.readline(), f"the server in {self.name} did not start"
        return process

    def inside(self, work):
        """Call work() in a thread that stands in the namespace; what it returned. Sockets it makes stay there."""
        result = []

        def there():
            fd = os.open(f"/var/run/netns/{self.name}", os.O_RDONLY)
            try:
                enter_namespace(fd)
            finally:
                os.close(fd)
            result.append(work())

        thread = threading.Thread(target=there)
        thread.start()
        thread.join()
        return result[0]

    def close(self):
        for process in self.started:
            process.kill()
            process.wait()
            if process.stdout:
                process.stdout.close()
        subprocess.run(["ip", "netns", "del", self.name], check=True)


def until(condition, seconds=10):
    """Wait for a condition; its value, which is true unless time ran out."""
    deadline = time.monotonic() + seconds
    while not (found := condition()) and time.monotonic() < deadline:
        time.sleep(0.01)
    return found
