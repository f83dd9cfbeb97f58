import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { fileFailure } from '../../operations/files';
import { throwIfCancelled, type Operation } from '../../operations/operation';
import { readPieces } from '../../operations/readPieces';
import { cancelled, Failure } from '../../protocol/failure';
import { maybeResumed } from './problems';
import type { S3Requests, UnfinishedUpload } from './s3Client';
import { isAbandoned, isSamePart, planParts, type Part, type PartPlan, type SentPart } from './s3Parts';
import { s3Failure } from './s3Problem';
import type { LocalFile } from './store';

/** Milliseconds for putting away what a cancelled upload has left. */
const tidyingTime = 20_000;

/** One file on its way to S3: at once when it is small, else in parts, going on with what an earlier upload has sent. */
export class S3Upload {
  private readonly plan: PartPlan;

  constructor(
    private readonly requests: S3Requests,
    private readonly prefix: string,
    private readonly key: string,
    private readonly file: LocalFile,
    private readonly operation: Operation,
  ) {
    this.plan = planParts(file.sizeBytes);
  }

  /** Sends the file and gives the checksum that the server must have computed. Throws what the client throws, and `BACKUP_DAMAGED`. */
  async send(): Promise<string> {
    const digests = await this.digests();
    const [only] = this.plan.parts;
    if (only !== undefined && this.plan.parts.length === 1) {
      const checksum = digests[0] ?? '';
      await this.requests.putObject(this.key, await this.bytes(only, checksum), checksum, this.file.sha256, this.operation.signal);
    } else {
      await this.sendInParts(digests);
    }
    await this.dropOldUploads();
    return checksumOf(digests);
  }

  /** The checksum that the server has computed if what lies there is this file. */
  async checksum(): Promise<string> {
    return checksumOf(await this.digests());
  }

  /** Reads the whole file and gives the SHA-256 of every part, base64. */
  private async digests(): Promise<readonly string[]> {
    const whole = createHash('sha256');
    const parts = this.plan.parts.map(() => createHash('sha256'));
    const partSize = this.plan.parts[0]?.sizeBytes ?? 1;
    let offset = 0;
    for await (const piece of readPieces(this.file.file, this.operation, 'Checking the file')) {
      throwIfCancelled(this.operation);
      whole.update(piece);
      for (let start = 0; start < piece.length;) {
        const end = Math.min(piece.length, start + partSize - (offset % partSize));
        parts[Math.floor(offset / partSize)]?.update(piece.subarray(start, end));
        offset += end - start;
        start = end;
      }
    }
    if (whole.digest('hex') !== this.file.sha256) throw changed(this.file.file);
    return parts.map((hash) => hash.digest('base64'));
  }

  private async sendInParts(digests: readonly string[]): Promise<void> {
    const { signal } = this.operation;
    const earlier = await this.earlierUpload(digests);
    const upload = earlier?.upload ?? { key: this.key, id: await this.requests.beginUpload(this.key, this.file.sha256, signal), initiated: new Date() };
    try {
      const sent = await this.sendRest(upload, earlier?.sent ?? [], digests);
      await this.requests.finishUpload(upload, sent, signal);
    } catch (error) {
      if (!maybeResumed(s3Failure(error, '', ''))) await this.requests.dropUpload(upload, AbortSignal.timeout(tidyingTime)).catch(() => undefined);
      throw error;
    }
  }

  /** The newest unfinished upload of this file, when all that it has sent is what it should be; drops one that is not. */
  private async earlierUpload(digests: readonly string[]): Promise<{ readonly upload: UnfinishedUpload; readonly sent: readonly SentPart[] } | undefined> {
    const { signal } = this.operation;
    const uploads = (await this.requests.unfinishedUploads(this.key, signal)).filter(({ key }) => key === this.key);
    const [upload] = uploads.toSorted((a, b) => b.initiated.getTime() - a.initiated.getTime());
    if (upload === undefined) return undefined;
    const sent = await this.requests.sentParts(upload, signal);
    for (const each of sent) {
      if (await this.isAsPlanned(each, digests)) continue;
      await this.requests.dropUpload(upload, signal);
      return undefined;
    }
    this.operation.log.info(`Going on with an upload of which ${sent.length} of ${this.plan.parts.length} parts are there`);
    return { upload, sent };
  }

  private async isAsPlanned(sent: SentPart, digests: readonly string[]): Promise<boolean> {
    const part = this.plan.parts[sent.number - 1];
    const sha256 = digests[sent.number - 1];
    if (part === undefined || sha256 === undefined) return false;
    const md5 =
      sent.sha256 === undefined
        ? createHash('md5')
            .update(await this.bytes(part, sha256))
            .digest('hex')
        : '';
    return isSamePart(sent, part, { sha256, md5 });
  }

  /** Sends the parts that are not there, a few at a time; when one fails the others are stopped and waited for. */
  private async sendRest(upload: UnfinishedUpload, before: readonly SentPart[], digests: readonly string[]): Promise<readonly SentPart[]> {
    const stop = new AbortController();
    const signal = AbortSignal.any([this.operation.signal, stop.signal]);
    const sent = [...before];
    const queue = this.plan.parts.filter(({ number }) => !before.some((each) => each.number === number));
    let firstError: unknown;
    const work = async (): Promise<void> => {
      for (let part = queue.shift(); part !== undefined && !signal.aborted; part = queue.shift()) {
        this.operation.report({ message: 'Copying', bytes: sent.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) });
        const sha256 = digests[part.number - 1] ?? '';
        const etag = await this.requests.sendPart(upload, part.number, await this.bytes(part, sha256), sha256, signal);
        sent.push({ number: part.number, sizeBytes: part.sizeBytes, etag, sha256 });
      }
    };
    const guarded = (): Promise<void> =>
      work().catch((error: unknown) => {
        firstError ??= error;
        stop.abort();
      });
    await Promise.all(Array.from({ length: this.plan.atOnce }, guarded));
    if (this.operation.signal.aborted) throw cancelled();
    if (firstError !== undefined) throw firstError;
    return sent.toSorted((a, b) => a.number - b.number);
  }

  /** Drops what earlier uploads of this file have left, and those of backups that nobody is going to finish. */
  private async dropOldUploads(): Promise<void> {
    const { signal, log } = this.operation;
    try {
      const uploads = await this.requests.unfinishedUploads(this.prefix, signal);
      const old = uploads.filter(({ key, initiated }) => key === this.key || isAbandoned(key, this.prefix, initiated, new Date()));
      for (const upload of old) await this.requests.dropUpload(upload, signal);
    } catch (error) {
      throwIfCancelled(this.operation);
      log.warn(`Old uploads could not be put away: ${s3Failure(error, this.prefix, this.key).message}`); // the copy itself is good
    }
  }

  /** The bytes of a part, which must be what they were when the file was read as a whole. */
  private async bytes({ offset, sizeBytes }: Part, sha256: string): Promise<Buffer> {
    const buffer = Buffer.allocUnsafe(sizeBytes);
    try {
      const handle = await open(this.file.file, 'r');
      try {
        for (let read = 0; read < sizeBytes;) {
          const { bytesRead } = await handle.read(buffer, read, sizeBytes - read, offset + read);
          if (bytesRead === 0) throw changed(this.file.file);
          read += bytesRead;
        }
      } finally {
        await handle.close();
      }
    } catch (error) {
      throw fileFailure(error, this.file.file);
    }
    if (createHash('sha256').update(buffer).digest('base64') !== sha256) throw changed(this.file.file);
    return buffer;
  }
}

/** What S3 computes: the hash of one piece, or the hash of the hashes of all parts with their count. */
function checksumOf(digests: readonly string[]): string {
  const [only = ''] = digests;
  if (digests.length === 1) return only;
  const all = Buffer.concat(digests.map((digest) => Buffer.from(digest, 'base64')));
  return `${createHash('sha256').update(all).digest('base64')}-${digests.length}`;
}

function changed(file: string): Failure {
  return new Failure('BACKUP_DAMAGED', `${file} changed while it was copied.`, 'Nothing was kept of the copy. Verify the backup, then try again.');
}
