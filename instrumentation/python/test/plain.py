"""The same with Starlette alone."""

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route


async def item(request):
    return PlainTextResponse(request.headers.get("traceparent", "none"))


app = Starlette(routes=[Route("/items/{number}", item)])
