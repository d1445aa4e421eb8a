"""How the cases of remedies are written: a scene in which a policy finds something, and what its line does."""

from __future__ import annotations

from collections.abc import Callable

from guardrails import Record
from remedied.remedy_world import Change, RemedyWorld

Scene = Callable[[RemedyWorld], Change | None]


class Case(Record):
    """A finding that is made at `site` when `policy` is judged in the scene, with the arguments `asked` of a check.

    A scene may give a change of the facts. `names` is text that the message of the finding has. `ends`: its line ends
    it, else it only shows something.
    """

    name: str
    site: str
    policy: str
    scene: Scene
    asked: tuple[str, ...] = ("--env", "prod")
    names: str = ""
    ends: bool = False


class Cases:
    """The cases of one kind of policies; used as a decorator of scenes."""

    def __init__(self) -> None:
        self.all: list[Case] = []

    def __call__(
        self, site: str, policy: str = "", *asked: str, names: str = "", ends: bool = False
    ) -> Callable[[Scene], Scene]:
        def add(scene: Scene) -> Scene:
            arguments = asked or ("--env", "prod")
            title = policy or site.partition(".")[0].replace("_", "-")
            name = f"{title}: {scene.__name__.replace('_', ' ')}"
            self.all.append(Case(name, site, title, scene, arguments, names, ends))
            return scene

        return add
