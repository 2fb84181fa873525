"""What the host in an address is: this machine, its network, or one that others reach."""

import ipaddress
import socket


def is_this_machine(host: str) -> bool:
    """Say whether *host*, a name or an address in any spelling, is this machine or its link."""
    address = _address(host)
    if address is None:
        name = host.lower().rstrip(".")
        return name in {"", "localhost"} or name.endswith(".localhost")
    return address.is_loopback or address.is_unspecified or address.is_link_local


def is_public_host(host: str) -> bool:
    """Say whether *host* can be one that others reach; a name is taken at its word."""
    address = _address(host)
    if address is None:
        name = host.lower().rstrip(".")
        return "." in name and not name.endswith((".localhost", ".local", ".internal", ".lan"))
    return address.is_global


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        try:
            # 127.1, 0x7f.1 and 2130706433 are loopback to the machine, so they are to us.
            return ipaddress.IPv4Address(socket.inet_aton(host))
        except (OSError, UnicodeError):
            return None
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped or address
