/** Something that is not as it was written. */
export interface Damage {
  /** A table or an index, as the tool or we name it. */
  readonly relation: string;
  readonly message: string;
}

/** More than anybody reads; one bad page may make hundreds. */
const most = 200;

/** Reads what pg_amcheck prints: a line with the relation and the place in it, and what is wrong there in the lines below it. */
export function parseAmcheck(text: string): readonly Damage[] {
  const found: Damage[] = [];
  let relation: string | undefined;
  for (const line of text.split(/\r?\n/)) {
    const [, head] = /^((?:heap table|btree index) "[^]*):$/.exec(line) ?? [];
    if (head !== undefined) relation = head;
    else if (relation !== undefined && /^\s+\S/.test(line)) {
      const message = line.trim().replace(/^ERROR:\s+/, '');
      if (!/^(?:DETAIL|HINT|CONTEXT|LOCATION|query was):/.test(message)) found.push({ relation, message });
    }
  }
  return found.slice(0, most);
}
