"""A child for the launcher's tests: becomes ready, writes its settings down, ends as told.

`python demo_child.py well|stubborn|broken`
"""

# ruff: noqa: TID251  (a program of its own: its environment is what is tested)
import json
import os
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path


class Health(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/health/ready" else 404)
        self.end_headers()

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


def main(manner: str) -> None:
    if manner == "broken":
        sys.stdout.write("database.unreachable\n")
        sys.exit(3)
    seen = Path(os.environ["DATA_DIR"]).parent / "seen.json"
    seen.write_text(json.dumps(dict(os.environ)))
    server = HTTPServer(("127.0.0.1", int(os.environ["HTTP_PORT"])), Health)

    def stop(number: int, _frame: object) -> None:
        sys.stdout.write(f"heard {signal.Signals(number).name}\n")
        sys.stdout.flush()
        if manner == "well":
            threading.Thread(target=server.shutdown).start()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    server.serve_forever()
    server.server_close()


main(sys.argv[1])
