"""Programs that are measured: started on given cores, ready, and their figures."""

import os
import socket
import subprocess
import time

# What a server may take until it accepts connections.
READY_SECONDS = 60
# Clock type of the kernel: the CPU time of a process, as its scheduler counts it.
CPUCLOCK_SCHED = 2


def free_port():
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def on_cores(cores):
    """What a child runs first, so that it and its threads stay on these cores."""
    return lambda: os.sched_setaffinity(0, cores)


class Process:
    """A server, with the processes that it starts itself."""

    def __init__(self, command, cores, log, env=None):
        self._log = open(log, "wb")
        self._child = subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._log,
            preexec_fn=on_cores(cores),
            env={**os.environ, **(env or {})},
        )
        self.name = os.path.basename(str(command[0]))
        self.log = log

    @property
    def pid(self):
        return self._child.pid

    def wait_until_it_accepts(self, port):
        """Returns the seconds until the port accepts a connection."""
        start = time.perf_counter()
        while time.perf_counter() - start < READY_SECONDS:
            if self._child.poll() is not None:
                break
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                return time.perf_counter() - start
            except OSError:
                time.sleep(0.0002)
        raise RuntimeError(f"{self.name} does not accept connections; see {self.log}")

    def pids(self):
        """The process and its children, as nginx has them."""
        found = [self._child.pid]
        for pid in found:
            with open(f"/proc/{pid}/task/{pid}/children") as children:
                found.extend(int(child) for child in children.read().split())
        return found

    def cpu_seconds(self):
        """User and system time of all threads until now, in nanoseconds' resolution."""
        clocks = [(~pid << 3) | CPUCLOCK_SCHED for pid in self.pids()]
        return sum(time.clock_gettime(clock) for clock in clocks)

    def rss_kib(self):
        """The resident memory now."""
        total = 0
        for pid in self.pids():
            with open(f"/proc/{pid}/status") as status:
                lines = (line for line in status if line.startswith("VmRSS:"))
                total += int(next(lines).split()[1])
        return total

    def stop(self):
        self._child.terminate()
        try:
            self._child.wait(5)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        self._log.close()


def run_and_account(command, cores):
    """Runs a program; returns its output and its CPU seconds. The kernel counts the peak of
    this program's memory as the child's, so that is not a figure of the child."""
    child = subprocess.Popen(
        [str(word) for word in command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        preexec_fn=on_cores(cores),
    )
    output = child.stdout.read().decode(errors="replace")
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise RuntimeError(f"{command[0]} ended with {child.returncode}: {output[-500:]}")
    return output, usage.ru_utime + usage.ru_stime
