// The schema against the last release's, by graphql-inspector: nothing breaks that was not deprecated there. How long ago is
// what `cargo test` looks at.
import { readFile, readdir } from "node:fs/promises";
import { CriticalityLevel, diff } from "@graphql-inspector/core";
import { buildSchema } from "graphql";
import { verdict } from "./judge.mjs";
import { ROOT, SCHEMA } from "./work.mjs";

const RELEASES = `${ROOT}api/docs/releases`;
const number = (name) => name.match(/\d+/g).map(Number);

function older(left, right) {
  const [a, b] = [number(left), number(right)];
  const at = a.findIndex((part, index) => part !== b[index]);
  return at < 0 ? 0 : a[at] - (b[at] ?? -1);
}

export default async function inspector() {
  const released = (await readdir(RELEASES)).filter((name) => name.endsWith(".graphql")).sort(older);
  const [old, now] = await Promise.all([`${RELEASES}/${released.at(-1)}`, SCHEMA].map((path) => readFile(path, "utf8")));
  const changes = await diff(buildSchema(old), buildSchema(now));
  const breaking = changes.filter((change) => change.criticality.level === CriticalityLevel.Breaking);
  const announced = (change) => change.meta?.isRemovedFieldDeprecated || change.meta?.isEnumValueDeprecated;
  const tried = [[`compared with ${released.at(-1)}`]];
  for (const change of breaking.filter((change) => !announced(change))) tried.push([change.path ?? change.type, change.message]);
  return { ...verdict(tried), told: `${changes.length} changes since ${released.at(-1)}, ${tried.length - 1} breaking` };
}
