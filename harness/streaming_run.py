"""The streaming engine over an order: one rule after the other, event by event."""

from collections.abc import Iterator

from harness.detection import Decided, Detection
from harness.order import Order, OrderError, Post
from harness.summary import Summary


class StreamingRun:
    """Reads the sources anew for every rule. Raises `OrderError` where a pipe would have to be read twice."""

    def __init__(self, order: Order) -> None:
        if len(order.posts) > 1 and order.pipe is not None:
            raise OrderError("--engine: found a pipe, which stream cannot read for several rules; legal: columnar")
        self._order = order
        self._detections = [self._detection(place, post) for place, post in enumerate(order.posts)]

    @property
    def read(self) -> int:
        """See `Run`."""
        return self._detections[0].selector.read

    def decided(self) -> Iterator[tuple[int, Decided]]:
        """See `Run`."""
        for place, detection in enumerate(self._detections):
            reader = detection.reader
            batches = reader.sorted(self._order.sources) if self._order.sort else reader.batches(self._order.sources)
            for decided in detection.decided(batches):
                yield place, decided

    def summaries(self) -> list[Summary]:
        """See `Run`."""
        return [detection.summary() for detection in self._detections]

    def _detection(self, place: int, post: Post) -> Detection:
        order = self._order
        with order.opening(post):
            return Detection(post.rule, post.store, post.store_name, order.enabled_at, order.complaint(place))
