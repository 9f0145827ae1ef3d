#!/usr/bin/env node
// Runs the judges against a running server with the demonstration, which it starts and ends: one line each, exit code 1 if
// one is not content.
//
//   npm run --silent judges --prefix tests/judges -- [--binary target/release/yidan] [judge …]
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { apollo, urql } from "./src/clients.mjs";
import { development, production } from "./src/cop.mjs";
import { rust, typescript } from "./src/examples.mjs";
import explorer from "./src/explorer.mjs";
import { codegen, crates, relay, tada } from "./src/generators.mjs";
import http from "./src/http.mjs";
import inspector from "./src/inspector.mjs";
import { linter, relayRules } from "./src/lint.mjs";
import oidc from "./src/oidc.mjs";
import { fuzz, gql } from "./src/python.mjs";
import { start } from "./src/server.mjs";
import sse from "./src/sse.mjs";
import websocket from "./src/websocket.mjs";
import { folder, ROOT } from "./src/work.mjs";

/** Each judge, and which server it looks at, if it does not start its own. One that waits for something to happen wants a
 * demonstration in which it has not happened yet. */
const JUDGES = {
  "graphql-http": [http, "plain"],
  "graphql-ws": [websocket, "plain"],
  "graphql-sse": [sse, "plain"],
  "relay-compiler": [relay],
  "graphql-eslint": [relayRules],
  "graphql-schema-linter": [linter],
  "codegen-client-preset": [codegen],
  "gql.tada": [tada],
  "cynic-graphql_client": [crates],
  urql: [urql, "plain"],
  "apollo-client": [apollo, "plain"],
  "python-gql": [gql, "plain"],
  "graphql-inspector": [inspector],
  "cop-probes": [development, "plain"],
  "cop-probes-production": [production, "production"],
  explorer: [explorer, "untouched"],
  "client-typescript": [typescript, "clients"],
  "client-rust": [rust, "clients"],
  "oidc-provider": [oidc],
  schemathesis: [fuzz, "open"],
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { binary: { type: "string", default: `${ROOT}target/release/yidan` } },
});
// npm changes the folder, and says where it was called.
const binary = resolve(process.env.INIT_CWD ?? ".", values.binary);
if (!existsSync(binary)) {
  console.error(`no ${binary}: cargo build --release, or name another with --binary`);
  process.exit(2);
}
const unknown = positionals.filter((name) => !(name in JUDGES));
if (unknown.length > 0) {
  console.error(`unknown: ${unknown.join(" ")}; there are: ${Object.keys(JUDGES).join(" ")}`);
  process.exit(2);
}

/** The settings of each server. */
async function settings(profile) {
  switch (profile) {
    case "production": {
      const manifest = `${await folder("production")}/manifest.json`;
      await writeFile(manifest, JSON.stringify({ viewer: "query Viewer { viewer { account { displayName } } }" }));
      return { YIDAN_TRUSTED_DOCUMENTS: manifest, YIDAN_TRUSTED_ONLY: "true", YIDAN_EXPLORER: "false" };
    }
    // Whoever invents thousands of operations would empty any bucket.
    case "open":
      return { YIDAN_BUCKET_SIZE: "0", YIDAN_ACCESS_SECONDS: "900" };
    default:
      return {};
  }
}

const running = {};
const server = async (profile) => profile && (running[profile] ??= await start(binary, await settings(profile)));

let failed = 0;
try {
  for (const [name, [judge, profile]] of Object.entries(JUDGES)) {
    if (positionals.length > 0 && !positionals.includes(name)) continue;
    const began = Date.now();
    let said;
    try {
      said = await judge(await server(profile), (settings) => start(binary, settings));
    } catch (error) {
      said = { passed: false, told: "did not finish", wrong: [error.stack ?? String(error)] };
    }
    const seconds = ((Date.now() - began) / 1_000).toFixed(1);
    console.log(`${said.passed ? "pass" : "FAIL"}  ${name.padEnd(22)} ${said.told} (${seconds}s)`);
    for (const problem of said.wrong) console.log(`      ${problem.replaceAll("\n", "\n      ")}`);
    failed += said.passed ? 0 : 1;
  }
} finally {
  await Promise.all(Object.values(running).map((server) => server.stop()));
}
console.log(failed === 0 ? "all are content" : `${failed} not content`);
process.exit(failed === 0 ? 0 : 1);
