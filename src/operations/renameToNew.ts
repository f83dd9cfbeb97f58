import { existsSync } from 'node:fs';
import { link, rename, unlink } from 'node:fs/promises';
import path from 'node:path';
import { Failure } from '../protocol/failure';
import { errorCode, fileFailure, syncFolder } from './files';

/** Gives a file its name, durably. Throws `FILE_EXISTS` instead of taking another file's place. */
export async function renameToNew(from: string, to: string): Promise<void> {
  try {
    await linkOrRename(from, to);
    await syncFolder(path.dirname(to));
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw fileFailure(error, to);
    throw nameTaken(to, error);
  }
}

/** The failure of whoever wants the name of a file that there is. */
export function nameTaken(file: string, cause?: unknown): Failure {
  return new Failure('FILE_EXISTS', `There is a file ${file} already.`, 'It stays as it is. Move it away, or choose another folder.', cause);
}

/** A second name never takes another file's place, as `rename` does; but not every file system has second names. */
async function linkOrRename(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
    await unlink(from);
  } catch (error) {
    if (!['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'EINVAL'].includes(errorCode(error) ?? '')) throw error;
    if (existsSync(to)) throw Object.assign(new Error('The name is taken', { cause: error }), { code: 'EEXIST' });
    await rename(from, to);
  }
}
