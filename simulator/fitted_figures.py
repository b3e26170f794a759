"""Figures as a fitted profile has them: four digits that mean something, and none beyond what a profile may say."""

from typing import Any, Final

import msgspec
from msgspec import inspect

from simulator.profile import Profile

DIGITS: Final = 4
"""Significant digits of a fitted number: chance leaves no more (assumption)."""


def as_figures(fitted: dict[str, Any]) -> dict[str, Any]:
    """Return the figures *fitted*, by field of `Profile`, rounded to `DIGITS` and no greater than legal.

    >>> as_figures({"weeks_away": 0.064614, "service_accounts": 2500.0, "sync_ms": (0, 123456)})
    {'weeks_away': 0.06461, 'service_accounts': 1000.0, 'sync_ms': (0, 123456)}
    """
    shape = inspect.type_info(Profile)
    assert isinstance(shape, inspect.StructType)
    shapes = {field.name: field.type for field in shape.fields}
    return {field: _figure(shapes[field], value) for field, value in fitted.items()}


def _figure(shape: inspect.Type, value: Any) -> Any:
    match shape:
        case inspect.Metadata(type=inner):
            return _figure(inner, value)
        case inspect.FloatType(le=most):
            rounded = float(f"{value:.{DIGITS}g}")
            return rounded if most is None else min(rounded, float(most))
        case inspect.DictType(value_type=each):
            return {key: _figure(each, part) for key, part in value.items()}
        case inspect.VarTupleType(item_type=each):
            return tuple(_figure(each, part) for part in value)
        case inspect.StructType(fields=fields) if hasattr(value, "share"):
            share = next(field.type for field in fields if field.name == "share")
            return msgspec.structs.replace(value, share=_figure(share, value.share))
    return value
