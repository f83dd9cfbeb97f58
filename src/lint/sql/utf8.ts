/** Turns positions in UTF-8 bytes, as Postgres' parser gives them, into positions in the text. */
export function utf16Offsets(text: string): (bytes: number) => number {
  // oxlint-disable-next-line no-control-regex -- the whole of ASCII is meant
  if (/^[\u0000-\u007f]*$/.test(text)) return (bytes) => bytes;
  const encoded = Buffer.from(text, 'utf8');
  return (bytes) => encoded.subarray(0, bytes).toString('utf8').length;
}
