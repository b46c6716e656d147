"""What the Marketplace, HACS, hassfest and Supervisor will check, checked here as far as it can be."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from PIL import Image

ROOT = Path(__file__).parent.parent
HOME = ROOT / "custom_components" / "mixtape"


def tracked_files() -> list[Path]:
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / line for line in listing.stdout.splitlines() if (ROOT / line).is_file()]


def load(path: Path) -> Any:
    return json.loads(path.read_text())


def test_manifest_has_what_hassfest_and_the_marketplace_ask_for() -> None:
    manifest = load(HOME / "manifest.json")
    keys = list(manifest)
    assert keys[:2] == ["domain", "name"]
    assert keys[2:] == sorted(keys[2:])
    assert {"codeowners", "documentation", "iot_class", "issue_tracker", "version", "config_flow"} <= set(keys)
    assert manifest["domain"] == "mixtape"
    assert manifest["documentation"].startswith("https://")
    assert "home-assistant.io" not in manifest["documentation"]
    assert manifest["integration_type"] == "service"
    assert manifest["iot_class"] == "local_push"
    for requirement in manifest.get("requirements", []):
        assert re.fullmatch(r"[A-Za-z0-9._\[\]-]+(==|>=)[0-9][0-9a-z.]*", requirement), requirement


def test_versions_agree() -> None:
    version = load(HOME / "manifest.json")["version"]
    for project in (ROOT / "pyproject.toml", ROOT / "addon" / "pyproject.toml"):
        assert f'version = "{version}"' in project.read_text(), project


def test_hacs_names_the_oldest_home_assistant() -> None:
    hacs = load(ROOT / "hacs.json")
    assert hacs["name"] == "Mixtape"
    assert re.fullmatch(r"20\d\d\.\d+\.\d+", hacs["homeassistant"])


def test_brand_pictures_have_the_sizes_that_home_assistant_expects() -> None:
    for name, size in (("icon.png", 256), ("icon@2x.png", 512)):
        with Image.open(HOME / "brand" / name) as picture:
            assert picture.size == (size, size), name
            assert picture.format == "PNG"


def test_only_the_app_may_have_a_file_that_supervisor_takes_for_one() -> None:
    found = {
        str(path.relative_to(ROOT)) for path in tracked_files() if re.fullmatch(r"config\.(ya?ml|json)", path.name)
    }
    assert found <= {"addon/config.yaml"}


def test_the_repository_stays_small_enough_to_be_installed() -> None:
    files = tracked_files()
    assert sum(path.stat().st_size for path in files) < 20 * 1024 * 1024
    heavy = [path for path in files if path.suffix in {".mp3", ".flac", ".wav", ".sf2", ".sf3", ".safetensors", ".db"}]
    assert not heavy


def test_no_file_names_a_path_of_one_machine() -> None:
    pattern = re.compile(r"(?<![\w.])/(?:root|work|home/[a-z]+)/")
    offenders = []
    for path in tracked_files():
        if path.suffix in {".png", ".lock", ".toml", ".jpg"} or path == Path(__file__):
            continue
        if pattern.search(path.read_text(errors="ignore")):
            offenders.append(str(path.relative_to(ROOT)))
    assert not offenders


def keys_of(value: Any, prefix: str = "") -> set[str]:
    """Dotted keys of every text in a translation file."""
    if not isinstance(value, dict):
        return {prefix}
    return set().union(*(keys_of(child, f"{prefix}.{key}" if prefix else key) for key, child in value.items()))


def test_translations_have_no_references_and_no_empty_texts() -> None:
    def check(value: Any, where: str) -> None:
        if isinstance(value, dict):
            for key, child in value.items():
                check(child, f"{where}.{key}")
        else:
            assert isinstance(value, str), where
            assert value.strip(), where
            assert "[%key:" not in value, where

    for path in (HOME / "translations").glob("*.json"):
        check(load(path), path.name)
    assert not (HOME / "strings.json").exists()


@pytest.mark.parametrize("language", sorted(path.stem for path in (HOME / "translations").glob("*.json")))
def test_every_language_has_every_text(language: str) -> None:
    english = keys_of(load(HOME / "translations" / "en.json"))
    assert keys_of(load(HOME / "translations" / f"{language}.json")) == english


def test_every_action_has_texts_and_an_icon() -> None:
    actions = yaml.safe_load((HOME / "services.yaml").read_text())
    texts = load(HOME / "translations" / "en.json")["services"]
    icons = load(HOME / "icons.json")["services"]
    assert set(actions) == set(texts) == set(icons)
    for name, action in actions.items():
        fields = dict(action.get("fields", {}))
        for section, inner in list(fields.items()):
            if "fields" in inner:
                assert section in texts[name]["sections"]
                fields |= fields.pop(section)["fields"]
        assert set(fields) == set(texts[name].get("fields", {})), name
        for field, text in texts[name].get("fields", {}).items():
            assert text["name"], field
            assert text["description"], field


def test_every_raised_translation_key_exists() -> None:
    texts = load(HOME / "translations" / "en.json")
    known = set(texts.get("exceptions", {}))
    used: set[str] = set()
    for path in HOME.rglob("*.py"):
        source = path.read_text()
        for raised in re.finditer(
            r"(?:ServiceValidationError|HomeAssistantError|ConfigEntry\w*Error|ConfigEntryNotReady|UpdateFailed)\((?:[^()]|\([^()]*\))*?translation_key=\"([a-z_0-9]+)\"",
            source,
        ):
            used.add(raised.group(1))
    assert used
    assert used <= known, used - known
