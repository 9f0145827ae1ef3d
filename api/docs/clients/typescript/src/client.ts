// A client for a session: sends its token, exchanges it when it ends or is refused, and listens over server-sent events.
import { createClient as createEvents } from "graphql-sse";
import { authExchange, Client, fetchExchange, subscriptionExchange } from "./urql.js";
import type { Session } from "./session.js";

export function clientOf(url: string, session: Session): Client {
  // Server-sent events pass proxies that let no WebSocket through. One that is lost is opened again, with the token of then.
  const events = createEvents({
    url,
    headers: async () => {
      if (session.isEnding) await session.refresh();
      return { authorization: session.authorization };
    },
  });
  return new Client({
    url,
    preferGetMethod: false,
    exchanges: [
      authExchange(async (utils) => ({
        addAuthToOperation: (operation) => utils.appendHeaders(operation, { authorization: session.authorization }),
        willAuthError: () => session.isEnding,
        didAuthError: (error) => error.graphQLErrors.some(({ extensions }) => extensions["code"] === "UNAUTHENTICATED"),
        refreshAuth: () => session.refresh(),
      })),
      subscriptionExchange({
        forwardSubscription: ({ query = "", variables }) => ({
          subscribe: (sink) => ({
            unsubscribe: events.subscribe(
              { query, variables },
              { next: (value) => sink.next(value as never), error: (error) => sink.error(error), complete: () => sink.complete() },
            ),
          }),
        }),
      }),
      fetchExchange,
    ],
  });
}
