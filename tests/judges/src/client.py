"""The Python client `gql`: a query, an error with its code, a refusal as data, a subscription. One line for each."""

import asyncio
import sys

from gql import Client, gql
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.aiohttp_websockets import AIOHTTPWebsocketsTransport
from gql.transport.exceptions import TransportQueryError

URL, WS, TOKEN, AFTER = sys.argv[1:]
BEARER = {"authorization": f"Bearer {TOKEN}"}
QUEUE = "subscription Queue($after: String) { queueChanges(after: $after) { cursor kind } }"


async def main() -> None:
    async with Client(transport=AIOHTTPTransport(url=URL, headers=BEARER), fetch_schema_from_transport=True) as session:
        found = await session.execute(gql("{ viewer { account { username } } }"))
        assert found["viewer"]["account"]["username"] == "xian.bianban", found
        print("a query, checked against the schema")
    async with Client(transport=AIOHTTPTransport(url=URL)) as session:
        try:
            await session.execute(gql("{ accounts { totalCount } }"))
            raise AssertionError("it was answered")
        except TransportQueryError as error:
            assert error.errors[0]["extensions"]["code"] == "UNAUTHENTICATED", error
        print("an error with its code")
    # Not WebsocketsTransport: it finds the protocol only where its header is spelt `Sec-WebSocket-Protocol`, letter by letter,
    # and header names have no case.
    socket = AIOHTTPWebsocketsTransport(url=WS, init_payload=BEARER, subprotocols=["graphql-transport-ws"])
    async with Client(transport=socket) as session:
        queue = gql(QUEUE)
        queue.variable_values = {"after": AFTER}
        async for change in session.subscribe(queue):
            assert change["queueChanges"]["kind"], change
            break
        print("a subscription over a WebSocket")


asyncio.run(asyncio.wait_for(main(), 60))
