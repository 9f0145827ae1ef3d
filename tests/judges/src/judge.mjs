// What a judge says: whether it is content, how much it looked at, and what is wrong.

/** A verdict over things that were tried: each a name, with what is wrong about it if something is. */
export function verdict(tried, unit = "checks") {
  const wrong = tried.filter(([, problem]) => problem).map(([name, problem]) => `${name}: ${problem}`);
  const passed = wrong.length === 0 && tried.length > 0;
  return { passed, told: `${tried.length - wrong.length}/${tried.length} ${unit}`, wrong };
}

/** Tries `action`; what it throws is what is wrong. */
export async function attempt(tried, name, action) {
  try {
    await action();
    tried.push([name]);
  } catch (error) {
    tried.push([name, error?.message || JSON.stringify(error)]);
  }
}

export function expect(condition, what) {
  if (!condition) throw new Error(typeof what === "string" ? what : JSON.stringify(what));
}

/** What comes, or an error after so many seconds. */
export function within(seconds, promise) {
  let late;
  const over = new Promise((_, reject) => {
    late = setTimeout(() => reject(new Error(`nothing came for ${seconds} seconds`)), seconds * 1_000);
  });
  return Promise.race([promise, over]).finally(() => clearTimeout(late));
}

/** The first value of what goes on. */
export async function first(iterable) {
  const iterator = iterable[Symbol.asyncIterator]();
  try {
    return (await within(10, iterator.next())).value;
  } finally {
    iterator.return?.();
  }
}
