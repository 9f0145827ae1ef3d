// graphql-transport-ws: the client of graphql-ws, and the close codes that the protocol names.
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { moment, QUEUE } from "./change.mjs";
import { attempt, expect, first, verdict, within } from "./judge.mjs";
import { login } from "./server.mjs";

/** Sends messages and waits for the end: the code, and what arrived before. */
async function ended(server, messages, { seconds = 10, close } = {}) {
  const socket = new WebSocket(server.ws, "graphql-transport-ws");
  const arrived = [];
  const end = new Promise((resolve) => {
    socket.on("open", () => {
      for (const message of messages) socket.send(typeof message === "string" ? message : JSON.stringify(message));
    });
    socket.on("message", (data) => {
      arrived.push(JSON.parse(data));
      if (close) socket.close(close, "bye");
    });
    socket.on("error", () => {});
    socket.on("close", (code) => resolve({ code, arrived }));
  });
  return within(seconds, end).finally(() => socket.terminate());
}

export default async function websocket(server) {
  const tried = [];
  const check = (name, action) => attempt(tried, name, action);
  const closes = (wanted, name, messages, options) =>
    check(`${wanted} ${name}`, async () => {
      const { code, arrived } = await ended(server, messages, options);
      expect(code === wanted, `closed with ${code} after ${JSON.stringify(arrived)}`);
    });

  const { accessToken } = await login(server, "xian.bianban");
  const authorization = `Bearer ${accessToken}`;
  const init = { type: "connection_init", payload: { authorization } };
  const listen = (id) => ({ id, type: "subscribe", payload: { query: QUEUE } });
  await closes(4400, "what is no JSON", ["{"]);
  await closes(4400, "an unknown message", [init, { type: "nonsense" }]);
  await closes(4400, "a subscription without a query", [init, { id: "1", type: "subscribe", payload: {} }]);
  await closes(4401, "a subscription before the handshake", [listen("1")]);
  await closes(4408, "no handshake in time", [], { seconds: 30 });
  await closes(4409, "the same id twice", [init, listen("1"), listen("1")]);
  await closes(4429, "two handshakes", [init, init]);
  await closes(1000, "a close is answered in kind", [init], { close: 1000 });
  await check("a ping is answered", async () => {
    const { arrived } = await ended(server, [{ type: "ping" }], { close: 1000 });
    expect(arrived[0]?.type === "pong", arrived);
  });

  const ask = async (payload, connectionParams) => {
    const client = createClient({ url: server.ws, webSocketImpl: WebSocket, connectionParams, retryAttempts: 0 });
    try {
      return await first(client.iterate(payload));
    } finally {
      await client.dispose();
    }
  };
  await check("the client asks a query", async () => {
    const answer = await ask({ query: "{ __typename }" });
    expect(answer.data.__typename === "Query", answer);
  });
  await check("an error has its code", async () => {
    const answer = await ask({ query: "{ accounts { totalCount } }" });
    expect(answer.errors[0].extensions.code === "UNAUTHENTICATED", answer);
  });
  await check("the client is known by its payload", async () => {
    const answer = await ask({ query: "{ viewer { account { username } } }" }, { authorization });
    expect(answer.data.viewer.account.username === "xian.bianban", answer);
  });
  await check("a document that does not fit is an error message", async () => {
    const error = await ask({ query: "{ nonsense }" }).then(() => null, (error) => error);
    expect(error?.[0]?.extensions?.code === "GRAPHQL_VALIDATION_FAILED", error);
  });
  await check("a subscription tells what changed", async () => {
    const answer = await ask({ query: QUEUE, variables: await moment(server) }, { authorization });
    expect(answer.data?.queueChanges.kind, answer);
  });
  return verdict(tried);
}
