"""What can be wrong with a wish."""

from __future__ import annotations


class WordsError(ValueError):
    """A wish that cannot be taken as it is.

    ``field`` names what is at fault as in ``ParsedWish`` (``"text"`` for the wish as a whole);
    ``code`` is one of ``empty``, ``too_long``, ``control_character``, ``out_of_range``, ``unknown_key``.
    """

    def __init__(
        self,
        field: str,
        code: str,
        value: str,
        *,
        low: float | None = None,
        high: float | None = None,
    ) -> None:
        limits = "" if low is None or high is None else f" (allowed: {low:g} to {high:g})"
        super().__init__(f"{field}: {code.replace('_', ' ')}: {value}{limits}" if value else f"{field}: {code}")
        self.field = field
        self.code = code
        self.value = value
        self.low = low
        self.high = high
