"""Sends what is left when the process ends, within half a second."""

import atexit
import os
import signal
import threading

PATIENCE = 0.5


class Last:
    """A thread that waits for the end: at exit no new one can be started, and what it does may take too long."""

    def __init__(self, flush):
        self.flush = flush
        self.start()
        os.register_at_fork(after_in_child=self.start)

    def start(self):
        self.asked = threading.Event()
        self.done = threading.Event()
        threading.Thread(target=self.run, name="coppice-last-spans", daemon=True).start()

    def run(self):
        self.asked.wait()
        try:
            self.flush()
        finally:
            self.done.set()

    def send(self):
        self.asked.set()
        self.done.wait(PATIENCE)


def flush_at_end(hurry, flush, is_main_thread):
    """`hurry`: what makes a sender give up early."""
    last = Last(flush)

    def send():
        hurry()
        last.send()

    atexit.register(send)
    # SIGTERM ends a process without its exit handlers. One that the app handles itself is the app's.
    if not is_main_thread or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        return

    def end(number, _frame):
        signal.signal(number, signal.SIG_DFL)
        send()
        os.kill(os.getpid(), number)

    signal.signal(signal.SIGTERM, end)
