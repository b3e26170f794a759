"""`python -m harness` is `vaultdrill`."""

from harness.cli import main

main()
