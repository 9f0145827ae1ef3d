// How the explorer asks: as whoever is logged in; what goes on arrives as server-sent events.
import { getOperationAST, parse } from "graphql";
import { createClient } from "graphql-sse";
import { token } from "./session";

const authorization = async (headers) => {
  const bearer = await token();
  return { ...(bearer ? { authorization: `Bearer ${bearer}` } : {}), ...headers };
};

/** The operation that is meant, if the document can be read: the server says what is wrong with one that cannot. */
function meant({ query, operationName }) {
  try {
    const document = parse(query);
    return getOperationAST(document, operationName) ?? getOperationAST(document);
  } catch {
    return null;
  }
}

export function fetcher({ query, variables, operationName }, options) {
  const operation = meant({ query, operationName });
  // The editor notices a moment late that another operation stands in it.
  const request = { query, variables, operationName: operation?.name?.value ?? operationName };
  if (operation?.operation === "subscription") {
    const client = createClient({ url: "/graphql", headers: () => authorization(options?.headers) });
    return client.iterate(request);
  }
  return post(request, options);
}

async function post(request, options) {
  const headers = await authorization({
    "content-type": "application/json",
    accept: "application/graphql-response+json, application/json",
    ...options?.headers,
  });
  const answer = await fetch("/graphql", { method: "POST", headers, body: JSON.stringify(request) });
  return answer.json();
}
