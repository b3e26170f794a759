"""The rooms meet only where the architecture lets them: who may import whom, read from the source."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import resolve_name
from pathlib import Path

import pytest

from harness.cli import VERBS

REPOSITORY = Path(__file__).parents[1]
ALLOWED = {
    "simulator": {"simulator"},
    "detector": {"detector"},
    "scenarios": {"scenarios", "simulator.records", "simulator.population"},
    "harness": {"harness", "simulator", "detector", "scenarios"},
}
"""What of ours each room may import; a package stands for all of its modules."""
HEAVY = {
    "altair",
    "duckdb",
    "faker",
    "jinja2",
    "luqum",
    "msgspec",
    "numba",
    "numpy",
    "pyarrow",
    "rich",
    "tabulate",
    "vl_convert",
    "yaml",
}


def imported(source: str, module: str) -> Iterator[str]:
    """The dotted names that a module's source imports, also by `import_module` and inside functions."""
    package = module.rpartition(".")[0]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            origin = resolve_name("." * node.level + (node.module or ""), package) if node.level else node.module
            yield from (f"{origin}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "__import__")):
            yield from (str(part.value) for part in ast.walk(node.args[0]) if isinstance(part, ast.Constant))


def wrong_arrows(source: str, module: str) -> list[str]:
    """The imports of ours that the room of *module* must not have."""
    allowed = ALLOWED[module.partition(".")[0]]
    return [
        name
        for name in imported(source, module)
        if name.partition(".")[0] in ALLOWED and not any(f"{name}.".startswith(f"{room}.") for room in allowed)
    ]


def modules(room: str) -> dict[str, Path]:
    paths = sorted((REPOSITORY / room).rglob("*.py"))
    return {".".join(path.relative_to(REPOSITORY).with_suffix("").parts): path for path in paths}


@pytest.mark.parametrize("room", ALLOWED)
def test_every_import_of_a_room_runs_the_right_way(room: str) -> None:
    found = modules(room)
    assert f"{room}.__init__" in found
    wrong = {module: wrong_arrows(path.read_text("utf-8"), module) for module, path in found.items()}
    assert {module: names for module, names in wrong.items() if names} == {}


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("simulator.records", "import detector"),
        ("simulator.records", "from scenarios.scenario import find"),
        ("detector.verdict", "import simulator.records as records"),
        ("detector.verdict", "def f():\n    from simulator import records"),
        ("detector.stores.base", "from harness.cli import main"),
        ("detector.verdict", "if TYPE_CHECKING:\n    from harness import run"),
        ("detector.verdict", 'import_module("simulator.records")'),
        ("detector.verdict", 'importlib.import_module(f"harness.verbs.{name}")'),
        ("detector.verdict", '__import__("simulator")'),
        ("scenarios.injection", "from simulator import behaviour"),
        ("scenarios.injection", "from simulator.recordsmore import x"),
        ("scenarios.injection", "import simulator"),
        ("scenarios.injection", "from detector.rules import NewValueRule"),
    ],
)
def test_a_planted_import_is_found(module: str, source: str) -> None:
    assert len(wrong_arrows(source, module)) == 1


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("scenarios.injection", "from simulator.records import encode"),
        ("scenarios.injection", "from simulator import records, population"),
        ("detector.stores.urls", "from .sqlite import SqliteStore"),
        ("detector.stores.urls", "from ..rules import NewValueRule"),
        ("harness.run", "import simulator.company, detector, scenarios.injection"),
        ("simulator.records", "import json, msgspec"),
    ],
)
def test_a_legal_import_is_let_through(module: str, source: str) -> None:
    assert wrong_arrows(source, module) == []


def loaded_by(*arguments: str) -> set[str]:
    """The packages that a call of the command has loaded at its end."""
    program = (
        "import sys\n"
        "from harness.cli import main\n"
        f"sys.argv = {['vaultdrill', *arguments]!r}\n"
        "try:\n    main()\n"
        "except SystemExit:\n    print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr)\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=30)
    return set(ran.stderr.split())


def test_help_waits_for_no_heavy_module() -> None:
    loaded = loaded_by("--help")
    assert "click" in loaded
    assert loaded & HEAVY == set()


@pytest.mark.parametrize("verb", VERBS)
def test_the_help_of_a_verb_waits_for_no_engine(verb: str) -> None:
    assert loaded_by(verb, "--help") & {"altair", "duckdb", "faker", "numba", "numpy", "pyarrow", "rich"} == set()


def test_the_rule_is_loaded_without_the_company() -> None:
    assert loaded_by("detect", "absent.ndjson").isdisjoint({"simulator", "scenarios", "faker", "numpy"})
