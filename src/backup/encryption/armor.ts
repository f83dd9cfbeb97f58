import { damaged } from './failures';

const begin = '-----BEGIN AGE ENCRYPTED FILE-----';
const end = '-----END AGE ENCRYPTED FILE-----';
/** Characters of a line; only the last may have fewer. */
const columns = 64;

/** Whether a file that starts so is one of age as text. Needs the first 64 bytes. */
export function isArmored(start: Buffer): boolean {
  return start.toString('latin1').trimStart().startsWith(begin);
}

/** Gives the bytes of a file that may be written as text (`age -a`). Throws `BACKUP_DAMAGED`. */
export async function* withoutArmor(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let start: Buffer | undefined = Buffer.alloc(0);
  let reader: ArmorReader | undefined;
  for await (const piece of source) {
    let bytes: Buffer = piece;
    if (start !== undefined) {
      bytes = Buffer.concat([start, piece]);
      start = bytes.length < columns ? bytes : undefined;
      if (start !== undefined) continue;
      if (isArmored(bytes)) reader = new ArmorReader();
    }
    const given = reader === undefined ? bytes : reader.add(bytes);
    if (given.length > 0) yield given;
  }
  if (start !== undefined && start.length > 0) yield start; // too short for a file of age; whoever reads it says so
  reader?.finish();
}

/** Reads the lines of a text that holds bytes, as strictly as age does. */
class ArmorReader {
  private rest = '';
  private place: 'before' | 'within' | 'last line' | 'after' = 'before';

  add(bytes: Buffer): Buffer {
    const lines = (this.rest + bytes.toString('latin1')).split('\n');
    this.rest = lines.pop() ?? '';
    const text = lines.map((line) => this.readLine(line.replace(/\r$/, ''))).join('');
    if (this.rest.length > columns * 2 && this.rest.trim() !== '') throw damaged(new Error('a line is too long'));
    return Buffer.from(text, 'base64');
  }

  finish(): void {
    this.readLine(this.rest.replace(/\r$/, ''));
    if (this.place !== 'after') throw damaged(new Error('the text has no end'));
  }

  /** What of the line belongs to the content. */
  private readLine(line: string): string {
    if (this.place === 'before' || this.place === 'after') {
      if (line.trim() === '') return '';
      if (this.place === 'after' || line.trimStart() !== begin) throw damaged(new Error('the text holds more than the file'));
      this.place = 'within';
      return '';
    }
    if (line.trimEnd() === end) {
      this.place = 'after';
      return '';
    }
    const isContent = this.place === 'within' && line.length > 0 && line.length <= columns && Buffer.from(line, 'base64').toString('base64') === line;
    if (!isContent) throw damaged(new Error('a line is no content'));
    if (line.length < columns || line.endsWith('=')) this.place = 'last line';
    return line;
  }
}
