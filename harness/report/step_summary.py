"""The summary of a pipeline's step: Markdown that is appended to what earlier steps wrote there."""

from pathlib import Path

from harness.output import telling


def append_summary(path: Path, markdown: str) -> None:
    """Append *markdown* to *path*, which need not be there. Raises `harness.output.OutputError`.

    GitHub shows up to 1 MiB a step, of the file that its variable `GITHUB_STEP_SUMMARY` names.
    """
    with telling(path), path.open("a", encoding="utf-8", newline="\n") as stream:
        stream.write(f"{markdown}\n\n")
