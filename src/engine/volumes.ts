import * as z from 'zod';
import type { Engine } from './engine';

/** A volume as its engine describes it. */
export interface EngineVolume {
  readonly name: string;
  readonly driver: string;
  /** Of the driver. */
  readonly options: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** On the engine's host. */
  readonly mountPoint: string;
  /** ISO 8601; empty where the engine does not say. */
  readonly createdAt: string;
}

const dictionary = z
  .record(z.string(), z.string())
  .nullish()
  .transform((value) => value ?? {});
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');

const volumeSchema = z
  .object({ Name: z.string(), Driver: text, Labels: dictionary, Options: dictionary, Mountpoint: text, CreatedAt: text })
  .transform(({ Name, Driver, Labels, Options, Mountpoint, CreatedAt }): EngineVolume => {
    return { name: Name, driver: Driver || 'local', labels: Labels, options: Options, mountPoint: Mountpoint, createdAt: CreatedAt };
  });

const listSchema = z.object({
  Volumes: z
    .array(volumeSchema)
    .nullish()
    .transform((value) => value ?? []),
});

/** All volumes of an engine, by name. */
export async function listVolumes(engine: Engine): Promise<readonly EngineVolume[]> {
  const { Volumes } = listSchema.parse(await engine.request((docker) => docker.listVolumes()));
  return Volumes.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** Throws `CONTAINER_GONE` when there is none of this name. */
export async function inspectVolume(engine: Engine, name: string): Promise<EngineVolume> {
  return volumeSchema.parse(await engine.request((docker) => docker.getVolume(name).inspect()));
}
