"""Packages of npm as servers for the tests: each version is brought once, into a folder `npm` beside
the program under test, which lies in build/."""

import os
import pathlib
import shutil
import subprocess
import tempfile

import harness

BRING_SECONDS = 120


def bring(package, version):
    """The folder for NODE_PATH; without node, npm or a network the test is skipped."""
    for program in ("node", "npm"):
        if not shutil.which(program):
            harness.skip(f"{program} is not installed", "apt install nodejs npm")
    home = pathlib.Path(harness.Sender.program).resolve().parent / "npm"
    place = home / f"{package}-{version}"
    if not place.exists():
        home.mkdir(exist_ok=True)
        # Whole or not at all: another test may look at the same time.
        fresh = pathlib.Path(tempfile.mkdtemp(dir=home))
        try:
            brought = subprocess.run(
                ["npm", "install", "--loglevel=error", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", fresh,
                 f"{package}@{version}"], capture_output=True, text=True, errors="replace", timeout=BRING_SECONDS)
            if brought.returncode:
                why = " ".join(line for line in brought.stderr.splitlines() if "npm warn" not in line)
                harness.skip(f"npm does not bring {package}: {why[:200]}",
                             "a way to npm's registry")
            if not place.exists():
                fresh.rename(place)
        except subprocess.TimeoutExpired:
            harness.skip(f"npm does not bring {package} within {BRING_SECONDS} s", "a way to npm's registry")
        except OSError:
            if not place.exists():  # else the other test was faster
                raise
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    return place / "node_modules"


class NodeServer(harness.ServerProcess):
    """A script of ours around a package."""

    def __init__(self, modules, script, *words):
        super().__init__(["node", script, *words], env=os.environ | {"NODE_PATH": str(modules)})
