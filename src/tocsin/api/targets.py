"""`/api/v1/targets`: places to send to."""

from typing import Final
from urllib.parse import urlsplit

import msgspec
from litestar import Controller, Response, delete, get, patch, post
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, UnsetType
from sqlalchemy import Connection

from tocsin.api.changes import applied
from tocsin.api.configured import Configured
from tocsin.api.given import Asker, PrivateTargets, TheHub
from tocsin.api.idempotency import Repeatable
from tocsin.api.listing import Listing
from tocsin.api.problems import bad_input
from tocsin.api.revisions import IfMatch, IfNoneMatch
from tocsin.api.shapes import moment
from tocsin.api.sources import CONFIGURE, OVERSEE, Name
from tocsin.dialects.guard import PrivateAddress, check_host
from tocsin.dialects.outgoing import parse_url
from tocsin.hub.hub import clock
from tocsin.model.identifiers import delivery_id, event_id
from tocsin.model.own import trial_submission
from tocsin.model.target import Target, TargetKind, TargetOptions, new_secret, signing_key
from tocsin.store import directory, targets
from tocsin.store.errors import Conflict

_URL_LIMIT: Final = 2048
_MOST_SECONDS: Final = 60.0
_MOST_AT_ONCE: Final = 100
_TARGETS: Final = Configured(
    "target",
    find=targets.find_target,
    write=targets.change_target,
    delete=lambda connection, target: targets.delete_target(connection, target, clock()),
)


class NewTarget(msgspec.Struct, forbid_unknown_fields=True):
    """A target to make. A webhook that comes without a secret gets one."""

    name: Name
    kind: TargetKind
    url: str
    secret: str = ""
    options: TargetOptions = TargetOptions()
    enabled: bool = True


class TargetOptionsChange(msgspec.Struct, forbid_unknown_fields=True):
    """The options to change; those that are left out stay."""

    latest_only: bool | UnsetType = UNSET
    timeout: float | UnsetType = UNSET
    at_once: int | UnsetType = UNSET


class TargetChange(msgspec.Struct, forbid_unknown_fields=True):
    """What to change of a target; what is left out stays. An empty secret makes a new one."""

    name: Name | UnsetType = UNSET
    url: str | UnsetType = UNSET
    secret: str | UnsetType = UNSET
    options: TargetOptionsChange | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET


class TargetItem(msgspec.Struct):
    """A target as it is listed: of its address the host alone, since the path may hold a key."""

    id: str
    name: str
    kind: str
    host: str
    enabled: bool
    options: TargetOptions
    created_at: str | None


class TargetWithSecret(TargetItem, kw_only=True):
    """A target with its whole address and what its messages are signed with, for who may configure it."""

    url: str
    secret: str


class Trial(msgspec.Struct):
    """A test that is on its way to a target: its event, and its delivery, which says how it goes."""

    event_id: str
    delivery_id: str


class Targets(Controller):
    """Targets: places to send to."""

    path = "/api/v1/targets"
    tags = ["targets"]

    @get(opt=OVERSEE)
    async def listing(self, hub: TheHub, principal: Asker) -> Listing[TargetItem]:
        """List the targets, the oldest first, without their keys and secrets."""

        def look(connection: Connection) -> list[TargetItem]:
            return [_item(connection, target) for target in targets.targets(connection, principal.domain_id)]

        return Listing(await hub.database.read(look))

    @post(opt=CONFIGURE)
    async def create(
        self,
        data: JSONBody[NewTarget],
        hub: TheHub,
        private_targets: PrivateTargets,
        principal: Asker,
        once: Repeatable,
    ) -> Response[TargetWithSecret]:
        """Make a target."""
        given = Target(
            "",
            principal.domain_id,
            data.name,
            data.kind,
            data.url,
            data.secret,
            data.options,
            data.enabled,
            0,
        )
        wanted = _checked(given)
        _check_address(wanted.url, private_targets)

        def make(connection: Connection) -> Target:
            return targets.create_target(
                connection,
                domain_id=wanted.domain_id,
                name=wanted.name,
                kind=wanted.kind,
                url=wanted.url,
                secret=wanted.secret,
                options=wanted.options,
                enabled=wanted.enabled,
                now=clock(),
            )

        return await _TARGETS.make(hub, principal, once, make, _with_secret)

    @get("/{name_or_id:str}", opt=CONFIGURE)
    async def one(
        self, name_or_id: FromPath[str], hub: TheHub, principal: Asker, if_none_match: IfNoneMatch = ""
    ) -> Response[TargetWithSecret]:
        """Show a target with its address and its secret, to whoever may configure it."""
        return await _TARGETS.show(hub, principal, name_or_id, _with_secret, if_none_match)

    @patch("/{name_or_id:str}", opt=CONFIGURE)
    async def change(
        self,
        name_or_id: FromPath[str],
        data: JSONBody[TargetChange],
        hub: TheHub,
        private_targets: PrivateTargets,
        principal: Asker,
        if_match: IfMatch = "",
    ) -> Response[TargetItem]:
        """Rename a target, switch it on or off, or change its address, its secret or its options."""

        def alter(_: Connection, target: Target) -> Target:
            changed = _checked(applied(data, target))
            if changed.url != target.url:
                _check_address(changed.url, private_targets)
            return changed

        return await _TARGETS.change(hub, principal, name_or_id, if_match, alter, _item)

    @delete("/{name_or_id:str}", opt=CONFIGURE)
    async def remove(
        self, name_or_id: FromPath[str], hub: TheHub, principal: Asker, if_match: IfMatch = ""
    ) -> None:
        """Delete a target that no route names. What was still on its way to it is given up."""
        await _TARGETS.delete(hub, principal, name_or_id, if_match)

    @post("/{name_or_id:str}/test", status_code=202, opt=CONFIGURE)
    async def test(self, name_or_id: FromPath[str], hub: TheHub, principal: Asker) -> Trial:
        """Send a test: an event of its own, delivered to this target alone, the way all others go."""

        def find(connection: Connection) -> tuple[Target, str]:
            target = targets.find_target(connection, principal.domain_id, name_or_id)
            project = directory.find_project(connection, principal.domain_id, directory.DEFAULT)
            return target, project.id

        target, project_id = await hub.database.read(find)
        if not target.enabled:
            raise Conflict(f"the target {target.name} is disabled")
        submission = trial_submission(target, project_id, principal.name)
        receipt = (await hub.recorder.record(submission))[0]
        return Trial(event_id(receipt.seq), delivery_id(receipt.seq, target.id))


def _checked(target: Target) -> Target:
    """Give a target with the secret that it lacks.

    Raises:
        ProblemDetailsException: names the member that could not work, and why. It tells no key and no secret.
    """
    _check_url(target.url)
    if not 0.1 <= target.options.timeout <= _MOST_SECONDS:
        raise bad_input("options.timeout", f"expected seconds from 0.1 to {_MOST_SECONDS:g}")
    if not 1 <= target.options.at_once <= _MOST_AT_ONCE:
        raise bad_input("options.at_once", f"expected a number from 1 to {_MOST_AT_ONCE}")
    if target.kind != TargetKind.WEBHOOK:
        if target.secret:
            raise bad_input("secret", "only what goes to a webhook is signed")
        return target
    if not target.secret:
        return msgspec.structs.replace(target, secret=new_secret())
    try:
        signing_key(target.secret)
    except ValueError as fault:
        raise bad_input("secret", str(fault)) from None
    return target


def _check_url(url: str) -> None:
    if len(url) > _URL_LIMIT:
        raise bad_input("url", f"expected at most {_URL_LIMIT} characters")
    if not all("!" <= character <= "~" for character in url):
        raise bad_input("url", "expected visible ASCII characters, all others as %XX")
    try:
        parse_url(url)
        parts = urlsplit(url)
    except ValueError:
        raise bad_input("url", "expected http:// or https:// and a valid host") from None
    if parts.username is not None or parts.fragment:
        raise bad_input("url", "expected neither a user nor a fragment in it")


def _check_address(url: str, private_targets: bool) -> None:
    """Refuse an address to which nothing would ever be sent. What a name leads to shows when it is sent to.

    Raises:
        ProblemDetailsException: it is private, and the operator does not allow that.
    """
    if private_targets:
        return
    try:
        check_host(parse_url(url).host)
    except PrivateAddress as refusal:
        raise bad_input("url", str(refusal)) from None


def _item(_: Connection, target: Target) -> TargetItem:
    return TargetItem(
        target.id,
        target.name,
        target.kind,
        urlsplit(target.url).netloc,
        target.enabled,
        target.options,
        moment(target.created_at),
    )


def _with_secret(connection: Connection, target: Target) -> TargetWithSecret:
    shown = msgspec.structs.asdict(_item(connection, target))
    return TargetWithSecret(**shown, url=target.url, secret=target.secret)
