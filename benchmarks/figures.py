"""What every benchmark here prints: a table on screen, JSON with ``--json``, a verdict with ``--check``."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number. ``target`` None means that it is only reported."""

    name: str
    value: float
    unit: str
    target: float | None = None
    better: Literal["higher", "lower"] = "lower"

    @property
    def ok(self) -> bool:
        if self.target is None:
            return True
        return self.value >= self.target if self.better == "higher" else self.value <= self.target


def argument_parser(description: str) -> argparse.ArgumentParser:
    """A parser with the two options that all benchmarks share."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the figures to FILE")
    parser.add_argument("--check", action="store_true", help="exit with 1 when a target is missed")
    return parser


def table(figures: list[Figure]) -> str:
    """Aligned text, one line a figure."""
    rows = [("figure", "value", "unit", "target", "")]
    for figure in figures:
        sign = ">=" if figure.better == "higher" else "<="
        target = "" if figure.target is None else f"{sign} {figure.target:g}"
        verdict = "" if figure.target is None else ("ok" if figure.ok else "MISSED")
        rows.append((figure.name, f"{figure.value:.4g}", figure.unit, target, verdict))
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    lines = []
    for name, value, unit, target, verdict in rows:
        line = f"{name:<{widths[0]}}  {value:>{widths[1]}} {unit:<{widths[2]}}  {target:>{widths[3]}}  {verdict}"
        lines.append(line.rstrip())
    return "\n".join(lines)


def report(name: str, figures: list[Figure], arguments: argparse.Namespace) -> None:
    """Print, write and judge; leaves the program with 1 under ``--check`` when a target is missed."""
    print(f"\n{name}\n{table(figures)}")
    if arguments.json is not None:
        entries = [
            {key: value for key, value in (asdict(figure) | {"ok": figure.ok}).items() if key != "better"}
            for figure in figures
        ]
        arguments.json.write_text(json.dumps({"name": name, "figures": entries}, indent=2) + "\n")
    if arguments.check and not all(figure.ok for figure in figures):
        sys.exit(1)
