// Probes of the kind graphql-cop 1.15 makes. That program is on no registry, so these are our own, written after what it says
// it looks for; each tells whether its finding is there. A server in production answers the documents of its frontends
// and nothing else (`trusted_only`) and shows no page; what would overload it is refused in either profile.
import { attempt, expect, verdict } from "./judge.mjs";

const post = (server, body, type = "application/json") =>
  fetch(server.url, { method: "POST", headers: { "content-type": type, accept: "application/json" }, body });
const ask = async (server, query) => (await post(server, JSON.stringify({ query, operationName: "cop" }))).json();
const get = (server, query) => fetch(`${server.url}?query=${encodeURIComponent(query)}`).then((answer) => answer.text());
const text = (answer) => JSON.stringify(answer);

/** What overloads a server or lets another page speak for its user. */
const ALWAYS = {
  "101 aliases": async (server) => {
    const aliases = Array.from({ length: 101 }, (_, number) => `alias${number}: __typename`).join("\n");
    return (await ask(server, `query cop { ${aliases} }`)).data;
  },
  "ten queries at once": async (server) => {
    const answer = await post(server, JSON.stringify(Array(10).fill({ query: "query cop { __typename }" })));
    return Array.isArray(await answer.json());
  },
  "ten directives on a field": async (server) =>
    (await ask(server, `query cop { __typename ${"@aa".repeat(10)} }`)).errors?.length >= 10,
  "a circle in the introspection": async (server) => {
    const levels = 4;
    const circle = `${"fields { type { ".repeat(levels)} name ${"} }".repeat(levels)}`;
    return (await ask(server, `query cop { __schema { types { ${circle} } } }`)).data;
  },
  "a circle of fragments": async (server) =>
    (await ask(server, "query cop { ...a } fragment a on Query { ...b } fragment b on Query { ...a }")).data,
  "a mutation with GET": async (server) => (await get(server, "mutation cop { __typename }")).includes('"data":{'),
  "a form": async (server) => {
    const answer = await post(server, new URLSearchParams({ query: "query cop { __typename }" }).toString(), "application/x-www-form-urlencoded");
    return (await answer.text()).includes('"data"');
  },
  "tracing in the answer": async (server) => text(await ask(server, "query cop { __typename }")).includes('"tracing"'),
  "an exception in the answer": async (server) => /exception|stack/i.test(text(await ask(server, "qwerty cop { abc }"))),
};

/** What tells strangers how the API looks. */
const IN_PRODUCTION = {
  introspection: async (server) => (await ask(server, "query cop { __schema { types { name fields { name } } } }")).data,
  "suggestions of fields": async (server) => text(await ask(server, "query cop { __schema { directive } }")).includes("Did you mean"),
  "a query with GET": async (server) => (await get(server, "query cop {__typename}")).includes('"data"'),
  "500 times the same field": async (server) => (await ask(server, `query cop { ${"__typename ".repeat(500)} }`)).data,
  "an explorer": async (server) => {
    const pages = [server.base, server.url].map((url) => fetch(url, { headers: { accept: "text/html" } }).then((page) => page.text()));
    return (await Promise.all(pages)).some((page) => /graphiql|playground|<script/i.test(page));
  },
};

async function look(server, probes) {
  const tried = [];
  for (const [name, finds] of Object.entries(probes)) {
    await attempt(tried, name, async () => expect(!(await finds(server)), "found"));
  }
  return verdict(tried, "probes without a finding");
}

export const development = (server) => look(server, ALWAYS);
export const production = (server) => look(server, { ...ALWAYS, ...IN_PRODUCTION });
