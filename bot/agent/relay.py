"""Runs alone inside a container: hands each connection on to the proxy's Unix socket. Needs nothing but Python 3.8."""

import asyncio

SOCKET = "/run/egress/proxy.sock"
PORT = 3128


async def copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    """Copy until the source ends, then say so to the sink."""
    try:
        while True:
            chunk = await source.read(65536)
            if not chunk:
                break
            sink.write(chunk)
            await sink.drain()
        sink.write_eof()
    except OSError:
        sink.close()


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Hand one connection on."""
    try:
        there, back = await asyncio.open_unix_connection(SOCKET)
    except OSError:
        writer.close()
        return
    await asyncio.gather(copy(reader, back), copy(there, writer))
    back.close()
    writer.close()


async def main() -> None:
    """Serve for as long as the container runs."""
    server = await asyncio.start_server(serve, "0.0.0.0", PORT)  # noqa: S104 -- all addresses of its own container
    print("listening", flush=True)  # noqa: T201 -- whoever started the container waits for this line
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
