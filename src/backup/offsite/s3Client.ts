import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { Readable } from 'node:stream';
import type { S3Location } from './location';
import type { SentPart } from './s3Parts';
import type { S3Credentials } from './store';

/** What S3 says of an object. */
export interface ObjectFacts {
  readonly sizeBytes: number;
  /** What was written down when it was sent, as hexadecimal digits. */
  readonly notedSha256?: string;
  /** What the server computed, base64; of an object that came in parts, the hash of their hashes, `-` and their count. */
  readonly checksum?: string;
}

export interface UnfinishedUpload {
  readonly key: string;
  readonly id: string;
  readonly initiated: Date;
}

/** The requests of S3 that copies need; the one place that knows the client. Errors are those of the client. */
export class S3Requests {
  private readonly client: S3Client;
  private readonly bucket: string;

  constructor(location: S3Location, credentials: S3Credentials | undefined) {
    const { endpoint, profile } = location;
    // Servers other than Amazon's have no regions, but a signature needs the name of one.
    const region = location.region ?? (endpoint === undefined ? undefined : 'us-east-1');
    this.bucket = location.bucket;
    // The client would tell users to renew a Node that is the editor's.
    process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
    this.client = new S3Client({
      ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
      ...(region === undefined ? {} : { region }),
      ...(profile === undefined ? {} : { profile }),
      ...(credentials === undefined ? {} : { credentials }),
      requestHandler: { connectionTimeout: 20_000, socketTimeout: 60_000 },
    });
  }

  /** All objects below a prefix but for those in folders of it. */
  async objects(prefix: string, abortSignal: AbortSignal): Promise<readonly { readonly key: string; readonly sizeBytes: number }[]> {
    const found: { readonly key: string; readonly sizeBytes: number }[] = [];
    let next: string | undefined;
    do {
      const page = await this.client.send(new ListObjectsV2Command({ Bucket: this.bucket, Prefix: prefix, Delimiter: '/', ContinuationToken: next }), {
        abortSignal,
      });
      for (const { Key: key, Size: sizeBytes } of page.Contents ?? []) if (key !== undefined) found.push({ key, sizeBytes: sizeBytes ?? 0 });
      next = page.NextContinuationToken;
    } while (next !== undefined);
    return found;
  }

  async facts(key: string, abortSignal: AbortSignal): Promise<ObjectFacts> {
    const head = await this.client.send(new HeadObjectCommand({ Bucket: this.bucket, Key: key, ChecksumMode: 'ENABLED' }), { abortSignal });
    const noted = head.Metadata?.['sha256'];
    return {
      sizeBytes: head.ContentLength ?? 0,
      ...(noted === undefined ? {} : { notedSha256: noted }),
      ...(head.ChecksumSHA256 === undefined ? {} : { checksum: head.ChecksumSHA256 }),
    };
  }

  /** Sends a small object at once; `checksum` is the base64 that the server compares with. */
  async putObject(key: string, body: Buffer, checksum: string, sha256: string, abortSignal: AbortSignal): Promise<void> {
    const request = { Bucket: this.bucket, Key: key, Body: body, ChecksumSHA256: checksum, Metadata: { sha256 } };
    await this.client.send(new PutObjectCommand(request), { abortSignal });
  }

  async beginUpload(key: string, sha256: string, abortSignal: AbortSignal): Promise<string> {
    const request = { Bucket: this.bucket, Key: key, ChecksumAlgorithm: 'SHA256', Metadata: { sha256 } } as const;
    const { UploadId: id } = await this.client.send(new CreateMultipartUploadCommand(request), { abortSignal });
    if (id === undefined) throw new Error('The server gave the upload no id');
    return id;
  }

  /** Sends a part and gives its ETag. */
  async sendPart(upload: UnfinishedUpload, number: number, body: Buffer, checksum: string, abortSignal: AbortSignal): Promise<string> {
    const request = { Bucket: this.bucket, Key: upload.key, UploadId: upload.id, PartNumber: number, Body: body, ChecksumSHA256: checksum };
    return (await this.client.send(new UploadPartCommand(request), { abortSignal })).ETag ?? '';
  }

  async finishUpload({ key, id }: UnfinishedUpload, sent: readonly SentPart[], abortSignal: AbortSignal): Promise<void> {
    const parts = sent.map(({ number, etag, sha256 }) => ({ PartNumber: number, ETag: etag, ChecksumSHA256: sha256 }));
    const request = { Bucket: this.bucket, Key: key, UploadId: id, MultipartUpload: { Parts: parts } };
    await this.client.send(new CompleteMultipartUploadCommand(request), { abortSignal });
  }

  async dropUpload({ key, id }: UnfinishedUpload, abortSignal: AbortSignal): Promise<void> {
    await this.client.send(new AbortMultipartUploadCommand({ Bucket: this.bucket, Key: key, UploadId: id }), { abortSignal });
  }

  /** The uploads below a prefix that were neither finished nor dropped. */
  async unfinishedUploads(prefix: string, abortSignal: AbortSignal): Promise<readonly UnfinishedUpload[]> {
    const found: UnfinishedUpload[] = [];
    let marker: { readonly KeyMarker: string | undefined; readonly UploadIdMarker: string | undefined } | undefined;
    do {
      const page = await this.client.send(new ListMultipartUploadsCommand({ Bucket: this.bucket, Prefix: prefix, ...marker }), { abortSignal });
      for (const { Key: key, UploadId: id, Initiated: initiated } of page.Uploads ?? []) {
        if (key !== undefined && id !== undefined) found.push({ key, id, initiated: initiated ?? new Date() });
      }
      marker = page.IsTruncated === true ? { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker } : undefined;
    } while (marker !== undefined);
    return found;
  }

  async sentParts({ key, id }: UnfinishedUpload, abortSignal: AbortSignal): Promise<readonly SentPart[]> {
    const found: SentPart[] = [];
    let marker: string | undefined;
    do {
      const page = await this.client.send(new ListPartsCommand({ Bucket: this.bucket, Key: key, UploadId: id, PartNumberMarker: marker }), { abortSignal });
      for (const { PartNumber: number, Size: sizeBytes, ETag: etag, ChecksumSHA256: sha256 } of page.Parts ?? []) {
        if (number === undefined || sizeBytes === undefined || etag === undefined) continue;
        found.push({ number, sizeBytes, etag, ...(sha256 === undefined ? {} : { sha256 }) });
      }
      marker = page.IsTruncated === true ? page.NextPartNumberMarker : undefined;
    } while (marker !== undefined);
    return found;
  }

  /** An object's bytes from an offset on. */
  async bytes(key: string, offset: number, abortSignal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    const range = offset === 0 ? {} : { Range: `bytes=${offset}-` };
    const { Body: body } = await this.client.send(new GetObjectCommand({ Bucket: this.bucket, Key: key, ...range }), { abortSignal });
    if (!(body instanceof Readable)) throw new Error('The server sent no content');
    return body as AsyncIterable<Uint8Array>;
  }

  async remove(key: string, abortSignal: AbortSignal): Promise<void> {
    await this.client.send(new DeleteObjectCommand({ Bucket: this.bucket, Key: key }), { abortSignal });
  }
}
