// The schema as a text: graphql-schema-linter with its default rules, without those that ask for an order of names, and
// the Relay rules of graphql-eslint.
import { createRequire } from "node:module";
import { readFile } from "node:fs/promises";
import plugin from "@graphql-eslint/eslint-plugin";
import { ESLint } from "eslint";
import { verdict } from "./judge.mjs";
import { SCHEMA } from "./work.mjs";

const require = createRequire(import.meta.url);

export async function linter() {
  const { configuration, validator } = require("graphql-schema-linter");
  const { loadSchema } = require("graphql-schema-linter/lib/schema.js");
  const schema = await loadSchema({ schemaPaths: [SCHEMA] });
  const rules = new configuration.Configuration(schema).getRules().filter((rule) => !rule.name.endsWith("SortedAlphabetically"));
  const settings = new configuration.Configuration(schema, {});
  const errors = validator.validateSchemaDefinition(schema, rules, settings);
  const tried = rules.map((rule) => [
    rule.name,
    errors.filter((error) => ruleOf(error) === rule.name).map((error) => error.message).join("; ") || undefined,
  ]);
  const strange = errors.filter((error) => !rules.some((rule) => ruleOf(error) === rule.name));
  return verdict([...tried, ...strange.map((error) => [error.ruleName ?? "schema", error.message])], "rules");
}

/** `types-have-descriptions` is the function `TypesHaveDescriptions`. */
const ruleOf = ({ ruleName = "" }) =>
  ruleName.split("-").map((word) => word[0].toUpperCase() + word.slice(1)).join("");

export async function relayRules() {
  const rules = {
    "@graphql-eslint/relay-arguments": "error",
    "@graphql-eslint/relay-connection-types": "error",
    // By default it would have no list but those of edges, so no `nodes`, no tags: Relay asks for nothing of the kind.
    "@graphql-eslint/relay-edge-types": ["error", { listTypeCanWrapOnlyEdgeType: false, shouldImplementNode: false }],
    "@graphql-eslint/relay-page-info": "error",
  };
  const eslint = new ESLint({
    overrideConfigFile: true,
    overrideConfig: {
      files: ["**/*.graphql"],
      languageOptions: { parser: plugin.parser, parserOptions: { graphQLConfig: { schema: SCHEMA } } },
      plugins: { "@graphql-eslint": plugin },
      rules,
    },
    cwd: new URL("../../..", import.meta.url).pathname,
  });
  const [{ messages }] = await eslint.lintText(await readFile(SCHEMA, "utf8"), { filePath: SCHEMA });
  const found = (rule) => messages.filter((message) => message.ruleId === rule).map((message) => message.message);
  const tried = Object.keys(rules).map((rule) => [rule, found(rule).slice(0, 5).join("; ") || undefined]);
  const strange = messages.filter((message) => !(message.ruleId in rules)).map((message) => ["eslint", message.message]);
  return verdict([...tried, ...strange], "rules");
}
