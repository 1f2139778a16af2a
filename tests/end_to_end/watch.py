#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""doorbraak watch on a terminal: cases appear, keys change the table, another size is taken, monitoring that is away is told, and Ctrl-C,
SIGTERM and q give the terminal back as it was.

    watch.py BIN

The last line is `N passed, N failed`."""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "interop"))
from services import Count, Services, remove, until, work_folder  # noqa: E402

BIN = os.path.abspath(sys.argv[1])
WORK = work_folder()
count = Count()


class Terminal:
    """A program on a terminal of its own. `frame` is what it wrote since it last began at the top."""

    def __init__(self, *command, rows=24, cols=80):
        self.main, self.side = pty.openpty()
        self.size(rows, cols)
        self.before = termios.tcgetattr(self.side)
        self.process = subprocess.Popen(command, stdin=self.side, stdout=self.side, stderr=self.side, start_new_session=True,
                                        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
                                        env=dict(os.environ, TERM="xterm-256color"))
        self.text = ""

    def size(self, rows, cols):
        fcntl.ioctl(self.main, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))

    def look(self):
        while select.select([self.main], [], [], 0)[0]:
            try:
                self.text += os.read(self.main, 65536).decode()
            except OSError:
                break
        frames = self.text.split("\033[H")
        return frames[-1] if frames[-1].endswith("\033[J") or len(frames) < 2 else frames[-2]

    def lines(self):
        return [re.sub(r"\033\[[0-9;]*[A-Za-z]|\r", "", line) for line in self.look().split("\n")]

    def shows(self, pattern, seconds=20):
        return until(lambda: re.search(pattern, "\n".join(self.lines()), re.M), seconds)

    def press(self, keys):
        os.write(self.main, keys.encode())

    def ends(self):
        """With status 0, on the first screen, with the cursor there and the line discipline as before."""
        until(lambda: self.look() is None or self.process.poll() is not None, 10)
        self.look()
        back = "\033[?1049l" in self.text and self.text.rindex("\033[?25h") < self.text.rindex("\033[?1049l")
        return self.process.poll() == 0 and back and termios.tcgetattr(self.side) == self.before


with Services(BIN, f"{WORK}/run") as services:
    watch = [f"{BIN}/doorbraak", "watch", "--run", f"{WORK}/run"]
    terminal = Terminal(*watch)
    count.check("nothing yet", terminal.shows("nothing to show"), terminal.lines())
    scenario = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "scenarios", "SC31.yaml")
    services.tool("play", scenario)
    count.check("cases appear, counting down", terminal.shows(r"^[ !][ *] (in \d+ d|today \d+:\d\d) +[A-Z_]+ +c-\S+ +[A-Z_]+"), terminal.lines())
    count.check("the bar counts", terminal.shows(r"\d+ open, \d+ overdue, \d+ today, \d+ this week, \d+ signals +live"), terminal.lines()[0])
    count.check("24 lines of at most 80", len(terminal.lines()) == 24 and max(map(len, terminal.lines())) <= 80, terminal.lines())
    terminal.press("r")
    count.check("by region", terminal.shows(r"^REGION .*OVERDUE"), terminal.lines())
    terminal.press("s")
    count.check("by signal", terminal.shows(r"^S0\d_[A-Z_]+ +\d+"), terminal.lines())
    terminal.press("d\033[B\033[B")
    count.check("scrolled", terminal.shows(r" 3/\d+$"), terminal.lines()[-1])
    terminal.size(40, 120)
    count.check("another size", until(lambda: len(terminal.lines()) == 40 and max(map(len, terminal.lines())) > 100, 10), terminal.lines())
    os.kill(services.pid("monitoring"), signal.SIGSTOP)
    count.check("monitoring is silent", terminal.shows(r"NO ANSWER for \d+ s", 20), terminal.lines()[0])
    os.kill(services.pid("monitoring"), signal.SIGCONT)
    count.check("and is back", terminal.shows(r" live ?$"), terminal.lines()[0])
    services.kill("monitoring")
    count.check("over a restart", until(lambda: services.pid("monitoring"), 20) and terminal.shows(r" live ?$"), terminal.lines()[0])
    terminal.press("\003")
    count.check("Ctrl-C", terminal.ends(), terminal.text[-200:])
    for name, leave in [("SIGTERM", lambda t: t.process.send_signal(signal.SIGTERM)), ("q", lambda t: t.press("q"))]:
        terminal = Terminal(*watch, "--region", "JZ21")
        count.check("a filter is said", terminal.shows("region JZ21: [1-9].* live"), terminal.lines()[0])
        leave(terminal)
        count.check(name, terminal.ends(), terminal.text[-200:])
    terminal = Terminal(*watch, "--lines", "--from-start")
    count.check("--lines", until(lambda: terminal.look().count("\r\n") > 20, 20) and "\033" not in terminal.text, terminal.text[:300])
    terminal.process.terminate()
count.check("the services stop well", services.status == 0)
remove(WORK)
count.end()
