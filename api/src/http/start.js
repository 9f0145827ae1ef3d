"use strict";
const at = (id) => document.getElementById(id);
let session = null;

at("query").value = `# 公众可查询已公布的清单；登录后可办理业务。
{
  viewer { account { displayName } post { role organisation { name } } }
  division(code: "320000") { name children(first: 5) { totalCount nodes { code name } } }
}`;

async function ask(query, variables) {
  const headers = { "content-type": "application/json", accept: "application/graphql-response+json" };
  if (session) headers.authorization = `Bearer ${session.accessToken}`;
  const answer = await fetch("/graphql", { method: "POST", headers, body: JSON.stringify({ query, variables }) });
  return answer.json();
}

async function run() {
  let variables;
  try {
    variables = JSON.parse(at("variables").value || "{}");
  } catch (error) {
    at("answer").textContent = `变量不是有效的 JSON：${error.message}`;
    return;
  }
  try {
    at("answer").textContent = JSON.stringify(await ask(at("query").value, variables), null, 2);
  } catch (error) {
    at("answer").textContent = `请求失败：${error.message}`;
  }
}

at("login").addEventListener("submit", async (event) => {
  event.preventDefault();
  session = null;
  const input = { provinceCode: at("province").value, username: at("username").value, password: at("password").value };
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
});

at("logout").addEventListener("click", async () => {
  if (session) await ask("mutation { logout { sessionId } }", {});
  session = null;
  at("who").textContent = "未登录（公众）";
});

at("run").addEventListener("click", run);
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) run();
});
