"""How thoroughly hypothesis looks: `ci` always, `nightly` with `--hypothesis-profile=nightly`."""

from hypothesis import settings

settings.register_profile("ci", deadline=None, derandomize=True)
settings.register_profile("nightly", deadline=None, max_examples=20_000)
settings.load_profile("ci")
