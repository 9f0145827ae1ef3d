import "./policy";
import "graphiql/setup-workers/vite";
import "graphiql/style.css";
import "./style.css";

import { HISTORY_PLUGIN } from "@graphiql/plugin-history";
import { GraphiQL } from "graphiql";
import { useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import { load } from "./examples";
import { Examples, examplesPlugin, Watch } from "./ExamplesPanel";
import { fetcher } from "./fetcher";
import { Header } from "./Header";

const plugins = [examplesPlugin, HISTORY_PLUGIN];

function App() {
  const [examples, setExamples] = useState(null);
  useEffect(() => {
    load().then(setExamples, () => setExamples({ accounts: [], operations: [] }));
  }, []);
  if (!examples) return null;
  const [first] = examples.operations;
  return (
    <Examples.Provider value={examples}>
      <Header />
      <GraphiQL
        fetcher={fetcher}
        plugins={plugins}
        visiblePlugin={examplesPlugin}
        defaultQuery={first?.document ?? ""}
        defaultTabs={[{ query: first?.document ?? "", variables: first?.variables ?? "" }]}
        defaultTheme="light"
        inputValueDeprecation
        schemaDescription
        isHeadersEditorEnabled
        defaultEditorToolsVisibility="variables"
      >
        <GraphiQL.Logo><Watch /></GraphiQL.Logo>
      </GraphiQL>
    </Examples.Provider>
  );
}

createRoot(document.getElementById("root")).render(<App />);
