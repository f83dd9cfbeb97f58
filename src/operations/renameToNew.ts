import { existsSync } from 'node:fs';
import { link, rename, unlink } from 'node:fs/promises';
import path from 'node:path';
import { Failure } from '../protocol/failure';
import { errorCode, fileFailure, syncFolder } from './files';

/** Gives a file its name, durably. Throws `FILE_EXISTS` instead of taking another file's place. */
export async function renameToNew(from: string, to: string): Promise<void> {
  await takeName(from, to);
  await syncFolder(path.dirname(to)).catch((error: unknown) => {
    throw fileFailure(error, to);
  });
}

/** The same, but the name may still be lost by a power cut. When it throws, the file does not have it. */
export async function takeName(from: string, to: string): Promise<void> {
  try {
    await linkOrRename(from, to);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw fileFailure(error, to);
    throw new Failure('FILE_EXISTS', `There is a file ${to} already.`, 'It stays as it is. Move it away, or choose another folder.', error);
  }
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
