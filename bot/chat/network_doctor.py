"""How outgoing connections leave: through which proxy, trusting whom."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from bot.chat.network import tls_context
from bot.core.errors import SettingsError
from bot.core.findings import Finding, ok, wrong

_PORTS = {"http": 80, "https": 443}


async def examine_network(proxies: Mapping[str, str], ca_file: str) -> Sequence[Finding]:
    """`proxies` by scheme, as the environment has them. Each is called, and told nothing."""
    through = [await _proxy(scheme, url) for scheme, url in sorted(proxies.items()) if scheme in _PORTS]
    return [*(through or [ok("connections go out directly")]), _authorities(ca_file)]


async def _proxy(scheme: str, url: str) -> Finding:
    """Credentials in a proxy's address are not shown."""
    name = f"{scheme.upper()}_PROXY"
    parts = urlsplit(url if "://" in url else f"http://{url}")
    try:
        port = parts.port or _PORTS.get(parts.scheme, 80)
        _, writer = await asyncio.open_connection(parts.hostname, port)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "its address makes no sense"
        return wrong(f"{name}: the proxy {parts.hostname} can't be reached: {reason}", f"set {name} right, or unset it")
    writer.close()
    return ok(f"{scheme} goes through the proxy {parts.hostname}:{port}; NO_PROXY names what doesn't")


def _authorities(ca_file: str) -> Finding:
    try:
        tls_context(ca_file)
    except SettingsError as error:
        return wrong(f"CA_FILE: {error}", "name a file of certificates in PEM form")
    return ok(
        f"the certificates in {ca_file} are trusted besides the public ones"
        if ca_file
        else "public authorities are trusted"
    )
