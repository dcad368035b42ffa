"""What people do with alerts, for those who may not touch the store themselves."""

from collections.abc import Callable

from sqlalchemy import Connection

from tocsin.hub.configuring import Configuring
from tocsin.hub.errors import Refused
from tocsin.hub.recorder import Recorder
from tocsin.hub.timekeeper import Timekeeper
from tocsin.model.alert import Alert
from tocsin.model.audit import Author
from tocsin.model.by_hand import submission_on
from tocsin.model.handling import Handling
from tocsin.model.receipt import Outcome
from tocsin.model.signal import Kind
from tocsin.model.silence import Silence, snooze_of
from tocsin.model.submission import Payload
from tocsin.store import audit, handling, silences


class AlertWork:
    """Acts on alerts. Who calls it has found that whoever asks may do that.

    Args:
        configuring: does what is no event.
        recorder: records what is one.
        timekeeper: is told of silences that end.
    """

    def __init__(self, configuring: Configuring, recorder: Recorder, timekeeper: Timekeeper) -> None:
        self._configuring = configuring
        self._recorder = recorder
        self._timekeeper = timekeeper

    async def act(self, author: Author, alert: Alert, kind: Kind, comment: str, payload: Payload) -> None:
        """Acknowledge an alert, take that back, resolve it, or write a note on it: an event like any other.

        Args:
            author: who does it.
            alert: which.
            kind: acknowledgement, acknowledgement_end, recovery or note.
            comment: why.
            payload: the request that asked for it.

        Raises:
            Refused: the alert does not stand any more as it must for that.
            Unavailable: it cannot be recorded now.
        """
        submission = submission_on(alert, kind, author=author.name, comment=comment, payload=payload)
        (receipt,) = await self._recorder.record(submission)
        if receipt.outcome in {Outcome.REJECTED, Outcome.RECORDED}:
            raise Refused(receipt.reason)

    async def write(self, author: Author, alert: Alert, edit: Callable[[Handling], Handling]) -> None:
        """Change what stands on an alert.

        Args:
            author: who changes it.
            alert: which.
            edit: gives it as it is to be.

        Raises:
            Unavailable: it cannot be changed now.
        """

        def work(connection: Connection) -> None:
            found = handling.of_alerts(connection, alert.domain_id, [alert.seq])
            before = found.get(alert.seq) or Handling(alert.domain_id, alert.seq)
            after = edit(before)
            if after != before:
                handling.write(connection, after)
                audit.write(connection, author, "alert.change", before=before, after=after)

        await self._configuring.change(work)

    async def snooze(self, author: Author, alert: Alert, scope: str, ends_at: int) -> None:
        """Silence one alert, in place of what silences it alone so far.

        Args:
            author: who does it.
            alert: which.
            scope: on what they may act, as an expression; '' for everything.
            ends_at: the end of it, microseconds UTC. One that has passed ends what silences the alert.

        Raises:
            Refused: it would begin with its end, and nothing silences the alert.
            Taken: the domain has as many silences as it may.
            Unavailable: it cannot be done now.
        """
        expression, now = snooze_of(alert.seq), author.at

        def work(connection: Connection) -> None:
            present = silences.active(connection, alert.domain_id, now).get(expression)
            if present is not None:
                ended = silences.end_silence(connection, present, now)
                audit.write(connection, author, "silence.expire", before=present, after=ended)
            if ends_at > now:
                made = self._silence(connection, author, alert, scope, ends_at)
                audit.write(connection, author, "silence.create", after=made)
            elif present is None:
                raise Refused("lies in the past")

        await self._configuring.change(work)
        self._timekeeper.hurry()

    def _silence(
        self, connection: Connection, author: Author, alert: Alert, scope: str, ends_at: int
    ) -> Silence:
        return silences.create_silence(
            connection,
            domain_id=alert.domain_id,
            expression=snooze_of(alert.seq),
            scope=scope,
            starts_at=author.at,
            ends_at=ends_at,
            author=author.name,
            comment="",
            now=author.at,
        )
