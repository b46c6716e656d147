"""The parser of server-sent events, by the examples and rules of the WHATWG's text."""

from itertools import chain, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.mixtape.client.sse import (
    MAX_EVENT,
    EventTooLargeError,
    ServerSentEvent,
    ServerSentEventParser,
)


def _event(data: str, event: str = "message", last: str = "") -> ServerSentEvent:
    return ServerSentEvent(event=event, data=data, id=last)


CASES = {
    "several lines": ("data: YHOO\ndata: +2\ndata: 10\n\n", [_event("YHOO\n+2\n10")]),
    "the text's second example": (
        ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
        [_event("first event", last="1"), _event("second event"), _event(" third event")],
    ),
    "the text's third example": ("data\n\ndata\ndata\n\ndata:", [_event(""), _event("\n")]),
    "one space is taken off": ("data:test\n\ndata: test\n\n", [_event("test"), _event("test")]),
    "a name": ("event: job\ndata: 1\n\ndata: 2\n\n", [_event("1", "job"), _event("2")]),
    "a name without data": ("event: job\n\ndata: 2\n\n", [_event("2")]),
    "the id stays": ("id: 7\ndata: 1\n\ndata: 2\n\n", [_event("1", last="7"), _event("2", last="7")]),
    "an id alone counts": ("id: 7\n\ndata: 2\n\n", [_event("2", last="7")]),
    "an id with a null is ignored": ("id: 7\n\nid: 8\0\ndata: 2\n\n", [_event("2", last="7")]),
    "carriage returns": ("data: 1\rdata: 2\r\rdata: 3\r\r", [_event("1\n2"), _event("3")]),
    "both": ("data: 1\r\ndata: 2\r\n\r\ndata: 3\r\n\r\n", [_event("1\n2"), _event("3")]),
    "a byte order mark": ("\ufeffdata: 1\n\n", [_event("1")]),
    "a second one is a field's name": ("\ufeff\ufeffdata: 1\n\n", []),
    "unknown fields": ("foo: 1\nDATA: 2\ndata : 3\ndata: 4\n\n", [_event("4")]),
    "other separators are data": ("data: a\x0bb\x0cc\x1cd\x85e\u2028f\n\n", [_event("a\x0bb\x0cc\x1cd\x85e\u2028f")]),
    "an unfinished event is dropped": ("data: 1\n\ndata: 2\n", [_event("1")]),
    "more than ASCII": ("data: 🎷 שיר\n\n", [_event("🎷 שיר")]),
}


@pytest.mark.parametrize(("text", "events"), CASES.values(), ids=CASES.keys())
@pytest.mark.parametrize("size", [1, 2, 3, 7, 10_000])
def test_any_pieces_give_the_same_events(text: str, events: list[ServerSentEvent], size: int) -> None:
    parser = ServerSentEventParser()
    body = text.encode()
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    assert [event for piece in pieces for event in parser.feed(piece)] == events


@given(st.text(alphabet="data:id event\r\n\ufeff\0 1é", max_size=200), st.lists(st.integers(0, 400), max_size=8))
def test_splitting_never_matters(text: str, cuts: list[int]) -> None:
    body = text.encode()
    places = sorted({min(cut, len(body)) for cut in cuts} | {0, len(body)})
    whole, pieces = ServerSentEventParser(), ServerSentEventParser()
    expected = list(whole.feed(body))
    assert [e for a, b in pairwise(places) for e in pieces.feed(body[a:b])] == expected
    assert pieces.last_event_id == whole.last_event_id


def test_retry() -> None:
    parser = ServerSentEventParser()
    assert parser.retry is None
    for text, retry in (
        ("250", 0.25),
        ("-1", 0.25),
        ("1.5", 0.25),
        ("٣", 0.25),
        ("9" * 5000, 0.25),
        ("", 0.25),
        ("0", 0),
    ):
        assert not list(parser.feed(f"retry: {text}\n".encode()))
        assert parser.retry == retry


def test_resuming_starts_with_the_id_it_resumed_from() -> None:
    parser = ServerSentEventParser("41")
    assert list(parser.feed(b"data: 1\n\n")) == [_event("1", last="41")]


def test_broken_utf_8_is_replaced() -> None:
    assert list(ServerSentEventParser().feed(b"data: \xff\n\n")) == [_event("\ufffd")]


@pytest.mark.parametrize("line", [b"data: ", b"nonsense: "])
def test_an_endless_event_is_refused(line: bytes) -> None:
    parser = ServerSentEventParser()
    piece = line + b"x" * (MAX_EVENT // 10) + b"\n"
    with pytest.raises(EventTooLargeError):
        list(chain.from_iterable(parser.feed(piece) for _ in range(20)))


def test_an_endless_line_is_refused() -> None:
    parser = ServerSentEventParser()
    with pytest.raises(EventTooLargeError):
        list(chain.from_iterable(parser.feed(b"x" * (MAX_EVENT // 10)) for _ in range(20)))


def test_heartbeats_do_not_add_up() -> None:
    parser = ServerSentEventParser()
    for _ in range(20):
        assert not list(parser.feed(b": " + b"x" * (MAX_EVENT // 10) + b"\n"))
