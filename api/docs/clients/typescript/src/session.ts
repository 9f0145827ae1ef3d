// Whoever logged in, and the tokens of the session.
import { Client, fetchExchange, type CombinedError, type ResultOf } from "./urql.js";
import { Login, Refresh } from "./documents.js";

type Tokens = NonNullable<ResultOf<typeof Login>["login"]["tokens"]>;

/** An access token is not sent any more when it ends within this time, in milliseconds. */
const MARGIN = 30_000;

/** That somebody is not let in, with the code and the sentence of the server. */
export class Refused extends Error {
  constructor(readonly code: string, message: string) {
    super(message);
  }
}

export class Session {
  private refreshing: Promise<void> | undefined;

  private constructor(private readonly bare: Client, private tokens: Tokens) {}

  static async login(url: string, provinceCode: string, username: string, password: string): Promise<Session> {
    const bare = new Client({ url, preferGetMethod: false, exchanges: [fetchExchange] });
    const { data, error } = await bare.mutation(Login, { input: { provinceCode, username, password } }).toPromise();
    return new Session(bare, granted(data?.login, error));
  }

  get authorization(): string {
    return `Bearer ${this.tokens.accessToken}`;
  }

  get isEnding(): boolean {
    return Date.parse(this.tokens.accessTokenExpiresAt) - Date.now() < MARGIN;
  }

  /** The next pair of tokens. A refresh token is good for one use, so whoever comes meanwhile waits for the same answer. */
  refresh(): Promise<void> {
    this.refreshing ??= this.exchange().finally(() => (this.refreshing = undefined));
    return this.refreshing;
  }

  private async exchange(): Promise<void> {
    const { refreshToken } = this.tokens;
    const { data, error } = await this.bare.mutation(Refresh, { refreshToken }).toPromise();
    this.tokens = granted(data?.refreshSession, error);
  }

  /** For trying out what happens when the token is no longer good. */
  spoil(): void {
    this.tokens = { ...this.tokens, accessToken: "no longer good" };
  }
}

type Answer = { tokens?: Tokens | null; userErrors: { code: string; message: string }[] };

function granted(answer: Answer | undefined, error: CombinedError | undefined): Tokens {
  if (answer?.tokens) return answer.tokens;
  const [refused] = answer?.userErrors ?? [];
  if (refused) throw new Refused(refused.code, refused.message);
  throw error ?? new Error("no answer");
}
