// The server that is judged: started on a free port with the demonstration in a folder of its own, and ended.
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The password of every account of the demonstration. */
export const PASSWORD = "Yidan-demo-2026";

async function freePort() {
  const listener = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => listener.once("listening", resolve));
  const { port } = listener.address();
  await new Promise((resolve) => listener.close(resolve));
  return port;
}

export async function start(binary, settings = {}) {
  const folder = await mkdtemp(join(tmpdir(), "yidan-judged-"));
  const listen = `127.0.0.1:${await freePort()}`;
  const child = spawn(binary, ["serve", "--demo", "--listen", listen, "--data-dir", folder], {
    env: { ...process.env, YIDAN_LOG: "warn", ...settings },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let log = "";
  child.stderr.on("data", (text) => (log += text));
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const stop = async () => {
    child.kill("SIGTERM");
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  const base = `http://${listen}`;
  const late = Date.now() + 180_000;
  for (;;) {
    if (child.exitCode !== null || Date.now() > late) {
      await stop();
      throw new Error(`${binary} does not serve:\n${log}`);
    }
    const ready = await fetch(`${base}/readyz`).catch(() => null);
    if (ready?.ok) break;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return { base, url: `${base}/graphql`, ws: `ws://${listen}/graphql`, stop, log: () => log };
}

export async function ask(server, query, variables = {}, token) {
  const headers = { "content-type": "application/json" };
  if (token) headers.authorization = `Bearer ${token}`;
  const answer = await fetch(server.url, { method: "POST", headers, body: JSON.stringify({ query, variables }) });
  return answer.json();
}

export async function login(server, username, provinceCode = "320000") {
  const answer = await ask(
    server,
    "mutation($input: LoginInput!) { login(input: $input) { tokens { accessToken refreshToken } userErrors { code } } }",
    { input: { provinceCode, username, password: PASSWORD } },
  );
  return answer.data.login.tokens;
}
