// GraphQL over HTTP: the audits of graphql-http, MUST, SHOULD and MAY.
import { serverAudits } from "graphql-http";
import { verdict } from "./judge.mjs";

export default async function http(server) {
  const tried = [];
  for (const audit of serverAudits({ url: server.url })) {
    const result = await audit.fn();
    tried.push([audit.name, result.status === "ok" ? undefined : `${result.status}: ${result.reason}`]);
  }
  return verdict(tried, "audits");
}
