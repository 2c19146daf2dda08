from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.links import LinkError, defang, defang_all, first_link, looks_alike, normalise, platform_of, same_post


@pytest.mark.parametrize(
    ("typed", "link"),
    [
        ("https://x.com/a/status/1?s=20&t=AbC", "https://x.com/a/status/1"),
        ("HTTPS://Mobile.Twitter.com/a/status/1#top", "https://twitter.com/a/status/1"),
        ("https://m.facebook.com/story.php?story_fbid=1&id=2&fbclid=x", "https://facebook.com/story.php?story_fbid=1&id=2"),
        ("https://m.example.org/a", "https://m.example.org/a"),
        ("https://www.youtube.com/watch?v=a&t=12s&utm_source=b&si=c", "https://www.youtube.com/watch?v=a&t=12s"),
        ("<https://x.com/a>", "https://x.com/a"),
        ("x.com/a/status/1", "https://x.com/a/status/1"),
        ("http://example.org:80/", "http://example.org/"),
        ("https://example.org:8443/é?q=à b", "https://example.org:8443/%C3%A9?q=%C3%A0b"),
        ("https://twitter.com@evil.example/a", "https://evil.example/a"),
        ("https://inѕerm.fr/a", "https://xn--inerm-i2e.fr/a"),
        ("https://x.com/a\r\nBcc: b@example.org", "https://x.com/aBcc:b@example.org"),
        ("https://x.com/\u202egnp.exe\u2028\x00\ud800", "https://x.com/gnp.exe"),
    ],
)  # fmt: skip
def test_a_link_has_one_spelling(typed: str, link: str) -> None:
    assert normalise(typed) == link
    assert normalise(link) == link


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("javascript:alert(1)", "link_scheme"),
        ("java\nscript:alert(1)", "link_scheme"),
        ("data:text/html,x", "link_scheme"),
        ("ftp://example.org/a", "link_scheme"),
        ("file:///etc/passwd", "link_scheme"),
        ("a tweet", "link_unreadable"),
        ("https://", "link_unreadable"),
        ("https://localhost", "link_unreadable"),
        ("https://[::1", "link_unreadable"),
        ("https://a.b:99999/", "link_unreadable"),
        ("https://x.com/" + "a" * 40_000, "link_too_long"),
        ("https://x.com/" + "é" * 1_900, "link_too_long"),
    ],
)
def test_what_is_no_link_to_a_post_is_refused(typed: str, problem: str) -> None:
    with pytest.raises(LinkError) as caught:
        normalise(typed)
    assert caught.value.problem == problem


@given(st.text(st.characters(), max_size=60))
def test_a_normalised_link_is_plain_ascii_and_stays_as_it_is(tail: str) -> None:
    try:
        link = normalise(f"https://x.com/{tail}")
    except LinkError:
        return
    assert link.isascii()
    assert link.isprintable()
    assert " " not in link
    assert normalise(link) == link


def test_spellings_of_one_post_are_the_same() -> None:
    spellings = (
        "http://www.twitter.com/a/status/1/",
        "https://mobile.twitter.com/a/status/1?s=1",
        "https://x.com/a/status/1",
    )
    assert {same_post(normalise(one)) for one in spellings} == {"x.com/a/status/1"}


@pytest.mark.parametrize(
    ("link", "platform"),
    [
        ("https://twitter.com/a", "X"),
        ("https://fr-fr.facebook.com/a", "Facebook"),
        ("https://notx.com/a", "notx.com"),
        ("https://mastodon.social/@a/1", "Mastodon"),
        ("https://social.example/@a/123", "Mastodon"),
        ("https://www.example.org/a", "example.org"),
        ("", ""),
    ],
)
def test_the_platform_is_guessed_from_the_link(link: str, platform: str) -> None:
    assert platform_of(link) == platform


def test_a_host_that_imitates_another_is_shown_as_what_it_is() -> None:
    assert looks_alike(normalise("https://тwitter.com/a"))
    assert platform_of(normalise("https://тwitter.com/a")).startswith("xn--")
    assert not looks_alike("https://twitter.com/a")


def test_a_defanged_link_cannot_be_opened() -> None:
    assert defang("https://x.com/a.b") == "hxxps://x[.]com/a.b"
    said = defang_all("voir HTTPS://evil.example/a et www.evil.example, merci")
    assert said == "voir hxxps://evil[.]example/a et www[.]evil[.]example, merci"


def test_the_first_link_of_a_message_is_found() -> None:
    assert first_link("un tweet (https://x.com/a).") == "https://x.com/a"
    assert first_link("rien") == ""
