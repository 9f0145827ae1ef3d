// The ten examples, beside the documentation and the history.
import { useGraphiQL, useGraphiQLActions } from "@graphiql/react";
import { createContext, useContext, useEffect, useState, useSyncExternalStore } from "react";
import { current, login, logout, subscribe } from "./session";

export const Examples = createContext({ accounts: [], operations: [] });

/** The password of every account of the demonstration; it is accepted nowhere else. */
export const DEMO_PASSWORD = "Yidan-demo-2026";

async function actAs({ province, username }) {
  const now = current();
  if (now?.username === username && now?.provinceCode === province) return;
  if (!username) return now ? logout() : undefined;
  await login(province, username, DEMO_PASSWORD);
}

/** What has to happen whichever panel is open. */
export function Watch() {
  const { operations } = useContext(Examples);
  const { introspect } = useGraphiQLActions();
  const schema = useGraphiQL((state) => state.schema);
  const queryEditor = useGraphiQL((state) => state.queryEditor);
  const variableEditor = useGraphiQL((state) => state.variableEditor);
  const session = useSyncExternalStore(subscribe, current);

  // The first tab is opened without its variables.
  useEffect(() => {
    const [first] = operations;
    if (first && queryEditor?.getValue() === first.document && !variableEditor?.getValue().trim()) {
      variableEditor?.setValue(first.variables);
    }
  }, [operations, queryEditor, variableEditor]);

  // Where only who has logged in may see the schema, it is there from then on.
  const token = session?.accessToken;
  useEffect(() => {
    if (token && !schema) introspect();
  }, [token, schema, introspect]);

  return " ";
}

function Panel() {
  const { operations, accounts } = useContext(Examples);
  const { addTab, stop } = useGraphiQLActions();
  const queryEditor = useGraphiQL((state) => state.queryEditor);
  const variableEditor = useGraphiQL((state) => state.variableEditor);
  const [problem, setProblem] = useState("");

  const open = async (example) => {
    setProblem("");
    stop();
    if (queryEditor?.getValue().trim()) addTab();
    queryEditor?.setValue(example.document);
    variableEditor?.setValue(example.variables);
    try {
      await actAs(example);
    } catch (error) {
      setProblem(`${example.username}：${error.message}`);
    }
  };
  const who = ({ province, username }) =>
    accounts.find((account) => account.province === province && account.username === username)?.who ?? username;

  return (
    <section className="examples">
      <h2>示例 Examples</h2>
      <p>点一条即以所示演示账号登录并打开，再按运行键（Ctrl+Enter）。</p>
      {problem && <p role="alert">{problem}</p>}
      <ol>
        {operations.map((example) => (
          <li key={example.title}>
            <button type="button" onClick={() => open(example)}>
              <strong>{example.title}</strong>
              <small lang="en">{example.english}</small>
              <em>{example.username ? who(example) : "公众，无须登录"}</em>
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}

const Icon = () => (
  <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" aria-hidden="true">
    <path d="M9 6h11M9 12h11M9 18h11M4 5.5l.8.8L6.4 4.7M4 11.5l.8.8 1.6-1.6M4 17.5l.8.8 1.6-1.6" />
  </svg>
);

export const examplesPlugin = { title: "示例 Examples", icon: Icon, content: Panel };
