"""From arguments to a status: what went wrong is one line each, never a traceback."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from loyalty_research.cli.arguments import parser
from loyalty_research.cli.commands import run
from loyalty_research.cli.words import choose, text, ui
from loyalty_research.errors import LoyaltyError, sentences

WRONG_INPUT = 2
UNEXPECTED = 70
INTERRUPTED = 130
TERMINATED = 143


class Terminated(BaseException):
    """The process was asked to end."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its status.

    Parameters
    ----------
    argv
        Arguments without the program's name; None for those of the process.

    Returns
    -------
    int
        0 done; 1 done with warnings or an incomplete chapter; 2 wrong input; 70 an error of the
        program; 130 interrupted; 143 terminated.
    """
    given = sys.argv[1:] if argv is None else list(argv)
    try:
        choose(given)
        arguments = parser().parse_args(given)
        with _terminable():
            status = run(arguments)
            sys.stdout.flush()
            return status
    except LoyaltyError as error:
        for line in sentences(error, ui()):
            complain(line)
        return WRONG_INPUT
    except BrokenPipeError:  # who read our output has left
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        complain(text("error.interrupted"))
        return INTERRUPTED
    except Terminated:
        complain(text("error.terminated"))
        return TERMINATED
    except Exception as error:
        if os.environ.get("LOYALTY_DEBUG") == "1":
            raise
        lines = str(error).strip().splitlines()
        complain(f"{type(error).__name__}: {lines[0] if lines else text('error.no_message')}")
        complain(text("error.program"))
        return UNEXPECTED


def complain(line: str) -> None:
    """Print one line on stderr."""
    print(f"loyalty: {line}", file=sys.stderr, flush=True)


@contextmanager
def _terminable() -> Iterator[None]:
    """Turn SIGTERM into an exception, so that what was started is ended on the way out."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        raise Terminated

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
