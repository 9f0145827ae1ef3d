// Sign-on with what a certified identity provider gives out: three of them, one for each kind of signature, two found by
// discovery and one by a file of keys.
import { writeFile } from "node:fs/promises";
import { attempt, expect, verdict } from "./judge.mjs";
import { identify, provide } from "./provider.mjs";
import { ask, login } from "./server.mjs";
import { folder } from "./work.mjs";

const PROVINCE = "320000";
const PEOPLE = { "p-1001": "xian.bianban", "p-1002": "zhujian", "p-1003": "nobody.here" };
const SIGN_ON = `mutation($input: SignOnInput!) {
  signOn(input: $input) {
    tokens { accessToken refreshToken }
    userErrors { code message ... on SignOnRefusedError { reason } }
  }
}`;

const signOn = async (server, idToken, nonce) => {
  const answer = await ask(server, SIGN_ON, { input: { provinceCode: PROVINCE, idToken, nonce } });
  expect(answer.data?.signOn, answer);
  return answer.data.signOn;
};
const refused = async (reason, server, idToken, nonce) => {
  const { tokens, userErrors } = await signOn(server, idToken, nonce);
  expect(!tokens && userErrors[0]?.reason === reason, { wanted: reason, tokens, userErrors });
};
/** Whom the tokens of a sign-on make one here. */
const known = async (server, { tokens, userErrors }) => {
  expect(tokens, userErrors);
  const answer = await ask(server, "{ viewer { account { username } } }", {}, tokens.accessToken);
  return answer.data?.viewer?.account.username;
};
const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1_000));

export default async function oidc(_, start) {
  const tried = [];
  const check = (name, action) => attempt(tried, name, action);
  const [rsa, ec, ed] = await Promise.all(["RS256", "ES256", "EdDSA"].map((kind) => provide(kind, PEOPLE)));
  const place = await folder("oidc");
  await writeFile(`${place}/keys.json`, JSON.stringify(ed.keys()));
  const table = ({ issuer, algorithm }, more = "") => `[[provider]]
province = "${PROVINCE}"
name = "统一身份认证 ${algorithm}"
issuer = "${issuer}"
client_id = "yidan"
plain_http = true
${more}
`;
  await writeFile(
    `${place}/sign-on.toml`,
    table(rsa) +
      table(ec, 'username_claim = "preferred_username"') +
      table(ed, `keys = "${place}/keys.json"\nalgorithms = ["EdDSA"]`),
  );
  const server = await start({ YIDAN_SIGN_ON: `${place}/sign-on.toml` });
  try {
    const admin = await login(server, "admin", PROVINCE);
    const link = async (username, issuer, subject) => {
      const found = await ask(
        server,
        "query($name: String!) { accounts(name: $name) { nodes { id username } } }",
        { name: username },
        admin.accessToken,
      );
      const account = found.data.accounts.nodes.find((account) => account.username === username);
      const input = { accountId: account.id, issuer, subject };
      const linked = await ask(
        server,
        "mutation($input: LinkIdentityInput!) { linkIdentity(input: $input) { userErrors { code message } } }",
        { input },
        admin.accessToken,
      );
      expect(linked.data?.linkIdentity.userErrors.length === 0, linked);
    };

    await check("a log-in page finds all three", async () => {
      const answer = await ask(server, `{ signOnProviders(provinceCode: "${PROVINCE}") { issuer clientId } }`);
      const issuers = answer.data.signOnProviders.map(({ issuer }) => issuer).sort();
      expect(JSON.stringify(issuers) === JSON.stringify([rsa, ec, ed].map(({ issuer }) => issuer).sort()), answer);
    });

    for (const [from, subject] of [[rsa, "p-1001"], [ed, "p-1002"]]) {
      const by = `${from.algorithm}, linked by an administrator`;
      await check(`${by}: not before`, async () =>
        refused("NO_ACCOUNT", server, await identify(from, subject, "n-0"), "n-0"));
      await link(PEOPLE[subject], from.issuer, subject);
      const token = await identify(from, subject, "n-1");
      await check(`${by}: another's nonce`, () => refused("NONCE", server, token, "n-2"));
      await check(`${by}: without its nonce`, () => refused("NONCE", server, token));
      await check(`${by}: signed on`, async () =>
        expect((await known(server, await signOn(server, token, "n-1"))) === PEOPLE[subject], "somebody else"));
      await check(`${by}: once`, () => refused("USED", server, token, "n-1"));
      await check(`${by}: a token for another system`, async () =>
        refused("AUDIENCE", server, await identify(from, subject, "n-3", "another-system"), "n-3"));
    }

    await check("ES256, linked by a trusted claim", async () => {
      const signed = await signOn(server, await identify(ec, "p-1001", "n-4"), "n-4");
      expect((await known(server, signed)) === PEOPLE["p-1001"], signed);
      const again = await ask(
        server,
        "mutation($token: String!) { refreshSession(refreshToken: $token) { tokens { accessToken } userErrors { code } } }",
        { token: signed.tokens.refreshToken },
      );
      expect((await known(server, again.data.refreshSession)) === PEOPLE["p-1001"], again);
    });
    await check("ES256, a name that nobody has here", async () =>
      refused("NO_ACCOUNT", server, await identify(ec, "p-1003", "n-5"), "n-5"));

    await check("what its provider did not say", async () => {
      const [head, claims, signature] = (await identify(rsa, "p-1002", "n-6")).split(".");
      const said = JSON.parse(Buffer.from(claims, "base64url"));
      const forged = Buffer.from(JSON.stringify({ ...said, sub: "p-1001" })).toString("base64url");
      await refused("INVALID", server, [head, forged, signature].join("."), "n-6");
    });

    await check("a provider that is away, whose keys are known", async () => {
      const token = await identify(rsa, "p-1001", "n-7");
      await rsa.leave();
      try {
        expect((await known(server, await signOn(server, token, "n-7"))) === PEOPLE["p-1001"], "somebody else");
      } finally {
        await rsa.back();
      }
    });

    await check("a provider that signs with a new key", async () => {
      rsa.rotate();
      const token = await identify(rsa, "p-1001", "n-8");
      // Keys are asked for every 30 seconds at most.
      const late = Date.now() + 40_000;
      for (;;) {
        const signed = await signOn(server, token, "n-8");
        if (signed.tokens) return expect((await known(server, signed)) === PEOPLE["p-1001"], signed);
        expect(signed.userErrors[0].reason === "UNAVAILABLE" && Date.now() < late, signed);
        await pause(1);
      }
    });
  } finally {
    await Promise.all([server.stop(), ...[rsa, ec, ed].map((provider) => provider.leave())]);
  }
  return verdict(tried);
}
