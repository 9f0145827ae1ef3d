// Above the editor: who is logged in, and the way in.
import { useContext, useEffect, useState, useSyncExternalStore } from "react";
import { Examples } from "./ExamplesPanel";
import { current, login, logout, subscribe } from "./session";

function LoginForm() {
  const { accounts } = useContext(Examples);
  const [province, setProvince] = useState("320000");
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [problem, setProblem] = useState("");

  const submit = async (event) => {
    event.preventDefault();
    setProblem("");
    try {
      await login(province.trim(), username.trim(), password);
    } catch (error) {
      setProblem(error.message);
    }
  };

  return (
    <form onSubmit={submit}>
      <label>
        省级代码
        <input className="short" name="province" value={province} onChange={(event) => setProvince(event.target.value)} />
      </label>
      <label>
        用户名
        <input name="username" list="accounts" autoComplete="username" value={username} onChange={(event) => setUsername(event.target.value)} />
      </label>
      <datalist id="accounts">
        {accounts
          .filter((account) => account.province === province)
          .map((account) => <option key={account.username} value={account.username}>{account.who}</option>)}
      </datalist>
      <label>
        口令
        <input name="password" type="password" autoComplete="current-password" value={password} onChange={(event) => setPassword(event.target.value)} />
      </label>
      <button type="submit">登录 Log in</button>
      <output>{problem || "未登录（公众）"}</output>
    </form>
  );
}

export function Header() {
  const session = useSyncExternalStore(subscribe, current);
  const [open, setOpen] = useState(false);
  useEffect(() => {
    // A link brings no log-in with it, so what is shown to nobody has none.
    fetch("/schema.graphql", { method: "HEAD" }).then((answer) => setOpen(answer.ok), () => {});
  }, []);
  return (
    <header className="bar">
      <h1>依单 <small>Yidan</small></h1>
      {session ? (
        <div className="who">
          <output>{[session.organisation, session.name, session.role].filter(Boolean).join(" · ")}</output>
          <button type="button" onClick={() => logout()}>退出 Log out</button>
        </div>
      ) : (
        <LoginForm />
      )}
      {open && (
        <nav>
          <a href="/reference">接口手册 Reference</a>
          <a href="/schema.graphql">schema.graphql</a>
        </nav>
      )}
    </header>
  );
}
