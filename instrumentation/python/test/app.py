"""A small app with Flask, as somebody would write it who knows nothing of OpenTelemetry."""

import json
import logging
import os

import requests
from flask import Flask, request

app = Flask(__name__)
port = int(os.environ["PORT"])


class Lines(logging.Formatter):
    def format(self, record):
        return json.dumps({"message": record.getMessage(), "trace_id": getattr(record, "trace_id", None)})


handler = logging.StreamHandler()
handler.setFormatter(Lines())
log = logging.getLogger("shop")
log.addHandler(handler)
log.setLevel(logging.INFO)


@app.get("/items/<int:number>")
def item(number):
    log.info("item asked", extra={"number": number})
    return requests.get(f"http://127.0.0.1:{port}/inner", timeout=30).text


@app.get("/inner")
def inner():
    return request.headers.get("traceparent", "none")


if __name__ == "__main__":
    app.run(port=port)
