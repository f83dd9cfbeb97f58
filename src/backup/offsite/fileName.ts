import { Failure } from '../../protocol/failure';

/** What a file is called there until it is whole. */
export function partialName(name: string): string {
  return `${name}.partial`;
}

/** Whether this is the name of a file in a folder on every host: it leads nowhere else, and shows what it is. */
export function isPlainName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/[/\\\p{Cc}\p{Zl}\p{Zp}]/u.test(name) && Buffer.byteLength(name) <= 255;
}

/** Throws `NAME_INVALID` for what is not the name of a file and nothing else. */
export function assertPlainName(name: string): void {
  if (isPlainName(name)) return;
  throw new Failure('NAME_INVALID', 'This is not the name of a file in the place for copies.', 'Give a name as it is listed, without a folder.');
}
