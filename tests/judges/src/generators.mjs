// What makes code of the schema: Relay's compiler, codegen's client preset, gql.tada, and in Rust cynic and graphql_client.
import { readdir } from "node:fs/promises";
import { attempt, expect, verdict } from "./judge.mjs";
import { bin, folder, HERE, run } from "./work.mjs";

const compile = (path) => run(bin("tsc"), ["--noEmit", "-p", path]);

export async function relay() {
  const tried = [];
  const path = await folder("relay");
  await attempt(tried, "relay-compiler", async () => {
    await run(bin("relay-compiler"), ["relay.config.json"], { cwd: path });
    const made = await readdir(`${path}/src/__generated__`);
    expect(made.length >= 5, made);
    for (const artifact of made) tried.push([artifact]);
  });
  return verdict(tried, "artifacts");
}

export async function codegen() {
  const tried = [];
  const path = await folder("codegen");
  await attempt(tried, "client preset", () => run(bin("graphql-codegen"), ["--config", "codegen.ts"], { cwd: path }));
  await attempt(tried, "compiles", () => compile(path));
  return verdict(tried);
}

export async function tada() {
  const tried = [];
  const path = await folder("tada");
  await attempt(tried, "generate-output", () => run(bin("gql.tada"), ["generate-output"], { cwd: path }));
  await attempt(tried, "compiles", () => compile(path));
  return verdict(tried);
}

export async function crates() {
  const tried = [];
  const manifest = `${HERE}crates/Cargo.toml`;
  const target = process.env.CARGO_TARGET_DIR ?? `${HERE}work/crates`;
  await attempt(tried, "cynic, graphql_client", () =>
    run("cargo", ["check", "--quiet", "--locked", "--manifest-path", manifest, "--target-dir", target]),
  );
  return verdict(tried);
}
