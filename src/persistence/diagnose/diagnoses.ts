import type { Backups } from '../../backup/backups';
import type { InventoryKeeper } from '../../inventory/keeper';
import type { Project, Service } from '../../inventory/model';
import type { Operation } from '../../operations/operation';
import { diagnose, type Diagnosis } from './diagnosis';
import { findClusters } from './findClusters';

/** Answers "my data disappeared". */
export class Diagnoses {
  constructor(
    private readonly keeper: InventoryKeeper,
    private readonly backups: Backups,
  ) {}

  /**
   * Looks where the data of a service may be, and writes to none of it. Backups are looked for in `folder`, or where the project has its own.
   * Throws `SERVICE_NOT_CREATED`, and what `findClusters` does.
   */
  async run({ project, service }: { readonly project: Project; readonly service: Service }, operation: Operation, folder?: string): Promise<Diagnosis> {
    const container = this.keeper.containerOf(service);
    const engine = this.keeper.engineOf(container.endpointId);
    const { env } = await engine.inspect(container.id, operation.signal);
    const major = service.postgres.major ?? (Number(env['PG_MAJOR']) || undefined);
    const { volume } = service;
    const clusters = await findClusters({ engine, project: project.name, container: container.id, volume, user: service.postgres.user, major }, operation);
    const backups = (await this.backups.list(project, folder)).flatMap(({ file, manifest, finishedAt }) =>
      manifest?.service === service.name ? [{ file, database: manifest.database, finishedAt: finishedAt.toISOString(), verified: manifest.verified }] : [],
    );
    return diagnose({
      project: project.name,
      service: service.name,
      database: service.postgres.database,
      volume,
      clusters,
      backups,
      ...(major === undefined ? {} : { major }),
      ...(service.state === 'running' && service.problem === undefined ? { presentDatabases: service.databases.map(({ name }) => name) } : {}),
    });
  }
}
