// A client for a session: sends its token, exchanges it when it ends or is refused, and listens over server-sent events.
import { createClient as createEvents } from "graphql-sse";
import { authExchange, Client, fetchExchange, subscriptionExchange } from "./urql.js";
import type { Session } from "./session.js";

export function clientOf(url: string, session: Session): Client {
  // Server-sent events pass proxies that let no WebSocket through. A connection that is lost is opened again, with the token
  // of then and the cursor of the last change that arrived, so that nothing is missed.
  const listen = () => {
    let last: string | undefined;
    const events = createEvents({
      url,
      headers: async () => {
        if (session.isEnding) await session.refresh();
        return { authorization: session.authorization, ...(last ? { "last-event-id": last } : {}) };
      },
    });
    const heard = (data: unknown) => {
      const [change] = Object.values((data ?? {}) as Record<string, { cursor?: string } | null>);
      last = change?.cursor ?? last;
    };
    return { events, heard };
  };
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
          subscribe: (sink) => {
            const { events, heard } = listen();
            const next = (value: { data?: unknown }) => {
              heard(value.data);
              sink.next(value as never);
            };
            return {
              unsubscribe: events.subscribe(
                { query, variables },
                { next, error: (error) => sink.error(error), complete: () => sink.complete() },
              ),
            };
          },
        }),
      }),
      fetchExchange,
    ],
  });
}
