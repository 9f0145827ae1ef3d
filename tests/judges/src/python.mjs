// What is on PyPI: the client `gql`, and schemathesis, which invents operations and looks for faults.
import { existsSync } from "node:fs";
import { login } from "./server.mjs";
import { attempt, expect, verdict } from "./judge.mjs";
import { moment } from "./change.mjs";
import { folder, HERE, run } from "./work.mjs";

const VENV = `${HERE}work/venv`;

/** Installs them, once. */
let installed;
function install() {
  installed ??= (async () => {
    if (!existsSync(`${VENV}/bin/pip`)) await run("python3", ["-m", "venv", VENV]);
    await run(`${VENV}/bin/pip`, ["install", "--quiet", "-r", `${HERE}requirements.txt`]);
  })();
  return installed;
}

export async function gql(server) {
  const tried = [];
  await install();
  const { accessToken } = await login(server, "xian.bianban");
  const { after } = await moment(server);
  await attempt(tried, "queries, errors, subscriptions", async () => {
    const output = await run(`${VENV}/bin/python`, [`${HERE}src/client.py`, server.url, server.ws, accessToken, after]);
    for (const line of output.trim().split("\n").slice(1)) tried.push([line]);
  });
  return verdict(tried);
}

/** How many requests ended in a fault of the server. */
async function faults(server) {
  const figures = await (await fetch(`${server.base}/metrics`)).text();
  const lines = figures.split("\n").filter((line) => line.startsWith("yidan_graphql_requests_total"));
  const count = (some) => some.reduce((sum, line) => sum + Number(line.split(" ").pop()), 0);
  return { all: count(lines), internal: count(lines.filter((line) => line.includes("INTERNAL"))) };
}

/** Operations that would end the session with which everything else is asked. */
const ENDING = "[Ll]ogout|revokeSession|changePassword|switchPost";

export async function fuzz(server) {
  const tried = [];
  await install();
  const examples = process.env.YIDAN_FUZZ_EXAMPLES ?? "10";
  let all = 0;
  for (const username of ["xian.bianban", null]) {
    const header = username ? ["--header", `Authorization: Bearer ${(await login(server, username)).accessToken}`] : [];
    await attempt(tried, username ?? "nobody", async () => {
      await run(
        `${VENV}/bin/schemathesis`,
        [
          "run", server.url, ...header, "--checks", "no_fault", "--phases", "fuzzing", "--max-examples", examples,
          "--workers", "2", "--max-failures", "10", "--no-color", "--suppress-health-check", "all", "--warnings", "off",
          "--generation-database", "none", "--exclude-name-regex", ENDING,
        ],
        { env: { ...process.env, SCHEMATHESIS_HOOKS: "faults", PYTHONPATH: `${HERE}src` }, cwd: await folder("fuzz") },
      );
      const { all: asked, internal } = await faults(server);
      all = asked;
      expect(internal === 0, `${internal} answers were INTERNAL`);
      expect(asked > 200, `only ${asked} requests`);
      expect((await fetch(`${server.base}/readyz`)).ok, "the server is not ready any more");
    });
  }
  return { ...verdict(tried), told: `${all} requests` };
}
