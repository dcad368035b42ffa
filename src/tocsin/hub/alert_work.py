"""What people do with alerts, for those who may not touch the store themselves."""

from collections.abc import Callable, Sequence

from msgspec.structs import replace
from sqlalchemy import Connection

from tocsin.hub.configuring import Configuring
from tocsin.hub.errors import Forbidden, Refused
from tocsin.hub.recorder import Recorder
from tocsin.hub.timekeeper import Timekeeper
from tocsin.model.alert import Alert, AlertState
from tocsin.model.audit import Author
from tocsin.model.by_hand import submission_on
from tocsin.model.handling import Handling
from tocsin.model.identifiers import alert_id
from tocsin.model.mark import Mark
from tocsin.model.receipt import Outcome
from tocsin.model.signal import Kind
from tocsin.model.silence import Silence, snooze_of
from tocsin.model.submission import Payload, Submission
from tocsin.query.fields import ALERT_FIELDS
from tocsin.query.tree import Expression, conjunction, one_of
from tocsin.store import audit, bulk, handling, marks, reading, search, silences, situation, tables
from tocsin.store.ledger import Ledger, Written
from tocsin.store.rows import alert_row


class AlertWork:
    """Acts on alerts. Who calls it has found that whoever asks may do that.

    Args:
        configuring: does what is more than an event.
        recorder: records what is one.
        ledger: records what belongs to more.
        timekeeper: is told of silences that end.
        committed: told what the ledger wrote, after each commit.
    """

    def __init__(
        self,
        configuring: Configuring,
        recorder: Recorder,
        ledger: Ledger,
        timekeeper: Timekeeper,
        committed: Callable[[Written], None],
    ) -> None:
        self._configuring = configuring
        self._recorder = recorder
        self._ledger = ledger
        self._timekeeper = timekeeper
        self._committed = committed

    async def act(self, author: Author, alert: Alert, kind: Kind, comment: str, payload: Payload) -> int:
        """Acknowledge an alert, take that back, resolve it, or write a note on it: an event like any other.

        Args:
            author: who does it.
            alert: which.
            kind: acknowledgement, acknowledgement_end, recovery or note.
            comment: why.
            payload: the request that asked for it.

        Returns:
            The number of the event.

        Raises:
            Refused: the alert does not stand any more as it must for that.
            Unavailable: it cannot be recorded now.
        """
        submission = submission_on(alert, kind, author=author.name, comment=comment, payload=payload)
        (receipt,) = await self._recorder.record(submission)
        if receipt.outcome in {Outcome.REJECTED, Outcome.RECORDED}:
            raise Refused(receipt.reason)
        return receipt.seq

    async def open(
        self, submission: Submission, edit: Callable[[Handling], Handling], within: Expression
    ) -> int:
        """Open an alert of which no source told.

        Args:
            submission: what opens it.
            edit: gives what is to stand on it.
            within: on what whoever asks may act.

        Returns:
            The number of the alert.

        Raises:
            Forbidden: it would lie beyond that. Nothing was done.
            Unavailable: it cannot be opened now.
        """
        alert_seq, domain_id = 0, submission.source.domain_id

        def work(connection: Connection) -> Written:
            nonlocal alert_seq
            written = self._ledger.write(connection, [submission])
            ((receipt,),) = written.receipts
            alert_seq = receipt.alert_seq
            own = one_of(ALERT_FIELDS.by_name["id"], [alert_seq])
            if not search.alerts(connection, domain_id, conjunction([own, within]), limit=1):
                raise Forbidden("the alert would lie beyond what may be acted on")
            untouched = Handling(domain_id, alert_seq)
            if (wanted := edit(untouched)) != untouched:
                handling.write(connection, wanted)
            return written

        await self._change(work)
        return alert_seq

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

    async def assign(self, author: Author, alert: Alert, assignee: str, payload: Payload) -> None:
        """Say who is to see to an alert from now on, be it open or resolved.

        Args:
            author: who says so.
            alert: which.
            assignee: who; '' for nobody.
            payload: the request that asked for it.

        Raises:
            Missing: it was merged or deleted meanwhile.
            Unavailable: it cannot be done now.
        """

        def work(connection: Connection) -> Written:
            # The ledger writes alerts whole: nobody may have read this one and not written it yet.
            situation.lock_domains(connection, {alert.domain_id})
            before = reading.alert(connection, alert.domain_id, alert.seq)
            if before.assignee == assignee:
                return Written()
            after = replace(before, assignee=assignee)
            bulk.upsert(connection, tables.alert, [alert_row(after)])
            audit.write(connection, author, "alert.assign", before=before, after=after)
            return self._record(connection, author, [(after, Kind.NOTE, "")], payload, assignee)

        await self._change(work)

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
                made = _silence(connection, author, alert, scope, ends_at)
                audit.write(connection, author, "silence.create", after=made)
            elif present is None:
                raise Refused("lies in the past")

        await self._configuring.change(work)
        self._timekeeper.hurry()

    async def merge(self, author: Author, into: Alert, others: Sequence[Alert], payload: Payload) -> None:
        """Let alerts be part of another: their events are seen as its own, and their keys join it.

        Those that are open are resolved, so that whoever heard of them hears of their end.

        Args:
            author: who does it.
            into: the one that stays.
            others: those that become part of it.
            payload: the request that asked for it.

        Raises:
            Missing: one of them was merged or deleted meanwhile.
            Unavailable: it cannot be done now.
        """

        def work(connection: Connection) -> Written:
            stays = reading.alert(connection, into.domain_id, into.seq)
            present = [reading.alert(connection, each.domain_id, each.seq) for each in others]
            said = [(each, Kind.RECOVERY, f"merged into {alert_id(into.seq)}") for each in present]
            named = ", ".join(alert_id(each.seq) for each in present)
            said.append((stays, Kind.NOTE, f"merged into it: {named}"))
            written = self._record(connection, author, said, payload)
            known = _marks(connection, into.domain_id)
            moved = known[into.seq].project_id if into.seq in known else ""
            for each in present:
                # Where its own were moved to they stay, unless the other one was moved.
                _mark(connection, author, "alert.merge", known, each, merged_into=into.seq, project_id=moved)
            return written

        await self._change(work)

    async def move(self, author: Author, alert: Alert, project_id: str, payload: Payload) -> None:
        """Move an alert to another project, and its events with it.

        Args:
            author: who does it.
            alert: which.
            project_id: one of its domain.
            payload: the request that asked for it.

        Raises:
            Missing: it was merged or deleted meanwhile.
            Unavailable: it cannot be done now.
        """

        def work(connection: Connection) -> Written:
            # The ledger writes alerts whole: nobody may have read this one and not written it yet.
            situation.lock_domains(connection, {alert.domain_id})
            before = reading.alert(connection, alert.domain_id, alert.seq)
            after = replace(before, project_id=project_id)
            bulk.upsert(connection, tables.alert, [alert_row(after)])
            comment = f"moved from the project {before.project_id} to {project_id}"
            written = self._record(connection, author, [(after, Kind.NOTE, comment)], payload)
            known = _marks(connection, alert.domain_id)
            _mark(connection, author, "alert.move", known, after, project_id=project_id)
            return written

        await self._change(work)

    async def delete(self, author: Author, alert: Alert, payload: Payload) -> None:
        """Delete an alert: nobody sees it or its events any more. One that is open is resolved first.

        Args:
            author: who does it.
            alert: which.
            payload: the request that asked for it.

        Raises:
            Missing: it was merged or deleted meanwhile.
            Unavailable: it cannot be done now.
        """

        def work(connection: Connection) -> Written:
            present = reading.alert(connection, alert.domain_id, alert.seq)
            written = self._record(connection, author, [(present, Kind.RECOVERY, "deleted")], payload)
            known = _marks(connection, alert.domain_id)
            _mark(connection, author, "alert.delete", known, present, deleted_at=author.at)
            return written

        await self._change(work)

    def _record(
        self,
        connection: Connection,
        author: Author,
        said: Sequence[tuple[Alert, Kind, str]],
        payload: Payload,
        assignee: str | None = None,
    ) -> Written:
        """Record what is done with alerts, each with its kind and why, where they are open."""
        submissions = [
            submission_on(
                alert, kind, author=author.name, comment=comment, payload=payload, assignee=assignee
            )
            for alert, kind, comment in said
            if alert.state is not AlertState.RESOLVED
        ]
        return self._ledger.write(connection, submissions) if submissions else Written()

    async def _change(self, work: Callable[[Connection], Written]) -> None:
        try:
            written = await self._configuring.change(work)
        except BaseException:
            self._ledger.forget()
            raise
        self._committed(written)


def _silence(connection: Connection, author: Author, alert: Alert, scope: str, ends_at: int) -> Silence:
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


def _marks(connection: Connection, domain_id: str) -> dict[int, Mark]:
    return {each.alert_seq: each for each in marks.of_domain(connection, domain_id)}


def _mark(
    connection: Connection,
    author: Author,
    action: str,
    known: dict[int, Mark],
    alert: Alert,
    *,
    merged_into: int = 0,
    project_id: str = "",
    deleted_at: int = 0,
) -> None:
    """Mark an alert, and those that were merged into it. What is not given stays as it is."""
    before = known.get(alert.seq)
    own = before or Mark(alert.domain_id, alert.seq)
    changed = [
        replace(
            each,
            merged_into=merged_into or each.merged_into,
            project_id=project_id or each.project_id,
            deleted_at=deleted_at or each.deleted_at,
        )
        for each in (own, *(each for each in known.values() if each.merged_into == alert.seq))
    ]
    marks.write(connection, changed)
    audit.write(connection, author, action, before=before, after=changed[0])
