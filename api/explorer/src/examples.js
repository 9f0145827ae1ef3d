// The file of examples, as it stands: `#:` lines say something of the operation below them.

/** The demo accounts and the operations of the file. */
export function read(text) {
  const [head, ...parts] = text.split(/^#: title /m);
  const accounts = [...head.matchAll(/^#: account (\d+) (\S+) (.+)$/gm)].map(([, province, username, who]) => ({
    province,
    username,
    who,
  }));
  const operations = parts.map((part) => {
    const said = Object.fromEntries([...part.matchAll(/^#: (\w+) (.+)$/gm)].map(([, key, value]) => [key, value]));
    const [title, ...lines] = part.split("\n");
    const document = lines.filter((line) => !line.startsWith("#:")).join("\n").trim();
    const [province, username] = said.login === "nobody" ? [] : said.login.split(" ");
    const variables = said.variables ? JSON.stringify(JSON.parse(said.variables), null, 2) : "";
    return { title, english: said.english, province, username, variables, document: `# ${title}\n${document}\n` };
  });
  return { accounts, operations };
}

export const load = async () => read(await (await fetch("/examples.graphql")).text());
