# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""`run` on a terminal: the command has one too, of our size; keys and Ctrl-C reach it; a run that is killed asks for its
lesson; the terminal is left as it was."""

import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time

PROGRAM = sys.argv[1]
CHILD = """
import os, sys
print("terminals", sys.stdin.isatty(), sys.stdout.isatty(), sys.stderr.isatty(), os.get_terminal_size())
print("typed", input())
print("Epoch = [   0/   3] TrainLoss = 0.3 ValLoss = 0.07 TrainTime = 1.0000s ValTime = 0.5000s")
print("waiting", flush=True)
import time
time.sleep(1000)
"""


class Terminal:
    def __init__(self, *command):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 33, 101, 0, 0))
            os.execv(command[0], command)
        self.text = ""

    def until(self, wanted):
        end = time.time() + 20
        while wanted not in self.text:
            if time.time() > end:
                raise SystemExit(f"no {wanted!r} in {self.text!r}")
            if select.select([self.fd], [], [], 0.1)[0]:
                try:
                    self.text += os.read(self.fd, 4096).decode()
                except OSError:
                    break
        if wanted not in self.text:
            raise SystemExit(f"no {wanted!r} in {self.text!r}")

    def type(self, text):
        os.write(self.fd, text.encode())

    def exit_code(self):
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


terminal = Terminal("/bin/sh", "-c", f"stty -a >before; '{PROGRAM}' run -- python3 -c '{CHILD}'; echo code $?; stty -a >after")
terminal.until("terminals True True True os.terminal_size(columns=101, lines=33)\r\n")
terminal.type("hello\r")
terminal.until("typed hello\r\n")
terminal.until("1 of 3 epochs done")
terminal.until("ends about")
terminal.until("waiting\r\n")
terminal.type("\x03")
terminal.until("KeyboardInterrupt")
terminal.until("what did this run teach?")
terminal.type("waiting teaches nothing\r")
terminal.until("code 130")
assert terminal.exit_code() == 0
assert open("before").read() == open("after").read(), "the terminal's settings were changed"
listed = os.popen(f"'{PROGRAM}' runs list --limit 1").read()
assert "killed (2)" in listed and "lesson: waiting teaches nothing" in listed, listed

# Output to a file: only stderr and stdin are the terminal.
terminal = Terminal("/bin/sh", "-c", f"'{PROGRAM}' run -- python3 -c 'import sys; print(sys.stdout.isatty(), sys.stderr.isatty())' >only; cat only; exit 4")
terminal.until("False True")
assert terminal.exit_code() == 4

# A run that ends well asks nothing, and shows its output as without us.
terminal = Terminal(PROGRAM, "run", "--", "printf", "one\\ntwo")
terminal.until("two")
assert terminal.exit_code() == 0
assert terminal.text == "one\r\ntwo", terminal.text
