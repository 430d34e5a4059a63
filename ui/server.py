"""The page as a web server on this machine, with headers that keep it local."""

import socket
from collections.abc import Awaitable, Callable

import gradio as gr
import uvicorn
from fastapi import FastAPI, Request, Response
from starlette.middleware.trustedhost import TrustedHostMiddleware

from index.errors import SettingInvalid
from index.settings import Settings
from ui.conversation import Conversation
from ui.page import HERE, build_page, looks

LOOPBACK = ("127.0.0.1", "localhost", "::1")
# Gradio's page needs inline script and style; a page that tries to reach another machine is refused by the browser.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def build_server(conversation: Conversation, settings: Settings) -> FastAPI:
    """Return the web application."""
    server = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @server.middleware("http")
    async def keep_local(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await call_next(request)
        response.headers.update(HEADERS)
        return response

    if settings.host in LOOPBACK:
        # Another site's name may point at this machine; only our own names are answered.
        server.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost", "[::1]"])
    page = build_page(conversation, settings)
    gr.mount_gradio_app(
        server, page, path="/", footer_links=[], ssr_mode=False, favicon_path=HERE / "favicon.svg", **looks()
    )
    return server


def check_address(host: str, port: int) -> None:
    """Raise SettingInvalid unless the server may listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise SettingInvalid(f"{host}:{port}: {reason}; choose another with --host and --port") from None


def serve(server: FastAPI, settings: Settings, ready: Callable[[str], None]) -> None:
    """Serve until interrupted; `ready` is told the address once the page answers."""

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            host = f"[{settings.host}]" if ":" in settings.host else settings.host
            port = self.servers[0].sockets[0].getsockname()[1]
            ready(f"http://{host}:{port}")

    Server(uvicorn.Config(server, settings.host, settings.port, log_level="warning")).run()
