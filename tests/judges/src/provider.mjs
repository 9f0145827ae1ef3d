// An identity provider such as a province has: oidc-provider, which the OpenID Foundation has certified, with a key of the given
// kind. People log in there the way a frontend sends them: code flow with PKCE, by openid-client.
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import * as openid from "openid-client";
import { expect } from "./judge.mjs";

// It tells that its defaults are for trying it out, as this does, and that it is tested with newer versions of Node.
for (const level of ["info", "warn"]) {
  const tell = console[level];
  console[level] = (...words) => String(words[0]).includes("oidc-provider ") || tell(...words);
}
const { default: Provider } = await import("oidc-provider");

const KINDS = { RS256: ["rsa", { modulusLength: 2048 }], ES256: ["ec", { namedCurve: "P-256" }], EdDSA: ["ed25519"] };
/** Where the provider sends people back to; nobody listens there. */
const BACK = "http://127.0.0.1/back";

/** A provider whose tokens are signed by `algorithm` and which knows `people`: a claim for each subject. */
export async function provide(algorithm, people) {
  let handle;
  const listener = createServer((request, answer) => handle(request, answer));
  const listen = (port) => new Promise((resolve) => listener.listen(port, "127.0.0.1", resolve));
  await listen(0);
  const { port } = listener.address();
  const issuer = `http://127.0.0.1:${port}`;
  let key;
  const provider = {
    algorithm,
    issuer,
    /** Its public key as a set, for a server that does not reach it. */
    keys: () => {
      const { d, p, q, dp, dq, qi, ...open } = key;
      return { keys: [open] };
    },
    /** Signs with a new key from now on. */
    rotate() {
      const { privateKey } = generateKeyPairSync(...KINDS[algorithm]);
      key = { ...privateKey.export({ format: "jwk" }), alg: algorithm, use: "sig", kid: crypto.randomUUID() };
      handle = new Provider(issuer, settings(algorithm, key, people)).callback();
    },
    /** Cannot be reached until `back`. */
    async leave() {
      const left = new Promise((resolve) => listener.close(resolve));
      listener.closeAllConnections();
      await left;
    },
    back: () => listen(port),
  };
  provider.rotate();
  return provider;
}

function settings(algorithm, key, people) {
  const client = {
    redirect_uris: [BACK],
    application_type: "native",
    token_endpoint_auth_method: "none",
    id_token_signed_response_alg: algorithm,
  };
  return {
    clients: ["yidan", "another-system"].map((client_id) => ({ client_id, ...client })),
    jwks: { keys: [key] },
    cookies: { keys: [crypto.randomUUID()] },
    claims: { openid: ["sub"], profile: ["preferred_username"] },
    // Such claims are in the ID token too, as providers do who have one system behind them.
    conformIdTokenClaims: false,
    findAccount: (_, subject) =>
      people[subject] && { accountId: subject, claims: () => ({ sub: subject, preferred_username: people[subject] }) },
  };
}

/** The ID token of who logs in at the provider. */
export async function identify(provider, subject, nonce, client = "yidan") {
  const options = { execute: [openid.allowInsecureRequests] };
  const wanted = { id_token_signed_response_alg: provider.algorithm };
  const known = await openid.discovery(new URL(provider.issuer), client, wanted, openid.None(), options);
  const verifier = openid.randomPKCECodeVerifier();
  const asked = openid.buildAuthorizationUrl(known, {
    redirect_uri: BACK,
    scope: "openid profile",
    nonce,
    code_challenge: await openid.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
  });
  const sent = await browse(asked, subject);
  const tokens = await openid.authorizationCodeGrant(known, sent, { pkceCodeVerifier: verifier, expectedNonce: nonce });
  return tokens.id_token;
}

/** What a browser does meanwhile: keeps cookies, follows redirections, sends the forms for logging in and for consent. */
async function browse(url, subject) {
  const cookies = new Map();
  let form;
  for (let step = 0; step < 20; step += 1) {
    const headers = { cookie: [...cookies].map((pair) => pair.join("=")).join("; ") };
    const answer = await fetch(url, { method: form ? "POST" : "GET", body: form, headers, redirect: "manual" });
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      value ? cookies.set(name, value) : cookies.delete(name);
    }
    const next = answer.headers.get("location");
    if (next) {
      [url, form] = [new URL(next, url), undefined];
      if (url.href.startsWith(BACK)) return url;
      continue;
    }
    const page = await answer.text();
    const [, action] = /<form[^>]* action="([^"]+)"/.exec(page) ?? [];
    const [, prompt] = /name="prompt" value="(\w+)"/.exec(page) ?? [];
    expect(action && prompt, `the provider answers ${answer.status}: ${page}`);
    [url, form] = [new URL(action, url), new URLSearchParams({ prompt, login: subject, password: "-" })];
  }
  throw new Error("the provider sends its people about");
}
