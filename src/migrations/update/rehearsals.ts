import type { InventoryKeeper } from '../../inventory/keeper';
import type { DatabaseTarget } from '../../inventory/target';
import { throwIfCancelled, type Operation } from '../../operations/operation';
import type { Restores } from '../../restore/restores';
import type { Distance } from '../actions/action';
import type { PlaceKind } from '../actions/place';
import type { Migrations } from '../migrations';
import type { FoundMigrations } from '../survey';
import { rehearse, type Rehearsal } from './rehearse';

/** What is rehearsed: the upgrade of a database, and how far it goes. */
export interface RehearsalRequest {
  readonly target: DatabaseTarget;
  readonly found: FoundMigrations;
  readonly to: Distance;
  readonly where?: PlaceKind;
}

/** Lends a copy of the database to `use`, and takes it away again. */
export type LendCopy = (use: (copy: string) => Promise<void>) => Promise<unknown>;

/** Upgrades on a copy: the SQL that the tool itself would run, statement by statement. The database itself is only read. */
export class Rehearsals {
  constructor(
    private readonly keeper: InventoryKeeper,
    private readonly restores: Restores,
    private readonly migrations: Migrations,
  ) {}

  /** Rehearses on a copy that is made for it. Throws what `previewOf` throws, what making a copy throws, and `CANCELLED`. */
  async run(request: RehearsalRequest, operation: Operation): Promise<Rehearsal> {
    const sql = await this.previewOf(request, operation);
    throwIfCancelled(operation);
    const rehearsal = await this.on((use) => this.restores.withCopy(request.target, operation, use), request.target, sql, operation);
    throwIfCancelled(operation);
    return rehearsal;
  }

  /** The SQL of an upgrade, as the tool prints it. Throws what planning and running a preview throw: not every tool has one. */
  async previewOf({ target, found, to, where }: RehearsalRequest, operation: Operation): Promise<string> {
    const plan = await this.migrations.plan(target, found, { kind: 'preview', direction: 'upgrade', to }, operation, where);
    const { stdout } = await this.migrations.run(plan, { backup: false }, operation);
    return stdout;
  }

  /** Rehearses on a copy that somebody lends. Throws what lending throws. */
  async on(lend: LendCopy, { service }: DatabaseTarget, sql: string, operation: Operation): Promise<Rehearsal> {
    let rehearsal: Rehearsal | undefined;
    await lend(async (copy) => {
      operation.report({ message: 'Rehearsing on a copy' });
      rehearsal = await rehearse(this.keeper.serverOf(service), copy, sql, operation.signal);
    });
    if (rehearsal === undefined) throw new Error('No copy was lent.');
    return rehearsal;
  }
}
