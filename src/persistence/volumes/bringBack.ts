import type { Backup } from '../../backup/catalogue';
import type { DecryptionKey } from '../../backup/encryption/keys';
import type { Project } from '../../inventory/model';
import type { Operation } from '../../operations/operation';
import { inspectAll } from '../../operations/volumeUsers';
import { composeFor } from './composeRun';
import { importVolume, type CopyTools, type ImportedVolume } from './copies';

export interface BroughtBack extends ImportedVolume {
  /** Whether Compose has made and started the service on it. */
  readonly started: boolean;
}

/**
 * Makes the volume anew that a backup is of, under its name and with its labels, and has Compose start its service, where the
 * project's files are at hand. For a volume that was removed. Throws what `importVolume` throws, and `COMPOSE_FAILED`.
 */
export async function bringBackVolume(
  backup: Backup,
  project: Project | undefined,
  key: DecryptionKey | undefined,
  tools: CopyTools,
  operation: Operation,
): Promise<BroughtBack> {
  const { keeper } = tools;
  const imported = await importVolume(
    backup,
    { ...(project?.endpointId === undefined ? {} : { endpointId: project.endpointId }), ...(key === undefined ? {} : { key }) },
    tools,
    operation,
  );
  const service = backup.manifest?.service;
  const endpointId = project?.endpointId ?? backup.manifest?.endpoint;
  const endpoint = keeper.current.endpoints.find(({ id }) => id === endpointId);
  if (project === undefined || service === undefined || endpoint === undefined) return { ...imported, started: false };
  const compose = await composeFor(project, endpoint, await inspectAll(keeper.engineOf(endpoint.id)));
  await compose?.(['up', '-d', service], operation);
  await keeper.refresh();
  return { ...imported, started: compose !== undefined };
}
