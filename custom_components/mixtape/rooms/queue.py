"""A room's queue: what plays now, what next. Pure values; every change returns a new queue.

Home Assistant has no queue and most speakers have none either, so the room keeps it.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Iterable


class Enqueue(StrEnum):
    """Home Assistant's own four words."""

    PLAY = "play"
    NEXT = "next"
    ADD = "add"
    REPLACE = "replace"


class Repeat(StrEnum):
    OFF = "off"
    ONE = "one"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Item:
    """One place in the queue. The key tells two places with the same song apart."""

    key: int
    song_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """Items in playing order; ``index == len(items)`` means played to its end, nothing is current."""

    items: tuple[Item, ...] = ()
    index: int = 0
    repeat: Repeat = Repeat.OFF
    unshuffled: tuple[int, ...] | None = None
    """The keys in the order before shuffling; None while not shuffled."""
    next_key: int = 0

    @property
    def current(self) -> Item | None:
        return self.items[self.index] if self.index < len(self.items) else None

    @property
    def shuffle(self) -> bool:
        return self.unshuffled is not None

    @property
    def upcoming(self) -> tuple[Item, ...]:
        return self.items[self.index + 1 :]

    def put(self, song_ids: Iterable[str], how: Enqueue) -> Self:
        songs = list(song_ids)
        fresh = tuple(Item(self.next_key + offset, song_id) for offset, song_id in enumerate(songs))
        if not fresh:
            return self
        keys = tuple(item.key for item in fresh)
        next_key = self.next_key + len(fresh)
        if how is Enqueue.REPLACE:
            return replace(self, items=fresh, index=0, next_key=next_key, unshuffled=keys if self.shuffle else None)
        here = self.index + (self.current is not None)
        at = len(self.items) if how is Enqueue.ADD else here
        unshuffled = self.unshuffled
        if unshuffled is not None:
            after = 0 if at == 0 else len(unshuffled)
            if how is not Enqueue.ADD and self.current is not None:
                after = unshuffled.index(self.current.key) + 1
            unshuffled = (*unshuffled[:after], *keys, *unshuffled[after:])
        return replace(
            self,
            items=(*self.items[:at], *fresh, *self.items[at:]),
            index=at if how is Enqueue.PLAY else self.index,
            next_key=next_key,
            unshuffled=unshuffled,
        )

    def start(self) -> Self:
        """Choose something to play: the current song, or the first again after the end."""
        return self if self.current is not None else replace(self, index=0)

    def ended(self) -> Self:
        """The current song came to its end by itself."""
        return self if self.repeat is Repeat.ONE else self.skip()

    def skip(self) -> Self:
        """On to the next song, whatever repeat one says: somebody asked for another song."""
        if self.current is None:
            return self
        if self.index + 1 == len(self.items) and self.repeat is Repeat.ALL:
            return replace(self, index=0)
        return replace(self, index=self.index + 1)

    def back(self) -> Self:
        if self.index == 0 and self.repeat is Repeat.ALL and self.items:
            return replace(self, index=len(self.items) - 1)
        return replace(self, index=max(0, self.index - 1))

    def jump(self, position: int) -> Self:
        self._check(position)
        return replace(self, index=position)

    def remove(self, position: int) -> Self:
        """Take one place out; when it was the current one, the next song becomes current."""
        self._check(position)
        key = self.items[position].key
        return replace(
            self,
            items=self.items[:position] + self.items[position + 1 :],
            index=self.index - (position < self.index),
            unshuffled=None if self.unshuffled is None else tuple(k for k in self.unshuffled if k != key),
        )

    def move(self, source: int, target: int) -> Self:
        """Put one place elsewhere (``target``: its position afterwards); the current song stays current."""
        self._check(source)
        self._check(target)
        items = list(self.items)
        items.insert(target, items.pop(source))
        return replace(self, items=tuple(items), index=self._index_of(tuple(items)))

    def clear(self) -> Self:
        return replace(self, items=(), index=0, unshuffled=() if self.shuffle else None)

    def with_repeat(self, repeat: Repeat) -> Self:
        return replace(self, repeat=repeat)

    def with_shuffle(self, on: bool, seed: int) -> Self:
        """Mix what is there, the current song first and untouched; or restore the order from before."""
        if on == self.shuffle:
            return self
        if not on:
            by_key = {item.key: item for item in self.items}
            items = tuple(by_key[key] for key in self.unshuffled or ())
            return replace(self, items=items, index=self._index_of(items), unshuffled=None)
        current = self.current
        rest = [item for item in self.items if item is not current]
        random.Random(seed).shuffle(rest)  # noqa: S311 - an order of songs is no secret
        return replace(
            self,
            items=tuple(rest) if current is None else (current, *rest),
            index=len(rest) if current is None else 0,
            unshuffled=tuple(item.key for item in self.items),
        )

    def _index_of(self, items: tuple[Item, ...]) -> int:
        return len(items) if self.current is None else items.index(self.current)

    def _check(self, position: int) -> None:
        if not 0 <= position < len(self.items):
            msg = f"no place {position} in a queue of {len(self.items)}"
            raise IndexError(msg)

    def to_dict(self) -> dict[str, Any]:
        place = {item.key: position for position, item in enumerate(self.items)}
        return {
            "songs": [item.song_id for item in self.items],
            "index": self.index,
            "repeat": self.repeat.value,
            "unshuffled": None if self.unshuffled is None else [place[key] for key in self.unshuffled],
        }

    @classmethod
    def from_dict(cls, data: object) -> Self:
        """Whatever can be read of damaged data; the rest as in a new queue."""
        if not isinstance(data, Mapping):
            return cls()
        songs = data.get("songs")
        songs = [song for song in songs if isinstance(song, str) and song] if isinstance(songs, list) else []
        index = data.get("index")
        if not isinstance(index, int) or isinstance(index, bool) or not 0 <= index <= len(songs):
            index = 0
        order = data.get("unshuffled")
        whole = isinstance(order, list) and all(type(place) is int for place in order)
        unshuffled = None
        if isinstance(order, list):
            # A damaged order is forgotten, but that the queue is shuffled is not.
            unshuffled = (
                tuple(order) if whole and sorted(order) == list(range(len(songs))) else tuple(range(len(songs)))
            )
        repeat = data.get("repeat")
        return cls(
            items=tuple(Item(key, song_id) for key, song_id in enumerate(songs)),
            index=index,
            repeat=Repeat(repeat) if repeat in list(Repeat) else Repeat.OFF,
            unshuffled=unshuffled,
            next_key=len(songs),
        )
