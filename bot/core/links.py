"""Links to posts: one spelling for each, shown so that nobody opens them by accident."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from urllib.parse import SplitResult, parse_qsl, quote, urlencode, urlsplit, urlunsplit

from bot.core.errors import GuidebotError

LONGEST_LINK = 2_000

_ALIASES: Mapping[str, str] = {"twitter.com": "x.com", "fb.com": "facebook.com", "instagr.am": "instagram.com"}
_PLATFORMS: Mapping[str, str] = {
    "x.com": "X",
    "t.co": "X",
    "facebook.com": "Facebook",
    "fb.watch": "Facebook",
    "instagram.com": "Instagram",
    "threads.net": "Threads",
    "threads.com": "Threads",
    "linkedin.com": "LinkedIn",
    "lnkd.in": "LinkedIn",
    "youtube.com": "YouTube",
    "youtu.be": "YouTube",
    "tiktok.com": "TikTok",
    "bsky.app": "Bluesky",
    "reddit.com": "Reddit",
    "snapchat.com": "Snapchat",
    "pinterest.com": "Pinterest",
    "pinterest.fr": "Pinterest",
    "whatsapp.com": "WhatsApp",
    "t.me": "Telegram",
    "telegram.me": "Telegram",
    "wikipedia.org": "Wikipédia",
    "twitch.tv": "Twitch",
}
_MASTODON = re.compile(r"/@[^/]+(?:@[^/]+)?/\d+")
_MOBILE = re.compile(r"^(?:m|mobile|touch|mbasic)\.")
_TRACKING = re.compile(
    r"utm_\w+|fbclid|gclid|dclid|yclid|msclkid|twclid|igshid|igsh|li_fat_id|mc_[ce]id|mibextid|ref_(?:src|url)|"
    r"_ga|_gl|trk\w*|rcm|share_id|xmt|si|__twitter_impression|__cft__.*|__tn__|_rdr|_t|_r|is_from_webapp|sender_device",
    re.IGNORECASE,
)
_X_TRACKING = frozenset({"s", "t", "cxt"})
_INVISIBLE = re.compile(
    r"[\x00-\x20\x7f-\xa0\xad\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff\ud800-\udfff]"
)
_BARE = re.compile(r"[\w-]+(?:\.[\w-]+)+(?:[/?#]|$)")
_DOTS = str.maketrans({"。": ".", "．": ".", "｡": "."})
_HOST = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})+")
_SAFE_IN_PATH, _SAFE_IN_QUERY = "%/:@!$&'()*+,;=~-._", "%/:@!$'()*,;~-._?[]"
_ANY_LINK = re.compile(r"(?:(?:https?|ftp)://|www\.)[^\s<>\"]+", re.IGNORECASE)
_DEFAULT_PORTS: Mapping[str, int] = {"http": 80, "https": 443}


class LinkError(GuidebotError):
    """What was given is no link that can be reported; `problem` is the key of the words that say why."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


def normalise(typed: str) -> str:
    """The link without what follows readers around, in ASCII; raise LinkError for anything but http and https.

    A name before an "@" is dropped: it only serves to make one host look like another.
    """
    text = _INVISIBLE.sub("", typed.strip().strip("<>"))
    if len(text) > LONGEST_LINK:
        raise LinkError("link_too_long")
    parts = _split(f"https://{text}" if _BARE.match(text) else text)
    host = _folded(_ascii_host(parts.hostname or ""))
    link = urlunsplit((parts.scheme, host + _port(parts), _path(parts.path), _query(parts.query, host), ""))
    if len(link) > LONGEST_LINK:
        raise LinkError("link_too_long")
    return link


def same_post(link: str) -> str:
    """What is equal for two spellings of a link: without scheme, "www.", a platform's old name, the last slash."""
    parts = urlsplit(link)
    host = parts.netloc.removeprefix("www.")
    return urlunsplit(("", _ALIASES.get(host, host), parts.path.rstrip("/"), parts.query, "")).removeprefix("//")


def platform_of(link: str) -> str:
    """Where a post is, by its normalised link: a platform's name, else the host, else nothing."""
    host = urlsplit(link).hostname or ""
    name = _ALIASES.get(host.removeprefix("www."), host)
    for suffix, platform in _PLATFORMS.items():
        if name == suffix or name.endswith(f".{suffix}"):
            return platform
    if "mastodon" in name or _MASTODON.fullmatch(urlsplit(link).path):
        return "Mastodon"
    return host.removeprefix("www.")


def looks_alike(link: str) -> bool:
    """Whether the host bears letters beyond ASCII, which may imitate another name."""
    return any(label.startswith("xn--") for label in (urlsplit(link).hostname or "").split("."))


def defang(link: str) -> str:
    """The link as nobody opens it by accident, such as hxxps://x[.]com/status."""
    scheme, separator, rest = link.partition("://")
    if not separator:
        scheme, rest = "", link
    host, slash, path = rest.partition("/")
    return scheme.lower().replace("tt", "xx") + separator + host.replace(".", "[.]") + slash + path


def defang_all(text: str) -> str:
    """A text whose every link is defanged."""
    return _ANY_LINK.sub(lambda found: defang(found[0]), text)


def first_link(text: str) -> str:
    """The first link in a text, as it was typed; empty where there is none."""
    found = _ANY_LINK.search(text)
    return found[0].rstrip(".,;:!?)»'") if found else ""


def _split(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError as error:
        raise LinkError("link_unreadable") from error
    if parts.scheme not in _DEFAULT_PORTS:
        raise LinkError("link_scheme" if parts.scheme else "link_unreadable")
    return parts


def _ascii_host(host: str) -> str:
    labels = unicodedata.normalize("NFKC", host.translate(_DOTS)).casefold().rstrip(".").split(".")
    ascii_host = ".".join(label if label.isascii() else f"xn--{label.encode('punycode').decode()}" for label in labels)
    if not _HOST.fullmatch(ascii_host):
        raise LinkError("link_unreadable")
    return ascii_host


def _folded(host: str) -> str:
    """A platform's own host instead of the one for phones; elsewhere the two may be different sites."""
    bare = _MOBILE.sub("", host)
    return bare if _ALIASES.get(bare, bare) in _PLATFORMS or bare.endswith("wikipedia.org") else host


def _port(parts: SplitResult) -> str:
    return f":{parts.port}" if parts.port and parts.port != _DEFAULT_PORTS[parts.scheme] else ""


def _path(path: str) -> str:
    return quote(path, safe=_SAFE_IN_PATH)


def _query(query: str, host: str) -> str:
    on_x = host in {"x.com", "twitter.com"}
    kept = [
        (name, value)
        for name, value in parse_qsl(query, keep_blank_values=True)
        if not _TRACKING.fullmatch(name) and not (on_x and name in _X_TRACKING)
    ]
    return urlencode(kept, safe=_SAFE_IN_QUERY.replace("%", ""))
