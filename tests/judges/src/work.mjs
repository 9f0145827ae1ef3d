// Folders in which the judges may write, and the programs they bring along.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";

export const HERE = fileURLToPath(new URL("..", import.meta.url));
export const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
export const SCHEMA = `${ROOT}schema.graphql`;

/** A fresh folder below `work/` with the schema and the fixtures of this name; packages are found from there. */
export async function folder(name) {
  const path = `${HERE}work/${name}`;
  await rm(path, { recursive: true, force: true });
  await mkdir(path, { recursive: true });
  if (existsSync(`${HERE}fixtures/${name}`)) await cp(`${HERE}fixtures/${name}`, path, { recursive: true });
  await cp(SCHEMA, `${path}/schema.graphql`);
  return path;
}

/** Runs a program and gives what it printed; throws that if it fails. */
export function run(program, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
    let output = "";
    child.stdout.on("data", (text) => (output += text));
    child.stderr.on("data", (text) => (output += text));
    child.once("error", reject);
    child.once("exit", (code) =>
      code === 0 ? resolve(output) : reject(new Error(`${program} ${args[0]}: exit ${code}\n${output.trim().slice(-3_000)}`)),
    );
  });
}

export const bin = (name) => `${HERE}node_modules/.bin/${name}`;
