import ast
import subprocess
import sys

from lims.surveillance.detectors import DETECTORS
from tests.architecture.house import CHECKOUT, LIMS

ITSELF = "lims.surveillance.detectors"
ALONE = f"""
import sys
import {ITSELF}
print(*sorted(name for name in sys.modules if "." not in name))
print(*sorted(name for name in sys.modules if name.startswith("lims")))
"""
REST = {"sqlalchemy", "flask", "marshmallow", "click", "jinja2", "rdkit", "matplotlib"}


def test_the_detectors_can_be_used_without_the_rest_of_the_product():
    done = subprocess.run(
        [sys.executable, "-c", ALONE], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    packages, ours = done.stdout.splitlines()
    assert not REST & set(packages.split())
    others = {name for name in ours.split() if not name.startswith(ITSELF)}
    assert others == {"lims", "lims.surveillance"}


def test_the_detectors_import_numpy_scipy_and_each_other_only():
    allowed = {*sys.stdlib_module_names, "numpy", "scipy"}
    for path in (LIMS / "surveillance" / "detectors").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert all(n.split(".")[0] in allowed or n.startswith(ITSELF) for n in names), path


def test_every_detector_is_listed_under_the_name_of_its_function():
    for key, one in DETECTORS.items():
        assert key == one.key == one.function.__name__
        assert one.version >= 1
        assert one.source
