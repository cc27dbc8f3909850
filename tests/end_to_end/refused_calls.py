"""Starts a program under a filter that refuses system calls, as an old kernel or a container's
filter does.

    refused_calls.py CALL=ERROR ... -- PROGRAM [WORD ...]
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import sys

# The same on every architecture, as those of all calls since Linux 5.1.
NUMBERS = {"io_uring_setup": 425, "pidfd_open": 434, "epoll_pwait2": 441}

_PR_SET_NO_NEW_PRIVS = 38
_PR_SET_SECCOMP = 22
_FILTER = 2
_LOAD, _IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000


def refusing(**errors: str) -> list[str]:
    """The words that start a program which is refused the calls that are named, each with the name
    of its error."""
    calls = [f"{call}={error}" for call, error in errors.items()]
    return [sys.executable, os.path.abspath(__file__), *calls, "--"]


def _instruction(code: int, value: int, jump_if_not: int = 0) -> bytes:
    return struct.pack("HBBI", code, 0, jump_if_not, value)


def _refuse(errors: dict[str, str]) -> None:
    program = _instruction(_LOAD, 0)  # the number of the call
    for call, error in errors.items():
        program += _instruction(_IF_EQUAL, NUMBERS[call], jump_if_not=1)
        program += _instruction(_RETURN, _REFUSE | getattr(errno, error))
    program += _instruction(_RETURN, _ALLOW)
    instructions = ctypes.create_string_buffer(program, len(program))
    descriptor = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(instructions))
    libc = ctypes.CDLL(None, use_errno=True)
    for words in ((_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), (_PR_SET_SECCOMP, _FILTER, descriptor, 0, 0)):
        if libc.prctl(*words) != 0:
            raise OSError(ctypes.get_errno(), "prctl")


def main(words: list[str]) -> None:
    end = words.index("--")
    _refuse(dict(word.split("=") for word in words[:end]))
    os.execv(words[end + 1], words[end + 1 :])


if __name__ == "__main__":
    main(sys.argv[1:])
