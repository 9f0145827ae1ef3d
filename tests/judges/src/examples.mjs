// The clients that provinces copy (`api/docs/clients`), built and run as their README says.
import { existsSync } from "node:fs";
import { attempt, expect, verdict } from "./judge.mjs";
import { HERE, ROOT, run } from "./work.mjs";

const CLIENTS = `${ROOT}api/docs/clients`;

/** What both of them tell on the way. */
const TOLD = ["CREDENTIALS_REFUSED|CredentialsRefused", "owes in all: \\d+", "after a refresh: \\d+", "ADMISSION|Admission", "received: \\w+-", "over SSE:", "over WebSocket:"];

function told(tried, output) {
  for (const wanted of TOLD) tried.push([wanted, new RegExp(wanted).test(output) ? undefined : `not in\n${output}`]);
}

export async function typescript(server) {
  const tried = [];
  const cwd = `${CLIENTS}/typescript`;
  await attempt(tried, "builds", async () => {
    if (!existsSync(`${cwd}/node_modules`)) await run("npm", ["ci"], { cwd });
    await run("npm", ["run", "build"], { cwd });
  });
  await attempt(tried, "runs", async () => {
    told(tried, await run("npm", ["start"], { cwd, env: { ...process.env, YIDAN_URL: server.base } }));
  });
  return verdict(tried);
}

export async function rust(server) {
  const tried = [];
  const cwd = `${CLIENTS}/rust`;
  const target = `${HERE}work/crates`;
  await attempt(tried, "builds", () => run("cargo", ["build", "--quiet", "--locked", "--target-dir", target], { cwd }));
  await attempt(tried, "runs", async () => {
    const output = await run(`${target}/debug/yidan-client`, [], { cwd, env: { ...process.env, YIDAN_URL: server.base } });
    told(tried, output);
    expect(output.length > 0, "it said nothing");
  });
  return verdict(tried);
}
