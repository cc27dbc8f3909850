"""What guests (impls/guests) need before they can take part.

    python3 setup/guests.py packages FOLDER...   prints the Debian packages of all of them
    python3 setup/guests.py build OUT FOLDER...  builds those that have a build step, into OUT

A guest that cannot be built is named, with the end of what its compiler said; the others are built
all the same, since a run says of each guest why it does not take part. Exits 1 if one failed. One
whose packages are not installed is left out, and named, too.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

PATIENCE_S = 600


def guests_in(folders: list[str]) -> list[tuple[Path, dict]]:
    """The folder and the description of each guest. What is wrong with a file is for `waitbench` to
    say, which refuses it: here it is passed over."""
    files = [file for folder in folders for file in sorted(Path(folder).resolve().glob("*.json"))]
    found = []
    for file in files:
        try:
            guest = json.loads(file.read_text("utf-8"))
        except (OSError, ValueError):
            continue
        if isinstance(guest, dict) and {"name", "source"} <= guest.keys():
            found.append((file.parent, guest))
    return found


def missing_packages(guest: dict) -> list[str]:
    """Its packages that are not installed; none where there is no dpkg to ask."""
    packages = guest.get("packages", [])
    if not packages or shutil.which("dpkg-query") is None:
        return []
    asked = ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *packages]
    told = subprocess.run(asked, capture_output=True, text=True).stdout.splitlines()
    installed = {line.split()[0] for line in told if line.endswith(" installed")}
    return sorted(set(packages) - installed)


def is_built(folder: Path, guest: dict, program: Path) -> bool:
    """Whether the program is newer than all that it may be made of."""
    kinds = {Path(guest["source"]).suffix, ".hpp", ".toml", ".json"}
    sources = [file for file in folder.rglob("*") if file.suffix in kinds]
    newest = max(file.stat().st_mtime for file in sources)
    return program.exists() and program.stat().st_mtime > newest


def build(folder: Path, guest: dict, program: Path) -> bool:
    places = {"{source}": folder / guest["source"], "{folder}": folder, "{program}": program}
    command = guest["build"]
    for place, path in places.items():
        command = [word.replace(place, str(path)) for word in command]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=PATIENCE_S
        )
        said = done.stderr.strip().splitlines()[-3:]
    except (OSError, subprocess.TimeoutExpired) as error:
        said = [str(error)]
    else:
        if done.returncode == 0:
            program.touch()  # a folder is not newer for what was built deeper in it
            return True
    print(f"the guest {guest['name']} could not be built:", *said, sep="\n  ", file=sys.stderr)
    return False


def build_all(out: Path, folders: list[str]) -> int:
    out.mkdir(parents=True, exist_ok=True)
    failed = 0
    for folder, guest in guests_in(folders):
        program = out.resolve() / guest["name"]
        if not guest.get("build") or is_built(folder, guest, program):
            continue
        if missing := missing_packages(guest):
            print(f"left out: the guest {guest['name']} needs {', '.join(missing)}", file=sys.stderr)
        else:
            print(f"building the guest {guest['name']}", file=sys.stderr)
            failed += not build(folder, guest, program)
    return 1 if failed else 0


def packages(folders: list[str]) -> int:
    named = {package for _, guest in guests_in(folders) for package in guest.get("packages", ())}
    print("\n".join(sorted(named)))
    return 0


def main(action: str, *words: str) -> int:
    if action == "packages":
        return packages(list(words))
    return build_all(Path(words[0]), list(words[1:]))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
