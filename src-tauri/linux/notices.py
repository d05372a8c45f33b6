"""Writes the licences of everything that is in the desktop app: its own, its crates', the C sources
some of them bring, and those of what the page imports, fonts too. `notices.py FILE`.

Reads only what a build has on the disk already.
"""

import hashlib
import json
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LICENCE = re.compile(r"(licen[cs]e|copying|copyright|notice|unlicense|ofl)", re.IGNORECASE)
IMPORT = re.compile(r"""(?:from|import|url)\s*\(?\s*['"]((?:@[a-z][\w.-]*/)?[a-z][\w.-]*)""")
OWN = ("LICENSE-MIT", "LICENSE-APACHE")


def crates():
    """Name, licence and folder of each crate that is linked into the app."""
    command = ["cargo", "metadata", "--locked", "--format-version", "1"]
    command += ["--filter-platform", "x86_64-unknown-linux-gnu"]
    told = json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)
    packages = {package["id"]: package for package in told["packages"]}
    nodes = {node["id"]: node for node in told["resolve"]["nodes"]}
    app = next(id for id, package in packages.items() if package["name"] == "mizan-desktop")
    # Crates that only build or test leave nothing in the app, but for C sources some of them carry.
    carries = re.compile(r"-src$")
    seen, todo = set(), [app]
    while todo:
        crate = todo.pop()
        if crate in seen:
            continue
        seen.add(crate)
        for dependency in nodes[crate]["deps"]:
            kinds = {kind["kind"] for kind in dependency["dep_kinds"]}
            if None in kinds or carries.search(packages[dependency["pkg"]]["name"]):
                todo.append(dependency["pkg"])
    for package in (packages[crate] for crate in seen):
        if package["source"] is not None:
            folder = Path(package["manifest_path"]).parent
            yield f"{package['name']} {package['version']}", package["license"] or "", folder


def modules():
    """The same for each npm package the page imports, and for what those depend on."""
    page = ROOT / "ui"
    sources = [path for kind in ("ts", "svelte", "css") for path in (page / "src").rglob(f"*.{kind}")]
    sources = [path for path in sources if not path.name.endswith(".test.ts")]
    todo = {name for path in sources for name in IMPORT.findall(path.read_text("utf-8"))}
    seen = set()
    while todo:
        name = todo.pop()
        folder = page / "node_modules" / name
        if name in seen or not (folder / "package.json").is_file():
            continue
        seen.add(name)
        about = json.loads((folder / "package.json").read_text("utf-8"))
        todo |= set(about.get("dependencies", {}))
        yield f"{name} {about['version']} (npm)", about.get("license", ""), folder


def licences(folder):
    """The licence texts of a package, also of C sources inside."""
    names = [path for path in folder.glob("*") if LICENCE.search(path.name)]
    names += [path for path in folder.glob("*/*") if LICENCE.match(path.name)]
    for path in sorted(names):
        if path.is_file() and path.suffix not in {".rs", ".js", ".ts", ".json", ".html"}:
            yield path.read_text("utf-8", errors="replace").strip()


def main(target):
    by_text, texts, without = defaultdict(list), {}, []
    for name, licence, folder in sorted([*crates(), *modules()]):
        found = list(licences(folder))
        for text in found:
            key = hashlib.sha256(" ".join(text.split()).encode()).digest()
            texts.setdefault(key, text)
            by_text[key].append(name)
        if not found:
            without.append(f"{name}: {licence}")
    parts = ["Mizan is under the MIT licence or the Apache licence 2.0, as you choose."]
    parts += [(ROOT / name).read_text("utf-8").strip() for name in OWN]
    parts.append("The app holds the works of others named below, each under its own licence.")
    for key, names in sorted(by_text.items(), key=lambda entry: entry[1]):
        parts.append("\n".join(dict.fromkeys(names)) + "\n\n" + texts[key])
    if without:
        parts.append("These bring no text of their licence along:\n\n" + "\n".join(without))
    target.parent.mkdir(parents=True, exist_ok=True)
    rule = "\n\n" + "-" * 78 + "\n\n"
    target.write_text(rule.join(parts) + "\n", "utf-8")


main(Path(sys.argv[1]))
