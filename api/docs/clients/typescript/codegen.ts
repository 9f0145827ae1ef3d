import type { CodegenConfig } from "@graphql-codegen/cli";

// In a repository of your own: the schema from `yidan schema` or from a server's /schema.graphql.
const config: CodegenConfig = {
  schema: "../../../../schema.graphql",
  documents: ["src/documents.ts"],
  importExtension: ".js",
  generates: {
    "src/generated/": {
      preset: "client",
      presetConfig: { fragmentMasking: false },
      config: { scalars: { Date: "string", DateTime: "string", JSON: "unknown" }, enumsAsTypes: true, useTypeImports: true },
    },
  },
};

export default config;
