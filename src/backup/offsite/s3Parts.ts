const megabyte = 1024 * 1024;

/** Bytes of a part; an object that is not larger is sent at once. */
const smallestPart = 8 * megabyte;
/** S3 takes no more parts of an object. */
const mostParts = 10_000;
/** Bytes of parts that may be in memory at a time. */
const mostMemory = 64 * megabyte;

/** A piece of a file. */
export interface Part {
  /** From 1 on, as S3 counts. */
  readonly number: number;
  readonly offset: number;
  readonly sizeBytes: number;
}

/** How a file is sent: as one piece, or in parts. */
export interface PartPlan {
  readonly parts: readonly Part[];
  /** How many parts are on their way at a time. */
  readonly atOnce: number;
}

/**
 * Divides a file into parts of 8 MB; larger ones where there would be too many. It depends on the size alone, so that
 * an upload that broke off can be continued.
 */
export function planParts(sizeBytes: number): PartPlan {
  const partSize = Math.max(smallestPart, Math.ceil(sizeBytes / mostParts / megabyte) * megabyte);
  const count = Math.max(1, Math.ceil(sizeBytes / partSize));
  const parts = Array.from({ length: count }, (_, index) => {
    const offset = index * partSize;
    return { number: index + 1, offset, sizeBytes: Math.min(partSize, sizeBytes - offset) };
  });
  return { parts, atOnce: Math.max(1, Math.min(4, Math.floor(mostMemory / partSize))) };
}

/** What S3 knows of a part that was sent before. */
export interface SentPart {
  readonly number: number;
  readonly sizeBytes: number;
  readonly etag: string;
  /** Base64; absent where the server keeps none. */
  readonly sha256?: string;
}

/** What a part of the local file is. */
export interface PartDigests {
  /** Base64. */
  readonly sha256: string;
  /** Hexadecimal digits. */
  readonly md5: string;
}

/** Whether what was sent before is this part: by its SHA-256, else by the MD5 that its ETag is, if it is one. */
export function isSamePart(sent: SentPart, part: Part, digests: PartDigests): boolean {
  if (sent.number !== part.number || sent.sizeBytes !== part.sizeBytes) return false;
  return sent.sha256 === undefined ? sent.etag.replace(/^"|"$/g, '').toLowerCase() === digests.md5 : sent.sha256 === digests.sha256;
}

/** Whether an unfinished upload is of a backup, by its name, and older than a week: nobody is going to finish it. */
export function isAbandoned(key: string, prefix: string, initiated: Date, now: Date): boolean {
  const ours = key.startsWith(prefix) && /^[^/]*_\d{8}_\d{6}[^/]*$/.test(key.slice(prefix.length));
  return ours && now.getTime() - initiated.getTime() > 7 * 24 * 60 * 60 * 1000;
}
