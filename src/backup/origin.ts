import type { Engine } from '../engine/engine';
import type { Project, Service, ServiceContainer } from '../inventory/model';
import type { EncryptionKey } from './encryption/keys';
import { readGitState } from './git';
import { manifestVersion, type Manifest } from './manifest';

/** Where a backup comes from, whatever its format. */
export interface BackupOrigin {
  readonly id: string;
  readonly startedAt: Date;
  readonly project: Project;
  readonly service: Service;
  readonly container: ServiceContainer;
  readonly engine: Engine;
  readonly reason: Manifest['reason'];
  readonly key?: EncryptionKey | undefined;
}

/** What every manifest of a backup that ends now has in common. */
export async function describeOrigin(origin: BackupOrigin) {
  const { id, startedAt, project, service, container, engine, reason, key } = origin;
  const digests = await engine.imageDigests(container.imageId).catch(() => []);
  const git = project.folder === undefined ? undefined : await readGitState(project.folder);
  return {
    schemaVersion: manifestVersion,
    id,
    project: project.name,
    service: service.name,
    endpoint: container.endpointId,
    image: container.image,
    imageDigest: digests[0] ?? container.imageId,
    startedAt: startedAt.toISOString(),
    finishedAt: new Date().toISOString(),
    ...(git === undefined ? {} : { git }),
    encryption: encryptionOf(key),
    reason,
  } as const;
}

function encryptionOf(key: EncryptionKey | undefined): Manifest['encryption'] {
  if (key === undefined) return 'none';
  return key.kind === 'passphrase' ? 'age-passphrase' : 'age-recipients';
}
