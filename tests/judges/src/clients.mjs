// The clients that frontends use: queries, errors with their codes, refusals as data, subscriptions.
import { ApolloClient, ApolloLink, CombinedGraphQLErrors, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { Client, fetchExchange, subscriptionExchange } from "@urql/core";
import { createClient as createSse } from "graphql-sse";
import { createClient as createWs } from "graphql-ws";
import WebSocket from "ws";
import { moment, QUEUE } from "./change.mjs";
import { attempt, expect, verdict, within } from "./judge.mjs";
import { login } from "./server.mjs";

const VIEWER = "query Viewer { viewer { account { username } } }";
const FORBIDDEN = "query Accounts { accounts { totalCount } }";
const REFUSED = `mutation Draft($input: CreateAdjustmentInput!) {
  createAdjustment(input: $input) { adjustment { id } userErrors { code ... on RouteMismatchError { correctRoute } } }
}`;
const WRONG = {
  input: { title: "摸排", origin: "DEPARTMENT_PROPOSAL", reason: "来文", changes: [{ direction: "ADD" }] },
};

/** The first value of an observable of either library. */
const heard = (subscribe) =>
  within(
    10,
    new Promise((resolve, reject) => {
      const subscription = subscribe({ next: resolve, error: reject });
      setTimeout(() => subscription?.unsubscribe?.(), 9_000).unref();
    }),
  );

export async function urql(server) {
  const tried = [];
  const office = await login(server, "xian.bianban");
  const township = await login(server, "liuting.qingdan");
  const client = ({ accessToken } = {}) => {
    const headers = accessToken ? { authorization: `Bearer ${accessToken}` } : {};
    const sse = createSse({ url: server.url, headers });
    const forward = ({ query, variables }) => ({ subscribe: (sink) => ({ unsubscribe: sse.subscribe({ query, variables }, sink) }) });
    return new Client({
      url: server.url,
      preferGetMethod: false,
      fetchOptions: { headers },
      exchanges: [subscriptionExchange({ forwardSubscription: forward }), fetchExchange],
    });
  };
  await attempt(tried, "a query", async () => {
    const { data } = await client(office).query(VIEWER, {}).toPromise();
    expect(data?.viewer.account.username === "xian.bianban", data);
  });
  await attempt(tried, "an error with its code", async () => {
    const { error } = await client().query(FORBIDDEN, {}).toPromise();
    expect(error?.graphQLErrors[0].extensions.code === "UNAUTHENTICATED", error);
  });
  await attempt(tried, "a refusal as data", async () => {
    const { data } = await client(township).mutation(REFUSED, WRONG).toPromise();
    expect(data?.createAdjustment.userErrors[0].correctRoute === "ADMISSION", data);
  });
  await attempt(tried, "a subscription over server-sent events", async () => {
    const after = await moment(server);
    const { data } = await heard(({ next }) => client(office).subscription(QUEUE, after).subscribe(next));
    expect(data?.queueChanges.kind, data);
  });
  return verdict(tried);
}

export async function apollo(server) {
  const tried = [];
  const office = await login(server, "xian.bianban");
  const township = await login(server, "liuting.qingdan");
  const sockets = [];
  const client = ({ accessToken } = {}) => {
    const authorization = accessToken ? { authorization: `Bearer ${accessToken}` } : {};
    const socket = createWs({ url: server.ws, webSocketImpl: WebSocket, connectionParams: authorization });
    sockets.push(socket);
    const isLive = ({ query }) => query.definitions.some((definition) => definition.operation === "subscription");
    const link = ApolloLink.split(isLive, new GraphQLWsLink(socket), new HttpLink({ uri: server.url, headers: authorization }));
    return new ApolloClient({ link, cache: new InMemoryCache() });
  };
  await attempt(tried, "a query", async () => {
    const { data } = await client(office).query({ query: gql(VIEWER) });
    expect(data?.viewer.account.username === "xian.bianban", data);
  });
  await attempt(tried, "an error with its code", async () => {
    const error = await client().query({ query: gql(FORBIDDEN) }).then(() => null, (error) => error);
    expect(CombinedGraphQLErrors.is(error) && error.errors[0].extensions.code === "UNAUTHENTICATED", `${error}`);
  });
  await attempt(tried, "a refusal as data", async () => {
    const { data } = await client(township).mutate({ mutation: gql(REFUSED), variables: WRONG });
    expect(data?.createAdjustment.userErrors[0].correctRoute === "ADMISSION", data);
  });
  await attempt(tried, "a subscription over a WebSocket", async () => {
    const variables = await moment(server);
    const { data } = await heard((sink) => client(office).subscribe({ query: gql(QUEUE), variables }).subscribe(sink));
    expect(data?.queueChanges.kind, data);
  });
  await Promise.all(sockets.map((socket) => socket.dispose()));
  return verdict(tried);
}
