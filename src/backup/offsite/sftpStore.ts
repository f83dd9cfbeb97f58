import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { errorCode, fileFailure, removeIfThere } from '../../operations/files';
import { throwIfCancelled, type Operation } from '../../operations/operation';
import { assertPlainName, partialName } from './fileName';
import { describeFile, openToAppend, sizeOf } from './localFiles';
import type { SftpLocation } from './location';
import { runOpenSsh, sftpArguments, sshArguments, type ProgramResult } from './openSsh';
import { differs, full, maybeResumed, taken } from './problems';
import { batchWord, fileWord, foldersTo, inFolder, readFreeBytes, readListing } from './sftpBatch';
import { isWriteFailure, sshFailure } from './sshProblem';
import type { LocalFile, OffsiteFile, OffsiteStore } from './store';
import { watchGrowth } from './watchGrowth';

/** Copies on another host, through the user's own OpenSSH: keys, agent, ssh_config and known hosts are theirs. */
export class SftpStore implements OffsiteStore {
  constructor(
    private readonly location: SftpLocation,
    private readonly name: string,
  ) {}

  describe(): string {
    return this.name;
  }

  async list(signal: AbortSignal): Promise<readonly OffsiteFile[]> {
    return (await this.filesThere(signal)).filter(({ name }) => !name.endsWith(partialName('')));
  }

  async put(file: LocalFile, name: string, operation: Operation): Promise<void> {
    assertPlainName(name);
    try {
      const there = await this.filesInFolder(operation.signal);
      const size = sizeIn(there, name);
      if (size === undefined) await this.putNew(file, name, sizeIn(there, partialName(name)) ?? 0, operation);
      else if (!(await this.holds(file, name, size, operation))) throw taken(this.name, name);
    } catch (error) {
      if (!maybeResumed(error)) await this.removeNames([partialName(name)], AbortSignal.timeout(20_000)).catch(() => undefined);
      throw error;
    }
  }

  async get(name: string, target: string, operation: Operation): Promise<void> {
    assertPlainName(name);
    await (await openToAppend(target)).close(); // so that it is its owner's alone
    const verb = (await sizeOf(target)) === 0 ? 'get' : 'reget';
    operation.report({ message: `Fetching ${name}` });
    const stopWatching = watchGrowth(target, operation, `Fetching ${name}`);
    try {
      await this.run([`${verb} -f ${fileWord(name)} ${fileWord(path.basename(target))}`], operation.signal, path.dirname(target));
    } finally {
      stopWatching();
    }
  }

  async read(names: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
    if (names.length === 0) return new Map();
    names.forEach(assertPlainName);
    const folder = await mkdtemp(path.join(tmpdir(), 'container-databases-'));
    try {
      // A name that is gone meanwhile does not end the batch.
      const lines = names.map((name, index) => `-get ${fileWord(name)} ${fileWord(String(index))}`);
      const result = await this.attempt(lines, signal, folder);
      if (lacksFolder(result)) return new Map();
      if (result.exitCode !== 0) throw sshFailure(this.name, result.stderr);
      const texts = await Promise.all(names.map((_, index) => textOf(path.join(folder, String(index)))));
      return new Map(names.flatMap((name, index) => (texts[index] === undefined ? [] : [[name, texts[index]] as const])));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  async remove(name: string): Promise<void> {
    assertPlainName(name);
    await this.removeNames([name, partialName(name)], new AbortController().signal);
  }

  private async removeNames(names: readonly string[], signal: AbortSignal): Promise<void> {
    const there = (await this.filesThere(signal)).filter(({ name }) => names.includes(name));
    if (there.length > 0)
      await this.run(
        there.map(({ name }) => `rm ${fileWord(name)}`),
        signal,
      );
  }

  private async filesThere(signal: AbortSignal): Promise<readonly OffsiteFile[]> {
    const result = await this.attempt(['ls -ln'], signal);
    if (result.exitCode === 0) return readListing(result.stdout);
    if (lacksFolder(result)) return [];
    throw sshFailure(this.name, result.stderr);
  }

  /** The same, creating the folder where it is not there. */
  private async filesInFolder(signal: AbortSignal): Promise<readonly OffsiteFile[]> {
    const result = await this.attempt(['ls -ln'], signal);
    if (result.exitCode === 0) return readListing(result.stdout);
    if (!lacksFolder(result)) throw sshFailure(this.name, result.stderr);
    await this.createFolder(signal);
    return [];
  }

  private async createFolder(signal: AbortSignal): Promise<void> {
    const { folder } = this.location;
    const lines = foldersTo(folder).map((each) => `-mkdir ${batchWord(each)}`);
    const result = await this.sftp([...lines, `chmod 700 ${batchWord(folder)}`, ''].join('\n'), signal);
    if (result.exitCode !== 0) throw sshFailure(this.name, result.stderr);
  }

  /** Sends a file under its temporary name, of which so many bytes are there, and gives it its own when it is right. */
  private async putNew(file: LocalFile, name: string, bytesThere: number, operation: Operation): Promise<void> {
    const partial = partialName(name);
    let isRight = await this.holds(file, partial, await this.upload(file, partial, bytesThere, operation), operation);
    // What was there before may have been of another file, or written while the connection broke.
    if (!isRight && bytesThere > 0) isRight = await this.holds(file, partial, await this.upload(file, partial, 0, operation), operation);
    if (!isRight) throw differs(this.name, name);
    throwIfCancelled(operation);
    // The old kind of renaming never takes another file's place.
    await this.run([`rename -l ${fileWord(partial)} ${fileWord(name)}`], operation.signal);
  }

  /** Sends what is behind the bytes that are there, and gives how many are there then. */
  private async upload(file: LocalFile, partial: string, bytesThere: number, operation: Operation): Promise<number | undefined> {
    operation.report({ message: 'Copying', bytes: bytesThere });
    if (bytesThere === file.sizeBytes) return bytesThere;
    const verb = bytesThere > 0 && bytesThere < file.sizeBytes ? 'reput' : 'put';
    const line = `${verb} -f ${fileWord(path.basename(file.file))} ${fileWord(partial)}`;
    const result = await this.attempt([line, `chmod 600 ${fileWord(partial)}`, 'ls -ln'], operation.signal, path.dirname(file.file));
    if (result.exitCode === 0) return sizeIn(readListing(result.stdout), partial);
    if (isWriteFailure(result.stderr) && (await this.isFull(operation.signal))) throw full(this.name);
    throw sshFailure(this.name, result.stderr);
  }

  /** Less than one request of sftp is free; the protocol has no word for a full disk. */
  private async isFull(signal: AbortSignal): Promise<boolean> {
    const { exitCode, stdout } = await this.attempt(['df'], signal);
    const free = exitCode === 0 ? readFreeBytes(stdout) : undefined;
    return free === undefined || free < 256 * 1024;
  }

  /** Whether a file there, of this size, is what it should be. */
  private async holds(file: LocalFile, name: string, size: number | undefined, operation: Operation): Promise<boolean> {
    if (size !== file.sizeBytes) return false;
    operation.report({ message: 'Comparing the copy' });
    return (await this.hashThere(name, operation.signal)) === file.sha256 || (await this.hashByReading(file, name, operation)) === file.sha256;
  }

  /** What `sha256sum` of the host says, where that can be run. The path goes through standard input, not through a shell. */
  private async hashThere(name: string, signal: AbortSignal): Promise<string | undefined> {
    const { folder } = this.location;
    const file = `${folder.startsWith('/') ? '' : './'}${folder}/${name}`;
    const result = await runOpenSsh('ssh', sshArguments(this.location, 'xargs -0 sha256sum --'), { input: `${file}\0`, signal });
    return result.exitCode === 0 ? /^\\?([0-9a-f]{64})\s/m.exec(result.stdout)?.[1] : undefined;
  }

  /** Reads a file there back. What is written meanwhile lies beside the backup, where there is room for one. */
  private async hashByReading(file: LocalFile, name: string, operation: Operation): Promise<string> {
    const copy = `${file.file}.${process.pid}.dump.partial`;
    try {
      await removeIfThere(copy);
      await this.get(name, copy, operation);
      return (await describeFile(copy, operation, 'Comparing the copy')).sha256;
    } finally {
      await removeIfThere(copy);
    }
  }

  private async run(lines: readonly string[], signal: AbortSignal, cwd?: string): Promise<void> {
    const result = await this.attempt(lines, signal, cwd);
    if (result.exitCode !== 0) throw sshFailure(this.name, result.stderr);
  }

  private async attempt(lines: readonly string[], signal: AbortSignal, cwd?: string): Promise<ProgramResult> {
    return this.sftp(inFolder(this.location.folder, ...lines), signal, cwd);
  }

  private async sftp(input: string, signal: AbortSignal, cwd = '.'): Promise<ProgramResult> {
    return runOpenSsh('sftp', sftpArguments(this.location), { input, signal, cwd });
  }
}

/** Whether a batch ended at its first line, the one that goes into the folder. A connection that failed ends with 255. */
function lacksFolder({ exitCode, stderr }: ProgramResult): boolean {
  return exitCode === 1 && /No such file/i.test(stderr);
}

function sizeIn(files: readonly OffsiteFile[], name: string): number | undefined {
  return files.find((each) => each.name === name)?.sizeBytes;
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw fileFailure(error, file);
  }
}
