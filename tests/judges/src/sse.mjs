// Server-sent events: the client of graphql-sse, one connection for each operation.
import { createClient } from "graphql-sse";
import { moment, QUEUE } from "./change.mjs";
import { attempt, expect, first, verdict } from "./judge.mjs";
import { login } from "./server.mjs";

export default async function sse(server) {
  const tried = [];
  const { accessToken } = await login(server, "xian.bianban");
  const ask = async (payload, headers = {}) => {
    const client = createClient({ url: server.url, headers, retryAttempts: 0 });
    try {
      return await first(client.iterate(payload));
    } finally {
      client.dispose();
    }
  };
  const authorization = `Bearer ${accessToken}`;
  await attempt(tried, "a query", async () => {
    const answer = await ask({ query: "{ __typename }" });
    expect(answer.data.__typename === "Query", answer);
  });
  await attempt(tried, "an operation that is known by its header", async () => {
    const answer = await ask({ query: "{ viewer { account { username } } }" }, { authorization });
    expect(answer.data.viewer.account.username === "xian.bianban", answer);
  });
  await attempt(tried, "an error with its code", async () => {
    const answer = await ask({ query: QUEUE });
    expect(answer.errors[0].extensions.code === "UNAUTHENTICATED", answer);
  });
  await attempt(tried, "a document that does not fit", async () => {
    const error = await ask({ query: "{ nonsense }" }).then((answer) => answer.errors?.[0], (error) => error);
    expect(error, "it was answered");
  });
  await attempt(tried, "a subscription that tells what changed", async () => {
    const answer = await ask({ query: QUEUE, variables: await moment(server) }, { authorization });
    expect(answer.data?.queueChanges.kind, answer);
  });
  return verdict(tried);
}
