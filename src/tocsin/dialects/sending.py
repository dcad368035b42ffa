"""What senders to targets share: one guarded POST, and what its answer means for the delivery."""

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType

from tocsin.dialects.guard import GuardedTransport, PrivateAddress
from tocsin.dialects.outgoing import Answer, TransportError, apost, open_async_client, parse_url
from tocsin.dialects.retry_after import seconds_asked
from tocsin.model.delivery import ANSWER_LIMIT, Sent, SentOutcome

_LATER = frozenset({408, 429})


class Post:
    """Posts to targets, over connections that are kept open.

    Args:
        allow_private: also to private addresses.
    """

    def __init__(self, *, allow_private: bool) -> None:
        self._client = open_async_client(GuardedTransport(allow_private=allow_private))

    async def send(
        self, url: str, body: bytes, seconds: float, headers: Mapping[str, str] = MappingProxyType({})
    ) -> tuple[Sent, bytes]:
        """Make one POST.

        Args:
            url: where to.
            body: JSON.
            seconds: timeout of each step.
            headers: beside the Content-Type.

        Returns:
            What the status says, accepted for 2xx; and the body of the answer.
        """
        try:
            answer = await apost(self._client, parse_url(url), body, seconds, headers)
        except (PrivateAddress, ValueError) as refusal:
            return Sent(SentOutcome.REFUSED, reason=str(refusal)), b""
        except TransportError as failure:
            return Sent(SentOutcome.RETRY, reason=str(failure)), b""
        return _sent(answer), answer.body

    async def close(self) -> None:
        """Close every connection."""
        await self._client.aclose()


def _sent(answer: Answer) -> Sent:
    status = answer.status
    shown = answer.body[: 4 * ANSWER_LIMIT].decode("utf-8", "replace").replace("\x00", "")[:ANSWER_LIMIT]
    if 200 <= status < 300:
        return Sent(SentOutcome.ACCEPTED, status, answer=shown)
    if status in _LATER or status >= 500:
        asked = seconds_asked(answer.retry_after, datetime.now(UTC))
        return Sent(SentOutcome.RETRY, status, f"status {status}", shown, asked)
    if 300 <= status < 400:
        return Sent(SentOutcome.REFUSED, status, f"status {status}: redirects are not followed", shown)
    return Sent(SentOutcome.REFUSED, status, f"status {status}", shown)
