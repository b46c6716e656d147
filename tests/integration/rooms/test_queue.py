"""The queue against a plain list, and against damaged data."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from custom_components.mixtape.rooms.queue import Enqueue, Queue, Repeat


def queue_of(songs: str, current: str | None = None, **changes: object) -> Queue:
    queue = Queue(**changes).put(songs, Enqueue.ADD)
    return queue.jump(songs.index(current)) if current else queue


def songs(queue: Queue) -> str:
    return "".join(item.song_id for item in queue.items)


def current(queue: Queue) -> str | None:
    return queue.current.song_id if queue.current else None


@pytest.mark.parametrize(
    ("how", "order", "now"),
    [
        (Enqueue.PLAY, "abXYc", "X"),
        (Enqueue.NEXT, "abXYc", "b"),
        (Enqueue.ADD, "abcXY", "b"),
        (Enqueue.REPLACE, "XY", "X"),
    ],
)
def test_put_follows_home_assistants_words(how: Enqueue, order: str, now: str) -> None:
    queue = queue_of("abc", "b").put("XY", how)
    assert (songs(queue), current(queue)) == (order, now)


@pytest.mark.parametrize("how", list(Enqueue))
def test_after_the_end_new_songs_are_what_comes(how: Enqueue) -> None:
    queue = queue_of("ab", "b").ended()
    assert queue.current is None
    assert current(queue.put("X", how)) == "X"


def test_putting_nothing_changes_nothing() -> None:
    queue = queue_of("ab", "b")
    assert queue.put([], Enqueue.REPLACE) is queue


def test_repeat() -> None:
    queue = queue_of("abc", "c")
    assert current(queue.ended()) is None
    assert current(queue.with_repeat(Repeat.ALL).ended()) == "a"
    assert current(queue.with_repeat(Repeat.ONE).ended()) == "c"
    assert current(queue.with_repeat(Repeat.ONE).skip()) is None
    assert current(queue_of("abc", "a").with_repeat(Repeat.ALL).back()) == "c"
    assert current(queue_of("abc", "a").back()) == "a"
    assert current(queue.ended().back()) == "c"
    assert current(queue.ended().start()) == "a"
    assert queue.ended().skip() == queue.ended()
    assert [item.song_id for item in queue_of("abc", "a").upcoming] == ["b", "c"]


def test_shuffle_keeps_the_current_song_and_can_be_undone() -> None:
    queue = queue_of("abcdefgh", "d")
    shuffled = queue.with_shuffle(True, seed=7)
    assert shuffled.shuffle
    assert current(shuffled) == "d"
    assert shuffled.index == 0
    assert songs(shuffled) != songs(queue)
    assert sorted(songs(shuffled)) == sorted(songs(queue))
    assert shuffled == queue.with_shuffle(True, seed=7)
    assert shuffled.with_shuffle(True, seed=8) is shuffled
    back = shuffled.skip().with_shuffle(False, seed=0)
    assert songs(back) == "abcdefgh"
    assert current(back) == current(shuffled.skip())


def test_songs_put_into_a_shuffled_queue_keep_their_place_when_it_is_undone() -> None:
    shuffled = queue_of("abcd", "b").with_shuffle(True, seed=1).put("X", Enqueue.NEXT).put("Z", Enqueue.ADD)
    assert shuffled.skip().current is not None
    assert current(shuffled.skip()) == "X"
    assert songs(shuffled.with_shuffle(False, seed=0)) == "abXcdZ"


def test_places_are_checked() -> None:
    for change in (lambda q: q.jump(2), lambda q: q.remove(-1), lambda q: q.move(0, 2), lambda q: q.move(5, 0)):
        with pytest.raises(IndexError, match="queue of 2"):
            change(queue_of("ab"))


@pytest.mark.parametrize(
    "damage",
    [
        None,
        [],
        "queue",
        {},
        {"songs": None},
        {"songs": ["a", 1, None, "", "b"], "index": 9},
        {"songs": ["a", "b"], "index": "1", "repeat": "sometimes"},
        {"songs": ["a", "b"], "index": True, "unshuffled": [0, 0]},
        {"songs": ["a", "b"], "index": -1, "unshuffled": ["x", None]},
    ],
)
def test_damaged_data_gives_a_queue_that_works(damage: object) -> None:
    queue = Queue.from_dict(damage)
    assert songs(queue) in ("", "ab")
    assert songs(queue.with_shuffle(False, seed=0).put("X", Enqueue.ADD)).endswith("X")


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_no_data_breaks_reading(data: object) -> None:
    Queue.from_dict(data)
    Queue.from_dict({"songs": data, "index": data, "repeat": data, "unshuffled": data})


class QueueMachine(RuleBasedStateMachine):
    """Every change against the same change of a plain list with a marked place."""

    def __init__(self) -> None:
        super().__init__()
        self.queue = Queue()
        self.songs: list[int] = []
        """Keys, in playing order."""
        self.plain: list[int] | None = None
        self.at = 0

    def _now(self) -> int | None:
        return self.songs[self.at] if self.at < len(self.songs) else None

    @rule(count=st.integers(0, 3), how=st.sampled_from(Enqueue))
    def put(self, count: int, how: Enqueue) -> None:
        first = self.queue.next_key
        new = list(range(first, first + count))
        self.queue = self.queue.put([f"song{key}" for key in new], how)
        if not new:
            return
        now = self._now()
        if how is Enqueue.REPLACE:
            self.songs, self.at = new, 0
            self.plain = list(new) if self.plain is not None else None
            return
        place = len(self.songs) if how is Enqueue.ADD else self.at + (now is not None)
        self.songs[place:place] = new
        if self.plain is not None:
            behind = len(self.plain) if how is Enqueue.ADD or now is None else self.plain.index(now) + 1
            self.plain[behind:behind] = new
        if how is Enqueue.PLAY:
            self.at = place

    @rule()
    def skip(self) -> None:
        self.queue = self.queue.skip()
        if self._now() is not None:
            self.at += 1
            if self.at == len(self.songs) and self.queue.repeat is Repeat.ALL:
                self.at = 0

    @rule()
    def ended(self) -> None:
        if self.queue.repeat is Repeat.ONE:
            assert self.queue.ended() is self.queue
        else:
            assert self.queue.ended() == self.queue.skip()

    @rule()
    def back(self) -> None:
        self.queue = self.queue.back()
        if self.at == 0 and self.songs and self.queue.repeat is Repeat.ALL:
            self.at = len(self.songs) - 1
        else:
            self.at = max(0, self.at - 1)

    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        if not self.songs:
            return
        place = data.draw(st.integers(0, len(self.songs) - 1))
        self.queue = self.queue.remove(place)
        key = self.songs.pop(place)
        if self.plain is not None:
            self.plain.remove(key)
        if place < self.at:
            self.at -= 1

    @rule(data=st.data())
    def move(self, data: st.DataObject) -> None:
        if not self.songs:
            return
        places = st.integers(0, len(self.songs) - 1)
        source, target = data.draw(places), data.draw(places)
        now = self._now()
        self.queue = self.queue.move(source, target)
        self.songs.insert(target, self.songs.pop(source))
        self.at = len(self.songs) if now is None else self.songs.index(now)

    @rule(data=st.data())
    def jump(self, data: st.DataObject) -> None:
        if self.songs:
            self.at = data.draw(st.integers(0, len(self.songs) - 1))
            self.queue = self.queue.jump(self.at)

    @rule(on=st.booleans(), seed=st.integers(0, 3))
    def shuffle(self, on: bool, seed: int) -> None:
        now = self._now()
        self.queue = self.queue.with_shuffle(on, seed)
        if on and self.plain is None:
            self.plain = list(self.songs)
            assert sorted(self.songs) == sorted(item.key for item in self.queue.items)
            self.songs = [item.key for item in self.queue.items]
        elif not on and self.plain is not None:
            self.songs, self.plain = self.plain, None
        self.at = len(self.songs) if now is None else self.songs.index(now)

    @rule(repeat=st.sampled_from(Repeat))
    def repeat(self, repeat: Repeat) -> None:
        self.queue = self.queue.with_repeat(repeat)

    @rule()
    def clear(self) -> None:
        self.queue = self.queue.clear()
        self.songs, self.at = [], 0
        self.plain = [] if self.plain is not None else None

    @rule()
    def restart(self) -> None:
        """Home Assistant restarts: the same queue, with new keys."""
        restored = Queue.from_dict(json.loads(json.dumps(self.queue.to_dict())))
        assert [item.song_id for item in restored.items] == [item.song_id for item in self.queue.items]
        assert (restored.index, restored.repeat, restored.shuffle) == (
            self.queue.index,
            self.queue.repeat,
            self.queue.shuffle,
        )
        straight = [item.song_id for item in restored.with_shuffle(False, 0).items]
        assert straight == [item.song_id for item in self.queue.with_shuffle(False, 0).items]

    @invariant()
    def agrees(self) -> None:
        assert [item.key for item in self.queue.items] == self.songs
        assert self.queue.index == self.at
        assert (None if self.plain is None else tuple(self.plain)) == self.queue.unshuffled
        assert (self.queue.current.key if self.queue.current else None) == self._now()
        assert len(set(self.songs)) == len(self.songs)


TestQueueMachine = QueueMachine.TestCase
TestQueueMachine.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
