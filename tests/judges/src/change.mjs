// Something that happens in the demonstration, so that those who listen have something to hear.
import { createClient } from "graphql-sse";
import { first } from "./judge.mjs";
import { ask, login } from "./server.mjs";

export const QUEUE = "subscription Queue($after: String) { queueChanges(after: $after) { cursor kind entry { task } } }";

/** The establishment office of 澜溪县 receives the first request that waits: its queue changes twice. */
export async function receive(server, what) {
  const { accessToken } = await login(server, "xian.bianban2");
  const list = `${what.toLowerCase()}s`;
  const waiting = await ask(server, `{ ${list}(states: [SUBMITTED]) { nodes { id } } }`, {}, accessToken);
  const [{ id }] = waiting.data[list].nodes;
  const document = `mutation($input: Receive${what}Input!) { receive${what}(input: $input) { userErrors { code } } }`;
  const done = await ask(server, document, { input: { id } }, accessToken);
  if (done.data?.[`receive${what}`].userErrors.length !== 0) throw new Error(JSON.stringify(done));
}

/** A moment in the queue of that office after which something happened: who subscribes from there is told at once. */
export function moment(server) {
  server.moment ??= (async () => {
    const { accessToken } = await login(server, "xian.bianban");
    const client = createClient({ url: server.url, headers: { authorization: `Bearer ${accessToken}` } });
    const change = first(client.iterate({ query: QUEUE }));
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await receive(server, "Adjustment");
    await receive(server, "Admission");
    const { cursor } = (await change).data.queueChanges;
    client.dispose();
    return { after: cursor };
  })();
  return server.moment;
}
