"""Where a scenario file is and how it is laid out."""

import re
from collections.abc import Iterator
from typing import Final

from scenarios.lints.page import Finding, Page
from scenarios.scenario import Scenario

SCHEMA_LINE: Final = "# yaml-language-server: $schema="
"""How a file begins, so that editors check it: followed by where the schema is, seen from the file.

Source: https://github.com/redhat-developer/yaml-language-server#using-inlined-schema.
"""

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_ILL = re.compile(r"[\s\[\],#~=]")
"""What no id may hold, for a case id holds it."""
_FOLDERS: Final = {"attacks": "attack", "benign": "benign"}


def form(page: Page) -> Iterator[Finding]:
    """Yield what is wrong with the place and layout of *page*."""
    path, scenario = page.template.document.path, page.scenario
    if not page.text.startswith(SCHEMA_LINE):
        yield page.on(1, "no-schema", f"let the first line be {SCHEMA_LINE}../scenario.schema.json")
    if not _NAME.fullmatch(path.stem) or path.suffix != ".yaml":
        yield page.on(1, "file-name", f"found {path.name}; legal: lower-case words with dashes, .yaml")
    elif _ILL.search(page.id):
        yield page.on(1, "file-name", f"found the id {page.id!r}; legal: one without space or any of [],#~=")
    folder = path.resolve().parent.name
    if _FOLDERS.get(folder, scenario.kind) != scenario.kind:
        yield page.finding(("kind",), "wrong-folder", f"found kind {scenario.kind} in the folder {folder}")
    yield from _order(page)


def _order(page: Page) -> Iterator[Finding]:
    """Fields come in one order in every file: what it is, what varies, who, when, what happens."""
    written, order = list(page.template.document.value), Scenario.__struct_fields__
    ordered = sorted(written, key=order.index)
    if written != ordered:
        first = next(name for name, other in zip(written, ordered, strict=True) if name != other)
        yield page.finding((first,), "field-order", f"legal: {', '.join(ordered)}")
