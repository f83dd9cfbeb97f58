import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { writeFileDurably } from '../../operations/files';
import { smokeSteps, type SmokeReport } from '../../protocol/smokeReport';

const reportSchema = z.object({
  schemaVersion: z.literal(1),
  id: z.string(),
  endpointId: z.string(),
  project: z.string(),
  service: z.string(),
  way: z.enum(['clone', 'real']),
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().exactOptional(),
  image: z.string(),
  dataDirectory: z.string(),
  volume: z.object({ kind: z.string(), name: z.string().exactOptional(), source: z.string().exactOptional(), destination: z.string().exactOptional() }),
  steps: z.array(
    z.object({
      id: z.enum(smokeSteps),
      state: z.enum(['waiting', 'running', 'done', 'failed', 'skipped']),
      milliseconds: z.number().exactOptional(),
      evidence: z.array(
        z.object({
          kind: z.enum(['checksum', 'container', 'mount', 'database', 'size', 'backup', 'services', 'content', 'compose']),
          value: z.string(),
        }),
      ),
    }),
  ),
  verdict: z.enum(['persists', 'lost', 'failed']).exactOptional(),
  lostAt: z.enum(['restart', 'recreate']).exactOptional(),
  problem: z.object({ code: z.string(), message: z.string(), remedy: z.string() }).exactOptional(),
  remarks: z.array(z.string()),
});

type Place = Pick<SmokeReport, 'endpointId' | 'project' | 'service'>;

/** The last report of each service, on disk. */
export class SmokeResults {
  constructor(private readonly folder: string) {}

  async keep(report: SmokeReport): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    await writeFileDurably(this.fileOf(report), `${JSON.stringify(report, undefined, 2)}\n`);
  }

  /** Undefined when the service was never tested. */
  async last(place: Place): Promise<SmokeReport | undefined> {
    try {
      return reportSchema.parse(JSON.parse(await readFile(this.fileOf(place), 'utf8')));
    } catch {
      return undefined; // none, or of a newer version: it can be made again at any time
    }
  }

  private fileOf({ endpointId, project, service }: Place): string {
    const name = createHash('sha256')
      .update(JSON.stringify([endpointId, project, service]))
      .digest('hex');
    return path.join(this.folder, `${name.slice(0, 32)}.json`);
  }
}
