import { readFile } from 'node:fs/promises';
import path from 'node:path';

export interface GitState {
  /** Absent when no branch is checked out. */
  readonly branch?: string;
  readonly commit: string;
}

/** What is checked out in the repository that holds a folder, read from its files; undefined where there is none. */
export async function readGitState(folder: string): Promise<GitState | undefined> {
  const directory = await gitDirectory(path.resolve(folder));
  if (directory === undefined) return undefined;
  const head = (await readText(path.join(directory, 'HEAD')))?.trim();
  const reference = /^ref: (refs\/heads\/(.+))$/.exec(head ?? '');
  if (reference?.[1] === undefined || reference[2] === undefined) return head !== undefined && isCommit(head) ? { commit: head } : undefined;
  const commit = await resolveReference(directory, reference[1]);
  return commit === undefined ? undefined : { branch: reference[2], commit };
}

/** The directory of the repository, or of the worktree, that a folder is in: where its HEAD lies. */
export async function gitDirectory(folder: string): Promise<string | undefined> {
  for (let current = folder; ; current = path.dirname(current)) {
    const candidate = path.join(current, '.git');
    if ((await readText(path.join(candidate, 'HEAD'))) !== undefined) return candidate;
    // A worktree or a submodule has a file that names the directory.
    const pointer = /^gitdir: (.+)$/m.exec((await readText(candidate)) ?? '')?.[1];
    if (pointer !== undefined) return path.resolve(current, pointer.trim());
    if (path.dirname(current) === current) return undefined;
  }
}

async function resolveReference(directory: string, reference: string): Promise<string | undefined> {
  // The references of a worktree lie in the repository that it belongs to.
  const common = (await readText(path.join(directory, 'commondir')))?.trim();
  const homes = common === undefined ? [directory] : [directory, path.resolve(directory, common)];
  for (const home of homes) {
    const loose = (await readText(path.join(home, reference)))?.trim();
    if (loose !== undefined && isCommit(loose)) return loose;
    const packed = await readText(path.join(home, 'packed-refs'));
    const line = packed?.split('\n').find((each) => each.endsWith(` ${reference}`));
    if (line !== undefined) return line.slice(0, line.indexOf(' '));
  }
  return undefined;
}

function isCommit(text: string): boolean {
  return /^[0-9a-f]{40}([0-9a-f]{24})?$/.test(text);
}

async function readText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    return undefined; // not there, or a folder: then it is not what is looked for
  }
}
