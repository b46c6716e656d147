"""Both packages carry the same words."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = "addon/mixtape_studio/words"
COPY = "custom_components/mixtape/words"


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "__pycache__"}


def test_the_copies_are_byte_identical() -> None:
    source = contents(ROOT / SOURCE)
    assert "parser.py" in source
    assert contents(ROOT / COPY) == source


def build(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([root / "scripts/build", *arguments], capture_output=True, text=True, timeout=30, check=False)


def test_build_checks_and_mends_a_copy(tmp_path: Path) -> None:
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts/build", tmp_path / "scripts/build")
    for folder in (SOURCE, COPY):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    assert build(tmp_path, "--check").returncode == 0

    (tmp_path / COPY / "parser.py").write_text("changed", encoding="utf-8")
    (tmp_path / COPY / "removed_long_ago.py").write_text("", encoding="utf-8")
    checked = build(tmp_path, "--check")
    assert checked.returncode == 1
    assert "scripts/build" in checked.stderr

    assert build(tmp_path).returncode == 0
    assert contents(tmp_path / COPY) == contents(tmp_path / SOURCE)
    assert build(tmp_path, "--nonsense").returncode == 2
