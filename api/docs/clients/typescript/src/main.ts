// Walks through what a frontend does, against the demonstration: YIDAN_URL, or http://127.0.0.1:8080.
import { print } from "graphql";
import { createClient as createSocket } from "graphql-ws";
import WebSocket from "ws";
import { clientOf } from "./client.js";
import { Draft, Obligations, QueueChanges, Receive, Waiting } from "./documents.js";
import { Refused, Session } from "./session.js";
import type { Client, ResultOf } from "./urql.js";

const URL = `${process.env["YIDAN_URL"] ?? "http://127.0.0.1:8080"}/graphql`;
const PROVINCE = "320000";
const PASSWORD = "Yidan-demo-2026";

const enter = async (username: string) => {
  const session = await Session.login(URL, PROVINCE, username, PASSWORD);
  return { session, client: clientOf(URL, session) };
};

/** Every page of a connection, one after the other: 20 rows unless you ask, 100 at most. */
async function* obligations(client: Client) {
  let after: string | null | undefined;
  do {
    const { data, error } = await client.query(Obligations, { first: 40, after }).toPromise();
    if (!data) throw error;
    yield* data.obligations.nodes;
    after = data.obligations.pageInfo.hasNextPage ? data.obligations.pageInfo.endCursor : null;
  } while (after);
}

async function logIn(): Promise<void> {
  const refused = await Session.login(URL, PROVINCE, "zhujian", "wrong").catch((error: unknown) => error);
  if (!(refused instanceof Refused)) throw new Error("a wrong password was taken");
  console.log(`登录被拒 refused: ${refused.code} ${refused.message}`);
}

async function page(): Promise<void> {
  const { session, client } = await enter("zhujian");
  let count = 0;
  for await (const { township, item } of obligations(client)) {
    if (count++ === 0) console.log(`责任事项 owes: ${township.name} ${item.code} ${item.name}`);
  }
  console.log(`责任事项 owes in all: ${count}`);
  // The server says 401; the client exchanges its refresh token and asks again, and nobody notices.
  session.spoil();
  const { data, error } = await client.query(Obligations, { first: 1 }).toPromise();
  if (!data) throw error;
  console.log(`令牌已更新 after a refresh: ${data.obligations.totalCount}`);
}

async function refusal(): Promise<void> {
  const { client } = await enter("liuting.qingdan");
  const input = {
    title: "县商务局要求各镇摸排消费券商户",
    origin: "DEPARTMENT_PROPOSAL" as const,
    reason: "部门来文要求",
    changes: [{ direction: "ADD" as const }],
  };
  const { data, error } = await client.mutation(Draft, { input }).toPromise();
  if (!data) throw error; // What is wrong with the request, the log-in or the server.
  for (const refused of data.createAdjustment.userErrors) {
    // What is refused by the rules: a type for each reason that has facts to tell, a code for every one.
    const route = refused.__typename === "RouteMismatchError" ? ` → ${refused.correctRoute}` : "";
    console.log(`不予受理 refused: ${refused.code}${route}`);
  }
}

type Change = ResultOf<typeof QueueChanges>["queueChanges"];

/** The next change of the queue, over server-sent events and over a WebSocket. Keep its cursor: with it as `after` you are told
 * first what happened while you were away. */
async function listen(): Promise<void> {
  const { session, client } = await enter("xian.bianban");
  const overEvents = new Promise<Change>((resolve, reject) => {
    const { unsubscribe } = client.subscription(QueueChanges, {}).subscribe(({ data, error }) => {
      if (data) resolve(data.queueChanges);
      else reject(error);
      queueMicrotask(() => unsubscribe());
    });
  });
  const socket = createSocket({
    url: URL.replace(/^http/, "ws"),
    webSocketImpl: WebSocket,
    connectionParams: async () => {
      if (session.isEnding) await session.refresh();
      return { authorization: session.authorization };
    },
  });
  const changes = socket.iterate<ResultOf<typeof QueueChanges>>({ query: print(QueueChanges) });
  const overSocket = changes.next().then(({ value }) => (value?.data as ResultOf<typeof QueueChanges>).queueChanges);
  await new Promise((resolve) => setTimeout(resolve, 1_000));

  const waiting = await client.query(Waiting, {}).toPromise();
  const [request] = waiting.data?.adjustments.nodes ?? [];
  if (request) {
    // Sent again with its key, nothing is done again; with the revision, nothing is done to what has changed meanwhile.
    const input = { id: request.id, expectedRevision: request.revision, idempotencyKey: `receive-${request.id}` };
    const { data, error } = await client.mutation(Receive, { input }).toPromise();
    if (!data) throw error;
    console.log(`已受理 received: ${data.receiveAdjustment.adjustment?.number}`);
    for (const [way, change] of [["SSE", await overEvents], ["WebSocket", await overSocket]] as const) {
      console.log(`待办变化 over ${way}: ${change.kind} ${change.entry.task} ${change.entry.proceeding.number}`);
    }
  } else {
    console.log("没有待受理的申请 nothing waits to be received");
  }
  await changes.return?.();
  await socket.dispose();
}

await logIn();
await page();
await refusal();
await listen();
process.exit(0);
