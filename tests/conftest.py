"""What every test relies on: signals that reach the processes it starts, however the tests themselves were started."""

import signal

for _name in ("SIGINT", "SIGTERM", "SIGHUP"):
    if signal.getsignal(_number := getattr(signal, _name)) is signal.SIG_IGN:  # as a shell leaves them for `command &`
        signal.signal(_number, signal.SIG_DFL)
