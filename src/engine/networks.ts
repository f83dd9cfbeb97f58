import * as z from 'zod';
import type { Engine } from './engine';

const networksSchema = z.array(
  z.object({
    Id: z.string(),
    Labels: z
      .record(z.string(), z.string())
      .nullish()
      .transform((value) => value ?? {}),
  }),
);

/** The networks that bear one of these labels with this value, by id. */
export async function networksLabelled(engine: Engine, labels: readonly string[], value: string): Promise<readonly string[]> {
  const networks = networksSchema.parse(await engine.request((docker) => docker.listNetworks()));
  return networks.flatMap(({ Id, Labels }) => (labels.some((label) => Labels[label] === value) ? [Id] : []));
}

export async function removeNetwork(engine: Engine, id: string): Promise<void> {
  await engine.request((docker) => docker.getNetwork(id).remove());
}
