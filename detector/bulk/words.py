"""Words: eight bytes of a text at once, for compiled code."""

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic


@intrinsic  # type: ignore[untyped-decorator]
def word_at(_typing: Any, data: Any, _place: Any) -> Any:
    """The eight bytes from a place on, the first the lowest. All of them must lie within *data*."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        held = context.make_array(signature.args[0])(context, builder, arguments[0])
        word = ir.IntType(64)
        address = builder.bitcast(builder.gep(held.data, [arguments[1]]), word.as_pointer())
        return builder.load(address, align=1)

    return types.uint64(data, types.uint64), generate
