"""An sshd of its own for a test, on a port of loopback, with keys that are thrown away.

It serves the user of the test, with that user's shell. Nothing is installed or configured, and the
user's own keys and known hosts are not looked at.
"""

from __future__ import annotations

import contextlib
import getpass
import os
import shutil
import socket
import subprocess
from pathlib import Path

from slurm_cluster import free_ports
from waitbench_process import eventually

_PATH = f"{os.environ['PATH']}:/usr/sbin:/sbin"
PROGRAMS = ("sshd", "ssh", "ssh-keygen")


def missing_programs() -> list[str]:
    """What is not installed of what this needs."""
    return [name for name in PROGRAMS if shutil.which(name, path=_PATH) is None]


class SshServer:
    """A running sshd; `config` is a configuration of ssh in which `hosts` lead to it, and the host
    `closed` to a port where nobody listens."""

    def __init__(self, folder: Path, hosts: list[str], mark: str, home: Path) -> None:
        folder.mkdir()
        for name in ("host_key", "user_key"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name],
                           check=True, timeout=60)  # fmt: skip
        shutil.copy(folder / "user_key.pub", folder / "authorized_keys")
        self.port, closed = free_ports(2)
        (folder / "sshd_config").write_text(
            f"ListenAddress 127.0.0.1:{self.port}\n"
            f"HostKey {folder}/host_key\nPidFile none\nUsePAM no\nStrictModes no\n"
            f"AuthorizedKeysFile {folder}/authorized_keys\nPasswordAuthentication no\n"
            f"PermitRootLogin prohibit-password\n"
            f"SetEnv WAITBENCH_TEST_MARK={mark} XDG_CACHE_HOME={home}\n"
        )
        self.config = folder / "ssh_config"
        common = (
            f"  HostName 127.0.0.1\n  User {getpass.getuser()}\n"
            f"  IdentityFile {folder}/user_key\n  IdentitiesOnly yes\n"
            f"  UserKnownHostsFile {folder}/known_hosts\n  StrictHostKeyChecking accept-new\n"
        )
        self.config.write_text(
            f"Host {' '.join(hosts)}\n{common}  Port {self.port}\n"
            f"Host closed\n{common}  Port {closed}\n"
        )
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)  # in which sshd drops its rights
        self._log = (folder / "sshd.out").open("wb")
        self._daemon = subprocess.Popen(
            [shutil.which("sshd", path=_PATH) or "sshd", "-D", "-e", "-f", folder / "sshd_config"],
            env=os.environ | {"WAITBENCH_TEST_MARK": mark},
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
        )
        eventually(self._listens, 60)

    def _listens(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False

    def stop(self) -> None:
        """Ends it."""
        self._daemon.terminate()
        self._daemon.wait(timeout=20)
        self._log.close()
