"""No network in tests: only this machine itself can be reached.

`refuse_network()` shuts the process it is called in; `python -m tests.offline MODULE ARG…` runs a
module of ours behind the shut door.
"""

from __future__ import annotations

import ipaddress
import runpy
import socket
import sys
from typing import Any

_LOCAL_NAMES = {"", "localhost", "ip6-localhost", socket.gethostname()}


class NetworkRefused(OSError):
    """A test, or what it ran, wanted to leave this machine."""


def refuse_network() -> None:
    """From now on a socket of this process connects to loopback or a Unix path, or not at all."""
    for name in ("connect", "connect_ex", "sendto"):
        setattr(socket.socket, name, _guarded(getattr(socket.socket, name)))
    socket.getaddrinfo = _guarded_lookup(socket.getaddrinfo)


def _guarded(method: Any) -> Any:
    def guarded(self: socket.socket, *args: Any) -> Any:
        address = args[-1]
        if self.family != socket.AF_UNIX and isinstance(address, tuple):
            _check_host(address[0])
        return method(self, *args)

    return guarded


def _guarded_lookup(lookup: Any) -> Any:
    def guarded(host: Any, *args: Any, **kwargs: Any) -> Any:
        _check_host(host)
        return lookup(host, *args, **kwargs)

    return guarded


def _check_host(host: Any) -> None:
    name = host.decode() if isinstance(host, bytes) else host
    if name is None or name in _LOCAL_NAMES:
        return
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        raise NetworkRefused(f"tests run with the network off: {name} was asked for") from None
    if not (address.is_loopback or address.is_unspecified):
        raise NetworkRefused(f"tests run with the network off: {name} was asked for")


if __name__ == "__main__":
    refuse_network()
    module = sys.argv[1]
    sys.argv = sys.argv[1:]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
