"""The same with FastAPI."""

from fastapi import FastAPI, Request

app = FastAPI()


@app.get("/items/{number}")
def item(number: int, request: Request):
    return request.headers.get("traceparent", "none")
