"""Servers and a client for measuring: one granian worker a server, and a client that costs next to nothing.

Both sides of a comparison are served by the same server with the same settings and asked by the same client.
"""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """``cookies`` is what a browser would send back: ``name=value; name=value``."""

    status: int
    location: str
    cookies: str


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(factory: str, port: int, environment: Mapping[str, str]) -> Iterator[None]:
    """``factory`` (``module:function``) served by one worker with one blocking thread, as ``lms-plc serve`` does."""
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--factory", "--workers", "1"]
    command += ["--blocking-threads", "1", "--host", "127.0.0.1", "--port", str(port), "--log-level", "error", factory]
    process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL)
    try:
        _wait(port, process)
        yield
    finally:
        process.terminate()
        process.wait(timeout=20)


def ask_all(port: int, requests: Sequence[bytes], connections: int = 4) -> tuple[float, list[Answer]]:
    """Sends every request once over kept-alive connections; (seconds it took, answers in the order of the requests)."""
    answers: list[Answer | None] = [None] * len(requests)

    def work(first: int) -> None:
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            reader = connection.makefile("rb")
            for number in range(first, len(requests), connections):
                connection.sendall(requests[number])
                answers[number] = _read(reader)

    threads = [threading.Thread(target=work, args=(first,)) for first in range(connections)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - began
    missing = sum(answer is None for answer in answers)
    if missing:
        raise RuntimeError(f"{missing} of {len(requests)} requests got no answer")
    return took, [answer for answer in answers if answer is not None]


class Browser:
    """One kept-alive connection, over which one request follows the other."""

    def __init__(self, port: int) -> None:
        self._connection = socket.create_connection(("127.0.0.1", port))
        self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._reader = self._connection.makefile("rb")

    def __enter__(self) -> "Browser":
        return self

    def __exit__(self, *_: object) -> None:
        self._reader.close()
        self._connection.close()

    def ask(self, request: bytes) -> tuple[float, Answer]:
        """Seconds until the whole answer was there, and the answer."""
        began = time.perf_counter()
        self._connection.sendall(request)
        answer = _read(self._reader)
        return time.perf_counter() - began, answer


def get(path: str, cookie: str = "") -> bytes:
    head = [f"GET {path} HTTP/1.1", "Host: localhost", *([f"Cookie: {cookie}"] if cookie else [])]
    return ("\r\n".join(head) + "\r\n\r\n").encode()


def post(path: str, body: str, cookie: str = "") -> bytes:
    head = [f"POST {path} HTTP/1.1", "Host: localhost", "Content-Type: application/x-www-form-urlencoded"]
    head.append(f"Content-Length: {len(body.encode())}")
    if cookie:
        head.append(f"Cookie: {cookie}")
    return ("\r\n".join(head) + "\r\n\r\n" + body).encode()


def _read(reader: object) -> Answer:
    status = int(reader.readline().split()[1])  # type: ignore[attr-defined]
    length, location, cookies = 0, "", []
    while (line := reader.readline()) not in (b"\r\n", b""):  # type: ignore[attr-defined]
        name, _, value = line.decode("latin-1").partition(":")
        if name.lower() == "content-length":
            length = int(value)
        elif name.lower() == "location":
            location = value.strip()
        elif name.lower() == "set-cookie":
            cookies.append(value.partition(";")[0].strip())
    reader.read(length)  # type: ignore[attr-defined]
    return Answer(status, location, "; ".join(cookies))


def _wait(port: int, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("the server did not come up")
