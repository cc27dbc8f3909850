#!/usr/bin/env python3
"""Runs a command on a slower machine: one on which every system call is dearer.

    tests/measure/dear_system_calls.py FILTERS COMMAND [ARGUMENT ...]

FILTERS (1 to 7) seccomp filters are put over the command and all its descendants, clients and
backend alike. Each makes 4,000 additions for each system call, and allows it: some 1 to 2 µs on a
machine of 2024, the same for every call. The filters look at an argument of the call, since the
kernel remembers the verdict of filters that do not, and then skips them.

What it does not slow down: the kernel's work that nobody called for, such as interrupts; and code
in user space. io_uring's requests pass through few calls, so that it looks better than it would on
a machine that is slower throughout.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys

_ADDITIONS = 4_000  # a filter has at most 4,096 instructions
_MOST_FILTERS = 7  # all filters of a process have at most 32,768

_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 38, 22, 2
_LOAD_WORD, _ADD_CONSTANT, _RETURN = 0x20, 0x04, 0x06  # BPF_LD|W|ABS, BPF_ALU|ADD|K, BPF_RET|K
_FIRST_ARGUMENT = 16  # its offset in struct seccomp_data
_ALLOW = 0x7FFF0000


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))


def _instruction(code: int, constant: int) -> bytes:
    return struct.pack("HBBI", code, 0, 0, constant)


def slow_down(filters: int) -> None:
    """Makes the system calls of this process, and of those that it starts, dearer from now on.
    Raises OSError where filters are not allowed."""
    code = b"".join(
        (
            _instruction(_LOAD_WORD, _FIRST_ARGUMENT),
            _instruction(_ADD_CONSTANT, 1) * _ADDITIONS,
            _instruction(_RETURN, _ALLOW),
        )
    )
    buffer = ctypes.create_string_buffer(code, len(code))
    program = _Program(len(code) // 8, ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    _demand(libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    for _ in range(filters):
        _demand(libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program)))


def _demand(result: int) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def main() -> int:
    """Becomes the command. Exit code 2 for a wrong command line, 1 where it cannot be."""
    if len(sys.argv) < 3 or sys.argv[1] not in map(str, range(1, _MOST_FILTERS + 1)):
        print(f"usage: {sys.argv[0]} FILTERS COMMAND ..., 1 to {_MOST_FILTERS} filters",
              file=sys.stderr)  # fmt: skip
        return 2
    try:
        slow_down(int(sys.argv[1]))
        os.execvp(sys.argv[2], sys.argv[2:])
    except OSError as error:
        print(f"{sys.argv[0]}: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
