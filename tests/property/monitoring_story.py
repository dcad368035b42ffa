"""A long story of a monitored world, told from a seed: failures, flaps, outages, downtimes, acknowledgements.

Many short scenes run at once, each over objects of its own choice, so they also cross: a service that is soft
when its host goes down, a downtime over a flap. Steps stand on even seconds, the planned moments of downtimes
on odd ones, no two on the same, and a `Clock` step stands at each planned moment that is reached.
"""

from bisect import insort
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import TypeVar

from tests.property.monitoring_steps import (
    AcknowledgementPut,
    AcknowledgementRemoved,
    Clock,
    DowntimeCancelled,
    DowntimePut,
    Host,
    Result,
    Service,
    Step,
    World,
)

SECOND = 1_000_000
BEGIN = 1_800_000_000 * SECOND
SCENES_AT_ONCE = 12

Beat = Callable[[int], Step]
"""What a scene does next: the step, once its time is known."""

Item = TypeVar("Item")


@dataclass(frozen=True)
class Story:
    """A world and all that happens in it, in order."""

    world: World
    steps: tuple[Step, ...]


def story(seed: int, hosts: int = 100, results: int = 5_400) -> Story:
    """Tell the story of a seed.

    Args:
        seed: the same seed tells the same story.
        hosts: how many hosts there are, each with six services; the first tenth are routers.
        results: how many check results there are at least; each object's first is among them.
    """
    rng = Random(seed)
    world = build(rng, hosts)
    teller = Teller(rng, world)
    teller.open()
    scenes: list[Iterator[Beat]] = []
    while teller.results < results:
        while len(scenes) < SCENES_AT_ONCE:
            scenes.append(teller.scene())
        scene = rng.choice(scenes)
        beat = next(scene, None)
        if beat is None:
            scenes.remove(scene)
        else:
            teller.tell(beat)
    teller.close()
    return Story(world, tuple(teller.steps))


def build(rng: Random, count: int) -> World:
    """Make a world of routers, hosts behind none, one or two of them, and services."""
    routers = [f"router{number}" for number in range(count // 10)]
    names = routers + [f"host{number}" for number in range(count - len(routers))]
    hosts = [
        Host(name, rng.choice((1, 2, 2, 3)), () if name in routers else parents(rng, routers))
        for name in names
    ]
    services = [
        Service(name, f"check{number}", rng.choice((1, 2, 3, 3, 3, 5)), rng.random() < 0.1)
        for name in names
        for number in range(6)
    ]
    return World(tuple(hosts), tuple(services))


def parents(rng: Random, routers: list[str]) -> tuple[str, ...]:
    """Choose the parents of a host."""
    return tuple(rng.sample(routers, min(rng.choice((0, 1, 1, 2)), len(routers))))


def result(host: str, service: str, state: str) -> Beat:
    """A check says a state."""
    return lambda at: Result(at, host, service, state, f"{state} at {at // SECOND}")


def acknowledgement(host: str, service: str, sticky: bool) -> Beat:
    """Somebody acknowledges."""
    return lambda at: AcknowledgementPut(at, host, service, sticky)


def removal(host: str, service: str) -> Beat:
    """Somebody takes an acknowledgement back."""
    return lambda at: AcknowledgementRemoved(at, host, service)


def cancellation(name: str) -> Beat:
    """Somebody deletes a downtime."""
    return lambda at: DowntimeCancelled(at, name)


@dataclass
class Teller:
    """Tells scenes of a world, one beat after another, and keeps the clock."""

    rng: Random
    world: World
    now: int = BEGIN
    results: int = 0
    downtimes: int = 0
    steps: list[Step] = field(default_factory=list)
    moments: list[int] = field(default_factory=list)

    def tell(self, beat: Beat) -> None:
        """Let a beat happen on the next even second, after the planned moments before it."""
        self.now += 2 * SECOND
        self._reach(self.now)
        step = beat(self.now)
        self.steps.append(step)
        self.results += isinstance(step, Result)
        if isinstance(step, DowntimePut) and step.start == step.at:
            self.steps.append(Clock(step.at))

    def open(self) -> None:
        """Give every object its first result: mostly good ones, in any order."""
        firsts = [result(host.name, "", self._first("up", "down")) for host in self.world.hosts]
        firsts += [
            result(each.host, each.name, self._first("ok", "critical")) for each in self.world.services
        ]
        self.rng.shuffle(firsts)
        for beat in firsts:
            self.tell(beat)

    def close(self) -> None:
        """Reach all moments that are still planned."""
        self._reach(max(self.moments, default=0))

    def scene(self) -> Iterator[Beat]:
        """Choose the next scene and its objects."""
        host, service = self.rng.choice(self.world.hosts), self.rng.choice(self.world.services)
        scenes: list[tuple[int, Iterator[Beat]]] = [
            (30, self.soft_failure(service)),
            (24, self.problem(service)),
            (6, self.flap(service)),
            (10, self.calm(service)),
            (6, self.outage(host)),
            (4, self.outage(self.rng.choice(self.world.hosts[: max(1, len(self.world.hosts) // 10)]))),
            (4, self.host_failure(host)),
            (7, self.downtime(host.name, "")),
            (7, self.downtime(service.host, service.name)),
            (4, self.stray(service)),
        ]
        return self.rng.choices([scene for _, scene in scenes], [weight for weight, _ in scenes])[0]

    def soft_failure(self, service: Service) -> Iterator[Beat]:
        """Fail, but not often enough for a hard problem where there are retries, and recover."""
        for _ in range(self.rng.randint(1, max(1, service.max_attempts - 1))):
            yield result(service.host, service.name, self._bad())
        yield result(service.host, service.name, "ok")

    def problem(self, service: Service) -> Iterator[Beat]:
        """Fail for longer, perhaps acknowledged, perhaps in other states, and mostly recover."""
        state = self._bad()
        for _ in range(service.max_attempts + self.rng.randint(0, 4)):
            yield result(service.host, service.name, state)
            yield from self._perhaps(
                0.2, acknowledgement(service.host, service.name, self.rng.random() < 0.4)
            )
            yield from self._perhaps(0.05, removal(service.host, service.name))
            if self.rng.random() < 0.3:
                state = self._bad()
        yield from self._perhaps(0.85, result(service.host, service.name, "ok"))

    def flap(self, service: Service) -> Iterator[Beat]:
        """Go to and fro."""
        for _ in range(self.rng.randint(6, 11)):
            yield result(service.host, service.name, self._bad())
            yield result(service.host, service.name, "ok")

    def calm(self, service: Service) -> Iterator[Beat]:
        """Nothing new."""
        for _ in range(self.rng.randint(1, 4)):
            yield result(service.host, service.name, "ok")

    def host_failure(self, host: Host) -> Iterator[Beat]:
        """A host fails once, or as often as it takes, is also said to be unreachable, and comes back."""
        for _ in range(self.rng.randint(1, host.max_attempts + 1)):
            yield result(host.name, "", self.rng.choice(("down", "down", "unreachable")))
        yield result(host.name, "", "up")

    def outage(self, host: Host) -> Iterator[Beat]:
        """A host goes down, its services and the hosts behind it fail, and all come back."""
        for _ in range(host.max_attempts):
            yield result(host.name, "", "down")
        yield from self._perhaps(0.5, acknowledgement(host.name, "", self.rng.random() < 0.5))
        services = [each for each in self.world.services if each.host == host.name]
        behind = [each for each in self.world.hosts if host.name in each.parents]
        struck = self._some(services, 4)
        fallen = self._some(behind, 2)
        failures = [result(host.name, each.name, self._bad()) for each in struck * 2]
        failures += [result(each.name, "", "down") for each in fallen * 2]
        failures += [result(host.name, "", self.rng.choice(("down", "unreachable")))]
        yield from self._shuffled(failures)
        back = [result(host.name, each.name, "ok") for each in struck] + [result(host.name, "", "up")]
        yield from self._shuffled(back + [result(each.name, "", "up") for each in fallen])

    def downtime(self, host: str, service: str) -> Iterator[Beat]:
        """A downtime that runs to its end, or is deleted before or after its start; often another over it."""
        fate = self.rng.choice(("runs", "runs", "deleted", "cancelled"))
        names = [self._name()]
        yield self._putting(names[0], host, service, fate)
        if self.rng.random() < 0.5:
            names.append(self._name())
            yield self._putting(names[1], host, service, self.rng.choice(("runs", fate)))
        if fate != "deleted":
            for state in ("critical", "ok") * 2 if service else ("up", "down", "up"):
                yield result(host, service, state)
        if fate != "runs":
            yield cancellation(names[0])
        yield from self._perhaps(0.1, cancellation(names[-1]))

    def stray(self, service: Service) -> Iterator[Beat]:
        """An acknowledgement that may meet no problem, and one taken back that may not be there."""
        yield acknowledgement(service.host, service.name, self.rng.random() < 0.5)
        yield removal(service.host, service.name)

    def _putting(self, name: str, host: str, service: str, fate: str) -> Beat:
        wait, length = self.rng.randint(10, 200), self.rng.randint(200, 900)
        at_once = self.rng.random() < 0.2

        def put(at: int) -> Step:
            if fate == "deleted":
                start = self._moment(at + 3_000 * SECOND)
            else:
                start = at if at_once else self._moment(at + wait * SECOND)
            end = self._moment(max(start, at + 200 * SECOND) + length * SECOND)
            return DowntimePut(at, name, host, service, start, end)

        return put

    def _moment(self, earliest: int) -> int:
        moment = earliest - earliest % (2 * SECOND) + SECOND
        while moment in self.moments:
            moment += 2 * SECOND
        insort(self.moments, moment)
        return moment

    def _reach(self, now: int) -> None:
        while self.moments and self.moments[0] <= now:
            self.steps.append(Clock(self.moments.pop(0)))

    def _name(self) -> str:
        self.downtimes += 1
        return f"downtime {self.downtimes}"

    def _first(self, good: str, bad: str) -> str:
        return good if self.rng.random() < 0.95 else bad

    def _bad(self) -> str:
        return self.rng.choice(("warning", "critical", "critical", "unknown"))

    def _perhaps(self, chance: float, beat: Beat) -> Iterator[Beat]:
        if self.rng.random() < chance:
            yield beat

    def _some(self, items: list[Item], most: int) -> list[Item]:
        return self.rng.sample(items, min(len(items), self.rng.randint(1, most)))

    def _shuffled(self, beats: list[Beat]) -> list[Beat]:
        return self.rng.sample(beats, len(beats))
