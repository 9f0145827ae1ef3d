"use strict";
const at = (id) => document.getElementById(id);
let session = null;
let listening = null;

async function send(query, variables, accept) {
  const headers = { "content-type": "application/json", accept };
  if (session) headers.authorization = `Bearer ${session.accessToken}`;
  listening = new AbortController();
  const body = JSON.stringify({ query, variables });
  return fetch("/graphql", { method: "POST", headers, body, signal: listening.signal });
}

const ask = async (query, variables) =>
  (await send(query, variables, "application/graphql-response+json")).json();

const show = (answer) => (at("answer").textContent = JSON.stringify(answer, null, 2));

/** Shows what arrives until the operation ends or another one is asked. */
async function listen(query, variables) {
  at("answer").textContent = "等待变化…";
  const reader = (await send(query, variables, "text/event-stream")).body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const events = (rest + value).split("\n\n");
    rest = events.pop();
    for (const event of events) {
      const data = event.split("\n").find((line) => line.startsWith("data: "));
      if (data) show(JSON.parse(data.slice(6)));
    }
  }
}

async function run() {
  if (listening) listening.abort();
  let variables;
  try {
    variables = JSON.parse(at("variables").value || "{}");
  } catch (error) {
    at("answer").textContent = `变量不是有效的 JSON：${error.message}`;
    return;
  }
  const query = at("query").value;
  try {
    if (/^\s*subscription\b/m.test(query)) await listen(query, variables);
    else show(await ask(query, variables));
  } catch (error) {
    if (error.name !== "AbortError") at("answer").textContent = `请求失败：${error.message}`;
  }
}

async function login(input) {
  session = null;
  const answer = await ask(
    "mutation($input: LoginInput!) { login(input: $input) { tokens { accessToken refreshToken mustChangePassword } userErrors { message } } }",
    { input },
  );
  const payload = answer.data && answer.data.login;
  session = payload && payload.tokens;
  at("password").value = "";
  if (!session) {
    at("who").textContent = payload ? payload.userErrors.map((one) => one.message).join(" ") : answer.errors[0].message;
    return;
  }
  const me = await ask("{ viewer { account { displayName } post { role organisation { name } } mustChangePassword } }", {});
  const viewer = me.data.viewer;
  at("who").textContent = viewer.mustChangePassword
    ? `${viewer.account.displayName}：请先修改初始密码`
    : `${viewer.post.organisation.name} · ${viewer.account.displayName} · ${viewer.post.role}`;
}

async function logout() {
  if (session) await ask("mutation { logout { sessionId } }", {});
  session = null;
  at("who").textContent = "未登录（公众）";
}

at("login").addEventListener("submit", (event) => {
  event.preventDefault();
  login({ provinceCode: at("province").value, username: at("username").value, password: at("password").value });
});
at("logout").addEventListener("click", logout);
at("run").addEventListener("click", run);
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) run();
});

// The examples: `#:` lines say something of the operation below them.
let examples = [];

async function open(example) {
  at("query").value = example.document;
  at("variables").value = JSON.stringify(JSON.parse(example.variables || "{}"), null, 2);
  if (example.login === "nobody") {
    await logout();
  } else {
    const [provinceCode, username] = example.login.split(" ");
    await login({ provinceCode, username, password: "Yidan-demo-2026" });
  }
}

async function load() {
  const text = await (await fetch("/examples.graphql")).text();
  examples = text.split(/^#: title /m).slice(1).map((part) => {
    const [title, ...lines] = part.split("\n");
    const said = Object.fromEntries([...part.matchAll(/^#: (\w+) (.+)$/gm)].map(([, key, value]) => [key, value]));
    return { title, ...said, document: lines.filter((line) => !line.startsWith("#:")).join("\n").trim() };
  });
  for (const { title, english, login } of examples) {
    at("examples").append(new Option(`${title}（${login === "nobody" ? "公众" : login.split(" ")[1]}） ${english}`, String(at("examples").length)));
  }
  await open(examples[0]);
}

at("examples").addEventListener("change", () => open(examples[Number(at("examples").value)]));
load();
