"""A WebSocket server not written here (python3-websockets) that plays frames: one a line on standard input.

    serve_websockets.py STREAMS     prints its port; plays when so many streams have been subscribed to
"""

import asyncio
import json
import sys

from websockets.legacy.server import serve


async def main():
    frames = sys.stdin.read().splitlines()
    over = asyncio.Event()

    async def play(socket):
        streams = set()
        async for message in socket:
            request = json.loads(message)
            streams |= set(request["params"])
            await socket.send(json.dumps({"result": None, "id": request["id"]}))
            if len(streams) >= int(sys.argv[1]):
                break
        for frame in frames:
            await socket.send(frame)
        await socket.close(1000, "the end")
        over.set()

    async with serve(play, "127.0.0.1", 0, max_size=None) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await over.wait()


asyncio.run(main())
