"""What the demo tells a person when it cannot go on."""


class DemoError(Exception):
    """``message`` says what failed, ``hint`` what to do about it."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
