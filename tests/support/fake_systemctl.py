"""A manager of systemd for a home, as far as `guardrails watch` asks for one: it reads the files that are there.

No test machine runs a manager of its own for a user. What a real one makes of the files, `oracles/systemd_oracle.py`
says. This one answers as systemctl(1) of systemd 252 does, keeps in a folder what was loaded and started, and logs what
it was asked.
"""

from __future__ import annotations

from pathlib import Path

_PROGRAM = """\
#!/bin/sh
state={state}
echo "$*" >>"$state/asked"
[ ! -e "$state/gone" ] || {{ echo "Failed to connect to bus: No such file or directory" >&2; exit 1; }}
units={units}
shift 2
case $1 in
  daemon-reload)
    rm -rf "$state/loaded"
    mkdir "$state/loaded"
    cp "$units"/guardrails-watch-* "$state/loaded" 2>/dev/null || : ;;
  restart) cp "$state/loaded/$2" "$state/started" ;;
  stop) rm -f "$state/started" ;;
  show)
    shift 2
    for unit; do
      echo "Id=$unit"
      if [ -e "$state/loaded/$unit" ]; then echo LoadState=loaded; else echo LoadState=not-found; fi
      echo "FragmentPath=$units/$unit"
      if cmp -s "$state/loaded/$unit" "$units/$unit"; then echo NeedDaemonReload=no; else echo NeedDaemonReload=yes; fi
      is=inactive sub=dead
      if [ -e "$state/started" ] && [ "${{unit%.timer}}" != "$unit" ]; then
        is=active sub=$(cat "$state/sub" 2>/dev/null || echo waiting)
      fi
      echo "ActiveState=$is"
      echo "SubState=$sub"
      echo
    done ;;
esac
"""


class FakeSystemctl:
    """The program in a folder of its own, to be put on the search path of what is tested."""

    def __init__(self, folder: Path, home: Path) -> None:
        self.state = folder / "systemctl"
        self.bin = self.state / "bin"
        self.bin.mkdir(parents=True)
        (self.state / "loaded").mkdir()
        units = home / ".config/systemd/user"
        for name, text in (
            ("systemctl", _PROGRAM.format(state=self.state, units=units)),
            ("loginctl", f'#!/bin/sh\ncat "{self.state}/linger" 2>/dev/null\n'),
        ):
            (self.bin / name).write_text(text)
            (self.bin / name).chmod(0o755)

    @property
    def path(self) -> str:
        """A search path that finds it first."""
        return f"{self.bin}:/usr/local/bin:/usr/bin:/bin"

    @property
    def asked(self) -> list[str]:
        """What it was asked, without the words that are in each."""
        lines = (self.state / "asked").read_text().splitlines()
        return [line.removeprefix("--user --no-pager ") for line in lines]

    def end(self) -> None:
        """From now on nobody answers."""
        (self.state / "gone").touch()
