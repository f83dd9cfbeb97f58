import * as z from 'zod';
import type { Engine } from './engine';

/** A volume as the engine's list has it. */
export interface ListedVolume {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** ISO 8601; empty where the engine does not tell. */
  readonly createdAt: string;
}

const listSchema = z.object({
  Volumes: z
    .array(z.object({ Name: z.string(), Labels: z.record(z.string(), z.string()).nullish(), CreatedAt: z.string().nullish() }))
    .nullish()
    .transform((value) => value ?? []),
});

/** All volumes, those that nobody named too. */
export async function listVolumes(engine: Engine): Promise<readonly ListedVolume[]> {
  const { Volumes } = listSchema.parse(await engine.request((docker) => docker.listVolumes()));
  return Volumes.map(({ Name, Labels, CreatedAt }) => ({ name: Name, labels: Labels ?? {}, createdAt: CreatedAt ?? '' }));
}
