"""`/api/v1/world`: what is monitored, as one document."""

from litestar import Controller, get, patch
from litestar.params import FromQuery, JSONBody

from tocsin.api.given import Asker, TheHub
from tocsin.api.listing import Listing
from tocsin.api.principal import author
from tocsin.api.problems import bad_input, problem
from tocsin.hub.errors import Forbidden
from tocsin.model.access import Action, scope_of
from tocsin.model.world.applying import Misplaced, Step, apply
from tocsin.model.world.draft import Unfit
from tocsin.model.world.written import WrittenWorld, write_down


class World(Controller):
    """What is monitored: host groups, hosts, checks, templates and keywords."""

    path = "/api/v1/world"
    tags = ["world"]

    @get(opt={"action": Action.OVERSEE})
    async def show(self, hub: TheHub, principal: Asker) -> WrittenWorld:
        """Show what is monitored, everything by its name."""
        return write_down(await hub.worlds.of(principal.domain_id))

    @patch(opt={"action": Action.CONFIGURE})
    async def change(
        self,
        data: JSONBody[WrittenWorld],
        hub: TheHub,
        principal: Asker,
        dry_run: FromQuery[bool] = False,
        prune: FromQuery[bool] = False,
    ) -> Listing[Step]:
        """Bring what is monitored to what a document says: all of it, or nothing.

        What the document leaves out stays as it is. With `prune`, whatever a section of it does not name is
        deleted. With `dry_run`, nothing is done.
        """
        if scope_of(principal, Action.READ):
            raise Forbidden("what is monitored is not for who sees a part of it to change")
        do = hub.worlds.attempt if dry_run else hub.worlds.change
        try:
            return Listing(
                await do(
                    author(principal), principal.domain_id, lambda draft: apply(draft, data, prune=prune)
                )
            )
        except Misplaced as failure:
            raise bad_input(failure.place, str(failure)) from None
        except Unfit as failure:
            raise problem(400, str(failure)) from None
