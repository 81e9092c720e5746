#!/usr/bin/env python3
"""Holds the shape of the source tree: who may include whom, one door per library, a core that touches nothing.

Every rule is a row of a table and a small function that yields complaints; `Planted` breaks each rule once in a
scratch tree and expects the complaint, so that a rule that sees nothing cannot pass unnoticed.
Run: python3 tests/layering_test.py. Python's standard library only.
"""

import fnmatch
import re
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

TOP_LEVEL = {"CMakeLists.txt", "CMakePresets.json", "README.md",
             "engine", "feeds", "sinks", "bench", "tests", "tools"}
NOT_SOURCE = {"build"}  # made by the presets
MAX_LINES = 400

# Folder -> folders it may include from. The longest matching folder decides.
EVERYTHING = ["engine", "engine/base", "engine/market", "feeds", "feeds/net", "feeds/live",
              "sinks", "sinks/delivery", "sinks/text", "sinks/transport", "tools", "bench", "tests"]
MAY_INCLUDE = {
    "engine/base": ["engine/base"],
    "engine/market": ["engine/base", "engine/market"],
    "engine": ["engine/base", "engine/market", "engine"],
    "feeds/net": ["engine/base", "feeds/net"],
    "feeds": ["engine/base", "engine/market", "feeds"],
    "feeds/live": ["engine/base", "engine/market", "feeds/net", "feeds", "feeds/live"],
    "sinks/delivery": ["engine/base", "engine/market", "sinks/delivery"],
    "sinks/text": ["engine/base", "engine/market", "sinks/delivery", "sinks/text"],
    "sinks": ["engine/base", "engine/market", "sinks/delivery", "sinks"],
    "sinks/transport": ["engine/base", "engine/market", "sinks/delivery", "sinks", "sinks/transport"],
    "tools": ["engine/base", "engine/market", "engine", "feeds/net", "feeds", "feeds/live",
              "sinks/delivery", "sinks/text", "sinks/transport", "sinks", "tools"],
    "bench": EVERYTHING,
    "tests": EVERYTHING,
}

# Library header -> the files that may include it. A header in neither table is refused.
DOORS = {
    "benchmark/*": ["bench/*"],
    "catch2/*": ["tests/catch.hpp"],
    "CLI/*": ["tools/command_line*", "tools/main.cpp"],
    "concurrentqueue/*": ["engine/base/bounded_queue.hpp"],
    "curl/*": ["feeds/live/http_client.cpp", "sinks/transport/*"],
    "date/*": ["engine/market/calendar.cpp", "engine/market/local_clock.cpp", "sinks/text/zone.cpp"],
    "fast_float/*": ["engine/base/decimal.cpp"],
    "fmt/*": ["engine/*", "feeds/*", "sinks/*", "tools/*", "bench/*", "tests/*"],
    "libwebsockets.h": ["feeds/net/event_loop.cpp", "bench/websocket_role.cpp"],
    "nlohmann/*": ["sinks/journal_*", "sinks/local_socket_*", "sinks/transport/*", "tools/*", "bench/*", "tests/*"],
    "oneapi/*": ["engine/graph.*"],
    "openssl/*": ["feeds/net/*.cpp", "feeds/net/tls_*.hpp", "bench/websocket_*.cpp", "sinks/sha256.cpp", "sinks/transport/*.cpp", "tests/*"],
    "rapidcheck*": ["tests/*"],
    "simdjson*": ["feeds/json.hpp"],
    "spdlog/*": ["sinks/log.cpp"],
    "sqlite3.h": ["sinks/sqlite.*", "tests/*"],
    "systemd/*": ["sinks/journald_output*", "sinks/transport/desktop*"],
    "tbb/*": [],  # oneapi/tbb is its name
    "toml++/*": ["tools/config_toml.cpp"],
    "zlib.h": ["feeds/byte_source*.cpp", "feeds/capture_*.cpp", "tests/*"],
    "zstd.h": ["feeds/byte_source*.cpp", "feeds/capture_*.cpp", "tests/*"],
}
# Headers of the system; engine/ computes and has no use for them.
SYSTEM = ["sys/*", "arpa/*", "dlfcn.h", "fcntl.h", "grp.h", "netdb.h", "netinet/*", "poll.h", "pthread.h", "pwd.h", "sched.h", "signal.h", "spawn.h", "unistd.h", "valgrind/*"]
SYSTEM_USERS = ["feeds/*", "sinks/*", "tools/*", "bench/*", "tests/*"]
# Headers that only compute: vector lanes, globs.
PURE = ["*mmintrin.h", "x86intrin.h", "cpuid.h", "fnmatch.h"]

# What code in engine/ must not say: it opens nothing, waits for nothing and reads no clock.
IMPURE = [r"\bfstream\b", r"\b[io]fstream\b", r"\bfopen\b", r"\bsocket\s*\(", r"::now\s*\(", r"\bclock_gettime\b",
          r"\bgettimeofday\b", r"\bsleep_(for|until)\b", r"\bgetenv\b", r"\bstd::(cout|cerr|cin)\b", r"\brdtsc\b"]
UNFINISHED = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")

TEXT_SUFFIXES = {".cpp", ".hpp", ".py", ".md", ".txt", ".toml", ".json", ".sh", ""}


def sources(root):
    for folder in sorted(TOP_LEVEL):
        for path in sorted((root / folder).rglob("*")) if (root / folder).is_dir() else []:
            if path.suffix in {".cpp", ".hpp"}:
                yield path.relative_to(root)


def code_of(text):
    """The text without comments and literals; line numbers stay."""
    pattern = re.compile(r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"', re.S)
    return pattern.sub(lambda match: "\n" * match[0].count("\n"), text)


def includes(text):
    for number, line in enumerate(text.splitlines(), 1):
        match = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
        if match:
            yield number, match[1] == "<", match[2]


def folder_of(name, folders):
    fitting = [folder for folder in folders if name.startswith(folder + "/")]
    return max(fitting, key=len, default=None)


def matches(name, patterns):
    return any(fnmatch.fnmatch(name, pattern) for pattern in patterns)


def top_level(root):
    for path in sorted(root.iterdir()):
        if path.name not in TOP_LEVEL | NOT_SOURCE and not path.name.startswith("."):
            yield f"{path.name}: does not belong on the top level"


def directions(root):
    for path in sources(root):
        own = folder_of(path.as_posix(), MAY_INCLUDE)
        for number, angled, header in includes((root / path).read_text()):
            if angled:
                continue
            target = folder_of(header, EVERYTHING)
            if target is None or not (root / header).is_file():
                yield f"{path}:{number}: {header} is no path from the repository root"
            elif target not in MAY_INCLUDE[own]:
                yield f"{path}:{number}: {own} may not include {target} ({header})"


def may_use(name, header):
    """True or False for a header somebody answers for; None for one that no table names."""
    if re.fullmatch(r"[a-z_]+", header):
        return True  # the standard library
    if matches(header, SYSTEM):
        return matches(name, SYSTEM_USERS)
    if matches(header, PURE):
        return True
    for pattern, users in DOORS.items():
        if fnmatch.fnmatch(header, pattern):
            return matches(name, users)
    return None


def doors(root):
    for path in sources(root):
        for number, angled, header in includes((root / path).read_text()):
            allowed = may_use(path.as_posix(), header) if angled else True
            if allowed is None:
                yield f"{path}:{number}: <{header}> is in no table of doors"
            elif not allowed:
                yield f"{path}:{number}: <{header}> has its door elsewhere"


def purity(root):
    for path in sources(root):
        if path.parts[0] != "engine":
            continue
        for number, line in enumerate(code_of((root / path).read_text()).splitlines(), 1):
            for pattern in IMPURE:
                if re.search(pattern, line):
                    yield f"{path}:{number}: the core touches nothing ({pattern})"


def sizes(root):
    for path in sources(root):
        lines = len((root / path).read_text().splitlines())
        if lines > MAX_LINES:
            yield f"{path}: {lines} lines, at most {MAX_LINES}"


def openings(root):
    """A .cpp may leave its story to the header it begins with."""
    for path in sources(root):
        allowed = ("//", '#include "') if path.suffix == ".cpp" else ("//",)
        if not (root / path).read_text().startswith(allowed):
            yield f"{path}:1: a file opens with what it is and why it is so"


def own_headers(root):
    """A header is read once, and X.cpp begins with X.hpp, which so proves to compile alone (CMakeLists.txt)."""
    for path in sources(root):
        text = (root / path).read_text()
        if path.suffix == ".hpp" and not re.search(r"^#pragma once$", text, re.M):
            yield f"{path}:1: no #pragma once"
        own = path.with_suffix(".hpp").as_posix()
        if path.suffix == ".cpp" and (root / own).is_file() and next(includes(text), (1, True, ""))[2] != own:
            yield f"{path}:1: does not include {own} first"


DECLARATION = [
    re.compile(r"#define (\w+)"),
    re.compile(r"using (\w+) ="),
    re.compile(r"(?:template <.*> )?(?:class|struct|union|enum class|enum) (?:alignas\(.*?\) )?(\w+)"),
    re.compile(r"[\w:<>,&*\s\[\]]*?[\s&*](\w+)(?=\(|\{| = | \{|\[|;)"),  # functions and variables
]


def own_names(text):
    """(line, namespace, name, text) of what a .cpp keeps to itself: as clang-format lays it out, at a line's start."""
    namespace, inside = "", False
    for number, (raw, line) in enumerate(zip(text.splitlines(), code_of(text).splitlines()), 1):
        opened = re.match(r"namespace ([\w:]*) ?\{", line)
        if opened or raw.startswith("}  // namespace"):
            inside = bool(opened and not opened[1])
            namespace = opened[1] if opened and opened[1] else namespace
        elif line.startswith("#define") or (inside and re.match(r"[a-z\[]", line)):
            match = next(filter(None, (pattern.match(line) for pattern in DECLARATION)), None)
            if match and not line.startswith(("static_assert", "using namespace")):
                yield number, namespace, match[1], line.strip()


def program_of(root, path):
    """The folder that builds `path` into one library or program with others; None for what is built alone."""
    if path.parts[0] == "tests" and path.parts[1] in {"fuzz", "net", "live", "levels_states.cpp"}:
        return None
    folder = path.parent
    while path.parts[0] != "tests" and folder.parent.name and not (root / folder / "CMakeLists.txt").is_file():
        folder = folder.parent
    return folder


def own_names_once(root):
    """What files of a library keep to themselves has names that differ, so that the files also compile as one: .ci/run
    builds and lints them so. What two files say alike belongs in a header; what differs deserves a name that says more."""
    seen = {}
    for path in sources(root):
        program = program_of(root, path)
        if path.suffix != ".cpp" or program is None:
            continue
        for number, namespace, name, text in own_names((root / path).read_text()):
            other, said = seen.setdefault((program, namespace, name), (path, text))
            is_same_alias = said == text and text.startswith("using ")
            if other != path and not is_same_alias:
                yield f"{path}:{number}: {name} is a name of {other}, too: share it in a header, or let it say more"


def finished(root):
    for folder in sorted(TOP_LEVEL):
        start = root / folder
        for path in [start] if start.is_file() else sorted(start.rglob("*")):
            if not path.is_file() or path.suffix not in TEXT_SUFFIXES or "data" in path.parts or "corpus" in path.parts:
                continue
            for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
                if UNFINISHED.search(line):
                    yield f"{path.relative_to(root)}:{number}: unfinished work: {line.strip()}"


def documents(root):
    """Links of every page resolve, and tables of a README name files that exist."""
    for page in sorted(root.rglob("*.md")):
        if page.relative_to(root).parts[0] in NOT_SOURCE:
            continue
        for number, line in enumerate(page.read_text().splitlines(), 1):
            links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", line)
            names = []
            if page.name == "README.md" and line.lstrip().startswith("|"):
                names = re.findall(r"`([\w./*-]+\.(?:cpp|hpp|py))`", line)
            wanted = [link for link in links if not re.match(r"[a-z]+:", link)] + names
            for name in wanted:
                if not any(list(base.glob(name)) for base in (page.parent, root)):
                    yield f"{page.relative_to(root)}:{number}: {name} does not exist"


RULES = [top_level, directions, doors, purity, sizes, openings, own_headers, own_names_once, finished, documents]


class Repository(unittest.TestCase):
    def test_every_rule_holds(self):
        complaints = [complaint for rule in RULES for complaint in rule(ROOT)]
        self.assertEqual(complaints, [], "\n" + "\n".join(complaints))

    def test_there_is_something_to_look_at(self):
        self.assertGreater(len(list(sources(ROOT))), 20)


class Planted(unittest.TestCase):
    CASES = [
        (top_level, "notes/a.txt", "", "does not belong"),
        (directions, "feeds/a.cpp", '// A.\n#include "engine/x.hpp"\n', "feeds may not include engine"),
        (directions, "sinks/a.cpp", '// A.\n#include "feeds/x.hpp"\n', "sinks may not include feeds"),
        (directions, "engine/base/a.cpp", '// A.\n#include "engine/market/x.hpp"\n', "engine/base may not include"),
        (directions, "engine/market/a.cpp", '// A.\n#include "engine/x.hpp"\n', "engine/market may not include engine"),
        (directions, "engine/a.cpp", '// A.\n#include "tools/x.hpp"\n', "engine may not include tools"),
        (directions, "tools/a.cpp", '// A.\n#include "tests/x.hpp"\n', "tools may not include tests"),
        (directions, "tools/a.cpp", '// A.\n#include "missing.hpp"\n', "no path from the repository root"),
        (doors, "feeds/binance.cpp", "// A.\n#include <simdjson.h>\n", "has its door elsewhere"),
        (doors, "tools/a.cpp", "// A.\n#include <tbb/flow_graph.h>\n", "has its door elsewhere"),
        (doors, "engine/a.cpp", "// A.\n#include <sys/socket.h>\n", "has its door elsewhere"),
        (doors, "tools/a.cpp", "// A.\n#include <boost/any.hpp>\n", "in no table of doors"),
        (purity, "engine/a.cpp", "// A.\nauto t = std::chrono::steady_clock::now();\n", "a.cpp:2: the core touches"),
        (purity, "engine/base/a.cpp", "// A.\nstd::ifstream in(path);\n", "the core touches nothing"),
        (sizes, "sinks/a.hpp", "// A.\n" * (MAX_LINES + 1), "401 lines"),
        (openings, "sinks/a.hpp", "#pragma once\n", "opens with what it is"),
        (openings, "sinks/a.cpp", "#include <string>\n", "opens with what it is"),
        (own_headers, "engine/y.hpp", "// Y.\nstruct Y {};\n", "no #pragma once"),
        (own_headers, "tools/x.cpp", '#include "engine/x.hpp"\n#include "tools/x.hpp"\n', "include tools/x.hpp first"),
        (own_headers, "tools/x.cpp", "// X.\nint x;\n", "include tools/x.hpp first"),
        (own_names_once, "feeds/a.cpp", "// A.\nnamespace {\nconstexpr int kMost = 2;\n}  // namespace\n", "kMost"),
        (own_names_once, "feeds/a.cpp", "// A.\nnamespace {\nstd::vector<int> made(int a) {\n}\n}\n", "made"),
        (own_names_once, "feeds/a.cpp", "// A.\nnamespace {\ntemplate <class T> struct Row {\n};\n}\n", "Row"),
        (own_names_once, "feeds/z.cpp", "// A.\nnamespace {\nusing Json = other;\n}\n", "Json"),
        (own_names_once, "feeds/a.cpp", "// A.\n#define FASTRSI_A 2\n", "FASTRSI_A"),
        (finished, "tools/a.py", "# TO" + "DO later\n", "unfinished work"),
        (documents, "feeds/README.md", "see [there](gone.md)\n", "gone.md does not exist"),
        (documents, "feeds/README.md", "| `gone.cpp` | reads |\n", "gone.cpp does not exist"),
    ]
    HEADER = "// X.\n#pragma once\n"
    CLEAN = {
        "engine/x.hpp": HEADER, "engine/market/x.hpp": HEADER, "feeds/x.hpp": HEADER,
        "tools/x.hpp": HEADER, "tests/x.hpp": HEADER,
        "engine/graph.cpp": '// now(): ifstream.\n#include <oneapi/tbb/flow_graph.h>\n#include "engine/x.hpp"\n',
        "feeds/json.hpp": HEADER + "#include <simdjson.h>\n#include <string>\n",
        "feeds/x.cpp": '#include "feeds/x.hpp"\n#define FASTRSI_A 1\nnamespace {\nconstexpr int kMost = 1;\n'
                       "struct Row {\n  int kOwn;\n};\nint made() {\n  int local;\n}\nusing Json = json;\n}  // namespace\n",
        "feeds/y.cpp": "// Y.\nnamespace {\nint local() {\n}\nusing Json = json;\n}  // namespace\nint made(int i) {\n}\n",
        "tools/y.cpp": "// Y.\nnamespace {\nconstexpr int kMost = 1;\n}  // namespace\n",
        "README.md": "[x](engine/x.hpp) [web](https://example.org)\n| `feeds/*.hpp` | `x` |\n",
    }

    def tree(self, extra):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        root = Path(scratch.name)
        for name, text in {**self.CLEAN, **extra}.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        return root

    def test_a_clean_tree_has_no_complaints(self):
        root = self.tree({})
        self.assertEqual([complaint for rule in RULES for complaint in rule(root)], [])

    def test_every_planted_violation_is_caught(self):
        for rule, name, text, words in self.CASES:
            with self.subTest(rule=rule.__name__, name=name, words=words):
                complaints = list(rule(self.tree({name: text})))
                self.assertEqual(len(complaints), 1, complaints)
                self.assertIn(words, complaints[0])
        self.assertEqual({rule for rule, *_ in self.CASES}, set(RULES))


if __name__ == "__main__":
    sys.exit(unittest.main())
