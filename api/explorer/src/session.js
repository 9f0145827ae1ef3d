// Who is logged in. The tokens stay in this tab: they end with it.
const KEY = "yidan.session";
const listeners = new Set();

let session = JSON.parse(sessionStorage.getItem(KEY) ?? "null");

function keep(next) {
  session = next;
  if (next) sessionStorage.setItem(KEY, JSON.stringify(next));
  else sessionStorage.removeItem(KEY);
  for (const listener of listeners) listener();
}

export const subscribe = (listener) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};
export const current = () => session;

/** Asks the server, as the one with this token. */
export async function ask(query, variables, token) {
  const headers = { "content-type": "application/json", accept: "application/graphql-response+json" };
  if (token) headers.authorization = `Bearer ${token}`;
  const answer = await fetch("/graphql", { method: "POST", headers, body: JSON.stringify({ query, variables }) });
  return answer.json();
}

const TOKENS = "tokens { accessToken accessTokenExpiresAt refreshToken } userErrors { message }";
const told = (answer, payload) =>
  (payload?.userErrors ?? answer.errors ?? []).map((error) => error.message).join(" ") || "登录失败";

let entering = Promise.resolve();

export function login(provinceCode, username, password) {
  const entered = enter(provinceCode, username, password);
  entering = entered.catch(() => {});
  return entered;
}

async function enter(provinceCode, username, password) {
  const answer = await ask(
    `mutation Login($input: LoginInput!) { login(input: $input) { ${TOKENS} } }`,
    { input: { provinceCode, username, password } },
  );
  const payload = answer.data?.login;
  if (!payload?.tokens) throw new Error(told(answer, payload));
  const me = await ask(
    "{ viewer { account { displayName } post { role organisation { name } } mustChangePassword } }",
    {},
    payload.tokens.accessToken,
  );
  const { account, post, mustChangePassword } = me.data.viewer;
  const name = mustChangePassword ? `${account.displayName}：请先修改初始口令` : account.displayName;
  keep({ provinceCode, username, name, organisation: post?.organisation.name, role: post?.role, ...payload.tokens });
}

export async function logout() {
  const token = session?.accessToken;
  keep(null);
  if (token) await ask("mutation { logout { sessionId } }", {}, token);
}

let refreshing = null;

/**
 * The access token, after a log-in under way; a new one when the old one ends within half a
 * minute. One refresh at a time: its token is used once.
 */
export async function token() {
  await entering;
  if (!session) return null;
  if (Date.parse(session.accessTokenExpiresAt) - Date.now() > 30_000) return session.accessToken;
  refreshing ??= refresh().finally(() => (refreshing = null));
  return refreshing;
}

async function refresh() {
  const answer = await ask(
    `mutation Refresh($token: String!) { refreshSession(refreshToken: $token) { ${TOKENS} } }`,
    { token: session.refreshToken },
  );
  const tokens = answer.data?.refreshSession?.tokens;
  keep(tokens ? { ...session, ...tokens } : null);
  return tokens?.accessToken ?? null;
}
