"""A Slurm of its own for a test: slurmctld, nodes on this host, and munge, all on loopback.

Nothing is installed or configured: everything lies in the test's folder, and ends with the test.
"""

from __future__ import annotations

import contextlib
import getpass
import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path

from waitbench_process import eventually

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "scancel", "scontrol", "sinfo", "squeue")
_PATH = f"{os.environ['PATH']}:/usr/sbin:/sbin"
_UP_S = 60.0

_CONFIGURATION = """
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller_port}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/linear
SchedulerParameters=batch_sched_delay=0,sched_interval=2,bf_interval=2
ReturnToService=2
KillWait=10
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool-%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd-%n.log
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
{nodes}
PartitionName=test Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


def missing_programs() -> list[str]:
    """What is not installed of what a cluster is made of."""
    return [name for name in PROGRAMS if shutil.which(name, path=_PATH) is None]


def free_ports(count: int) -> list[int]:
    """Ports of loopback that nobody listens on now."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


class Cluster:
    """Its daemons, and what a test asks of them."""

    def __init__(self, folder: Path, nodes: dict[str, str], mark: str) -> None:
        """`nodes`: the features of each by its name."""
        self._folder = folder
        self._nodes = nodes
        self._daemons: dict[str, subprocess.Popen[bytes]] = {}
        folder.mkdir()
        (folder / "state").mkdir()
        self._write_configuration()
        self.environment = os.environ | {
            "PATH": _PATH,
            "SLURM_CONF": str(folder / "slurm.conf"),
            "WAITBENCH_TEST_MARK": mark,
        }

    def _write_configuration(self) -> None:
        ports = free_ports(1 + len(self._nodes))
        host = socket.gethostname().split(".")[0]
        nodes = "\n".join(
            f"NodeName={name} NodeHostname={host} NodeAddr=127.0.0.1 Port={port} CPUs=1 "
            f"Feature={features} State=UNKNOWN"
            for (name, features), port in zip(self._nodes.items(), ports[1:])
        )
        text = _CONFIGURATION.format(folder=self._folder, host=host, user=getpass.getuser(),
                                     controller_port=ports[0], nodes=nodes)  # fmt: skip
        (self._folder / "slurm.conf").write_text(text)

    def start(self, hidden: dict[str, Path] | None = None) -> None:
        """Starts everything, and returns when all nodes are idle. `hidden` maps a node to a folder
        that is empty on it."""
        folder = self._folder
        key = folder / "munge.key"
        key.write_bytes(os.urandom(1024))
        key.chmod(0o600)
        files = {"key-file": "munge.key", "socket": "munge.socket", "pid-file": "munge.pid",
                 "log-file": "munge.log", "seed-file": "munge.seed"}  # fmt: skip
        self._daemon("munged", "--foreground", "--force",
                     *(f"--{option}={folder / name}" for option, name in files.items()))
        eventually((folder / "munge.socket").exists, _UP_S)
        self._daemon("slurmctld", "-D", "-c")
        for name in self._nodes:
            self._start_node(name, (hidden or {}).get(name))
        eventually(lambda: set(self.states().values()) == {"idle"}, _UP_S)

    def _start_node(self, name: str, hidden: Path | None) -> None:
        command = ["slurmd", "-D", "-N", name]
        if hidden is not None:  # in a mount namespace of its own, in which it is empty
            script = 'mount -t tmpfs none "$1" && shift && exec "$@"'
            command = ["unshare", "--mount", "sh", "-c", script, "sh", str(hidden), *command]
        self._daemon(*command, name=f"slurmd {name}")

    def _daemon(self, *command: str, name: str = "") -> None:
        log = (self._folder / f"{name or command[0]}.out").open("wb")
        with log:
            self._daemons[name or command[0]] = subprocess.Popen(
                command, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def run(self, *command: str) -> str:
        """What a command of Slurm's prints; it must succeed."""
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True,
                              timeout=60)  # fmt: skip
        assert done.returncode == 0, f"{command}: {done.stderr}; {self.logs()}"
        return done.stdout

    def states(self) -> dict[str, str]:
        """The state of each node, as far as the controller answers."""
        done = subprocess.run(["sinfo", "-h", "-N", "-o", "%N %T"], env=self.environment,
                              capture_output=True, text=True, timeout=60)  # fmt: skip
        return dict(line.split() for line in done.stdout.splitlines())

    def jobs(self) -> list[str]:
        """The names of the jobs that have not ended."""
        return self.run("squeue", "-h", "-o", "%j").split()

    def logs(self) -> str:
        """The end of what each daemon has said."""
        return "; ".join(
            f"{path.name}: {path.read_text(errors='replace')[-500:]!r}"
            for path in sorted(self._folder.glob("*.log")) + sorted(self._folder.glob("*.out"))
        )

    def stop(self) -> None:
        """Ends the jobs that are left, and then the daemons."""
        with contextlib.suppress(AssertionError, OSError, subprocess.TimeoutExpired):
            self.run("scancel", "--quiet", "--state=PENDING,RUNNING", "--partition=test")
        for daemon in reversed(self._daemons.values()):
            daemon.send_signal(signal.SIGTERM)
        for daemon in self._daemons.values():
            try:
                daemon.wait(timeout=20)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()
