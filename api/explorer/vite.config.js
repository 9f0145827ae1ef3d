import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// A running server for `npx vite`, which shows changes at once: YIDAN=http://127.0.0.1:8080.
const server = process.env.YIDAN ?? "http://127.0.0.1:8080";
const proxied = ["/graphql", "/examples.graphql", "/schema.graphql", "/reference"];

// The program carries the files as they are sent: compressed once, here. The page itself is filled in each time.
const compressed = {
  name: "compressed",
  apply: "build",
  closeBundle() {
    for (const entry of readdirSync("dist/page", { recursive: true, withFileTypes: true })) {
      const file = join(entry.parentPath, entry.name);
      if (!entry.isFile() || entry.name === "index.html") continue;
      writeFileSync(`${file}.gz`, gzipSync(readFileSync(file), { level: 9 }));
      rmSync(file);
    }
  },
};

// GraphiQL's style sheet carries two fonts as data, which the policy of the page does not allow; those of the machine have
// Chinese letters besides.
const withoutFonts = {
  name: "without-fonts",
  enforce: "pre",
  transform(code, id) {
    if (/graphi?ql.*\.css/.test(id)) return code.replace(/@font-face\s*\{[^}]*data:[^}]*\}/g, "");
  },
};

// Says something of React's compiler that a bundler need not know.
const quiet = (warning, warn) => warning.code === "MODULE_LEVEL_DIRECTIVE" || warn(warning);

export default defineConfig({
  base: "/explorer/",
  plugins: [withoutFonts, react(), compressed],
  // The server puts a fresh number in its place with every page.
  html: { cspNonce: "{{nonce}}" },
  server: { proxy: Object.fromEntries(proxied.map((path) => [path, server])) },
  build: {
    // Not `dist` itself: what says that git ignores it stands there, and is not to be emptied away.
    outDir: "dist/page",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 8000,
    rolldownOptions: { onwarn: quiet },
    modulePreload: { polyfill: false },
  },
  worker: { format: "es" },
});
